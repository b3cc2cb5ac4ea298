"""What people's decisions about stories teach grouping: how it would decide them, and new weights.

Each mention that a person placed is held against the story it was taken from and against the one it
was put into, by the evidence grouping itself looks at. What is learnt is a small shift of that
evidence's weights: the shipped ones stay as a prior, and a veto stays a veto. Pure and without
chance; the shift holds no word of any text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from langnghe.core.errors import InputError
from langnghe.core.hand import Decision, Kind
from nlp.stories import JOIN, StoryIndex, StoryItem
from nlp.story_evidence import VETOED, Evidence, likeness, vetoed

Judge = Callable[[Evidence], float]
Numbers = NDArray[np.float64]

MIN_DECISIONS = 8
MIN_LESSONS = 20
FORMAT = 1
_FOLDS = 4
_TRUST = 0.6
"""How far a weight may shift: its standard deviation under the prior, in log odds."""
_PER_DECISION = 12
_EVER = timedelta(days=36_500)
_NAMES = (
    "all", "nearest", "whole", "covered", "rare", "place", "other_place", "school", "other_school",
    "commune", "other_commune", "units", "other_units", "topics", "fresh", "days",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lesson:
    """A mention and a story's other mentions: does it belong there?"""

    decision: int
    item: StoryItem
    side: tuple[StoryItem, ...]
    same: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """How grouping would decide what people decided. ``unseen``: it finds no likeness at all."""

    lessons: int
    agreed: int
    joined_wrongly: int
    parted_wrongly: int
    unseen: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """A shift, and what it does to lessons it was not learnt from.

    ``loss`` is the mean log loss, ``agreed`` how many lessons grouping decides as people did.
    """

    shift: Mapping[str, float]
    decisions: int
    lessons: int
    loss: tuple[float, float]
    agreed: tuple[int, int]

    @property
    def better(self) -> bool:
        """Return whether grouping decides more of the held-out lessons as people did, and surer."""
        before, after = self.loss
        return after < before and self.agreed[1] > self.agreed[0]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, before and after."""
        return {
            "format": FORMAT, "shift": dict(self.shift), "decisions": self.decisions,
            "lessons": self.lessons, "loss": list(self.loss), "agreed": list(self.agreed),
            "better": self.better,
        }  # fmt: skip


def lessons_of(decision: Decision, items: Mapping[int, StoryItem]) -> Iterator[Lesson]:
    """Yield what a standing decision about mentions teaches; ``items`` are those still stored."""
    moved, left, there = (
        [items[i] for i in decision.before.get(key, ()) if i in items]
        for key in ("moved", "left", "there")
    )
    for item in moved[:_PER_DECISION]:
        if left:
            yield Lesson(decision.id, item, tuple(left), False)
        if there:
            yield Lesson(decision.id, item, tuple(there), True)
        others = tuple(m for m in moved if m.id != item.id)
        if decision.kind is Kind.SPLIT and others:
            yield Lesson(decision.id, item, others, True)


def shifted(shift: Mapping[str, float]) -> Judge:
    """Return the likeness of grouping with its weights shifted; a veto stands."""
    weights = np.array([shift.get(name, 0.0) for name in _NAMES])

    def judge(e: Evidence) -> float:
        odds = _odds(likeness(e)) + float(weights @ _inputs(e))
        value = 1 / (1 + math.exp(-odds))
        return min(value, VETOED) if vetoed(e) else value

    return judge


def told(raw: Any) -> dict[str, float]:
    """Return the shift that ``Learnt.to_dict`` wrote. Raises ``InputError`` for anything else."""
    try:
        shift = {str(name): float(value) for name, value in raw["shift"].items()}
        sound = raw["format"] == FORMAT and all(map(math.isfinite, shift.values()))
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise InputError("Trọng số gom cụm đã học không đọc được.") from error
    if not sound or not shift.keys() <= set(_NAMES):
        raise InputError("Trọng số gom cụm đã học không đúng mẫu.")
    return shift


def agreement(lessons: Iterable[Lesson], judge: Judge = likeness) -> Agreement:
    """Return how grouping with ``judge`` decides what people decided."""
    counted = agreed = joined = parted = unseen = 0
    for lesson in lessons:
        says, evidence = _looked_at(lesson, judge)
        counted += 1
        agreed += says is lesson.same
        joined += says and not lesson.same
        parted += lesson.same and not says
        unseen += evidence is None and not says
    return Agreement(counted, agreed, joined, parted, unseen)


def learn(lessons: Sequence[Lesson]) -> Learnt:
    """Fit a shift to all lessons; judge it by folds of whole decisions it was not fitted to.

    Raises ``InputError`` where there are too few to tell.
    """
    told_by = [(lesson, *_looked_at(lesson, likeness)) for lesson in lessons]
    # Copies, vetoes and texts without a word in common are not decided by weights.
    usable = [(one, e) for one, _, e in told_by if e is not None and not vetoed(e)]
    owner = [one.decision for one, _ in usable]
    decisions = sorted(set(owner))
    if len(decisions) < MIN_DECISIONS or len(usable) < MIN_LESSONS:
        raise InputError(
            f"Mới có {len(decisions)} quyết định ({len(usable)} cặp) học được, chưa đủ để dạy lại.",
            mend=f"Cần ít nhất {MIN_DECISIONS} quyết định và {MIN_LESSONS} cặp.",
        )
    x = np.array([_inputs(e) for _, e in usable])
    y = np.array([float(one.same) for one, _ in usable])
    z = np.array([_odds(likeness(e)) for _, e in usable]) - _odds(JOIN)
    # Every decision has a like say, however many mentions it moved.
    weight = np.array([1 / math.sqrt(owner.count(d)) for d in owner])
    fold = {d: at % _FOLDS for at, d in enumerate(decisions)}
    folds = np.array([fold[d] for d in owner])
    unseen, agreed = np.empty(len(z)), 0
    for at in range(_FOLDS):
        held, rest = folds == at, folds != at
        shift = _fit(x[rest], y[rest], z[rest], weight[rest])
        unseen[held] = z[held] + x[held] @ shift
        here = [one for one, _ in usable if fold[one.decision] == at]
        agreed += agreement(here, shifted(_named(shift))).agreed
    before = sum(says is one.same for one, says, e in told_by if e is not None and not vetoed(e))
    return Learnt(
        shift=_named(_fit(x, y, z, weight)),
        decisions=len(decisions),
        lessons=len(usable),
        loss=(_loss(z, y, weight), _loss(unseen, y, weight)),
        agreed=(before, agreed),
    )


def _named(shift: Numbers) -> dict[str, float]:
    return {n: round(float(v), 4) for n, v in zip(_NAMES, shift, strict=True) if abs(v) > 1e-3}


def _looked_at(lesson: Lesson, judge: Judge) -> tuple[bool, Evidence | None]:
    """Return whether grouping would join the two, and by what evidence (``None``: by none)."""
    seen: list[tuple[float, Evidence]] = []

    def noting(evidence: Evidence) -> float:
        seen.append((judge(evidence), evidence))
        return seen[-1][0]

    index = StoryIndex(window=_EVER, judge=noting)
    for item in sorted(lesson.side, key=lambda i: (i.at, str(i.id))):
        index.insert(item, "side")
    says = index.assign(lesson.item)
    best = max(seen, key=lambda pair: pair[0], default=None)
    return says.story is not None, None if best is None else best[1]


def _inputs(e: Evidence) -> Numbers:
    return np.array([
        1.0, e.nearest, e.whole, e.covered, min(e.rare, 6.0) / 6, e.place > 0, e.place < 0,
        e.school > 0, e.school < 0, e.commune > 0, e.commune < 0, e.units > 0, e.units < 0,
        e.topics > 0, e.days < 1.5, min(e.days, 7.0) / 7,
    ], dtype=np.float64)  # fmt: skip


def _fit(x: Numbers, y: Numbers, offset: Numbers, weight: Numbers) -> Numbers:
    def cost(shift: Numbers) -> tuple[float, Numbers]:
        odds = offset + x @ shift
        loss = (weight * (np.logaddexp(0.0, odds) - y * odds)).sum()
        pull = x.T @ (weight * (_sigmoid(odds) - y))
        return float(loss + shift @ shift / (2 * _TRUST**2)), pull + shift / _TRUST**2

    found = optimize.minimize(cost, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x)


def _loss(odds: Numbers, y: Numbers, weight: Numbers) -> float:
    loss = (weight * (np.logaddexp(0.0, odds) - y * odds)).sum() / weight.sum()
    return round(float(loss), 5)


def _odds(p: float) -> float:
    sure = min(max(p, 1e-6), 1 - 1e-6)
    return math.log(sure / (1 - sure))


def _sigmoid(odds: Numbers) -> Numbers:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -40, 40))))
