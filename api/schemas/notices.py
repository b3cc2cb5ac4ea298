"""How notices look from outside."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.incidents import LevelOut
from langnghe.core.policy.model import Policy
from langnghe.core.store.delivery import ChannelTrouble
from langnghe.core.store.queries.notices import NoticeLine
from langnghe.core.store.tables import DeliveryRow


class DeliveryOut(BaseModel):
    """One thing that happened to a notice."""

    at: datetime
    event: str = Field(
        description="queued, tried, sent, failed, fell_back, gave_up, withdrawn, opened, "
        "acknowledged."
    )
    way: str = Field(description="Kênh: email, zalo_zns, zalo_oa, sms, telegram, webhook, apprise.")
    detail: str = ""
    by: str = ""

    @classmethod
    def of(cls, row: DeliveryRow) -> DeliveryOut:
        """Return one line of the log."""
        return cls(at=row.at, event=row.event, way=row.way, detail=row.detail, by=row.by)


class NoticeOut(BaseModel):
    """One notice to one person. Addresses are left out: the directory has them."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 12,
                "incident_id": 5,
                "level": {"value": 3, "id": "do", "name": "Đỏ", "title": "Khủng hoảng"},
                "purpose": "open",
                "role": "principal",
                "name": "Cô Hiệu trưởng",
                "channel": "email",
                "state": "sent",
                "maybe_twice": False,
                "created_at": "2026-11-23T01:30:00Z",
                "due_at": "2026-11-23T01:30:00Z",
                "sent_at": "2026-11-23T01:30:01Z",
                "last_error": "",
                "deliveries": [
                    {"at": "2026-11-23T01:30:01Z", "event": "sent", "way": "email"},
                ],
            }
        }
    )
    id: int
    incident_id: int | None
    level: LevelOut
    purpose: str
    role: str
    name: str
    channel: str
    state: str = Field(description="due, leased, sent, dead, grouped, withdrawn.")
    maybe_twice: bool = Field(description="Có thể đã tới dù chưa ai xác nhận là đã nhận.")
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    last_error: str
    deliveries: list[DeliveryOut]

    @classmethod
    def of(cls, line: NoticeLine, policy: Policy) -> NoticeOut:
        """Return a notice with its log."""
        row = line.row
        return cls(
            id=line.id,
            incident_id=row.incident_id,
            level=LevelOut.of(policy, row.level),
            purpose=row.purpose,
            role=row.role,
            name=row.name,
            channel=row.channel,
            state=row.state,
            maybe_twice=row.doubt,
            created_at=row.created_at,
            due_at=row.due_at,
            sent_at=row.sent_at,
            last_error=row.last_error,
            deliveries=[DeliveryOut.of(d) for d in line.deliveries],
        )


class ChannelTroubleOut(BaseModel):
    """A way out that does not work now."""

    channel: str
    since: datetime
    tried_at: datetime
    why: str
    mend: str
    waiting: int = Field(description="Số thông báo đang chờ kênh này.")

    @classmethod
    def of(cls, trouble: ChannelTrouble) -> ChannelTroubleOut:
        """Return the trouble of a channel."""
        return cls(
            channel=trouble.channel,
            since=trouble.since,
            tried_at=trouble.tried_at,
            why=trouble.why,
            mend=trouble.mend,
            waiting=trouble.waiting,
        )
