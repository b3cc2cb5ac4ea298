"""Run the storm over our house on both databases, and over alertmanager, and print what was left.

``python -m tests.storm [--incidents 1000] [--kills 20] [--seed 1] [--json OUT]``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.storm.alertmanager import PROGRAM, Rival, installed
from tests.storm.count import Verdict, judge, missing
from tests.storm.house import Lived, Weather
from tests.storm.machine import postgres_binaries
from tests.storm.plan import FastClock, Storm, make_storm

RUNS = ("sqlite", "sqlite-digests", "postgres", "alertmanager")
SETTLE_S = 3.0


def ride_out(
    storm: Storm, folder: Path, *, postgres: bool = False, digests: bool = False,
    speed: float = 1.0, disk: bool = True, patience_s: float = 300.0,
) -> tuple[Verdict, Lived]:  # fmt: skip
    """Let a storm pass over our house; return the verdict and what happened.

    Afterwards it waits until everything expected has come, at most ``patience_s``.
    """
    weather = Weather(storm, folder, postgres=postgres, digests=digests, speed=speed, disk=disk)
    try:
        weather.blow().join()
        _wait(
            lambda: not missing(
                storm, weather.post.mails(), rung=not digests, answered=weather.lived.answered
            )
            and all(h.answer is None or h.number in weather.lived.answered
                    for h in storm.happenings),
            patience_s,
        )  # fmt: skip
    finally:
        lived = weather.close()
    return judge(
        storm, lived.mails, arrived=lived.arrived, opened=lived.opened, answered=lived.answered,
        troubles=lived.troubles, digests=digests, clock=weather.clock,
    ), lived  # fmt: skip


def rivals(storm: Storm, folder: Path, patience_s: float) -> dict[str, tuple[Verdict, Lived]]:
    """Let the storm pass over three alertmanagers at once."""
    ways: dict[str, dict[str, Any]] = {
        "once": {"repeats": False}, "again": {"repeats": True},
        "again, kept every second": {"repeats": True, "keep": "1s"},
    }  # fmt: skip
    running = {name: Rival(storm, folder / f"am{n}", **way)
               for n, (name, way) in enumerate(ways.items())}  # fmt: skip
    time.sleep(1)
    found = {}
    try:
        for table in [rival.blow() for rival in running.values()]:
            table.join()
        _wait(lambda: not any(r.missed() for n, r in running.items() if n != "once"), patience_s)
    finally:
        for name, rival in running.items():
            lived = rival.close()
            everybody = {h.number: (0.0, 0.0) for h in storm.happenings}
            found[name] = judge(
                storm, lived.mails, arrived=lived.arrived, opened={}, answered=everybody,
                troubles=lived.troubles, digests=False, clock=FastClock(0.0),
            ), lived  # fmt: skip
    return found


def _wait(done: Callable[[], bool], patience_s: float) -> None:
    end = time.monotonic() + patience_s
    while not done() and time.monotonic() < end:
        time.sleep(0.5)
    time.sleep(SETTLE_S)  # a copy too many would come now


def main() -> None:
    """Run what is asked for and print a line of figures for each."""
    ask = argparse.ArgumentParser(prog="python -m tests.storm")
    ask.add_argument("--incidents", type=int, default=1000)
    ask.add_argument("--kills", type=int, default=20)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--length", type=float, default=0.0, help="seconds; 0: five a second")
    ask.add_argument("--patience", type=float, default=600.0, help="seconds to wait at the end")
    ask.add_argument("--only", choices=RUNS, action="append", help="leave the others out")
    ask.add_argument("--json", type=Path, help="write all figures and lists here")
    ask.add_argument("--keep", type=Path, help="leave the folders of the runs here")
    asked = ask.parse_args()
    length = asked.length or asked.incidents / 5
    storm = make_storm(asked.incidents, asked.kills, asked.seed, length=length)
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="langnghe-storm-"))
    results: dict[str, Any] = {"storm": {
        "incidents": asked.incidents, "kills": asked.kills, "seed": asked.seed, "length": length,
        "outages": [asdict(outage) for outage in storm.outages], "full_disk": storm.full_disk,
        "database_restart": storm.database_restart,
    }}  # fmt: skip
    for name in asked.only or RUNS:
        began = time.monotonic()
        if name.startswith("postgres") and postgres_binaries() is None:
            found: dict[str, tuple[Verdict, Lived]] | str = "no PostgreSQL server on this machine"
        elif name == "alertmanager" and not installed():
            found = f"{PROGRAM} is not installed"
        elif name == "alertmanager":
            found = rivals(storm, folder / name, asked.patience)
        else:
            found = {"": ride_out(
                storm, folder / name, postgres=name == "postgres", digests="digests" in name,
                patience_s=asked.patience,
            )}  # fmt: skip
        if isinstance(found, str):
            results[name] = found
            print(f"{name}: skipped, {found}", flush=True)
            continue
        for way, (verdict, lived) in found.items():
            title = f"{name} {way}".strip()
            line = verdict.in_short() | {
                "kills": lived.kills, "gave_up": lived.gave_up, "notes": lived.notes,
                "troubles": [[w, round(b - a, 1)] for w, a, b in lived.troubles],
                "took_s": round(time.monotonic() - began),
            }  # fmt: skip
            print(f"{title}: {json.dumps(line, ensure_ascii=False)}", flush=True)
            results[title] = line | {"lists": {
                name: getattr(verdict, name)
                for name in ("missed", "extra", "early", "after_answer", "unlike_twice")
            }}  # fmt: skip
            if asked.json:
                asked.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
    if asked.keep is None:
        shutil.rmtree(folder, ignore_errors=True)
