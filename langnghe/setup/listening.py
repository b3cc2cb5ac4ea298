"""Listen once for real to the chosen sources, side by side, and say what each one answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from collectors.catalog import SourceConfig
from collectors.poll import Gets, PollState, poll
from langnghe.setup.state import Answers

AT_ONCE = 8


class Listening:
    """One round over the sources; the answers are kept as they come, so a kill loses none."""

    def __init__(self, answers: Answers, opens: Callable[[], Gets]) -> None:
        self._answers = answers
        self._opens = opens
        self._thread: threading.Thread | None = None
        self._ends = threading.Event()

    @property
    def runs(self) -> bool:
        """Whether sources are still being asked."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, sources: Sequence[SourceConfig]) -> None:
        """Ask the sources that were not asked yet, unless a round is under way."""
        if self.runs:
            return
        waiting = [s for s in sources if s.id not in self._answers.data.get("heard", {})]
        if waiting:
            self._thread = threading.Thread(target=self._round, args=(waiting,), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ask no more; what is under way ends by itself."""
        self._ends.set()

    def _round(self, sources: Sequence[SourceConfig]) -> None:
        fetcher = self._opens()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="first-listen") as pool:
            list(pool.map(lambda source: self._ask(source, fetcher), sources))

    def _ask(self, source: SourceConfig, fetcher: Gets) -> None:
        if self._ends.is_set():
            return
        found = poll(source, PollState(), fetcher, datetime.now(UTC))
        self._answers.heard(
            source.id,
            {"name": source.name, "items": len(found.items), "state": str(found.health.state),
             "why": found.health.reason_vi, "mend": found.health.mend_vi},
        )  # fmt: skip
