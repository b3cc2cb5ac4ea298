"""A unit's own changes to the playbook: who acts and by when, never how a matter is weighed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.forecast.model import rules_version
from langnghe.core.errors import PolicyError
from langnghe.core.policy.build import build_policy
from langnghe.core.policy.loader import check_policy, load_policy, schema_text, topic_names
from langnghe.core.policy.model import Policy, StepRule
from langnghe.core.policy.units import version_of
from langnghe.core.profile import parse_profile

TEXT = files("langnghe.core.policy").joinpath("playbook.yaml").read_text("utf-8")
UNITS = """
units:
  so:
    levels: {cam: {ack_minutes: 25}}
    notices: {group_minutes: 5, max_per_hour: 6}
    do: ["Theo hướng dẫn của Sở"]
  xa:
    levels: {cam: {ack_minutes: 20, notify: [principal, commune]}}
    steps: {B04: {due: {cam: 90}, title: "Gọi trực ban xã"}}
    extra_steps:
      - {code: XA1, title: "Báo trực ban xã", role: officer, due: {vang: 60}}
  truong:
    levels: {cam: {ack_minutes: 15}}
    notices: {quiet: null}
    roles: {officer: {name: Giáo viên phụ trách truyền thông, contacts: [truyen_thong]}}
    steps: {B04: {due: {cam: 60}}, TP1: {role: deputy}}
    topics: {an_toan_thuc_pham: {dont: ["Không mở lại bếp khi chưa có kết quả"]}}
    dont: ["Ép phụ huynh gỡ bài", "Tự ý họp báo"]
