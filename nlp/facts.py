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
from nlp.fact_words import (
    ADULTS,
    CHILDREN,
    DENIED,
    NUMBER,
    PEOPLE_KINDS,
    TRAINED,
    TRIGGERS,
    NumberWord,
    amount,
    read_number,
)
from nlp.plain import is_marked, lower, plain

_SENTENCE_END = re.compile(r"[.!?;\n]+(?=\s|$)|\n")
_MOST = 500  # triggers weighed in one text
_LONGEST = 600  # letters of one sentence looked at around a trigger: bounds hostile input
_MONEY = re.compile(
    r"(?<![\d.,/])(\d{1,3}(?:[.,]\d{3})+|\d{1,9}(?:[.,]\d{1,2})?) ?"
    r"(tỷ|tỉ|triệu|trieu|tr|củ|nghìn|nghin|ngàn|ngan|k|đồng|dong|đ|vnđ|vnd)(\d{1,3})?"
    r"(?: (?:đồng|dong|đ|vnđ))?(?!\w)"
)


def find_facts(text: str) -> tuple[Fact, ...]:
    """Return the facts ``text`` states, in order; see ``types.Fact`` for the kinds.

    ``text`` should be clean NFC; spans lie in it. One fact a kind and value; a statement without a
    number is left out where another one of its kind has it.
    """
    low = lower(text)
    marked = is_marked(low)
    if not marked:
        low = plain(low)
    found = [*_events(text, low, marked), *_money(text, low)]
    counted = {fact.kind for fact in found if fact.value is not None}
    seen: set[tuple[str, float | None]] = set()
    kept: list[Fact] = []
    for fact in sorted(found, key=lambda f: f.span):
        key = (fact.kind, fact.value)
        if key in seen or (fact.value is None and fact.kind in counted):
            continue
        seen.add(key)
        kept.append(fact)
    return tuple(kept)


def _events(text: str, low: str, marked: bool) -> Iterator[Fact]:
    for match in islice(TRIGGERS.of(marked).finditer(low), _MOST):
        kind = match.lastgroup or ""
        start, end = _sentence(low, match.start(), match.end())
        before, after = low[start : match.start()], low[match.end() : end]
        if _not_stated(before, match.group(), after, marked):
            continue
        if kind not in PEOPLE_KINDS:
            yield _fact(kind, None, match.start(), match.end(), text)
            continue
        number = _nearest_number(low, start, match.start(), match.end(), end, marked)
        if number is None:
            if kind != "sexual_abuse" and _about_adults_only(before, after, marked):
                continue
            yield _fact(kind, None, match.start(), match.end(), text)
        elif kind == "sexual_abuse" and not number.counts_people:  # "hai đối tượng xâm hại …"
            yield _fact(kind, None, match.start(), match.end(), text)
        elif number.counts_people:
            yield _fact(
                kind,
                number.value,
                min(number.start, match.start()),
                max(number.end, match.end()),
                text,
            )


def _fact(kind: str, value: float | None, start: int, end: int, text: str) -> Fact:
    return Fact(kind, value, (start, end), text[start:end])


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
    pattern = NUMBER.of(marked)
    behind = pattern.search(low, end, min(right, end + 40))
    if behind and low[end : behind.start()].strip() in _LINKS:
        return read_number(behind)
    # Up to the trigger's end: "3 người chết" holds the counted word inside the trigger.
    last = None
    for number in pattern.finditer(low, max(left, start - 150), end):
        if not _attackers(low, left, number, start):
            last = number
    if last is None or last.start() >= start:
        return None
    between = low[last.end() : start]
    clauses = between.count(",") + between.count(" và ") + between.count(" va ")
    return read_number(last) if clauses <= 2 else None


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
_LINKS = {
    "",
    "cho",
    "khiến",
    "khien",
    "làm",
    "lam",
    "đối với",
    "gồm",
    "gom",
    "là",
    "la",
    "của",
    "cua",
}


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


def _money(text: str, low: str) -> Iterator[Fact]:
    for match in _MONEY.finditer(low):
        value = amount(match[1], match[2], match[3])
        if value is not None:
            yield _fact("money", value, match.start(), match.end(), text)
