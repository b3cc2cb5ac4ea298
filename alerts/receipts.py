"""The receipt file: what was handed over, on disk before anybody could have committed it.

Right after a server said yes its channel appends a line here, so that a process killed before the
commit does not send the message again.
"""

from __future__ import annotations

import json
import os
import threading
from datetime import datetime
from pathlib import Path

import structlog

from langnghe.core.clock import as_utc
from langnghe.core.errors import ConfigError
from langnghe.core.oserrors import plain_reason
from langnghe.core.store.engine import Store
from langnghe.core.store.outbox import settle, unsent_keys

log = structlog.get_logger(__name__)
ASIDE = 512 * 1024
"""Bytes set aside: some 5,000 receipts, more than any outage of the disk should need."""


class Receipts:
    """An append-only file of what was handed over: one JSON line a message, forced to disk.

    A line torn by a crash is passed over. The file holds keys and times, no address and no text.
    Several threads may append at once. Some space is set aside beside it: on a disk that is full it
    is given up, for a receipt that cannot be written is a message sent twice after a kill.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._late: list[bytes] = []
        self._aside = path.with_name(f"{path.name}.reserve")
        self._seen = dict(self._read())
        self._set_aside()

    def __contains__(self, key: object) -> bool:
        return key in self._seen

    def items(self) -> list[tuple[str, datetime]]:
        """Return (key, time) of every receipt."""
        with self._lock:
            return list(self._seen.items())

    def append(self, key: str, at: datetime) -> None:
        """Write one receipt and wait until it is on disk; raises ``ConfigError``."""
        try:
            self._append(key, at)
        except ConfigError:
            if not self._give_up_aside():
                raise
            self._append(key, at)

    def _append(self, key: str, at: datetime) -> None:
        line = (json.dumps({"key": key, "at": as_utc(at).isoformat()}) + "\n").encode()
        try:
            with self._lock:
                # Known at once: a disk that is full must not have this process send it again.
                self._seen[key] = at
                said = b"".join([*self._late, line])
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("ab") as handle:
                    # A new line first, in case a crash tore the last one.
                    handle.write(said if self._whole() else b"\n" + said)
                    handle.flush()
                    kept = os.dup(handle.fileno())
                self._late.clear()
            try:
                # Outside the lock: those that wait for the disk wait for it together.
                os.fsync(kept)
            finally:
                os.close(kept)
        except OSError as error:
            with self._lock:
                self._late.append(line)  # written together with the next one
            raise self._unusable(error) from error

    def forget(self) -> None:
        """Empty the file: only after every receipt is known to be in the database."""
        try:
            with self._lock:
                if self.path.exists():
                    self.path.write_bytes(b"")
        except OSError as error:
            raise self._unusable(error) from error
        self._seen.clear()

    def _set_aside(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._aside.write_bytes(b"\xff" * ASIDE)
        except OSError as error:
            log.warning("no_space_set_aside", path=str(self._aside), why=plain_reason(error))

    def _give_up_aside(self) -> bool:
        """Free the space set aside; return whether there was any."""
        try:
            self._aside.unlink()
        except OSError:
            return False
        log.error("space_set_aside_given_up", path=str(self._aside))
        return True

    def _unusable(self, error: OSError) -> ConfigError:
        return ConfigError(
            f"Không dùng được sổ biên nhận thư {self.path}: {plain_reason(error)}.",
            mend="Kiểm tra quyền và dung lượng đĩa của thư mục dữ liệu.",
        )

    def _whole(self) -> bool:
        if not self.path.exists() or not (size := self.path.stat().st_size):
            return True
        with self.path.open("rb") as handle:
            handle.seek(size - 1)
            return handle.read(1) == b"\n"

    def _read(self) -> list[tuple[str, datetime]]:
        if not self.path.is_file():
            return []
        found = []
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError as error:
            raise self._unusable(error) from error
        for line in lines:
            try:
                entry = json.loads(line)
                found.append((str(entry["key"]), datetime.fromisoformat(entry["at"])))
            except (ValueError, KeyError, TypeError):
                continue
        return found


def replay_receipts(store: Store, receipts: Receipts) -> int:
    """Mark messages as sent that have a receipt but were not committed; return how many.

    Call it at every start, before the first ``tell``; afterwards the file starts anew.
    """
    entries = dict(receipts.items())
    with store.write() as session:
        waiting = unsent_keys(session, entries)
        for key in sorted(waiting):
            settle(session, key, entries[key])
    receipts.forget()
    return len(waiting)
