"""Who acts, by when and with what proof: the half of the playbook that a unit may change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

from langnghe.core.types import Verification


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of escalation: nobody acknowledged after ``after``, so ``role`` is told."""

    after: timedelta
    role: str


@dataclass(frozen=True, slots=True)
class LevelRule:
    """One level of risk. ``value`` is its position; colour never stands without word and shape.

    ``owner`` is the role that leads. ``quiet_close`` is how long it must have been quiet, and
    ``close_steps`` the steps that must be done, before closing is proposed. ``watch_every`` and
    ``report_every`` are the rhythm of looking again and of situation reports; ``None`` where the
    daily digest is enough.
    """

    value: int
    id: str
    name: str
    title: str
    colour: str
    shape: str
    min_score: float
    opens: bool
    ack: timedelta
    notify: tuple[str, ...]
    ladder: tuple[Rung, ...]
    monitor: str
    close: str
    owner: str
    ignores_quiet: bool
    quiet_close: timedelta
    close_steps: tuple[str, ...]
    watch_every: timedelta | None
    report_every: timedelta | None


@dataclass(frozen=True, slots=True)
class RoleRule:
    """Who holds a role: somebody of the unit itself, or of the nearest parent of a kind."""

    id: str
    name: str
    unit_kinds: tuple[str, ...]
    contacts: tuple[str, ...]
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """How people are told, so that nobody is flooded and nobody is left waiting.

    ``quiet``: from and until (Vietnamese local time, may pass midnight), ``None`` for no quiet
    hours; levels with ``ignores_quiet`` ring all the same. ``group``: notices to one person about
    one incident and one purpose within it become one. ``resolved``: everybody who was told is told
    the end. ``max_per_hour``: above it one person gets a single digest that names the rest.
    """

    quiet: tuple[time, time] | None
    group: timedelta
    resolved: bool
    max_per_hour: int


@dataclass(frozen=True, slots=True)
class StepRule:
    """One thing to do. ``due[level]`` is the time allowed, ``None`` where it does not apply.

    ``assists`` are the roles that help. With ``evidence_required`` the step is done only with proof
    of one of the ``evidence_kinds`` (note, file, link, number). ``templates`` are the ids of the
    statements or reports it calls for. ``longer`` says why a graver level may have more time.
    """

    code: str
    title: str
    detail: str
    role: str
    evidence: str
    remind: bool
    due: tuple[timedelta | None, ...]
    assists: tuple[str, ...]
    templates: tuple[str, ...]
    evidence_kinds: tuple[str, ...]
    evidence_required: bool
    longer: str


@dataclass(frozen=True, slots=True)
class TopicRule:
    """What is special about one sensitive topic."""

    id: str
    name: str
    attribution: float
    harm_floor: int
    only_roles: tuple[str, ...]
    steps: tuple[StepRule, ...]
    do: tuple[str, ...]
    dont: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegalLimit:
    """A time the law sets, which no deadline of ``step`` may pass at the ``levels`` it names.

    ``role`` is who is bound by it, ``basis`` the law. No unit may change it.
    """

    id: str
    name: str
    step: str
    role: str
    limit: timedelta
    levels: tuple[int, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """What an incident may turn out to be, and what that says about the matter itself."""

    id: str
    label: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class ReviewField:
    """One field of the after-action form."""

    id: str
    label: str
    required: bool


@dataclass(frozen=True, slots=True)
class Hotline:
    """A number to call that stands outside the house: emergency, police, child protection."""

    phone: str
    name: str
