"""What is known of one story when its risk is weighed: frozen, complete, without IO.

Words in here have already passed the child shield: whoever builds these facts leaves out every
phrase that does not stand in the masked text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
    to 5 (a single voice).
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
class StoryFacts:
    """All that bears on the risk of one story for one unit at the moment ``now``.

    ``vulnerability`` is (value 0..1, the word that says so) or ``None``; ``history`` counts like
    incidents of the unit in the period the playbook names; ``peak_level`` and ``peak_at`` tell the
    highest level its incident had and when that was reached.
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
