"""One turn of watching within a transaction: days in, states and unusual rows out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from statistics import median

from sqlmodel import Session

from alerts.baseline.band import prior_of
from alerts.baseline.calendar import ONE_DAY, Seasons, bounds, season_names
from alerts.baseline.rates import doubt, excess, rate
from alerts.baseline.series import Series, Verdict, advance, look, quiet, warm
from alerts.baseline.several import places_of, together
from alerts.baseline.tally import KEPT_IDS, Rules, tally
from alerts.baseline.words import burst_text, several_text
from alerts.board import note_day, rules_of, tree_of
from langnghe.core.policy.baseline import Baseline
from langnghe.core.policy.model import Policy
from langnghe.core.store.board import forget_board_after
from langnghe.core.store.tables import UnusualRow
from langnghe.core.store.watch import Unusual, close_unusual, open_rows, put_unusual
from langnghe.core.store.watch_counts import (
    Count,
    Key,
    alarmed,
    days_since,
    forget_after,
    heard,
    known_days,
    recent_counts,
    replace_counts,
    save_day,
    save_states,
    series_counts,
    states_of,
    told,
)
from langnghe.core.types import Profile

BURST, SEVERAL = "burst", "several_schools"
_MEMORY = 4  # half-lives after which a day weighs too little to be taken in
_SEASONS: dict[str, Seasons] = {}


class Board:
    """What is known of every series, loaded as it is asked for."""

    def __init__(
        self, session: Session, policy: Policy, profile: Profile, rule: Baseline, now: datetime
    ) -> None:
        self.session, self.rule = session, rule
        self._policy, self._now = policy, now
        self._tree = tree_of(profile)
        self._names = {unit.id: unit.name for unit in profile.units}
        self._seasons = _SEASONS.setdefault(rule.version, Seasons(rule.calendar))
        self._series: dict[Key, Series] = {}
        self._loaded: set[Key] = set()
        self._days: list[int] = []
        self._warm: set[int] = set()

    # -- days ------------------------------------------------------------------------------

    def close(self, day: date) -> None:
        """Count ``day``, take it into every series it says something about, and judge."""
        listened = self._count_day(day)
        counts = self._counted
        if not listened:
            return
        alarms = [key for key in alarmed(self.session) if key[0] in self._tree.parents]
        keys = sorted({*counts, *alarms})
        self._load(keys)
        self._read_days(day)
        priors = {key: self._prior(key) for key in keys}
        verdicts: dict[Key, Verdict | None] = {}
        for key in keys:
            count = counts.get(key)
            verdicts[key] = self._take(key, day, count.originals if count else 0, priors[key])
        self._save(keys)
        self._judge(verdicts, day)
        self._judge_several(day, {})

    def recount(self, days: Sequence[date], through: date) -> None:
        """Count closed days again and work the series that changed out anew."""
        changed: set[Key] = set()
        for day in days:
            self._count_day(day)
            changed |= self._changed
        if changed:
            self._work_out(changed, through)

    def rewind(self, through: date) -> None:
        """Be again at the end of ``through``: a clock that ran ahead had closed days to come."""
        forget_board_after(self.session, through)
        self._work_out(set(forget_after(self.session, through)), through)

    def _work_out(self, changed: set[Key], through: date) -> None:
        self._load(changed)
        self._read_days(through + ONE_DAY)
        watched = [key for key in changed if key[0] in self._tree.parents]
        keys = sorted(watched, key=lambda key: (len(self._tree.upward(key[0])), key))
        verdicts = {key: self._anew(key, through) for key in keys}
        self._save(keys)
        self._judge(verdicts, through)
        self._judge_several(through, {})

    def today(self, day: date) -> None:
        """Weigh the count of a day that is not over; remembers nothing but what is unusual."""
        counts = tally(told(self.session, *bounds(day)), self._tree, self._rules())
        self._read_days(day)
        if len(self._warm) < self.rule.learning.warm_days:
            return
        self._load(counts)
        standing = open_rows(self.session)
        for key, count in sorted(counts.items()):
            series = self._series.get(key)
            if (series.seen if series else 0) + count.originals < self.rule.least:
                continue
            prior = self._prior(key)
            series = self._rolled(key, day, prior)
            factor = self._seasons.factor(key[1], day.toordinal())
            verdict = look(series, day.toordinal(), count.originals, factor, prior, self.rule)
            if verdict.unusual:
                row = standing.pop((*key, BURST), None)
                if row is None or row.seen != verdict.seen:
                    self._put(row, key, verdict, day, {day: count})
        for (unit, topic, kind), row in standing.items():
            known = self._series.get((unit, topic))
            if kind == BURST and row.through == day and not (known and known.alarm):
                close_unusual(row, "recount", self._now)
        self._judge_several(day, counts)

    # -- series ----------------------------------------------------------------------------

    def _count_day(self, day: date) -> bool:
        start, end = bounds(day)
        said = heard(self.session, start, end)
        listened = said > 0 and not self._deaf(day, said)
        mentions = told(self.session, start, end)
        self._counted = tally(mentions, self._tree, self._rules())
        note_day(self.session, day, mentions, self._counted, self._tree, self._now)
        self._changed = replace_counts(self.session, day, self._counted)
        save_day(self.session, day, said, listened, self._now)
        return listened

    def _deaf(self, day: date, said: int) -> bool:
        """Say whether so little was heard that the sources, not the schools, were quiet."""
        rule = self.rule.listening
        before = [
            row.heard
            for row in days_since(self.session, day - timedelta(rule.usual_days)).values()
            if row.day < day
        ]
        usual = median(before) if before else 0
        return usual >= rule.from_usual and said < rule.least_share * usual

    def _rules(self) -> Rules:
        return rules_of(self._policy, self.rule)

    def _load(self, keys: Iterable[Key]) -> None:
        """Load these series and those of the same topics above them."""
        wanted = {
            (above, topic) for unit, topic in keys for above in (unit, *self._tree.upward(unit))
        }
        fresh = wanted - self._loaded
        for key, data in states_of(self.session, fresh).items():
            self._series[key] = Series.from_json(data)
        self._loaded |= fresh

    def _read_days(self, before: date) -> None:
        """Remember which days before ``before`` were listened to, and which were the first."""
        rule = self.rule.learning
        memory = timedelta(int(_MEMORY * rule.half_life_days))
        self._days = [d.toordinal() for d in known_days(self.session, before - memory, before)]
        first = known_days(self.session, date.min, before, limit=rule.warm_days)
        self._warm = {d.toordinal() for d in first}

    def _prior(self, key: Key) -> float:
        """Return the rate that the parent expects of this child, from what was known before."""
        return prior_of(*key, self._tree, self._series, self.rule)

    def _rolled(self, key: Key, day: date, prior: float) -> Series:
        """Return the series up to the day before ``day``; between its mentions lie days of none."""
        series = self._series.setdefault(key, Series())
        ordinal, topic = day.toordinal(), key[1]
        first, last = bisect_right(self._days, series.through), bisect_left(self._days, ordinal)
        rest = self._days[first:last]
        for d in rest:
            if d in self._warm:
                warm(series, d, 0, self._seasons.factor(topic, d), self.rule)
        rest = [d for d in rest if d not in self._warm]
        if rest:
            quiet(series, rest, lambda d: self._seasons.factor(topic, d), prior, self.rule)
        return series

    def _take(self, key: Key, day: date, count: int, prior: float) -> Verdict | None:
        """Take one day into a series; ``None`` while the house is still learning."""
        series = self._rolled(key, day, prior)
        ordinal = day.toordinal()
        factor = self._seasons.factor(key[1], ordinal)
        if ordinal in self._warm or len(self._warm) < self.rule.learning.warm_days:
            warm(series, ordinal, count, factor, self.rule)
            return None
        return advance(series, ordinal, count, factor, prior, self.rule)

    def _anew(self, key: Key, through: date) -> Verdict | None:
        """Work a series out from its counts alone."""
        start = date.fromordinal(self._days[0]) if self._days else through
        counts = series_counts(self.session, key, start, through)
        self._series[key] = Series()
        prior = self._prior(key)
        listened, verdict = set(self._days), None
        for day, count in sorted(counts.items()):
            if day.toordinal() in listened:
                verdict = self._take(key, day, count.originals, prior)
        series = self._rolled(key, through + ONE_DAY, prior)
        return verdict if series.alarm else None

    def _save(self, keys: Iterable[Key]) -> None:
        save_states(
            self.session,
            {
                key: (date.fromordinal(series.through), series.alarm > 0, series.to_json())
                for key in keys
                if (series := self._series[key]).through
            },
        )

    # -- judging ---------------------------------------------------------------------------

    def _judge(self, verdicts: dict[Key, Verdict | None], day: date) -> None:
        """Open, renew and close rows as the series now say."""
        standing = open_rows(self.session)
        for key, verdict in verdicts.items():
            row = standing.get((*key, BURST))
            if self._series[key].alarm and verdict is not None:
                self._put(row, key, verdict, day, {})
            elif row is not None:
                lasted = (day - row.since).days >= self.rule.burst.new_normal_days
                close_unusual(row, "lasting" if lasted else "usual", self._now)
        for (unit, _, _), row in standing.items():
            if unit not in self._tree.parents:
                close_unusual(row, "gone", self._now)

    def _put(
        self,
        row: UnusualRow | None,
        key: Key,
        verdict: Verdict,
        day: date,
        fresh: dict[date, Count],
    ) -> None:
        unit, topic = key
        since = date.fromordinal(verdict.since)
        stored = series_counts(self.session, key, since, day)
        told_of = [count for _, count in sorted({**stored, **fresh}.items())]
        season = ", ".join(season_names(self.rule.calendar, topic, day))
        text = burst_text(
            self._names[unit], self._policy.topic_name(topic).lower() if topic else "",
            verdict.seen, (day - since).days + 1, verdict.expected, verdict.once_in, season,
        )  # fmt: skip
        put_unusual(
            self.session,
            row,
            Unusual(
                0, unit, topic, BURST, since, day, self._now, None, verdict.seen,
                round(verdict.expected, 3), round(verdict.once_in, 1), round(verdict.strength, 3),
                (), tuple(i for c in told_of for i in c.mention_ids)[-KEPT_IDS:],
                tuple(dict.fromkeys(i for c in told_of for i in c.story_ids))[-KEPT_IDS:], text,
            ),
        )  # fmt: skip

    def _judge_several(self, day: date, fresh: dict[Key, Count]) -> None:
        """Open, renew and close rows of several schools of one place with one topic."""
        if len(self._warm) < self.rule.learning.warm_days:
            return
        rule = self.rule.several
        first = day - timedelta(rule.days - 1)
        schools = [unit for unit, kind in self._tree.kinds.items() if kind in rule.kinds]
        counts = recent_counts(self.session, schools, first, day)
        for key, count in fresh.items():
            if key[0] in self._tree.parents:
                counts.setdefault(key, {})[day] = count
        places = places_of(counts, self._tree, self.rule)
        self._load(places)
        standing = open_rows(self.session)
        for found in together(places, self._expected(first), self.rule):
            row = standing.pop((found.unit, found.topic, SEVERAL), None)
            text = several_text(
                self._names[found.unit], self._policy.topic_name(found.topic).lower(),
                len(found.schools), found.seen, rule.days, found.expected,
            )  # fmt: skip
            put_unusual(
                self.session,
                row,
                Unusual(
                    0, found.unit, found.topic, SEVERAL, first, day, self._now, None, found.seen,
                    round(found.expected, 3), round(found.once_in, 1), round(found.strength, 3),
                    found.schools, found.mention_ids[-KEPT_IDS:], found.story_ids[-KEPT_IDS:], text,
                ),
            )  # fmt: skip
        for (_, _, kind), row in standing.items():
            if kind == SEVERAL:
                close_unusual(row, "usual", self._now)

    def _expected(self, first: date) -> Callable[[str, str], tuple[float, float]]:
        def expects(unit: str, topic: str) -> tuple[float, float]:
            series = self._series.get((unit, topic)) or Series()
            own = rate(series.usual, self._prior((unit, topic)), self.rule.learning)
            days = range(first.toordinal(), first.toordinal() + self.rule.several.days)
            expected = own * sum(self._seasons.factor(topic, d) for d in days)
            known = excess(series.usual, self.rule.learning) / self.rule.several.days
            return expected, known + doubt(series.usual, self.rule.learning)

        return expects
