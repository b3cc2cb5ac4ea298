"""The register beside the WARC files, read along with the rows to hold one against the other.

It is somebody else's text: a line may be broken, out of order or missing, and each is remembered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from langnghe.core.evidence.chain import GENESIS, ledger_line, link, read_ledger_line


class Register:
    """The register read along with the rows: one line is held at a time."""

    def __init__(self, path: Path) -> None:
        self.there = path.is_file()
        self.broken: list[int] = []
        self.unordered: list[int] = []
        self.last = 0
        self._handle = path.open(encoding="utf-8", errors="replace") if self.there else None
        self._lines = self._read()
        self._next = next(self._lines, None)

    def take(self, seq: int) -> tuple[str, str, str] | None:
        """Return the line of a record, None if there is none."""
        while self._next is not None and self._next[0] < seq:
            self._next = next(self._lines, None)
        if self._next is None or self._next[0] != seq:
            return None
        line = self._next[1]
        self._next = next(self._lines, None)
        return line

    def rest(self) -> list[tuple[int, tuple[str, str, str]]]:
        """Return the lines no row was found for."""
        left = [] if self._next is None else [self._next, *self._lines]
        self._next = None
        return left

    def close(self) -> None:
        """Close the file."""
        if self._handle is not None:
            self._handle.close()

    def _read(self) -> Iterator[tuple[int, tuple[str, str, str]]]:
        before = GENESIS
        for number, line in enumerate(self._handle or (), start=1):
            try:
                chain, prev, canonical = read_ledger_line(line)
                seq = int(json.loads(canonical)["seq"])
                sound = line == ledger_line(chain, prev, canonical)
            except (ValueError, KeyError, TypeError):
                self.broken.append(number)
                continue
            if not sound or link(prev, canonical) != chain:
                self.broken.append(number)
                before = chain
                continue
            if prev != before or seq <= self.last:
                self.unordered.append(number)
            before = chain
            if seq > self.last:
                self.last = seq
                yield seq, (chain, prev, canonical)
