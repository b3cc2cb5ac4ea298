"""The audit log shows every change: a changed byte, a line cut out, a rewritten chain."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from langnghe.core.store import users
from langnghe.core.store.audit import (
    FIRST,
    REDACTION,
    Head,
    broken_links,
    head,
    heads_after,
    redact,
    seal_all,
)
from langnghe.core.store.engine import Store
from tests.conftest import NOW


def write(store: Store, *reasons: str) -> None:
    for n, reason in enumerate(reasons):
        with store.write() as session:
            users.note(
                session, NOW + timedelta(minutes=n), "Cô Hạnh", "unmask", "mention:7",
                reason=reason, data={"số": n, "nơi": ["một", 2.5]},
            )  # fmt: skip


def faults(store: Store, noted: tuple[Head, ...] = ()) -> list[str]:
    with store.read() as session:
        return [broken.what for broken in broken_links(session, noted)]


def break_in(store: Store, statement: str) -> None:
    """Change a row as somebody with the database's password can: the guard is taken off first."""
    with store.write() as session:
        if store.is_sqlite:
            for trigger in ("audit_no_update", "audit_no_delete", "audit_no_replace"):
                session.execute(sa.text(f"DROP TRIGGER IF EXISTS {trigger}"))
        else:
            session.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        session.execute(sa.text(statement))


def test_lines_are_sealed_as_they_are_written(any_store: Store) -> None:
    write(any_store, "một", "hai", "ba")
    with any_store.read() as session:
        heads = heads_after(session, 0)
        assert [h.seq for h in heads] == [1, 2, 3]
        assert len({h.chain for h in heads} | {FIRST}) == 4
        assert head(session) == heads[-1]
    assert faults(any_store, tuple(heads)) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET reason = 'haj' WHERE seq = 2", "nội dung dòng số 2"),
        ("UPDATE audit SET actor = 'Ai khác' WHERE seq = 1", "nội dung dòng số 1"),
        ("DELETE FROM audit WHERE seq = 2", "thiếu dòng số 2"),
        ("UPDATE audit SET seq = seq + 10 WHERE seq = 3", "thiếu dòng số 3"),
        ("UPDATE audit SET redacted_at = at WHERE seq = 2", "không có dòng ghi việc xóa"),
    ],
)
def test_a_change_is_found_and_named(any_store: Store, statement: str, said: str) -> None:
    write(any_store, "một", "hai", "ba")
    break_in(any_store, statement)
    assert any(said in what for what in faults(any_store)), faults(any_store)


def test_a_log_cut_off_at_its_end_is_found_by_the_heads_kept_outside(any_store: Store) -> None:
    write(any_store, "một", "hai", "ba")
    with any_store.read() as session:
        noted = tuple(heads_after(session, 0))
    break_in(any_store, "DELETE FROM audit WHERE seq = 3")
    assert faults(any_store) == []  # the database alone cannot know
    assert any("dòng số 3" in what for what in faults(any_store, noted))


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET reason = 'khác'", "DELETE FROM audit",
                  "UPDATE audit SET seq = NULL"],
)  # fmt: skip
def test_the_database_refuses_to_change_or_delete_a_line(any_store: Store, statement: str) -> None:
    write(any_store, "một")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        any_store.engine.connect() as connection,
    ):
        connection.execution_options(langnghe_write=True).execute(sa.text(statement))
    assert faults(any_store) == []


def test_blanked_lines_are_gone_and_still_provable(any_store: Store) -> None:
    with any_store.write() as session:
        users.note(session, NOW, "hạnh", "login_failed", "abc", data={"place": "203.0.113.9"})
        users.note(session, NOW, "hạnh", "unmask", "mention:7", reason="kiểm tra")
    with any_store.write() as session:
        lines = redact(session, NOW + timedelta(days=1), NOW)
        users.note(session, NOW, "đồng hồ", REDACTION, "sign_in", data={"lines": lines})
    with any_store.read() as session:
        text = str(session.execute(sa.text("SELECT actor, subject, data FROM audit")).all())
    assert lines == [1]
    assert "203.0.113.9" not in text
    assert faults(any_store) == []


def test_lines_left_without_a_seal_are_sealed_by_the_next(any_store: Store) -> None:
    break_in(
        any_store,
        "INSERT INTO audit (at, actor, action, subject, reason, data, digest, chain) VALUES "
        "('2026-11-20 00:00:00', 'cũ', 'login', 'x', '', '{}', '', '')",
    )
    write(any_store, "một")
    with any_store.write() as session:
        assert seal_all(session) == 0
        assert [h.seq for h in heads_after(session, 0)] == [1, 2]
    assert faults(any_store) == []
