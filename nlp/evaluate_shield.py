"""How well the child shield hides what it must, and leaves alone what it may not touch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langnghe.core.types import Reading
from nlp.labels import Labelled


@dataclass(frozen=True)
class ShieldFigures:
    """Spans hidden of those that had to be, by kind; kept phrases that were broken."""

    hidden: dict[str, int]
    total: dict[str, int]
    broken: int
    kept: int

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


def shield_figures(
    pairs: Sequence[tuple[Labelled, Reading]], errors: list[dict[str, Any]]
) -> ShieldFigures | None:
    """Return the figures of rows that carry ``spans``, or ``None``; adds to ``errors``.

    Measured on the masked text alone: words of a span count as hidden where they stand fewer times
    in it than in the source, by as many as had to go.
    """
    hidden: Counter[str] = Counter()
    total: Counter[str] = Counter()
    kept = broken = rows = 0
    for row, reading in pairs:
        raw = row.raw or {}
        spans = raw.get("spans")
        if not isinstance(spans, list):
            continue
        rows += 1
        source, shown = row.item.full_text, reading.masked_text
        wanted = Counter(str(span.get("text")) for span in spans if isinstance(span, dict))
        for span in (span for span in spans if isinstance(span, dict)):
            words, kind = str(span.get("text")), str(span.get("kind"))
            total[kind] += 1
            if source.count(words) - shown.count(words) >= wanted[words]:
                hidden[kind] += 1
            else:
                errors.append(
                    {"id": row.item.id, "family": "shield", "gold": kind, "predicted": None}
                )
        keep = raw.get("keep")
        for phrase in keep if isinstance(keep, list) else ():
            kept += 1
            if str(phrase) in source and str(phrase) not in shown:
                broken += 1
                errors.append(
                    {"id": row.item.id, "family": "shield", "gold": "keep", "predicted": "broken"}
                )
    return ShieldFigures(dict(hidden), dict(total), broken, kept) if rows else None
