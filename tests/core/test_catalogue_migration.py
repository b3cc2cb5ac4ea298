"""Migration 0022 counts the last four weeks of every source once, and can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import command

from langnghe.core.clock import hanoi
from langnghe.core.store.engine import Store, alembic_config
from langnghe.core.store.sources import volumes
from langnghe.core.store.tables import DONE, MentionRow


def test_what_was_heard_lately_is_counted_by_source(database_url: str) -> None:
    with Store(database_url) as store:
        store.migrate()
        _move(store, "0021", down=True)
        now = datetime.now(UTC)
        rows = [("bao", 0), ("bao", 3), ("bao", 3), ("bao", 200), (None, 1)]
        for number, (source, days) in enumerate(rows):
            insert = sa.text(
                "INSERT INTO mention (key, external_id, kind, source_id, seen_at, folded, "
                "content_hash, problems, revision, stage) VALUES (:key, '', 'news', :source, "
                ":at, '', '', '[]', 1, :stage)"
            ).bindparams(
                sa.bindparam("at", now - timedelta(days=days), MentionRow.__table__.c.seen_at.type)  # type: ignore[attr-defined]
            )
            with store.write() as session:
                session.execute(insert, {"key": str(number), "source": source, "stage": DONE})
        _move(store, "head")
        with store.read() as session:
            found = volumes(session, hanoi(now).date(), 28)
        assert set(found) == {"bao"}
        assert found["bao"][-1] == 1
        assert found["bao"][-4] == 2
        assert sum(found["bao"]) == 3


def _move(store: Store, to: str, *, down: bool = False) -> None:
    with store.engine.connect() as connection:
        connection = connection.execution_options(langnghe_write=True)
        config = alembic_config()
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, to)
        connection.commit()
