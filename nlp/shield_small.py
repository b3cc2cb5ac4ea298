"""Names in small letters: "em nguyen thi ha vy lop 7a3", "cháu bống", "thằng khoa lớp 10a1".

Without capitals every word may be an everyday word, so a name must start with a trusted surname, or
be given or pet names with a word behind them that no name goes on with.
"""

from __future__ import annotations

import re

from nlp.names import (
    FEW_SURNAMES,
    FEW_SURNAMES_MARKED,
    GIVEN,
    GIVEN_PLAIN,
    PET_NAMES,
    SURNAMES,
    SURNAMES_PLAIN,
    word_set,
)
from nlp.plain import plain
from nlp.shield_words import (
    CLASS_NEXT,
    GIVEN_PLAIN_ALL,
    LOWER,
    NOT_SMALL,
    SMALL_ENDS,
    SMALL_GIVEN,
    SMALL_INITIALS,
    TEACHES,
    VERBLIKE,
)

_NAMES = GIVEN | PET_NAMES
_EVERYDAY = VERBLIKE | NOT_SMALL
# Whose child it is: what stands before is a name, be it a word as well ("be bi nha em").
_OF_OURS = re.compile(
    r" (?:nhà|nha|con) (?:mình|minh|em|tôi|toi|tớ|tui|chị|chi|bác|bac|cô|anh|ông|bà)(?!\w)"
)
_PARENT_NEXT = re.compile(
    r",? (?:là |la )?(?:mẹ|me|bố|bo) (?:của )?(?:bé|be|cháu|chau|em|con)(?!\w)"
)
# Pet names that small letters without marks turn into what a person does.
_DOES_SO = word_set(
    """nho bot tin sao mua hat cat dau nang gio banh den map ot nam do mo man cho co ca bo ba me bi
    ke thu mong van tam toan tinh quy trong cuong thuong lam sinh hop phat hoan hoa"""
)
_PET_PLAIN = frozenset(plain(word) for word in PET_NAMES)
_DOUBLED = frozenset(("su su", "su sò", "na na", "bo bo", "bi bi", "ti ti"))


