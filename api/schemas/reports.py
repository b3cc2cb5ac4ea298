"""How the facts of papers look from outside: the same objects the papers are laid out from."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from langnghe.core.store.tables.papers import PaperRow


class PaperOut(BaseModel):
    """A numbered paper: ``number``/``symbol`` is what stands on it, ``facts_hash`` what it says."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "unit_id": "th_suoi_mo",
                "kind": "bao-cao-nhanh",
                "incident_id": 12,
                "since": None,
                "until": None,
                "year": 2026,
                "number": 12,
                "symbol": "BC-THSM",
                "abstract": "Về vụ việc số 12 tại Trường TH Suối Mơ",
                "facts_hash": "9f2c…",
                "numbered_at": "2026-11-23T01:00:00Z",
                "numbered_by": "thuky",
            }
        }
    )

    id: int
    unit_id: str
    kind: str
    incident_id: int | None
    since: datetime | None
    until: datetime | None
    year: int
    number: int
    symbol: str
    abstract: str
    facts_hash: str
    numbered_at: datetime
    numbered_by: str

    @classmethod
    def of(cls, row: PaperRow) -> PaperOut:
        """Return the outside form of ``row``."""
        return cls.model_validate(row, from_attributes=True)
