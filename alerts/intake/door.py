"""The public form of a unit: who may leave a report, how often, how much, and what they get.

Nobody signs in here, so nothing is believed: the form proves its age, a field that people do not
see must stay empty, and every count has an end. What is left waits until a person looks at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from alerts.attachments import Kept, Upload, attachment_path, cleaned_file, put_away
from alerts.filetypes import media_type_of
from alerts.intake.taking import put_contact, put_files
from langnghe.core import intake as rules
from langnghe.core.auth import Action, Caller
from langnghe.core.errors import InputError, LangNgheError, NotFoundError
from langnghe.core.services import Services
from langnghe.core.store import intake as rows
from langnghe.core.store import intake_door as doors
from langnghe.core.store.people import unit_in_scope
from langnghe.core.store.tables import IntakeDoorRow, IntakeRow, UnitRow
from langnghe.core.store.users import note
from langnghe.core.text import clean
from nlp.shield import mask

_NAME = 100
_AGAIN = {
    "quick": "Biểu mẫu được gửi quá nhanh. Xin đọc lại rồi bấm gửi lần nữa.",
    "old": "Biểu mẫu mở đã lâu. Nội dung vẫn còn đây, xin bấm gửi lần nữa.",
    "forged": "Biểu mẫu đã cũ. Nội dung vẫn còn đây, xin bấm gửi lần nữa.",
}


class RefusedError(LangNgheError):
    """The form is shown again with this sentence; what was typed is kept. ``status``: HTTP."""

    def __init__(self, refusal: rules.Refusal) -> None:
        super().__init__(refusal.text)
        self.status = refusal.status


@dataclass(frozen=True, slots=True)
class Left:
    """What a stranger left at the form. ``trap`` is the field that people do not see."""

    token: str
    text: str = ""
    link: str = ""
    name: str = ""
    phone: str = ""
    trap: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """An open form: of which unit, whether files are taken, whom to ring."""

    unit_id: str
    unit_name: str
    code: str
    uploads: bool
    phone: str


def open_door(services: Services, code: str) -> Door:
    """Return the open form of this code. Raises NotFoundError for any other code, known or not."""
    with services.store.read() as session:
        row = doors.door_by_code(session, code) if rules.is_code(code) else None
        unit = session.get(UnitRow, row.unit_id) if row is not None else None
    if row is None or unit is None:
        raise NotFoundError(
            "Biểu mẫu này không còn nhận phiếu.",
            mend="Hỏi nhà trường mã QR mới, hoặc gọi trực tiếp. Việc khẩn cấp: 111, 113, 114, 115.",
        )
    return Door(row.unit_id, unit.name, row.code, row.uploads, row.phone)


def leave(
    services: Services, code: str, left: Left, place: str, uploads: Sequence[Upload] = ()
) -> str:
    """Keep a stranger's report in the unit's box; return its receipt number.

    The same form sent twice is one report. Raises NotFoundError for a dead code and RefusedError.
    """
    door, now = open_door(services, code), services.clock.now()
    secret = services.settings.secret_key()
    verdict = rules.judge_token(secret, code, left.token, now)
    if verdict != "fine":
        raise RefusedError(rules.Refusal(_AGAIN[verdict]))
    if left.trap.strip():
        raise RefusedError(rules.Refusal("Ô «Để trống ô này» phải để trống. Xin xóa rồi gửi lại."))
    text = clean(left.text)
    wrong = rules.wrong_words(text)
    if wrong is not None:
        raise RefusedError(wrong)
    try:
        link, phone = rules.link_of(left.link), rules.phone_of(left.phone)
    except InputError as error:
        raise RefusedError(rules.Refusal(f"{error.message} {error.mend}")) from error
    mark, spot = rules.token_mark(left.token), rules.place_mark(secret, place, now)
    with services.store.read() as session:
        done = rows.by_token(session, mark)
        if done is not None:
            return done.receipt
        _room(session, door, spot, now, uploads)
    if uploads:  # handling files is work: each try counts, also one that is refused
        with services.store.write() as session:
            _still_open(session, code)
            _room(session, door, spot, now, uploads)
            doors.count_hit(session, spot, door.unit_id, now)
    cleaned = _cleaned(uploads)
    fresh: list[str] = []
    try:
        with services.store.write() as session:
            _still_open(session, code)
            done = rows.by_token(session, mark)
            if done is not None:
                return done.receipt
            _room(session, door, spot, now, uploads, counted=1 if uploads else 0)
            if not uploads:
                doors.count_hit(session, spot, door.unit_id, now)
            row = IntakeRow(
                unit_id=door.unit_id, unit_name=door.unit_name, channel=rules.QR,
                state=rules.WAITING, receipt=rules.new_receipt(), token=mark, received_at=now,
                text=text, masked=mask(text).text, link=link,
            )  # fmt: skip
            number = rows.insert(session, row)
            put_contact(session, number, clean(left.name)[:_NAME], phone, now)
            put_files(session, number, [kept for kept, _data in cleaned], "", now)
            session.flush()
            for kept, data in cleaned:  # last: nothing but the commit can fail after it
                if put_away(services.settings, kept, data):
                    fresh.append(kept.sha256)
            return row.receipt
    except Exception:
        _drop(services, fresh)
        raise


def room_for_files(services: Services, door: Door, place: str) -> bool:
    """Tell whether the files of a form may be read at all, before a byte of them is."""
    if not door.uploads:
        return False
    now = services.clock.now()
    spot = rules.place_mark(services.settings.secret_key(), place, now)
    with services.store.read() as session:
        full = doors.bytes_waiting(session, door.unit_id) >= rules.MAX_PUBLIC_BYTES
        return not full and not rules.too_many(*doors.counts(session, spot, door.unit_id, now), "")


def ask_after(services: Services, receipt: str) -> tuple[str, str] | None:
    """Return (unit, state in words) of a receipt number, ``None`` for one that is none."""
    said = rules.receipt_of(receipt)
    with services.store.read() as session:
        row = rows.by_receipt(session, said) if said else None
    return (row.unit_name, rules.PUBLIC_STATES[row.state]) if row is not None else None


def change_door(
    services: Services, caller: Caller, unit_id: str, *, open_: bool, uploads: bool = False,
    phone: str = "", renew: bool = False,
) -> IntakeDoorRow:  # fmt: skip
    """Open, shut or change the form of one of the caller's units; renewing kills the old code."""
    caller.require(Action.ACT)
    number, now = rules.phone_of(phone), services.clock.now()
    with services.store.write() as session:
        unit_in_scope(session, unit_id, caller.unit_scope)
        row = doors.set_door(
            session, unit_id, open_=open_, uploads=uploads, phone=number, renew=renew,
            by=caller.shown_name, now=now,
        )  # fmt: skip
        note(session, now, caller.username, "intake_door", unit_id,
             data={"open": open_, "uploads": uploads, "renewed": renew})  # fmt: skip
        return row


