"""How the overview judges: ears, the tree of units, phases. Pure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.baseline.tally import Tree
from dashboards.board import ears_of, phase_id, unit_levels
from langnghe.core.liveness import Liveness
from langnghe.core.store.queries.board import UnitOpen
from langnghe.core.store.queries.board_days import Seen
from tests.conftest import NOW

HOUR = timedelta(hours=1)
LISTENING = Liveness("listening", (), NOW, NOW)


@pytest.mark.parametrize(
    ("states", "replaying", "mood"),
    [
        ({}, False, "stalled"),
        ({"failing": 2}, False, "stalled"),
        ({"failing": 2}, True, "listening"),
        ({"working": 1, "failing": 2}, False, "partial"),
        ({"working": 1, "failing": 1}, False, "listening"),
        ({"unchecked": 2}, False, "listening"),
    ],
)
def test_ears(states: dict[str, int], replaying: bool, mood: str) -> None:
    assert ears_of(LISTENING, states, replaying=replaying, drill=False).mood == mood


def test_many_units_are_listed_few_stand_as_a_tree() -> None:
    tree = Tree.of([("so", "sector", None), *((f"t{n:03}", "school", "so") for n in range(300))])
    names = {"so": "Sở", **{f"t{n:03}": f"Trường {n:03}" for n in range(300)}}
    few = unit_levels(tree, names, [UnitOpen("t007", 3, 2), UnitOpen("t001", 1, 5)], None)
    assert [(u.name, u.level, u.count, u.depth) for u in few.lines] == [
        ("Sở", 3, 7, 0), ("Trường 007", 3, 2, 1), ("Trường 001", 1, 5, 1),
    ]  # fmt: skip
    assert (few.more, few.calm) == (0, 298)
    many = unit_levels(tree, names, [UnitOpen(f"t{n:03}", n % 3 + 1, 1) for n in range(20)], None)
    assert [u.level for u in many.lines] == [3] * 6 + [2] * 2
    assert (many.more, many.calm) == (12, 281)
    own = unit_levels(tree, names, [UnitOpen("t007", 2, 1)], "t007")
    assert [(u.id, u.level) for u in own.lines] == [("t007", 2)]
    assert own.calm == 0
    gone = unit_levels(tree, names, [UnitOpen("cu", 2, 1)], None)
    assert [u.id for u in gone.lines] == ["cu"], "a unit no longer watched still has its incident"


def test_a_story_of_which_only_the_newest_were_read_is_as_old_as_it_is() -> None:
    seen = [Seen(n, NOW - n * HOUR / 2, None, "Báo A", "news", None) for n in range(4)]
    assert phase_id(seen, NOW - 40 * HOUR, NOW) == "spreading"
    quiet = [one._replace(seen_at=one.seen_at - 30 * HOUR) for one in seen]
    assert phase_id(quiet, NOW - 40 * HOUR, NOW) == "fading"
    assert phase_id([], NOW, NOW) == ""
