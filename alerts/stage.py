"""The rim of assessing and acting: rows in, pure decisions, rows out.

Each sweep is idempotent: what it did not finish is still marked as due and found again. A story
that cannot be weighed is set aside with a plain word why, and tried again when it grows; the others
go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

import structlog
from sqlmodel import Session

from alerts.acting import act_on, phrases_before
from alerts.carry import STATE, Office, story_view
from alerts.deadlines import fire_deadlines
from alerts.decide import would_open
from alerts.facts import Crowd, StoryFacts, Unusual
from alerts.forecast.model import WORTH
from alerts.forecast.signs import signs_of
from alerts.gather import COPY_SHARE, Past, gather, headline, is_digest, outlet_tiers
from alerts.gist import story_gist
from alerts.outbox import tell
from alerts.risk import assess
from alerts.rules import calm
from langnghe.core.errors import LangNgheError
from langnghe.core.policy.model import Policy
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store, apart
from langnghe.core.store.incidents import (
    StoryMention,
    due_story_ids,
    incidents_by_id,
    past_incidents,
    set_story_aside,
    source_tiers,
    take_stories,
    unit_tree,
)
from langnghe.core.store.tables import IncidentRow, StoryRow
from langnghe.core.store.watch import unusual
from langnghe.core.store.weighing import Loaded, Sight, load_stories
from langnghe.core.types import Assessment, Profile

__all__ = ["act_due", "assess_due", "fire_deadlines", "tell"]
log = structlog.get_logger(__name__)
ASIDE_ASSESS = "Không chấm được rủi ro của cụm tin này; chấm lại khi có tin mới."
ASIDE_ACT = "Không mở hoặc cập nhật được vụ việc của cụm tin này; thử lại khi có tin mới."


def assess_due(store: Store, policy: Policy, now: datetime, limit: int = 200) -> int:
    """Weigh up to ``limit`` stories that changed; return how many (0 = nothing left).

    Reads only mentions of those stories, of a very long one only those that decide. A story that
    could matter to an incident becomes due for acting.
    """
    with store.read() as session:  # an idle sweep must not hold up a writer
        if not due_story_ids(session, "assess_due", 1):
            return 0
    with store.write() as session:
        stories = take_stories(session, "assess_due", limit)
        sizes = {story.id: story.mention_count for story in stories if story.id is not None}
        loaded = load_stories(session, sizes, sight_of(policy, now))
        tree, tiers, outlets = unit_tree(session), source_tiers(session), outlet_tiers(policy)
        past = [
            Past(own_id, unit, frozenset(topics), opened_at)
            for own_id, unit, topics, opened_at in past_incidents(
                session, now - policy.incident.history
            )
        ]
        own = incidents_by_id(session, (s.incident_id for s in stories if s.incident_id))
        rare = _surprises(session, loaded.values())
        for story in stories:
            story_id = story.id or 0
            told = loaded.get(story_id, Loaded([]))
            try:
                with apart(session):
                    facts, units = gather(
                        told.mentions, policy, tree, tiers, outlets, now,
                        past=past,
                        incident_id=story.incident_id,
                        peak=_peak(own.get(story.incident_id or 0)),
                        scored=story.parts.get(STATE, {}).get("scored", 0),
                        rare=rare,
                        crowd=Crowd(**asdict(told.rest)),
                        links=told.links,
                        concluded_at=_concluded(own.get(story.incident_id or 0)),
                    )  # fmt: skip
                    found = assess(facts, policy)
                    _save(story, told.mentions, facts, units, found, policy, now)
            except LangNgheError:
                raise  # the house is at fault, not this story
            except Exception:
                # Undone to the savepoint: nothing half-weighed is written, the others stand.
                log.exception("story_broke", story=story_id, stage="assess")
                set_story_aside(session, story_id, ASIDE_ASSESS)
    return len(stories)


def sight_of(policy: Policy, now: datetime) -> Sight:
    """Return what the database must know to choose and count the mentions of a long story."""
    whens = [rule.when for rule in policy.overrides]
    kinds = {
        *policy.harm_facts,
        *policy.credibility.speakers,
        *(kind for when in whens for kind in (when.fact, when.with_fact, *when.any_fact) if kind),
        *(kind for rule in policy.ceilings for kind in rule.without_facts),
        *(rule.fact for rule in policy.cooldown.news if rule.fact),
    }
    return Sight(
        education_p=policy.score.live_education_p,
        grievance_p=policy.score.grievance_p,
        amiss_p=policy.credibility.amiss_p,
        recent_since=now - policy.score.velocity_window,
        copy_share=COPY_SHARE,
        kinds=tuple(sorted(kinds)),
        severity=policy.score.risk_severity,
    )


def _surprises(session: Session, loaded: Iterable[Loaded]) -> dict[str, list[Unusual]]:
    """Return what is unusual now about the units these stories speak of."""
    units = {unit for told in loaded for m in told.mentions for unit in m.units}
    return {
        unit: [
            Unusual(s.strength, s.seen, s.expected, s.topic or None, s.since, s.text.rstrip("."))
            for s in found
        ]
        for unit, found in unusual(session, units).items()
    }


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
    own = [m for m in mentions if not is_digest(m.title, policy)]
    story.title = headline(own) or headline(mentions) or story.title
    story.unit_id, story.units, story.topics = facts.unit_id, list(units), list(found.topics)
    story.source_count = len({m.voice for m in facts.mentions})
    story.level, story.score = int(found.level), found.score
    story.parts = {
        **found.points,
        "values": dict(found.parts),
        STATE: {
            "overrides": list(found.overrides),
            "unit_confidence": facts.unit_confidence,
            "unit_kind": facts.unit_kind,
            "again_at": again.isoformat() if again else None,
            "scored": found.scored,
            "news": dict(found.news),
        },
    }
    story.reasons, story.nearest = reasons, found.nearest
    story.credibility = asdict(found.credibility) if found.credibility else {}
    signs = signs_of(facts, found, policy)
    story.forecast = signs.to_json() if signs and signs.harm >= WORTH else {}
    story.policy_version, story.assessed_at = found.policy_version, now
    story.assess_due, story.set_aside = False, ""
    if story.incident_id is not None or would_open(story_view(story), policy):
        story.gist = story_gist(mentions, story.gist)
        story.summary = next(iter(story.gist["sentences"]), "")
        story.act_due = True


def _peak(incident: IncidentRow | None) -> tuple[int, datetime | None]:
    if incident is None:
        return 0, None
    at = incident.parts.get(STATE, {}).get("peak_at")
    return incident.peak_level, datetime.fromisoformat(at) if at else incident.opened_at


def _concluded(incident: IncidentRow | None) -> datetime | None:
    return incident.concluded_at if incident is not None else None


def act_due(
    store: Store,
    policy: Policy,
    profile: Profile,
    settings: Settings,
    now: datetime,
    limit: int = 200,
) -> int:
    """Open, raise and update incidents for up to ``limit`` stories; return how many were seen to.

    Each story is one transaction: incident, steps, deadlines, timeline and messages together. One
    that breaks is set aside, its transaction undone; a fault of the house is raised.
    """
    office = Office(policy, profile, settings)
    with store.read() as session:
        waiting = due_story_ids(session, "act_due", limit)
    for story_id in waiting:
        try:
            with store.read() as session:
                phrases = phrases_before(session, story_id)
            with store.write() as session:
                act_on(session, office, story_id, now, phrases)
        except LangNgheError:
            raise  # a database or setting that refuses would refuse the next one too
        except Exception:
            log.exception("story_broke", story=story_id, stage="act")
            with store.write() as session:
                set_story_aside(session, story_id, ASIDE_ACT)
    return len(waiting)
