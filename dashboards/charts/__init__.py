"""Charts drawn on the server: pure functions from numbers to one SVG with its figures beneath.

A chart is a ``<figure class="chart">``: an inline SVG (``role="img"``, title and description), a
line of words for its marks, and the same numbers as a table behind «Số liệu», so that nobody needs
the picture. Colours are classes of ``app.css``; nothing is told by colour alone. ``key`` makes the
ids and is to be unique in its page.
"""

from __future__ import annotations

from dashboards.charts.bars import Bar, bars_chart, sparkline
from dashboards.charts.days import BandDay, Series, Stack, band_chart, stack_chart, tone_series
from dashboards.charts.frame import Translate
from dashboards.charts.heat import HeatRow, heat_chart
from dashboards.charts.timeline import Bucket, Event, timeline_chart

__all__ = [
    "BandDay",
    "Bar",
    "Bucket",
    "Event",
    "HeatRow",
    "Series",
    "Stack",
    "Translate",
    "band_chart",
    "bars_chart",
    "heat_chart",
    "sparkline",
    "stack_chart",
    "timeline_chart",
    "tone_series",
]
