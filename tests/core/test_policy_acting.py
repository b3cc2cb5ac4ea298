"""Who acts, by when and with what proof: the packaged playbook against its plan, and its checks."""

from __future__ import annotations

import json
from datetime import time, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from langnghe.cli.policy import policy_app
from langnghe.cli.policy_words import playbook_lines, span_words
from langnghe.core.errors import LangNgheError, PolicyError
from langnghe.core.policy.loader import check_policy, load_policy, schema_text, template_ids
from langnghe.core.policy.model import StepRule
from langnghe.core.types import Verification

TEXT = files("langnghe.core.policy").joinpath("playbook.yaml").read_text("utf-8")
POLICY = load_policy()
STEPS = (*POLICY.core_steps, *(s for topic in POLICY.topics.values() for s in topic.steps))
H, D = 60, 1440

# The plan of the response: owner, minutes at Vàng, Cam, Đỏ.
PLAN: dict[str, tuple[str, int | None, int, int]] = {
    "B01": ("officer", 2 * H, 30, 15),
    "B02": ("nurse", None, 0, 0),
    "B03": ("officer", 2 * H, H, 30),
    "B04": ("principal", D, 2 * H, 30),
    "B05": ("homeroom", D, H, 30),
    "B06": ("principal", D, 2 * H, H),
    "B07": ("deputy", 2 * D, 6 * H, 4 * H),
    "B08": ("principal", D, 3 * H, 2 * H),
    "B09": ("principal", 2 * D, 12 * H, 6 * H),
    "B10": ("principal", None, 12 * H, 6 * H),
    "B11": ("homeroom", 3 * D, D, 12 * H),
    "B12": ("principal", 7 * D, 2 * D, D),
    "B13": ("officer", D, 6 * H, 4 * H),
    "B14": ("principal", 7 * D, 7 * D, 15 * D),
    "B15": ("principal", 14 * D, 14 * D, 30 * D),
}


def hours(count: int) -> timedelta:
    return timedelta(hours=count)


def minutes(step: StepRule) -> tuple[int | None, ...]:
    return tuple(None if due is None else round(due.total_seconds() / 60) for due in step.due)


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    text = TEXT
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path = folder / "playbook.yaml"
    path.write_text(text, "utf-8")
    return path


def test_the_fifteen_steps_are_those_of_the_plan() -> None:
    found = {s.code: (s.role, *minutes(s)[1:]) for s in POLICY.core_steps}
    assert found == PLAN
    assert all(minutes(s)[0] is None for s in POLICY.core_steps)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.code)
def test_a_graver_level_never_has_more_time_without_a_reason(step: StepRule) -> None:
    times = [due for due in step.due if due is not None]
    shrinks = all(lower >= higher for lower, higher in pairwise(times))
    assert shrinks or step.longer, minutes(step)
    assert bool(step.longer) == (step.code in {"B14", "B15"})
    applies = [due is not None for due in step.due]
    assert applies == sorted(applies), "what is due at a level is due at every graver one"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.code)
def test_every_step_says_who_proves_what_with_what(step: StepRule) -> None:
    assert {step.role, *step.assists} <= set(POLICY.roles)
    assert step.role not in step.assists
    assert step.evidence
    assert set(step.evidence_kinds) <= {"note", "file", "link", "number"}
    assert step.evidence_required == (step.code != "B01"), "an acknowledgement is its own proof"
    assert set(step.templates) <= template_ids()


def test_the_steps_name_their_templates() -> None:
    main = {s.code: s.templates[0] for s in POLICY.core_steps if s.templates}
    assert main == {"B06": "M10", "B08": "M1", "B09": "M6", "B10": "M8", "B12": "M4", "B13": "M3",
                    "B14": "M7", "B15": "M11"}  # fmt: skip


def test_the_four_levels_lead_watch_and_close_as_planned() -> None:
    rules = [(lv.owner, lv.ignores_quiet, lv.quiet_close, lv.watch_every, lv.report_every)
             for lv in POLICY.levels]  # fmt: skip
    assert rules == [
        ("officer", False, hours(168), None, None),
        ("principal", False, hours(24), hours(2), None),
        ("principal", False, hours(72), hours(1), hours(24)),
        ("commune", True, hours(168), timedelta(minutes=15), hours(12)),
    ]
    known = {s.code for s in POLICY.core_steps}
    for lower, higher in pairwise(POLICY.levels):
        assert set(lower.close_steps) <= known
        assert lower.quiet_close <= higher.quiet_close or not lower.opens
    assert {"B14", "B15"} <= set(POLICY.levels[3].close_steps)


def test_notices_are_grouped_for_less_than_any_wait_of_the_ladder() -> None:
    rule = POLICY.notices
    assert rule.quiet == (time(21, 30), time(5, 30))
    assert rule.resolved
    opening = [level for level in POLICY.levels if level.opens]
    assert rule.group < min(level.ack for level in opening)
    for level in opening:
        gaps = [b.after - a.after for a, b in pairwise(level.ladder)]
        assert all(rule.group < gap for gap in gaps)


