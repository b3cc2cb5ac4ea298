"""Load what counts as unusual: learning, thresholds and the school-year calendar, all data.

A wrong file is refused whole, with every mistake named by its line and field.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from langnghe.core.policy.baseline_model import (
    Baseline,
    Burst,
    Calendar,
    Learning,
    Listening,
    Season,
    Several,
    Thresholds,
)
from langnghe.core.policy.loader import topic_names
from langnghe.core.policy.marks import Marked, Problem, field_name
from langnghe.core.policy.rulebook import Rulebook
from langnghe.core.profile import KINDS
from langnghe.core.text import digest

__all__ = [
    "Baseline",
    "Burst",
    "Calendar",
    "Learning",
    "Listening",
    "Season",
    "Several",
    "Thresholds",
    "load_baseline",
]
_USUAL = Rulebook(
    "baseline.yaml",
    "Mức thường ngày",
    mend="Sửa các dòng được nêu trong tệp mức thường ngày rồi chạy lại.",
)
_ALL = "default"
_MONTHS = frozenset(str(month) for month in range(1, 13))
Where = tuple[str | int, ...]


@lru_cache(maxsize=4)
def load_baseline(path: Path | None = None) -> Baseline:
    """Return the file at ``path``, or the packaged one.

    Raises ``PolicyError`` naming the file and, for every problem, its line and field.
    """
    shown, marked = _USUAL.open(path)
    reader = _Reader(marked)
    found = reader.baseline()
    if reader.problems or found is None:
        raise _USUAL.refuse(shown, reader.problems)
    return found


class _Reader:
    """Reads fields and gathers problems; a wrong one yields a harmless value."""

    def __init__(self, marked: Marked) -> None:
        self.marked = marked
        self.problems = list(marked.problems)

    def bad(self, where: Where, text: str) -> None:
        self.problems.append(Problem(self.marked.line(where), field_name(where), text))

    def table(self, value: Any, where: Where, fields: set[str]) -> Mapping[str, Any]:
        """Return ``value`` as a table holding exactly ``fields``."""
        if not isinstance(value, dict):
            self.bad(where, "phải là nhóm mục")
            return {}
        for name in sorted(fields - value.keys()):
            self.bad(where, f"thiếu mục «{name}»")
        for name in value.keys() - fields:
            self.bad((*where, name), "không có mục nào tên như vậy")
        return value

    def table_of(self, value: Any, where: Where) -> Mapping[str, Any]:
        """Return ``value`` as a table of any fields; nothing written is an empty one."""
        if isinstance(value, dict):
            return value
        if value is not None:
            self.bad(where, "phải là nhóm mục")
        return {}

    def listing(self, value: Any, where: Where) -> list[Any]:
        if isinstance(value, list):
            return value
        self.bad(where, "phải là danh sách")
        return []

    def number(
        self, value: Any, where: Where, low: float, high: float, *, whole: bool = False
    ) -> float:
        """Return a number within ``low``..``high``; a missing one was told already."""
        if value is None and isinstance(where[-1], str) and where not in self.marked.lines:
            return low
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            self.bad(where, f"phải là số{' nguyên' if whole else ''}")
        elif not low <= value <= high:
            self.bad(where, f"phải từ {low:g} đến {high:g}")
        else:
            return value
        return low

    def whole(self, value: Any, where: Where, low: int, high: int) -> int:
        return int(self.number(value, where, low, high, whole=True))

    def names(self, value: Any, where: Where, known: Any, kind: str) -> tuple[str, ...]:
        found = [str(name) for name in self.listing(value, where)]
        for n, name in enumerate(found):
            if name not in known:
                self.bad((*where, n), f"không có {kind} «{name}»")
        return tuple(found)

    def baseline(self) -> Baseline | None:
        """Return the checked content; ``None`` when the file is no table at all."""
        data = self.table(
            self.marked.data, (),
            {"false_alarm_days", "most_a_day", "least", "unwatched", "learning", "burst",
             "thresholds", "several_schools", "listening", "today", "wait_hours", "calendar"},
        )  # fmt: skip
        if not data:
            return None
        topics = topic_names()
        learn = self.table(
            data.get("learning"), ("learning",),
            {"half_life_days", "prior_mentions", "lag_days", "warm_days", "first_rate", "excess",
             "excess_weight"},
        )  # fmt: skip
        burst = self.table(
            data.get("burst"), ("burst",), {"times", "plus", "over_days", "new_normal_days"}
        )
        several = self.table(
            data.get("several_schools"), ("several_schools",),
            {"schools", "days", "chance", "kinds"},
        )  # fmt: skip
        listen = self.table(
            data.get("listening"), ("listening",), {"usual_days", "least_share", "from_usual"}
        )
        today = self.table(data.get("today"), ("today",), {"minutes"})

        def number(table: Mapping[str, Any], at: str, name: str, low: float, high: float) -> float:
            return self.number(table.get(name), (at, name), low, high)

        def whole(table: Mapping[str, Any], at: str, name: str, low: int, high: int) -> int:
            return self.whole(table.get(name), (at, name), low, high)

        over, lasting = burst.get("over_days"), burst.get("new_normal_days")
        if isinstance(over, int) and isinstance(lasting, int) and over >= lasting:
            self.bad(("burst", "over_days"), "phải nhỏ hơn new_normal_days, nếu không đợt tin "
                     "nào cũng thành mức thường trước khi hết")  # fmt: skip
        return Baseline(
            version=digest(repr(data))[:12],
            false_alarm_days=self.whole(
                data.get("false_alarm_days"), ("false_alarm_days",), 2, 100_000
            ),
            most_a_day=self.number(data.get("most_a_day"), ("most_a_day",), 0.001, 1000),
            least=self.whole(data.get("least"), ("least",), 1, 1000),
            unwatched=self.names(data.get("unwatched"), ("unwatched",), topics, "chủ đề"),
            learning=Learning(
                number(learn, "learning", "half_life_days", 7, 3650),
                number(learn, "learning", "prior_mentions", 0.01, 1000),
                whole(learn, "learning", "lag_days", 0, 30),
                whole(learn, "learning", "warm_days", 0, 365),
                number(learn, "learning", "first_rate", 1e-6, 1e4),
                number(learn, "learning", "excess", 0, 10),
                number(learn, "learning", "excess_weight", 0.01, 1e6),
            ),
            burst=Burst(
                number(burst, "burst", "times", 1.01, 100),
                number(burst, "burst", "plus", 0.01, 1000),
                whole(burst, "burst", "over_days", 1, 30),
                whole(burst, "burst", "new_normal_days", 2, 365),
            ),
            thresholds=self.thresholds(data.get("thresholds")),
            several=Several(
                whole(several, "several_schools", "schools", 2, 1000),
                whole(several, "several_schools", "days", 1, 60),
                number(several, "several_schools", "chance", 0, 1),
                self.names(several.get("kinds"), ("several_schools", "kinds"), KINDS, "loại"),
            ),
            listening=Listening(
                whole(listen, "listening", "usual_days", 1, 365),
                number(listen, "listening", "least_share", 0, 1),
                whole(listen, "listening", "from_usual", 1, 1_000_000),
            ),
            today=timedelta(minutes=number(today, "today", "minutes", 1, 1440)),
            wait=timedelta(hours=self.number(data.get("wait_hours"), ("wait_hours",), 0, 168)),
            calendar=self.calendar(data.get("calendar"), topics),
        )

    def thresholds(self, value: Any) -> Thresholds:
        at = "thresholds"
        table = self.table(value, (at,), {"excess", "by_rate"})
        columns = [
            self.number(x, (at, "excess", n), 0, 10)
            for n, x in enumerate(self.listing(table.get("excess"), (at, "excess")))
        ]
        if not columns or columns != sorted(set(columns)):
            self.bad((at, "excess"), "phải có ít nhất một số và tăng dần")
        rows: dict[float, tuple[float, ...]] = {}
        given = table.get("by_rate")
        if not isinstance(given, dict) or not given:
            self.bad((at, "by_rate"), "phải là nhóm mục")
            given = {}
        for name, line in given.items():
            here: Where = (at, "by_rate", name)
            try:
                rate = float(name)
            except ValueError:
                self.bad(here, "phải là số tin mỗi ngày")
                continue
            cells = [
                self.number(x, (*here, n), 0.1, 1000)
                for n, x in enumerate(self.listing(line, here))
            ]
            if len(cells) != len(columns) or rate <= 0:
                self.bad(here, f"phải dương và có {len(columns)} ngưỡng")
            rows[rate] = tuple(cells)
        if list(rows) != sorted(rows):
            self.bad((at, "by_rate"), "phải tăng dần")
        return Thresholds(tuple(columns), tuple(rows), tuple(rows.values()))

    def calendar(self, value: Any, topics: Mapping[str, str]) -> Calendar:
        at = "calendar"
        table = self.table(value, (at,), {"weekday", "months", "seasons", "tet"})
        days = [
            self.number(x, (at, "weekday", n), 0.01, 100)
            for n, x in enumerate(self.listing(table.get("weekday"), (at, "weekday")))
        ]
        if len(days) != 7:
            self.bad((at, "weekday"), "phải có 7 hệ số, từ thứ Hai")
        months: dict[str, dict[int, float]] = {_ALL: {}}
        given = self.table_of(table.get("months"), (at, "months"))
        for topic, line in given.items():
            here: Where = (at, "months", topic)
            if topic not in topics and topic != _ALL:
                self.bad(here, f"không có chủ đề «{topic}»")
            months[topic] = {}
            for name, factor in self.table_of(line, here).items():
                if name not in _MONTHS:
                    self.bad((*here, name), "phải là tháng 1 đến 12")
                    continue
                months[topic][int(name)] = self.number(factor, (*here, name), 0.01, 100)
        seasons = [
            self.season(line, (at, "seasons", n), topics)
            for n, line in enumerate(self.listing(table.get("seasons"), (at, "seasons")))
        ]
        tet: list[date] = []
        for n, day in enumerate(self.listing(table.get("tet"), (at, "tet"))):
            if isinstance(day, date):
                tet.append(day)
            else:
                self.bad((at, "tet", n), "phải là ngày dạng 2026-02-17")
        return Calendar(tuple(days), months, tuple(seasons), tuple(tet))

    def season(self, value: Any, where: Where, topics: Mapping[str, str]) -> Season:
        given = dict(value) if isinstance(value, dict) else {}
        wanted = given.pop("topics", [])
        table = self.table(given, where, {"name", "around", "from", "to", "factor"})
        around: tuple[int, int] | None = None
        text = str(table.get("around"))
        if text != "tet":
            try:
                day = date.fromisoformat(f"2024-{text}")
                around = (day.month, day.day)
            except ValueError:
                self.bad((*where, "around"), "phải là «tet» hoặc tháng-ngày dạng 11-20")
        first = self.whole(table.get("from"), (*where, "from"), -180, 180)
        last = self.whole(table.get("to"), (*where, "to"), -180, 180)
        if last < first:
            self.bad((*where, "to"), "đứng trước «from»")
        return Season(
            str(table.get("name", "")), around, first, last,
            self.number(table.get("factor"), (*where, "factor"), 0.01, 100),
            self.names(wanted, (*where, "topics"), topics, "chủ đề"),
        )  # fmt: skip
