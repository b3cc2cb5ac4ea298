"""The mentions of a story that weighing needs, at a cost that does not grow with the story.

A story of ten thousand comments is not read again for every new one. The database counts the crowd
and names the few hundred mentions that can decide anything: the first and the latest, the worst,
every outlet, whoever states a harm, and the words of offices. Below ``cap`` a story is read whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from langnghe.core.store.incidents import (
    LINK,
    MEMBER,
    MENTION,
    READING,
    StoryMention,
    story_mentions,
)

CAP = 400
"""A story of more mentions than this is read in part."""
_FEW, _SOME, _MANY = 20, 60, 100


@dataclass(frozen=True, slots=True)
class Sight:
    """What decides whether a mention counts; the playbook's numbers, as the database needs them.

    ``kinds`` are the facts a rule asks for, ``severity`` the weight of each risk label.
    """

    education_p: float
    grievance_p: float
    amiss_p: float
    recent_since: datetime
    copy_share: float
    kinds: tuple[str, ...]
    severity: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """What of a story was only counted: see ``alerts.facts.Crowd`` for the numbers."""

    live: int = 0
    comments: int = 0
    copies: int = 0
    recent: int = 0
    grievances: int = 0


@dataclass(frozen=True, slots=True)
class Loaded:
    """A story's mentions, oldest first; ``rest`` and ``links`` are there when it was read in part.

    ``links`` is (weight, best confidence) by unit over all mentions.
    """

    mentions: list[StoryMention]
    rest: Rest = Rest()
    links: Mapping[str, tuple[float, float]] | None = None


def load_stories(
    session: Session, sizes: Mapping[int, int], sight: Sight, *, cap: int = CAP
) -> dict[int, Loaded]:
    """Return each story's mentions; ``sizes`` is how many mentions each of them has."""
    short = [story_id for story_id, size in sizes.items() if size <= cap]
    found = {
        story_id: Loaded(mentions) for story_id, mentions in story_mentions(session, short).items()
    }
    for story_id in sizes.keys() - found.keys():
        found[story_id] = _load_long(session, story_id, sight)
    return found


def _load_long(session: Session, story_id: int, sight: Sight) -> Loaded:
    light = _light(story_id, sight)
    ids = sorted(session.scalars(_picked(light)))
    c = light.c
    left = session.execute(
        sa.select(
            _count(sa.true()),
            _count(c.comment & ~c.copy & c.amiss),
            _count(c.copy & c.amiss),
            _count(c.comment & ~c.copy & c.recent & c.amiss),
            _count(c.comment & ~c.copy & c.complains),
        ).where(c.live, c.id.not_in(ids))
    ).one()
    mentions = story_mentions(session, [story_id], only=ids)[story_id]
    return Loaded(mentions, Rest(*(int(n) for n in left)), _links(session, story_id, sight))


def _light(story_id: int, sight: Sight) -> Any:
    """One pass over the story: of each mention only what chooses and counts it."""
    risk = [sa.func.coalesce(READING.c.risk_p[n].as_float(), 1.0 if n == 0 else 0.0)
            for n in range(4)]  # fmt: skip
    at = sa.case(
        (MENTION.c.published_at < MENTION.c.seen_at, MENTION.c.published_at),
        else_=MENTION.c.seen_at,
    )
    grave: Any = sum(p * weight for p, weight in zip(risk, sight.severity, strict=True))
    said = sa.cast(READING.c.facts, sa.Text)
    return (
        sa.select(
            MENTION.c.id,
            MENTION.c.seen_at,
            MENTION.c.source_id,
            MENTION.c.source_name,
            at.label("at"),
            (at > sight.recent_since).label("recent"),
            (MENTION.c.kind == "comment").label("comment"),
            MEMBER.c.copy_of.is_not(None).label("copy"),
            READING.c.stance,
            (
                (READING.c.about_education_p >= sight.education_p)
                & (READING.c.scope != "foreign")
                & READING.c.stance.not_in(("deny", "correct"))
            ).label("live"),
            (1.0 - risk[0] >= sight.grievance_p).label("complains"),
            ((1.0 - risk[0] >= sight.grievance_p) | (risk[2] + risk[3] >= sight.amiss_p)).label(
                "amiss"
            ),
            (risk[2] + risk[3]).label("harm"),
            risk[3].label("crisis"),
            grave.label("grave"),
            sa.or_(
                sa.false(), *(said.contains(f'"{kind}"', autoescape=True) for kind in sight.kinds)
            ).label("states"),
        )
        .join(MEMBER, MEMBER.c.mention_id == MENTION.c.id)
        .join(READING, READING.c.mention_id == MENTION.c.id)
        .where(MEMBER.c.story_id == story_id)
        .cte("light")
    )


def _picked(light: Any) -> Any:
    """The ids of the mentions that can decide something."""
    c = light.c
    own = ~c.copy
    # One of each outlet, however many there are: who speaks is never a matter of counting alone.
    voices = (
        sa.select(sa.func.min(c.id).label("id"))
        .where(own, ~c.comment)
        .group_by(c.source_id, c.source_name)
        .order_by(sa.literal_column("1"))
        .limit(2 * _MANY)
    )

    def first(where: Any, *order: Any, limit: int) -> Any:
        return sa.select(c.id).where(where).order_by(*order, c.id).limit(limit)

    office = c.stance.in_(("deny", "correct", "conclude"))
    picks = [
        voices,
        first(sa.true(), c.seen_at, limit=_SOME),
        first(own & ~c.comment, c.seen_at, limit=_SOME),
        first(own, c.at.desc(), limit=_SOME),
        first(c.stance.in_(("report", "confirm")) & own, c.at.desc(), limit=_FEW),
        *(
            first(c.live & kind, value.desc(), limit=limit)
            for value, limit in ((c.harm, _SOME), (c.crisis, _FEW), (c.grave, _FEW))
            for kind in (own & ~c.comment, sa.true())
        ),
        first(c.live & c.states, c.harm.desc(), limit=_MANY),
        first(office, c.at, limit=_SOME),
        first(office, c.at.desc(), limit=_FEW),
    ]
    return sa.union(*(sa.select(pick.subquery().c.id) for pick in picks))


def _count(condition: Any) -> Any:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _links(session: Session, story_id: int, sight: Sight) -> dict[str, tuple[float, float]]:
    """Return (weight, best confidence) by unit over all mentions of the story."""
    share = sa.case((MEMBER.c.copy_of.is_(None), 1.0), else_=sight.copy_share)
    query = (
        sa.select(
            LINK.c.unit_id,
            sa.func.sum(LINK.c.confidence * share).label("weight"),
            sa.func.max(LINK.c.confidence).label("best"),
        )
        .join(MEMBER, MEMBER.c.mention_id == LINK.c.mention_id)
        .where(MEMBER.c.story_id == story_id)
        .group_by(LINK.c.unit_id)
    )
    return {row.unit_id: (float(row.weight), float(row.best)) for row in session.execute(query)}
