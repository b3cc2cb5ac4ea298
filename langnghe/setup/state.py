"""What was answered so far, kept in one private file so that a killed first run goes on."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from langnghe.core.errors import ConfigError
from langnghe.core.overlay_settings import replace_private
from langnghe.core.settings import Settings
from langnghe.core.store import users
from langnghe.core.store.engine import Store

NAME = "setup.json"
STEPS = ("truong", "ten-goi", "cap-tren", "nguon", "nguoi-dung", "thu", "nghe")


class Answers:
    """The answers by step. Every change is written whole, so a kill leaves the last one standing.

    Of passwords only the argon2 hash stands here; the mailbox's is in the file of secrets.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / NAME
        self._lock = threading.Lock()
        self._gone = False
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            data = {}
        except ValueError as error:
            raise ConfigError(
                f"Tệp {self._path} bị hỏng.", mend="Xóa tệp này rồi chạy lại «langnghe up»."
            ) from error
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}

    def put(self, **values: Any) -> None:
        """Keep answers."""
        with self._lock:
            self.data.update(values)
            self._save()

    def heard(self, source_id: str, told: dict[str, Any]) -> None:
        """Keep what listening to one source brought."""
        with self._lock:
            self.data.setdefault("heard", {})[source_id] = told
            self._save()

    def forget(self) -> None:
        """Remove the file for good: the house stands, whatever is still heard comes too late."""
        with self._lock:
            self._gone = True
            self._path.unlink(missing_ok=True)

    def next_step(self) -> str:
        """Return the first step without an answer."""
        return next((step for step in STEPS if step not in self.data), STEPS[-1])

    def _save(self) -> None:
        if self._gone:
            return
        replace_private(self._path, json.dumps(self.data, ensure_ascii=False, indent=1))


def is_first_run(settings: Settings) -> bool:
    """Tell whether nothing stands here yet: no profile, and no users of an earlier house."""
    if settings.profile is not None or settings.profile_path.exists():
        return False
    if (settings.home / NAME).exists():
        return True
    if not settings.is_postgres and not (settings.home / "langnghe.db").is_file():
        return True
    with Store(settings.database) as store:
        store.migrate()
        with store.read() as session:
            return session.execute(sa.select(users.USER.c.id).limit(1)).first() is None
