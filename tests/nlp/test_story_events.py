"""The event level, the hand's words, copies and bad clocks. Schools and persons are invented."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from langnghe.core.errors import InputError
from langnghe.core.text import strip_marks
from nlp.stories import Assignment, StoryIndex, StoryItem, group_all
from nlp.story_copies import copied
from nlp.story_features import features
from nlp.story_memory import StoryPrint

START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


def item(id_: int | str, days: float, title: str | None, text: str | None, **more) -> StoryItem:
    return StoryItem(id_, START + timedelta(days=days), title, text, **more)


def put(index: StoryIndex, one: StoryItem) -> Assignment:
    said = index.assign(one)
    story = f"s-{one.id}" if said.story is None else said.story
    index.insert(one, story, said.event, copy_of=said.copy_of)
    return said


FIRST = item("a", 0, "Hàng chục học sinh đau bụng sau bữa trưa ở trường",
             "Khoảng 30 học sinh Trường tiểu học Suối Vạc (xã Mường Lống, tỉnh Nghệ An) đau bụng, "
             "nôn ói sau bữa trưa bán trú, được đưa tới trạm y tế.")  # fmt: skip
AFTER = item("b", 75, "Cách chức hiệu trưởng Trường tiểu học Suối Vạc",
             "UBND xã Mường Lống cách chức hiệu trưởng Trường tiểu học Suối Vạc sau vụ ngộ độc "
             "khiến 34 học sinh nhập viện.")  # fmt: skip


AFFAIR_GOES_ON = item("g", 1, "34 học sinh Trường tiểu học Suối Vạc nhập viện",
                      "Các em Trường tiểu học Suối Vạc, xã Mường Lống, Nghệ An, đau bụng sau bữa "
                      "trưa bán trú.")  # fmt: skip


def fees(id_: str, days: float, school: str, place: str) -> StoryItem:
    return item(id_, days, f"Phụ huynh {school} bức xúc vì khoản thu",
                f"Phụ huynh {school}, {place}, phản ánh quỹ lớp cao bất thường, hiệu trưởng hứa "
                "trả lại tiền.")  # fmt: skip


def test_an_affair_that_comes_back_after_silence_is_a_new_story_of_the_same_event() -> None:
    index = StoryIndex()
    put(index, FIRST)
    back = put(index, AFTER)
    assert back.story is None
    assert back.event == "s-a"
    assert "event" in back.why
    # And the next report of the second burst finds both levels.
    third = put(index, item("c", 76, "Vụ ngộ độc ở Suối Vạc: trường có hiệu trưởng mới",
                            "Trường tiểu học Suối Vạc, xã Mường Lống, có hiệu trưởng mới sau khi "
                            "người cũ bị cách chức."))  # fmt: skip
    assert (third.story, third.event) == ("s-b", "s-a")


@pytest.mark.parametrize(
    ("school", "place"),
    [
        ("Trường tiểu học Hoa Sim", "tỉnh Vĩnh Long"),  # one name, another province
        ("Trường tiểu học Lá Thông", "tỉnh Sơn La"),  # one province, another school
    ],
)
def test_a_look_alike_of_another_place_or_school_is_another_event(school: str, place: str) -> None:
    index = StoryIndex()
    put(index, fees("x", 0, "Trường tiểu học Hoa Sim", "tỉnh Sơn La"))
    away = index.assign(fees("y", 40, school, place))
    assert (away.story, away.event) == (None, None)
    assert index.assign(fees("z", 40, "Trường tiểu học Hoa Sim", "tỉnh Sơn La")).event == "s-x"


def test_an_affair_is_known_by_the_name_headlines_give_it() -> None:
    index = StoryIndex()
    put(index, item(1, 0, "Nữ sinh Tây Ninh mất tích sau giờ tan trường",
                    "Một nữ sinh ở Tây Ninh mất tích, gia đình trình báo công an."))  # fmt: skip
    said = put(index, item(2, 60, "Vụ nữ sinh Tây Ninh mất tích: Bắt người đàn ông quen qua mạng",
                           "Nghi phạm thừa nhận đã rủ em bỏ nhà đi."))  # fmt: skip
    assert said.event == "s-1"


def test_a_young_story_may_find_its_event_late_and_then_keeps_it() -> None:
    index = StoryIndex()
    put(index, FIRST)
    vague = put(index, item("v", 60, "Cách chức một hiệu trưởng ở miền núi",
                            "Hiệu trưởng bị cách chức vì buông lỏng bếp ăn bán trú."))  # fmt: skip
    assert vague.event is None
    named = item("w", 60.2, "Cách chức hiệu trưởng vì buông lỏng bếp ăn bán trú",
                 "Hiệu trưởng Trường tiểu học Suối Vạc, xã Mường Lống, bị cách chức vì buông lỏng "
                 "bếp ăn bán trú.")  # fmt: skip
    said = put(index, named)
    assert (said.story, said.event) == ("s-v", "s-a")
    assert index.print_of("s-v").event == "s-a"
    # Settled: what speaks for another affair no longer moves the story.
    put(index, fees("q", 60.3, "Trường tiểu học Hoa Sim", "tỉnh Sơn La"))
    for n in range(3):
        again = put(index, item(f"k{n}", 60.4 + n / 10, named.title, f"{named.text} Hoa Sim {n}."))
        assert again.event == "s-a"


def test_what_a_hand_put_apart_the_machine_never_joins() -> None:
    index = StoryIndex()
    put(index, FIRST)
    index.insert(item("v", 60, "Bếp ăn bán trú bị phản ánh", None), "s-v")
    late = item("w", 60.1, "Bếp ăn bán trú bị phản ánh ở Suối Vạc",
                "Bếp ăn Trường tiểu học Suối Vạc, xã Mường Lống.")  # fmt: skip
    assert index.assign(late).event == "s-a"
    index.forbid("s-v", "s-a")
    assert index.assign(late) == Assignment("s-v", index.assign(late).similarity, None,
                                            index.assign(late).why, "s-v")  # fmt: skip
    index.allow("s-a", "s-v")
    assert index.assign(late).event == "s-a"


def test_moving_takes_the_members_words_along() -> None:
    index = StoryIndex()
    put(index, FIRST)
    put(index, item("m", 0.2, "Bếp ăn Suối Vạc dùng cá ngừ ướp hóa chất",
                    "Cá ngừ ở bếp Trường tiểu học Suối Vạc có hóa chất."))  # fmt: skip
    index.move("m", "s-new", "s-new")
    assert index.print_of("s-a").members == 2  # it was told so; the print is of what was seen
    said = index.assign(item("n", 0.3, "Cá ngừ ướp hóa chất ở bếp Suối Vạc", "Cá ngừ, hóa chất."))
    assert said.story == "s-new"
    index.move("m", "s-a")
    assert index.assign(item("n2", 0.3, "Cá ngừ ướp hóa chất", "Bếp Suối Vạc.")).story == "s-a"
    index.move("unknown", "s-a")


def test_a_print_goes_through_json_and_carries_months_over_a_restart() -> None:
    index = StoryIndex()
    put(index, FIRST)
    told = index.print_of("s-a")
    assert StoryPrint.from_json(told.to_json()) == told
    assert len(told.to_json().encode()) < 4_000
    again = StoryIndex()
    again.remember(StoryPrint.from_json(told.to_json()))
    assert again.assign(AFTER).event == "s-a"
    assert index.print_of("nothing") is None
    for broken in ("", "[]", "{}", '{"story":1,"event":1,"terms":[]}'):
        with pytest.raises(InputError):
            StoryPrint.from_json(broken)


def test_a_print_remembered_anew_moves_an_active_story_to_its_event() -> None:
    index = StoryIndex()
    put(index, FIRST)
    index.remember(replace(index.print_of("s-a"), event="by-hand"))
    assert index.assign(AFFAIR_GOES_ON).event == "by-hand"


def test_prints_are_bounded_in_number_and_in_days() -> None:
    index = StoryIndex(window=timedelta(days=1), prints=50)
    for n in range(120):
        put(index, fees(f"f{n}", n / 4, f"Trường tiểu học Mẫu Số {n}", f"xã Giả Định {n}"))
    assert index.remembered <= 51
    short = StoryIndex(window=timedelta(days=1), memory=timedelta(days=30))
    put(short, FIRST)
    for n in range(80):
        put(short, fees(f"f{n}", 40 + n / 40, f"Trường tiểu học Mẫu Số {n}", f"xã Giả Định {n}"))
    assert short.assign(AFTER).event is None


BODY = (
    "Sáng 3-3, đoàn kiểm tra làm việc với Trường THCS Cồn Nhạn về việc nữ sinh bị nhóm bạn đánh "
    "ngay cổng trường. Nhà trường cho biết đã mời phụ huynh các em liên quan tới làm việc, đồng "
    "thời báo cáo công an xã để xác minh nội dung đoạn clip đang lan truyền trên mạng xã hội. "
    "Gia đình nạn nhân mong sự việc sớm được làm rõ để em yên tâm quay lại lớp học. "
)


@pytest.mark.parametrize(
    "copy",
    [
        BODY,
        f"(Bản Tin) - {BODY}",
        f"{BODY} Mời bạn đọc theo dõi kênh của chúng tôi. Bản quyền thuộc về trang tin tổng hợp.",
        f"Theo báo bạn đưa tin, {BODY} Xem thêm: thời tiết hôm nay.",
        BODY.replace("3-3", "03/3").replace(". ", ".\n\n"),
        strip_marks(BODY).lower(),
        BODY[: BODY.index("Gia đình")],  # an excerpt
    ],
)
def test_one_text_with_another_dress_is_a_copy(copy: str) -> None:
    index = StoryIndex()
    put(index, item("o", 0, "Nữ sinh bị nhóm bạn đánh ngay cổng trường", BODY))
    said = put(index, item("c", 0.1, "Nữ sinh bị đánh ngay cổng Trường Cồn Nhạn", copy))
    assert (said.story, said.copy_of) == ("s-o", "o")
    # A copy of the copy still names the first.
    assert put(index, item("d", 0.2, None, copy)).copy_of == "o"


@pytest.mark.parametrize(
    "other",
    [
        "Công an xã vừa mời nhóm học sinh Trường THCS Cồn Nhạn lên làm việc về vụ nữ sinh bị đánh. "
        "Ba em thừa nhận hành vi, lý do là mâu thuẫn trên mạng; gia đình đề nghị giám định.",
        "Nữ sinh Trường THCS Cồn Nhạn kể lại giây phút bị nhóm bạn đánh ngay cổng trường, đoạn "
        "clip đang lan truyền trên mạng xã hội.",
    ],
)
def test_another_report_of_the_event_is_no_copy(other: str) -> None:
    index = StoryIndex()
    put(index, item("o", 0, "Nữ sinh bị nhóm bạn đánh ngay cổng trường", BODY))
    said = put(index, item("c", 0.1, "Vụ nữ sinh bị đánh ở Cồn Nhạn", other))
    assert (said.story, said.copy_of) == ("s-o", None)


def test_a_new_count_is_a_new_version_and_not_a_copy() -> None:
    def told(count: int) -> str:
        return f"{count} học sinh nhập viện sau bữa sáng"

    early = features(told(20), BODY).sketch
    late = features(told(41), BODY).sketch
    assert not copied(early, late)
    assert copied(early, features(told(20), BODY).sketch)
    assert copied(early, features("Học sinh nhập viện sau bữa sáng", BODY).sketch)


_SYLLABLES = "An Bông Cát Dương Đá Gò Hạc Khe Lam Mộc Nậm Ngân Pa Quan Rạch Sơn Tà Thác Vạc Yên"
NAMES = tuple(re.findall(r"\w+", _SYLLABLES))


def test_one_item_with_a_broken_clock_moves_nothing() -> None:
    index = StoryIndex()
    for n, name in enumerate(NAMES):
        put(index, fees(f"f{n}", n / 10, f"Trường tiểu học {name} Sim", f"xã Mường {name}"))
    put(index, item("future", 365 * 60, "Tin ghi ngày ở tương lai", "Đồng hồ nguồn tin sai."))
    put(index, StoryItem("epoch", datetime(1970, 1, 1, tzinfo=UTC), "Tin không ngày", "Không rõ."))
    assert len(index) == 21  # the one of 1970 is too old to stay
    assert (
        index.assign(
            fees("g", 2.1, f"Trường tiểu học {NAMES[3]} Sim", f"xã Mường {NAMES[3]}")
        ).story
        == "s-f3"
    )


def test_grouping_does_not_depend_on_the_order_of_lines_or_on_a_line_twice() -> None:
    items = [FIRST, AFTER, *(fees(f"f{n}", n, f"Trường tiểu học Mẫu {n}", "Huế") for n in range(9))]
    shuffled = [*items, *items[:4]]
    random.Random(3).shuffle(shuffled)  # noqa: S311 - an order, no secret
    assert sorted(group_all(shuffled), key=str) == sorted(group_all(items), key=str)


def test_items_that_come_days_late_and_out_of_order_find_their_story() -> None:
    index = StoryIndex()
    later = item("l", 5, "Vụ học sinh đau bụng ở Suối Vạc: Tạm dừng bếp ăn",
                 "Trường tiểu học Suối Vạc, xã Mường Lống, Nghệ An tạm dừng bếp ăn bán trú sau vụ "
                 "học sinh đau bụng.")  # fmt: skip
    put(index, later)
    assert put(index, FIRST).story == "s-l"
    assert index.print_of("s-l").first == FIRST.at.timestamp()


def test_a_story_of_ten_thousand_mentions_costs_no_more_and_holds_little() -> None:
    index = StoryIndex()
    put(index, FIRST)
    for n in range(10_000):
        text = f"Suối Vạc, Mường Lống: đau bụng, ngộ độc, lượt chia sẻ thứ {n} của cả xóm"
        kind = "comment" if n % 3 else "news"
        index.insert(item(n, n / 5_000, None, text, kind=kind), "s-a", "s-a")
    said = index.assign(item("x", 2, "Bếp ăn Suối Vạc ở Mường Lống", "Đau bụng, ngộ độc."))
    assert said.story == "s-a"
    assert len(index) == 10_001
    assert index.print_of("s-a").members == 10_001
    assert len(index.print_of("s-a").to_json()) < 4_000
    # Moving and forgetting any of them does not search the rest.
    index.move(17, "s-other")
    assert index.assign(item(17, 2, None, "Bản sửa.")).story == "s-other"


def test_the_window_is_capped_in_number() -> None:
    index = StoryIndex(most=100)
    for n in range(400):
        put(index, fees(f"f{n}", n / 400, f"Trường tiểu học Mẫu Số {n}", f"xã Giả Định {n}"))
    assert len(index) == 100
    assert index.assign(fees("f399", 1, "Trường", "xã")).why == ("known",)