def test_the_law_binds_the_commune_and_no_deadline_passes_it() -> None:
    (press,) = POLICY.legal
    assert (press.step, press.role, press.limit) == ("B10", "commune", timedelta(hours=24))
    step = next(s for s in POLICY.core_steps if s.code == press.step)
    due = [step.due[level] for level in press.levels]
    assert all(at is not None and at <= press.limit for at in due)


def test_every_topic_that_may_do_harm_has_its_own_steps_and_words() -> None:
    for topic in POLICY.topics.values():
        if topic.id in {"hoat_dong_tich_cuc", "khac"}:
            continue
        assert topic.do, topic.id
        assert topic.dont, topic.id
        assert topic.steps or topic.id == "chuong_trinh_sgk", topic.id
    assert len(POLICY.do) == 6
    assert len(POLICY.dont) == 10


def test_the_offices_of_the_commune_and_of_the_village_are_roles() -> None:
    communal = {name for name, role in POLICY.roles.items() if "commune" in role.unit_kinds}
    assert communal == {"commune", "health", "police", "border", "women"}
    own = {name for name, role in POLICY.roles.items() if not role.unit_kinds}
    assert own == {"officer", "principal", "deputy", "homeroom", "nurse", "finance", "youth",
                   "union", "parents", "village"}  # fmt: skip
    assert {line.phone for line in POLICY.hotlines} == {"111", "112", "113", "114", "115"}


def test_an_outcome_says_what_became_of_the_matter() -> None:
    assert {o.id: o.verification for o in POLICY.outcomes.values()} == {
        "dung_khac_phuc": Verification.VERIFIED,
        "mot_phan": Verification.PARTLY,
        "sai_su_that": Verification.FALSE,
        "khong_du_can_cu": Verification.INSUFFICIENT,
    }
    assert [field.id for field in POLICY.review] == [
        "dong_thoi_gian", "dieu_tot", "chua_tot", "nguyen_nhan", "sua_quy_che", "tap_huan",
        "nguoi_chiu_trach_nhiem", "han",
    ]  # fmt: skip
    assert {field.id for field in POLICY.review if not field.required} == {
        "sua_quy_che", "tap_huan"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("owner: commune", "owner: vua", "levels[3].owner", "không có vai «vua»"),
        ("close_steps: [B08, B12]", "close_steps: [B88]", "levels[1].close_steps[0]", "«B88»"),
        ("group_minutes: 10", "group_minutes: 15", "notices.group_minutes", "15 phút"),
        ("due: {cam: 720, do: 360}", "due: {cam: 1441, do: 360}", "steps[9].due.cam", "24 giờ"),
        ("due: {cam: 720, do: 360}", "due: {do: 360}", "steps[9].due", "phải có hạn"),
        ("step: B10", "step: B77", "legal[0].step", "không có việc"),
        ("with: [homeroom, health]", "with: [vua]", "steps[1].with[0]", "không có vai"),
        ("evidence: Bảng công khai, ", "evidence_required: true, ",
         "topics.khoan_thu.steps[0].evidence_required", "phải nêu bằng chứng"),
        ("evidence_kinds: [number, file]", "evidence_kinds: [voice]",
         "steps[8].evidence_kinds[0]", "một trong"),
        ("only_roles: [principal]", "only_roles: [vua]",
         "topics.suc_khoe_tam_than.only_roles[0]", "không có vai"),
        ("id: dieu_tot", "id: dong_thoi_gian", "review[1].id", "hai lần"),
        ('verification: "false"', "verification: sai", "outcomes.sai_su_that.verification",
         "một trong"),
    ],
)  # fmt: skip
def test_a_mistake_in_who_acts_is_refused(
    tmp_path: Path, old: str, new: str, field: str, words: str
) -> None:
    path = written(tmp_path, (old, new))
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    said = [s for s in caught.value.message.splitlines() if f"mục «{field}»" in s]
    assert any(words in line for line in said), caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("templates: [M6]", "templates: [M66]", "steps[8].templates[0]", "không có mẫu «M66»"),
        ("due: {vang: 2880, cam: 360, do: 240}", "due: {vang: 2880, cam: 360, do: 600}",
         "steps[6].due.do", "hạn dài hơn mức «cam»"),
        ('longer: "Chỉ họp', '# longer: "Chỉ họp', "steps[14].due.do", "longer"),
        ("deputy: {name: Phó Hiệu trưởng, own: true}", "deputy: {name: Phó Hiệu trưởng}",
         "roles.deputy", "không ai giữ được"),
        ("ack_minutes: 120", "ack_minutes: 20", "levels[2].ack_minutes", "nhẹ hơn"),
        ("{after: 120, role: principal}", "{after: 60, role: principal}",
         "levels[1].ladder[0].after", "chưa hết"),
    ],
)  # fmt: skip
def test_what_should_be_looked_at_again_is_said_but_not_refused(
    tmp_path: Path, old: str, new: str, field: str, words: str
) -> None:
    path = written(tmp_path, (old, new))
    load_policy(path)
    said = [s for s in check_policy(path)[1] if f"mục «{field}»" in s]
    assert any(words in line for line in said), check_policy(path)[1]
    assert all(s.startswith(f"{path}, dòng ") for s in said)


