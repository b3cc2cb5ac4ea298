"""Turn a decided notice into messages: who gets it, by which ways, when, and in whose company.

Everything is written in the caller's transaction: an incident never stands without its notices, and
a notice that makes room for another is kept, withdrawn, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from alerts.actions import Notify
from alerts.calendar_file import Entry, calendar_data
from alerts.digest import new_digest
from alerts.grouping_notices import (
    ASKING,
    HOUR,
    URGENT_WINDOW,
    Place,
    Waiting,
    digest_time,
    kind_of,
    place,
)
from alerts.messages import Brief, Ending, Letter, NextStep, message_host, write_letter
from alerts.office import SYSTEM, Office, number, round_of
from alerts.quiet import quiet_of, send_at
from alerts.recipients import next_of, recipients_for
from alerts.ways import Recipient
from langnghe.core.clock import say
from langnghe.core.policy.model import LevelRule
from langnghe.core.store.incidents import add_event, steps_of
from langnghe.core.store.notices import (
    digests_of,
    flood,
    last_of_kind,
    pending_for,
    people_of_round,
    thread_of,
)
from langnghe.core.store.outbox import DUE, GROUPED, OUTBOX, fill, put_message, withdraw
from langnghe.core.store.tables import IncidentRow, OutboxRow

_SHOWN_STEPS = 3
_MOST_STEPS = 8
_LEAST_PATIENCE, _MOST_PATIENCE = timedelta(seconds=30), timedelta(minutes=30)


def notify(
    session: Session, office: Office, incident: IncidentRow, notice: Notify, now: datetime
) -> None:
    """Write the messages of one notice; that nobody can be told is written down as well."""
    own = number(incident)
    role = office.policy.role_name(notice.role)
    people = _people(session, office, incident, notice, now)
    if not people:
        text = (
            f"Không báo được cho ai: không có địa chỉ liên hệ nào cho vai «{role}». "
            "Điền danh bạ trong hồ sơ đơn vị hoặc mục «mail_fallback» trong langnghe.toml."
        )
        add_event(session, own, now, "unreachable", SYSTEM, text, {"role": notice.role})
        return
    brief = brief_of(session, office, incident, notice.level, notice.due_at, now)
    told = [
        person.name
        for person in people
        if send(session, office, incident, brief, person, notice, now)
    ]
    if told:
        text = f"Gửi thông báo tới {role}: {', '.join(told)}."
        add_event(
            session, own, now, "notified", SYSTEM, text,
            {"role": notice.role, "purpose": notice.purpose, "level": notice.level},
        )  # fmt: skip


def _people(
    session: Session, office: Office, incident: IncidentRow, notice: Notify, now: datetime
) -> list[Recipient]:
    """Who is told. A rung whose people the rung before it has asked already asks somebody else."""
    asked: set[str] = set()
    if notice.purpose == "escalate":
        asked = people_of_round(session, number(incident), "escalate", round_of(incident))
    where = (office.policy, office.profile, office.settings)
    fresh = next_of(session, notice.role, incident.unit_id, asked, *where, now=now)
    return fresh or recipients_for(session, notice.role, incident.unit_id, *where, now=now)


def send(
    session: Session,
    office: Office,
    incident: IncidentRow,
    brief: Brief,
    to: Recipient,
    notice: Notify,
    now: datetime,
) -> bool:
    """Write one message to one person; return whether that person hears of it anew."""
    own, policy = number(incident), office.policy
    if not to.all_ways:
        return False
    rule = policy.level(notice.level)
    urgent = rule.ignores_quiet and notice.purpose != "resolved"
    waiting = pending_for(session, own, to.who)
    kind = kind_of(notice.purpose)
    quiet = to.quiet or quiet_of(policy.notices.quiet)
    put = place(
        notice.level, notice.purpose, send_at(now, quiet, ignored=urgent),
        [Waiting(w.id or 0, w.level, w.purpose, w.due_at) for w in waiting],
        now=now, last_same=last_of_kind(session, own, to.who, kind), group=policy.notices.group,
    )  # fmt: skip
    if put.joins is not None:
        joined = next(w for w in waiting if w.id == put.joins)
        _rewrite(session, office, incident, joined, to, now)
        return False
    thread = thread_of(session, own, to.who)
    letter = write_letter(
        brief, to, notice.purpose, notice.seq, policy,
        base_url=office.settings.public_url, secret=office.settings.secret_key(), now=now,
        thread=thread,
    )  # fmt: skip
    row = _row(incident, notice, to, letter, rule, put, now, urgent=urgent)
    if kind in ASKING and (not thread or kind != "escalate"):
        row.calendar = _calendar(session, office, incident, brief, notice, now)
    held = "" if row.due_at <= now else f"giữ đến {say(row.due_at)}"
    if kind != "resolved":
        held = _into_digest(session, office, row, to, now, urgent=urgent) or held
    if put_message(session, row, held) is None:
        return False
    if put.replaces:
        withdraw(session, OUTBOX.c.id.in_(put.replaces), now, "thay bằng thông báo mới hơn")
    return True


def _row(
    incident: IncidentRow,
    notice: Notify,
    to: Recipient,
    letter: Letter,
    rule: LevelRule,
    put: Place,
    now: datetime,
    *,
    urgent: bool,
) -> OutboxRow:
    way = to.all_ways[0]
    patience = timedelta() if urgent else min(max(rule.ack / 10, _LEAST_PATIENCE), _MOST_PATIENCE)
    return OutboxRow(
        key=letter.key, incident_id=number(incident), level=notice.level, purpose=notice.purpose,
        round=round_of(incident), role=notice.role, person=to.who, name=to.name,
        recipient=way.address, channel=way.channel,
        ways=[{"channel": w.channel, "address": w.address} for w in to.all_ways],
        patience_s=int(patience.total_seconds()), subject=letter.subject, body_text=letter.text,
        body_html=letter.html, short=letter.short, data=letter.data, headers=letter.headers,
        message_id=letter.message_id, created_at=now, due_at=put.due_at,
    )  # fmt: skip


def _into_digest(
    session: Session, office: Office, row: OutboxRow, to: Recipient, now: datetime, *, urgent: bool
) -> str:
    """Put a message into the person's next digest if there are too many; return what is said."""
    rule = office.policy.notices
    since = row.due_at - HOUR
    digests = digests_of(session, to.who, since)
    at = digest_time(
        row.due_at,
        flood(session, to.who, since, row.due_at),
        rule.max_per_hour,
        max((d.due_at for d in digests if d.state != DUE or d.attempts), default=None),
        URGENT_WINDOW if urgent else rule.group,
    )
    if at is None:
        return ""
    unsent = [d for d in digests if d.state == DUE and not d.attempts]
    if unsent:
        digest = unsent[-1]
        digest.due_at, digest.level = min(digest.due_at, at), max(digest.level, row.level)
        digest_id = digest.id
        session.flush()
    else:
        digest_id = put_message(session, new_digest(to, row.level, at, now, office.settings))
    if digest_id is None:
        return ""  # two within one microsecond: this one goes alone
    row.state, row.digest_id, row.due_at = GROUPED, digest_id, at
    return f"gộp vào thư tổng hợp lúc {say(at)}"


