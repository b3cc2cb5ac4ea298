"""A person found once is found everywhere: later mentions carry no cue of their own.

"Em Lò Thị Mây ... Mây khóc": the second name is bare. A headline may shout the name, a hashtag or a
link run it together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nlp.shield_numbers import Found
from nlp.shield_words import EVERYDAY, NAME, NAMED_AFTER, START

_JOINTS = (" ", "", "-", "_", ".")


def find_again(known: Sequence[Found], low: str, flat: str, *, cased: bool) -> list[Found]:
    """Return further mentions of the ``known`` persons.

    ``low`` and ``flat`` are the text in small letters and without marks, as long as the text
    itself; ``cased`` says whether its capitals tell a name from a word.
    """
    found = list(_respelt(known, low, flat.lower()))
    return [*found, *_bare(known, low, flat)] if cased else found


def _bare(known: Sequence[Found], low: str, flat: str) -> Iterator[Found]:
    """Yield a full name, or its last word, standing again with capitals."""
    wanted: dict[str, str] = {}
    for hit in known:
        name = flat[hit.start : hit.end]
        if " " in name:
            wanted[name] = hit.kind
            wanted.setdefault(name.rsplit(" ", 1)[1], hit.kind)
    wanted = {name: kind for name, kind in wanted.items() if len(name) > 1}
    if not wanted:
        return
    starts = {hit.start for hit in known}
    for match in NAME.finditer(flat):
        name, start = match.group(), match.start()
        if name not in wanted or start in starts or flat[start - 1 : start].isalnum():
            continue
        if name in EVERYDAY and START.search(low[max(0, start - 4) : start]):
            continue
        yield Found(start, match.end(), wanted[name], 2)


def _respelt(known: Sequence[Found], low: str, flat_low: str) -> Iterator[Found]:
    """Yield a child's name where it is shouted, written small, or joined.

    Two words are too few to tell a name from everyday words once capitals are gone.
    """
    children = [hit for hit in known if hit.kind == "child_name"]
    starts = {hit.start for hit in children}
    for name in dict.fromkeys(flat_low[hit.start : hit.end] for hit in children):
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
