"""What the chronicle of a story looks at: one mention, light enough for ten thousand of them.

Only masked titles come in here. The words of a fact are read for one thing, "gần" or "hơn" before
a number; they are never passed on, because nobody has held them against the masked text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

OFFICES = ("commune", "police", "hospital", "department")
"""Speakers that are competent bodies; a school and a family are not, each for its own reason."""
REPLIES = ("deny", "correct", "conclude")
"""Stances that answer a claim."""
Texts = Mapping[int, str]
"""Masked texts (title included) of some mentions, by id."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One fact of a mention; ``words`` as the text has them, not to be shown."""

    kind: str
    value: float | None
    words: str = ""
    at: int = 0
    """Where it stands: characters from the start of title and text."""


class Told(NamedTuple):
    """One mention. ``at`` is when it was published, or seen where that is earlier or unknown.

    ``voice`` tells publishers apart, ``outlet`` is what to call one; ``title`` is masked;
    ``title_end`` is how long the title was before; ``speakers`` are ids such as ``school``.
    """

    id: int
    at: datetime
    outlet: str
    voice: str
    title: str = ""
    tier: int = 3
    kind: str = "news"
    stance: str = "report"
    copy_of: int | None = None
    facts: tuple[Stated, ...] = ()
    speakers: tuple[str, ...] = ()
    title_end: int = 0

    @property
    def is_comment(self) -> bool:
        """Say whether it is somebody's comment and no publisher's word."""
        return self.kind == "comment"

    @property
    def offices(self) -> tuple[str, ...]:
        """Return the competent bodies that speak in it."""
        return tuple(who for who in self.speakers if who in OFFICES)


def in_order(told: Iterable[Told]) -> list[Told]:
    """Return mentions by their own time, whatever order they arrived in; ids settle ties."""
    return sorted(told, key=lambda t: (t.at, t.id))
