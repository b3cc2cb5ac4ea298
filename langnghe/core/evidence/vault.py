"""The folder of WARC files and the register beside them: append, flush to the disk, mend a tail.

A file belongs to one process at a time (a lock on the file), so that two workers never mix their
bytes. What is appended is on the disk before its rows are committed; a process killed in between
leaves records that no row names. Whole ones stay, they do no harm; a torn one is cut off before the
next is written. The register gets its lines after the commit and so never runs ahead of the rows.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import structlog

from langnghe.core.evidence.chain import read_ledger_line
from langnghe.core.evidence.warc import Built, info_record, whole_members
from langnghe.core.oserrors import plain_reason
from langnghe.core.settings import Settings

log = structlog.get_logger(__name__)
FOLDER = "evidence"
LEDGER = "register.txt"
MAX_FILE = 256 * 1024 * 1024
_TAIL = 4 * 1024 * 1024  # bytes of a register read to find its last line
KnownEnd = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: file name, first byte, length in bytes, SHA-256 of those bytes."""

    file: str
    start: int
    length: int
    record: str


class Vault:
    """One folder of evidence; safe for several threads of one process.

    ``max_file`` bytes begin a new file, as does a new day (UTC).
    """

    def __init__(self, folder: Path, *, max_file: int = MAX_FILE) -> None:
        self.folder = folder
        self._max_file = max_file
        self._lock = threading.Lock()
        self._handle: BinaryIO | None = None
        self._name = ""

    def append(
        self, records: Sequence[Built], now: datetime, known_end: KnownEnd = lambda _name: 0
    ) -> list[Place]:
        """Write records to the disk for good, one flush for all; return where they stand.

        ``known_end`` says up to which byte the rows know a file: what lies behind it is looked
        through before the first write. Raises OSError when the disk refuses, with nothing written.
        """
        with self._lock:
            handle = self._open(now, known_end)
            start = handle.seek(0, os.SEEK_END)
            try:
                _write(handle, b"".join(built.data for built in records))
            except OSError:
                self._take_back(start)
                raise
            places: list[Place] = []
            for built in records:
                record = hashlib.sha256(built.data).hexdigest()
                places.append(Place(self._name, start, len(built.data), record))
                start += len(built.data)
            return places

    def overwrite(self, place: Place, data: bytes) -> None:
        """Put ``data`` in the place of a record of the same length. Raises OSError."""
        if len(data) != place.length:
            raise ValueError("another length would move the records behind it")
        with (self.folder / place.file).open("r+b") as handle:
            handle.seek(place.start)
            _write(handle, data)

    def last_registered(self) -> tuple[int, str]:
        """Return (records in the register, its last chain value); (0, "") for an empty one.

        A torn last line is cut off: its row is still known and will be written again.
        """
        with self._register() as handle:
            return _last(handle)

    def register(self, lines: Sequence[tuple[int, str]]) -> bool:
        """Append (seq, line) pairs to the register; return False if lines before them are missing.

        Lines it already has are passed over, whoever wrote them. Raises OSError.
        """
        with self._register() as handle:
            last, _ = _last(handle)
            fresh = [(seq, line) for seq, line in lines if seq > last]
            if not fresh:
                return True
            if fresh[0][0] != last + 1:
                return False
            handle.seek(0, os.SEEK_END)
            handle.write("".join(line for _, line in fresh).encode())
            handle.flush()  # no wait for the disk: what a pulled plug takes, the rows bring back
            return True

    def close(self) -> None:
        """Give back the file of this process."""
        with self._lock:
            self._shut()

    def __del__(self) -> None:
        """Give back the file where nobody asked for it."""
        if getattr(self, "_handle", None) is not None:
            self._shut()

    def _open(self, now: datetime, known_end: KnownEnd) -> BinaryIO:
        day = now.astimezone(UTC).strftime("%Y%m%d")
        current = self._handle if self._name.startswith(day) and self._stands() else None
        if current is not None and current.seek(0, os.SEEK_END) < self._max_file:
            return current
        self._shut()
        make_folder(self.folder)
        for number in range(1, 100_000):
            name = f"{day}-{number:03}.warc.gz"
            handle = _claim(self.folder / name)
            if handle is None:
                continue
            try:
                if not self._ready(handle, name, now, known_end):
                    handle.close()
                    continue
            except BaseException:
                handle.close()
                raise
            self._handle, self._name = handle, name
            return handle
        raise OSError(errno.EMFILE, "no free file for evidence", str(self.folder))

    def _ready(self, handle: BinaryIO, name: str, now: datetime, known_end: KnownEnd) -> bool:
        size = handle.seek(0, os.SEEK_END)
        known = known_end(name) if size else 0
        if size >= self._max_file or size < known:
            return False  # full; or shorter than its rows say: leave it for verification to name
        handle.seek(known)
        tail = handle.read()
        good = known + whole_members(tail)
        if good < size:
            log.warning("evidence_tail_cut", file=name, bytes=size - good)
            handle.truncate(good)
        elif tail and known:
            log.warning("evidence_without_rows", file=name, bytes=len(tail))
        if good == 0:
            handle.seek(0)
            try:
                _write(handle, info_record(name, now))
            except OSError:
                handle.truncate(0)
                raise
            _sync_folder(self.folder)
        return True

    def _stands(self) -> bool:
        """Whether the open file is still the one of its name (a restored copy would not be)."""
        try:
            there = (self.folder / self._name).stat()
        except FileNotFoundError:
            return False
        here = os.fstat(self._handle.fileno()) if self._handle else there
        return (there.st_ino, there.st_dev) == (here.st_ino, here.st_dev)

    def _take_back(self, start: int) -> None:
        try:
            if self._handle is not None:
                os.ftruncate(self._handle.fileno(), start)
        except OSError as error:
            log.error("evidence_tail_left", file=self._name, why=plain_reason(error))
        self._shut()  # whatever its buffer still holds must not come after

    def _shut(self) -> None:
        if self._handle is not None:
            self._handle.close()
        self._handle, self._name = None, ""

    @contextmanager
    def _register(self) -> Iterator[BinaryIO]:
        make_folder(self.folder)
        path = self.folder / LEDGER
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle


