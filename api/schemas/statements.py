"""Statements and delegations as the API takes and tells them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from alerts.statements.checks import Finding
from alerts.statements.desk import MAX_TEXT, MAX_TITLE
from alerts.statements.releasing import Place, Released, number_of
from langnghe.core.policy.statement_templates import Template, Templates
from langnghe.core.store.paging import MAX_ID
from langnghe.core.store.statements import StatementDetail
from langnghe.core.store.tables import DelegationRow, StatementPlaceRow, StatementRow, UserRow

Channel = Literal["website", "zalo", "notice", "press", "email", "other"]
RowNumber = Annotated[int, Field(ge=1, le=MAX_ID)]
_Short = Annotated[str, Field(max_length=200)]
_Version = Annotated[
    int, Field(ge=1, description="Phiên bản đã đọc; khác bản hiện tại thì bị từ chối.")
]


class _Stated(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DraftIn(_Stated):
    """What a new draft is to be about."""

    template: _Short
    audience: _Short
    unit: _Short | None = None
    incident: RowNumber | None = None
    story: RowNumber | None = None
    mention: RowNumber | None = None
    corrects: RowNumber | None = Field(None, description="Nội dung đã đăng mà bản này đính chính.")
    topics: list[_Short] = Field(default_factory=list, max_length=20)
    values: dict[str, Annotated[str, Field(max_length=5000)]] = Field(
        default_factory=dict, max_length=60, description="Dữ kiện theo mã mục của mẫu."
    )


class WordsIn(_Stated):
    """New words for a text not yet released."""

    version: _Version
    title: str = Field(min_length=1, max_length=MAX_TITLE)
    text: str = Field(min_length=1, max_length=MAX_TEXT)


class VersionIn(_Stated):
    """Which version is meant."""

    version: _Version


class ReturnIn(VersionIn):
    """Why a text goes back to its drafter."""

    note: str = Field(min_length=1, max_length=2000)


class PlaceIn(_Stated):
    """Where a released text stands."""

    channel: Channel
    url: str = Field("", max_length=2000)

    def place(self) -> Place:
        """Return it as the acts know it."""
        return Place(self.channel, self.url.strip())


class ReleaseIn(VersionIn):
    """Let this version out, there."""

    places: list[PlaceIn] = Field(min_length=1, max_length=20)


class ReasonIn(_Stated):
    """Why something is taken back."""

    reason: str = Field(min_length=1, max_length=2000)


class TextIn(_Stated):
    """A free text to be checked."""

    text: str = Field(max_length=MAX_TEXT)
    topics: list[_Short] = Field(default_factory=list, max_length=20)


class FindingOut(BaseModel):
    """One place to mend. ``start`` and ``end`` count letters of title, empty line and text."""

    severity: Literal["block", "warn"]
    code: str
    sentence: str
    start: int
    end: int
    text: str
    mend: str

    @classmethod
    def of(cls, one: Finding) -> FindingOut:
        """Return the outside form of a finding."""
        return cls(
            severity="block" if one.severity == "block" else "warn", code=one.code,
            sentence=one.sentence, start=one.span[0], end=one.span[1], text=one.text,
            mend=one.mend,
        )  # fmt: skip


class PlaceOut(BaseModel):
    """Where and when a text was put up."""

    channel: str
    url: str
    at: datetime

    @classmethod
    def each(cls, rows: Iterable[StatementPlaceRow]) -> list[PlaceOut]:
        """Return the outside form of places."""
        return [cls(channel=row.channel, url=row.url, at=row.at) for row in rows]


class StatementOut(BaseModel):
    """One statement in a list or in the register."""

    id: int
    unit: str
    incident: int | None
    template: str
    audience: str
    topics: list[str]
    title: str
    state: str
    version: int
    number: str
    sha256: str
    created_at: datetime
    created_by: str
    released_at: datetime | None
    released_by: str
    delegation: int | None
    corrects: int | None
    story: int | None
    mention: int | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    places: list[PlaceOut]

    @classmethod
    def of(
        cls, row: StatementRow, title: str, places: Iterable[StatementPlaceRow] = ()
    ) -> StatementOut:
        """Return the outside form; ``title`` as the caller may see it."""
        return cls(
            id=row.id or 0, unit=row.unit_id, incident=row.incident_id, template=row.template,
            audience=row.audience, topics=row.topics, title=title, state=row.state,
            version=row.version, number=number_of(row), sha256=row.text_hash,
            created_at=row.created_at, created_by=row.created_name, released_at=row.released_at,
            released_by=row.released_name, delegation=row.delegation_id, corrects=row.corrects_id,
            story=row.story_id, mention=row.mention_id, withdrawn_at=row.withdrawn_at,
            withdrawn_reason=row.withdrawn_reason, places=PlaceOut.each(places),
        )  # fmt: skip


class ActOut(BaseModel):
    """What somebody did to a statement."""

    at: datetime
    kind: str
    by: str
    version: int
    note: str


class StatementDetailOut(StatementOut):
    """One statement with its words, what the checks say, and what happened to it."""

    unit_name: str
    text: str
    findings: list[FindingOut]
    history: list[ActOut]
    corrected_by: list[int]

    @classmethod
    def full(
        cls, detail: StatementDetail, words: tuple[str, str], findings: Iterable[Finding]
    ) -> StatementDetailOut:
        """Return the outside form; ``words`` are title and text as the caller may see them."""
        head = StatementOut.of(detail.row, words[0], detail.places)
        return cls(
            **head.model_dump(exclude={"places"}), places=head.places,
            unit_name=detail.unit_name, text=words[1],
            findings=[FindingOut.of(one) for one in findings],
            history=[
                ActOut(at=a.at, kind=a.kind, by=a.user_name, version=a.version, note=a.note)
                for a in detail.acts
            ],
            corrected_by=[row.id or 0 for row in detail.corrected_by],
        )  # fmt: skip


class ReleasedOut(BaseModel):
    """What a release gave."""

    number: str
    sha256: str
    step: str
    step_done: bool

    @classmethod
    def of(cls, done: Released) -> ReleasedOut:
        """Return the outside form of a release."""
        return cls(
            number=done.number, sha256=done.text_hash, step=done.step, step_done=done.step_done
        )


class ApprovedOut(BaseModel):
    """A warning of the approval, empty if there is none."""

    warning: str


class TemplateFieldOut(BaseModel):
    """One fact a template takes. A number also takes ``id.nguon`` and ``id.gio``."""

    id: str
    label: str
    hint: str
    kind: str
    required: bool


class TemplateOut(BaseModel):
    """One template."""

    id: str
    name: str
    use: str
    audiences: dict[str, str]
    fields: list[TemplateFieldOut]

    @classmethod
    def of(cls, one: Template, all_of_them: Templates) -> TemplateOut:
        """Return the outside form of a template."""
        return cls(
            id=one.id, name=one.name, use=one.use,
            audiences={a: all_of_them.audience(a).name for a in one.audiences},
            fields=[
                TemplateFieldOut(
                    id=f.id, label=f.label, hint=f.hint, kind=f.kind, required=f.required
                )
                for f in one.fields
            ],
        )  # fmt: skip


class DelegationIn(_Stated):
    """A written delegation; the signed file goes along in base64."""

    holder: _Short = Field(description="Tên đăng nhập của người được ủy quyền.")
    unit: _Short | None = None
    topics: list[_Short] = Field(default_factory=list, max_length=20)
    from_at: AwareDatetime
    until_at: AwareDatetime
    document_number: str = Field(min_length=1, max_length=100)
    file_name: _Short
    file_base64: str = Field(max_length=7_000_000)


class DelegationOut(BaseModel):
    """A delegation; ``sha256`` is of the signed file."""

    id: int
    unit: str
    holder: str
    topics: list[str]
    from_at: datetime
    until_at: datetime
    document_number: str
    sha256: str
    granted_by: str
    revoked_at: datetime | None
    revoked_reason: str

    @classmethod
    def of(cls, row: DelegationRow, holder: UserRow | None) -> DelegationOut:
        """Return the outside form of a delegation."""
        return cls(
            id=row.id or 0, unit=row.unit_id, holder=holder.username if holder else "?",
            topics=row.topics, from_at=row.from_at, until_at=row.until_at,
            document_number=row.document_number, sha256=row.paper, granted_by=row.granted_name,
            revoked_at=row.revoked_at, revoked_reason=row.revoked_reason,
        )  # fmt: skip


class MadeOut(BaseModel):
    """The id of what was made."""

    id: int
