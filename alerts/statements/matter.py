"""What a statement is about, as it stands at the moment of asking: its topics and what checks need.

Read anew at every act, because a matter may have turned graver since the text was drafted.
"""

from __future__ import annotations

from sqlmodel import Session

from alerts.statements.findings import CheckContext
from langnghe.core.policy.statement_templates import load_templates
from langnghe.core.store.statements import contacts_of, unit_facts
from langnghe.core.store.tables import IncidentRow, MentionRow, ReadingRow, StatementRow, StoryRow


def whole_text(row: StatementRow) -> str:
    """Return title and text as they are checked together."""
    return f"{row.title}\n\n{row.text}"


def topics_of(session: Session, row: StatementRow) -> tuple[str, ...]:
    """Return the topics of a text: as drafted, and those its matter has come to have since.

    A matter that turns out to be graver must not go out under a delegation for the lighter one.
    """
    incident = session.get(IncidentRow, row.incident_id) if row.incident_id else None
    story = session.get(StoryRow, row.story_id) if row.story_id and incident is None else None
    corrected = session.get(StatementRow, row.corrects_id) if row.corrects_id else None
    found = [*row.topics]
    for one in (incident, story, corrected):
        found += one.topics if one is not None else []
    return tuple(dict.fromkeys(found))


def context_of(session: Session, row: StatementRow) -> CheckContext:
    """Return what the checks must know of a statement's matter."""
    templates = load_templates()
    template = templates.template(row.template)
    incident = session.get(IncidentRow, row.incident_id) if row.incident_id else None
    allowed = [
        str(row.fields.get(f.id, "")) for f in template.fields if f.kind in ("person", "phone")
    ]
    for contact in contacts_of(session, unit_facts(session, row.unit_id).chain):
        allowed += [value for value in (contact.name, contact.phone, contact.email) if value]
    headlines = []
    story_id = row.story_id or (incident.story_id if incident else None)
    story = session.get(StoryRow, story_id) if story_id else None
    if story is not None:
        headlines.append(story.title)
    if row.mention_id is not None:
        mention = session.get(MentionRow, row.mention_id)
        reading = session.get(ReadingRow, row.mention_id)
        headlines += [
            mention.title or "" if mention else "",
            reading.masked_title if reading else "",
        ]
    return CheckContext(
        template=template,
        topics=topics_of(session, row),
        concluded=incident is not None and incident.concluded_at is not None,
        headlines=tuple(one for one in headlines if one),
        allowed=tuple(allowed),
    )
