"""What happens when: the invented district, the incidents and the misfortunes, all from one seed.

A minute of the playbook's ladder lasts half a second of the storm, so that every rung is climbed
while it blows. Nothing here looks at the product's tables.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import yaml

from langnghe.core.policy.loader import Policy, load_policy
from langnghe.core.types import Contact, Profile, Unit

SCHOOLS, COMMUNES = 125, 5
MINUTE_S = 0.5
"""Seconds of the storm for a minute of the ladder."""
LEVELS = {"vang": 1, "cam": 2, "do": 3}
TOPICS = (
    "bao_luc_hoc_duong", "khoan_thu", "an_toan_thuc_pham", "duoi_nuoc_tai_nan",
    "dao_duc_nha_giao", "an_ninh_truong_hoc", "thi_cu_gian_lan", "co_so_vat_chat",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happening:
    """One incident: when it comes (seconds), where, how grave, and when somebody answers.

    ``answer`` is a share of the time to the first rung, or ``None`` where nobody ever does.
    """

    number: int
    at: float
    school: int
    level: str
    topic: str
    answer: float | None

    @property
    def mark(self) -> str:
        """What the titles of its messages can be found by."""
        return f"B{self.number:04}"


@dataclass(frozen=True, slots=True)
class Outage:
    """The mail server is away for a while; ``drops`` messages are taken without being told so."""

    start: float
    end: float
    drops: int = 0


@dataclass(frozen=True, slots=True)
class Storm:
    """Everything that happens, in seconds from the beginning."""

    happenings: tuple[Happening, ...]
    kills: tuple[float, ...]
    outages: tuple[Outage, ...]
    full_disk: tuple[float, float] | None
    database_restart: float | None
    length: float


def make_storm(
    incidents: int, kills: int, seed: int, *, length: float, outages: int = 2, disk: bool = True
) -> Storm:
    """Return the storm of a seed: all incidents within ``length`` seconds, kills a bit longer."""
    rng = random.Random(seed)  # noqa: S311
    grave = ("vang",) * 5 + ("cam",) * 3 + ("do",) * 2
    moments = sorted(rng.uniform(0, length) for _ in range(incidents))
    # Two stories of one topic at one school are one matter, so each pair is used once.
    places = rng.sample([(s, t) for s in range(SCHOOLS) for t in TOPICS], incidents)
    happenings = tuple(
        Happening(
            number=n, at=at, school=school, level=rng.choice(grave), topic=topic,
            # Most are taken up in time, some when it was escalated already, the rest never.
            answer=rng.choice((*(rng.uniform(0.2, 0.7),) * 7, rng.uniform(1.2, 1.8), None, None)),
        )
        for n, (at, (school, topic)) in enumerate(zip(moments, places, strict=True))
    )  # fmt: skip
    # One kill in each slice of the time, so that they are spread, at any moment within it.
    slice_s = (length * 1.15 - 2) / max(1, kills)
    hits = tuple(2 + slice_s * (n + rng.uniform(0.05, 0.8)) for n in range(kills))
    last = length * 0.1
    starts = (0.2 + rng.uniform(0, 0.05), 0.6 + rng.uniform(0, 0.1))
    away = tuple(
        Outage(length * start, length * start + last, drops=2 if n else 0)
        for n, start in enumerate(starts[:outages])
    )
    full = length * 0.42
    return Storm(
        happenings=happenings, kills=hits, outages=away,
        full_disk=(full, full + length * 0.06) if disk else None,
        database_restart=length * 0.85, length=length,
    )  # fmt: skip


def address(role: str, school: int) -> str:
    """Return the mailbox of whoever holds a role for a school."""
    if role == "principal":
        return f"ht@truong{school}.example"
    if role == "officer":
        return f"thuky@truong{school}.example"
    if role == "commune":
        return f"vhxh@xa{school % COMMUNES}.example"
    return "vanphong@so.example"


def district() -> Profile:
    """Return 125 invented schools in five communes under one department."""
    sector = Unit("so", "sector", "Sở GD&ĐT tỉnh Gió Lớn",
                  contacts=(Contact("office", "Văn phòng Sở", address("sector", 0)),))  # fmt: skip
    communes = tuple(
        Unit(f"xa{n}", "commune", f"Giáo dục xã Bão {n}", "so",
             contacts=(Contact("culture", f"Phòng Văn hóa xã {n}", address("commune", n)),))
        for n in range(COMMUNES)
    )  # fmt: skip
    schools = tuple(
        Unit(f"truong{n}", "school", f"Trường Tiểu học Mưa Rào {n}", f"xa{n % COMMUNES}",
             contacts=(
                 Contact("principal", f"Hiệu trưởng {n}", address("principal", n)),
                 Contact("officer", f"Thư ký {n}", address("officer", n)),
             ))
        for n in range(SCHOOLS)
    )  # fmt: skip
    return Profile("Tỉnh Gió Lớn", (sector, *communes, *schools), version="storm")


def hurried_policy(*, digests: bool) -> Policy:
    """Return the packaged playbook with its ladder in storm time and without quiet hours.

    Reminders of steps are left out: their minutes are those of real life. With ``digests`` the
    limit of messages an hour stays the playbook's; without, every message goes by itself.
    """
    policy = load_policy()

    def hurried(span: timedelta) -> timedelta:
        return timedelta(seconds=span / timedelta(minutes=1) * MINUTE_S)

    levels = tuple(
        replace(
            level, ack=hurried(level.ack),
            ladder=tuple(replace(rung, after=hurried(rung.after)) for rung in level.ladder),
        )
        for level in policy.levels
    )  # fmt: skip
    notices = replace(policy.notices, quiet=None, group=timedelta(seconds=30))
    if not digests:
        notices = replace(notices, max_per_hour=1_000_000)
    return replace(
        policy, levels=levels, notices=notices,
        core_steps=tuple(replace(step, remind=False) for step in policy.core_steps),
        topics={
            name: replace(topic, steps=tuple(replace(s, remind=False) for s in topic.steps))
            for name, topic in policy.topics.items()
        },
    )  # fmt: skip


def rules() -> dict[str, Any]:
    """Return the levels of the packaged playbook as its file says them."""
    text = files("langnghe.core.policy").joinpath("playbook.yaml").read_text(encoding="utf-8")
    return {level["id"]: level for level in yaml.safe_load(text)["levels"]}


class FastClock:
    """The real clock, or one that runs ``speed`` times as fast since ``origin``.

    A fast one begins an hour early: it must stay behind the real one, which the engine's own
    timer goes by.
    """

    def __init__(self, origin: float, speed: float = 1.0) -> None:
        self._origin, self._speed = origin, speed
        self._behind = 0.0 if speed == 1.0 else 3600.0

    def now(self) -> datetime:
        """Return the present moment of the storm."""
        return datetime.fromtimestamp(self.at(datetime.now(UTC).timestamp()), UTC)

    def at(self, real: float) -> float:
        """Return the moment of the storm at a real one (both in seconds since 1970)."""
        return self._origin - self._behind + (real - self._origin) * self._speed
