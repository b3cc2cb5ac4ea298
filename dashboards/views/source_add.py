"""Adding a source: a site's address pasted, what it offers looked at, one of it chosen.

The look is part of the request and bounded: fifteen seconds, one a person at a time. Nothing is
stored before the person has seen ten items and confirms.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from collectors.catalog import SHORTEST_INTERVAL, SourceConfig
from collectors.discover import (
    TOTAL_S,
    Found,
    address_of,
    config_of,
    discover,
    listed_already,
    looking_fetcher,
)
from collectors.overlay import MOST_ADDED, checked, new_id
from dashboards.render import page
from dashboards.views.house_edits import Shaping, lay_edit, look_anew, reader_of
from dashboards.views.sources import CONFIG, back_to, choices
from dashboards.visitor import Checked, Served
from langnghe import __version__
from langnghe.core.errors import ConflictError, InputError
from langnghe.core.services import Services
from langnghe.core.store.edits import Edited, edits_of
from langnghe.core.store.queries.system import list_sources
from langnghe.core.text import clean
from langnghe.core.types import Item

router = APIRouter()
_AT_ONCE = 4  # looks at foreign sites, over all people
_RESERVED = ("them", "tim", "cong-tac")


class Looking:
    """Who is looking at a site now: one look a person, a few over all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._people: set[int] = set()

    def begin(self, person: int) -> None:
        """Enter a person. Raises ConflictError while their last look still goes on."""
        with self._lock:
            if person in self._people:
                raise ConflictError(
                    "Lần tìm trước của bạn chưa xong.", mend="Đợi khoảng 15 giây rồi tìm lại."
                )
            if len(self._people) >= _AT_ONCE:
                raise ConflictError(
                    "Đang có nhiều người cùng tìm nguồn.", mend="Đợi khoảng 15 giây rồi tìm lại."
                )
            self._people.add(person)

    def end(self, person: int) -> None:
        """Let a person look again."""
        with self._lock:
            self._people.discard(person)


_LOOKING = Looking()


@router.get("/nguon-tin/them")
def add_form(request: Request, caller: Shaping, services: Served) -> Response:
    """Show the form that takes a site's address."""
    return page(request, "source_add.html", caller=caller, asked="", found=None, **choices())


@router.post("/nguon-tin/tim", dependencies=[Checked])
def look_for(
    request: Request,
    caller: Shaping,
    services: Served,
    dia_chi: Annotated[str, Form(max_length=2100)] = "",
) -> Response:
    """Look what can be listened to at an address, and show it; nothing is stored."""
    if services.drill:
        raise ConflictError("Buổi diễn tập không thêm nguồn tin thật.")
    asked = address_of(dia_chi)
    with services.store.read() as session:
        listed = [CONFIG.validate_python(r.config) for r in list_sources(session) if r.declared]
    known = listed_already(asked, listed)
    _LOOKING.begin(caller.user_id)
    settings = services.settings
    found = discover(
        asked,
        lambda out: looking_fetcher(settings, f"LangNghe/{__version__}", out_of_time=out),
        services.clock.now(),
        when_done=lambda: _LOOKING.end(caller.user_id),
    )
    shown = _previews(request, services, found, listed)
    return page(
        request, "source_add.html", caller=caller, asked=dia_chi, found=found, known=known,
        previews=shown, seconds=int(TOTAL_S), **choices(),
    )  # fmt: skip


@router.post("/nguon-tin", dependencies=[Checked])
def add(
    request: Request,
    caller: Shaping,
    services: Served,
    url: Annotated[str, Form(max_length=2100)] = "",
    loai: Annotated[str, Form(max_length=20)] = "",
    chon: Annotated[str, Form(max_length=40)] = "",
    ten: Annotated[str, Form(max_length=200)] = "",
    hang: Annotated[int, Form(ge=1, le=4)] = 4,
    noi: Annotated[str, Form(max_length=200)] = "",
    chu_ky: Annotated[int, Form(ge=SHORTEST_INTERVAL, le=10_080)] = 30,
) -> Response:
    """Add a source that was found; what was shown before is what is read from now on."""
    name = clean(ten)
    if not name:
        raise InputError("Nguồn chưa có tên.", mend="Ghi tên để nhận ra nguồn trong danh sách.")
    value = config_of(loai, address_of(url), chon) | {
        "name": name, "tier": hang, "place": clean(noi), "interval_minutes": chu_ky,
        "enabled": True,
    }  # fmt: skip
    with services.store.write() as session:
        rows = list_sources(session)
        listed = [CONFIG.validate_python(r.config) for r in rows if r.declared]
        if (same := listed_already(str(value["url"]), listed)) is not None:
            raise ConflictError(
                f"Nguồn này đã có trong danh sách: «{same.name}».",
                mend="Mở nguồn ấy để bật hoặc sửa.",
            )
        if len(edits_of(session, Edited.SOURCE)) >= MOST_ADDED:
            raise ConflictError(f"Đã thêm tới {MOST_ADDED} nguồn.", mend="Gỡ nguồn không dùng.")
        key = new_id(name, str(value["url"]), [*_RESERVED, *(row.id for row in rows)])
        checked(None, key, value)
        lay_edit(request, session, Edited.SOURCE, key, value, caller=caller)
    look_anew(request)
    return back_to("", "them-nguon")


def _previews(
    request: Request, services: Services, found: Found, listed: Sequence[SourceConfig]
) -> list[dict[str, Any]]:
    """Return each candidate with its items as the reader in force understands them."""
    if not found.candidates:
        return []
    reader = reader_of(request, services)
    shown = []
    for candidate in found.candidates:
        items: list[Item] = list(candidate.items)
        lines = []
        for item, told in zip(items, reader.predict(items), strict=True):
            units = [services.profile.unit(hit.unit) for hit in told.units]
            lines.append({
                "title": told.masked_title or told.masked_text,
                "at": item.published_at,
                "about": told.about_education,
                "units": [unit.name for unit in units if unit is not None],
                "topics": [
                    services.policy.topic_name(hit.topic) for hit in told.topics if hit.p >= 0.5
                ],
                "risk": told.risk,
            })  # fmt: skip
        shown.append({
            "is": candidate, "lines": lines, "known": listed_already(candidate.url, listed),
            "about": sum(bool(line["about"]) for line in lines),
            "watched": sum(bool(line["units"]) for line in lines),
        })  # fmt: skip
    return shown
