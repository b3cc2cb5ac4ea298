"""A small province, built once and copied for each test: migrating costs more than any paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from langnghe.core.services import Services
from langnghe.core.store.engine import Store
from tests.dashboards.reports import samples


@pytest.fixture(scope="session")
def province_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database of 300 mentions, one grave incident (number 9), three statements."""
    folder = tmp_path_factory.mktemp("tinh")
    shutil.copy(migrated_file, folder / "tinh.db")
    store = Store(f"sqlite:///{folder / 'tinh.db'}")
    samples.services(store, folder)
    samples.month_of_news(store, mentions=300, incidents=8)
    samples.statements(store, samples.crisis(store, events=20))
    store.close()
    return folder / "tinh.db"


@pytest.fixture
def province(province_file: Path, tmp_path: Path) -> Iterator[Services]:
    """Yield an installation over a copy of that database."""
    shutil.copy(province_file, tmp_path / "tinh.db")
    store = Store(f"sqlite:///{tmp_path / 'tinh.db'}")
    yield samples.services(store, tmp_path)
    store.close()
