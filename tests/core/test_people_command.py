"""The ``people`` commands do what the page does, with the same checks."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from typer.testing import CliRunner, Result

from langnghe.cli import app
from langnghe.cli.starter import starter_profile
from langnghe.core.errors import ConflictError, InputError
from langnghe.core.profile import parse_profile
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from tests.core.test_people_store import COMMUNE, SECTOR, Book


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_the_commands_do_what_the_page_does(tmp_path: Path) -> None:
    home = ("--home", str(tmp_path))
    with Store(Settings(home=tmp_path).database) as store:
        store.migrate()
        Book(store).load()
    rows = [json.loads(x) for x in run("people", "list", "th", "--json", *home).stdout.splitlines()]
    assert [r["name"] for r in rows] == ["Cô Lan", "Thầy Sơn"]
    assert rows[0]["ways"][0] == {"channel": "sms", "address": "0912000111"}
    added = run("people", "add", "th", "nurse", "Cô Y tế", "--email", "yte@suoimo.example", *home)
    assert added.exit_code == 0, added.output
    assigned = run(
        "people", "assign", "th", "officer", "son@suoimo.example", "--since", "2026-11-28 18:00",
        "--until", "2026-11-29", "--hours", "18:00-06:00", *home,
    )  # fmt: skip
    assert assigned.exit_code == 0, assigned.output
    told = run("people", "duty", "th", "--at", "2026-11-28 20:00", "--json", *home)
    assert "Thầy Sơn" in json.loads(told.stdout)["serving"]
    chain = run("people", "chain", "th", "--json", *home)
    assert {json.loads(x)["to"] for x in chain.stdout.splitlines()} == {COMMUNE.name, SECTOR.name}
    clash = run("people", "line", "th", "chuyen_mon", "--to", "xa", *home)
    assert isinstance(clash.exception, ConflictError)
    typo = run("people", "assign", "th", "oficer", "Cô Lan", "--since", "2026-11-28", *home)
    assert "oficer" in str(typo.exception)
    nobody = run("people", "assign", "th", "officer", "Không Có", "--since", "2026-11-28", *home)
    assert isinstance(nobody.exception, InputError)
    assert run("people", "remove", str(rows[1]["id"]), *home).exit_code == 0
    left = run("people", "list", "th", "--json", *home).stdout
    assert "Thầy Sơn" not in left


def test_the_starter_profile_shows_what_really_loads() -> None:
    text = starter_profile("Trường TH Suối Mơ", "xã Bản Hoa", "tỉnh Mây Trắng", email="")
    assert tomllib.loads(text)["units"][0].get("contacts") is None
    shown = "\n".join(
        line.removeprefix("# ")
        for line in text.splitlines()
        if not line.startswith("# ") or " = " in line or line.startswith("# [[")
    )
    school = parse_profile(tomllib.loads(shown), where="mẫu").units[0]
    assert [len(part) for part in (school.contacts, school.duty, school.lines)] == [2, 1, 1]
    assert school.contacts[1].ways == ("zalo_zns", "email", "sms")
    assert (school.duty[0].days, school.lines[0].to_unit) == ((5, 6), "so")
