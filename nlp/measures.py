"""What is measured of a reading against gold: one place, for the table and for comparing models.

Only label families present in the gold are measured, each on the rows that carry it. What a row
calls neither right nor wrong (``topics_ok``, ``also_ok``) counts on neither side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from langnghe.core.types import Reading
from nlp.evaluate_shield import ShieldRow, shield_row
from nlp.figures import (
    Counts,
    Flags,
    Gauge,
    Measure,
    Values,
    average_precision,
    calibration_error,
    difference,
    macro_f1,
    mean,
    micro_f1,
    precision,
    precision_at_recall,
    recall,
    share,
)
from nlp.labels import SCOPES, SENTIMENTS, Labelled

Pairs = Sequence[tuple[Labelled, Reading]]
ENOUGH = 10  # gold rows from which a topic counts in the fairer macro average
STEADY = 100  # rows below which a calibration error is mostly chance
FULL = "full"  # the written form that the others are compared with


@dataclass(frozen=True)
class Answers:
    """One family: what was true and told, a column a class; ``rows`` are those with a label."""

    classes: tuple[str, ...]
    counts: Counts
    rows: Flags


@dataclass(frozen=True)
class Scored:
    """A probability with what was true, one number a row."""

    truth: Flags
    p: Values
    rows: Flags


@dataclass(frozen=True)
class Table:
    """Gold and readings side by side, as arrays of one row an item."""

    groups: tuple[str, ...]
    slices: dict[str, Flags]
    families: dict[str, Answers]
    scored: dict[str, Scored]
    shield: tuple[ShieldRow, ...] | None

    @property
    def rows(self) -> int:
        """Return the number of items."""
        return len(self.groups)


def table(pairs: Pairs) -> Table:
    """Return the arrays of gold rows and their readings."""
    families: dict[str, Answers] = {}
    for name, classes, gold, told in _SINGLE:
        truth = [gold(row) for row, _ in pairs]
        known = np.array([answer is not None for answer in truth], dtype=np.bool_)
        if known.any():
            said = [told(reading) for _, reading in pairs]
            flags = [
                np.array([[answer == c for c in classes] for answer in answers], dtype=np.bool_)
                for answers in (truth, said)
            ]
            counts = Counts.of(*flags).at(known)
            families[name] = Answers(tuple(str(c) for c in classes), counts, known)
    for name in ("topics", "units"):
        if found := _sets(pairs, name):
            families[name] = found
    marks = [shield_row(row, reading) for row, reading in pairs]
    return Table(
        groups=tuple(str((row.raw or {}).get("base_id") or row.item.id) for row, _ in pairs),
        slices=_slices(pairs),
        families=families,
        scored=_scored(pairs),
        shield=tuple(m or ShieldRow() for m in marks) if any(marks) else None,
    )


_SINGLE: tuple[
    tuple[str, tuple[Any, ...], Callable[[Labelled], Any], Callable[[Reading], Any]], ...
] = (
    ("about_education", (True,), lambda g: g.about_education, lambda r: r.about_education),
    ("scope", SCOPES, lambda g: g.scope, lambda r: r.scope),
    ("sentiment", SENTIMENTS, lambda g: g.sentiment, lambda r: r.sentiment.value),
    ("risk", (0, 1, 2, 3), lambda g: g.risk, lambda r: r.risk),
)


def single_answers(row: Labelled, reading: Reading) -> dict[str, tuple[Any, Any]]:
    """Return family -> (gold, told) of one row for families with one answer each."""
    answers = {name: (gold(row), told(reading)) for name, _, gold, told in _SINGLE}
    return {name: pair for name, pair in answers.items() if pair[0] is not None}


def set_answers(
    row: Labelled, reading: Reading, name: str
) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return (gold, told without what is neither right nor wrong) of ``topics`` or ``units``."""
    if name == "topics":
        gold, ok, told = row.topics, row.topics_ok, [hit.topic for hit in reading.topics]
    else:
        gold, ok, told = row.units, row.units_ok, [hit.unit for hit in reading.units]
    return None if gold is None else (gold, frozenset(told) - (ok - gold))


