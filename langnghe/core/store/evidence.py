"""All SQL about evidence: links of the chain, what still lacks its original, what is kept of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.evidence.chain import Bound, moment, said
from langnghe.core.evidence.originals import SIGHT
from langnghe.core.store.parts import parts
from langnghe.core.store.tables import (
    EvidenceGapRow,
    EvidenceHeadRow,
    EvidenceMentionRow,
    EvidenceRow,
    MentionRevisionRow,
    MentionRow,
    PageVersionRow,
    RecheckRow,
)
from langnghe.core.text import digest
from langnghe.core.urls import canonical_url

EVIDENCE: sa.Table = EvidenceRow.__table__  # type: ignore[attr-defined]
SHOWN: sa.Table = EvidenceMentionRow.__table__  # type: ignore[attr-defined]
HEAD: sa.Table = EvidenceHeadRow.__table__  # type: ignore[attr-defined]
GAP: sa.Table = EvidenceGapRow.__table__  # type: ignore[attr-defined]
RECHECK: sa.Table = RecheckRow.__table__  # type: ignore[attr-defined]
PAGE: sa.Table = PageVersionRow.__table__  # type: ignore[attr-defined]
MENTION: sa.Table = MentionRow.__table__  # type: ignore[attr-defined]
REVISION: sa.Table = MentionRevisionRow.__table__  # type: ignore[attr-defined]
PURGE = "purge"
_STREAM = 500


@dataclass(frozen=True, slots=True)
class Bare:
    """A mention whose present wording has no original kept yet."""

    mention_id: int
    revision: int
    content_hash: str


def bound_of(row: EvidenceRow) -> Bound:
    """Return what the chain binds of a row."""
    return Bound(
        seq=row.seq, at=moment(row.at), kind=row.kind, sha256=row.sha256, record=row.record,
        file=row.file, start=row.start, length=row.length, mentions=said(row.mentions),
        refers=row.refers, note=row.note,
    )  # fmt: skip


def head(session: Session, *, lock: bool = False) -> tuple[int, str]:
    """Return (number of the last record, its chain value); ``lock`` until the transaction ends."""
    query = sa.select(HEAD.c.seq, HEAD.c.chain).where(HEAD.c.id == 1)
    row = session.execute(query.with_for_update() if lock else query).one()
    return row.seq, row.chain


def put_head(session: Session, seq: int, chain: str) -> None:
    """Move the end of the chain; the caller holds its lock."""
    session.execute(sa.update(HEAD).where(HEAD.c.id == 1).values(seq=seq, chain=chain))


def insert(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store links of the chain and which mentions they show."""
    session.execute(sa.insert(EVIDENCE), [dict(row) for row in rows])
    shown = [
        {"mention_id": m, "revision": r, "seq": row["seq"], "role": role}
        for row in rows
        for m, r, _, role in row["mentions"]
    ]
    if shown:
        session.execute(sa.insert(SHOWN), shown)


def bare(session: Session, keys: Sequence[str]) -> dict[str, Bare]:
    """Return those mentions of ``keys`` whose present wording has no original, by key."""
    sight = sa.exists().where(
        SHOWN.c.mention_id == MENTION.c.id,
        SHOWN.c.revision == MENTION.c.revision,
        SHOWN.c.role == SIGHT,
    )
    return {
        row.key: Bare(row.id, row.revision, row.content_hash)
        for part in parts(keys)
        for row in session.execute(
            sa.select(
                MENTION.c.key, MENTION.c.id, MENTION.c.revision, MENTION.c.content_hash
            ).where(MENTION.c.key.in_(part), MENTION.c.purged_at.is_(None), ~sight)
        )
    }


def same_payload(session: Session, pairs: Collection[tuple[str, str]]) -> dict[str, EvidenceRow]:
    """Return kept records with the same (sha256, url), by sha256; purged ones do not count."""
    wanted = dict(pairs)
    query = sa.select(EvidenceRow).where(
        EVIDENCE.c.sha256.in_(list(wanted)),
        EVIDENCE.c.kind.in_(("response", "resource")),
        EVIDENCE.c.purged_by.is_(None),
    )
    rows = session.scalars(query.order_by(EVIDENCE.c.seq.desc()))
    return {row.sha256: row for row in rows if row.url == wanted[row.sha256]}


