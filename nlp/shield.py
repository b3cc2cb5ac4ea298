"""The child shield: what goes out of the house names no child and no private person.

Opinion monitoring reads of real children. Law and decency ask that alerts, pages, mails, exports
and logs show the event without them, so every way out passes through ``mask``. Offices, schools,
places, dates, money and document numbers stay, for without them an alert is of no use.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from langnghe.core.text import INVISIBLE, VIETNAMESE_MARKS
from nlp.plain import DISGUISE, is_marked, lower, plain
from nlp.shield_numbers import Found, find_addresses, find_numbers
from nlp.shield_online import find_online
from nlp.shield_persons import PersonFinder
from nlp.shield_traits import find_classes, find_traits
from nlp.shield_words import MARKER, REPLACEMENTS

_ROUNDS = 4
# A letter with the loose marks and invisible characters that cling to it.
_CLINGING = "[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]"
_CLUSTER = re.compile(f"(?:[^\u0300-\u036f]|^){_CLINGING}*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class MaskedSpan:
    """One covered stretch of the source text and the marker that stands for it."""

    start: int
    end: int
    kind: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Masked:
    """A text fit to be shown, and what was covered in the source text."""

    text: str
    spans: tuple[MaskedSpan, ...]


def mask(text: str) -> Masked:
    """Cover minors' and private persons' details in ``text``; masking twice changes nothing.

    Spans lie in ``text`` as it was given, loose or disguising marks included; what is not covered
    stays letter for letter. Kinds are the keys of ``shield_words.REPLACEMENTS``.
    """
    source, starts = text, None
    if not text.isascii() and (DISGUISE.search(text) or not unicodedata.is_normalized("NFC", text)):
        source, starts = _straight(text)
    spans: list[MaskedSpan] = []
    shown = source
    for _ in range(_ROUNDS):
        fresh = settle(_find(shown), shown)
        if not fresh:
            break
        # A marker can bring two words together that speak of a third: look until nothing is left.
        spans = sorted([*spans, *_back(fresh, spans)], key=lambda span: span.start)
        shown = _apply(source, spans)
    if starts is None:
        return Masked(shown, tuple(spans))
    lying = [MaskedSpan(starts[s.start], starts[s.end], s.kind, s.replacement) for s in spans]
    return Masked(_apply(text, lying), tuple(lying))


def _straight(text: str) -> tuple[str, list[int]]:
    """Return ``text`` composed and without disguises, and where each letter starts in the source.

    One place more than letters: the last is the end of the text.
    """
    letters: list[str] = []
    starts: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        whole = INVISIBLE.sub("", cluster.group())
        whole = "".join(
            c for c in unicodedata.normalize("NFD", whole)
            if not unicodedata.combining(c) or c in VIETNAMESE_MARKS
        )  # fmt: skip
        composed = unicodedata.normalize("NFC", whole)
        letters.append(composed)
        starts += [cluster.start()] * len(composed)
    return "".join(letters), [*starts, len(text)]


def _find(text: str) -> list[Found]:
    low = lower(text)
    flat = plain(text)
    persons = PersonFinder(text, low, flat, marked=is_marked(low)).find()
    persons += find_classes(text, low)
    return [
        *persons,
        *find_numbers(low),
        *find_addresses(text, persons),
        *find_online(low, flat),
        *find_traits(low, persons),
    ]


def settle(found: Iterable[Found], text: str) -> list[MaskedSpan]:
    """Return spans in order without overlaps: the surer wins, then the longer.

    What touches a marker of an earlier round is dropped.
    """
    markers = [match.span() for match in MARKER.finditer(text)]
    chosen: list[Found] = []
    taken: list[tuple[int, int]] = sorted(markers)
    for hit in sorted(found, key=lambda f: (-f.rank, f.start - f.end, f.start)):
        at = bisect.bisect_left(taken, (hit.start, hit.end))
        if at < len(taken) and taken[at][0] < hit.end:
            continue
        if at and taken[at - 1][1] > hit.start:
            continue
        taken.insert(at, (hit.start, hit.end))
        chosen.append(hit)
    return [
        MaskedSpan(hit.start, hit.end, hit.kind, REPLACEMENTS[hit.kind]) for hit in sorted(chosen)
    ]


def _back(fresh: list[MaskedSpan], known: list[MaskedSpan]) -> Iterator[MaskedSpan]:
    """Yield spans of the shown text as they lie in the source (``known`` were applied).

    Both lists are in order, so one walk over them is enough.
    """
    shift = at = 0
    for span in fresh:
        while at < len(known) and known[at].start + shift < span.start:
            covered = known[at]
            shift += len(covered.replacement) - (covered.end - covered.start)
            at += 1
        yield MaskedSpan(span.start - shift, span.end - shift, span.kind, span.replacement)


def _apply(source: str, spans: list[MaskedSpan]) -> str:
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += (source[at : span.start], span.replacement)
        at = span.end
    return "".join([*parts, source[at:]])
