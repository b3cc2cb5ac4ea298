"""An invented house for the tests of the web: its units, people who sign in, rows to be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from langnghe.core.auth import hash_password, issue_token
from langnghe.core.clock import VirtualClock
from langnghe.core.policy.loader import load_policy
from langnghe.core.policy.model import Policy
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.units import sync_units
from langnghe.core.text import digest, fold
from langnghe.core.types import Profile, Unit
from langnghe.web import create_app
from tests.conftest import NOW

PASSWORD = "suoi-mo-trong-xanh"
CHILD = "Lò Thị Mẩy Xuân"
MASK = "[tên học sinh]"
POLICY = load_policy()
PROFILE = Profile(
    "Hồ sơ tỉnh Mây Trắng",
    (
        Unit("so", "sector", "Sở GD&ĐT tỉnh Mây Trắng"),
        Unit("xa_a", "commune", "Giáo dục xã Bản Hoa", "so"),
        Unit("th_a", "school", "Trường TH Suối Mơ", "xa_a"),
        Unit("th_b", "school", "Trường TH Đồi Gió", "so"),
    ),
    version="w1",
)
# name: (role, unit)
PEOPLE = {
    "officer": ("officer", None),
    "principal": ("principal", None),
    "analyst": ("analyst", None),
    "admin": ("admin", None),
    "of_a": ("officer", "xa_a"),
    "of_b": ("analyst", "th_b"),
    "admin_b": ("admin", "th_b"),
}


@lru_cache(maxsize=1)
def _hashed() -> str:
    return hash_password(PASSWORD)


@dataclass
class WebHouse:
    """A store with people and units in it, and the application over it."""

    store: Store
    home: Path
    policy: Policy = POLICY
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(NOW))

    def __post_init__(self) -> None:
        """Move in."""
        self.services = Services(
            self.store, Settings(home=self.home), self.clock, self.policy, PROFILE
        )
        self.app = create_app(self.services)
        with self.store.write() as session:
            sync_units(session, PROFILE, NOW)
            for name, (role, unit) in PEOPLE.items():
                session.add(
                    t.UserRow(
                        username=name, name=f"Đ/c {name}", password_hash=_hashed(), role=role,
                        unit_id=unit, created_at=NOW,
                    )
                )  # fmt: skip

    def add(self, row: Any) -> int:
        """Store one row; return its id."""
        with self.store.write() as session:
            session.add(row)
            session.flush()
            return int(row.id)

    def beat(self, *, minutes_ago: int = 1) -> None:
        """Let the stages have finished a turn some minutes ago."""
        with self.store.write() as session:
            for stage in ("collect", "understand", "tell"):
                at = NOW - timedelta(minutes=minutes_ago)
                session.merge(t.MarkRow(name=f"heartbeat:{stage}", at=at, data={}))

    def mention(
        self, title: str, text: str = "", *, masked: str | None = None, minutes: int = 0,
        unit: str | None = None, story: int | None = None, read: bool = True,
        evidence: tuple[str, ...] = (), **more: Any,
    ) -> int:  # fmt: skip
        """Store a mention seen ``minutes`` after NOW, with its reading unless ``read`` is False."""
        row = t.MentionRow(
            key=digest(title, text, str(minutes)), title=title, text=text, story_id=story,
            folded=fold(f"{title} {text}"), content_hash=digest(title, text), source_name="Báo Thử",
            url="https://bao.example/1.html", seen_at=NOW + timedelta(minutes=minutes),
            stage=t.DONE if read else t.NEW, about_education=True if read else None,
        )  # fmt: skip
        number = self.add(row)
        with self.store.write() as session:
            if unit:
                session.add(t.MentionUnitRow(mention_id=number, unit_id=unit, confidence=0.9))
            if read:
                body = text if masked is None else masked
                fields: dict[str, Any] = {
                    "sentiment": "neg", "risk": 2, "stance": "report",
                    "topics": [{"topic": "khoan_thu", "p": 0.9, "evidence": list(evidence)}],
                }  # fmt: skip
                session.add(
                    t.ReadingRow(
                        mention_id=number, revision=1, model="thu-1", about_education=True,
                        about_education_p=0.99, scope="vn",
                        masked_title=title.replace(CHILD, MASK),
                        masked_text=f"{title}. {body}".replace(CHILD, MASK), **(fields | more),
                    )
                )  # fmt: skip
        return number

    def add_link(self, mention: int, unit: str) -> None:
        """Link a mention to one more unit."""
        with self.store.write() as session:
            session.add(t.MentionUnitRow(mention_id=mention, unit_id=unit, confidence=0.8))

    def incident(
        self, title: str = "Phụ huynh lo bữa ăn bán trú", *, unit: str = "th_a", level: int = 2,
        minutes: int = 0, **more: Any,
    ) -> int:  # fmt: skip
        """Store a story and the incident it opened, with two steps; return the incident's id."""
        at = NOW + timedelta(minutes=minutes)
        story = self.add(
            t.StoryRow(title=title, first_at=at, last_at=at, mention_count=1, unit_id=unit,
                       level=level, topics=["an_toan_thuc_pham"])
        )  # fmt: skip
        fields: dict[str, Any] = {
            "story_id": story, "unit_id": unit, "title": title, "level": level,
            "peak_level": level, "score": 61.5, "opened_at": at, "updated_at": at,
            "policy_version": self.policy.version, "topics": ["an_toan_thuc_pham"],
        }  # fmt: skip
        number = self.add(t.IncidentRow(**(fields | more)))
        with self.store.write() as session:
            for place, (code, name) in enumerate([("B01", "Tiếp nhận"), ("B02", "Báo cáo")]):
                session.add(
                    t.StepRow(incident_id=number, code=code, position=place, title=name,
                              role="officer", due_at=at + timedelta(hours=place + 1))
                )  # fmt: skip
            session.add(
                t.DeadlineRow(incident_id=number, kind="ack", level=level, role="principal",
                              due_at=at + timedelta(minutes=30))
            )  # fmt: skip
        self.event(number, "Mở vụ việc.", at_minutes=minutes)
        return number

    def event(self, incident: int, text: str, *, at_minutes: int = 0) -> int:
        """Add an entry to an incident's timeline."""
        at = NOW + timedelta(minutes=at_minutes)
        return self.add(
            t.IncidentEventRow(incident_id=incident, at=at, kind="note", actor="máy", text=text)
        )

    def anyone(self) -> TestClient:
        """Return a browser of nobody in particular, which does not follow detours."""
        return TestClient(self.app, follow_redirects=False)

    def browser(self, who: str = "officer") -> TestClient:
        """Return a browser in which this person has signed in."""
        client = self.anyone()
        seed = csrf(client.get("/dang-nhap").text)
        form = {"csrf": seed, "username": who, "password": PASSWORD}
        assert client.post("/dang-nhap", data=form).status_code == 303
        return client

    def api(self, who: str = "officer") -> TestClient:
        """Return a client of the API with a token of this person."""
        token = issue_token(self.store, who, name="thử", now=self.clock.now())
        return TestClient(
            self.app, base_url="http://testserver/api/v1", follow_redirects=False,
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip


def csrf(html: str) -> str:
    """Return the token of the first form in a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found, "the page has no form"
    return found[1]


def post(client: TestClient, path: str, *, page: str = "/", **fields: str) -> Any:
    """Send a form the way a browser does: with the token that stands in ``page``."""
    return client.post(path, data={"csrf": csrf(client.get(page).text), **fields})