def form_address(base_url: str, code: str) -> str:
    """Return the address that a unit's QR code holds."""
    return f"{base_url.rstrip('/')}/gui/{code}"


def _still_open(session: Session, code: str) -> None:
    if doors.door_by_code(session, code, lock=True) is None:
        raise NotFoundError("Biểu mẫu này không còn nhận phiếu.")


def _drop(services: Services, hashes: Sequence[str]) -> None:
    """Delete files just written whose rows were never committed."""
    with services.store.read() as session:
        alone = [sha256 for sha256 in hashes if not rows.held_file(session, sha256)]
    for sha256 in alone:
        attachment_path(services.settings, sha256).unlink(missing_ok=True)


def _room(
    session: Session, door: Door, spot: str, now: datetime, uploads: Sequence[Upload], *,
    counted: int = 0,
) -> None:  # fmt: skip
    """Raise RefusedError where nothing more fits. ``counted``: hits that are this form's own."""
    place, unit, waiting = doors.counts(session, spot, door.unit_id, now)
    refusal = rules.too_many(place - counted, unit - counted, waiting, door.phone)
    if refusal is None and uploads and not door.uploads:
        refusal = rules.Refusal("Biểu mẫu này không nhận tệp. Nội dung vẫn còn đây.")
    coming = sum(len(upload.data) for upload in uploads)
    if refusal is None and uploads:
        full = doors.bytes_waiting(session, door.unit_id) + coming >= rules.MAX_PUBLIC_BYTES
        if full:
            refusal = rules.Refusal("Chưa nhận thêm ảnh được. Xin gửi phần chữ trước.", 503)
    if refusal is not None:
        raise RefusedError(refusal)


def _cleaned(uploads: Sequence[Upload]) -> list[tuple[Kept, bytes]]:
    """Check and clean every file before any is stored. Raises RefusedError."""
    if len(uploads) > rules.MOST_FILES:
        raise RefusedError(rules.Refusal(f"Gửi nhiều nhất {rules.MOST_FILES} tệp."))
    for upload in uploads:
        if len(upload.data) > rules.MAX_PUBLIC_FILE:
            most = rules.MAX_PUBLIC_FILE // 1_000_000
            raise RefusedError(rules.Refusal(f"Mỗi tệp nhiều nhất {most} MB. Xin gửi bản nhỏ hơn."))
        if media_type_of(upload.data) not in rules.PUBLIC_KINDS:
            raise RefusedError(rules.Refusal("Chỉ nhận ảnh (JPG, PNG, WebP) hoặc PDF."))
    try:
        # A stranger's file shows a child until somebody of the unit has said otherwise.
        return [cleaned_file(Upload(u.name, u.data, shows_child=True)) for u in uploads]
    except InputError as error:
        raise RefusedError(rules.Refusal(f"{error.message} {error.mend}")) from error
