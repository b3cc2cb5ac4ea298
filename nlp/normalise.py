"""Words as the models see them, each still tied to the letters it came from.

People write to and about schools with marks, without, half and half, in teencode, with letters
drawn out ("buồnnn"), cut apart or swapped to slip past filters ("b_ỏ q_u_ê_n", "b ạ o l ự c"). All
of it is folded here into syllables in two forms: marked (one tone style, so hòa = hoà) and plain
(no marks). Each token keeps its span, because a score must be able to show the exact words that
caused it. Letters are read in ``normalise_letters``, short forms in ``normalise_short``, emoji in
``normalise_signs``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from langnghe.core.text import strip_marks
from nlp.normalise_letters import parted, real_syllable
from nlp.normalise_short import BY_NEIGHBOUR, FIXED, expand
from nlp.normalise_words import (
    LONGEST,
    SCAN,
    Chunk,
    chunk,
    is_syllable,
    known_chunk,
    piece,
    spoken,
    tone_key,
)

__all__ = [
    "TEENCODE",
    "Readable",
    "Token",
    "has_marks",
    "is_syllable",
    "readable",
    "tokens",
    "tone_key",
]

_MARKED_SHARE = 0.12
_SPACED_OUT = 3  # letters standing alone in a row that are looked at as one parted word
_VIETNAMESE = 0.8  # share of words that must be Vietnamese for that: English is no raw Telex
_KEYS_LEAST, _KEYS_SHARE = 3, 0.2  # raw keystrokes are believed from this many and this share on

TEENCODE: dict[str, str] = {short: " ".join(long) for short, long in FIXED.items()} | {
    short: usual for short, (_, usual) in BY_NEIGHBOUR.items() if usual
}
"""Short forms and what each usually stands for."""


_Found = list[tuple[int, int, Chunk]]


class Token(NamedTuple):
    """One syllable: marked form (tone as a digit), plain form, span in the source text.

    ``written`` is the short form it was typed as ("hs"), empty for a word written out.
    """

    marked: str
    plain: str
    start: int
    end: int
    written: str = ""


def tokens(text: str, offset: int = 0) -> list[Token]:
    """Return the tokens of ``text``; spans are shifted by ``offset``.

    An expanded short form gives several tokens with the same span. Numbers keep only their shape
    (``2026`` → ``0000``), so that no figure or phone number is learnt by heart; emoji and typed
    faces become what they mean (``<giận>``). Time grows with the length of the text alone.
    """
    make, kind = tuple.__new__, Token  # half the time of calling the class
    return [
        make(kind, (marked, plain, at + start + offset, at + end + offset, written))
        for at, _, found in _chunks(text)
        for marked, plain, start, end, written, _ in found.pieces
    ]


class Readable(NamedTuple):
    """A text with short forms written out and disguises undone, for search by rules.

    ``text`` keeps the letter case and all signs between words. ``cuts`` holds, for each stretch of
    it, (its begin, begin in the source, length, whether it stands letter for letter).
    """

    text: str
    cuts: tuple[tuple[int, int, int, bool], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]`` stands in the source; a written-out form goes whole."""
        return self._at(start)[0], self._at(max(start, end - 1))[1]

    def _at(self, position: int) -> tuple[int, int]:
        begin, source, length, same = self.cuts[bisect_right(self.cuts, (position, 1 << 60)) - 1]
        if not same:
            return source, source + length
        return source + position - begin, source + position - begin + 1


def readable(text: str) -> Readable:
    """Return ``text`` as it would be written out, with the way back to its own letters."""
    parts: list[str] = []
    cuts: list[tuple[int, int, int, bool]] = [(0, 0, 0, True)]
    done = size = 0

    def put(words: str, start: int, end: int, same: bool) -> None:
        nonlocal size
        parts.append(words)
        cuts.append((size, start, end - start, same))
        size += len(words)

    for begin, _, found in _chunks(text):
        if found.plainly:
            continue
        place = begin
        for first, last, words in _written_out(found):
            if words.lower() == text[begin + first : begin + last].lower():
                continue
            place = begin + first
            if place > done:
                put(text[done:place], done, place, True)
            if text[place].isupper():
                words = words[0].upper() + words[1:]
            put(words, place, begin + last, False)
            done = begin + last
    if done < len(text):
        put(text[done:], done, len(text), True)
    return Readable("".join(parts), tuple(cuts))


