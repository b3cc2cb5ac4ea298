"""Domain objects: frozen, without IO, shared by every room.

They are neither table rows (``core.store.tables``) nor API schemas (``api.schemas``).
All times are aware datetimes; probabilities lie in 0..1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from langnghe.core.duty import Duty
from langnghe.core.lines import Line


class Level(IntEnum):
    """Communication-risk level: how soon somebody must act. It says nothing about truth."""

    XANH = 0
    VANG = 1
    CAM = 2
    DO = 3


class Sentiment(StrEnum):
    """Tone toward the school or education sector."""

    NEG = "neg"
    NEU = "neu"
    POS = "pos"


class Stance(StrEnum):
    """What a mention does with the claim it carries."""

    REPORT = "report"
    CONFIRM = "confirm"
    DENY = "deny"
    CORRECT = "correct"
    CONCLUDE = "conclude"
    COMMENT = "comment"


class Verification(StrEnum):
    """How far the matter itself has been checked; set by people, never by a score."""

    UNVERIFIED = "unverified"
    PARTLY = "partly"
    VERIFIED = "verified"
    FALSE = "false"
    INSUFFICIENT = "insufficient"


class IncidentState(StrEnum):
    """The life of an incident, from opened to closed."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    VERIFYING = "verifying"
    RESPONDING = "responding"
    AWAITING_CONCLUSION = "awaiting_conclusion"
    MONITORING = "monitoring"
    CLOSED = "closed"
    REOPENED = "reopened"


class SourceState(StrEnum):
    """Health of one source, in the words shown to the officer."""

    UNCHECKED = "unchecked"
    WORKING = "working"
    EMPTY = "empty"
    FAILING = "failing"
    REFUSED = "refused"
    MALFORMED = "malformed"
    UNDATED = "undated"
    SILENT = "silent"


class Role(StrEnum):
    """What a signed-in person may do."""

    OFFICER = "officer"
    PRINCIPAL = "principal"
    ANALYST = "analyst"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Item:
    """One text as it came from a source, before any understanding.

    ``id`` is the source's own id or a stable one made from the URL or content.
    ``published_at`` is what the source states (``None`` when it states nothing usable);
    ``seen_at`` when we or the archive first saw it. ``problems`` names what was doubtful about it
    (``"undated"``, ``"future_date"``, ``"ancient_date"`` ...), in the ids of ``collectors.dates``.
    """

    id: str
    kind: str = "news"
    source: str | None = None
    url: str | None = None
    published_at: datetime | None = None
    title: str | None = None
    text: str | None = None
    author: str | None = None
    seen_at: datetime | None = None
    problems: tuple[str, ...] = ()

    @property
    def full_text(self) -> str:
        """Title and text joined by ``". "`` where both are there (contract of ``masked_text``)."""
        return ". ".join(part for part in (self.title, self.text) if part)


