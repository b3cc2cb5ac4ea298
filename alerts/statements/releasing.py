"""Letting a text out and taking it back: only by right, numbered, hashed, and on record.

Every try leaves a line in the audit, refused ones too. The refusal is written in the same
transaction that read the rights, so there is no moment in which somebody was refused unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from alerts.carry import Office
from alerts.incidents import Evidence, complete_step
from alerts.statements.checks import blocks, check
from alerts.statements.desk import (
    APPROVED,
    RELEASED,
    WITHDRAWN,
    refuse_findings,
)
from alerts.statements.draft import canonical, text_hash
from alerts.statements.matter import context_of, topics_of, whole_text
from alerts.statements.spokesperson import Refusal, Right, note_refusal, release_right
from alerts.statements.versions import RELOAD, same_version
from langnghe.core.auth import Action, Caller
from langnghe.core.clock import hanoi
from langnghe.core.errors import ConflictError, InputError, LangNgheError, NotFoundError
from langnghe.core.policy.statement_templates import load_templates
from langnghe.core.services import Services
from langnghe.core.store import users
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import add_event
from langnghe.core.store.numbers import take_number
from langnghe.core.store.statements import (
    BOOK,
    add_act,
    add_place,
    lock_statement,
    unit_within,
)
from langnghe.core.store.tables import IncidentRow, StatementRow
from langnghe.core.text import clean
from langnghe.core.urls import host_of
from nlp.shield import mask

CHANNELS = ("website", "zalo", "notice", "press", "email", "other")
MOST_PLACES = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a released text stands: one of ``CHANNELS``, and an address where it has one."""

    channel: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """What a release gave: the number (``3/2026``), the hash, and what became of the step."""

    number: str
    text_hash: str
    step: str = ""
    step_done: bool = False


def release(
    services: Services,
    caller: Caller,
    statement_id: int,
    *,
    version: int,
    places: Sequence[Place],
) -> Released:
    """Let an approved text out in its unit's name: number, hash and history in one transaction.

    Then the playbook's step is completed with it as evidence. Raises ForbiddenError without the
    right, ConflictError when it is not approved or was changed, InputError while a check blocks or
    no place is named; each is audited as ``release_refused``.
    """
    refused: LangNgheError | None = None
    row: StatementRow | None = None
    with services.store.write() as session:
        row = lock_statement(session, statement_id)
        now = services.clock.now()  # after the wait for the lock: a right may have ended in it
        topics = topics_of(session, row)
        found = release_right(session, caller.user_id, row.unit_id, topics, now)
        if isinstance(found, Refusal):
            note_refusal(session, now, caller.username, _subject(row), found, "release")
            refused = found.error()
        else:
            try:
                _fit(session, row, version, places)
            except (ConflictError, InputError) as error:
                refusal = Refusal(_CODES[type(error)], error.message, error.mend)
                note_refusal(session, now, caller.username, _subject(row), refusal, "release")
                refused = error
            else:
                _let_out(session, caller, row, found, places, now)
    if refused is not None:
        raise refused
    return _tick_step(services, caller, row, places, now)


def withdraw(store: Store, caller: Caller, statement_id: int, reason: str, now: datetime) -> None:
    """Take a released text back; it stays in the register with the reason.

    The same right is asked as for letting it out, and the same lines are written.
    """
    # Often «lộ tên em …»: the register, its papers and the timeline must not tell it again.
    why = mask(clean(reason)).text
    refused: LangNgheError | None = None
    with store.write() as session:
        row = lock_statement(session, statement_id)
        topics = topics_of(session, row)
        found = release_right(session, caller.user_id, row.unit_id, topics, now)
        if isinstance(found, Refusal):
            note_refusal(session, now, caller.username, _subject(row), found, "withdraw")
            refused = found.error()
        elif (refused := _not_to_withdraw(row, why)) is not None:
            refusal = Refusal(_CODES[type(refused)], refused.message, refused.mend)
            note_refusal(session, now, caller.username, _subject(row), refusal, "withdraw")
        else:
            row.state, row.withdrawn_at, row.withdrawn_by = WITHDRAWN, now, caller.user_id
            row.withdrawn_name, row.withdrawn_reason = caller.shown_name, why
            add_act(session, row, now, caller.user_id, caller.shown_name, "withdrawn", why)
            users.note(session, now, caller.username, "withdrawn", _subject(row), reason=why)
            if row.incident_id is not None:
                add_event(
                    session, row.incident_id, now, "statement", caller.shown_name,
                    f"Thu hồi phát ngôn số {number_of(row)}: {why}", {"statement": row.id},
                )  # fmt: skip
    if refused is not None:
        raise refused


def add_posted(
    store: Store, caller: Caller, statement_id: int, place: Place, now: datetime
) -> None:
    """Write down one more place where a released text stands."""
    caller.require(Action.ACT)
    with store.write() as session:
        row = lock_statement(session, statement_id)
        if not unit_within(session, row.unit_id, caller.unit_scope):
            raise NotFoundError("Không có nội dung phát ngôn này, hoặc ngoài phạm vi của bạn.")
        if row.state != RELEASED:
            raise ConflictError("Nội dung chưa đăng hoặc đã thu hồi.", mend=RELOAD)
        _sound_places([place])
        add_place(session, statement_id, now, caller.user_id, place.channel, place.url)
        add_act(session, row, now, caller.user_id, caller.shown_name, "posted", place.channel)


