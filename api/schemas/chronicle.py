"""How the chronicle of a story looks from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from alerts.chronicle import Chronicle
from alerts.chronicle.stances import STANCES, Bucket
from alerts.forecast.model import Forecast
from api.schemas.chronicle_example import CHRONICLE_EXAMPLE
from api.schemas.incidents import STORY_EXAMPLE, LevelOut, StoryOut
from api.schemas.outlook import ForecastOut
from langnghe.core.policy.model import Policy
from langnghe.core.store.tables import StoryRow


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SourceOut(_Out):
    """A mention by its place; the title is masked."""

    id: int = Field(description="Số của tin.")
    at: datetime = Field(description="Lúc đăng; không rõ thì lúc thu thập.")
    outlet: str
    title: str
    kind: str
    tier: int = Field(description="1 báo trung ương … 5 một tiếng nói lẻ.")


class PhaseOut(_Out):
    """Which phase the story is in now."""

    id: Literal["new", "spreading", "steady", "fading"]
    recent: int = Field(description="Tin gốc trong 6 giờ qua.")
    before: int = Field(description="Tin gốc trong 6 giờ trước đó.")
    new_voices: int = Field(description="Nguồn lần đầu đăng tin trong 6 giờ qua.")


class CopyOut(_Out):
    """A copy and what it was taken from."""

    source: SourceOut
    of: int
    depth: int
    delay: timedelta = Field(description="Sau tin gốc bao lâu (ISO 8601).")


class FamilyOut(_Out):
    """An original with its copies."""

    origin: SourceOut
    copies: list[CopyOut]
    more: int = Field(description="Số tin đăng lại không liệt kê.")


class SpreadOut(_Out):
    """Who told it first and who copied whom."""

    first: SourceOut
    first_article: SourceOut | None
    independent: int = Field(description="Nguồn có tin của riêng mình.")
    echoing: int = Field(description="Nguồn chỉ đăng lại.")
    originals: int
    copies: int
    comments: int
    families: list[FamilyOut]
    more_families: int


class NumberOut(_Out):
    """One number as it was said."""

    shown: str
    value: float
    turn: Literal["first", "up", "down", "exact", "other"]
    at: datetime
    outlet: str
    mention_id: int
    voices: int = Field(description="Số nguồn nêu con số này.")
    late: int = Field(description="Số nguồn còn nêu khi đã có con số mới hơn.")
    disputed: bool = Field(description="Cùng giờ có nguồn nêu con số khác.")
    comment: bool


class OfficialOut(_Out):
    """The newest number a competent body gives."""

    shown: str
    at: datetime
    outlet: str
    mention_id: int
    by: list[str]


class DriftOut(_Out):
    """The numbers of one kind of fact over time."""

    kind: str
    noun: str
    joined: bool = Field(description="Sai: các khoản khác nhau, không phải một chuỗi.")
    path: str
    steps: list[NumberOut]
    official: OfficialOut | None


class UseOut(_Out):
    """A wording and who used it first."""

    word: str
    at: datetime
    outlet: str
    mention_id: int
    count: int
    last_at: datetime


class FramingOut(_Out):
    """Rival wordings of one act."""

    group: str
    path: list[str]
    uses: list[UseOut]


class WordingOut(_Out):
    """What changed in the way the story is told; empty where nothing really did."""

    framings: list[FramingOut]
    entered: list[str]
    left: list[str]
    since: datetime | None


class BucketOut(_Out):
    """Mentions of one stretch of time by stance."""

    start: datetime
    end: datetime
    counts: dict[str, int]

    @classmethod
    def of(cls, bucket: Bucket) -> BucketOut:
        """Return the outside form of ``bucket``."""
        counts = dict(zip(STANCES, bucket.counts, strict=True))
        return cls(start=bucket.start, end=bucket.end, counts=counts)


class VoiceOut(_Out):
    """The first word of a side."""

    source: SourceOut
    by: list[str]
    delay: timedelta = Field(description="Sau tin đầu bao lâu (ISO 8601).")


class StancesOut(_Out):
    """Stances over time."""

    buckets: list[BucketOut]
    office: VoiceOut | None = Field(description="Cơ quan có thẩm quyền lên tiếng lần đầu.")
    school: VoiceOut | None


class ReplyOut(_Out):
    """Who denied, corrected, concluded or confirmed."""

    source: SourceOut
    stance: str
    by: list[str]
    copies: int
    denied: list[str] = Field(description="Điều bị bác bỏ, theo loại sự kiện.")
    delay: timedelta = Field(description="Sau tin đầu bao lâu (ISO 8601).")


class CarrierOut(_Out):
    """An outlet that told the claim, and its answer if it told one."""

    outlet: str
    claimed: SourceOut
    claims: int
    answered: SourceOut | None


class StillOut(_Out):
    """A denied fact that goes on being stated."""

    kind: str
    denied: SourceOut
    after: int
    last_at: datetime | None


class RepliesOut(_Out):
    """The rumour and correction tracker. It does not say who is right."""

    replies: list[ReplyOut]
    more: int
    carrying: list[CarrierOut]
    silent: list[CarrierOut] = Field(description="Đã đăng phản ánh, chưa đăng bác bỏ hay kết luận.")
    silent_total: int
    still: list[StillOut]
    latest: ReplyOut | None = Field(description="Bác bỏ, đính chính hoặc kết luận mới nhất.")


class SentenceOut(_Out):
    """A sentence word for word from a masked text."""

    text: str
    source: SourceOut


class ChronicleOut(_Out):
    """How the story went, from masked texts only."""

    phase: PhaseOut
    headline: SourceOut | None
    spread: SpreadOut
    drifts: list[DriftOut]
    wording: WordingOut
    stances: StancesOut
    replies: RepliesOut
    sentences: list[SentenceOut]

    @classmethod
    def of(cls, told: Chronicle) -> ChronicleOut:
        """Return the outside form of ``told``."""
        return cls(
            phase=PhaseOut.model_validate(told.phase),
            headline=SourceOut.model_validate(told.headline) if told.headline else None,
            spread=SpreadOut.model_validate(told.spread),
            drifts=[DriftOut.model_validate(drift) for drift in told.drifts],
            wording=WordingOut.model_validate(told.wording),
            stances=StancesOut(
                buckets=[BucketOut.of(bucket) for bucket in told.stances.buckets],
                office=VoiceOut.model_validate(told.stances.office)
                if told.stances.office
                else None,
                school=VoiceOut.model_validate(told.stances.school)
                if told.stances.school
                else None,
            ),
            replies=RepliesOut.model_validate(told.replies),
            sentences=[SentenceOut.model_validate(sentence) for sentence in told.sentences],
        )


class BurstOut(BaseModel):
    """One story of the whole affair."""

    id: int
    title: str
    first_at: datetime
    last_at: datetime
    mention_count: int
    level: LevelOut


class StoryDetailOut(StoryOut):
    """A story with its chronicle and the other bursts of the same affair."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **STORY_EXAMPLE,
                "chronicle": CHRONICLE_EXAMPLE,
                "event": [],
                "forecast": None,
            }
        }
    )

    chronicle: ChronicleOut | None = Field(description="Trống khi chưa tin nào được đọc.")
    forecast: ForecastOut | None = Field(description="Trống khi không có gì để dự báo.")
    event: list[BurstOut] = Field(description="Các đợt của cả vụ việc, cũ trước; trống nếu một.")

    @classmethod
    def full(
        cls,
        row: StoryRow,
        policy: Policy,
        told: Chronicle | None,
        event: Sequence[StoryRow],
        ahead: Forecast | None,
    ) -> StoryDetailOut:
        """Return the outside form of ``row`` with what is told of it."""
        return cls(
            **StoryOut.of(row, policy).model_dump(),
            chronicle=ChronicleOut.of(told) if told else None,
            forecast=ForecastOut.of(ahead, policy),
            event=[
                BurstOut(
                    id=other.id or 0,
                    title=other.title,
                    first_at=other.first_at,
                    last_at=other.last_at,
                    mention_count=other.mention_count,
                    level=LevelOut.of(policy, other.level),
                )
                for other in event
            ],
        )
