"""The page of a story: what an officer sees at once, in words and without a child's name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from langnghe.core.store import tables as t
from tests.conftest import NOW
from tests.webhouse import CHILD, WebHouse


def crisis(house: WebHouse) -> int:
    """Store a story told by four mentions, one of them a copy, one a denial; return its incident.

    A child's name stands in every raw text and in the words of every fact.
    """
    number = house.incident("Học sinh nhập viện", level=2)

    def publish(
        title: str, outlet: str, minutes: int, value: float = 0, copy_of: int | None = None,
        **more: Any,
    ) -> int:  # fmt: skip
        said = f"{value:.0f} học sinh nhập viện"
        facts = [{"kind": "hospitalised", "value": value, "span": [0, 9], "text": said},
                 {"kind": "dead", "value": None, "span": [0, 9], "text": f"em {CHILD}"},
                 {"kind": "injured", "value": 2.0, "span": [0, 9], "text": f"gần 2 bạn {CHILD}"},
                 {"kind": "speaker_police", "value": None, "span": [0, 9], "text": "Công an"},
                 ]  # fmt: skip
        body = f"{said} tại xã Bản Hoa sau bữa trưa bán trú, trong đó có em {CHILD} đang nằm viện."
        mention = house.mention(
            title, body, minutes=minutes, unit="th_a", story=1,
            facts=facts if value else [], **more,
        )  # fmt: skip
        with house.store.write() as session:
            row = session.get_one(t.MentionRow, mention)
            row.source_name, row.url = outlet, None
        house.add(t.StoryMentionRow(story_id=1, mention_id=mention, copy_of=copy_of, at=NOW))
        return mention

    first = publish(f"Em {CHILD} cùng 20 học sinh nhập viện", "Báo Mây", -200, 20)
    publish(f"Em {CHILD} cùng 20 học sinh nhập viện", "Trang Gió", -190, 20, copy_of=first)
    publish("Đã có 31 học sinh nhập viện ở xã Bản Hoa", "Báo Rừng", -30, 31)
    publish(f"Công an bác tin em {CHILD} tử vong", "Báo Rừng", -10, stance="deny")
    return number


def test_the_page_tells_what_happened_at_a_glance(house: WebHouse) -> None:
    crisis(house)
    text = house.browser().get("/cum-tin/1").text
    for shown in (
        "Giai đoạn", "Nguồn độc lập", "20 → 31", "học sinh", "1 bác bỏ", "Tóm tắt",
        "2 nơi đã đăng phản ánh nhưng chưa đăng lại phản hồi",
        "Ai đăng trước, ai đăng lại", "Quan điểm theo thời gian", "Trang Gió",
    ):  # fmt: skip
        assert shown in text, shown
    main = text[text.index("<main") :]
    assert main.index("20 → 31") < main.index("<details"), "numbers stand above everything folded"
    assert "Diễn biến cả vụ việc" not in text


@pytest.mark.parametrize("path", ["/cum-tin/1", "/vu-viec/1"])
@pytest.mark.parametrize("who", ["officer", "analyst", "admin"])
def test_no_name_comes_out_of_the_chronicle(house: WebHouse, path: str, who: str) -> None:
    crisis(house)
    answer = house.browser(who).get(path)
    assert answer.status_code == 200
    for part in (CHILD, "Mẩy", "Xuân"):
        assert part not in answer.text, part
    assert "gần 2" in house.browser(who).get("/cum-tin/1").text, "the hedge alone is read"


def test_the_incident_page_says_the_same_in_short(house: WebHouse) -> None:
    number = crisis(house)
    text = house.browser().get(f"/vu-viec/{number}").text
    assert "20 → 31" in text
    assert "Giai đoạn" in text
    assert "2 nơi đã đăng phản ánh nhưng chưa đăng lại phản hồi" in text


def test_bars_have_their_words_beside_them(house: WebHouse) -> None:
    crisis(house)
    text = house.browser().get("/cum-tin/1").text
    assert 'aria-hidden="true" focusable="false"><rect class="st-' in text
    assert "style=" not in text, "the content policy lets no inline style through"
    table = text[text.index('<table class="stances">') :]
    table = table[: table.index("</table>")]
    assert "phản ánh</span>" in table
    assert "bác bỏ</span>" in table


def test_other_bursts_of_the_affair_are_listed_with_dates_and_levels(house: WebHouse) -> None:
    crisis(house)
    later = house.add(
        t.StoryRow(title="Khởi tố bếp trưởng", first_at=NOW, last_at=NOW, mention_count=3, level=3,
                   event_id=1)
    )  # fmt: skip
    with house.store.write() as session:
        session.get_one(t.StoryRow, 1).event_id = 1
    text = house.browser().get("/cum-tin/1").text
    assert "Diễn biến cả vụ việc" in text
    assert f'<a href="/cum-tin/{later}">Khởi tố bếp trưởng</a>' in text
    assert "đang xem" in text


def test_a_story_not_read_yet_or_emptied_has_a_page(house: WebHouse) -> None:
    house.add(t.StoryRow(title="Chưa đọc", first_at=NOW, last_at=NOW))
    house.mention("Chưa đọc", read=False, story=1)
    answer = house.browser().get("/cum-tin/1")
    assert answer.status_code == 200
    assert "Giai đoạn" not in answer.text


def test_the_page_in_english(house: WebHouse) -> None:
    crisis(house)
    client = house.browser()
    client.cookies.set("langnghe_lang", "en")
    text = client.get("/cum-tin/1").text
    for shown in ("Phase", "Independent sources", "First word of a competent body", "Summary"):
        assert shown in text, shown


def test_the_chart_tells_what_came_when_and_marks_the_answers(house: WebHouse) -> None:
    crisis(house)
    text = house.browser().get("/cum-tin/1").text
    chart = text[text.index('<figure class="chart"') : text.index("</figure>")]
    assert "Số tin theo giờ" in chart
    assert "<table" in chart, "the numbers are there for those who see no picture"
    assert "bác bỏ: Công an bác tin" in chart


def test_a_claim_stands_beside_its_answers(house: WebHouse) -> None:
    crisis(house)
    facts = [{"kind": "hospitalised", "value": 20.0, "span": [0, 9], "text": "20 em nhập viện"}]
    for minutes in (-5, -4):
        late = house.mention(f"Đăng lại {minutes}", "20 học sinh nhập viện", minutes=minutes,
                             unit="th_a", story=1, facts=facts)  # fmt: skip
        house.add(
            t.StoryMentionRow(
                story_id=1, mention_id=late, at=NOW, copy_of=1 if minutes == -4 else None
            )
        )
    fields = {"su_viec": "số học sinh nhập viện"}
    released = house.add(
        t.StatementRow(
            unit_id="th_a", story_id=1, template="M3", template_version="1", audience="public",
            title="Đính chính thông tin liên quan", text="…", fields=fields, state="released",
            created_at=NOW, created_by=1, updated_at=NOW, updated_by=1,
            released_at=NOW - timedelta(minutes=8), released_by=1,
        )
    )  # fmt: skip
    text = house.browser().get("/cum-tin/1").text
    pair = text[text.index('id="h-rumour"') : text.index("Bác bỏ chưa phải là kết luận")]
    assert "số học sinh nhập viện" in pair
    assert f'href="/phat-ngon/{released}"' in pair
    assert "đính chính của đơn vị" in pair
    assert "Trường TH Suối Mơ" in pair
    told = pair[pair.index("nhập viện</h3>") :]
    assert "3 tin nêu trước khi có lời đáp" in told
    assert "còn 2 tin nêu lại, trong đó 1 bản đăng lại" in told
    assert CHILD not in pair


def test_a_draft_is_no_answer(house: WebHouse) -> None:
    house.incident()
    house.mention("Phụ huynh lo bữa ăn", unit="th_a", story=1)
    house.add(
        t.StatementRow(
            unit_id="th_a", story_id=1, template="M3", template_version="1", audience="public",
            title="Bản thảo kín", text="…", created_at=NOW, created_by=1, updated_at=NOW,
            updated_by=1,
        )
    )  # fmt: skip
    assert "Bản thảo kín" not in house.browser().get("/cum-tin/1").text
