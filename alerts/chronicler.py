"""Fetch what the chronicle of a story needs, no more, and write it down: the rim of ``chronicle``.

Of ten thousand mentions only a dozen small columns are read, and of some dozens the masked text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from alerts.chronicle import Chronicle, Given, Stated, Told, chronicle, in_order
from alerts.gather import UNKNOWN_TIER, outlet_tiers
from langnghe.core.policy.model import Policy
from langnghe.core.policy.statement_templates import load_templates
from langnghe.core.store.incidents import source_tiers
from langnghe.core.store.queries.stories import (
    TellingRow,
    corrections_released,
    masked_texts,
    tellings,
)
from langnghe.core.text import fold
from langnghe.core.urls import host_of

_SPEAKER = "speaker_"
# Houses where many publishers live: there the name tells voices apart, not the host.
_SHARED = frozenset({
    "facebook.com", "fb.com", "youtube.com", "youtu.be", "tiktok.com", "t.me", "telegram.me",
    "zalo.me", "threads.net", "instagram.com", "x.com", "twitter.com", "reddit.com",
    "news.google.com",
})  # fmt: skip


def story_chronicle(
    session: Session, story_id: int, policy: Policy, now: datetime, *, viewer_unit: str | None
) -> Chronicle | None:
    """Return the chronicle of the mentions of a story that the viewer may see, ``None`` of none."""
    told = tell(tellings(session, story_id, viewer_unit=viewer_unit), policy, source_tiers(session))
    correcting = [one.id for one in load_templates().templates if one.denies]
    given = [
        Given(row.id or 0, row.released_at, row.title, str(row.fields.get("su_viec", "")), name,
              row.withdrawn_at is not None)
        for row, name in corrections_released(session, story_id, correcting)
        if row.released_at is not None
    ]  # fmt: skip
    return chronicle(told, lambda ids: masked_texts(session, ids), now, given=given)


def tell(
    rows: Iterable[TellingRow], policy: Policy, tiers: Mapping[str, tuple[int, str]]
) -> list[Told]:
    """Turn rows into mentions as the chronicle sees them."""
    outlets = outlet_tiers(policy)
    read: dict[str, tuple[tuple[Stated, ...], tuple[str, ...]]] = {}
    hosts: dict[str, str] = {}
    names: dict[str, str] = {}
    found = []
    for row in rows:
        if row.facts not in read:
            read[row.facts] = _facts(row.parsed_facts())
        facts, speakers = read[row.facts]
        host = ""
        if row.url and row.kind != "comment":
            front = "/".join(row.url.split("/", 3)[:3])
            if front not in hosts:
                hosts[front] = host_of(front)
            host = hosts[front]
        tier, name = tiers.get(row.source_id or "", (None, None))
        outlet = row.source_name or name or host or "không rõ nguồn"
        if outlet not in names:
            names[outlet] = fold(outlet)
        folded = names[outlet]
        at = row.published_at or row.seen_at
        found.append(
            Told(
                row.id,
                min(at, row.seen_at),
                outlet,
                folded if not host or host in _SHARED else host,
                row.title,
                tier if tier is not None else outlets.get(folded, UNKNOWN_TIER),
                row.kind,
                row.stance,
                row.copy_of,
                facts,
                speakers,
                row.title_length,
            )
        )
    return in_order(found)


def _facts(facts: Iterable[Mapping[str, Any]]) -> tuple[tuple[Stated, ...], tuple[str, ...]]:
    stated, speakers = [], []
    for fact in facts:
        kind = str(fact["kind"])
        if kind.startswith(_SPEAKER):
            speakers.append(kind.removeprefix(_SPEAKER))
        elif kind not in ("date", "place"):
            span = fact.get("span") or (0, 0)
            value, words = fact.get("value"), str(fact.get("text") or "")
            stated.append(Stated(kind, value, words, int(span[0])))
    return tuple(stated), tuple(dict.fromkeys(speakers))
