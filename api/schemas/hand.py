"""What a person decides about stories, as it comes in and as it is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from langnghe.core.hand import MAX_MENTIONS, MAX_NOTE
from langnghe.core.handing import Done
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.queries.hand import ShownDecision

RowNumber = Annotated[int, Field(ge=1, le=MAX_ID)]
_Mentions = Annotated[
    list[RowNumber],
    Field(min_length=1, max_length=MAX_MENTIONS, description="Mã các tin; bản đăng lại đi theo."),
]


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: str = Field("", max_length=MAX_NOTE, description="Ghi chú, không bắt buộc.")


class SplitIn(_Stated):
    """These mentions are a story of their own."""

    mentions: _Mentions


class MoveIn(_Stated):
    """These mentions belong to another story."""

    mentions: _Mentions
    into: RowNumber = Field(description="Mã cụm nhận.")


class MergeIn(_Stated):
    """The whole story belongs to another one."""

    into: RowNumber = Field(description="Mã cụm nhận.")


class MarkIn(_Stated):
    """What is said concerns this other story too."""

    other: RowNumber = Field(description="Mã cụm kia.")


class DecidedOut(BaseModel):
    """The decision that was stored, and the story to look at now."""

    decision: int
    story: int

    @classmethod
    def of(cls, done: Done) -> DecidedOut:
        """Return the outside form of ``done``."""
        return cls(decision=done.decision, story=done.story)


class UndoneOut(BaseModel):
    """Whether this call undid the decision; false when it was undone before."""

    undone: bool


class DecisionOut(BaseModel):
    """One decision; ``undone_at`` is set on one that no longer stands."""

    id: int
    kind: str = Field(description="split, merge, move, same hoặc unrelated.")
    story: int
    other: int
    mentions: int = Field(description="Số tin đã chuyển chỗ.")
    note: str
    by: str
    at: datetime
    undone_at: datetime | None

    @classmethod
    def of(cls, one: ShownDecision) -> DecisionOut:
        """Return the outside form of ``one``."""
        return cls(
            id=one.id,
            kind=one.kind,
            story=one.story_id,
            other=one.other_id,
            mentions=one.mentions,
            note=one.note,
            by=one.by,
            at=one.at,
            undone_at=one.undone_at,
        )
