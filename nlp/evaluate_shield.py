"""How well the child shield hides what it must, and leaves alone what it may not touch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from langnghe.core.text import clean
from langnghe.core.types import Reading
from nlp.labels import Labelled

CHILD_NAME = "child_name"


@dataclass(frozen=True)
class ShieldRow:
    """What became of one text: spans that had to go and phrases that had to stay."""

    hidden: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    broken: int = 0

    def numbers(self) -> tuple[int, int, int, int, int, int]:
        """Return spans, leaked, child names, leaked child names, kept phrases, broken ones."""
        spans, names = self.total.total(), self.total[CHILD_NAME]
        return (
            spans, spans - self.hidden.total(), names, names - self.hidden[CHILD_NAME],
            self.kept, self.broken,
        )  # fmt: skip


def shield_row(row: Labelled, reading: Reading) -> ShieldRow | None:
    """Return what became of one row, or ``None`` where it carries no ``spans``.

    Measured on the masked text alone: words of a span count as hidden where they stand fewer times
    in it than in the source, by as many as had to go.
    """
    raw = row.raw or {}
    spans, keep = raw.get("spans"), raw.get("keep")
    if not isinstance(spans, list):
        return None
    source, shown = row.item.full_text, reading.masked_text
    wanted = Counter(_words(span) for span in spans if isinstance(span, dict))
    hidden: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for span in (span for span in spans if isinstance(span, dict)):
        words, kind = _words(span), str(span.get("kind"))
        total[kind] += 1
        hidden[kind] += source.count(words) - shown.count(words) >= wanted[words]
    phrases = [str(phrase) for phrase in keep] if isinstance(keep, list) else []
    broken = sum(phrase in source and phrase not in shown for phrase in phrases)
    return ShieldRow(hidden, total, len(phrases), broken)


def _words(span: dict[str, object]) -> str:
    # A row may spell a name with loose or hidden marks; items are cleaned of them on their way in.
    return clean(str(span.get("text")))


@dataclass(frozen=True)
class ShieldFigures:
    """Spans hidden of those that had to be, by kind; kept phrases that were broken."""

    hidden: dict[str, int]
    total: dict[str, int]
    broken: int
    kept: int

    @classmethod
    def of(cls, rows: Iterable[ShieldRow]) -> ShieldFigures:
        """Return the sums over rows."""
        hidden: Counter[str] = Counter()
        total: Counter[str] = Counter()
        kept = broken = 0
        for row in rows:
            hidden += row.hidden
            total += row.total
            kept += row.kept
            broken += row.broken
        return cls(dict(hidden), dict(total), broken, kept)

    @property
    def recall(self) -> float:
        """Return the share of spans hidden, over all kinds."""
        whole = sum(self.total.values())
        return sum(self.hidden.values()) / whole if whole else 1.0

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "recall": round(self.recall, 4),
            "by_kind": {
                kind: {"hidden": self.hidden.get(kind, 0), "spans": count}
                for kind, count in sorted(self.total.items())
            },
            "kept_phrases": self.kept,
            "kept_phrases_broken": self.broken,
        }

    def lines(self) -> list[str]:
        """Return the rows of the printed table."""
        rows = [f"{'shield':44}{'recall':>8}{'spans':>8}"]
        for kind, count in sorted(self.total.items()):
            rows.append(f"  {kind:42}{self.hidden.get(kind, 0) / count:8.3f}{count:8d}")
        rows.append(f"  {'all':42}{self.recall:8.3f}{sum(self.total.values()):8d}")
        rows.append(f"  {'kept phrases broken':42}{self.broken:8d}{self.kept:8d}")
        return rows
