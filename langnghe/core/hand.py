"""Decisions people make about stories, and what follows from them. Pure.

A person's word on which mentions belong together stands over the machine's until it is undone: a
story that was merged away leads to the one it went into, two stories told apart are never joined,
and copies go where their original goes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from math import lcm
from typing import Any

from langnghe.core.errors import ConflictError

MAX_NOTE = 500
MAX_MENTIONS = 500
"""Mentions that one decision may name; a whole story of any size goes by merging."""
_PAIRS = 40  # training pairs of one decision: a story of thousands must not drown the others


class Kind(StrEnum):
    """What was decided: the first three are about mentions, the last two about two stories."""

    SPLIT = "split"
    MERGE = "merge"
    MOVE = "move"
    SAME = "same"
    UNRELATED = "unrelated"


MARKS = frozenset({Kind.SAME, Kind.UNRELATED})


@dataclass(frozen=True, slots=True)
class Member:
    """A mention in a story. ``order`` puts the first seen first."""

    id: int
    copy_of: int | None
    order: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. ``before`` says what stood before it (``core.store.hand``)."""

    id: int
    kind: Kind
    story_id: int
    other_id: int
    mention_ids: frozenset[int] = frozenset()
    before: Mapping[str, Any] = field(default_factory=dict)
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two mentions of one ``story`` or not, or two stories of one ``event`` or not."""

    decision: int
    level: str
    a: int
    b: int
    same: bool


def with_copies(chosen: Collection[int], members: Iterable[Member]) -> set[int]:
    """Return ``chosen`` and the copies of each: a reprint goes where its original goes."""
    return {m.id for m in members if m.id in chosen or m.copy_of in chosen}


def recopied(members: Sequence[Member]) -> dict[int, int | None]:
    """Return the new ``copy_of`` of those members of one story whose original is not in it.

    The first seen of such copies stands for the original, for each story counts by itself.
    """
    here = {m.id for m in members}
    first: dict[int, int] = {}
    found: dict[int, int | None] = {}
    for member in sorted(members, key=lambda m: m.order):
        if member.copy_of is not None and member.copy_of not in here:
            head = first.setdefault(member.copy_of, member.id)
            found[member.id] = None if head == member.id else head
    return found


def redirects(decisions: Iterable[Decision]) -> dict[int, int]:
    """Return where each story that was merged away leads to, chains followed to their end."""
    into = {d.story_id: d.other_id for d in decisions if d.kind is Kind.MERGE and not d.undone}
    return {story: _end(into, story) for story in into}


def told_apart(decisions: Sequence[Decision]) -> dict[tuple[int, int], int]:
    """Return the pairs of stories never to be joined, each with the decision that says so.

    Stories merged away stand for those they went into; a pair has its smaller number first.
    """
    return _marked(decisions, Kind.UNRELATED)


def tied(decisions: Sequence[Decision]) -> dict[tuple[int, int], int]:
    """Return the pairs of stories that people called one event, as ``told_apart`` does."""
    return _marked(decisions, Kind.SAME)


def refuse_joining(
    mine: Collection[int], theirs: Collection[int], apart: Mapping[tuple[int, int], int]
) -> None:
    """Raise ``ConflictError`` where somebody told a story of ``mine`` from one of ``theirs``."""
    for (a, b), number in sorted(apart.items(), key=lambda pair: -pair[1]):
        if (a in mine and b in theirs) or (b in mine and a in theirs):
            raise ConflictError(
                f"Cụm {a} và cụm {b} đã được đánh dấu không liên quan (quyết định số {number}).",
                mend=f"Nếu dấu ấy không đúng, hoàn tác quyết định số {number} trước.",
            )


def joined(events: Mapping[int, int | None], a: int, b: int) -> dict[int, int]:
    """Return the new event of each story that changes when the events of ``a`` and ``b`` are one.

    ``events`` holds both stories and all others of their events.
    """
    first, second = (events[s] or s for s in (a, b))
    label = min(first, second)
    return {
        s: label for s, e in events.items() if (e in (first, second) or s in (a, b)) and e != label
    }


def parted(
    events: Mapping[int, int | None], a: int, b: int, ties: Mapping[tuple[int, int], int]
) -> dict[int, int]:
    """Return the new event of each story that changes when ``b`` leaves the event of ``a``.

    What people tied to ``b`` goes with it. Raises ``ConflictError`` where ``a`` is among that.
    """
    event = events[a]
    if event is None or event != events[b]:
        return {}
    inside = {s for s, e in events.items() if e == event}
    leaving, grown = {b}, True
    while grown:
        near = {s for pair in ties if leaving & set(pair) for s in pair if s in inside} - leaving
        leaving |= near
        grown = bool(near)
    if a in leaving:
        number = max(n for pair, n in ties.items() if set(pair) <= leaving)
        raise ConflictError(
            f"Hai cụm này đã được đánh dấu cùng sự việc (quyết định số {number}).",
            mend=f"Nếu dấu ấy không đúng, hoàn tác quyết định số {number} trước.",
        )
    changing = inside - leaving if event in leaving else leaving
    return dict.fromkeys(changing, min(changing))


def blocker(target: Decision, later: Iterable[Decision]) -> Decision | None:
    """Return the newest standing decision that builds on ``target``; it must be undone first."""
    newer = (d for d in later if d.id > target.id and not d.undone)
    return max((d for d in newer if _builds_on(d, target)), key=lambda d: d.id, default=None)


def pairs_of(decision: Decision) -> Iterator[Pair]:
    """Yield what a standing decision teaches, at most a few dozen pairs of it.

    ``before`` names the mentions that were left behind (``left``) and those found in the other
    story (``there``), copies apart.
    """
    if decision.kind in MARKS:
        same = decision.kind is Kind.SAME
        yield Pair(decision.id, "event", decision.story_id, decision.other_id, same)
        return
    moved = [int(i) for i in decision.before.get("moved", ())]
    left = [int(i) for i in decision.before.get("left", ())]
    there = [int(i) for i in decision.before.get("there", ())]
    for a, b in _crossed(moved, left):
        yield Pair(decision.id, "story", a, b, False)
    for a, b in _crossed(moved, there):
        yield Pair(decision.id, "story", a, b, True)
    if decision.kind is Kind.SPLIT:
        for a, b in pairwise(moved[:_PAIRS]):
            yield Pair(decision.id, "story", a, b, True)


def _builds_on(later: Decision, target: Decision) -> bool:
    if later.mention_ids & target.mention_ids:
        return True
    named = {later.story_id, later.other_id}
    if target.kind is Kind.SPLIT:
        return target.other_id in named
    if later.kind in MARKS or later.kind is Kind.MERGE:
        # Both changed which event some story belongs to: the older cannot be put back under it.
        return bool(_regrouped(later) & _regrouped(target))
    return False


def _regrouped(decision: Decision) -> set[int]:
    pair = {decision.story_id, decision.other_id} if decision.kind in MARKS else set[int]()
    return pair | {int(s) for s in decision.before.get("events", {})}


def _marked(decisions: Sequence[Decision], kind: Kind) -> dict[tuple[int, int], int]:
    into = redirects(decisions)
    found: dict[tuple[int, int], int] = {}
    for d in decisions:
        if d.kind is kind and not d.undone:
            a, b = sorted(into.get(s, s) for s in (d.story_id, d.other_id))
            found[a, b] = d.id
    return found


def _end(into: Mapping[int, int], story: int) -> int:
    seen = {story}
    while (next_ := into.get(story)) is not None and next_ not in seen:
        seen.add(next_)
        story = next_
    return story


def _crossed(some: Sequence[int], others: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield pairs of both sides, each pair once and each mention as rarely as can be."""
    if some and others:
        turn = lcm(len(some), len(others))
        for n in range(min(_PAIRS, len(some) * len(others))):
            yield some[n % len(some)], others[(n + n // turn) % len(others)]
