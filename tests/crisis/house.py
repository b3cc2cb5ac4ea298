"""The whole house over one database, moved on by the story's own clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa
from fastapi.testclient import TestClient
from sqlmodel import SQLModel

from alerts.attachments import Kept, Upload, keep_file
from alerts.incidents import Evidence, complete_step
from alerts.office import Office
from langnghe.core.auth import Caller, caller_of, issue_token
from langnghe.core.clock import VirtualClock
from langnghe.core.evidence.keeping import keep_originals
from langnghe.core.evidence.originals import HTTP, Original, Sighting
from langnghe.core.evidence.vault import vault_of
from langnghe.core.settings import load_settings
from langnghe.core.store import tables as t
from langnghe.core.store.mentions import keep
from langnghe.core.types import Item
from langnghe.house import open_house, open_services
from langnghe.pipeline import SWEEP, House, turn
from langnghe.web import create_app
from nlp.stage import Reads
from tests.crisis.post import PostOffice, Told
from tests.crisis.town import PROFILE, SCHOOL, at, told_at
from tests.webhouse import _hashed

Row = TypeVar("Row", bound=SQLModel)
MINUTE = timedelta(minutes=1)
GRID = timedelta(hours=2)
"""How far apart the house looks where nothing is expected; around what is, every minute."""
SCAN = b"%PDF-1.7 ban chup co dau"
# username: (shown name, role)
USERS = {"hanh": ("Cô Lò Thị Hạnh", "principal"), "binh": ("Thầy Hà Văn Bình", "officer"),
         "an": ("Thầy Vì Văn An", "officer"), "quantri": ("Quản trị", "admin")}  # fmt: skip


class CrisisHouse:
    """An installation as ``langnghe up`` opens it, save that its clock waits to be told."""

    def __init__(self, home: Path, database: str, reader: Reads, sms_url: str, start: str) -> None:
        self.clock = VirtualClock(at(start))
        self.post = PostOffice(self.clock)
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        (home / "profile.toml").write_text(PROFILE, encoding="utf-8")
        (home / "sources.yaml").write_text("sources: []\n", encoding="utf-8")
        (home / "langnghe.toml").write_text(
            f"""