"""
CHAIN = ("truong", "xa", "so", "ca-nuoc")


RAW = json.loads(json.dumps(yaml.safe_load(TEXT)))  # keys as words, like the loader's


def written(folder: Path, units: str) -> Path:
    path = folder / "playbook.yaml"
    path.write_text(TEXT + units, "utf-8")
    return path


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return load_policy(written(tmp_path_factory.mktemp("kb"), UNITS))


def step(policy: Policy, code: str) -> StepRule:
    every = (*policy.core_steps, *(s for t in policy.topics.values() for s in t.steps))
    return next(s for s in every if s.code == code)


def test_the_nearest_unit_has_the_last_word_and_parents_are_kept(policy: Policy) -> None:
    own = policy.for_units(CHAIN)
    assert own.applied == ("so", "xa", "truong")
    assert own.levels[2].ack == timedelta(minutes=15)
    assert own.levels[2].notify == ("principal", "commune"), "from the commune"
    assert own.notices.max_per_hour == 6, "from the sector"
    assert own.notices.quiet is None
    assert own.notices.resolved, "from everybody's"
    b04 = step(own, "B04")
    assert b04.title == "Gọi trực ban xã"
    assert b04.due[2] == timedelta(hours=1)
    assert b04.due[3] == timedelta(minutes=30), "a level that is not named keeps its time"
    assert step(own, "TP1").role == "deputy"
    assert own.core_steps[-1].code == "XA1"
    assert own.role_name("officer") == "Giáo viên phụ trách truyền thông"
    assert own.roles["officer"].contacts == ("truyen_thong",)
    assert own.topics["an_toan_thuc_pham"].dont[-1] == "Không mở lại bếp khi chưa có kết quả"
    assert own.do[-1] == "Theo hướng dẫn của Sở"
    assert own.dont.count("Ép phụ huynh gỡ bài") == 1
    assert own.dont[-1] == "Tự ý họp báo"


def test_each_chain_has_its_own_playbook_made_once(policy: Policy) -> None:
    commune = policy.for_units(CHAIN[1:])
    assert commune.levels[2].ack == timedelta(minutes=20)
    assert step(commune, "B04").due[2] == timedelta(minutes=90)
    assert commune.notices.quiet == (time(21, 30), time(5, 30))
    assert policy.for_units(("truong",)).notices.max_per_hour == policy.notices.max_per_hour
    assert policy.for_units(CHAIN) is policy.for_units(CHAIN)
    assert policy.for_units(CHAIN).for_units(CHAIN) is policy.for_units(CHAIN)
    assert policy.for_units(CHAIN).for_units(CHAIN[1:]).version == commune.version
    back = policy.for_units(CHAIN).for_units(())
    assert (back.version, back.levels) == (policy.version, policy.levels), "and back again"
    versions = {policy.for_units(CHAIN[n:]).version for n in range(4)}
    assert len(versions) == 4


def test_where_nothing_changes_it_is_the_same_object(policy: Policy) -> None:
    assert policy.for_units(()) is policy
    assert policy.for_units(("mot-don-vi-la", "ca-nuoc")) is policy
    packaged = load_policy()
    assert packaged.for_units(CHAIN) is packaged
    assert policy.version == packaged.version, "another unit's changes give nobody a new version"


def test_everybody_weighs_alike(policy: Policy) -> None:
    own = policy.for_units(CHAIN)
    assert rules_version(own) == rules_version(policy) == rules_version(load_policy())
    for name in ("score", "overrides", "ceilings", "down", "credibility", "cooldown", "incident",
                 "vulnerability", "harm_facts", "harm_p", "unit_ranks", "legal"):  # fmt: skip
        assert getattr(own, name) == getattr(policy, name), name
    scale = [(lv.value, lv.id, lv.min_score, lv.opens) for lv in policy.levels]
    assert [(lv.value, lv.id, lv.min_score, lv.opens) for lv in own.levels] == scale
    for topic, rule in policy.topics.items():
        assert own.topics[topic].attribution == rule.attribution
        assert own.topics[topic].harm_floor == rule.harm_floor


@pytest.mark.parametrize(
    "change",
    [
        "levels: {cam: {min_score: 10}}",
        "levels: {cam: {opens: false}}",
        "score: {margin: 1}",
        "overrides: []",
        "ceilings: []",
        "cooldown: {same_level_hours: 1}",
        "down: {quiet_hours: 1}",
        "topics: {khoan_thu: {attribution: 0}}",
        "topics: {khoan_thu: {harm_floor: do}}",
        "legal: []",
    ],
)
def test_no_unit_may_change_how_a_matter_is_weighed(tmp_path: Path, change: str) -> None:
    with pytest.raises(PolicyError, match="cách chấm điểm là chung") as refused:
        load_policy(written(tmp_path, f"\nunits:\n  truong: {{{change}}}\n"))
    assert "«units.truong" in refused.value.message


def test_the_schema_for_editors_has_no_word_of_scoring_for_a_unit() -> None:
    unit = json.loads(schema_text())["$defs"]["unit"]
    open_to_units = set(unit["properties"])
    assert open_to_units == {
        "levels", "notices", "roles", "steps", "extra_steps", "topics", "do", "dont"
    }  # fmt: skip
    level = unit["properties"]["levels"]["additionalProperties"]
    assert "min_score" not in level["properties"]
    assert level["additionalProperties"] is False


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ("levels: {tim: {ack_minutes: 5}}", "units.truong.levels.tim", "không có mức «tim»"),
        ("steps: {B99: {role: deputy}}", "units.truong.steps.B99", "không có việc «B99»"),
        ("steps: {B04: {role: vua}}", "units.truong.steps.B04.role", "không có vai «vua»"),
        ("steps: {B04: {due: {tim: 5}}}", "units.truong.steps.B04.due.tim", "không có mức"),
        ("roles: {vua: {name: Vua}}", "units.truong.roles.vua", "không có vai"),
        ("topics: {la: {do: [x]}}", "units.truong.topics.la", "không có chủ đề"),
        ("levels: {cam: {notify: [vua]}}", "units.truong.levels.cam.notify[0]", "không có vai"),
        ("levels: {cam: {notify: []}}", "units.truong.levels.cam.notify", "ít nhất một vai"),
        ("levels: {cam: {ladder: [{after: 60, role: commune}, {after: 30, role: sector}]}}",
         "units.truong.levels.cam.ladder[1].after", "lớn hơn nấc trước"),
        ("levels: {do: {ack_minutes: 5}}", "units.truong.notices.group_minutes", "ngắn hơn"),
        ("notices: {group_minutes: 15}", "units.truong.notices.group_minutes", "15 phút"),
        ('notices: {quiet: ["22:00", "22:00"]}', "units.truong.notices.quiet", "trùng nhau"),
        ("notices: {quiet: [21:30, 05:30]}", "units.truong.notices.quiet[0]", "ngoặc kép"),
        ("steps: {B10: {due: {cam: 1500}}}", "units.truong.steps.B10.due.cam", "24 giờ"),
        ("steps: {B10: {due: {do: null}}}", "units.truong.steps.B10.due", "phải có hạn"),
        ("extra_steps: [{code: B15, title: x, role: deputy, due: {do: 5}}]",
         "units.truong.extra_steps[0].code", "hai lần"),
        ("topics: {khac: {extra_steps: [{code: ZZ1, title: x, role: vua, due: {do: 5}}]}}",
         "units.truong.topics.khac.extra_steps[0].role", "không có vai"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_units_changes_is_named_where_it_was_written(
    tmp_path: Path, change: str, field: str, words: str
) -> None:
    path = written(tmp_path, f"\nunits:\n  truong:\n    {change}\n")
    with pytest.raises(PolicyError) as refused:
        load_policy(path)
    line = len(path.read_text("utf-8").splitlines())
    said = next(s for s in refused.value.message.splitlines() if f"mục «{field}»" in s)
    assert words in said
    if f"{field.split('.')[-1]}:" in change:
        assert f"dòng {line}," in said


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ("levels: {cam: {ack_minutes: 45}}", "levels.cam.ack_minutes", "hạn xác nhận dài hơn"),
        ("steps: {B04: {due: {cam: 600}}}", "steps.B04.due.cam", "hạn dài hơn ở mức «cam»"),
        ("steps: {B04: {due: {vang: null}}}", "steps.B04.due.vang", "bỏ việc này khỏi mức «vang»"),
        ("steps: {B09: {evidence_required: false}}", "steps.B09.evidence_required",
         "không đòi bằng chứng"),
        ("steps: {B04: {due: {do: 240}}}", "steps.B04.due.do", "hạn dài hơn mức «cam» nhẹ hơn"),
        ("steps: {B04: {templates: [M99]}}", "steps.B04.templates[0]", "không có mẫu «M99»"),
        ("levels: {vang: {ignores_quiet: true}}", "levels.cam.ignores_quiet", "nhẹ hơn lại báo"),
    ],
)  # fmt: skip
def test_a_unit_that_gives_itself_more_time_is_told_so(
    tmp_path: Path, change: str, field: str, words: str
) -> None:
    path = written(tmp_path, f"\nunits:\n  truong:\n    {change}\n")
    load_policy(path)
    said = [s for s in check_policy(path)[1] if f"mục «units.truong.{field}»" in s]
    assert len([s for s in said if words in s]) == 1


def test_stricter_changes_are_not_remarked_upon(tmp_path: Path) -> None:
    assert check_policy(written(tmp_path, UNITS))[1] == []


def test_what_is_amiss_for_everybody_is_said_once(tmp_path: Path) -> None:
    path = written(tmp_path, UNITS)
    path.write_text(path.read_text("utf-8").replace("[M6]", "[M66]", 1), "utf-8")
    assert len(check_policy(path)[1]) == 1


def test_one_code_means_one_thing_in_every_unit(tmp_path: Path) -> None:
    extra = "{extra_steps: [{code: ZZ1, title: x, role: deputy, due: {do: 5}}]}"
    with pytest.raises(PolicyError, match=r"units\.b\.extra_steps\[0\]\.code.*hai lần"):
        load_policy(written(tmp_path, f"\nunits:\n  a: {extra}\n  b: {extra}\n"))


PROFILE = {
    "name": "Một xã",
    "units": [
        {"id": "so", "kind": "sector", "name": "Sở GD&ĐT"},
        {"id": "xa", "kind": "commune", "name": "xã Bản Mới", "parent": "so",
         "contacts": [{"role": "commune", "name": "Phòng VH-XH", "email": "xa@example.test"}]},
        {"id": "truong", "kind": "school", "name": "TH Bản Mới", "parent": "xa",
         "contacts": [{"role": "hieu_truong", "name": "Hiệu trưởng", "email": "ht@example.test"}]},
    ],
}  # fmt: skip


def test_a_profile_shows_changes_for_nobody_and_roles_nobody_holds(tmp_path: Path) -> None:
    profile = parse_profile(PROFILE, where="hồ sơ")
    _, warnings = check_policy(written(tmp_path, UNITS), profile)
    fields = [line.split("«")[1].split("»")[0] for line in warnings]
    assert fields == ["roles.officer", "roles.sector"]
    assert all("chưa có ai giữ vai này cho TH Bản Mới" in line for line in warnings)
    with pytest.raises(PolicyError, match=r"units\.ma-sai.*không có đơn vị «ma-sai»"):
        check_policy(written(tmp_path, "\nunits:\n  ma-sai: {do: [x]}\n"), profile)


def test_changes_that_only_clash_with_those_of_a_parent_are_found(tmp_path: Path) -> None:
    units = """
