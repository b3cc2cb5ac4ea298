"""How the numbers of a story moved: «gần 20 → 25 → 41», who said which, when, and what disagrees.

Pure. A walk in order of time keeps one present number a kind of fact. A number that was told
already adds a voice and no step. A number goes down only when a competent body says so or the very
voice that had said the higher one, or once at least three voices say it, more than ever said the
higher one; anybody else is late with old news, or tells another number (``other``) that is listed
beside the path. Two voices with numbers that cannot both be true within an hour disagree, and both
are marked.

Sums of money in one story are mostly sums for different things: they are listed and never joined by
arrows. Comments make a row of their own only where no publisher states a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.chronicle.numbers import PEOPLE, Number, dong, number_of
from alerts.chronicle.roles import offices_of
from alerts.chronicle.told import Stated, Texts, Told

KINDS = (
    "dead", "missing", "hospitalised", "poisoned", "injured", "sexual_abuse", "absent", "money",
)  # fmt: skip
"""Kinds of fact whose numbers are followed, the gravest first. Never suicides."""
_FOLLOWED = frozenset(KINDS)
OTHER = "other"
SAME_TIME = timedelta(hours=1)
STEPS = 12
_MANY = 3
SUMS = 6
_ASKED = 6  # mentions per kind whose text is asked whether an office says the number
_LEAD = 1_200  # characters in which a text says what it is about; background comes behind


@dataclass(frozen=True, slots=True)
class Step:
    """One number. ``turn``: ``first``, ``up``, ``down``, ``exact`` (the same, told more exactly),
    ``other`` (a lower one that takes nothing back and is no part of the path).

    ``voices`` said it, ``late`` more said it when a newer one stood; ``disputed`` says that another
    number was told at the same time. ``shown`` is "gần 20" or "1,2 triệu đồng".
    """

    shown: str
    value: float
    turn: str
    at: datetime
    outlet: str
    mention_id: int
    voices: int
    late: int
    disputed: bool
    comment: bool


@dataclass(frozen=True, slots=True)
class Official:
    """The newest number a competent body gives; ``by`` are speaker ids."""

    shown: str
    at: datetime
    outlet: str
    mention_id: int
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """The numbers of one kind of fact, oldest first; ``joined`` says that they form one series."""

    kind: str
    noun: str
    joined: bool
    steps: tuple[Step, ...]
    official: Official | None

    @property
    def path(self) -> str:
        """Return «gần 20 → 25 → 41» (at most the last five), or "" where nothing moved."""
        shown = [step.shown for step in self.steps if step.turn != OTHER]
        if not self.joined or len(shown) < 2:
            return ""
        return " → ".join([*(["…"] if len(shown) > 5 else []), *shown[-5:]])

    @property
    def newest(self) -> Step:
        """Return the number that stands at the end of the path."""
        return next(step for step in reversed(self.steps) if step.turn != OTHER)

    @property
    def disputed(self) -> bool:
        """Say whether another number stands against the newest."""
        newest = self.newest
        return newest.disputed or any(
            step.turn == OTHER and step.at >= newest.at for step in self.steps
        )


@dataclass(slots=True)
class _Open:
    number: Number
    turn: str
    first: Told
    last_at: datetime
    voices: set[str]
    late: set[str] = field(default_factory=set)
    disputed: bool = False


Said = tuple[Told, Number, Stated]


def drifts(stated: Mapping[str, Sequence[Said]], texts: Texts) -> tuple[Drift, ...]:
    """Return how each kind of number moved, from ``statements``; ``texts`` of ``asked`` ones."""
    found = []
    for kind, said in stated.items():
        joined = kind != "money"
        opened = _walk(said) if joined else _sums(said)
        nouns = Counter(number.noun for _, number, _ in said if number.noun != PEOPLE)
        noun = nouns.most_common(1)[0][0] if nouns else PEOPLE
        found.append(
            Drift(
                kind,
                noun if joined else "",
                joined,
                tuple(_step(o, kind) for o in _last(opened)),
                _official(said, texts, kind),
            )
        )
    return tuple(found)


def asked(stated: Mapping[str, Sequence[Said]]) -> tuple[int, ...]:
    """Return the ids of the mentions whose masked texts ``drifts`` looks into; a few a kind."""
    return tuple(one.id for said in stated.values() for one, _, _ in _candidates(said))


def statements(told: Sequence[Told]) -> dict[str, list[Said]]:
    """Return by kind the one number each mention gives; publishers only, if there are any.

    ``told`` in order.
    """
    stating: dict[str, list[tuple[Told, list[Stated]]]] = {}
    for one in told:
        for fact in one.facts:
            if fact.value is not None and fact.value > 0 and fact.kind in _FOLLOWED:
                here = stating.setdefault(fact.kind, [])
                if here and here[-1][0] is one:
                    here[-1][1].append(fact)
                else:
                    here.append((one, [fact]))
    found: dict[str, list[Said]] = {}
    for kind in KINDS:
        by = stating.get(kind, [])
        by = [pair for pair in by if not pair[0].is_comment] or by
        if by:
            found[kind] = [_said(one, facts) for one, facts in by]
    return found


def _said(one: Told, facts: Sequence[Stated]) -> Said:
    fact = _told_first(one, facts) if len(facts) > 1 else facts[0]
    return one, number_of(fact.value or 0.0, fact.words), fact


def _told_first(one: Told, facts: Sequence[Stated]) -> Stated:
    """Return the fact of the headline, else the largest of the lead, else the largest."""
    headline = [f for f in facts if f.at < one.title_end]
    lead = [f for f in facts if f.at < _LEAD]
    return max(headline or lead or facts, key=lambda f: (f.value or 0.0, -f.at))


def _walk(said: Sequence[Said]) -> list[_Open]:
    steps: list[_Open] = []
    latest: dict[str, _Open] = {}
    for one, number, _ in said:
        here = _place(steps, latest, one, number)
        here.last_at = one.at
        latest[one.voice] = here
    return steps


def _place(steps: list[_Open], latest: dict[str, _Open], one: Told, number: Number) -> _Open:
    """Return the step a number belongs to: the present one, an earlier one, or a new one."""
    if not steps:
        steps.append(_Open(number, "first", one, one.at, {one.voice}))
        return steps[0]
    now = next(step for step in reversed(steps) if step.turn != OTHER)
    if number.agrees(now.number):
        if number.finer(now.number) and one.copy_of is None:
            steps.append(_Open(number, "exact", one, one.at, {one.voice}))
            return steps[-1]
        now.voices.add(one.voice)
        return now
    old = next((step for step in reversed(steps) if number.agrees(step.number)), None)
    disagrees = one.voice not in now.voices and one.at - now.last_at <= SAME_TIME
    revises = bool(one.offices) or latest.get(one.voice) is now
    if old is not None and (one.copy_of is not None or not revises):
        if disagrees and one.copy_of is None and one.voice not in old.voices:
            now.disputed = old.disputed = True
        (old.voices if old.turn == OTHER else old.late).add(one.voice)
        if old.turn == OTHER and len(old.voices) > max(len(now.voices), _MANY - 1):
            old.turn = "down"
            steps.remove(old)
            steps.append(old)
        return old
    rises = number.value > now.number.value
    turn = "up" if rises else "down" if revises else OTHER
    steps.append(_Open(number, turn, one, one.at, {one.voice}))
    if disagrees:
        now.disputed = steps[-1].disputed = True
    return steps[-1]


def _last(opened: Sequence[_Open]) -> Sequence[_Open]:
    """Return the newest steps; the present number is always among them."""
    kept = opened[-STEPS:]
    if all(step.turn == OTHER for step in kept):
        return [next(step for step in reversed(opened) if step.turn != OTHER), *kept[1:]]
    return kept


def _sums(said: Sequence[Said]) -> list[_Open]:
    """Return the sums most voices name, in order of their first mention."""
    found: dict[float, _Open] = {}
    for one, number, _ in said:
        here = found.setdefault(number.value, _Open(number, "first", one, one.at, set()))
        here.voices.add(one.voice)
    most = sorted(found.values(), key=lambda o: (-len(o.voices), o.first.at, o.first.id))[:SUMS]
    return sorted(most, key=lambda o: (o.first.at, o.first.id))


def _step(opened: _Open, kind: str) -> Step:
    first, number = opened.first, opened.number
    return Step(
        shown=_shown(number, kind),
        value=number.value,
        turn=opened.turn,
        at=first.at,
        outlet=first.outlet,
        mention_id=first.id,
        voices=len(opened.voices),
        late=len(opened.late - opened.voices),
        disputed=opened.disputed,
        comment=first.is_comment,
    )


def _shown(number: Number, kind: str) -> str:
    if kind != "money":
        return number.shown
    return f"{number.about} {dong(number.value)}".strip()


def _candidates(said: Sequence[Said]) -> list[Said]:
    speaking = [one for one in said if one[0].offices and not one[0].is_comment]
    return speaking[: -_ASKED - 1 : -1]


def _official(said: Sequence[Said], texts: Texts, kind: str) -> Official | None:
    """Return the newest number that stands beside an office's word in its own text."""
    for one, number, fact in _candidates(said):
        by = offices_of(texts.get(one.id, ""), fact.words)
        if by:
            return Official(_shown(number, kind), one.at, one.outlet, one.id, by)
    return None
