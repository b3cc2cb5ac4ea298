"""No message can enter a drill's outbox without its watermark, whoever writes it."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.incidents import acknowledge
from alerts.outbox import tell
from alerts.watchdog import watch
from langnghe.core.store.engine import Store
from langnghe.core.store.marks import DRILL, put_mark
from langnghe.core.store.outbox import enqueue
from langnghe.core.store.tables import OutboxRow
from langnghe.core.watermark import BANNER, FOOTER, HEADER, PREFIX, is_stamped, stamp
from tests.alerts.town import CRISIS, MINUTE, T0, Postbox, Room, poisoning

ROOT = Path(__file__).resolve().parents[2]
words = st.text(st.characters(blacklist_categories=("Cs",)), max_size=80)


def stamped(row: OutboxRow) -> bool:
    return is_stamped(row.subject, row.body_text, row.body_html, row.headers)


frames = st.sampled_from(["{}", "<html><body>{}</body></html>", "<body x='1'>{}"])


@given(words, words, words, frames, st.booleans(), words)
def test_any_message_gets_the_whole_mark_once(
    subject: str, text: str, inside: str, frame: str, titled: bool, note: str
) -> None:
    html = frame.replace("{}", ("<title>t</title>" if titled else "") + inside)
    once = stamp(subject, text, html, {"X-A": "b"}, note)
    assert is_stamped(once.subject, once.text, once.html, once.headers)
    assert once.headers == {"X-A": "b", HEADER: "1"}
    assert once.text.splitlines()[0] == f"*** {BANNER} ***"
    assert inside in once.html
    again = stamp(once.subject, once.text, once.html, once.headers, note)
    assert again == once


@pytest.mark.parametrize("lost", ["subject", "first", "last", "banner", "footer", "header"])
def test_a_part_of_the_mark_is_not_the_mark(lost: str) -> None:
    m = stamp("s", "t", "<body>h</body>", {})
    parts = {"subject": m.subject, "text": m.text, "html": m.html, "headers": m.headers}
    if lost == "subject":
        parts["subject"] = m.subject.removeprefix(PREFIX)
    elif lost == "first":
        parts["text"] = m.text.replace(f"*** {BANNER}", "", 1)
    elif lost == "last":
        parts["text"] = m.text.replace(FOOTER, "")
    elif lost == "banner":
        parts["html"] = m.html.replace(BANNER, "")
    elif lost == "footer":
        parts["html"] = m.html.replace(FOOTER, "")
    else:
        parts["headers"] = {}
    assert not is_stamped(**parts)  # type: ignore[arg-type]


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    with store.write() as session:
        put_mark(session, DRILL, T0, {"note": "Giờ nhanh gấp 60 lần."})
    return Room(store, tmp_path, mail_fallback="truc@suoimo.example")


def test_every_letter_of_an_affair_is_marked(room: Room) -> None:
    """Opened, escalated to the top, taken up, steps overdue; then the house itself stands still."""
    poisoning(room.press)
    post = Postbox()
    for minute in (0, 16, 31, 61):
        room.sweep(T0 + minute * MINUTE)
        tell(room.store, post, T0 + minute * MINUTE)
    acknowledge(room.store, 1, "Thầy Thư ký", T0 + 62 * MINUTE)
    for hours in range(2, 30):
        room.sweep(T0 + timedelta(hours=hours))
        tell(room.store, post, T0 + timedelta(hours=hours))
    later = T0 + timedelta(days=2)
    watch(room.store, room.settings, later, started=T0, channel=None)
    rows = room.rows(OutboxRow)
    kinds = {row.purpose.partition(":")[0] for row in rows}
    assert {"open", "escalate", "step", "watchdog"} <= kinds
    for row in rows:
        assert stamped(row), row.subject
        assert "Giờ nhanh gấp 60 lần." in row.body_text
        assert row.body_html.index(BANNER) < row.body_html.index("</body>")


def test_a_raised_level_is_marked_too(room: Room) -> None:
    story = room.press.story("Bữa ăn ở Trường Tiểu học Suối Mơ bị phản ánh")
    room.press.publish(story, "Phụ huynh phản ánh bữa ăn", topic="an_toan_thuc_pham")
    room.sweep()
    room.press.publish(
        story, "3 em tử vong", at=T0 + 30 * MINUTE, risk_p=CRISIS, outlet="Báo Suối Xa",
        facts=(("dead", 3.0, "3 em tử vong"),),
    )  # fmt: skip
    room.sweep(T0 + 30 * MINUTE)
    assert room.told("raise")
    assert all(stamped(row) for row in room.rows(OutboxRow))


def test_a_real_house_marks_nothing(store: Store, tmp_path: Path) -> None:
    room = Room(store, tmp_path)
    poisoning(room.press)
    room.sweep()
    rows = room.rows(OutboxRow)
    assert rows
    assert not any("DIỄN TẬP" in f"{r.subject}{r.body_text}{r.body_html}" for r in rows)
    assert not any(HEADER in row.headers for row in rows)


def test_a_letter_nobody_has_thought_of_yet(room: Room) -> None:
    row = OutboxRow(key="x", level=0, purpose="digest", role="officer", recipient="a@b.example",
                    subject="Điểm tin", body_text="chữ", body_html="<p>chữ</p>",
                    message_id="<x@y>", created_at=T0, due_at=T0)  # fmt: skip
    with room.store.write() as session:
        enqueue(session, row)
    [kept] = [r for r in room.rows(OutboxRow) if r.key == "x"]
    assert stamped(kept)


def test_there_is_one_door_to_the_outbox() -> None:
    """Rows are made in several places, but written only by ``enqueue``."""
    for folder in ("langnghe", "alerts", "api", "dashboards", "collectors", "nlp"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    said = ast.unparse(node)
                    adds = node.func.attr in ("add", "add_all", "merge") and "OutboxRow" in said
                    inserts = node.func.attr == "insert" and "OUTBOX" in said
                    assert not adds, path
                    assert not inserts, path
