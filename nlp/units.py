"""Which watched units a text speaks of: the most specific ones, or none.

Names of Vietnamese schools are shared by hundreds, places changed theirs on 1/7/2025, and parents
write "trg suoi mơ". A wrong link wakes the wrong principal, so a name alone is never enough: a
school needs its type word, people of a school or a place beside it, and nothing that says
"elsewhere". One unit needs no name: the country, to which every text about schools here belongs
that speaks of no unit below it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from langnghe.core.profile import COUNTRY
from langnghe.core.types import Profile, UnitDoubt, UnitHit
from nlp.unit_index import SCHOOL_KINDS, UnitIndex
from nlp.unit_names import TYPE_WORDS
from nlp.unit_reading import UnitReading, read_units
from nlp.unit_sight import NameHit
from nlp.unit_text import UnitText
from nlp.unit_words import MOST_DOUBTS, MOST_HITS

COUNTRY_CONFIDENCE = 0.65
"""Enough to be told (nobody else would be), less than for a unit that is surely named."""
SURE_ENOUGH = 0.5
"""A unit below the country that is less sure than this is left to the officer."""


class UnitLinker:
    """Finds the watched units of one profile in texts; built once, safe to share."""

    def __init__(self, profile: Profile) -> None:
        self._index = UnitIndex.build(profile)
        self._any = bool(profile.units)
        self._country = next((u.id for u in profile.units if u.kind == COUNTRY), None)
        self._provinces = frozenset(
            u.id
            for u in profile.units
            if u.parent is not None and u.parent == self._country and u.kind not in SCHOOL_KINDS
        )

    def link(
        self, text: str, *, at: datetime | None = None, ours: bool = False
    ) -> tuple[UnitHit, ...]:
        """Return the most specific watched units ``text`` speaks of, in order of mention.

        ``()`` means none, or not to be decided (``read`` tells which). Spans lie in ``text``.
        ``at`` is when it was published: names out of force by then count a little less. ``ours``
        says that the text is about education in Viet Nam: then it speaks of the watched country,
        if there is one, where it speaks of nothing more specific (with an empty span).
        """
        return self.read(text, at=at, ours=ours).hits

    def read(self, text: str, *, at: datetime | None = None, ours: bool = False) -> UnitReading:
        """Return what ``link`` does, with the units left undecided and why."""
        told = self._named(text, at)
        return self._at_home(told) if ours and self._country is not None else told

    def _at_home(self, told: UnitReading) -> UnitReading:
        """Return what a text about our schools is linked to where the country is watched.

        That it is the country's is sure enough whatever province it seems to speak of, so the
        province is linked no less surely; a school needs a sign of its own.
        """
        kept = tuple(
            replace(hit, confidence=max(hit.confidence, COUNTRY_CONFIDENCE))
            if hit.unit in self._provinces
            else hit
            for hit in told.hits
        )
        if any(hit.confidence >= SURE_ENOUGH for hit in kept):
            return replace(told, hits=kept)
        weak = tuple(UnitDoubt(hit.unit, hit.confidence, hit.span, "weak") for hit in kept)
        return UnitReading(
            (UnitHit(self._country or "", COUNTRY_CONFIDENCE, (0, 0)),),
            (*weak, *told.undecided)[:MOST_DOUBTS],
        )

    def _named(self, text: str, at: datetime | None) -> UnitReading:
        if not self._any or not text:
            return UnitReading()
        cut = UnitText.of(text)
        hits = self._hits(cut)
        if not any(m.unit >= 0 for hit in hits for m in hit.meanings):
            return UnitReading()
        cut.settle()
        return read_units(self._index, cut, hits, at)

    def _hits(self, cut: UnitText) -> list[NameHit]:
        found: list[NameHit] = []
        for end, (name, meanings) in self._index.automaton.iter(cut.joined):
            last = cut.word_at(end - 1)
            first = last - name.count(" ")
            typed = first > 0 and cut.words[first - 1] in TYPE_WORDS
            if meanings[0].short and len(name) < 3 and not typed:
                meanings = tuple(m for m in meanings if not m.short)
                if not meanings:
                    continue  # "nu" is a word of every second text, "THCS N.Ư." is not
            found.append(NameHit(first, last, name, meanings))
            if len(found) >= MOST_HITS:
                break
        return found
