"""Who had to be told of what, by the playbook's file alone, and who was: missed, extra, twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tests.storm.plan import MINUTE_S, FastClock, Happening, Storm, address, rules

GRACE_S = 2.0
"""A message being handed over at the moment of an answer may still go; later ones may not."""
Mail = Mapping[str, Any]


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    return rules()


def first_rung(level: str) -> float:
    """Return how many seconds an incident may stay unanswered before it climbs."""
    return float(_rules()[level]["ladder"][0]["after"]) * MINUTE_S


def first_readers(what: Happening) -> set[str]:
    """Return who must hear of an incident when it opens."""
    return {address(role, what.school) for role in _rules()[what.level]["notify"]}


def rungs(what: Happening) -> list[tuple[int, float, str]]:
    """Return (rung, seconds after opening, who) of an incident nobody answers."""
    ladder = _rules()[what.level]["ladder"]
    return [
        (n, rung["after"] * MINUTE_S, address(rung["role"], what.school))
        for n, rung in enumerate(ladder, start=1)
    ]


@dataclass(slots=True)
class Verdict:
    """What a storm left behind. Lists hold (incident, reader, rung)."""

    expected: int = 0
    missed: list[tuple[int, str, int]] = field(default_factory=list)
    extra: list[tuple[int, str, int]] = field(default_factory=list)
    early: list[tuple[int, str, int]] = field(default_factory=list)
    after_answer: list[tuple[int, str, int]] = field(default_factory=list)
    unlike_twice: list[tuple[int, str, int]] = field(default_factory=list)
    twice: int = 0
    """Copies with the Message-ID of one that came before: a reader can tell."""
    twice_by_server: int = 0
    """Of these, after the server had taken a message without saying so: nobody could know."""
    mails: int = 0
    seconds: list[float] = field(default_factory=list)
    seconds_calm: list[float] = field(default_factory=list)

    def in_short(self) -> dict[str, Any]:
        """Return the figures, lists as their lengths."""
        short: dict[str, Any] = {"expected": self.expected, "mails": self.mails}
        for name in ("missed", "extra", "early", "after_answer", "unlike_twice"):
            short[name] = len(getattr(self, name))
        short |= {"twice": self.twice, "twice_by_server": self.twice_by_server}
        for name, values in (("seconds", self.seconds), ("seconds_calm", self.seconds_calm)):
            short |= {f"{name}_{at}": value for at, value in quantiles(values).items()}
        return short


def missing(storm: Storm, mails: Sequence[Mail], *, rung: bool, answered: Iterable[int]) -> list[
    tuple[int, str, int]
]:  # fmt: skip
    """Return what had to be told and was not; ``rung``: each rung must be a message of its own."""
    heard: dict[tuple[int, str], set[int]] = defaultdict(set)
    for mail in mails:
        for number, reader in _named(mail):
            heard[number, reader].add(mail["seq"] % 100 if mail["seq"] >= 0 else 0)
    taken_up = set(answered)
    missed = []
    for what in storm.happenings:
        readers = sorted(first_readers(what))
        missed += [(what.number, r, 0) for r in readers if (what.number, r) not in heard]
        for n, _after, reader in rungs(what) if what.number not in taken_up else ():
            told = heard.get((what.number, reader), set())
            if (n not in told) if rung else not told:
                missed.append((what.number, reader, n))
    return missed


def judge(
    storm: Storm,
    mails: Sequence[Mail],
    *,
    arrived: Mapping[int, float],
    opened: Mapping[int, float],
    answered: Mapping[int, tuple[float, float]],
    troubles: Sequence[tuple[str, float, float]],
    digests: bool,
    clock: FastClock,
) -> Verdict:
    """Compare what arrived with what had to."""
    verdict = Verdict(mails=len(mails))
    happenings = {h.number: h for h in storm.happenings}
    verdict.expected = sum(
        len(first_readers(h)) + (len(rungs(h)) if h.number not in answered else 0)
        for h in storm.happenings
    )
    verdict.missed = missing(storm, mails, rung=not digests, answered=answered)
    copies: dict[tuple[str, str], list[Mail]] = defaultdict(list)
    same: dict[tuple[int, str, int], set[str]] = defaultdict(set)
    first: dict[tuple[int, str], float] = {}
    for mail in mails:
        for reader in mail["to"]:
            copies[mail["mid"], reader].append(mail)
        rung = mail["seq"] % 100 if mail["seq"] >= 0 else 0
        for number, reader in _named(mail):
            heard = (number, reader) in first
            first.setdefault((number, reader), mail["at"])
            what = happenings[number]
            allowed = {0: first_readers(what)} | {n: {who} for n, _s, who in rungs(what)}
            if digests:
                everybody = set().union(*allowed.values())
                if reader not in everybody:
                    verdict.extra.append((number, reader, rung))
                same[number, reader, -1].add(mail["mid"])
                continue
            same[number, reader, rung].add(mail["mid"])
            if reader not in allowed.get(rung, set()):
                verdict.extra.append((number, reader, rung))
            if rung:
                due = next(after for n, after, _who in rungs(what) if n == rung)
                if clock.at(mail["at"]) < opened[number] + due:
                    verdict.early.append((number, reader, rung))
                # Who knew nothing is still told, by the rung that stood in for the first notice.
                if heard and number in answered and mail["at"] > answered[number][1] + GRACE_S:
                    verdict.after_answer.append((number, reader, rung))
    for key, ids in same.items():
        number, reader, rung = key
        what = happenings[number]
        most = 1
        if rung < 0:
            most = (reader in first_readers(what)) + sum(w == reader for _n, _s, w in rungs(what))
        verdict.unlike_twice += [key] * max(0, len(ids) - most)
    for several in copies.values():
        verdict.twice += len(several) - 1
        verdict.twice_by_server += sum(1 for mail in several[:-1] if not mail["said"])
    for what in storm.happenings:
        for reader in first_readers(what):
            if (what.number, reader) in first and what.number in arrived:
                came, told = arrived[what.number], first[what.number, reader]
                verdict.seconds.append(told - came)
                if not any(came < end and told > start for _w, start, end in troubles):
                    verdict.seconds_calm.append(told - came)
    return verdict


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """Return p50, p95 and the worst of some seconds."""
    if not values:
        return {}
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[max(0, round(share * len(ordered)) - 1)], 2)

    return {"p50": at(0.5), "p95": at(0.95), "max": at(1.0)}


def _named(mail: Mail) -> Iterable[tuple[int, str]]:
    return [(int(name[1:]), reader) for name in mail["names"] for reader in mail["to"]]
