"""A replay comes to the same incidents and mails however often it is killed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from langnghe.cli import app
from langnghe.core.types import Item
from langnghe.demo.catcher import MailCatcher
from langnghe.demo.run import demo_items
from langnghe.replay import Archive, ReadAhead
from tests.fakes import FakeReader

START = datetime(2026, 9, 1, 11, 0, tzinfo=UTC)
PROFILE = Path(__file__).resolve().parents[2] / "langnghe" / "demo" / "profile.toml"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's invented story as an archive file."""
    path = tmp_path_factory.mktemp("archive") / "story.jsonl"
    items = sorted(demo_items(START), key=lambda item: item.published_at or START)
    with path.open("w", encoding="utf-8") as file:
        for item in items:
            at = item.published_at.isoformat() if item.published_at else None
            data = {"id": item.id, "kind": item.kind, "source": item.source, "url": item.url,
                    "title": item.title, "text": item.text, "published_at": at}  # fmt: skip
            file.write(json.dumps(data, ensure_ascii=False) + "\n")
    return path


def command(archive: Path, home: Path, port: int) -> tuple[list[str], dict[str, str]]:
    out = f"{home}.jsonl"
    arguments = [sys.executable, "-m", "langnghe", "replay", str(archive), "--profile",
                 str(PROFILE), "--home", str(home), "--json", out, "--deliver"]  # fmt: skip
    mail = {"LANGNGHE_SMTP_HOST": "127.0.0.1", "LANGNGHE_SMTP_PORT": str(port),
            "LANGNGHE_SMTP_SECURITY": "none", "PATH": "/usr/bin:/bin"}  # fmt: skip
    return arguments, mail


@pytest.mark.timeout(240)
def test_killed_and_continued_it_ends_the_same(archive: Path, tmp_path: Path) -> None:
    chance = random.Random(118)  # noqa: S311 - only picks moments to kill at
    ends, mails, spent = {}, {}, 0.0
    for run, kills in (("straight", 0), ("killed", 5)):
        catcher = MailCatcher()
        catcher.start()
        arguments, environment = command(archive, tmp_path / run, catcher.port)
        began = time.monotonic()
        while True:
            process = subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE)
            if kills:
                kills -= 1
                # anywhere from the start of the program to near its end
                time.sleep(chance.uniform(0.3, 0.9) * spent)
                process.kill()
            _, said = process.communicate(timeout=120)
            if process.returncode == 0:
                break
            assert process.returncode == -9, said.decode()
        spent = time.monotonic() - began
        catcher.stop()
        lines = Path(f"{tmp_path / run}.jsonl").read_text(encoding="utf-8").splitlines()
        ends[run] = [json.loads(line) for line in lines]
        mails[run] = [mail.message["Message-ID"] for mail in catcher.caught()]
    assert ends["straight"]
    assert ends["killed"] == ends["straight"]
    assert set(mails["killed"]) == set(mails["straight"])  # none missing; a double is the same id
    assert len(mails["straight"]) == len(set(mails["straight"]))


def test_the_story_becomes_one_incident_that_rises(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "alerts.jsonl"
    done = CliRunner().invoke(app, ["replay", str(archive), "--profile", str(PROFILE), "--home",
                                    str(tmp_path / "h"), "--json", str(out)])  # fmt: skip
    assert done.exit_code == 0, done.output
    alerts = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len({alert["story_id"] for alert in alerts}) == 1
    assert [alert["level"] for alert in alerts] == [1, 2, 3]
    assert alerts[0]["units"] == ["pa_hieng_ha"]
    assert all(alert["reasons"] and alert["mention_ids"] for alert in alerts)
    assert {"at", "level", "story_id", "title", "topics", "mention_ids", "units", "reasons"} <= set(
        alerts[0]
    )


def test_a_folder_of_another_replay_is_refused(archive: Path, tmp_path: Path) -> None:
    arguments = ["replay", str(archive), "--profile", str(PROFILE), "--speed", "never"]
    done = CliRunner().invoke(app, [*arguments, "--home", str(tmp_path)])
    assert done.exit_code != 0


def test_an_archive_is_put_in_the_order_it_was_seen() -> None:
    def item(name: str, hour: float | None) -> Item:
        at = None if hour is None else START + timedelta(hours=hour)
        return Item(id=name, title=name, published_at=at)

    archive = Archive.of([item("c", 3), item("undated", None), item("a", 1), item("b", 2)])
    assert [i.id for i in archive.items] == ["a", "b", "c", "undated"]
    assert archive.items[3].seen_at == archive.items[2].seen_at


def test_reading_ahead_gives_the_same_answers_in_fewer_batches() -> None:
    items = [Item(id=str(n), title=f"Trường số {n}") for n in range(600)] + [
        Item(id="double", title="Trường số 5")
    ]
    batches: list[int] = []

    class Counting(FakeReader):
        def predict(self, items):  # type: ignore[no-untyped-def]
            batches.append(len(items))
            return super().predict(items)

    ahead = ReadAhead(Counting(), items)
    answers = [ahead.predict([item])[0] for item in items]
    assert answers == FakeReader().predict(items)
    assert len(batches) <= 5
