"""A grid of counts: darker and larger where there are more; the numbers stand in the table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from dashboards.charts.frame import WIDTH, Table, Translate, box, count, frame, path, write
from dashboards.charts.frame import columns as grid_of

_NAMES, _ROW, _TOP = 128.0, 17.0, 4.0
_SIZES = (0.5, 0.68, 0.84, 1.0)


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One name and its counts, one a column."""

    label: str
    values: tuple[int, ...]


def heat_chart(
    rows: Sequence[HeatRow],
    columns: Sequence[str],
    *,
    key: str,
    title: str,
    over: str = "",
    every: int = 5,
    translate: Translate = str,
) -> Markup:
    """Return the grid. ``columns`` name it in the table; every ``every``-th is written below it.

    ``over`` says what the columns are ("tuần"). Each row has as many values as there are columns.
    """
    edges = steps_of(max((v for row in rows for v in row.values), default=0))
    left, step = grid_of(_NAMES, WIDTH - 2, len(columns))
    cell = min(step, _ROW)
    heat: list[list[str]] = [[] for _ in _SIZES]
    names: list[str] = []
    for n, row in enumerate(rows):
        y = _TOP + n * _ROW
        names.append(write(left - 6, y + _ROW * 0.7, row.label, "end", limit=21))
        for place, value in enumerate(row.values):
            if value <= 0:
                continue
            at = bisect_right(edges, value) - 1
            wide, high = (max(round((side - 1) * _SIZES[at]), 1) for side in (cell, _ROW))
            x = left + step * place + (step - wide) // 2
            heat[at].append(box(x, y + (_ROW - high) // 2, wide, high))
    base = _TOP + max(len(rows), 1) * _ROW
    below = [
        write(min(left + step * (n + 0.5), WIDTH - 8), base + 12, name, "middle", limit=6)
        for n, name in enumerate(columns)
        if n == 0 or (n + 1) % every == 0
    ]
    last = len(edges) - 1
    marks = [
        (f"ch-heat{n + 1}", _step_words(edges, n) + (f" {translate('tin')}" if n == last else ""))
        for n in range(len(edges))
    ]
    grid = path("ch-grid", (f"M{left:.0f} {_TOP + n * _ROW:.0f}H{WIDTH - 2}"
                            for n in range(len(rows) + 1)))  # fmt: skip
    return frame(
        [grid, *names, *(path(f"ch-heat{n + 1}", drawn) for n, drawn in enumerate(heat)), *below],
        key=key, height=base + 18, title=title, desc=_words(rows, columns, over, translate),
        table=Table(
            ("", translate("Tổng"), over),
            [(row.label, count(sum(row.values)), _told(row, columns)) for row in rows],
        ),
        marks=marks if rows else (), translate=translate,
    )  # fmt: skip


def steps_of(most: int) -> list[int]:
    """Return the least count of each shade, one to four of them, growing geometrically."""
    if most <= 0:
        return [1]
    return sorted({ceil(most ** (n / len(_SIZES)) - 1e-9) for n in range(len(_SIZES))})


def _step_words(edges: Sequence[int], place: int) -> str:
    low = edges[place]
    if place == len(edges) - 1:
        return f"{count(low)}+"
    high = edges[place + 1] - 1
    return count(low) if low == high else f"{count(low)}–{count(high)}"


def _told(row: HeatRow, columns: Sequence[str]) -> str:
    return "; ".join(
        f"{name}: {count(value)}"
        for name, value in zip(columns, row.values, strict=True)
        if value > 0
    )


def _words(rows: Sequence[HeatRow], columns: Sequence[str], over: str, translate: Translate) -> str:
    if not rows or not columns:
        return translate("Chưa có số liệu.")
    value, place, name = max((v, n, row.label) for row in rows for n, v in enumerate(row.values))
    return translate("Nhiều nhất: %(name)s, %(over)s %(column)s, %(n)s tin.") % {
        "name": name, "over": over, "column": columns[place], "n": count(value),
    }  # fmt: skip
