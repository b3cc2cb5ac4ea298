"""A house that stands still tells somebody once, and once more when it breathes again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.watchdog import watch
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.marks import HEARTBEAT, put_mark
from langnghe.core.store.tables import OutboxRow
from tests.conftest import NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, mail_fallback="quantri@truong.example", stalled_after_s=1800)


def beat(store: Store, stage: str, minutes: float) -> None:
    with store.write() as session:
        put_mark(session, HEARTBEAT + stage, NOW + timedelta(minutes=minutes))


def look(store: Store, settings: Settings, minutes: float) -> tuple[str, ...]:
    now = NOW + timedelta(minutes=minutes)
    return watch(store, settings, now, started=NOW, channel=None)


def letters(store: Store) -> list[OutboxRow]:
    with store.read() as session:
        return list(session.scalars(sa.select(OutboxRow).order_by(OutboxRow.id)))  # type: ignore[arg-type]


def test_breathing_is_silent(any_store: Store, settings: Settings) -> None:
    beat(any_store, "collect", 0)
    assert look(any_store, settings, 20) == ()
    assert letters(any_store) == []


def test_a_standstill_is_told_once_and_named(any_store: Store, settings: Settings) -> None:
    beat(any_store, "collect", 0)
    beat(any_store, "tell", 39)
    for minute in (40, 41, 60):
        assert look(any_store, settings, minute)[:1] == ("collect",)
        beat(any_store, "tell", minute)
    (letter,) = letters(any_store)
    assert letter.recipient == "quantri@truong.example"
    assert "thu thập" in letter.subject
    assert "langnghe doctor" in letter.body_text


def test_the_end_of_it_is_told_and_a_second_one_again(any_store: Store, settings: Settings) -> None:
    beat(any_store, "collect", 0)
    look(any_store, settings, 40)
    beat(any_store, "collect", 50)
    assert look(any_store, settings, 51) == ()
    look(any_store, settings, 120)
    subjects = [letter.subject for letter in letters(any_store)]
    assert len(subjects) == 3
    assert "đã nghe lại" in subjects[1]


def test_a_pipeline_that_never_began_is_a_standstill_too(
    any_store: Store, settings: Settings
) -> None:
    look(any_store, settings, 10)
    assert letters(any_store) == []
    look(any_store, settings, 40)
    assert "toàn bộ dây chuyền" in letters(any_store)[0].subject


def test_a_night_switched_off_is_no_standstill_in_the_morning(
    any_store: Store, settings: Settings
) -> None:
    beat(any_store, "collect", -600)
    look(any_store, settings, 1)
    assert letters(any_store) == []
    look(any_store, settings, 31)
    assert len(letters(any_store)) == 1
