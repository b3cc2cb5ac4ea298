"""What may be wrong in the part of a playbook that says who acts, and by when.

The same rules judge the playbook of all and, laid over it, the changes of each unit. An error is
what would leave somebody untold or pass a limit of the law: it is refused. A warning is what
somebody may have meant, but should look at again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from langnghe.core.policy.marks import Path
from langnghe.core.policy.units import steps_in

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: where in the data, what is wrong, and whether it is only a warning."""

    path: Path
    text: str
    warning: bool = False


def acting_problems(data: Data, templates: Collection[str] | None = None) -> Iterator[Found]:
    """Yield what is wrong in who acts and by when; ``templates`` are the known ids, if known."""
    yield from _levels(data)
    yield from _notices(data)
    yield from _roles(data)
    yield from _steps(data, templates)
    yield from _legal(data)
    for kind in ("review", "legal"):
        yield from _twice(data, kind)


def _levels(data: Data) -> Iterator[Found]:
    levels, steps = data["levels"], steps_in(data)
    for n, level in enumerate(levels):
        here: Path = ("levels", n)
        for i, role in enumerate(level.get("notify", [])):
            yield from _role(data, (*here, "notify", i), role)
        yield from _role(data, (*here, "owner"), level.get("owner"))
        for i, code in enumerate(level.get("close_steps", [])):
            if code not in steps:
                yield Found((*here, "close_steps", i), f"không có việc «{code}»")
        if level["opens"] and not level["notify"]:
            yield Found((*here, "notify"), "phải báo ít nhất một vai")
        previous = 0
        for i, rung in enumerate(level.get("ladder", [])):
            yield from _role(data, (*here, "ladder", i, "role"), rung["role"])
            if rung["after"] <= previous:
                yield Found((*here, "ladder", i, "after"), "phải lớn hơn nấc trước")
            previous = rung["after"]
        if (
            level["opens"]
            and level["ladder"]
            and level["ladder"][0]["after"] < level["ack_minutes"]
        ):
            text = "gọi vai kế tiếp khi hạn xác nhận chưa hết"
            yield Found((*here, "ladder", 0, "after"), text, warning=True)
    opening = [(n, level) for n, level in enumerate(levels) if level["opens"]]
    for (_, lower), (n, level) in pairwise(opening):
        if level["ack_minutes"] > lower["ack_minutes"]:
            text = f"hạn xác nhận dài hơn mức «{lower['id']}» nhẹ hơn"
            yield Found(("levels", n, "ack_minutes"), text, warning=True)
        if lower.get("ignores_quiet") and not level.get("ignores_quiet"):
            text = f"mức «{lower['id']}» nhẹ hơn lại báo cả trong giờ yên tĩnh"
            yield Found(("levels", n, "ignores_quiet"), text, warning=True)


def _notices(data: Data) -> Iterator[Found]:
    rule = data["notices"]
    if rule["quiet"] is not None and rule["quiet"][0] == rule["quiet"][1]:
        yield Found(("notices", "quiet"), "hai giờ trùng nhau; không có giờ yên tĩnh thì ghi null")
    waits = [level["ack_minutes"] for level in data["levels"] if level["opens"]]
    if waits and rule["group_minutes"] >= min(waits):
        yield Found(
            ("notices", "group_minutes"),
            f"phải ngắn hơn hạn xác nhận gấp nhất ({min(waits)} phút), nếu không tin báo của nấc "
            "thang kế tiếp bị gộp mất",
        )


def _roles(data: Data) -> Iterator[Found]:
    for name, role in data["roles"].items():
        for i, kind in enumerate(role.get("unit_kind", [])):
            if kind not in data["unit_ranks"]:
                text = f"loại đơn vị «{kind}» chưa có trong unit_ranks"
                yield Found(("roles", name, "unit_kind", i), text)
        if not role.get("own") and not role.get("unit_kind"):
            text = "không ai giữ được vai này: cần «own: true» hoặc «unit_kind»"
            yield Found(("roles", name), text, warning=True)


