"""The rules of decisions about stories, by themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langnghe.core.errors import ConflictError
from langnghe.core.hand import (
    Decision,
    Kind,
    Member,
    blocker,
    joined,
    pairs_of,
    parted,
    recopied,
    redirects,
    refuse_joining,
    told_apart,
    with_copies,
)


def decided(number: int, kind: Kind, a: int, b: int, **more: object) -> Decision:
    return Decision(number, kind, a, b, **more)  # type: ignore[arg-type]


def test_copies_follow_and_stand_for_what_left() -> None:
    members = [Member(n, root, (n,)) for n, root in ((1, None), (2, 1), (3, 1), (4, None))]
    assert with_copies({1}, members) == {1, 2, 3}
    assert with_copies({2}, members) == {2}
    assert recopied(members) == {}
    assert recopied(members[1:]) == {2: None, 3: 2}


def test_merges_lead_to_their_end_and_rings_end() -> None:
    chain = [decided(1, Kind.MERGE, 1, 2), decided(2, Kind.MERGE, 2, 3)]
    assert redirects(chain) == {1: 3, 2: 3}
    assert redirects([*chain, decided(3, Kind.MERGE, 3, 1)])[1] in (1, 2, 3)
    assert redirects([decided(1, Kind.MERGE, 1, 2, undone=True)]) == {}
    apart = [*chain, decided(3, Kind.UNRELATED, 9, 1)]
    assert told_apart(apart) == {(3, 9): 3}
    with pytest.raises(ConflictError, match="số 3"):
        refuse_joining({9}, {3}, told_apart(apart))
    refuse_joining({9}, {4}, told_apart(apart))


def test_events_are_joined_and_parted() -> None:
    events: dict[int, int | None] = {1: 1, 2: 1, 5: 5, 6: 5, 7: None}
    assert joined(events, 2, 6) == {5: 1, 6: 1}
    assert joined(events, 7, 6) == {7: 5}
    assert joined(events, 1, 2) == {}
    one: dict[int, int | None] = {1: 1, 2: 1, 3: 1, 4: 1}
    assert parted(one, 1, 3, {}) == {3: 3}
    assert parted(one, 2, 1, {}) == {2: 2, 3: 2, 4: 2}  # the number goes with its story
    assert parted(one, 1, 3, {(3, 4): 9}) == {3: 3, 4: 3}
    assert parted(events, 1, 5, {}) == {}
    with pytest.raises(ConflictError, match="số 9"):
        parted(one, 1, 4, {(1, 3): 8, (3, 4): 9})


@given(st.dictionaries(st.integers(1, 9), st.integers(1, 9), min_size=2), st.data())
def test_parted_stories_share_no_event(found: dict[int, int], data: st.DataObject) -> None:
    events: dict[int, int | None] = {s: min(k for k, e in found.items() if e == found[s])
                                     for s in found}  # fmt: skip
    a, b = data.draw(st.permutations(sorted(events)))[:2]
    after = events | joined(events, a, b)
    assert after[a] == after[b]
    assert all(label in after for label in after.values())
    again = after | parted(after, a, b, {})
    assert again[a] != again[b]
    assert all(again[label or 0] == label for label in again.values())


def test_what_builds_on_a_decision() -> None:
    split = decided(1, Kind.SPLIT, 1, 2, mention_ids=frozenset({5}))
    move = decided(2, Kind.MOVE, 2, 3, mention_ids=frozenset({5}))
    mark = decided(3, Kind.SAME, 2, 9, before={"events": {"2": [2, 1]}})
    other = decided(4, Kind.MOVE, 1, 3, mention_ids=frozenset({6}))
    assert blocker(split, [split, move, mark, other]) == mark
    assert blocker(split, [move, other]) == move
    assert blocker(split, [other, decided(5, Kind.MOVE, 2, 3, undone=True)]) is None
    assert blocker(move, [split]) is None
    assert blocker(mark, [decided(6, Kind.UNRELATED, 9, 2)]) is not None
    assert blocker(mark, [decided(6, Kind.UNRELATED, 8, 7)]) is None


def test_pairs_are_many_enough_and_never_too_many() -> None:
    before = {"moved": list(range(100)), "left": list(range(100, 107)), "there": []}
    pairs = list(pairs_of(decided(1, Kind.SPLIT, 1, 2, before=before)))
    apart = [(p.a, p.b) for p in pairs if not p.same]
    assert len(apart) == len(set(apart)) == 40
    assert {b for _, b in apart} == set(range(100, 107))
    (mark,) = pairs_of(decided(2, Kind.UNRELATED, 4, 5))
    assert (mark.level, mark.a, mark.b, mark.same) == ("event", 4, 5, False)
