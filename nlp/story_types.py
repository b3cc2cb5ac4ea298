"""What grouping is given and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Id = int | str


@dataclass(frozen=True, slots=True)
class StoryItem:
    """One mention as grouping sees it. ``counts`` are numbers of people the facts state."""

    id: Id
    at: datetime
    title: str | None
    text: str | None
    kind: str = "news"
    units: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where an item belongs.

    ``story`` is ``None`` when it opens a story of its own; ``event`` is then the older affair that
    story belongs to, or ``None`` for a new affair. For a known story ``event`` is its event, which
    may be a new answer while the story is young (see ``StoryIndex.assign``).
    ``similarity`` is 0..1 for the best story found (also when it was not enough); ``copy_of`` is
    the id of the first recorded item with nearly the same wording; ``why`` holds short codes:
    ``term:…`` (a shared rare term, folded), ``same:…`` and ``other:…`` (place, school, commune,
    unit), ``veto:place``, ``copy``, ``known``, ``event`` (an older affair was found).
    """

    story: Id | None
    similarity: float
    copy_of: Id | None
    why: tuple[str, ...]
    event: Id | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """Where ``group_all`` put one item."""

    id: Id
    story: Id
    event: Id
    copy_of: Id | None
