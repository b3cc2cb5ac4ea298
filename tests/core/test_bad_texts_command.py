"""``analyse`` and ``evaluate`` over a file of everything that goes wrong: answered line by line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.nlp.test_bad_texts import FLOODS, STRANGE

BROKEN = (
    b"[" * 100_000,
    b'{"id": "open',
    b'"only a text"',
    b'{"id": "n", "text": 7}',
    b'{"id": "e", "text": ""}',
    b'{"id": "i", "text": "\xe2\x80\x8b\xc2\xad"}',
    b'{"id": "latin", "text": "\xff\xfe"}',
    b'{"text": "no id"}',
)


def lines() -> tuple[list[str], bytes]:
    """Return the ids of the good lines, and all lines with the broken ones between."""
    texts = {**STRANGE, **{name: flood * 200 for name, flood in FLOODS.items()}}
    texts |= {"megabyte": "mây" * 260_000, "megabyte of words": "mây " * 260_000}
    words = [name for name, text in texts.items() if any(char.isalnum() for char in text)]
    good = [
        json.dumps({"id": name, "text": texts[name], "about_education": False}).encode()
        for name in words
    ]
    return words, b"\n".join([*good[:9], *BROKEN, *good[9:]]) + b"\n"


def langnghe(*arguments: str, given: bytes = b"") -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "langnghe", *arguments], input=given, capture_output=True,
        check=False, timeout=100,
    )  # fmt: skip
    said = done.stderr.decode()
    assert "Traceback" not in said, said
    return done.returncode, done.stdout.decode(), said


def test_analyse_answers_every_good_line(tmp_path: Path) -> None:
    good, given = lines()
    code, out, said = langnghe("analyse", "--home", str(tmp_path), given=given)
    assert code == 1
    told = [json.loads(line) for line in out.splitlines()]
    assert [row["id"] for row in told] == good
    for number in range(10, 10 + len(BROKEN)):
        assert f"Dòng {number}:" in said


def test_evaluate_measures_the_good_lines(tmp_path: Path) -> None:
    good, given = lines()
    gold = tmp_path / "gold.jsonl"
    gold.write_bytes(given)
    out = tmp_path / "out.json"
    code, _, _ = langnghe(
        "evaluate", "--gold", str(gold), "--json", str(out), "--home", str(tmp_path)
    )
    assert code == 1
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["rows"] == len(good)
    assert told["bad_lines"] == list(range(10, 10 + len(BROKEN)))
