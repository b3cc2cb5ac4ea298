"""Restore: put a backup into an empty place, and trust none of it.

Whoever hands over the file may be an enemy, or the disk may have lied: every byte is held against
the manifest, no path leads out, and nothing is put in place before all of it stands.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

from langnghe.core.backup import CHUNK, DUMP_NAME, MANIFEST, SQLITE_NAME, Made
from langnghe.core.errors import ConfigError, ConflictError, InputError
from langnghe.core.oserrors import plain_reason
from langnghe.core.pgtools import run, tool
from langnghe.core.store.engine import Store

_LARGEST_MANIFEST = 64 << 20
_BROKEN = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, EOFError, RuntimeError,
)  # fmt: skip
"""What a damaged, foreign or hostile file makes the reader of archives and of JSON raise.

``RuntimeError`` stands for an encrypted archive, a way of packing nobody here knows, and JSON
nested too deep.
"""


def restore_backup(archive: Path, home: Path, *, database_url: str = "") -> Made:
    """Put a backup into an empty folder (and, for PostgreSQL, an empty database).

    Every byte is checked against the manifest before anything is put in place. Raises
    ``InputError`` for a damaged or foreign file, ``ConflictError`` where something stands already.
    """
    if home.exists() and any(home.iterdir()):
        raise ConflictError(
            f"Thư mục {home} đã có dữ liệu.", mend="Phục hồi vào một thư mục mới bằng --home."
        )
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".phuc-hoi-", dir=home.parent) as scratch:
            inside = Path(scratch) / "nha"
            inside.mkdir(0o700)
            found, sums = _unpack(archive, inside)
            database = inside / str(found["database"])
            if database.name == DUMP_NAME:
                _load_dump(database, database_url)
                database.unlink()
            else:
                _sound(database)
            inside.replace(home)
    except OSError as error:
        raise ConfigError(
            f"Không phục hồi được {archive} vào {home}: {plain_reason(error)}.",
            mend="Kiểm tra đường dẫn, quyền và dung lượng đĩa.",
        ) from error
    total = sum(p.stat().st_size for p in home.rglob("*") if p.is_file())
    return Made(home, len(sums), total, str(found.get("schema", "")))


def _unpack(archive: Path, folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        with zipfile.ZipFile(archive) as pack:
            found, sums = _manifest(archive, pack)
            places = {name: folder / _inside(name) for name in sums}
            _room_for(sum(pack.getinfo(name).file_size for name in sums), folder)
            for name, wanted in sums.items():
                if _unpacked(pack, name, places[name]) != wanted:
                    raise InputError(
                        f"Tệp «{name}» trong bản sao lưu đã bị sửa hoặc hỏng.",
                        mend="Dùng một bản sao lưu khác.",
                    )
    except _BROKEN as error:
        raise InputError(
            f"Không đọc được bản sao lưu {archive}: tệp hỏng hoặc không đúng loại.",
            mend="Dùng một bản sao lưu khác.",
        ) from error
    return found, sums


def _manifest(archive: Path, pack: zipfile.ZipFile) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the backup says of itself: the whole, and the sum of each file."""
    if pack.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
        raise ValueError("manifest too large")
    found = json.loads(pack.read(MANIFEST))
    sums: dict[str, str] = dict(found["files"])
    known = found.get("database") in (SQLITE_NAME, DUMP_NAME) and found["database"] in sums
    if found.get("product") != "langnghe" or not known:
        raise InputError(f"{archive} không phải bản sao lưu của Lắng Nghe.")
    return found, sums


def _room_for(size: int, folder: Path) -> None:
    if size > shutil.disk_usage(folder).free:
        raise ConfigError(
            f"Bản sao lưu cần {size / 1e9:.1f} GB, đĩa không còn đủ chỗ.",
            mend="Dọn đĩa, hoặc phục hồi vào một đĩa khác bằng --home.",
        )


def _unpacked(pack: zipfile.ZipFile, name: str, target: Path) -> str:
    """Write one file out, readable by the owner alone; return the sum of its bytes."""
    target.parent.mkdir(0o700, parents=True, exist_ok=True)
    total, left = hashlib.sha256(), pack.getinfo(name).file_size
    with pack.open(name) as source, target.open("wb") as handle:
        while chunk := source.read(CHUNK):
            total.update(chunk)
            handle.write(chunk)
            left -= len(chunk)
    target.chmod(0o600)
    if left:
        raise ValueError("size differs from what the archive says")
    return total.hexdigest()


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise InputError(f"Bản sao lưu chứa đường dẫn lạ «{name}».", mend="Không dùng tệp này.")
    return path


def _sound(database: Path) -> None:
    connection = sqlite3.connect(database)
    try:
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise InputError("Cơ sở dữ liệu trong bản sao lưu bị hỏng.") from error
    finally:
        connection.close()
    if answer != "ok":
        raise InputError(f"Cơ sở dữ liệu trong bản sao lưu bị hỏng: {answer}.")


def _load_dump(dump: Path, database_url: str) -> None:
    if not database_url.startswith("postgres"):
        raise ConfigError(
            "Bản sao lưu này là của PostgreSQL.",
            mend="Đặt LANGNGHE_DATABASE_URL tới một cơ sở dữ liệu trống rồi chạy lại.",
        )
    url = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    with Store(database_url) as store:
        if store.schema_versions()[0] is not None:
            raise ConflictError("Cơ sở dữ liệu đích không trống.", mend="Tạo cơ sở dữ liệu mới.")
    run([tool("pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={url}", str(dump)])
