"""Scoring of facts and stance against invented texts whose answers were written first."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from langnghe.core.types import Fact, Item
from nlp.facts import find_facts
from nlp.stance import judge_stance

GOLD = Path(__file__).with_name("gold_facts.jsonl")
WORDED = ("date", "place")  # compared by their words; all others by kind and value


class Score(NamedTuple):
    """Right, wrongly found and missed findings of one kind."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)


def gold() -> list[dict[str, Any]]:
    return [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]


def full_text(row: dict[str, Any]) -> str:
    return Item(id=row["id"], title=row["title"], text=row["text"]).full_text


def _key(fact: Fact) -> tuple[str, Any]:
    return (fact.kind, fact.text.lower() if fact.kind in WORDED else fact.value)


def score_facts(rows: list[dict[str, Any]]) -> tuple[dict[str, Score], list[str]]:
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    errors: list[str] = []
    for row in rows:
        wanted = {(k, v.lower() if isinstance(v, str) else v) for k, v in row["facts"]}
        allowed = wanted | {(k, v) for k, v in row.get("facts_ok", [])}
        found = {_key(fact) for fact in find_facts(full_text(row))}
        right.update(k for k, _ in found & wanted)
        wrong.update(k for k, _ in found - allowed)
        missed.update(k for k, _ in wanted - found)
        if found - allowed or wanted - found:
            errors.append(
                f"{row['id']} wrong={sorted(map(str, found - allowed))} "
                f"missed={sorted(map(str, wanted - found))} :: {full_text(row)}"
            )
    kinds = sorted({*right, *wrong, *missed})
    return {k: Score(right[k], wrong[k], missed[k]) for k in kinds}, errors


def score_stance(rows: list[dict[str, Any]]) -> tuple[dict[str, Score], list[str]]:
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    errors: list[str] = []
    for row in rows:
        said = judge_stance(row["title"], row["text"], row["kind"]).value
        if said == row["stance"]:
            right[said] += 1
        else:
            wrong[said] += 1
            missed[row["stance"]] += 1
            errors.append(f"{row['id']} {row['stance']}->{said} :: {full_text(row)}")
    kinds = sorted({*right, *wrong, *missed})
    return {k: Score(right[k], wrong[k], missed[k]) for k in kinds}, errors


def total(scores: dict[str, Score]) -> Score:
    return Score(*(sum(column) for column in zip(*scores.values(), strict=True)))


if __name__ == "__main__":
    for name, (scores, errors) in (
        ("facts", score_facts(gold())),
        ("stance", score_stance(gold())),
    ):
        for kind, score in [*scores.items(), (f"{name}: all", total(scores))]:
            print(f"{kind:22} P {score.precision:.2f} R {score.recall:.2f} {tuple(score)}")
        print("\n".join(errors))