def gauges(found: Table, rows: Flags | None = None) -> dict[str, Gauge]:
    """Return the figures people compare, by name, over all rows or some of them."""
    kept = np.ones(found.rows, dtype=np.bool_) if rows is None else rows
    made: dict[str, Gauge] = {}

    def put(name: str, measure: Measure, *, up: bool = True, material: float = 0.02) -> None:
        made[name] = Gauge(measure, up, material)

    counts = {name: one.counts.at(kept) for name, one in found.families.items()}
    if "about_education" in counts:
        put("education_f1", micro_f1(counts["about_education"]))
    for name in ("scope", "sentiment", "risk"):
        if name in counts:
            put(f"{name}_macro_f1", macro_f1(counts[name]))
    if "topics" in counts:
        put("topics_micro_f1", micro_f1(counts["topics"]))
        put("topics_macro_f1", macro_f1(counts["topics"]))
        often = counts["topics"].support >= ENOUGH
        if often.any():
            put("topics_macro_f1_10_rows", macro_f1(counts["topics"].only(often)))
    if "units" in counts:
        put("units_precision", precision(counts["units"]))
        put("units_recall", recall(counts["units"]))
        put("units_micro_f1", micro_f1(counts["units"]))
    for name, one in found.scored.items():
        here = one.rows & kept
        if name.startswith("risk"):
            put(f"{name}_average_precision", average_precision(one.truth, one.p, here))
            put(f"{name}_precision_at_95_recall", precision_at_recall(one.truth, one.p, here))
        if here.sum() >= STEADY:
            put(f"{name}_ece", calibration_error(one.truth, one.p, here), up=False)
        put(f"{name}_brier", mean((one.truth - one.p) ** 2, here), up=False)
    if "risk" in counts:
        put("risk3_given_2_or_3", _grave_given(found, kept))
    if found.shield is not None:
        columns = np.array([mark.numbers() for mark in found.shield], dtype=np.float64)
        spans, leaked, names, named, keeps, broken = (columns * kept[:, None]).T
        put("shield_leaked", share(leaked, spans), up=False)
        put("shield_child_names_leaked", share(named, names), up=False, material=0.0)
        put("shield_wrongly_masked", share(broken, keeps), up=False)
    if rows is None:
        made |= _drops(found)
    return made


def _drops(found: Table) -> dict[str, Gauge]:
    """Return how much each written form loses against the full one (same sentences, paired)."""
    full = found.slices.get(f"form = {FULL}")
    made: dict[str, Gauge] = {}
    for name, rows in found.slices.items():
        if full is None or not name.startswith("form = ") or rows is full:
            continue
        upper, lower = gauges(found, full), gauges(found, rows)
        for figure in ("topics_micro_f1", "sentiment_macro_f1"):
            if figure in lower and figure in upper:
                lost = difference(upper[figure].measure, lower[figure].measure)
                made[f"drop_{name.removeprefix('form = ')}_{figure}"] = Gauge(lost, False)
    return made


def _grave_given(found: Table, kept: Flags) -> Measure:
    risk = found.families["risk"].counts
    grave = (risk.hits + risk.missed)[:, 3] * kept
    told = (risk.hits + risk.extra)[:, 2:].sum(axis=1)
    return share(grave * told, grave)


def _sets(pairs: Pairs, name: str) -> Answers | None:
    both = [set_answers(row, reading, name) for row, reading in pairs]
    known = np.array([pair is not None for pair in both], dtype=np.bool_)
    classes = sorted({c for pair in both if pair for c in pair[0] | pair[1]})
    if not classes:
        return None
    truth, told = (
        np.array([[bool(pair and c in pair[side]) for c in classes] for pair in both])
        for side in (0, 1)
    )
    return Answers(tuple(classes), Counts.of(truth, told), known)


def _scored(pairs: Pairs) -> dict[str, Scored]:
    made: dict[str, Scored] = {}

    def put(name: str, gold: list[Any], truth: list[bool], p: list[float]) -> None:
        rows = np.array([answer is not None for answer in gold], dtype=np.bool_)
        if rows.any():
            flags = np.array(truth, dtype=np.bool_)
            made[name] = Scored(flags, np.clip(np.array(p, dtype=np.float64), 0, 1), rows)

    readings = [reading for _, reading in pairs]
    about = [row.about_education for row, _ in pairs]
    put("education", about, [bool(a) for a in about], [r.about_education_p for r in readings])
    tone = [row.sentiment for row, _ in pairs]
    likely = [max(r.sentiment_p, key=lambda name: r.sentiment_p[name]) for r in readings]
    right = [gold == told for gold, told in zip(tone, likely, strict=True)]
    put("sentiment", tone, right, [max(r.sentiment_p.values()) for r in readings])
    risk = [row.risk for row, _ in pairs]
    for level in (2, 3):
        truth = [(r or 0) >= level for r in risk]
        put(f"risk{level}", risk, truth, [sum(r.risk_p[level:]) for r in readings])
    return made


def _slices(pairs: Pairs) -> dict[str, Flags]:
    found: dict[str, Flags] = {}
    for name in ("form", "kind"):
        values = [(row.raw or {}).get(name) for row, _ in pairs]
        kinds = sorted({value for value in values if isinstance(value, str)})
        if len(kinds) > 1:
            for kind in kinds:
                found[f"{name} = {kind}"] = np.array([v == kind for v in values], dtype=np.bool_)
    return found
