"""Scenarios of drills: read a file, name every mistake by its line, bind it to one watched unit.

A scenario tells of «{truong}» and «{xa}», so the same fiction rehearses any school under its own
name. Clock times are written as «{gio}» (when the item appears) or «{gio-30}» (30 minutes before).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from langnghe.core.clock import hanoi
from langnghe.core.errors import InputError
from langnghe.core.items import parse_item
from langnghe.core.oserrors import plain_reason
from langnghe.core.policy.marks import (
    Marked,
    NotYamlError,
    Problem,
    field_name,
    problem_lines,
    read_marked,
)
from langnghe.core.types import Item, Place, Profile, Unit

PACKAGE = "langnghe.drill"
_MEND = "Sửa các dòng được nêu; xem một kịch bản mẫu bằng «langnghe drill list»."
_BLANK = re.compile(r"\{([^{}]*)\}")
_TIME = re.compile(r"gio([+-]\d{1,4})?")
_NAMES = ("truong", "ten", "xa", "tinh")
_KIND = re.compile(
    r"^(?:trường\s+)?(?:(?:ptdtbt|ptdtnt|th&thcs|thcs&thpt|thcs|thpt|th|mn|tiểu học|mầm non|"
    r"mẫu giáo|trung học cơ sở|trung học phổ thông|phổ thông|dân tộc|bán trú|nội trú|và)\s+)*",
    re.IGNORECASE,
)
_TYPES = {
    "string": "chuỗi chữ", "number": "số", "integer": "số nguyên", "array": "danh sách",
    "object": "nhóm mục",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turning:
    """What should be noticed at a minute; ``level`` is the playbook's id, or empty."""

    minute: float
    what: str
    level: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario as written: offsets in minutes from its start, blanks not yet filled.

    ``traps`` are invented names of pupils that must not stand in any message.
    """

    name: str
    title: str
    purpose: str
    minutes: float
    expect: tuple[Turning, ...]
    turning: tuple[Turning, ...]
    learn: tuple[str, ...]
    traps: tuple[str, ...]
    items: tuple[tuple[float, dict[str, Any]], ...]
    source: str


def packaged() -> list[str]:
    """Return the names of the scenarios that ship with the program."""
    folder = files(PACKAGE).joinpath("scenarios")
    return sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name[-5:] == ".yaml")


def load_scenario(named: str) -> Scenario:
    """Return a packaged scenario by name, or the one in a file (.yaml, .yml, .jsonl).

    Raises ``InputError`` naming every wrong line.
    """
    if named in packaged():
        shown, text = f"{named}.yaml", files(PACKAGE).joinpath("scenarios", f"{named}.yaml")
        return read_scenario(text.read_text("utf-8"), shown)
    path = Path(named)
    try:
        return read_scenario(path.read_text("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        raise InputError(
            f"Kịch bản diễn tập {path} không phải chữ UTF-8.",
            mend="Lưu lại tệp với bảng mã UTF-8 rồi chạy lại.",
        ) from error
    except OSError as error:
        raise InputError(
            f"Không đọc được kịch bản diễn tập «{named}»: {plain_reason(error)}.",
            mend=f"Chọn một trong: {', '.join(packaged())}; hoặc ghi đúng đường dẫn tệp.",
        ) from error


def read_scenario(text: str, shown: str) -> Scenario:
    """Return the scenario in ``text``; ``shown`` is the file's name. Raises ``InputError``."""
    marked = _lines(text, shown) if shown.endswith(".jsonl") else _yaml(text, shown)
    problems = [*marked.problems, *_schema_problems(marked)]
    problems = problems or _cross_problems(marked)
    if problems:
        raise _refuse(shown, problems)
    data = marked.data
    rows = [dict(row) for row in data["items"]]
    items = tuple((float(row.pop("minute")), row) for row in rows)
    last = max(minute for minute, _ in items)
    turning = [Turning(float(t["minute"]), t["what"], t.get("level", "")) for t in data["turning"]]
    return Scenario(
        name=re.sub(r"[^a-z0-9-]+", "-", shown.rpartition(".")[0].lower()).strip("-") or "kich-ban",
        title=data["title"],
        purpose=data["purpose"],
        minutes=float(data.get("minutes", last + 60)),
        expect=tuple(
            Turning(float(e["minute"]), e.get("what", ""), e["level"]) for e in data["expect"]
        ),
        turning=tuple(sorted(turning, key=lambda t: t.minute)),
        learn=tuple(data["learn"]),
        traps=tuple(data.get("traps", ())),
        items=tuple(sorted(items, key=lambda pair: pair[0])),
        source=text,
    )


def bind(scenario: Scenario, unit: Unit, profile: Profile, start: datetime) -> list[Item]:
    """Return the scenario's items in time order, about ``unit``, from ``start`` on."""
    names = names_of(unit, profile)
    found = []
    for number, (minute, row) in enumerate(scenario.items, start=1):
        at = start + timedelta(minutes=minute)

        def filled(value: Any, at: datetime = at) -> Any:
            return _fill(value, names, at) if isinstance(value, str) else value

        data = {key: filled(value) for key, value in row.items()}
        data.setdefault("id", f"{scenario.name}-{number:03}")
        data.setdefault("url", f"https://dien-tap.example/{scenario.name}/{data['id']}")
        moment = at.isoformat()
        found.append(parse_item({**data, "published_at": moment, "seen_at": moment}))
    return found


