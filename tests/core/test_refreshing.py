"""A running house takes what is changed on the screen, without a restart and without stopping."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from langnghe.core.clock import VirtualClock
from langnghe.core.overlay_profile import MARK, said_passed
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store.edits import Edited, put_edit
from langnghe.core.store.marks import get_mark
from langnghe.core.store.queries.system import list_sources
from langnghe.core.store.tables import SourceRow, UnitRow
from langnghe.core.types import Item
from langnghe.house import open_house, open_services
from langnghe.jobs import EmbeddedRunner, Ways
from langnghe.refreshing import Living
from langnghe.web import create_app
from nlp.house_words import Phrase
from tests.conftest import NOW
from tests.fakes import FakeReader

PROFILE = """
name = "Hồ sơ thử"
[[units]]
id = "xa"
kind = "commune"
name = "Giáo dục xã Bản Hoa"
[[units]]
id = "truong"
kind = "school"
name = "Trường TH Suối Mơ"
parent = "xa"
"""
CATALOG = """
sources:
  - {id: bao-thu, name: Báo Thử, kind: rss, url: "https://bao.example/rss"}
  - {id: bao-cu, name: Báo Cũ, kind: rss, url: "https://cu.example/rss", enabled: false}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "profile.toml").write_text(PROFILE, "utf-8")
    (tmp_path / "catalog.yaml").write_text(CATALOG, "utf-8")
    return Settings(home=tmp_path, catalog=tmp_path / "catalog.yaml", sweep_every_s=1)


@contextmanager
def opened(settings: Settings) -> Iterator[Services]:
    services = open_services(settings, clock=VirtualClock(NOW))
    try:
        yield services
    finally:
        services.store.close()


def edit(services: Services, kind: Edited, key: str, value: object) -> None:
    with services.store.write() as session:
        put_edit(session, kind, key, value, actor="thử", at=NOW)


def test_units_sources_and_words_are_taken_in_place(settings: Settings) -> None:
    with opened(settings) as services:
        house = open_house(services, fetch=False, channel={}, reader=FakeReader())
        living = Living(services, house)
        app = create_app(services)
        living.follow(app)
        assert not living.look()
        edit(services, Edited.UNIT, "xa", {"name": "Giáo dục xã Bản Hoa mới"})
        edit(services, Edited.SOURCE, "bao-thu", {"enabled": False})
        edit(services, Edited.SOURCE, "trang-xa", {
            "added": True, "name": "Trang xã", "kind": "rss", "url": "https://xa.example/rss",
        })  # fmt: skip
        phrase = Phrase("watch", "cầu treo bản Hồng", "xa")
        edit(services, Edited.WORDS, phrase.key, phrase.value)
        assert living.look()
        assert not living.look()
        for now in (house.services, app.state.services, living.services):
            assert now.profile.units[0].name == "Giáo dục xã Bản Hoa mới"
            assert now.store is services.store
        with services.store.read() as session:
            unit = session.get(UnitRow, "xa")
            rows = {row.id: row.enabled for row in list_sources(session)}
        assert unit is not None
        assert unit.name == "Giáo dục xã Bản Hoa mới"
        assert rows == {"bao-thu": False, "bao-cu": False, "trang-xa": True}
        told = house.reader.predict([Item("1", title="Cầu treo bản Hồng hỏng")])[0]
        assert [hit.unit for hit in told.units] == ["xa"]


def test_taken_back_the_file_has_the_word_again(settings: Settings) -> None:
    with opened(settings) as services:
        living = Living(services)
        edit(services, Edited.UNIT, "xa", {"name": "Tên khác"})
        edit(services, Edited.SOURCE, "them", {
            "added": True, "name": "X", "kind": "rss", "url": "https://x.example/rss",
        })  # fmt: skip
        living.look()
        edit(services, Edited.UNIT, "xa", None)
        edit(services, Edited.SOURCE, "them", None)
        assert living.look()
        assert living.services.profile.units[0].name == "Giáo dục xã Bản Hoa"
        with services.store.read() as session:
            row = session.get(SourceRow, "them")
        assert row is not None  # its history stays
        assert (row.enabled, row.declared) == (False, False)


def test_an_edit_counts_from_the_next_start_on(settings: Settings) -> None:
    with opened(settings) as services:
        edit(services, Edited.UNIT, "truong", {"aliases": ["Suối Mộng"]})
        edit(services, Edited.SOURCE, "bao-cu", {"enabled": True})
    with opened(settings) as services:
        assert services.profile.units[1].aliases == ("Suối Mộng",)
        with services.store.read() as session:
            assert {row.id: row.enabled for row in list_sources(session)}["bao-cu"]
        assert not Living(services).look()


def test_an_edit_that_no_longer_fits_stops_nothing_and_is_said(settings: Settings) -> None:
    with opened(settings) as services:
        edit(services, Edited.UNIT, "xa", {"name": "Tên mới"})
        edit(services, Edited.UNIT, "da_bo", {"name": "Trường cũ"})
        edit(services, Edited.SOURCE, "roi", {"enabled": True})
        edit(services, Edited.WORDS, "w", {"use": "watch", "words": "bản Hồng", "of": "da_bo"})
    with opened(settings) as services:
        assert services.profile.units[0].name == "Tên mới"
        with services.store.read() as session:
            mark = get_mark(session, MARK)
        assert mark is not None
        assert {one.kind for one in said_passed(mark.data)} == {"unit", "source", "words"}


def test_a_thread_notices_within_a_sweep(settings: Settings) -> None:
    with opened(settings) as services:
        living = Living(services)
        living.start()
        edit(services, Edited.UNIT, "xa", {"name": "Tên khác"})
        ends = time.monotonic() + 5
        while living.services.profile.units[0].name != "Tên khác" and time.monotonic() < ends:
            time.sleep(0.05)
        living.stop()
        assert living.services.profile.units[0].name == "Tên khác"


def test_switching_on_makes_a_source_due_at_once(settings: Settings) -> None:
    with opened(settings) as services:
        edit(services, Edited.SOURCE, "bao-cu", {"enabled": True})
        Living(services).look()
        with services.store.read() as session:
            row = session.get(SourceRow, "bao-cu")
        assert row is not None
        assert row.next_due_at == NOW


def test_settings_are_laid_and_the_files_own_are_kept(settings: Settings) -> None:
    with opened(settings) as services:
        house = open_house(services, fetch=False, channel={}, reader=FakeReader())
        living = Living(services, house)
        runner = EmbeddedRunner(house)
        living.tell(runner.take)
        runner.start()
        try:
            edit(services, Edited.SETTING, "collect_every_s", 300)
            assert living.look()
            job = runner._scheduler.get_job("collect")
        finally:
            runner.stop()
        assert house.services.settings.collect_every_s == 300
        assert house.services.stated.collect_every_s == settings.collect_every_s
        assert job.trigger.interval.total_seconds() == 300


def test_ways_out_changed_on_the_screen_are_opened_anew(settings: Settings) -> None:
    with opened(settings) as services:
        house = open_house(services, fetch=False, reader=FakeReader())
        assert not house.channel
        living, ways = Living(services, house), Ways(house)
        living.tell(ways.take)
        ways.start()
        try:
            edit(services, Edited.SETTING, "smtp_host", "thu.example")
            edit(services, Edited.SETTING, "mail_from", "a@b.example")
            living.look()
            ends = time.monotonic() + 5
            while not house.channel and time.monotonic() < ends:
                time.sleep(0.05)
        finally:
            ways.stop()
        assert house.channel
        assert "email" in house.channel  # type: ignore[operator]
