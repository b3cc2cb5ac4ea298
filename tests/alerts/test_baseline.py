"""The pure parts: what is usual, the evidence, the calendar, EARS and the file behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from math import floor, pi, sin
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.baseline.calendar import (
    Seasons,
    bounds,
    day_of,
    factor,
    season_names,
)
from alerts.baseline.calibrate import false_alarms, noise
from alerts.baseline.cusum import chance_at_least, evidence, threshold
from alerts.baseline.ears import ears
from alerts.baseline.rates import Usual, excess, rate
from alerts.baseline.series import Series, advance, look, quiet, warm
from alerts.baseline.tally import Rules, Tree, tally
from alerts.baseline.words import burst_text, number, rarity
from langnghe.core.errors import PolicyError
from langnghe.core.policy import baseline
from langnghe.core.policy.baseline import load_baseline
from langnghe.core.store.watch_counts import Told

RULE = load_baseline()
START = 739_000
counts = st.lists(st.integers(0, 12), min_size=1, max_size=60)


def history(values: list[int], prior: float = 0.2) -> Series:
    series = Series()
    for day, value in enumerate(values):
        advance(series, START + day, value, 1.0, prior, RULE)
    return series


@given(counts, st.integers(0, 30), st.integers(1, 30), st.floats(0.001, 50.0))
def test_more_mentions_never_lower_the_statistic(
    values: list[int], today: int, more: int, prior: float
) -> None:
    series = history(values, prior)
    less = look(series, START + 100, today, 1.0, prior, RULE)
    greater = look(series, START + 100, today + more, 1.0, prior, RULE)
    assert greater.statistic >= less.statistic
    assert greater.strength >= less.strength
    assert greater.once_in >= less.once_in
    assert greater.unusual >= less.unusual


@given(counts, st.integers(0, 30), st.integers(0, 30))
def test_looking_early_rings_only_where_the_whole_day_would(
    values: list[int], morning: int, evening: int
) -> None:
    series = history(values)
    early = look(series, START + 100, morning, 1.0, 0.2, RULE)
    whole = look(series, START + 100, morning + evening, 1.0, 0.2, RULE)
    assert whole.unusual or not early.unusual


def test_looking_remembers_nothing() -> None:
    series = history([0, 1, 0, 0, 2])
    before = series.to_json()
    look(series, START + 9, 7, 1.0, 0.2, RULE)
    assert series.to_json() == before


@given(counts)
def test_a_series_survives_the_table(values: list[int]) -> None:
    series = history(values)
    again = Series.from_json(series.to_json())
    for one in (series, again):
        advance(one, START + 100, 3, 1.2, 0.2, RULE)
    assert again == series


@given(counts, st.integers(0, 90))
@settings(deadline=None)
def test_quiet_days_at_once_are_quiet_days_one_by_one(values: list[int], rest: int) -> None:
    one, other = history(values), history(values)
    days = list(range(START + 100, START + 100 + rest))
    quiet(one, days, lambda day: 1.0 + day % 3, 0.2, RULE)
    for day in days:
        advance(other, day, 0, 1.0 + day % 3, 0.2, RULE)
    assert one.usual.mentions == pytest.approx(other.usual.mentions)
    assert one.usual.days == pytest.approx(other.usual.days)
    assert (one.total, one.alarm, one.through) == (other.total, other.alarm, other.through)


def test_a_series_without_history_starts_where_its_parent_stands() -> None:
    rare = look(Series(), START, 4, 1.0, 0.01, RULE)
    usual = look(Series(), START, 4, 1.0, 3.0, RULE)
    assert rare.unusual
    assert not usual.unusual
    assert rate(Usual(), 0.7, RULE.learning) == pytest.approx(0.7)


def test_the_parent_counts_less_the_more_is_known() -> None:
    quiet_school = Usual(mentions=1.0, days=400.0)
    assert rate(quiet_school, 2.0, RULE.learning) < 0.01


def test_fewer_than_the_least_is_never_unusual() -> None:
    assert not look(Series(), START, RULE.least - 1, 1.0, 1e-9, RULE).unusual


def test_a_burst_ends_and_does_not_become_the_standard() -> None:
    before = history([0] * 100)
    usual = rate(before.usual, 0.05, RULE.learning)
    for day, value in enumerate([4, 6, 5, 2]):
        verdict = advance(before, START + 100 + day, value, 1.0, 0.05, RULE)
        assert verdict.unusual
    assert verdict.seen == 17
    for day in range(4):
        advance(before, START + 104 + day, 0, 1.0, 0.05, RULE)
    assert before.alarm == 0
    assert before.total == 0.0
    assert rate(before.usual, 0.05, RULE.learning) == pytest.approx(usual, rel=0.1)


def test_what_lasts_is_the_new_usual() -> None:
    series = history([0] * 100)
    rings = 0
    for day in range(120):
        stood = series.alarm
        advance(series, START + 100 + day, 3, 1.0, 0.05, RULE)
        rings += series.alarm > 0 and not stood
    assert rings <= 2
    assert series.alarm == 0


def test_the_season_makes_many_mentions_usual() -> None:
    one, other = history([0, 1] * 50), history([0, 1] * 50)
    plain = look(one, START + 100, 4, 1.0, 0.5, RULE)
    fees = look(other, START + 100, 4, 2.5, 0.5, RULE)
    assert fees.statistic < plain.statistic
    assert fees.expected > plain.expected


def test_excess_is_learned_from_the_days() -> None:
    generator = np.random.default_rng(5)
    calm, wild = (history(noise(generator, 6.0, k, (1, 400))[0].tolist(), 6.0) for k in (0.0, 1.5))
    assert excess(calm.usual, RULE.learning) < 0.3
    assert excess(wild.usual, RULE.learning) > 0.7


def test_warm_days_only_teach() -> None:
    series = Series()
    for day in range(10):
        warm(series, START + day, 8, 1.0, RULE)
    assert series.alarm == 0
    assert rate(series.usual, 0.02, RULE.learning) > 0.2


@pytest.mark.parametrize(("mean", "k"), [(0.1, 0.5), (0.5, 1.0), (2.0, 0.5)])
def test_quiet_series_ring_about_once_in_the_interval(mean: float, k: float) -> None:
    generator = np.random.default_rng(77)
    false, _ = false_alarms(noise(generator, mean, k, (40, 260)), [mean] * 40, RULE)
    assert false < 1.8


def test_evidence_of_a_usual_day_speaks_against_a_burst() -> None:
    for mean in (0.01, 0.3, 5.0):
        for k in (0.0, 0.5, 2.0):
            assert evidence(0, mean, k, RULE.burst) < 0
            average = sum(
                evidence(n, mean, k, RULE.burst)
                * (chance_at_least(n, mean, k) - chance_at_least(n + 1, mean, k))
                for n in range(120)
            )
            assert average < 0


def test_thresholds_between_the_marks() -> None:
    table = RULE.thresholds
    for n, mean in enumerate(table.rates):
        for m, k in enumerate(table.excess):
            assert threshold(mean, k, table) == pytest.approx(table.table[n][m])
    assert threshold(1e-9, 0.0, table) == table.table[0][0]
    assert threshold(1e9, 99.0, table) == table.table[-1][-1]


def test_chances_of_a_negative_binomial() -> None:
    assert chance_at_least(0, 0.3, 1.0) == 1.0
    assert chance_at_least(1, 0.5, 0.0) == pytest.approx(1 - np.exp(-0.5))
    assert chance_at_least(3, 1.0, 1.0) == pytest.approx(0.125)  # geometric with p = 1/2


# -- calendar --------------------------------------------------------------------------------


def test_fees_have_their_season() -> None:
    def month(number: int) -> float:
        days = (date(2026, number, day) for day in range(1, 29))
        return sum(factor(RULE.calendar, "khoan_thu", day) for day in days)

    assert sorted(range(1, 13), key=month)[-3:] == [8, 10, 9]
    assert factor(RULE.calendar, "thi_cu_gian_lan", date(2026, 6, 17)) > 1.5
    assert factor(RULE.calendar, "duoi_nuoc_tai_nan", date(2026, 6, 17)) > 1.5


def test_seasons_around_dates() -> None:
    assert "Ngày Nhà giáo 20/11" in season_names(RULE.calendar, "khoan_thu", date(2026, 11, 18))
    assert "Tết Nguyên đán" in season_names(RULE.calendar, "", date(2027, 2, 6))
    assert "Tết Nguyên đán" not in season_names(RULE.calendar, "", date(2027, 1, 20))
    assert "Khai giảng" in season_names(RULE.calendar, "", date(2026, 9, 1))
    known = Seasons(RULE.calendar)
    day = date(2026, 9, 7)
    assert known.factor("", day.toordinal()) == factor(RULE.calendar, "", day)


def test_a_day_is_a_vietnamese_day_of_24_hours_all_year() -> None:
    for n in range(0, 366, 7):
        day = date(2026, 1, 1) + timedelta(n)
        start, end = bounds(day)
        assert end - start == timedelta(hours=24)
        assert start == datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=7)
        assert (day_of(start), day_of(end - timedelta(microseconds=1))) == (day, day)


def test_tet_dates_are_those_the_moon_gives() -> None:
    listed = RULE.calendar.tet
    assert [day.year for day in listed] == list(range(2024, 2036))
    assert list(listed) == [lunar_new_year(year) for year in range(2024, 2036)]


def lunar_new_year(year: int) -> date:
    """Return the first day of the first lunar month by the Vietnamese rule (noon of UTC+7).

    The eleventh month holds the winter solstice; the first comes two months later, or three where
    one of those between holds no change of the sun's sign and so is a leap month.
    """
    near = floor((year - 2000) * 12.3685) + 1
    moons = [_new_moon_day(k) for k in range(near - 6, near + 16)]
    eleventh, following = (
        max(n for n, day in enumerate(moons) if day <= _solstice(y)) for y in (year - 1, year)
    )
    first = eleventh + 2
    if following - eleventh == 13:
        leap = next(
            n
            for n in range(eleventh + 1, following)
            if _sun(moons[n]) // 30 == _sun(moons[n + 1]) // 30
        )
        first += leap <= first
    return date.fromordinal(moons[first] - 1_721_425)


def _solstice(year: int) -> int:
    days = range(_julian(date(year, 12, 18)), _julian(date(year, 12, 26)))
    return next(d for d in days if _sun(d) < 270 <= _sun(d + 1))


def _julian(day: date) -> int:
    return day.toordinal() + 1_721_425


def _sun(julian_day: int) -> float:
    """Return the sun's true longitude in degrees at the start of a Vietnamese day."""
    t = (julian_day - 0.5 - 7 / 24 - 2_451_545.0) / 36525
    anomaly = (357.52910 + 35999.05030 * t) * pi / 180
    centre = 1.9146 * sin(anomaly) + 0.019993 * sin(2 * anomaly) + 0.00029 * sin(3 * anomaly)
    return (280.46646 + 36000.76983 * t + centre) % 360


