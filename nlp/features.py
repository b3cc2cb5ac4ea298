"""What the linear models look at: names of things present in one item, readable by a person.

Presence, not counts: texts are short. Every feature is a string a person can read aloud
(``nha2 trương2``, ``~nha truong``, ``§khoan_thu:strong``), so the weight behind a score can be
shown. Letter n-grams were tried and left out: the normaliser already undoes what they were meant
to catch, and they cost half of the time (dev: education F1 .923 with them, .928 without).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from langnghe.core.text import clean
from langnghe.core.types import Item
from nlp.lexicon import Lexicon, Match
from nlp.normalise import Token, has_marks, tokens

TITLE_LIMIT = 300
SHORTEST = 25.0  # a sentence of five words is about as long
TEXT_LIMIT = 1_000  # labels rest on title and lead; what follows in a full article dilutes them

Matrix = Any  # scipy.sparse.csr_matrix, which carries no types


class View(NamedTuple):
    """One item as tokens; spans of ``body`` count from the start of the item's own text."""

    kind: str
    title: list[Token]
    body: list[Token]
    matches: list[Match]
    source_title: str
    source_body: str


def view(item: Item, lexicon: Lexicon) -> View:
    """Return the tokens and taxonomy phrases of one item (title and lead only)."""
    title, body = clean((item.title or "")[:TITLE_LIMIT]), clean((item.text or "")[:TEXT_LIMIT])
    head, rest = tokens(title), tokens(body)
    shift = len(head)
    matches = lexicon.matches(head) + [
        match._replace(first=match.first + shift, last=match.last + shift)
        for match in lexicon.matches(rest)
    ]
    return View(item.kind, head, rest, matches, title, body)


def names(seen: View) -> set[str]:
    """Return the features present in one item.

    Title, own text and the two together stand apart: a comment speaks in its text under another's
    title, while a headline says more than the sentence below it.
    """
    comment = seen.kind == "comment"
    found: set[str] = {"=comment" if comment else "=news"}
    _words(seen.title, "", found)
    _words(seen.body, "", found)
    if comment:
        _words(seen.body, "k:", found)
        _unigrams(seen.title, "c:", found)
        if not seen.title:
            found.add("=alone")
    else:
        _words(seen.title, "t:", found)
    for match in seen.matches:
        found.add(f"§{match.entry.group}:{match.strength}")
        if match.last >= len(seen.title):
            found.add(f"§b:{match.entry.group}:{match.strength}")
        else:
            found.add(f"§t:{match.entry.group}:{match.strength}")
    _together(seen.matches, found)
    return found


def _together(matches: Sequence[Match], found: set[str]) -> None:
    """Add pairs of what is spoken of: a poisoning beside a hospital is not one beside a drill."""
    groups = sorted({m.entry.group for m in matches if m.entry.group.startswith("+")})
    topics = {m.entry.group for m in matches if m.strength == "strong"}
    found.update([f"§{topic}&{group}" for topic in topics for group in groups])
    found.update([f"§{a}&{b}" for a, b in combinations(groups, 2)])


def _words(sequence: Sequence[Token], prefix: str, found: set[str]) -> None:
    marks = has_marks(sequence)
    found.update([f"^{token.written}" for token in sequence if token.written])
    plain = [token.plain for token in sequence]
    found.update([f"~{prefix}{word}" for word in plain])
    found.update([f"~{prefix}{a} {b}" for a, b in pairwise(plain)])
    if marks:
        marked = [token.marked for token in sequence]
        found.update([prefix + word for word in marked])
        found.update([f"{prefix}{a} {b}" for a, b in pairwise(marked)])


def _unigrams(sequence: Sequence[Token], prefix: str, found: set[str]) -> None:
    found.update([f"~{prefix}{token.plain}" for token in sequence])


class Vocabulary:
    """The features a model knows, in order, with their weights (inverse document frequency)."""

    def __init__(self, words: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.words = list(words)
        self.idf = np.asarray(idf, dtype=np.float32)
        self._index = {word: position for position, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def positions(self, found: set[str]) -> dict[str, int]:
        """Return the known ones of some features with their columns."""
        return {word: self._index[word] for word in found if word in self._index}

    def matrix(self, present: Sequence[set[str]]) -> Matrix:
        """Return one row of unit length a set; float32, shape (items, features).

        A text of one or two words stays shorter than that: it does not say everything at once.
        """
        get = self._index.get
        columns: list[int] = []
        ends = [0]
        for found in present:
            columns += sorted(at for at in map(get, found) if at is not None)
            ends.append(len(columns))
        indices = np.asarray(columns, dtype=np.int32)
        data = self.idf[indices] if len(indices) else np.zeros(0, dtype=np.float32)
        rows = np.repeat(np.arange(len(present)), np.diff(ends))
        norms = np.sqrt(np.bincount(rows, weights=data**2, minlength=len(present)))
        norms = np.maximum(norms, SHORTEST)
        data = (data / norms[rows]).astype(np.float32)
        shape = (len(present), len(self.words))
        return sparse.csr_matrix((data, indices, np.asarray(ends, dtype=np.int32)), shape=shape)
