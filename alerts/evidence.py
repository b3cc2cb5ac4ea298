"""What is kept of an incident's mentions, fit for showing: versions, removals, records, gaps.

Every wording goes through the child shield here, older ones too: they stand unmasked in the tables
and no reading was ever made of them. What a story knows of its children covers them all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.evidence.originals import SIGHT
from langnghe.core.store.children import children_of
from langnghe.core.store.evidence import (
    REVISION,
    evidence_of,
    gaps_of,
    head,
    page_versions,
    rechecks,
    wordings,
)
from langnghe.core.store.parts import parts
from langnghe.core.store.queries import scope
from langnghe.core.store.queries.incidents import get_incident
from langnghe.core.store.queries.mentions import ShownMention, mentions_by_id
from langnghe.core.store.queries.scope import MENTION
from langnghe.core.store.tables import (
    EvidenceRow,
    MentionRevisionRow,
    PageVersionRow,
    RecheckRow,
)
from nlp.shield import mask
from nlp.shield_story import Children, child_names, cover_both, digests_of

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_SALT = bytes(16)  # these digests live for one page and are kept nowhere
_Told = tuple[str, int, datetime | None, datetime | None, str, str]
_LONGEST_DIFF = 400  # sentences; a longer text is shown whole


@dataclass(frozen=True, slots=True)
class Wording:
    """One version of a text, masked. ``until`` is when the next one was seen; ``where`` says
    whether the source's own entry (``tin``) or its page read again (``trang``) said so."""

    where: str
    number: int
    at: datetime | None
    until: datetime | None
    title: str
    text: str
    changes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class KeptMention:
    """A mention, what it said before, what became of its page, and the records that show it."""

    shown: ShownMention
    versions: tuple[Wording, ...]
    page: RecheckRow | None
    records: tuple[EvidenceRow, ...]
    gap: str

    @property
    def originals(self) -> int:
        """How many originals still have their payload."""
        return sum(1 for r in self.records if r.file and r.purged_by is None)

    @property
    def purged(self) -> bool:
        """Whether a payload was removed on purpose."""
        return any(r.purged_by is not None for r in self.records)


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is kept of an incident. ``total`` mentions, of which ``mentions`` are told of."""

    mentions: tuple[KeptMention, ...]
    total: int
    head_seq: int
    head_chain: str


def dossier(
    session: Session, incident_id: int, *, viewer_unit: str | None, limit: int | None = None
) -> Dossier:
    """Return what is kept of an incident's mentions, oldest first; the newest ``limit`` of them.

    Raises NotFoundError for an incident outside the viewer's units.
    """
    get_incident(session, incident_id, viewer_unit=viewer_unit)
    newest = sa.select(MENTION.c.id).where(scope.of_incident(incident_id))
    ids = list(session.scalars(newest.order_by(MENTION.c.seen_at.desc(), MENTION.c.id.desc())))
    total = len(ids)
    ids = ids[:limit][::-1]
    shown: dict[int, ShownMention] = {}
    for part in parts(ids):
        shown |= mentions_by_id(session, part)
    stories = {m.story_id for m in shown.values() if m.story_id is not None}
    known = {
        story: tuple(Children(salt, digests) for salt, digests in sorted(salted.items()))
        for story, salted in children_of(session, stories).items()
    }
    before, pages = _revisions(session, ids), page_versions(session, ids)
    present = wordings(session, {(n, m.revision) for n, m in shown.items() if n in before})
    seen, gap = rechecks(session, ids), gaps_of(session, ids)
    records = _by_mention(evidence_of(session, ids))
    kept = []
    for number in ids:
        mention = shown.get(number)
        if mention is None:
            continue
        old, later = before.get(number, ()), pages.get(number, ())
        children = (*known.get(mention.story_id or 0, ()), *_named((*old, *later)))
        told: list[_Told] = [
            ("tin", r.revision, None, r.seen_at, *masked(r.title, r.text, children)) for r in old
        ]
        if told:
            # Masked like the older ones, so that only what the source changed shows as changed.
            title, text = present.get((number, mention.revision), (None, None))
            told.append(("tin", mention.revision, None, None, *masked(title, text, children)))
        told += [
            ("trang", p.version, p.at, None, *masked(p.title, p.text, children)) for p in later
        ]
        kept.append(
            KeptMention(
                shown=mention, versions=_with_changes(told), page=seen.get(number),
                records=tuple(records.get(number, ())),
                gap=gap[number].reason if number in gap else "",
            )
        )  # fmt: skip
    seq, chain = head(session)
    return Dossier(tuple(kept), total, seq, chain)


def masked(
    title: str | None, text: str | None, children: Sequence[Children] = ()
) -> tuple[str, str]:
    """Return (title, text) after the shield; what the text tells of a name covers the title too."""
    title, text = title or "", text or ""
    if not title or not text:
        covered = mask(title or text).text
        one, other = cover_both("", covered, children)
        return (other, "") if title else (one, other)
    joint = mask(f"{title}\n{text}")
    cut = len(title)
    if any(s.start < cut < s.end for s in joint.spans):
        parts_ = (mask(title).text, mask(text).text)
    else:
        ahead = sum(len(s.replacement) - (s.end - s.start) for s in joint.spans if s.end <= cut)
        parts_ = (joint.text[: cut + ahead], joint.text[cut + ahead :].lstrip("\n"))
    whole = f"{parts_[0]}\n{parts_[1]}"
    shown_title, shown_whole = cover_both(parts_[0], whole, children)
    return shown_title, shown_whole.removeprefix(shown_title).lstrip("\n")


def changes(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Return what differs, sentence by sentence: ("-", taken out) and ("+", put in)."""
    before, after = _SENTENCE.split(old), _SENTENCE.split(new)
    if max(len(before), len(after)) > _LONGEST_DIFF:
        return (("-", old), ("+", new)) if old != new else ()
    found: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            found += [("-", s) for s in before[a:b] if s] + [("+", s) for s in after[c:d] if s]
    return tuple(found)


