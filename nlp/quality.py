"""The page of figures in the documentation, made from measured reports and nothing else.

It carries numbers and label names only, never a text, so it can be published; and it is written by
a command, so that no figure on it can be older than the model it speaks of without being seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from nlp.evaluate import EvaluationReport, evaluate
from nlp.reader import Reader

MOST_CONFUSED = 12


@dataclass(frozen=True)
class Quality:
    """The reports of one model on several gold files, by file name."""

    model: str
    reports: dict[str, EvaluationReport]

    @property
    def bad_lines(self) -> int:
        """Return how many lines were passed over, in all files together."""
        return sum(len(report.bad_lines) for report in self.reports.values())

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; the report itself where there is but one file."""
        if len(self.reports) == 1:
            return next(iter(self.reports.values())).to_dict()
        files = {name: report.to_dict() for name, report in self.reports.items()}
        return {"model": self.model, "files": files}

    def render(self) -> str:
        """Return the tables of all files as plain text."""
        if len(self.reports) == 1:
            return next(iter(self.reports.values())).render()
        return "\n\n".join(f"== {name}\n{one.render()}" for name, one in self.reports.items())


def evaluate_all(paths: Sequence[Path], reader: Reader) -> Quality:
    """Measure ``reader`` on each gold file by itself.

    Files with the same name are told apart by their folder. Raises ``InputError`` for a file that
    cannot be opened or holds no usable line.
    """
    names = [path.name for path in paths]
    reports = {
        path.name if names.count(path.name) == 1 else f"{path.parent.name}/{path.name}": evaluate(
            path, reader
        )
        for path in paths
    }
    return Quality(reader.version, reports)


class Bar(NamedTuple):
    """What a figure should reach; ``most`` turns it into a limit from above."""

    figure: str
    words: str
    value: float
    most: bool = False


BARS = (
    Bar("education_f1", "about education, F1", 0.965),
    Bar("sentiment_macro_f1", "sentiment, macro F1", 0.84),
    Bar("topics_micro_f1", "topics, micro F1", 0.80),
    Bar("topics_macro_f1_10_rows", "topics with 10 rows or more, macro F1", 0.72),
    Bar("risk2_average_precision", "risk 2 or more, average precision", 0.92),
    Bar("risk2_precision_at_95_recall", "risk 2 or more, precision at 95 % recall", 0.65),
    Bar("risk3_given_2_or_3", "items of risk 3 given 2 or 3", 0.97),
    Bar("drop_nomark_topics_micro_f1", "topics F1 lost without marks", 0.05, most=True),
    Bar("drop_nomark_sentiment_macro_f1", "sentiment F1 lost without marks", 0.05, most=True),
    Bar("drop_teen_topics_micro_f1", "topics F1 lost in teencode", 0.05, most=True),
    Bar("drop_teen_sentiment_macro_f1", "sentiment F1 lost in teencode", 0.05, most=True),
    Bar("drop_mixed_topics_micro_f1", "topics F1 lost in mixed writing", 0.05, most=True),
    Bar("drop_mixed_sentiment_macro_f1", "sentiment F1 lost in mixed writing", 0.05, most=True),
    Bar("units_precision", "unit links, precision", 0.96),
    Bar("units_recall", "unit links, recall", 0.90),
    Bar("shield_leaked", "shield: spans leaked", 0.02, most=True),
    Bar("shield_child_names_leaked", "shield: children's names leaked", 0.0, most=True),
    Bar("shield_wrongly_masked", "shield: wrongly masked", 0.05, most=True),
)


def page(measured: Mapping[str, Any], *, command: str, card: str) -> str:
    """Return the Markdown page of ``Quality.to_dict()``.

    ``command`` is what made it; ``card`` is the link to the model card.
    """
    files: Mapping[str, Any] = measured.get("files") or {"gold": measured}
    lines = [
        "# Quality, measured",
        "",
        f"Model `{measured['model']}` ([card]({card})). This page is written by",
        "",
        f"    {command}",
        "",
        "and holds figures only. In brackets: 95 % bootstrap interval over items (seeded; the "
        "written forms of one sentence are drawn together). Only label families that a file has "
        "are measured on it.",
        "",
        "| File | Rows | Lines passed over |",
        "|---|---|---|",
    ]
    lines += [
        f"| {name} | {one['rows']} | {len(one['bad_lines'])} |" for name, one in files.items()
    ]
    for name, one in files.items():
        lines += ["", f"## {name}", *_bars(one), *_others(one), *_families(one), *_rest(one)]
    return "\n".join(lines) + "\n"


def _bars(one: Mapping[str, Any]) -> Iterator[str]:
    told = one["headline"]
    rows = [bar for bar in BARS if bar.figure in told]
    if rows:
        yield from ("", "| Figure | Measured | Bar | Reached |", "|---|---|---|---|")
    for bar in rows:
        value = told[bar.figure]["value"]
        reached = value <= bar.value if bar.most else value >= bar.value
        sign = "≤" if bar.most else "≥"
        yield (
            f"| {bar.words} | {_figure(told[bar.figure])} | {sign} {bar.value:g} | "
            f"{'yes' if reached else 'no'} |"
        )


def _others(one: Mapping[str, Any]) -> Iterator[str]:
    barred = {bar.figure for bar in BARS}
    rest = {name: figure for name, figure in one["headline"].items() if name not in barred}
    if rest:
        yield from ("", "| Other figures | Measured |", "|---|---|")
    for name, figure in rest.items():
        yield f"| {name.replace('_', ' ')} | {_figure(figure)} |"


def _families(one: Mapping[str, Any]) -> Iterator[str]:
    for name, family in one["families"].items():
        head = f"| {name.replace('_', ' ')} | Precision | Recall | F1 | Rows |"
        yield from ("", head, "|---|---|---|---|---|")
        for label, told in family["classes"].items():
            low, high = told["f1_interval"]
            yield (
                f"| {label} | {told['precision']:.3f} | {told['recall']:.3f} | {told['f1']:.3f} "
                f"({low:.3f}–{high:.3f}) | {told['support']} |"
            )


def _rest(one: Mapping[str, Any]) -> Iterator[str]:
    if one["slices"]:
        parts = one["slices"]
        figures = [name for name in next(iter(parts.values())) if not name.endswith("brier")]
        yield from ("", f"| By part | {' | '.join(parts)} |", f"|---{'|---' * len(parts)}|")
        for name in figures:
            cells = (_figure(part[name]) if name in part else "–" for part in parts.values())
            yield f"| {name.replace('_', ' ')} | {' | '.join(cells)} |"
    if one["shield"]:
        yield from ("", "| Shield | Spans | Hidden |", "|---|---|---|")
        for kind, told in one["shield"]["by_kind"].items():
            yield f"| {kind} | {told['spans']} | {told['hidden']} |"
    if one["stories"]:
        yield from ("", "| Stories | Precision | Recall | F1 |", "|---|---|---|---|")
        for name in ("b_cubed", "pairwise"):
            told = one["stories"][name]
            yield f"| {name} | {told['precision']:.3f} | {told['recall']:.3f} | {told['f1']:.3f} |"
    if one["confusions"]:
        yield from (
            "",
            "| Taken for another, most often | Gold | Told | Rows |",
            "|---|---|---|---|",
        )
        for told in one["confusions"][:MOST_CONFUSED]:
            yield f"| {told['family']} | {told['gold']} | {told['told']} | {told['count']} |"


def _figure(told: Mapping[str, float]) -> str:
    return f"{told['value']:.3f} ({told['low']:.3f}–{told['high']:.3f})"
