"""A house with spokespersons, delegates and an approved text, for every edge that can release."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from alerts.statements import delegations
from alerts.statements import desk as statements
from alerts.statements.delegations import Paper
from langnghe.core.auth import Caller, caller_of, issue_token
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from tests.conftest import NOW
from tests.webhouse import WebHouse, _hashed

SCAN = b"%PDF-1.7 ban ky cua giay uy quyen"
DAY = timedelta(days=1)
FOOD = "an_toan_thuc_pham"
TOPIC = "khoan_thu"
# name: (role, unit); the ones of ``tests.webhouse.PEOPLE`` live here too
SPEAKERS = {
    "head_a": ("principal", "th_a"),
    "head_b": ("principal", "th_b"),
    "chair": ("principal", "xa_a"),
    "staff_a": ("officer", "th_a"),
    "deputy": ("officer", "th_a"),
    "reader_a": ("analyst", "th_a"),
}
FILLED = {
    "an_toan": "kiểm đếm đủ học sinh, giáo viên ở bên các em",
    "bao_cao": "UBND xã và Sở GD&ĐT",
    "da_biet": "bữa trưa đã được tạm dừng",
    "chua_biet": "nguyên nhân",
    "cap_nhat": "2026-11-23T17:00",
    "dau_moi": "đồng chí Lò Văn Panh, Hiệu trưởng",
    "dien_thoai": "0912 345 678",
}


class SpeakHouse(WebHouse):
    """The invented house, with people who speak for it."""

    def __init__(self, store: Store, home: Path) -> None:
        super().__init__(store, home)
        with self.store.write() as session:
            for name, (role, unit) in SPEAKERS.items():
                session.add(
                    t.UserRow(
                        username=name, name=f"Đ/c {name}", password_hash=_hashed(), role=role,
                        unit_id=unit, created_at=NOW,
                    )
                )  # fmt: skip

    def caller(self, who: str) -> Caller:
        """Return somebody who has proved who they are."""
        token = issue_token(self.store, who, name="thử", now=self.clock.now())
        found = caller_of(self.store, token, kind="token", now=self.clock.now())
        assert found is not None
        return found

    def drafted(self, *, incident: int | None = None, template: str = "M1", who: str = "staff_a",
                **values: str) -> int:  # fmt: skip
        """Return a draft about the school th_a with everything filled in."""
        asked = statements.Asked(
            template, "parents", unit_id="th_a", incident_id=incident,
            topics=() if incident else (FOOD,),
            values={**FILLED, "tiep_nhan": "2026-11-23T07:30", "su_viec": "bữa trưa"} | values,
        )  # fmt: skip
        return statements.draft(self.store, self.caller(who), self.policy, asked, self.clock.now())

    def approved(self, *, incident: int | None = None) -> int:
        """Return a statement that only waits for its release."""
        number = self.drafted(incident=incident)
        now = self.clock.now()
        statements.submit(self.store, self.caller("staff_a"), number, version=1, now=now)
        statements.approve(self.store, self.caller("head_a"), number, version=1, now=now)
        return number

    def delegate(
        self, *, topics: tuple[str, ...] = (), since: datetime = NOW - DAY,
        until: datetime = NOW + DAY, who: str = "head_a", holder: str = "deputy",
    ) -> int:  # fmt: skip
        """Let the deputy speak; return the delegation's id."""
        return delegations.grant(
            self.store, self.caller(who), self.policy, holder=holder, unit_id=None, topics=topics,
            from_at=since, until_at=until, document_number="12/GUQ",
            paper=Paper("giay-uy-quyen.pdf", SCAN), now=min(since, self.clock.now()),
        )  # fmt: skip

    def audit(self, action: str) -> list[t.AuditRow]:
        """Return the audit lines of an action, oldest first."""
        with self.store.read() as session:
            rows = list(session.scalars(sa.select(t.AuditRow)))
        return sorted((r for r in rows if r.action == action), key=lambda r: r.id or 0)

    def statement(self, number: int) -> t.StatementRow:
        """Return a statement as it is stored."""
        with self.store.read() as session:
            return session.get_one(t.StatementRow, number)


# Everybody who must be refused: (case, who, code of the refusal)
REFUSED = [
    ("officer", "staff_a", "not_spokesperson"),
    ("analyst", "reader_a", "not_spokesperson"),
    ("admin", "admin", "admin"),
    ("other unit's head", "head_b", "other_unit"),
    ("head of the commune above", "chair", "other_unit"),
    ("head of no stated unit", "principal", "other_unit"),
    ("expired", "deputy", "expired"),
    ("not yet", "deputy", "not_yet"),
    ("other topic", "deputy", "other_topic"),
    ("revoked", "deputy", "revoked"),
]


def prepare(house: SpeakHouse, case: str) -> None:
    """Give the deputy the delegation that the case is about, and no other."""
    with house.store.write() as session:
        session.execute(sa.text("DELETE FROM delegation"))
    if case == "expired":
        house.delegate(since=NOW - 2 * DAY, until=NOW)
    elif case == "not yet":
        house.delegate(since=NOW + timedelta(seconds=1))
    elif case == "other topic":
        house.delegate(topics=(TOPIC,))
    elif case == "revoked":
        given = house.delegate()
        delegations.revoke(
            house.store, house.caller("head_a"), given, "Hết nhiệm vụ", house.clock.now()
        )
