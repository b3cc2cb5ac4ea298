"""What may be asked of a mention, and the condition each wish makes of one row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from langnghe.core.store.queries import scope
from langnghe.core.store.queries.scope import MENTION, STORY
from langnghe.core.store.search import Query
from langnghe.core.store.tables import NEW, ReadingRow, TriageMarkRow

READING: sa.Table = ReadingRow.__table__  # type: ignore[attr-defined]
MARK: sa.Table = TriageMarkRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class MentionFilter:
    """What to list. ``viewer_unit`` bounds by rights, ``unit`` by wish.

    ``desk`` is whose marks count ("" the whole house, ``None`` nobody's): ``seen`` asks for what
    was (not) looked at, ``starred`` for what was starred, ``noise`` for noise alone or for all but
    it.
    """

    viewer_unit: str | None = None
    query: Query | None = None
    unit: str | None = None
    topic: str | None = None
    sentiment: str | None = None
    level: int | None = None
    source: str | None = None
    kind: str | None = None
    story_id: int | None = None
    incident_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    everything: bool = False
    stance: str | None = None
    desk: str | None = None
    seen: bool | None = None
    starred: bool = False
    noise: bool | None = None


def conditions(wanted: MentionFilter, settled: frozenset[str]) -> list[sa.ColumnElement[bool]]:
    """Return what is still to be held against each row of a window."""
    found: list[sa.ColumnElement[bool]] = []

    def ask(name: str, asked: object, condition: Callable[[], sa.ColumnElement[bool]]) -> None:
        if asked and name not in settled:
            found.append(condition())

    if not wanted.everything:
        # While it is being read nobody knows, so it is shown.
        found.append(MENTION.c.about_education.is_not(False))
    if wanted.query is not None:
        found.append(MENTION.c.stage > NEW)
    if wanted.level is not None and "level" not in settled:
        found.append(STORY.c.level == wanted.level)
    ask("kind", wanted.kind, lambda: MENTION.c.kind == wanted.kind)
    ask("sentiment", wanted.sentiment, lambda: READING.c.sentiment == wanted.sentiment)
    ask("stance", wanted.stance, lambda: READING.c.stance == wanted.stance)
    ask(
        "topic",
        wanted.topic,
        lambda: has_json_word(READING.c.topics, f'"topic": "{wanted.topic}"'),
    )
    ask(
        "source",
        wanted.source,
        lambda: sa.or_(
            MENTION.c.source_id == wanted.source, MENTION.c.source_name == wanted.source
        ),
    )
    ask("unit", wanted.unit, lambda: scope.mention_about(wanted.unit or ""))
    ask("time", wanted.since, lambda: MENTION.c.seen_at >= wanted.since)
    ask("time", wanted.until, lambda: MENTION.c.seen_at < wanted.until)
    found += _triaged(wanted)
    if wanted.viewer_unit is not None:
        found.append(scope.mention_in(wanted.viewer_unit))
    return found


def _triaged(wanted: MentionFilter) -> list[sa.ColumnElement[bool]]:
    if wanted.desk is None:
        return []
    mine = (MARK.c.unit_id == wanted.desk) & (MARK.c.mention_id == MENTION.c.id)
    found: list[sa.ColumnElement[bool]] = []
    if wanted.seen is not None:
        looked = sa.exists().where(mine, MARK.c.seen)
        found.append(looked if wanted.seen else ~looked)
    if wanted.starred:
        found.append(sa.exists().where(mine, MARK.c.starred))
    if wanted.noise is not None:
        noise = sa.exists().where(mine, MARK.c.noise)
        found.append(noise if wanted.noise else ~noise)
    return found


def has_json_word(column: sa.ColumnElement[Any], word: str) -> sa.ColumnElement[bool]:
    """Look for ``word`` in the text of a JSON column, the same way on both databases."""
    return sa.cast(column, sa.Text).contains(word, autoescape=True)
