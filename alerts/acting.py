"""Act on one story: find the incident it belongs to, decide, and write all of it at once.

What is slow (cutting texts into words for key phrases) is done before the transaction opens, so
that nobody waits for the lock meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from alerts.actions import AddEvent
from alerts.attach import Matter, fingerprint, same_matter
from alerts.carry import Office, carry_out, incident_view, number, story_view
from alerts.decide import decide, would_open
from alerts.gist import phrases_of
from langnghe.core.store.hand import unrelated_to
from langnghe.core.store.incidents import (
    gists_of,
    incident_of_event,
    incidents_by_id,
    lock_acting,
    lock_incident,
    lock_story,
    recent_incidents,
    story_ids_of,
    story_mentions,
    strongest_story,
    survivor_of,
)
from langnghe.core.store.tables import IncidentRow, StoryRow

_FIRST = 5  # mentions of a story that say what it is about
_TOLD = 20  # mentions of a story that its key phrases are taken from
Phrases = Mapping[str, list[str]]
"""Key phrases by the mark of the texts they were found in (``of`` of a gist)."""


def phrases_before(session: Session, story_id: int) -> Phrases:
    """Return the key phrases acting on the story will want, where they are not known yet.

    About 0.2 seconds where something must be looked for, else nothing; writes nothing.
    """
    story = session.get(StoryRow, story_id)
    if story is None:
        return {}
    own = incidents_by_id(session, [story.incident_id] if story.incident_id else [])
    incident = own.get(story.incident_id or 0)
    leading = strongest_story(session, number(incident)) if incident is not None else None
    told = leading or story
    mark = told.gist.get("of")
    if (
        told.id is None
        or mark is None
        or (incident is not None and incident.gist.get("of") == mark)
    ):
        return {}
    mentions = story_mentions(session, [told.id], per_story=_TOLD)[told.id]
    return {mark: phrases_of(mentions)}


def act_on(
    session: Session, office: Office, story_id: int, now: datetime, phrases: Phrases
) -> None:
    """Open, raise or update the incident of a story that is due, in the caller's transaction."""
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
            opening = decide(view, None, office.at(story.unit_id).policy, now)
            opened = carry_out(session, office, story, None, opening, now)
            if opened is not None:
                _retell(session, opened, story, phrases)
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
    here = office.at(incident.unit_id)
    actions = decide(story_view(leading), incident_view(incident), here.policy, now)
    carry_out(session, office, leading, incident, actions, now)
    incident.title, incident.summary = leading.title, leading.summary
    _retell(session, incident, leading, phrases)


def _retell(session: Session, incident: IncidentRow, leading: StoryRow, phrases: Phrases) -> None:
    """Let the incident tell what its leading story does, and who has spoken in any of its stories.

    Where the leading story turned out to be another one than was looked at before, its phrases are
    found on the next round; until then the incident keeps those it has.
    """
    mark = leading.gist.get("of")
    if leading.id is None or mark is None:
        return
    known, said = incident.gist.get("of"), list(incident.gist.get("phrases", ()))
    if known != mark and mark in phrases:
        known, said = mark, list(phrases[mark])
    elif known != mark:
        leading.act_due = True
    heard = [role for gist in gists_of(session, number(incident)) for role in gist["speakers"]]
    roles = list(dict.fromkeys([*leading.gist["speakers"], *heard]))
    incident.gist = {**leading.gist, "of": known or "", "speakers": roles, "phrases": said}


def _known_matter(
    session: Session, office: Office, story: StoryRow, now: datetime
) -> IncidentRow | None:
    """Return the newest incident that the story belongs to, or ``None``.

    Stories of one affair are one matter, whatever they call it and however long it lasts.
    """
    apart = unrelated_to(session, story.id) if story.id is not None else set()
    same = incident_of_event(session, story)
    if same is not None:
        same = survivor_of(session, same)
        told = story_ids_of(session, [number(same)]).get(number(same), [])
        if not apart & {same.story_id, *told}:
            return same
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
        if apart & {row.story_id, *stories.get(number(row), [])}:
            continue  # a person has said that these are two matters
        said = [pair for i in stories.get(number(row), []) for pair in texts[i]]
        old = Matter(row.unit_id, tuple(row.topics), fingerprint(said))
        if same_matter(new, old, office.profile, rule.rare_terms):
            return survivor_of(session, row)
    return None
