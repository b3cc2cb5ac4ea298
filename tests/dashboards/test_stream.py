"""The stream and the list of stories: filters in words, keyset pages, texts of every kind."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from langnghe.core.store import tables as t
from tests.conftest import NOW
from tests.core.test_no_history_scans import scans
from tests.webhouse import WebHouse


def titles(html: str) -> list[str]:
    return re.findall(r'<h2 id="t\d+"><a href="/tin/\d+"><bdi>([^<]+)</bdi>', html)


def test_filters_are_told_in_words_and_each_can_be_taken_out(house: WebHouse) -> None:
    house.mention("Phụ huynh hỏi về quỹ lớp", unit="th_a")
    browser = house.browser()
    page = browser.get("/dong-tin?don_vi=th_a&sac_thai=neg&quan_diem=report&tu=2026-11-20").text
    line = page[page.index('class="asked"') : page.index("Kết quả lúc")]
    for words in ("Đang lọc:", "Trường TH Suối Mơ", "tiêu cực", "phản ánh", "20/11/2026"):
        assert words in line
    assert 'href="/dong-tin?don_vi=th_a&amp;quan_diem=report&amp;tu=2026-11-20"' in line
    assert "Xóa tất cả" in line
    assert "Đang lọc" not in browser.get("/dong-tin").text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["c", "b", "a"]), ("quan_diem=deny", ["b"]), ("quan_diem=report", ["c", "a"]),
        ("sac_thai=pos", ["c"]), ("don_vi=th_a", ["a"]), ("don_vi=so", ["b", "a"]),
        ("don_vi=suoi mo", ["a"]), ("muc=2", ["a"]), ("nguon=bao-a", ["a"]),
        ("nguon=Báo Thử", ["c", "b"]), ("chu_de=ma_tuy_chat_cam", ["b"]), ("tim=xin chao", ["c"]),
        ("tim=tin&quan_diem=deny&don_vi=so", ["b"]), ("tu=2026-11-24", ["c"]),
        ("den=2026-11-23", ["b", "a"]), ("den=2026-11-23&don_vi=so", ["b", "a"]),
        ("loai=comment", ["b"]), ("muc=2&tim=tin&sac_thai=neg&nguon=bao-a&xem=chua", ["a"]),
    ],
)  # fmt: skip
def test_each_filter_and_all_together(house: WebHouse, query: str, shown: list[str]) -> None:
    with house.store.write() as session:
        session.add(t.SourceRow(id="bao-a", name="Báo A", kind="rss", url="https://a.example"))
    story = house.add(t.StoryRow(title="a", first_at=NOW, last_at=NOW, mention_count=1, level=2))
    a = house.mention("a", "một tin", unit="th_a", story=story)
    b = house.mention(
        "b", "hai tin", unit="th_b", minutes=60, stance="deny",
        topics=[{"topic": "ma_tuy_chat_cam", "p": 0.9, "evidence": []}],
    )  # fmt: skip
    house.mention("c", "xin chào", minutes=24 * 60, sentiment="pos")
    with house.store.write() as session:
        row = session.get_one(t.MentionRow, a)
        row.source_id, row.source_name = "bao-a", "Báo A"
        session.get_one(t.MentionRow, b).kind = "comment"
    assert titles(house.browser().get(f"/dong-tin?{query}").text) == shown


@pytest.mark.parametrize(
    "query", ["xem=la", "quan_diem=x", "sac_thai=x", "muc=x", "tim=" + "a" * 300]
)
def test_an_unreadable_filter_is_an_error(house: WebHouse, query: str) -> None:
    assert house.browser().get(f"/dong-tin?{query}").status_code == 422


def test_pages_hold_while_new_mentions_come(house: WebHouse) -> None:
    for n in range(40):
        house.mention(f"tin {n}", minutes=n)
    browser = house.browser()
    seen: list[str] = []
    path = "/dong-tin"
    for turn in range(4):
        page = browser.get(path).text
        seen += titles(page)
        house.mention(f"mới {turn}", minutes=1000 + turn)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        if not more:
            break
        path = more[1].replace("&amp;", "&")
    assert seen == [f"tin {n}" for n in reversed(range(40))]


def test_a_rare_wish_is_looked_for_a_bounded_way_and_says_so(house: WebHouse) -> None:
    for n in range(70):
        house.mention(f"tin {n}", "xin chao", minutes=n, masked="[tên học sinh]")
    browser = house.browser()
    page = browser.get('/dong-tin?tim="xin chao"').text
    assert titles(page) == []
    assert "Không có tin phù hợp." in page, "all were looked at"


def test_hostile_texts_stay_in_their_place(house: WebHouse) -> None:
    long = "A" * 10_000
    house.mention(long, "B" * 10_000)
    house.mention("<script>alert(1)</script><b>đậm", "\u202eđảo\u200d\u200d ngược")
    house.mention("", "Bình luận không tiêu đề")
    story = house.add(t.StoryRow(title=long, first_at=NOW, last_at=NOW, mention_count=3))
    browser = house.browser()
    for path in ("/dong-tin", "/cum-tin", f"/cum-tin/{story}"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "<b>đậm" not in page
        assert "A" * 300 not in page
        assert len(page) < 60_000
    assert "A" * 10_000 in browser.get("/tin/1").text, "the whole is one click away"


def test_the_keys_are_told_and_the_script_is_the_only_one_more(house: WebHouse) -> None:
    house.mention("Một tin")
    page = house.browser().get("/dong-tin").text
    assert "Bấm ? để xem phím tắt" in page
    for key in ("<kbd>j</kbd>", "<kbd>k</kbd>", "<kbd>x</kbd>", "<kbd>u</kbd>", "<kbd>?</kbd>"):
        assert key in page
    assert len(re.findall(r"<script", page)) == 2
    assert "style=" not in page


def test_stories_by_level_then_by_activity(house: WebHouse) -> None:
    def add(title: str, level: int, minutes: int, count: int = 3, unit: str = "th_a") -> int:
        at = NOW.replace(hour=0, minute=minutes)
        return house.add(
            t.StoryRow(title=title, first_at=at, last_at=at, mention_count=count, level=level,
                       unit_id=unit, topics=["khoan_thu"])
        )  # fmt: skip

    add("xanh", 0, 30)
    add("lẻ", 0, 31, count=1)
    add("đỏ cũ", 3, 1)
    add("đỏ mới", 3, 2)
    add("vàng lẻ", 1, 40, count=1)
    add("trống", 2, 50, count=0)
    add("bên kia", 2, 3, unit="th_b")
    browser = house.browser()

    def listed(query: str = "", who: str = "") -> list[str]:
        page = (house.browser(who) if who else browser).get(f"/cum-tin{query}").text
        return re.findall(r'<h2><a href="/cum-tin/\d+"><bdi>([^<]+)</bdi>', page)

    assert listed() == ["đỏ mới", "đỏ cũ", "bên kia", "vàng lẻ", "xanh"]
    assert listed("?it_nhat=1&muc=0") == ["lẻ", "xanh"]
    assert listed("?xep=moi&it_nhat=1")[:2] == ["vàng lẻ", "lẻ"]
    assert listed("?don_vi=th_b") == ["bên kia"]
    assert listed("?chu_de=ma_tuy_chat_cam") == []
    assert listed(who="of_b") == ["bên kia"]
    for wrong in ("?trong=9", "?it_nhat=3", "?xep=x", "?trang=9~a", "?trang=x"):
        assert browser.get(f"/cum-tin{wrong}").status_code == 422


def test_story_pages_go_on_across_levels(house: WebHouse) -> None:
    for n in range(40):
        at = NOW.replace(hour=0, minute=n)
        house.add(
            t.StoryRow(title=f"cụm {n}", first_at=at, last_at=at, mention_count=3, level=n % 4)
        )
    browser = house.browser()
    seen: list[str] = []
    path = "/cum-tin"
    while path:
        page = browser.get(path).text
        seen += re.findall(r"<bdi>cụm (\d+)</bdi>", page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        path = more[1].replace("&amp;", "&") if more else ""
    assert [int(n) for n in seen] == sorted(range(40), key=lambda n: (-(n % 4), -n))


EVERY = [
    "", "?don_vi=th_a", "?don_vi=so&chu_de=khoan_thu", "?sac_thai=neg&quan_diem=report",
    "?quan_diem=deny", "?muc=2", "?muc=0", "?nguon=bao-a", "?nguon=la", "?tim=quy lop",
    "?tim=quy&don_vi=th_a&muc=2&sac_thai=neg&quan_diem=report&nguon=la&loai=news&tu=2026-11-01"
    "&den=2026-11-30&xem=chua&sao=1", "?xem=chua", "?xem=da", "?sao=1", "?nhieu=1",
    "?tu=2026-11-01&den=2026-11-30", "?tat_ca=1",
]  # fmt: skip


@pytest.mark.parametrize("who", ["officer", "of_a"])
def test_no_filter_reads_a_growing_table_whole(house: WebHouse, who: str) -> None:
    story = house.add(t.StoryRow(title="a", first_at=NOW, last_at=NOW, mention_count=1, level=2))
    for n in range(20):
        house.mention(f"quỹ lớp {n}", minutes=n, unit="th_a", story=story)
    browser = house.browser(who)
    seen: list[tuple[str, Any]] = []

    @sa.event.listens_for(house.store.engine, "before_cursor_execute")
    def _note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _m: bool) -> None:
        if statement.lstrip().startswith("SELECT"):
            seen.append((statement, parameters))

    for query in EVERY:
        assert browser.get(f"/dong-tin{query}").status_code == 200
    for query in ("", "?muc=2", "?xep=moi&don_vi=th_a", "?trong=tat-ca&chu_de=khoan_thu"):
        assert browser.get(f"/cum-tin{query}").status_code == 200
    assert browser.get(f"/cum-tin/{story}").status_code == 200
    assert len(seen) > 100
    assert scans(house.store, seen) == set()
    # The newest few of several units are put in order together; each of them is bounded before.
    walks = [one for one in seen if "AS win" in one[0] and "UNION SELECT anon" not in one[0]]
    assert len(walks) > len(EVERY)
    for one in walks:
        assert sorted_whole(house, *one) == [], one[0]


def sorted_whole(house: WebHouse, statement: str, parameters: Any) -> list[str]:
    """Return the steps that sort inside the window, before its rows are bounded."""
    with house.store.engine.connect() as connection:
        plan = list(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))
    inside = {row[0] for row in plan if "win" in row[3] and row[3].startswith(("CO-R", "MATERI"))}
    while True:
        grown = inside | {row[0] for row in plan if row[1] in inside}
        if grown == inside:
            break
        inside = grown
    return [
        row[3]
        for row in plan
        if row[0] in inside and "TEMP B-TREE FOR" in row[3] and "UNION" not in row[3]
    ]
