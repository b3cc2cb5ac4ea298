"""The register of suggestions and complaints: received, answered, counted.

Schools must keep a box or a line for it and protect who speaks (Nghị định 80/2017). So the person
is only a kind of person, the way to answer is wiped with the answer, and what is shown is masked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Protocol

import sqlalchemy as sa

from langnghe.core.auth import Action, Caller
from langnghe.core.clock import hanoi
from langnghe.core.errors import ConflictError, ForbiddenError, InputError
from langnghe.core.evidence.keeping import keep_originals
from langnghe.core.evidence.originals import Sighting, original_of_item
from langnghe.core.evidence.vault import Vault
from langnghe.core.policy.loader import topic_names
from langnghe.core.store import mentions, plan
from langnghe.core.store.engine import Store
from langnghe.core.store.numbers import take_number
from langnghe.core.store.queries.incidents import get_incident
from langnghe.core.store.queries.scope import UNIT, subtree
from langnghe.core.store.tables import FeedbackRow, MentionUnitRow
from langnghe.core.store.users import note
from langnghe.core.text import clean
from langnghe.core.types import Item
from nlp.shield import mask

CHANNELS: Mapping[str, str] = {
    "hop_thu": "hộp thư góp ý", "duong_day_nong": "đường dây nóng", "truc_tiep": "gặp trực tiếp",
    "hop_phu_huynh": "họp cha mẹ học sinh", "zalo": "Zalo", "thu_dien_tu": "thư điện tử",
    "don_thu": "đơn thư", "khac": "cách khác",
}  # fmt: skip
KINDS: Mapping[str, str] = {
    "phan_anh": "phản ánh", "gop_y": "góp ý", "kien_nghi": "kiến nghị", "khen": "lời khen",
}  # fmt: skip
SENDERS: Mapping[str, str] = {
    "phu_huynh": "cha mẹ học sinh", "hoc_sinh": "học sinh", "nhan_vien": "cán bộ, giáo viên",
    "nguoi_dan": "người dân", "bao_chi": "báo chí", "an_danh": "không nêu tên",
}  # fmt: skip
ANSWER_WITHIN: Mapping[str, timedelta] = {
    # A complaint is answered within a day (the playbook's first level); a request to correct
    # public information within ten (Luật Tiếp cận thông tin sửa đổi, Điều 22).
    "phan_anh": timedelta(hours=24), "gop_y": timedelta(days=10),
    "kien_nghi": timedelta(days=10), "khen": timedelta(days=10),
}  # fmt: skip
LONGEST = 20_000
OLDEST = timedelta(days=366)
SOURCE = "Sổ góp ý, phản ánh"
BOOK = "gop-y"


class Counted(Protocol):
    """What the figures must know of an entry."""

    @property
    def channel(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def answered_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """The register's figures for a time; ``median_hours`` is from received to answered."""

    received: int
    answered: int
    on_time: int
    late: int
    median_hours: float | None
    by_channel: Mapping[str, int]
    by_kind: Mapping[str, int]
    by_topic: Mapping[str, int]


