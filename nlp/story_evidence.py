"""What speaks for an item belonging to a story, weighed in one readable sum.

The weights are a logistic fit over (item, story) pairs of labelled news, rounded by hand; those for
units, topics and counts, which that set lacks, are set by judgement. Pure: no index, no clock.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from nlp.story_features import Features

RARE = 6.0
"""IDF from which a shared term is evidence by itself (in about one of 400 texts)."""
APART = 2.0
"""Rare names (no place or school) that outweigh two different provinces: about one person."""
VETOED = 0.3
LITTLE = 70.0
"""Weight of a handful of ordinary words, which halves the worth of their likeness."""


class Profile:
    """In how many of some items each term, place, unit and topic stands."""

    __slots__ = (
        "_repeated", "communes", "heads", "members", "provinces", "schools", "support", "topics",
        "units",
    )  # fmt: skip

    def __init__(self, repeated: Counter[str]) -> None:
        self._repeated = repeated  # by term, how often a profile says it again (shared by all)
        self.members = 0
        self.support: Counter[str] = Counter()
        self.heads: Counter[str] = Counter()
        self.provinces: Counter[str] = Counter()
        self.communes: Counter[str] = Counter()
        self.schools: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self.topics: Counter[str] = Counter()

    def add(self, f: Features, units: Iterable[str], topics: Iterable[str], sign: int) -> None:
        """Count one item in (``sign`` 1) or out (-1)."""
        self.members += sign
        again = [t for t in f.terms if self.support.get(t, 0) > (0 if sign > 0 else 1)]
        for term in again:
            left = self._repeated[term] + sign
            if left:
                self._repeated[term] = left
            else:
                del self._repeated[term]
        for counter, keys in (
            (self.support, f.terms),
            (self.heads, f.heads),
            (self.provinces, f.places.provinces),
            (self.communes, f.places.communes),
            (self.schools, f.places.schools),
            (self.units, units),
            (self.topics, topics),
        ):
            for key in keys:
                left = counter[key] + sign
                if left:
                    counter[key] = left
                else:
                    del counter[key]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one item belonging to one story; the inputs of ``likeness``.

    ``nearest``, ``whole``, ``covered`` (0..1): likeness to the nearest member, share of the item's
    weight the whole story says, share the nearest member says. ``rare``: weight of the shared rare
    ``terms``; ``apart`` the part of it that is a name, but of no place or school. ``place`` and the
    like: 1 same, -1 different, 0 unknown. ``days`` since the nearest or last member.
    """

    nearest: float
    whole: float
    covered: float
    rare: float
    apart: float
    place: float
    school: float
    commune: int
    units: int
    topics: int
    counts: int
    days: float
    members: int
    talk: bool
    terms: tuple[str, ...]


def likeness(e: Evidence) -> float:
    """Return 0..1: how sure the evidence makes one story of the two; half is the line."""
    z = (
        -2.7 + 3.2 * e.nearest + 2.0 * e.whole + 2.2 * e.covered + 0.45 * min(e.rare, 6.0)
        + (0.7 * e.place if e.place > 0 else -2.5 if e.place < 0 else 0.0)
        + (2.3 * e.school if e.school > 0 else -1.0 if e.school < 0 else 0.0)
        + (1.0 if e.commune > 0 else -0.2 if e.commune < 0 else 0.0)
        + 0.4 * (e.days < 1.5) - 0.4 * min(e.days, 7.0)
        # One shared rare word may be chance, above all in a comment; two are a subject.
        - (1.0 if e.talk else 0.3) * (len(e.terms) < 2)
        # A very big story touches everything; it must be joined for better reasons.
        - 0.1 * math.log(max(e.members / 12, 1.0))
        + 0.6 * e.units + 0.3 * e.topics + 0.3 * min(e.counts, 2)
    )  # fmt: skip
    value = 1 / (1 + math.exp(-z))
    return min(value, VETOED) if vetoed(e) else value


def vetoed(e: Evidence) -> bool:
    """Return whether the two speak of different places and no person's name joins them.

    Different places: another province, or another school in another commune.
    """
    return e.apart < APART and (e.place < 0 or (e.school < 0 and e.commune < 0))


