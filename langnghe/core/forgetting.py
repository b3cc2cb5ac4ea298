"""Let the kept originals go together with the words of the mentions they show.

One record may show many mentions (a feed's document). When time deletes, a record goes with the
last of them; when a person asks, it goes at once, unless an order keeps one of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.evidence.purging import purge
from langnghe.core.settings import Settings
from langnghe.core.store.evidence import evidence_of
from langnghe.core.store.holds import held
from langnghe.core.store.mentions import MENTION
from langnghe.core.store.parts import parts
from langnghe.core.store.tables import EvidenceMentionRow

SHOWN: sa.Table = EvidenceMentionRow.__table__  # type: ignore[attr-defined]
Forget = Callable[[Session, Sequence[int], str, datetime], None]
"""Deletes the originals of these mentions: (session, ids, reason naming no person, now)."""


def forgetter(settings: Settings, actor: str, *, asked_for: bool = False) -> Forget:
    """Return what deletes originals; ``asked_for`` when a person asked for their own data."""

    def forget(session: Session, mention_ids: Sequence[int], reason: str, now: datetime) -> None:
        going = set(mention_ids)
        shown = _shown(session, [row.seq for row in evidence_of(session, mention_ids)])
        others = {mention for seen in shown.values() for mention in seen - going}
        staying = set(held(session, others)) if asked_for else _living(session, others)
        seqs = sorted(seq for seq, seen in shown.items() if not seen & staying)
        purge(session, settings, seqs, reason, actor, now, mention_ids=sorted(going))

    return forget


def _shown(session: Session, seqs: Sequence[int]) -> dict[int, set[int]]:
    """Return the mentions that each record shows."""
    found: dict[int, set[int]] = {}
    for part in parts(seqs):
        query = sa.select(SHOWN.c.seq, SHOWN.c.mention_id).where(SHOWN.c.seq.in_(part))
        for row in session.execute(query):
            found.setdefault(row.seq, set()).add(row.mention_id)
    return found


def _living(session: Session, mention_ids: set[int]) -> set[int]:
    return {
        found
        for part in parts(sorted(mention_ids))
        for found in session.scalars(
            sa.select(MENTION.c.id).where(MENTION.c.id.in_(part), MENTION.c.purged_at.is_(None))
        )
    }
