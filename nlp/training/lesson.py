"""What the encoder learns from: items with the answer of every head, and how they are shown.

Each pass shows an item anew: at times typed as people type (``nlp.noise``), at times without its
headline as a free-standing post. What is shown goes through the same preparation as at reading
time (``encoder.written``, ``encoder.pieces``), so tuning and reading never see different text.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from langnghe.core.types import Item
from nlp.encoder import TEXT_LETTERS, TITLE_LETTERS, written
from nlp.labels import Labelled
from nlp.models import SENTIMENTS, Floats, head_names
from nlp.noise import FORMS

Form = Callable[[str, random.Random], str]
_ALONE_AT_LEAST = 60  # letters: a shorter text says too little without its headline
_BODY_OF_NEWS = 0.6  # share of news shown by their text, the rest by their headline
_RARE = 600.0


@dataclass(frozen=True)
class Lesson:
    """An item, its answers (shape (heads,), 0 to 1, NaN where there is none) and its weight."""

    item: Item
    answers: Floats
    weight: float = 1.0


@dataclass(frozen=True)
class Showing:
    """How items are shown: shares noised and standing alone, and the forms to draw from."""

    noised: float
    alone: float = 0.0
    forms: Sequence[Form] = FORMS


def answers(row: Labelled, topics: Sequence[str]) -> Floats:
    """Return the answers of one labelled row, one a head as in ``models.head_names``.

    Scope and topics are answered only by rows about education; a topic that is neither right nor
    wrong is left open.
    """
    about = row.about_education
    told: dict[str, float] = {}
    if about is not None:
        told["education"] = float(about)
    if about:
        told["foreign"] = float(row.scope == "foreign")
        for topic in topics if row.topics is not None else ():
            if topic not in row.topics_ok:
                told[f"topic:{topic}"] = float(topic in (row.topics or ()))
    if row.sentiment is not None:
        told |= {f"sentiment:{name}": float(name == row.sentiment) for name in SENTIMENTS}
    if row.risk is not None:
        told |= {f"risk>={level}": float(row.risk >= level) for level in (1, 2, 3)}
    return np.array([told.get(head, np.nan) for head in head_names(topics)], dtype=np.float32)


def shown(item: Item, how: Showing, dice: random.Random) -> tuple[str, str]:
    """Return title and text of an item for one pass, as ``encoder.pieces`` takes them."""
    item = replace(
        item,
        title=(item.title or "")[: 2 * TITLE_LETTERS],
        text=(item.text or "")[: 4 * TEXT_LETTERS],
    )
    if dice.random() < how.alone:
        item = _alone(item, dice)
    if dice.random() < how.noised:
        form = dice.choice(how.forms)
        item = replace(
            item,
            title=form(item.title, dice) if item.title else None,
            text=form(item.text, dice) if item.text else None,
        )
    return written(item)


def rarity(wanted: Floats, heads: Sequence[str], most: float) -> Floats:
    """Return how much a yes of each head weighs: up to ``most`` for topics with few examples."""
    weights = np.ones(len(heads), dtype=np.float32)
    for at, head in enumerate(heads):
        if head.startswith("topic:"):
            found = max(5.0, float(np.nansum(wanted[:, at])))
            weights[at] = np.clip(np.sqrt(_RARE / found), 1.0, most)
    return weights


def batches(
    lengths: Sequence[int], size: int, dice: random.Random | None = None
) -> list[NDArray[np.intp]]:
    """Return batches of row numbers of like length; with ``dice`` in a new order each time."""
    order = list(range(len(lengths)))
    if dice:
        dice.shuffle(order)
    out = []
    for start in range(0, len(order), 40 * size):
        part = sorted(order[start : start + 40 * size], key=lambda at: lengths[at])
        out += [np.array(part[at : at + size]) for at in range(0, len(part), size)]
    if dice:
        dice.shuffle(out)
    return out


def _alone(item: Item, dice: random.Random) -> Item:
    text, title = item.text or "", item.title or ""
    if item.kind == "comment":
        return replace(item, title=None) if len(text) > _ALONE_AT_LEAST else item
    by_text = dice.random() < _BODY_OF_NEWS and len(text) > _ALONE_AT_LEAST
    body = text if by_text or not title else title
    return replace(item, kind="comment", title=None, text=body)
