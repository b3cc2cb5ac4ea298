"""How a unit is called and where it lies: edited here, first tried against last month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from dashboards.render import page
from dashboards.views.house_edits import lay_edit, look_anew, passed_over, subtree_of
from dashboards.visitor import Acting, Checked, Served
from langnghe.core.auth import Caller
from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.overlay_profile import edited_unit, lines_of, unit_value
from langnghe.core.services import Services
from langnghe.core.store.edits import Edited, edits_about
from langnghe.core.store.people import unit_in_scope
from langnghe.core.store.queries.lookback import Past, look_back
from langnghe.core.text import clean, fold
from langnghe.core.types import Profile, Unit
from nlp.names_check import Text, difference, doubtful_names, sought

router = APIRouter()
BACK = timedelta(days=30)
EXAMPLES = 10
MOST_TEXTS = 600
_MOST_PHRASES = 30
_BLANK_PLACES = 1
_PLACE_FIELDS = {
    "xa": "commune", "huyen": "district", "tinh": "province", "tu": "since", "den": "until",
}  # fmt: skip
_LONGEST = 12_000


@dataclass(frozen=True, slots=True)
class Trial:
    """What the new names would have done last month."""

    looked_at: int
    more: bool
    gained: tuple[Past, ...]
    lost: tuple[Past, ...]
    kept: int
    gained_number: int
    lost_number: int


async def stated(request: Request) -> dict[str, Any]:
    """Return what the form says of a unit, as an edit would. Raises InputError for what is long."""
    form = await request.form()
    fields = {name: value for name in form if isinstance(value := form.get(name), str)}
    if any(len(value) > _LONGEST for value in fields.values()):
        raise InputError("Nội dung gửi lên quá dài.", mend="Rút ngắn rồi gửi lại.")
    places = []
    for number in range(1, 40):
        place = {
            field: said
            for short, field in _PLACE_FIELDS.items()
            if (said := clean(fields.get(f"{short}{number}", "")))
        }
        if place:
            places.append(place)
    return {
        "value": {
            "name": clean(fields.get("ten", "")),
            "aliases": lines_of(fields.get("ten_khac", "")),
            "name_variants": lines_of(fields.get("cach_viet", "")),
            "places": places,
        },
        "save": fields.get("lam") == "ghi",
        "version": fields.get("ban", ""),
    }


Stated = Annotated[dict[str, Any], Depends(stated)]


@router.get("/don-vi/{unit_id}/ten-goi")
def names_form(request: Request, unit_id: str, caller: Acting, services: Served) -> Response:
    """Show the names and places of a unit, with the form to change them."""
    unit = _unit(services, caller, unit_id)
    return _page(request, caller, services, unit, unit_value(unit))


@router.post("/don-vi/{unit_id}/ten-goi", dependencies=[Checked])
def put_names(
    request: Request, unit_id: str, caller: Acting, services: Served, said: Stated
) -> Response:
    """Try the names typed against last month, or lay them."""
    unit = _unit(services, caller, unit_id)
    value = said["value"]
    try:
        changed = edited_unit(unit, value)
    except InputError as error:
        if said["save"]:
            raise
        wrong = f"{error.message} {error.mend}"
        return _page(request, caller, services, unit, value, wrong=wrong, status=422)
    if not said["save"]:
        with services.store.read() as session:
            trial = _try(session, services, caller, unit, changed)
        return _page(
            request, caller, services, unit, value, trial=trial,
            warned=doubtful_names(services.profile, changed, unit),
        )  # fmt: skip
    _no_name_of_others(services.profile, caller, unit, changed)
    with services.store.write() as session:
        if said["version"] != _version(session, unit_id):
            raise ConflictError(
                "Người khác vừa sửa tên gọi của đơn vị này.",
                mend="Mở lại trang để xem bản mới rồi sửa tiếp.",
            )
        lay_edit(request, session, Edited.UNIT, unit_id, value, caller=caller)
    look_anew(request)
    return RedirectResponse(f"/don-vi/{unit_id}/ten-goi?xong=ten-don-vi", 303)


@router.post("/don-vi/{unit_id}/ten-goi/tra-lai", dependencies=[Checked])
def give_back(request: Request, unit_id: str, caller: Acting, services: Served) -> Response:
    """Give the word back to the profile's file."""
    _unit(services, caller, unit_id)
    with services.store.write() as session:
        if edits_about(session, Edited.UNIT, unit_id, limit=1):
            lay_edit(request, session, Edited.UNIT, unit_id, None, caller=caller)
    look_anew(request)
    return RedirectResponse(f"/don-vi/{unit_id}/ten-goi?xong=tra-ten", 303)


