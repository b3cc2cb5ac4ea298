"""What a person sets right about a mention, as it comes in and as it is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from langnghe.core import corrections as domain
from langnghe.core.store.queries.corrections import ShownCorrection


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: str = Field("", max_length=domain.MAX_NOTE, description="Ghi chú, không bắt buộc.")
    revision: int | None = Field(
        None, ge=1, description="Bản của bài mà người chỉnh đã xem; bài đã đổi thì trả lời 409."
    )


class NotAboutUsIn(_Stated):
    """The mention does not speak of these units."""

    field: Literal["not_about_us"]
    value: list[str] = Field(
        default_factory=list, max_length=50, description="Mã đơn vị; trống là mọi đơn vị của bạn."
    )


class AboutUsIn(_Stated):
    """The mention does speak of these units, which the machine left undecided."""

    field: Literal["about_us"]
    value: list[str] = Field(min_length=1, max_length=50, description="Mã đơn vị.")


class AboutEducationIn(_Stated):
    """The mention is, or is not, about education."""

    field: Literal["about_education"]
    value: StrictBool


class SentimentIn(_Stated):
    """The tone is another."""

    field: Literal["sentiment"]
    value: Literal["neg", "neu", "pos"]


class TopicsIn(_Stated):
    """The topics are these and no others."""

    field: Literal["topics"]
    value: list[str] = Field(max_length=domain.MAX_TOPICS)


class RiskIn(_Stated):
    """The risk of this one text is another: 0 nothing, 1 watch, 2 alert, 3 crisis."""

    field: Literal["risk"]
    value: Annotated[StrictInt, Field(ge=0, le=3)]


CorrectionIn = Annotated[
    NotAboutUsIn | AboutUsIn | AboutEducationIn | SentimentIn | TopicsIn | RiskIn,
    Field(discriminator="field"),
]


class CorrectionOut(BaseModel):
    """One correction; ``undone_at`` is set on one that was taken back."""

    id: int
    field: str
    value: bool | int | str | list[str]
    note: str
    by: str
    at: datetime
    undone_at: datetime | None

    @classmethod
    def of(cls, one: ShownCorrection) -> CorrectionOut:
        """Return the outside form of ``one``."""
        return cls(
            id=one.id,
            field=one.field,
            value=one.value,
            note=one.note,
            by=one.by,
            at=one.at,
            undone_at=one.undone_at,
        )
