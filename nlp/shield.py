"""The child shield: what goes out of the house names no child and no private person.

Opinion monitoring reads of real children. Law and decency ask that alerts, pages, mails, exports
and logs show the event without them, so every way out passes through ``mask``. Offices, schools,
places, dates, money and document numbers stay, for without them an alert is of no use.
"""

from __future__ import annotations

import bisect
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from langnghe.core.text import clean
from nlp.plain import DISGUISE, is_marked, lower, plain
from nlp.shield_numbers import Found, find_addresses, find_numbers
from nlp.shield_persons import PersonFinder, find_classes, find_illnesses
from nlp.shield_words import MARKER, REPLACEMENTS

_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class MaskedSpan:
    """One covered stretch of the source text and the marker that stands for it."""

    start: int
    end: int
    kind: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Masked:
    """A text fit to be shown, and what was covered in the (cleaned) source text."""

    text: str
    spans: tuple[MaskedSpan, ...]


def mask(text: str) -> Masked:
    """Cover minors' and private persons' details in ``text``; masking twice changes nothing.

    Spans lie in ``text``; where it holds disguising or loose marks it is cleaned first (as at the
    door) and spans lie in the cleaned text. Kinds are the keys of ``shield_words.REPLACEMENTS``.
    """
    source = text
    if not text.isascii() and (DISGUISE.search(text) or not unicodedata.is_normalized("NFC", text)):
        source = clean(text)
    spans: list[MaskedSpan] = []
    shown = source
    for _ in range(_ROUNDS):
        fresh = _settle(_find(shown), shown)
        if not fresh:
            break
        # A marker can bring two words together that speak of a third: look until nothing is left.
        spans = _merge(spans, [_back(span, spans) for span in fresh])
        shown = _apply(source, spans)
    return Masked(shown, tuple(spans))


def _find(text: str) -> list[Found]:
    low = lower(text)
    flat = plain(text)
    persons = PersonFinder(text, low, flat, marked=is_marked(low)).find()
    persons += find_classes(low)
    return [
        *persons,
        *find_numbers(low),
        *find_addresses(text, persons),
        *find_illnesses(low, persons),
    ]


def _settle(found: Iterable[Found], text: str) -> list[MaskedSpan]:
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


def _back(span: MaskedSpan, known: list[MaskedSpan]) -> MaskedSpan:
    """Return ``span`` of the shown text as it lies in the source (``known`` were applied)."""
    shift = 0
    for covered in known:
        if covered.start + shift >= span.start:
            break
        shift += len(covered.replacement) - (covered.end - covered.start)
    return MaskedSpan(span.start - shift, span.end - shift, span.kind, span.replacement)


def _merge(known: list[MaskedSpan], fresh: list[MaskedSpan]) -> list[MaskedSpan]:
    return sorted([*known, *fresh], key=lambda span: span.start)


def _apply(source: str, spans: list[MaskedSpan]) -> str:
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += (source[at : span.start], span.replacement)
        at = span.end
    return "".join([*parts, source[at:]])
