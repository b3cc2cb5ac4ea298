"""How stories and incidents look from outside."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.outlook import CREDIBILITY_EXAMPLE, CredibilityOut
from langnghe.core.policy.model import Policy
from langnghe.core.store.queries.incidents import IncidentDetail, IncidentLine
from langnghe.core.store.tables import IncidentEventRow, StepRow, StoryRow


class LevelOut(BaseModel):
    """A level of the playbook in force; their number and names are data."""

    value: int
    id: str
    name: str
    title: str

    @classmethod
    def of(cls, policy: Policy, value: int) -> LevelOut:
        """Return the level at ``value``."""
        level = policy.level(value)
        return cls(value=level.value, id=level.id, name=level.name, title=level.title)


class ReasonOut(BaseModel):
    """One readable cause of a score."""

    code: str = ""
    text: str
    points: float = 0.0
    mention_ids: list[int] = []


STORY_EXAMPLE: JsonDict = {
    "id": 77,
    "title": "Phụ huynh lo lắng về bữa ăn bán trú",
    "first_at": "2026-11-23T01:30:00Z",
    "last_at": "2026-11-23T05:10:00Z",
    "mention_count": 9,
    "copy_count": 4,
    "source_count": 5,
    "unit_id": "th_suoi_mo",
    "units": ["th_suoi_mo"],
    "topics": ["an_toan_thuc_pham"],
    "level": {"value": 2, "id": "cam", "name": "Cam", "title": "Sự cố"},
    "score": 58.5,
    "reasons": [{"code": "severity", "text": "Có học sinh phải vào trạm y tế.", "points": 22.5}],
    "nearest": "Thêm một học sinh nhập viện sẽ lên mức Đỏ.",
    "credibility": CREDIBILITY_EXAMPLE,
    "set_aside": "",
    "incident_id": 5,
}


class StoryOut(BaseModel):
    """Mentions of one event."""

    model_config = ConfigDict(json_schema_extra={"example": STORY_EXAMPLE})

    id: int
    title: str
    first_at: datetime
    last_at: datetime
    mention_count: int
    copy_count: int
    source_count: int
    unit_id: str | None
    units: list[str]
    topics: list[str]
    level: LevelOut
    score: float
    reasons: list[ReasonOut]
    nearest: str
    credibility: CredibilityOut | None
    set_aside: str = Field(description="Vì sao cụm tin bị để sang bên; trống nếu không.")
    incident_id: int | None

    @classmethod
    def of(cls, row: StoryRow, policy: Policy) -> StoryOut:
        """Return the outside form of ``row``."""
        return cls(
            id=row.id or 0,
            title=row.title,
            first_at=row.first_at,
            last_at=row.last_at,
            mention_count=row.mention_count,
            copy_count=row.copy_count,
            source_count=row.source_count,
            unit_id=row.unit_id,
            units=list(row.units),
            topics=list(row.topics),
            level=LevelOut.of(policy, row.level),
            score=row.score,
            reasons=[ReasonOut.model_validate(reason) for reason in row.reasons],
            nearest=row.nearest,
            credibility=CredibilityOut.of(row.credibility),
            set_aside=row.set_aside,
            incident_id=row.incident_id,
        )


class StepOut(BaseModel):
    """One step of the playbook."""

    code: str
    title: str
    detail: str
    role: str
    evidence: str
    due_at: datetime | None
    done_at: datetime | None
    done_by: str | None
    note: str
    link: str
    document: str = Field(description="Số, ký hiệu văn bản làm bằng chứng.")
    document_at: datetime | None

    @classmethod
    def of(cls, row: StepRow) -> StepOut:
        """Return the outside form of ``row``."""
        return cls(
            code=row.code,
            title=row.title,
            detail=row.detail,
            role=row.role,
            evidence=row.evidence,
            due_at=row.due_at,
            done_at=row.done_at,
            done_by=row.done_by,
            note=row.note,
            link=row.link,
            document=row.document,
            document_at=row.document_at,
        )


class EventOut(BaseModel):
    """One entry of the timeline."""

    id: int
    at: datetime
    kind: str
    actor: str
    text: str

    @classmethod
    def of(cls, row: IncidentEventRow) -> EventOut:
        """Return the outside form of ``row``."""
        return cls(id=row.id or 0, at=row.at, kind=row.kind, actor=row.actor, text=row.text)


_INCIDENT: JsonDict = {
    "id": 5,
    "story_id": 77,
    "unit_id": "th_suoi_mo",
    "unit_name": "Trường TH Suối Mơ",
    "title": "Phụ huynh lo lắng về bữa ăn bán trú",
    "level": {"value": 2, "id": "cam", "name": "Cam", "title": "Sự cố"},
    "peak_level": 2,
    "score": 58.5,
    "state": "new",
    "verification": "unverified",
    "credibility": CREDIBILITY_EXAMPLE,
    "topics": ["an_toan_thuc_pham"],
    "opened_at": "2026-11-23T01:40:00Z",
    "updated_at": "2026-11-23T05:10:00Z",
    "due_at": "2026-11-23T02:10:00Z",
    "next_step": "Tiếp nhận, xác nhận cảnh báo",
    "acknowledged_at": None,
    "acknowledged_by": None,
    "closed_at": None,
    "owner": "Cô Lò Thị Suối",
    "outcome": "",
    "conclusion": "",
    "concluded_by": "",
    "concluded_at": None,
    "merged_into": None,
    "policy_version": "4f0c21aa",
}


class IncidentOut(BaseModel):
    """A matter somebody must answer for. ``level`` speaks of risk, ``verification`` of truth."""

    model_config = ConfigDict(json_schema_extra={"example": _INCIDENT})

    id: int
    story_id: int
    unit_id: str
    unit_name: str
    title: str
    level: LevelOut
    peak_level: int
    score: float
    state: str
    verification: str
    credibility: CredibilityOut | None
    topics: list[str]
    opened_at: datetime
    updated_at: datetime
    due_at: datetime | None = Field(description="Hạn gần nhất.")
    next_step: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    closed_at: datetime | None
    owner: str = Field(description="Người phụ trách; trống là theo vai chủ trì của mức.")
    outcome: str = Field(description="Mã kết quả trong kịch bản; trống khi chưa kết luận.")
    conclusion: str
    concluded_by: str
    concluded_at: datetime | None
    merged_into: int | None = Field(description="Số vụ việc mà vụ này đã gộp vào.")
    policy_version: str

    @classmethod
    def of(cls, line: IncidentLine, policy: Policy) -> IncidentOut:
        """Return the outside form of ``line``."""
        row = line.row
        return cls(
            id=line.id,
            story_id=row.story_id,
            unit_id=row.unit_id,
            unit_name=line.unit_name,
            title=row.title,
            level=LevelOut.of(policy, row.level),
            peak_level=row.peak_level,
            score=row.score,
            state=row.state,
            verification=row.verification,
            credibility=CredibilityOut.of(row.credibility),
            topics=list(row.topics),
            opened_at=row.opened_at,
            updated_at=row.updated_at,
            due_at=line.due_at,
            next_step=line.next_step.title if line.next_step else None,
            acknowledged_at=row.acknowledged_at,
            acknowledged_by=row.acknowledged_by,
            closed_at=row.closed_at,
            owner=row.owner,
            outcome=row.outcome,
            conclusion=row.conclusion,
            concluded_by=row.concluded_by,
            concluded_at=row.concluded_at,
            merged_into=row.merged_into,
            policy_version=row.policy_version,
        )


class IncidentDetailOut(IncidentOut):
    """An incident with its reasons, steps and timeline."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_INCIDENT,
                "sentences": ["Mười học sinh phải vào trạm y tế sau bữa trưa."],
                "phrases": ["bữa ăn bán trú", "trạm y tế"],
                "speakers": ["school", "family"],
                "reasons": [],
                "steps": [],
                "events": [],
            }
        }
    )

    sentences: list[str] = Field(description="Câu trích nguyên văn từ tin, đã che tên trẻ em.")
    phrases: list[str] = Field(description="Cụm từ nổi bật, lấy nguyên văn từ tin.")
    speakers: list[str] = Field(
        description="Bên đã lên tiếng: school, family, commune, police, hospital, department."
    )
    reasons: list[ReasonOut]
    parts: dict[str, float]
    nearest: str
    steps: list[StepOut]
    events: list[EventOut]

    @classmethod
    def full(cls, detail: IncidentDetail, policy: Policy) -> IncidentDetailOut:
        """Return the outside form of ``detail``."""
        row = detail.line.row
        return cls(
            **IncidentOut.of(detail.line, policy).model_dump(),
            sentences=row.gist.get("sentences", []),
            phrases=row.gist.get("phrases", []),
            speakers=row.gist.get("speakers", []),
            reasons=[ReasonOut.model_validate(reason) for reason in row.reasons],
            parts={k: v for k, v in row.parts.items() if isinstance(v, int | float)},
            nearest=row.nearest,
            steps=[StepOut.of(step) for step in detail.steps],
            events=[EventOut.of(event) for event in detail.events],
        )
