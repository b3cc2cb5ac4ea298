"""A store in which texts are read by a fake and grouped by the real thing, and a hand over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from langnghe.core.auth import Caller
from langnghe.core.handing import Hand
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import keep
from langnghe.core.store.units import sync_units
from langnghe.core.types import Item, Role
from langnghe.core.undoing import undo
from nlp.covering import share_children
from nlp.stage import Grouper, understand_due
from tests.conftest import NOW
from tests.fakes import PROFILE, FakeReader

FIRST = "Trường TH&THCS Suối Mơ: 20 học sinh nhập viện sau bữa sáng"
SECOND = "Vụ 20 học sinh Trường TH&THCS Suối Mơ nhập viện: xã cử đoàn kiểm tra bữa sáng"
THIRD = "Thêm học sinh Trường TH&THCS Suối Mơ nhập viện sau bữa sáng, xã kiểm tra bếp ăn"
OTHER = "Trường THPT Đồi Thông khánh thành thư viện mới cho học sinh"
OTHER_2 = "Thư viện mới của Trường THPT Đồi Thông khánh thành, học sinh vui mừng"
LONG = (
    ". Sáng nay nhà xe chở gạo đến bếp ăn tập thể, cô thủ kho ghi sổ từng bao, các em lớp lớn phụ "
    "bốc dỡ rồi quét dọn sân, đến trưa thì hội cha mẹ mang thêm rau, thịt và trứng từ chợ phiên về."
)
ANALYST = Caller(7, "phan_tich", "Đ/c Phân tích", Role.ANALYST, None, "browser", "", "")


class HandHouse:
    """Hears texts, groups them, and lets a person decide."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.grouper = Grouper(store)
        self.hours = 0
        with store.write() as session:
            sync_units(session, PROFILE, NOW)
            for number, role in ((7, "analyst"), (8, "officer")):
                session.add(
                    t.UserRow(
                        id=number, username=f"nguoi_{number}", name=f"Đ/c {number}",
                        password_hash="x", role=role, created_at=NOW,
                    )
                )  # fmt: skip

    def hear(self, title: str, text: str = "", *, hours: int = 1, kind: str = "news") -> int:
        """Take in one text, an hour after the last, and group it; return its mention's id."""
        number = self.hear_later(title, text, hours=hours, kind=kind)
        self.sweep()
        return number

    def hear_later(self, title: str, text: str = "", *, hours: int = 1, kind: str = "news") -> int:
        """Take in and read one text, which then waits to be grouped; return its mention's id."""
        self.hours += hours
        item = Item(
            id=f"bai-{self.hours}", title=title, text=text or None, source="Báo Thử", kind=kind,
            seen_at=NOW + timedelta(hours=self.hours),
        )  # fmt: skip
        with self.store.write() as session:
            keep(session, [item], now=NOW, secret=b"k")
            number = session.scalar(sa.text("SELECT max(id) FROM mention"))
        understand_due(self.store, FakeReader())
        return int(number or 0)

    def sweep(self) -> None:
        """Read and group whatever waits."""
        understand_due(self.store, FakeReader())
        while self.grouper.group_due():
            pass

    def restart(self) -> None:
        """Begin with an empty memory."""
        self.grouper = Grouper(self.store)

    def hand(self, caller: Caller = ANALYST) -> Hand:
        """Return this person's hand."""
        return Hand(self.store, caller, NOW + timedelta(hours=self.hours), share_children)

    def undo(self, decision: int, caller: Caller = ANALYST) -> bool:
        """Take a decision back."""
        return undo(self.store, caller, decision, now=NOW, share=share_children)

    def story(self, mention: int) -> int:
        """Return the story of a mention; the two tables that know it must agree."""
        with self.store.read() as session:
            story = session.get_one(t.MentionRow, mention).story_id
            member = session.scalars(
                sa.select(t.StoryMentionRow).where(t.StoryMentionRow.mention_id == mention)  # type: ignore[arg-type]
            ).one()
        assert story == member.story_id
        return int(story or 0)

    def row(self, story: int) -> t.StoryRow:
        """Return the row of a story."""
        with self.store.read() as session:
            return session.get_one(t.StoryRow, story)

    def event(self, story: int) -> int:
        """Return the event of a story."""
        return self.row(story).event_id or story

    def state(self) -> list[tuple[object, ...]]:
        """Return everything a decision may change, to be compared before and after."""
        with self.store.read() as session:
            members = session.execute(
                sa.text(
                    "SELECT mention_id, story_id, pinned, copy_of FROM story_mention ORDER BY 1"
                )
            ).all()
            stories = session.execute(
                sa.text(
                    "SELECT id, mention_count, copy_count, first_at, last_at, incident_id, event_id"
                    " FROM story WHERE mention_count > 0 ORDER BY 1"
                )
            ).all()
            incidents = session.execute(sa.text("SELECT id, story_id FROM incident")).all()
        return [*map(tuple, members), *map(tuple, stories), *map(tuple, incidents)]

    def incident(self, story: int) -> int:
        """Let a story have an incident; return its id."""
        with self.store.write() as session:
            row = t.IncidentRow(
                story_id=story, unit_id="truong", title="Vụ việc", level=2, peak_level=2, score=50,
                opened_at=NOW, updated_at=NOW, policy_version="1",
            )  # fmt: skip
            session.add(row)
            session.flush()
            session.get_one(t.StoryRow, story).incident_id = row.id
            return int(row.id or 0)

    def timeline(self, incident: int) -> list[str]:
        """Return the lines of an incident."""
        with self.store.read() as session:
            rows = session.scalars(
                sa.select(t.IncidentEventRow)
                .where(t.IncidentEventRow.incident_id == incident)  # type: ignore[arg-type]
                .order_by(t.IncidentEventRow.id)  # type: ignore[arg-type]
            )
            return [row.text for row in rows]


def as_role(role: Role, unit: str | None = None) -> Caller:
    """Return a caller of another role or place."""
    return replace(ANALYST, role=role, unit_id=unit)