def _written_out(found: Chunk) -> list[tuple[int, int, str]]:
    """Return (start, end, words) of each place in a run, its syllables joined."""
    places: list[tuple[int, int, str]] = []
    for part in found.pieces:
        if not part.word:
            continue
        if places and places[-1][:2] == (part.start, part.end):
            places[-1] = (part.start, part.end, f"{places[-1][2]} {part.word}")
        else:
            places.append((part.start, part.end, part.word))
    return places


def _chunks(text: str) -> _Found:
    chunks: _Found = []
    for match in SCAN.finditer(text):
        start, end = match.span()
        read = known_chunk if end - start <= LONGEST else chunk  # spares a call a word
        chunks.append((start, end, read(match[0])))
    odd = [at for at, entry in enumerate(chunks) if entry[2].odd]
    return _settle(text, chunks, odd) if odd else chunks


def has_marks(sequence: Sequence[Token]) -> bool:
    """Say whether a text is written with marks at all (a few stray ones do not count)."""
    typed = [(marked, plain) for marked, plain, _, _, written in sequence if not written]
    return sum([marked != plain for marked, plain in typed]) > _MARKED_SHARE * len(typed)


def _settle(text: str, chunks: _Found, odd: list[int]) -> _Found:
    """Return the chunks with parted letters joined, short forms and raw keystrokes decided."""
    typed = [at for at in odd if chunks[at][2].keys]
    if len(typed) >= _KEYS_LEAST and len(typed) >= _KEYS_SHARE * len(chunks):
        known = sum(real_syllable(found.plain) for _, _, found in chunks)
        for at in typed if known + len(typed) >= _VIETNAMESE * len(chunks) else ():
            start, end, found = chunks[at]
            chunks[at] = (start, end, found._replace(pieces=found.keys))
    gone: set[int] = set()
    position = 0
    while position < len(odd):
        run = _alone(text, chunks, odd, position)
        if len(run) >= _SPACED_OUT and (whole := _spelled_out(text, chunks, run)) is not None:
            for at, entry in zip(run, [*whole, *[None] * (len(run) - len(whole))], strict=True):
                if entry is None:
                    gone.add(at)
                else:
                    chunks[at] = entry
            position += len(run)
            continue
        for at in run or [odd[position]]:
            if chunks[at][2].short:
                chunks[at] = _decided(text, chunks, at)
        position += len(run) or 1
    return [entry for at, entry in enumerate(chunks) if at not in gone] if gone else chunks


def _alone(text: str, chunks: _Found, odd: list[int], position: int) -> list[int]:
    """Return the run of letters standing alone, parted by blanks, that begins here."""
    run: list[int] = []
    for place in range(position, len(odd)):
        at = odd[place]
        start, _, found = chunks[at]
        if not found.letter or (run and at != run[-1] + 1):
            break
        if run and (found.letter.isupper() or text[chunks[run[-1]][1] : start].strip(" ")):
            break
        run.append(at)
    return run


def _spelled_out(text: str, chunks: _Found, run: list[int]) -> _Found | None:
    """Return the words a run of lone letters spells (``b ạ o l ự c``), if all of it does."""
    letters = "".join(chunks[at][2].letter for at in run)
    whole = parted(letters.lower())
    if whole is None:
        return None
    found: _Found = []
    done = 0
    for word in whole:
        start, end = chunks[run[done]][0], chunks[run[done + len(word) - 1]][1]
        spelt = Chunk((piece(word, 0, end - start),), plain=strip_marks(word))
        found.append((start, end, spelt))
        done += len(word)
    return found


def _decided(text: str, chunks: _Found, at: int) -> tuple[int, int, Chunk]:
    start, end, found = chunks[at]
    before = chunks[at - 1][2].plain if at and _near(text, chunks[at - 1][1], start) else ""
    after, capital = "", False
    if at + 1 < len(chunks) and _near(text, end, chunks[at + 1][0]):
        after, capital = chunks[at + 1][2].plain, chunks[at + 1][2].capital
    long = expand(found.short, before, after, capital)
    size = end - start
    written = found.short if long else ""
    pieces = tuple(spoken(long or found.short, 0, size, written))
    return start, end, found._replace(pieces=pieces)


def _near(text: str, end: int, start: int) -> bool:
    """Say whether two words are neighbours in one sentence."""
    return start - end < 4 and not any(char in ".!?\n;" for char in text[end:start])
