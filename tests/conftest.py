"""Shared fixtures: a fresh database of both kinds, a still clock, no network but loopback."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest
import sqlalchemy as sa
import structlog

from langnghe.core.store.engine import Store
from tests.postgres import PostgresServer, find_postgres

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def cannot(why: str) -> NoReturn:
    """Leave a test out and say why; where every test is asked for, that is a failure."""
    if os.environ.get("LANGNGHE_TEST_REQUIRE_ALL"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to anything but this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1", "::1", "localhost",
        ):  # fmt: skip
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own LANGNGHE_* variables out."""
    for name in list(os.environ):
        if name.startswith("LANGNGHE_") and not name.startswith("LANGNGHE_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Undo what a command set up: its logger writes to a stream that ends with its test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Bring a PostgreSQL: the one named, or one started from installed binaries."""
    server = find_postgres(tmp_path_factory)
    if isinstance(server, str):
        cannot(server)
    with server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of an empty database, once for each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    yield server.fresh_database()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file to be copied: migrating anew for each test takes far longer."""
    path = tmp_path_factory.mktemp("migrated") / "test.db"
    with Store(f"sqlite:///{path}") as store:
        store.migrate()
    return path


@pytest.fixture(scope="session")
def migrated_database(postgres_server: PostgresServer) -> str:
    """Return the name of a migrated PostgreSQL database to be copied."""
    url = postgres_server.fresh_database()
    with Store(url) as store:
        store.migrate()
    return url.rsplit("/", 1)[1]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Yield a migrated store, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        copied = shutil.copyfile(request.getfixturevalue("migrated_file"), tmp_path / "test.db")
        url = f"sqlite:///{copied}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.fresh_database(request.getfixturevalue("migrated_database"))
    with Store(url) as store:
        yield store


@pytest.fixture
def store(tmp_path: Path, migrated_file: Path) -> Iterator[Store]:
    """Yield a migrated SQLite store."""
    copied = shutil.copyfile(migrated_file, tmp_path / "test.db")
    with Store(f"sqlite:///{copied}") as store:
        yield store


def count(store: Store, table: str) -> int:
    """Return the number of rows of a table."""
    with store.read() as session:
        return int(session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608
