"""Join the files, the chain and the tables: what is seen is kept with the mention, or said missing.

The order that survives a kill at any point: the records are on the disk, then their rows are
committed together with the mentions, then the register gets its lines. What is lacking is derived
from the tables (a wording without a record), so a lost step is done again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlmodel import Session

from langnghe.core.evidence.chain import Bound, Said, ledger_line, moment
from langnghe.core.evidence.originals import PAGE, SIGHT, Original, Sighting
from langnghe.core.evidence.vault import Place, Vault, plain_disk_reason
from langnghe.core.evidence.warc import Built, note_record, original_record, revisit_record
from langnghe.core.store import evidence as rows
from langnghe.core.store.mentions import content_hash, mention_key
from langnghe.core.store.tables import EvidenceRow

log = structlog.get_logger(__name__)
_CATCH_UP = 5000  # lines of the register written again at most in one turn


@dataclass(frozen=True, slots=True)
class Held:
    """What became of the originals of a batch: records and bytes written, wordings without one."""

    records: int = 0
    size: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A record to be written and the wordings it shows."""

    built: Built
    mentions: tuple[Said, ...] = ()
    refers: int | None = None


def keep_originals(
    session: Session, vault: Vault, sightings: Sequence[Sighting], now: datetime
) -> Held:
    """Keep the documents in which new wordings were seen; call it right after ``mentions.keep``.

    Documents that show nothing new are not kept. A disk that refuses costs no mention: the wording
    is marked as lacking its original, and any later sighting of it fills the gap.
    """
    lacking = rows.bare(session, list({mention_key(s.item) for s in sightings}))
    if not lacking:
        return Held()
    shown: dict[int, tuple[Original, list[rows.Bare]]] = {}
    for sighting in sightings:
        key = mention_key(sighting.item)
        one = lacking.get(key)
        # Another wording than the one kept (two feeds, one article) proves nothing of it.
        if one is None or content_hash(sighting.item) != one.content_hash:
            continue
        del lacking[key]
        shown.setdefault(id(sighting.original), (sighting.original, []))[1].append(one)
    if not shown:
        return Held()
    groups = list(shown.values())
    wordings = [one for _, group in groups for one in group]
    try:
        links = _links(session, groups)
        written = append_links(session, vault, links, now)
    except OSError as error:
        reason = plain_disk_reason(error)
        log.error("evidence_missing", why=reason, mentions=len(wordings))
        rows.put_gaps(session, wordings, reason, now)
        return Held(missing=len(wordings))
    rows.fill_gaps(session, wordings)
    return Held(len(links), sum(place.length for place in written))


def keep_page(
    session: Session, vault: Vault, original: Original, wording: tuple[int, int, str]
) -> int:
    """Keep a page that was read again for a mention; return the record's number. Raises OSError.

    ``wording`` is (mention id, revision, hash of what the page said).
    """
    known = rows.same_payload(session, {(original.sha256, original.url)})
    link = _link(original, ((*wording, PAGE),), known.get(original.sha256))
    append_links(session, vault, [link], original.at)
    return rows.head(session)[0]


def keep_note(
    session: Session, vault: Vault, url: str, at: datetime, told: dict[str, Any], about: Said
) -> None:
    """Keep what was seen of a page where there is no document to keep. Raises OSError."""
    append_links(session, vault, [Link(note_record(url, at, told), (about,))], at)


def append_links(
    session: Session, vault: Vault, links: Sequence[Link], now: datetime
) -> list[Place]:
    """Write records, then their rows; the register follows the commit. Raises OSError.

    After OSError nothing was written, neither file nor row.
    """
    places = vault.append(
        [link.built for link in links], now, lambda name: rows.known_end(session, name)
    )
    seq, prev = rows.head(session, lock=True)
    stored: list[dict[str, Any]] = []
    lines: list[tuple[int, str]] = []
    for link, place in zip(links, places, strict=True):
        seq += 1
        bound = Bound(
            seq=seq, at=moment(now), kind=link.built.kind, sha256=link.built.sha256,
            record=place.record, file=place.file, start=place.start, length=place.length,
            mentions=tuple(sorted(link.mentions)), refers=link.refers,
        )  # fmt: skip
        prev = _store(stored, lines, bound, prev, now, link.built.url, link.built.size)
    rows.insert(session, stored)
    rows.put_head(session, seq, prev)
    register_after_commit(session, vault, lines)
    return places


