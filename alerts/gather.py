"""Turn the rows of a story into ``StoryFacts``: which unit, whose voice, which words may be shown.

Pure. The one privacy rule here: words of a text are passed on only if they stand in its masked
form, so that no reason, mail or page built from them can undo the child shield.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.facts import Crowd, MentionFacts, StatedFact, StoryFacts, Unusual
from alerts.rules import is_live
from langnghe.core.policy.model import Policy
from langnghe.core.store.incidents import KnownUnit, StoryMention
from langnghe.core.text import fold, shorten
from langnghe.core.urls import host_of

UNKNOWN_TIER = 3
SCHOOL = "school"
HEADLINE = 120  # characters of a post that has no title
INCIDENT_P = 0.4
"""From this probability of an incident on an article may give a story its name."""
COPY_SHARE = 0.1
"""What a repost counts beside an own report when units are chosen."""
NO_CROWD = Crowd()
_SHARE = 0.25  # a unit named by less than this share of the most named one is a passing mention


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier incident, as far as it bears on a new one."""

    incident_id: int
    unit_id: str
    topics: frozenset[str]
    opened_at: datetime


def outlet_tiers(policy: Policy) -> dict[str, int]:
    """Return the tier of each press outlet the playbook names, by folded name."""
    return {fold(name): tier for tier, names in policy.score.outlets.items() for name in names}


def chain(unit_id: str, tree: Mapping[str, KnownUnit]) -> tuple[str, ...]:
    """Return the ids of a unit and its parents, nearest first."""
    found: list[str] = []
    current: str | None = unit_id
    while current is not None and current in tree and current not in found:
        found.append(current)
        current = tree[current].parent
    return tuple(found)


def headline(mentions: Sequence[StoryMention]) -> str:
    """Return the masked title that stands for a story, or ``""``.

    That of the first article about an incident, for who is alerted asks what happened; else of the
    first article, else the first voice. So the name of a story changes at most twice.
    """
    own = [m for m in mentions if m.kind == "news" and m.title and not m.copy]
    article = next((m.title for m in own if sum(m.risk_p[2:]) >= INCIDENT_P), "")
    article = article or next((m.title for m in own), "")
    voices = (m.title or shorten(m.text, HEADLINE) for m in mentions)
    return article or next((voice for voice in voices if voice), "")


def choose_unit(
    mentions: Iterable[StoryMention],
    tree: Mapping[str, KnownUnit],
    links: Mapping[str, tuple[float, float]] | None = None,
) -> tuple[tuple[str, ...], str | None, float]:
    """Return (all units, the most specific one that is meant, its best confidence).

    ``links``, where given, is (weight, best confidence) by unit over the whole story.
    """
    weight: dict[str, float] = {}
    best: dict[str, float] = {}
    if links is not None:
        weight = {unit: link[0] for unit, link in links.items() if unit in tree}
        best = {unit: link[1] for unit, link in links.items() if unit in tree}
    else:
        for mention in mentions:
            for unit, confidence in mention.units.items():
                if unit in tree:
                    best[unit] = max(best.get(unit, 0.0), confidence)
                    share = COPY_SHARE if mention.copy else 1.0
                    weight[unit] = weight.get(unit, 0.0) + confidence * share
    if not weight:
        return (), None, 0.0
    most = max(weight.values())
    ranked = sorted(weight, key=lambda u: (-len(chain(u, tree)), -weight[u], -best[u], u))
    chosen = next(u for u in ranked if weight[u] >= _SHARE * most)
    return tuple(ranked), chosen, best[chosen]


def gather(
    mentions: Sequence[StoryMention],
    policy: Policy,
    tree: Mapping[str, KnownUnit],
    tiers: Mapping[str, tuple[int, str]],
    outlets: Mapping[str, int],
    now: datetime,
    *,
    past: Sequence[Past] = (),
    incident_id: int | None = None,
    peak: tuple[int, datetime | None] = (0, None),
    scored: int = 0,
    rare: Mapping[str, Sequence[Unusual]] | None = None,
    crowd: Crowd = NO_CROWD,
    links: Mapping[str, tuple[float, float]] | None = None,
    concluded_at: datetime | None = None,
) -> tuple[StoryFacts, tuple[str, ...]]:
    """Return the story's facts and the ids of all units it names, the most specific first.

    ``rare`` is what is unusual now, by unit; ``concluded_at`` when its incident was concluded.
    ``crowd`` and ``links`` (weight and best confidence by unit) speak for the mentions of a very
    long story that were counted and not read.
    """
    units, unit, confidence = choose_unit(mentions, tree, links)
    kin = set(chain(unit, tree)) if unit else set()
    seen = tuple(_mention(m, policy, tiers, outlets, kin) for m in mentions)
    topics = {t for m in seen for t, p in m.topics if p >= 0.5}
    since = now - policy.incident.history
    like = [
        p
        for p in past
        if p.unit_id == unit
        and p.incident_id != incident_id
        and p.opened_at >= since
        and p.topics & topics
    ]
    names = [tree[unit].name] if unit else []
    answers = unit is not None and tree[unit].kind in policy.incident.history_kinds
    # A class named in a calm text of the same story says nothing about who was harmed.
    grave = {m.id for m in seen if m.harm_p >= policy.harm_p}
    return (
        StoryFacts(
            mentions=seen,
            now=now,
            unit_id=unit,
            unit_kind=tree[unit].kind if unit else "",
            unit_confidence=confidence,
            vulnerability=_vulnerability(
                [*names, *(m.title for m in mentions if m.id in grave)],
                {t for m in seen if m.id in grave for t, p in m.topics if p >= 0.5},
                policy,
            ),
            history=len(like) if answers else 0,
            peak_level=peak[0],
            peak_at=peak[1],
            schools=_schools(seen, mentions, tree, policy),
            scored=scored,
            unusual=_surprise((rare or {}).get(unit or "", ()), topics),
            crowd=crowd,
            concluded_at=concluded_at,
        ),
        units,
    )


