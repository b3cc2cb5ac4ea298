"""What every chart is made of: the frame that tells its title and figures, text made safe, scales.

Everything here is pure. Labels may come from anywhere: markup is escaped, characters that XML
forbids or that turn the direction of writing are dropped, and long ones are cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from dashboards.reports.blocks import figure
from langnghe.core.text import clean, shorten

Translate = Callable[[str], str]
WIDTH = 340
_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
_NEVER = re.compile("[\u2066-\u206f\ud800-\udfff\ufff9-\uffff]")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of a chart; the first cell of a row names it."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def frame(
    parts: Iterable[str],
    *,
    key: str,
    height: float,
    title: str,
    desc: str,
    table: Table | None,
    translate: Translate,
    marks: Sequence[tuple[str, str]] = (),
    below: Markup | None = None,
    width: int = WIDTH,
    css: str = "chart",
) -> Markup:
    """Return the figure. ``marks`` are (class, words) of what the drawing uses; ``parts`` are safe.

    Raises ValueError for a ``key`` that makes no id.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} makes no id")
    svg = (
        f'<svg viewBox="0 0 {width} {short(height)}" role="img" aria-labelledby="{key}-t {key}-d">'
        f'<title id="{key}-t">{safe(title)}</title><desc id="{key}-d">{safe(desc, 600)}</desc>'
        f"{''.join(parts)}</svg>"
    )
    legend = "".join(
        f'<span class="mark"><i class="key {css}"></i>{safe(words)}</span> ' for css, words in marks
    )
    caption = f"<figcaption>{legend}{below or ''}</figcaption>" if legend or below else ""
    figures = _figures(table, key, translate) if table else ""
    return Markup(f'<figure class="{css}">{svg}{caption}{figures}</figure>')  # noqa: S704 - escaped


def _figures(table: Table, key: str, translate: Translate) -> str:
    head = "".join(f"<th>{safe(cell)}</th>" for cell in table.head)
    rows = "".join(
        f"<tr><th>{safe(row[0])}</th>{''.join(f'<td>{safe(cell)}</td>' for cell in row[1:])}</tr>"
        for row in table.rows
    )
    name = safe(translate("Số liệu"))
    return (
        f'<details class="figures" id="{key}-f"><summary>{name}</summary>'
        f"<table><tr>{head}</tr>{rows}</table></details>"
    )


def safe(text: str, limit: int = _LONGEST) -> Markup:
    """Return ``text`` fit for standing between tags, at most ``limit`` characters."""
    return escape(shorten(clean(_NEVER.sub("", text[: 4 * limit])), limit))


def write(
    x: float, y: float, text: str, anchor: str = "start", *, css: str = "", limit: int = 40
) -> str:
    """Return a label; ``anchor`` is start, middle or end."""
    at = "" if anchor == "start" else f' text-anchor="{anchor}"'
    named = f' class="{css}"' if css else ""
    return f'<text x="{short(x)}" y="{short(y)}"{at}{named}>{safe(text, limit)}</text>'


def path(css: str, steps: Iterable[str]) -> str:
    """Return one path of all the steps, nothing when there are none."""
    drawn = "".join(steps)
    return f'<path class="{css}" d="{drawn}"/>' if drawn else ""


def box(x: float, y: float, width: float, height: float) -> str:
    """Return the steps of a rectangle but for its last side (filling adds it); ``""`` if empty."""
    if width <= 0 or height <= 0:
        return ""
    return f"M{short(x)} {short(y)}h{short(width)}v{short(height)}h{short(-width)}"


def short(value: float) -> str:
    """Return a coordinate with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "0") if value else "0"


def columns(left: float, right: float, number: int) -> tuple[float, float]:
    """Return (start, width) of ``number`` columns between two edges, whole units where they fit."""
    width = (right - left) / max(number, 1)
    if width < 3:
        return left, width
    return right - int(width) * number if number > 12 else left, float(int(width))


def ceiling(most: float) -> int:
    """Return the round number (1, 2, 4, 5 times a power of ten) that holds ``most``."""
    power = 1
    while True:
        for step in (1, 2, 4, 5):
            if most <= step * power:
                return step * power
        power *= 10


def day_words(day: date) -> str:
    """Return ``5/9``."""
    return f"{day.day}/{day.month}"


def count(value: float) -> str:
    """Return a number as Vietnamese write it, of a fraction one decimal."""
    return figure(round(value, 1))
