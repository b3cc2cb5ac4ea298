"""Given names without surname or cue: "tội nghiệp Hải Yến", "Mạnh, Cường và Toàn", "Hạnh lớp 6A2".

One syllable is a word as often as a name, so the words round it decide: a class behind it, what a
person does, its neighbours in a row, or a capital in mid-sentence where nothing else explains it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nlp.names import GIVEN, HILLS_GIVEN, PET_NAMES, SURNAMES
from nlp.shield_numbers import Found
from nlp.shield_public import AFTER_STREET, AFTER_THING, PLACES, is_public, part_of_a_thing
from nlp.shield_words import (
    ACTS,
    COMPOUNDS,
    EVERYDAY,
    NOT_PERSON,
    NOT_SMALL,
    OFFICE,
    SMALL_ENDS,
    START,
    TITLES,
    VERBLIKE,
)

Span = tuple[int, int]

_NAMES = GIVEN | HILLS_GIVEN | PET_NAMES
_CHAIN = re.compile(
    r"[A-Z](?<![\w.'’-][A-Z])[a-z]{0,6}(?: [A-Z][a-z]{0,6}){0,4}(?![\w'’-]| [A-Z0-9])"
)

_MEMBER = re.compile(r"[A-Z][a-z]{0,6}(?: [A-Z][a-z]{0,6}){0,3}")
_ROW = re.compile(
    r"[A-Z](?<![\w.'’-][A-Z])[a-z]{0,6}(?: [A-Z][a-z]{0,6}){0,3}"
    rf"(?:(?:, | va |, va | voi | & |; ){_MEMBER.pattern}){{1,30}}(?![\w'’-])"
)
_ACTS_SMALL = re.compile(
    r" (?:bị|kể|khóc|bỏ học|nghỉ học|đi học về|ngất|không dám|ko dám|không chịu|học lớp|"
    r"nhà (?:mình|em|tớ|tui|tôi|cháu|chị|anh|bác|cô)|lớp mình|lớp em)(?!\w)"
)
_CLASS_SIGN = re.compile(r"(?: ?[,(–-] ?| )(?:học )?(?:lớp|lop|lp) (?:\d|lá|chồi|mầm|bên)")
_LAST_WORD = re.compile(r"(?<!\w)([^\W\d_]{1,7}) ?$")
_INSIDE = re.compile(r"(?:^|[\s.(])(?!(?:Em|Be|Chau|Ban|Con|Co|Thay)\s)[A-Z][\w.]* $")
_SOMEWHERE = re.compile(
    r"(?:(?<!\w)(?:ở|tại|quê|khu vực|vùng|miền|từ|thể thao|phân phối|đa khoa|số \d{1,2}|về|đến)) $"
)
_NEXT_WORD = re.compile(r" (\w+)")
# Subjects, peoples, quarters of the sky: capitals that are given names elsewhere.
_NO_ONE = frozenset(
    ("anh", "văn", "sinh", "hóa", "sử", "địa", "lý", "toán", "tin", "mỹ", "nga", "nhật", "đức",
     "thái", "việt", "đông", "nam", "bắc", "trung", "quốc", "xuân", "hạ", "thu", "trường", "kinh",
     "hoa", "y", "phật", "my", "sáu", "ba", "tư")
)  # fmt: skip
_NO_PERSON_BEFORE = re.compile(
    r"(?:miền|phía|hướng|tỉnh|tây|người|nước|tiếng|môn|thứ|khối|tháng|năm|mùa|sao|hãng|báo|đài|"
    r"quán|dân tộc|giờ|sách|hoa|cây|sông|suối|biển|tết|bộ|ngành) $"
)


def find_given(
    low: str, flat: str, taken: set[int], in_office: Callable[[Span], bool], *, cased: bool
) -> Iterator[Found]:
    """Yield given names that only their surroundings tell; ``taken`` holds starts already found."""
    yield from _before_class(low, flat, taken)
    yield from _small_pairs(low, flat, taken)
    if cased:
        yield from _given_names(low, flat, taken, in_office)
        yield from _lists(low, flat, taken, in_office)


def _before_class(low: str, flat: str, taken: set[int]) -> Iterator[Found]:
    """Yield the given names right before a class: "hôm qua nhật anh lớp 6a1", "Hạnh lớp 6A2"."""
    if "lớp" not in low and "lop" not in low and "lp " not in low:
        return
    for match in _CLASS_SIGN.finditer(low):
        at = match.start()
        words: list[re.Match[str]] = []
        while len(words) < 4:
            word = _LAST_WORD.search(low, max(0, at - 12), at)
            if not word or word.start() in taken or word[1] not in _NAMES | SURNAMES:
                break
            words.insert(0, word)
            at = word.start()
        while words and words[0][1] in TITLES:
            words.pop(0)
        if not words or AFTER_THING.search(low[max(0, words[0].start() - 24) : words[0].start()]):
            continue
        start, shown = words[0].start(), [word[1] for word in words]
        if NOT_PERSON.match(low, start) or not any(word in _NAMES for word in shown):
            continue
        if flat[words[-1].start()].islower() and (
            all(word in VERBLIKE for word in shown)
            or not all(word in GIVEN or word in PET_NAMES for word in shown)
        ):
            continue
        capital = flat[start].isupper() and flat[start:].split(" ", 1)[0] not in EVERYDAY
        if capital or len(words) > 1 or shown[0] not in VERBLIKE | NOT_SMALL:
            yield Found(start, words[-1].end(1), "child_name", 2)


def _small_pairs(low: str, flat: str, taken: set[int]) -> Iterator[Found]:
    """Yield two given names in small letters that do what a person does ("khánh linh bị mắng")."""
    for match in _ACTS_SMALL.finditer(low):
        second = _LAST_WORD.search(low, max(0, match.start() - 9), match.start())
        first = second and _LAST_WORD.search(low, max(0, second.start() - 9), second.start())
        if not second or not first or first.start() in taken or flat[first.start()].isupper():
            continue
        pair = (first[1], second[1])
        known = all(word in GIVEN for word in pair) and not all(word in VERBLIKE for word in pair)
        if known and " ".join(pair) not in COMPOUNDS and not NOT_PERSON.match(low, first.start()):
            yield Found(first.start(), second.end(1), "child_name", 2)


def _lists(
    low: str, flat: str, taken: set[int], in_office: Callable[[Span], bool]
) -> Iterator[Found]:
    """Yield given names that stand in a row: "Mạnh, Cường và Toàn bị kỷ luật"."""
    if "," not in flat and " va " not in flat:
        return
    for match in _ROW.finditer(flat):
        names = list(_MEMBER.finditer(flat, *match.span()))
        shown = [low[slice(*name.span())] for name in names]
        known = [
            name in _NAMES and name not in _NO_ONE
            if " " not in name
            else all(word in _NAMES or word in SURNAMES for word in name.split())
            for name in shown
        ]
        if sum(known) < max(2, len(names) - 1) or any(
            name in PLACES
            or OFFICE.match(low, at)
            or is_public(name.split(), name)
            or NOT_PERSON.match(name)
            for name, at in zip(shown, (name.start() for name in names), strict=True)
        ):
            continue
        if AFTER_THING.search(low[max(0, match.start() - 24) : match.start()]):
            continue
        if AFTER_STREET.search(flat[max(0, match.start() - 60) : match.start()]):
            continue
        for name in names:
            if name.start() not in taken and not in_office(name.span()):
                yield Found(*name.span(), "child_name", 1)


def _given_names(
    low: str, flat: str, taken: set[int], in_office: Callable[[Span], bool]
) -> Iterator[Found]:
    """Yield capital words that are given names and nothing else: "tội nghiệp Hải Yến, ..."."""
    for match in _CHAIN.finditer(flat):
        start, end = match.span()
        words = low[start:end].split()
        if len(words) == 1 and words[0] not in GIVEN:
            continue
        while len(words) > 1 and words[0] in TITLES:
            start += len(words.pop(0)) + 1
        name = low[start:end]
        if start in taken or len(words) > 4 or name in PLACES or is_public(words, name):
            continue
        unknown = [n for n, word in enumerate(words) if word not in _NAMES]
        rest = start + len(words[0]) + 1
        first_unknown = unknown == [0] and (
            words[0] in SURNAMES
            or (len(words) > 2 and not NOT_PERSON.match(low, rest) and low[rest:end] not in PLACES)
        )
        if (unknown and not first_unknown) or (unknown and part_of_a_thing(words[0] + " ")):
            continue
        if NOT_PERSON.match(low, start) or flat[start:end].isupper() or OFFICE.match(low, start):
            continue
        if len(words) == 1 and not _one_name(low, flat, start, end):
            continue
        if AFTER_THING.search(low[max(0, start - 24) : start]):
            continue
        if AFTER_STREET.search(flat[max(0, start - 60) : start]) or in_office((start, end)):
            continue
        if start == match.start() and _INSIDE.search(flat[max(0, start - 16) : start]):
            continue
        if (
            (words[0] not in SURNAMES or len(words) < 3)
            and _SOMEWHERE.search(low[max(0, start - 16) : start])
            and not ACTS.match(low, end)
        ):
            continue
        yield Found(start, end, "child_name", 1)


def _one_name(low: str, flat: str, start: int, end: int) -> bool:
    """Say whether one capital given name stands for a person, by the words round it."""
    name = low[start:end]
    if (
        name not in GIVEN
        or name in _NO_ONE
        or _NO_PERSON_BEFORE.search(low[max(0, start - 14) : start])
    ):
        return False
    acts = ACTS.match(low, end) is not None
    if START.search(low[max(0, start - 4) : start]):
        return acts and name not in VERBLIKE and flat[start:end] not in EVERYDAY
    if name in VERBLIKE:
        return acts
    after = _NEXT_WORD.match(low, end)
    return acts or after is None or after[1] in SMALL_ENDS
