"""Who may let a text out in a unit's name: the spokesperson, or who holds a dated delegation.

One guard decides for pages, API and command line alike. The head of a unit is its spokesperson (at
a commune: its chair); an administrator never is, for keeping accounts is no right to speak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from langnghe.core.clock import say
from langnghe.core.errors import ForbiddenError
from langnghe.core.store import users
from langnghe.core.store.statements import (
    delegations_of,
    only_unit,
    unit_within,
    user_by_id,
)
from langnghe.core.types import Role

_ASK = "Trình để người phát ngôn của đơn vị đăng, hoặc xin ủy quyền bằng văn bản."
# The nearest miss is told: somebody whose delegation ended yesterday need not hear of last year's.
_NEARNESS = ("moved", "other_topic", "not_yet", "expired", "revoked", "other_unit")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody may not release: an id for the audit, a plain sentence, how to mend it."""

    code: str
    text: str
    mend: str = _ASK

    def error(self) -> ForbiddenError:
        """Return the refusal as the error every edge shows."""
        return ForbiddenError(self.text, mend=self.mend)


@dataclass(frozen=True, slots=True)
class Right:
    """By what right somebody may release: as spokesperson, or by a delegation."""

    delegation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """What the guard must know of an account."""

    role: str
    unit_id: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """What the guard must know of a delegation. No topics means all."""

    id: int
    unit_id: str
    topics: tuple[str, ...]
    from_at: datetime
    until_at: datetime
    revoked_at: datetime | None
    of_unit: bool = True
    """Whether its holder is still one of the unit's own people."""


def judge_release(
    person: Person | None,
    grants: Sequence[Grant],
    *,
    unit_id: str,
    topics: Sequence[str],
    now: datetime,
    lone_unit: str | None = None,
) -> Right | Refusal:
    """Decide whether a person may release a text of ``unit_id`` on ``topics`` at ``now``.

    ``lone_unit`` is the unit of a house that watches only one: there a head without a stated unit
    is its head. A delegation holds from its first moment to just before its last.
    """
    if person is None or not person.active:
        return Refusal(
            "locked", "Tài khoản này đã bị khóa nên không được đăng phát ngôn.",
            "Nhờ quản trị viên mở khóa nếu khóa nhầm.",
        )  # fmt: skip
    if person.role == Role.ADMIN:
        return Refusal(
            "admin", "Quản trị viên không phải người phát ngôn nên không được đăng phát ngôn."
        )
    if heads(person, unit_id, lone_unit):
        return Right()
    missed = [_miss(grant, unit_id, topics, now) for grant in grants]
    for grant, why in zip(grants, missed, strict=True):
        if why is None:
            return Right(grant.id)
    told = {why.code: why for why in missed if why is not None}
    for code in _NEARNESS:
        if code in told:
            return told[code]
    if person.role == Role.PRINCIPAL:
        return Refusal(
            "other_unit", "Bạn là thủ trưởng của đơn vị khác, không phải của đơn vị này."
        )
    return Refusal(
        "not_spokesperson",
        "Chỉ người phát ngôn của đơn vị, hoặc người được ủy quyền bằng văn bản, được đăng.",
    )


def heads(person: Person, unit_id: str, lone_unit: str | None) -> bool:
    """Tell whether a person is the head, and so the spokesperson, of a unit."""
    own = person.unit_id if person.unit_id is not None else lone_unit
    return person.active and person.role == Role.PRINCIPAL and own == unit_id


def release_right(
    session: Session, user_id: int, unit_id: str, topics: Sequence[str], now: datetime
) -> Right | Refusal:
    """Read the rows a judgement needs and return it; delegations are read at this moment."""
    person = person_of(session, user_id)
    own = person.unit_id if person is not None else None
    return judge_release(
        person,
        [
            Grant(row.id or 0, row.unit_id, tuple(row.topics), row.from_at, row.until_at,
                  row.revoked_at, own is None or unit_within(session, row.unit_id, own))
            for row in delegations_of(session, user_id)
        ],
        unit_id=unit_id,
        topics=topics,
        now=now,
        lone_unit=only_unit(session),
    )  # fmt: skip


def may_release(
    session: Session, user_id: int, unit_id: str, topics: Sequence[str], now: datetime
) -> Refusal | None:
    """Return why this user may not release such a text of ``unit_id``, None if they may."""
    found = release_right(session, user_id, unit_id, topics, now)
    return found if isinstance(found, Refusal) else None


def person_of(session: Session, user_id: int) -> Person | None:
    """Return what the guard must know of an account, as it stands now."""
    row = user_by_id(session, user_id)
    return None if row is None else Person(row.role, row.unit_id, row.active)


def note_refusal(
    session: Session, at: datetime, actor: str, subject: str, refusal: Refusal, kind: str
) -> None:
    """Write a refusal into the audit: ``kind`` is ``release``, ``withdraw`` or ``delegation``."""
    users.note(
        session, at, actor, f"{kind}_refused", subject, reason=refusal.text,
        data={"code": refusal.code},
    )  # fmt: skip


def _miss(grant: Grant, unit_id: str, topics: Sequence[str], now: datetime) -> Refusal | None:
    """Return why a delegation does not cover this text, None when it does."""
    if grant.unit_id != unit_id:
        return Refusal("other_unit", "Ủy quyền của bạn là cho đơn vị khác.")
    if grant.revoked_at is not None:  # whatever the clock says: it may have been set back
        return Refusal("revoked", f"Ủy quyền của bạn đã bị thu hồi lúc {say(grant.revoked_at)}.")
    if now >= grant.until_at:
        return Refusal("expired", f"Ủy quyền của bạn đã hết hạn lúc {say(grant.until_at)}.")
    if now < grant.from_at:
        return Refusal("not_yet", f"Ủy quyền của bạn chỉ có hiệu lực từ {say(grant.from_at)}.")
    if not grant.of_unit:
        return Refusal(
            "moved", "Tài khoản của bạn không còn thuộc đơn vị đã ủy quyền.",
            "Đề nghị người phát ngôn của đơn vị ủy quyền lại nếu vẫn cần.",
        )  # fmt: skip
    if grant.topics and (not topics or not set(topics) <= set(grant.topics)):
        return Refusal("other_topic", "Ủy quyền của bạn không bao gồm chủ đề của nội dung này.")
    return None
