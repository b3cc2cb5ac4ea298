"""Full names that no word introduces: "Trịnh Hoài Nam bị bạn đánh", "Vàng Thị Dợ kể với mẹ".

In a text about school such a name is a pupil's, a parent's or an accused teacher's more often than
not, and a name that leaks cannot be called back. So it is covered unless somebody vouches for it:
an office beside it anywhere in the text, a school or street named after it, the history books.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nlp.names import GIVEN, HILLS_GIVEN, PET_NAMES, RARE_SURNAMES, SURNAMES
from nlp.shield_given import find_given
from nlp.shield_numbers import Found
from nlp.shield_public import (
    AFTER_STREET,
    AFTER_THING,
    FAMOUS,
    MIDDLE,
    RISKY,
    is_public,
    part_of_a_thing,
)
from nlp.shield_scan import word_start
from nlp.shield_words import (
    ACTS,
    AGE_AFTER,
    CLASS_AFTER,
    COUNTRIES,
    EVERYDAY,
    FULL,
    NOT_PERSON,
    TITLES,
)

Span = tuple[int, int]

_SURELY = (
    r"theo lời kể của|lời kể của|theo lời của|tâm sự của|lời nhắn của|"
    r"(?:mẹ|má|bố|ba|cha|ông|bà|"
    r"nội|ngoại|cô|dì|chú|bác|cậu|anh|chị|em|bạn|nhà|gia đình|phụ huynh|hoàn cảnh|vợ|chồng) của"
)
_PERHAPS = (
    r"theo lời|ngồi cạnh|ngồi với|đi cùng|chơi với|nhóm gồm|gồm có|gồm|giữa|"
    r"đánh|tát|chặn đường|bắt nạt|cô lập|dọa|mắt|mặt|đầu|tay|chân|nhà|tin nhắn của|bạn thân của|"
    r"em trai của|em gái của|anh trai của|chị gái của|vắng mặt|vắng"
)
# What is done to a person, and to countries and teams as well.
_DONE_TO = r"gọi|trêu|chọc|ghét|rủ|bênh|mắng|chửi|xô|đẩy|kéo|ôm|véo|cấu|tẩy chay|đuổi|nhắc|ngồi sau"
_SURE = re.compile(_SURELY)
_ALSO_DONE = re.compile(_DONE_TO)
_TOLD = re.compile(rf"({word_start(f'{_SURELY}|{_PERHAPS}|{_DONE_TO}')}):? ")
_LINK = re.compile(r"(?:, | và |, và | với | cùng | & )")
_NICK = re.compile(r"(?<!\w)(?:[A-Z][a-z]{0,6} )?[A-Z][a-z]{0,6} ?['\"‘“][a-z]{2,9}['\"’”]")
_QUOTED = re.compile(
    r"(?:goi|ten|la|ma|voi|be|con|thang|cu|nhan|nha|chui|treu|che)(?: la| ten)? "
    r"['\"‘“]([A-Z][a-z]{0,6}(?: [A-Za-z]{1,7})?)['\"’”]"
)
_GIVEN_CHAIN = re.compile(r"[A-Z][a-z]{0,6}(?: [A-Z][a-z]{0,6}){0,2}(?!\w|\.)")
_LETTERS = re.compile(r"[A-Z](?<![\w.][A-Z])[hrgi]?(?:\.[A-Z][hrgi]?){1,3}(?:\.(?!\w))?(?![\w.])")
_SIGLES = frozenset(("U.S", "U.S.A", "A.I", "U.K", "M.U", "T.P", "V.I.P"))
_HILL = re.compile(
    r"(?<![\w'’])(?:[HK]['’][A-Z]?[a-z]{2,11}|Y [A-Z][a-z]{2,9})(?: [A-Z][a-z]+){0,2}"
)
_HILL_MARK = re.compile(rf"{word_start('H|K|Y')}(?:(?<!Y)['’]|(?<=Y) )")
_SMALL_SURNAMES = (
    r"nguyễn|trần|lê|phạm|hoàng|huỳnh|phan|đặng|bùi|đỗ|vũ|võ|đinh|trịnh|lò|lường|quàng|"
    r"tòng|cà|giàng|vàng|vừ|thào|sùng|lầu|mùa|hạng|lý|tẩn|cứ|hờ|nguyen|le|pham|hoang|huynh|phan|"
    r"dang|bui|dinh|trinh|lo|luong|quang|tong|giang|vang|thao|sung|lau|mua|hang|tan|ly"
)
_SMALL = re.compile(
    rf"{word_start(_SMALL_SURNAMES)} "
    r"(?:thị|văn|a|thi|van) ([^\W\d_]{1,7})(?: ([^\W\d_]{1,7}))?(?!\w)"
)
_MIDDLES = (" thị ", " văn ", " a ", " thi ", " van ")

_HEADS = frozenset(
    ("trường", "nhà", "ngữ", "nhân", "thcs", "thpt", "học", "phòng", "hội", "bộ", "sở")
)
_NOT_MIDDLE = frozenset(
    ("hóa", "hoá", "học", "phòng", "minh", "nghệ", "bản", "trấn", "xã", "trường")
)
_ALL_SURNAMES = SURNAMES | RARE_SURNAMES


def find_uncued(
    text: str,
    low: str,
    flat: str,
    *,
    taken: set[int],
    in_office: Callable[[Span], bool],
    ends_name: Callable[[str], bool],
    cased: bool,
) -> Iterator[Found]:
    """Yield names of persons that no cue word introduces, and nothing vouches for.

    ``taken`` holds starts already found; ``in_office`` vouches for a span; ``ends_name`` says of a
    small word whether a name may not go on with it. Kind is ``child_name`` where children are told
    of right beside the name, else ``adult_private_name``.
    """
    if cased and any(map(flat.__contains__, "'\"‘“")):
        for match in _QUOTED.finditer(flat):
            words = low[slice(*match.span(1))].split()
            if (
                any(word in PET_NAMES for word in words)
                and not AFTER_THING.search(low[max(0, match.start() - 24) : match.start(1)])
                and " ".join(words) not in FAMOUS
            ):
                yield Found(*match.span(1), "child_name", 2)
        for match in _NICK.finditer(flat):
            first = low[match.start() : match.end()].split()[0].strip("'\"‘“(")
            if AFTER_THING.search(low[max(0, match.start() - 24) : match.start()]):
                continue
            if first in PET_NAMES or first in GIVEN:
                yield Found(match.start(), match.end(), "child_name", 2)
    yield from _small(low, flat, taken, ends_name)
    yield from find_given(low, flat, taken, in_office, cased=cased)
    if not cased:
        return
    for match in _LETTERS.finditer(flat):
        long = match.group().count(".") >= 2 and len(match.group().replace(".", "")) >= 3
        told = CLASS_AFTER.match(low, match.end()) or AGE_AFTER.match(low, match.end())
        if (long or told) and match.start() not in taken and match.group() not in _SIGLES:
            yield Found(match.start(), match.end(), "child_name", 2)
    if _HILL_MARK.search(flat):
        for match in _HILL.finditer(flat):
            if match.start() not in taken and not in_office(match.span()):
                yield Found(match.start(), match.end(), "child_name", 2)
    for span in _full_names(text, low, flat, taken):
        if not in_office(span):
            yield Found(*span, "adult_private_name", 1)
    yield from _short_names(low, flat, taken, in_office)


def _small(
    low: str, flat: str, taken: set[int], ends_name: Callable[[str], bool]
) -> Iterator[Found]:
    """Yield "lò thị mây": small letters, but a surname and thị, văn or a."""
    if not any(middle in low for middle in (" thị ", " văn ", " a ", " thi ", " van ")):
        return
    if not any(map(low.__contains__, _MIDDLES)):
        return
    for match in _SMALL.finditer(low):
        if match.start() in taken or flat[match.start()].isupper() or ends_name(match[1]):
            continue
        if low[slice(*match.span())].rsplit(" ", 1)[0] in FAMOUS or match.group() in FAMOUS:
            continue
        if AFTER_THING.search(low[max(0, match.start() - 24) : match.start()]):
            continue
        end = match.end(2) if match[2] and not ends_name(match[2]) else match.end(1)
        yield Found(match.start(), end, "adult_private_name", 2)


def _full_names(text: str, low: str, flat: str, taken: set[int]) -> Iterator[Span]:
    """Yield surname and given names, all in capitals, that are no place, thing or famous name."""
    for match in FULL.finditer(flat):
        start, end = match.span()
        words = low[start:end].split()
        while (
            words
            and not _middled(words)
            and (
                words[0] in TITLES
                or (words[0] not in _ALL_SURNAMES and not _plain_surname(words[0]))
            )
        ):
            start += len(words.pop(0)) + 1
        if len(words) < 2 or start in taken:
            continue
        if start != match.start() and part_of_a_thing(low[match.start() : start]):
            continue
        name = low[start:end]
        shouted = text[start:end].isupper()
        if is_public(words, name) or NOT_PERSON.match(low, start):
            continue
        before = low[max(0, start - 24) : start]
        if AFTER_THING.search(before) or AFTER_STREET.search(flat[max(0, start - 60) : start]):
            continue
        if text[end : end + 2].startswith("-") and text[end + 1 : end + 2].isupper():
            continue
        if shouted and not (len(words) >= 3 and words[1] in MIDDLE):
            continue
        if _name_like(words) or (len(words) == 2 and ACTS.match(low, end)):
            yield start, end


def _middled(words: list[str]) -> bool:
    """Say whether "Văn" or "Thị" in second place makes any first word a surname ("Tao Văn X")."""
    return (
        3 <= len(words) <= 5
        and words[1] in ("văn", "thị")
        and words[0] not in _HEADS
        and words[2] not in _NOT_MIDDLE
    )


def _plain_surname(word: str) -> bool:
    return word.isascii() and word in ("nguyen", "tran", "pham", "hoang", "phan", "dang", "bui",
                                       "giang", "vang", "sung", "thao", "le", "lo")  # fmt: skip


def _name_like(words: list[str]) -> bool:
    """Say whether three or more words can be nothing but a person."""
    if len(words) < 3 or len(words) > 5:
        return False
    if words[1] in MIDDLE:
        return True
    if words[0] not in RISKY:
        return True
    return any(word in GIVEN or word in HILLS_GIVEN for word in words[1:])


def _short_names(
    low: str, flat: str, taken: set[int], in_office: Callable[[Span], bool]
) -> Iterator[Found]:
    """Yield given names alone, and those listed with them, behind words that lead to a person."""
    for lead in _TOLD.finditer(low):
        at = lead.end()
        for _ in range(30):
            name = _GIVEN_CHAIN.match(flat, at)
            if not name or NOT_PERSON.match(low, at) or name.group() in EVERYDAY:
                break
            words = low[name.start() : name.end()].split()
            known = all(word in GIVEN or word in PET_NAMES or word in HILLS_GIVEN for word in words)
            if words[0] in COUNTRIES and _ALSO_DONE.fullmatch(lead[1]):
                break
            if not known and not _SURE.fullmatch(lead[1]):
                break
            if name.start() not in taken and not in_office(name.span()):
                yield Found(name.start(), name.end(), "child_name", 2)
            link = _LINK.match(low, name.end())
            if not link:
                break
            at = link.end()
