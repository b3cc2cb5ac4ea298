"""Two models on the same gold: which figures differ by more than chance, and which got worse.

The two read the same rows and share the bootstrap draws, so what is easy or hard in the gold
cancels out and a small but steady difference is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlp.evaluate import gold_rows, read_pairs
from nlp.figures import Figure, Measure, bootstrap, difference
from nlp.measures import gauges, table
from nlp.reader import Reader

PROBABLY = 0.8
NEGLIGIBLE = 0.005  # a fall that small is let pass even where it is no chance


@dataclass(frozen=True)
class Change:
    """One figure of two models; ``gain`` is candidate minus current, turned so that up is good.

    ``fell`` is the share of draws in which it got worse; ``material`` as in ``figures.Gauge``.
    """

    current: float
    candidate: float
    gain: Figure
    fell: float
    material: float
    higher_is_better: bool

    @property
    def worse(self) -> bool:
        """Say whether it fell by more than chance, or probably by an amount that matters."""
        matters = self.gain.value < -self.material
        surely = self.gain.high < 0 and self.gain.value <= -NEGLIGIBLE
        return surely or (matters and (self.fell >= PROBABLY or not self.material))

    @property
    def better(self) -> bool:
        """Say whether it rose by more than chance."""
        return self.gain.low > 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "current": round(self.current, 4),
            "candidate": round(self.candidate, 4),
            "gain": self.gain.to_dict(),
            "higher_is_better": self.higher_is_better,
            "verdict": "worse" if self.worse else "better" if self.better else "same",
        }


@dataclass(frozen=True)
class Comparison:
    """Every figure of two models on one gold file."""

    current: str
    candidate: str
    rows: int
    changes: dict[str, Change]

    @property
    def worse(self) -> list[str]:
        """Return the names of figures that are worse by chance-proof or material amounts."""
        return [name for name, change in self.changes.items() if change.worse]

    @property
    def better(self) -> list[str]:
        """Return the names of figures that rose by more than chance."""
        return [name for name, change in self.changes.items() if change.better]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "current": self.current,
            "candidate": self.candidate,
            "rows": self.rows,
            "worse": self.worse,
            "better": self.better,
            "figures": {name: change.to_dict() for name, change in self.changes.items()},
        }

    def render(self) -> str:
        """Return the table as plain text of at most about 90 columns."""
        lines = [
            f"model {self.current} → {self.candidate} · {self.rows} rows",
            f"{'measure':40}{'now':>8}{'then':>8}{'gain':>8}   95% interval",
        ]
        for name, change in self.changes.items():
            gain = change.gain
            mark = "  worse" if change.worse else "  better" if change.better else ""
            lines.append(
                f"{name:40}{change.current:8.3f}{change.candidate:8.3f}{gain.value:+8.3f}"
                f"   {gain.low:+.3f} – {gain.high:+.3f}{mark}"
            )
        return "\n".join(lines)


def compare(gold_path: Path | Sequence[Path], current: Reader, candidate: Reader) -> Comparison:
    """Compare two readers on one gold file, or on several taken together.

    Give several files only if they hold different label families, or the figures of a family mix.
    Raises ``InputError`` for a file that cannot be opened or holds no good line.
    """
    paths = [gold_path] if isinstance(gold_path, Path) else gold_path
    rows = [row for path in paths for row in gold_rows(path)[0]]
    old, new = table(read_pairs(rows, current)), table(read_pairs(rows, candidate))
    before, after = gauges(old), gauges(new)
    both = [name for name in before if name in after]
    measures: dict[str, Measure] = {}
    for name in both:
        measures[f"old {name}"] = before[name].measure
        measures[f"new {name}"] = after[name].measure
        first, second = after[name].measure, before[name].measure
        if not before[name].higher_is_better:
            first, second = second, first
        measures[name] = difference(first, second)
    drawn = bootstrap(measures, old.groups)
    changes: dict[str, Change] = {}
    for name in both:
        gain = drawn[name].figure()
        if gain is not None:
            changes[name] = Change(
                current=drawn[f"old {name}"].value,
                candidate=drawn[f"new {name}"].value,
                gain=gain,
                fell=float(np.nanmean(drawn[name].draws < 0)),
                material=before[name].material,
                higher_is_better=before[name].higher_is_better,
            )
    return Comparison(current.version, candidate.version, len(rows), changes)