def known_end(session: Session, file: str) -> int:
    """Return the first byte of a file that no row knows."""
    # One process writes a file, in the order of the chain: the last row of a file ends it.
    query = sa.select(EVIDENCE.c.start + EVIDENCE.c.length).where(EVIDENCE.c.file == file)
    return int(session.execute(query.order_by(EVIDENCE.c.seq.desc()).limit(1)).scalar() or 0)


def put_gaps(session: Session, lacking: Sequence[Bare], reason: str, now: datetime) -> None:
    """Write down that these wordings are without their original, and why."""
    for one in lacking:
        row = session.get(EvidenceGapRow, (one.mention_id, one.revision))
        if row is None:
            session.add(
                EvidenceGapRow(
                    mention_id=one.mention_id, revision=one.revision, at=now, reason=reason
                )
            )
        else:
            row.reason, row.tries = reason, row.tries + 1
    session.flush()


def fill_gaps(session: Session, filled: Sequence[Bare]) -> None:
    """Strike out the gaps of wordings whose original is now kept."""
    for part in parts([one.mention_id for one in filled]):
        revisions = {one.mention_id: one.revision for one in filled}
        for row in session.scalars(sa.select(EvidenceGapRow).where(GAP.c.mention_id.in_(part))):
            if row.revision <= revisions[row.mention_id]:
                session.delete(row)
    session.flush()


def gaps(session: Session) -> tuple[int, str]:
    """Return (how many wordings lack their original, the newest reason)."""
    n = session.execute(sa.select(sa.func.count()).select_from(GAP)).scalar_one()
    if not n:
        return 0, ""
    newest = sa.select(GAP.c.reason).order_by(GAP.c.at.desc()).limit(1)
    return int(n), str(session.execute(newest).scalar_one())


def lacking_urls(session: Session, urls: Sequence[str]) -> set[str]:
    """Return those of ``urls`` whose mention lacks its original."""
    if not session.execute(sa.select(GAP.c.mention_id).limit(1)).first():
        return set()
    keys = {digest("url", canonical_url(url)): url for url in urls}
    return {
        keys[key]
        for part in parts(list(keys))
        for key in session.scalars(
            sa.select(MENTION.c.key)
            .join(GAP, GAP.c.mention_id == MENTION.c.id)
            .where(MENTION.c.key.in_(part))
        )
    }


def gaps_of(session: Session, mention_ids: Sequence[int]) -> dict[int, EvidenceGapRow]:
    """Return the gaps of some mentions."""
    return {
        row.mention_id: row
        for part in parts(mention_ids)
        for row in session.scalars(sa.select(EvidenceGapRow).where(GAP.c.mention_id.in_(part)))
    }


def stream(session: Session, *, after: int = 0, until: int) -> Iterator[list[EvidenceRow]]:
    """Yield the links in order, some hundreds at a time, from ``after`` up to ``until``."""
    while True:
        query = (
            sa.select(EvidenceRow)
            .where(EVIDENCE.c.seq > after, EVIDENCE.c.seq <= until)
            .order_by(EVIDENCE.c.seq)
            .limit(_STREAM)
        )
        rows = list(session.scalars(query))
        if not rows:
            return
        yield rows
        after = rows[-1].seq
        session.expunge_all()


def newest(session: Session) -> int:
    """Return the highest number of a stored link, 0 when there is none."""
    return int(session.execute(sa.select(sa.func.max(EVIDENCE.c.seq))).scalar() or 0)


def purges(session: Session) -> list[EvidenceRow]:
    """Return the purge events, in order."""
    query = sa.select(EvidenceRow).where(EVIDENCE.c.kind == PURGE).order_by(EVIDENCE.c.seq)
    return list(session.scalars(query))


def unwiped(session: Session, limit: int) -> list[EvidenceRow]:
    """Return purged records whose bytes may still stand in their file."""
    query = (
        sa.select(EvidenceRow)
        .where(EVIDENCE.c.purged_by.is_not(None), EVIDENCE.c.wiped_at.is_(None))
        .order_by(EVIDENCE.c.seq)
        .limit(limit)
    )
    return list(session.scalars(query))


