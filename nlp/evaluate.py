"""The quality table: how right the readings are, measured against answers people gave.

Only the label families present in the gold file are measured. Errors are listed by id, never by
text, so that a report can be shared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from langnghe.core.errors import InputError
from langnghe.core.types import Reading
from nlp.evaluate_shield import ShieldFigures, shield_figures
from nlp.evaluate_stories import GroupingScore, stories_score
from nlp.figures import Family, Figure, Flags, family, ranking
from nlp.labels import SCOPES, SENTIMENTS, Labelled, read_labelled
from nlp.reader import Reader

BATCH = 200
Pairs = list[tuple[Labelled, Reading]]


@dataclass(frozen=True)
class EvaluationReport:
    """Everything measured on one gold file; ``headline`` holds the figures people compare."""

    model: str
    rows: int
    bad_lines: list[int]
    families: dict[str, Family]
    headline: dict[str, Figure]
    slices: dict[str, dict[str, Figure]]
    shield: ShieldFigures | None
    stories: GroupingScore | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "model": self.model,
            "rows": self.rows,
            "bad_lines": self.bad_lines,
            "headline": {name: figure.to_dict() for name, figure in self.headline.items()},
            "families": {
                name: {
                    "rows": one.rows,
                    "micro_f1": one.micro.to_dict(),
                    "macro_f1": one.macro.to_dict(),
                    "classes": {
                        label: {
                            "precision": round(c.precision, 4),
                            "recall": round(c.recall, 4),
                            "f1": round(c.f1, 4),
                            "support": c.support,
                        }
                        for label, c in one.classes.items()
                    },
                }
                for name, one in self.families.items()
            },
            "slices": {
                name: {measure: figure.to_dict() for measure, figure in figures.items()}
                for name, figures in self.slices.items()
            },
            "shield": self.shield.to_dict() if self.shield else None,
            "stories": self.stories.to_dict() if self.stories else None,
            "errors": self.errors,
        }

    def render(self) -> str:
        """Return the table as plain text of at most about 80 columns."""
        lines = [f"model {self.model} · {self.rows} rows"]
        if self.bad_lines:
            lines.append(f"bad lines passed over: {', '.join(map(str, self.bad_lines))}")
        lines += ["", f"{'measure':44}{'value':>8}   95% interval"]
        lines += [_line(name, figure) for name, figure in self.headline.items()]
        for name, one in self.families.items():
            lines += ["", f"{name:44}{'P':>8}{'R':>8}{'F1':>8}{'rows':>8}"]
            lines += [
                f"  {label:42}{c.precision:8.3f}{c.recall:8.3f}{c.f1:8.3f}{c.support:8d}"
                for label, c in one.classes.items()
            ]
            lines += [_line("  micro F1", one.micro), _line("  macro F1", one.macro)]
        if self.shield:
            lines += ["", *self.shield.lines()]
        if self.stories:
            lines += ["", *self.stories.lines()]
        for name, figures in self.slices.items():
            lines += ["", name, *(_line(f"  {measure}", f) for measure, f in figures.items())]
        lines += ["", f"errors: {len(self.errors)} (ids in the JSON report)"]
        return "\n".join(lines)


def evaluate(gold_path: Path, reader: Reader) -> EvaluationReport:
    """Measure ``reader`` on a gold JSONL file; bad lines are numbered in the report and skipped.

    Raises ``InputError`` only if the file cannot be opened or holds no good line.
    """
    rows: list[Labelled] = []
    bad: list[int] = []
    for number, row in read_labelled(gold_path):
        if isinstance(row, InputError):
            bad.append(number)
        else:
            rows.append(row)
    if not rows:
        raise InputError(
            f"Tệp {gold_path} không có dòng nào dùng được.",
            mend="Mỗi dòng cần là một đối tượng JSON có “id”, “title” hoặc “text”, và nhãn.",
        )
    readings: list[Reading] = []
    for start in range(0, len(rows), BATCH):
        readings += reader.predict([row.item for row in rows[start : start + BATCH]])
    pairs: Pairs = list(zip(rows, readings, strict=True))
    errors: list[dict[str, Any]] = []
    families = _families(pairs, errors)
    slices = {
        f"{name} = {value}": _headline(part, _families(part, []))
        for name in ("form", "kind")
        for value, part in _parts(pairs, name).items()
    }
    return EvaluationReport(
        model=reader.version,
        rows=len(rows),
        bad_lines=bad,
        families=families,
        headline=_headline(pairs, families),
        slices=slices,
        shield=shield_figures(pairs, errors),
        stories=stories_score([(row.item, story) for row in rows if (story := _story(row))]),
        errors=errors,
    )


def _story(row: Labelled) -> str | None:
    story = (row.raw or {}).get("story_id")
    return story if isinstance(story, str) else None


def _families(pairs: Pairs, errors: list[dict[str, Any]]) -> dict[str, Family]:
    found: dict[str, Family] = {}

    def single(
        name: str, classes: Sequence[Any], gold: Callable[[Labelled], Any], told: Callable[..., Any]
    ) -> None:
        part = [(row, reading) for row, reading in pairs if gold(row) is not None]
        if not part:
            return
        truth = np.array([[gold(row) == c for c in classes] for row, _ in part])
        answers = np.array([[told(reading) == c for c in classes] for _, reading in part])
        found[name] = family(truth, answers, [str(c) for c in classes])
        errors.extend(
            {"id": row.item.id, "family": name, "gold": gold(row), "predicted": told(reading)}
            for row, reading in part
            if gold(row) != told(reading)
        )

    single("about_education", [True], lambda g: g.about_education, lambda r: r.about_education)
    single("scope", SCOPES, lambda g: g.scope, lambda r: r.scope)
    single("sentiment", SENTIMENTS, lambda g: g.sentiment, lambda r: r.sentiment.value)
    _sets(pairs, errors, found, "topics")
    single("risk", (0, 1, 2, 3), lambda g: g.risk, lambda r: r.risk)
    _sets(pairs, errors, found, "units")
    return found


def _sets(pairs: Pairs, errors: list[dict[str, Any]], found: dict[str, Family], name: str) -> None:
    """Measure a family of sets; what a row calls neither right nor wrong is left out of it."""
    rows: list[tuple[str, frozenset[str], frozenset[str]]] = []
    for row, reading in pairs:
        if name == "topics":
            gold, ok = row.topics, row.topics_ok
            told = frozenset(hit.topic for hit in reading.topics)
        else:
            gold, ok = row.units, row.units_ok
            told = frozenset(hit.unit for hit in reading.units)
        if gold is not None:
            rows.append((row.item.id, gold, told - (ok - gold)))
    classes = sorted({c for _, gold, told in rows for c in gold | told})
    if not classes:
        return
    truth: Flags = np.array([[c in gold for c in classes] for _, gold, _ in rows])
    answers: Flags = np.array([[c in told for c in classes] for _, _, told in rows])
    found[name] = family(truth, answers, classes)
    errors.extend(
        {"id": item_id, "family": name, "gold": sorted(gold), "predicted": sorted(told)}
        for item_id, gold, told in rows
        if gold != told
    )


def _headline(pairs: Pairs, families: dict[str, Family]) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for name, key, kind in (
        ("about_education", "education_f1", "micro"),
        ("scope", "scope_macro_f1", "macro"),
        ("sentiment", "sentiment_macro_f1", "macro"),
        ("topics", "topics_micro_f1", "micro"),
        ("topics", "topics_macro_f1", "macro"),
        ("risk", "risk_macro_f1", "macro"),
        ("units", "units_micro_f1", "micro"),
    ):
        if name in families:
            figures[key] = families[name].micro if kind == "micro" else families[name].macro
    rated = [(row.risk, reading.risk_p) for row, reading in pairs if row.risk is not None]
    for level in (2, 3):
        truth = np.array([risk >= level for risk, _ in rated], dtype=np.bool_)
        score = np.array([sum(p[level:]) for _, p in rated])
        for name, figure in (ranking(truth, score) if rated else {}).items():
            figures[f"risk{level}_{name}"] = figure
    return figures


def _parts(pairs: Pairs, name: str) -> dict[str, Pairs]:
    parts: dict[str, Pairs] = {}
    for row, reading in pairs:
        value = (row.raw or {}).get(name)
        if isinstance(value, str):
            parts.setdefault(value, []).append((row, reading))
    return parts if len(parts) > 1 else {}


def _line(name: str, figure: Figure) -> str:
    return f"{name:44}{figure.value:8.3f}   {figure.low:.3f} – {figure.high:.3f}"
