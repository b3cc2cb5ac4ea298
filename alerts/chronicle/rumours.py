"""A claim and the answers to it, side by side, and how far the claim went on after them. Pure.

It does not say who is right: a claim that was denied may be true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.chronicle.replies import DENIABLE, denied_in
from alerts.chronicle.spread import Source, origins, source
from alerts.chronicle.told import Told
from nlp.fact_words import TRIGGERS
from nlp.plain import is_marked, lower, plain

ANSWERS_SHOWN = 4
_CLAIMING = ("report", "comment")
_ANSWERING = ("deny", "correct")
_NOW = timedelta(0)


@dataclass(frozen=True, slots=True)
class Given:
    """A correction that a unit released: ``matter`` says in short what it puts right."""

    id: int
    at: datetime
    title: str
    matter: str
    by: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a mention (``source``) or a released correction (``given``).

    ``delay`` is zero where the answer was heard before the claim.
    """

    at: datetime
    delay: timedelta
    stance: str
    by: tuple[str, ...]
    source: Source | None = None
    given: Given | None = None


@dataclass(frozen=True, slots=True)
class Rumour:
    """A claim: of one ``kind`` of harm, or ("") of the story as a whole.

    ``before`` mentions told it until the first answer and ``after`` since then, ``copies`` of these
    word for word; ``last_at`` is when it was last told after an answer.
    """

    kind: str
    claim: Source
    before: int
    after: int
    copies: int
    last_at: datetime | None
    answers: tuple[Answer, ...]
    more: int


def rumours_of(told: Sequence[Told], given: Sequence[Given] = ()) -> tuple[Rumour, ...]:
    """Return what was claimed and answered, by the time of the first answer.

    ``told`` in order, not empty; ``given`` in order of their release.
    """
    denied: dict[str, list[Told]] = {}
    for one in told:
        if one.stance in _ANSWERING and not one.is_comment:
            for kind in denied_in(one) or ("",):
                denied.setdefault(kind, []).append(one)
    corrected: dict[str, list[Given]] = {}
    for one_given in given:
        for kind in _kinds_in(one_given.matter) or ("",):
            denied.setdefault(kind, [])
            corrected.setdefault(kind, []).append(one_given)
    origin = origins(told)
    found: list[Rumour] = []
    for kind, mentions in denied.items():
        claims = [t for t in told if t.stance in _CLAIMING and _tells(t, kind)]
        own = [t for t in mentions if origin[t.id] == t.id]
        said = corrected.get(kind, [])
        rumour = _rumour(kind, claims, own, said, lambda t: origin[t.id] != t.id)
        if rumour is not None:
            found.append(rumour)
    return tuple(sorted(found, key=lambda r: (r.answers[0].at, r.kind)))


def _kinds_in(matter: str) -> tuple[str, ...]:
    """Return the kinds of harm that a correction's short description of the claim speaks of."""
    low = lower(matter)
    marked = is_marked(low)
    found = {m.lastgroup or "" for m in TRIGGERS.of(marked).finditer(low if marked else plain(low))}
    return tuple(sorted(found & DENIABLE))


def _tells(one: Told, kind: str) -> bool:
    if not kind:
        return one.stance == "report"
    return kind in DENIABLE and any(fact.kind == kind for fact in one.facts)


def _rumour(
    kind: str,
    claims: Sequence[Told],
    mentions: Sequence[Told],
    given: Sequence[Given],
    copied: Callable[[Told], bool],
) -> Rumour | None:
    if not claims:
        return None
    start = claims[0].at
    answers = [
        Answer(t.at, max(t.at - start, _NOW), t.stance, t.speakers, source=source(t))
        for t in mentions
    ] + [Answer(g.at, max(g.at - start, _NOW), "correct", (), given=g) for g in given]
    answers.sort(key=lambda a: a.at)
    if not answers:
        return None
    later = [t for t in claims if t.at > answers[0].at]
    return Rumour(
        kind=kind,
        claim=source(claims[0]),
        before=len(claims) - len(later),
        after=len(later),
        copies=sum(copied(t) for t in later),
        last_at=later[-1].at if later else None,
        answers=tuple(answers[:ANSWERS_SHOWN]),
        more=max(0, len(answers) - ANSWERS_SHOWN),
    )