def append_event(
    session: Session, vault: Vault, kind: str, note: dict[str, Any], now: datetime
) -> int:
    """Add a link without a record (a purge); return its number."""
    seq, prev = rows.head(session, lock=True)
    bound = Bound(
        seq=seq + 1, at=moment(now), kind=kind, sha256="", record="", file="", start=0, length=0,
        note=note,
    )  # fmt: skip
    stored: list[dict[str, Any]] = []
    lines: list[tuple[int, str]] = []
    chain = _store(stored, lines, bound, prev, now, None, 0)
    rows.insert(session, stored)
    rows.put_head(session, bound.seq, chain)
    register_after_commit(session, vault, lines)
    return bound.seq


def register_after_commit(session: Session, vault: Vault, lines: list[tuple[int, str]]) -> None:
    """Write lines into the register once this transaction is committed, and only then."""
    bind = session.get_bind()

    def write() -> None:
        try:
            if not vault.register(lines):
                with Session(bind) as reading:
                    catch_up(reading, vault)
        except OSError as error:  # the rows stand; the next record brings the lines
            log.error("evidence_register_behind", why=plain_disk_reason(error))

    _once_after_commit(session, write)


def catch_up(session: Session, vault: Vault) -> int:
    """Write lines the register lacks, from committed rows; return how many. Raises OSError."""
    last, chain = vault.last_registered()
    if last:
        known = rows.by_seq(session, [last]).get(last)
        if known is None or known.chain != chain:
            log.error("evidence_register_differs", seq=last)
            return 0  # never write over a contradiction: ``langnghe verify`` names it
    lines: list[tuple[int, str]] = []
    for batch in rows.stream(session, after=last, until=last + _CATCH_UP):
        lines += [
            (r.seq, ledger_line(r.chain, r.prev, rows.bound_of(r).canonical())) for r in batch
        ]
    return len(lines) if lines and vault.register(lines) else 0


def _links(session: Session, groups: Sequence[tuple[Original, list[rows.Bare]]]) -> list[Link]:
    known = rows.same_payload(session, {(o.sha256, o.url) for o, _ in groups})
    return [
        _link(
            original,
            tuple((one.mention_id, one.revision, one.content_hash, SIGHT) for one in group),
            known.get(original.sha256),
        )
        for original, group in groups
    ]


def _link(original: Original, mentions: tuple[Said, ...], first: EvidenceRow | None) -> Link:
    if first is None:
        return Link(original_record(original), mentions)
    return Link(revisit_record(original, first.at), mentions, first.seq)


def _store(
    stored: list[dict[str, Any]], lines: list[tuple[int, str]], bound: Bound, prev: str,
    now: datetime, url: str | None, size: int,
) -> str:  # fmt: skip
    canonical = bound.canonical()
    chain = bound.link(prev)
    stored.append(
        {
            "seq": bound.seq, "at": now, "kind": bound.kind, "sha256": bound.sha256,
            "record": bound.record, "file": bound.file, "start": bound.start,
            "length": bound.length, "mentions": [list(m) for m in bound.mentions],
            "refers": bound.refers, "note": dict(bound.note), "prev": prev, "chain": chain,
            "url": url, "size": size, "purged_by": None, "wiped_at": None,
        }
    )  # fmt: skip
    lines.append((bound.seq, ledger_line(chain, prev, canonical)))
    return chain


def _once_after_commit(session: Session, act: Callable[[], None]) -> None:
    waiting = [act]  # a listener cannot take itself away while it is called

    def run(committed: Any) -> None:
        if waiting and not committed.in_nested_transaction():  # a savepoint's end is not for good
            waiting.pop()()

    def undo(_session: Any) -> None:
        waiting.clear()

    sa.event.listen(session, "after_commit", run)
    sa.event.listen(session, "after_rollback", undo)
