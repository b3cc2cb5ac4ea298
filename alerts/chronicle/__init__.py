"""The chronicle of a story: what changed while it was told, by whom, and who has not heard.

Pure: ``chronicle`` turns mentions and a few masked texts into facts with sources and times, the
same whatever order they arrived in. It asks for the texts of some dozens of mentions at most, so
that a story of ten thousand costs little more than one of a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.chronicle import counts, summary
from alerts.chronicle.counts import Drift
from alerts.chronicle.flow import Flow, flow_of
from alerts.chronicle.headline import headline_of
from alerts.chronicle.phase import RULE, Phase, PhaseRule, phase_of
from alerts.chronicle.replies import Replies, replies_of
from alerts.chronicle.rumours import Given, Rumour, rumours_of
from alerts.chronicle.spread import Source, Spread, spread_of
from alerts.chronicle.stances import Stances, stances_of
from alerts.chronicle.summary import Sentence
from alerts.chronicle.told import Stated, Texts, Told, in_order
from alerts.chronicle.wording import Wording, wording_of

__all__ = ["Chronicle", "Given", "PhaseRule", "Stated", "Texts", "Told", "chronicle", "in_order"]


@dataclass(frozen=True, slots=True)
class Chronicle:
    """All that the page of a story tells beside its mentions; every word of it is masked."""

    phase: Phase
    headline: Source | None
    spread: Spread
    drifts: tuple[Drift, ...]
    wording: Wording
    stances: Stances
    replies: Replies
    sentences: tuple[Sentence, ...]
    flow: Flow
    rumours: tuple[Rumour, ...]


def chronicle(
    told: Iterable[Told],
    fetch: Callable[[Sequence[int]], Texts],
    now: datetime,
    *,
    rule: PhaseRule = RULE,
    given: Sequence[Given] = (),
) -> Chronicle | None:
    """Return the chronicle of a story at ``now``, or ``None`` of one without a mention.

    ``fetch`` returns the masked texts of the ids it is given, those it has; without any only the
    summary and the offices behind numbers are missing. ``given`` are the corrections that units
    released about it, oldest first.
    """
    ordered: Sequence[Told] = in_order(told)
    if not ordered:
        return None
    said = counts.statements(ordered)
    texts = fetch(tuple(dict.fromkeys((*counts.asked(said), *summary.asked(ordered)))))
    return Chronicle(
        phase=phase_of(ordered, now, rule),
        headline=headline_of(ordered),
        spread=spread_of(ordered),
        drifts=counts.drifts(said, texts),
        wording=wording_of(ordered),
        stances=stances_of(ordered),
        replies=replies_of(ordered),
        sentences=summary.summary_of(ordered, texts),
        flow=flow_of(ordered),
        rumours=rumours_of(ordered, given),
    )
