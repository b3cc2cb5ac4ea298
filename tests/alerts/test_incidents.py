"""What people do to an incident, and what the machine then leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.attachments import Upload, keep_file
from alerts.concluding import close_incident
from alerts.incidents import (
    Evidence,
    acknowledge,
    complete_step,
    lower_level,
    raise_level,
    set_state,
    set_verification,
)
from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.policy.loader import load_policy
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import DeadlineRow, IncidentEventRow, OutboxRow, StepRow, StoryRow
from tests.alerts.town import HOUR, MINUTE, POISONING, T0, Room, poisoning
from tests.core.test_policy import FIFTH, written


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    opened = Room(store, tmp_path)
    poisoning(opened.press)
    opened.sweep()
    return opened


def number(room: Room) -> int:
    found = room.incident().id
    assert found is not None
    return found


def sent(room: Room) -> None:
    """Let every waiting message have gone out; news then comes in one of its own."""
    with room.store.write() as session:
        for row in room.rows(OutboxRow):
            row.state, row.sent_at = "sent", row.created_at
            session.add(row)


def again(room: Room) -> None:
    """Have every story weighed again, as a repost would."""
    with room.store.write() as session:
        for story in room.rows(StoryRow):
            story.assess_due = True
            session.add(story)
    room.sweep(T0 + HOUR)


def test_an_unknown_incident_or_step_is_not_found(room: Room) -> None:
    with pytest.raises(NotFoundError):
        acknowledge(room.store, 404, "A", T0)
    with pytest.raises(NotFoundError):
        complete_step(room.store, room.office, number(room), "B99", "A", T0)


def test_a_step_is_done_once_and_its_reminder_goes(room: Room) -> None:
    own = number(room)
    acknowledge(room.store, own, "Cô Hiệu trưởng", T0)
    paper = keep_file(room.settings, Upload("bb.pdf", b"%PDF-1.7 bien ban"))
    note = Evidence(note="biên bản số 1", file=paper)
    complete_step(room.store, room.office, own, "TP1", "Cô Hiệu trưởng", T0 + MINUTE, note)
    with pytest.raises(ConflictError, match="TP1"):
        complete_step(room.store, room.office, own, "TP1", "B", T0 + MINUTE, note)
    step = next(s for s in room.rows(StepRow) if s.code == "TP1")
    assert (step.done_by, step.note) == ("Cô Hiệu trưởng", "biên bản số 1")
    sent(room)
    room.sweep(T0 + 3 * HOUR)
    reminded = {purpose for purpose, _ in room.told("step:")}
    assert "step:TP1" not in reminded
    assert "step:B08" in reminded


def test_lowering_needs_a_reason_and_the_same_news_does_not_raise_it_again(room: Room) -> None:
    own = number(room)
    with pytest.raises(InputError):
        lower_level(room.store, room.office, own, 1, "A", "  ", T0)
    with pytest.raises(ConflictError):
        lower_level(room.store, room.office, own, 3, "A", "nhầm", T0)
    lower_level(room.store, room.office, own, 1, "Cô Hiệu trưởng", "chỉ hai em đau bụng nhẹ", T0)
    again(room)
    assert room.incident().level == 1
    assert room.incident().peak_level == 3
    text = next(e.text for e in room.rows(IncidentEventRow) if e.kind == "lowered")
    assert text == "Cô Hiệu trưởng hạ mức Đỏ xuống Vàng: chỉ hai em đau bụng nhẹ."
    story = room.rows(StoryRow)[0].id
    assert story is not None
    room.press.publish(
        story, POISONING, at=T0 + HOUR, outlet="Báo Khác", risk_p=(0.0, 0.0, 0.2, 0.8),
        facts=(("dead", 1.0, "nhập viện"),),
    )  # fmt: skip
    room.sweep(T0 + HOUR)
    assert room.incident().level == 3, "something new overrules the hand"


def test_raising_by_hand_tells_the_roles_of_the_new_level(room: Room) -> None:
    own = number(room)
    lower_level(room.store, room.office, own, 1, "A", "nhẹ", T0)
    acknowledge(room.store, own, "A", T0)
    with pytest.raises(ConflictError):
        raise_level(room.store, room.office, own, 9, "A", "lo", T0)
    sent(room)
    raise_level(room.store, room.office, own, 2, "A", "phụ huynh kéo đến", T0 + HOUR)
    assert {r for _, r in room.told("raise")} == {"hieutruong", "thuky"}
    assert room.incident().acknowledged_at is None
    open_ack = [d for d in room.rows(DeadlineRow) if d.kind == "ack" and d.state == "open"]
    assert {d.level for d in open_ack} == {2}


def test_verification_and_state_leave_the_level_alone(room: Room) -> None:
    own = number(room)
    with pytest.raises(ConflictError):
        set_state(room.store, own, "verifying", "A", T0)
    acknowledge(room.store, own, "A", T0)
    set_state(room.store, own, "verifying", "A", T0)
    set_verification(room.store, own, "false", "A", T0, "Trạm y tế xác nhận")
    row = room.incident()
    assert (row.state, row.verification, row.level) == ("verifying", "false", 3)
    for wrong in ("closed", "new", "lạ"):
        with pytest.raises(InputError):
            set_state(room.store, own, wrong, "A", T0)
    with pytest.raises(InputError):
        set_verification(room.store, own, "lạ", "A", T0, "")


def test_closing_calls_off_every_deadline_and_the_matter_stays_closed(room: Room) -> None:
    own = number(room)
    close_incident(
        room.store, room.office, own, "Cô Hiệu trưởng", "các em đã khỏe", T0 + MINUTE, force=True
    )
    assert "open" not in {d.state for d in room.rows(DeadlineRow)}
    with pytest.raises(ConflictError):
        close_incident(room.store, room.office, own, "A", "lần nữa", T0)
    with pytest.raises(ConflictError):
        acknowledge(room.store, own, "A", T0)
    before = room.told()
    again(room)
    room.sweep(T0 + 5 * HOUR)
    assert room.incident().state == "closed"
    assert room.told() == before


def test_a_fifth_level_in_a_users_file_works_through_the_whole_chain(
    store: Store, tmp_path: Path
) -> None:
    rule = ("    level: do\n    when: {fact: dead", "    level: tim\n    when: {fact: dead")
    group = ("  group_minutes: 10", "  group_minutes: 3")
    policy = load_policy(written(tmp_path, FIFTH, rule, group))
    room = Room(store, tmp_path, policy=policy)
    story = room.press.story(POISONING)
    room.press.publish(
        story, POISONING, risk_p=(0.0, 0.0, 0.2, 0.8), facts=(("dead", 1.0, "nhập viện"),)
    )
    room.sweep()
    assert room.incident().level == 4
    assert {r for _, r in room.told("open")} == {"hieutruong", "vhxh", "vanphong"}
    room.sweep(T0 + 5 * MINUTE)
    assert room.told("escalate") == [("escalate", "vanphong")]
