"""What has been kept long enough goes; orders to keep, and open incidents, are stronger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.keeping import CLOCK, keep_due, look_again
from langnghe.core.settings import KeepDays, StatedSettings
from langnghe.core.store import mentions, search
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.holds import held, holds, place_hold, release_hold
from langnghe.core.types import Item
from tests.conftest import NOW

AGO = NOW - timedelta(days=400)
NEVER_WAIT = timedelta(0)


def house(tmp_path: Path, **days: int) -> StatedSettings:
    return StatedSettings(home=tmp_path, keep=KeepDays(**days))


def hear(store: Store, *names: str, at: datetime = AGO) -> list[int]:
    """Keep one mention a name, each in a story of its own, read; return their ids."""
    with store.write() as session:
        items = [
            Item(id=name, source="báo thử", title=name, text=f"Chuyện {name}", author="Ông Tư")
            for name in names
        ]
        mentions.keep(session, items, now=at, secret=b"k" * 16)
        ids = list(
            session.scalars(
                sa.select(mentions.MENTION.c.id)
                .where(mentions.MENTION.c.title.in_(names))
                .order_by(mentions.MENTION.c.id)
            )
        )
        for mention_id, name in zip(ids, names, strict=True):
            story = t.StoryRow(title=name, summary=f"Chuyện {name}", first_at=at, last_at=at)
            session.add(story)
            session.flush()
            session.add(t.StoryMentionRow(story_id=story.id or 0, mention_id=mention_id, at=at))
            session.add(
                t.ReadingRow(
                    mention_id=mention_id, revision=1, model="m", about_education=True,
                    about_education_p=0.9, scope="vn", sentiment="neg", risk=1, stance="report",
                    masked_title=name, masked_text=f"Chuyện {name}",
                )
            )  # fmt: skip
    return ids


def open_incident(store: Store, story_id: int, *, closed_at: datetime | None = None) -> int:
    with store.write() as session:
        row = t.IncidentRow(
            story_id=story_id, unit_id="u", title="Vụ việc", level=1, peak_level=1, score=30,
            opened_at=AGO, updated_at=AGO, policy_version="v", closed_at=closed_at,
            state="closed" if closed_at else "new",
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.get_one(t.StoryRow, story_id).incident_id = row.id
        return row.id or 0


def words_left(store: Store) -> str:
    """Return every word kept of mentions, stories and readings."""
    with store.read() as session:
        tables: tuple[Any, ...] = (t.MentionRow, t.StoryRow, t.ReadingRow, t.MentionRevisionRow)
        rows = [row for table in tables for row in session.scalars(sa.select(table))]
    return " ".join(str(row.model_dump()) for row in rows)


def test_an_old_mention_of_no_incident_loses_its_words_and_does_not_come_back(
    any_store: Store, tmp_path: Path
) -> None:
    old, young = hear(any_store, "khoan thu"), hear(any_store, "bua trua", at=NOW)
    asked: list[list[int]] = []

    def forget(session: Session, ids: Sequence[int], reason: str, now: datetime) -> None:
        asked.append(list(ids))

    done = keep_due(any_store, house(tmp_path), NOW, forget=forget)
    assert (done.mentions, asked) == (1, [old])
    left = words_left(any_store)
    assert "khoan thu" not in left
    assert "bua trua" in left
    query = search.parse_query("khoan thu")
    assert query is not None
    with any_store.write() as session:
        found = sa.select(t.MentionRow).where(
            search.matches(query, session.get_bind().dialect.name)
        )
        assert session.scalars(found).all() == []  # nor in the search index
        again = Item(id="khoan thu", source="báo thử", title="khoan thu", text="Chuyện khoan thu")
        kept = mentions.keep(session, [again], now=NOW, secret=b"k" * 16)
        audit = session.scalars(sa.select(t.AuditRow)).all()
    assert (kept.new, kept.revised) == (0, 0)
    assert [(row.actor, row.action) for row in audit] == [(CLOCK, "expired")]
    assert young


def test_mentions_of_an_incident_wait_for_its_own_time(any_store: Store, tmp_path: Path) -> None:
    hear(any_store, "mot", "hai", "ba")
    open_incident(any_store, 1)
    open_incident(any_store, 2, closed_at=NOW - timedelta(days=300))
    done = keep_due(any_store, house(tmp_path, mention=30, incident=90), NOW)
    assert done.mentions == 2
    left = words_left(any_store)
    assert "Chuyện mot" in left
    assert "text': 'Chuyện hai" not in left
    assert "ba'" not in left


def test_an_order_to_keep_is_stronger_until_it_is_released(
    any_store: Store, tmp_path: Path
) -> None:
    ids = hear(any_store, "mot", "hai", "ba")
    with any_store.write() as session:
        number = place_hold(session, "story", 2, "CV 12/CAX", "Hiệu trưởng", NOW)
        assert held(session, ids) == {ids[1]: "CV 12/CAX"}
    settings = house(tmp_path)
    done = keep_due(any_store, settings, NOW, every=NEVER_WAIT)
    assert (done.mentions, done.kept) == (2, 1)
    assert "Chuyện hai" in words_left(any_store)
    with any_store.write() as session:
        look_again(session, release_hold(session, number, "xong", "Hiệu trưởng", NOW), NOW)
        assert holds(session) == []
    assert keep_due(any_store, settings, NOW, every=NEVER_WAIT).mentions == 1
    assert "Chuyện" not in words_left(any_store)


def test_no_turn_reads_again_what_an_earlier_one_passed(any_store: Store, tmp_path: Path) -> None:
    hear(any_store, "mot", "hai")
    settings = house(tmp_path)
    assert keep_due(any_store, settings, NOW, every=NEVER_WAIT).mentions == 2
    assert not keep_due(any_store, settings, NOW, every=NEVER_WAIT).anything
    hear(any_store, "muon")  # an old archive taken in later is not overlooked
    assert keep_due(any_store, settings, NOW, every=NEVER_WAIT).mentions == 1
    hear(any_store, "nua")
    assert not keep_due(any_store, settings, NOW).anything  # once an hour is enough


def test_zero_days_keep_for_good(any_store: Store, tmp_path: Path) -> None:
    hear(any_store, "mot")
    settings = house(tmp_path, mention=0, incident=0, notice=0, sign_in=0)
    assert not keep_due(any_store, settings, NOW).anything
    assert "Chuyện mot" in words_left(any_store)


def test_a_hold_needs_a_thing_and_a_reason(store: Store) -> None:
    with store.write() as session:
        with pytest.raises(NotFoundError):
            place_hold(session, "incident", 9, "CV 1", "ai", NOW)
        with pytest.raises(InputError, match="loại"):
            place_hold(session, "person", 1, "CV 1", "ai", NOW)
        with pytest.raises(NotFoundError):
            release_hold(session, 9, "xong", "ai", NOW)
    hear(store, "mot")
    with store.write() as session:
        with pytest.raises(InputError, match="căn cứ"):
            place_hold(session, "mention", 1, "  ", "ai", NOW)
        number = place_hold(session, "mention", 1, "CV 1", "ai", NOW)
        release_hold(session, number, "xong", "ai", NOW)
        with pytest.raises(ConflictError):
            release_hold(session, number, "xong", "ai", NOW)
