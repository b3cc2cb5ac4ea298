"""How units, sources and the house's health look from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from langnghe.core.store.tables import SourceRow, UnitRow


class UnitOut(BaseModel):
    """A watched unit. Contacts are not shown here."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "th_suoi_mo",
                "kind": "school",
                "name": "Trường TH Suối Mơ",
                "parent_id": "xa_suoi_mo",
            }
        }
    )

    id: str
    kind: str
    name: str
    parent_id: str | None

    @classmethod
    def of(cls, row: UnitRow) -> UnitOut:
        """Return the outside form of ``row``."""
        return cls(id=row.id, kind=row.kind, name=row.name, parent_id=row.parent_id)


class SourceOut(BaseModel):
    """One source and its health."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "bao_thi_du",
                "name": "Báo Thí Dụ",
                "kind": "rss",
                "url": "https://bao.example/rss/giao-duc.rss",
                "tier": 2,
                "enabled": True,
                "state": "failing",
                "reason": "Máy chủ không trả lời trong 20 giây.",
                "mend": "Thử mở địa chỉ bằng trình duyệt.",
                "since": "2026-11-23T01:00:00Z",
                "last_ok_at": "2026-11-22T23:30:00Z",
                "last_item_at": "2026-11-22T22:10:00Z",
                "item_count": 1204,
                "failures": 3,
            }
        }
    )

    id: str
    name: str
    kind: str
    url: str
    tier: int
    enabled: bool
    state: str
    reason: str
    mend: str
    since: datetime | None
    last_ok_at: datetime | None
    last_item_at: datetime | None
    item_count: int
    failures: int

    @classmethod
    def of(cls, row: SourceRow) -> SourceOut:
        """Return the outside form of ``row``."""
        return cls(
            id=row.id,
            name=row.name,
            kind=row.kind,
            url=row.url,
            tier=row.tier,
            enabled=row.enabled,
            state=row.state,
            reason=row.reason,
            mend=row.mend,
            since=row.since,
            last_ok_at=row.last_ok_at,
            last_item_at=row.last_item_at,
            item_count=row.item_count,
            failures=row.failures,
        )


class HealthOut(BaseModel):
    """Whether the house is listening; ``stalled`` names the stages standing still."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "state": "listening",
                "database": "ok",
                "stalled": [],
                "beats": {"collect": "2026-11-23T01:36:12Z"},
            }
        }
    )

    state: Literal["listening", "starting", "stalled"]
    database: Literal["ok"]
    stalled: list[str]
    beats: dict[str, datetime]
