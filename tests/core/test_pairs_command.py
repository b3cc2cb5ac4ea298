"""From decisions on the page to grouping that has learnt from them, and back, by commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from langnghe.cli import app
from langnghe.core.errors import ConfigError, InputError
from langnghe.core.hand import Kind
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.house import learnt_file, load_judge
from nlp.story_evidence import likeness
from tests.core.handhouse import FIRST, OTHER, SECOND, HandHouse
from tests.nlp.test_story_lessons import SCHOOLS

CHILD = "Em Trịnh Hoài Nam (lớp 5A) nằm viện."


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def house(tmp_path: Path) -> HandHouse:
    store = Store(Settings(home=tmp_path).database)
    store.migrate()
    return HandHouse(store)


def test_pairs_are_exported_by_number_and_texts_only_covered(
    house: HandHouse, tmp_path: Path
) -> None:
    a, b, c = house.hear(FIRST, f"{FIRST}. {CHILD}"), house.hear(SECOND), house.hear(OTHER)
    done = house.hand().split(house.story(a), [b])
    house.hand().mark(Kind.UNRELATED, house.story(a), house.story(c))
    undone = house.hand().mark(Kind.SAME, house.story(b), house.story(c))
    house.undo(undone.decision)
    plain = run("pairs", "export", "--home", str(tmp_path))
    rows = [json.loads(line) for line in plain.stdout.splitlines() if line.startswith("{")]
    assert rows == [
        {"decision": 1, "level": "story", "a": b, "b": a, "same": False},
        {"decision": 2, "level": "event", "a": house.story(a), "b": house.story(c), "same": False},
    ]
    assert done.decision == 1
    out = tmp_path / "cap.jsonl"
    assert (
        run("pairs", "export", "--texts", "--out", str(out), "--home", str(tmp_path)).exit_code == 0
    )
    told = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert told[0]["a_text"].startswith(SECOND)
    assert "nằm viện" in told[0]["b_text"]
    assert "Hoài Nam" not in out.read_text(encoding="utf-8")
    assert told[1]["b_text"] == OTHER


def test_learning_changes_grouping_only_where_it_gets_better(
    house: HandHouse, tmp_path: Path
) -> None:
    home = ("--home", str(tmp_path))
    few = run("pairs", "learn", *home)
    assert isinstance(few.exception, InputError)
    assert "chưa đủ" in few.exception.message
    for school in SCHOOLS:
        fee = house.hear(f"Phụ huynh Trường Tiểu học {school} phản ánh khoản thu quỹ lớp")
        meals = [
            house.hear(f"Phụ huynh Trường Tiểu học {school} phản ánh bữa ăn bán trú"),
            house.hear(f"Bữa ăn bán trú ở Trường Tiểu học {school} bị phụ huynh phản ánh"),
        ]
        wrong = [m for m in meals if house.story(m) == house.story(fee)]
        if wrong:
            house.hand().split(house.story(fee), wrong)
    before = json.loads(run("pairs", "check", "--json", *home).stdout)
    assert before["joined_wrongly"] >= 1
    learnt = run("pairs", "learn", "--json", *home)
    settings = Settings(home=tmp_path)
    assert learnt.exit_code == 0, learnt.exception
    assert json.loads(learnt.stdout)["better"] is True
    assert load_judge(settings) is not likeness
    after = json.loads(run("pairs", "check", "--json", *home).stdout)
    assert after["agreed"] > before["agreed"]
    kept = learnt_file(settings).read_text(encoding="utf-8")
    assert "Tiểu học" not in kept  # numbers only, no word of any text
    assert run("pairs", "back", *home).exit_code == 0
    assert load_judge(settings) is likeness
    assert isinstance(run("pairs", "back", *home).exception, InputError)


def test_a_torn_file_is_told_with_the_way_back(house: HandHouse, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    learnt_file(settings).write_text('{"format": 1, "shi', encoding="utf-8")
    with pytest.raises(ConfigError, match="bị hỏng") as error:
        load_judge(settings)
    assert "langnghe pairs back" in error.value.mend
    assert run("pairs", "back", "--home", str(tmp_path)).exit_code == 0
    assert load_judge(settings) is likeness


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    for command in ("export", "check", "learn"):
        found = run("pairs", command, "--home", str(tmp_path / "khong-co"))
        assert isinstance(found.exception, ConfigError)
