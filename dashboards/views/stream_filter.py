"""What is asked of the stream: read from the address, told in words, each part removable by a link.

The address is the filter, so that a page can be kept, shared and gone back to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlmodel import Session

from langnghe.core.auth import Caller
from langnghe.core.clock import HANOI, as_utc
from langnghe.core.errors import InputError
from langnghe.core.services import Services
from langnghe.core.store.queries.mentions import MentionFilter
from langnghe.core.store.queries.system import source_names, unit_names
from langnghe.core.store.search import parse_query
from langnghe.core.text import clean, fold
from langnghe.core.triage import desk_of
from langnghe.core.words import WORDS

STREAM = (
    "tim", "don_vi", "chu_de", "sac_thai", "quan_diem", "muc", "nguon", "loai", "tu", "den", "xem",
    "sao", "nhieu", "tat_ca",
)  # fmt: skip
STORIES = ("don_vi", "chu_de", "muc", "trong", "it_nhat", "xep")
MAX_TYPED = 200
_LOOKED = {"": None, "chua": False, "da": True}
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition: its field, what it asks for in words, and the address without it.

    ``kind`` names the list of ``core.words`` that ``text`` is an id of.
    """

    field: str
    text: str
    kind: str
    without: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter as read: for the database, for the form, and in words.

    ``unsearchable``: only signs were typed, so nothing was searched for.
    """

    wanted: MentionFilter
    fields: Mapping[str, str]
    chips: tuple[Chip, ...]
    units: Choices
    sources: Choices
    unsearchable: bool

    @property
    def address(self) -> str:
        """Return the filter as a query string, without a place in the list."""
        return urlencode(self.fields)


def fields_of(params: Mapping[str, str], known: Sequence[str]) -> dict[str, str]:
    """Return the known fields that say something. Raises ``InputError`` for one too long."""
    found = {}
    for name in known:
        typed = clean(params.get(name, ""))
        if len(typed) > MAX_TYPED:
            raise InputError("Nội dung trong bộ lọc quá dài.", mend="Viết ngắn lại rồi tìm lại.")
        if typed:
            found[name] = typed
    return found


def read_stream(
    session: Session, caller: Caller, services: Services, params: Mapping[str, str]
) -> Asked:
    """Return what is asked of the stream. An unreadable value is an error, never ignored."""
    fields = fields_of(params, STREAM)
    scope = caller.unit_scope
    units = unit_names(session, viewer_unit=scope)
    sources = source_names(session)
    query = parse_query(fields.get("tim", ""))
    unit, source = chosen(units, fields.get("don_vi")), chosen(sources, fields.get("nguon"))
    wanted = MentionFilter(
        viewer_unit=scope,
        query=query,
        unit=unit,
        topic=fields.get("chu_de"),
        sentiment=_word(fields, "sac_thai", "sentiment"),
        stance=_word(fields, "quan_diem", "stance"),
        level=level_of(fields.get("muc")),
        source=source,
        kind=fields.get("loai"),
        since=day_of(fields.get("tu")),
        until=day_of(fields.get("den"), after=True),
        everything="tat_ca" in fields,
        desk=desk_of(caller),
        seen=_looked(fields.get("xem", "")),
        starred="sao" in fields,
        noise="nhieu" in fields,
    )
    named = {"don_vi": dict(units).get(unit or ""), "nguon": dict(sources).get(source or "")}
    return Asked(
        wanted=wanted,
        fields=fields,
        chips=chips_of("/dong-tin", fields, named, services),
        units=units,
        sources=sources,
        unsearchable=bool(fields.get("tim")) and query is None,
    )


def chips_of(
    path: str,
    fields: Mapping[str, str],
    named: Mapping[str, str | None],
    services: Services,
) -> tuple[Chip, ...]:
    """Return each field in words; ``named`` holds the names of what is chosen by an id."""
    kinds = {"sac_thai": "sentiment", "quan_diem": "stance", "loai": "kind"}
    found = []
    for field, typed in fields.items():
        rest = urlencode({k: v for k, v in fields.items() if k != field})
        text, kind = named.get(field) or typed, kinds.get(field, "")
        if field == "chu_de":
            text = services.policy.topic_name(typed)
        elif field == "muc":
            text = services.policy.level(level_of(typed) or 0).name
        elif field in ("tu", "den") and (day := day_of(typed)) is not None:
            text = day.astimezone(HANOI).strftime("%d/%m/%Y")
        found.append(Chip(field, text, kind, f"{path}?{rest}" if rest else path))
    return tuple(found)


def chosen(known: Choices, typed: str | None) -> str | None:
    """Return the id meant by ``typed``: an id, or the start or part of a name."""
    if not typed:
        return None
    if any(typed == key for key, _ in known):
        return typed
    wanted = fold(typed)
    named = [key for key, name in known if wanted and wanted in fold(name)]
    return named[0] if named else typed


def level_of(typed: str | None) -> int | None:
    """Return a level. Raises ``InputError``."""
    if not typed:
        return None
    if not typed.isdecimal() or len(typed) > 2:
        raise InputError("Mức rủi ro trong bộ lọc không đúng.")
    return int(typed)


def day_of(typed: str | None, *, after: bool = False) -> datetime | None:
    """Return the start (``after``: the end) of a day in Vietnamese time."""
    if not typed:
        return None
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=HANOI)
        return as_utc(day + timedelta(days=after))
    except (ValueError, OverflowError) as error:
        raise InputError(
            "Ngày trong bộ lọc không đúng.", mend="Viết theo mẫu 2026-11-23."
        ) from error


def _word(fields: Mapping[str, str], field: str, kind: str) -> str | None:
    typed = fields.get(field)
    if typed is not None and typed not in WORDS[kind]:
        raise InputError("Lựa chọn trong bộ lọc không đúng.", mend="Chọn lại trong danh sách.")
    return typed


def _looked(typed: str) -> bool | None:
    if typed not in _LOOKED:
        raise InputError("Lựa chọn trong bộ lọc không đúng.", mend="Chọn lại trong danh sách.")
    return _LOOKED[typed]
