"""The rim of assessing and acting: rows in, pure decisions, rows out.

Each sweep is idempotent: what it did not finish is still marked as due and found again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session

from alerts.actions import AddEvent
from alerts.attach import Matter, fingerprint, same_matter
from alerts.carry import STATE, Office, carry_out, incident_view, number, story_view
from alerts.deadlines import fire_deadlines
from alerts.decide import decide, would_open
from alerts.facts import StoryFacts
from alerts.gather import Past, gather, headline, outlet_tiers
from alerts.gist import phrases_of, story_gist
from alerts.outbox import tell
from alerts.risk import assess
from alerts.rules import calm
from langnghe.core.policy.model import Policy
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import (
    StoryMention,
    due_story_ids,
    gists_of,
    incidents_by_id,
    lock_acting,
    lock_incident,
    lock_story,
    past_incidents,
    recent_incidents,
    source_tiers,
    story_ids_of,
    story_mentions,
    strongest_story,
    take_stories,
    unit_tree,
)
from langnghe.core.store.tables import IncidentRow, StoryRow
from langnghe.core.types import Assessment, Profile

__all__ = ["act_due", "assess_due", "fire_deadlines", "tell"]
_FIRST = 5  # mentions of a story that say what it is about


def assess_due(store: Store, policy: Policy, now: datetime, limit: int = 200) -> int:
    """Weigh up to ``limit`` stories that changed; return how many (0 = nothing left).

    Reads only the mentions of those stories. A story that could matter to an incident becomes due
    for acting.
    """
    with store.read() as session:  # an idle sweep must not hold up a writer
        if not due_story_ids(session, "assess_due", 1):
            return 0
    with store.write() as session:
        stories = take_stories(session, "assess_due", limit)
        ids = [story.id for story in stories if story.id is not None]
        mentions = story_mentions(session, ids)
        tree, tiers, outlets = unit_tree(session), source_tiers(session), outlet_tiers(policy)
        past = [
            Past(own_id, unit, frozenset(topics), opened_at)
            for own_id, unit, topics, opened_at in past_incidents(
                session, now - policy.incident.history
            )
        ]
        own = incidents_by_id(session, (s.incident_id for s in stories if s.incident_id))
        for story in stories:
            told = mentions.get(story.id or 0, [])
            peak = _peak(own.get(story.incident_id or 0))
            facts, units = gather(
                told, policy, tree, tiers, outlets, now,
                past=past, incident_id=story.incident_id, peak=peak,
            )  # fmt: skip
            _save(story, told, facts, units, assess(facts, policy), policy, now)
    return len(stories)


def _save(
    story: StoryRow,
    mentions: Sequence[StoryMention],
    facts: StoryFacts,
    units: Sequence[str],
    found: Assessment,
    policy: Policy,
    now: datetime,
) -> None:
    again = calm(facts, policy).again_at
    reasons = [{**asdict(reason), "words": list(reason.words)} for reason in found.reasons]
    for reason in reasons:
        reason["mention_ids"] = list(reason["mention_ids"])
    story.title = headline(mentions) or story.title
    story.unit_id, story.units, story.topics = facts.unit_id, list(units), list(found.topics)
    story.source_count = len({m.voice for m in facts.mentions})
    story.level, story.score = int(found.level), found.score
    story.parts = {
        **found.points,
        "values": dict(found.parts),
        STATE: {
            "overrides": list(found.overrides),
            "unit_confidence": facts.unit_confidence,
            "again_at": again.isoformat() if again else None,
        },
    }
    story.reasons, story.nearest = reasons, found.nearest
    story.policy_version, story.assessed_at = found.policy_version, now
    story.assess_due = False
    if story.incident_id is not None or would_open(story_view(story), policy):
        story.gist = story_gist(mentions, story.gist)
        story.summary = next(iter(story.gist["sentences"]), "")
        story.act_due = True


def _peak(incident: IncidentRow | None) -> tuple[int, datetime | None]:
    if incident is None:
        return 0, None
    at = incident.parts.get(STATE, {}).get("peak_at")
    return incident.peak_level, datetime.fromisoformat(at) if at else incident.opened_at


def act_due(
    store: Store,
    policy: Policy,
    profile: Profile,
    settings: Settings,
    now: datetime,
    limit: int = 200,
) -> int:
    """Open, raise and update incidents for up to ``limit`` stories; return how many were seen to.

    Each story is one transaction: incident, steps, deadlines, timeline and messages together.
    """
    office = Office(policy, profile, settings)
    with store.read() as session:
        waiting = due_story_ids(session, "act_due", limit)
    for story_id in waiting:
        with store.write() as session:
            _act_on(session, office, story_id, now)
    return len(waiting)


def _act_on(session: Session, office: Office, story_id: int, now: datetime) -> None:
    lock_acting(session)
    story = lock_story(session, story_id)
    if story is None or not story.act_due:
        return
    story.act_due = False
    view = story_view(story)
    if story.incident_id is None:
        if not would_open(view, office.policy):
            return
        known = _known_matter(session, office, story, now)
        if known is None:
            opening = decide(view, None, office.policy, now)
            opened = carry_out(session, office, story, None, opening, now)
            if opened is not None:
                _retell(session, opened, story)
            return
        story.incident_id = known.id
        session.flush()
        text = f"Cụm tin «{story.title}» nói về cùng sự việc, nhập vào vụ việc này."
        carry_out(
            session, office, story, known,
            (AddEvent("attached", text, {"story_id": story_id}),), now,
        )  # fmt: skip
    if story.incident_id is None:
        raise RuntimeError("an attached story lost its incident")
    incident = lock_incident(session, story.incident_id)
    leading = strongest_story(session, story.incident_id) or story
    actions = decide(story_view(leading), incident_view(incident), office.policy, now)
    carry_out(session, office, leading, incident, actions, now)
    incident.title, incident.summary = leading.title, leading.summary
    _retell(session, incident, leading)


def _retell(session: Session, incident: IncidentRow, leading: StoryRow) -> None:
    """Let the incident tell what its leading story does, and who has spoken in any of its stories.

    Phrases are sought only here, so only for incidents, and only when the texts have changed.
    """
    mark = leading.gist.get("of")
    if leading.id is None or mark is None:
        return
    if incident.gist.get("of") == mark:
        phrases = incident.gist["phrases"]
    else:
        phrases = phrases_of(story_mentions(session, [leading.id])[leading.id])
    heard = [role for gist in gists_of(session, number(incident)) for role in gist["speakers"]]
    roles = list(dict.fromkeys([*leading.gist["speakers"], *heard]))
    incident.gist = {**leading.gist, "speakers": roles, "phrases": phrases}


def _known_matter(
    session: Session, office: Office, story: StoryRow, now: datetime
) -> IncidentRow | None:
    """Return the newest incident that the story belongs to, or ``None``."""
    rule = office.policy.incident
    candidates = [
        row
        for row in recent_incidents(session, now - rule.attach)
        if set(row.topics) & set(story.topics)
        # What began after the closing is a new matter and must ring again.
        and (row.closed_at is None or story.first_at <= row.closed_at)
    ]
    if not candidates or story.id is None or story.unit_id is None:
        return None
    stories = story_ids_of(session, [number(row) for row in candidates])
    wanted = [story.id, *(i for ids in stories.values() for i in ids)]
    texts: Mapping[int, list[tuple[str, str]]] = {
        story_id: [(m.title, m.text) for m in mentions]
        for story_id, mentions in story_mentions(session, wanted, per_story=_FIRST).items()
    }
    new = Matter(story.unit_id, tuple(story.topics), fingerprint(texts[story.id]))
    for row in reversed(candidates):
        said = [pair for i in stories.get(number(row), []) for pair in texts[i]]
        old = Matter(row.unit_id, tuple(row.topics), fingerprint(said))
        if same_matter(new, old, office.profile, rule.rare_terms):
            return row
    return None
