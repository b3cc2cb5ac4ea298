"""Charts as SVG in the paper's own font: readable in black and white, every bar with its number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

from alerts.reports.facts import DayCount, Share, Tones
from dashboards.reports.blocks import Chart, figure, percent

WIDTH = 540
_INK, _SOFT, _DARK, _LIGHT = "#222222", "#8a8a8a", "#1f4e79", "#b4c7dc"
_GREY, _GREEN = "#d9d9d9", "#7fb08a"
_FONT = "Tinos"
_ROW = 26
_LABEL = 195


def days_chart(days: Sequence[DayCount], caption: str) -> Chart:
    """Return bars of mentions a day, the negative part dark; long periods label fewer days."""
    height, base, top = 230, 190, 24
    most = max((d.total for d in days), default=0) or 1
    step = (WIDTH - 40) / max(len(days), 1)
    bar = min(step * 0.72, 46)
    every = max(1, -(-len(days) // 15))
    parts = [_line(36, base, WIDTH - 4, base)]
    for share in (0.5, 1.0):
        y = base - (base - top) * share
        value = most * share
        if value.is_integer():
            parts += [_line(36, y, WIDTH - 4, y, _LIGHT), _text(30, y + 4, figure(value), "end")]
    for n, day in enumerate(days):
        x = 38 + n * step + (step - bar) / 2
        whole = (base - top) * day.total / most
        dark = (base - top) * day.neg / most
        parts += [
            _rect(x, base - whole, bar, whole, _LIGHT),
            _rect(x, base - dark, bar, dark, _DARK),
        ]
        if day.total and len(days) <= 14:
            parts.append(_text(x + bar / 2, base - whole - 4, figure(day.total), "middle"))
        if n % every == 0:
            parts.append(_text(x + bar / 2, base + 15, _day(day.day), "middle", size=11))
    parts += _legend(height - 8, (("tin tiêu cực", _DARK), ("tin khác", _LIGHT)))
    return _chart(parts, height, caption)


def tones_chart(now: Tones, before: Tones, caption: str) -> Chart:
    """Return two stacked bars: the tones of this period above those of the one before."""
    parts: list[str] = []
    for row, (label, tones) in enumerate((("Kỳ này", now), ("Kỳ trước", before))):
        y, x = 8 + row * 40, 74.0
        parts.append(_text(66, y + 18, label, "end", size=13))
        if not tones.total:
            parts.append(_text(x, y + 18, "không có tin", size=13))
        for count, colour, ink in (
            (tones.neg, _DARK, "#ffffff"),
            (tones.neu, _GREY, _INK),
            (tones.pos, _GREEN, _INK),
        ):
            width = (WIDTH - 78) * count / (tones.total or 1)
            parts.append(_rect(x, y, width, 28, colour))
            if width > 78:
                said = f"{figure(count)} ({percent(count, tones.total)})"
                parts.append(_text(x + width / 2, y + 19, said, "middle", ink))
            elif width > 22:
                parts.append(_text(x + width / 2, y + 19, figure(count), "middle", ink))
            x += width
    legend = (("tiêu cực", _DARK), ("trung lập", _GREY), ("tích cực", _GREEN))
    parts += _legend(106, legend)
    return _chart(parts, 114, caption)


def bars_chart(shares: Sequence[Share], caption: str) -> Chart:
    """Return one lying bar a name, with its number and, where known, a line for the time before."""
    most = max((max(s.count, s.before or 0) for s in shares), default=0) or 1
    parts: list[str] = []
    space = WIDTH - _LABEL - (118 if any(s.before is not None for s in shares) else 44)
    for n, share in enumerate(shares):
        y = 6 + n * _ROW
        width = space * share.count / most
        parts += [
            _text(_LABEL - 8, y + 15, _short(share.name), "end", size=13),
            _rect(_LABEL, y + 2, width, 17, _DARK),
        ]
        said = figure(share.count)
        if share.before is not None:
            said += f" (trước: {figure(share.before)})"
        if share.before:
            x = _LABEL + space * share.before / most
            parts.append(_line(x, y, x, y + 21, _SOFT, 2))
            width = max(width, space * share.before / most)
        parts.append(_text(_LABEL + width + 6, y + 15, said))
    height = 10 + len(shares) * _ROW
    if any(s.before for s in shares):
        height += 20
        parts += _legend(height - 6, (("kỳ này", _DARK), ("vạch: kỳ trước", _SOFT)))
    return _chart(parts, height, caption)


def _chart(parts: Sequence[str], height: int, caption: str) -> Chart:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="{_FONT}">{"".join(parts)}</svg>'
    )
    return Chart(svg, WIDTH, height, caption)


def _text(
    x: float, y: float, said: str, anchor: str = "start", ink: str = _INK, *, size: int = 12
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{ink}">{escape(said)}</text>'
    )


def _rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    if width <= 0 or height <= 0:
        return ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'
    )


def _line(
    x: float, y: float, to_x: float, to_y: float, colour: str = _SOFT, width: float = 0.7
) -> str:
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{colour}" '
        f'stroke-width="{width}"/>'
    )


def _legend(y: float, names: Sequence[tuple[str, str]]) -> list[str]:
    parts, x = [], float(WIDTH)
    for name, colour in reversed(names):
        x -= 5.6 * len(name) + 4
        parts += [_text(x, y, name), _rect(x - 16, y - 9, 11, 11, colour)]
        x -= 30
    return parts


def _day(day: date) -> str:
    return f"{day.day}/{day.month}"


def _short(name: str) -> str:
    return name if len(name) <= 34 else name[:33].rstrip() + "…"
