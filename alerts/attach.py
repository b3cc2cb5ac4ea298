"""Is this story about a matter that is already an incident? One event must not ring twice.

Pure. Two stories are one matter when they concern the same branch of the unit tree and the same
topic within the playbook's days, and share a specific proper name or several rare words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from langnghe.core.text import fold
from langnghe.core.types import Profile, Unit
from nlp.story_features import features, prior_rate

NAME_RATE = 20.0
"""A name in more than this many of 10,000 news texts (Hà Nội, Bộ Giáo dục) is not specific."""
TERM_RATE = 3.0
LEAD = 800
SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The specific names and rare word pairs of a story's first mentions, folded."""

    names: frozenset[str]
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Matter:
    """A story or incident for comparing: its unit, its topics (the main one first), its words."""

    unit_id: str
    topics: tuple[str, ...]
    print: Fingerprint


def fingerprint(texts: Iterable[tuple[str, str]]) -> Fingerprint:
    """Return what is specific in (title, text) pairs."""
    names: set[str] = set()
    terms: set[str] = set()
    for title, text in texts:
        found = features(title, text[:LEAD])
        names.update(n for n in found.names if prior_rate(n) <= NAME_RATE)
        terms.update(t for t in found.terms if " " in t and prior_rate(t) <= TERM_RATE)
    return Fingerprint(frozenset(names), frozenset(terms))


def same_matter(new: Matter, old: Matter, profile: Profile, rare_terms: int) -> bool:
    """Tell whether two stories are one matter."""
    if not _same_branch(new.unit_id, old.unit_id, profile) or not _same_topic(new, old):
        return False
    unit = profile.unit(new.unit_id)
    if new.unit_id == old.unit_id and unit is not None and unit.kind == SCHOOL:
        return True
    common = _common_names(profile, {new.unit_id, old.unit_id})
    if any(not _inside(name, common) for name in new.print.names & old.print.names):
        return True
    rare = (t for t in new.print.terms & old.print.terms if not _inside(t, common))
    return _apart(sorted(rare)) >= rare_terms


def _same_branch(one: str, other: str, profile: Profile) -> bool:
    return one in (u.id for u in profile.chain(other)) or other in (
        u.id for u in profile.chain(one)
    )


def _same_topic(new: Matter, old: Matter) -> bool:
    if not new.topics or not old.topics:
        return new.topics == old.topics
    return new.topics[0] in old.topics or old.topics[0] in new.topics


def _common_names(profile: Profile, unit_ids: set[str]) -> str:
    """The folded names every story of these units would carry: provinces, communes, offices."""
    units = {u for unit_id in unit_ids for u in profile.chain(unit_id) if u.kind != SCHOOL}
    return " | ".join(sorted(_unit_words(u) for u in units))


@lru_cache(maxsize=512)
def _unit_words(unit: Unit) -> str:
    places = [p for place in unit.places for p in (place.commune, place.district, place.province)]
    return fold(" | ".join(filter(None, [unit.name, *unit.aliases, *unit.name_variants, *places])))


def _inside(term: str, common: str) -> bool:
    return f" {term} " in f" {common} "


def _apart(pairs: Sequence[str]) -> int:
    """Count pairs that share no word, so that one rare phrase of three words counts once."""
    used: set[str] = set()
    count = 0
    for pair in pairs:
        words = set(pair.split())
        if not words & used:
            count += 1
            used |= words
    return count
