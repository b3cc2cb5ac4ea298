"""The audit log's newest seals, noted outside the database, and the check that compares them.

A seal inside the database shows a changed line; that the last lines were cut off shows only to
somebody who wrote the seals down elsewhere. Here that is an append-only file in the home folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from langnghe.core.clock import SystemClock
from langnghe.core.errors import ConfigError
from langnghe.core.oserrors import plain_reason
from langnghe.core.settings import Settings
from langnghe.core.store.audit import (
    Head,
    broken_links,
    guards_off,
    head,
    heads_after,
    seal,
    waits,
)
from langnghe.core.store.engine import Store
from langnghe.core.store.marks import get_mark, put_mark
from langnghe.core.verifying import Checked, Finding

FILE_NAME = "audit.chain"
_BEGUN = "audit:file"
_BATCH = 10_000


def note_heads(store: Store, settings: Settings) -> int:
    """Seal lines that wait and append every new seal to the file; return how many.

    Raises ``ConfigError`` where the file cannot be written; nothing is lost, the next turn goes on.
    """
    path = settings.home / FILE_NAME
    last = _last(path)
    with store.read() as session:
        newest = head(session).seq
        waiting = heads_after(session, last, _BATCH) if newest > last else []
        unsealed = waits(session)
    if unsealed:
        with store.write() as session:
            seal(session)
    if not waiting:
        return 0
    if not last:
        with store.write() as session:
            put_mark(session, _BEGUN, SystemClock().now())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as handle:
            # A new line first where a crash tore the last one.
            torn = not _whole(path)
            lines = "".join(f"{h.seq} {h.chain}\n" for h in waiting)
            handle.write((("\n" if torn else "") + lines).encode())
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        raise ConfigError(
            f"Không ghi được tệp niêm phong nhật ký {path}: {plain_reason(error)}.",
            mend="Kiểm tra quyền và dung lượng đĩa của thư mục dữ liệu.",
        ) from error
    return len(waiting)


class AuditCheck:
    """Recomputes the audit log's chain and holds it against the seals noted outside."""

    name = "Nhật ký thao tác"

    def run(self, store: Store, settings: Settings) -> Checked:
        """Read the whole log once, in batches; change nothing."""
        started = perf_counter()
        noted = tuple(noted_heads(settings.home / FILE_NAME))
        with store.read() as session:
            found = [
                Finding("audit", broken.what, broken.seq, "audit")
                for broken in broken_links(session, noted)
            ]
            newest = head(session)
            off = guards_off(session)
            begun = get_mark(session, _BEGUN) is not None
        if off:
            what = f"chốt chống sửa, xóa nhật ký đã bị gỡ: {', '.join(off)}"
            found.append(Finding("audit_guard", what, where="audit"))
        found += [
            Finding("audit_file", what, where=FILE_NAME) for what in _file_faults(noted, begun)
        ]
        return Checked(
            name=self.name,
            records=newest.seq,
            seconds=perf_counter() - started,
            head=newest.chain,
            findings=tuple(found),
        )


def noted_heads(path: Path) -> Iterator[Head]:
    """Yield the seals noted in the file; a line torn by a crash is passed over."""
    if not path.is_file():
        return
    with path.open(encoding="ascii", errors="replace") as handle:
        for line in handle:
            seq, _, chain = line.strip().partition(" ")
            if seq.isdecimal() and len(chain) == 64:
                yield Head(int(seq), chain)


def _file_faults(noted: Sequence[Head], begun: bool) -> Iterator[str]:
    """What is wrong with the file itself: it is written from the first line on, without gaps."""
    if begun and not noted:
        yield f"tệp niêm phong {FILE_NAME} đã bị xóa hoặc bị làm rỗng"
    numbers = {one.seq for one in noted}
    missing = sorted(set(range(1, max(numbers, default=0) + 1)) - numbers)
    if missing:
        shown = ", ".join(map(str, missing[:5])) + ("…" if len(missing) > 5 else "")
        yield f"tệp niêm phong {FILE_NAME} thiếu {len(missing)} dòng: {shown}"


def _whole(path: Path) -> bool:
    size = path.stat().st_size
    if not size:
        return True
    with path.open("rb") as handle:
        handle.seek(size - 1)
        return handle.read(1) == b"\n"


def _last(path: Path) -> int:
    """The newest number in the file, read from its end."""
    if not path.is_file():
        return 0
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - 4096))
        tail = handle.read().decode("ascii", errors="replace").splitlines()
    numbers = [line.partition(" ") for line in tail]
    known = [int(seq) for seq, _, chain in numbers if seq.isdecimal() and len(chain) == 64]
    return max(known, default=0)
