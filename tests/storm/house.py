"""Our house in the storm: stories come, people answer, and everything around it fails in turn."""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from alerts.incidents import acknowledge
from langnghe.core.errors import LangNgheError
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import (
    DONE,
    IncidentRow,
    MentionRow,
    MentionUnitRow,
    ReadingRow,
    StoryMentionRow,
    StoryRow,
)
from langnghe.core.store.units import sync_units
from tests.storm.count import first_rung
from tests.storm.machine import Disk, Mortal, Post, Postgres, Timetable
from tests.storm.plan import LEVELS, FastClock, Happening, Storm, district

_INCIDENT: sa.Table = IncidentRow.__table__  # type: ignore[attr-defined]
_UNANSWERED = sa.select(_INCIDENT.c.id, _INCIDENT.c.title, _INCIDENT.c.opened_at).where(
    _INCIDENT.c.acknowledged_at.is_(None)
)


@dataclass(slots=True)
class Lived:
    """What happened to us, as the storm saw it from outside (real seconds since 1970)."""

    start: float
    arrived: dict[int, float] = field(default_factory=dict)
    answered: dict[int, tuple[float, float]] = field(default_factory=dict)
    opened: dict[int, float] = field(default_factory=dict)
    troubles: list[tuple[str, float, float]] = field(default_factory=list)
    kills: int = 0
    gave_up: int = 0
    mails: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Weather:
    """Arrivals, answers and misfortunes around one house."""

    def __init__(
        self, storm: Storm, folder: Path, *, postgres: bool, digests: bool, speed: float = 1.0,
        disk: bool = True,
    ) -> None:  # fmt: skip
        self.storm, self.folder = storm, folder
        folder.mkdir(parents=True)
        self._disk = Disk(folder / "small", 768) if disk and storm.full_disk else None
        home = self._disk.path if self._disk and not self._disk.why_not else folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        self._postgres = Postgres(folder / "db") if postgres else None
        self.url = self._postgres.url if self._postgres else f"sqlite:///{home / 'langnghe.db'}"
        self.post = Post(folder / "post")
        self.lived = Lived(time.time())
        self.clock = FastClock(self.lived.start, speed)
        if self._disk and self._disk.why_not:
            self.lived.notes.append(f"no full disk: {self._disk.why_not}")
        self.store = Store(self.url, busy_timeout_s=5)
        self.store.migrate()
        with self.store.write() as session:
            sync_units(session, district(), self.clock.now())
        orders = folder / "orders.json"
        orders.write_text(json.dumps({
            "home": str(home), "database": self.url, "smtp_port": self.post.port,
            "origin": self.lived.start, "speed": speed, "digests": digests,
        }))  # fmt: skip
        self.worker = Mortal(
            [sys.executable, "-m", "tests.storm.worker", str(orders)], folder / "worker.log"
        )
        self._calm = threading.Event()

    def blow(self) -> Timetable:
        """Let everything happen; return the timetable to wait for."""
        storm, table = self.storm, Timetable()
        self.lived.start = table.start
        table.at(*((h.at, partial(self._arrive, h)) for h in storm.happenings))
        table.at(*((kill, self.worker.kill) for kill in storm.kills))
        for outage in storm.outages:
            mode = "drop" if outage.drops else "refuse"
            table.at(
                (outage.start, partial(self.post.order, mode, outage.drops)),
                (outage.end, partial(self._well, "mail", outage.start)),
            )
        if self._disk and not self._disk.why_not and storm.full_disk:
            since, until = storm.full_disk
            table.at((since, self._disk.fill), (until, partial(self._room, since)))
        if self._postgres and storm.database_restart is not None:
            table.at((storm.database_restart, self._restart))
        threading.Thread(target=self._answers, daemon=True).start()
        return table

    def close(self) -> Lived:
        """End everything; return what happened."""
        self._calm.set()
        self.worker.close()
        self.lived.kills, self.lived.gave_up = self.worker.kills, self.worker.starts
        self.lived.mails = self.post.mails()
        self.post.close()
        self._opened()
        self.store.close()
        if self._postgres:
            self._postgres.close()
        if self._disk:
            self._disk.close()
        return self.lived

    def _well(self, what: str, since: float) -> None:
        self.post.order("on")
        self.lived.troubles.append((what, self.lived.start + since, time.time()))

    def _room(self, since: float) -> None:
        assert self._disk
        self._disk.free()
        self.lived.troubles.append(("disk", self.lived.start + since, time.time()))

    def _restart(self) -> None:
        assert self._postgres
        since = time.time()
        self._postgres.restart()
        self.lived.troubles.append(("database", since, time.time()))

    def _arrive(self, what: Happening) -> None:
        """Write the story; whoever collects tries again until the database takes it."""
        while not self._calm.is_set():
            try:
                with self.store.write() as session:
                    _put(session, what, self.clock.now())
            except LangNgheError:
                time.sleep(0.1)
                continue
            except sa.exc.IntegrityError:
                pass  # it was committed although the database fell before it could say so
            self.lived.arrived[what.number] = time.time()
            return

    def _answers(self) -> None:
        """Acknowledge as people do: a while after the incident came into being."""
        ladders = {h.number: h for h in self.storm.happenings if h.answer is not None}
        waiting: dict[int, tuple[int, datetime]] = {}
        while not self._calm.wait(0.2):
            try:
                with self.store.read() as session:
                    for own_id, title, opened in session.execute(_UNANSWERED):
                        number = int(title[1:5])
                        if number in ladders and number not in self.lived.answered:
                            waiting[number] = (own_id, opened)
                for number, (own_id, opened) in list(waiting.items()):
                    share = ladders[number].answer or 0.0
                    after = first_rung(ladders[number].level) * share
                    if (self.clock.now() - opened).total_seconds() >= after:
                        began = time.time()
                        acknowledge(self.store, own_id, "Thầy Trực", self.clock.now())
                        self.lived.answered[number] = (began, time.time())
                        del waiting[number]
            except LangNgheError:
                continue  # the database is away; people try again

    def _opened(self) -> None:
        with self.store.read() as session:
            for incident in session.scalars(sa.select(IncidentRow)):
                self.lived.opened[int(incident.title[1:5])] = incident.opened_at.timestamp()