def with_revisits(session: Session, seqs: Sequence[int]) -> list[int]:
    """Return these records and those that only repeat one of them, in order."""
    found = set(seqs)
    for part in parts(list(found)):
        found |= set(session.scalars(sa.select(EVIDENCE.c.seq).where(EVIDENCE.c.refers.in_(part))))
    return sorted(found)


def mark_purged(session: Session, seqs: Sequence[int], by: int) -> None:
    """Say which purge takes the payload of these records; their addresses go at once."""
    for part in parts(seqs):
        session.execute(
            sa.update(EVIDENCE).where(EVIDENCE.c.seq.in_(part)).values(purged_by=by, url=None)
        )


def mark_wiped(session: Session, seq: int, now: datetime) -> None:
    """Say that a record's bytes are gone from its file."""
    session.execute(sa.update(EVIDENCE).where(EVIDENCE.c.seq == seq).values(wiped_at=now))


def evidence_of(session: Session, mention_ids: Sequence[int]) -> list[EvidenceRow]:
    """Return every record that shows one of these mentions, in the order of the chain."""
    found: dict[int, EvidenceRow] = {}
    for part in parts(mention_ids):
        query = (
            sa.select(EvidenceRow)
            .join(EvidenceMentionRow, SHOWN.c.seq == EVIDENCE.c.seq)
            .where(SHOWN.c.mention_id.in_(part))
        )
        found |= {row.seq: row for row in session.scalars(query)}
    return [found[seq] for seq in sorted(found)]


def by_seq(session: Session, seqs: Sequence[int]) -> dict[int, EvidenceRow]:
    """Return records by their number."""
    return {
        row.seq: row
        for part in parts(seqs)
        for row in session.scalars(sa.select(EvidenceRow).where(EVIDENCE.c.seq.in_(part)))
    }


def wordings(
    session: Session, wanted: Collection[tuple[int, int]]
) -> dict[tuple[int, int], tuple[str | None, str | None]]:
    """Return (title, text) of (mention id, revision) pairs, of the present or an older revision."""
    ids = sorted({mention_id for mention_id, _ in wanted})
    found: dict[tuple[int, int], tuple[str | None, str | None]] = {}
    for part in parts(ids):
        now = sa.select(MENTION.c.id, MENTION.c.revision, MENTION.c.title, MENTION.c.text)
        old = sa.select(
            REVISION.c.mention_id, REVISION.c.revision, REVISION.c.title, REVISION.c.text
        )
        for query in (
            old.where(REVISION.c.mention_id.in_(part)),
            now.where(MENTION.c.id.in_(part)),
        ):
            for number, revision, title, text in session.execute(query):
                found[number, revision] = (title, text)
    return found


def erased(session: Session, mention_ids: Collection[int]) -> set[int]:
    """Return those of these mentions whose text was deleted on purpose."""
    return {
        number
        for part in parts(sorted(mention_ids))
        for number in session.scalars(
            sa.select(MENTION.c.id).where(MENTION.c.id.in_(part), MENTION.c.purged_at.is_not(None))
        )
    }


def page_versions(session: Session, mention_ids: Sequence[int]) -> dict[int, list[PageVersionRow]]:
    """Return what the pages of mentions said each time they were read again and had changed."""
    found: dict[int, list[PageVersionRow]] = {}
    for part in parts(mention_ids):
        query = sa.select(PageVersionRow).where(PAGE.c.mention_id.in_(part))
        for row in session.scalars(query.order_by(PAGE.c.mention_id, PAGE.c.version)):
            found.setdefault(row.mention_id, []).append(row)
    return found


def rechecks(session: Session, mention_ids: Sequence[int]) -> dict[int, RecheckRow]:
    """Return what was seen of the pages of mentions since."""
    return {
        row.mention_id: row
        for part in parts(mention_ids)
        for row in session.scalars(sa.select(RecheckRow).where(RECHECK.c.mention_id.in_(part)))
    }
