"""Count one day's mentions by unit and topic, up the tree: each mention once for every unit.

Pure, and free of order: the same mentions in any order give the same counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from langnghe.core.store.watch_counts import Count, Key, Told

KEPT_IDS = 30
"""Ids kept a count; enough to show what caused an alarm."""
ALL = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """Which unit lies below which, and how many children each has. Rings end where they began."""

    parents: Mapping[str, str | None]
    kinds: Mapping[str, str]
    children: Mapping[str, int]

    @classmethod
    def of(cls, units: Iterable[tuple[str, str, str | None]]) -> Tree:
        """Return the tree of (id, kind, parent) rows; a parent that is not watched is none."""
        rows = list(units)
        known = {unit for unit, _, _ in rows}
        parents = {unit: parent if parent in known else None for unit, _, parent in rows}
        children: dict[str, int] = {}
        for parent in parents.values():
            if parent is not None:
                children[parent] = children.get(parent, 0) + 1
        return cls(parents, {unit: kind for unit, kind, _ in rows}, children)

    def upward(self, unit: str) -> list[str]:
        """Return ``unit`` and all above it, nearest first; nothing for one that is not watched."""
        found: list[str] = []
        current: str | None = unit if unit in self.parents else None
        while current is not None and current not in found:
            found.append(current)
            current = self.parents[current]
        return found


@dataclass(frozen=True, slots=True)
class Rules:
    """Which mentions count: how surely about education, about a unit, about a topic."""

    education_p: float
    unit_p: float
    topic_p: float
    unwatched: frozenset[str]


@dataclass(slots=True)
class _Heap:
    originals: set[tuple[str, int]] = field(default_factory=set)
    copies: int = 0
    mentions: list[int] = field(default_factory=list)
    stories: list[int] = field(default_factory=list)


def tally(mentions: Iterable[Told], tree: Tree, rules: Rules) -> dict[Key, Count]:
    """Return the counts of one day by (unit, topic), topic "" for all.

    Denials and corrections do not count, and comments under one story count once a day: a hundred
    answers to one post are one matter being talked about.
    """
    heaps: dict[Key, _Heap] = {}
    paths: dict[str, list[str]] = {}
    for mention in sorted(mentions, key=lambda m: m.id):
        if not _counts(mention, rules):
            continue
        named = {h["topic"] for h in mention.topics if h["p"] >= rules.topic_p}
        topics = named - rules.unwatched
        if topics or not named:
            topics = topics | {ALL}
        units: dict[str, None] = {}
        for unit, p in mention.units.items():
            if p >= rules.unit_p:
                units.update(dict.fromkeys(paths.setdefault(unit, tree.upward(unit))))
        own = ("mention", mention.id)
        if mention.kind == "comment" and mention.story_id is not None:
            own = ("comments", mention.story_id)
        for unit in units:
            for topic in topics:
                _add(heaps.setdefault((unit, topic), _Heap()), mention, own)
    return {
        key: Count(
            len(heap.originals), heap.copies, tuple(heap.mentions[:KEPT_IDS]),
            tuple(dict.fromkeys(heap.stories))[:KEPT_IDS],
        )
        for key, heap in heaps.items()
    }  # fmt: skip


def _counts(mention: Told, rules: Rules) -> bool:
    return (
        mention.education_p >= rules.education_p
        and mention.scope != "foreign"
        and mention.stance not in ("deny", "correct")
    )


def _add(heap: _Heap, mention: Told, own: tuple[str, int]) -> None:
    if mention.copy:
        heap.copies += 1
    else:
        heap.originals.add(own)
        heap.mentions.append(mention.id)
    if mention.story_id is not None:
        heap.stories.append(mention.story_id)
