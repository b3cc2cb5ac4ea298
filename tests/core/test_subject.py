"""A person asks what is kept about them: found, handed out, deleted or covered, and on record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from langnghe.core import subject
from langnghe.core.covering import COVERED, cover
from langnghe.core.errors import ConflictError, InputError, NotFoundError
from langnghe.core.store import mentions
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.holds import place_hold
from langnghe.core.subject import Asked, due_after
from langnghe.core.types import Item
from tests.conftest import NOW

SECRET = b"khoa bi mat de thu"
NAME = Asked("text", "Lò Thị Mùa Xuân")
PEN = Asked("handle", "@ban_cua_nui")


def hear(store: Store) -> None:
    texts = [
        ("mot", "Cô Lò Thị Mùa Xuân phát biểu ở họp phụ huynh", "ai khác"),
        ("hai", "co lo thi mua xuan noi gi vay", "ban_cua_nui"),
        ("ba", "Mùa xuân ở bản, cô Lò Thị Hoa kể", "ban_cua_nui"),
    ]
    with store.write() as session:
        mentions.keep(
            session,
            [Item(id=i, source="dien dan", text=text, author=pen) for i, text, pen in texts],
            now=NOW, secret=SECRET,
        )  # fmt: skip
        edited = Item(id="bon", source="dien dan", text="Lò Thị Mùa Xuân bị nêu tên", author="x")
        mentions.keep(session, [edited], now=NOW, secret=SECRET)
        again = Item(id="bon", source="dien dan", text="đã sửa, không nêu ai", author="x")
        mentions.keep(session, [again], now=NOW, secret=SECRET)
        session.add(
            t.ReadingRow(
                mention_id=1, revision=1, model="m", about_education=True, about_education_p=0.9,
                scope="vn", sentiment="neu", risk=0, stance="report",
                facts=[{"text": "Lò Thị Mùa Xuân phát biểu"}],
                masked_text="Cô Lò Thị Mùa Xuân phát biểu",
            )
        )  # fmt: skip


def everything(store: Store) -> str:
    with store.read() as session:
        names = sa.text("SELECT name FROM sqlite_master WHERE type='table'")
        if not store.is_sqlite:
            names = sa.text("SELECT tablename FROM pg_tables WHERE schemaname='public'")
        found: list[Any] = []
        for name in session.scalars(names).all():
            if not str(name).startswith("mention_fts"):
                found += session.execute(sa.text(f'SELECT * FROM "{name}"')).all()  # noqa: S608
    return str(found)


def test_a_name_is_found_with_accents_or_without_and_in_what_was_said_before(
    any_store: Store,
) -> None:
    hear(any_store)
    with any_store.read() as session:
        found = subject.find(session, NAME, secret=SECRET)
        told = subject.export(session, found)
    assert found.mentions == (1, 2, 4)
    assert told[0]["text"] == "Cô Lò Thị Mùa Xuân phát biểu ở họp phụ huynh"


def test_a_handle_is_found_by_its_hash_alone(any_store: Store) -> None:
    hear(any_store)
    with any_store.read() as session:
        assert subject.find(session, PEN, secret=SECRET).mentions == (2, 3)
        assert subject.find(session, PEN, secret=b"another key").mentions == ()
    assert "ban_cua_nui" not in everything(any_store)


def test_erasing_leaves_no_word_of_it_but_what_an_order_keeps(any_store: Store) -> None:
    hear(any_store)
    with any_store.write() as session:
        place_hold(session, "mention", 2, "QĐ 5", "Hiệu trưởng", NOW)
        found = subject.find(session, NAME, secret=SECRET)
        assert subject.erase(session, found, NOW) == {"deleted": 2, "held": 1}
    left = everything(any_store)
    assert "Lò Thị Mùa Xuân" not in left
    assert "lo thi mua xuan" in left  # the one under an order
    assert "Lò Thị Hoa" in left


def test_anonymising_covers_the_name_and_leaves_the_rest(any_store: Store) -> None:
    hear(any_store)
    with any_store.write() as session:
        found = subject.find(session, NAME, secret=SECRET)
        assert subject.anonymise(session, found, NAME, NOW) == {"anonymised": 3, "held": 0}
        found = subject.find(session, PEN, secret=SECRET)
        subject.anonymise(session, found, PEN, NOW)
    left = everything(any_store).lower()
    assert "mùa xuân phát" not in left
    assert "lo thi mua xuan" not in left
    assert "ở họp phụ huynh" in left
    with any_store.write() as session:
        assert subject.find(session, PEN, secret=SECRET).mentions == ()
        assert subject.find(session, NAME, secret=SECRET).mentions == ()
        same = Item(
            id="mot", source="dien dan", text="Cô Lò Thị Mùa Xuân phát biểu ở họp phụ huynh"
        )
        kept = mentions.keep(session, [same], now=NOW, secret=SECRET)
    assert (kept.new, kept.revised) == (0, 0)  # the page read again does not bring the name back


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("Cô Lò Thị Mùa Xuân nói", f"Cô {COVERED} nói"),
        ("lo thi mua xuan, LÒ THỊ MÙA XUÂN!", f"{COVERED}, {COVERED}!"),
        ("Lò Thị Mùa", "Lò Thị Mùa"),
        ("Lò Thị Mùa Xuân Lò Thị Mùa Xuân", f"{COVERED} {COVERED}"),
        ("", ""),
    ],
)
def test_covering(text: str, covered: str) -> None:
    assert cover(text, NAME.value) == covered


def test_a_request_is_on_record_without_the_name(any_store: Store) -> None:
    hear(any_store)
    with any_store.write() as session:
        row = subject.receive(
            session, NAME, secret=SECRET, proof="xem căn cước tại trường", actor="Cô Hạnh", now=NOW
        )
        number = row.id or 0
        with pytest.raises(ConflictError):
            subject.checked(session, number, PEN, secret=SECRET)
        with pytest.raises(NotFoundError):
            subject.checked(session, 99, NAME, secret=SECRET)
        found = subject.find(session, NAME, secret=SECRET)
        counts = subject.erase(session, found, NOW)
        done = subject.record(
            session, number, NAME, "erase", counts, secret=SECRET, actor="Cô Hạnh", now=NOW,
            answer="Đã xóa, thư trả lời số 3",
        )  # fmt: skip
        assert done.answered_at == NOW
        assert [act["what"] for act in done.done] == ["erase"]
        lines = [row.action for row in session.scalars(sa.select(t.AuditRow))]
    assert lines == ["subject_request", "subject_erase"]
    assert "Mùa Xuân" not in everything(any_store)


def test_a_request_needs_proof_and_a_name_long_enough(store: Store) -> None:
    with store.write() as session, pytest.raises(InputError, match="kiểm tra"):
        subject.receive(session, NAME, secret=SECRET, proof=" ", actor="x", now=NOW)
    with pytest.raises(InputError, match="ngắn"):
        Asked("text", "An")
    with pytest.raises(InputError):
        Asked("face", "x")


def test_two_working_days_skip_the_weekend_and_holidays() -> None:
    friday = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    assert due_after(friday).strftime("%d/%m %H:%M") == "24/11 17:00"
    before_new_year = datetime(2026, 12, 31, 3, 0, tzinfo=UTC)  # 1/1 is a Friday and a holiday
    assert due_after(before_new_year).strftime("%d/%m/%Y") == "05/01/2027"
