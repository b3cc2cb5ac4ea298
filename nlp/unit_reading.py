"""Weighing the names found in one text: which watched units are really meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from langnghe.core.types import UnitHit
from nlp.unit_index import SCHOOL_KINDS, UnitIndex
from nlp.unit_offices import find_offices
from nlp.unit_schools import find_schools
from nlp.unit_sight import Found, NameHit, Sight
from nlp.unit_text import UnitText
from nlp.unit_words import LOWEST


def read_units(
    index: UnitIndex, cut: UnitText, hits: Sequence[NameHit], at: datetime | None
) -> tuple[UnitHit, ...]:
    """Return the units meant by the names found in one text, in the order of the text.

    ``at`` is when it was published: a name that ended or began beside it weighs less. A unit stands
    back where one below it is named, unless it acts itself.
    """
    sight = Sight(index, cut, hits, at)
    found = find_schools(sight)
    schools = [f for f in found if sight.kind(f.unit) in SCHOOL_KINDS]
    found += find_offices(sight, schools)
    best: dict[int, Found] = {}
    for hit in found:
        if hit.confidence >= LOWEST and (
            hit.unit not in best or hit.confidence > best[hit.unit].confidence
        ):
            best[hit.unit] = hit
    below = {above for hit in best.values() for above in list(index.chain(hit.unit))[1:]}
    actors = {hit.unit for hit in found if hit.actor}
    kept = [hit for hit in best.values() if hit.unit not in below or hit.unit in actors]
    return tuple(
        UnitHit(
            index.units[hit.unit].id,
            round(min(hit.confidence, 0.99), 2),
            cut.span(hit.first, hit.last),
        )
        for hit in sorted(kept, key=lambda h: (h.first, h.last, h.unit))
    )