units:
  xa: {levels: {do: {ack_minutes: 12}}, notices: {group_minutes: 2}}
  truong: {notices: {group_minutes: 12}}
"""
    path = written(tmp_path, units)
    load_policy(path)  # either change alone is right
    with pytest.raises(PolicyError, match=r"units\.truong\.notices\.group_minutes.*12 phút"):
        check_policy(path, parse_profile(PROFILE, where="hồ sơ"))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for k, v in value.items() for leaf in leaves(v, (*path, k))]
    if isinstance(value, list):
        return [leaf for n, v in enumerate(value) for leaf in leaves(v, (*path, n))]
    return [path]


def changed(path: tuple[Any, ...]) -> dict[str, Any]:
    other: dict[str, Any] = copy.deepcopy(RAW)
    spot = other
    for part in path[:-1]:
        spot = spot[part]
    old = spot[path[-1]]
    flip: dict[type, Callable[[Any], Any]] = {
        bool: lambda v: not v, int: lambda v: v + 1, float: lambda v: v + 0.01,
        str: lambda v: v + " ", type(None): lambda v: 0,
    }  # fmt: skip
    spot[path[-1]] = flip[type(old)](old)
    return other


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(leaves(RAW)))
def test_any_change_gives_a_new_version(path: tuple[Any, ...]) -> None:
    assert version_of(changed(path)) != version_of(RAW), path


def turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: turned(v) for k, v in reversed(value.items())}
    return [turned(v) for v in value] if isinstance(value, list) else value


def test_only_a_change_gives_a_new_version() -> None:
    assert version_of(turned(RAW)) == version_of(RAW) == load_policy().version
    same = {"truong": {"levels": {"cam": {"ack_minutes": 30}}, "dont": [RAW["dont"][0]]}}
    policy = build_policy({**RAW, "units": same}, topic_names())
    assert policy.for_units(("truong",)).version == policy.version


def test_a_playbook_does_not_change_under_the_hands_of_its_reader(policy: Policy) -> None:
    before = (policy.levels, policy.core_steps, policy.topics, policy.do)
    policy.for_units(CHAIN)
    policy.for_units(("xa",))
    assert (policy.levels, policy.core_steps, policy.topics, policy.do) == before
    assert "XA1" not in {s.code for s in policy.core_steps}
    assert [s.code for s in policy.for_units(("xa",)).core_steps].count("XA1") == 1


def test_the_example_in_the_packaged_file_and_in_the_guide_hold(tmp_path: Path) -> None:
    lines = TEXT.splitlines()
    example = "\n".join(line[4:] for line in lines[lines.index("#   units:") :])
    guide = (Path(__file__).parents[2] / "docs/playbook.md").read_text("utf-8")
    blocks = [block.split("```")[0] for block in guide.split("```yaml\n")[1:]]
    for units in (example, *(block for block in blocks if block.startswith("units:"))):
        path = written(tmp_path, f"\n{units}\n")
        own = load_policy(path).for_units(("ma-don-vi",))
        assert own.levels[2].ack == timedelta(minutes=20)
        assert own.core_steps[-1].code == "NB1"
        assert check_policy(path)[1] == []
