"""The rim of understanding: read texts from the store, write readings back.

Idempotent sweeps, like grouping (``nlp.grouper``): what one did not finish the next one finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import structlog

from langnghe.core.errors import LangNgheError
from langnghe.core.store.children import make_due
from langnghe.core.store.engine import Store
from langnghe.core.store.hand import lock_grouping
from langnghe.core.store.mentions import Unread, save_readings, set_aside, unread
from langnghe.core.types import Item, Reading
from nlp.covering import cover_due
from nlp.grouper import BATCH, Grouper, story_item

__all__ = ["BATCH", "Grouper", "Reads", "cover_due", "story_item", "understand_due"]
log = structlog.get_logger(__name__)


class Reads(Protocol):
    """Anything that turns items into readings (the trained reader, or a fake of it)."""

    def predict(self, items: Sequence[Item]) -> list[Reading]:
        """Return one reading an item, in order."""
        ...


def understand_due(
    store: Store, reader: Reads, *, limit: int = BATCH, ids: Sequence[int] | None = None
) -> int:
    """Read up to ``limit`` waiting mentions; return how many were taken up (0 = nothing left)."""
    with store.read() as session:
        waiting = unread(session, limit, ids=ids)
    if not waiting:
        return 0
    broken: list[Unread] = []
    try:
        readings = reader.predict([mention.item for mention in waiting])
        pairs = list(zip(waiting, readings, strict=True))
    except LangNgheError:
        raise  # the model itself cannot be used: nothing to gain from trying one by one
    except Exception:
        log.exception("batch_broke", first=waiting[0].id, size=len(waiting))
        pairs, broken = _one_by_one(reader, waiting)
    with store.write() as session:
        lock_grouping(session)  # a mention must not change its story while it is covered
        save_readings(session, pairs)
        set_aside(session, broken)
        make_due(session, [mention.id for mention, _ in pairs])  # an edited text of a known story
        cover_due(session, len(pairs))
    return len(waiting)


def _one_by_one(
    reader: Reads, waiting: Sequence[Unread]
) -> tuple[list[tuple[Unread, Reading]], list[Unread]]:
    """Return the pairs that can be read and the mentions that cannot, so that one holds up none."""
    pairs: list[tuple[Unread, Reading]] = []
    broken: list[Unread] = []
    for mention in waiting:
        try:
            pairs.append((mention, reader.predict([mention.item])[0]))
        except LangNgheError:
            raise
        except Exception:
            log.exception("mention_broke", mention=mention.id)
            broken.append(mention)
    return pairs, broken
