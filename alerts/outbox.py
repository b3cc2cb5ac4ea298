"""Hand messages over: never missed; a duplicate is rare, bounded and recognisable.

A message is a table row written together with the incident it speaks of. A turn leases rows, hands
each over, and completes it if its lease still holds. Right after the mail server said 250 the
channel appends to a receipt file, so a crash before the commit does not send it again.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from langnghe.core.clock import as_utc
from langnghe.core.errors import ConfigError, DeliveryError
from langnghe.core.oserrors import plain_reason
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import add_event
from langnghe.core.store.outbox import (
    bury,
    complete,
    drop_leases,
    lease,
    put_back,
    settle,
    unsent_keys,
)
from langnghe.core.store.tables import OutboxRow

log = structlog.get_logger(__name__)

BATCH = 20
LEASE = timedelta(minutes=10)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)
MAX_ATTEMPTS = 100
"""About two days of trying; a mail server is repaired in that time or nobody looks."""
_UNEXPECTED = "Lỗi ngoài dự kiến khi gửi, xem nhật ký."


class ChannelDown(DeliveryError):
    """The whole channel is out of order; trying the next message now is useless."""


@dataclass(frozen=True, slots=True)
class OutMail:
    """One message as a channel gets it. ``key`` is the same however often it is handed over."""

    key: str
    recipient: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    message_id: str
    created_at: datetime


class Channel(Protocol):
    """A way out to people. ``send`` must do nothing for a key it has a receipt for."""

    def send(self, mail: OutMail) -> None:
        """Hand over one message; raises ``DeliveryError``."""
        ...

    def close(self) -> None:
        """End the connection of this batch."""
        ...


@dataclass(frozen=True, slots=True)
class TellReport:
    """What one turn did: messages handed over, to be tried again, and given up."""

    sent: int = 0
    retried: int = 0
    dead: int = 0


class Receipts:
    """An append-only file of what was handed over: one JSON line a message, forced to disk.

    A line torn by a crash is passed over. The file holds keys and times, no address and no text.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = dict(self._read())

    def __contains__(self, key: object) -> bool:
        return key in self._seen

    def items(self) -> list[tuple[str, datetime]]:
        """Return (key, time) of every receipt."""
        return list(self._seen.items())

    def append(self, key: str, at: datetime) -> None:
        """Write one receipt and wait until it is on disk."""
        line = json.dumps({"key": key, "at": as_utc(at).isoformat()}) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as handle:
                # A new line first, in case a crash tore the last one.
                handle.write(line.encode() if self._whole() else b"\n" + line.encode())
                handle.flush()
                os.fsync(handle.fileno())
        except OSError as error:
            raise self._unusable(error) from error
        self._seen[key] = at

    def forget(self) -> None:
        """Empty the file: only after every receipt is known to be in the database."""
        try:
            if self.path.exists():
                self.path.write_bytes(b"")
        except OSError as error:
            raise self._unusable(error) from error
        self._seen.clear()

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


def release_leases(store: Store) -> int:
    """Give back leases of a process that is no more; for a start as the only process."""
    with store.write() as session:
        return drop_leases(session)


def tell(store: Store, channel: Channel, now: datetime, *, limit: int = 200) -> TellReport:
    """Hand over up to ``limit`` messages that are due and return what became of them.

    Safe to run twice, in two processes, or to be killed anywhere.
    """
    sent = retried = dead = 0
    tried = 0
    try:
        while tried < limit:
            with store.write() as session:
                rows = lease(session, now, min(BATCH, limit - tried), LEASE)
            if not rows:
                break
            tried += len(rows)
            down: ChannelDown | None = None
            for row in rows:
                error = down or _hand_over(channel, row)
                if isinstance(error, ChannelDown):
                    down = error
                if error is None:
                    sent += 1
                    with store.write() as session:
                        complete(session, _id(row), row.fence, now)
                elif _give_up(row, error):
                    dead += 1
                    _bury(store, row, error, now)
                else:
                    retried += 1
                    with store.write() as session:
                        due = now + wait_before(row.attempts)
                        put_back(session, _id(row), row.fence, due, _say(error))
            if down is not None:
                log.warning("channel_down", why=down.message, mend=down.mend)
                break
    finally:
        channel.close()
    return TellReport(sent, retried, dead)


def wait_before(attempts: int) -> timedelta:
    """Return how long to wait after this many tries: 30 s, doubling, at most half an hour."""
    doublings = min(max(attempts - 1, 0), 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _hand_over(channel: Channel, row: OutboxRow) -> DeliveryError | None:
    mail = OutMail(
        key=row.key,
        recipient=row.recipient,
        subject=row.subject,
        text=row.body_text,
        html=row.body_html,
        headers=row.headers,
        message_id=row.message_id,
        created_at=row.created_at,
    )
    try:
        channel.send(mail)
    except DeliveryError as error:
        return error
    except Exception:
        # One message that trips over an unknown fault must not hold up the ones behind it.
        log.exception("send_broke", key=row.key)
        return DeliveryError(_UNEXPECTED)
    return None


def _give_up(row: OutboxRow, error: DeliveryError) -> bool:
    return error.permanent or row.attempts >= MAX_ATTEMPTS


def _bury(store: Store, row: OutboxRow, error: DeliveryError, now: datetime) -> None:
    with store.write() as session:
        if bury(session, _id(row), row.fence, _say(error)) and row.incident_id is not None:
            text = f"Không gửi được thông báo cho vai «{row.role}»: {error.message}"
            add_event(
                session, row.incident_id, now, "undelivered", "hệ thống", text, {"role": row.role}
            )


def _say(error: DeliveryError) -> str:
    return f"{error.message} {error.mend}".strip()


def _id(row: OutboxRow) -> int:
    if row.id is None:
        raise RuntimeError("an outbox row without id was leased")
    return row.id
