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
    """Judge the heartbeats of the stages; before the first one the start counts as a beat."""
    limit = timedelta(seconds=limit_s)
    newest = max(beats.values(), default=None)
    stalled = tuple(sorted(stage for stage, at in beats.items() if now - at > limit))
    if not beats:
        state: Literal["listening", "starting", "stalled"] = (
            "stalled" if now - started > limit else "starting"
        )
    else:
        state = "stalled" if stalled else "listening"
    return Liveness(state, stalled, newest, beats.get("collect"))
