"""The chart of a story: what came when, and the answers as numbered marks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from markupsafe import Markup

from alerts.chronicle import Chronicle
from dashboards.charts import Bucket, Event, timeline_chart
from langnghe.core.words import word

EVENTS = 8
"""Answers marked on the chart; the page lists them all."""


def flow_chart(told: Chronicle, translate: Callable[[str], str]) -> Markup | None:
    """Return mentions over time by kind with the answers marked; ``None`` of a single mention."""
    flow = told.flow
    if sum(s.originals + s.copies + s.comments for s in flow.stretches) < 2:
        return None
    buckets = [Bucket(s.at, s.originals, s.copies, s.comments) for s in flow.stretches]
    events = [
        Event(
            reply.source.at,
            f"{translate(word('stance', reply.stance))}: "
            f"{reply.source.title or reply.source.outlet}",
            f"/tin/{reply.source.id}",
            "ch-pos",
        )
        for reply in told.replies.replies
    ]
    events += [
        Event(answer.at, f"{translate('đính chính')}: {answer.given.by}", "", "ch-pos")
        for rumour in told.rumours
        for answer in rumour.answers
        if answer.given is not None
    ]
    events = sorted(events, key=lambda event: event.at)[:EVENTS]
    title = (
        translate("Số tin theo giờ")
        if flow.step <= timedelta(hours=1)
        else translate("Số tin theo ngày")
        if flow.step == timedelta(days=1)
        else translate("Số tin theo thời gian")
    )
    return timeline_chart(
        buckets, events, key="flow", title=title, step=flow.step, translate=translate
    )
