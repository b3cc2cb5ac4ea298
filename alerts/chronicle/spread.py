"""Who told it first and who copied whom: independent sources kept apart from their echoes. Pure.

The grouping stage marks a copy by what it had seen before; a text that is published first may
arrive last. So each family of copies is put in order by its own times here: the earliest is the
origin, whichever way the marks point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.chronicle.told import Told

FAMILIES = 12
MEMBERS = 25


@dataclass(frozen=True, slots=True)
class Source:
    """A mention by its place: who, when, what it is called (masked)."""

    id: int
    at: datetime
    outlet: str
    title: str
    kind: str
    tier: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy; ``of`` is the mention it was taken from, ``depth`` its distance from the origin."""

    source: Source
    of: int
    depth: int
    delay: timedelta


@dataclass(frozen=True, slots=True)
class Family:
    """An original and its copies in the order of the tree; ``more`` copies are not listed."""

    origin: Source
    copies: tuple[Copy, ...]
    more: int

    @property
    def size(self) -> int:
        """Return how many copies there are."""
        return len(self.copies) + self.more


@dataclass(frozen=True, slots=True)
class Spread:
    """``independent`` publishers with something of their own, ``echoing`` ones that only copied.

    ``originals``, ``copies`` and ``comments`` count mentions; comments belong to neither.
    """

    first: Source
    first_article: Source | None
    independent: int
    echoing: int
    originals: int
    copies: int
    comments: int
    families: tuple[Family, ...]
    more_families: int


def spread_of(told: Sequence[Told]) -> Spread:
    """Return how a story spread. ``told`` in order, not empty."""
    origin = origins(told)
    by_id = {t.id: t for t in told}
    children: dict[int, list[Told]] = {}
    for one in told:
        if origin[one.id] != one.id:
            children.setdefault(origin[one.id], []).append(one)
    articles = [t for t in told if not t.is_comment]
    own = [t for t in articles if origin[t.id] == t.id]
    independent = {t.voice for t in own}
    ranked = sorted(children, key=lambda root: (-len(children[root]), by_id[root].at, root))
    return Spread(
        first=source(told[0]),
        first_article=source(own[0]) if own else None,
        independent=len(independent),
        echoing=len({t.voice for t in articles} - independent),
        originals=len(own),
        copies=len(articles) - len(own),
        comments=len(told) - len(articles),
        families=tuple(_family(by_id[root], children[root]) for root in ranked[:FAMILIES]),
        more_families=max(0, len(ranked) - FAMILIES),
    )


def source(told: Told) -> Source:
    """Return the place of a mention."""
    return Source(told.id, told.at, told.outlet, told.title, told.kind, told.tier)


def origins(told: Sequence[Told]) -> dict[int, int]:
    """Return the origin of each mention: the earliest of its family of copies (itself, if alone).

    ``told`` in order. Marks that point outside the story or in a ring do no harm.
    """
    rank = {t.id: n for n, t in enumerate(told)}
    parent = {t.id: t.id for t in told}

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for one in told:
        if one.copy_of in parent:
            a, b = root(one.id), root(one.copy_of)
            early, late = (a, b) if rank[a] <= rank[b] else (b, a)
            parent[late] = early
    return {t.id: root(t.id) for t in told}


def _family(first: Told, members: Sequence[Told]) -> Family:
    """Return the tree below ``first``; a mark that points forward in time leads to the origin."""
    ids = {t.id for t in members}
    place = {t.id: (t.at, t.id) for t in members}
    below: dict[int, list[Told]] = {}
    for one in members:
        of = one.copy_of
        earlier = of in ids and of is not None and place[of] < (one.at, one.id)
        below.setdefault(of if earlier and of is not None else first.id, []).append(one)
    listed: list[Copy] = []
    waiting = [(child, first.id, 1) for child in reversed(below.get(first.id, ()))]
    while waiting and len(listed) < MEMBERS:
        child, taken_from, depth = waiting.pop()
        listed.append(Copy(source(child), taken_from, depth, child.at - first.at))
        waiting += [(c, child.id, depth + 1) for c in reversed(below.get(child.id, ()))]
    return Family(source(first), tuple(listed), len(members) - len(listed))
