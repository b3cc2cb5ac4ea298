"""How a mention looks from outside: masked text only."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.corrections import CorrectionOut
from langnghe.core.store.queries.mentions import ShownMention


class TopicOut(BaseModel):
    """One sensitive topic with the words that speak for it."""

    topic: str
    p: float
    evidence: list[str]


class FactOut(BaseModel):
    """One stated fact."""

    kind: str = Field(
        description="dead, injured, hospitalised, poisoned, absent, missing, money, arrested, "
        "suspended, weapon, sexual_abuse, suicide, clip, police, data_leak, petition, date, place, "
        "speaker_{school,family,commune,police,hospital,department}."
    )
    value: float | None
    text: str


class UnitRef(BaseModel):
    """A watched unit a mention speaks of."""

    id: str
    name: str


class UndecidedOut(BaseModel):
    """A watched unit a mention may speak of: a person decides, with a correction ``about_us``."""

    id: str
    name: str
    confidence: float
    reason: str = Field(
        description="shared_name, namesakes, weak, initials, landmark, negated, home, elsewhere "
        "hoặc reused_name."
    )


class MentionOut(BaseModel):
    """One article, post or comment; names of children are masked."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 812,
                "kind": "news",
                "source": "Báo Thí Dụ",
                "url": "https://bao.example/giao-duc/812.html",
                "published_at": "2026-11-23T01:30:00Z",
                "seen_at": "2026-11-23T01:36:12Z",
                "read": True,
                "title": "Phụ huynh lo lắng về bữa ăn bán trú",
                "text": "Em [học sinh] phải vào trạm y tế sau bữa trưa.",
                "about_education": True,
                "sentiment": "neg",
                "stance": "report",
                "risk": 2,
                "topics": [
                    {"topic": "an_toan_thuc_pham", "p": 0.93, "evidence": ["bữa ăn bán trú"]}
                ],
                "facts": [],
                "units": [{"id": "th_suoi_mo", "name": "Trường TH Suối Mơ"}],
                "undecided": [],
                "note": None,
                "story_id": 77,
                "level": 2,
                "revision": 1,
                "problems": [],
                "model": "v1",
                "corrections": [],
            }
        }
    )

    id: int
    kind: str
    source: str | None
    url: str | None
    published_at: datetime | None
    seen_at: datetime
    read: bool = Field(description="False khi tin còn đang được đọc, chưa có bản đã che.")
    title: str
    text: str
    about_education: bool | None
    sentiment: str | None
    stance: str | None
    risk: int | None
    topics: list[TopicOut]
    facts: list[FactOut]
    units: list[UnitRef]
    undecided: list[UndecidedOut] = Field(
        description="Đơn vị tin có thể nói về mà máy chưa gắn, chắc hơn trước."
    )
    note: str | None = Field(
        description="Vì sao không có gì để đọc hiểu: no_words, broken_encoding, not_vietnamese."
    )
    story_id: int | None
    level: int | None = Field(description="Mức rủi ro của cụm tin.")
    revision: int
    problems: list[str]
    model: str | None
    corrections: list[CorrectionOut] = Field(
        description="Điều người trực đã chỉnh và đang có hiệu lực; các trường trên đã theo đó."
    )

    @classmethod
    def of(cls, m: ShownMention) -> MentionOut:
        """Return the outside form of ``m``."""
        return cls(
            id=m.id,
            kind=m.kind,
            source=m.source,
            url=m.url,
            published_at=m.published_at,
            seen_at=m.seen_at,
            read=m.read,
            title=m.title,
            text=m.text,
            about_education=m.about_education,
            sentiment=m.sentiment,
            stance=m.stance,
            risk=m.risk,
            topics=[TopicOut(**topic) for topic in m.topics],
            facts=[FactOut(**fact) for fact in m.facts],
            units=[UnitRef(id=i, name=name) for i, name in m.units],
            undecided=[
                UndecidedOut(
                    id=d["unit"], name=d["name"], confidence=d["confidence"], reason=d["reason"]
                )
                for d in m.undecided
            ],
            note=m.note,
            story_id=m.story_id,
            level=m.level,
            revision=m.revision,
            problems=list(m.problems),
            model=m.model,
            corrections=[CorrectionOut.of(one) for one in m.corrections],
        )
