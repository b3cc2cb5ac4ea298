"""How something unusual looks from outside."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from langnghe.core.store.queries.unusual import UnusualLine


class UnusualOut(BaseModel):
    """More mentions than usual of a unit and topic (topic "" = all of them).

    About one such run in ``once_in_days`` days would come by chance.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 12,
                "unit_id": "th_suoi_mo",
                "unit_name": "Trường TH Suối Mơ",
                "topic": "khoan_thu",
                "kind": "burst",
                "since": "2026-11-21",
                "through": "2026-11-22",
                "opened_at": "2026-11-22T04:10:00Z",
                "closed_at": None,
                "seen": 5,
                "expected": 0.3,
                "once_in_days": 900.0,
                "strength": 0.55,
                "unit_ids": [],
                "mention_ids": [310, 311, 314, 320, 322],
                "story_ids": [77],
                "text": "Trường TH Suối Mơ: 5 tin về các khoản thu trong 2 ngày, bình thường "
                "khoảng 0,3 tin; hiếm gặp: khoảng 2 năm một lần.",
            }
        }
    )

    id: int
    unit_id: str
    unit_name: str
    topic: str
    kind: Literal["burst", "several_schools"]
    since: date
    through: date
    opened_at: datetime
    closed_at: datetime | None
    seen: int
    expected: float
    once_in_days: float
    strength: float
    unit_ids: list[str]
    mention_ids: list[int]
    story_ids: list[int]
    text: str

    @classmethod
    def of(cls, line: UnusualLine) -> UnusualOut:
        """Return the outside form of ``line``."""
        found = line.found
        return cls(
            id=found.id,
            unit_id=found.unit_id,
            unit_name=line.unit_name,
            topic=found.topic,
            kind="burst" if found.kind == "burst" else "several_schools",
            since=found.since,
            through=found.through,
            opened_at=found.opened_at,
            closed_at=found.closed_at,
            seen=found.seen,
            expected=found.expected,
            once_in_days=found.once_in_days,
            strength=found.strength,
            unit_ids=list(found.unit_ids),
            mention_ids=list(found.mention_ids),
            story_ids=list(found.story_ids),
            text=found.text,
        )
