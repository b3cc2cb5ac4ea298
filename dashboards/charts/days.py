"""Charts over days: counts against what is usual, and counts by kind stacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf

from markupsafe import Markup

from dashboards.charts.frame import (
    WIDTH,
    Table,
    Translate,
    box,
    ceiling,
    columns,
    count,
    day_words,
    frame,
    path,
    short,
    write,
)

_LEFT, _TOP, _BASE, _HEIGHT = 26.0, 14.0, 112.0, 130.0
_LABELS = 6
_CLOSE = 64.0  # room for the last label at the right edge


@dataclass(frozen=True, slots=True)
class BandDay:
    """Mentions of a day and between what (``low``..``high``) usual days lie.

    ``unusual`` says that the alarm's model rings for this day; ``deaf`` that nothing could be
    heard. The last day may be ``running``: it is not over.
    """

    day: date
    count: int
    low: float
    high: float
    unusual: bool = False
    deaf: bool = False
    running: bool = False

    @property
    def over(self) -> bool:
        """Whether there are more than on usual days."""
        return not self.deaf and self.count > self.high


def band_chart(
    days: Sequence[BandDay],
    *,
    key: str,
    title: str,
    known: bool = True,
    translate: Translate = str,
) -> Markup:
    """Return counts as bars over the band of the usual; what lies above it bears a triangle.

    Where nobody knows yet what is usual (not ``known``), there is no band and nothing above it.
    """
    if not known:
        days = [replace(day, low=0, high=inf) for day in days]
    top = ceiling(max((max(d.count, d.high if known else 0) for d in days), default=1) or 1)
    left, step = columns(_LEFT, WIDTH - 4, len(days))
    wide, gap = _bar(step)

    def high(value: float) -> int:
        return round((_BASE - _TOP) * value / top)

    start = [left + step * n for n in range(len(days))]

    def bars(wanted: Sequence[bool]) -> list[str]:
        return [
            box(x + gap, _BASE - high(d.count), wide, high(d.count))
            for x, d, yes in zip(start, days, wanted, strict=True)
            if yes and not d.deaf
        ]

    over = [d.over or d.unusual for d in days]
    mark = min(step * 0.4, 4.0)
    running = bool(days) and days[-1].running
    tips = [(x + step / 2, _BASE - high(d.count) - 2) for x, d in zip(start, days, strict=True)]
    band = _band(start, step, [(high(d.low), high(d.high)) for d in days]) if known else ""
    parts = [
        path("ch-band", [band]),
        *_axes(left, top),
        path("ch-bar", bars([not yes for yes in over])),
        path("ch-over", bars(over)),
        path(
            "ch-over",
            (
                f"M{short(x - mark)} {short(y)}h{short(2 * mark)}l{short(-mark)} -6z"
                for (x, y), yes in zip(tips, over, strict=True)
                if yes
            ),
        ),
        path("ch-deaf", (box(x + gap, _TOP, wide, _BASE - _TOP) + "z"
                         for x, d in zip(start, days, strict=True) if d.deaf)),
        *_day_labels(start, step, [d.day for d in days], running, translate),
    ]  # fmt: skip
    marks = [("ch-bar", translate("số tin"))]
    if known:
        marks.append(("ch-band", translate("mức thường lệ")))
    if any(over):
        marks.append(("ch-over tri", translate("cao hơn thường lệ")))
    if any(d.deaf for d in days):
        marks.append(("ch-deaf", translate("không nghe được")))
    return frame(
        parts, key=key, height=_HEIGHT, title=title, desc=_band_words(days, known, translate),
        table=Table(
            (translate("Ngày"), translate("Số tin"), *([translate("Thường lệ")] if known else ())),
            [
                (day_words(d.day), _said(d, translate),
                 *([usual_words(d.low, d.high)] if known else ()))
                for d in reversed(days)
            ],
        ),
        marks=marks, translate=translate,
    )  # fmt: skip


def usual_words(low: float, high: float) -> str:
    """Return ``0–3`` (whole numbers: a count lies in the band or not), one number where equal."""
    return count(high) if low == high else f"{count(low)}–{count(high)}"


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of a stacked chart: its name, the class that colours it."""

    name: str
    css: str


@dataclass(frozen=True, slots=True)
class Stack:
    """One day's counts, in the order of the series."""

    day: date
    parts: tuple[int, ...]
    running: bool = False


def tone_series(translate: Translate = str) -> tuple[Series, Series, Series]:
    """Return the series of sentiment: negative, neutral, positive."""
    return (
        Series(translate("tiêu cực"), "ch-neg"),
        Series(translate("trung lập"), "ch-neu"),
        Series(translate("tích cực"), "ch-pos"),
    )


