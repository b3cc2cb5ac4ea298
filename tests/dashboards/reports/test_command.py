"""``langnghe report`` writes a file or says plainly why not; its queries read no history."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from typer.testing import CliRunner

from alerts.reports.desk import Wish, facts_for
from alerts.reports.facts import PaperKind
from langnghe.cli import app
from langnghe.core.errors import InputError, NotFoundError
from langnghe.core.services import Services


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an installation of one school."""
    folder = tmp_path_factory.mktemp("nha")
    done = run(
        "init", "--home", str(folder), "--school", "Trường TH Suối Mơ", "--commune", "xã Bản Hoa",
        "--province", "tỉnh Mây Trắng",
    )  # fmt: skip
    assert done.exception is None, done.output
    return folder


def run(*command: str) -> Result:
    return CliRunner().invoke(app, command, env={"LANGNGHE_ADMIN_PASSWORD": "suoi-mo-trong-xanh"})


def test_it_writes_each_kind_of_file(home: Path, tmp_path: Path) -> None:
    for name, start in (("a.pdf", b"%PDF"), ("a.docx", b"PK"), ("a.json", b"{")):
        out = tmp_path / name
        done = run("report", "bao-cao-tuan", "--home", str(home), "--out", str(out))
        assert done.exception is None, done.output
        assert out.read_bytes().startswith(start)
    assert json.loads((tmp_path / "a.json").read_bytes())["issuer"]["place"] == "Bản Hoa"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.docx", "a.json", "a.pdf"]


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (("diem-tin", "--out", "a.txt"), InputError),
        (("bao-cao-nhanh", "--out", "a.pdf"), InputError),
        (("ho-so", "--incident", "7", "--out", "a.pdf"), NotFoundError),
        (("diem-tin", "--out", "khong/co/a.pdf"), OSError),
    ],
)
def test_it_refuses_and_leaves_nothing(
    home: Path, tmp_path: Path, wrong: tuple[str, ...], kind: type[Exception]
) -> None:
    done = run("report", *wrong[:-1], str(tmp_path / wrong[-1]), "--home", str(home))
    assert isinstance(done.exception, kind)
    assert list(tmp_path.iterdir()) == []


GROWING = {"mention", "reading", "mention_unit", "story", "story_mention", "incident_event", "step",
           "outbox", "paper", "statement", "statement_place", "evidence", "evidence_mention",
           "incident"}  # fmt: skip


def test_no_paper_reads_all_of_history(province: Services) -> None:
    store = province.store
    seen: list[tuple[str, Any]] = []

    @sa.event.listens_for(store.engine, "before_cursor_execute")
    def _note(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _m: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    for kind in PaperKind:
        facts_for(
            province, Wish(kind, "th", 9, 1, first=date(2026, 11, 22)), viewer_unit="th"
        )  # fmt: skip
    found = set()
    with store.engine.connect() as connection:
        for statement, parameters in seen:
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
                scan = re.match(r"SCAN (\w+)(?! USING (?:COVERING )?INDEX)", row[3])
                if scan and scan[1] in GROWING:
                    found.add((scan[1], statement))
    assert len(seen) > 20
    assert found == set()
