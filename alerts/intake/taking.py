"""A report becomes a mention like any other, or is set aside with a reason; both can be undone.

What is given stays evidence: the words, the time and who took them down. Who reported stands apart,
covered. An address that is known already makes no second mention: the report is tied to the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from alerts.attachments import Kept, Upload, keep_file
from alerts.intake.admitting import admit, take_back
from langnghe.core import intake as rules
from langnghe.core.auth import Action, Caller
from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.services import Services
from langnghe.core.store import intake as rows
from langnghe.core.store.people import unit_in_scope
from langnghe.core.store.tables import (
    IntakeContactRow,
    IntakeFileRow,
    IntakeRow,
)
from langnghe.core.store.users import note
from langnghe.core.text import clean
from nlp.shield import mask

REASON = 5
_NAME = 100
_STALE = "Tải lại trang để xem phiếu đang ở đâu."


@dataclass(frozen=True, slots=True)
class Said:
    """A report as somebody of the unit writes it down. ``name``, ``phone``: who reported."""

    unit_id: str
    channel: str
    text: str = ""
    link: str = ""
    heard_at: datetime | None = None
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a report: its number, its mention, and whether that was there before."""

    id: int
    receipt: str
    mention_id: int
    known: bool


def take_in(
    services: Services, caller: Caller, said: Said, uploads: Sequence[Upload] = ()
) -> Taken:
    """Take a report down; it is in the stream at once.

    Raises InputError, ForbiddenError, or NotFoundError for a unit outside the caller's.
    """
    caller.require(Action.ACT)
    now = services.clock.now()
    text, link = clean(said.text), rules.link_of(said.link)
    if not text and not link:
        raise InputError("Chưa ghi nội dung hay đường dẫn.", mend="Ghi ít nhất một trong hai.")
    if len(text) > rules.LONGEST:
        raise InputError(f"Nội dung dài quá {rules.LONGEST} ký tự.", mend="Gửi tệp kèm theo.")
    if said.channel not in rules.CHANNELS or said.channel == rules.QR:
        raise InputError("Chưa chọn nguồn báo.", mend="Chọn một nguồn báo trong danh sách.")
    heard_at = rules.heard(said.heard_at, now)
    name, phone = clean(said.name)[:_NAME], rules.phone_of(said.phone)
    if len(uploads) > rules.MOST_FILES:
        raise InputError(f"Gửi nhiều nhất {rules.MOST_FILES} tệp một lần.")
    with services.store.read() as session:
        unit_in_scope(session, said.unit_id, caller.unit_scope)
    kept = [keep_file(services.settings, upload) for upload in uploads]
    with services.store.write() as session:
        unit = unit_in_scope(session, said.unit_id, caller.unit_scope)
        row = IntakeRow(
            unit_id=unit.id, unit_name=unit.name, channel=said.channel, state=rules.WAITING,
            receipt=rules.new_receipt(), received_at=now, heard_at=heard_at,
            taken_by=caller.shown_name, taken_id=caller.user_id, text=text, link=link,
        )  # fmt: skip
        number = rows.insert(session, row)
        put_contact(session, number, name, phone, now)
        put_files(session, number, kept, caller.shown_name, now)
        note(session, now, caller.username, "intake_taken", f"intake:{number}",
             data={"unit": unit.id, "channel": said.channel, "files": len(kept)})  # fmt: skip
        mention_id, known = admit(session, services, row, caller, now)
        return Taken(number, row.receipt, mention_id, known)


def accept(services: Services, caller: Caller, intake_id: int) -> Taken:
    """Take a waiting report up: it becomes a mention. Raises ConflictError if it waits no more."""
    caller.require(Action.ACT)
    now = services.clock.now()
    with services.store.write() as session:
        row = _waiting(session, caller, intake_id)
        mention_id, known = admit(session, services, row, caller, now)
        note(session, now, caller.username, "intake_accepted", f"intake:{intake_id}",
             data={"mention": mention_id, "known": known})  # fmt: skip
        return Taken(intake_id, row.receipt, mention_id, known)