def test_the_packaged_playbook_leaves_nothing_to_look_at() -> None:
    assert check_policy()[1] == []


def run(*words: str) -> Any:
    return CliRunner().invoke(policy_app, words)


def test_check_says_what_to_look_at_and_is_strict_when_asked(tmp_path: Path) -> None:
    path = written(tmp_path, ("templates: [M6]", "templates: [M66]"))
    done = run("check", str(path), "--json")
    assert done.exit_code == 0
    (warning,) = json.loads(done.stdout)["warnings"]
    assert "steps[8].templates[0]" in warning
    assert "steps[8].templates[0]" in run("check", str(path)).stderr
    assert run("check", str(path), "--strict").exit_code == 1
    assert run("check", "--strict").exit_code == 0


def described(node: Any, where: str = "") -> list[str]:
    """Return the keys of a schema that say nothing to the person who edits."""
    if isinstance(node, list):
        return [bad for n, item in enumerate(node) for bad in described(item, f"{where}[{n}]")]
    if not isinstance(node, dict):
        return []
    mute = [bad for name, item in node.items() if name not in {"if", "then", "properties"}
            for bad in described(item, f"{where}.{name}")]  # fmt: skip
    for name, item in node.get("properties", {}).items():
        mute += [] if item.get("description") else [f"{where}.{name}"]
        mute += described(item, f"{where}.{name}")
    return mute


def test_the_schema_explains_every_key_to_an_editor() -> None:
    done = run("schema")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == json.loads(schema_text())
    assert described(json.loads(done.stdout)) == []
    assert TEXT.startswith("# yaml-language-server: $schema=playbook.schema.json\n")


UNITS = """
units:
  truong:
    levels: {cam: {ack_minutes: 20}}
    notices: {quiet: null}
    steps: {B04: {due: {cam: 60}}}
"""
PROFILE = """
name = "Một trường"
[[units]]
id = "truong"
kind = "school"
name = "TH Bản Mới"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "kb.yaml").write_text(TEXT + UNITS, "utf-8")
    (tmp_path / "langnghe.toml").write_text('playbook = "kb.yaml"\n', "utf-8")
    (tmp_path / "profile.toml").write_text(PROFILE, "utf-8")
    return tmp_path


def test_show_prints_who_is_told_when_and_what_is_due(home: Path) -> None:
    done = run("show", "--home", str(home), "--level", "cam", "--topic", "an_toan_thuc_pham")
    assert done.exit_code == 0, done.output
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert "Phải xác nhận trong 30 phút." in lines
    assert "Sau 1 giờ chưa ai xác nhận: báo UBND xã (Phòng Văn hóa – Xã hội)" in lines
    assert "Giờ yên tĩnh 21:30–05:30: đợi đến 05:30." in lines
    at = next(n for n, line in enumerate(lines) if line.startswith("12 giờ   B09"))
    assert lines[at + 1] == "Ai: Hiệu trưởng; cùng làm: Thư ký Hội đồng trường"
    assert lines[at + 2] == "Bằng chứng: Số văn bản (bắt buộc, số văn bản hoặc tệp)"
    assert lines[at + 3] == "Mẫu: M6"
    assert any(line.startswith("15 phút  TP1") for line in lines)
    assert not any("ĐỎ" in line for line in lines)
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_show_for_a_unit_prints_what_holds_there(home: Path) -> None:
    done = run("show", "--home", str(home), "--unit", "truong", "--level", "cam", "--json")
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    (level,) = shown["levels"]
    assert shown["units"] == ["truong"]
    assert shown["version"] != POLICY.version
    assert shown["notices"]["quiet"] is None
    assert level["ack_minutes"] == 20
    assert {s["code"]: s["due_minutes"] for s in level["steps"]}["B04"] == 60
    assert level["legal"][0]["minutes"] == 1440
    plain = run("show", "--home", str(home), "--unit", "truong").stdout
    assert "có thay đổi riêng của: truong" in plain
    assert "Không có giờ yên tĩnh" in plain


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--unit", "la", "đơn vị «la»"), ("--level", "tim", "mức «tim»"), ("--topic", "la", "«la»")],
)
def test_show_names_what_it_does_not_know(home: Path, option: str, value: str, said: str) -> None:
    done = run("show", "--home", str(home), option, value)
    assert isinstance(done.exception, LangNgheError)
    assert said in done.exception.message
    assert done.exception.mend


def test_every_level_is_shown_with_every_step_due_there() -> None:
    text = "\n".join(playbook_lines(POLICY, POLICY.levels, ()))
    for level in POLICY.levels:
        assert f"{level.name.upper()} – {level.title}" in text
    assert text.count("B04 ") == 3
    assert text.count("B10 ") == 2


@pytest.mark.parametrize(
    ("span", "said"),
    [(0, "ngay"), (45, "45 phút"), (60, "1 giờ"), (90, "90 phút"), (1440, "24 giờ"),
     (2880, "2 ngày"), (10080, "7 ngày")],
)  # fmt: skip
def test_times_are_said_in_the_largest_exact_unit(span: int, said: str) -> None:
    assert span_words(timedelta(minutes=span)) == said
