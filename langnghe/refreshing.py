"""A running house kept true to what people change on the screen, without a restart.

Every process that serves pages or works through the tables has one ``Living``. It looks once a
sweep whether a newer edit stands in the store; if so it lays the edits over the files again and
puts the new services and reader in the place of the old. A turn that runs meanwhile ends with
those it began with; nothing waits and nothing is dropped. See docs/decisions/0017.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import structlog
from fastapi import FastAPI
from sqlmodel import Session

from collectors.catalog import SourceConfig
from langnghe.core.errors import LangNgheError
from langnghe.core.services import Services
from langnghe.core.store.edits import newest_edit
from langnghe.core.types import Profile
from langnghe.house import (
    LaidHouse,
    lay_edits,
    load_reader,
    new_fetcher,
    read_profile,
    read_sources,
    write_laid,
)
from langnghe.pipeline import House
from nlp.house_words import HouseReader
from nlp.reader import Reader
from nlp.stage import Reads

log = structlog.get_logger(__name__)
Use = Callable[[Services], None]


class Living:
    """Looks for edits and lays them; safe to be asked by several threads at once.

    ``base`` is the profile as the file has it (read from the settings' file unless given): edits
    are always laid over what this process started with. ``house`` is what works through the tables
    here, None for a process that only serves pages.
    """

    def __init__(
        self, services: Services, house: House | None = None, *, base: Profile | None = None
    ) -> None:
        self.services = services
        self._house = house
        self._stated = services.stated
        self._base = base or read_profile(self._stated)
        self._sources: tuple[SourceConfig, ...] = read_sources(self._stated, self._base)
        self._reader: Reads | None = house.reader if house else None
        self._plain: Reads | None = self._reader
        if isinstance(self._reader, HouseReader):
            self._plain = self._reader.plain
        with services.store.read() as session:
            laid = self._lay(session)
        # What was opened before the newest edit is brought up to date by the first look.
        fresh = laid.profile.version == services.profile.version
        self._laid: LaidHouse | None = laid if fresh else None
        self._lock = threading.Lock()
        self._users: list[Use] = []
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def follow(self, app: FastAPI) -> None:
        """Let an application have the newest services, and ask for a look after an edit."""

        def use(services: Services) -> None:
            app.state.services = services

        app.state.look_anew = self.look
        app.state.reader = self.reader
        self.tell(use)
        use(self.services)

    def tell(self, use: Use) -> None:
        """Let ``use`` have the services each time they were changed."""
        self._users.append(use)

    def start(self) -> None:
        """Look once a sweep from now on, in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="edits", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._ends.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> bool:
        """Lay what was changed since the last look; return whether anything was.

        Raises StoreError when the database cannot be read; what was in force stays in force.
        """
        with self._lock:
            with self.services.store.read() as session:
                if self._laid is not None and newest_edit(session) == self._laid.newest:
                    return False
                laid = self._lay(session)
            old, self._laid = self._laid, laid
            try:
                with self.services.store.write() as session:
                    write_laid(session, laid, self.services.clock.now())
                self._take(old, laid)
            except BaseException:
                self._laid = old  # what failed is tried again at the next look
                raise
            log.info("edits_laid", newest=laid.newest, passed=len(laid.passed))
            return True

    def reader(self) -> Reads:
        """Return the reader in force, loading it where this process does not read by itself."""
        with self._lock:
            if self._reader is None:
                self._plain = load_reader(self.services.settings, self.services.profile)
                self._reader = _worded(self._plain, self._laid)
            return self._reader

    def _lay(self, session: Session) -> LaidHouse:
        policy = self.services.policy
        return lay_edits(session, self._stated, policy, self._base, self._sources)

    def _take(self, old: LaidHouse | None, laid: LaidHouse) -> None:
        before = self.services.profile.version
        told = (self.services.settings.contact, self.services.settings.public_url)
        self.services = replace(self.services, settings=laid.settings, profile=laid.profile)
        ours = self.services.settings
        changed = laid.profile.version != before
        reworded = old is None or old.words.version != laid.words.version
        if self._plain is not None and (changed or reworded):
            if changed:
                self._plain = (
                    self._plain.watching(laid.profile)
                    if isinstance(self._plain, Reader)
                    else load_reader(self.services.settings, laid.profile)
                )
            self._reader = _worded(self._plain, laid)
        if self._house is not None:
            self._house.services = self.services
            if self._reader is not None:
                self._house.reader = self._reader
            if self._house.fetcher is not None and told != (ours.contact, ours.public_url):
                self._house.fetcher = new_fetcher(ours)
        for use in self._users:
            use(self.services)

    def _run(self) -> None:
        every = max(1, self.services.settings.sweep_every_s)
        while not self._ends.wait(every):
            try:
                self.look()
            except LangNgheError as error:
                log.error("edits_not_laid", why=error.message, mend=error.mend)
            except Exception:
                log.exception("edits_broke")  # the house goes on with what was in force


def _worded(reader: Reads, laid: LaidHouse | None) -> Reads:
    return HouseReader(reader, laid.words) if laid and laid.words.phrases else reader