def take_in(
    store: Store, caller: Caller, now: datetime, *, secret: bytes, unit_id: str, text: str,
    channel: str, kind: str, sender: str, topic: str = "", reply_to: str = "",
    received_at: datetime | None = None, listen: bool = True, vault: Vault | None = None,
) -> FeedbackRow:  # fmt: skip
    """Enter one suggestion or complaint; return it with its number.

    With ``listen`` a complaint also goes the way of every mention, so that a petition weighs like a
    public one; ``vault`` keeps it as evidence as given. Raises InputError, or ForbiddenError
    outside the caller's units.
    """
    caller.require(Action.ACT)
    said = clean(text)
    if not said:
        raise InputError("Chưa ghi nội dung.")
    if len(said) > LONGEST:
        raise InputError(f"Nội dung dài quá {LONGEST} ký tự.")
    for value, among, name in (
        (channel, CHANNELS, "cách nhận"), (kind, KINDS, "loại"), (sender, SENDERS, "người gửi"),
    ):  # fmt: skip
        if value not in among:
            raise InputError(f"Không có {name} «{value}».", mend=f"Chọn: {', '.join(among)}.")
    if topic and topic not in topic_names():
        raise InputError(f"Không có chủ đề «{topic[:60]}».")
    at = received_at or now
    if at > now + timedelta(minutes=5):
        raise InputError("Giờ nhận nằm trong tương lai.")
    if at < now - OLDEST:
        raise InputError("Giờ nhận đã quá một năm.", mend="Kiểm tra lại ngày, tháng, năm.")
    with store.write() as session:
        known = sa.select(UNIT.c.id).where(UNIT.c.id == unit_id)
        if caller.unit_scope is not None:
            known = known.where(UNIT.c.id.in_(subtree(caller.unit_scope)))
        if session.execute(known).first() is None:
            raise ForbiddenError("Đơn vị này ngoài phạm vi của bạn.")
        year = hanoi(at).year
        row = FeedbackRow(
            unit_id=unit_id, year=year, number=take_number(session, unit_id, BOOK, year),
            received_at=at, received_by=caller.username, channel=channel, kind=kind,
            sender=sender, topic=topic, text=said, masked=mask(said).text,
            reply_to=clean(reply_to), owner=caller.shown_name, due_at=at + ANSWER_WITHIN[kind],
        )  # fmt: skip
        session.add(row)
        session.flush()
        note(session, now, caller.username, "feedback_received", f"feedback:{row.id}")
        if listen and kind == "phan_anh":
            item = Item(id=f"feedback:{row.id}", kind="comment", source=SOURCE, text=said,
                        published_at=at)  # fmt: skip
            mentions.keep(session, [item], now=now, secret=secret)
            # A petition is its unit's from the first moment: what names no unit is shown to all.
            heard = sa.select(mentions.MENTION.c.id).where(
                mentions.MENTION.c.key == mentions.mention_key(item)
            )
            session.add(
                MentionUnitRow(
                    mention_id=session.execute(heard).scalar_one(), unit_id=unit_id, confidence=1.0
                )
            )
            if vault is not None:
                keep_originals(session, vault, [Sighting(item, original_of_item(item, now))], now)
        return row


def answer(store: Store, caller: Caller, feedback_id: int, text: str, now: datetime) -> None:
    """Write down the answer given, masked; where it went to is wiped."""
    caller.require(Action.ACT)
    said = clean(text)
    if not said:
        raise InputError("Chưa ghi câu trả lời.")
    if len(said) > LONGEST:
        raise InputError(f"Câu trả lời dài quá {LONGEST} ký tự.")
    with store.write() as session:
        row = plan.feedback_of(session, feedback_id, viewer_unit=caller.unit_scope)
        if row.state == "answered":
            raise ConflictError("Việc này đã được trả lời.")
        row.state, row.answer, row.reply_to = "answered", mask(said).text, ""
        row.answered_at, row.answered_by = now, caller.shown_name
        note(session, now, caller.username, "feedback_answered", f"feedback:{feedback_id}")


def hand_over(
    store: Store, caller: Caller, feedback_id: int, now: datetime, *, owner: str = "",
    incident_id: int | None = None,
) -> None:  # fmt: skip
    """Give an entry to somebody to answer, or tie it to an incident."""
    caller.require(Action.ACT)
    if not clean(owner) and incident_id is None:
        raise InputError("Chưa ghi người phụ trách hay số vụ việc.")
    with store.write() as session:
        row = plan.feedback_of(session, feedback_id, viewer_unit=caller.unit_scope)
        if incident_id is not None:
            get_incident(session, incident_id, viewer_unit=caller.unit_scope)
            row.incident_id = incident_id
        if clean(owner):
            row.owner = mask(clean(owner)).text
            row.state = "assigned" if row.state == "received" else row.state
        note(session, now, caller.username, "feedback_handed_over", f"feedback:{feedback_id}")


def figures(rows: Sequence[Counted], now: datetime) -> Figures:
    """Count a time's entries. Pure."""
    done = [row for row in rows if row.answered_at is not None]
    hours = [
        (row.answered_at - row.received_at).total_seconds() / 3600
        for row in done if row.answered_at is not None
    ]  # fmt: skip
    return Figures(
        received=len(rows),
        answered=len(done),
        on_time=sum(row.answered_at is not None and row.answered_at <= row.due_at for row in done),
        late=sum((row.answered_at or now) > row.due_at for row in rows),
        median_hours=round(median(hours), 1) if hours else None,
        by_channel=dict(Counter(row.channel for row in rows).most_common()),
        by_kind=dict(Counter(row.kind for row in rows).most_common()),
        by_topic=dict(Counter(row.topic for row in rows if row.topic).most_common()),
    )
