"""Grouping of mentions into stories. Every school, commune and person here is invented."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest

from nlp.evaluate_stories import score_grouping
from nlp.stories import Assignment, StoryIndex, StoryItem, group
from nlp.story_copies import resemblance, sketch
from nlp.story_evidence import share_names
from nlp.story_features import count_terms, features, write_prior
from nlp.story_memory import StoryPrint

START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


def item(id_: int | str, hours: float, title: str | None, text: str | None, **more) -> StoryItem:
    return StoryItem(id_, START + timedelta(hours=hours), title, text, **more)


AFFAIR = [
    item("a1", 0, "Hàng chục học sinh đau bụng sau bữa trưa ở trường",
         "Khoảng 30 học sinh Trường tiểu học Suối Vạc (xã Mường Lống, tỉnh Nghệ An) đau bụng, nôn "
         "ói sau bữa trưa bán trú, được đưa tới trạm y tế."),
    item("a2", 5, "Nghệ An: 34 học sinh nhập viện nghi ngộ độc",
         "34 học sinh Trường tiểu học Suối Vạc, xã Mường Lống, phải nhập viện, nghi ngộ độc thực "
         "phẩm do món cá ngừ kho."),
    item("a3", 30, "Bếp ăn Trường tiểu học Suối Vạc lấy cá ngừ từ đâu?",
         "Cơ quan chức năng làm việc với cơ sở cung cấp cá ngừ cho bếp bán trú, sau vụ 34 học sinh "
         "ở xã Mường Lống bị ngộ độc."),
    item("a4", 55, "Chủ tịch xã bác tin có học sinh tử vong trong vụ ngộ độc",
         "UBND xã Mường Lống khẳng định không có em nào tử vong; các học sinh Trường tiểu học Suối "
         "Vạc đã xuất viện."),
    item("a5", 150, "Vụ ngộ độc ở Suối Vạc: Cá ngừ nhiễm histamin",
         "Kết quả xét nghiệm cho thấy mẫu cá ngừ trong bữa ăn của học sinh Trường tiểu học Suối "
         "Vạc nhiễm histamin vượt ngưỡng."),
]  # fmt: skip
OTHERS = [
    item("b1", 2, "Hà Nội công bố kế hoạch tuyển sinh lớp 10",
         "Sở GD-ĐT Hà Nội công bố kế hoạch tuyển sinh lớp 10 công lập, thí sinh thi ba môn."),
    item("b2", 20, "Nữ sinh lớp 8 bị bạn đánh ngay trong lớp",
         "Một nữ sinh Trường THCS Cồn Nhạn (Đồng Tháp) bị nhóm bạn đánh, quay clip đưa lên mạng."),
    item("b3", 40, "Giáo viên vùng cao chờ phụ cấp",
         "Nhiều giáo viên ở Lai Châu chưa nhận được phụ cấp thu hút từ đầu năm học."),
    item("b4", 60, "20 học sinh ngộ độc vì uống trà sữa",
         "20 học sinh một trường THCS ở Cà Mau nhập viện sau khi uống trà sữa bán trước cổng."),
]  # fmt: skip


def stream(items: list[StoryItem], **options) -> tuple[StoryIndex, dict[int | str, Assignment]]:
    index, found = StoryIndex(**options), {}
    for one in sorted(items, key=lambda i: i.at):
        found[one.id] = index.assign(one)
        said = found[one.id]
        story = f"s-{one.id}" if said.story is None else said.story
        index.insert(one, story, said.event, copy_of=said.copy_of)
    return index, found


def test_an_affair_that_changes_its_words_stays_one_story() -> None:
    stories = group(AFFAIR + OTHERS)
    assert {stories[i.id] for i in AFFAIR} == {"s-a1"}
    assert [stories[i.id] for i in OTHERS] == ["s-b1", "s-b2", "s-b3", "s-b4"]


def test_the_order_of_input_does_not_matter() -> None:
    items = AFFAIR + OTHERS
    assert group(items) == group(reversed(items)) == group(items)


def drowning(id_: str, hours: float, place: str, river: str) -> StoryItem:
    text = (f"Chiều cùng ngày, nhóm bạn rủ nhau ra sông {river}, tỉnh {place} tắm. Hai học sinh "
            "lớp 7 bị nước cuốn, người dân tìm thấy thi thể các em sau hai giờ.")  # fmt: skip
    return item(id_, hours, f"{place}: Hai học sinh lớp 7 đuối nước khi tắm sông", text)


def test_two_drownings_of_one_day_in_two_provinces_stay_apart() -> None:
    index, found = stream([drowning("n", 0, "Nghệ An", "Khe Bưởi")])
    away = index.assign(drowning("g", 2, "Gia Lai", "Đắk Rơn"))
    assert found["n"].story is None
    assert away.story is None
    assert away.why[0] == "veto:place"
    # The older name of a merged province is no other place.
    first, _ = stream([drowning("t", 0, "Đắk Lắk", "Sông Hinh")])
    assert first.assign(drowning("u", 2, "Phú Yên", "Sông Hinh")).story == "s-t"


def test_schools_of_one_name_in_two_provinces_stay_apart() -> None:
    def fees(id_: str, hours: float, place: str) -> StoryItem:
        return item(id_, hours, "Phụ huynh Trường tiểu học Hoa Sim bức xúc vì khoản thu",
                    f"Phụ huynh Trường tiểu học Hoa Sim, {place}, phản ánh các khoản thu đầu năm "
                    "học cao bất thường.")  # fmt: skip

    index, _ = stream([fees("x", 0, "tỉnh Sơn La")])
    assert index.assign(fees("y", 3, "tỉnh Vĩnh Long")).story is None
    assert index.assign(fees("z", 3, "tỉnh Sơn La")).story == "s-x"


@pytest.mark.parametrize(
    "words",
    [
        "vu ngo doc o truong tieu hoc suoi vac the nao roi",
        "Chau toi hoc truong Suoi Vac, an ca ngu xong dau bung ca dem",
        "Cá ngừ kho mà cũng ngộ độc, Mường Lống xa thế cấp cứu sao kịp",
    ],
)
def test_a_comment_joins_by_folded_terms(words: str) -> None:
    index, _ = stream(AFFAIR + OTHERS)
    said = index.assign(StoryItem("c", AFFAIR[-1].at, None, words, kind="comment"))
    assert said.story == "s-a1"
    assert any(code.startswith("term:") for code in said.why)


@pytest.mark.parametrize(
    "words",
    ["Thật đau lòng quá, thương các cháu", "xu ly nghiem di", "Hóng", "", "🙏🙏🙏",
     "Đề nghị cơ quan chức năng vào cuộc làm rõ"],
)  # fmt: skip
def test_a_comment_without_evidence_joins_nothing(words: str) -> None:
    index, _ = stream(AFFAIR + OTHERS)
    said = index.assign(StoryItem("c", AFFAIR[-1].at, None, words, kind="comment"))
    assert said.story is None


def test_five_hundred_comments_do_not_drown_the_reports() -> None:
    index, _ = stream(AFFAIR[:4])
    for n in range(500):
        text = f"ngộ độc ở Suối Vạc buồn quá {n}"
        index.insert(StoryItem(n, AFFAIR[3].at, None, text, kind="comment"), "s-a1")
    assert index.assign(AFFAIR[4]).story == "s-a1"


def test_copies_are_told_from_other_reports_of_the_event() -> None:
    index, _ = stream(AFFAIR[:2])
    text = AFFAIR[1].text or ""
    repost = item("r", 9, AFFAIR[1].title, text.replace("nhập viện với", "nhập viện, có"))
    assert index.assign(repost) == Assignment("s-a1", 1.0, "a2", ("copy",), "s-a1")
    assert index.assign(AFFAIR[2]).copy_of is None


def test_short_common_sayings_are_no_copies() -> None:
    assert resemblance(features(None, "Buồn quá").sketch, features(None, "Buồn quá").sketch) == 0
    words = [f"w{n}" for n in range(200)]
    assert resemblance(sketch(words), sketch(words)) == 1.0
    assert resemblance(sketch(words), sketch(words[::-1])) == 0.0


def test_units_speak_softly() -> None:
    first = item(1, 0, "Cô giáo bị tố nặng lời, xé vở học trò", None, units=("school-1",))
    index, _ = stream([first])

    def value(*units: str) -> float:
        later = item(2, 1, "Phụ huynh kể chuyện cô giáo xé vở", None, units=units)
        return index.assign(later).similarity

    assert value("school-2") < value() < value("school-1")


def test_assign_changes_nothing_and_a_revision_keeps_its_story() -> None:
    index, _ = stream(AFFAIR)
    before = index.assign(OTHERS[3])
    assert index.assign(OTHERS[3]) == before
    assert len(index) == len(AFFAIR)
    edited = item("a3", 200, "Bài đã sửa", "Không còn chữ nào như cũ.")
    assert index.assign(edited) == Assignment("s-a1", 1.0, None, ("known",), "s-a1")
    index.insert(edited, "s-a1")
    assert len(index) == len(AFFAIR)


def test_what_left_the_window_is_forgotten() -> None:
    index, _ = stream(AFFAIR[:2], window=timedelta(days=14))
    for n in range(4):
        index.insert(item(n, 24 * 14 + 2, "Thi thử lớp 9 ở Huế", None), "s-new")
    assert len(index) == 5  # a2 stays three hours longer than a1
    for n in range(4, 10):
        index.insert(item(n, 24 * 20, "Hội khỏe Phù Đổng ở Cao Bằng", None), "s-newer")
    assert len(index) == 10
    # The texts are gone, but the affair is still known: within a month the story goes on,
    # after that a new one opens in the same affair.
    within = item("within", 24 * 20, AFFAIR[1].title, AFFAIR[1].text)
    assert (index.assign(within).story, index.assign(within).event) == ("s-a1", "s-a1")
    later = item("later", 24 * 45, AFFAIR[1].title, AFFAIR[1].text)
    assert (index.assign(later).story, index.assign(later).event) == (None, "s-a1")


def test_a_story_that_goes_on_after_it_left_the_window_keeps_its_name() -> None:
    index, _ = stream(AFFAIR[:2], window=timedelta(days=14))
    for n in range(10):
        index.insert(item(n, 24 * 20, "Hội khỏe Phù Đổng ở Cao Bằng", None), "s-newer")
    back = item("back", 24 * 20, AFFAIR[1].title, AFFAIR[1].text)
    found = index.assign(back)
    assert found.story == "s-a1"
    index.insert(back, found.story, found.event)
    told = index.print_of("s-a1")
    assert told is not None
    assert told.first == AFFAIR[0].at.timestamp()


def test_a_late_item_outside_the_window_leaves_no_trace() -> None:
    index, _ = stream(OTHERS[:1])
    index.insert(item("old", -24 * 30, *("Tin cũ", "Bài cũ từ lâu")), "s-old")
    assert len(index) == 1


def test_inserting_again_after_a_restart_gives_the_same_decisions() -> None:
    first = [drowning(f"d{n}", n, "Nghệ An", f"Khe {n}") for n in range(5)]
    old = [item("o", -24 * 10, "Chuyện cũ ở Suối Vạc", "Cá ngừ và Mường Lống ngày trước.")]
    index, found = stream(old + AFFAIR[:3] + OTHERS + first, window=timedelta(days=5))
    again = StoryIndex(window=timedelta(days=5))
    for story in {f"s-{i.id}" for i in old + AFFAIR + OTHERS + first}:
        if (told := index.print_of(story)) is not None:
            again.remember(StoryPrint.from_json(told.to_json()))
    for one in sorted(AFFAIR[:3] + OTHERS + first, key=lambda i: i.at):
        story = found[one.id].story
        again.insert(one, f"s-{one.id}" if story is None else story)
    assert len(again) == len(index)
    for one in [*AFFAIR[3:], drowning("e", 61, "Gia Lai", "Khe 2")]:
        assert again.assign(one) == index.assign(one)


def test_naive_times_are_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        group([StoryItem("n", datetime(2026, 3, 2), "Tin", None)])  # noqa: DTZ001


def test_cost_of_one_item_does_not_follow_the_history() -> None:
    def typical(size: int) -> float:
        index = StoryIndex()
        for n in range(size):
            text = (f"Trường tiểu học Mẫu Số {n % 97} ở xã Giả Định {n % 53} tổ chức ngày hội đọc "
                    f"sách lần {n}, phụ huynh và học sinh lớp {n % 5} cùng tham gia.")  # fmt: skip
            index.insert(item(n, n / size, f"Ngày hội đọc sách số {n}", text), f"s-{n % 701}")
        spent = []
        for n in range(60):
            probe = item(-1 - n, 1, f"Ngày hội sách số {n} ở Giả Định {n}", f"Trường Mẫu Số {n}.")
            begin = time.perf_counter()
            index.assign(probe)
            spent.append(time.perf_counter() - begin)
        return statistics.median(spent)

    # Real news: 0.5, 0.7 and 0.9 ms at 1, 10 and 100 thousand active items.
    assert typical(4_000) < max(4 * typical(400), 0.004)


def test_score_by_hand() -> None:
    gold = {"1": "x", "2": "x", "3": "x", "4": "y", "5": "z"}
    guess = {"1": "p", "2": "p", "3": "q", "4": "q"}
    score = score_grouping(gold, guess)
    assert score.b_cubed.precision == pytest.approx((1 + 1 + 0.5 + 0.5 + 1) / 5)
    assert score.b_cubed.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert (score.pairwise.precision, score.pairwise.recall) == (0.5, pytest.approx(1 / 3))
    assert (score.items, score.gold_stories, score.predicted_stories) == (5, 3, 3)
    assert score_grouping(gold, gold).b_cubed.f1 == score_grouping(gold, gold).pairwise.f1 == 1
    assert score_grouping({}, {}).b_cubed.f1 == 0


def test_prior_keeps_words_of_the_trade_and_drops_one_loud_week() -> None:
    texts = [(f"week-{n % 5}", "Học sinh tựu trường", None) for n in range(20)]
    texts += [("week-1", "Vụ Suối Vạc", None)] * 10
    total, counts = count_terms(texts, spread=3)
    assert total == 30
    assert counts["hoc sinh"] == 20
    assert "suoi vac" not in counts
    assert "6667 " in write_prior([(total, counts)])


@pytest.mark.parametrize(
    ("text", "provinces"),
    [
        ("Học sinh ở Huế và tỉnh Hòa Bình cũ", {"Hue", "Phu Tho"}),
        ("TP.Huế cho nghỉ học", {"Hue"}),
        ("Cô Nguyễn Thị Huế xin nghỉ", set()),
        ("Cô Huệ xin nghỉ", set()),
        ("tàu vượt Thái Bình Dương", set()),
        ("hoc sinh nghe an, vinh phuc di hoc lai", {"Nghe An", "Phu Tho"}),
        ("sống hòa bình, tinh thần dân chủ", set()),
        ("Trường học ở Indonesia bị sập", {"~Indonesia"}),
    ],
)
def test_provinces_of_today(text: str, provinces: set[str]) -> None:
    assert features(text, None).places.provinces == provinces


def test_schools_and_communes() -> None:
    places = features("Trường THCS Cồn Nhạn ở xã Mường Lống, Trường tiểu học S.V.", None).places
    assert places.schools == {"con nhan"}
    assert places.communes == {"muong long"}


def test_a_school_that_one_of_many_members_names_joins_little() -> None:
    """A season of matches names every school once; that makes it no story about any of them."""
    mine = frozenset({"doi gio"})
    season = {f"truong {n}": 1 for n in range(19)} | {"doi gio": 1}
    assert share_names(mine, season, 40) < 0.1
    assert share_names(mine, {"doi gio": 3}, 4) == 1.0
    assert share_names(mine, {"suoi mo": 3}, 4) == -1.0
    assert share_names(mine, {}, 4) == 0.0
