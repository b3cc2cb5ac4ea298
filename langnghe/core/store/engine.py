"""Open the database, migrate it, and hand out transactions.

SQLite runs in WAL with ``synchronous=FULL``: what was committed survives a pulled plug. A writing
transaction begins IMMEDIATE, so that a waiting writer waits instead of failing half-way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlmodel import Session

from langnghe.core.errors import LangNgheError, StoreError

_MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_S = 15


class Store:
    """One database. ``read()`` and ``write()`` give a session that ends with its block."""

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        try:
            self.engine = _make_engine(url, busy_timeout_s)
        except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
            raise StoreError(
                "Địa chỉ cơ sở dữ liệu không đúng mẫu, hoặc thiếu thư viện cho loại ấy.",
                mend="Kiểm tra LANGNGHE_DATABASE_URL; với PostgreSQL cài thêm langnghe[postgres].",
            ) from error

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session for reading; it sees one moment of the database."""
        with self._guard(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session that commits at the end of its block and rolls back on any error."""
        with self._guard(), Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"langnghe_write": True})
            yield session
            session.commit()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.OperationalError as error:
            raise plain_store_error(error, self.url) from error
        except sa.exc.DatabaseError as error:
            if type(error) is not sa.exc.DatabaseError:
                raise  # a broken rule of the schema is a fault of ours, not of the database
            raise plain_store_error(error, self.url) from error

    def migrate(self) -> None:
        """Bring the schema to the newest version; safe to call at every start."""
        with self._guard(), self.engine.connect() as connection:
            connection = connection.execution_options(langnghe_write=True)
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()

    def schema_versions(self) -> tuple[str | None, str | None]:
        """Return (the database's version, the program's version)."""
        newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
        with self._guard(), self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision(), newest

    def eye(self) -> Eye:
        """Return what tells cheaply, again and again, whether anybody committed anything."""
        return Eye(self)

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


class Eye:
    """A connection of its own that sees from one number whether the database was written to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._line: Any = None

    def version(self) -> int | None:
        """Return a number that changes with every commit of anybody else, ``None`` if unknown.

        Raises StoreError when the database refuses.
        """
        if not self._store.is_sqlite:
            return None
        with self._store._guard():
            if self._line is None:
                fairy = self._store.engine.raw_connection()
                fairy.detach()  # it stays out of the pool, which others wait for
                self._line = fairy
            cursor = self._line.cursor()
            try:
                return int(cursor.execute("PRAGMA data_version").fetchone()[0])
            finally:
                cursor.close()

    def close(self) -> None:
        """Give the connection back."""
        line, self._line = self._line, None
        if line is not None:
            line.close()


@contextmanager
def apart(session: Session) -> Iterator[None]:
    """Let a part of a transaction fail by itself: what it wrote is undone, the rest stands.

    What it wrote reaches the database at the end of its block. A database that refuses is the
    trouble of all and raises ``StoreError``; anything else is raised as it is.
    """
    try:
        with session.begin_nested():
            yield
    except sa.exc.OperationalError as error:
        url = session.get_bind().engine.url.render_as_string(hide_password=False)
        raise plain_store_error(error, url) from error


def alembic_config() -> Config:
    """Return the Alembic configuration of the packaged migrations."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def plain_store_error(error: sa.exc.DatabaseError, url: str) -> LangNgheError:
    """Return one plain sentence for a database that refuses."""
    shown = make_url(url).render_as_string(hide_password=True)
    cause = str(error.orig).strip().splitlines()[0] if error.orig else "không rõ"
    text = cause.lower()
    if "locked" in text or "busy" in text:
        return StoreError(
            f"Cơ sở dữ liệu {shown} đang bị tiến trình khác giữ khóa.",
            mend="Đợi một phút rồi thử lại; nếu vẫn vậy, dừng bản langnghe đang chạy song song.",
        )
    if "full" in text:
        return StoreError(
            f"Đĩa đã đầy, không ghi được vào {shown}.",
            mend="Giải phóng dung lượng; dữ liệu đã ghi không mất, dịch vụ tự chạy tiếp.",
        )
    if "not a database" in text or "malformed" in text:
        return StoreError(
            f"Tệp cơ sở dữ liệu {shown} bị hỏng hoặc không phải của Lắng Nghe.",
            mend="Chép lại tệp từ bản sao lưu; nếu không có, đổi tên tệp này rồi chạy "
            "«langnghe init».",
        )
    if "disk i/o" in text:
        return StoreError(
            f"Đĩa báo lỗi khi đọc ghi {shown}.",
            mend="Kiểm tra đĩa và dung lượng còn trống; sao lưu dữ liệu ngay khi đọc được.",
        )
    if "readonly" in text or "read-only" in text or "unable to open" in text:
        return StoreError(
            f"Không mở được cơ sở dữ liệu {shown} để ghi ({cause}).",
            mend="Kiểm tra thư mục có tồn tại và có quyền ghi, hoặc chọn thư mục khác bằng --home.",
        )
    return StoreError(
        f"Cơ sở dữ liệu {shown} không trả lời: {cause}.",
        mend="Kiểm tra máy chủ cơ sở dữ liệu, tên đăng nhập và đã chạy «langnghe init» chưa.",
    )


def _make_engine(url: str, busy_timeout_s: float) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(
            url, pool_pre_ping=True, pool_size=5, max_overflow=10, hide_parameters=True
        )
    # hide_parameters: an error text must not carry what a mention says into the log
    engine = sa.create_engine(url, connect_args={"timeout": busy_timeout_s}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA recursive_triggers=ON")  # else OR REPLACE deletes unguarded
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.execute("PRAGMA cache_size=-32000")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        writing = connection.get_execution_options().get("langnghe_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
