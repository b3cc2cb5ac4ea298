"""Links that somebody reported: read later, politely, never in a closed circle."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from collectors.faults import FetchFault
from collectors.intake import AGAIN, TRIES, fetch_links
from langnghe.core.evidence.vault import Vault
from langnghe.core.intake import link_of, links_in, may_be_fetched, receipt_of
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import keep
from langnghe.core.types import Item
from tests.collectors.test_recheck import ARTICLE, Site
from tests.conftest import NOW, count

URL = "https://bao-suoi-mo.example/tin/1"


class Desk:
    """A house with one reported link."""

    def __init__(self, store: Store, home: Path) -> None:
        self.store, self.vault, self.site = store, Vault(home), Site()

    def report(self, text: str | None = None, link: str = URL) -> None:
        """Have a report taken up whose page is still to be read."""
        item = Item(
            id="intake:1.1", kind="comment", source="Phiếu tiếp nhận – T", url=link, text=text,
            title=None if text else "Đường dẫn được báo",
        )  # fmt: skip
        with self.store.write() as session:
            keep(session, [item], now=NOW, secret=b"k")
            session.add(
                t.IntakeRow(
                    unit_id="th_a", channel="zalo", state="accepted", receipt="R", received_at=NOW,
                    link=link, mention_id=1, visit="due", visit_at=NOW,
                )
            )  # fmt: skip

    def turn(self, minutes: int = 0) -> int:
        """Read what is due."""
        now = NOW + timedelta(minutes=minutes)
        return fetch_links(self.store, self.site, secret=b"k", now=now, vault=self.vault)

    def row(self) -> t.IntakeRow:
        """Return the report."""
        with self.store.read() as session:
            return session.get_one(t.IntakeRow, 1)

    def mention(self) -> t.MentionRow:
        """Return its mention."""
        with self.store.read() as session:
            return session.get_one(t.MentionRow, 1)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path / "vault")


def test_a_bare_link_gets_the_page_s_words_and_keeps_the_page(desk: Desk) -> None:
    desk.report()
    assert desk.turn() == 1
    assert "bữa ăn bán trú" in (desk.mention().text or "")
    assert (desk.mention().revision, desk.row().visit) == (2, "done")
    assert count(desk.store, "evidence") == 1
    assert desk.turn() == 0
    assert count(desk.store, "mention") == 1


def test_a_report_in_own_words_keeps_them_and_the_page_stands_beside(desk: Desk) -> None:
    own = "Nhà em thấy bài này nói đúng chuyện bếp ăn, hôm qua cháu về kêu đau bụng cả đêm. " * 2
    desk.report(own)
    desk.turn()
    assert (desk.mention().text or "").strip() == own.strip()
    assert count(desk.store, "evidence") == 1


def test_a_page_that_does_not_answer_is_tried_three_times(desk: Desk) -> None:
    desk.report()
    desk.site.says = FetchFault("not_found", http_status=404)
    for n in range(TRIES + 2):
        desk.turn(minutes=n * n * 90)
    assert len(desk.site.asked) == TRIES
    assert desk.row().visit == "failed"
    assert desk.row().note
    assert timedelta(hours=1) == AGAIN


@pytest.mark.parametrize(
    "link",
    [
        "https://www.facebook.com/groups/x", "https://m.facebook.com/a", "https://zalo.me/g/x",
        "https://chat.zalo.me/", "https://sub.zalo.me/x", "https://t.me/+x", "https://t.me/joinchat/x",
        "https://drive.google.com/x", "http://FACEBOOK.com./x",
    ],
)  # fmt: skip
def test_closed_circles_are_never_asked(desk: Desk, link: str) -> None:
    assert not may_be_fetched(link)
    desk.report(link=link)
    desk.turn()
    assert desk.site.asked == []
    assert desk.row().visit == "failed"


def test_an_open_link_that_leads_into_one_is_not_read(desk: Desk) -> None:
    desk.report()
    desk.site.at = "https://www.facebook.com/groups/kin"
    desk.turn()
    assert desk.mention().revision == 1
    assert count(desk.store, "evidence") == 0


def test_a_report_taken_back_meanwhile_is_left(desk: Desk) -> None:
    desk.report()
    with desk.store.write() as session:
        session.execute(sa.update(t.MentionRow).values(purged_at=NOW, text=None))
    desk.turn()
    assert desk.mention().text is None


def test_addresses_and_receipts_as_people_type_them() -> None:
    assert link_of(" bao.example/1 ") == "https://bao.example/1"
    assert link_of("") == ""
    assert links_in("xem http://a.vn/1, và www.b.vn.") == ["http://a.vn/1", "www.b.vn"]
    assert may_be_fetched("https://t.me/s/kenh")
    assert may_be_fetched("https://bao.example/facebook.com")
    assert not may_be_fetched("khong phai")
    assert receipt_of(" abcde 23456 ") == "ABCDE-23456"
    assert receipt_of("abc") == receipt_of("") == receipt_of("'; --") == ""
    assert ARTICLE
