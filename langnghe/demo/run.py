"""The demonstration: an invented crisis replayed at speed through the real pipeline.

Four invented days pass in about a minute and a half; then the demonstration's clock runs like any
other, so that deadlines, acknowledgements and the live page can be tried by hand.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import structlog

from alerts.channels.email import SmtpChannel
from langnghe.core.auth import add_user
from langnghe.core.clock import VirtualClock, hanoi
from langnghe.core.items import parse_item
from langnghe.core.profile import parse_profile
from langnghe.core.services import Services
from langnghe.core.settings import StatedSettings
from langnghe.core.types import Item, Profile, Role
from langnghe.demo.answer import lay_out
from langnghe.demo.catcher import MailCatcher
from langnghe.house import open_house, open_services
from langnghe.pipeline import SWEEP, House, turn
from langnghe.replay import Archive, ReadAhead, replay

log = structlog.get_logger(__name__)

PASSWORD = "demo-lang-nghe"  # noqa: S105 - printed on the screen, loopback only, invented data
ACCOUNTS = (
    ("vanthu", "Thư ký hội đồng (phụ trách truyền thông)", Role.OFFICER),
    ("hieutruong", "Hiệu trưởng", Role.PRINCIPAL),
    ("phantich", "Chuyên viên phân tích", Role.ANALYST),
    ("quantri", "Quản trị", Role.ADMIN),
)
REPLAY_SECONDS = 90.0


class DemoClock(VirtualClock):
    """A virtual clock that, once the replay is over, runs on like a real one."""

    def __init__(self, start: datetime, real: Callable[[], datetime]) -> None:
        super().__init__(start)
        self._real = real
        self._released: datetime | None = None

    def release(self) -> None:
        """Let time run from here at its usual pace."""
        self._released = self._real()

    def now(self) -> datetime:
        moment = super().now()
        return moment if self._released is None else moment + (self._real() - self._released)


@dataclass(slots=True)
class Demo:
    """A demonstration ready to run."""

    services: Services
    house: House
    clock: DemoClock
    archive: Archive
    catcher: MailCatcher
    _stop: threading.Event
    told: threading.Event = field(default_factory=threading.Event)
    """Set once the story is replayed and the desk is laid out."""

    def play(self, seconds: float = REPLAY_SECONDS) -> None:
        """Replay the story in ``seconds``, then serve deadlines until stopped."""
        items = self.archive.items
        span = (items[-1].seen_at or self.clock.now()) - self.clock.now()
        speed = max(1.0, span.total_seconds() / max(seconds, 0.001))
        for progress in replay(
            self.archive, self.house, self.clock, identity="demo", speed=speed, wait=self._wait
        ):
            for stage, why in progress.failed.items():
                log.error("demo_stage_failed", stage=stage, why=why)
            if self._stop.is_set():
                return
        self.clock.release()
        lay_out(self.services, PASSWORD)
        self.told.set()
        while not self._stop.wait(3):
            turn(self.house, SWEEP)

    def stop(self) -> None:
        """End the replay and the mail catcher."""
        self._stop.set()
        self.catcher.stop()

    def _wait(self, seconds: float) -> None:
        self._stop.wait(seconds)


def demo_profile() -> Profile:
    """Return the invented profile."""
    import tomllib

    text = files("langnghe.demo").joinpath("profile.toml").read_text(encoding="utf-8")
    return parse_profile(tomllib.loads(text), where="demo/profile.toml")


def demo_items(start: datetime) -> list[Item]:
    """Return the invented mentions; their ``minute`` counts from ``start``."""
    items = []
    for name in ("story.jsonl", "background.jsonl"):
        for line in files("langnghe.demo").joinpath(name).read_text(encoding="utf-8").splitlines():
            data = json.loads(line)
            at = start + timedelta(minutes=data.pop("minute"))
            items.append(parse_item({**data, "published_at": at.isoformat()}))
    return items


def story_start(now: datetime) -> datetime:
    """Return the newest 18:00 in Vietnam, minute 0 of the story, that lets it lie in the past."""
    latest = hanoi(now - timedelta(minutes=max(_minutes())))
    evening = latest.replace(hour=18, minute=0, second=0, microsecond=0)
    return evening if evening <= latest else evening - timedelta(days=1)


def prepare(
    home: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8118,
    real: Callable[[], datetime] = lambda: datetime.now(UTC),
    heard: Callable[[Item], bool] = lambda _: True,
) -> Demo:
    """Build a fresh demonstration in ``home`` (an empty folder); its mail catcher is listening.

    ``heard`` may leave parts of the story out.
    """
    catcher = MailCatcher()
    catcher.start()
    settings = StatedSettings(
        home=home,
        database_url=f"sqlite:///{home / 'langnghe.db'}",
        host=host,
        port=port,
        base_url=f"http://{host}:{port}",
        smtp_host="127.0.0.1",
        smtp_port=catcher.port,
        smtp_security="none",
        smtp_user="",
        mail_from="Lắng Nghe <langnghe@demo.example>",
        catalog=_no_sources(home),
        session_hours=24 * 30,  # the virtual clock leaps over days
    )
    start = story_start(real())
    items = sorted(filter(heard, demo_items(start)), key=lambda item: item.published_at or start)
    archive = Archive.of(items)
    first = archive.items[0].seen_at or start
    clock = DemoClock(first - timedelta(seconds=1), real)
    services = open_services(settings, clock=clock, profile=demo_profile())
    house = open_house(services, fetch=False, channel=SmtpChannel(settings))
    house.reader = ReadAhead(house.reader, archive.items)
    school = services.profile.units[0].id
    for username, name, role in ACCOUNTS:
        unit = school if role in (Role.OFFICER, Role.PRINCIPAL) else None
        add_user(
            services.store, username=username, password=PASSWORD, role=role, name=name,
            unit_id=unit, now=clock.now(),
        )  # fmt: skip
    return Demo(services, house, clock, archive, catcher, threading.Event())


def _no_sources(home: Path) -> Path:
    """The demonstration listens to nothing outside: its catalogue is empty."""
    path = home / "catalog.yaml"
    path.write_text("sources: []\n", encoding="utf-8")
    return path


def _minutes() -> list[int]:
    return [
        json.loads(line)["minute"]
        for name in ("story.jsonl", "background.jsonl")
        for line in files("langnghe.demo").joinpath(name).read_text(encoding="utf-8").splitlines()
    ]
