"""The shield against texts written before its rules were looked at. All persons are invented.

Six files, six styles: single sentences of every kind, news and parents' talk, short posts,
attacks on the rules (given names that are words, lists, quotes), a mixture of all, and plain talk.
The bars are those of the product: what leaks names a child.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nlp.shield import mask

HERE = Path(__file__).parent
FILES = (
    "gold_shield.jsonl", "gold_shield_other.jsonl", "gold_shield_third.jsonl",
    "gold_shield_fourth.jsonl", "gold_shield_fifth.jsonl", "gold_shield_sixth.jsonl",
)  # fmt: skip
# Known to leak, kept in the files as a reminder: a nickname that is a province, "X là <tên>" where
# no word of the name is one, a father called like the word for school.
KNOWN = {"Điện Biên", "Đức Em", "Trường"}


def rows(name: str) -> list[dict[str, Any]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", FILES)
def test_what_must_go_is_gone(name: str) -> None:
    leaked, total = [], 0
    for row in rows(name):
        shown = mask(row["text"]).text
        wanted = [span["text"] for span in row["spans"]]
        for words in wanted:
            total += 1
            if row["text"].count(words) - shown.count(words) < wanted.count(words):
                leaked.append((row["id"], words))
    assert total > 50
    assert [hit for hit in leaked if hit[1] not in KNOWN] == []
    assert len(leaked) <= 0.02 * total


@pytest.mark.parametrize("name", FILES)
def test_what_may_stay_stays(name: str) -> None:
    broken, total = [], 0
    for row in rows(name):
        shown = mask(row["text"]).text
        for phrase in row["keep"]:
            total += 1
            if phrase not in shown:
                broken.append((row["id"], phrase))
    assert total > 50
    assert len(broken) <= 0.02 * total, broken


@pytest.mark.parametrize("name", FILES)
def test_covering_is_settled_at_once(name: str) -> None:
    for row in rows(name):
        once = mask(row["text"]).text
        assert mask(once).text == once, row["id"]


@pytest.mark.parametrize("name", FILES)
def test_the_rows_are_sound(name: str) -> None:
    ids = [row["id"] for row in rows(name)]
    assert len(ids) == len(set(ids))
    for row in rows(name):
        for span in row["spans"]:
            assert row["text"][span["start"] : span["end"]] == span["text"], row["id"]
        for phrase in row["keep"]:
            assert phrase in row["text"], row["id"]
