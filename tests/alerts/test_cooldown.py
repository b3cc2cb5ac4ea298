"""After an alert only news rings again; a level that rose meanwhile is told when the time is up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.actions import (
    AddEvent,
    IncidentView,
    KeepTold,
    Notify,
    SetDeadline,
    SetLevel,
    StoryView,
    Told,
)
from alerts.decide import decide
from alerts.facts import StatedFact
from alerts.news import fresh
from alerts.risk import assess
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import DeadlineRow, StoryRow
from tests.alerts.test_risk import mention, story
from tests.alerts.town import HOUR, MEAL, MINUTE, POLICY, SCHOOL, SECTOR, T0, Room

NEWS = {"nhap_vien": 4.0, "bao_chi": 1.0}
AMBER = StoryView(2, 60.0, (), (MEAL,), "u", 0.9, news=NEWS, unit_kind="school")
RED = replace(AMBER, level=3, score=80.0)


def incident(**more: object) -> IncidentView:
    base = IncidentView(
        id=1, level=2, score=60.0, state="acknowledged", acknowledged=True, topics=(MEAL,),
        told=Told(2, T0, NEWS), unit_kind="school",
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def rings(actions: tuple[object, ...]) -> bool:
    return any(isinstance(action, Notify) for action in actions)


def test_a_rise_without_news_is_written_at_once_and_told_when_the_time_is_up() -> None:
    quiet = decide(RED, incident(), POLICY, T0 + HOUR)
    assert SetLevel(2, 3, fresh=False) in quiet
    assert not rings(quiet)
    [again] = [a for a in quiet if isinstance(a, SetDeadline)]
    assert again.due_at == T0 + timedelta(hours=POLICY.cooldown.hours[2])
    risen = incident(level=3)
    assert not rings(decide(RED, risen, POLICY, again.due_at - MINUTE))
    late = decide(RED, risen, POLICY, again.due_at)
    assert rings(late)
    assert KeepTold(3) in late
    assert SetLevel(3, 3, fresh=True) in late


@pytest.mark.parametrize(
    ("what", "amount"),
    [("tu_vong", 1.0), ("nhap_vien", 9.0), ("bao_trung_uong", 1.0), ("bat_giu", 1.0),
     ("xam_hai", 1.0), ("mat_tich", 1.0), ("ket_luan", 1.0)],
)  # fmt: skip
def test_news_breaks_the_cool_down(what: str, amount: float) -> None:
    told = decide(replace(RED, news=NEWS | {what: amount}), incident(), POLICY, T0 + HOUR)
    assert rings(told)
    assert SetLevel(2, 3, fresh=True) in told
    [event] = [a for a in told if isinstance(a, AddEvent)]
    assert event.kind == "raised"
    assert ": " in event.text, "it says what is new"


@pytest.mark.parametrize("count", [4.0, 5.0, 6.0])
def test_a_count_that_hardly_grows_is_no_news(count: float) -> None:
    grown = replace(RED, news=NEWS | {"nhap_vien": count})
    assert not rings(decide(grown, incident(), POLICY, T0 + HOUR))


def test_a_first_death_rings_even_at_the_highest_level_and_only_once() -> None:
    at_top = incident(level=3, told=Told(3, T0, NEWS))
    dead = replace(RED, news=NEWS | {"tu_vong": 1.0})
    assert rings(decide(dead, at_top, POLICY, T0 + HOUR))
    known = replace(at_top, told=Told(3, T0, NEWS | {"tu_vong": 1.0}))
    assert not rings(decide(dead, known, POLICY, T0 + 2 * HOUR))


def test_reposts_and_comments_are_no_news() -> None:
    facts = (StatedFact("hospitalised", 4.0),)
    first = assess(story(mention(1, facts=facts)), POLICY)
    more = [mention(n, facts=facts, copy=True) for n in range(2, 30)]
    more += [mention(n, facts=facts, kind="comment", outlet="Báo 1") for n in range(30, 60)]
    later = assess(story(mention(1, facts=facts), *more), POLICY)
    assert fresh(first.news, later.news, POLICY) == ()


def test_a_hovering_score_does_not_flap() -> None:
    amber = POLICY.level_id("cam")
    assert amber is not None
    margin = POLICY.score.margin
    from alerts.weigh import _scored

    level = 0
    seen = []
    for base in (49.0, 50.1, 49.8, 50.2, 50 - margin + 0.1, 50.0, 50 - margin - 0.1, 49.9, 50.0):
        level = _scored(base, level, POLICY)
        seen.append(level)
    assert seen == [1, 2, 2, 2, 2, 2, 1, 1, 2]


def test_one_event_that_grows_for_two_days_rings_a_few_times(store: Store, tmp_path: Path) -> None:
    room = Room(store, tmp_path)
    event = room.press.story("Phụ huynh Trường Tiểu học Suối Mơ phản ánh bữa ăn")
    alarms = 0
    for hour in range(48):
        now = T0 + hour * HOUR
        for n in range(4):
            room.press.publish(
                event, f"Bài {hour}.{n} về bữa ăn", at=now, outlet=f"Báo {(hour + n) % 6}",
                risk_p=(0.1, 0.2, 0.55, 0.15) if hour % 2 else (0.2, 0.3, 0.45, 0.05),
                copy_of=1 if n else None, kind="comment" if n == 3 else "news",
            )  # fmt: skip
        room.sweep(now)
    alarms = sum(kind in ("opened", "raised", "reopened") for kind in room.events())
    assert 1 <= alarms <= 3, room.events()
    told = {(p, r) for p, r in room.told() if p in ("open", "raise")}
    assert len([p for p, r in room.told() if p in ("open", "raise")]) <= 3 * len(told)


def test_the_level_told_late_asks_for_a_fresh_acknowledgement(store: Store, tmp_path: Path) -> None:
    room = Room(store, tmp_path)
    event = room.press.story("Phụ huynh Suối Mơ phản ánh bữa ăn")
    room.press.publish(event, "Phụ huynh Suối Mơ phản ánh bữa ăn")
    room.sweep()
    assert room.incident().level == 1
    for n in range(8):
        room.press.publish(
            event, f"Bữa ăn ở Suối Mơ, bài {n}", at=T0 + HOUR, outlet=f"Báo {n}",
            risk_p=(0.05, 0.15, 0.7, 0.1),
        )  # fmt: skip
    before = len(room.told("raise"))
    room.sweep(T0 + HOUR)
    rose = room.incident().level
    assert rose >= 2, "the page tells the true level at once"
    waiting = [d for d in room.rows(DeadlineRow) if d.kind == "cooldown" and d.state == "open"]
    if waiting:
        assert len(room.told("raise")) == before
        room.sweep(waiting[0].due_at)
        room.sweep(waiting[0].due_at + MINUTE)
    assert len(room.told("raise")) > before


def test_a_province_is_not_sent_to_a_commune(store: Store, tmp_path: Path) -> None:
    red = replace(RED, unit_kind="sector", news={})
    ladder = [a.role for a in decide(red, None, POLICY, T0) if isinstance(a, SetDeadline)]
    roles = [a.role for a in decide(red, None, POLICY, T0) if isinstance(a, Notify)]
    assert "commune" not in [*ladder, *roles]
    assert "sector" in ladder
    at_school = [
        a.role
        for a in decide(replace(red, unit_kind="school"), None, POLICY, T0)
        if isinstance(a, SetDeadline)
    ]
    assert "commune" in at_school
    room = Room(store, tmp_path)
    event = room.press.story("Sự việc chung của ngành")
    room.press.publish(event, "Sự việc chung của ngành", units={SECTOR.id: 0.9})
    room.sweep()
    room.sweep(T0 + 4 * HOUR)
    assert "unreachable" not in room.events()
    assert [row.unit_id for row in room.rows(StoryRow)] == [SECTOR.id] != [SCHOOL.id]


def test_coming_back_to_a_level_that_was_told_is_no_alert() -> None:
    lowered = incident(level=1, told=Told(2, T0, NEWS))
    days = T0 + timedelta(days=3)
    assert not rings(decide(AMBER, lowered, POLICY, days))
    assert rings(decide(RED, lowered, POLICY, days)), "higher than ever told is one"
    assert rings(decide(replace(AMBER, news=NEWS | {"tu_vong": 1.0}), lowered, POLICY, days))
    long = T0 + timedelta(hours=POLICY.cooldown.same_level)
    assert rings(decide(AMBER, lowered, POLICY, long))


def test_twice_as_many_in_hospital_ring_also_at_the_highest_level() -> None:
    at_top = incident(level=3, told=Told(3, T0, NEWS | {"nhap_vien_gap_doi": 20.0}))
    more = replace(RED, news=NEWS | {"nhap_vien": 25.0, "nhap_vien_gap_doi": 25.0})
    assert not rings(decide(more, at_top, POLICY, T0 + HOUR))
    doubled = replace(RED, news=NEWS | {"nhap_vien": 41.0, "nhap_vien_gap_doi": 41.0})
    told = decide(doubled, at_top, POLICY, T0 + HOUR)
    assert rings(told)
    assert any("41" in a.text for a in told if isinstance(a, AddEvent))


def test_a_first_single_pupil_in_hospital_does_not_ring_at_the_highest_level() -> None:
    at_top = incident(level=3, told=Told(3, T0, NEWS))
    one = replace(RED, news=NEWS | {"nhap_vien_gap_doi": 1.0})
    assert not rings(decide(one, at_top, POLICY, T0 + HOUR))
