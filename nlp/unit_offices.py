"""Which watched communes, departments and provinces a text names, as office or as place."""

from __future__ import annotations

from nlp.names import RISKY_PLAIN
from nlp.unit_index import Meaning
from nlp.unit_sight import Found, NameHit, Sight
from nlp.unit_words import (
    ACTING,
    ACTS,
    ADVERB,
    AGENCY,
    CONNECTORS,
    HOME,
    LOWEST,
    NOT_SCHOOL,
    NOW,
    OFFICE,
    OTHER_THINGS,
    PEOPLE,
    TYPED_AREA,
)

_PERSONS = frozenset(("ho chi minh",))  # a city only where it is called one
_TOWN = ("tp", "pho", "phuong", "p", "xa", "huyen", "h", "tran", "quan", "q", "tinh")


def find_offices(sight: Sight, schools: list[Found]) -> list[Found]:
    """Return the offices and places named; a word taken by one of ``schools`` needs an office."""
    found: list[Found] = []
    taken = {(f.first, f.last) for f in schools if f.confidence >= LOWEST}
    for hit in sight.hits:
        for meaning in hit.meanings:
            if meaning.unit < 0 or meaning.role == "core":
                continue
            if meaning.role == "alias":
                found.append(Found(meaning.unit, 0.93, hit.first, hit.last, actor=True))
            elif meaning.role == "place":
                if (hit.first, hit.last) not in taken or _office_before(sight, hit):
                    found += _place(sight, hit, meaning)
            elif meaning.role == "named":
                found += _named_after(sight, hit, meaning)
            elif meaning.role in ("province", "area"):
                found += _province(sight, hit, meaning)
    return found


def _office_before(sight: Sight, hit: NameHit) -> bool:
    return OFFICE.search(sight.before(hit.first)) is not None


def _age(sight: Sight, meaning: Meaning) -> float:
    if meaning.until and (sight.at is None or sight.at > meaning.until):
        return 0.9
    if meaning.since and sight.at and sight.at < meaning.since:
        return 0.9
    return 1.0


def _place(sight: Sight, hit: NameHit, meaning: Meaning) -> list[Found]:
    cut = sight.cut
    if sight.inside_longer(hit) and not meaning.typed:
        return []
    before = sight.before(hit.first)
    previous = cut.words[hit.first - 1] if hit.first else ""
    typed_area = meaning.typed or previous in TYPED_AREA
    typed, levels = sight.type_before(hit.first)
    actor = _office_before(sight, hit)
    surface = sight.surface(hit, meaning, strong=typed_area or typed or actor)
    if surface == 0.0 or _renamed(sight, hit, meaning) or sight.misplaced(hit, meaning.unit):
        return []
    on_ground = before.endswith(" dia ban ")  # not "bản", the village
    if not on_ground and (
        sight.person_before(hit.first) or (previous in NOT_SCHOOL and not typed_area)
    ):
        return []
    if sight.goes_on(hit) or (
        not typed_area and not typed and not actor and sight.longer_name(hit)
    ):
        return []
    old = meaning.until is not None
    if actor or typed_area:
        score = 0.85
    elif typed:
        score = 0.75 if levels or not old else 0.6
    elif old:
        return []
    else:
        if not cut.marked and not cut.cased and hit.first:
            surface = min(surface, 0.8)
        score = 0.6 if sight.edu_near(hit.first, hit.last) else 0.3
    reason = "weak"
    loose = cut.cased and cut.marked and not cut.capital(hit.first, hit.last)
    if loose and not (actor or typed_area or typed or PEOPLE.search(before)):
        score = min(score, 0.3)  # "quyết định công nhận"
    if sight.selling and not (actor or typed_area or typed or PEOPLE.search(before)):
        score = min(score, 0.3)
    if HOME.search(before) and not actor:
        score, reason = min(score, 0.3), "home"
    if meaning.reused and sight.at and meaning.since and sight.at < meaning.since:
        score, reason = min(score, 0.3), "reused_name"
    if not (actor or typed or PEOPLE.search(before)) and sight.street_before(hit.first):
        return []
    foreign = sight.elsewhere(hit, meaning.unit, meaning.key)
    if foreign and not sight.support(hit, meaning.unit):
        return []
    leads = hit.first == int(typed_area and not meaning.typed) and not typed
    acts = typed_area and (ACTING.search(before) or ACTS.search(sight.after(hit.last, 5)))
    return [
        Found(
            meaning.unit,
            score * surface * _age(sight, meaning),
            hit.first,
            hit.last,
            actor=actor or leads or bool(acts and not typed and not _address(sight, hit)),
            reason=reason,
        )
    ]


