"""Hand messages over: never missed; a duplicate is rare, bounded and recognisable.

A message is a table row written together with the incident it speaks of. A turn takes small waves
of rows, the gravest first, hands each over by its way, and completes those whose lease still holds.
Right after the server said yes the channel appends to a receipt file, so a crash before the commit
does not send it again. A way that fails is followed by the person's next.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from alerts.calendar_file import calendar_file
from alerts.connections import CONNECTIONS, Channels, Lines, as_channels
from alerts.digest import write_digest
from alerts.falling import GiveUp, NextWay, after_failure, wait_before
from alerts.outmail import (
    SHORT,
    Attached,
    Channel,
    ChannelDown,
    NotConfigured,
    OutMail,
    Several,
    TellReport,
    Unsure,
)
from alerts.receipts import Receipts, replay_receipts
from langnghe.core.errors import DeliveryError, StoreError
from langnghe.core.store.delivery import FAILED, channels_down, log_delivery, note_health
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import add_event
from langnghe.core.store.notices import inside
from langnghe.core.store.outbox import (
    DIGEST,
    WITHDRAWN,
    bring_forward,
    bury,
    complete,
    drop_leases,
    lease,
    move_on,
    put_back,
)
from langnghe.core.store.tables import OutboxRow

__all__ = [
    "SHORT",
    "Attached",
    "Channel",
    "ChannelDown",
    "Channels",
    "Lines",
    "NotConfigured",
    "OutMail",
    "Receipts",
    "Several",
    "TellReport",
    "Unsure",
    "as_channels",
    "release_leases",
    "replay_receipts",
    "tell",
    "wait_before",
]
log = structlog.get_logger(__name__)

BATCH = 3 * CONNECTIONS
"""Rows of one wave: a grave message that comes meanwhile waits for no more than these."""
LEASE = timedelta(minutes=4)
"""Longer than a wave can take when the other side is silent for each message of a connection."""
REST = timedelta(seconds=30)
"""A channel known to be down is not asked sooner by messages that have another way."""
_UNEXPECTED = "Lỗi ngoài dự kiến khi gửi, xem nhật ký."
_COMMIT_WAITS = (0.5, 1.0, 2.0, 4.0)


@dataclass(slots=True)
class _Turn:
    """What one turn keeps: its connections, which channels failed, and what it did."""

    lines: Lines
    now: datetime
    down: dict[str, ChannelDown] = field(default_factory=dict)
    rested: dict[str, ChannelDown] = field(default_factory=dict)
    report: TellReport = field(default_factory=TellReport)


def release_leases(store: Store) -> int:
    """Give back leases of a process that is no more; for a start as the only process."""
    with store.write() as session:
        return drop_leases(session)


def tell(
    store: Store,
    channels: Channels | Lines,
    now: datetime,
    *,
    limit: int = 200,
    only: Collection[str] = (),
    not_these: Collection[str] = (),
) -> TellReport:
    """Hand over up to ``limit`` messages that are due and return what became of them.

    ``Lines`` stay open for the next turn, other ways are closed. ``only`` and ``not_these`` narrow
    the channels. Safe to run twice, in two processes, or to be killed anywhere.
    """
    lines = channels if isinstance(channels, Lines) else Lines(channels)
    turn = _Turn(lines, now)
    taken = done = 0
    try:
        while taken < limit:
            with store.write() as session:
                rows = lease(
                    session, now, min(BATCH, limit - taken), LEASE, only=only, not_these=not_these
                )
                taken += len(rows)
                if not rows:
                    break
                if taken == len(rows):
                    turn.rested = _resting(session, now)
                wanted = [row for row in rows if _ready(session, row)]
            results = _hand_over_all(turn, wanted)
            _keep(store, turn, wanted, results)
            before, done = done, turn.report.sent + turn.report.dead + turn.report.fell_back
            if turn.down and done == before:
                break  # nothing of what is due can go; the next turn looks again
    finally:
        if lines is not channels:
            lines.close()
    return turn.report


def _resting(session: Session, now: datetime) -> dict[str, ChannelDown]:
    return {
        name: ChannelDown(row.why, mend=row.mend)
        for name, row in channels_down(session).items()
        if timedelta() <= now - row.tried_at < REST
    }


def _ready(session: Session, row: OutboxRow) -> bool:
    """Write what a digest says; one that has nothing left to say is withdrawn."""
    if row.purpose != DIGEST or write_digest(session, row):
        return True
    row.state, row.lease_until = WITHDRAWN, None
    return False


def _hand_over_all(turn: _Turn, rows: Sequence[OutboxRow]) -> dict[int, DeliveryError | None]:
    """Hand a wave over, each channel by itself and over several connections where it has them."""
    jobs: list[tuple[Channel | None, list[OutboxRow]]] = []
    for name in dict.fromkeys(row.channel for row in rows):
        mine = [row for row in rows if row.channel == name]
        connections = turn.lines.connections(name, len(mine))
        jobs += [(c, mine[n :: len(connections)]) for n, c in enumerate(connections)]
    if len(jobs) == 1:
        return _hand_over(turn, *jobs[0])
    found: dict[int, DeliveryError | None] = {}
    with ThreadPoolExecutor(max(1, len(jobs))) as pool:
        for done in [pool.submit(_hand_over, turn, *job) for job in jobs]:
            found |= done.result()
    return found


def _hand_over(
    turn: _Turn, channel: Channel | None, rows: Sequence[OutboxRow]
) -> dict[int, DeliveryError | None]:
    found: dict[int, DeliveryError | None] = {}
    for row in rows:
        error: DeliveryError | None = turn.down.get(row.channel)
        resting = turn.rested.get(row.channel) if len(row.ways) > 1 else None
        if error is None and resting is None:
            error = _send(channel, row)
            if isinstance(error, ChannelDown):
                turn.down[row.channel] = error
        found[_id(row)] = error or resting
    return found


def _send(channel: Channel | None, row: OutboxRow) -> DeliveryError | None:
    if channel is None:
        return NotConfigured(
            f"Kênh «{row.channel}» chưa được cấu hình.",
            mend="Khai kênh này trong langnghe.toml hoặc bỏ khỏi danh bạ.",
        )
    try:
        channel.send(_mail(row))
    except DeliveryError as error:
        return error
    except Exception:
        # One message that trips over an unknown fault must not hold up the ones behind it. It is
        # tried again like any that failed, and its page says that it waits and where to look.
        log.exception("send_broke", key=row.key)
        return DeliveryError(_UNEXPECTED)
    return None


def _mail(row: OutboxRow) -> OutMail:
    return OutMail(
        key=row.key,
        recipient=row.recipient,
        subject=row.subject,
        text=row.body_text,
        html=row.body_html,
        headers=row.headers,
        message_id=row.message_id,
        created_at=row.created_at,
        channel=row.channel,
        short=row.short,
        data=row.data,
        attachments=calendar_file(row.calendar),
    )


def _keep(
    store: Store,
    turn: _Turn,
    rows: Sequence[OutboxRow],
    results: Mapping[int, DeliveryError | None],
) -> None:
    """Write down what became of a wave; a database that is away for a moment is waited for."""
    for wait in (*_COMMIT_WAITS, None):
        try:
            with store.write() as session:
                turn.report = _finish(session, turn, rows, results)
        except StoreError:
            if wait is None:
                raise
            time.sleep(wait)
        else:
            return


def _finish(
    session: Session,
    turn: _Turn,
    rows: Sequence[OutboxRow],
    results: Mapping[int, DeliveryError | None],
) -> TellReport:
    report, now = turn.report, turn.now
    for row in rows:
        error = results[_id(row)]
        if error is None:
            complete(session, _id(row), row.fence, now)
            report = replace(report, sent=report.sent + 1)
            continue
        log_delivery(session, row, now, FAILED, _say(error))
        then = after_failure(row, error, now)
        if isinstance(then, GiveUp):
            _bury(session, row, error, now)
            report = replace(report, dead=report.dead + 1)
        elif isinstance(then, NextWay):
            changes = {**then.changes, "due_at": then.due_at}
            move_on(session, _id(row), row.fence, now, _say(error), **changes)
            report = replace(report, fell_back=report.fell_back + 1)
        else:
            put_back(session, _id(row), row.fence, then.due_at, _say(error), **then.changes)
            report = replace(report, retried=report.retried + 1)
    well = {row.channel for row in rows if results[_id(row)] is None}
    failed = {name: (error.message, error.mend) for name, error in turn.down.items()}
    back = well - failed.keys() & channels_down(session).keys()
    note_health(session, now, failed, well)
    if back:  # who waited for the channel need not wait out the time set when it was down
        bring_forward(session, back, now)
    for name, (why, mend) in failed.items():
        log.warning("channel_down", channel=name, why=why, mend=mend)
    return report


def _bury(session: Session, row: OutboxRow, error: DeliveryError, now: datetime) -> None:
    lost = [row, *(inside(session, _id(row)) if row.purpose == DIGEST else ())]
    if not bury(session, _id(row), row.fence, _say(error), now):
        return
    for one in lost:
        if one.incident_id is not None:
            text = f"Không gửi được thông báo cho vai «{one.role}»: {error.message}"
            add_event(
                session, one.incident_id, now, "undelivered", "hệ thống", text, {"role": one.role}
            )


def _say(error: DeliveryError) -> str:
    return f"{error.message} {error.mend}".strip()


def _id(row: OutboxRow) -> int:
    if row.id is None:
        raise RuntimeError("an outbox row without id was leased")
    return row.id