def _steps(data: Data, templates: Collection[str] | None) -> Iterator[Found]:
    codes: set[str] = set()
    order = [level["id"] for level in data["levels"]]
    for here, step in _placed(data):
        if step["code"] in codes:
            yield Found((*here, "code"), f"mã việc «{step['code']}» được dùng hai lần")
        codes.add(step["code"])
        yield from _role(data, (*here, "role"), step["role"])
        for i, role in enumerate(step.get("with", [])):
            yield from _role(data, (*here, "with", i), role)
        for i, template in enumerate(step.get("templates", [])):
            if templates is not None and template not in templates:
                text = f"không có mẫu «{template}»"
                yield Found((*here, "templates", i), text, warning=True)
        if step.get("evidence_required") and not step.get("evidence"):
            yield Found((*here, "evidence_required"), "phải nêu bằng chứng nào ở «evidence»")
        for name in step["due"]:
            if name not in order:
                text = f"không có mức «{name}»; các mức: {', '.join(order)}"
                yield Found((*here, "due", name), text)
        yield from _shrinks(here, step, order)
    for topic, body in data["topics"].items():
        for i, role in enumerate(body.get("only_roles", [])):
            yield from _role(data, ("topics", topic, "only_roles", i), role)


def _shrinks(here: Path, step: Data, order: list[str]) -> Iterator[Found]:
    """Yield a graver level that has more time than a lighter one, and no reason for it."""
    before: tuple[str, int] | None = None
    for name in order:
        minutes = step["due"].get(name)
        if minutes is None:
            continue
        if before and minutes > before[1] and not step.get("longer"):
            text = f"hạn dài hơn mức «{before[0]}» nhẹ hơn; nếu cố ý, ghi lý do ở «longer»"
            yield Found((*here, "due", name), text, warning=True)
        before = (name, minutes)


def _legal(data: Data) -> Iterator[Found]:
    order = [level["id"] for level in data["levels"]]
    places = {step["code"]: (here, step) for here, step in _placed(data)}
    for n, rule in enumerate(data["legal"]):
        path: Path = ("legal", n)
        yield from _role(data, (*path, "role"), rule["role"])
        unknown = [i for i, name in enumerate(rule["levels"]) if name not in order]
        for i in unknown:
            yield Found((*path, "levels", i), f"không có mức «{rule['levels'][i]}»")
        if rule["step"] not in places:
            yield Found((*path, "step"), f"không có việc «{rule['step']}»")
            continue
        here, step = places[rule["step"]]
        allowed = due_at(step, order)
        for name in rule["levels"]:
            if name not in order:
                continue
            if allowed[name] is None:
                yield Found((*here, "due"), f"mức «{name}» phải có hạn: {rule['basis']}")
            elif allowed[name] > rule["hours"] * 60:
                text = f"mức «{name}» quá hạn {rule['hours']:g} giờ của {rule['basis']}"
                yield Found((*here, "due", name), text)


def due_at(step: Data, order: list[str]) -> dict[str, Any]:
    """Return the minutes a step has at each level; one left out keeps those of the level below."""
    current: int | None = None
    found: dict[str, Any] = {}
    for name in order:
        current = step["due"].get(name, current)
        found[name] = current
    return found


def _placed(data: Data) -> Iterator[tuple[Path, Data]]:
    for n, step in enumerate(data["steps"]):
        yield ("steps", n), step
    for topic, body in data["topics"].items():
        for n, step in enumerate(body.get("steps", [])):
            yield ("topics", topic, "steps", n), step


def _role(data: Data, path: Path, name: str | None) -> Iterator[Found]:
    if name is not None and name not in data["roles"]:
        yield Found(path, f"không có vai «{name}»; các vai: {', '.join(sorted(data['roles']))}")


def _twice(data: Data, kind: str) -> Iterator[Found]:
    seen: set[str] = set()
    for n, rule in enumerate(data[kind]):
        if rule["id"] in seen:
            yield Found((kind, n, "id"), f"«{rule['id']}» được khai hai lần")
        seen.add(rule["id"])
