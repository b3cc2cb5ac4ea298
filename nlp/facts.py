"""Hard facts a text states: how many pupils in hospital, a clip going round, police called, money.

A score that says "Đỏ" must be able to point at "gần 20 học sinh nhập viện". Rules, not a model:
each fact is quoted with its exact words, and a sentence that denies, supposes or trains for the
event gives none. Counts are of pupils or of people in general, never of animals or of staff alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from langnghe.core.types import Fact
from nlp.fact_frame import dates, places, speakers
from nlp.fact_numbers import (
    BARE,
    BEHIND,
    COUNTED,
    NUMBER,
    ROSTER,
    NumberWord,
    find_money,
    read_number,
)
from nlp.fact_words import (
    ADULTS,
    CHILDREN,
    DENIED,
    PEOPLE_KINDS,
    TRAINED,
    TRIGGERS,
    only_wished,
)
from nlp.normalise import Readable, readable
from nlp.plain import lower, plain

WORDED_KINDS = frozenset({"date", "place"})
"""Kinds told apart by their words; they carry no value."""
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_SENTENCE_END = re.compile(r"[.!?;\n]+(?=\s|$)|\n")
_MOST = 500  # triggers weighed in one text
_READ = 60_000  # letters of a text looked at: longer than any article
_LONGEST = 600  # letters of one sentence looked at around a trigger: bounds hostile input


def find_facts(text: str) -> tuple[Fact, ...]:
    """Return the facts ``text`` states, in order; see ``types.Fact`` for the kinds.

    Beside those: ``poisoned`` (a count), ``date`` and ``place`` (told by their words) and
    ``speaker_school``, ``_family``, ``_commune``, ``_police``, ``_hospital``, ``_department``, none
    of which has a value. Only the first 60,000 letters are
    read. ``text`` should be clean NFC; spans lie in it. One fact a kind and value;
    a statement without a number is left out where another one of its kind has it.
    """
    text = text[:_READ]
    seen = readable(text)
    marked = _mostly_marked(text)
    low = lower(seen.text)
    if not marked:
        low = plain(low)
    spoken = sorted(_found(low, seen.text, marked))
    counted = {kind for _, _, kind, value in spoken if value is not None}
    known: set[tuple[str, float | str | None]] = set()
    kept: list[Fact] = []
    for start, end, kind, value in spoken:
        if value is None and kind in counted:
            continue
        fact = _fact(kind, value, start, end, seen, text)
        key = (kind, fact.text.lower() if kind in WORDED_KINDS else value)
        if key not in known:
            known.add(key)
            kept.append(fact)
    return tuple(kept)


_Found = tuple[int, int, str, float | None]


def _found(low: str, written: str, marked: bool) -> Iterator[_Found]:
    yield from _events(low, marked)
    for value, start, end in find_money(low):
        yield start, end, "money", value
    for start, end in dates(low, marked):
        yield start, end, "date", None
    for start, end in places(written, marked):
        yield start, end, "place", None
    for kind, start, end in speakers(low, marked):
        yield start, end, kind, None


def _fact(kind: str, value: float | None, start: int, end: int, seen: Readable, text: str) -> Fact:
    span = seen.span(start, end)
    return Fact(kind, value, span, text[span[0] : span[1]])


def _mostly_marked(text: str) -> bool:
    """Say whether a text is to be read with its marks: one letter in seven or more carries one."""
    if text.isascii():
        return False
    letters = sum(map(str.isalpha, text))
    return sum(map(str.isalpha, "".join(_BEYOND_ASCII.findall(text)))) * 7 > letters


def _events(low: str, marked: bool) -> Iterator[_Found]:
    for match in islice(TRIGGERS.of(marked).finditer(low), _MOST):
        kind = match.lastgroup or ""
        start, end = _sentence(low, match.start(), match.end())
        before, after = low[start : match.start()], low[match.end() : end]
        if _not_stated(before, match.group(), after, marked):
            continue
        if only_wished(kind, before, after, marked):
            continue
        if kind not in PEOPLE_KINDS:
            yield match.start(), match.end(), kind, None
            continue
        number = _nearest_number(low, start, match.start(), match.end(), end, marked)
        if number is None:
            if kind != "sexual_abuse" and _about_adults_only(before, after, marked):
                continue
            yield match.start(), match.end(), kind, None
        elif kind == "sexual_abuse" and not number.counts_people:  # "hai đối tượng xâm hại …"
            yield match.start(), match.end(), kind, None
        elif number.counts_people:
            first, last = min(number.start, match.start()), max(number.end, match.end())
            yield first, last, kind, number.value


def _sentence(low: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence round a trigger, at most ``_LONGEST`` letters a side."""
    left = max(0, start - _LONGEST)
    for stop in _SENTENCE_END.finditer(low, left, start):
        left = stop.end()
    right = min(len(low), end + _LONGEST)
    following = _SENTENCE_END.search(low, end, right)
    return left, following.start() if following else right


