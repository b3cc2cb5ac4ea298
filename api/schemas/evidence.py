"""How evidence looks from outside: what is kept and what was seen since, never the originals."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from alerts.evidence import Dossier, KeptMention


class RecordOut(BaseModel):
    """One record of the chain."""

    seq: int
    at: datetime
    kind: str
    sha256: str = Field(description="SHA-256 của nội dung thấy ở nguồn.")
    chain: str
    purged: bool = Field(description="Nội dung đã xóa theo lệnh; mã băm còn giữ.")


class VersionOut(BaseModel):
    """One wording, masked: of the source's own entry or of its page read again."""

    where: str = Field(description="tin: mục của nguồn · trang: trang bài xem lại.")
    version: int
    since: datetime | None
    until: datetime | None
    title: str
    text: str


class KeptMentionOut(BaseModel):
    """What is kept of a mention."""

    mention_id: int
    records: list[RecordOut]
    versions: list[VersionOut]
    checked_at: datetime | None
    deleted_at: datetime | None = Field(description="Lúc thấy trang đã bị gỡ (đã xác nhận).")
    restored_at: datetime | None
    missing: str = Field(description="Vì sao thiếu bản gốc; rỗng là không thiếu.")

    @classmethod
    def of(cls, kept: KeptMention) -> KeptMentionOut:
        """Return what may be shown of a kept mention."""
        page = kept.page
        return cls(
            mention_id=kept.shown.id,
            records=[
                RecordOut(seq=r.seq, at=r.at, kind=r.kind, sha256=r.sha256, chain=r.chain,
                          purged=r.purged_by is not None)
                for r in kept.records
            ],
            versions=[
                VersionOut(where=v.where, version=v.number, since=v.at, until=v.until,
                           title=v.title, text=v.text)
                for v in kept.versions
            ],
            checked_at=page.checked_at if page else None,
            deleted_at=page.deleted_at if page else None,
            restored_at=page.restored_at if page else None,
            missing=kept.gap,
        )  # fmt: skip


class EvidenceOut(BaseModel):
    """What is kept of an incident; ``total`` mentions, the newest of them told of."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "head_seq": 4210,
                "head_chain": "9f2c" * 16,
                "total": 1,
                "mentions": [
                    {
                        "mention_id": 310,
                        "records": [
                            {"seq": 4102, "at": "2026-11-23T01:05:00Z", "kind": "response",
                             "sha256": "ab12" * 16, "chain": "77e0" * 16, "purged": False}
                        ],
                        "versions": [],
                        "checked_at": "2026-11-23T02:05:00Z",
                        "deleted_at": None,
                        "restored_at": None,
                        "missing": "",
                    }
                ],
            }
        }
    )  # fmt: skip
    head_seq: int
    head_chain: str
    total: int
    mentions: list[KeptMentionOut]

    @classmethod
    def of(cls, kept: Dossier) -> EvidenceOut:
        """Return what may be shown of an incident's evidence."""
        return cls(
            head_seq=kept.head_seq,
            head_chain=kept.head_chain,
            total=kept.total,
            mentions=[KeptMentionOut.of(m) for m in kept.mentions],
        )
