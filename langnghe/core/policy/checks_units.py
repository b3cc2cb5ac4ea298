"""What may be wrong in the changes a unit makes to the playbook of all.

Each unit's changes are judged as they will act: laid over the playbook, by the same rules. What
was already said of the playbook itself is not said again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from langnghe.core.policy.checks_acting import Data, Found, acting_problems, due_at
from langnghe.core.policy.marks import Path
from langnghe.core.policy.units import laid_over, steps_in


def unit_problems(data: Data, templates: Collection[str] | None = None) -> Iterator[Found]:
    """Yield what is wrong in the changes of units, each laid over the playbook of all."""
    known = _known(data)
    base = {(found.path, found.text) for found in acting_problems(data, templates)}
    codes = set(steps_in(data))
    for unit, patch in data.get("units", {}).items():
        lost = list(_lost(unit, patch, known))
        for path, step in _extras(unit, patch):
            if step["code"] in codes:
                lost.append(Found((*path, "code"), f"mã việc «{step['code']}» được dùng hai lần"))
            codes.add(step["code"])
        yield from lost
        if not lost:
            yield from _laid(data, (unit,), base, templates)
            yield from _looser(data, unit)


def chain_problems(data: Data, chain: tuple[str, ...]) -> Iterator[Found]:
    """Yield what is wrong where a unit's changes meet those of its parents, farthest first."""
    base = {(found.path, found.text) for found in acting_problems(data)}
    yield from _laid(data, chain, base, None)


def _laid(
    data: Data, units: tuple[str, ...], base: set[tuple[Path, str]],
    templates: Collection[str] | None,
) -> Iterator[Found]:  # fmt: skip
    laid = laid_over(data, units)
    unit = units[-1]
    for found in acting_problems(laid, templates):
        if (found.path, found.text) not in base:
            path = _written(found.path, laid, unit, data["units"][unit])
            yield Found(path, found.text, found.warning)


def _written(path: Path, laid: Data, unit: str, patch: Data) -> Path:
    """Return where in the unit's own changes the value of ``path`` was written."""
    here: Path = ("units", unit)
    match path:
        case ("levels", int(n), *rest):
            return (*here, "levels", laid["levels"][n]["id"], *rest)
        case ("steps", int(n), *rest):
            owner, step = here, laid["steps"][n]
        case ("topics", str(topic), "steps", int(n), *rest):
            owner, step = (*here, "topics", topic), laid["topics"][topic]["steps"][n]
        case _:
            return (*here, *path)
    if step["code"] in patch.get("steps", {}):
        return (*here, "steps", step["code"], *rest)
    for place, extra in _extras(unit, patch):
        if extra["code"] == step["code"]:
            return (*place, *rest)
    return owner


def _extras(unit: str, patch: Data) -> Iterator[tuple[Path, Data]]:
    owners: list[tuple[Path, Data]] = [(("units", unit), patch)]
    owners += [(("units", unit, "topics", t), b) for t, b in patch.get("topics", {}).items()]
    for here, body in owners:
        for n, step in enumerate(body.get("extra_steps", [])):
            yield (*here, "extra_steps", n), step


def _known(data: Data) -> dict[str, tuple[str, Collection[str]]]:
    return {
        "levels": ("mức", [level["id"] for level in data["levels"]]),
        "roles": ("vai", list(data["roles"])),
        "steps": ("việc", list(steps_in(data))),
        "topics": ("chủ đề", list(data["topics"])),
    }


def _lost(
    unit: str, patch: Data, known: Mapping[str, tuple[str, Collection[str]]]
) -> Iterator[Found]:
    for kind, (word, names) in known.items():
        for name in patch.get(kind, {}):
            if name not in names:
                text = f"không có {word} «{name}» trong kịch bản chung"
                yield Found(("units", unit, kind, name), text)


def _looser(data: Data, unit: str) -> Iterator[Found]:
    """Yield where a unit gives itself more time, or asks for less proof, than everybody has."""
    laid, patch = laid_over(data, (unit,)), data["units"][unit]
    order = [level["id"] for level in data["levels"]]
    for ours, all_of in zip(laid["levels"], data["levels"], strict=True):
        if ours.get("ack_minutes", 0) > all_of.get("ack_minutes", 0):
            yield _loose((unit, "levels", ours["id"], "ack_minutes"), "hạn xác nhận dài hơn")
    own, general = steps_in(laid), steps_in(data)
    for code in patch.get("steps", {}):
        was, now = due_at(general[code], order), due_at(own[code], order)
        for name in order:
            before, after = was[name], now[name]
            if before is not None and (after is None or after > before):
                said = "bỏ việc này khỏi mức" if after is None else "hạn dài hơn ở mức"
                yield _loose((unit, "steps", code, "due", name), f"{said} «{name}»")
        if own[code].get("evidence_required") is False and general[code].get(
            "evidence_required", bool(general[code].get("evidence"))
        ):
            yield _loose((unit, "steps", code, "evidence_required"), "không đòi bằng chứng nữa")


def _loose(path: Path, said: str) -> Found:
    return Found(("units", *path), f"{said} so với kịch bản chung", warning=True)