def _not_stated(before: str, trigger: str, after: str, marked: bool) -> bool:
    """Say whether the sentence denies, supposes or trains for the event."""
    return bool(
        DENIED.before.of(marked).search(before[-60:])
        or DENIED.anywhere.of(marked).search(f"{before[-200:]}{trigger}{after[:120]}")
        or TRAINED.before.of(marked).search(before[-90:])
        or TRAINED.anywhere.of(marked).search(f"{before[-200:]}{trigger}{after[:60]}")
    )


def _nearest_number(
    low: str, left: int, start: int, end: int, right: int, marked: bool
) -> NumberWord | None:
    """Return the count nearest the trigger: right behind it, else the last one before it."""
    behind = _number_behind(low, left, start, end, right, marked)
    if behind is not None and behind.whom != "adult":
        return behind
    # Up to the trigger's end: "3 người chết" holds the counted word inside the trigger.
    kept: list[NumberWord] = []
    for match in NUMBER.of(marked).finditer(low, max(left, start - 150), end):
        number = read_number(match)
        if number.whom == "thing" or number.start >= start or _attackers(low, left, match, start):
            continue
        told = low[max(left, number.start - 30) : number.start]
        if "," in low[number.end : start] and ROSTER.of(marked).search(told):
            continue  # how many the school has, not how many were hit
        kept.append(number)
    if not kept:
        return behind
    last = kept[-1]
    if last.whom == "adult" and len(kept) > 1 and kept[-2].counts_people:
        joint = low[kept[-2].end : last.start].strip(" ,")
        if joint in ("và", "va", "cùng", "cung"):
            return kept[-2]  # "15 học sinh và 2 giáo viên bị thương"
    between = low[last.end : start]
    clauses = between.count(",") + between.count(" và ") + between.count(" va ")
    return last if clauses <= 2 else None


def _number_behind(
    low: str, left: int, start: int, end: int, right: int, marked: bool
) -> NumberWord | None:
    link = BEHIND.of(marked).match(low[end : min(right, end + 45)])
    if link is None:
        return None
    at = end + link.end()
    # The link may have taken the number's own "khoảng"; a look back of one word is harmless.
    found = NUMBER.of(marked).match(low, at, min(right, at + 60))
    if found:
        number = read_number(found)
        return None if number.whom == "thing" else number
    if COUNTED.of(marked).search(low[left:start]):
        bare = BARE.of(marked).match(low, at, min(right, at + 20))
        if bare:
            return read_number(bare)
    return None


def _attackers(low: str, left: int, number: re.Match[str], trigger: int) -> bool:
    """Say whether a number counts who did it: "bị ba bạn đánh", "do 2 người lạ hành hung"."""
    before, between = (
        low[max(left, number.start() - 25) : number.start()],
        low[number.end() : trigger],
    )
    return bool(_DONE_BY.search(before) and _ATTACKED.search(between))


_DONE_BY = re.compile(r"(?<!\w)(?:bị|bi|do|bởi|boi)(?: (?:một|mot|nhóm|nhom|hơn|hon|gần|gan))* $")
_ATTACKED = re.compile(
    r"(?<!\w)(?:đánh|danh|hành hung|hanh hung|đâm|dam|chém|chem|đấm|tát|tat|đạp|dap|vây|"
    r"tấn công|tan cong|lột|truy đuổi|bạo hành|bao hanh)(?!\w)"
)


def _about_adults_only(before: str, after: str, marked: bool) -> bool:
    """Say whether the nearest person named before (else behind) the trigger is clearly no pupil."""
    near = before[-120:]
    adult = max((m.end() for m in ADULTS.of(marked).finditer(near)), default=-1)
    child = max((m.end() for m in CHILDREN.of(marked).finditer(near)), default=-1)
    if adult >= 0 or child >= 0:
        return adult > child
    behind = after[:60]
    first_adult = ADULTS.of(marked).search(behind)
    return first_adult is not None and CHILDREN.of(marked).search(behind) is None
