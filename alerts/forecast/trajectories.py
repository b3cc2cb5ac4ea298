"""Live a stored story again: what it showed at each moment, and how high it stood later.

Weighing is a pure function of the mentions so far, so the past need not have been written down.
Moments are the arrivals of own reports and, in silence, some hours after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from alerts.forecast.model import FIRST_HOURS, HOURS, TARGETS, WORTH, Key
from alerts.forecast.signs import Signs, age, signs_of
from alerts.gather import gather, outlet_tiers
from alerts.risk import assess
from langnghe.core.policy.model import Policy
from langnghe.core.store.incidents import (
    KnownUnit,
    StoryMention,
    source_tiers,
    story_mentions,
    unit_tree,
)

QUIET = tuple(timedelta(hours=h) for h in (1, 3, 6, 12))
LONGEST = 60
"""Mentions of one story that are lived again; what comes after the sixtieth changes no level."""
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """One story at one hour; ``rose`` says for each (level, hours) whether it got there in time.

    Targets at or below the level it already had are left out.
    """

    story: int
    at: datetime
    signs: Signs
    rose: dict[Key, bool]

    def renumbered(self, story: int) -> Moment:
        """Return the same moment under another story number."""
        return replace(self, story=story)


@dataclass(frozen=True, slots=True)
class _Stand:
    at: datetime
    signs: Signs
    peak: int


def moments(session: Session, story_ids: Sequence[int], policy: Policy) -> Iterator[Moment]:
    """Yield the moments of stored stories, story by story, each in time order."""
    tree, tiers, outlets = unit_tree(session), source_tiers(session), outlet_tiers(policy)
    for start in range(0, len(story_ids), _BATCH):
        batch = story_ids[start : start + _BATCH]
        for story, mentions in story_mentions(session, batch, per_story=LONGEST).items():
            stands: list[_Stand] = []
            for count, mention in enumerate(mentions, start=1):
                after = mentions[count] if count < len(mentions) else None
                if mention.copy or (after and after.seen_at == mention.seen_at):
                    continue
                stand = _stand(mentions[:count], policy, tree, tiers, outlets, stands)
                if stand is not None:
                    stands.append(stand)
            yield from _of_story(story, stands)


def _stand(
    mentions: Sequence[StoryMention],
    policy: Policy,
    tree: Mapping[str, KnownUnit],
    tiers: Mapping[str, tuple[int, str]],
    outlets: Mapping[str, int],
    before: Sequence[_Stand],
) -> _Stand | None:
    now = mentions[-1].seen_at
    facts, _ = gather(mentions, policy, tree, tiers, outlets, now)
    found = assess(facts, policy)
    signs = signs_of(facts, found, policy)
    if signs is None:
        return None
    return _Stand(now, signs, max(int(found.level), before[-1].peak if before else 0))


def _of_story(story: int, stands: Sequence[_Stand]) -> Iterator[Moment]:
    for number, stand in enumerate(stands):
        later = stands[number + 1 :]
        until = later[0].at if later else None
        for wait in (timedelta(0), *QUIET):
            now = stand.at + wait
            if until is not None and now >= until:
                break
            if stand.signs.harm < WORTH or age(stand.signs, now) > FIRST_HOURS:
                break
            rose = {
                (level, hours): _reached(later, level, now, hours)
                for level in TARGETS
                for hours in HOURS
                if level > stand.peak
            }
            if rose:
                yield Moment(story, now, stand.signs, rose)


def _reached(later: Iterable[_Stand], level: int, now: datetime, hours: int) -> bool:
    end = now + timedelta(hours=hours)
    return any(stand.peak >= level and now < stand.at <= end for stand in later)
