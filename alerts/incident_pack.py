"""What an exported incident tells: mentions with their versions, what happened, who was told.

Masked texts only, what people wrote by hand included. Addresses of people told are left out: who
was told, when and how is enough.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from alerts.evidence import Dossier, KeptMention, masked
from alerts.incident_readme import Counts, readme
from langnghe.core.evidence.chain import moment
from langnghe.core.services import Services
from langnghe.core.store.children import children_of
from langnghe.core.store.delivery import deliveries_of
from langnghe.core.store.incidents import story_ids_of
from langnghe.core.store.queries.incidents import IncidentDetail
from langnghe.core.store.reviews import reviews_of
from langnghe.core.store.statements import places_of
from langnghe.core.store.tables import AttachmentRow, OutboxRow, StatementRow
from nlp.shield_story import Children

README, MANIFEST = "DOC-TRUOC.txt", "manifest.json"
_OUTBOX = ("id", "purpose", "level", "role", "name", "channel", "subject", "state")
_STATEMENT = ("id", "year", "number", "audience", "title", "text", "text_hash", "released_name",
              "withdrawn_name", "withdrawn_reason")  # fmt: skip
_ENDING = re.compile(r"\.[0-9A-Za-z]{1,5}$")
_NOT_SHOWN = frozenset({"incident_id"})
_WRITTEN = frozenset({"text", "data", "note", "name", "fields", "title", "summary", "conclusion",
                      "withdrawn_why", "subject"})  # fmt: skip
"""Fields with words of people, in which a child may be named."""


def contents(
    services: Services,
    session: Session,
    detail: IncidentDetail,
    kept: Dossier,
    files: Sequence[AttachmentRow],
    *,
    originals: bool,
) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of what tells of the incident; none of it depends on when it is made."""
    row, number = detail.line.row, detail.line.id
    known = _children(session, number)
    statements = _statements(session, number)
    notices = [_covered(n, known) for n in _notices(session, number)]
    mentions = [_mention(m) for m in kept.mentions]
    attached = [_covered(_attachment(f, originals), known) for f in files]
    events = [_covered(_plain(e), known) for e in detail.events]
    yield MANIFEST, as_json(
        {
            "format": "langnghe-incident/1",
            "incident": _covered(_plain(row), known),
            "unit": detail.line.unit_name,
            "drill": services.drill,
            "policy_version": row.policy_version,
            "masked": True,
            "originals": originals,
            "counts": {
                "mentions": len(mentions), "versions": sum(len(m["versions"]) for m in mentions),
                "events": len(events), "steps": len(detail.steps),
                "attachments": len(attached), "statements": len(statements),
                "notices": len(notices),
                "without_original": sum(not m["records"] for m in mentions),
            },
        }
    )  # fmt: skip
    yield "tin.jsonl", "".join(_line(m) for m in mentions).encode()
    yield "dong-thoi-gian.json", as_json(events)
    yield "viec-can-lam.json", as_json([_covered(_plain(s), known) for s in detail.steps])
    yield (
        "rut-kinh-nghiem.json",
        as_json([_covered(_plain(r), known) for r in reviews_of(session, number)]),
    )
    yield "tep-dinh-kem.json", as_json(attached)
    yield "phat-ngon.json", as_json(statements)
    yield "thong-bao.json", as_json(notices)
    counts = Counts(len(attached), len(statements), len(notices))
    told = readme(
        services.policy, services.drill, detail, kept, counts,
        [(e["at"], e["text"]) for e in events], originals=originals,
    )  # fmt: skip
    yield README, told.encode()


def _mention(kept: KeptMention) -> dict[str, Any]:
    m, page = kept.shown, kept.page
    return {
        "id": m.id, "kind": m.kind, "source": m.source, "url": m.url,
        "published_at": m.published_at, "seen_at": m.seen_at, "title": m.title, "text": m.text,
        "revision": m.revision, "sentiment": m.sentiment, "stance": m.stance, "risk": m.risk,
        "topics": [t.get("topic") for t in m.topics],
        "versions": [
            {"where": w.where, "version": w.number, "since": w.at, "until": w.until,
             "title": w.title, "text": w.text, "changes": [list(c) for c in w.changes]}
            for w in kept.versions
        ],
        "page": None if page is None else {
            "state": page.state, "checked_at": page.checked_at, "deleted_at": page.deleted_at,
            "restored_at": page.restored_at,
        },
        "records": [r.seq for r in kept.records],
        "missing": kept.gap,
    }  # fmt: skip


