"""Which watched schools a text names. A common name counts only where a place tells it apart."""

from __future__ import annotations

import re

from nlp.names import word_set
from nlp.unit_index import CITIES, DISTRICT, Meaning
from nlp.unit_names import TYPE_WORDS, levels_in, stem
from nlp.unit_sight import MOST_SPOTS, Found, NameHit, Sight
from nlp.unit_words import (
    HOME,
    LANDMARK,
    NEAR,
    NEGATED,
    NOT_SCHOOL,
    PEOPLE,
    STREET,
    TYPED_AREA,
)

_TYPES_BEHIND = TYPE_WORDS - {"co", "va", "1", "2", "3", "hai", "i"}
_ENGLISH = re.compile(
    r" (?:(?:primary|secondary|lower|middle|elementary|junior|high|boarding|semi|ethnic|"
    r"minority|and) ){0,6}schools? "
)
_SCHOOLING = re.compile(r" (?:tot nghiep|bang|trinh do|hoc het|het)(?: (?:tot nghiep|tu))? \w+ \w+")
_AND = word_set("va cung voi hay hoac lan")
_FEW, _MANY = 6, 12  # namesakes weighed one by one; of those a place speaks for, at most
_DOUBT = 0.3  # below ``LOWEST``: named to the officer, linked by nobody


def find_schools(sight: Sight) -> list[Found]:
    """Return the schools named, with their confidence; of namesakes at most one.

    What is less sure than ``LOWEST`` is returned too, with its reason: it may be left undecided.
    """
    found: list[Found] = []
    typed_end: tuple[int, frozenset[str]] | None = None
    for hit in sight.hits:
        cores = [m for m in hit.meanings if m.role == "core"]
        if not cores or sight.inside_longer(hit):
            continue
        typed, levels = sight.type_before(hit.first)
        if not typed and typed_end and _continues(sight, typed_end[0], hit.first):
            typed, levels = True, typed_end[1]
        if typed:
            typed_end = (hit.last, levels)
        cores = _likeliest(sight, hit, cores)
        scored = [(_weigh(sight, hit, m, typed, levels), m.unit) for m in cores]
        top = max(weight for (weight, _), _ in scored)
        if top <= 0:
            continue
        chosen = {unit: told for told, unit in scored if told[0] == top}
        if len(chosen) > 1:  # namesakes among the watched: only the closest place tells them apart
            close = {unit: _closeness(sight, hit, unit) for unit in chosen}
            best = max(close.values())
            if best[0] > 0 and sum(c == best for c in close.values()) == 1:
                chosen = {unit: told for unit, told in chosen.items() if close[unit] == best}
            else:
                chosen = dict.fromkeys(chosen, (_DOUBT, "namesakes"))
        found += [
            Found(unit, weight, hit.first, hit.last, reason=reason)
            for unit, (weight, reason) in chosen.items()
        ]
    return found


def _continues(sight: Sight, last: int, first: int) -> bool:
    """Say whether a name goes on a list: "Tiểu học Suối Mơ A, Suối Mơ B"."""
    between = sight.cut.words[last + 1 : first]
    if last >= first or len(between) > 1 or not set(between) <= _AND:
        return False
    gap = sight.cut.between(last, first)
    return bool(between) or gap.strip() in (",", "/", "&", "+")


def _closeness(sight: Sight, hit: NameHit, unit: int) -> tuple[int, int]:
    """Rank how a place speaks for one namesake: by its level, then by how near it stands."""
    places = sight.index.places[unit]
    best = (0, 0)
    for key, spots in sight.told_places.items():
        if places.get(key, 0) < DISTRICT:
            continue
        for first, last in spots[:MOST_SPOTS]:
            if first > hit.last:
                best = max(best, (1, hit.last - first))
            elif last < hit.first:  # what follows a name tells more of it than what came before
                best = max(best, (1, last - hit.first - 4))
    return best


def _likeliest(sight: Sight, hit: NameHit, cores: list[Meaning]) -> list[Meaning]:
    """Return the few of many namesakes that a place speaks for; two, to be left undecided, if none.

    Keeps a text that names "Kim Đồng" at one price, however many watched schools bear it.
    """
    if len(cores) <= _FEW:
        return cores
    ranked = [(sight.support(hit, m.unit), m) for m in cores]
    top = max(rank for rank, _ in ranked)
    chosen = [m for rank, m in ranked if rank == top]
    return chosen[:_MANY] if top >= DISTRICT else chosen[:2]


