"""A furnished house for every test of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from langnghe.core.store.engine import Store
from tests.webhouse import WebHouse


@pytest.fixture
def house(store: Store, tmp_path: Path) -> WebHouse:
    """Return a house over a fresh SQLite store."""
    return WebHouse(store, tmp_path)
