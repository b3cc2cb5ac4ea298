"""The store keeps each mention once, on both databases, and its schema is what the tables say."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import Session, SQLModel

from langnghe.core.errors import StoreError
from langnghe.core.store.engine import Store, apart
from langnghe.core.store.mentions import MAX_TEXT, keep, unread
from langnghe.core.store.tables import MentionRevisionRow, MentionRow
from langnghe.core.types import Item
from tests.conftest import NOW, count

KEY = b"a test's key"


def article(
    title: str, *, url: str = "https://bao.example/bai-1.html", text: str = "Nội dung"
) -> Item:
    return Item(id="x", url=url, title=title, text=text, source="Báo Thử")


def put(store: Store, *items: Item, later: int = 0):
    with store.write() as session:
        return keep(session, items, now=NOW + timedelta(minutes=later), secret=KEY)


def test_migrations_make_what_the_tables_say(any_store: Store) -> None:
    def ours(_object, name, kind, *_):
        return not (kind == "table" and name.startswith("mention_fts")) and name not in (
            "search", "ix_mention_search",
        )  # fmt: skip

    with any_store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": ours, "compare_type": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_one_article_under_many_addresses_is_one_mention(any_store: Store) -> None:
    first = put(any_store, article("Trường khai giảng"))
    again = put(
        any_store,
        article("Trường khai giảng", url="http://www.bao.example/bai-1.html?utm_source=fb"),
        article("Trường khai giảng", url="https://m.bao.example/bai-1.html#binh-luan"),
    )
    assert (first.new, again.new, again.unchanged) == (1, 0, 2)
    assert count(any_store, "mention") == 1


def test_an_edited_article_is_a_new_revision_of_the_same_mention(any_store: Store) -> None:
    put(any_store, article("Cô giáo nhốt học sinh"))
    done = put(any_store, article("Cô giáo bỏ quên học sinh"), later=60)
    assert (done.new, done.revised) == (0, 1)
    with any_store.read() as session:
        row = session.scalars(sa.select(MentionRow)).one()
        before = session.scalars(sa.select(MentionRevisionRow)).one()
        assert [u.revision for u in unread(session, 10)] == [2]
    assert (row.title, row.revision) == ("Cô giáo bỏ quên học sinh", 2)
    assert (before.title, before.revision) == ("Cô giáo nhốt học sinh", 1)


def test_going_back_to_earlier_words_is_not_news(any_store: Store) -> None:
    put(any_store, article("Bản A"))
    put(any_store, article("Bản B"))
    assert put(any_store, article("Bản A")).revised == 0
    assert count(any_store, "mention_revision") == 1


def test_authors_are_kept_only_as_keyed_hashes(store: Store) -> None:
    with store.write() as session:
        keep(
            session,
            [Item(id="1", title="a", author="Nguyễn Văn Thử", source="f")],
            now=NOW,
            secret=KEY,
        )
    with store.read() as session:
        row = session.scalars(sa.select(MentionRow)).one()
    assert row.author_hash
    assert "Thử" not in repr(row.model_dump())


def test_an_endless_text_is_cut_and_says_so(store: Store) -> None:
    put(store, article("Dài", text="a " * MAX_TEXT))
    with store.read() as session:
        row = session.scalars(sa.select(MentionRow)).one()
    assert len(row.text or "") <= MAX_TEXT
    assert row.problems == ["truncated"]


def test_what_is_committed_is_synced_to_disk(store: Store) -> None:
    with store.read() as session:
        assert session.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(sa.text("PRAGMA synchronous")).scalar() == 2  # FULL


def test_a_locked_database_is_one_plain_sentence(tmp_path: Path) -> None:
    path = tmp_path / "locked.db"
    store = Store(f"sqlite:///{path}", busy_timeout_s=0.1)
    store.migrate()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="giữ khóa") as caught, store.write():
        pass
    assert caught.value.mend
    other.close()
    store.close()


def test_an_unreachable_server_is_one_plain_sentence() -> None:
    pytest.importorskip("psycopg")
    store = Store("postgresql+psycopg://nobody@127.0.0.1:9/none")
    with pytest.raises(StoreError, match="không trả lời"):
        store.migrate()
    store.close()


def test_a_part_that_fails_at_its_end_leaves_the_rest_of_a_transaction(any_store: Store) -> None:
    put(any_store, article("Bài thứ nhất"))

    def half(session: Session, row: MentionRow) -> None:
        with apart(session):
            row.title = "Dở dang"
            session.add(MentionRow(key=row.key, content_hash="h", seen_at=NOW))

    with any_store.write() as session:
        row = session.scalars(sa.select(MentionRow)).one()
        key, row.source_name = row.key, "Báo Mới"
        with pytest.raises(sa.exc.IntegrityError):
            half(session, row)
        session.add(MentionRow(key="khác", content_hash="h", seen_at=NOW))
    with any_store.read() as session:
        stored = {m.key: (m.title, m.source_name) for m in session.scalars(sa.select(MentionRow))}
    assert stored[key] == ("Bài thứ nhất", "Báo Mới")
    assert "khác" in stored
