"""Who answered the claim, and whom the answer has not reached: the rumour and correction tracker.

Pure. It says who denied, corrected, concluded or confirmed, and which publishers that had told the
claim never told the answer. It does not say who is right: a claim that was denied may be true.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.chronicle.spread import Source, origins, source
from alerts.chronicle.told import REPLIES, Told
from nlp.fact_numbers import words
from nlp.fact_words import TRIGGERS
from nlp.plain import is_marked, lower, plain

ANSWERS = (*REPLIES, "confirm")
REPLIES_SHOWN = 20
OUTLETS_SHOWN = 40
DENIABLE = frozenset({
    "dead", "injured", "hospitalised", "poisoned", "missing", "arrested", "sexual_abuse", "weapon",
    "data_leak",
})  # fmt: skip
_CLAUSE = re.compile(r"[:;.!?–—]")
_DENIES = words(
    r"(?<!\w)(?:bác bỏ|bác (?:thông )?tin|phủ nhận|không có (?:việc|chuyện|học sinh|em|trẻ|ai)|"
    r"không hề|tin đồn|tin giả|tin sai|đính chính|không phải)(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: ``by`` speaks in it, ``copies`` carry it on.

    ``denied`` are kinds of fact its headline takes back.
    """

    source: Source
    stance: str
    by: tuple[str, ...]
    copies: int
    denied: tuple[str, ...]
    delay: timedelta


@dataclass(frozen=True, slots=True)
class Carrier:
    """A publisher that told the claim: how often, and when (if ever) it told an answer."""

    outlet: str
    claimed: Source
    claims: int
    answered: Source | None


@dataclass(frozen=True, slots=True)
class StillTold:
    """A denied kind of fact that mentions go on stating after its denial."""

    kind: str
    denied: Source
    after: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Replies:
    """``carrying`` told claim and answer, ``silent`` only the claim; ``more`` replies not listed.

    Publishers count as silent only where somebody denied, corrected or concluded at all.
    """

    replies: tuple[Reply, ...]
    more: int
    carrying: tuple[Carrier, ...]
    silent: tuple[Carrier, ...]
    silent_total: int
    still: tuple[StillTold, ...]
    counts: tuple[tuple[str, int], ...]
    """How many answers of each stance there are, copies left out, in the order of ``ANSWERS``."""
    latest: Reply | None
    """The newest denial, correction or conclusion."""

    @property
    def first(self) -> Reply | None:
        """Return the first denial, correction or conclusion."""
        return next((r for r in self.replies if r.stance in REPLIES), None)


def replies_of(told: Sequence[Told]) -> Replies:
    """Return the answers to a story's claim. ``told`` in order, not empty."""
    origin = origins(told)
    articles = [t for t in told if not t.is_comment]
    copies: dict[int, int] = {}
    for one in articles:
        if origin[one.id] != one.id:
            copies[origin[one.id]] = copies.get(origin[one.id], 0) + 1
    answers = [t for t in articles if t.stance in ANSWERS and origin[t.id] == t.id]
    replies = [
        Reply(source(t), t.stance, t.speakers, copies.get(t.id, 0), denied_in(t),
              t.at - told[0].at)
        for t in answers
    ]  # fmt: skip
    carrying, silent = _carriers(articles)
    return Replies(
        replies=tuple(replies[:REPLIES_SHOWN]),
        more=max(0, len(replies) - REPLIES_SHOWN),
        carrying=tuple(carrying[:OUTLETS_SHOWN]),
        silent=tuple(silent[:OUTLETS_SHOWN]),
        silent_total=len(silent),
        still=_still(told, replies),
        counts=tuple((s, n) for s in ANSWERS if (n := sum(r.stance == s for r in replies))),
        latest=next((r for r in reversed(replies) if r.stance in REPLIES), None),
    )


def denied_in(one: Told) -> tuple[str, ...]:
    """Return the kinds of harm that the headline of a denial or correction takes back.

    The denying word must stand before the harm in one clause: "Nam sinh tử vong: Bệnh viện bác tin
    đồn" denies no death.
    """
    if one.stance not in ("deny", "correct"):
        return ()
    low = lower(one.title)
    marked = is_marked(low)
    if not marked:
        low = plain(low)
    stated = {fact.kind for fact in one.facts}
    found = set()
    for match in TRIGGERS.of(marked).finditer(low):
        kind, clause = match.lastgroup or "", _CLAUSE.split(low[: match.start()])[-1]
        if kind in DENIABLE and kind not in stated and _DENIES.of(marked).search(clause):
            found.add(kind)
    return tuple(sorted(found))


def _carriers(articles: Sequence[Told]) -> tuple[list[Carrier], list[Carrier]]:
    claims: dict[str, list[Told]] = {}
    answered: dict[str, Told] = {}
    for one in articles:
        if one.stance == "report":
            claims.setdefault(one.voice, []).append(one)
        elif one.stance in REPLIES:
            answered.setdefault(one.voice, one)
    if not answered:
        return [], []
    first = min(t.at for t in answered.values())
    carrying, silent = [], []
    for voice, told in claims.items():
        reply = answered.get(voice)
        carrier = Carrier(
            told[0].outlet, source(told[0]), len(told), source(reply) if reply else None
        )
        if reply is not None:
            carrying.append(carrier)
        elif told[0].at <= first:
            silent.append(carrier)
    return carrying, silent


def _still(told: Sequence[Told], replies: Sequence[Reply]) -> tuple[StillTold, ...]:
    first: dict[str, Reply] = {}
    for reply in replies:
        for kind in reply.denied:
            first.setdefault(kind, reply)
    found = []
    for kind, reply in sorted(first.items()):
        after = [
            t.at
            for t in told
            if t.at > reply.source.at
            and t.stance in ("report", "comment")
            and any(fact.kind == kind for fact in t.facts)
        ]
        found.append(StillTold(kind, reply.source, len(after), after[-1] if after else None))
    return tuple(found)
