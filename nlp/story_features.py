"""What of a text speaks for one story or another: terms, places, numbers and a copy sketch.

Everything is folded (no diacritics, lower case), so that an unaccented comment meets the accented
article. How rare a term is comes from two sides: a shipped prior (counts per ten thousand news
texts, which makes the first hour sensible) and the active window itself.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from langnghe.core.text import clean, strip_marks
from nlp.checked import sealed_bytes
from nlp.story_copies import Sketch, sketch
from nlp.story_places import Places, find_places

PRIOR = Path(__file__).parent / "weights" / "story_prior.txt"

LEAD = 1_200
"""Characters of the body that are read: a report says who, where and what in its first lines."""
PRIOR_TEXTS = 20_000
"""How many texts the shipped prior weighs against the window's own counts."""
MAX_TERMS = 160

# "Vụ 40 học sinh ngộ độc ở …: …" names an affair as known; "vu" alone may be another word.
_AFFAIR = re.compile(r"""(?:\bvụ|^vu)\s+(?:việc\s+|án\s+)?([^:"“”'‘’?!.;]{8,90})""", re.IGNORECASE)
# "Em N.T.A.T." is one name, and a telling one.
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,5}[A-Z]?\b|\b(?:[A-Z]\.){3,5}")
_BREAK = re.compile(r"[^A-Za-z0-9 ]")
# Only syllables that stay function words when their marks are gone: "tu" may be "từ" or "tử vong".
_STOP = """la va cua cho voi khong duoc da dang se nhung nay khi thi rang cung nhu vi nen neu hay
    hoac boi qua sau nhieu rat moi van chi theo ngay thang vao ra den o co mot cac"""
STOP = frozenset(_STOP.split())
# Their capital at the start of a sentence makes no name of "Bà Đỗ" or "Tại Huế".
_OPENING = "ba ong chi anh co thay em chau be vu theo tai trong ngay sau o tu"
_OPENERS = frozenset(_OPENING.split())


@dataclass(frozen=True, slots=True)
class Features:
    """Terms with small whole-number weights (title and names count more), places, sketch.

    ``names`` are the terms written with capitals, ``spots`` those inside a commune or school name.
    ``heads`` are the word pairs of the headline, ``affair`` those of its "vụ …", if it names one.
    """

    terms: tuple[str, ...]
    weights: tuple[int, ...]
    names: frozenset[str]
    spots: frozenset[str]
    places: Places
    sketch: Sketch
    length: float
    heads: frozenset[str]
    affair: frozenset[str]


def features(title: str | None, text: str | None) -> Features:
    """Return what the title and the first ``LEAD`` characters of the body speak of."""
    title, text = clean((title or "")[:LEAD]), clean((text or "")[:LEAD])
    weights: dict[str, int] = {}
    names: set[str] = set()
    shingle_words: list[str] = []
    stripped_title, stripped_text = _plain(title), _plain(text)
    heads: set[str] = set()
    for stripped, base in ((stripped_title, 2), (stripped_text, 1)):
        # A headline in capitals or a text all in lower case tells nothing about names.
        cased = not (stripped.isupper() or stripped.islower())
        seen: set[str] = set()
        for chunk in _BREAK.split(stripped):
            tokens = chunk.split()
            if tokens:
                shingle_words.extend(map(str.lower, tokens))
                _chunk_terms(tokens, cased, seen, names)
        if base == 2:
            heads = seen
        for term in seen:
            weights[term] = weights.get(term, 0) + base
    for name in names:
        weights[name] += 1
    ordered = sorted(weights, key=lambda t: (-weights[t], prior_rate(t), t))[:MAX_TERMS]
    places = find_places(f"{stripped_title}. {stripped_text}", f"{title}. {text}")
    return Features(
        terms=tuple(map(sys.intern, ordered)),
        weights=tuple(weights[t] for t in ordered),
        names=frozenset(names),
        spots=frozenset(_pairs(places.communes | places.schools)),
        places=places,
        sketch=sketch(shingle_words, stripped_title),
        # By the prior alone, so that it never ages while the window's own counts move.
        length=math.sqrt(sum(weights[t] * _RARITY.get(t, _RARE) ** 2 for t in ordered)) or 1.0,
        heads=frozenset(t for t in heads if " " in t),
        affair=_affair(title),
    )


