"""Is the house still listening? Silence is not safety, so a stage standing still is said aloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal


@dataclass(frozen=True, slots=True)
class Liveness:
    """``stalled`` names the stages standing still; ``newest`` is the last sign of life."""

    state: Literal["listening", "starting", "stalled"]
    stalled: tuple[str, ...]
    newest: datetime | None
    collected: datetime | None


def liveness(
    beats: Mapping[str, datetime], *, started: datetime, now: datetime, limit_s: float
) -> Liveness:
    """Judge the heartbeats of the stages; the start of the judging process counts as a beat.

    So a service that was off for a night is starting in the morning, not standing still.
    """
    limit = timedelta(seconds=limit_s)
    # A beat that lies ahead was left by a clock since set right: no sign of life.
    beats = {stage: at if at - now <= limit else started for stage, at in beats.items()}
    newest = max(beats.values(), default=None)
    stalled = tuple(sorted(s for s, at in beats.items() if now - max(at, started) > limit))
    state: Literal["listening", "starting", "stalled"] = "listening"
    if stalled or (not beats and now - started > limit):
        state = "stalled"
    elif newest is None or now - newest > limit:
        state = "starting"
    return Liveness(state, stalled, newest, beats.get("collect"))
