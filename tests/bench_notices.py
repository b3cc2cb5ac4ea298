"""How long from a decision to the mail server's yes, with 1,000 notices waiting before it.

Run: ``python -m tests.bench_notices [--waiting 1000] [--decisions 20] [--latency-ms 0]``. A real
loopback mail server takes the mails; the house runs its own threads for handing over. Every
decision is a Đỏ incident written to the database while the waiting ones are being handed over.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import socket
import statistics
import tempfile
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from sqlmodel import Session

from alerts.actions import Notify
from alerts.channels.email import SmtpChannel
from alerts.notify import notify
from alerts.office import Office
from langnghe.core.clock import SystemClock
from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import IncidentRow
from langnghe.core.store.units import sync_units
from langnghe.core.types import Contact, Profile, Unit
from langnghe.jobs import Teller
from langnghe.pipeline import House
from tests.alerts.town import settings_for


class Inbox:
    """A mail server that notes when it said yes to which message, after a while of thinking."""

    def __init__(self, latency_s: float) -> None:
        self.latency_s = latency_s
        self.at: dict[str, float] = {}
        self.twice = 0
        self.changed = threading.Condition()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.latency_s)
        text = envelope.content.decode("utf-8", "replace")
        key = text.split("Message-ID: <", 1)[1].split("@", 1)[0]
        with self.changed:
            self.twice += key in self.at
            self.at[key] = time.perf_counter()
            self.changed.notify_all()
        return "250 OK"

    def wait_for(self, count: int, limit_s: float) -> None:
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.at) >= count, limit_s):
                raise SystemExit(f"only {len(self.at)} of {count} mails came in {limit_s:.0f} s")


def decide_one(
    session: Session, office: Office, unit: Unit, number: int, level: int, now: datetime
) -> None:
    """Write what a decision writes: an incident and the notice to its principal."""
    row = IncidentRow(
        story_id=number, unit_id=unit.id, title=f"Sự việc số {number} ở {unit.name}", level=level,
        peak_level=level, score=80.0, opened_at=now, updated_at=now, policy_version="bench",
    )  # fmt: skip
    session.add(row)
    session.flush()
    due = now + timedelta(minutes=15)
    notify(session, office, row, Notify("open", level, "principal", 100, due), now)


def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--waiting", type=int, default=1000)
    ask.add_argument("--decisions", type=int, default=20)
    ask.add_argument("--latency-ms", type=float, default=0.0)
    ask.add_argument("--database", default="")
    asked = ask.parse_args()
    units = tuple(
        Unit(f"t{n}", "school", f"Trường số {n}", contacts=(
            Contact("principal", f"Hiệu trưởng {n}", f"ht{n}@t{n}.example"),
        ))
        for n in range(asked.waiting + asked.decisions)
    )  # fmt: skip
    profile = Profile("Thử tốc độ", units, version="b")
    inbox = Inbox(asked.latency_ms / 1000)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = settings_for(
            home, smtp_host="127.0.0.1", smtp_port=port, smtp_security="none",
            mail_from="nghe@x.example",
        )  # fmt: skip
        clock, policy = SystemClock(), load_policy()
        policy = replace(policy, notices=replace(policy.notices, quiet=None))
        with Store(asked.database or f"sqlite:///{home / 'b.db'}") as store:
            store.migrate()
            office = Office(policy, profile, settings)
            with store.write() as session:
                sync_units(session, profile, clock.now())
            with store.write() as session:
                for n in range(asked.waiting):
                    decide_one(session, office, units[n], n, 2, clock.now())
            services = Services(store=store, settings=settings, clock=clock, policy=policy,
                                profile=profile, drill="")  # fmt: skip
            house = House(services=services, reader=None, grouper=None, fetcher=None,  # type: ignore[arg-type]
                          channel=SmtpChannel(settings))  # fmt: skip
            teller = Teller(house)
            began = time.perf_counter()
            teller.start()
            seconds = []
            for n in range(asked.decisions):
                before = set(inbox.at)
                start = time.perf_counter()
                with store.write() as session:
                    number = asked.waiting + n
                    decide_one(session, office, units[number], number, 3, clock.now())
                key = _key_of(store, number)
                while key not in inbox.at:
                    if time.perf_counter() - start > 60:
                        raise SystemExit("a decision was not told in a minute")
                    time.sleep(0.002)
                assert key not in before
                seconds.append(inbox.at[key] - start)
            left = asked.waiting + asked.decisions - len(inbox.at)
            inbox.wait_for(asked.waiting + asked.decisions, 600)
            took = time.perf_counter() - began
            teller.stop()
    server.stop()
    seconds.sort()
    print(json.dumps({
        "waiting": asked.waiting, "decisions": asked.decisions, "latency_ms": asked.latency_ms,
        "p50_s": round(statistics.median(seconds), 3),
        "p95_s": round(seconds[max(0, round(0.95 * len(seconds)) - 1)], 3),
        "worst_s": round(seconds[-1], 3), "still_waiting_at_the_last": left,
        "all_s": round(took, 2), "per_second": round((asked.waiting + asked.decisions) / took, 1),
        "twice": inbox.twice, "python": platform.python_version(),
    }, ensure_ascii=False))  # fmt: skip


def _key_of(store: Store, story_id: int) -> str:
    import sqlalchemy as sa

    with store.read() as session:
        found = session.execute(
            sa.text(
                "SELECT o.key FROM outbox o JOIN incident i ON i.id = o.incident_id "
                "WHERE i.story_id = :n"
            ),
            {"n": story_id},
        )
        return str(found.scalar_one())


if __name__ == "__main__":
    main()
