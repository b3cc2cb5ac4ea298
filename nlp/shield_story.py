"""A child named once in a story is covered in all of it, also where nothing beside the name tells.

The second newspaper writes "Trịnh Hoài Nam vẫn chưa đi học lại" and no word says that this is a
pupil; the first one did. A story therefore remembers its children, but only as salted hashes of a
few spellings: enough to know a name again, nothing to read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from langnghe.core.text import fold
from nlp.plain import is_marked, lower, plain
from nlp.shield import Masked, mask, settle
from nlp.shield_numbers import Found
from nlp.shield_persons import PersonFinder
from nlp.shield_public import AFTER_THING, FAMOUS
from nlp.shield_words import EVERYDAY, MARKER, NOT_PERSON, START, VERBLIKE

_WORD = re.compile(r"[A-Za-z0-9]+")
# A capital word behind these is a direction, a subject, an adult: not the child's given name.
_NOT_GIVEN = re.compile(
    r"(?:miền|phía|hướng|tỉnh|đông|tây|người|nước|tiếng|môn|thứ|khối|ông|bà|cô|thầy|anh|chị|chú|"
    r"bác|dì|giáo viên|phụ huynh|bác sĩ|luật sư|tháng|năm|mùa|sao|hãng|báo|đài|quán) $"
)
_TITLES = frozenset(("Em", "Be", "Chau", "Ban", "Con", "Sinh", "Nhoc", "Cu"))
_LONGEST = 5  # syllables of a name
_JOINED = 8  # letters a run-together name must have to be no ordinary word


@dataclass(frozen=True, slots=True)
class Children:
    """The named children of one story under one salt: digests of spellings."""

    salt: bytes
    digests: frozenset[bytes]


def child_names(source: str) -> tuple[str, ...]:
    """Return the distinct words in ``source`` that name children; initials are none."""
    names: dict[str, None] = {}
    for span in mask(source).spans:
        name = source[span.start : span.end]
        if span.kind == "child_name" and len(fold(name)) > 2 and "." not in name:
            names.setdefault(name)
    return tuple(names)


def spellings(name: str) -> tuple[str, ...]:
    """Return the forms of a name that a story remembers, each with its kind in front.

    ``f`` folded, three syllables or more, known in any case; ``p`` folded, two, with capitals;
    ``g`` one syllable with its marks, known with a capital; ``j`` folded and run together.
    """
    words = fold(name).split()
    shown = lower(name).split()
    if not words or len(words) > _LONGEST or lower(name) in FAMOUS:
        return ()
    forms = []
    if len(words) >= 3:
        forms.append("f " + " ".join(words))
        if words[-2] not in ("van", "thi", "a"):
            forms.append("p " + " ".join(words[-2:]))
    elif len(words) == 2:
        forms.append("p " + " ".join(words))
    if len(words) >= 2 and len("".join(words)) >= _JOINED:
        forms.append("j " + "".join(words))
    # Without marks and capitals one syllable is no name but a word.
    if not shown[-1].isascii() or not name.islower():
        forms.append("g " + shown[-1])
    return tuple(forms)


def digest_of(form: str, salt: bytes) -> bytes:
    """Return the salted hash of one spelling (16 bytes)."""
    return hashlib.blake2b(form.encode(), key=salt, digest_size=16).digest()


def digests_of(names: Iterable[str], salt: bytes) -> frozenset[bytes]:
    """Return the salted hashes of every spelling of the names."""
    return frozenset(digest_of(form, salt) for name in names for form in spellings(name))


def cover(text: str, known: Sequence[Children]) -> Masked:
    """Cover the ``known`` children in ``text``, which may be masked already.

    Spans lie in ``text``. Doing it twice changes nothing; linear in the length of the text. Who
    holds an office in this text, and a school or street of the same name, stays.
    """
    known = [children for children in known if children.digests]
    if not known or not text:
        return Masked(text, ())
    low, flat = lower(text), plain(text)
    finder = PersonFinder(text, low, flat, marked=is_marked(low))
    found = [hit for hit in _hits(low, flat, finder, known) if not finder.vouched(hit[:2])]
    spans = settle((Found(start, end, "child_name") for start, end in found), text)
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += (text[at : span.start], span.replacement)
        at = span.end
    return Masked("".join([*parts, text[at:]]), tuple(spans))


def cover_both(title: str, text: str, known: Sequence[Children]) -> tuple[str, str]:
    """Cover a masked title and the masked whole that starts with it; return them so.

    What the body's writing tells about the headline counts for both.
    """
    whole = cover(text, known)
    if not title or not text.startswith(title):
        return cover(title, known).text, whole.text
    parts: list[str] = []
    at = 0
    for span in whole.spans:
        if span.end <= len(title):
            parts += (title[at : span.start], span.replacement)
            at = span.end
    return "".join([*parts, title[at:]]), whole.text


def _hits(
    low: str, flat: str, finder: PersonFinder, known: Sequence[Children]
) -> Iterator[tuple[int, int]]:
    markers = [match.span() for match in MARKER.finditer(low)]
    inside = {at for start, end in markers for at in range(start, end)}
    words = [match.span() for match in _WORD.finditer(flat) if match.start() not in inside]

    def remembered(form: str) -> bool:
        return any(digest_of(form, each.salt) in each.digests for each in known)

    small = flat.lower()
    for n, (start, _) in enumerate(words):
        for size in range(_LONGEST, 1, -1):
            end = _end_of(words, n, size)
            if end is None:
                continue
            spelt = " ".join(small[a:b] for a, b in words[n : n + size])
            if (
                remembered("f " + spelt)
                if size > 2
                else _is_pair(flat, start, end, finder) and remembered("p " + spelt)
            ):
                if not AFTER_THING.search(low[max(0, start - 24) : start]):
                    yield start, end
                break
        else:
            end = words[n][1]
            if (
                finder.cased
                and flat[start].isupper()
                and _stands_alone(low, flat, start, end)
                and remembered("g " + low[start:end])
            ):
                yield start, end
    for match in _WORD.finditer(flat):
        if match.end() - match.start() >= _JOINED and remembered("j " + match.group().lower()):
            yield match.span()


def _end_of(words: Sequence[tuple[int, int]], n: int, size: int) -> int | None:
    """Return where ``size`` words from the n-th end, if no more than a joint parts them."""
    if n + size > len(words):
        return None
    for k in range(n, n + size - 1):
        if words[k + 1][0] - words[k][1] > 2:
            return None
    return words[n + size - 1][1]


def _is_pair(flat: str, start: int, end: int, finder: PersonFinder) -> bool:
    """Say whether two words are written as a name: both with capitals, nothing joined on."""
    if not finder.cased:
        return False
    first, _, second = flat[start:end].partition(" ")
    after = flat[end : end + 2]
    return (
        first[:1].isupper()
        and second[:1].isupper()
        and _starts_a_name(flat, start)
        and not (after[:1] == " " and after[1:].isupper())
    )


def _stands_alone(low: str, flat: str, start: int, end: int) -> bool:
    """Say whether one capital word is a name by itself and no part of a longer one."""
    before, after = low[max(0, start - 12) : start], flat[end : end + 2]
    if after[:1] == " " and after[1:].isupper():
        return False
    if NOT_PERSON.match(low, start) or _NOT_GIVEN.search(before) or AFTER_THING.search(before):
        return False
    if START.search(low[max(0, start - 4) : start]):
        return flat[start:end] not in EVERYDAY and low[start:end] not in VERBLIKE
    return _starts_a_name(flat, start)


def _starts_a_name(flat: str, start: int) -> bool:
    """Say whether no capital word stands right before, but for one like "Em"."""
    if flat[start - 1 : start] != " ":
        return True
    previous = flat[max(0, start - 14) : start].rstrip().rsplit(" ", 1)[-1]
    joined = previous[:1].isupper() and previous[-1:].isalnum()
    return not joined or previous in _TITLES
