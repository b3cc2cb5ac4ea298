"""The playbook: data that is checked whole, and a fifth level that needs no code."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from langnghe.core.errors import PolicyError
from langnghe.core.policy.loader import load_policy, topic_names

TEXT = files("langnghe.core.policy").joinpath("playbook.yaml").read_text("utf-8")


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "playbook.yaml"
    path.write_text(text, "utf-8")
    return path


def line_of(path: Path, words: str) -> int:
    lines = path.read_text("utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if words in line)


def test_the_packaged_playbook_has_the_four_levels_and_fifteen_steps() -> None:
    policy = load_policy()
    assert [(lv.id, lv.min_score) for lv in policy.levels] == [
        ("xanh", 0), ("vang", 25), ("cam", 50), ("do", 75)
    ]  # fmt: skip
    red = policy.levels[3]
    assert red.ack == timedelta(minutes=15)
    assert [rung.after.total_seconds() / 60 for rung in red.ladder] == [15, 30, 60]
    assert len(policy.core_steps) == 15
    assert all(step.evidence and step.role in policy.roles for step in policy.core_steps)
    assert set(policy.topics) == set(topic_names())
    assert sum(policy.score.weights.values()) == 100
    assert [level.opens for level in policy.levels] == [False, True, True, True]


def test_a_step_without_a_time_for_a_level_does_not_apply_there() -> None:
    policy = load_policy()
    codes = [[s.code for s in policy.steps_for((), n)] for n in range(4)]
    assert codes[0] == []
    assert "B02" not in codes[1]
    assert codes[3] == [f"B{n:02}" for n in range(1, 16)]
    special = [s.code for s in policy.steps_for(("an_toan_thuc_pham",), 3)]
    assert special[15:] == ["TP1", "TP2", "TP3"]


def test_the_version_is_that_of_the_content_not_of_its_writing(tmp_path: Path) -> None:
    same = written(tmp_path, ("incident:\n", "# một lời ghi chú\nincident:\n"))
    assert load_policy(same).version == load_policy().version
    other = written(tmp_path, ("attach_days: 14", "attach_days: 15"))
    assert load_policy(other).version != load_policy().version


def test_every_mistake_is_named_at_once_with_file_line_and_field(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ("ack_minutes: 120", "ack_minutes: lâu"),
        ("min_unit_confidence: 0.5", "min_unit_confidence: 7"),
        ("attach_days: 14", "atach_days: 14"),
        ("fact: suicide", "fact: tự hại"),
    )
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    said = caught.value.message
    assert str(path) in said
    for words, field in (
        ("ack_minutes: lâu", "levels[1].ack_minutes"),
        ("min_unit_confidence: 7", "incident.min_unit_confidence"),
        ("atach_days", "incident.atach_days"),
        ("fact: tự hại", "overrides[1].when.fact"),
    ):
        assert f"dòng {line_of(path, words)}, mục «{field}»" in said
    assert "thiếu mục «attach_days»" in said
    assert caught.value.mend


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("min_score: 50", "min_score: 20", "levels[2].min_score", "phải lớn hơn"),
        ("after: 240, role: commune", "after: 240, role: king", "ladder[1].role", "không có vai"),
        ("level: do\n    when: {fact: dead", "level: tim\n    when: {fact: dead",
         "overrides[0].level", "không có mức"),
        ("  co_so_vat_chat:", "  mot_chu_de_la:", "topics.mot_chu_de_la", "không có chủ đề"),
        ("code: B15", "code: B14", "steps[14].code", "hai lần"),
        ('"Tin nêu {value} trường', '"Tin nêu {so} trường', "overrides[0].reason", "{value}"),
        ("risk_severity: [0, 0.2", "risk_severity: [0, 0.9", "score.risk_severity", "tăng dần"),
        ("  rare_terms: 2", "  rare_terms: 2\n  rare_terms: 3", "incident.rare_terms", "hai lần"),
        ("margin: 4", "margin: 25", "score.margin", "không bao giờ hạ"),
        ("margin: 4", "margin: -1", "score.margin", "từ 0 trở lên"),
        ("hours: {vang: 2", "hours: {vang: -2", "cooldown.hours.vang", "từ 0 trở lên"),
        ("hours: {vang: 2", "hours: {tim: 2", "cooldown.hours.tim", "không có mức"),
        ("id: tu_vong, fact: dead", "id: tu_vong, fact: chet", "cooldown.news[0].fact",
         "một trong"),
        ("id: tu_vong, fact: dead", "id: tu_vong, voices: 2, fact: dead", "cooldown.news[0]",
         "đúng một"),
        ("override: mo_hinh_khung_hoang,", "override: mo_hinh_la,", "cooldown.news[16].override",
         "không có quy tắc"),
        ("    level: cam\n    firm: true", "    level: do\n    firm: true", "ceilings[5].level",
         "không có tác dụng"),
        ("level: do\n    when: {fact: dead", "level: xanh\n    when: {fact: dead",
         "overrides[0].level", "không có tác dụng"),
        ("only_topics: [chuong_trinh_sgk", "only_topics: [duoi_nuoc_tai_nan",
         "ceilings[1].when.only_topics[0]", "thấp hơn mức sàn"),
        ("only_topics: [chuong_trinh_sgk", "only_topics: [chu_de_la",
         "ceilings[1].when.only_topics[0]", "không có chủ đề"),
        ("hold: {after: do, level: vang", "hold: {after: vang, level: do", "down.hold.level",
         "không được cao hơn"),
        ("{id: nhieu_bao, value: 0.8", "{id: nhieu_bao, value: 0.2", "credibility.steps[5].value",
         "lớn hơn bậc trước"),
        ("3: 0.6, 4: 0.4", "3: 0.6, 4: 0.7", "score.tier_weight", "không được nặng hơn"),
        ("commune: 1, ward: 1", "ward: 1", "roles.commune.unit_kind[0]", "chưa có trong"),
        ("topics: [xam_hai_tre_em]}\n  - {value: 0.5", "topics: [chu_de_la]}\n  - {value: 0.5",
         "vulnerability[2].topics[0]", "không có chủ đề"),
    ],
)  # fmt: skip
def test_names_that_point_nowhere_are_found(
    tmp_path: Path, old: str, new: str, field: str, words: str
) -> None:
    path = written(tmp_path, (old, new))
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    line = next(s for s in caught.value.message.splitlines() if field in s)
    assert words in line


@pytest.mark.parametrize(
    "content", [b"levels: [", b"\xff\xfe", b"", b"- 1", b"a: &x [*x]", b"levels: {}"]
)
def test_what_is_no_playbook_at_all_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "hong.yaml"
    path.write_bytes(content)
    with pytest.raises(PolicyError, match=r"hong\.yaml"):
        load_policy(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"khong-co\.yaml"):
        load_policy(tmp_path / "khong-co.yaml")


def test_a_fifth_level_is_only_data(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, FIFTH, ("group_minutes: 10", "group_minutes: 4")))
    assert [level.id for level in policy.levels][-1] == "tim"
    assert policy.level_of(96) == 4
    assert policy.level_of(94) == 3
    # Steps keep the time of the level below where the new one says nothing.
    b08 = next(s for s in policy.steps_for((), 4) if s.code == "B08")
    assert b08.due[4] == b08.due[3]


FIFTH = (
    "# Vai và nơi tìm người",
    """  - id: tim
    name: Tím
    title: Thảm họa
    colour: "#8250df"
    shape: "★"
    min_score: 95
    opens: true
    ack_minutes: 5
    notify: [principal, commune, sector]
    ladder:
      - {after: 5, role: sector}
    owner: sector
    quiet_close_hours: 336

# Vai và nơi tìm người""",
)


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("min_score: 75", "min_score: .nan", "min_score: .nan", "hữu hạn"),
        ("min_score: 75", "min_score: .inf", "min_score: .inf", "hữu hạn"),
        ("min_score: 75", "min_score: 2026-02-31", "2026-02-31", "không đọc được «2026-02-31»"),
    ],
)
def test_a_value_that_is_no_number_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, at: str, said: str
) -> None:
    path = written(tmp_path, (old, new))
    with pytest.raises(PolicyError, match=said) as refused:
        load_policy(path)
    assert f"dòng {line_of(path, at)}," in refused.value.message


def test_a_few_lines_that_stand_for_millions_of_values_are_refused(tmp_path: Path) -> None:
    lines = (f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9))
    path = tmp_path / "playbook.yaml"
    path.write_text("\n".join(["a0: &a0 [x, x]", *lines]), "utf-8")
    with pytest.raises(PolicyError):
        load_policy(path)
