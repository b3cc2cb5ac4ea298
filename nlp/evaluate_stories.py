"""How well a grouping agrees with a gold one: B-cubed and pairwise, side by side, at both levels.

Pairwise figures are ruled by the few big stories; B-cubed counts every item once. Both are needed
to see a grouping that merges two small events or splits a large one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from langnghe.core.types import Item
from nlp.stories import StoryItem, group_all


@dataclass(frozen=True, slots=True)
class PRF:
    """Precision, recall and their harmonic mean, each 0..1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Return the harmonic mean of both, 0 where both are 0."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class GroupingScore:
    """The agreement of two groupings over ``items`` items."""

    items: int
    gold_stories: int
    predicted_stories: int
    b_cubed: PRF
    pairwise: PRF

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self) | {
            name: {**asdict(prf), "f1": round(prf.f1, 4)}
            for name, prf in (("b_cubed", self.b_cubed), ("pairwise", self.pairwise))
        }

    def lines(self, level: str = "stories") -> list[str]:
        """Return the rows of the table."""
        head = (
            f"{level}: {self.items} items, {self.gold_stories} gold, {self.predicted_stories} told"
        )
        return [f"{head:44}{'P':>8}{'R':>8}{'F1':>8}"] + [
            f"  {name:42}{prf.precision:8.3f}{prf.recall:8.3f}{prf.f1:8.3f}"
            for name, prf in (("B-cubed", self.b_cubed), ("pairwise", self.pairwise))
        ]


@dataclass(frozen=True, slots=True)
class StoryScores:
    """Bursts (``stories``) and, where the gold file has them, whole affairs (``events``)."""

    stories: GroupingScore
    events: GroupingScore | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values: those of the story level, the event level under ``events``."""
        events = self.events.to_dict() if self.events is not None else None
        return self.stories.to_dict() | {"events": events}

    def lines(self) -> list[str]:
        """Return the rows of the table."""
        events = self.events.lines("events") if self.events is not None else []
        return [*self.stories.lines(), *events]


def stories_score(rows: Sequence[tuple[Item, str, str | None]]) -> StoryScores | None:
    """Group (item, gold story, gold event) rows as ``langnghe cluster`` would.

    ``None`` without any row; the event level counts the rows that name an event.
    """
    if not rows:
        return None
    timed = sorted(rows, key=lambda row: (_seen(row[0]), row[0].id))
    placed = group_all(
        StoryItem(item.id, _seen(item), item.title, item.text, kind=item.kind)
        for item, _, _ in timed
    )
    events = {item.id: event for item, _, event in rows if event is not None}
    return StoryScores(
        stories=score_grouping(
            {item.id: story for item, story, _ in rows}, {str(p.id): p.story for p in placed}
        ),
        events=score_grouping(events, {str(p.id): p.event for p in placed}) if events else None,
    )


def _seen(item: Item) -> datetime:
    return item.seen_at or item.published_at or datetime(1970, 1, 1, tzinfo=UTC)


def score_grouping(
    gold: Mapping[str, Hashable], predicted: Mapping[str, Hashable]
) -> GroupingScore:
    """Compare ``predicted`` with ``gold``, both item id -> story id.

    Only items of ``gold`` count; one that ``predicted`` lacks stands alone. Where there is no pair
    at all on one side, that side's pairwise figure is 1: nothing was there to be got wrong.
    """
    pairs = [(story, predicted.get(item, ("alone", item))) for item, story in gold.items()]
    both, golds = Counter(pairs), Counter(g for g, _ in pairs)
    guesses = Counter(p for _, p in pairs)
    n = len(pairs)
    precision = sum(c * c / guesses[p] for (_, p), c in both.items()) / n if n else 0.0
    recall = sum(c * c / golds[g] for (g, _), c in both.items()) / n if n else 0.0
    hit, said, true = (
        sum(c * (c - 1) // 2 for c in counts.values()) for counts in (both, guesses, golds)
    )
    return GroupingScore(
        items=n,
        gold_stories=len(golds),
        predicted_stories=len(guesses),
        b_cubed=PRF(precision, recall),
        pairwise=PRF(hit / said if said else 1.0, hit / true if true else 1.0),
    )