@dataclass(frozen=True, slots=True)
class TopicHit:
    """One sensitive topic found in a text, with the exact words that speak for it."""

    topic: str
    p: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitHit:
    """One watched unit a text speaks of. ``span`` is (start, end) in ``Item.full_text``."""

    unit: str
    confidence: float
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class UnitDoubt:
    """One watched unit a text may speak of, left undecided for the officer to judge.

    ``reason``: ``shared_name`` (schools elsewhere bear the name, no place told), ``namesakes``
    (several watched units bear it), ``weak`` (a name, little school talk), ``initials``,
    ``landmark`` (only tells where), ``negated`` ("không phải trường X"), ``home`` (where a person
    comes from), ``elsewhere`` (another province is named too) or ``reused_name`` (the name was
    another place's then). ``span`` lies in ``Item.full_text``.
    """

    unit: str
    confidence: float
    span: tuple[int, int]
    reason: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One stated fact, e.g. ``Fact("hospitalised", 20, (5, 16), "gần 20 học sinh nhập viện")``.

    ``kind``: dead, injured, hospitalised, poisoned, absent, missing, money, arrested, suspended,
    weapon, sexual_abuse, suicide, clip, police, data_leak, petition, date, place,
    speaker_{school,family,commune,police,hospital,department}. ``value`` is a count (people) or an
    amount in đồng; ``None`` when the text states no number. ``span`` lies in ``Item.full_text``.
    """

    kind: str
    value: float | None
    span: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the nlp pipeline understood of one item.

    ``note`` says why there was nothing to understand: ``no_words``, ``broken_encoding`` or
    ``not_vietnamese``.
    """

    about_education: bool
    about_education_p: float
    scope: str
    sentiment: Sentiment
    sentiment_p: Mapping[str, float]
    topics: tuple[TopicHit, ...]
    risk: int
    risk_p: tuple[float, float, float, float]
    stance: Stance
    facts: tuple[Fact, ...]
    units: tuple[UnitHit, ...]
    masked_text: str
    masked_title: str
    model: str
    undecided: tuple[UnitDoubt, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit lies, with the dates between which the name was in force."""

    commune: str | None = None
    district: str | None = None
    province: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person in office who is told about incidents of a unit.

    ``ways`` are ids of channels, the most wanted first (``core.contacts``); empty means every
    address in the usual order. ``zalo`` is the follower's id, ``telegram`` the chat's id,
    ``webhook`` and ``apprise`` names of configured ways. ``quiet`` is local, ``"21:30-05:30"``.
    """

    role: str
    name: str
    email: str | None = None
    phone: str | None = None
    zalo: str | None = None
    telegram: str | None = None
    webhook: str | None = None
    apprise: str | None = None
    ways: tuple[str, ...] = ()
    quiet: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """One watched unit of the tree: school, commune, sector (department) or ministry."""

    id: str
    kind: str
    name: str
    parent: str | None = None
    aliases: tuple[str, ...] = ()
    name_variants: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    contacts: tuple[Contact, ...] = ()
    duty: tuple[Duty, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything one installation watches. ``version`` is the hash of its content."""

    name: str
    units: tuple[Unit, ...]
    sources: tuple[Mapping[str, object], ...] = ()
    version: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)

    def unit(self, unit_id: str) -> Unit | None:
        """Return the unit with this id, or ``None``."""
        return next((u for u in self.units if u.id == unit_id), None)

    def chain(self, unit_id: str) -> tuple[Unit, ...]:
        """Return the unit and its parents, nearest first (stops at an unknown or repeated id)."""
        found: list[Unit] = []
        current: str | None = unit_id
        while current is not None and (unit := self.unit(current)) and unit not in found:
            found.append(unit)
            current = unit.parent
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Reason:
    """One readable cause of a score: a Vietnamese sentence, the words and mentions behind it."""

    code: str
    text: str
    points: float = 0.0
    words: tuple[str, ...] = ()
    mention_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Credibility:
    """How far the sources of a story can be trusted (0..1), apart from what people verified.

    ``voices`` are places that speak, ``press`` those of them that are newspapers with a report of
    their own, ``official`` those that carry the word of an office.
    """

    id: str
    value: float
    text: str
    voices: int = 0
    press: int = 0
    official: int = 0


@dataclass(frozen=True, slots=True)
class Assessment:
    """The risk of one story for one unit at one moment.

    ``parts`` maps each part of the score to its 0..1 value; ``points`` to its share of the 0..100
    ``score``. ``level`` is the playbook's number (``Level`` names the packaged ones). ``overrides``
    are ids of policy rules that set the level directly. ``nearest`` is a
    sentence saying what single change would move the level. ``scored`` is the level of the score
    alone, which the next assessment starts from. ``credibility`` weighs who speaks, never whether
    it is true. ``news`` gives, by id, the numbers by which a later assessment tells what is new.
    """

    score: float
    level: int
    parts: Mapping[str, float]
    points: Mapping[str, float]
    overrides: tuple[str, ...]
    reasons: tuple[Reason, ...]
    nearest: str
    topics: tuple[str, ...]
    policy_version: str
    scored: int = 0
    credibility: Credibility | None = None
    news: Mapping[str, float] = field(default_factory=dict)
