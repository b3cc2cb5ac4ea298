"""The storm in small: processes killed and mail away, nobody missed; and its counting can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.storm.count import Verdict, first_readers, judge, rungs
from tests.storm.plan import FastClock, Storm, make_storm
from tests.storm.storm import ride_out

CALM = make_storm(20, 0, 7, length=10.0, outages=0, disk=False)
NOBODY = {h.number: (50.0, 50.0) for h in CALM.happenings}


def mail(number: int, reader: str, *, seq: int = 100, mid: str = "", at: float = 1.0,
         said: bool = True) -> dict[str, Any]:  # fmt: skip
    return {
        "at": at, "mid": mid or f"<{number}-{reader}-{seq}>", "to": [reader],
        "names": [f"B{number:04}"], "level": "", "seq": seq, "many": False, "said": said,
    }  # fmt: skip


def all_told() -> list[dict[str, Any]]:
    return [mail(h.number, who) for h in CALM.happenings for who in sorted(first_readers(h))]


def verdict(mails: list[dict[str, Any]], answered: dict[int, tuple[float, float]] = NOBODY,
            storm: Storm = CALM) -> Verdict:  # fmt: skip
    return judge(
        storm, mails, arrived={h.number: 0.0 for h in storm.happenings},
        opened={h.number: 0.0 for h in storm.happenings}, answered=answered, troubles=[],
        digests=False, clock=FastClock(0.0),
    )  # fmt: skip


def test_counting_finds_who_was_not_told() -> None:
    mails = all_told()
    assert verdict(mails).missed == []
    assert len(verdict(mails[1:]).missed) == 1
    unanswered = {n: when for n, when in NOBODY.items() if n != 3}
    steps = rungs(CALM.happenings[3])
    assert [rung for _n, _who, rung in verdict(mails, unanswered).missed] == [
        n for n, _after, _who in steps
    ]
    climbed = [mail(3, who, seq=100 + n, at=after + 1) for n, after, who in steps]
    assert verdict(mails + climbed, unanswered).missed == []


def test_counting_tells_a_copy_from_a_second_message() -> None:
    mails = all_told()
    copy = verdict([*mails, mails[0]])
    assert (copy.twice, copy.twice_by_server, copy.unlike_twice) == (1, 0, [])
    unsure = verdict([mails[0] | {"said": False}, *mails])
    assert (unsure.twice, unsure.twice_by_server) == (1, 1)
    assert len(verdict([*mails, mails[0] | {"mid": "<other>"}]).unlike_twice) == 1


def test_counting_finds_what_nobody_asked_for() -> None:
    [n, after, who], *_ = rungs(CALM.happenings[5])
    mails = all_told()
    assert verdict([*mails, mail(5, "ai-do@x.example")]).extra == [(5, "ai-do@x.example", 0)]
    assert verdict([*mails, mail(5, who, seq=100 + n, at=after - 1)]).early == [(5, who, n)]
    known = [*mails, mail(5, who)]
    late = verdict([*known, mail(5, who, seq=100 + n, at=53.0)], {**NOBODY, 5: (50.0, 50.5)})
    assert late.after_answer == [(5, who, n)]


def test_a_small_storm_misses_nobody(tmp_path: Path) -> None:
    storm = make_storm(40, 3, 5, length=5.0, outages=1, disk=False)
    found, lived = ride_out(storm, tmp_path / "storm", speed=15.0, disk=False, patience_s=60.0)
    assert (lived.kills, len(lived.troubles), found.expected > 90) == (3, 1, True)
    assert found.missed == []
    assert (found.extra, found.early, found.after_answer, found.unlike_twice) == ([], [], [], [])
    assert found.twice <= 3, "at most one message a kill is in doubt, and it has the same id"
