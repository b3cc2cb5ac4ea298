"""Remove a payload and keep the proof: the law may ask for the text to go, never for the chain.

First the order is chained and committed (who, why, which records), then the bytes are overwritten
in place by a tombstone of the same length. A kill in between leaves an order not carried out, which
the next turn carries out. The hash stays: it proves what stood there to whoever still has a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlmodel import Session

from langnghe.core.errors import InputError
from langnghe.core.evidence.keeping import append_event
from langnghe.core.evidence.vault import Place, plain_disk_reason, vault_of
from langnghe.core.evidence.warc import tombstone
from langnghe.core.settings import Settings
from langnghe.core.store import evidence as rows
from langnghe.core.store.engine import Store
from langnghe.core.store.recheck import forget_pages
from langnghe.core.store.users import note

log = structlog.get_logger(__name__)
_AT_ONCE = 200


def purge(
    session: Session,
    settings: Settings,
    evidence_ids: Sequence[int],
    reason: str,
    actor: str,
    now: datetime,
    *,
    mention_ids: Sequence[int] = (),
) -> int:
    """Order the payloads of records to be removed; return how many were not ordered before.

    ``mention_ids`` are mentions whose text is removed or changed on purpose in this transaction
    (verification then asks nothing of their wording); what their pages said goes too. A revisit of
    a record goes with it. ``reason`` stands in the chain for good: it must name no person. The
    bytes go at the next ``wipe_due``.
    """
    if not reason.strip():
        raise InputError("Cần ghi rõ lý do xóa bằng chứng.")
    known = rows.by_seq(session, rows.with_revisits(session, evidence_ids))
    seqs = sorted(s for s, row in known.items() if row.file and row.purged_by is None)
    mentions = sorted(set(mention_ids))
    if not seqs and not mentions:
        return 0
    told = {"purged": seqs, "mentions": mentions, "reason": reason.strip(), "actor": actor}
    by = append_event(session, vault_of(settings), rows.PURGE, told, now)
    rows.mark_purged(session, seqs, by)
    forget_pages(session, mentions)
    note(session, now, actor, "evidence_purged", f"evidence:{by}", reason=reason.strip(),
         data={"records": len(seqs), "mentions": len(mentions)})  # fmt: skip
    return len(seqs)


def wipe_due(store: Store, settings: Settings, now: datetime) -> int:
    """Overwrite the payloads that were ordered to go; return how many. Safe to repeat."""
    with store.read() as session:
        due = rows.unwiped(session, _AT_ONCE)
    done = 0
    for row in due:
        place = Place(row.file, row.start, row.length, row.record)
        try:
            grave = tombstone(row.length, row.seq, row.purged_by or 0, now)
            vault_of(settings).overwrite(place, grave)
        except FileNotFoundError:
            log.error("evidence_file_missing", file=row.file, seq=row.seq)
        except OSError as error:
            log.error("evidence_not_wiped", seq=row.seq, why=plain_disk_reason(error))
            continue
        with store.write() as session:
            rows.mark_wiped(session, row.seq, now)
        done += 1
    return done
