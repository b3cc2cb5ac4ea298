"""The vocabulary of deciding: what it looks at, and what it may ask to be done.

Kept apart from ``alerts.decide`` because the rim that carries actions out needs the words, not the
rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StoryView:
    """What the last assessment of a story said."""

    level: int
    score: float
    overrides: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    unit_id: str | None = None
    unit_confidence: float = 0.0
    again_at: datetime | None = None
    unit_kind: str = ""
    news: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A person set the level by hand while the assessment said this; only news may overrule it."""

    assessed: int
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """The last alert: its level, its moment, and what was known then (``alerts.news``)."""

    level: int
    at: datetime
    news: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident as it stands. ``round`` counts its openings, raises and reopenings."""

    id: int
    level: int
    score: float
    state: str
    acknowledged: bool
    round: int = 1
    topics: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    held: Held | None = None
    told: Told | None = None
    unit_kind: str = ""
    done_steps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """A deadline that has passed."""

    kind: str
    level: int
    seq: int
    role: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """Open the incident of the story at ``level``."""

    level: int


@dataclass(frozen=True, slots=True)
class SetLevel:
    """Move the incident from one level to another; ``fresh`` asks for a new acknowledgement."""

    before: int
    after: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class Reopen:
    """A closed incident is back."""

    level: int


@dataclass(frozen=True, slots=True)
class Update:
    """Copy the new score, reasons and topics to the incident."""


@dataclass(frozen=True, slots=True)
class PlanSteps:
    """Add the steps of ``level`` that are missing, and shorten what is due later than it allows."""

    level: int


@dataclass(frozen=True, slots=True)
class AddEvent:
    """Write one line of the timeline."""

    kind: str
    text: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell whoever holds ``role``; ``due_at`` is the moment by which an answer is asked."""

    purpose: str
    level: int
    role: str
    seq: int
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeepTold:
    """Remember that people have just been told this level, and what was known."""

    level: int


@dataclass(frozen=True, slots=True)
class SetDeadline:
    """Set (or move) a deadline; ``role`` is told when it passes."""

    kind: str
    level: int
    seq: int
    role: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CancelDeadlines:
    """Call off open deadlines of this kind."""

    kind: str


@dataclass(frozen=True, slots=True)
class Reassess:
    """Weigh the story again: time itself may have changed the answer."""


Action = (
    OpenIncident | SetLevel | Reopen | Update | PlanSteps | AddEvent | Notify | SetDeadline
    | CancelDeadlines | Reassess | KeepTold
)  # fmt: skip
