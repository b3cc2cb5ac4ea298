"""A database of an earlier version comes to the newest one, keeps its rows, and can go back."""

from __future__ import annotations

from alembic import command

from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store, alembic_config
from tests.conftest import NOW


def to(store: Store, version: str) -> None:
    with store.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection.execution_options(langnghe_write=True)
        command.downgrade(config, version)
        connection.commit()


def test_stories_of_the_fourth_version_are_events_of_their_own(any_store: Store) -> None:
    with any_store.write() as session:
        for title in ("Bữa trưa", "Khoản thu"):
            session.add(
                t.StoryRow(title=title, first_at=NOW, last_at=NOW, event_id=1, print="{}",
                           set_aside="Vì sao", forecast={"harm": 1}, assess_due=True)
            )  # fmt: skip
        session.flush()
        session.add(t.StoryMentionRow(story_id=1, mention_id=1, at=NOW, pinned=True))
    to(any_store, "0004")
    any_store.migrate()
    with any_store.read() as session:
        first, second = session.get_one(t.StoryRow, 1), session.get_one(t.StoryRow, 2)
        member = session.get_one(t.StoryMentionRow, 1)
    assert [(s.title, s.event_id, s.first_at, s.assess_due) for s in (first, second)] == [
        ("Bữa trưa", 1, NOW, True), ("Khoản thu", 2, NOW, True)
    ]  # fmt: skip
    assert (second.print, second.set_aside, second.forecast, second.credibility) == (
        None,
        "",
        {},
        {},
    )
    assert member.pinned is False
