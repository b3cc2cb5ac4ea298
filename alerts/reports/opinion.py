"""What was said in a period and how soon it was answered: the facts of digest, week and month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from sqlmodel import Session

from alerts.reports.facts import (
    DayCount,
    IncidentLine,
    Issuer,
    MentionLine,
    OpinionFacts,
    PaperKind,
    Period,
    Response,
    Share,
    StoryLine,
    Tones,
)
from langnghe.core.clock import hanoi
from langnghe.core.policy.model import Policy
from langnghe.core.store.queries import reports as rows
from langnghe.core.store.queries.reports import SeenRow, Titled
from langnghe.core.store.queries.system import list_sources
from langnghe.core.store.tables import IncidentRow

GOOD = "hoat_dong_tich_cuc"
_NO_TOPIC = "khac"
_STORIES = 10
_GOOD = 8
_NAMED = 10
_LEAD = 160
_DEAF = ("failing", "refused", "malformed", "silent")


def opinion_facts(
    session: Session,
    kind: PaperKind,
    issuer: Issuer,
    period: Period,
    policy: Policy,
    now: datetime,
    *,
    scope_unit: str | None,
) -> OpinionFacts:
    """Return the facts of a period for one unit's subtree (``scope_unit`` None: of everything).

    A period that is not over is counted until ``now``. The rows read are those of this period and,
    by tone alone, of the one before.
    """
    until = min(period.until, now)
    length = period.until - period.since
    seen = list(rows.seen_between(session, scope_unit, period.since, until))
    # A running period is held against as long a stretch before it.
    before_until = min(period.since, until - length)
    topics_before = _topics(rows.seen_between(
        session, scope_unit, period.since - length, before_until
    )) if kind is not PaperKind.DIGEST else None  # fmt: skip
    opened = rows.incidents_opened(session, scope_unit, period.since, until)
    standing = rows.incidents_standing(session, scope_unit)
    names = rows.unit_names(session, sorted({row.unit_id for row in [*opened, *standing]}))
    heard = [source for source in list_sources(session) if source.enabled]
    good = [row for row in seen if row.sentiment == "pos" and GOOD in _topic_ids(row)]
    stories, good_lines = _named(session, seen, good, policy)
    return OpinionFacts(
        kind=kind,
        issuer=issuer,
        as_of=now,
        period=period,
        tones=tones(Counter(row.sentiment for row in seen)),
        tones_before=tones(
            rows.tones_between(session, scope_unit, period.since - length, before_until)
        ),
        sources=len({row.source for row in seen if row.source}),
        days=_days(seen, period.since, until),
        topics=_shares(_topics(seen), policy, topics_before),
        outlets=tuple(
            Share(name, n) for name, n in ranked(row.source or "" for row in seen if row.source)
        )[:_NAMED],
        stories=stories,
        good=good_lines,
        good_count=len(good),
        levels=_levels(opened, policy),
        incidents=tuple(incident_line(row, names, policy) for row in opened),
        standing=tuple(incident_line(row, names, policy) for row in standing),
        responses=_responses(opened, policy),
        sources_on=len(heard),
        sources_bad=tuple(source.name for source in heard if source.state in _DEAF),
    )


def incident_line(row: IncidentRow, names: Mapping[str, str], policy: Policy) -> IncidentLine:
    """Return an incident as a paper lists it."""
    if row.id is None:
        raise RuntimeError("a stored row has an id")
    return IncidentLine(
        incident_id=row.id,
        title=row.title,
        unit=names.get(row.unit_id, ""),
        level=row.level,
        level_name=policy.level(row.level).name,
        peak_name=policy.level(row.peak_level).name,
        state=row.state,
        verification=row.verification,
        opened_at=row.opened_at,
        acknowledged_at=row.acknowledged_at,
        closed_at=row.closed_at,
    )


def mention_line(found: Titled) -> MentionLine:
    """Return a mention as a paper names it; a comment without a title is named by its words."""
    body = found.text.removeprefix(found.title).removeprefix(". ").strip()
    return MentionLine(
        mention_id=found.id,
        title=found.title or cut(body, 120),
        source=found.source or "không rõ nguồn",
        at=found.at,
        url=found.url,
        lead=cut(body, _LEAD) if found.title else "",
    )


def tones(counts: Mapping[str, int]) -> Tones:
    """Return counts by tone; a tone that is none of the three is left out."""
    return Tones(counts.get("neg", 0), counts.get("neu", 0), counts.get("pos", 0))


def ranked(names: Iterable[str]) -> list[tuple[str, int]]:
    """Return names by how often they come, ties by name, so that two papers agree."""
    return sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))


def cut(text: str, most: int) -> str:
    """Return at most ``most`` characters, ended at a word."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0].rstrip(" ,;:.–-") + "…"