def _attachment(row: AttachmentRow, originals: bool) -> dict[str, Any]:
    told = _plain(row)
    told["file"] = packed_name(row) if goes_along(row, originals) else None
    if told["file"] is None:
        told["left_out"] = "đã rút lại" if row.withdrawn_at else "có thể nhận ra trẻ em"
    return told


def goes_along(row: AttachmentRow, originals: bool) -> bool:
    """Return whether the file itself is in the pack, and not only its name and hash."""
    return row.withdrawn_at is None and (originals or not row.shows_child)


def packed_name(row: AttachmentRow) -> str:
    """Return the name of an attachment in the pack; its own name might tell of a child."""
    ending = _ENDING.search(row.name)
    return f"tep/{row.id}-{row.sha256[:12]}{ending[0].lower() if ending else ''}"


def _children(session: Session, incident_id: int) -> tuple[Children, ...]:
    """Return every child that a story of the incident names, as digests."""
    stories = story_ids_of(session, [incident_id]).get(incident_id, [])
    salted = children_of(session, stories).values()
    return tuple(Children(s, digests) for found in salted for s, digests in sorted(found.items()))


def _covered(told: dict[str, Any], known: Sequence[Children]) -> dict[str, Any]:
    """Return a row as told with the words of people behind the child shield."""

    def cover(value: Any) -> Any:
        if isinstance(value, str):
            return masked("", value, known)[1]
        if isinstance(value, dict):
            return {name: cover(inner) for name, inner in value.items()}
        return [cover(inner) for inner in value] if isinstance(value, list) else value

    return {name: cover(value) if name in _WRITTEN else value for name, value in told.items()}


def _statements(session: Session, incident_id: int) -> list[dict[str, Any]]:
    table: sa.Table = StatementRow.__table__  # type: ignore[attr-defined]
    query = sa.select(StatementRow).where(
        table.c.incident_id == incident_id, table.c.state.in_(("released", "withdrawn"))
    )
    found = list(session.scalars(query.order_by(table.c.released_at, table.c.id)))
    places: dict[int, list[dict[str, Any]]] = {}
    for place in places_of(session, [row.id or 0 for row in found]):
        told = {"at": place.at, "channel": place.channel, "url": place.url}
        places.setdefault(place.statement_id, []).append(told)
    return [
        {name: getattr(row, name) for name in _STATEMENT}
        | {"released_at": row.released_at, "withdrawn_at": row.withdrawn_at,
           "places": places.get(row.id or 0, [])}
        for row in found
    ]  # fmt: skip


def _notices(session: Session, incident_id: int) -> list[dict[str, Any]]:
    table: sa.Table = OutboxRow.__table__  # type: ignore[attr-defined]
    query = sa.select(OutboxRow).where(table.c.incident_id == incident_id).order_by(table.c.id)
    found = list(session.scalars(query))
    happened = deliveries_of(session, [row.id or 0 for row in found])
    return [
        {name: getattr(row, name) for name in _OUTBOX}
        | {"created_at": row.created_at, "sent_at": row.sent_at, "happened": [
            {"at": d.at, "event": d.event, "way": d.way, "by": d.by}
            for d in happened.get(row.id or 0, ())
        ]}
        for row in found
    ]  # fmt: skip


def _plain(row: SQLModel) -> dict[str, Any]:
    return {k: v for k, v in row.model_dump().items() if k not in _NOT_SHOWN}


def as_json(value: Any) -> bytes:
    """Return a value as the pack spells it: keys in order, times in UTC."""
    return (
        json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_spell) + "\n"
    ).encode()


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_spell) + "\n"


def _spell(value: Any) -> str:
    return moment(value) if isinstance(value, datetime) else str(value)
