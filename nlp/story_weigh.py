"""The evidence for an item belonging to each of the stories near it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from nlp.story_copies import copied
from nlp.story_evidence import (
    Evidence,
    agree,
    agree_names,
    agree_places,
    overlap,
    rare_terms,
    share_names,
    trust,
)
from nlp.story_features import Features
from nlp.story_memory import DAY
from nlp.story_places import Places
from nlp.story_state import ActiveStory
from nlp.story_types import Id, StoryItem
from nlp.story_window import Entry, Query

STORIES = 4
ALIKE = 0.4


def weigh(
    item: StoryItem,
    query: Query,
    near: list[tuple[float, Entry]],
    stories: Mapping[Id, ActiveStory],
) -> list[tuple[Id, Evidence]]:
    """Return the evidence for each of the ``STORIES`` likeliest stories of the ``near`` members."""
    f, worth = query.f, trust(query.vector)
    tops: dict[Id, tuple[float, Entry]] = {}
    for value, entry in near:
        tops.setdefault(entry.story, (value, entry))
    result = []
    for story_id, (value, entry) in islice(tops.items(), STORIES):
        story = stories[story_id]
        profile = story.profile
        whole, covered, shared = overlap(query.vector, profile, entry.features)
        rare, apart, terms = rare_terms(shared, query.idf, f, entry.features)
        result.append((story_id, Evidence(
            nearest=value * worth,
            whole=whole * worth,
            covered=covered * worth,
            rare=rare,
            apart=apart,
            place=agree_places(f.places.provinces, profile.provinces),
            school=share_names(f.places.schools, profile.schools, profile.members),
            commune=agree_names(f.places.communes, profile.communes),
            units=agree(item.units, profile.units),
            topics=agree(item.topics, profile.topics),
            counts=len({c for c in item.counts if c > 2} & set(entry.counts)),
            days=min(abs(query.at - story.last), abs(query.at - entry.at)) / DAY,
            members=profile.members,
            talk=item.kind == "comment",
            terms=terms,
        )))  # fmt: skip
    return result


def original(f: Features, near: list[tuple[float, Entry]]) -> Entry | None:
    """Return the earliest of the ``near`` members of which ``f`` is a copy, if any."""
    copies = [
        entry
        for value, entry in near
        if value > ALIKE
        and copied(f.sketch, entry.features.sketch)
        and not _elsewhere(f.places, entry.features.places)
    ]
    return min(copies, key=lambda e: (e.at, str(e.id)), default=None)


def _elsewhere(mine: Places, theirs: Places) -> bool:
    """Return whether one form of words was filled with the names of two places."""
    return (
        agree(mine.provinces, dict.fromkeys(theirs.provinces, 1)) < 0
        or agree_names(mine.schools, dict.fromkeys(theirs.schools, 1)) < 0
    )
