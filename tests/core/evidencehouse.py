"""A small installation with some evidence in it, and the ways to tamper with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from langnghe.core.evidence.keeping import Held, keep_originals
from langnghe.core.evidence.originals import HTTP, Original, Sighting
from langnghe.core.evidence.vault import FOLDER, Vault
from langnghe.core.evidence.verify import EvidenceCheck
from langnghe.core.settings import Settings, StatedSettings
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import keep
from langnghe.core.store.tables import EvidenceRow
from langnghe.core.types import Item
from langnghe.core.verifying import Checked
from tests.conftest import NOW

FEED = "https://bao-suoi-mo.example/rss"
HEADERS = (("Content-Type", "application/rss+xml; charset=utf-8"), ("ETag", '"a1"'))


def item(number: int, text: str = "Phụ huynh phản ánh bữa ăn bán trú.") -> Item:
    """Return a made-up article."""
    return Item(
        id=f"t{number}", kind="news", source="Báo Suối Mơ", title=f"Tin {number}", text=text,
        url=f"https://bao-suoi-mo.example/tin/{number}", published_at=NOW,
    )  # fmt: skip


def feed(items: Sequence[Item], *, url: str = FEED, minutes: int = 0) -> Original:
    """Return a feed's document that holds these items."""
    entries = "".join(f"<item><title>{i.title}</title>{i.text}</item>" for i in items)
    body = f"<rss><channel>{entries}</channel></rss>".encode()
    return Original(HTTP, url, NOW + timedelta(minutes=minutes), body, headers=HEADERS)


class EvidenceHouse:
    """A store with its vault; every call of ``see`` is one visit to a source."""

    def __init__(self, store: Store, home: Path) -> None:
        self.store = store
        self.home = home
        self.vault = Vault(home / FOLDER)
        self.settings: Settings = StatedSettings(home=home, database_url=store.url)

    def see(self, *items: Item, minutes: int = 0, original: Original | None = None) -> Held:
        """Keep items and the document they were seen in."""
        document = original or feed(items, minutes=minutes)
        now = NOW + timedelta(minutes=minutes)
        with self.store.write() as session:
            keep(session, items, now=now, secret=b"k")
            return keep_originals(session, self.vault, [Sighting(i, document) for i in items], now)

    def fill(self, visits: int = 4) -> None:
        """Keep some visits of two items each."""
        for n in range(visits):
            self.see(item(2 * n), item(2 * n + 1), minutes=n)

    def verify(self) -> Checked:
        """Recompute everything."""
        return EvidenceCheck().run(self.store, self.settings)

    def rows(self) -> list[EvidenceRow]:
        """Return the links of the chain."""
        with self.store.read() as session:
            return list(session.scalars(sa.select(EvidenceRow).order_by(sa.text("seq"))))

    def sql(self, statement: str, **values: Any) -> None:
        """Change the database behind the house's back."""
        with self.store.write() as session:
            session.execute(sa.text(statement), values)

    def warc(self) -> Path:
        """Return the first WARC file."""
        return sorted((self.home / FOLDER).glob("*.warc.gz"))[0]

    def kinds(self) -> list[tuple[str, int | None]]:
        """Return what verification finds: (kind, number of the record)."""
        return [(f.kind, f.seq) for f in self.verify().findings]
