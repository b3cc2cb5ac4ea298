"""One reader for all stories of this folder; a fresh house for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from langnghe.core.profile import load_profile
from nlp.reader import Reader
from tests.crisis.house import CrisisHouse
from tests.crisis.town import PROFILE


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Return the trained reader as it ships."""
    path = tmp_path_factory.mktemp("ho-so") / "profile.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return Reader.load(load_profile(path))


@pytest.fixture
def open_at(
    database_url: str, tmp_path: Path, reader: Reader, httpserver: HTTPServer
) -> Iterator[Callable[[str], CrisisHouse]]:
    """Open the house at a minute of the story, on both databases, an SMS provider beside it."""
    opened: list[CrisisHouse] = []

    def open_(start: str) -> CrisisHouse:
        house = CrisisHouse(
            tmp_path / "nha", database_url, reader, httpserver.url_for("/sms"), start
        )
        opened.append(house)
        return house

    yield open_
    for house in opened:
        house.close()
