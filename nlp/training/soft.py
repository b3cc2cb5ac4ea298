"""Soft answers: what encoder and linear models together think of items nobody has labelled.

The encoder learns from them what the linear models know and it does not, and both learn what a
whole archive looks like, not only the part that was chosen for labelling.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

from langnghe.core.types import Item
from nlp.blend import flat, logit, meant, prediction
from nlp.features import Vocabulary, names, view
from nlp.lexicon import taxonomy
from nlp.models import Floats, LinearModels

ENCODER_SAYS, LINEAR_SAYS = 0.55, 0.45  # in log odds
NEAR_NEWS, NEAR_COMMENTS = 0.3, 0.6  # likeness; comments share the headline they stand under
_AT_ONCE = 2000
_WORDS = re.compile(r"\W+")


@dataclass
class Quota:
    """How many items of a kind to take whose probability of education lies in a range."""

    kind: str
    over: float
    upto: float
    wanted: int


def usual_quotas(share: float = 1.0) -> list[Quota]:
    """Return how many unlabelled items stage two learns from: mostly about education, some not."""
    return [
        Quota("news", 0.3, 1.0, round(4500 * share)),
        Quota("news", 0.04, 0.3, round(1200 * share)),
        Quota("comment", 0.2, 1.0, round(900 * share)),
    ]


@dataclass(frozen=True)
class Chosen:
    """Items with the linear models' probabilities, shape (items, heads)."""

    items: list[Item]
    by_words: Floats


class Apart:
    """What no soft row may be: an item that is labelled, or nearly one that is only measured on."""

    def __init__(self, labelled: Iterable[Item], measured: Sequence[Item]) -> None:
        labelled = list(labelled)
        self._ids = {item.id for item in (*labelled, *measured)}
        self._keys = {_key(item) for item in (*labelled, *measured)}
        self._measured = measured

    def known(self, item: Item) -> bool:
        """Tell whether this very item is labelled or measured on, by id or by its words."""
        return item.id in self._ids or _key(item) in self._keys

    @cached_property
    def _pairs(self) -> list[set[str]]:
        return [_pairs(item) for item in self._measured]

    def near(self, items: Sequence[Item]) -> NDArray[np.bool_]:
        """Tell for each item whether it is nearly one that is measured on."""
        if not items or not self._measured:
            return np.zeros(len(items), dtype=bool)
        pairs = [_pairs(item) for item in items]
        seen = Counter(word for found in (*pairs, *self._pairs) for word in found)
        rarity = np.log((1 + len(pairs) + len(self._pairs)) / (1 + np.array([*seen.values()]))) + 1
        words = Vocabulary([*seen], rarity)
        one, other = normalize(words.matrix(pairs)), normalize(words.matrix(self._pairs))
        like = (one @ other.T).max(axis=1).toarray().ravel()
        limit = [NEAR_COMMENTS if item.kind == "comment" else NEAR_NEWS for item in items]
        return np.asarray(like > np.array(limit))


def choose(
    archive: Iterable[Item],
    linear: LinearModels,
    apart: Apart,
    quotas: Sequence[Quota],
    *,
    seed: int,
    progress: Callable[[str], None],
) -> Chosen:
    """Return a random part of an archive, near-copies left out, as many as the quotas want."""
    lexicon = taxonomy()
    waiting = list(_once(archive, apart))
    random.Random(seed).shuffle(waiting)  # noqa: S311 (repeatable on purpose, nothing secret)
    left = [quota.wanted for quota in quotas]
    items: list[Item] = []
    scored: list[Floats] = []
    for start in range(0, len(waiting), _AT_ONCE):
        wanted = {quota.kind for quota, more in zip(quotas, left, strict=True) if more > 0}
        if not wanted:
            break
        part = [item for item in waiting[start : start + _AT_ONCE] if item.kind in wanted]
        if not part:
            continue
        by_words = flat(linear.predict([names(view(item, lexicon)) for item in part]))
        takes = _in_quota(part, by_words[:, 0], quotas, left)
        near = apart.near([part[at] for at, _ in takes])
        for (at, which), is_near in zip(takes, near, strict=True):
            if not is_near and left[which] > 0:
                left[which] -= 1
                items.append(part[at])
                scored.append(by_words[at])
        progress(f"soft rows: {len(items)} chosen from {start + _AT_ONCE} read, {left} wanted")
    return Chosen(items, np.array(scored, dtype=np.float32))


def soft_answers(by_words: Floats, scores: Floats) -> Floats:
    """Return mixed probabilities of shape (rows, heads) as answers.

    ``by_words`` are the linear models' probabilities, ``scores`` the encoder's raw scores. Rows
    that are rather not about education answer neither scope nor topics.
    """
    mixed = LINEAR_SAYS * logit(by_words) + ENCODER_SAYS * logit(meant(scores))
    told = flat(prediction(mixed))
    elsewhere = told[:, 0] < 0.5
    told[elsewhere, 1] = np.nan
    told[elsewhere, 5:-3] = np.nan
    return told


def _in_quota(
    items: Sequence[Item], education: Floats, quotas: Sequence[Quota], left: Sequence[int]
) -> list[tuple[int, int]]:
    return [
        (at, which)
        for at, item in enumerate(items)
        for which, quota in enumerate(quotas)
        if left[which] > 0 and item.kind == quota.kind and quota.over < education[at] <= quota.upto
    ]


def _once(archive: Iterable[Item], apart: Apart) -> Iterable[Item]:
    seen: set[str] = set()
    for item in archive:
        key = _key(item)
        if key not in seen and "<" not in (item.text or "") and not apart.known(item):
            seen.add(key)
            yield item


def _key(item: Item) -> str:
    """Return by what an item is known again: news by headline, comments by their words too."""
    title = _WORDS.sub(" ", (item.title or "").lower()).strip()[:120]
    text = _WORDS.sub(" ", (item.text or "").lower()).strip()[:60]
    return title if item.kind == "news" and title else f"{title}|{text}"


def _pairs(item: Item) -> set[str]:
    found = names(view(item, taxonomy()))
    return {word for word in found if word.startswith("~") and " " in word and ":" not in word}