def _weigh(
    sight: Sight, hit: NameHit, meaning: Meaning, typed: bool, levels: frozenset[str]
) -> tuple[float, str]:
    """Return how surely a name means a school, and why it is not surer."""
    cut, first, last = sight.cut, hit.first, hit.last
    behind, levels_behind = _type_behind(sight, last)
    if not typed and behind:
        levels = levels_behind
    if levels and meaning.levels and not levels <= meaning.levels:
        return 0.0, ""
    if _other_number(sight, hit):
        return 0.0, ""
    if meaning.short:
        return _initials(sight, hit, meaning, levels)
    behind = behind or (
        _in_english(sight, last)
        and (sight.support(hit, meaning.unit) > 0 or not cut.shown(first, last).isascii())
    )
    strong = typed or behind or meaning.typed
    surface = sight.surface(hit, meaning, strong=strong)
    if surface == 0.0:
        return 0.0, ""
    previous = cut.words[first - 1] if first else ""
    common = sight.index.common[meaning.unit]
    area = (previous in TYPED_AREA and not typed) or (not strong and sight.area_list(first))
    if strong:
        score = 0.9
    elif meaning.strict or " " not in meaning.key:
        return 0.0, ""  # a name of one word is any word, where nothing says school
    elif PEOPLE.search(sight.before(first)) and not common and not area:
        score = 0.75
    elif sight.person_before(first) or area or (common and not _closely_told(sight, hit, meaning)):
        return 0.0, ""
    elif common:
        score = 0.6
    else:
        near_type = _type_near(sight, last, meaning.levels)
        if not near_type and (previous in NOT_SCHOOL or not sight.edu_near(first, last)):
            return 0.0, ""
        if cut.capital(first, last):
            close = sight.edu_near(first, last, 4)
        else:
            close = not cut.names_cased and sight.edu_in_clause(first, last, 4)
        told = close or meaning.key != stem(meaning.key)  # "Suối Mơ B" is no mere place
        score = 0.6 if near_type else 0.55 if told and not sight.longer_name(hit) else 0.4
    if meaning.strict and not levels and not _boarding(sight, first):
        return 0.0, ""
    factor, reason = _place_factor(sight, hit, meaning, common)
    weight = score * surface * factor
    before = sight.before(max(first - _type_length(sight, first), 0))
    if not strong and not cut.edu(0, len(cut.low)):
        return min(weight, _DOUBT), "weak"
    if not strong and sight.selling:
        return min(weight, _DOUBT), "weak"
    if NEGATED.search(before):
        return min(weight, _DOUBT), "negated"
    if not strong and HOME.search(sight.before(first)):
        return min(weight, _DOUBT), "home"
    if LANDMARK.search(sight.before(first, 9)) and not _more_school_talk(sight, hit):
        return min(weight, _DOUBT), "landmark"
    return weight, reason


def _closely_told(sight: Sight, hit: NameHit, meaning: Meaning) -> bool:
    """Say whether a shared name stands right before its own place ("Lê Lợi Suối Mơ lớp 6")."""
    return any(
        0 < other.first - hit.last <= 2
        and any(
            m.role in ("support", "place")
            and sight.index.places[meaning.unit].get(m.key, 0) >= DISTRICT
            for m in other.meanings
        )
        for other in sight.hits
    ) and not STREET.search(sight.before(hit.first, 3))


def _other_number(sight: Sight, hit: NameHit) -> bool:
    """Say whether a number or letter makes the name that of another school ("số 2 X", "X B")."""
    cut, first, last = sight.cut, hit.first, hit.last
    if first > 1 and cut.words[first - 1].isdigit() and cut.words[first - 2] == "so":
        return True
    if last + 1 >= len(cut.words) or cut.between(last, last + 1) != " ":
        return False
    word = cut.words[last + 1]
    shown = cut.clean[cut.start(last + 1) : cut.end(last + 1)]
    if len(shown) == 1 and "A" <= shown <= "E" and cut.cased:
        return True
    ends = last + 2 >= len(cut.words) or cut.between(last + 1, last + 2) != " "
    return word.isdigit() and len(word) == 1 and ends