def _address(sight: Sight, hit: NameHit) -> bool:
    """Say whether a commune only tells where something stands ("Trường X, xã Y", "ở xã Y")."""
    cut, at = sight.cut, hit.first - 1
    if at < 1:
        return False
    gap = cut.between(at - 1, at)
    if "," in gap or "(" in gap:
        return True
    return cut.words[at - 1] in CONNECTORS and not ACTING.search(sight.before(hit.first))


def _renamed(sight: Sight, hit: NameHit, meaning: Meaning) -> bool:
    """Say whether the text tells that this old name now is another place than the unit's.

    "xã X cũ, nay là xã Y" with Y foreign to the unit; and a name in force that is called
    "cũ" means its forerunner, whose schools went elsewhere.
    """
    after = sight.after(hit.last, 12)
    called_old = after.startswith(" cu ")
    now = NOW.search(after)
    if now:
        rest = after[now.end() - 1 :]
        if not any(rest.startswith(f" {name} ") for name in sight.index.places[meaning.unit]):
            return called_old or now.start() < 12
    if not called_old or meaning.until is not None:
        return False
    others = [
        m.until
        for m in hit.meanings
        if m.unit == meaning.unit and m.role == "place" and m.until is not None
    ]
    return not others


def _province(sight: Sight, hit: NameHit, meaning: Meaning) -> list[Found]:
    cut = sight.cut
    before = sight.before(hit.first)
    if sight.inside_longer(hit) and not _longer_is_mine(sight, hit, meaning):
        return []
    if before.endswith((" phuong ", " p ")) and not meaning.typed:
        return []  # a ward that bears a province's name
    if HOME.search(before) and not AGENCY.search(before):
        return [Found(meaning.unit, 0.3, hit.first, hit.last, reason="home")]
    if AGENCY.search(before):
        return [Found(meaning.unit, 0.95, hit.first, hit.last, actor=True)]
    many = before.endswith((" cac truong ", " nhieu truong ", " truong hoc ", " moi truong "))
    typed = sight.type_touching(hit.first)[1] and not sight.people_of_type(hit.first)
    if (sight.street(hit) and not (many or sight.people_of_type(hit.first))) or typed:
        return []
    if not meaning.typed and sight.within_name(hit):
        return []
    if hit.name in _PERSONS and not ADVERB.search(before):
        return []
    if sight.higher:
        return []  # universities answer to nobody in the province
    foreign = sight.foreign(meaning.unit)
    if meaning.role == "area":
        if cut.marked and cut.shown(hit.first, hit.last) not in meaning.shown:
            return []
        score = 0.65 if not foreign else 0.0
        return [Found(meaning.unit, score, hit.first, hit.last)]
    told = meaning.typed or ADVERB.search(before) is not None
    shown = cut.shown(hit.first, hit.last)
    if meaning.shown and cut.marked and shown not in meaning.shown and not told:
        return []
    if cut.cased and not meaning.typed and not cut.capital(hit.first, hit.last):
        return []
    if not cut.cased and not told and set(hit.name.split()) & RISKY_PLAIN:
        return []
    if foreign and any(AGENCY.search(sight.before(f.first)) for f in foreign):
        return []
    others = {m.key for f in foreign for m in f.meanings if m.role == "foreign"}
    leads = hit.last < 12
    if len(others) >= 3 and not leads:
        return []
    score = 0.75 if leads or told else 0.6
    if others and not (leads or told):
        score = 0.4  # one of several provinces in passing
    if not PEOPLE.search(before) and (sight.travel or sight.selling or OTHER_THINGS.search(before)):
        return [Found(meaning.unit, 0.3, hit.first, hit.last)]  # a journey, a ware, another office
    return [Found(meaning.unit, score * (0.8 if others else 1.0), hit.first, hit.last)]


def _named_after(sight: Sight, hit: NameHit, meaning: Meaning) -> list[Found]:
    """Link a province through a school that bears a commune's name found in it alone."""
    cut = sight.cut
    if (
        not cut.marked
        or cut.shown(hit.first, hit.last) not in meaning.shown
        or not cut.capital(hit.first, hit.last)
        or not sight.type_before(hit.first)[1]
        or sight.inside_longer(hit)
        or sight.foreign(meaning.unit)
    ):
        return []
    return [Found(meaning.unit, 0.5, hit.first, hit.last)]


def _longer_is_mine(sight: Sight, hit: NameHit, meaning: Meaning) -> bool:
    places = sight.index.places[meaning.unit]
    return any(
        other.first <= hit.first
        and hit.last <= other.last
        and other.last - other.first > hit.last - hit.first
        and any(m.unit == meaning.unit or m.key in places for m in other.meanings)
        and any(sight.before(other.first).endswith(f" {word} ") for word in _TOWN)
        for other in sight.hits
    )
