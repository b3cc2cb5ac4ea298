"""The overview's charts and the sentence above each: pure, from tallies to words and drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from alerts.usual_days import UsualDay, UsualDays
from dashboards.charts import (
    BandDay,
    HeatRow,
    Stack,
    Translate,
    band_chart,
    heat_chart,
    stack_chart,
    tone_series,
)
from dashboards.charts.days import usual_words
from langnghe.core.policy.model import Policy
from langnghe.core.schoolyear import SchoolYear

HEAT_ROWS = 8
_LEAST_WEEKS = 12
_WEEK, _FEW = 7, 10


def volume_words(found: UsualDays, translate: Translate, *, hearing: bool = True) -> str:
    """Return one sentence about today beside the usual; never more than the model knows."""
    today = found.days[-1]
    n = today.tones.originals
    if not hearing:
        return translate(
            "Hôm nay mới nghe được %(n)s tin gốc: chưa nói được ít hay nhiều vì nghe chưa đủ."
        ) % {"n": n}
    if found.learning:
        return translate(
            "Hôm nay %(n)s tin gốc. Đang học mức thường ngày: đã nghe %(known)s/%(needed)s ngày."
        ) % {"n": n, "known": found.known, "needed": found.needed}
    said = {"n": n, "usual": usual_words(today.low, today.high)}
    if today.unusual:
        return translate("Hôm nay %(n)s tin gốc: BẤT THƯỜNG, thường lệ %(usual)s tin.") % said
    if n > today.high:
        return translate("Hôm nay %(n)s tin gốc: cao hơn thường lệ (%(usual)s tin).") % said
    return translate("Hôm nay %(n)s tin gốc, như thường lệ (%(usual)s tin một ngày).") % said


def volume_chart(found: UsualDays, translate: Translate) -> Markup | None:
    """Return the chart of mentions a day over the usual, ``None`` before anything was counted."""
    if not found.known and not any(sum(day.tones) for day in found.days):
        return None
    days = [
        BandDay(
            day.day, day.tones.originals, day.low, day.high,
            unusual=day.unusual, deaf=day.deaf, running=day.running,
        )
        for day in found.days
    ]  # fmt: skip
    return band_chart(
        days, key="so-tin", title=translate("Số tin mỗi ngày so với thường lệ"),
        known=not found.learning, translate=translate,
    )  # fmt: skip


def tone_words(found: UsualDays, translate: Translate) -> str:
    """Return how much of the last week was negative beside the weeks before; "" for too few.

    Shares only, no judgement: mentions come in swarms, and what is unusual the alarm says.
    """
    week, before = found.days[-_WEEK:], found.days[:-_WEEK]
    neg, total = _negative(week)
    earlier, all_earlier = _negative(before)
    if total < _FEW or all_earlier < _FEW:
        return ""
    return translate(
        "7 ngày qua: %(neg)s/%(total)s tin tiêu cực (%(share)s %%); %(days)s ngày trước đó: "
        "%(before)s %%."
    ) % {
        "neg": neg, "total": total, "share": round(100 * neg / total), "days": len(before),
        "before": round(100 * earlier / all_earlier),
    }  # fmt: skip


def _negative(days: Sequence[UsualDay]) -> tuple[int, int]:
    return sum(d.tones.neg for d in days), sum(sum(d.tones[1:]) for d in days)


def tone_chart(found: UsualDays, translate: Translate) -> Markup | None:
    """Return the chart of tones a day, ``None`` where nothing was said."""
    if not any(sum(day.tones[1:]) for day in found.days):
        return None
    stacks = [
        Stack(day.day, (day.tones.neg, day.tones.neu, day.tones.pos), day.running)
        for day in found.days
    ]
    return stack_chart(
        stacks, tone_series(translate), key="sac-thai",
        title=translate("Sắc thái của tin mỗi ngày"), translate=translate,
    )  # fmt: skip


def topic_chart(
    counts: Mapping[str, Mapping[int, int]],
    policy: Policy,
    year: SchoolYear,
    now_week: int,
    translate: Translate,
) -> Markup | None:
    """Return the heat of topics by week of the school year, ``None`` where nothing was said.

    ``counts`` go by topic and ``core.schoolyear.week_number``; weeks before the first are added to
    it (the days between 5 September and its Monday).
    """
    first = year.first_week
    number = max(now_week - first + 1, _LEAST_WEEKS)
    rows = []
    for topic, weeks in counts.items():
        values = [0] * number
        for week, n in weeks.items():
            values[min(max(week - first, 0), number - 1)] += n
        if any(values):
            rows.append(HeatRow(policy.topic_name(topic), tuple(values)))
    if not rows:
        return None
    rows.sort(key=lambda row: (-sum(row.values), row.label))
    return heat_chart(
        rows[:HEAT_ROWS], [str(n + 1) for n in range(number)], key="chu-de",
        title=translate("Chủ đề theo tuần năm học %(year)s") % {"year": year.name},
        over=translate("tuần"), translate=translate,
    )  # fmt: skip
