"""Whether a story is a new burst of a remembered affair: the second level above stories.

Months lie between the bursts and every school year brings look-alikes, so ordinary likeness does
not count for much here: a link wants specific words in common (the school with its place, a
person, a rare name) and no other place or school against it. Pure: no index, no clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nlp.story_evidence import agree, agree_names, agree_places
from nlp.story_features import Features
from nlp.story_memory import DAY, StoryPrint

RARE = 6.0
"""Rarity (natural logarithm) from which a shared term counts by itself."""
LINK = 0.5
VETOED = 0.2
APART = 3.0
"""Weight of shared names of no place that outweighs another province or another school."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the first members of a new story speak of, taken together, at ``at`` seconds."""

    at: float
    idf: dict[str, float]
    vector: dict[str, float]
    energy: float
    names: frozenset[str]
    spots: frozenset[str]
    provinces: frozenset[str]
    communes: frozenset[str]
    schools: frozenset[str]
    units: frozenset[str]
    topics: frozenset[str]
    affair: frozenset[str]


def subject(
    at: float,
    texts: Sequence[Features],
    units: Iterable[str],
    topics: Iterable[str],
    rarity: Callable[[Iterable[str]], dict[str, float]],
) -> Subject:
    """Return what ``texts`` (the first few of a story) speak of together.

    ``rarity`` gives the natural logarithm of how rare each term is; ``vector`` holds the terms'
    weights of energy (weight times rarity squared).
    """
    weights: dict[str, int] = {}
    for f in texts:
        for term, weight in zip(f.terms, f.weights, strict=True):
            weights[term] = max(weights.get(term, 0), weight)
    idf = rarity(weights)
    vector = {t: w * idf[t] ** 2 for t, w in weights.items()}
    return Subject(
        at, idf, vector, sum(vector.values()) or 1.0,
        names=frozenset().union(*(f.names for f in texts)),
        spots=frozenset().union(*(f.spots for f in texts)),
        provinces=frozenset().union(*(f.places.provinces for f in texts)),
        communes=frozenset().union(*(f.places.communes for f in texts)),
        schools=frozenset().union(*(f.places.schools for f in texts)),
        units=frozenset(units), topics=frozenset(topics),
        affair=next((f.affair for f in reversed(texts) if f.affair), frozenset()),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """What speaks for one affair; the inputs of ``affair``.

    ``rare``: weight of the shared rare ``terms``; ``apart`` the part of it that is a name but of no
    place or school. ``whole``: share (0..1) of the subject's weight that the print says. ``place``
    and the like: above 0 same (a part of 1 for a school with a usual name), -1 different, 0
    unknown. ``days`` between the two, 0 when they overlap. ``label``: weight of the pairs by which
    the headline names the affair ("Vụ …") that the old headlines say as well.
    """

    rare: float
    apart: float
    whole: float
    place: float
    school: float
    commune: int
    units: int
    topics: int
    days: float
    label: float
    terms: tuple[str, ...]


def link(new: Subject, told: StoryPrint) -> Link:
    """Return what speaks for and against ``new`` and ``told`` being one affair."""
    shared = {t: math.sqrt(n / 100) for t, n in told.terms.items() if t in new.vector}
    said = sum(new.vector[t] * share for t, share in shared.items())
    rare, apart, terms = _rare(new, told, shared)
    gap = max(told.first - new.at, new.at - told.last, 0.0)
    return Link(
        rare=rare, apart=apart, whole=said / new.energy,
        place=agree_places(new.provinces, told.of("provinces")),
        school=_school(new, told),
        commune=agree_names(new.communes, told.of("communes")),
        units=agree(new.units, told.of("units")),
        topics=agree(new.topics, told.of("topics")),
        days=gap / DAY, label=_label(new, told), terms=terms,
    )  # fmt: skip


def _school(new: Subject, told: StoryPrint) -> float:
    theirs = told.of("schools")
    sign = agree_names(new.schools, theirs)
    if sign <= 0:
        return float(sign)
    # Every province has a Lê Quý Đôn; a Suối Vạc there is one.
    best = 0.0
    for name in new.schools:
        if agree_names(frozenset({name}), theirs) > 0:
            words = name.split()
            pairs = [f"{a} {b}" for a, b in pairwise(words)] or words
            best = max(best, *(new.idf.get(pair, 0.0) for pair in pairs))
    return min(max((best - 4.0) / 4.0, 0.2), 1.0)


def _label(new: Subject, told: StoryPrint) -> float:
    if not new.affair:
        return 0.0
    idf = new.idf
    heads = told.of("heads")
    total = said = 0.0
    used: set[str] = set()
    for pair in sorted(new.affair, key=lambda t: (-idf.get(t, 0.0), t)):
        halves = pair.split()
        if pair in idf and used.isdisjoint(halves):
            used.update(halves)
            total += idf[pair]
            said += idf[pair] if pair in heads else 0.0
    # Half of a name for an affair is no name: "vụ cháy" fits any.
    return said * said / total if total else 0.0


def _rare(
    new: Subject, told: StoryPrint, shared: Mapping[str, float]
) -> tuple[float, float, tuple[str, ...]]:
    idf = new.idf
    used: set[str] = set()
    total = apart = 0.0
    terms = []
    rare = (t for t in shared if idf[t] >= RARE)
    for term in sorted(rare, key=lambda t: (" " not in t, -idf[t], t)):
        halves = term.split()
        # A pair and its own halves, or two overlapping pairs, are one piece of evidence.
        if used.isdisjoint(halves):
            used.update(halves)
            spot = term in new.spots or term in told.spots
            name = not spot and (term in new.names or term in told.names)
            weight = 0.7 if spot else 1.5 if name else 1.0
            value = weight * (idf[term] - RARE + 1) / 2 * shared[term]
            total += value
            apart += value if name else 0.0
            terms.append(term)
    return total, apart, tuple(terms)


def affair(e: Link) -> float:
    """Return 0..1: how sure the evidence makes one affair of the two; half is the line."""
    z = (
        -5.4 + 0.65 * min(e.rare, 8.0) + 1.8 * e.whole
        + (1.3 * e.place if e.place > 0 else -1.8 if e.place < 0 else 0.0)
        + (4.3 * e.school if e.school > 0 else -0.7 if e.school < 0 else 0.0)
        + (0.8 if e.commune > 0 else -0.5 if e.commune < 0 else 0.0)
        + 0.32 * min(e.label, 20.0) - 0.1 * math.log1p(e.days)
        + 0.6 * e.units + 0.3 * e.topics
    )  # fmt: skip
    value = 1 / (1 + math.exp(-z))
    return min(value, VETOED) if opposed(e) else value


def opposed(e: Link) -> bool:
    """Return whether the two name different places or schools and no person's name joins them."""
    return e.apart < APART and (e.place < 0 or (e.school < 0 and e.commune <= 0))
