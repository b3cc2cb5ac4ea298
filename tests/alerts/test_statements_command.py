"""The command line is bound by the same rights: a shell on the machine is no right to speak."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from alerts.statements import delegations
from alerts.statements import desk as statements
from alerts.statements.delegations import Paper
from langnghe.cli import app
from langnghe.core.auth import Caller, SignInError, add_user, caller_of, issue_token, set_active
from langnghe.core.clock import HANOI
from langnghe.core.errors import ForbiddenError, InputError
from langnghe.core.services import Services
from langnghe.core.settings import load_settings
from langnghe.core.store import tables as t
from langnghe.core.types import Role
from langnghe.house import open_services
from tests.speaking import DAY, FILLED, FOOD, SCAN, TOPIC

PASSWORD = "doi-thong-gio-mat"
PROFILE = """
name = "Hồ sơ thử"
[[units]]
id = "so"
kind = "sector"
name = "Sở GD&ĐT tỉnh Mây Trắng"
[[units]]
id = "th_a"
kind = "school"
parent = "so"
name = "Trường TH Suối Mơ"
[[units]]
id = "th_b"
kind = "school"
parent = "so"
name = "Trường TH Đồi Gió"
"""
PEOPLE = {
    "head_a": (Role.PRINCIPAL, "th_a"), "head_b": (Role.PRINCIPAL, "th_b"),
    "staff_a": (Role.OFFICER, "th_a"), "deputy": (Role.OFFICER, "th_a"),
    "reader_a": (Role.ANALYST, "th_a"), "quan_tri": (Role.ADMIN, None),
}  # fmt: skip


class Desk:
    """A real home with a database in it, and the command over it."""

    def __init__(self, services: Services) -> None:
        self.services, self.home = services, services.settings.home
        self.now = services.clock.now()
        for name, (role, unit) in PEOPLE.items():
            add_user(services.store, username=name, password=PASSWORD, role=role, unit_id=unit,
                     name=name, now=self.now)  # fmt: skip

    def caller(self, who: str) -> Caller:
        token = issue_token(self.services.store, who, name="thử", now=self.now)
        found = caller_of(self.services.store, token, kind="token", now=self.now)
        assert found
        return found

    def approved(self) -> int:
        store, staff = self.services.store, self.caller("staff_a")
        asked = statements.Asked(
            "M1", "parents", topics=(FOOD,),
            values={"su_viec": "bữa ăn bán trú", "tiep_nhan": "2026-11-23T07:30", **FILLED},
        )  # fmt: skip
        made = statements.draft(store, staff, self.services.policy, asked, self.now)
        statements.submit(store, staff, made, version=1, now=self.now)
        statements.approve(store, self.caller("head_a"), made, version=1, now=self.now)
        return made

    def delegate(self, since: datetime, until: datetime, *topics: str) -> int:
        with self.services.store.write() as session:
            session.execute(sa.text("DELETE FROM delegation"))
        return delegations.grant(
            self.services.store, self.caller("head_a"), self.services.policy, holder="deputy",
            unit_id=None, topics=topics, from_at=since, until_at=until, document_number="1/GUQ",
            paper=Paper("a.pdf", SCAN), now=min(since, self.now),
        )  # fmt: skip

    def run(self, *arguments: str, who: str, given: str = PASSWORD, token: str = "") -> Result:
        return CliRunner().invoke(
            app, [*arguments, "--as", who, "--home", str(self.home)], input=f"{given}\n",
            env={"LANGNGHE_TOKEN": token} if token else {},
        )  # fmt: skip

    def release(self, number: int, who: str, **how: str) -> Result:
        place = "website=https://suoimo.example/1"
        return self.run("statement", "release", str(number), "--version", "1", "--place", place,
                        who=who, **how)  # fmt: skip

    def refusals(self) -> list[tuple[str, str]]:
        with self.services.store.read() as session:
            rows = session.scalars(sa.select(t.AuditRow).order_by(sa.text("id")))
            return [(r.actor, r.data["code"]) for r in rows if r.action == "release_refused"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "profile.toml").write_text(PROFILE, "utf-8")
    services = open_services(load_settings(tmp_path))
    yield Desk(services)
    services.store.close()


def test_every_release_without_the_right_is_refused_and_audited(desk: Desk) -> None:
    number, now = desk.approved(), desk.now
    spans = {
        "expired": (now - 2 * DAY, now - DAY), "not_yet": (now + DAY, now + 2 * DAY),
        "other_topic": (now - DAY, now + DAY, TOPIC), "revoked": (now - DAY, now + DAY),
    }  # fmt: skip
    wanted = [
        ("staff_a", "not_spokesperson"), ("reader_a", "not_spokesperson"), ("quan_tri", "admin"),
        ("head_b", "other_unit"), *(("deputy", code) for code in spans),
    ]  # fmt: skip
    for who, code in wanted:
        if code in spans:
            given = desk.delegate(*spans[code])
            if code == "revoked":
                head = desk.caller("head_a")
                delegations.revoke(desk.services.store, head, given, "Hết nhiệm vụ", now)
        token = issue_token(desk.services.store, who, name="thử", now=now)
        done = desk.release(number, who, token=token)
        assert isinstance(done.exception, ForbiddenError), (who, code, done.output)
    assert desk.refusals() == wanted
    with desk.services.store.read() as session:
        assert session.get_one(t.StatementRow, number).state == "approved"


def test_the_head_by_password_and_a_delegate_by_token_release(desk: Desk) -> None:
    first, second = desk.approved(), desk.approved()
    done = desk.release(first, "head_a")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["number"].startswith("1/")
    desk.delegate(desk.now - DAY, desk.now + DAY, FOOD)
    token = issue_token(desk.services.store, "deputy", name="thử", now=desk.now)
    assert json.loads(desk.release(second, "deputy", token=token).stdout)["number"].startswith("2/")
    with desk.services.store.read() as session:
        kinds = [row.kind for row in session.scalars(sa.select(t.SessionRow))]
    assert "browser" not in kinds, "the command signs out"
    listed = desk.run("statement", "list", "--json", who="head_a")
    assert [json.loads(line)["state"] for line in listed.stdout.splitlines()] == ["released"] * 2


def test_nobody_acts_by_naming_somebody_else(desk: Desk) -> None:
    number = desk.approved()
    wrong = desk.release(number, "head_a", given="khong-phai-mat-khau")
    assert isinstance(wrong.exception, SignInError)
    staff = issue_token(desk.services.store, "staff_a", name="thử", now=desk.now)
    assert isinstance(desk.release(number, "head_a", token=staff).exception, SignInError)
    set_active(desk.services.store, "head_a", active=False)
    assert isinstance(desk.release(number, "head_a").exception, SignInError)
    unnamed = CliRunner().invoke(app, ["statement", "release", "1", "--version", "1"])
    assert unnamed.exit_code == 2


def test_the_way_by_commands(desk: Desk, tmp_path: Path) -> None:
    given = [f"--value={key}={said}" for key, said in FILLED.items()]
    made = desk.run("statement", "draft", "--template", "M1", "--audience", "parents",
                    "--value", "su_viec=bữa ăn", *given, who="staff_a")  # fmt: skip
    number = made.stdout.strip()
    assert "giờ tiếp nhận" in made.stderr, "what is not known is told"
    step = (number, "--version", "1")
    assert desk.run("statement", "submit", *step, who="staff_a").exit_code == 0
    refused = desk.run("statement", "approve", *step, who="head_a")
    assert isinstance(refused.exception, InputError)
    back = desk.run("statement", "return", *step, "--note", "Thêm giờ nhận tin", who="head_a")
    assert back.exit_code == 0
    paper = tmp_path / "ban-ky.pdf"
    paper.write_bytes(SCAN)
    local = (desk.now + timedelta(hours=1)).astimezone(HANOI).strftime("%Y-%m-%dT%H:%M")
    later = (desk.now + DAY).astimezone(HANOI).strftime("%Y-%m-%dT%H:%M")
    said = ("delegate", "add", "deputy", "--from", local, "--until", later, "--document", "1/GUQ",
            "--paper", str(paper))  # fmt: skip
    assert isinstance(desk.run(*said, who="deputy").exception, ForbiddenError)
    given_id = desk.run(*said, who="head_a").stdout.strip()
    told = desk.run("delegate", "list", "--json", who="staff_a")
    assert json.loads(told.stdout)["holder"] == "deputy"
    ended = desk.run("delegate", "revoke", given_id, "--reason", "Hết nhiệm vụ", who="head_a")
    assert ended.exit_code == 0


def test_a_text_is_checked_without_a_house(tmp_path: Path) -> None:
    path = tmp_path / "tin.txt"
    path.write_text("Trường sẽ đuổi học em này.", "utf-8")
    done = CliRunner().invoke(app, ["statement", "check", str(path), "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout.splitlines()[0])["code"] == "forbidden_discipline"
    path.write_bytes(b"\xff\xfe\x00")
    broken = CliRunner().invoke(app, ["statement", "check", str(path)])
    assert isinstance(broken.exception, InputError)
    assert "M11" in CliRunner().invoke(app, ["statement", "templates"]).stderr