def _put(session: Any, what: Happening, now: datetime) -> None:
    """Write one weighed story with its mention, due for acting, as assessing leaves it."""
    unit, title = f"truong{what.school}", f"{what.mark}: sự việc ở Mưa Rào {what.school}"
    level = LEVELS[what.level]
    story = StoryRow(
        title=title, first_at=now, last_at=now, mention_count=1, source_count=1, unit_id=unit,
        units=[unit], topics=[what.topic], level=level, score=(0.0, 35.0, 60.0, 85.0)[level],
        parts={"state": {"overrides": [], "unit_confidence": 0.9, "unit_kind": "school"}},
        reasons=[{"code": "storm", "text": "Một nguồn tin.", "mention_ids": []}],
        policy_version="storm", assessed_at=now, act_due=True,
    )  # fmt: skip
    session.add(story)
    session.flush()
    mention = MentionRow(
        key=what.mark, kind="news", source_name="Báo Gió", published_at=now, seen_at=now,
        title=title, text="", content_hash=what.mark, stage=DONE, story_id=story.id,
        about_education=True,
    )  # fmt: skip
    session.add(mention)
    session.flush()
    assert mention.id is not None
    assert story.id is not None
    session.add(ReadingRow(
        mention_id=mention.id, revision=1, model="storm", about_education=True,
        about_education_p=0.95, scope="vn", sentiment="neg", sentiment_p={},
        topics=[{"topic": what.topic, "p": 0.9, "evidence": []}], risk=2,
        risk_p=[0.1, 0.2, 0.6, 0.1], stance="report", facts=[], units=[], masked_title=title,
        masked_text="",
    ))  # fmt: skip
    session.add(MentionUnitRow(mention_id=mention.id, unit_id=unit, confidence=0.9))
    session.add(StoryMentionRow(story_id=story.id, mention_id=mention.id, at=now))
