"""Granting and revoking delegations of the spokesperson: only by the spokesperson, on paper.

The signed file is kept byte for byte and known by its SHA-256, so that years later anybody can see
on what paper a text was let out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from alerts.statements.spokesperson import Refusal, heads, note_refusal, person_of
from langnghe.core.auth import Caller
from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.policy.model import Policy
from langnghe.core.store import users
from langnghe.core.store.engine import Store
from langnghe.core.store.statements import (
    keep_paper,
    lock_delegation,
    only_unit,
    unit_facts,
    unit_within,
)
from langnghe.core.store.tables import DelegationRow
from langnghe.core.text import clean
from langnghe.core.types import Role

MAX_PAPER = 5_000_000
LONGEST = timedelta(days=5 * 366)
_KINDS = {b"%PDF-": "PDF", b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n": "PNG", b"PK\x03\x04": "DOCX"}


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed file as it was handed in."""

    name: str
    content: bytes


def grant(
    store: Store,
    caller: Caller,
    policy: Policy,
    *,
    holder: str,
    unit_id: str | None,
    topics: Sequence[str],
    from_at: datetime,
    until_at: datetime,
    document_number: str,
    paper: Paper,
    now: datetime,
) -> int:
    """Let ``holder`` (a username) speak for a unit from ``from_at`` to ``until_at``; return the id.

    ``unit_id`` None is the granting head's own unit. Raises ForbiddenError (audited) unless the
    caller is the spokesperson, InputError for what is missing or makes no sense.
    """
    refused: Refusal | None = None
    made = 0
    with store.write() as session:
        unit = unit_id or caller.unit_id or only_unit(session) or ""
        refused = _not_spokesperson(session, caller, unit)
        if refused is not None:
            note_refusal(session, now, caller.username, f"unit:{unit}", refused, "delegation")
        else:
            name = unit_facts(session, unit).id
            number = _sound(policy, topics, from_at, until_at, document_number, paper, now)
            row = _holder(session, holder, caller, name)
            digest = hashlib.sha256(paper.content).hexdigest()
            keep_paper(session, digest, clean(paper.name)[:200], paper.content, now)
            given = DelegationRow(
                unit_id=name, user_id=row, topics=sorted(set(topics)), from_at=from_at,
                until_at=until_at, document_number=number, paper=digest, granted_at=now,
                granted_by=caller.user_id, granted_name=caller.shown_name,
            )  # fmt: skip
            session.add(given)
            session.flush()
            made = given.id or 0
            users.note(
                session, now, caller.username, "delegation_granted", f"delegation:{made}",
                reason=number,
                data={"holder": holder, "unit": name, "topics": given.topics, "paper": digest,
                      "from": from_at.isoformat(), "until": until_at.isoformat()},
            )  # fmt: skip
    if refused is not None:
        raise refused.error()
    return made


def revoke(store: Store, caller: Caller, delegation_id: int, reason: str, now: datetime) -> None:
    """End a delegation now; only the spokesperson may, others get ForbiddenError (audited)."""
    why = clean(reason)
    if len(why) < 5:
        raise InputError("Cần ghi rõ lý do thu hồi ủy quyền.", mend="Ghi một câu rồi gửi lại.")
    refused: Refusal | None = None
    with store.write() as session:
        row = lock_delegation(session, delegation_id)
        if row is None or not unit_within(session, row.unit_id, caller.unit_scope):
            raise NotFoundError("Không có ủy quyền này, hoặc ngoài phạm vi của bạn.")
        subject = f"delegation:{delegation_id}"
        refused = _not_spokesperson(session, caller, row.unit_id)
        if refused is not None:
            note_refusal(session, now, caller.username, subject, refused, "delegation")
        elif row.revoked_at is not None:
            raise ConflictError("Ủy quyền này đã được thu hồi trước đó.", mend="Tải lại trang.")
        else:
            row.revoked_at, row.revoked_by, row.revoked_reason = now, caller.user_id, why
            users.note(session, now, caller.username, "delegation_revoked", subject, reason=why)
    if refused is not None:
        raise refused.error()


def _not_spokesperson(session: Session, caller: Caller, unit_id: str) -> Refusal | None:
    person = person_of(session, caller.user_id)
    if person is not None and unit_id and heads(person, unit_id, only_unit(session)):
        return None
    return Refusal(
        "not_spokesperson",
        "Chỉ người phát ngôn của đơn vị được ủy quyền hoặc thu hồi ủy quyền phát ngôn.",
        "Đề nghị người phát ngôn (thủ trưởng đơn vị) đăng nhập và thực hiện.",
    )


def _holder(session: Session, username: str, caller: Caller, unit_id: str) -> int:
    row = users.required(session, clean(username).lower())
    if not row.active:
        raise InputError(f"Tài khoản «{row.username}» đang bị khóa.", mend="Chọn người khác.")
    if row.role == Role.ADMIN:
        raise InputError(
            "Không ủy quyền phát ngôn cho tài khoản quản trị.",
            mend="Tạo cho người này một tài khoản cán bộ rồi ủy quyền cho tài khoản ấy.",
        )
    if row.id is None or row.id == caller.user_id:
        raise InputError("Không tự ủy quyền cho chính mình.", mend="Chọn người khác.")
    if row.unit_id is not None and not unit_within(session, unit_id, row.unit_id):
        raise InputError(
            "Người được ủy quyền không thuộc đơn vị này.", mend="Chọn người của đơn vị."
        )
    return row.id


def _sound(
    policy: Policy,
    topics: Sequence[str],
    from_at: datetime,
    until_at: datetime,
    document_number: str,
    paper: Paper,
    now: datetime,
) -> str:
    """Return the cleaned document number. Raises InputError for whatever makes no sense."""
    number = clean(document_number)
    if not number:
        raise InputError("Thiếu số, ký hiệu của văn bản ủy quyền.", mend="Ví dụ: 12/GUQ-THCS.")
    if len(number) > 100:
        raise InputError("Số, ký hiệu văn bản quá dài.")
    if not paper.content:
        raise InputError("Thiếu tệp văn bản ủy quyền đã ký.", mend="Chọn tệp PDF hoặc ảnh chụp.")
    if len(paper.content) > MAX_PAPER:
        raise InputError("Tệp văn bản ủy quyền lớn hơn 5 MB.", mend="Quét lại ở cỡ nhỏ hơn.")
    if not any(paper.content.startswith(sign) for sign in _KINDS):
        raise InputError(
            "Tệp văn bản ủy quyền phải là PDF, JPEG, PNG hoặc DOCX.", mend="Chọn lại tệp."
        )
    if not from_at < until_at or until_at <= now or until_at - from_at > LONGEST:
        raise InputError(
            "Thời hạn ủy quyền không hợp lệ.",
            mend="Giờ kết thúc phải sau giờ bắt đầu, còn ở phía trước và không quá 5 năm.",
        )
    unknown = sorted(set(topics) - set(policy.topics))
    if unknown:
        raise InputError(f"Không có chủ đề «{unknown[0]}».", mend="Chọn trong danh sách chủ đề.")
    return number
