"""Ways round the audit log's guard: replacing, blanking, truncating, sealing, many writers."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from langnghe.core.auditing import FILE_NAME, AuditCheck, note_heads
from langnghe.core.settings import StatedSettings
from langnghe.core.store import users
from langnghe.core.store.audit import broken_links, seal_all
from langnghe.core.store.engine import Store
from tests.conftest import NOW
from tests.core.test_audit_chain import break_in, faults, write

# What an intruder types; no value here comes from outside.
_SAYS = "at, actor, action, subject, reason, data, digest, chain"
_FORGED = "'2026-11-20 00:00:00', 'Ai khác', 'login', 'x', '', '{}', '', ''"


ON_BOTH = [
    f"INSERT INTO audit (seq, {_SAYS}) VALUES (4, {_FORGED})",  # noqa: S608
    f"INSERT INTO audit (id, {_SAYS}) VALUES (2, {_FORGED}) "  # noqa: S608
    "ON CONFLICT (id) DO UPDATE SET actor = excluded.actor",
    "UPDATE audit SET actor = 'Ai khác', redacted_at = at WHERE seq = 2",
    "UPDATE audit SET actor = '[đã xóa theo thời hạn lưu]', subject = '', reason = '', "
    "data = '{}', redacted_at = at WHERE seq = 2",
]
ON_SQLITE = [
    f"INSERT OR REPLACE INTO audit (id, {_SAYS}) VALUES (2, {_FORGED})",  # noqa: S608
    f"REPLACE INTO audit (id, seq, {_SAYS}) VALUES (9, 2, {_FORGED})",  # noqa: S608
    "UPDATE OR REPLACE audit SET seq = 2 WHERE seq IS NULL",
]
ON_POSTGRES = ["TRUNCATE audit"]


def test_no_statement_gets_round_the_guard(any_store: Store) -> None:
    write(any_store, "một", "hai", "ba")
    for statement in [*ON_BOTH, *(ON_SQLITE if any_store.is_sqlite else ON_POSTGRES)]:
        if "IS NULL" in statement:
            with any_store.write() as session:
                session.execute(sa.text(f"INSERT INTO audit ({_SAYS}) VALUES ({_FORGED})"))  # noqa: S608
        with pytest.raises(DatabaseError, match="append-only"), any_store.write() as session:
            session.execute(sa.text(statement))
        assert faults(any_store) == [], statement


def test_a_blanked_line_must_be_blank_and_still_proves_its_act(any_store: Store) -> None:
    write(any_store, "một", "hai", "ba")
    break_in(
        any_store,
        "UPDATE audit SET action = 'login', actor = '[đã xóa theo thời hạn lưu]', subject = '', "
        "reason = '', data = '{}', redacted_at = at WHERE seq = 2",
    )
    with any_store.write() as session:
        users.note(session, NOW, "đồng hồ", "audit_redacted", "sign_in", data={"lines": [2]})
    assert any("dòng số 2" in what for what in faults(any_store))


def house(tmp_path: Path) -> StatedSettings:
    return StatedSettings(home=tmp_path)


def found(store: Store, settings: StatedSettings) -> list[str]:
    return [finding.what for finding in AuditCheck().run(store, settings).findings]


def test_a_guard_taken_off_is_found(any_store: Store, tmp_path: Path) -> None:
    write(any_store, "một")
    assert found(any_store, house(tmp_path)) == []
    break_in(any_store, "SELECT 1")
    assert any("chốt" in what for what in found(any_store, house(tmp_path)))


def test_the_outside_file_may_not_vanish_lose_lines_or_say_two_things(
    store: Store, tmp_path: Path
) -> None:
    write(store, "một", "hai", "ba")
    settings, path = house(tmp_path), tmp_path / FILE_NAME
    assert note_heads(store, settings) == 3
    assert found(store, settings) == []
    whole = path.read_text()
    first, second, third = whole.splitlines(keepends=True)
    path.write_text(first + third)
    assert any("thiếu" in what and "2" in what for what in found(store, settings))
    path.write_text(whole + f"2 {'a' * 64}\n")
    assert any("hai niêm phong" in what for what in found(store, settings))
    path.write_text(first + f"2 {'a' * 64}\n" + third + second)  # the true one added afterwards
    assert any("2" in what for what in found(store, settings))
    path.unlink()
    assert any(FILE_NAME in what for what in found(store, settings))


def test_many_writers_at_once_leave_one_whole_chain(any_store: Store) -> None:
    threads, each = (20, 25) if not any_store.is_sqlite else (4, 10)
    wrong: list[BaseException] = []

    def work(name: int) -> None:
        try:
            for n in range(each):
                with any_store.write() as session:
                    users.note(session, NOW, f"người {name}", "unmask", f"mention:{n}")
        except Exception as error:  # handed to the test, which fails on it
            wrong.append(error)

    crowd = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert wrong == []
    with any_store.write() as session:
        seal_all(session)
    with any_store.read() as session:
        assert list(broken_links(session)) == []
        count = session.execute(sa.text("SELECT count(seq), max(seq) FROM audit")).one()
    assert tuple(count) == (threads * each, threads * each)
