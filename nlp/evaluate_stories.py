"""How well a grouping agrees with a gold one: B-cubed and pairwise, side by side.

Pairwise figures are ruled by the few big stories; B-cubed counts every item once. Both are needed
to see a grouping that merges two small events or splits a large one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PRF:
    """Precision, recall and their harmonic mean, each 0..1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
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
