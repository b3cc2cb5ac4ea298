"""Who speaks in office keeps the name: the words beside a name that vouch for it.

"Ông Lò Văn Gió, Chủ tịch xã" answers to the public by name, and stays named when the text only says
"ông Gió" later on. "Chủ tịch xã đến thăm Lò Văn Gió" vouches for nobody.
"""

from __future__ import annotations

from nlp.names import SURNAMES
from nlp.shield_words import (
    FULL,
    GAP_VERB,
    OFFICE,
    OFFICE_AFTER,
    OFFICE_BEFORE,
    PRIVATE_BEFORE,
)

Span = tuple[int, int]


class Offices:
    """The office-holders of one text; ``cased`` says whether its capitals tell names."""

    def __init__(self, low: str, flat: str, *, cased: bool) -> None:
        self._low = low
        self._flat = flat
        self._cased = cased
        self._officials: set[str] = set()
        self._learnt = False

    def _learn(self) -> None:
        """Remember whom the text calls by office: later they are only "ông Tuấn"."""
        if not self._cased or not OFFICE.search(self._low):
            return
        for match in FULL.finditer(self._flat):
            words = self._low[slice(*match.span())].split()
            if words[0] in SURNAMES and len(words) > 1:
                self.holds(match.span())

    def elsewhere(self, span: Span) -> bool:
        """Say whether another mention of a full name stands beside an office."""
        name = self._low[slice(*span)]
        if " " not in name:
            return False
        at = -1
        for _ in range(5):
            at = self._low.find(name, at + 1)
            if at < 0:
                return False
            if at != span[0] and self.holds((at, at + len(name))):
                return True
        return False

    def vouches(self, span: Span) -> bool:
        """Say whether an office stands beside this or another mention of the name."""
        if self.holds(span):
            return True
        name = self._low[slice(*span)]
        return self.elsewhere(span) or (
            name.rsplit(" ", 1)[-1] in self._officials and " " not in name
        )

    def holds(self, span: Span) -> bool:
        """Say whether the name at ``span`` belongs to somebody who speaks in office."""
        low = self._low
        name = low[slice(*span)]
        before = low[max(0, span[0] - 60) : span[0]]
        last = name.split()[-1]
        if PRIVATE_BEFORE.search(before):
            return False
        office = OFFICE_BEFORE.search(before)
        if office and GAP_VERB.search(office.group()):
            office = None
        if office or OFFICE_AFTER.match(low, span[1]):
            self._officials.update((name, last))
            return True
        if " " not in name and not self._learnt:
            self._learnt = True
            self._learn()
        return name in self._officials or (" " not in name and last in self._officials)