def _mention(
    mention: StoryMention,
    policy: Policy,
    tiers: Mapping[str, tuple[int, str]],
    outlets: Mapping[str, int],
    kin: set[str],
) -> MentionFacts:
    tier, name = tiers.get(mention.source_id or "", (None, None))
    outlet = mention.source_name or name or host_of(mention.url) or "không rõ nguồn"
    if tier is None:
        tier = outlets.get(fold(outlet), UNKNOWN_TIER)
    shown = f"{mention.title}. {mention.text}"

    def may_show(words: object) -> str:
        return words if isinstance(words, str) and words and words in shown else ""

    low, *rest = (float(p) for p in mention.risk_p) if len(mention.risk_p) == 4 else (1.0, 0, 0, 0)
    evidence = (may_show(w) for hit in mention.topics for w in hit.get("evidence", ()))
    at = mention.published_at or mention.seen_at
    return MentionFacts(
        id=mention.id,
        at=min(at, mention.seen_at),
        outlet=outlet,
        tier=tier,
        kind=mention.kind,
        copy=mention.copy,
        education_p=mention.education_p,
        scope=mention.scope,
        risk=mention.risk,
        risk_p=(low, rest[0], rest[1], rest[2]),
        stance=mention.stance,
        topics=tuple((str(hit["topic"]), float(hit["p"])) for hit in mention.topics),
        facts=tuple(
            StatedFact(str(f["kind"]), f.get("value"), may_show(f.get("text")))
            for f in mention.facts
        ),
        words=tuple(dict.fromkeys(w for w in evidence if w)),
        unit_confidence=max((c for u, c in mention.units.items() if u in kin), default=0.0),
        authority=mention.stance in policy.down.stances and _speaks(shown, policy.down.by),
        publisher=host_of(mention.url) if mention.kind != "comment" else "",
        digest=is_digest(mention.title, policy),
    )


def is_digest(title: str, policy: Policy) -> bool:
    """Tell whether a title is that of a digest, as the playbook knows them."""
    folded = f"{fold(title)} "
    return any(folded.startswith(f"{words} ") for words in policy.score.digests)


def _speaks(text: str, words: Sequence[str]) -> bool:
    folded = f" {fold(text)} "
    return any(f" {word} " in folded for word in words)


def _surprise(found: Sequence[Unusual], topics: Collection[str]) -> Unusual | None:
    """Return the strongest surprise about all topics or one of the story's own."""
    own = (s for s in found if not s.topic or s.topic in topics)
    return max(own, key=lambda s: s.strength, default=None)


def _schools(
    seen: Sequence[MentionFacts],
    mentions: Sequence[StoryMention],
    tree: Mapping[str, KnownUnit],
    policy: Policy,
) -> int:
    """Count the watched schools that mentions which can raise a risk surely speak of."""
    live = {m.id for m in seen if is_live(m, policy)}
    return len(
        {
            unit
            for mention in mentions
            if mention.id in live
            for unit, confidence in mention.units.items()
            if confidence >= policy.incident.min_unit_confidence
            and unit in tree
            and tree[unit].kind == SCHOOL
        }
    )


def _vulnerability(
    names: Sequence[str], topics: Collection[str], policy: Policy
) -> tuple[float, str] | None:
    folded = f" {fold(' | '.join(names))} "
    found = [
        (rule.value, word)
        for rule in policy.vulnerability
        for word in rule.words
        if f" {word} " in folded
    ]
    found += [
        (rule.value, policy.topic_name(topic))
        for rule in policy.vulnerability
        for topic in rule.topics
        if topic in topics
    ]
    return max(found, key=lambda pair: pair[0], default=None)
