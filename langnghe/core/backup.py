"""Backup: one file that holds everything of an installation.

A backup is a ZIP with a manifest of SHA-256 sums (``sha256sum -c`` understands it after
unpacking): the database as of one moment (SQLite's own online copy, or ``pg_dump``), configuration,
originals, attached files, receipts and the secret key, without which old links and author hashes
mean nothing. It is as confidential as the database itself: mode 0600, and to be kept apart.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from langnghe import __version__
from langnghe.core.auditing import FILE_NAME
from langnghe.core.auditing import FILE_NAME as AUDIT_FILE
from langnghe.core.clock import as_utc
from langnghe.core.errors import ConfigError, ConflictError
from langnghe.core.evidence.vault import LEDGER
from langnghe.core.oserrors import plain_reason
from langnghe.core.overlay_settings import SECRETS_NAME
from langnghe.core.pgtools import run, tool
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
SQLITE_NAME = "langnghe.db"
DUMP_NAME = "langnghe.pgdump"
_NOTES = (AUDIT_FILE, f"evidence/{LEDGER}")
_SKIPPED = {SQLITE_NAME, f"{SQLITE_NAME}-wal", f"{SQLITE_NAME}-shm", *_NOTES}
_SCRATCH, _RESTORING = ".sao-luu-", ".phuc-hoi-"
_STALE_S = 86_400
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made: where, how many files, how many bytes in them."""

    path: Path
    files: int
    bytes: int
    schema: str


def make_backup(settings: Settings, out: Path, now: datetime, *, key: bool = True) -> Made:
    """Write everything of one installation into ``out``, which must not exist yet.

    Safe while the service runs. Nothing stands at ``out`` until the backup is whole. Raises
    ``ConfigError`` where a folder, tool or disk fails.
    """
    if out.exists():
        raise ConflictError(f"Đã có tệp {out}.", mend="Chọn tên khác, không ghi đè bản sao lưu cũ.")
    try:
        _drop_stale(out.parent)
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=out.parent) as scratch:
            return _written(settings, out, Path(scratch), now, key=key)
    except (OSError, sqlite3.Error) as error:
        why = plain_reason(error) if isinstance(error, OSError) else str(error)
        raise ConfigError(
            f"Không sao lưu được vào {out}: {why}.",
            mend="Kiểm tra thư mục đích có tồn tại, có quyền ghi và còn dung lượng.",
        ) from error


def _written(settings: Settings, out: Path, scratch: Path, now: datetime, *, key: bool) -> Made:
    """Make the backup in the scratch folder and move it to its place when it is whole."""
    home, name = settings.home, DUMP_NAME if settings.is_postgres else SQLITE_NAME
    copy, seals, partial = scratch / name, scratch / FILE_NAME, scratch / "goi"
    if (home / FILE_NAME).is_file():
        # Before the database, so that it never knows of a line that the copied log has not.
        shutil.copyfile(home / FILE_NAME, seals)
    _dump(settings, copy)
    with Store(settings.database) as store:
        schema = store.schema_versions()[0] or ""
    sums: dict[str, str] = {}
    total = 0
    own = [(copy, name), *([(seals, FILE_NAME)] if seals.exists() else [])]
    with zipfile.ZipFile(_private(partial), "w", zipfile.ZIP_DEFLATED, allowZip64=True) as pack:
        for source, inside in [*own, *_files(home, key=key)]:
            try:
                sums[inside], size = _add(pack, source, inside)
            except FileNotFoundError:
                continue  # a log that was turned over meanwhile
            total += size
        pack.writestr(
            MANIFEST,
            json.dumps(
                {
                    "product": "langnghe", "version": __version__, "schema": schema,
                    "database": name, "made_at": as_utc(now).isoformat(), "files": sums,
                },
                ensure_ascii=False, indent=1,
            ),
        )  # fmt: skip
        pack.writestr(SUMS, "".join(f"{sums[n]}  {n}\n" for n in sorted(sums)))
    with partial.open("rb") as handle:
        os.fsync(handle.fileno())
    partial.rename(out)
    return Made(out, len(sums), total, schema)


def _drop_stale(folder: Path) -> None:
    """Remove what a killed backup left: a copy of the database must not lie about."""
    for left in folder.glob(f"{_SCRATCH}*"):
        if time.time() - left.stat().st_mtime > _STALE_S:
            shutil.rmtree(left)


def _files(home: Path, *, key: bool) -> Iterator[tuple[Path, str]]:
    """Everything in the home folder but the live database, backups and half-written ones."""
    for path in sorted(home.rglob("*")):
        relative = path.relative_to(home)
        inside = relative.as_posix()
        if not path.is_file() or path.is_symlink() or inside in _SKIPPED:
            continue
        if any(part.startswith((_SCRATCH, _RESTORING)) for part in relative.parts):
            continue
        if (inside in ("secret.key", SECRETS_NAME) and not key) or _is_backup(path):
            continue
        yield path, inside


def _is_backup(path: Path) -> bool:
    if path.suffix != ".zip":
        return False
    try:
        with zipfile.ZipFile(path) as pack:
            inside = set(pack.namelist())
    except zipfile.BadZipFile:
        return False
    return {MANIFEST, SUMS} <= inside and bool(inside & {SQLITE_NAME, DUMP_NAME})


def _add(pack: zipfile.ZipFile, source: Path, inside: str) -> tuple[str, int]:
    """Copy one file in; the sum is of the bytes that went in, for a log may grow meanwhile."""
    total, size = hashlib.sha256(), 0
    with source.open("rb") as handle, pack.open(inside, "w", force_zip64=True) as target:
        while chunk := handle.read(CHUNK):
            total.update(chunk)
            target.write(chunk)
            size += len(chunk)
    return total.hexdigest(), size


def _private(path: Path) -> str:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    return str(path)


def _dump(settings: Settings, copy: Path) -> None:
    if settings.is_postgres:
        url = settings.database.replace("postgresql+psycopg://", "postgresql://", 1)
        run([tool("pg_dump"), "--format=custom", f"--file={copy}", f"--dbname={url}"])
        return
    path = Path(settings.database.removeprefix("sqlite:///"))
    if not path.is_file():
        raise ConfigError(f"Chưa có cơ sở dữ liệu {path}.", mend="Chạy «langnghe init» trước.")
    source, target = sqlite3.connect(path), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