def make_folder(folder: Path) -> None:
    """Make the folder of evidence, for its owner alone. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


@lru_cache(maxsize=16)
def _vault(folder: Path) -> Vault:
    return Vault(folder)


def vault_of(settings: Settings) -> Vault:
    """Return the vault of an installation, one a process."""
    return _vault((settings.home / FOLDER).absolute())


def plain_disk_reason(error: OSError) -> str:
    """Return why the disk refused, in a few words."""
    return "tệp vượt hạn mức cho phép" if error.errno == errno.EFBIG else plain_reason(error)


def _claim(path: Path) -> BinaryIO | None:
    """Open a file, made if need be, that no other process writes; None where one does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    handle = os.fdopen(descriptor, "r+b", buffering=0)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def _write(handle: BinaryIO, data: bytes) -> None:
    """Write all of ``data`` to the disk for good; an unbuffered file may take it in pieces."""
    left = memoryview(data)
    while left:
        left = left[handle.write(left) :]
    handle.flush()
    os.fsync(handle.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last(handle: BinaryIO) -> tuple[int, str]:
    """Return (number, chain value) of the last sound line; what lies behind it is cut off."""
    size = handle.seek(0, os.SEEK_END)
    begin = max(0, size - _TAIL)
    handle.seek(begin)
    tail = handle.read()
    end = tail.rfind(b"\n") + 1
    found = (0, "")
    while end:
        start = tail.rfind(b"\n", 0, end - 1) + 1
        try:
            chain, _, canonical = read_ledger_line(tail[start:end].decode())
            found = (int(json.loads(canonical)["seq"]), chain)
            break
        except (ValueError, KeyError):
            end = start
    if begin + end < size:
        log.warning("evidence_register_cut", bytes=size - begin - end)
        handle.truncate(begin + end)
    return found