database_url = "{database}"
base_url = "https://nghe.suoimo.example"
catalog = "sources.yaml"
smtp_host = "127.0.0.1"
smtp_port = {self.post.port}
smtp_security = "none"
mail_from = "langnghe@suoimo.example"
allow_private_hosts = ["{urlsplit(sms_url).netloc}"]
[channels.sms]
url = "{sms_url}"
body = {{to = "{{to}}", text = "{{text}}"}}
ok_pattern = "^OK"
""",
            encoding="utf-8",
        )
        self.services = open_services(load_settings(home), clock=self.clock)
        self.store, self.policy = self.services.store, self.services.policy
        self.house: House = open_house(self.services, fetch=False, reader=reader)
        self.office = Office(self.policy, self.services.profile, self.services.settings)
        self.web = TestClient(create_app(self.services), base_url="https://nghe.suoimo.example")
        with self.store.write() as session:
            for username, (name, role) in USERS.items():
                session.add(
                    t.UserRow(
                        username=username, name=name, password_hash=_hashed(), role=role,
                        unit_id=None if role == "admin" else SCHOOL, created_at=self.clock.now(),
                    )
                )  # fmt: skip
        self.post.live()
        self._heard = 0

    def close(self) -> None:
        """Let go of server and database."""
        self.post.die()
        self.store.close()

    # --- time ------------------------------------------------------------------------------

    def tick(self, moment: datetime) -> None:
        """Move the clock and let the house run, as it does every few seconds."""
        self.clock.move_to(moment)
        for _ in range(2):
            done = turn(self.house, SWEEP)
            assert done.failed == {}, f"{told_at(moment)}: {done.failed}"
            if not any(done.done[stage] for stage in ("act", "escalate")):
                break  # nothing came of it that a later look would find

    def until(self, when: str, expected: Iterable[Told] = (), every: timedelta = GRID) -> None:
        """Let time pass up to ``when``, minute by minute around each expected letter."""
        end, now = at(when), self.clock.now()
        ticks = {end}
        step = now + every
        while step < end:
            ticks.add(step)
            step += every
        for row in expected:
            ticks |= {at(row.minute) + n * MINUTE for n in (-1, 0, 1)}
        for moment in sorted(tick for tick in ticks if now < tick <= end):
            self.tick(moment)

    def hear(self, when: str, source: str, title: str, text: str, *, kind: str = "news") -> None:
        """Let somebody publish, keep the page as it came, and run."""
        self._heard += 1
        number, now = self._heard, at(when)
        self.clock.move_to(now)
        url = f"https://nguon-{number}.example/bai/{number}"
        item = Item(
            id=f"k{number}", kind=kind, source=source, url=url, title=title or None, text=text,
            published_at=now, seen_at=now,
        )  # fmt: skip
        page = f"<html><h1>{title}</h1><p>{text}</p></html>".encode()
        headers = (("Content-Type", "text/html; charset=utf-8"),)
        original = Original(HTTP, url, now, page, headers=headers)
        with self.store.write() as session:
            keep(session, [item], now=now, secret=self.services.settings.secret_key())
            keep_originals(
                session, vault_of(self.services.settings), [Sighting(item, original)], now
            )
        self.tick(now)

    # --- people ----------------------------------------------------------------------------

    def caller(self, username: str) -> Caller:
        """Return somebody who has proved who they are."""
        token = issue_token(self.store, username, name="thử", now=self.clock.now())
        found = caller_of(self.store, token, kind="token", now=self.clock.now())
        assert found is not None
        return found

    def kept(self, name: str) -> Kept:
        """Return a scanned paper that lies in the house."""
        upload = Upload(name, SCAN + name.encode(), shows_child=False)
        return keep_file(self.services.settings, upload)

    def done(self, when: str, code: str, actor: str, evidence: Evidence, matter: int = 1) -> None:
        """Let somebody finish a step of the playbook."""
        self.clock.move_to(at(when))
        complete_step(self.store, self.office, matter, code, actor, self.clock.now(), evidence)

    # --- looking ---------------------------------------------------------------------------

    def told(self) -> list[Told]:
        """Return what the mail server took, as rows of the story's table."""
        return [letter.told for letter in self.post.letters]

    def rows(self, kind: type[Row]) -> list[Row]:
        """Return all rows of a table, oldest first."""
        with self.store.read() as session:
            return list(session.scalars(sa.select(kind).order_by(sa.text("id"))))

    def incident(self, number: int = 1) -> t.IncidentRow:
        """Return an incident as it stands."""
        with self.store.read() as session:
            return session.get_one(t.IncidentRow, number)

    def level(self, number: int = 1) -> str:
        """Return the name of an incident's level."""
        return self.policy.level(self.incident(number).level).name

    def step(self, code: str, number: int = 1) -> t.StepRow:
        """Return a step of an incident."""
        return next(s for s in self.rows(t.StepRow) if (s.incident_id, s.code) == (number, code))

    def audit(self, action: str) -> list[t.AuditRow]:
        """Return the audit lines of an action."""
        return [row for row in self.rows(t.AuditRow) if row.action == action]

    def late(self) -> list[tuple[str, str, str]]:
        """Return (written, handed over, person) of each message that was tried in vain before."""
        names = {row.id: row.name for row in self.rows(t.OutboxRow)}
        log = self.rows(t.DeliveryRow)
        written = {line.outbox_id: line.at for line in log if line.event == "queued"}
        failed = {line.outbox_id for line in log if line.event == "failed"}
        return [
            (told_at(written[line.outbox_id]), told_at(line.at), names[line.outbox_id])
            for line in log
            if line.event == "sent" and line.outbox_id in failed
        ]


def differences(expected: Sequence[Told], got: Sequence[Told]) -> str:
    """Return in words what is missing and what is too much; empty when all is as written."""
    lines = [f"THIẾU  {' | '.join(map(str, row))}" for row in expected if row not in got]
    lines += [f"THỪA   {' | '.join(map(str, row))}" for row in got if row not in expected]
    twice = {row for row in got if got.count(row) > expected.count(row) and row in expected}
    lines += [f"HAI LẦN {' | '.join(map(str, row))}" for row in sorted(twice)]
    return "\n".join(lines)
