"""What a schema cannot say of a playbook: names that point elsewhere, thresholds that cross.

Each mistake is named with its line and what to change. A rule that could never have an effect is a
mistake too: whoever wrote it believes that it protects somebody.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Any

from langnghe.core.policy.checks_acting import acting_problems
from langnghe.core.policy.checks_units import unit_problems
from langnghe.core.policy.marks import Marked, Path, Problem, field_name


class _Page:
    """The marked data while it is checked; ``bad`` notes a problem at a path."""

    def __init__(self, marked: Marked, topics: Collection[str]) -> None:
        self.data: dict[str, Any] = marked.data
        self.problems: list[Problem] = []
        self._marked = marked
        self._topics = topics
        self.levels: list[str] = [level["id"] for level in self.data["levels"]]
        self.order = {name: n for n, name in enumerate(self.levels)}

    def bad(self, path: Path, text: str) -> None:
        self.problems.append(Problem(self._marked.line(path), field_name(path), text))

    def level_known(self, path: Path, name: str) -> bool:
        if name not in self.order:
            self.bad(path, f"không có mức «{name}»; các mức: {', '.join(self.levels)}")
        return name in self.order

    def topic_known(self, path: Path, name: str) -> None:
        if name not in self._topics:
            self.bad(path, f"không có chủ đề «{name}»")


def cross_problems(
    marked: Marked, topics: Collection[str], templates: Collection[str] | None = None
) -> list[Problem]:
    """Return every contradiction in data that fits the schema; some are only warnings.

    ``topics`` and ``templates`` are the known ids (``None``: templates are not looked at).
    """
    page = _Page(marked, topics)
    for check in (
        _levels, _score, _overrides, _ceilings, _down, _credibility, _cooldown, _topics,
    ):  # fmt: skip
        check(page)
    found = [*acting_problems(page.data, templates), *unit_problems(page.data, templates)]
    return page.problems + [
        Problem(marked.line(f.path), field_name(f.path), f.text, f.warning) for f in found
    ]


def _levels(page: _Page) -> None:
    levels = page.data["levels"]
    for n, level in enumerate(levels):
        here: Path = ("levels", n)
        if page.levels.index(level["id"]) != n:
            page.bad((*here, "id"), f"mức «{level['id']}» được khai hai lần")
        if n == 0 and level["min_score"] != 0:
            page.bad((*here, "min_score"), "mức thấp nhất phải bắt đầu từ 0")
        if n and level["min_score"] <= levels[n - 1]["min_score"]:
            page.bad((*here, "min_score"), "phải lớn hơn min_score của mức trước")


def _score(page: _Page) -> None:
    score, levels = page.data["score"], page.data["levels"]
    for table in ("tier_weight", "outlets"):
        for key in score[table]:
            if not key.isdigit():
                page.bad(("score", table, key), "phải là số thứ hạng nguồn tin")
    severity = score["risk_severity"]
    if severity != sorted(severity):
        page.bad(("score", "risk_severity"), "phải tăng dần từ nhãn 0 đến nhãn 3")
    weights = score["tier_weight"]
    ranks = sorted((key for key in weights if key.isdigit()), key=int)
    if [weights[k] for k in ranks] != sorted((weights[k] for k in ranks), reverse=True):
        page.bad(("score", "tier_weight"), "hạng nguồn thấp hơn không được nặng hơn hạng cao")
    bands = [b["min_score"] - a["min_score"] for a, b in pairwise(levels)]
    narrow = min((band for band in bands if band > 0), default=100)
    if score["margin"] >= narrow:
        page.bad(
            ("score", "margin"),
            f"phải nhỏ hơn khoảng hẹp nhất giữa hai mức ({narrow:g} điểm), nếu không mức sẽ "
            "không bao giờ hạ",
        )


def _overrides(page: _Page) -> None:
    for n, rule in _named(page, "overrides"):
        here: Path = ("overrides", n)
        when = rule["when"]
        if page.level_known((*here, "level"), rule["level"]) and not page.order[rule["level"]]:
            page.bad((*here, "level"), "quy tắc đặt mức thấp nhất không có tác dụng")
        for i, topic in enumerate(when.get("topics", [])):
            page.topic_known((*here, "when", "topics", i), topic)
        if "at_least" in when and "fact" not in when:
            page.bad((*here, "when", "at_least"), "cần có «fact» đi cùng")
        if "fact" in when and "any_fact" in when:
            page.bad((*here, "when", "any_fact"), "chỉ dùng một trong «fact» và «any_fact»")
        _fits(page, (*here, "reason"), rule["reason"], "value")


def _ceilings(page: _Page) -> None:
    floors = {t: body["harm_floor"] for t, body in page.data["topics"].items()
              if "harm_floor" in body}  # fmt: skip
    for n, rule in _named(page, "ceilings"):
        here: Path = ("ceilings", n)
        when = rule["when"]
        known = page.level_known((*here, "level"), rule["level"])
        level = page.order.get(rule["level"], 0)
        if known and level == len(page.levels) - 1:
            page.bad((*here, "level"), "trần ở mức cao nhất không có tác dụng")
        for i, topic in enumerate(when.get("only_topics", [])):
            page.topic_known((*here, "when", "only_topics", i), topic)
            floor = page.order.get(floors.get(topic, ""), 0)
            if known and floor > level:
                page.bad(
                    (*here, "when", "only_topics", i),
                    f"trần «{rule['level']}» thấp hơn mức sàn «{floors[topic]}» của chủ đề này; "
                    "bỏ chủ đề khỏi trần hoặc hạ mức sàn",
                )
        _fits(page, (*here, "reason"), rule["reason"], "value")


def _named(page: _Page, kind: str) -> list[tuple[int, dict[str, Any]]]:
    seen: set[str] = set()
    for n, rule in enumerate(page.data[kind]):
        if rule["id"] in seen:
            page.bad((kind, n, "id"), f"quy tắc «{rule['id']}» được khai hai lần")
        seen.add(rule["id"])
    return list(enumerate(page.data[kind]))


def _fits(page: _Page, path: Path, text: str, *names: str) -> None:
    try:
        text.format(**dict.fromkeys(names, 1))
    except (KeyError, IndexError, ValueError):
        shown = ", ".join(f"{{{name}}}" for name in names)
        page.bad(path, f"chỉ được dùng {shown} trong ngoặc nhọn")


def _down(page: _Page) -> None:
    hold = page.data["down"]["hold"]
    known = [page.level_known(("down", "hold", name), hold[name]) for name in ("after", "level")]
    if all(known) and page.order[hold["level"]] > page.order[hold["after"]]:
        page.bad(("down", "hold", "level"), "không được cao hơn mức «after»")


def _credibility(page: _Page) -> None:
    last = -1.0
    for n, step in enumerate(page.data["credibility"]["steps"]):
        here: Path = ("credibility", "steps", n)
        if step["value"] <= last:
            page.bad((*here, "value"), "phải lớn hơn bậc trước")
        last = step["value"]
        _fits(page, (*here, "text"), step["text"], "voices", "press", "official")
        asked = [name for name in ("voices", "press", "official", "tier_at_most") if step.get(name)]
        if n == 0 and asked:
            page.bad((*here, asked[0]), "bậc thấp nhất không được đòi điều kiện nào")


def _cooldown(page: _Page) -> None:
    rule = page.data["cooldown"]
    for name in rule["hours"]:
        page.level_known(("cooldown", "hours", name), name)
    overrides = {override["id"] for override in page.data["overrides"]}
    kinds = ("fact", "tier_at_most", "voices", "stance", "override")
    for n, news in enumerate(rule["news"]):
        here: Path = ("cooldown", "news", n)
        if news["id"] in {other["id"] for other in rule["news"][:n]}:
            page.bad((*here, "id"), f"điều mới «{news['id']}» được khai hai lần")
        if sum(kind in news for kind in kinds) != 1:
            page.bad(here, f"phải có đúng một trong: {', '.join(kinds)}")
        if news.get("override", next(iter(overrides), "")) not in overrides:
            page.bad((*here, "override"), f"không có quy tắc «{news['override']}» trong overrides")
        _fits(page, (*here, "text"), news["text"], "value")


def _topics(page: _Page) -> None:
    for n, group in enumerate(page.data["vulnerability"]):
        for i, topic in enumerate(group.get("topics", [])):
            page.topic_known(("vulnerability", n, "topics", i), topic)
    for topic, body in page.data["topics"].items():
        page.topic_known(("topics", topic), topic)
        if "harm_floor" in body:
            page.level_known(("topics", topic, "harm_floor"), body["harm_floor"])