def _plain(text: str) -> str:
    return _INITIALS.sub(_together, strip_marks(text))


def _together(found: re.Match[str]) -> str:
    letters = found[0].replace(".", "")
    return f"{letters} " if len(letters) > 2 else found[0]


def _affair(title: str) -> frozenset[str]:
    found = _AFFAIR.search(title)
    seen: set[str] = set()
    for chunk in _BREAK.split(strip_marks(found[1])) if found else ():
        if tokens := chunk.split():
            _chunk_terms(tokens, False, seen, set())
    return frozenset(t for t in seen if " " in t)


def _pairs(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        words = name.split()
        yield from (f"{a} {b}" for a, b in pairwise(words)) if len(words) > 1 else words


def _chunk_terms(tokens: list[str], cased: bool, seen: set[str], names: set[str]) -> None:
    previous, previous_cap = "", False
    for place, token in enumerate(tokens):
        word = token.lower()
        cap = cased and token[0].isupper()
        plain = word in STOP
        # A lone digit or letter says nothing by itself, but "lop 5" and "40 hoc" do.
        if len(word) > 1 and not plain:
            seen.add(word)
            if cap and place and any(c.isdigit() for c in word[1:]):
                names.add(word)
        if previous and not (plain and not cap) and not (previous in STOP and not previous_cap):
            pair = f"{previous} {word}"
            seen.add(pair)
            if cap and previous_cap and not (place == 1 and previous in _OPENERS):
                names.add(pair)
        previous, previous_cap = word, cap


def _read_prior() -> dict[str, float]:
    table: dict[str, float] = {}
    for line in sealed_bytes(PRIOR).decode().splitlines():
        if line and not line.startswith("#"):
            count, _, terms = line.partition(" ")
            table.update(dict.fromkeys(terms.split(","), float(count)))
    return table


_PRIOR = _read_prior()
_SHARE = PRIOR_TEXTS / 10_000
_EXPECTED = {term: rate * _SHARE + 0.5 for term, rate in _PRIOR.items()}
_UNLISTED = 0.5 * _SHARE + 0.5
_RARITY = {term: math.log(PRIOR_TEXTS / count) for term, count in _EXPECTED.items()}
_RARE = math.log(PRIOR_TEXTS / _UNLISTED)


def prior_rate(term: str) -> float:
    """Return how many of 10,000 texts hold the term; unlisted ones are below the table."""
    return _PRIOR.get(term, 0.5)


def expected(term: str) -> float:
    """Return in how many of ``PRIOR_TEXTS`` texts the term is expected; never 0."""
    return _EXPECTED.get(term, _UNLISTED)


def rarity(term: str) -> float:
    """Return how rare the term is by the prior alone (natural logarithm)."""
    return _RARITY.get(term, _RARE)


def count_terms(
    texts: Iterable[tuple[str, str | None, str | None]], *, spread: int
) -> tuple[int, Counter[str]]:
    """Return how many (period, title, text) were read and in how many each common term stands.

    A term counts as common when it stands in at least ``spread`` periods (say weeks): the words of
    one loud affair fill a few weeks, the words of the trade fill them all.
    """
    total, counts = 0, Counter[str]()
    periods: dict[str, set[str]] = {}
    for period, title, text in texts:
        total += 1
        terms = features(title, text).terms
        counts.update(terms)
        for term in terms:
            periods.setdefault(term, set()).add(period)
    return total, Counter({t: n for t, n in counts.items() if len(periods[t]) >= spread})


def write_prior(tables: Iterable[tuple[int, Counter[str]]], least: int = 6) -> str:
    """Return the prior file: per term its highest rate (per 10,000) among ``tables``.

    Terms rarer than ``least`` per 10,000 are left out.
    """
    rates: dict[str, int] = {}
    for total, counts in tables:
        for term, count in counts.items():
            rate = round(count * 10_000 / total)
            if rate >= least:
                rates[term] = max(rates.get(term, 0), rate)
    grouped: dict[int, list[str]] = {}
    for term, rate in rates.items():
        grouped.setdefault(rate, []).append(term)
    head = (
        "# Texts per 10,000 that hold the term (folded words and pairs). Format: rate term,term\n"
    )
    return head + "".join(
        f"{rate} {','.join(sorted(grouped[rate]))}\n" for rate in sorted(grouped, reverse=True)
    )
