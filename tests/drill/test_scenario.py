"""Scenarios: the packaged ones keep their promises, wrong files are named line by line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from langnghe.core.errors import InputError
from langnghe.core.types import Profile, Unit
from langnghe.demo.run import demo_profile
from langnghe.drill.scenario import bind, load_scenario, names_of, packaged, read_scenario
from tests.drill.town import CHILD, POLICY, PROFILE, START, STORY, scenario

BARE = Profile("Hồ sơ trống", (Unit("mn", "school", "Trường Mầm non Hoa Cúc"),))
HEAD = {"title": "t", "purpose": "p", "expect": [], "turning": [], "learn": ["l"]}


def wrong(text: str, name: str = "thu.yaml") -> str:
    with pytest.raises(InputError) as caught:
        read_scenario(text, name)
    return caught.value.message


def test_three_scenarios_ship() -> None:
    assert packaged() == ["clip-danh-nhau", "ngo-doc-ban-tru", "tin-don-bat-coc"]


@pytest.mark.parametrize("name", packaged())
@pytest.mark.parametrize("profile", [demo_profile(), PROFILE, BARE], ids=["demo", "town", "bare"])
def test_a_packaged_scenario_speaks_of_the_chosen_school(name: str, profile: Profile) -> None:
    one = load_scenario(name)
    unit = profile.units[0]
    items = bind(one, unit, profile, START)
    assert 8 <= len(items) <= 20
    assert 120 <= one.minutes <= 360
    assert len({item.id for item in items}) == len({item.url for item in items}) == len(items)
    whole = "\n".join(f"{item.source} {item.full_text}" for item in items)
    assert not re.search(r"[{}]", whole)
    assert sum(unit.name in item.full_text for item in items) >= 5
    assert all(trap in whole for trap in one.traps)
    assert len(one.traps) == 1
    assert len(one.turning) >= 4
    assert len(one.learn) >= 4
    assert {i.kind for i in items} == {"news", "comment"}
    assert [i.seen_at for i in items] == sorted(i.seen_at for i in items if i.seen_at)
    for told in (*one.expect, *one.turning):
        assert told.minute <= one.minutes
        assert not told.level or POLICY.level_id(told.level) is not None


def test_blanks_are_names_of_today_and_times_of_the_item() -> None:
    first = bind(scenario(), PROFILE.units[0], PROFILE, START)[0]
    assert first.title == "20 em Trường TH&THCS Suối Mơ nhập viện"
    assert (
        first.text == f"Lúc 07h30, em {CHILD} lớp 4A Trường TH&THCS Suối Mơ (xã Bản Hoa) nhập viện."
    )
    assert names_of(PROFILE.units[0], PROFILE) == {
        "truong": "Trường TH&THCS Suối Mơ", "ten": "Suối Mơ", "xa": "xã Bản Hoa",
        "tinh": "tỉnh Mây Trắng",
    }  # fmt: skip
    assert names_of(BARE.units[0], BARE)["xa"] == "địa phương"


def test_the_same_as_json_lines() -> None:
    rows = [
        {"minute": 5, "source": "Báo A", "title": "{truong}"},
        {"minute": 1, "source": "B", "text": "x"},
    ]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in [HEAD, *rows])
    one = read_scenario(text, "thu.jsonl")
    assert [minute for minute, _ in one.items] == [1, 5]
    assert one.minutes == 65


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        (STORY.replace("minute: 30", "minute: ba"), 13, "items[1].minute"),
        (STORY.replace("minute: 30", "minute: 500"), 13, "items[1].minute"),
        (STORY.replace("{ten}", "{lop}"), 13, "items[1].text"),
        (STORY.replace("{gio-30}", "{gio-}"), 12, "items[0].text"),
        (STORY.replace("kind: comment", "kind: video"), 13, "items[1].kind"),
        (STORY.replace("purpose:", "muc_dich:"), 3, "muc_dich"),
        (STORY.replace("minutes: 180", "minutes: 0"), 4, "minutes"),
        (STORY.replace("source: Báo Rừng Thông, ", ""), 14, "items[2]"),
        (STORY + "learn: [b]\n", 15, "learn"),
        ("title: [", 1, "(cả tệp)"),
        ("- một\n- hai", 1, "(cả tệp)"),
        ("", 1, "(cả tệp)"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, field: str) -> None:
    said = wrong(text)
    assert f"thu.yaml, dòng {line}, mục «{field}»: " in said


def test_every_mistake_is_named_at_once() -> None:
    said = wrong(STORY.replace("{ten}", "{a}").replace("{gio-30}", "{b}"))
    assert "sai ở 2 chỗ" in said


def test_mistakes_in_json_lines() -> None:
    head = json.dumps(HEAD)
    assert "dòng 3, mục «(cả dòng)»" in wrong(f"{head}\n\n{{", "thu.jsonl")
    assert "dòng 2, mục «items[0]»" in wrong(f'{head}\n{{"minute": 1}}', "thu.jsonl")
    double = '{"minute": 1, "source": "a", "text": "b", "id": "x"}'
    assert "dòng 3, mục «items[1].id»" in wrong(f"{head}\n{double}\n{double}", "thu.jsonl")
    assert "«title» hoặc «text»" in wrong(f'{head}\n{{"minute": 1, "source": "a"}}', "thu.jsonl")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Không đọc được"):
        load_scenario("khong-co.yaml")
    path = tmp_path / "x.yaml"
    path.write_bytes(b"title: \xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        load_scenario(str(path))
