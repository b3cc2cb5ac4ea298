"""Which watched schools a text names. A common name counts only where a place tells it apart."""

from __future__ import annotations

from nlp.unit_index import TYPE_WORDS, Meaning, levels_in
from nlp.unit_sight import Found, NameHit, Sight
from nlp.unit_words import LOWEST, NEAR, NOT_SCHOOL, PEOPLE, TYPED_AREA

_TYPES_BEHIND = TYPE_WORDS - {"co", "va", "1", "2", "3", "hai"}


def find_schools(sight: Sight) -> list[Found]:
    """Return the schools named, with their confidence; of namesakes at most one."""
    found: list[Found] = []
    for hit in sight.hits:
        cores = [m for m in hit.meanings if m.role == "core"]
        if not cores or sight.inside_longer(hit):
            continue
        scored = [(_school_score(sight, hit, meaning), meaning) for meaning in cores]
        top = max(score for score, _ in scored)
        chosen = [m for score, m in scored if score == top and score >= LOWEST]
        if len(chosen) > 1:  # namesakes among the watched: only a place can tell them apart
            told = [m for m in chosen if sight.supported(hit, m.unit)]
            chosen = told if len(told) == 1 else []
        found += [Found(m.unit, top, hit.first, hit.last) for m in chosen]
    return found


def _school_score(sight: Sight, hit: NameHit, meaning: Meaning) -> float:
    first, last = hit.first, hit.last
    typed, levels = sight.type_before(first)
    behind, levels_behind = _type_behind(sight, last)
    if not typed and behind:
        levels = levels_behind
    if levels and meaning.levels and not levels <= meaning.levels:
        return 0.0
    before = sight.before(first)
    people = PEOPLE.search(before) is not None
    surface = sight.surface(hit, meaning, strong=typed or behind)
    if surface == 0.0:
        return 0.0
    previous = sight.cut.words[first - 1] if first else ""
    common = sight.index.common[meaning.unit]
    if typed or behind:
        score = 0.9
    elif people and not common:
        score = 0.75
    elif common or sight.person_before(first) or previous in TYPED_AREA:
        return 0.0
    else:
        near_type = _type_near(sight, last, meaning.levels)
        if not near_type and (previous in NOT_SCHOOL or not sight.edu_near(first, last)):
            return 0.0
        score = 0.6 if near_type else 0.55
    return score * surface * _place_factor(sight, hit, meaning.unit, common)


def _type_behind(sight: Sight, last: int) -> tuple[bool, frozenset[str]]:
    """Return what ``type_before`` does for type words right behind ("Suối Mơ bán trú thcs")."""
    words = sight.cut.words[last + 1 : last + 6]
    length = 0
    while length < len(words) and words[length] in _TYPES_BEHIND:
        length += 1
    levels = levels_in(" ".join(words[:length]))
    return bool(levels), levels


def _type_near(sight: Sight, last: int, levels: frozenset[str]) -> bool:
    near = levels_in(sight.after(last, 8))
    return bool(near) and (not levels or near <= levels)


def _place_factor(sight: Sight, hit: NameHit, unit: int, common: bool) -> float:
    foreign = sight.foreign(unit)
    if sight.supported(hit, unit):
        near = [f for f in foreign if 0 < f.first - hit.last <= 4]
        return 0.5 if near and common else 1.0
    if any(abs(f.first - hit.last) <= NEAR or abs(hit.first - f.last) <= NEAR for f in foreign):
        return 0.0
    if common:
        return 0.0  # hundreds of schools bear it: without a place nobody can tell
    return 0.7 if foreign else 0.95
