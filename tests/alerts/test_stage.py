"""The whole chain of this room on real tables: assess, act, escalate, tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.concluding import close_incident
from alerts.incidents import acknowledge
from alerts.outbox import release_leases, tell
from alerts.stage import act_due, assess_due
from langnghe.core.errors import ConfigError, DeliveryError
from langnghe.core.store.engine import Store
from langnghe.core.store.outbox import complete, lease, put_back
from langnghe.core.store.tables import (
    IncidentEventRow,
    IncidentRow,
    OutboxRow,
    ReadingRow,
    StepRow,
    StoryRow,
)
from tests.alerts.town import (
    ALERT,
    COMMUNE,
    HOUR,
    MINUTE,
    OTHER,
    POISONING,
    POLICY,
    PROFILE,
    SCHOOL,
    SECTOR,
    T0,
    WATCH,
    Postbox,
    PowerCut,
    Room,
    poisoning,
)


@pytest.fixture
def room(any_store: Store, tmp_path: Path) -> Room:
    return Room(any_store, tmp_path)


def test_one_article_of_a_mass_poisoning_is_red_at_once(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    incident = room.incident()
    assert POLICY.level(incident.level).id == "do"
    assert incident.unit_id == SCHOOL.id
    assert incident.title == POISONING
    assert "20 học sinh" in incident.reasons[0]["text"]
    assert incident.reasons[0]["mention_ids"]
    assert incident.score >= 75
    numbers = {k: v for k, v in incident.parts.items() if isinstance(v, int | float)}
    assert sum(numbers.values()) == pytest.approx(incident.score, abs=0.2)
    codes = [s.code for s in sorted(room.rows(StepRow), key=lambda s: s.position)]
    assert codes[:15] == [f"B{n:02}" for n in range(1, 16)]
    assert {"TP1", "TP2", "TP3"} <= set(codes)
    told = {r for p, r in room.told() if p == "open"}
    assert told == {"hieutruong", "thuky", "vhxh", "vanphong"}
    opened = room.rows(IncidentEventRow)[0]
    assert opened.kind == "opened"
    assert opened.data["level"] == incident.level
    assert opened.data["mention_ids"]


def test_running_every_stage_again_changes_nothing(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    before = room.counts()
    with room.store.write() as session:
        session.execute(sa.update(StoryRow).values(assess_due=True, act_due=True))
    room.sweep(T0 + MINUTE)
    assert room.counts() == before


def test_a_repost_brings_no_notice_but_a_rise_does(room: Room) -> None:
    story = room.press.story("Phụ huynh Trường Tiểu học Suối Mơ lo về bữa ăn")
    first = room.press.publish(story, "Phụ huynh Trường Tiểu học Suối Mơ lo về bữa ăn")
    room.sweep()
    incident = room.incident()
    assert POLICY.level(incident.level).id == "vang"
    notices = len(room.told())
    room.press.publish(story, "Phụ huynh Suối Mơ lo về bữa ăn", outlet="Báo Lại", copy_of=first)
    room.sweep(T0 + MINUTE)
    assert len(room.told()) == notices
    room.press.publish(
        story, POISONING, at=T0 + HOUR, risk_p=(0.02, 0.08, 0.3, 0.6),
        facts=(("hospitalised", 20.0, "20 học sinh"),),
    )  # fmt: skip
    acknowledge(room.store, incident.id, "Thầy Thư ký", T0 + 2 * MINUTE)
    room.sweep(T0 + HOUR)
    incident = room.incident()
    assert POLICY.level(incident.level).id == "do"
    assert incident.acknowledged_at is None, "a risen level asks for a new acknowledgement"
    assert [r for p, r in room.told() if p == "raise"]
    assert "raised" in room.events()


def test_nothing_opens_for_a_watch_item_a_foreign_one_or_an_unwatched_unit(room: Room) -> None:
    watch = room.press.story("Góp ý về đồng phục")
    room.press.publish(watch, "Góp ý về đồng phục", risk_p=WATCH, topic="khoan_thu")
    foreign = room.press.story("Chuyện trường học nước ngoài")
    room.press.publish(foreign, "Chuyện trường học nước ngoài", scope="foreign")
    nowhere = room.press.story("Một trường không theo dõi")
    room.press.publish(nowhere, "Một trường không theo dõi", units={})
    unsure = room.press.story("Có lẽ là Suối Mơ")
    room.press.publish(unsure, "Có lẽ là Suối Mơ", units={SCHOOL.id: 0.3})
    room.sweep()
    assert room.rows(IncidentRow) == []
    levels = {s.id: s.level for s in room.rows(StoryRow)}
    assert levels[watch] == levels[foreign] == 0


def test_silence_climbs_the_ladder_and_stops_at_acknowledgement(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    room.sweep(T0 + 14 * MINUTE)
    assert not [p for p, _ in room.told() if p == "escalate"]
    climbed = []
    for minutes in (15, 30, 60):
        room.sweep(T0 + minutes * MINUTE)
        climbed = [r for p, r in room.told() if p == "escalate"]
    assert climbed == ["hieutruong", "vhxh", "vanphong"]
    room.sweep(T0 + 600 * MINUTE)
    assert [r for p, r in room.told() if p == "escalate"] == climbed


def test_acknowledging_stops_the_ladder_and_starts_the_steps_clock(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    incident = room.incident()
    due = {s.code: s.due_at for s in room.rows(StepRow)}
    assert acknowledge(room.store, incident.id, "Cô Hiệu trưởng", T0 + 10 * MINUTE)
    assert not acknowledge(room.store, incident.id, "Thầy Thư ký", T0 + 11 * MINUTE)
    room.sweep(T0 + 20 * MINUTE)
    room.sweep(T0 + 70 * MINUTE)
    assert not [p for p, _ in room.told() if p == "escalate"]
    steps = {s.code: s for s in room.rows(StepRow)}
    assert steps["B01"].done_by == "Cô Hiệu trưởng"
    assert steps["B08"].due_at == due["B08"] + 10 * MINUTE
    incident = room.incident()
    assert incident.acknowledged_by == "Cô Hiệu trưởng"
    assert incident.state == "acknowledged"


def test_nobody_to_tell_is_said_aloud(store: Store, tmp_path: Path) -> None:
    bare = tuple(replace(u, contacts=()) for u in PROFILE.units)
    room = Room(store, tmp_path, replace(PROFILE, units=bare, version="bare"))
    poisoning(room.press)
    room.sweep()
    assert room.told() == []
    said = [e.text for e in room.rows(IncidentEventRow) if e.kind == "unreachable"]
    assert said
    assert "mail_fallback" in said[0]


def test_the_fallback_address_is_told_when_a_unit_has_no_contact(
    store: Store, tmp_path: Path
) -> None:
    bare = tuple(replace(u, contacts=()) for u in PROFILE.units)
    lonely = replace(PROFILE, units=bare, version="bare")
    room = Room(store, tmp_path, lonely, mail_fallback="truc@nghe.example")
    poisoning(room.press)
    room.sweep()
    assert set(room.told()) == {("open", "truc")}


def test_a_school_without_contacts_falls_back_to_its_commune(room: Room) -> None:
    story = room.press.story("Học sinh Đồi Gió bị thương")
    room.press.publish(story, "Học sinh Đồi Gió bị thương", units={OTHER.id: 0.95})
    room.sweep()
    assert set(room.told()) == {("open", "vhxh")}


def test_a_second_story_of_the_same_matter_joins_the_incident(room: Room) -> None:
    province = {SECTOR.id: 0.9}
    one = room.press.story("Nhiều em ở điểm trường Khe Lau nhập viện")
    room.press.publish(
        one, "Nhiều em ở điểm trường Khe Lau nhập viện", units=province, risk_p=ALERT,
        text="Sáng nay, nhiều học sinh điểm trường Khe Lau đau bụng sau bữa trưa.",
    )  # fmt: skip
    room.sweep()
    two = room.press.story("Công an lấy mẫu thức ăn tại Khe Lau")
    room.press.publish(
        two, "Công an lấy mẫu thức ăn tại Khe Lau", units=province, risk_p=ALERT,
        at=T0 + 5 * HOUR, text="Cơ quan chức năng đã đến Khe Lau lấy mẫu thức ăn của học sinh.",
    )  # fmt: skip
    other = room.press.story("Bếp ăn ở Vực Sim bị phản ánh")
    room.press.publish(
        other, "Bếp ăn ở Vực Sim bị phản ánh", units=province, at=T0 + 6 * HOUR,
        text="Phụ huynh tại Vực Sim gửi hình khay cơm lên mạng.",
    )  # fmt: skip
    room.sweep(T0 + 6 * HOUR)
    belongs = {s.id: s.incident_id for s in room.rows(StoryRow)}
    assert belongs[one] == belongs[two]
    assert belongs[other] not in (None, belongs[one])
    assert "attached" in room.events()


def test_a_denial_by_authority_and_a_quiet_day_lower_the_incident(room: Room) -> None:
    story = room.press.story("Đồn có bắt cóc gần Trường Tiểu học Suối Mơ")
    for n, outlet in enumerate(("Báo Một", "Báo Hai", "Báo Ba")):
        room.press.publish(
            story, f"Xôn xao tin bắt cóc gần Trường Tiểu học Suối Mơ, bản {n}", outlet=outlet,
            topic="tin_gia_kich_dong", risk_p=(0.02, 0.03, 0.40, 0.55),
        )  # fmt: skip
    room.sweep()
    incident = room.incident()
    high = incident.level
    assert high >= 2
    acknowledge(room.store, incident.id, "Thầy Thư ký", T0 + MINUTE)
    room.press.publish(
        story, "Công an xã bác bỏ tin bắt cóc", at=T0 + 2 * HOUR, stance="deny",
        topic="tin_gia_kich_dong", risk_p=WATCH,
    )  # fmt: skip
    room.sweep(T0 + 2 * HOUR)
    assert room.incident().level == high
    later = T0 + 26 * HOUR + MINUTE
    room.sweep(later)  # the calm deadline fires and has the story weighed again
    room.sweep(later)
    assert room.incident().level == high - 1
    assert "lowered" in room.events()


def test_a_kill_between_the_server_and_the_commit_loses_no_mail(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    waiting = {row.key for row in room.rows(OutboxRow)}
    post = Postbox()
    post.die_after = 2
    with pytest.raises(PowerCut):
        tell(room.store, post, T0)
    assert post.closed == 1
    post.die_after = None
    assert tell(room.store, post, T0 + MINUTE).sent == 0, "the dead worker's lease still holds"
    release_leases(room.store)
    tell(room.store, post, T0 + MINUTE)
    assert {m.key for m in post.mails} == waiting
    assert len(post.mails) == len(waiting)
    assert {row.state for row in room.rows(OutboxRow)} == {"sent"}
    assert tell(room.store, post, T0 + 2 * MINUTE).sent == 0


def test_a_lease_that_ran_out_is_taken_again(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    post = Postbox()
    post.die_after = 1
    with pytest.raises(PowerCut):
        tell(room.store, post, T0)
    post.die_after = None
    tell(room.store, post, T0 + timedelta(minutes=11))
    assert {row.state for row in room.rows(OutboxRow)} == {"sent"}


def test_a_passing_fault_is_tried_again_ever_later_and_a_lasting_one_is_buried(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    count = len(room.rows(OutboxRow))
    post = Postbox()
    post.refuse = DeliveryError("Máy chủ thư bận.")
    assert tell(room.store, post, T0).retried == count
    first = room.rows(OutboxRow)[0]
    assert first.state == "due"
    assert first.due_at == T0 + timedelta(seconds=30)
    tell(room.store, post, first.due_at)
    assert room.rows(OutboxRow)[0].due_at == first.due_at + timedelta(seconds=60)
    post.refuse = DeliveryError("Không có hộp thư này.", permanent=True)
    assert tell(room.store, post, T0 + HOUR).dead == count
    dead = room.rows(OutboxRow)[0]
    assert (dead.state, dead.last_error) == ("dead", "Không có hộp thư này.")
    assert "undelivered" in room.events()


def test_an_act_killed_half_way_leaves_nothing_half(room: Room, tmp_path: Path) -> None:
    poisoning(room.press)
    assess_due(room.store, POLICY, T0)
    # A folder where the key file should be: signing the link fails after rows were written.
    (tmp_path / "secret.key").mkdir()
    with pytest.raises(ConfigError, match=r"secret\.key"):
        act_due(room.store, POLICY, PROFILE, room.settings, T0)
    assert room.counts() == (0, 0, 0, 0, 0)
    (tmp_path / "secret.key").rmdir()
    room.sweep(T0 + MINUTE)
    assert len(room.rows(IncidentRow)) == 1
    assert room.told()


def test_a_commune_incident_goes_to_the_commune(room: Room) -> None:
    story = room.press.story("Khoản thu tại các trường xã Bản Hoa")
    room.press.publish(story, "Khoản thu tại các trường xã Bản Hoa", units={COMMUNE.id: 0.9})
    room.sweep()
    assert room.incident().unit_id == COMMUNE.id
    assert set(room.told()) == {("open", "vhxh")}


def test_words_behind_the_mask_are_in_no_reason_and_no_mail(room: Room) -> None:
    story = room.press.story("Em N. Trường Tiểu học Suối Mơ nhập viện cùng ba bạn")
    room.press.publish(
        story, "Em N. Trường Tiểu học Suối Mơ nhập viện cùng ba bạn", risk_p=(0.0, 0.1, 0.3, 0.6),
        facts=(("hospitalised", 4.0, "em Nguyễn Thị Nết nhập viện"),),
    )  # fmt: skip
    room.sweep()
    assert POLICY.level(room.incident().level).id == "do"
    shown = [str(room.incident().reasons), str(room.rows(StoryRow)[0].reasons)]
    shown += [f"{m.subject} {m.body_text} {m.body_html}" for m in room.rows(OutboxRow)]
    shown += [f"{e.text} {e.data}" for e in room.rows(IncidentEventRow)]
    assert not [text for text in shown if "Nết" in text]


def test_a_worker_that_lost_its_lease_cannot_complete(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    hold = timedelta(minutes=1)
    with room.store.write() as session:
        slow = lease(session, T0, 1, hold)[0]
        number, old = slow.id, slow.fence
    assert number is not None
    with room.store.write() as session:
        [quick] = [r for r in lease(session, T0 + 2 * hold, 9, hold) if r.id == number]
        new = quick.fence
    with room.store.write() as session:
        assert not complete(session, number, old, T0)
        assert not put_back(session, number, old, T0, "chậm")
        assert complete(session, number, new, T0)


def test_a_topic_once_seen_stays_with_the_incident_and_its_steps(room: Room) -> None:
    story = poisoning(room.press)
    room.sweep()
    for n in range(4):
        room.press.publish(
            story, f"Hiệu trưởng bị kiểm điểm, bản {n}", outlet=f"Báo {n}", topic="dao_duc_nha_giao"
        )
    with room.store.write() as session:
        session.execute(sa.delete(ReadingRow).where(sa.column("mention_id") == 1))
    room.sweep(T0 + HOUR)
    assert room.incident().topics == ["dao_duc_nha_giao", "an_toan_thuc_pham"]
    assert {"TP1", "DD1"} <= {s.code for s in room.rows(StepRow)}


def test_a_new_matter_after_a_closed_one_rings_again(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    number = room.incident().id
    assert number is not None
    close_incident(
        room.store, room.office, number, "Cô Hiệu trưởng", "các em đã khỏe", T0 + HOUR, force=True
    )
    later = T0 + timedelta(days=9)
    second = poisoning(room.press, later)
    with room.store.write() as session:
        session.execute(sa.update(StoryRow).where(sa.column("id") == second).values(first_at=later))
    room.sweep(later)
    assert [row.state for row in room.rows(IncidentRow)] == ["closed", "new"]
    assert len(room.told("open")) == 8


def test_the_topmost_unit_is_asked_again_when_nobody_stands_above_it(room: Room) -> None:
    story = room.press.story("Sự việc chung của ngành")
    room.press.publish(story, "Sự việc chung của ngành", units={SECTOR.id: 0.9})
    room.sweep()
    room.sweep(T0 + 4 * HOUR)
    assert {r for _, r in room.told("escalate")} == {"vanphong"}
    assert "unreachable" not in room.events()


def test_a_later_story_of_the_same_affair_joins_its_incident_in_any_words(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    later = T0 + timedelta(days=40)
    trial = room.press.story("Chuyện hậu kiểm ở cơ sở cung cấp")
    room.press.publish(
        trial, "Chuyện hậu kiểm ở cơ sở cung cấp", at=later, topic="dao_duc_nha_giao",
        units={SECTOR.id: 0.9},
    )  # fmt: skip
    with room.store.write() as session:
        session.execute(sa.update(StoryRow).values(event_id=1))
    room.sweep(later)
    assert [row.incident_id for row in room.rows(StoryRow)] == [room.incident().id] * 2
    assert "attached" in room.events()
    assert room.incident().unit_id == SCHOOL.id, "it is never handed up"


def test_an_incident_is_handed_down_to_the_unit_that_is_named_later(room: Room) -> None:
    story = room.press.story("Học sinh nhập viện sau bữa trưa")
    room.press.publish(story, "Học sinh nhập viện sau bữa trưa", units={SECTOR.id: 0.9})
    room.sweep()
    assert room.incident().unit_id == SECTOR.id
    for n in range(2):
        room.press.publish(
            story, f"Bữa trưa ở Suối Mơ, bài {n}", at=T0 + HOUR, outlet=f"Báo {n}",
            units={SCHOOL.id: 0.95},
        )  # fmt: skip
    room.sweep(T0 + HOUR)
    assert room.incident().unit_id == SCHOOL.id


def test_a_digest_neither_opens_nor_names_an_incident(room: Room) -> None:
    lone = room.press.story("Điểm tin 6h: nhiều em nhập viện")
    room.press.publish(lone, "Điểm tin 6h: nhiều em nhập viện", risk_p=(0.0, 0.1, 0.3, 0.6))
    room.sweep()
    assert room.rows(IncidentRow) == []
    room.press.publish(lone, "Em nhỏ ở Suối Mơ nhập viện", at=T0 + HOUR, outlet="Báo Một")
    room.sweep(T0 + HOUR)
    assert room.incident().title == "Em nhỏ ở Suối Mơ nhập viện"


def test_an_alert_keeps_which_rules_made_it(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    opened = room.rows(IncidentEventRow)[0]
    assert "override:nhap_vien_sau_bua_an" in opened.data["codes"]
    assert opened.data["points"]["severity"] > 0
