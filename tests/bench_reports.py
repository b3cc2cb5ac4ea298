"""What papers cost: ``python -m tests.bench_reports [--mentions N] [--incidents N] [--events N]``.

A month of 3,000 mentions and 30 incidents after a month of 3,000 before it, and a dossier of 200
entries. Prints, for each paper, wall time of its facts, its PDF and its DOCX: the first one made in
a fresh process (fonts and libraries are loaded) and the median of five after it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from langnghe.core.store.engine import Store
from tests.conftest import NOW
from tests.dashboards.reports import samples

LIMIT_S = 2.0


def main() -> None:
    """Run, print, and fail where a file takes longer than two seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=3_000)
    parser.add_argument("--incidents", type=int, default=30)
    parser.add_argument("--events", type=int, default=200)
    given = parser.parse_args()
    slow = False
    with tempfile.TemporaryDirectory() as name:
        store = Store(f"sqlite:///{Path(name) / 'bench.db'}")
        store.migrate()
        house = samples.services(store, Path(name))
        for month in (1, 0):
            samples.month_of_news(
                store, mentions=given.mentions, incidents=given.incidents,
                until=NOW - timedelta(days=30 * month), first=1 + 1_000_000 * month, seed=month,
            )  # fmt: skip
        incident = samples.crisis(store, events=given.events)
        samples.statements(store, incident)
        started = perf_counter()
        from alerts.reports.desk import Wish, facts_for
        from alerts.reports.facts import PaperKind
        from dashboards.reports.make import make

        sys.stdout.write(f"loading the writers: {perf_counter() - started:.2f} s\n")
        for kind in (PaperKind.MONTH, PaperKind.DOSSIER, PaperKind.QUICK, PaperKind.DIGEST,
                     PaperKind.REGISTER, PaperKind.RELEASE):  # fmt: skip
            first, last = date(2026, 10, 24), date(2026, 11, 23)
            if kind is PaperKind.DIGEST:
                first = last = date(2026, 11, 22)
            wish = Wish(kind, "th", incident, 1, first, last)
            times: dict[str, list[float]] = {"facts": [], "pdf": [], "docx": []}
            sizes: dict[str, int] = {}
            for _ in range(6):
                at = perf_counter()
                facts = facts_for(house, wish, viewer_unit=None)
                times["facts"].append(perf_counter() - at)
                for form in ("pdf", "docx"):
                    at = perf_counter()
                    sizes[form] = len(make(facts, form).content)
                    times[form].append(perf_counter() - at)
            for form in ("pdf", "docx"):
                slow |= times["facts"][0] + times[form][0] > LIMIT_S
            said = "  ".join(
                f"{part} {spent[0]:.2f}/{median(spent[1:]):.2f} s" for part, spent in times.items()
            )
            kilobytes = ", ".join(f"{form} {size // 1024} KB" for form, size in sizes.items())
            sys.stdout.write(f"{kind.value:14} {said}  ({kilobytes})\n")
        store.close()
    if slow:
        sys.exit("a paper took longer than two seconds")


if __name__ == "__main__":
    main()
