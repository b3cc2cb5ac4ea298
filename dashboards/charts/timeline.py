"""How something grew, with numbered marks for what happened and a list that says what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from dashboards.charts.frame import (
    WIDTH,
    Table,
    Translate,
    box,
    ceiling,
    count,
    frame,
    path,
    safe,
    short,
    write,
)
from langnghe.core.clock import hanoi

_LEFT, _BASE, _TALL = 26.0, 134.0, 76.0
_LANES, _LANE = 3, 16.0
_APART = 14.0
_FIELDS = {"ch-bar": "count", "ch-copy": "copies", "ch-talk": "comments"}


@dataclass(frozen=True, slots=True)
class Bucket:
    """What came from ``at`` until the next bucket: own items, ``copies`` of others, comments."""

    at: datetime
    count: int
    copies: int = 0
    comments: int = 0

    @property
    def total(self) -> int:
        """Return all of them."""
        return self.count + self.copies + self.comments


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; ``href`` leads to it where it has a page of its own."""

    at: datetime
    label: str
    href: str = ""
    css: str = "ch-bar"


def timeline_chart(
    buckets: Sequence[Bucket],
    events: Sequence[Event],
    *,
    key: str,
    title: str,
    step: timedelta,
    until: datetime | None = None,
    translate: Translate = str,
) -> Markup:
    """Return bars of ``step`` each with the events above them, in the order of time.

    Buckets may leave gaps. ``until`` is where the axis ends, else after the last of all.
    """
    happened = sorted(events, key=lambda e: e.at)
    moments = [*(b.at for b in buckets), *(e.at for e in happened)]
    if not moments:
        return frame([], key=key, height=1, title=title, desc=translate("Chưa có số liệu."),
                     table=None, translate=translate)  # fmt: skip
    first = min(moments)
    last = max([*(b.at + step for b in buckets), *moments, *([until] if until else [])])
    span = max((last - first).total_seconds(), step.total_seconds(), 1.0)

    def place(at: datetime) -> float:
        return _LEFT + (WIDTH - _LEFT - 6) * (at - first).total_seconds() / span

    top = ceiling(max((b.total for b in buckets), default=1) or 1)
    scale = _TALL / top
    wide = max((WIDTH - _LEFT - 6) * step.total_seconds() / span * 0.86, 1.0)
    own = [box(place(b.at), _BASE - b.count * scale, wide, b.count * scale) for b in buckets]
    copies = [
        box(place(b.at), _BASE - (b.count + b.copies) * scale, wide, b.copies * scale)
        for b in buckets
    ]
    comments = [
        box(place(b.at), _BASE - b.total * scale, wide, b.comments * scale) for b in buckets
    ]
    grid = [f"M{short(_LEFT)} {short(_BASE - v * scale)}H{WIDTH - 4}" for v in (0, top)]
    parts = [
        path("ch-grid", grid),
        *(write(_LEFT - 4, _BASE - v * scale + 4, count(v), "end") for v in (0, top)),
        path("ch-bar", own),
        path("ch-copy", copies),
        path("ch-talk", comments),
        *_marks(happened, [place(e.at) for e in happened]),
        write(_LEFT, _BASE + 14, _moment(first)),
        write(WIDTH - 4, _BASE + 14, _moment(last), "end"),
    ]
    said = translate("Từ %(first)s đến %(last)s: %(n)s tin, %(marks)s mốc.") % {
        "first": _moment(first), "last": _moment(last),
        "n": count(sum(b.total for b in buckets)), "marks": len(happened),
    }  # fmt: skip
    marks = [("ch-bar", translate("tin gốc"))]
    if any(b.copies for b in buckets):
        marks.append(("ch-copy", translate("tin chép lại")))
    if any(b.comments for b in buckets):
        marks.append(("ch-talk", translate("bình luận")))
    return frame(
        parts, key=key, height=_BASE + 18, title=title, desc=said,
        table=Table(
            (translate("Lúc"), *(words for _, words in marks)),
            [
                (_moment(b.at), *(count(getattr(b, _FIELDS[css])) for css, _ in marks))
                for b in buckets
            ],
        ),
        marks=marks if buckets else (), below=_listed(happened), translate=translate,
    )  # fmt: skip


def _marks(events: Sequence[Event], places: Sequence[float]) -> list[str]:
    """Return the numbered marks; those close together stand on different lanes."""
    ends = [float("-inf")] * _LANES
    found: list[str] = []
    for n, (event, x) in enumerate(zip(events, places, strict=True), 1):
        free = [lane for lane in range(_LANES) if x - ends[lane] >= _APART]
        lane = free[0] if free else min(range(_LANES), key=lambda i: ends[i])
        ends[lane] = x
        y = 9 + lane * _LANE
        found += [
            path("ch-drop", [f"M{short(x)} {short(y)}V{short(_BASE)}"]),
            f'<circle class="{safe(event.css)}" cx="{short(x)}" cy="{short(y)}" r="7"/>',
            write(x, y + 3.6, str(n), "middle", css="ch-number"),
        ]
    return found


def _listed(events: Sequence[Event]) -> Markup:
    if not events:
        return Markup("")
    lines = Markup("").join(
        Markup("<li>{} – {}</li>").format(_moment(e.at), _linked(e)) for e in events
    )
    return Markup('<ol class="events">{}</ol>').format(lines)


def _linked(event: Event) -> Markup:
    if not event.href.startswith("/") or event.href.startswith("//"):
        return safe(event.label)
    return Markup('<a href="{}">{}</a>').format(event.href, safe(event.label))


def _moment(at: datetime) -> str:
    return hanoi(at).strftime("%H:%M %d/%m")
