"""The report of a replay: figures from alerts alone, and what the command writes."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from langnghe.cli import app
from langnghe.core.policy.loader import load_policy
from langnghe.core.policy.model import Policy
from langnghe.core.types import Item
from langnghe.demo.run import demo_items
from langnghe.replay import Archive, BadLine
from langnghe.replay_page import lines
from langnghe.replay_report import Affair, Alert, Told, report

START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
PROFILE = Path(__file__).resolve().parents[2] / "langnghe" / "demo" / "profile.toml"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy()


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def told(**changes: object) -> Told:
    """Two events: one told at its second article and raised a day later, one told at once."""
    values: dict[str, object] = {
        "archives": ("thang-9.jsonl",),
        "items": 12,
        "kept": 10,
        "first": at(0),
        "last": at(24 * 6),
        "bad_lines": (BadLine("thang-9.jsonl", 7, "Dòng này không phải JSON đúng."),),
        "alerts": (
            Alert(at(2), "opened", 1, 5, 1, ("part:severity",), {"severity": 20.0, "reach": 9.0}),
            Alert(at(26), "raised", 3, 5, 1, ("override:tu_vong",), {"severity": 20.0}),
            Alert(at(30), "opened", 2, 8, 2, ("override:tu_hai", "override:tu_vong"), {}),
        ),
        "affairs": (
            Affair(5, "Bếp ăn | trường Hoa Mây", "hoa_may", (at(0.5), at(1.5), at(25))),
            Affair(8, "Đuối nước ở suối", "suoi", (at(29.75),)),
        ),
        "held": {"chua_co_su_viec": 4, "tu_vong": 2},
    }
    return Told(**(values | changes))  # type: ignore[arg-type]


def test_delay_and_repeats_are_counted_for_each_event(policy: Policy) -> None:
    first, second = report(told(), policy)["events"]
    assert (first["event_id"], first["delay_minutes"], first["articles_at_first_alert"]) == (
        5, 90, 2,
    )  # fmt: skip
    assert (first["first_level"], first["top_level"], first["repeats"]) == ("vang", "do", 1)
    assert (second["delay_minutes"], second["articles_at_first_alert"]) == (15, 1)
    assert report(told(), policy)["alerts_per_event"] == 1.5


def test_days_are_vietnamese_and_quiet_ones_counted(policy: Policy) -> None:
    found = report(told(), policy)
    busy = {day["day"]: day["levels"] for day in found["days"] if day["alerts"]}
    assert busy == {
        "2026-09-01": {"vang": 1, "cam": 0, "do": 0},
        "2026-09-02": {"vang": 0, "cam": 1, "do": 1},
    }
    late = told(alerts=(Alert(at(16.5), "opened", 1, 5, 1),))  # 00:30 of the next day in Hanoi
    assert [d["day"] for d in report(late, policy)["days"] if d["alerts"]] == ["2026-09-02"]
    assert (found["quiet_days"], found["longest_quiet_days"], len(found["days"])) == (5, 5, 7)


def test_a_rule_is_decisive_where_nothing_else_reaches_the_level(policy: Policy) -> None:
    rules = {row["rule"]: row for row in report(told(), policy)["rules"]}
    assert (rules["override:tu_vong"]["alerts"], rules["override:tu_vong"]["alone"]) == (2, 1)
    assert (rules["override:tu_hai"]["alerts"], rules["override:tu_hai"]["alone"]) == (1, 0)
    assert rules["part:severity"]["alone"] == 1  # 29 points without its 20 are not Vàng
    assert rules["ceiling:chua_co_su_viec"]["stories_held"] == 4
    assert "ceiling:tu_vong" not in rules


def test_a_replay_without_alerts_or_items_has_a_report(policy: Policy) -> None:
    empty = told(items=0, kept=0, first=None, last=None, bad_lines=(), alerts=(), affairs=())
    found = report(empty, policy)
    assert (found["days"], found["alerts_per_event"], found["first_alert_delay_minutes"]) == (
        [], None, None,
    )  # fmt: skip
    assert "Không có cảnh báo nào." in list(lines(found, policy))


def test_people_read_the_same_figures(policy: Policy) -> None:
    text = "\n".join(lines(report(told(), policy), policy))
    assert "3 về 2 vụ việc, 1,5 cảnh báo mỗi vụ việc" in text
    assert "| 01/09/2026 | 1 | 0 | 0 | 1 |" in text
    assert "Bếp ăn \\| trường Hoa Mây" in text
    assert "thang-9.jsonl, dòng 7: Dòng này không phải JSON đúng." in text
    assert "12, trong đó 2 tin lặp lại" in text


def as_line(item: Item) -> str:
    stamp = item.published_at.isoformat() if item.published_at else None
    data = {"id": item.id, "kind": item.kind, "source": item.source, "url": item.url,
            "title": item.title, "text": item.text, "published_at": stamp}  # fmt: skip
    return json.dumps(data, ensure_ascii=False) + "\n"


def play(
    archives: list[Path], folder: Path
) -> tuple[int, list[dict[str, object]], dict[str, object], str]:
    """Replay through the command; return exit code, alerts, report and what people were told."""
    folder.mkdir()
    out, page = folder / "a.jsonl", folder / "r.json"
    done = CliRunner().invoke(
        app,
        ["replay", *map(str, archives), "--profile", str(PROFILE), "--home", str(folder / "h"),
         "--json", str(out), "--report", str(page)],
    )  # fmt: skip
    alerts = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return done.exit_code, alerts, json.loads(page.read_text(encoding="utf-8")), done.output


@pytest.mark.timeout(240)
def test_disorder_doubles_and_breaks_change_nothing_but_what_is_lost(tmp_path: Path) -> None:
    items = sorted(demo_items(START), key=lambda item: (item.published_at or START, item.id))
    half = len(items) // 2
    whole, late, early = tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "c.jsonl.gz"
    whole.write_text("".join(map(as_line, items)), encoding="utf-8")
    # Months given in the wrong order, lines backwards, some twice, the last line cut in its middle.
    rest = [as_line(item) for item in reversed(items[half:])]
    cut = as_line(Item(id="mat", title="Tin bị mất", published_at=items[-1].published_at))[:40]
    late.write_text("".join([*rest, *rest[:3], cut]), encoding="utf-8")
    packed = gzip.compress("".join(map(as_line, reversed(items[:half]))).encode(), mtime=0)
    early.write_bytes(packed[:-4])  # the length at the end of the file is missing: a break

    code, alerts, found, _ = play([whole], tmp_path / "1")
    assert code == 0
    assert alerts
    assert found["alerts"] == len(alerts)
    assert found["kept"] == found["items"] == len(items)

    code, again, other, output = play([late, early], tmp_path / "2")
    assert code == 1  # something was lost, and it is said what
    assert "b.jsonl dòng" in output
    assert "giữa dòng" in output
    assert "c.jsonl.gz dòng" in output
    assert again == alerts
    assert (other["items"], other["kept"]) == (len(items) + 3, len(items))
    assert other["events"] == found["events"]
    assert len(other["bad_lines"]) == 2  # type: ignore[arg-type]


def test_items_of_one_moment_stand_in_one_order() -> None:
    some = [Item(id=name, title=name, published_at=START) for name in "cab"]
    there = Archive.of(some).items
    assert [item.id for item in there] == ["a", "b", "c"]
    assert Archive.of(some[::-1]).items == there


def test_a_clock_that_jumped_loses_nothing() -> None:
    past = Item(id="1970", title="a", published_at=datetime(1970, 1, 2, tzinfo=UTC))
    ahead = Item(id="2099", title="b", published_at=datetime(2099, 1, 1, tzinfo=UTC))
    late = Item(id="late", title="c", published_at=START, seen_at=at(72))
    now = Item(id="now", title="d", published_at=at(1))
    archive = Archive.of([ahead, late, now, past])
    assert [item.id for item in archive.items] == ["1970", "now", "late", "2099"]
    assert archive.items[2].published_at == START


def test_a_report_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    archive = tmp_path / "a.jsonl"
    archive.write_text(as_line(Item(id="1", title="Tin", published_at=START)), encoding="utf-8")
    done = CliRunner().invoke(
        app, ["replay", str(archive), "--profile", str(PROFILE), "--home", str(tmp_path / "h"),
              "--report", str(tmp_path / "khong-co" / "r.md")],
    )  # fmt: skip
    assert done.exit_code != 0
    assert not (tmp_path / "h").exists()
