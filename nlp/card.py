"""The card that lies beside the weights: what they were made of, how good they are, what not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HEAD = """# The models of Lắng Nghe

Relevance, scope, sentiment, topics and risk of Vietnamese items about schools, read twice:

- `linear.npz`: one sparse linear model a label (logistic regression on words and word pairs, with
  and without marks, title and text apart, plus the phrases of
  `langnghe/core/policy/taxonomy.yaml`); plain arrays. Reads everything and gives the evidence.
- `encoder.onnx`, `encoder_pieces.json`: multilingual-e5-small (MIT licence, Microsoft), cut to its
  lower ten layers and to 9,000 word pieces, tuned on the same labels with one head a label, in
  int8. Reads what the linear models find may be about education (see `nlp/training/README.md`).
- `blend.json`: their mean in log odds, calibrated; thresholds say what a mistake costs.

Linear version `{version}`, {features} features, seed {seed}.

## Data
{rows} labelled rows ({kinds}), {invented} of them invented for training
(`nlp/training/fiction.jsonl`). {source}
The labels are the project's own, by reading title and lead, one annotator a row. The encoder also
saw about 5,800 archive items with the soft answers of a first round. The texts belong to their
newspapers and writers; none of them is shipped. The vocabulary holds single words and word pairs
that occur in at least two rows; numbers keep only their shape. No set marked research-only was
used, and no dev or test part.

The rows over-sample education and risky items. Probabilities are calibrated to that mix: in a raw
stream, where about one item in ten is about education, read them as an order, not as a frequency.

## How it was made
Each row was learnt three times: as written, and twice without marks, half-marked or in teencode.
Calibration (Platt) of the linear models comes from {folds} folds in which near-copies stay
together, that of the blend from the {held} rows of `nlp/training/held_out.txt`, which neither
reader had learnt from. No threshold is tuned.

## Figures of grouped cross-validation, linear models alone
"""

_DEV = """
## Figures on the dev file

No weight or calibration was set on it. Design choices (features, strength of regularisation, phrase
help, equal weights for the two readers, which averages of the encoder to ship, the costs behind the
thresholds, from where on the encoder reads) were compared on it beside held-out rows, so read it as
favourable. The taxonomy was written after its author had read `noise_dev.jsonl`: figures
on that file are not those of an unseen one.
"""
_TAIL = """
## Limits
- Topics with fewer than eight rows are not learnt; phrases of the taxonomy decide alone: {rare}.
  Below sixty rows the phrases help the model.
- Labels rest on title and lead: of longer texts only the first 1,000 characters are looked at.
- Irony, dialect and languages other than Vietnamese are not covered.
- A score says how alarming a text reads. It says nothing about whether the text is true.
"""


def write_card(path: Path, report: Mapping[str, Any], source_note: str) -> None:
    """Write the Markdown card of one training report (see ``train.train``)."""
    positives: Mapping[str, int] = report["positives"]
    rare = [head for head, count in positives.items() if head.startswith("topic:") and count < 8]
    lines = [
        _HEAD.format(
            version=report["version"],
            features=f"{report['features']:,}",
            seed=report["seed"],
            rows=f"{report['rows']:,}",
            kinds=", ".join(f"{count:,} {kind}" for kind, count in report["kinds"].items()),
            source=source_note,
            invented=f"{report['invented']:,}",
            held=report.get("blend", {}).get("rows", 0),
            folds=5,
        ),
        *_table(("measure", "value"), report["cross_validation"].items()),
    ]
    if "blend" in report:
        lines += ["\n## Figures of the blend on the held-out rows it was fitted on\n"]
        lines += _table(("measure", "value"), report["blend"].items())
    if "dev" in report:
        lines += [_DEV]
        lines += _table(
            ("measure", "value (95 % interval)"),
            (
                (name, f"{figure['value']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})")
                for name, figure in report["dev"]["headline"].items()
            ),
        )
    lines += ["\n## Rows a label\n", *_table(("label", "rows"), positives.items())]
    lines.append(_TAIL.format(rare=", ".join(name.removeprefix("topic:") for name in rare) or "–"))
    path.write_text("\n".join(lines), encoding="utf-8")


def _table(head: tuple[str, str], rows: Any) -> list[str]:
    return [f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)]
