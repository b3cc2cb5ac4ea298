"""What the API says about the communication plan and the feedback register (masked)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from alerts.plan.calendar import Line
from alerts.plan.feedback import Figures
from langnghe.core.store.tables import ArticleRow, FeedbackRow


class TallyOut(BaseModel):
    """One organisation's month."""

    writer_id: int
    name: str
    wanted: int
    written: int
    published: int
    state: Literal["done", "waiting", "owing", "late"]

    @classmethod
    def of(cls, line: Line) -> TallyOut:
        """Return the line as the API says it."""
        return cls.model_validate(line, from_attributes=True)


class ArticleOut(BaseModel):
    """One article of the plan, without its text."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    unit_id: str
    writer_id: int
    title: str
    theme: str
    author: str
    due_on: date | None
    state: Literal["planned", "submitted", "returned", "approved", "published", "dropped"]
    submitted_at: datetime | None
    decided_by: str
    published_at: datetime | None
    url: str

    @classmethod
    def of(cls, row: ArticleRow) -> ArticleOut:
        """Return the row as the API says it."""
        return cls.model_validate(row)


class PlanMonthOut(BaseModel):
    """A month of the plan: who is behind first, then the articles."""

    month: str
    tally: list[TallyOut]
    articles: list[ArticleOut]


class FeedbackIn(BaseModel):
    """One suggestion or complaint to enter. The sender is a kind of person, never a name."""

    unit: str
    text: Annotated[str, Field(min_length=1, max_length=20_000)]
    channel: str = "khac"
    kind: str = "phan_anh"
    sender: str = "an_danh"
    topic: str = ""
    received_at: AwareDatetime | None = None


class FeedbackOut(BaseModel):
    """One entry of the register; ``text`` is masked."""

    id: int
    unit_id: str
    number: str
    received_at: datetime
    channel: str
    kind: str
    sender: str
    topic: str
    text: str
    owner: str
    due_at: datetime
    state: Literal["received", "assigned", "answered"]
    answered_at: datetime | None
    incident_id: int | None

    @classmethod
    def of(cls, row: FeedbackRow) -> FeedbackOut:
        """Return the row as the API says it."""
        return cls.model_validate(
            row.model_dump() | {"text": row.masked, "number": f"{row.number}/{row.year}"}
        )


class FeedbackMonthOut(BaseModel):
    """A month of the register with its figures."""

    month: str
    received: int
    answered: int
    on_time: int
    late: int
    median_hours: float | None
    by_channel: Mapping[str, int]
    by_kind: Mapping[str, int]
    by_topic: Mapping[str, int]
    items: list[FeedbackOut]

    @classmethod
    def of(cls, month: str, figures: Figures, rows: list[FeedbackRow]) -> FeedbackMonthOut:
        """Return the month as the API says it."""
        return cls(
            month=month,
            received=figures.received,
            answered=figures.answered,
            on_time=figures.on_time,
            late=figures.late,
            median_hours=figures.median_hours,
            by_channel=figures.by_channel,
            by_kind=figures.by_kind,
            by_topic=figures.by_topic,
            items=[FeedbackOut.of(row) for row in rows],
        )