def _topic_ids(row: SeenRow) -> list[str]:
    return [str(hit["topic"]) for hit in row.parsed_topics() if float(hit.get("p", 1)) >= 0.5]


def _topics(seen: Iterable[SeenRow]) -> Counter[str]:
    return Counter(topic for row in seen for topic in _topic_ids(row))


def _shares(counts: Counter[str], policy: Policy, before: Counter[str] | None) -> tuple[Share, ...]:
    ids = sorted(set(counts) - {_NO_TOPIC}, key=lambda t: (-counts[t], policy.topic_name(t)))
    return tuple(
        Share(policy.topic_name(t), counts[t], None if before is None else before[t])
        for t in ids[:_NAMED]
    )


def _days(seen: Sequence[SeenRow], since: datetime, until: datetime) -> tuple[DayCount, ...]:
    total = Counter(hanoi(row.seen_at).date() for row in seen)
    negative = Counter(hanoi(row.seen_at).date() for row in seen if row.sentiment == "neg")
    found, day = [], hanoi(since).date()
    last = hanoi(until - timedelta(microseconds=1)).date()
    while day <= last:
        found.append(DayCount(day, total[day], negative[day]))
        day += timedelta(days=1)
    return tuple(found)


def _named(
    session: Session, seen: Sequence[SeenRow], good: Sequence[SeenRow], policy: Policy
) -> tuple[tuple[StoryLine, ...], tuple[MentionLine, ...]]:
    """Return the stories most told of and the good news, by what each was first told by."""
    counts = Counter(row.story_id for row in seen if row.story_id is not None)
    negative = Counter(
        row.story_id for row in seen if row.story_id is not None and row.sentiment == "neg"
    )
    firsts: dict[int, SeenRow] = {}
    for row in seen:
        if row.story_id is not None:
            firsts.setdefault(row.story_id, row)
    bright = {row.story_id or -row.id: row for row in reversed(good)}
    best = sorted(bright.values(), key=lambda r: (-counts[r.story_id or 0], r.seen_at, r.id))[
        :_GOOD
    ]
    shown_well = {row.story_id for row in best}
    top = [
        (story, n)
        for story, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        if story not in shown_well
    ][:_STORIES]
    kept = rows.stories_by_id(session, [story for story, _ in top])
    wanted = [firsts[story].id for story, _ in top] + [row.id for row in best]
    titles = rows.titled(session, wanted)
    lines = tuple(
        StoryLine(
            story_id=story,
            count=n,
            neg=negative[story],
            level=kept[story].level,
            level_name=policy.level(kept[story].level).name,
            topics=tuple(policy.topic_name(t) for t in kept[story].topics[:2] if t != _NO_TOPIC),
            first=mention_line(titles[firsts[story].id]),
        )
        for story, n in top
        if story in kept and firsts[story].id in titles
    )
    return lines, tuple(mention_line(titles[row.id]) for row in best if row.id in titles)


def _levels(opened: Sequence[IncidentRow], policy: Policy) -> tuple[Share, ...]:
    counts = Counter(row.peak_level for row in opened)
    return tuple(Share(level.name, counts[level.value]) for level in policy.levels if level.opens)


def _responses(opened: Sequence[IncidentRow], policy: Policy) -> tuple[Response, ...]:
    found = []
    for level in policy.levels:
        mine = [row for row in opened if row.peak_level == level.value]
        if not mine or not level.opens:
            continue
        taken = [
            (row.acknowledged_at - row.opened_at).total_seconds() / 60
            for row in mine
            if row.acknowledged_at is not None
        ]
        allowed = level.ack.total_seconds() / 60
        found.append(
            Response(
                level=level.value,
                level_name=level.name,
                opened=len(mine),
                acknowledged=len(taken),
                in_time=sum(minutes <= allowed for minutes in taken),
                median=median(taken) if taken else None,
                allowed=allowed,
            )
        )
    return tuple(found)