def set_aside(services: Services, caller: Caller, intake_id: int, reason: str) -> None:
    """Put a waiting report aside, with a reason; its words go after a month."""
    caller.require(Action.ACT)
    why = clean(reason)[:500]
    if len(why) < REASON:
        raise InputError("Cần ghi rõ lý do để riêng.", mend="Ghi một câu lý do rồi gửi lại.")
    now = services.clock.now()
    with services.store.write() as session:
        row = _waiting(session, caller, intake_id)
        row.state, row.why = rules.ASIDE, mask(why).text
        row.decided_at, row.decided_by = now, caller.shown_name
        note(session, now, caller.username, "intake_set_aside", f"intake:{intake_id}", reason=why)


def set_many_aside(services: Services, caller: Caller, ids: Sequence[int], reason: str) -> int:
    """Put several waiting reports aside for one reason; return how many (the others are gone)."""
    done = 0
    for number in dict.fromkeys(ids):
        try:
            set_aside(services, caller, number, reason)
        except (ConflictError, NotFoundError):
            continue  # somebody else was quicker, or it is not theirs: the page shows what waits
        done += 1
    return done


def undo(services: Services, caller: Caller, intake_id: int) -> None:
    """Put a decided report back into the box.

    Raises ConflictError where its mention has become part of an incident, or its words are gone.
    """
    caller.require(Action.ACT)
    now = services.clock.now()
    with services.store.write() as session:
        row = rows.intake_of(session, intake_id, viewer_unit=caller.unit_scope, lock=True)
        if row.state == rules.WAITING:
            return
        if row.state == rules.ACCEPTED:
            take_back(session, services, row, caller, now)
        if not row.text and not row.link:
            raise ConflictError("Nội dung phiếu này đã được xóa theo thời hạn lưu.")
        told = row.state
        row.state, row.mention_id, row.why, row.visit = rules.WAITING, None, "", ""
        row.decided_at, row.decided_by = None, ""
        row.masked = mask(row.text).text
        note(session, now, caller.username, "intake_undone", f"intake:{intake_id}",
             data={"was": told})  # fmt: skip


def show_contact(
    services: Services, caller: Caller, intake_id: int, reason: str
) -> tuple[str, str]:
    """Return who reported, (name, telephone); the look is written into the audit trail."""
    caller.require(Action.UNMASK)
    why = clean(reason)[:500]
    if len(why) < REASON:
        raise InputError("Cần ghi rõ lý do xem.", mend="Ghi lý do rồi gửi lại.")
    with services.store.write() as session:
        rows.intake_of(session, intake_id, viewer_unit=caller.unit_scope)
        found = rows.contact_of(session, intake_id)
        if found is None:
            raise ConflictError("Phiếu này không còn thông tin người báo.")
        note(session, services.clock.now(), caller.username, "intake_contact",
             f"intake:{intake_id}", reason=why)  # fmt: skip
        return found.name, found.phone


def put_contact(session: Session, number: int, name: str, phone: str, now: datetime) -> None:
    """Keep who reported, apart and with an end, where they said so."""
    if name or phone:
        until = now + rules.KEEP_CONTACT
        session.add(IntakeContactRow(intake_id=number, name=name, phone=phone, until=until))


def put_files(session: Session, number: int, kept: Sequence[Kept], by: str, now: datetime) -> None:
    """Write down the files of a report; unless somebody said otherwise each may show a child."""
    for file in kept:
        session.add(
            IntakeFileRow(
                intake_id=number, name=file.name, media_type=file.media_type, size=file.size,
                sha256=file.sha256, received_sha256=file.received_sha256,
                shows_child=file.shows_child, added_at=now, added_by=by,
            )
        )  # fmt: skip


def _waiting(session: Session, caller: Caller, intake_id: int) -> IntakeRow:
    row = rows.intake_of(session, intake_id, viewer_unit=caller.unit_scope, lock=True)
    if row.state != rules.WAITING:
        who = row.decided_by or row.taken_by
        raise ConflictError(f"Phiếu này {who} đã xử lý: {rules.STATES[row.state]}.", mend=_STALE)
    return row
