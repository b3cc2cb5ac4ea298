"""Decisions are pure: the same state asks for the same actions, and a settled one for none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.actions import (
    AddEvent,
    DeadlineView,
    Held,
    IncidentView,
    Notify,
    OpenIncident,
    Reopen,
    SetDeadline,
    SetLevel,
    StoryView,
)
from alerts.decide import decide, decide_overdue
from alerts.weigh import DOWN
from tests.alerts.town import MEAL, POLICY, T0

RED = StoryView(3, 88.0, ("nhap_vien_sau_bua_an",), (MEAL,), "u", 0.9)


def incident(**more: object) -> IncidentView:
    values: dict[str, object] = {
        "id": 1, "level": 3, "score": 88.0, "state": "new", "acknowledged": False,
        "topics": (MEAL,), "overrides": RED.overrides,
    }  # fmt: skip
    return IncidentView(**(values | more))  # type: ignore[arg-type]


def kinds(actions: tuple[object, ...]) -> list[type]:
    return [type(action) for action in actions]


def test_opening_tells_the_roles_of_the_level_and_sets_its_ladder() -> None:
    actions = decide(RED, None, POLICY, T0)
    assert actions[0] == OpenIncident(3)
    told = [a.role for a in actions if isinstance(a, Notify)]
    assert told == ["principal", "officer", "commune", "sector"], "both reporting lines at once"
    ladder = [(a.role, a.due_at - T0) for a in actions if isinstance(a, SetDeadline)]
    assert ladder == [
        ("principal", timedelta(minutes=15)),
        ("commune", timedelta(minutes=30)),
        ("sector", timedelta(minutes=60)),
    ]
    assert all(a.due_at == T0 + timedelta(minutes=15) for a in actions if isinstance(a, Notify))


@pytest.mark.parametrize(
    "story",
    [
        StoryView(0, 10.0, unit_id="u", unit_confidence=0.9),
        StoryView(3, 88.0, unit_id=None),
        StoryView(3, 88.0, unit_id="u", unit_confidence=0.4),
    ],
    ids=["green", "no unit", "unsure unit"],
)
def test_no_incident_without_level_and_sure_unit(story: StoryView) -> None:
    assert decide(story, None, POLICY, T0) == ()


def test_the_same_news_again_tells_nobody() -> None:
    assert Notify not in kinds(decide(RED, incident(), POLICY, T0))
    assert AddEvent not in kinds(decide(RED, incident(), POLICY, T0))


def test_self_harm_is_told_to_the_principal_alone() -> None:
    story = StoryView(3, 90.0, ("tu_hai",), ("suc_khoe_tam_than",), "u", 0.9)
    roles = [a.role for a in decide(story, None, POLICY, T0) if isinstance(a, Notify)]
    assert roles == ["principal"]


def test_mere_silence_lowers_nothing_but_the_down_rule_does() -> None:
    calmer = StoryView(2, 60.0, (), (MEAL,), "u", 0.9)
    assert SetLevel not in kinds(decide(calmer, incident(), POLICY, T0))
    settled = StoryView(2, 60.0, (DOWN,), (MEAL,), "u", 0.9)
    assert SetLevel(3, 2, fresh=False) in decide(settled, incident(), POLICY, T0)


def test_a_level_set_by_hand_holds_until_there_is_something_new() -> None:
    lowered = incident(level=1, held=Held(3, RED.overrides))
    assert SetLevel not in kinds(decide(RED, lowered, POLICY, T0))
    worse = StoryView(3, 95.0, (*RED.overrides, "tu_vong"), (MEAL,), "u", 0.9)
    assert SetLevel(1, 3, fresh=True) in decide(worse, lowered, POLICY, T0)


def test_a_closed_incident_reopens_only_for_something_worse() -> None:
    closed = incident(state="closed", level=3)
    assert decide(RED, closed, POLICY, T0) == ()
    worse = StoryView(3, 95.0, (*RED.overrides, "tu_vong"), (MEAL,), "u", 0.9)
    assert Reopen(3) in decide(worse, closed, POLICY, T0)


def test_an_overdue_acknowledgement_tells_the_role_of_the_rung() -> None:
    deadline = DeadlineView("ack", 3, 102, "commune", T0)
    actions = decide_overdue(deadline, incident(), POLICY, T0)
    [notice] = [a for a in actions if isinstance(a, Notify)]
    assert (notice.purpose, notice.role) == ("escalate", "commune")
    assert notice.due_at == T0 + timedelta(minutes=30), "then the sector is told"
    assert decide_overdue(deadline, incident(acknowledged=True), POLICY, T0) == ()
    assert decide_overdue(deadline, incident(state="closed"), POLICY, T0) == ()


def test_a_step_is_reminded_of_only_while_it_is_open() -> None:
    deadline = DeadlineView("step:B08", 3, 100, "principal", T0)
    open_step = incident(acknowledged=True)
    assert Notify in kinds(decide_overdue(deadline, open_step, POLICY, T0))
    done = incident(acknowledged=True, done_steps=frozenset({"B08"}))
    assert decide_overdue(deadline, done, POLICY, T0) == ()
