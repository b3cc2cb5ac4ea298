"""Names typed in odd ways: covered when said to be covered, and no other person is hit."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from langnghe.core import subject
from langnghe.core.covering import COVERED, cover
from langnghe.core.errors import InputError
from langnghe.core.store import mentions
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.subject import Asked
from langnghe.core.types import Item
from tests.conftest import NOW

SECRET = b"khoa bi mat de thu"


def hear(store: Store, *texts: str) -> None:
    with store.write() as session:
        items = [Item(id=str(n), source="x", text=text) for n, text in enumerate(texts)]
        mentions.keep(session, items, now=NOW, secret=SECRET)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Nguyễn Văn An.", "Thầy Nguyễn Văn An, lớp 5"),
        ("Nguyễn-Văn (An)", "Thầy nguyen van an đi họp"),
        ("«Nguyễn Văn An»", "NGUYỄN VĂN AN nói"),
        ("Nguyễn Văn An 😀", "Thầy Nguyễn Văn An 😀"),
        ("Đỗ_Thị_Lan", "cô Đỗ Thị Lan"),
        ("cô Lan 5A", "cô Lan-5A nhé"),
        ("Y Ngoc Nie", "thầy Y_Ngoc.Niê đây"),
        ("Nguyễn Văn An", "thầy Nguyê\u0303n Va\u0306n An"),
    ],
)
def test_a_name_in_any_spelling_is_covered(any_store: Store, typed: str, text: str) -> None:
    hear(any_store, text)
    asked = Asked("text", typed)
    with any_store.write() as session:
        found = subject.find(session, asked, secret=SECRET)
        assert found.mentions == (1,)
        subject.anonymise(session, found, asked, NOW)
    with any_store.read() as session:
        left = session.get_one(t.MentionRow, 1).text or ""
        assert COVERED in left
        assert subject.find(session, asked, secret=SECRET).mentions == ()


@pytest.mark.parametrize(
    "typed",
    ["Nguyễn", "😀😀😀😀😀", ".*.*.*", "x" * 10_000, "a b " * 3000],
)
def test_what_is_no_full_name_is_refused(any_store: Store, typed: str) -> None:
    hear(any_store, "Lan Anh và cô Hoa", "Nguyễn")
    with pytest.raises(InputError):
        Asked("text", typed)


@pytest.mark.parametrize("typed", ['" OR "lan', 'Lan Anh" "Hoa', "lan* anh*", "(lan NEAR anh)"])
def test_no_sign_in_a_name_widens_the_search(any_store: Store, typed: str) -> None:
    hear(any_store, "Lan Anhh và cô Hoa", "Lan Anhh, cô Hoa")
    with any_store.read() as session:
        assert subject.find(session, Asked("text", typed), secret=SECRET).mentions == ()


def test_cover_leaves_the_words_around_as_they_were() -> None:
    assert cover("A_Lan Anh, Lan Anhh lan anh!", "Lan Anh") == f"A_{COVERED}, Lan Anhh {COVERED}!"


def test_a_person_in_the_feedback_register_is_found_covered_and_erased(any_store: Store) -> None:
    name = Asked("text", "Đỗ Thị Lan")
    with any_store.write() as session:
        for n in (1, 2):
            said = f"Cô Đỗ Thị Lan rất tốt, lần {n}"
            session.add(
                t.FeedbackRow(
                    unit_id="th_a", year=2026, number=n, received_at=NOW, received_by="x",
                    channel="khac", kind="khen", sender="an_danh", text=said, masked=said,
                    answer="Cảm ơn, đã chuyển cô Đỗ Thị Lan", owner="Đỗ Thị Lan", due_at=NOW,
                )
            )  # fmt: skip
    with any_store.write() as session:
        found = subject.find(session, name, secret=SECRET)
        assert found.feedback == (1, 2)
        assert "lần 1" in str(subject.export(session, found))
        counts = subject.anonymise(session, found, name, NOW)
        assert counts["anonymised"] == 2
        told = str([row.model_dump() for row in session.scalars(sa.select(t.FeedbackRow))])
        assert "Lan" not in told
        assert "rất tốt" in told
        assert subject.find(session, name, secret=SECRET).feedback == ()