def _new_moon_day(k: int) -> int:
    """Return the Vietnamese day (Julian number) of the k-th new moon after 2000 (Meeus, ch. 49)."""
    t = k / 1236.85
    instant = 2_451_550.09766 + 29.530588861 * k + 0.00015437 * t * t
    rad = pi / 180
    sun = (2.5534 + 29.10535670 * k) * rad
    moon = (201.5643 + 385.81693528 * k) * rad
    node = (160.7108 + 390.67050284 * k) * rad
    e = 1 - 0.002516 * t
    instant += (
        -0.40720 * sin(moon) + 0.17241 * e * sin(sun) + 0.01608 * sin(2 * moon)
        + 0.01039 * sin(2 * node) + 0.00739 * e * sin(moon - sun) - 0.00514 * e * sin(moon + sun)
        + 0.00208 * e * e * sin(2 * sun) - 0.00111 * sin(moon - 2 * node)
        - 0.00057 * sin(moon + 2 * node) + 0.00056 * e * sin(2 * moon + sun)
    )  # fmt: skip
    return floor(instant - 70 / 86400 + 0.5 + 7 / 24)


# -- EARS ------------------------------------------------------------------------------------


def test_ears_by_hand() -> None:
    values = [1, 2, 3, 2, 1, 2, 3, 9, 2, 9]
    found = ears(values)
    assert found["C1"][6] == 0.0  # no seven days before it
    assert found["C1"][7] == pytest.approx((9 - 2) / 0.81649658)
    assert found["C2"][8] == 0.0
    assert found["C2"][9] == pytest.approx((9 - 2) / 0.81649658)
    assert found["C3"][9] == pytest.approx(found["C2"][9] - 1)
    assert ears([0] * 9 + [2])["C2"][9] == pytest.approx(4.0)  # the deviation has a floor of 0.5


