"""The facts of the six papers: frozen, masked, each with the moment it was true (``as_of``).

One object holds all that a paper says, so that its DOCX, its PDF and the API cannot disagree, and a
numbered paper can be laid out again from what was kept. Times are aware; counts are mentions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class PaperKind(StrEnum):
    """The papers that can be made."""

    QUICK = "bao-cao-nhanh"
    DIGEST = "diem-tin"
    WEEK = "bao-cao-tuan"
    MONTH = "bao-cao-thang"
    REGISTER = "so-phat-ngon"
    DOSSIER = "ho-so"
    RELEASE = "thong-cao"


OF_INCIDENT = frozenset({PaperKind.QUICK, PaperKind.DOSSIER})
OF_PERIOD = frozenset({PaperKind.DIGEST, PaperKind.WEEK, PaperKind.MONTH, PaperKind.REGISTER})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in office who can be asked."""

    role: str
    name: str
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues a paper. What nobody configured is ``None`` and stays a blank to fill in."""

    unit_id: str
    unit_name: str
    agency: str
    parent_agency: str | None = None
    symbol: str | None = None
    place: str | None = None
    signer_authority: str | None = None
    signer_title: str | None = None
    signer_name: str | None = None
    addressees: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    contacts: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` until just before ``until``."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Tones:
    """Mentions by tone."""

    neg: int = 0
    neu: int = 0
    pos: int = 0

    @property
    def total(self) -> int:
        """Return how many there are."""
        return self.neg + self.neu + self.pos


@dataclass(frozen=True, slots=True)
class DayCount:
    """Mentions seen on one Vietnamese day."""

    day: date
    total: int
    neg: int


@dataclass(frozen=True, slots=True)
class Share:
    """Mentions that bear one name; ``before`` in the period before, where that was counted."""

    name: str
    count: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class MentionLine:
    """One mention as a paper names it. ``title`` is masked."""

    mention_id: int
    title: str
    source: str
    at: datetime
    url: str | None = None
    lead: str = ""


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One story of a period; ``first`` is what it was first told by, ``count`` how often."""

    story_id: int
    count: int
    neg: int
    level: int
    level_name: str
    topics: tuple[str, ...]
    first: MentionLine


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident; ``level_name`` is what it stands at, ``peak_name`` the highest it was."""

    incident_id: int
    title: str
    unit: str
    level: int
    level_name: str
    peak_name: str
    state: str
    verification: str
    opened_at: datetime
    acknowledged_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Response:
    """How soon incidents of one level were acknowledged; minutes, ``median`` of those that were."""

    level: int
    level_name: str
    opened: int
    acknowledged: int
    in_time: int
    median: float | None
    allowed: float


@dataclass(frozen=True, slots=True)
class OpinionFacts:
    """A week or month of what was said, or (``DIGEST``) one day of it."""

    kind: PaperKind
    issuer: Issuer
    as_of: datetime
    period: Period
    tones: Tones
    tones_before: Tones
    sources: int
    days: tuple[DayCount, ...]
    topics: tuple[Share, ...]
    outlets: tuple[Share, ...]
    stories: tuple[StoryLine, ...]
    good: tuple[MentionLine, ...]
    good_count: int
    levels: tuple[Share, ...]
    incidents: tuple[IncidentLine, ...]
    standing: tuple[IncidentLine, ...]
    responses: tuple[Response, ...]
    sources_on: int
    sources_bad: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventLine:
    """One entry of an incident's timeline."""

    at: datetime
    actor: str
    text: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the playbook."""

    code: str
    title: str
    role: str
    due_at: datetime | None
    done_at: datetime | None
    done_by: str | None
    note: str


@dataclass(frozen=True, slots=True)
class NumberLine:
    """A number that was told about people harmed, with who told it last and when."""

    kind: str
    path: str
    shown: str
    source: str
    at: datetime
    official: str | None
    official_at: datetime | None
    disputed: bool


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One message about an incident: to which role, when it was accepted."""

    at: datetime
    purpose: str
    role: str
    channel: str
    level_name: str
    state: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One thing kept about an incident. ``sha256`` names its bytes, "" of what was only linked."""

    at: datetime
    what: str
    kind: str
    sha256: str
    where: str


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One statement in the register. ``corrects`` is the number of the text it puts right."""

    statement_id: int
    number: str
    title: str
    audience: str
    state: str
    approved_by: str
    released_by: str
    released_at: datetime | None
    delegated: bool
    places: tuple[str, ...]
    corrects: str
    text_hash: str
    note: str


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """One incident, for the quick report and for the dossier (which alone lists everything)."""

    kind: PaperKind
    issuer: Issuer
    as_of: datetime
    line: IncidentLine
    place: str | None
    topics: tuple[str, ...]
    owner: str
    outcome: str
    conclusion: str
    concluded_by: str
    concluded_at: datetime | None
    summary: tuple[str, ...]
    first: MentionLine | None
    last_at: datetime | None
    mentions: int
    voices: int
    phase: str
    tones: Tones
    outlets: tuple[Share, ...]
    numbers: tuple[NumberLine, ...]
    reasons: tuple[str, ...]
    steps: tuple[StepLine, ...]
    events: tuple[EventLine, ...]
    notices: tuple[NoticeLine, ...] = ()
    evidence: tuple[EvidenceLine, ...] = ()
    statements: tuple[StatementLine, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """The register of statements of a period."""

    kind: PaperKind
    issuer: Issuer
    as_of: datetime
    period: Period
    statements: tuple[StatementLine, ...]


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """One released statement, word for word."""

    kind: PaperKind
    issuer: Issuer
    as_of: datetime
    statement: StatementLine
    paragraphs: tuple[str, ...]


Facts = OpinionFacts | IncidentFacts | RegisterFacts | ReleaseFacts
