"""Labelled rows from labels without text and the archives their texts lie in.

    python -m nlp.training.join ARCHIVE… > rows.jsonl

``read_labels.tsv`` holds ids and answers only, because the texts belong to newspapers and readers.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from langnghe.core.errors import InputError
from nlp.lexicon import taxonomy
from nlp.training.archive import archive_rows

LABELS = Path(__file__).parent / "read_labels.tsv"
SCOPES = {"v": "vn", "f": "foreign", "n": "n/a"}
TONES = {"-": "neg", "0": "neu", "+": "pos"}


class Joined(NamedTuple):
    """Rows in the order of their labels, and the ids no archive had."""

    rows: list[dict[str, Any]]
    missing: list[str]


def read_labels(path: Path = LABELS) -> dict[str, dict[str, Any]]:
    """Return the answers by item id.

    Columns: id; v, f or n (about education in Viet Nam, abroad, or not about education); tone -, 0
    or +; topics joined by commas, or a dot; risk 0 to 3. Raises ``InputError`` naming the line that
    is not so.
    """
    answers: dict[str, dict[str, Any]] = {}
    topics = set(taxonomy().topics)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            identity, scope, tone, told, risk = line.split("\t")
            named = [] if told == "." else told.split(",")
            if not identity or identity in answers or set(named) - topics or risk not in "0123":
                raise ValueError(line)
            answers[identity] = {
                "about_education": scope != "n",
                "scope": SCOPES[scope],
                "sentiment": TONES[tone],
                "topics": named,
                "risk": int(risk),
            }
        except (ValueError, KeyError) as error:
            raise InputError(
                f"Dòng {number} của {path} không phải nhãn đúng mẫu.",
                mend="Sửa lại dòng này theo nlp/training/README.md.",
            ) from error
    return answers


def join(answers: Mapping[str, Mapping[str, Any]], rows: Iterable[Mapping[str, Any]]) -> Joined:
    """Put texts to labels; of several rows with one id the first counts."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        identity = str(row["id"])
        if identity in answers and identity not in found:
            found[identity] = {**row, **answers[identity]}
    ordered = [found[identity] for identity in answers if identity in found]
    return Joined(ordered, [identity for identity in answers if identity not in found])


def main() -> int:
    """Write the joined rows to standard output and say on standard error how many were found."""
    parser = argparse.ArgumentParser(prog="python -m nlp.training.join", description=__doc__)
    parser.add_argument("archives", nargs="+", type=Path, metavar="ARCHIVE")
    parser.add_argument("--labels", type=Path, default=LABELS)
    given = parser.parse_args()
    try:
        joined = join(read_labels(given.labels), archive_rows(given.archives))
    except InputError as error:
        parser.error(f"{error} {error.mend}")
    for row in joined.rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stderr.write(f"{len(joined.rows)} rows joined, {len(joined.missing)} ids not found\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
