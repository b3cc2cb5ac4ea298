"""How a report becomes a mention of its unit, and how it is taken back out of the stream.

What is given stays evidence: the words, the time and who took them down, never who reported.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core import intake as rules
from langnghe.core.auth import Caller
from langnghe.core.corrections import Field
from langnghe.core.errors import ConflictError
from langnghe.core.evidence.keeping import keep_originals
from langnghe.core.evidence.originals import Sighting
from langnghe.core.evidence.vault import vault_of
from langnghe.core.forgetting import forgetter
from langnghe.core.services import Services
from langnghe.core.store import intake as rows
from langnghe.core.store import mentions
from langnghe.core.store.corrections import record, standing
from langnghe.core.store.purge import purge_mentions
from langnghe.core.store.tables import (
    CorrectionRow,
    IntakeRow,
    MentionRow,
    MentionUnitRow,
    ReadingRow,
    StoryRow,
)
from langnghe.core.store.triage import visible
from langnghe.core.types import Item
from langnghe.core.urls import host_of
from nlp.shield import mask


def admit(
    session: Session, services: Services, row: IntakeRow, caller: Caller, now: datetime
) -> tuple[int, bool]:
    """Make the report a mention of its unit, or tie it to the one that has its address."""
    row.decided_at, row.decided_by = now, caller.shown_name
    key = mentions.mention_key(Item(id="", url=row.link)) if row.link else ""
    known = rows.known_mention(session, key) if key else None
    if known is not None and not known[1] and not _private(session, known[0], row.unit_id):
        row.state, row.mention_id = rules.JOINED, known[0]
        row.masked = mask(row.text).text
        _about_the_unit(session, known[0], row, caller, now)
        return known[0], True
    return _new_mention(session, services, row, caller, now, alone=known is not None), False


def _private(session: Session, mention_id: int, unit_id: str) -> bool:
    """Say whether a mention came from a report to others: naming its link opens it to nobody."""
    told = session.get_one(MentionRow, mention_id).external_id.startswith("intake:")
    return told and not visible(session, [mention_id], viewer_unit=unit_id)


def _new_mention(
    session: Session, services: Services, row: IntakeRow, caller: Caller, now: datetime, *,
    alone: bool,
) -> int:  # fmt: skip
    """``alone``: its address is not said, for the mention that has it was deleted or is private."""
    url = row.link if row.link and not alone else None
    row.turns += 1
    item = Item(
        id=f"intake:{row.id}.{row.turns}", kind="comment",
        source=rules.source_name(row.unit_name), url=url, text=row.text or None,
        title=None if row.text else f"Đường dẫn được báo: {host_of(row.link)}",
        published_at=row.heard_at or row.received_at,
    )  # fmt: skip
    mentions.keep(session, [item], now=now, secret=services.settings.secret_key())
    kept = rows.known_mention(session, mentions.mention_key(item))
    if kept is None:
        raise RuntimeError("a mention just kept is not there")
    number = kept[0]
    # A report is its unit's from the first moment: what names no unit is shown to all.
    session.merge(MentionUnitRow(mention_id=number, unit_id=row.unit_id, confidence=1.0))
    _about_the_unit(session, number, row, caller, now)
    original = rules.original_of_report(_body(row, item), row.id or 0, now)
    keep_originals(session, vault_of(services.settings), [Sighting(item, original)], now)
    public = url is not None and rules.may_be_fetched(row.link)
    if url is not None and not public:
        # Known by its address, and never asked for: no later look may follow it either.
        session.execute(
            sa.update(mentions.MENTION)
            .where(mentions.MENTION.c.id == number)
            .values(url=None, canonical_url=None)
        )
    row.state, row.mention_id, row.text, row.masked = rules.ACCEPTED, number, "", ""
    row.visit, row.visit_at = ("due", now) if public else ("", None)
    return number


def _body(row: IntakeRow, item: Item) -> bytes:
    told: dict[str, Any] = {
        "what": "intake", "id": row.id, "unit": row.unit_id, "channel": row.channel,
        "title": item.title, "text": item.text, "link": row.link or None,
        "heard_at": row.heard_at.isoformat() if row.heard_at else None,
        "received_at": row.received_at.isoformat(), "taken_by": row.taken_by or None,
        "admitted_by": row.decided_by,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def _about_the_unit(
    session: Session, mention_id: int, row: IntakeRow, caller: Caller, now: datetime
) -> None:
    """Write down as a person's word that this is about the unit, however the text names it."""
    said = standing(session, [mention_id]).get(mention_id, {})
    units = sorted({*said.get(Field.ABOUT_US, ()), row.unit_id})
    words: dict[Field, Any] = {Field.ABOUT_US: units, Field.ABOUT_EDUCATION: True}
    fresh = {field: value for field, value in words.items() if said.get(field) != value}
    mention, reading = session.get(MentionRow, mention_id), session.get(ReadingRow, mention_id)
    if mention is None or not fresh:
        return
    told = f"{rules.SOURCE} số {row.id}"
    if reading is not None and reading.revision == mention.revision:
        record(session, mention_id, fresh.items(), note=told, user_id=caller.user_id, now=now,
               revision=mention.revision)  # fmt: skip
        return
    session.add_all(  # the reader's word will find it there
        CorrectionRow(
            mention_id=mention_id, story_id=mention.story_id, revision=mention.revision,
            field=field.value, value=value, note=told, user_id=caller.user_id, at=now,
        )
        for field, value in fresh.items()
    )  # fmt: skip
    session.flush()


def take_back(
    session: Session, services: Services, row: IntakeRow, caller: Caller, now: datetime
) -> None:
    mention = session.get(MentionRow, row.mention_id) if row.mention_id else None
    if mention is None or mention.purged_at is not None or mention.id is None:
        return
    story = session.get(StoryRow, mention.story_id) if mention.story_id else None
    if story is not None and story.incident_id is not None:
        raise ConflictError(
            f"Tin từ phiếu này đã thuộc vụ việc số {story.incident_id}, không rút lại được nữa.",
            mend="Chỉnh tin, tách cụm tin hoặc kết luận vụ việc ở trang của vụ việc.",
        )
    others = [one for one in rows.of_mention(session, mention.id, viewer_unit=None)
              if one.id != row.id]  # fmt: skip
    if others:
        raise ConflictError("Đã có phiếu khác báo cùng tin này, không rút lại được nữa.")
    if row.visit != "done":  # else its words are the page's, and the report had hardly any
        row.text = mention.text or ""
    forget = forgetter(services.settings, caller.username)
    forget(session, [mention.id], "rút lại phiếu tiếp nhận", now)
    purge_mentions(session, [mention.id], now)
    if row.link:
        # The address may be reported again: the emptied row gives its key up.
        mention.key = f"gone:{mention.id}:{mention.key}"
        session.flush()