def _initials(
    sight: Sight, hit: NameHit, meaning: Meaning, levels: frozenset[str]
) -> tuple[float, str]:
    """Weigh "THCS N.Ư.": it needs the level, the marks and a place close by."""
    cut = sight.cut
    typed = bool(levels) or (
        len(hit.name) > 2
        and (sight.type_before(hit.first)[0] or _type_near(sight, hit.last, meaning.levels))
    )
    upper = all(cut.upper(i) for i in range(hit.first, hit.last)) and (
        " " in hit.name or cut.upper(hit.last)
    )
    if not typed or (cut.cased and not upper):
        return 0.0, ""
    if cut.marked and cut.shown(hit.first, hit.last) not in meaning.shown:
        return 0.0, ""
    if sight.foreign(meaning.unit) or sight.misplaced(hit, meaning.unit):
        return 0.0, ""
    rank = sight.support(hit, meaning.unit)
    needed = 1 if len(hit.name) > 2 and not sight.index.common[meaning.unit] else DISTRICT
    if rank >= needed:
        return 0.7, "initials"
    if levels == meaning.levels and not cut.shown(hit.first, hit.last).isascii():
        return 0.45, "initials"  # "TH&THCS N.Ư": its very levels, and a letter few names begin with
    return (_DOUBT, "initials") if rank or len(hit.name) > 2 else (0.0, "")


def _type_behind(sight: Sight, last: int) -> tuple[bool, frozenset[str]]:
    """Return what ``type_before`` does for type words right behind ("Suối Mơ bán trú thcs")."""
    words = sight.cut.words[last + 1 : last + 6]
    length = 0
    while (
        length < len(words)
        and words[length] in _TYPES_BEHIND
        and sight.cut.between(last + length, last + length + 1) in (" ", "-", " - ")
    ):
        length += 1
    levels = levels_in(" ".join(words[:length]))
    return bool(levels), levels


def _in_english(sight: Sight, last: int) -> bool:
    """Say whether an English school name ends here ("Suoi Mo Primary School")."""
    return _ENGLISH.match(sight.after(last, 7)) is not None


def _type_length(sight: Sight, first: int) -> int:
    length = 0
    while length < first and length < 9 and sight.cut.words[first - 1 - length] in TYPE_WORDS:
        length += 1
    return length


def _boarding(sight: Sight, first: int) -> bool:
    return sight.before(first, 4).endswith((" noi tru ", " ban tru ", " ptdtnt ", " ptdtbt "))


def _type_near(sight: Sight, last: int, levels: frozenset[str]) -> bool:
    words = sight.cut.words
    near = levels_in(_SCHOOLING.sub(" ", sight.after(last, 8)))
    for at in range(last + 1, min(last + 9, len(words) - 1)):
        if words[at] == "lop":
            near |= sight.grade_before(at + 2)[1]
    return bool(near) and (not levels or near <= levels)


def _more_school_talk(sight: Sight, hit: NameHit) -> bool:
    """Say whether the text speaks of school besides the words that make up the name."""
    cut = sight.cut
    start = max(0, hit.first - _type_length(sight, hit.first))
    return cut.edu(0, cut.start(start)) or cut.edu(cut.end(hit.last), len(cut.low))


def _place_factor(sight: Sight, hit: NameHit, meaning: Meaning, common: bool) -> tuple[float, str]:
    unit = meaning.unit
    if sight.misplaced(hit, unit):
        return 0.0, ""
    told = sight.elsewhere(hit, unit, meaning.key)
    foreign = [f for f in told if sight.same_breath(f.first, hit.first)]
    if any(0 < f.first - hit.last <= 4 for f in foreign) and not _told_between(sight, hit, unit):
        return 0.0, ""
    rank = sight.support(hit, unit)
    city = bool(sight.index.provinces[unit] & CITIES)
    if common:  # hundreds of schools bear it: without a place nobody can tell
        if rank >= (DISTRICT if city else 1):
            return 1.0, ""
        return (0.0, "") if sight.foreign(unit) else (0.33, "shared_name")
    if rank:
        return 1.0, ""
    if any(abs(f.first - hit.last) <= NEAR or abs(hit.first - f.last) <= NEAR for f in foreign):
        return 0.33, "elsewhere"
    if told:
        return (0.7, "elsewhere") if sight.index.local[unit] else (0.33, "elsewhere")
    return 0.95, ""


def _told_between(sight: Sight, hit: NameHit, unit: int) -> bool:
    """Say whether a place of the unit stands right behind the name, before any foreign one."""
    places = sight.index.places[unit]
    return any(
        0 < other.first - hit.last <= 3 and any(m.key in places for m in other.meanings)
        for other in sight.hits
    )
