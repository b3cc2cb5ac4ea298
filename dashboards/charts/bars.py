"""Lying bars, one a name, and the small line that stands beside a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from dashboards.charts.frame import (
    WIDTH,
    Table,
    Translate,
    box,
    count,
    frame,
    path,
    short,
    write,
)

_ROW = 32.0
_SPARK = 100
_SPARK_HEIGHT = 24.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One name and its number; ``before`` is what it was a period ago, ``note`` words beside it."""

    label: str
    value: float
    before: float | None = None
    note: str = ""
    css: str = "ch-bar"


def bars_chart(
    bars: Sequence[Bar], *, key: str, title: str, what: str = "", translate: Translate = str
) -> Markup:
    """Return a bar under each name with its number; ``what`` heads the numbers in the table."""
    most = max((max(b.value, b.before or 0) for b in bars), default=0) or 1
    space = WIDTH - 70
    compared = any(b.before is not None for b in bars)
    parts: list[str] = []
    for n, bar in enumerate(bars):
        y = n * _ROW
        width = space * bar.value / most
        parts += [write(0, y + 12, bar.label, limit=52), path(bar.css, [box(0, y + 17, width, 10)])]
        end = width
        if bar.before is not None:
            x = space * bar.before / most
            parts.append(path("ch-before", [f"M{short(x)} {short(y + 15)}v14"]))
            end = max(end, x)
        said = f"{count(bar.value)} {bar.note}".strip()
        parts.append(write(end + 5, y + 26, said, css="ch-value", limit=24))
    told = "; ".join(f"{b.label}: {count(b.value)}" for b in bars)
    head = ["", what or translate("Số tin")]
    rows = [[b.label, count(b.value)] for b in bars]
    if compared:
        head.append(translate("Kỳ trước"))
        rows = [
            [*row, count(b.before) if b.before is not None else "–"]
            for row, b in zip(rows, bars, strict=True)
        ]
    if any(b.note for b in bars):
        head.append("")
        rows = [[*row, b.note] for row, b in zip(rows, bars, strict=True)]
    marks = [("ch-before", translate("vạch: kỳ trước"))] if compared else []
    return frame(
        parts, key=key, height=max(len(bars), 1) * _ROW, title=title,
        desc=told or translate("Chưa có số liệu."), table=Table(head, rows), marks=marks,
        translate=translate,
    )  # fmt: skip


def sparkline(
    values: Sequence[float],
    *,
    key: str,
    title: str,
    labels: Sequence[str] = (),
    translate: Translate = str,
) -> Markup:
    """Return a small line of ``values``, the last one marked; with ``labels`` also as a table."""
    top = max(values, default=0) or 1
    step = (_SPARK - 6) / max(len(values) - 1, 1)
    dots = [
        (3 + n * step, _SPARK_HEIGHT - 4 - (_SPARK_HEIGHT - 8) * value / top)
        for n, value in enumerate(values)
    ]
    parts = []
    if dots:
        line = "L".join(f"{short(x)} {short(y)}" for x, y in dots)
        x, y = dots[-1]
        parts = [
            path("ch-line", [f"M{line}"]),
            f'<circle class="ch-bar" cx="{short(x)}" cy="{short(y)}" r="2.5"/>',
        ]
    table = None
    if labels:
        pairs = zip(labels, values, strict=True)
        table = Table(("", translate("Số tin")), [(label, count(v)) for label, v in pairs])
    told = ", ".join(map(count, values))
    return frame(
        parts, key=key, height=_SPARK_HEIGHT, width=_SPARK, css="chart spark", title=title,
        desc=told or translate("Chưa có số liệu."), table=table, translate=translate,
    )  # fmt: skip
