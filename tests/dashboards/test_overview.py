"""The overview in every state: calm, blind, half deaf, stormy, empty; each sees their own part."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from langnghe.core.clock import hanoi
from langnghe.core.schoolyear import week_number
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from tests.conftest import NOW
from tests.core.test_no_history_scans import GROWING, scans
from tests.webhouse import CHILD, MASK, WebHouse
from tests.webwatch import put_unusual

TODAY = hanoi(NOW).date()
HOUR = timedelta(hours=1)


def listen(house: WebHouse, working: int = 3, failing: int = 0) -> None:
    """Let the stages run and some sources answer."""
    house.beat()
    with house.store.write() as session:
        for n in range(working + failing):
            state = "working" if n < working else "failing"
            session.add(
                t.SourceRow(
                    id=f"s{n}", name=f"Báo Số {n}", kind="rss", url=f"https://b{n}.example/rss",
                    state=state, since=NOW - 5 * HOUR, last_ok_at=NOW - 5 * HOUR,
                    mend="Mở lại đường mạng.",
                )
            )  # fmt: skip


def tally(
    house: WebHouse, unit: str, *, ago: int = 0, topic: str = "", n: int = 1, neg: int = 0
) -> None:
    """Store what the sweep would have counted of a day."""
    day = TODAY - timedelta(ago)
    with house.store.write() as session:
        session.merge(t.BoardDayRow(day=day, heard=900, sources=41, counted_at=NOW))
        session.merge(
            t.BoardCountRow(
                unit_id=unit, topic=topic, day=day, week=week_number(day), originals=n,
                neg=neg, neu=n - neg,
            )
        )  # fmt: skip


def usual(house: WebHouse, unit: str = "so", *, mentions: float = 60.0, days: int = 20) -> None:
    """Let the house have listened long enough to know what is usual."""
    with house.store.write() as session:
        for n in range(1, days + 1):
            session.add(t.WatchDayRow(day=TODAY - timedelta(n), heard=900, counted_at=NOW))
        session.add(
            t.WatchStateRow(
                unit_id=unit, topic="", through=TODAY - timedelta(1),
                data={"usual": [mentions, float(days), 9.0, 30.0], "waiting": [],
                      "run": [0.0, 0, 0, 0.0], "alarm": 0, "recent": [],
                      "through": (TODAY - timedelta(1)).toordinal()},
            )
        )  # fmt: skip


def test_calm_is_said_in_few_words_with_what_was_heard(house: WebHouse) -> None:
    listen(house)
    tally(house, "so", n=2)
    page = house.browser().get("/").text
    assert "Hôm nay yên ổn" in page
    assert "4 đơn vị đều ở mức Xanh, không có vụ việc nào đang mở." in page
    assert "Hôm nay đã nghe 900 tin từ 41 nguồn, 2 tin nói về đơn vị." in page
    for loud in ('role="alert"', "Cảnh báo", "Việc đang chờ", "data-incident", "pulse-stalled"):
        assert loud not in page, loud
    assert page.count("<h1") == 1


@pytest.mark.parametrize("state", ["deaf", "standing", "half"])
def test_a_house_that_does_not_hear_never_looks_calm(house: WebHouse, state: str) -> None:
    if state == "deaf":
        listen(house, working=0, failing=3)
    elif state == "half":
        listen(house, working=1, failing=3)
    else:
        listen(house)
        house.clock.move_to(NOW + 2 * HOUR)
        house.app.state.started = NOW - HOUR
    tally(house, "so")
    usual(house)
    page = house.browser().get("/").text
    assert "yên ổn</h1>" not in page
    assert "như thường lệ" not in page, "few mentions mean nothing to deaf ears"
    assert "badge muc-0" not in page
    if state == "half":
        assert "chỉ 1/4 nguồn hoạt động" in page
        return
    assert 'role="alert"' in page
    if state == "deaf":
        assert "Báo Số 0" in page
        assert "Lần cuối nghe được:" in page
        assert "Mở lại đường mạng." in page
    else:
        assert "langnghe doctor" in page


def test_a_house_without_any_data_says_so(house: WebHouse) -> None:
    page = house.browser().get("/").text
    assert "Hệ thống đang khởi động" in page
    assert "Đang học mức thường ngày: đã nghe 0/14 ngày." in page
    assert "Năm học này chưa có tin nào về đơn vị." in page
    assert "Ba ngày qua không có cụm tin nào về đơn vị." in page
    assert "<svg" not in page.split("<main", 1)[1]


def test_a_storm_of_200_incidents_shows_the_gravest_and_counts_the_rest(house: WebHouse) -> None:
    listen(house)
    for n in range(199):
        house.incident(f"Việc số {n}", level=1 + n % 2, unit=("th_a", "th_b")[n % 2], minutes=-200)
    grave = house.incident("12 học sinh nhập viện", level=3)
    page = house.browser().get("/").text
    assert page.count("data-incident=") == 6
    first = re.search(r'data-incident="(\d+)"', page)
    assert first is not None
    assert int(first[1]) == grave, "a crisis nobody took up stands above what is merely late"
    assert "200 chưa ai tiếp nhận, 199 có việc quá hạn" in page
    assert 'data-waiting="200"' in page
    assert "(200)" in page
    assert len(page.encode()) < 40_000
    levels = page[page.index("Mức của từng đơn vị") :]
    shown = [levels.index(name) for name in ("Sở GD&amp;ĐT", "xã Bản Hoa", "Suối Mơ", "Đồi Gió")]
    assert shown == sorted(shown), "a tree, the worst branch first"


def test_what_waits_for_a_hand_is_listed_with_whose_it_is(house: WebHouse) -> None:
    listen(house)
    fields: dict[str, Any] = {
        "template": "m1", "template_version": "1", "audience": "press", "text": "…",
        "created_at": NOW, "created_by": 1, "updated_at": NOW - 2 * HOUR, "updated_by": 1,
    }  # fmt: skip
    ids = [
        house.add(t.StatementRow(unit_id="th_a", title=f"Lời số {n}", state=state, **fields))
        for n, state in enumerate(["review", "approved", "draft", "released"])
    ]
    for n, (due, answered) in enumerate([(-26, None), (5, None), (-30, NOW)]):
        house.add(
            t.FeedbackRow(
                unit_id="th_a", year=2026, number=n + 1, received_at=NOW, received_by="x",
                channel="letter", kind="complaint", sender="parent", text="x", masked="x",
                owner="Đ/c Bình", due_at=NOW + due * HOUR, answered_at=answered,
            )
        )  # fmt: skip
    house.add(
        t.OutboxRow(key="k", level=2, purpose="raise", role="principal", recipient="a@b.example",
                    subject="s", body_text="t", body_html="t", message_id="m", created_at=NOW,
                    due_at=NOW - HOUR, state="dead")
    )  # fmt: skip
    page = house.browser().get("/").text
    part = page[page.index("Việc đang chờ") : page.index("Số tin so với thường lệ")]
    assert f'href="/phat-ngon/{ids[0]}"' in part
    assert "Phát ngôn đã duyệt, chờ đăng: Lời số 1" in part
    assert "Lời số 2" not in part
    assert "Lời số 3" not in part
    assert "Hiệu trưởng" in part
    assert "Góp ý số 1/2026" in part
    assert "quá hạn 1 ngày 2 giờ" in part
    assert "Đ/c Bình" in part
    assert "số 2/2026" not in part
    assert "số 3/2026" not in part
    assert "1 thông báo không gửi được trong 24 giờ qua" in part
    assert "yên ổn</h1>" in page, "paper work is no alarm"
    theirs = house.browser("of_b").get("/").text
    assert "Lời số" not in theirs
    assert "Góp ý số 1/2026" not in theirs
    assert "không gửi được" not in theirs


def test_a_grave_report_that_nobody_read_ends_the_calm(house: WebHouse) -> None:
    listen(house)
    fields: dict[str, Any] = {"unit_id": "th_a", "channel": "form", "received_at": NOW}
    house.add(t.IntakeRow(receipt="A1", text="x", masked="x", risk=0, **fields))
    page = house.browser().get("/").text
    assert "1 phiếu tiếp nhận chờ xem" in page
    assert "yên ổn</h1>" in page
    house.add(t.IntakeRow(receipt="A2", text="x", masked="x", risk=3, **fields))
    page = house.browser().get("/").text
    assert "2 phiếu tiếp nhận chờ xem – có phiếu báo chuyện nặng, chưa xác minh" in page
    assert "yên ổn</h1>" not in page
    assert "yên ổn</h1>" in house.browser("of_b").get("/").text


def test_everybody_sees_only_their_own_part_of_the_tree(house: WebHouse) -> None:
    listen(house)
    usual(house, "th_b")
    house.incident("Việc trường A", unit="th_a", level=3)
    house.incident("Việc trường B", unit="th_b", level=1)
    for unit, n in [("so", 70), ("xa_a", 61), ("th_a", 52), ("th_b", 43)]:
        tally(house, unit, n=n)
        tally(house, unit, topic="khoan_thu", n=n)
    put_unusual(house, "th_a")
    ours = house.browser("of_b").get("/").text
    for foreign in ("Việc trường A", "Suối Mơ", "Bản Hoa", "Sở GD", "(70)", "70 tin", "52 tin"):
        assert foreign not in ours, foreign
    assert "Việc trường B" in ours
    assert "Hôm nay 43 tin gốc" in ours
    above = house.browser("of_a").get("/").text
    assert "Việc trường A" in above
    assert "Việc trường B" not in above
    assert "Hôm nay 61 tin gốc" in above
    everything = house.browser().get("/").text
    assert "Hôm nay 70 tin gốc" in everything
    assert "Việc trường A" in everything
    assert "Việc trường B" in everything


def test_volume_is_said_against_the_usual(house: WebHouse) -> None:
    listen(house)
    usual(house)
    client = house.browser()
    tally(house, "so", n=2)
    page = client.get("/").text
    assert re.search(r"Hôm nay 2 tin gốc, như thường lệ \(0–\d+ tin một ngày\)", page)
    assert "ch-band" in page
    tally(house, "so", n=50)
    page = client.get("/").text
    assert "Hôm nay 50 tin gốc: cao hơn thường lệ" in page
    put_unusual(house, "so", topic="", since=TODAY, through=TODAY)
    page = client.get("/").text
    assert "Hôm nay 50 tin gốc: BẤT THƯỜNG" in page
    assert "yên ổn</h1>" not in page, "the page is never calmer than the alarm"


def test_the_share_of_negative_mentions_stands_beside_the_weeks_before(house: WebHouse) -> None:
    listen(house)
    client = house.browser()
    tally(house, "so", n=8, neg=4)
    assert "ngày trước đó" not in client.get("/").text, "of a handful no share is said"
    tally(house, "so", n=12, neg=1, ago=6)
    tally(house, "so", n=40, neg=10, ago=20)
    page = client.get("/").text
    assert "7 ngày qua: 5/20 tin tiêu cực (25 %); 23 ngày trước đó: 25 %." in page


def test_topics_stand_by_week_of_the_school_year(house: WebHouse) -> None:
    listen(house)
    tally(house, "so", topic="khoan_thu", n=4)
    tally(house, "so", topic="khoan_thu", n=3, ago=7)
    tally(house, "so", topic="bao_luc_hoc_duong", n=1, ago=400)
    page = house.browser().get("/").text
    assert "Năm học 2026–2027, đang ở tuần 12" in page
    heat = page[page.index("h-topics") : page.index("h-stories")]
    assert "11: 3; 12: 4" in heat
    assert "Bạo lực" not in heat, "last year's topics are not of this year"


def test_top_stories_have_their_phase(house: WebHouse) -> None:
    listen(house)
    for n, (title, level, age) in enumerate(
        [("Chuyện nhỏ", 0, 1), ("Chuyện lớn", 2, 2), ("Chuyện xưa", 3, 90)]
    ):
        story = house.add(
            t.StoryRow(title=title, first_at=NOW - age * HOUR, last_at=NOW - age * HOUR,
                       mention_count=5, unit_id="th_a", level=level)
        )  # fmt: skip
        house.mention(f"{title} {n}", minutes=-60 * age, story=story, unit="th_a")
    page = house.browser().get("/").text
    part = page[page.index("h-stories") : page.index("h-news")]
    assert part.index("Chuyện lớn") < part.index("Chuyện nhỏ")
    assert "Chuyện xưa" not in part
    assert ">mới<" in part


def test_hostile_and_endless_texts_do_no_harm(house: WebHouse) -> None:
    listen(house, working=1, failing=2)
    evil = "<script>alert(1)</script>\u202e" + "Trường " * 1500
    house.incident(evil, level=3)
    house.mention(evil, unit="th_a", masked=evil)
    house.add(t.StoryRow(title=evil, first_at=NOW, last_at=NOW, mention_count=1, unit_id="th_a"))
    with house.store.write() as session:
        session.execute(sa.update(t.SourceRow).values(name=evil, mend=evil))
    page = house.browser().get("/").text
    assert "<script>alert" not in page
    assert len(page.encode()) < 40_000


def test_no_name_of_a_child_is_on_it(house: WebHouse) -> None:
    listen(house)
    house.mention(f"Em {CHILD} nhập viện", unit="th_a")
    page = house.browser().get("/").text
    assert CHILD not in page
    assert MASK in page


def test_the_living_parts_are_parts_of_the_page(house: WebHouse) -> None:
    listen(house)
    house.incident()
    house.mention("Tin vừa tới", unit="th_a")
    client = house.browser()
    assert "Tiếp nhận" in client.get("/manh/tong-quan").text
    newest = client.get("/manh/tin-moi").text
    assert "Tin vừa tới" in newest
    assert "<html" not in newest
    assert house.anyone().get("/manh/tin-moi").status_code == 303


def test_it_speaks_english(house: WebHouse) -> None:
    listen(house)
    usual(house)
    tally(house, "so", n=3, neg=2)
    client = house.browser()
    client.cookies.set("langnghe_lang", "en")
    page = client.get("/").text
    for said in ("All calm today", "3 own reports today, as usual", "negative: 2", "usual range",
                 "School year 2026–2027"):  # fmt: skip
        assert said in page, said
    assert "thường lệ" not in page


def test_no_query_of_the_page_scans_what_grows(house: WebHouse) -> None:
    listen(house)
    usual(house)
    house.incident(minutes=-300)
    house.mention("Tin", unit="th_a", story=1)
    tally(house, "so")
    with house.store.write() as session:
        session.execute(sa.update(t.StoryRow).values(last_at=NOW))
    seen: list[tuple[str, Any]] = []

    @sa.event.listens_for(house.store.engine, "before_cursor_execute")
    def _note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            seen.append((statement, parameters[0] if many else parameters))

    for who in ("officer", "of_a"):
        client = house.browser(who)
        for path in ("/", "/manh/tong-quan", "/manh/tin-moi"):
            assert client.get(path).status_code == 200
    assert len(seen) > 60
    growing = (GROWING | {"board_count", "statement", "feedback", "incident"}) - {"unusual"}
    assert {(table, text) for table, text in scans(house.store, seen) if table in growing} == set()


def test_both_databases_give_the_page(any_store: Store, tmp_path: Path) -> None:
    house = WebHouse(any_store, tmp_path)
    listen(house, working=2, failing=1)
    usual(house)
    tally(house, "so", n=9)
    tally(house, "so", topic="khoan_thu", n=4)
    house.incident("Việc gấp", level=3, minutes=-90)
    house.incident("Việc cũ", unit="th_b", acknowledged_at=NOW)
    house.mention("Tin", unit="th_a", story=1)
    put_unusual(house)
    for who, seen in (("officer", True), ("of_b", False)):
        answer = house.browser(who).get("/")
        assert answer.status_code == 200
        assert ("Việc gấp" in answer.text) is seen
        assert "Việc cũ" in answer.text
