"""A fresh store for each test without migrating each anew: copies of one that was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from langnghe.core.store.engine import Store


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of an empty database of the newest version."""
    path = tmp_path_factory.mktemp("migrated") / "test.db"
    with Store(f"sqlite:///{path}") as store:
        store.migrate()
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def store(migrated: Path, tmp_path: Path) -> Iterator[Store]:
    """Yield a migrated SQLite store."""
    path = shutil.copy(migrated, tmp_path / "test.db")
    with Store(f"sqlite:///{path}") as store:
        yield store
