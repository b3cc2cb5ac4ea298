"""A person found once is found everywhere: later mentions carry no cue of their own.

"Em Lò Thị Mây ... Mây khóc": the second name is bare. A headline may shout the name, a hashtag or a
link run it together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from nlp.names import GIVEN, HILLS_GIVEN, PET_NAMES
from nlp.shield_numbers import Found
from nlp.shield_public import AFTER_THING, MANY
from nlp.shield_words import AND_NAME, EVERYDAY, NAME, NAMED_AFTER, NOT_PERSON, START, VERBLIKE

_ONE_WORD = GIVEN | PET_NAMES | HILLS_GIVEN
_JOINTS = (" ", "", "-", "_", ".")


def find_again(known: Sequence[Found], low: str, flat: str, *, cased: bool) -> list[Found]:
    """Return further mentions of the ``known`` persons.

    ``low`` and ``flat`` are the text in small letters and without marks, as long as the text
    itself; ``cased`` says whether its capitals tell a name from a word.
    """
    found = list(_respelt(known, low, flat.lower()))
    if cased:
        return [*found, *_bare(known, low, flat)]
    return [*found, *_small(known, low)]


def _small(known: Sequence[Found], low: str) -> Iterator[Found]:
    """Yield a child's marked given name again in a text without capitals ("mẹ hùng lên trường")."""
    names = dict.fromkeys(
        low[hit.start : hit.end].rsplit(" ", 1)[-1] for hit in known if hit.kind == "child_name"
    )
    starts = {hit.start for hit in known}
    for name in islice(names, MANY):
        if name.isascii() or not name.isalpha() or name in VERBLIKE:
            continue
        at = low.find(name)
        while at >= 0:
            end = at + len(name)
            if at not in starts and _stands_alone(low, at, end):
                yield Found(at, end, "child_name", 1)
            at = low.find(name, end)


def _bare(known: Sequence[Found], low: str, flat: str) -> Iterator[Found]:
    """Yield a full name, or its last word, standing again with capitals."""
    wanted: dict[str, str] = {}
    for hit in known:
        name = flat[hit.start : hit.end]
        if " " in name:
            wanted[name] = hit.kind
            wanted.setdefault(name.rsplit(" ", 1)[1], hit.kind)
        elif hit.kind == "child_name" and name[:1].isupper() and name.isalpha():
            wanted.setdefault(name, hit.kind)
    wanted = {name: kind for name, kind in wanted.items() if len(name) > 1}
    if not wanted:
        return
    spelt = {low[hit.start : hit.end] for hit in known}
    spelt |= {name.rsplit(" ", 1)[1] for name in spelt if " " in name}
    spelt_plain = {name for name in spelt if name.isascii()}
    starts = {hit.start for hit in known}
    for match in NAME.finditer(flat):
        name, start = match.group(), match.start()
        shown = low[start : match.end()]
        # In marked writing "Toản" is not "Toàn": the child's name must not take another's along.
        if not shown.isascii() and shown not in spelt and not spelt_plain & {name.lower()}:
            continue
        if name not in wanted or start in starts or flat[start - 1 : start].isalnum():
            continue
        if NOT_PERSON.match(low, start):
            continue
        if AFTER_THING.search(low[max(0, start - 24) : start]):
            continue
        if name in EVERYDAY and START.search(low[max(0, start - 4) : start]):
            continue
        yield Found(start, match.end(), wanted[name], 2)
        at = match.end()
        while wanted[name] == "child_name" and (link := AND_NAME.match(low, at)):
            beside = NAME.match(flat, link.end())
            if not beside or low[slice(*beside.span())] not in _ONE_WORD:
                break
            yield Found(*beside.span(), "child_name", 2)
            at = beside.end()


def _respelt(known: Sequence[Found], low: str, flat_low: str) -> Iterator[Found]:
    """Yield a child's name where it is shouted, written small, or joined.

    Two words are too few to tell a name from everyday words once capitals are gone.
    """
    children = [hit for hit in known if hit.kind == "child_name"]
    starts = {hit.start for hit in children}
    names = dict.fromkeys(flat_low[hit.start : hit.end] for hit in children)
    for name in islice(names, MANY):
        if name.count(" ") < 2:
            continue
        for joint in _JOINTS:
            form = name.replace(" ", joint)
            at = flat_low.find(form)
            while at >= 0:
                end = at + len(form)
                if at not in starts and (joint != " " or _stands_alone(low, at, end)):
                    yield Found(at, end, "child_name", 2)
                at = flat_low.find(form, end)


def _stands_alone(low: str, start: int, end: int) -> bool:
    """Say whether whole words stand here, and no school or street named like the child."""
    return not (
        low[start - 1 : start].isalnum()
        or low[end : end + 1].isalnum()
        or NAMED_AFTER.search(low[max(0, start - 16) : start])
    )