class SmallNames:
    """Reads names at given places of one text; ``low`` and ``flat_low`` are as long as it."""

    def __init__(
        self, low: str, flat_low: str, *, marked: bool, cased: bool, shouting: bool
    ) -> None:
        self._low = low
        self._flat_low = flat_low
        self._marked = marked
        self._cased = cased
        self._shouting = shouting

    def at(
        self, at: int, *, strong: bool, adult: bool, named: bool = False
    ) -> tuple[int, int] | None:
        """Return a name in small letters: a known surname and what follows, or a pet name.

        ``named`` says that the words before promise a name ("bé tên", "mẹ cháu").
        """
        low, flat = self._low, self._flat_low
        match = LOWER.match(flat, at)
        if not match:
            return None
        words = match.group().split()
        shown = low[at : match.end()].split()
        trusted = shown[0] in FEW_SURNAMES_MARKED if self._marked else words[0] in FEW_SURNAMES
        if self._marked and len(words) > 1 and words[0] in FEW_SURNAMES and words[:2] == shown[:2]:
            return self._bare_name(at, shown)
        if not trusted and len(words) > 2 and words[0] in SURNAMES_PLAIN:
            trusted = shown[1] in ("thị", "văn", "a", "thi", "van")
        length = 1
        while length < len(words) and not _ends_name(shown[length], words[length], self._marked):
            length += 1
        if not self._marked and 2 <= length < len(words) and words[length] in ("chi", "anh"):
            length += 1  # "nguyen khanh chi": no "chị" behind a whole name
        if self._shouting:
            trusted = shown[0] in SURNAMES if self._marked else words[0] in SURNAMES_PLAIN
        if trusted and length >= 2 and self._marked_name(shown[1:length]):
            return at, at + len(" ".join(words[:length]))
        run = self._given_run(shown, words)
        if run and (strong or CLASS_NEXT.match(low, at + len(" ".join(words[:run])))):
            return at, at + len(" ".join(words[:run]))
        if not (strong or adult):
            return None
        if (named or (adult and _PARENT_NEXT.match(low, match.start() + len(words[0])))) and (
            _is_called(shown[0], words[0])
        ):
            return at, at + len(words[0])
        if (
            strong
            and _OF_OURS.match(low, match.start() + len(words[0]))
            and _is_own(shown[0], low[max(0, at - 4) : at])
        ):
            return at, at + len(words[0])
        letters = SMALL_INITIALS.match(low, at) if strong else None
        if letters:
            return letters.span()
        if (
            strong
            and CLASS_NEXT.match(low, at + len(" ".join(shown[:length])))
            and (
                not _ends_name(shown[0], words[0], self._marked)
                and words[0] not in ("hoc", "sinh", "trai", "gai")
            )
        ):
            return at, at + len(" ".join(shown[:length]))
        first_two = " ".join(shown[:2])
        if first_two in _DOUBLED:
            return at, at + len(first_two)
        pet = shown[0] in PET_NAMES - NOT_SMALL and strong and self._marked
        given = (
            adult
            and (
                shown[0] in GIVEN
                and not self._cased
                and (shown[0] not in VERBLIKE or (len(shown) > 1 and shown[1] in TEACHES))
                if self._marked
                else words[0] in GIVEN_PLAIN
            )
            and not _ends_name(shown[0], words[0], self._marked)
        )
        if pet or given:
            return at, at + len(shown[0])
        return None

    def _bare_name(self, at: int, words: list[str]) -> tuple[int, int] | None:
        """Return a name without marks in a text that has some: surname and given names only.

        ``words`` are as written: one with marks ends the name.
        """
        size = 1
        while size < len(words) and words[size] in GIVEN_PLAIN_ALL | {"thi", "van", "a"}:
            size += 1
        return (at, at + len(" ".join(words[:size]))) if size > 2 else None

    def _given_run(self, shown: list[str], words: list[str]) -> int:
        """Return how many words from the first are given names, if a name can end behind them."""
        marks = any(word != bare for word, bare in zip(shown, words, strict=True))
        run = 0
        for word, bare in zip(shown, words, strict=True):
            if run == 3 or (run and word == bare and bare in SMALL_ENDS):
                break
            if (word != bare or self._marked) and word not in _NAMES:
                break
            if (
                not self._marked
                and word == bare
                and bare
                not in (GIVEN_PLAIN_ALL if run and words[0] in SMALL_GIVEN else SMALL_GIVEN)
            ):
                break
            run += 1
        if not run or (not self._shouting and run == 1 and shown[0] in _EVERYDAY):
            return 0
        if run == 2 and not self._marked:
            return run
        if run == len(shown):
            return run if len(shown) < 4 else 0
        after = words[run] if not (self._marked or marks) else shown[run]
        return run if self._shouting or after in SMALL_ENDS or words[run] in SMALL_ENDS else 0

    def _marked_name(self, rest: list[str]) -> bool:
        """Say whether the words behind a surname look like given names where marks can tell."""
        if not self._marked or self._shouting:
            return True
        return rest[0] in ("thị", "văn", "a") or rest[-1] in GIVEN


def _is_called(shown: str, word: str) -> bool:
    """Say whether a word where a name is promised can be one at all."""
    if shown in VERBLIKE or shown in SMALL_ENDS or (shown == word and word in _DOES_SO):
        return False
    return word in _PET_PLAIN or word in GIVEN_PLAIN_ALL if shown == word else shown in _NAMES


def _is_own(shown: str, before: str) -> bool:
    """Say whether a word before "nhà em" is the child's name and not what the child does."""
    if shown in VERBLIKE | NOT_SMALL:
        return False
    if shown in SMALL_ENDS:
        return plain(shown) in _PET_PLAIN and before.endswith(("be ", "bé "))
    return plain(shown) in _PET_PLAIN or shown in GIVEN


def _ends_name(shown: str, flat: str, marked: bool) -> bool:
    return (shown if marked else flat) in SMALL_ENDS