def _named(rows: Sequence[MentionRevisionRow | PageVersionRow]) -> tuple[Children, ...]:
    """Return the children that other versions of a text name: the story may not know them yet."""
    names = {name for row in rows for name in child_names(f"{row.title or ''}\n{row.text or ''}")}
    return (Children(_SALT, digests_of(sorted(names), _SALT)),) if names else ()


def _with_changes(
    told: Sequence[_Told],
) -> tuple[Wording, ...]:
    wordings: list[Wording] = []
    for where, number, at, until, title, text in told:
        last = wordings[-1] if wordings and wordings[-1].where == where else None
        differs = () if last is None else changes(f"{last.title}\n{last.text}", f"{title}\n{text}")
        since = at if at is not None or last is None else last.until
        wordings.append(Wording(where, number, since, until, title, text, differs))
    return tuple(wordings)


def _revisions(session: Session, ids: Sequence[int]) -> dict[int, list[MentionRevisionRow]]:
    found: dict[int, list[MentionRevisionRow]] = {}
    for part in parts(ids):
        query = sa.select(MentionRevisionRow).where(REVISION.c.mention_id.in_(part))
        for row in session.scalars(query.order_by(REVISION.c.mention_id, REVISION.c.revision)):
            found.setdefault(row.mention_id, []).append(row)
    return found


def _by_mention(rows: Sequence[EvidenceRow]) -> Mapping[int, list[EvidenceRow]]:
    found: dict[int, list[EvidenceRow]] = {}
    for row in rows:
        for number in dict.fromkeys(m[0] for m in row.mentions):
            found.setdefault(number, []).append(row)
    return found


def first_sight(kept: KeptMention) -> datetime | None:
    """Return when the first original of a mention was kept, None where there is none."""
    number = kept.shown.id
    times = (
        r.at for r in kept.records if any(m[0] == number and m[3] == SIGHT for m in r.mentions)
    )
    return min(times, default=None)
