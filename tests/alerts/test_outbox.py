"""Handing over: the gravest first, the next way when one fails, and a log of all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from alerts.calendar_file import Entry, calendar_data, calendar_file
from alerts.digest import MEMBERS
from alerts.falling import GiveUp, Later, NextWay, after_failure
from alerts.grouping_notices import Waiting, digest_time, place
from alerts.messages import short_of
from alerts.outbox import NotConfigured, Receipts, Unsure, replay_receipts, tell
from alerts.outmail import SHORT, ChannelDown, OutMail
from langnghe.core.errors import ConfigError, DeliveryError
from langnghe.core.store.delivery import channel_troubles, deliveries_of
from langnghe.core.store.engine import Store
from langnghe.core.store.outbox import OUTBOX, bell, enqueue, withdraw
from langnghe.core.store.tables import OutboxRow
from tests.alerts.town import MINUTE, T0, Postbox, PowerCut

WAYS = [{"channel": "email", "address": "a@x.example"}, {"channel": "sms", "address": "0900000001"}]
GROUP = timedelta(minutes=10)
DOWN = ChannelDown("Máy chủ thư không trả lời.", mend="Xem lại mạng.")


def message(key: str = "k", *, level: int = 3, ways: Sequence[dict[str, str]] = WAYS,
            patience: int = 0, due: datetime = T0, **more: Any) -> OutboxRow:  # fmt: skip
    first = ways[0]
    values: dict[str, Any] = {
        "key": key, "incident_id": 1, "level": level, "purpose": "open", "round": 1,
        "role": "principal", "person": f"p-{key}", "name": "Cô Nụ", "recipient": first["address"],
        "channel": first["channel"], "ways": [dict(way) for way in ways], "patience_s": patience,
        "subject": f"Tin {key}", "body_text": "chữ\n", "body_html": "<p>chữ</p>", "short": "ngắn",
        "message_id": f"<{key}@x.example>", "created_at": T0, "due_at": due,
    }  # fmt: skip
    return OutboxRow(**(values | more))


def put(store: Store, *rows: OutboxRow) -> None:
    with store.write() as session:
        for row in rows:
            assert enqueue(session, row)


def stored(store: Store) -> dict[str, OutboxRow]:
    with store.read() as session:
        return {row.key: row for row in session.scalars(sa.select(OutboxRow))}


def story(store: Store, key: str = "k") -> list[tuple[str, str]]:
    row_id = stored(store)[key].id
    assert row_id is not None
    with store.read() as session:
        return [(d.event, d.way) for d in deliveries_of(session, [row_id])[row_id]]


class House:
    """An e-mail and an SMS way whose faults a test sets."""

    def __init__(self) -> None:
        self.email, self.sms = Postbox(), Postbox()

    @property
    def ways(self) -> Mapping[str, Postbox]:
        return {"email": self.email, "sms": self.sms}


@pytest.fixture
def house() -> House:
    return House()


def test_the_gravest_goes_first_then_the_oldest(any_store: Store, house: House) -> None:
    put(
        any_store, message("a", level=1), message("b", level=3, due=T0 + MINUTE),
        message("c", level=3), message("d", level=2),
    )  # fmt: skip
    assert tell(any_store, house.ways, T0 + 2 * MINUTE).sent == 4
    assert [mail.key for mail in house.email.mails] == ["c", "b", "d", "a"]
    assert story(any_store, "a") == [("queued", "email"), ("tried", "email"), ("sent", "email")]


def test_a_dead_channel_is_followed_by_the_next_at_once_when_it_is_grave(
    any_store: Store, house: House
) -> None:
    house.email.refuse = DOWN
    put(any_store, message())
    report = tell(any_store, house.ways, T0)
    assert (report.sent, report.fell_back) == (1, 1)
    [mail] = house.sms.mails
    assert (mail.channel, mail.recipient, mail.key) == ("sms", "0900000001", "k")
    assert [event for event, _ in story(any_store)] == [
        "queued", "tried", "failed", "fell_back", "tried", "sent",
    ]  # fmt: skip
    with any_store.read() as session:
        [trouble] = channel_troubles(session)
    assert (trouble.channel, trouble.since, trouble.waiting) == ("email", T0, 0)
    assert "không trả lời" in trouble.why


def test_what_fell_back_never_goes_by_the_first_way_later(store: Store, house: House) -> None:
    house.email.refuse = DOWN
    put(store, message())
    tell(store, house.ways, T0)
    house.email.refuse = None
    for minute in range(1, 60, 10):
        tell(store, house.ways, T0 + minute * MINUTE)
    assert house.email.mails == []
    assert len(house.sms.mails) == 1


def test_a_less_grave_message_is_patient_first(store: Store, house: House) -> None:
    house.email.refuse = DOWN
    put(store, message(level=1, patience=120))
    assert tell(store, house.ways, T0).retried == 1
    assert tell(store, house.ways, T0 + 30 * timedelta(seconds=1)).retried == 1
    assert stored(store)["k"].due_at == T0 + 90 * timedelta(seconds=1)
    assert tell(store, house.ways, T0 + 90 * timedelta(seconds=1)).retried == 1
    assert stored(store)["k"].due_at == T0 + 2 * MINUTE, "no longer than its patience"
    report = tell(store, house.ways, T0 + 2 * MINUTE)
    assert (report.fell_back, report.sent) == (1, 1)


def test_a_channel_known_to_be_down_is_not_asked_by_who_has_another_way(
    store: Store, house: House
) -> None:
    house.email.refuse = DOWN
    put(store, message("a"))
    tell(store, house.ways, T0)
    house.email.refuse = None
    put(store, message("b"), message("only", ways=WAYS[:1]))
    tell(store, house.ways, T0 + timedelta(seconds=10))
    assert [mail.key for mail in house.sms.mails] == ["a", "b"]
    assert [mail.key for mail in house.email.mails] == ["only"], "without another way it is tried"
    with store.read() as session:
        assert channel_troubles(session) == [], "and found to work again"


def test_every_way_is_tried_again_until_one_works(store: Store, house: House) -> None:
    house.email.refuse = house.sms.refuse = DOWN
    put(store, message())
    assert tell(store, house.ways, T0).sent == 0
    row = stored(store)["k"]
    assert (row.state, row.channel) == ("due", "email")
    assert row.due_at > T0, "it rests before going round again"
    house.email.refuse = None
    assert tell(store, house.ways, row.due_at + MINUTE).sent == 1


def test_only_when_every_way_refuses_for_good_is_it_given_up(store: Store, house: House) -> None:
    house.email.refuse = house.sms.refuse = DeliveryError("Không có người này.", permanent=True)
    put(store, message())
    report = tell(store, house.ways, T0)
    assert (report.fell_back, report.dead) == (1, 1)
    assert stored(store)["k"].state == "dead"
    assert story(store)[-1] == ("gave_up", "sms")


def test_a_way_nobody_has_set_up_costs_no_time(store: Store, house: House) -> None:
    zalo = {"channel": "zalo_zns", "address": "0900000001"}
    put(store, message(ways=[zalo, WAYS[0]], level=1, patience=600))
    assert tell(store, {"email": house.email}, T0).sent == 1


def test_an_unsure_try_that_falls_back_says_so(store: Store, house: House) -> None:
    house.email.refuse = Unsure("Máy chủ thư im lặng khi đang nhận.")
    put(store, message())
    tell(store, house.ways, T0)
    [mail] = house.sms.mails
    assert mail.subject == "Tin k (có thể trùng)"
    assert "có thể trùng" in mail.text
    assert mail.headers["X-Langnghe-Maybe-Twice"] == "1"
    assert stored(store)["k"].doubt


def test_a_receipt_of_one_way_keeps_the_other_from_being_used(
    store: Store, house: House, tmp_path: Path
) -> None:
    put(store, message())
    house.email.die_after = 1
    with pytest.raises(PowerCut):
        tell(store, house.ways, T0)
    receipts = Receipts(tmp_path / "receipts.jsonl")
    receipts.append("k", T0)
    assert replay_receipts(store, receipts) == 1
    house.email.die_after, house.email.refuse = None, DOWN
    assert tell(store, house.ways, T0 + timedelta(hours=1)).tried == 0
    assert house.sms.mails == []


def test_receipts_that_a_full_disk_refused_are_written_with_the_next(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "receipts.jsonl"
    path.parent.write_text("in the way")
    receipts = Receipts(tmp_path / "none.jsonl")
    receipts.path = path
    with pytest.raises(Exception, match="biên nhận"):
        receipts.append("a", T0)
    assert "a" in receipts, "this process does not send it again"
    path.parent.unlink()
    receipts.append("b", T0)
    assert {key for key, _ in Receipts(path).items()} == {"a", "b"}


def test_a_full_disk_gives_up_the_space_set_aside_for_receipts(tmp_path: Path) -> None:
    receipts = Receipts(tmp_path / "receipts.jsonl")
    aside = tmp_path / "receipts.jsonl.reserve"
    assert aside.stat().st_size > 100_000
    (tmp_path / "receipts.jsonl").symlink_to("/dev/full")
    with pytest.raises(ConfigError, match="biên nhận"):
        receipts.append("a", T0)
    assert not aside.exists()


def test_what_is_withdrawn_is_kept_but_never_sent(any_store: Store, house: House) -> None:
    put(any_store, message("a"), message("b"))
    with any_store.write() as session:
        assert withdraw(session, OUTBOX.c.key == "a", T0, "đã tiếp nhận", "Cô Nụ") == 1
    assert tell(any_store, house.ways, T0).sent == 1
    assert stored(any_store)["a"].state == "withdrawn"
    assert story(any_store, "a") == [("queued", "email"), ("withdrawn", "email")]


def test_one_that_is_out_when_it_is_withdrawn_is_not_tried_again(store: Store) -> None:
    class Meanwhile(Postbox):
        def send(self, mail: OutMail) -> None:
            with store.write() as session:
                withdraw(session, OUTBOX.c.key == "k", T0, "đã tiếp nhận")
            raise DeliveryError("Máy chủ thư bận.")

    put(store, message(ways=WAYS[:1]))
    tell(store, Meanwhile(), T0)
    assert stored(store)["k"].state == "withdrawn"


def test_one_that_cannot_be_put_together_holds_up_no_other(store: Store, house: House) -> None:
    put(store, message("a", ways=WAYS[:1], calendar={"entries": "broken"}), message("b"))
    report = tell(store, house.ways, T0)
    assert (report.sent, report.retried) == (1, 1)
    assert [mail.key for mail in house.email.mails] == ["b"]
    waiting = stored(store)["a"]
    assert waiting.state == "due"
    assert "nhật ký" in waiting.last_error


def test_the_bell_rings_when_a_message_is_committed(store: Store) -> None:
    rings = bell(store)
    rings.clear()
    with store.write() as session:
        enqueue(session, message())
        assert not rings.is_set()
    assert rings.is_set()


def test_a_digest_carries_its_members_and_shares_their_fate(any_store: Store, house: House) -> None:
    digest = message(
        "d", purpose="digest", incident_id=None, person="p", data={"page": "https://x"}
    )
    put(any_store, digest)
    digest_id = stored(any_store)["d"].id
    members = [
        message(k, state="grouped", digest_id=digest_id, incident_id=n, person="p", data={
            "level": "Đỏ", "link": f"https://x/{k}",
        })
        for n, k in enumerate("abc", start=1)
    ]  # fmt: skip
    put(any_store, *members)
    with any_store.write() as session:
        withdraw(session, OUTBOX.c.key == "b", T0, "đã tiếp nhận")
    assert tell(any_store, house.ways, T0).sent == 1
    [mail] = house.email.mails
    assert mail.subject == "[Tổng hợp] 2 thông báo về vụ việc: 2 Đỏ"
    assert "Tin a\n   https://x/a" in mail.text
    assert "Tin b" not in mail.text
    assert mail.headers[MEMBERS] == "1 3"
    assert len(mail.short) <= SHORT
    states = {key: row.state for key, row in stored(any_store).items()}
    assert states == {"a": "sent", "b": "withdrawn", "c": "sent", "d": "sent"}


def test_a_digest_with_nothing_left_is_not_sent(store: Store, house: House) -> None:
    put(store, message("d", purpose="digest", incident_id=None))
    assert tell(store, house.ways, T0).tried == 0
    assert stored(store)["d"].state == "withdrawn"


# The pure rules.


def falling(error: DeliveryError, **more: Any) -> Later | NextWay | GiveUp:
    return after_failure(message(**more), error, T0)


def test_the_rules_of_falling_back() -> None:
    busy, gone = DeliveryError("bận"), DeliveryError("không có", permanent=True)
    assert isinstance(falling(busy, patience=60), Later)
    assert isinstance(falling(busy), NextWay)
    assert isinstance(falling(gone, patience=60), NextWay)
    assert isinstance(falling(NotConfigured("chưa có"), patience=60), NextWay)
    assert isinstance(falling(busy, ways=WAYS[:1]), Later)
    assert isinstance(falling(gone, ways=WAYS[:1]), GiveUp)
    assert isinstance(falling(busy, attempts=100), NextWay), "time ends the trying, not the count"
    assert isinstance(falling(busy, created_at=T0 - timedelta(days=2)), GiveUp)
    spoilt = [WAYS[0], {**WAYS[1], "spoilt": True}]
    assert isinstance(falling(gone, ways=spoilt), GiveUp)
    assert isinstance(falling(busy, ways=spoilt), Later)


def test_a_notice_makes_room_for_what_says_more() -> None:
    first = Waiting(1, 1, "open", T0)
    rules = {"now": T0, "last_same": None, "group": GROUP}
    raised = place(3, "raise", T0, [first], **rules)  # type: ignore[arg-type]
    assert raised.replaces == (1,)
    reminded = place(1, "step:B02", T0, [replace(first, level=3)], **rules)  # type: ignore[arg-type]
    assert reminded.joins == 1
    assert reminded.replaces == ()
    end = place(0, "resolved", T0 + GROUP, [first], **rules)  # type: ignore[arg-type]
    assert end.replaces == (1,)


def test_nobody_waits_longer_because_there_is_more_to_say() -> None:
    soon = Waiting(1, 2, "open", T0 + MINUTE)
    morning = place(2, "escalate", T0 + 60 * MINUTE, [soon], now=T0, last_same=None, group=GROUP)
    assert morning.replaces == ()
    assert morning.joins is None


def test_what_asks_for_nothing_follows_its_like_no_sooner_than_the_group() -> None:
    rules = {"now": T0, "last_same": T0 - MINUTE, "group": GROUP}
    assert place(2, "news:x", T0, [], **rules).due_at == T0 + 9 * MINUTE  # type: ignore[arg-type]
    assert place(2, "escalate", T0, [], **rules).due_at == T0  # type: ignore[arg-type]


def test_above_so_many_an_hour_there_is_one_list() -> None:
    assert digest_time(T0, 11, 12, None, GROUP) is None
    assert digest_time(T0, 12, 12, None, GROUP) == T0
    assert digest_time(T0, 40, 12, T0 - MINUTE, GROUP) == T0 + 9 * MINUTE
    assert digest_time(T0, 40, 12, T0 - 60 * MINUTE, GROUP) == T0


def test_the_short_form_is_short_and_keeps_its_link() -> None:
    link = "https://nghe.example.vn/xac-nhan/" + "x" * 120
    said = short_of("[Đỏ] Trường Tiểu học Suối Mơ: " + "rất dài " * 60, link)
    assert len(said) <= SHORT
    assert said.endswith(link)
    assert said.startswith("[Đỏ] Trường Tiểu học Suối Mơ")


def test_the_calendar_keeps_what_is_to_come_and_moves_what_moved() -> None:
    entries = [
        Entry("B01", "Bảo đảm an toàn", "Hiệu trưởng", T0 + 30 * MINUTE),
        Entry("B00", "đã qua", "Hiệu trưởng", T0 - MINUTE),
    ]
    told = [
        calendar_file(
            calendar_data(7, "Vụ việc; thử, dài", entries, host="x.example", url="https://x/7",
                          sequence=n, now=T0)
        )[0]
        for n in (1, 2)
    ]  # fmt: skip
    texts = [one.content.decode() for one in told]
    for number, text in enumerate(texts, start=1):
        assert "METHOD:PUBLISH" in text
        assert "UID:vu-viec-7-B01@x.example" in text
        assert f"SEQUENCE:{number}" in text
        assert "BEGIN:VALARM" in text
        assert "DTSTART:20260924T013000Z" in text
        assert "B00" not in text
    assert calendar_file(calendar_data(7, "x", [], host="h", url="u", sequence=1, now=T0)) == ()