def number_of(row: StatementRow) -> str:
    """Return ``3/2026``, or "" before release."""
    return f"{row.number}/{row.year}" if row.number else ""


def download(row: StatementRow) -> bytes:
    """Return the bytes whose SHA-256 stands in the register."""
    return canonical(row.title, row.text)


def intact(row: StatementRow) -> bool:
    """Tell whether a released text still gives the hash it was released with."""
    return row.text_hash == text_hash(row.title, row.text)


_CODES: dict[type[LangNgheError], str] = {ConflictError: "not_approved", InputError: "not_sound"}


def _fit(session: Session, row: StatementRow, version: int, places: Sequence[Place]) -> None:
    """Raise unless the text is approved, as the caller has read it, sound, and has a place."""
    if row.state in (RELEASED, WITHDRAWN):
        raise ConflictError("Nội dung này đã được đăng.", mend=RELOAD)
    if row.state != APPROVED:
        raise ConflictError(
            "Nội dung chưa được duyệt nên chưa đăng được.", mend="Trình duyệt trước."
        )
    same_version(session, row, version)
    _sound_places(places)
    # Since the approval the conclusion may have been taken back, or a contact have left office.
    refuse_findings(blocks(check(whole_text(row), context_of(session, row))))


def _not_to_withdraw(row: StatementRow, why: str) -> LangNgheError | None:
    if row.state != RELEASED:
        return ConflictError("Chỉ thu hồi được nội dung đang đăng.", mend=RELOAD)
    if len(why) < 5:
        return InputError("Cần ghi rõ lý do thu hồi.", mend="Ghi một câu lý do rồi gửi lại.")
    return None


def _sound_places(places: Sequence[Place]) -> None:
    if not places:
        raise InputError("Chưa nêu nơi đăng.", mend="Chọn ít nhất một kênh: website, Zalo OA…")
    if len(places) > MOST_PLACES:
        raise InputError("Quá nhiều nơi đăng.")
    for place in places:
        if place.channel not in CHANNELS:
            raise InputError(f"Không có kênh đăng «{place.channel}».")
        web = place.url.startswith(("http://", "https://")) and bool(host_of(place.url))
        if place.url and not (web and len(place.url) <= 2000):
            raise InputError("Đường dẫn nơi đăng phải bắt đầu bằng http:// hoặc https://.")


def _let_out(
    session: Session, caller: Caller, row: StatementRow, right: Right, places: Sequence[Place],
    now: datetime,
) -> None:  # fmt: skip
    row.year = hanoi(now).year
    row.number = take_number(session, row.unit_id, BOOK, row.year)
    row.text_hash = text_hash(row.title, row.text)
    row.state, row.released_at, row.released_by = RELEASED, now, caller.user_id
    row.released_name, row.delegation_id = caller.shown_name, right.delegation_id
    by = f"ủy quyền số {right.delegation_id}" if right.delegation_id else "người phát ngôn"
    add_act(session, row, now, caller.user_id, caller.shown_name, "released", by)
    for place in places:
        add_place(session, row.id or 0, now, caller.user_id, place.channel, place.url)
    users.note(
        session, now, caller.username, "released", _subject(row), reason=by,
        data={"number": number_of(row), "sha256": row.text_hash, "unit": row.unit_id,
              "delegation": right.delegation_id, "version": row.version},
    )  # fmt: skip
    if row.incident_id is not None:
        add_event(
            session, row.incident_id, now, "statement", caller.shown_name,
            f"Đăng phát ngôn số {number_of(row)}: {row.title}.",
            {"statement": row.id, "number": number_of(row), "sha256": row.text_hash},
        )  # fmt: skip


def _tick_step(
    services: Services, caller: Caller, row: StatementRow, places: Sequence[Place], now: datetime
) -> Released:
    """Complete the playbook's step with the released text; one done before stays as it is."""
    step = load_templates().template(row.template).step
    done = Released(number_of(row), row.text_hash, step)
    if not step or row.incident_id is None:
        return done
    with services.store.read() as session:
        incident = session.get(IncidentRow, row.incident_id)
    if incident is None or incident.unit_id != row.unit_id:
        return done  # what the commune says does not do the school's own step
    link = next((place.url for place in places if place.url), "")
    evidence = Evidence(
        note=f"Phát ngôn số {number_of(row)}, SHA-256 {row.text_hash[:16]}…", link=link,
        document=number_of(row), document_at=now,
    )  # fmt: skip
    office = Office(services.policy, services.profile, services.settings)
    try:
        complete_step(
            services.store, office, row.incident_id, step, caller.shown_name, now, evidence
        )
    except (ConflictError, NotFoundError, InputError):
        # The text is out whatever the step says: it was done before, is not in this level's plan,
        # wants other evidence, or the incident is closed. The incident's page shows which.
        return done
    return Released(done.number, done.text_hash, step, step_done=True)


def _subject(row: StatementRow) -> str:
    return f"statement:{row.id}"
