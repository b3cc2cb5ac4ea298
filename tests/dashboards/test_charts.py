"""Charts: well formed, the picture and its table say the same, hostile labels do no harm."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.dom.minidom import Document, Element, Text
from xml.dom.minidom import parseString as _parse

import pytest
from markupsafe import Markup

from dashboards.charts import (
    BandDay,
    Bar,
    Bucket,
    Event,
    HeatRow,
    Series,
    Stack,
    band_chart,
    bars_chart,
    heat_chart,
    sparkline,
    stack_chart,
    timeline_chart,
    tone_series,
)
from dashboards.charts.days import usual_words
from dashboards.charts.frame import ceiling, columns, short
from dashboards.charts.heat import steps_of
from tests.conftest import NOW

FIRST = date(2026, 10, 25)
HOUR = timedelta(hours=1)
HOSTILE = (
    "</text></svg><script>alert(1)</script>\"' onload=x \u202eảo\u2066\u200b\x00\ud800\uffff &amp;"
)


def band_of(counts: list[int], **more: bool) -> list[BandDay]:
    last = len(counts) - 1
    return [
        BandDay(FIRST + timedelta(n), count, 1, 4, running=n == last, **more)
        for n, count in enumerate(counts)
    ]


def stacks(label: int = 0) -> list[Stack]:
    return [Stack(FIRST + timedelta(n), (n % 5, 3, label)) for n in range(30)]


def events(label: str = "Báo đưa tin") -> list[Event]:
    return [Event(NOW + n * HOUR / 6, label, "/tin/1") for n in range(5)]


def every(label: str) -> dict[str, Markup]:
    """One chart of each kind, with ``label`` wherever a text from outside may stand."""
    return {
        "band": band_chart(band_of([2, 9, 0, 3]), key="a", title=label),
        "stack": stack_chart(stacks(), [Series(label, "x")] * 3, key="b", title=label),
        "bars": bars_chart([Bar(label, 3, 4, label)], key="c", title=label, what=label),
        "spark": sparkline([1, 2], key="d", title=label, labels=[label, label]),
        "heat": heat_chart([HeatRow(label, (0, 3))], [label, "2"], key="e", title=label,
                           over=label),
        "timeline": timeline_chart(
            [Bucket(NOW, 2, 1, 1)], events(label), key="f", title=label, step=HOUR
        ),
        "empty band": band_chart([], key="g", title=label),
        "unknown band": band_chart(band_of([2, 9]), key="m", title=label, known=False),
        "empty stack": stack_chart([], tone_series(), key="h", title=label),
        "empty bars": bars_chart([], key="i", title=label),
        "empty spark": sparkline([], key="j", title=label),
        "empty heat": heat_chart([], [], key="k", title=label),
        "empty timeline": timeline_chart([], [], key="l", title=label, step=HOUR),
    }  # fmt: skip


def parsed(chart: Markup) -> Document:
    return _parse(chart.encode())  # noqa: S318 - our own drawings


def rows(chart: Document) -> list[list[str]]:
    """The cells of the table, row by row, without its head."""
    return [
        ["".join(n.data for n in cell.childNodes if isinstance(n, Text)) for cell in row.childNodes]
        for row in chart.getElementsByTagName("tr")[1:]
    ]


def the(chart: Document, name: str) -> Element:
    return chart.getElementsByTagName(name)[0]


@pytest.mark.parametrize("label", ["Bạo lực học đường", HOSTILE, "Trường " * 2000, ""])
def test_every_chart_is_well_formed_and_says_what_it_is(label: str) -> None:
    for name, chart in every(label).items():
        found = parsed(chart)
        svg = the(found, "svg")
        ids = svg.getAttribute("aria-labelledby").split()
        assert svg.getAttribute("role") == "img", name
        assert [the(found, tag).getAttribute("id") for tag in ("title", "desc")] == ids
        assert the(found, "desc").firstChild is not None, name
        assert " style=" not in chart, "the pages' policy forbids inline style"
        assert len(found.getElementsByTagName("script")) == 0
        tags = {node.tagName for node in found.getElementsByTagName("*")}
        assert tags <= {
            "figure", "svg", "title", "desc", "path", "text", "circle", "figcaption", "span", "i",
            "ol", "li", "a", "details", "summary", "table", "tr", "th", "td",
        }  # fmt: skip
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200b\x00\ud800\uffff]", chart)
        chart.encode("utf-8")


def test_a_month_costs_at_most_four_kilobytes() -> None:
    month = band_of([n * 7 % 11 for n in range(30)])
    for chart in (
        band_chart(month, key="so-tin", title="Số tin mỗi ngày so với thường lệ"),
        stack_chart(stacks(1), tone_series(), key="sac-thai", title="Sắc thái của tin mỗi ngày"),
    ):
        assert len(chart.encode()) <= 4096


def test_the_table_of_a_band_holds_the_numbers_of_its_bars() -> None:
    days = [
        BandDay(date(2026, 11, 20), 2, 0, 4),
        BandDay(date(2026, 11, 21), 1234, 0, 4),
        BandDay(date(2026, 11, 22), 0, 0, 4, deaf=True),
        BandDay(date(2026, 11, 23), 4, 0, 4, running=True),
    ]
    chart = band_chart(days, key="x", title="Số tin")
    assert rows(parsed(chart)) == [
        ["23/11", "4 (chưa hết ngày)", "0–4"],
        ["22/11", "không nghe được", "0–4"],
        ["21/11", "1.234 (cao hơn thường lệ)", "0–4"],
        ["20/11", "2", "0–4"],
    ]
    said = the(parsed(chart), "desc").firstChild
    assert isinstance(said, Text)
    assert said.data == (
        "4 ngày, từ 20/11 đến 23/11: nhiều nhất 1.234 tin ngày 21/11; 1 ngày cao hơn thường lệ; "
        "hôm nay 4 tin, thường lệ 0–4."
    )


def test_what_is_above_the_band_bears_a_mark_and_a_word() -> None:
    usual = band_chart(band_of([4, 1, 2]), key="x", title="t")
    assert "ch-over" not in usual
    assert "không ngày nào cao hơn thường lệ" in usual
    over = band_chart(band_of([4, 5, 2]), key="x", title="t")
    assert over.count('class="ch-over"') == 2, "a bar and a triangle"
    assert "cao hơn thường lệ" in over
    rings = band_chart(band_of([4, 3, 2], unusual=True), key="x", title="t")
    assert "4 (bất thường)" in rings


def test_while_nothing_is_known_there_is_no_band_and_nothing_above_it() -> None:
    chart = band_chart(band_of([1, 99]), key="x", title="t", known=False)
    assert "ch-band" not in chart
    assert "ch-over" not in chart
    assert "hường lệ" not in chart
    assert rows(parsed(chart)) == [["26/10", "99 (chưa hết ngày)"], ["25/10", "1"]]


def test_bars_stand_in_proportion() -> None:
    chart = band_chart(band_of([10, 5, 0]), key="x", title="t")
    heights = [int(h) for h in re.findall(r"v(\d+)h-", chart)]
    assert heights == [98, 49]


def test_a_stack_is_as_high_as_its_parts() -> None:
    one = [Stack(FIRST, (1, 2, 7))]
    chart = stack_chart(one, tone_series(), key="x", title="t")
    parts = {
        css: int(h) for css, h in re.findall(r'class="(ch-\w+)" d="M[\d.]+ \d+h[\d.]+v(\d+)', chart)
    }
    assert sum(parts.values()) == 98
    assert parts["ch-neg"] < parts["ch-neu"] < parts["ch-pos"]
    assert rows(parsed(chart)) == [["25/10", "1", "2", "7"]]


def test_heat_tells_its_numbers_and_grows_with_them() -> None:
    chart = heat_chart(
        [HeatRow("Thu – chi", (0, 1, 30)), HeatRow("Bạo lực", (2, 0, 0))], ["1", "2", "3"],
        key="x", title="t", over="tuần",
    )  # fmt: skip
    found = parsed(chart)
    assert rows(found) == [["Thu – chi", "31", "2: 1; 3: 30"], ["Bạo lực", "2", "1: 2"]]
    assert "Nhiều nhất: Thu – chi, tuần 3, 30 tin." in chart
    sizes = {
        path.getAttribute("class"): int(re.findall(r"h(\d+)v", path.getAttribute("d"))[0])
        for path in found.getElementsByTagName("path")
        if "heat" in path.getAttribute("class")
    }
    assert sizes["ch-heat1"] < sizes["ch-heat4"], "shades differ in size too"


@pytest.mark.parametrize(
    ("most", "steps"),
    [(0, [1]), (1, [1]), (2, [1, 2]), (16, [1, 2, 4, 8]), (10_000, [1, 10, 100, 1000])],
)  # fmt: skip
def test_shades_grow_geometrically(most: int, steps: list[int]) -> None:
    assert steps_of(most) == steps


def test_a_timeline_numbers_what_happened_in_order() -> None:
    late = Event(NOW + 9 * HOUR, "Đính chính", "javascript:alert(1)")
    chart = timeline_chart(
        [Bucket(NOW, 3, 2), Bucket(NOW + HOUR, 1, comments=4)],
        [late, Event(NOW, "Báo Mây đưa tin", "/tin/7")], key="x", title="t", step=HOUR,
    )  # fmt: skip
    found = parsed(chart)
    listed = [li.toxml() for li in found.getElementsByTagName("li")]
    assert '<a href="/tin/7">Báo Mây đưa tin</a>' in listed[0]
    assert listed[1].endswith("Đính chính</li>"), "no link but to pages of ours"
    assert "javascript" not in chart
    assert rows(found) == [["08:00 23/11", "3", "2", "0"], ["09:00 23/11", "1", "0", "4"]]
    assert "10 tin, 2 mốc" in chart


def test_marks_close_together_stand_on_lanes_of_their_own() -> None:
    chart = timeline_chart([Bucket(NOW, 1)], events(), key="x", title="t", step=30 * HOUR)
    heights = re.findall(r'cy="([\d.]+)"', chart)
    assert len(set(heights[:3])) == 3


def test_bars_show_the_period_before_and_a_small_line_its_last_value() -> None:
    chart = bars_chart([Bar("Báo A", 10, 5), Bar("Báo B", 0)], key="x", title="t")
    assert rows(parsed(chart)) == [["Báo A", "10", "5"], ["Báo B", "0", "–"]]
    line = sparkline([0, 10], key="x", title="t", labels=["a", "b"])
    assert rows(parsed(line)) == [["a", "0"], ["b", "10"]]
    assert 'cy="4"' in line


def test_a_key_that_makes_no_id_is_refused() -> None:
    for key in ("", "1a", 'a" onload="x', "A b"):
        with pytest.raises(ValueError, match="makes no id"):
            sparkline([1], key=key, title="t")


def test_words_are_translated() -> None:
    def shout(text: str) -> str:
        return text if "%(" in text else text.upper()

    chart = band_chart(band_of([1, 9]), key="x", title="t", translate=shout)
    assert "CAO HƠN THƯỜNG LỆ" in chart
    assert "SỐ LIỆU" in chart


def test_scales_and_numbers() -> None:
    assert [ceiling(n) for n in (0, 1, 3, 5, 6, 11, 41, 999)] == [1, 1, 4, 5, 10, 20, 50, 1000]
    assert columns(26, 336, 30) == (36, 10)
    assert columns(26, 336, 4) == (26, 77)
    assert columns(0, 100, 60)[1] < 2
    assert [short(v) for v in (0, 1.0, 2.25, -0.04)] == ["0", "1", "2.2", "0"]
    assert [usual_words(*pair) for pair in ((0, 3), (0, 0), (1000, 2000))] == [
        "0–3",
        "0",
        "1.000–2.000",
    ]