# -- counting --------------------------------------------------------------------------------

TREE = Tree.of(
    [("a", "school", "xa"), ("b", "school", "xa"), ("xa", "commune", "so"), ("so", "sector", None)]
)
RULES = Rules(0.5, 0.5, 0.5, frozenset({"hoat_dong_tich_cuc"}))


def mention(number: int, *, topics: tuple[str, ...] = ("khoan_thu",), **more: object) -> Told:
    plain = Told(
        number, "news", number, False, 0.9, "vn", "report",
        [{"topic": t, "p": 0.9} for t in topics], {"a": 0.9},
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


def test_counts_go_up_the_tree_once() -> None:
    found = tally([mention(1, units={"a": 0.9, "b": 0.8}), mention(2)], TREE, RULES)
    assert {k: c.originals for k, c in found.items() if k[1] == "khoan_thu"} == {
        ("a", "khoan_thu"): 2, ("b", "khoan_thu"): 1, ("xa", "khoan_thu"): 2,
        ("so", "khoan_thu"): 2,
    }  # fmt: skip
    assert found[("a", "")].mention_ids == (1, 2)


@given(st.permutations(range(8)))
def test_the_order_within_a_day_is_of_no_account(order: list[int]) -> None:
    day = [mention(n, copy=n % 3 == 0, story_id=n // 2) for n in range(8)]
    assert tally([day[n] for n in order], TREE, RULES) == tally(day, TREE, RULES)


def test_what_does_not_count() -> None:
    for kept_out in (
        mention(1, stance="deny"), mention(1, stance="correct"), mention(1, scope="foreign"),
        mention(1, education_p=0.2), mention(1, units={"a": 0.1}), mention(1, units={"x": 0.9}),
        mention(1, topics=("hoat_dong_tich_cuc",)),
    ):  # fmt: skip
        assert tally([kept_out], TREE, RULES) == {}
    assert set(tally([mention(1, topics=())], TREE, RULES)) == {("a", ""), ("xa", ""), ("so", "")}


def test_comments_under_one_story_are_one_voice_a_day() -> None:
    comments = [mention(n, kind="comment", story_id=7) for n in range(50)]
    assert tally(comments, TREE, RULES)[("a", "")].originals == 1


def test_a_ring_of_parents_ends() -> None:
    tree = Tree.of([("a", "school", "b"), ("b", "commune", "a")])
    assert tree.upward("a") == ["a", "b"]


# -- words and file --------------------------------------------------------------------------


def test_words() -> None:
    assert [number(v) for v in (0.3, 0.04, 2.0, 14.2, 1234)] == ["0,3", "0,04", "2", "14", "1.200"]
    assert rarity(214) == "khoảng 210 ngày một lần"
    assert rarity(3650) == "hơn 10 năm mới có một lần"
    assert burst_text("Trường X", "các khoản thu", 5, 2, 0.3, 900) == (
        "Trường X: 5 tin về các khoản thu trong 2 ngày, bình thường khoảng 0,3 tin; "
        "hiếm gặp: khoảng 2 năm một lần."
    )


@pytest.mark.parametrize(
    ("old", "new", "field", "text"),
    [
        ("least: 3", "least: ba", "least", "phải là số nguyên"),
        ("times: 4.0", "times: 0.5", "burst.times", "phải từ 1.01"),
        ("least: 3", "lest: 3", "lest", "không có mục nào"),
        ("khoan_thu: {6", "khoan_thuu: {6", "calendar.months.khoan_thuu", "không có chủ đề"),
        ("around: 11-20", "around: 13-20", "calendar.seasons[2].around", "tháng-ngày"),
        ("0.85, 0.75]", "0.85]", "calendar.weekday", "7 hệ số"),
        ("excess: [0.0, 0.5", "excess: [0.5, 0.0", "thresholds.excess", "tăng dần"),
        ("2024-02-10", "mai", "calendar.tet[0]", "phải là ngày"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, field: str, text: str
) -> None:
    source = Path(baseline.__file__).with_name("baseline.yaml")
    whole = source.read_text("utf-8")
    assert old in whole
    wrong = tmp_path / "baseline.yaml"
    wrong.write_text(whole.replace(old, new, 1), "utf-8")
    with pytest.raises(PolicyError) as caught:
        load_baseline(wrong)
    line = whole[: whole.index(old)].count("\n") + 1
    assert f"dòng {line}, mục «{field}»" in caught.value.message
    assert text in caught.value.message


def test_a_file_that_is_not_one(tmp_path: Path) -> None:
    for content in ("- 1", "", "a: [", "\x00"):
        wrong = tmp_path / "b.yaml"
        wrong.write_text(content, "utf-8")
        load_baseline.cache_clear()
        with pytest.raises(PolicyError):
            load_baseline(wrong)
    with pytest.raises(PolicyError):
        load_baseline(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("2024-02-10", "2024-02-31", "calendar.tet[0]"),
        ("default: {6:", "default: {²:", "calendar.months.default.²"),
        ("    default: {6: 0.85, 7: 0.8, 9: 1.15}", "    default: mưa", "calendar.months.default"),
        ("over_days: 3 ", "over_days: 30 ", "burst.over_days"),
        ("least_share: 0.1", "least_share: .nan", "listening.least_share"),
    ],
)
def test_a_wrong_value_is_named_by_line_and_field(
    tmp_path: Path, old: str, new: str, field: str
) -> None:
    text = files("langnghe.core.policy").joinpath("baseline.yaml").read_text("utf-8")
    assert old in text
    wrong = tmp_path / "baseline.yaml"
    wrong.write_text(text.replace(old, new, 1), "utf-8")
    line = 1 + text[: text.index(old)].count("\n")
    with pytest.raises(PolicyError) as refused:
        load_baseline(wrong)
    assert f"dòng {line}, mục «{field}»" in refused.value.message
