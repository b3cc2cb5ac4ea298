"""The desk of the big invented store: incidents, notices, statements, the plan, the audit log."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from langnghe.core.policy.loader import load_policy, topic_names
from langnghe.core.store import tables as t
from langnghe.core.types import Role

if TYPE_CHECKING:
    from tests.bench_store import Stories

CLOSED, STEPS, EVENTS, NOTICES, AUDIT = 3000, 14, 12, 12, 200_000
SERIES = 19_000


def desk(connection: sa.Connection, dice: random.Random, stories: Stories) -> None:
    """Write what people and the playbook made of the stories."""
    from tests.bench_store import OPEN_INCIDENTS, put

    led = [n for n, unit in enumerate(stories.units, 1) if unit and stories.levels[n - 1] >= 1]
    chosen = led[-(CLOSED + OPEN_INCIDENTS) :]
    if not chosen:
        chosen = [len(stories.sizes)]
    is_open = {n: place > len(chosen) - OPEN_INCIDENTS for place, n in enumerate(chosen, 1)}
    incidents = list(_incidents(dice, stories, is_open))
    # The log takes no sealed lines; years of sealing them one by one would take long.
    guards = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
    ).all()
    for name, _ in guards:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for model, rows in (
        (t.IncidentRow, iter(incidents)), (t.StepRow, _steps(incidents)),
        (t.DeadlineRow, _deadlines(incidents)), (t.IncidentEventRow, _events(incidents)),
        (t.OutboxRow, _notices(incidents)), (t.DeliveryRow, _deliveries(incidents)),
        (t.AuditRow, _audit(dice)), (t.StatementRow, _statements(dice, incidents)),
        (t.WriterRow, _writers()), (t.ArticleRow, _articles(dice)),
        (t.FeedbackRow, _feedback(dice)), (t.ContactRow, _contacts()),
        (t.WatchStateRow, _states()), (t.UnusualRow, _unusual(dice)),
    ):  # fmt: skip
        _put(put, connection, model, rows)
    for _, text in guards:
        connection.exec_driver_sql(text)
    connection.execute(sa.text(
        "UPDATE story SET incident_id = (SELECT id FROM incident WHERE story_id = story.id) "
        "WHERE id IN (SELECT story_id FROM incident)"
    ))  # fmt: skip


def _put(put: Any, connection: sa.Connection, model: type[SQLModel], rows: Iterator[Any]) -> None:
    put(connection, model, rows)


def _incidents(
    dice: random.Random, stories: Stories, is_open: dict[int, bool]
) -> Iterator[dict[str, Any]]:
    from tests.bench_store import END, phrase

    policy = load_policy()
    for number, (story, opened) in enumerate(is_open.items(), 1):
        level = stories.levels[story - 1]
        at = END - timedelta(hours=3 * (len(is_open) - number) + 1)
        ends = at + timedelta(days=4)
        yield {
            "id": number, "story_id": story, "unit_id": stories.units[story - 1],
            "title": phrase(dice, 12).capitalize(), "summary": phrase(dice, 40), "level": level,
            "peak_level": level, "score": 30.0 * level, "opened_at": at, "updated_at": at,
            "state": "new" if opened else "closed", "policy_version": policy.version,
            "topics": [stories.topics[story - 1]],
            "acknowledged_at": None if opened and number % 3 else at,
            "closed_at": None if opened else ends,
            "reasons": [{"text": "Nhiều nơi cùng đưa tin.", "points": 20.0, "words": ["trường"],
                         "mention_ids": []}] * 4,
        }  # fmt: skip


def _each(incidents: list[dict[str, Any]], times: int) -> Iterator[tuple[dict[str, Any], int]]:
    for row in incidents:
        for place in range(times):
            yield row, place


def _steps(incidents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row, place in _each(incidents, STEPS):
        done = row["state"] == "closed" or place < 3
        yield {
            "incident_id": row["id"], "code": f"B{place:02}", "position": place,
            "title": f"Việc số {place} theo kịch bản", "role": "officer",
            "due_at": row["opened_at"] + timedelta(hours=2 * place),
            "done_at": row["opened_at"] if done else None, "done_by": "canbo" if done else None,
        }  # fmt: skip


def _deadlines(incidents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row, place in _each(incidents, 3):
        yield {
            "incident_id": row["id"], "kind": "ack", "level": row["level"], "seq": place,
            "role": "principal", "due_at": row["opened_at"] + timedelta(minutes=30 * place),
            "state": "open" if row["state"] != "closed" and place == 2 else "met",
        }  # fmt: skip


def _events(incidents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row, place in _each(incidents, EVENTS):
        yield {
            "incident_id": row["id"], "at": row["opened_at"] + timedelta(minutes=place),
            "kind": "note", "actor": "máy", "text": f"Mục số {place} của diễn biến vụ việc.",
        }  # fmt: skip


def _notices(incidents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row, place in _each(incidents, NOTICES):
        yield {
            "id": row["id"] * 100 + place, "key": f"{row['id']}/{place}",
            "incident_id": row["id"], "level": row["level"], "purpose": "alert",
            "role": "principal", "person": f"nguoi{place}@truong.example",
            "name": f"Đ/c số {place}", "recipient": f"nguoi{place}@truong.example",
            "subject": row["title"], "body_text": row["summary"] * 3,
            "body_html": row["summary"] * 6, "message_id": f"<{row['id']}.{place}@example>",
            "created_at": row["opened_at"], "due_at": row["opened_at"], "state": "sent",
            "sent_at": row["opened_at"],
        }  # fmt: skip


def _deliveries(incidents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row, place in _each(incidents, NOTICES):
        for event in ("queued", "tried", "sent", "opened"):
            yield {
                "outbox_id": row["id"] * 100 + place, "incident_id": row["id"],
                "at": row["opened_at"], "way": "email",
                "address": f"nguoi{place}@truong.example", "event": event,
            }  # fmt: skip


def _audit(dice: random.Random) -> Iterator[dict[str, Any]]:
    from tests.bench_store import END

    for number in range(1, AUDIT + 1):
        yield {
            "at": END - timedelta(minutes=7 * (AUDIT - number)),
            "actor": f"nguoi{dice.randrange(40)}",
            "action": dice.choice(("login", "login", "login", "unmask", "report_made")),
            "subject": f"mention:{number}", "reason": "Cần đối chiếu bản gốc.", "seq": number,
            "digest": f"{number:064x}", "chain": f"{number:064x}",
        }  # fmt: skip


def _statements(dice: random.Random, incidents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    from tests.bench_store import phrase

    states = ("draft", "submitted", "approved", "released")
    for number, row in enumerate(incidents[-800:], 1):
        state = dice.choice(states)
        at = row["opened_at"]
        yield {
            "id": number, "unit_id": row["unit_id"], "incident_id": row["id"],
            "template": "thong_tin_ban_dau", "template_version": "1", "audience": "public",
            "topics": row["topics"], "title": row["title"], "text": phrase(dice, 200),
            "state": state, "created_at": at, "created_by": 1, "created_name": "Đ/c canbo",
            "updated_at": at, "updated_by": 1,
            "released_at": at if state == "released" else None,
            "released_by": 1 if state == "released" else None,
            "year": 2026 if state == "released" else None,
            "number": number if state == "released" else None,
        }  # fmt: skip


def _writers() -> Iterator[dict[str, Any]]:
    from tests.bench_store import END

    for number in range(1, 401):
        yield {"id": number, "unit_id": f"t{number // 4}", "name": f"Tổ số {number % 4}",
               "since": (END - timedelta(days=800)).date()}  # fmt: skip


def _articles(dice: random.Random) -> Iterator[dict[str, Any]]:
    from tests.bench_store import END, phrase

    for number in range(8000):
        at = END - timedelta(days=dice.randrange(600))
        yield {
            "unit_id": f"t{number % 100}", "writer_id": number % 400 + 1,
            "month": f"{at:%Y-%m}", "title": phrase(dice, 8), "text": phrase(dice, 80),
            "state": "published", "created_at": at, "published_at": at,
        }  # fmt: skip


def _feedback(dice: random.Random) -> Iterator[dict[str, Any]]:
    from tests.bench_store import END, phrase

    for number in range(1, 20_001):
        at: datetime = END - timedelta(minutes=70 * (20_000 - number))
        text = phrase(dice, 40)
        answered = number < 19_900
        yield {
            "unit_id": f"t{number % 200}", "year": at.year, "number": number, "received_at": at,
            "received_by": "canbo", "channel": "phone", "kind": "suggestion",
            "sender": "parent", "text": text, "masked": text, "due_at": at + timedelta(days=10),
            "state": "answered" if answered else "received",
            "answered_at": at if answered else None,
        }  # fmt: skip


def _contacts() -> Iterator[dict[str, Any]]:
    for number in range(2000):
        yield {"unit_id": f"t{number // 2}", "role": (Role.PRINCIPAL, Role.OFFICER)[number % 2],
               "name": f"Đ/c số {number}", "email": f"nguoi{number}@truong.example"}  # fmt: skip


def _states() -> Iterator[dict[str, Any]]:
    from tests.bench_store import END

    topics = ["", *topic_names()]
    day = END.date()
    data = {"usual": [420.0, 80.0, 30.0, 90.0], "waiting": [], "run": [0, 0, 0, 0], "alarm": 0,
            "recent": [], "through": day.toordinal()}  # fmt: skip
    for number in range(SERIES):
        yield {"unit_id": f"t{number // len(topics)}", "topic": topics[number % len(topics)],
               "through": day, "alarm": number % 500 == 0, "data": data}  # fmt: skip


def _unusual(dice: random.Random) -> Iterator[dict[str, Any]]:
    from tests.bench_store import END

    topics = list(topic_names())
    for number in range(3000):
        at = END - timedelta(hours=8 * (3000 - number))
        yield {
            "unit_id": f"t{number % 1000}", "topic": dice.choice(topics), "kind": "day",
            "since": at.date(), "through": at.date(), "opened_at": at,
            "closed_at": None if number > 2960 else at + timedelta(days=2),
            "seen": 7, "expected": 0.4, "once_in_days": 3000.0, "strength": 5.0,
            "text": "Nhiều hơn thường lệ.",
        }  # fmt: skip
