"""A released text changed behind the program's back is found, with its own hash changed too."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.statements.draft import text_hash
from alerts.statements.proof import StatementCheck
from alerts.statements.releasing import Place, release
from langnghe.core.settings import StatedSettings
from langnghe.core.store.engine import Store
from tests.speaking import SpeakHouse

WEB = [Place("website", "https://suoimo.example/tin/1")]


@pytest.fixture
def number(any_store: Store, tmp_path: Path) -> int:
    house = SpeakHouse(any_store, tmp_path)
    number = house.approved()
    release(house.services, house.caller("head_a"), number, version=1, places=WEB)
    found = StatementCheck().run(any_store, house.services.settings)
    assert (found.records, found.ok) == (1, True)
    return number


def change(store: Store, statement: str, **values: object) -> list[str]:
    """Change a row with the guards taken off; return what the check finds."""
    with store.write() as session:
        if store.is_sqlite:
            names = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in session.scalars(names).all():
                if str(name).startswith("statement"):
                    session.execute(sa.text(f'DROP TRIGGER "{name}"'))
        else:
            session.execute(sa.text("SET session_replication_role = replica"))
        session.execute(sa.text(statement), values)
    return [f.what for f in StatementCheck().run(store, StatedSettings()).findings]


def test_a_changed_text_is_found(any_store: Store, number: int) -> None:
    found = change(any_store, "UPDATE statement SET text = text || ' thêm'")
    assert found == [f"nội dung số {number} đã bị sửa"]


def test_a_text_changed_with_its_hash_is_found(any_store: Store, number: int) -> None:
    forged = text_hash("Tiêu đề khác", "Nội dung khác")
    found = change(
        any_store,
        "UPDATE statement SET title = 'Tiêu đề khác', text = 'Nội dung khác', text_hash = :hash",
        hash=forged,
    )
    assert found == [f"nội dung số {number} khác với bản ghi trong nhật ký khi phát ngôn"]


def test_a_text_that_is_gone_is_found(any_store: Store, number: int) -> None:
    found = change(any_store, "DELETE FROM statement")
    assert found == [f"nội dung số {number} đã phát ngôn nhưng không còn"]
