"""Notices of an incident: grouped, held at night, stopped by an answer, ended by «đã xử lý»."""

from __future__ import annotations

from dataclasses import replace
from datetime import time as clock
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from alerts.actions import Notify
from alerts.concluding import close_incident
from alerts.incidents import acknowledge
from alerts.links import verify
from alerts.notify import notify
from alerts.outbox import tell
from langnghe.core.policy.model import Policy
from langnghe.core.store.delivery import deliveries_of, note_acknowledged, note_opened
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import DeadlineRow, DeliveryRow, IncidentRow, OutboxRow
from tests.alerts.town import HOUR, MINUTE, POLICY, SCHOOL, T0, Postbox, Room, poisoning

NIGHT = T0 + 14 * HOUR  # 22:00 in Vietnam
MORNING = T0 + 21 * HOUR + 30 * MINUTE  # 05:30, the end of the playbook's quiet hours


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    return Room(store, tmp_path)


@pytest.fixture
def post() -> Postbox:
    return Postbox()


def few_an_hour(count: int) -> Policy:
    return replace(POLICY, notices=replace(POLICY.notices, max_per_hour=count, quiet=None))


def incident(session: Session, room: Room, *, level: int = 3, number: int = 1) -> IncidentRow:
    row = IncidentRow(
        story_id=number, unit_id=SCHOOL.id, title=f"Sự việc số {number}", level=level,
        peak_level=level, score=80.0, opened_at=T0, updated_at=T0, policy_version="t",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def by_person(room: Room, name: str) -> list[OutboxRow]:
    return [row for row in room.rows(OutboxRow) if row.recipient.startswith(name)]


def test_a_pending_notice_makes_room_for_the_graver_one(room: Room, post: Postbox) -> None:
    with room.store.write() as session:
        row = incident(session, room, level=1)
        notify(session, room.office, row, Notify("open", 1, "principal", 100, T0 + HOUR), T0)
        notify(session, room.office, row, Notify("raise", 3, "principal", 200, T0 + HOUR), T0)
    assert tell(room.store, post, T0).sent == 1
    [mail] = post.mails
    assert mail.subject.startswith("[Đỏ]")
    old, new = by_person(room, "hieutruong")
    assert (old.state, new.state) == ("withdrawn", "sent")
    with room.store.read() as session:
        [*_, last] = deliveries_of(session, [old.id or 0])[old.id or 0]
    assert (last.event, last.detail) == ("withdrawn", "thay bằng thông báo mới hơn")


def test_a_lesser_notice_joins_the_graver_one_that_waits(room: Room, post: Postbox) -> None:
    with room.store.write() as session:
        row = incident(session, room)
        notify(session, room.office, row, Notify("open", 3, "principal", 100, T0 + HOUR), T0)
        row.title = "Nay đã ba mươi em nhập viện"
        notify(session, room.office, row, Notify("news:x=3", 3, "principal", 100, None), T0)
    tell(room.store, post, T0)
    [mail] = post.mails
    assert "Nay đã ba mươi em nhập viện" in mail.subject, "it says what is known now"
    assert "cần xác nhận trước" in mail.subject


def test_at_night_red_rings_and_the_rest_waits_for_the_morning(room: Room, post: Postbox) -> None:
    with room.store.write() as session:
        red, orange = incident(session, room), incident(session, room, level=2, number=2)
        for row in (red, orange):
            due = NIGHT + 15 * MINUTE
            notify(
                session, room.office, row, Notify("open", row.level, "principal", 100, due), NIGHT
            )
    tell(room.store, post, NIGHT)
    assert [mail.subject[:4] for mail in post.mails] == ["[Đỏ]"]
    tell(room.store, post, MORNING - MINUTE)
    assert len(post.mails) == 1
    tell(room.store, post, MORNING)
    assert [mail.subject[:5] for mail in post.mails[1:]] == ["[Cam]"]
    held = next(d for d in room.rows(DeliveryRow) if d.detail)
    assert held.detail.startswith("giữ đến 25/09/2026 05:30")


def test_a_ladder_set_at_night_begins_in_the_morning_unless_it_is_red(room: Room) -> None:
    story = room.press.story("Phụ huynh phản ánh bữa ăn bán trú Trường Tiểu học Suối Mơ")
    room.press.publish(story, "Phụ huynh phản ánh bữa ăn bán trú", at=NIGHT)
    poisoning(room.press, NIGHT)
    room.sweep(NIGHT)
    first = {
        row.id: min(d.due_at for d in room.rows(DeadlineRow)
                    if d.incident_id == row.id and d.kind == "ack")
        for row in room.rows(IncidentRow)
    }  # fmt: skip
    levels = {row.id: POLICY.level(row.level) for row in room.rows(IncidentRow)}
    assert len(first) >= 1
    for own, due in first.items():
        rule = levels[own]
        start = NIGHT if rule.ignores_quiet else MORNING
        assert due == start + rule.ladder[0].after


def test_an_answer_withdraws_what_still_asks_for_one(room: Room, post: Postbox) -> None:
    poisoning(room.press)
    room.sweep()
    tell(room.store, post, T0)
    told = len(post.mails)
    room.sweep(T0 + 31 * MINUTE)  # two rungs of the ladder, not handed over yet
    waiting = [row for row in room.rows(OutboxRow) if row.state == "due"]
    assert waiting
    own = room.incident().id
    assert own is not None
    acknowledge(room.store, own, "Thầy Thư ký", T0 + 32 * MINUTE)
    tell(room.store, post, T0 + 33 * MINUTE)
    room.sweep(T0 + 3 * HOUR)
    tell(room.store, post, T0 + 3 * HOUR)
    assert not [m for m in post.mails[told:] if "cần xác nhận" in m.subject], "silence"
    states = {row.id: row.state for row in room.rows(OutboxRow)}
    assert {states[row.id] for row in waiting} == {"withdrawn"}
    answered = [d for d in room.rows(DeliveryRow) if d.event == "acknowledged"]
    assert [d.by for d in answered] == ["Thầy Thư ký"]


def test_an_incident_s_end_is_told_once_to_each_who_was_told(room: Room, post: Postbox) -> None:
    poisoning(room.press)
    room.sweep()
    tell(room.store, post, T0)
    room.sweep(T0 + 15 * MINUTE)  # the principal a second time, not handed over
    own = room.incident().id
    assert own is not None
    with room.store.write() as session:
        row = session.get(IncidentRow, own)
        assert row is not None
        row.outcome, row.conclusion = "sai_su_that", "Không có em nào nhập viện."
        row.concluded_by = "Công an xã"
    before = list(post.mails)
    close_incident(room.store, room.office, own, "Cô Hiệu trưởng", "đã rõ", T0 + HOUR, force=True)
    tell(room.store, post, T0 + HOUR)
    tell(room.store, post, T0 + 2 * HOUR)
    ends = post.mails[len(before) :]
    assert sorted(m.recipient for m in ends) == sorted({m.recipient for m in before})
    first = {m.recipient: m.message_id for m in before}
    for mail in ends:
        assert mail.subject.endswith("ĐÃ XỬ LÝ")
        assert mail.headers["References"].split()[0] == first[mail.recipient]
        assert "Không có em nào nhập viện." in mail.text
        assert "Công an xã" in mail.html
        assert "cần xác nhận" not in mail.subject
    assert {"withdrawn"} == {row.state for row in room.rows(OutboxRow) if row.purpose == "escalate"}


def test_nobody_hears_of_the_end_who_never_heard_of_the_matter(room: Room, post: Postbox) -> None:
    poisoning(room.press)
    room.sweep()
    own = room.incident().id
    assert own is not None
    close_incident(
        room.store, room.office, own, "Cô Hiệu trưởng", "tin cũ", T0 + MINUTE, force=True
    )
    assert tell(room.store, post, T0 + HOUR).tried == 0
    assert {row.state for row in room.rows(OutboxRow)} == {"withdrawn"}


def test_a_storm_is_one_list_and_no_incident_is_lost(store: Store, tmp_path: Path) -> None:
    room, post = Room(store, tmp_path, policy=few_an_hour(5)), Postbox()
    with store.write() as session:
        for n in range(1, 41):
            row = incident(session, room, number=n)
            notify(session, room.office, row, Notify("open", 3, "principal", 100, T0), T0)
    tell(store, post, T0)
    assert len(post.mails) == 6
    *alone, digest = post.mails
    named = {int(n) for n in digest.headers["X-Langnghe-Incidents"].split()}
    named |= {int(m.headers["X-Langnghe-Incident"]) for m in alone}
    assert named == set(range(1, 41))
    assert "35 thông báo" in digest.subject
    assert {row.state for row in room.rows(OutboxRow)} == {"sent"}
    with store.write() as session:
        row = incident(session, room, number=41)
        notify(session, room.office, row, Notify("open", 3, "principal", 100, T0), T0)
    tell(store, post, T0)
    assert len(post.mails) == 6, "the next list waits a little"
    tell(store, post, T0 + MINUTE)
    assert post.mails[-1].subject.startswith("[Đỏ]"), "one alone is the letter itself"
    assert "Sự việc số 41" in post.mails[-1].text


def test_the_second_rung_asks_somebody_who_was_not_asked(room: Room) -> None:
    with room.store.write() as session:
        row = incident(session, room)
        for rung in (1, 2):
            now = T0 + rung * 15 * MINUTE
            notify(
                session, room.office, row, Notify("escalate", 3, "commune", 100 + rung, now), now
            )
    asked = [row.recipient for row in room.rows(OutboxRow)]
    assert asked == ["vhxh@banhoa.example", "vanphong@maytrang.example"]


def test_opening_the_link_is_noted_once_and_acknowledges_nothing(room: Room, post: Postbox) -> None:
    poisoning(room.press)
    room.sweep()
    tell(room.store, post, T0)
    mail = post.mails[0]
    token = verify(room.settings.secret_key(), mail.data["link"].rsplit("/", 1)[1], T0)
    for minute in (1, 2):
        with room.store.write() as session:
            row = note_opened(
                session, token.incident_id, token.recipient, token.mark, T0 + minute * MINUTE
            )
    assert row is not None
    assert row.key == mail.key
    opened = [d for d in room.rows(DeliveryRow) if d.event == "opened"]
    assert [(d.at, d.by, d.outbox_id) for d in opened] == [(T0 + MINUTE, row.name, row.id)]
    assert room.incident().acknowledged_at is None
    with room.store.write() as session:
        note_acknowledged(session, row, T0 + HOUR, row.name)
        note_acknowledged(session, row, T0 + HOUR, row.name)
    assert [d.event for d in room.rows(DeliveryRow)].count("acknowledged") == 1


def test_the_first_mail_brings_the_deadlines(room: Room, post: Postbox) -> None:
    poisoning(room.press)
    room.sweep()
    tell(room.store, post, T0)
    for mail in post.mails:
        [file] = mail.attachments
        assert file.media_type.startswith("text/calendar")
        assert b"vu-viec-1-xac-nhan@nghe.example.vn" in file.content
    room.sweep(T0 + 15 * MINUTE)
    tell(room.store, post, T0 + 15 * MINUTE)
    assert post.mails[-1].attachments == ()


def test_a_unit_acts_by_its_own_playbook(store: Store, tmp_path: Path) -> None:
    class Own:
        def of(self, policy: Policy, unit_ids: object) -> Policy:
            assert SCHOOL.id in list(unit_ids)  # type: ignore[call-overload]
            red = replace(policy.levels[3], notify=("principal",))
            return replace(policy, version="own", levels=(*policy.levels[:3], red))

    room = Room(store, tmp_path, policy=replace(POLICY, variants=Own()))
    poisoning(room.press)
    room.sweep()
    assert room.told() == [("open", "hieutruong")]
    assert room.incident().policy_version == "own"
    with store.read() as session:
        opened = session.execute(
            sa.text("SELECT data FROM incident_event WHERE kind = 'opened'")
        ).scalar_one()
    assert '"policy": "own"' in opened


def test_quiet_hours_of_a_person_come_before_those_of_all(room: Room, post: Postbox) -> None:
    from alerts.notify import brief_of, send
    from alerts.ways import Quiet, Recipient

    late = Recipient(
        "principal", "Cô Nụ", "nu@x.example", quiet=Quiet(clock(12), clock(13)), key="nu"
    )
    with room.store.write() as session:
        row = incident(session, room, level=2)
        brief = brief_of(session, room.office, row, 2, None, NIGHT)
        send(session, room.office, row, brief, late, Notify("open", 2, "principal", 100), NIGHT)
    assert tell(room.store, post, NIGHT + timedelta(seconds=1)).sent == 1
