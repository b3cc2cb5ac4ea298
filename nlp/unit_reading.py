"""Weighing the names found in one text: which watched units are really meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from langnghe.core.types import UnitDoubt, UnitHit
from nlp.unit_index import SCHOOL_KINDS, UnitIndex
from nlp.unit_offices import find_offices
from nlp.unit_schools import find_schools
from nlp.unit_sight import Found, NameHit, Sight
from nlp.unit_text import UnitText
from nlp.unit_words import AGENCY, LOWEST, MOST_DOUBTS


@dataclass(frozen=True, slots=True)
class UnitReading:
    """The units a text speaks of, and those it may speak of that are left undecided."""

    hits: tuple[UnitHit, ...] = ()
    undecided: tuple[UnitDoubt, ...] = ()


def read_units(
    index: UnitIndex, cut: UnitText, hits: Sequence[NameHit], at: datetime | None
) -> UnitReading:
    """Return the units meant by the names found in one text, in the order of the text.

    ``at`` is when it was published: a name that ended or began beside it weighs less. A unit stands
    back where one below it is named, unless it acts itself.
    """
    sight = Sight(index, cut, hits, at)
    found = find_schools(sight)
    schools = [f for f in found if sight.kind(f.unit) in SCHOOL_KINDS]
    if not (
        schools
        or cut.edu(0, len(cut.low))
        or any(
            sight.type_before(hit.first)[1] or AGENCY.search(sight.before(hit.first))
            for hit in sight.hits
        )
    ):
        return UnitReading()
    found += find_offices(sight, schools)
    best: dict[int, Found] = {}
    for hit in found:
        if hit.confidence > 0 and (
            hit.unit not in best or hit.confidence > best[hit.unit].confidence
        ):
            best[hit.unit] = hit
    sure = {unit: hit for unit, hit in best.items() if hit.confidence >= LOWEST}
    below = {above for unit in sure for above in list(index.chain(unit))[1:]}
    actors = {hit.unit for hit in found if hit.actor and hit.confidence >= LOWEST}
    kept = [hit for unit, hit in sure.items() if unit not in below or unit in actors]
    doubts = [hit for unit, hit in best.items() if unit not in sure and unit not in below]
    return UnitReading(
        tuple(
            UnitHit(index.units[h.unit].id, _share(h), cut.span(h.first, h.last))
            for h in sorted(kept, key=_order)
        ),
        tuple(
            UnitDoubt(index.units[h.unit].id, _share(h), cut.span(h.first, h.last), h.reason)
            for h in sorted(doubts, key=_order)[:MOST_DOUBTS]
        ),
    )


def _share(hit: Found) -> float:
    return round(min(hit.confidence, 0.99), 2)


def _order(hit: Found) -> tuple[int, int, int]:
    return hit.first, hit.last, hit.unit
