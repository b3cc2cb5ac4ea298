"""The demo's fiction keeps its promises: well-formed, spread in time, natural, wholly invented."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from rapidfuzz import fuzz

from langnghe.core.items import parse_item
from langnghe.core.profile import load_profile
from langnghe.core.text import clean, fold
from langnghe.demo.run import prepare

DEMO = Path(__file__).resolve().parents[2] / "langnghe" / "demo"
FIELDS = ["id", "kind", "source", "url", "minute", "title", "text"]
DAY = 24 * 60
MIDNIGHT = 6 * 60  # minute 0 is 18:00 of the first day

SCHOOLS = frozenset(
    {
        "An Lộc Đông",
        "Chiềng Vai",
        "Hoa Sương",
        "Huổi Lanh",
        "Mường Vân",
        "Noong Sôm",
        "Nà Tươi",
        "Nắng Nhỏ",
        "Phú Thịnh Tây",
        "Pá Hiêng Hạ",
        "Pá Lanh",
        "Sơn Khê",
        "Tây Sương",
    }
)
_KIND_OF_SCHOOL = r"(?:(?:PTDTBT|TH&THCS|THCS|THPT|TH|Tiểu học|Mầm non|Đại học)\s+)"
_SCHOOL = re.compile(rf"(?:[Tt]rường\s+{_KIND_OF_SCHOOL}*|{_KIND_OF_SCHOOL}+)(\w+(?: \w+)*)")
_TEENCODE = re.compile(
    r"\b(?:k|ko|hok|j|z|r|lp|lm|mn|trg|hs|bik|bít|thui|rùi|lun|nx|cj|hnay|mik|ib|zậy|lém|xỉu|xiền)\b"
)


def _load(name: str) -> list[dict[str, Any]]:
    lines = (DEMO / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


STORY, BACKGROUND = _load("story"), _load("background")
ALL = STORY + BACKGROUND


def _words(row: dict[str, Any]) -> str:
    return ". ".join(part for part in (row["title"], row["text"]) if part)


def _style(row: dict[str, Any]) -> str:
    text: str = row["text"]
    if text.isascii():
        return "unaccented"
    return "teencode" if len(set(_TEENCODE.findall(text.lower()))) >= 2 else "full"


def _first(pattern: str) -> int:
    return next(int(row["minute"]) for row in STORY if re.search(pattern, _words(row)))


def _school_names(text: str) -> set[str]:
    names = (takewhile(lambda word: word[0].isupper(), m.split()) for m in _SCHOOL.findall(text))
    return {" ".join(name) for name in names} - {""}


def test_every_line_keeps_the_item_contract() -> None:
    for row in ALL:
        assert list(row) == FIELDS
        assert type(row["minute"]) is int
        item = parse_item({k: v for k, v in row.items() if k != "minute"})
        assert (item.id, item.kind, item.text) == (row["id"], row["kind"], row["text"])
        assert (row["title"] is None) == (row["kind"] == "comment")
        assert clean(_words(row)) == _words(row)


def test_ids_links_and_original_texts_are_unique() -> None:
    assert len({row["id"] for row in ALL}) == len(ALL)
    assert len({row["url"] for row in ALL}) == len(ALL)
    originals = [fold(_words(row)) for row in ALL if row["source"] != "Điểm Tin 360"]
    assert len(set(originals)) == len(originals)


def test_counts_of_news_and_comments() -> None:
    assert Counter(row["kind"] for row in STORY) == {"news": 22, "comment": 38}
    kinds = Counter(row["kind"] for row in BACKGROUND)
    assert kinds.total() == 200
    assert 80 <= kinds["news"] <= 120


def test_the_story_fills_four_days_and_grows_quiet() -> None:
    minutes = [row["minute"] for row in STORY]
    assert minutes == sorted(minutes)
    assert minutes[0] >= 0
    per_day = Counter((minute - MIDNIGHT) // DAY + 2 for minute in minutes)
    assert set(per_day) == {1, 2, 3, 4}
    assert per_day[2] > per_day[1] > per_day[3] > per_day[4]


def test_the_background_runs_before_under_and_after_the_story() -> None:
    minutes = [row["minute"] for row in BACKGROUND]
    assert minutes == sorted(minutes)
    assert -600 <= minutes[0] < 0
    assert STORY[-1]["minute"] < minutes[-1] <= 4 * DAY
    pauses = [later - earlier for earlier, later in pairwise(minutes)]
    assert max(pauses) <= 11 * 60
    per_day = Counter((minute - MIDNIGHT) // DAY for minute in minutes)
    assert all(per_day[day] >= 25 for day in range(-1, 3))


def test_the_wording_drifts_before_it_is_put_right() -> None:
    locked, starved, hospital = _first("nhốt"), _first("bỏ đói"), _first("nhập viện")
    denial, conclusion = _first("bác bỏ tin đồn"), _first("^Kết luận vụ")
    assert locked < starved < hospital < _first("[Tt]ạm đình chỉ") < denial < conclusion
    assert _first("Hiệu trưởng .* xin lỗi") > _first("Chủ tịch xã Nậm Sương")
    assert conclusion < _first("đính chính chi tiết") < _first("^Phụ huynh gỡ video")


def test_an_aggregator_repeats_earlier_articles() -> None:
    news = [row for row in STORY if row["kind"] == "news"]
    copies = [row for row in news if row["source"] == "Điểm Tin 360"]
    assert len(copies) >= 3
    for copy in copies:
        earlier = [
            row
            for row in news
            if row["minute"] < copy["minute"] and row["source"] != copy["source"]
        ]
        assert max(fuzz.partial_ratio(copy["text"], row["text"]) for row in earlier) > 85


def test_comments_are_written_in_three_ways() -> None:
    for rows in (STORY, BACKGROUND):
        styles = Counter(_style(row) for row in rows if row["kind"] == "comment")
        assert styles["unaccented"] / styles.total() >= 0.15
        assert styles["teencode"] >= 4
        assert styles["full"] / styles.total() >= 0.5


def test_texts_of_the_background_do_not_repeat_a_template() -> None:
    texts = [fold(_words(row)) for row in BACKGROUND]
    for i, text in enumerate(texts):
        assert all(fuzz.ratio(text, other) < 80 for other in texts[:i])


def test_the_shield_has_something_to_hide_and_only_in_comments() -> None:
    naming = [row for row in STORY if re.search(r"Quân|1A2", _words(row))]
    assert len(naming) >= 3
    assert {row["kind"] for row in naming} == {"comment"}


@pytest.mark.parametrize(
    "words",
    ["Diễn tập chữa cháy", "phòng chống đuối nước", "phiên tòa giả định", "đánh giá học sinh"],
)
def test_the_background_holds_look_alikes(words: str) -> None:
    assert any(fold(words) in fold(_words(row)) for row in BACKGROUND)


def test_about_half_of_the_background_is_not_about_education() -> None:
    school = re.compile(
        r"\b(truong|trg|hoc|hs|gv|giao vien|giao duc|thay|co giao|lop|lp|phu huynh|sinh vien)\b"
    )
    outside = sum(1 for row in BACKGROUND if not school.search(fold(_words(row))))
    assert 80 <= outside <= 120


def test_the_story_is_told_of_the_watched_school_and_the_background_is_not() -> None:
    assert sum("pa hieng ha" in fold(_words(row)) for row in STORY) >= 25
    assert not any("pa hieng" in fold(_words(row)) for row in BACKGROUND)


def test_only_invented_schools_are_named() -> None:
    assert set().union(*(_school_names(_words(row)) for row in ALL)) == SCHOOLS


def test_links_and_addresses_lead_nowhere() -> None:
    for row in ALL:
        link = urlsplit(row["url"])
        assert link.scheme == "https"
        assert (link.hostname or "").endswith(".example")
        assert not re.search(r"@|https?://|\b0\d{8,}", _words(row))


def test_texts_hold_no_calendar_date() -> None:
    weekday = r"(?i:\b(?<!lần )thứ (?:hai|ba|tư|năm|sáu|bảy)\b(?! liên tiếp)|chủ nhật)"
    dated = re.compile(rf"\b\d{{1,2}}/\d{{1,2}}\b|\b20\d\d\b|{weekday}")
    found = [row["id"] for row in ALL if dated.search(_words(row))]
    assert found == []


def test_the_profile_loads_and_everybody_can_be_reached() -> None:
    profile = load_profile(DEMO / "profile.toml")
    chain = profile.chain("pa_hieng_ha")
    assert [unit.kind for unit in chain] == ["school", "commune", "sector"]
    for unit in chain:
        assert {contact.role for contact in unit.contacts} == {"officer", "principal"}
        assert all((contact.email or "").endswith(".example") for contact in unit.contacts)


def test_the_environment_cannot_send_the_demo_to_the_real_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tmp_path / "real.db"
    monkeypatch.setenv("LANGNGHE_DATABASE_URL", f"sqlite:///{real}")
    monkeypatch.setenv("LANGNGHE_SMTP_HOST", "mail.real.example")
    home = tmp_path / "demo"
    home.mkdir()
    demo = prepare(home)
    try:
        assert demo.services.settings.smtp_host == "127.0.0.1"
        assert not real.exists()
        assert (home / "langnghe.db").is_file()
    finally:
        demo.catcher.stop()
        demo.services.store.close()
