"""The quality table: how right the readings are, measured against answers people gave.

Only the label families present in the gold file are measured. Errors are listed by id, never by
text, so that a report can be shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langnghe.core.errors import InputError
from langnghe.core.types import Reading
from nlp.evaluate_shield import ShieldFigures
from nlp.evaluate_stories import StoryScores, stories_score
from nlp.figures import Counts, Figure, Measure, bootstrap, macro_f1, micro_f1
from nlp.labels import Labelled, read_labelled
from nlp.measures import Answers, Pairs, Table, gauges, set_answers, single_answers, table
from nlp.reader import Reader

BATCH = 200
NOTHING = "–"  # in the confusion list: a topic told where none was missed, or the other way round


@dataclass(frozen=True)
class ClassFigures:
    """Precision, recall and F1 of one class; ``support`` is how many items truly have it."""

    precision: float
    recall: float
    f1: Figure
    support: int


@dataclass(frozen=True)
class Family:
    """One family of labels: its classes, and the averages over them with intervals."""

    classes: dict[str, ClassFigures]
    micro: Figure
    macro: Figure
    rows: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "rows": self.rows,
            "micro_f1": self.micro.to_dict(),
            "macro_f1": self.macro.to_dict(),
            "classes": {
                label: {
                    "precision": round(one.precision, 4),
                    "recall": round(one.recall, 4),
                    "f1": round(one.f1.value, 4),
                    "f1_interval": [round(one.f1.low, 4), round(one.f1.high, 4)],
                    "support": one.support,
                }
                for label, one in self.classes.items()
            },
        }

    def lines(self, name: str) -> list[str]:
        """Return the rows of the printed table."""
        rows = [f"{name:36}{'P':>8}{'R':>8}{'F1':>8}{'rows':>8}   95% of F1"]
        for label, one in self.classes.items():
            rows.append(
                f"  {label:34}{one.precision:8.3f}{one.recall:8.3f}{one.f1.value:8.3f}"
                f"{one.support:8d}   {one.f1.low:.3f} – {one.f1.high:.3f}"
            )
        return [*rows, self.micro.line("  micro F1"), self.macro.line("  macro F1")]


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
    stories: StoryScores | None = None
    confusions: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "model": self.model,
            "rows": self.rows,
            "bad_lines": self.bad_lines,
            "headline": {name: figure.to_dict() for name, figure in self.headline.items()},
            "families": {name: one.to_dict() for name, one in self.families.items()},
            "slices": {
                name: {measure: figure.to_dict() for measure, figure in figures.items()}
                for name, figures in self.slices.items()
            },
            "shield": self.shield.to_dict() if self.shield else None,
            "stories": self.stories.to_dict() if self.stories else None,
            "confusions": self.confusions,
            "errors": self.errors,
        }

    def render(self) -> str:
        """Return the table as plain text of at most about 90 columns."""
        lines = [f"model {self.model} · {self.rows} rows"]
        if self.bad_lines:
            lines.append(f"bad lines passed over: {', '.join(map(str, self.bad_lines))}")
        lines += ["", f"{'measure':44}{'value':>8}   95% interval"]
        lines += [figure.line(name) for name, figure in self.headline.items()]
        for name, one in self.families.items():
            lines += ["", *one.lines(name)]
        if self.shield:
            lines += ["", *self.shield.lines()]
        if self.stories:
            lines += ["", *self.stories.lines()]
        for name, figures in self.slices.items():
            lines += ["", name, *(f.line(f"  {measure}") for measure, f in figures.items())]
        if self.confusions:
            lines += ["", f"{'taken for another (most often)':44}{'rows':>8}"]
            lines += [
                f"  {one['family'] + ': ' + one['gold'] + ' → ' + one['told']:42}{one['count']:8d}"
                for one in self.confusions[:12]
            ]
        lines += ["", f"errors: {len(self.errors)} (ids in the JSON report)"]
        return "\n".join(lines)


def evaluate(gold_path: Path, reader: Reader) -> EvaluationReport:
    """Measure ``reader`` on a gold JSONL file; bad lines are numbered in the report and skipped.

    Raises ``InputError`` only if the file cannot be opened or holds no good line or no label.
    """
    rows, bad = gold_rows(gold_path)
    if not any(map(_has_label, rows)):
        raise InputError(
            f"Tệp {gold_path} không có nhãn nào để đo.",
            mend="Cần ít nhất một trường: about_education, scope, sentiment, topics, risk, gold "
            "(đơn vị), spans (che tên) hoặc story_id.",
        )
    pairs = read_pairs(rows, reader)
    found = table(pairs)
    errors = _errors(pairs)
    measures: dict[str, Measure] = {
        f"headline/{name}": gauge.measure for name, gauge in gauges(found).items()
    }
    for part, kept in found.slices.items():
        for name, gauge in gauges(found, kept).items():
            measures[f"slice/{part}/{name}"] = gauge.measure
    for name, one in found.families.items():
        measures[f"family/{name}/micro"] = micro_f1(one.counts)
        measures[f"family/{name}/macro"] = macro_f1(one.counts)
        for at, label in enumerate(one.classes):
            measures[f"class/{name}/{label}"] = micro_f1(_column(one.counts, at))
    drawn = {
        name: figure
        for name, result in bootstrap(measures, found.groups).items()
        if (figure := result.figure()) is not None
    }
    return EvaluationReport(
        model=reader.version,
        rows=len(rows),
        bad_lines=bad,
        families={name: _family(name, one, drawn) for name, one in found.families.items()},
        headline=_under("headline/", drawn),
        slices={part: _under(f"slice/{part}/", drawn) for part in found.slices},
        shield=ShieldFigures.of(found.shield) if found.shield is not None else None,
        stories=stories_score(
            [(r.item, story, _gold(r, "event_id")) for r in rows if (story := _gold(r, "story_id"))]
        ),
        confusions=_confusions(errors),
        errors=[*errors, *_shield_errors(pairs, found)],
    )


def gold_rows(path: Path) -> tuple[list[Labelled], list[int]]:
    """Return the good rows of a gold file and the numbers of its bad lines.

    Raises ``InputError`` if the file cannot be opened or holds no good line.
    """
    rows: list[Labelled] = []
    bad: list[int] = []
    for number, row in read_labelled(path):
        if isinstance(row, InputError):
            bad.append(number)
        else:
            rows.append(row)
    if not rows:
        raise InputError(
            f"Tệp {path} không có dòng nào dùng được.",
            mend="Mỗi dòng cần là một đối tượng JSON có “id”, “title” hoặc “text”, và nhãn.",
        )
    return rows, bad


def read_pairs(rows: Sequence[Labelled], reader: Reader) -> list[tuple[Labelled, Reading]]:
    """Return each gold row with what the reader makes of it."""
    readings: list[Reading] = []
    for start in range(0, len(rows), BATCH):
        readings += reader.predict([row.item for row in rows[start : start + BATCH]])
    return list(zip(rows, readings, strict=True))


def _has_label(row: Labelled) -> bool:
    answers = (row.about_education, row.scope, row.sentiment, row.topics, row.risk, row.units)
    spans = isinstance((row.raw or {}).get("spans"), list)
    grouped = _gold(row, "story_id") is not None
    return spans or grouped or any(answer is not None for answer in answers)


def _gold(row: Labelled, level: str) -> str | None:
    said = (row.raw or {}).get(level)
    return said if isinstance(said, str) else None


def _family(name: str, one: Answers, drawn: dict[str, Figure]) -> Family:
    none = Figure(0.0, 0.0, 0.0)
    hits, extra, missed = (
        part.sum(axis=0) for part in (one.counts.hits, one.counts.extra, one.counts.missed)
    )
    return Family(
        classes={
            label: ClassFigures(
                precision=_share(hits[at], hits[at] + extra[at]),
                recall=_share(hits[at], hits[at] + missed[at]),
                f1=drawn[f"class/{name}/{label}"],
                support=int(one.counts.support[at]),
            )
            for at, label in enumerate(one.classes)
            if one.counts.occurs[at]
        },
        micro=drawn.get(f"family/{name}/micro", none),
        macro=drawn.get(f"family/{name}/macro", none),
        rows=int(one.rows.sum()),
    )


def _column(counts: Counts, at: int) -> Counts:
    return Counts(counts.hits[:, [at]], counts.extra[:, [at]], counts.missed[:, [at]])


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0


def _under(prefix: str, drawn: dict[str, Figure]) -> dict[str, Figure]:
    return {n.removeprefix(prefix): figure for n, figure in drawn.items() if n.startswith(prefix)}


def _errors(pairs: Pairs) -> list[dict[str, Any]]:
    """Return what was told wrongly, by id."""
    wrong: list[dict[str, Any]] = []
    for row, reading in pairs:
        for name, (gold, told) in single_answers(row, reading).items():
            if gold != told:
                wrong.append({"id": row.item.id, "family": name, "gold": gold, "predicted": told})
        for name in ("topics", "units"):
            both = set_answers(row, reading, name)
            if both and both[0] != both[1]:
                gold, told = (sorted(answer) for answer in both)
                wrong.append({"id": row.item.id, "family": name, "gold": gold, "predicted": told})
    return wrong


def _shield_errors(pairs: Pairs, found: Table) -> list[dict[str, Any]]:
    wrong: list[dict[str, Any]] = []
    for (row, _), mark in zip(pairs, found.shield or (), strict=False):
        for kind in mark.total:
            leaked = mark.total[kind] - mark.hidden[kind]
            missed = {"id": row.item.id, "family": "shield", "gold": kind, "predicted": None}
            wrong += [missed] * leaked
        broken = {"id": row.item.id, "family": "shield", "gold": "keep", "predicted": "broken"}
        wrong += [broken] * mark.broken
    return wrong


def _confusions(errors: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return which label was taken for which, most often first: counts and ids.

    Of sets, each missed label is paired with each wrongly told one; a label missed (or told) where
    the other side is right stands against nothing.
    """
    found: dict[tuple[str, str, str], list[str]] = {}
    for error in errors:
        gold, told = error["gold"], error["predicted"]
        if isinstance(gold, list):
            missed = sorted(set(gold) - set(told)) or [NOTHING]
            extra = sorted(set(told) - set(gold)) or [NOTHING]
        else:
            missed, extra = [str(gold)], [str(told)]
        for one in missed:
            for other in extra:
                found.setdefault((error["family"], one, other), []).append(error["id"])
    ranked = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [
        {"family": family, "gold": gold, "told": told, "count": len(ids), "ids": ids}
        for (family, gold, told), ids in ranked
    ]
