"""How good are the chances? Brier score, skill against the plain rate, and a reliability plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from alerts.forecast.model import HOURS, Key, Model
from alerts.forecast.trajectories import Moment
from langnghe.core.policy.model import Policy

EDGES = (0.0, 0.01, 0.03, 0.07, 0.15, 0.3, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Moments whose chance fell into one range: how many, what was said, what came."""

    count: int
    said: float
    came: float


@dataclass(frozen=True, slots=True)
class Score:
    """Figures of one (level, hours). ``plain`` is the Brier score of always saying the rate that
    stories of the same level had; ``skill`` is 1 - brier / plain (above 0: better than that).

    ``untold`` counts moments at which the model said it had too little to go on.
    """

    key: Key
    moments: int
    stories_risen: int
    brier: float
    plain: float
    untold: int
    bins: tuple[Bin, ...]

    @property
    def skill(self) -> float:
        """Return the Brier skill score against the plain rate."""
        return 1 - self.brier / self.plain if self.plain else 0.0


def measure(model: Model, lived: Sequence[Moment], policy: Policy) -> list[Score]:
    """Return one score for each target and horizon the model speaks of."""
    found = []
    told = [(m, model.forecast(m.signs, m.at, policy).chances) for m in lived]
    for key in ((level, hours) for level in model.weights for hours in HOURS):
        rows = [(chances[key], m) for m, chances in told if key in m.rose and key in chances]
        untold = sum(key in m.rose and key not in chances for m, chances in told)
        if not rows:
            continue
        rates: dict[int, float] = {}
        for level in {m.signs.level for _, m in rows}:
            same = [m.rose[key] for _, m in rows if m.signs.level == level]
            rates[level] = sum(same) / len(same)
        found.append(
            Score(
                key=key,
                moments=len(rows),
                stories_risen=len({m.story for _, m in rows if m.rose[key]}),
                brier=sum((p - m.rose[key]) ** 2 for p, m in rows) / len(rows),
                plain=sum((rates[m.signs.level] - m.rose[key]) ** 2 for _, m in rows) / len(rows),
                untold=untold,
                bins=_bins([(p, m.rose[key]) for p, m in rows]),
            )
        )
    return found


def _bins(pairs: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    found = []
    for low, high in pairwise(EDGES):
        inside = [(p, came) for p, came in pairs if low <= p < high or (high == 1.0 and p == 1.0)]
        if inside:
            n = len(inside)
            found.append(Bin(n, sum(p for p, _ in inside) / n, sum(c for _, c in inside) / n))
    return tuple(found)


def table(scores: Sequence[Score], policy: Policy) -> str:
    """Return the figures as Markdown in Vietnamese."""
    lines = [
        "| Mốc | Thời điểm | Cụm tin lên mức | Brier | Brier của tỷ lệ chung | Hơn | Chưa đủ |",
        "|---|---|---|---|---|---|---|",
    ]
    for s in scores:
        level, hours = s.key
        lines.append(
            f"| {policy.level(level).name} trong {hours} giờ | {s.moments} | {s.stories_risen} "
            f"| {s.brier:.4f} | {s.plain:.4f} | {s.skill:.0%} | {s.untold} |"
        )
    return "\n".join(lines)


def plot(scores: Sequence[Score], policy: Policy) -> str:
    """Return a reliability plot as SVG: what was said against what came, one line a horizon."""
    side, pad = 320, 44
    colours = ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#cf222e", "#57606a")

    def spot(x: float, y: float) -> tuple[float, float]:
        return pad + x**0.5 * side, pad + side - y**0.5 * side

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side + 2 * pad + 130} '
        f'{side + 2 * pad}" font-family="sans-serif" font-size="11">',
        f'<rect x="{pad}" y="{pad}" width="{side}" height="{side}" fill="none" stroke="#888"/>',
        '<line x1="{:.0f}" y1="{:.0f}" x2="{:.0f}" y2="{:.0f}" stroke="#888" '
        'stroke-dasharray="4 3"/>'.format(*spot(0, 0), *spot(1, 1)),
    ]
    for mark in (0.01, 0.05, 0.2, 0.5, 1.0):
        x, y = spot(mark, mark)
        parts.append(
            f'<text x="{x:.0f}" y="{pad + side + 14}" text-anchor="middle">{mark:.0%}</text>'
        )
        parts.append(f'<text x="{pad - 4}" y="{y + 4:.0f}" text-anchor="end">{mark:.0%}</text>')
    for number, score in enumerate(scores):
        colour = colours[number % len(colours)]
        spots = [spot(b.said, b.came) for b in score.bins]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_size(b)}" fill="{colour}"/>'
            for (x, y), b in zip(spots, score.bins, strict=True)
        ]
        name = f"{policy.level(score.key[0]).name}, {score.key[1]} giờ"
        parts.append(
            f'<text x="{pad + side + 12}" y="{pad + 14 + 16 * number}" fill="{colour}">'
            f"{escape(name)}</text>"
        )
    parts.append(f'<text x="{pad}" y="{pad + side + 32}">đã nói (trục căn bậc hai)</text>')
    parts.append(f'<text x="{pad}" y="{pad - 8}">đã xảy ra</text></svg>')
    return "\n".join(parts)


def _size(told: Bin) -> str:
    return f"{2 + min(told.count, 400) ** 0.5 / 4:.1f}"
