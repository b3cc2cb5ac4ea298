"""An invented town for the tests of this room: its units, its people, and mentions put in rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from alerts.carry import Office
from alerts.outbox import OutMail
from alerts.stage import act_due, assess_due, fire_deadlines
from langnghe.core.errors import DeliveryError
from langnghe.core.policy.loader import Policy, load_policy
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import (
    DONE,
    DeadlineRow,
    IncidentEventRow,
    IncidentRow,
    MentionRow,
    MentionUnitRow,
    OutboxRow,
    ReadingRow,
    StepRow,
    StoryMentionRow,
    StoryRow,
)
from langnghe.core.store.units import sync_units
from langnghe.core.types import Contact, Profile, Unit

Row = TypeVar("Row", bound=SQLModel)
POLICY = load_policy()
T0 = datetime(2026, 9, 24, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MEAL = "an_toan_thuc_pham"
CRISIS = (0.02, 0.03, 0.15, 0.80)
ALERT = (0.10, 0.20, 0.60, 0.10)
WATCH = (0.25, 0.60, 0.13, 0.02)

SCHOOL = Unit(
    "th_suoi_mo", "school", "Trường Tiểu học Suối Mơ", "xa_ban_hoa",
    contacts=(
        Contact("principal", "Cô Hiệu trưởng", "hieutruong@suoimo.example"),
        Contact("officer", "Thầy Thư ký", "thuky@suoimo.example"),
    ),
)  # fmt: skip
OTHER = Unit("thcs_doi_gio", "school", "Trường THCS Đồi Gió", "xa_ban_hoa")
COMMUNE = Unit(
    "xa_ban_hoa", "commune", "Giáo dục xã Bản Hoa", "so_gddt",
    contacts=(Contact("culture", "Phòng Văn hóa xã", "vhxh@banhoa.example"),),
)  # fmt: skip
SECTOR = Unit(
    "so_gddt", "sector", "Sở GD&ĐT tỉnh Mây Trắng",
    contacts=(Contact("office", "Văn phòng Sở", "vanphong@maytrang.example"),),
)  # fmt: skip
PROFILE = Profile("Thị trấn thử", (SCHOOL, OTHER, COMMUNE, SECTOR), version="t1")


def settings_for(home: Path, **more: object) -> Settings:
    """Return settings of an installation in ``home``."""
    return Settings.model_validate({"home": home, "base_url": "https://nghe.example.vn", **more})


class Room:
    """This room at work over one store that knows the town."""

    def __init__(
        self,
        store: Store,
        home: Path,
        profile: Profile = PROFILE,
        policy: Policy = POLICY,
        **more: object,
    ) -> None:
        self.store, self.profile, self.policy = store, profile, policy
        self.settings = settings_for(home, **more)
        self.office = Office(policy, profile, self.settings)
        self.press = Press(store)
        with store.write() as session:
            sync_units(session, profile, T0)

    def act(self, now: datetime = T0) -> None:
        while act_due(self.store, self.policy, self.profile, self.settings, now):
            pass

    def sweep(self, now: datetime = T0) -> None:
        while assess_due(self.store, self.policy, now):
            pass
        self.act(now)
        fire_deadlines(self.store, self.policy, self.profile, self.settings, now)

    def rows(self, kind: type[Row]) -> list[Row]:
        with self.store.read() as session:
            return list(session.scalars(sa.select(kind).order_by(sa.text("id"))))

    def incident(self) -> IncidentRow:
        [row] = self.rows(IncidentRow)
        return row

    def counts(self) -> tuple[int, ...]:
        kinds: tuple[type[SQLModel], ...] = (
            IncidentRow, IncidentEventRow, StepRow, DeadlineRow, OutboxRow
        )  # fmt: skip
        return tuple(len(self.rows(kind)) for kind in kinds)

    def told(self, purpose: str = "") -> list[tuple[str, str]]:
        return [
            (row.purpose, row.recipient.split("@")[0])
            for row in self.rows(OutboxRow)
            if row.purpose.startswith(purpose)
        ]

    def events(self) -> list[str]:
        return [row.kind for row in self.rows(IncidentEventRow)]


class Press:
    """Puts read mentions and their stories into the tables, as the stages before would."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._count = 0
        self._open: Session | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Put all that is published in the block into one transaction, to be quick."""
        with self._store.write() as session:
            self._open = session
            try:
                yield
            finally:
                self._open = None

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        if self._open is not None:
            yield self._open
            return
        with self._store.write() as session:
            yield session

    def story(self, title: str) -> int:
        with self._writing() as session:
            row = StoryRow(title=title, first_at=T0, last_at=T0)
            session.add(row)
            session.flush()
            assert row.id is not None
            return row.id

    def publish(
        self,
        story_id: int,
        title: str,
        *,
        text: str = "",
        at: datetime = T0,
        outlet: str = "Báo Mây Trắng",
        risk_p: tuple[float, float, float, float] = ALERT,
        topic: str = MEAL,
        facts: tuple[tuple[str, float | None, str], ...] = (),
        stance: str = "report",
        units: dict[str, float] | None = None,
        copy_of: int | None = None,
        scope: str = "vn",
        kind: str = "news",
    ) -> int:
        self._count += 1
        with self._writing() as session:
            mention = MentionRow(
                key=f"k{self._count}", kind=kind, source_name=outlet, published_at=at, seen_at=at,
                title=title, text=text, content_hash=f"h{self._count}", stage=DONE,
                story_id=story_id, about_education=True,
            )  # fmt: skip
            session.add(mention)
            session.flush()
            assert mention.id is not None
            session.add(
                ReadingRow(
                    mention_id=mention.id, revision=1, model="m", about_education=True,
                    about_education_p=0.95, scope=scope, sentiment="neg", sentiment_p={},
                    topics=[{"topic": topic, "p": 0.9, "evidence": []}],
                    risk=max(range(4), key=lambda n: risk_p[n]), risk_p=list(risk_p),
                    stance=stance,
                    facts=[
                        {"kind": k, "value": v, "span": [0, 0], "text": t} for k, v, t in facts
                    ],
                    units=[], masked_title=title, masked_text=text,
                )
            )  # fmt: skip
            for unit, confidence in ({SCHOOL.id: 0.9} if units is None else units).items():
                session.add(
                    MentionUnitRow(mention_id=mention.id, unit_id=unit, confidence=confidence)
                )
            session.add(
                StoryMentionRow(story_id=story_id, mention_id=mention.id, copy_of=copy_of, at=at)
            )
            story = session.get(StoryRow, story_id)
            assert story is not None
            story.assess_due = True
            return mention.id


POISONING = "20 học sinh Trường Tiểu học Suối Mơ nhập viện sau bữa trưa bán trú"


def poisoning(press: Press, at: datetime = T0) -> int:
    """Publish the first article of a mass poisoning; return its story."""
    story = press.story(POISONING)
    press.publish(
        story, POISONING, at=at, risk_p=(0.02, 0.08, 0.30, 0.60),
        facts=(("hospitalised", 20.0, "20 học sinh"),),
    )  # fmt: skip
    return story


class Postbox:
    """A channel that keeps what it is given; it can refuse, or break like a power cut."""

    def __init__(self) -> None:
        self.mails: list[OutMail] = []
        self.refuse: DeliveryError | None = None
        self.die_after: int | None = None
        self.closed = 0

    def send(self, mail: OutMail) -> None:
        if self.refuse is not None:
            raise self.refuse
        if any(mail.key == m.key for m in self.mails):
            return
        self.mails.append(replace(mail))
        if self.die_after is not None and len(self.mails) >= self.die_after:
            raise PowerCut

    def close(self) -> None:
        self.closed += 1


class PowerCut(BaseException):
    """The process ends here, without a chance to tidy up."""
