"""A story of many mentions is read in part, counted in whole, and weighed the same."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.facts import Crowd, StoryFacts
from alerts.gather import gather
from alerts.risk import assess
from alerts.stage import sight_of
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import source_tiers, unit_tree
from langnghe.core.store.tables import (
    DONE,
    MentionRow,
    MentionUnitRow,
    ReadingRow,
    StoryMentionRow,
    StoryRow,
)
from langnghe.core.store.weighing import CAP, Loaded, load_stories
from tests.alerts.town import ALERT, COMMUNE, MEAL, POLICY, SCHOOL, T0, WATCH, Room

NEWS, TALK, COPIES = 30, 900, 80


@pytest.fixture
def room(any_store: Store, tmp_path: Path) -> Room:
    return Room(any_store, tmp_path)


def crowd(room: Room, *, first: int = 1_000, talk: int = TALK, story: int | None = None) -> int:
    """Store a story of newspapers, reposts and many comments; return it."""
    number = story or room.press.story("Bữa ăn ở Trường Tiểu học Suối Mơ")
    mentions, readings, members, links = [], [], [], []
    for n in range(NEWS + COPIES + talk if story is None else talk):
        own = n + first
        kind = "comment" if story is not None or n >= NEWS + COPIES else "news"
        copied = kind == "news" and n >= NEWS
        risk_p = [list(WATCH), [0.7, 0.2, 0.08, 0.02], list(ALERT)][n % 3]
        at = T0 + timedelta(minutes=n)
        mentions.append({
            "id": own, "key": f"k{own}", "kind": kind, "source_name": f"Nơi {n % 13}",
            "published_at": at - timedelta(minutes=n % 4), "seen_at": at, "title": None,
            "text": "x", "content_hash": f"h{own}", "stage": DONE, "story_id": number,
            "about_education": True,
        })  # fmt: skip
        facts = [{"kind": "hospitalised", "value": 4.0, "span": [0, 1], "text": "4 em"}]
        readings.append({
            "mention_id": own, "revision": 1, "model": "m", "about_education": True,
            "about_education_p": 0.9 if n % 7 else 0.3, "scope": "vn" if n % 11 else "foreign",
            "sentiment": "neg", "sentiment_p": {}, "units": [],
            "topics": [{"topic": MEAL, "p": 0.8, "evidence": []}], "risk": 1, "risk_p": risk_p,
            "stance": ["report", "comment", "deny", "confirm"][n % 4],
            "facts": facts if n % 50 == 5 else [], "masked_title": "", "masked_text": "x",
        })  # fmt: skip
        members.append({"story_id": number, "mention_id": own, "at": at,
                        "copy_of": first if copied else None})  # fmt: skip
        unit = SCHOOL.id if n % 3 else COMMUNE.id
        links.append({"mention_id": own, "unit_id": unit, "confidence": 0.6 + n % 4 / 10})
    with room.store.write() as session:
        for table, rows in ((MentionRow, mentions), (ReadingRow, readings),
                           (StoryMentionRow, members), (MentionUnitRow, links)):  # fmt: skip
            session.execute(sa.insert(table), rows)
        size = StoryRow.mention_count + len(members)
        session.execute(sa.update(StoryRow).values(mention_count=size, assess_due=True))
    return number


def weighed(room: Room, story: int, *, cap: int) -> tuple[Loaded, StoryFacts]:
    now = T0 + timedelta(hours=20)
    with room.store.read() as session:
        size = next(iter(session.scalars(sa.select(StoryRow)))).mention_count
        told = load_stories(session, {story: size}, sight_of(POLICY, now), cap=cap)[story]
        tree, tiers = unit_tree(session), source_tiers(session)
    facts, _ = gather(told.mentions, POLICY, tree, tiers, {}, now,
                      crowd=Crowd(**asdict(told.rest)), links=told.links)  # fmt: skip
    return told, facts


def test_read_in_part_it_weighs_what_it_weighs_in_whole(room: Room) -> None:
    story = crowd(room)
    whole, all_facts = weighed(room, story, cap=10**6)
    part, few_facts = weighed(room, story, cap=CAP)
    assert len(whole.mentions) == NEWS + COPIES + TALK
    assert len(part.mentions) < CAP + 200
    assert part.rest.live > 0
    one, other = assess(all_facts, POLICY), assess(few_facts, POLICY)
    assert (one.level, one.score, one.points) == (other.level, other.score, other.points)
    assert one.overrides == other.overrides
    assert one.topics == other.topics
    assert one.news == other.news
    assert one.credibility == other.credibility
    assert few_facts.unit_id == all_facts.unit_id
    assert few_facts.unit_confidence == all_facts.unit_confidence


def test_a_growing_crowd_never_lowers_and_is_never_read_whole(room: Room) -> None:
    story = crowd(room)
    before, facts = weighed(room, story, cap=CAP)
    first = assess(facts, POLICY)
    crowd(room, first=10_000, talk=2_000, story=story)
    after, grown = weighed(room, story, cap=CAP)
    assert assess(grown, POLICY).score >= first.score
    assert len(after.mentions) < len(before.mentions) + 200
    room.sweep(T0 + timedelta(hours=40))
    assert room.incident().level >= 1
