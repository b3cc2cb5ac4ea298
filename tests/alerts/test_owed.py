"""An answer silences the ladder, but nobody is left who was to be told and never heard."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.incidents import acknowledge
from alerts.outbox import tell
from alerts.outmail import ChannelDown
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import OutboxRow
from tests.alerts.town import MINUTE, T0, Postbox, Room, poisoning

DOWN = ChannelDown("Máy chủ thư không trả lời.", mend="Xem lại mạng.")


@pytest.fixture
def room(any_store: Store, tmp_path: Path) -> Room:
    return Room(any_store, tmp_path)


def test_a_rung_that_stood_in_for_the_first_notice_still_goes(room: Room) -> None:
    poisoning(room.press)
    room.sweep()  # the mail is out: nothing of it goes
    room.sweep(T0 + 15 * MINUTE)
    own = room.incident().id
    assert own is not None
    acknowledge(room.store, own, "Thầy Thư ký", T0 + 16 * MINUTE)
    box = Postbox()
    tell(room.store, box, T0 + 17 * MINUTE)
    wanted = {recipient for purpose, recipient in room.told() if purpose == "open"}
    assert "hieutruong" in wanted
    assert sorted(mail.recipient.split("@")[0] for mail in box.mails) == sorted(wanted)


def test_a_rung_after_a_first_notice_that_went_is_withdrawn(room: Room) -> None:
    poisoning(room.press)
    room.sweep()
    box = Postbox()
    tell(room.store, box, T0)
    room.sweep(T0 + 15 * MINUTE)
    own = room.incident().id
    assert own is not None
    acknowledge(room.store, own, "Thầy Thư ký", T0 + 16 * MINUTE)
    before = len(box.mails)
    tell(room.store, box, T0 + 17 * MINUTE)
    assert len(box.mails) == before


def test_what_failed_goes_at_once_when_the_channel_is_well(room: Room) -> None:
    box = Postbox()
    box.refuse = DOWN
    poisoning(room.press)
    room.sweep()
    for minute in (0, 1, 3, 7):
        tell(room.store, box, T0 + minute * MINUTE)
    waits = [row.due_at for row in room.rows(OutboxRow) if row.state == "due"]
    assert len(waits) > 2
    assert min(waits) > T0 + 8 * MINUTE
    box.refuse = None
    fresh = room.press.story("Một chuyện khác ở trường Đồi Gió")
    room.press.publish(fresh, "Học sinh Đồi Gió đánh nhau", topic="bao_luc_hoc_duong",
                       units={"thcs_doi_gio": 0.9}, at=T0 + 7 * MINUTE)  # fmt: skip
    at = T0 + 7 * MINUTE + timedelta(seconds=5)
    room.sweep(at)
    tell(room.store, box, at)
    tell(room.store, box, at)
    assert [row.state for row in room.rows(OutboxRow) if row.state != "sent"] == []