def trust(vector: Mapping[str, float]) -> float:
    """Return 0..1: what a share of this text is worth. Of five words two are soon alike."""
    energy = sum(v * v for v in vector.values())
    return energy / (energy + LITTLE)


def overlap(
    vector: Mapping[str, float], story: Profile, nearest: Features
) -> tuple[float, float, list[str]]:
    """Return the shares (whole, covered) of ``vector`` that story and member say; shared terms."""
    energy = sum(v * v for v in vector.values()) or 1.0
    least = 1 if story.members < 4 else 2
    whole, shared = 0.0, []
    for term, value in vector.items():
        support = story.support.get(term)
        if support:
            # A big story holds a little of everything: a term weighs as the share that says it.
            whole += value * value * math.sqrt(support / story.members)
            if support >= least:
                shared.append(term)
    covered = sum(vector[t] ** 2 for t in nearest.terms if t in vector)
    return whole / energy, covered / energy, shared


def rare_terms(
    shared: Iterable[str], idf: Mapping[str, float], mine: Features, theirs: Features
) -> tuple[float, float, tuple[str, ...]]:
    """Return the weight of the rare ``shared`` terms, that of names but places, the terms."""
    spots, names = mine.spots | theirs.spots, mine.names | theirs.names
    # A pair and its own halves, or two overlapping pairs, are one piece of evidence.
    used: set[str] = set()
    total = apart = 0.0
    terms = []
    rare = (t for t in shared if idf[t] >= RARE)
    for term in sorted(rare, key=lambda t: (" " not in t, -idf[t], t)):
        halves = term.split()
        if used.isdisjoint(halves):
            used.update(halves)
            # Much happens in one commune or one large school; a person's name says more.
            weight = 0.7 if term in spots else 1.5 if term in names else 1.0
            value = weight * (idf[term] - RARE + 1) / 2
            total += value
            apart += value if term in names and term not in spots else 0.0
            terms.append(term)
    return total, apart, tuple(terms)


def agree(mine: Iterable[str], theirs: Mapping[str, int]) -> int:
    """Return 1 if any of ``mine`` is among ``theirs``, -1 if none is, 0 if either is empty."""
    mine = tuple(mine)
    if not mine or not theirs:
        return 0
    return 1 if any(key in theirs for key in mine) else -1


_LARGE = frozenset({"Ha Noi", "TPHCM"})


def agree_places(mine: frozenset[str], theirs: Mapping[str, int]) -> float:
    """Return as ``agree`` does, but up to 2 for two shared provinces and little for a metropolis.

    Half of all school news comes from two cities; a small province in common says more.
    """
    if not mine or not theirs:
        return 0.0
    worth = sum(0.35 if key in _LARGE else 1.0 for key in mine if key in theirs)
    return min(worth, 2.0) if worth else -1.0


def agree_names(mine: frozenset[str], theirs: Mapping[str, int]) -> int:
    """Return as ``agree`` does, taking a longer and a shorter form of one name as the same."""
    if not mine or not theirs:
        return 0
    same = any(
        f" {a} " in f" {b} " or f" {b} " in f" {a} " for a in mine for b in islice(theirs, 24)
    )
    return 1 if same else -1


def share_names(mine: frozenset[str], theirs: Mapping[str, int], members: int) -> float:
    """Return as ``agree_names`` does, but for agreement 0..1: how much a story is about the name.

    1 where half of its members bear it: a season of matches names every school once.
    """
    if agree_names(mine, theirs) <= 0:
        return float(agree_names(mine, theirs))
    most = max(
        n for b, n in theirs.items() for a in mine if f" {a} " in f" {b} " or f" {b} " in f" {a} "
    )
    return min(2.0 * most / max(members, 1), 1.0)


def reasons(e: Evidence) -> tuple[str, ...]:
    """Return short codes of what spoke for and against, a veto first."""
    why = ["veto:place"] if vetoed(e) else []
    why += [f"term:{t}" for t in e.terms[:4]]
    for name, sign in (
        ("place", e.place), ("school", e.school), ("commune", e.commune), ("unit", e.units)
    ):  # fmt: skip
        if sign:
            why.append(f"{'same' if sign > 0 else 'other'}:{name}")
    return tuple(why)