def names_of(unit: Unit, profile: Profile) -> dict[str, str]:
    """Return what fills the blanks: the unit, its short name, commune and province of today."""
    chain = profile.chain(unit.id)
    places = [p for u in chain for p in sorted(u.places, key=_recent, reverse=True)]
    commune = next((p.commune for p in places if p.commune and not p.until), "") or next(
        (u.name.removeprefix("Giáo dục ") for u in chain if u.kind in ("commune", "ward")), ""
    )
    province = next((p.province for p in places if p.province and not p.until), "")
    return {
        "truong": unit.name,
        "ten": _KIND.sub("", unit.name) or unit.name,
        "xa": commune or "địa phương",
        "tinh": province or "tỉnh nhà",
    }


def _recent(place: Place) -> float:
    return place.since.timestamp() if place.since else 0.0


def _fill(text: str, names: dict[str, str], at: datetime) -> str:
    def word(found: re.Match[str]) -> str:
        if found[1] in names:
            return names[found[1]]
        shift = timedelta(minutes=int((_TIME.fullmatch(found[1]) or [0, 0])[1] or 0))
        return f"{hanoi(at + shift):%Hh%M}"

    return _BLANK.sub(word, text)


def _yaml(text: str, shown: str) -> Marked:
    try:
        return read_marked(text)
    except NotYamlError as error:
        raise _refuse(shown, [error.problem]) from error


def _lines(text: str, shown: str) -> Marked:
    """Read JSON Lines: the first line is the head, each other line an item."""
    head: Any = None
    rows: list[Any] = []
    lines: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            wrong = Problem(number, "(cả dòng)", "không phải JSON đúng")
            raise _refuse(shown, [wrong]) from error
        if head is None:
            head = value
            lines[()] = number
        else:
            lines["items", len(rows)] = number
            rows.append(value)
    return Marked({**head, "items": rows} if isinstance(head, dict) else head, lines, ())


def _schema_problems(marked: Marked) -> list[Problem]:
    schema = json.loads(files(PACKAGE).joinpath("scenario.schema.json").read_text("utf-8"))
    found = []
    for error in Draft202012Validator(schema).iter_errors(marked.data):
        path = tuple(error.absolute_path)
        rule, wanted = str(error.validator), error.validator_value
        if rule == "required" and isinstance(error.instance, dict):
            missing = [name for name in wanted if name not in error.instance]
            said = f"còn thiếu {', '.join(f'«{name}»' for name in missing)}"
        elif rule == "additionalProperties" and isinstance(error.instance, dict):
            known = dict(error.schema)["properties"]
            extra = [name for name in error.instance if name not in known]
            path = (*path, extra[0])
            said = "không có mục nào tên như vậy"
        elif rule == "type":
            said = f"phải là {_TYPES.get(str(wanted), str(wanted))}"
        elif rule == "enum":
            said = f"phải là một trong: {', '.join(map(str, wanted))}"
        elif rule in ("minimum", "maximum", "exclusiveMinimum"):
            bound = {"minimum": "từ", "maximum": "không quá", "exclusiveMinimum": "lớn hơn"}[rule]
            said = f"phải {bound} {wanted}"
        else:
            said = "để trống hoặc thiếu phần tử"
        found.append(Problem(marked.line(path), field_name(path), said))
    return found


def _cross_problems(marked: Marked) -> list[Problem]:
    found = []
    data = marked.data
    end = data.get("minutes")
    seen: set[str] = set()
    for number, row in enumerate(data["items"]):
        path = ("items", number)
        if not (row.get("title") or row.get("text")):
            found.append(_at(marked, path, "phải có «title» hoặc «text»"))
        if end is not None and row["minute"] > end:
            found.append(_at(marked, (*path, "minute"), f"sau giờ kết thúc (phút {end:g})"))
        if row.get("id") in seen:
            found.append(_at(marked, (*path, "id"), "mã này đã dùng ở tin khác"))
        seen |= {row["id"]} if "id" in row else set()
        for name, value in row.items():
            blanks = _BLANK.findall(value) if isinstance(value, str) else []
            for blank in blanks:
                if blank not in _NAMES and not _TIME.fullmatch(blank):
                    known = ", ".join(f"{{{n}}}" for n in (*_NAMES, "gio", "gio-30"))
                    said = f"không có chỗ trống «{{{blank}}}»; chỉ có {known}"
                    found.append(_at(marked, (*path, name), said))
    return found


def _at(marked: Marked, path: tuple[str | int, ...], said: str) -> Problem:
    return Problem(marked.line(path), field_name(path), said)


def _refuse(shown: str, problems: list[Problem]) -> InputError:
    lines = problem_lines(shown, problems)
    head = f"Kịch bản diễn tập sai ở {len(lines)} chỗ:"
    return InputError("\n".join([head, *lines]), mend=_MEND)