def stack_chart(
    days: Sequence[Stack],
    series: Sequence[Series],
    *,
    key: str,
    title: str,
    translate: Translate = str,
) -> Markup:
    """Return one stacked bar a day, the first series at the bottom."""
    top = ceiling(max((sum(d.parts) for d in days), default=1) or 1)
    left, step = columns(_LEFT, WIDTH - 4, len(days))
    wide, gap = _bar(step)
    start = [left + step * n for n in range(len(days))]
    drawn: list[list[str]] = [[] for _ in series]
    for x, one in zip(start, days, strict=True):
        below = 0
        for place, value in enumerate(one.parts):
            low, high = (round((_BASE - _TOP) * v / top) for v in (below, below + value))
            drawn[place].append(box(x + gap, _BASE - high, wide, high - low))
            below += value
    parts = [
        *_axes(left, top),
        *(path(s.css, steps) for s, steps in zip(series, drawn, strict=True)),
        *_day_labels(
            start, step, [d.day for d in days], days[-1].running if days else False, translate
        ),
    ]
    sums = [sum(d.parts[place] for d in days) for place in range(len(series))]
    told = ", ".join(f"{count(n)} {s.name}" for s, n in zip(series, sums, strict=True))
    return frame(
        parts, key=key, height=_HEIGHT, title=title, desc=f"{_span(days, translate)}{told}.",
        table=Table(
            (translate("Ngày"), *(s.name for s in series)),
            [(day_words(d.day), *map(count, d.parts)) for d in reversed(days)],
        ),
        marks=[(s.css, f"{s.name}: {count(n)}") for s, n in zip(series, sums, strict=True)],
        translate=translate,
    )  # fmt: skip


def _bar(step: float) -> tuple[float, float]:
    """Return (width, space to its left) of a bar in a column."""
    wide = round(step * 0.7) if step >= 3 else step * 0.8
    return wide, (step - wide) // 2 if step >= 3 else 0.0


def _band(start: Sequence[float], step: float, edges: Sequence[tuple[int, int]]) -> str:
    """Return the steps of the band: out along the upper edge, back along the lower one."""
    if not start:
        return ""
    out = _stairs([_BASE - high for _, high in edges], [x + step for x in start])
    back = _stairs([_BASE - low for low, _ in reversed(edges)], list(reversed(start)))
    return f"M{short(start[0])} {short(_BASE)}{out}{back}z"


def _stairs(heights: Sequence[float], ends: Sequence[float]) -> str:
    """Return up or down to each height and along to its end; equal ones go in one stroke."""
    found: list[str] = []
    for n, (y, x) in enumerate(zip(heights, ends, strict=True)):
        if n + 1 == len(heights) or heights[n + 1] != y:
            found.append(f"V{short(y)}H{short(x)}")
    return "".join(found)


def _axes(left: float, top: int) -> list[str]:
    values = [0, top // 2, top] if top % 2 == 0 else [0, top]
    at = [_BASE - (_BASE - _TOP) * v / top for v in values]
    labels = [write(left - 4, y + 4, count(v), "end") for v, y in zip(values, at, strict=True)]
    return [path("ch-grid", (f"M{short(left)} {short(y)}H{WIDTH - 4}" for y in at)), *labels]


def _day_labels(
    start: Sequence[float], step: float, days: Sequence[date], running: bool, translate: Translate
) -> list[str]:
    """Return a few dates under the axis; a last day that is not over is called today."""
    last = len(days) - 1
    every = max(1, -(-len(days) // _LABELS))
    found = [
        write(x + step / 2, _BASE + 14, day_words(day), "middle")
        for n, (x, day) in enumerate(zip(start, days, strict=True))
        if (last - n) % every == 0 and x + step / 2 < WIDTH - _CLOSE
    ]
    if days:
        said = translate("hôm nay") if running else day_words(days[last])
        found.append(write(WIDTH - 4, _BASE + 14, said, "end", css="ch-now"))
    return found


def _said(day: BandDay, translate: Translate) -> str:
    if day.deaf:
        return translate("không nghe được")
    said = ""
    if day.unusual:
        said = translate("bất thường")
    elif day.over:
        said = translate("cao hơn thường lệ")
    elif day.running:
        said = translate("chưa hết ngày")
    return f"{count(day.count)} ({said})" if said else count(day.count)


def _band_words(days: Sequence[BandDay], known: bool, translate: Translate) -> str:
    heard = [d for d in days if not d.deaf]
    if not heard:
        return translate("Chưa có số liệu.")
    most = max(heard, key=lambda d: (d.count, d.day))
    said = _span(days, translate) + translate("nhiều nhất %(n)s tin ngày %(day)s") % {
        "n": count(most.count), "day": day_words(most.day),
    }  # fmt: skip
    if not known:
        return said + "."
    above = sum(d.over or d.unusual for d in days)
    said += "; " + (
        translate("%(n)s ngày cao hơn thường lệ") % {"n": above}
        if above
        else translate("không ngày nào cao hơn thường lệ")
    )
    last = days[-1]
    if last.running and not last.deaf:
        said += "; " + translate("hôm nay %(n)s tin, thường lệ %(usual)s") % {
            "n": count(last.count), "usual": usual_words(last.low, last.high),
        }  # fmt: skip
    return said + "."


def _span(days: Sequence[BandDay] | Sequence[Stack], translate: Translate) -> str:
    if not days:
        return ""
    return translate("%(n)s ngày, từ %(first)s đến %(last)s: ") % {
        "n": len(days), "first": day_words(days[0].day), "last": day_words(days[-1].day),
    }  # fmt: skip