def _rewrite(
    session: Session,
    office: Office,
    incident: IncidentRow,
    row: OutboxRow,
    to: Recipient,
    now: datetime,
) -> None:
    """Have a waiting message say what is known now; it stays the message it is."""
    answer_by = row.headers.get("X-Langnghe-Answer-By", "")
    brief = brief_of(
        session, office, incident, row.level,
        datetime.fromisoformat(answer_by) if answer_by else None, now,
    )  # fmt: skip
    seq = int(row.headers.get("X-Langnghe-Seq", "0"))
    letter = write_letter(
        brief, to, row.purpose, seq, office.policy, base_url=office.settings.public_url,
        secret=office.settings.secret_key(), now=now,
        thread=[i for i in thread_of(session, number(incident), to.who) if i != row.message_id],
    )  # fmt: skip
    row.data = letter.data
    fill(session, row, letter.subject, letter.text, letter.html, letter.short)


def _calendar(
    session: Session,
    office: Office,
    incident: IncidentRow,
    brief: Brief,
    notice: Notify,
    now: datetime,
) -> dict[str, object]:
    policy, own = office.policy, number(incident)
    entries: list[Entry] = []
    if notice.due_at is not None:
        entries.append(
            Entry("xac-nhan", "xác nhận vụ việc", policy.role_name(notice.role), notice.due_at)
        )
    entries += [
        Entry(step.code, step.title, policy.role_name(step.role), step.due_at)
        for step in steps_of(session, own)
        if step.done_at is None and step.due_at is not None
    ]
    base = office.settings.public_url
    return calendar_data(
        own, f"{brief.unit_name}: {brief.title}", entries, host=message_host(base),
        url=f"{base.rstrip('/')}/vu-viec/{own}", sequence=round_of(incident), now=now,
    )  # fmt: skip


def brief_of(
    session: Session,
    office: Office,
    incident: IncidentRow,
    level: int,
    answer_by: datetime | None,
    now: datetime,
    *,
    ending: Ending | None = None,
) -> Brief:
    """Return what messages about an incident say as of now."""
    unit = office.profile.unit(incident.unit_id)
    waiting = [s for s in steps_of(session, number(incident)) if s.done_at is None]
    first = sorted(waiting, key=lambda s: (s.due_at is None, s.due_at, s.position))
    late = sum(1 for s in first if s.due_at is not None and s.due_at < now)
    shown = first[: min(max(_SHOWN_STEPS, late), _MOST_STEPS)]
    return Brief(
        incident_id=number(incident),
        title=incident.title,
        summary=incident.summary,
        unit_name=unit.name if unit else incident.unit_id,
        level=level,
        score=incident.score,
        opened_at=incident.opened_at,
        reasons=tuple(str(reason.get("text", "")) for reason in incident.reasons),
        nearest=incident.nearest,
        steps=tuple(NextStep(s.title, s.role, s.due_at) for s in shown),
        topics=tuple(incident.topics),
        answer_by=answer_by,
        replayed=incident.replayed,
        ending=ending,
    )


def withdraw_pending(
    session: Session,
    incident: IncidentRow,
    now: datetime,
    why: str,
    *,
    by: str = "",
    purposes: Iterable[str] = (),
    not_these: Iterable[str] = (),
) -> int:
    """Withdraw what was not handed over about an incident; return how many messages.

    ``purposes`` narrows it; without, everything goes. ``not_these`` are people left as they are.
    """
    where = OUTBOX.c.incident_id == number(incident)
    wanted, spared = tuple(purposes), tuple(not_these)
    if wanted:
        where = sa.and_(where, OUTBOX.c.purpose.in_(wanted))
    if spared:
        where = sa.and_(where, OUTBOX.c.person.not_in(spared))
    return withdraw(session, where, now, why, by)
