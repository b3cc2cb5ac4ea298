"""What the pages share that change the house itself: who may, how a change is laid, what was lost.

Sources and words belong to the whole house: whoever answers for all that it watches may change
them. In a house of one school that is the school, though its commune and department stand above.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request
from sqlmodel import Session

from dashboards.visitor import Acting, Served
from langnghe.core.auth import Caller
from langnghe.core.errors import ForbiddenError, LangNgheError
from langnghe.core.overlay_profile import MARK, PassedOver, said_passed
from langnghe.core.services import Services
from langnghe.core.store.edits import Edited, put_edit
from langnghe.core.store.marks import get_mark
from langnghe.core.types import Profile
from nlp.house_words import Predicts
from nlp.reader import Reader

log = structlog.get_logger(__name__)


def may_shape(caller: Caller, services: Services) -> bool:
    """Return whether a person who may act answers for the whole house: no unit lies beside."""
    scope = caller.unit_scope
    if scope is None:
        return True
    parents = {unit.id: unit.parent for unit in services.profile.units}
    if scope not in parents:
        return False
    above, below = _above(parents, scope), subtree_of(services.profile, scope)
    return all(unit in below or unit in above for unit in parents)


def subtree_of(profile: Profile, unit_id: str) -> set[str]:
    """Return the ids of a unit and all below it."""
    parents = {unit.id: unit.parent for unit in profile.units}
    settled: dict[str, bool] = {unit_id: True}
    for unit in parents:
        path: list[str] = []
        current: str | None = unit
        while current is not None and current not in settled and current not in path:
            path.append(current)
            current = parents.get(current)
        inside = settled.get(current, False) if current is not None else False
        settled |= dict.fromkeys(path, inside)
    return {unit for unit, inside in settled.items() if inside}


def _above(parents: Mapping[str, str | None], unit_id: str) -> set[str]:
    found: set[str] = set()
    current: str | None = unit_id
    while current is not None and current not in found:
        found.add(current)
        current = parents.get(current)
    return found


def shaping(caller: Acting, services: Served) -> Caller:
    """Return a visitor who may change sources and words. Raises ForbiddenError."""
    if not may_shape(caller, services):
        raise ForbiddenError(
            "Nguồn tin và từ khóa là của chung mọi đơn vị: chỉ cán bộ, lãnh đạo của đơn vị cấp "
            "trên hoặc quản trị được thay đổi.",
            mend="Gửi đề nghị cho quản trị viên.",
        )
    return caller


Shaping = Annotated[Caller, Depends(shaping)]


def lay_edit(
    request: Request,
    session: Session,
    kind: Edited,
    key: str,
    value: object,
    *,
    caller: Caller,
    reason: str = "",
) -> None:
    """Write one change of the house, audited; the caller has checked it."""
    now = request.app.state.services.clock.now()
    put_edit(session, kind, key, value, actor=caller.username, at=now, reason=reason)


def look_anew(request: Request) -> None:
    """Let this process lay a change just written at once; otherwise its next sweep does."""
    look: Callable[[], bool] | None = getattr(request.app.state, "look_anew", None)
    if look is None:
        return
    try:
        look()
    except LangNgheError as error:  # the change stands written; the next sweep lays it
        log.warning("edits_not_laid", why=error.message)


def reader_of(request: Request, services: Services) -> Predicts:
    """Return the reader in force; where nobody holds one, the shipped one, loaded once."""
    held: Callable[[], Predicts] | None = getattr(request.app.state, "reader", None)
    if held is not None:
        return held()
    known: dict[str, Predicts] = request.app.state.__dict__.setdefault("own_readers", {})
    if services.profile.version not in known:
        known.clear()
        known[services.profile.version] = Reader.load(services.profile)
    return known[services.profile.version]


def passed_over(session: Session, *kinds: str) -> Sequence[PassedOver]:
    """Return the changes on the screen that do not count, of these kinds."""
    mark = get_mark(session, MARK)
    data: dict[str, Any] = mark.data if mark is not None else {}
    return [one for one in said_passed(data) if one.kind in kinds]
