"""The exact words behind a reason, in the sentences they stand in.

Works on masked texts only: what the shield covered is not there to be marked. A word is found in
its folded form (without marks and case) and marked in the text as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from langnghe.core.store.queries.mentions import ShownMention
from langnghe.core.text import fold, strip_marks

LONGEST = 320
"""Characters of a sentence that are shown; a longer one is cut around its first mark."""
_READ = 20_000
_SENTENCE = re.compile(r"[^.!?…\n]*[^.!?…\n\s][^.!?…\n]*[.!?…]*")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a mention, cut at the words: each piece with whether it is one of them."""

    mention: ShownMention
    pieces: tuple[tuple[str, bool], ...]


def quotes_of(words: Sequence[str], mentions: Sequence[ShownMention], most: int) -> list[Quote]:
    """Return sentences that hold the words, each word once a mention, the title before the text."""
    found: list[Quote] = []
    for mention in mentions:
        left = list(words)
        for text in (mention.title, mention.text[:_READ]):
            while left and len(found) < most and (pieces := sentence_with(left, text)):
                found.append(Quote(mention, pieces))
                said = " ".join(piece for piece, _ in pieces)
                before, left = left, [word for word in left if not spans_of([word], said)]
                if left == before:
                    break
    return found


def sentence_with(words: Sequence[str], text: str) -> tuple[tuple[str, bool], ...]:
    """Return the first sentence with one of the words, cut at all of them; empty if none has."""
    spans = spans_of(words, text)
    if not spans:
        return ()
    start, end = next(
        (m.span() for m in _SENTENCE.finditer(text) if m.start() <= spans[0][0] < m.end()),
        (0, len(text)),
    )
    start += len(text[start:end]) - len(text[start:end].lstrip())
    before, after = "", ""
    if end - start > LONGEST:
        first = max(start, spans[0][0] - LONGEST // 3)
        last = min(end, max(first + LONGEST, spans[0][1]))
        before, after = "…" if first > start else "", "…" if last < end else ""
        start, end = first, last
    pieces, at = [(before, False)], start
    for first, last in spans:
        first, last = max(first, at), min(last, end)
        if first < last:
            pieces += [(text[at:first], False), (text[first:last], True)]
            at = last
    pieces += [(text[at:end], False), (after, False)]
    return tuple((piece, marked) for piece, marked in pieces if piece)


def spans_of(words: Sequence[str], text: str) -> list[Span]:
    """Return where the words stand in a text, in reading order and never overlapping."""
    folded, places = _folded(text)
    found: list[Span] = []
    for word in {fold(one) for one in words} - {""}:
        at = folded.find(f" {word} ")
        while at >= 0:
            found.append((places[at + 1], places[at + len(word)] + 1))
            at = folded.find(f" {word} ", at + 1)
    found.sort(key=lambda span: (span[0], -span[1]))
    apart: list[Span] = []
    for span in found:
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return apart


def _folded(text: str) -> tuple[str, list[int]]:
    """Return the folded text between two blanks, and for each of its signs where it stood."""
    signs, places = [" "], [0]
    for place, sign in enumerate(text):
        for one in _fold_sign(sign) or " ":
            if one != " " or signs[-1] != " ":
                signs.append(one)
                places.append(place)
    if signs[-1] != " ":
        signs.append(" ")
        places.append(len(text))
    return "".join(signs), places


@lru_cache(maxsize=4096)
def _fold_sign(sign: str) -> str:
    return "".join(
        one if one.isascii() and one.isalnum() else " " for one in strip_marks(sign).lower()
    )
