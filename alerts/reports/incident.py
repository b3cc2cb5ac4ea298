"""One incident as the quick report and the dossier tell it; every word of a text is masked."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlmodel import Session

from alerts.chronicle import Chronicle
from alerts.chronicle.counts import Drift
from alerts.chronicler import story_chronicle
from alerts.reports.facts import (
    EventLine,
    EvidenceLine,
    IncidentFacts,
    Issuer,
    MentionLine,
    NoticeLine,
    NumberLine,
    PaperKind,
    Share,
    StatementLine,
    StepLine,
)
from alerts.reports.issuer import place_of
from alerts.reports.opinion import incident_line, mention_line, ranked, tones
from alerts.reports.statements import statement_lines
from langnghe.core.policy.model import Policy
from langnghe.core.store.queries import report_files as files
from langnghe.core.store.queries import reports as rows
from langnghe.core.store.queries.incidents import IncidentDetail, get_incident
from langnghe.core.types import Place, Profile
from langnghe.core.words import word
from nlp.shield import mask

_HARM = ("dead", "missing", "hospitalised", "poisoned", "injured", "absent", "money")
_TOP = 5
_KEPT = 300


def incident_facts(
    session: Session,
    kind: PaperKind,
    issuer: Issuer,
    incident_id: int,
    profile: Profile,
    policy: Policy,
    now: datetime,
    *,
    viewer_unit: str | None,
) -> IncidentFacts:
    """Return the facts of one incident. Raises NotFoundError, also outside the viewer's units.

    The numbers of opinion count the mentions of all its stories, those the viewer may see.
    """
    detail = get_incident(session, incident_id, viewer_unit=viewer_unit)
    row = detail.line.row
    told = story_chronicle(session, row.story_id, policy, now, viewer_unit=viewer_unit)
    counted = rows.tones_of_incident(session, incident_id)
    by_tone: Counter[str] = Counter()
    by_source: Counter[str] = Counter()
    for source, tone, n in counted:
        by_tone[tone] += n
        by_source[source or "không rõ nguồn"] += n
    firsts = rows.titled(session, rows.mentions_of_incident(session, incident_id, 1))
    first = next((mention_line(found) for found in firsts.values()), None)
    unit = profile.unit(row.unit_id)
    whole = kind is PaperKind.DOSSIER
    return IncidentFacts(
        kind=kind,
        issuer=issuer,
        as_of=now,
        line=incident_line(row, {row.unit_id: detail.line.unit_name}, policy),
        place=_place(place_of(unit, row.opened_at) if unit else None),
        topics=tuple(policy.topic_name(topic) for topic in row.topics if topic != "khac"),
        owner=row.owner,
        outcome=row.outcome,
        conclusion=shielded(row.conclusion),
        concluded_by=row.concluded_by,
        concluded_at=row.concluded_at,
        summary=_summary(told, row.summary),
        first=first,
        last_at=detail.story.last_at if detail.story else None,
        mentions=sum(by_tone.values()),
        voices=told.spread.independent if told else 0,
        phase=word("phase", told.phase.id) if told else "",
        tones=tones(by_tone),
        outlets=tuple(Share(name, n) for name, n in ranked(by_source.elements())[:_TOP]),
        numbers=_numbers(told),
        reasons=tuple(str(reason.get("text", "")) for reason in row.reasons),
        steps=_steps(detail, policy),
        events=tuple(EventLine(e.at, e.actor, shielded(e.text)) for e in detail.events),
        notices=_notices(session, incident_id, policy) if whole else (),
        evidence=_evidence(session, incident_id) if whole else (),
        statements=_statements(session, incident_id) if whole else (),
    )


def shielded(text: str) -> str:
    """Return what a person typed with children's names and classes covered.

    Texts of mentions are masked when they are read; notes of officers only where they leave.
    """
    return mask(text).text if text else ""


def _summary(told: Chronicle | None, kept: str) -> tuple[str, ...]:
    if told is not None and told.sentences:
        return tuple(sentence.text for sentence in told.sentences)
    return (kept,) if kept else ()


def _numbers(told: Chronicle | None) -> tuple[NumberLine, ...]:
    drifts = [d for d in told.drifts if d.kind in _HARM] if told else []
    return tuple(_number(drift) for drift in drifts)


def _number(drift: Drift) -> NumberLine:
    newest, official = drift.newest, drift.official
    noun = f" {drift.noun}" if drift.noun else ""
    return NumberLine(
        kind=word("fact", drift.kind),
        path=drift.path,
        shown=newest.shown + noun,
        source=newest.outlet,
        at=newest.at,
        official=official.shown + noun if official else None,
        official_at=official.at if official else None,
        disputed=drift.disputed,
    )


def _steps(detail: IncidentDetail, policy: Policy) -> tuple[StepLine, ...]:
    return tuple(
        StepLine(
            code=s.code,
            title=s.title,
            role=policy.role_name(s.role),
            due_at=s.due_at,
            done_at=s.done_at,
            done_by=s.done_by,
            note=shielded(" ".join(part for part in (s.note, s.document) if part)),
        )
        for s in detail.steps
    )


def _notices(session: Session, incident_id: int, policy: Policy) -> tuple[NoticeLine, ...]:
    return tuple(
        NoticeLine(
            at=n.created_at,
            purpose=n.purpose.partition(":")[0],
            role=policy.role_name(n.role),
            channel=n.channel,
            level_name=policy.level(n.level).name,
            state=n.state,
            sent_at=n.sent_at,
        )
        for n in rows.notices_of(session, incident_id)
    )


def _evidence(session: Session, incident_id: int) -> tuple[EvidenceLine, ...]:
    """Return what is kept: the originals of mentions, then attached files (never their bytes).

    A file's own name may name a child, so a file that may show one goes by its kind alone.
    """
    found = []
    for kept in files.kept_mentions(session, incident_id, _KEPT):
        line: MentionLine = mention_line(kept.mention)
        what = f"{line.source}: {line.title}"
        found.append(EvidenceLine(kept.seen_at, what, "bản lưu tin", kept.sha256, line.url or ""))
    for file in files.files_of(session, incident_id):
        step = f"việc {file.step_code}" if file.step_code else ""
        what = "Tệp có thể có hình ảnh trẻ em (chỉ xem tại hệ thống)"
        found.append(
            EvidenceLine(
                file.added_at, what if file.shows_child else shielded(file.name), file.media_type,
                file.sha256, step,
            )
        )  # fmt: skip
    return tuple(found)


def _statements(session: Session, incident_id: int) -> tuple[StatementLine, ...]:
    return statement_lines(session, files.statements_of(session, incident_id))


def _place(place: Place | None) -> str | None:
    if place is None:
        return None
    parts = (place.commune, place.district, place.province)
    return ", ".join(part for part in parts if part) or None
