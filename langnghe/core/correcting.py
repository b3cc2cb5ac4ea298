"""A person corrects what the machine read, or takes a correction back: rights, trail, timeline.

Free of any web framework, so that pages and API do the same thing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from langnghe.core.auth import Action, Caller
from langnghe.core.corrections import MAX_NOTE, UNIT_FIELDS, Field, checked
from langnghe.core.errors import InputError
from langnghe.core.store import users
from langnghe.core.store.corrections import record, take_back
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import add_event
from langnghe.core.store.queries.mentions import get_mention
from langnghe.core.store.queries.system import list_units
from langnghe.core.store.tables import StoryRow
from langnghe.core.text import clean
from langnghe.core.words import word


def correct(
    store: Store,
    caller: Caller,
    mention_id: int,
    words: Mapping[Field, Any],
    *,
    topics: Collection[str],
    now: datetime,
    note: str = "",
    revision: int | None = None,
) -> list[int]:
    """Store what ``caller`` says is right about one mention; return the ids of the corrections.

    ``topics`` are the ids the playbook knows; ``revision`` that of the text the caller had before
    them (the present one when not stated). Raises ``ForbiddenError``, ``NotFoundError``,
    ``InputError`` or ``ConflictError``, and then nothing is stored.
    """
    with store.write() as session:
        return correct_in(
            session, caller, mention_id, words, topics=topics, now=now, note=note,
            revision=revision,
        )  # fmt: skip


def correct_in(
    session: Session,
    caller: Caller,
    mention_id: int,
    words: Mapping[Field, Any],
    *,
    topics: Collection[str],
    now: datetime,
    note: str = "",
    revision: int | None = None,
) -> list[int]:
    """Do what ``correct`` does, within a transaction of the caller's."""
    caller.require(Action.ACT)
    said = clean(note)
    if len(said) > MAX_NOTE:
        raise InputError(f"Ghi chú dài quá {MAX_NOTE} ký tự.", mend="Viết ngắn lại.")
    mention = get_mention(session, mention_id, viewer_unit=caller.unit_scope)
    mine = {unit.id for unit in list_units(session, viewer_unit=caller.unit_scope)}
    units = [unit for unit, _ in mention.units if unit in mine]
    doubted = [doubt["unit"] for doubt in mention.undecided if doubt["unit"] in mine]
    good = {
        f: checked(f, value, topics=topics, units=units, doubted=doubted)
        for f, value in words.items()
    }
    for one in mention.corrections:  # a second unit does not take back the first
        if one.field in UNIT_FIELDS and (field := Field(one.field)) in good:
            good[field] = sorted({*good[field], *one.value})
    ids = record(
        session, mention_id, good.items(), note=said, user_id=caller.user_id, now=now,
        revision=mention.revision if revision is None else revision,
    )  # fmt: skip
    _write_down(session, caller, mention_id, mention.story_id, "correct", good, now, said)
    return ids


def undo(store: Store, caller: Caller, mention_id: int, correction_id: int, now: datetime) -> bool:
    """Take one correction back; return whether this call did it (doing it again changes nothing).

    Raises ``ForbiddenError`` or ``NotFoundError``.
    """
    with store.write() as session:
        return undo_in(session, caller, mention_id, correction_id, now)


def undo_in(
    session: Session, caller: Caller, mention_id: int, correction_id: int, now: datetime
) -> bool:
    """Do what ``undo`` does, within a transaction of the caller's."""
    caller.require(Action.ACT)
    mention = get_mention(session, mention_id, viewer_unit=caller.unit_scope)
    row = take_back(session, mention_id, correction_id, user_id=caller.user_id, now=now)
    if row is None:
        return False
    words = {Field(row.field): row.value}
    _write_down(session, caller, mention_id, mention.story_id, "correct_undo", words, now, "")
    return True


def _write_down(
    session: Session,
    caller: Caller,
    mention_id: int,
    story_id: int | None,
    action: str,
    words: Mapping[Field, Any],
    now: datetime,
    note: str,
) -> None:
    """Add a line to the audit trail and, where there is one, to the incident's timeline."""
    plain = {field.value: value for field, value in words.items()}
    users.note(
        session, now, caller.username, action, f"mention:{mention_id}", reason=note, data=plain
    )
    story = session.get(StoryRow, story_id) if story_id is not None else None
    if story is None or story.incident_id is None:
        return
    what = ", ".join(word("correction", field.value).lower() for field in words)
    verb = "chỉnh lại" if action == "correct" else "bỏ lần chỉnh"
    # The note stays out: a timeline travels further than the page it was written on.
    text = f"{caller.shown_name} {verb} cách đọc một tin: {what}."
    data = {"mention_id": mention_id, **plain}
    add_event(session, story.incident_id, now, "corrected", caller.shown_name, text, data)