def _unit(services: Services, caller: Caller, unit_id: str) -> Unit:
    with services.store.read() as session:
        unit_in_scope(session, unit_id, caller.unit_scope)
    unit = services.profile.unit(unit_id)
    if unit is None:
        raise NotFoundError("Không có đơn vị này trong hồ sơ đang dùng.")
    return unit


def _no_name_of_others(profile: Profile, caller: Caller, before: Unit, after: Unit) -> None:
    """Refuse a new name that a unit out of the caller's reach goes by. Raises InputError."""
    if caller.unit_scope is None:
        return
    own = subtree_of(profile, caller.unit_scope)
    taken = {
        fold(name)
        for unit in profile.units
        if unit.id not in own
        for name in (unit.name, *unit.aliases)
    }
    known = {fold(name) for name in _names(before)}
    for name in _names(after):
        if fold(name) in taken and fold(name) not in known:
            raise InputError(
                f"«{name}» là tên của một đơn vị khác.",
                mend="Ghi tên riêng của đơn vị mình; cần dùng tên này thì nhờ cấp trên ghi.",
            )


def _names(unit: Unit) -> tuple[str, ...]:
    return (unit.name, *unit.aliases, *unit.name_variants)


def _version(session: Session, unit_id: str) -> str:
    rows = edits_about(session, Edited.UNIT, unit_id, limit=1)
    return str(rows[0].id) if rows else "0"


def _try(session: Session, services: Services, caller: Caller, before: Unit, after: Unit) -> Trial:
    """Ask the real index about last month's mentions that hold an old or a new name."""
    phrases = list(dict.fromkeys([*sought(after), *sought(before)]))[:_MOST_PHRASES]
    past = look_back(
        session, phrases, services.clock.now() - BACK, viewer_unit=caller.unit_scope,
        limit=max(20, MOST_TEXTS // max(1, len(phrases))),
    )  # fmt: skip
    looked = past.found[:MOST_TEXTS]
    told = difference(
        services.profile, after,
        [Text(one.id, one.full_text, one.published_at, one.ours) for one in looked],
    )  # fmt: skip
    gained = [one for one in looked if one.id in told.gained]
    lost = [one for one in looked if one.id in told.lost]
    return Trial(
        len(looked), past.more or len(past.found) > len(looked), tuple(gained[:EXAMPLES]),
        tuple(lost[:EXAMPLES]), told.kept, len(gained), len(lost),
    )  # fmt: skip


def _page(
    request: Request,
    caller: Caller,
    services: Services,
    unit: Unit,
    value: dict[str, Any],
    *,
    trial: Trial | None = None,
    warned: list[str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    with services.store.read() as session:
        history = edits_about(session, Edited.UNIT, unit.id, limit=10)
        version = _version(session, unit.id)
        lost = [one for one in passed_over(session, "unit") if one.key == unit.id]
    places = [{field: place.get(field, "") for field in _PLACE_FIELDS.values()}
              for place in [*value["places"], *({} for _ in range(_BLANK_PLACES))]]  # fmt: skip
    return page(
        request, "unit_names.html", caller=caller, status=status, unit=unit, value=value,
        places=places, trial=trial, warned=warned or [], wrong=wrong, history=history,
        version=version, lost=lost, edited=bool(history and "is" in history[0].value),
    )  # fmt: skip
