"""What is known of one story when its risk is weighed: frozen, complete, without IO.

Words in here have already passed the child shield: whoever builds these facts leaves out every
phrase that does not stand in the masked text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

LOUD = ("report", "confirm")


@dataclass(frozen=True, slots=True)
class StatedFact:
    """One fact a mention states; ``value`` is ``None`` when it gives no number."""

    kind: str
    value: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class MentionFacts:
    """One mention of the story as the reader understood it.

    ``unit_confidence`` is its own link to the story's unit (0 when it names no watched unit);
    ``authority`` says that it carries the word of a competent body; ``tier`` is 1 (national press)
    to 5 (a single voice). A ``digest`` lists the day's news: harm in it is another matter's.
    """

    id: int
    at: datetime
    outlet: str
    tier: int = 3
    kind: str = "news"
    copy: bool = False
    education_p: float = 1.0
    scope: str = "vn"
    risk: int = 0
    risk_p: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    stance: str = "report"
    topics: tuple[tuple[str, float], ...] = ()
    facts: tuple[StatedFact, ...] = ()
    words: tuple[str, ...] = ()
    unit_confidence: float = 0.0
    authority: bool = False
    publisher: str = ""
    digest: bool = False

    @property
    def voice(self) -> str:
        """Who speaks: two feeds of one publisher are one voice."""
        return self.publisher or self.outlet

    @property
    def harm_p(self) -> float:
        """Probability that the model reads an incident (risk 2 or 3)."""
        return self.risk_p[2] + self.risk_p[3]

    @property
    def crisis_p(self) -> float:
        """Probability that the model reads a crisis (risk 3)."""
        return self.risk_p[3]


@dataclass(frozen=True, slots=True)
class Unusual:
    """How surprising the stream about a unit is beside its own past.

    ``strength`` is 0 (as ever) to 1 (all but impossible by chance); ``seen`` and ``expected`` count
    mentions since ``since``; ``text`` says it in Vietnamese, without a full stop.
    """

    strength: float
    seen: float
    expected: float
    topic: str | None
    since: date
    text: str


@dataclass(frozen=True, slots=True)
class Crowd:
    """What of a very long story was counted, not read: comments and reposts beside ``mentions``.

    ``live`` are all that can raise a risk. Of those that speak of something amiss: own comments,
    reposts, own comments within the velocity window; ``grievances`` are comments that complain.
    """

    live: int = 0
    comments: int = 0
    copies: int = 0
    recent: int = 0
    grievances: int = 0


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """All that bears on the risk of one story for one unit at the moment ``now``.

    ``vulnerability`` is (value 0..1, the word that says so) or ``None``; ``history`` counts like
    incidents of the unit in the period the playbook names; ``peak_level`` and ``peak_at`` tell the
    highest level its incident had and when that was reached. ``schools`` counts the watched schools
    it is about, ``scored`` is the level its score had when it was weighed last. ``concluded_at`` is
    when an official conclusion was given that people have recorded.
    """

    mentions: tuple[MentionFacts, ...]
    now: datetime
    unit_id: str | None = None
    unit_kind: str = ""
    unit_confidence: float = 0.0
    vulnerability: tuple[float, str] | None = None
    history: int = 0
    peak_level: int = 0
    peak_at: datetime | None = None
    schools: int = 0
    scored: int = 0
    unusual: Unusual | None = None
    crowd: Crowd = Crowd()
    concluded_at: datetime | None = None
