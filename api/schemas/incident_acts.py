"""What is handed in to act on an incident, and how its files and reviews look from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.tables import AttachmentRow, ReviewRow
from langnghe.core.types import IncidentState, Verification

Reason = Annotated[str, Field(min_length=5, max_length=2000, description="Lý do.")]


class SeenIn(BaseModel):
    """What the caller had seen: acting on older news is refused with what came since."""

    seen: Annotated[
        int | None,
        Field(
            ge=0,
            le=MAX_ID,
            description="Số của mục dòng thời gian mới nhất đã đọc; bỏ trống: không kiểm tra.",
        ),
    ] = None


class ReasonIn(SeenIn):
    """A reason alone."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"reason": "Có thêm học sinh đau bụng"}}
    )

    reason: Reason


class LevelIn(ReasonIn):
    """A new level; higher than the present one raises, lower lowers."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"level": 3, "reason": "Có thêm học sinh vào viện"}}
    )

    level: Annotated[int, Field(ge=0, le=99)]


class StateIn(SeenIn):
    """The next state of an incident's life."""

    model_config = ConfigDict(json_schema_extra={"example": {"state": "verifying"}})

    state: IncidentState


class VerificationIn(ReasonIn):
    """How far the matter has been checked."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"verification": "partly", "reason": "Đã gặp gia đình"}}
    )

    verification: Verification


class OwnerIn(SeenIn):
    """Who becomes responsible: the key of a candidate; empty for the level's owner role."""

    model_config = ConfigDict(json_schema_extra={"example": {"owner": "user:2"}})

    owner: Annotated[str, Field(max_length=60)] = ""


class CandidateOut(BaseModel):
    """Somebody who may be made responsible."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"key": "user:2", "name": "Cô Lò Thị Suối", "office": ""}}
    )

    key: str
    name: str
    office: str


class EvidenceIn(SeenIn):
    """Evidence of a step in words; files go to ``attachments`` first, naming the step."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"note": "Đã gọi 9 giờ 10, anh Văn nghe máy"}}
    )

    note: Annotated[str, Field(max_length=2000)] = ""
    link: Annotated[str, Field(max_length=2000)] = ""
    document: Annotated[str, Field(max_length=200, description="Số, ký hiệu văn bản.")] = ""
    document_at: AwareDatetime | None = None


class ConclusionIn(ReasonIn):
    """An official conclusion: the outcome's id in the playbook, its words, who said so and when."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "outcome": "mot_phan",
                "by": "UBND xã",
                "at": "2026-11-24T02:00:00Z",
                "reason": "Có sai sót trong khâu bảo quản thực phẩm",
            }
        }
    )

    outcome: Annotated[str, Field(max_length=100)]
    by: Annotated[str, Field(min_length=1, max_length=200, description="Cơ quan kết luận.")]
    at: AwareDatetime | None = Field(None, description="Bỏ trống: bây giờ.")


class ReviewIn(SeenIn):
    """A version of the after-action form, by the playbook's field ids."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"fields": {"dieu_tot": "Báo xã trong 20 phút"}}}
    )

    fields: dict[str, Annotated[str, Field(max_length=5000)]]


class ReviewOut(BaseModel):
    """One version of the after-action form."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "version": 1,
                "at": "2026-11-25T02:00:00Z",
                "by": "Cô Lò Thị Suối",
                "fields": {"dieu_tot": "Báo xã trong 20 phút"},
            }
        }
    )

    version: int
    at: datetime
    by: str
    fields: dict[str, str]

    @classmethod
    def of(cls, row: ReviewRow) -> ReviewOut:
        """Return the outside form of ``row``."""
        return cls(version=row.version, at=row.at, by=row.by, fields=dict(row.fields))


class CloseIn(ReasonIn):
    """Closing; ``force`` closes before all is done and is the principal's alone."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"reason": "Đã trả lời phụ huynh", "force": False}}
    )

    force: bool = False


class MergeIn(ReasonIn):
    """The incident in which this one goes on."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"into": 4, "reason": "Cùng một bữa ăn"}}
    )

    into: Annotated[int, Field(ge=1, le=MAX_ID)]


class AttachmentOut(BaseModel):
    """A file that proves something. ``shows_child`` ones are listed and never handed out here."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "incident_id": 5,
                "step_code": "B09",
                "name": "bao-cao-nhanh.pdf",
                "media_type": "application/pdf",
                "size": 48211,
                "sha256": "0" * 64,
                "shows_child": False,
                "added_at": "2026-11-23T03:00:00Z",
                "added_by": "Cô Lò Thị Suối",
                "note": "",
                "withdrawn_at": None,
            }
        }
    )

    id: int
    incident_id: int
    step_code: str | None
    name: str
    media_type: str
    size: int
    sha256: str
    shows_child: bool
    added_at: datetime
    added_by: str
    note: str
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, row: AttachmentRow) -> AttachmentOut:
        """Return the outside form of ``row``."""
        return cls(
            id=row.id or 0,
            incident_id=row.incident_id,
            step_code=row.step_code,
            name=row.name,
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
            shows_child=row.shows_child,
            added_at=row.added_at,
            added_by=row.added_by,
            note=row.note,
            withdrawn_at=row.withdrawn_at,
        )
