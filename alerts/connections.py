"""The ways out and their connections: several to one server, open as long as there is work."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.outmail import Channel, Several

Channels = Channel | Mapping[str, Channel]
"""Ways out by their ids; a channel alone is that of e-mail."""
CONNECTIONS = 4


def as_channels(channels: Channels) -> Mapping[str, Channel]:
    """Return ways out by their ids."""
    return channels if isinstance(channels, Mapping) else {"email": channels}


class Lines:
    """Ways out and all their connections, kept open from turn to turn until ``close``."""

    def __init__(self, channels: Channels) -> None:
        self.channels = as_channels(channels)
        self._spare: dict[str, list[Channel]] = {}

    def connections(self, name: str, wanted: int) -> list[Channel | None]:
        """Return the connections to hand ``wanted`` messages over; ``[None]`` without a way."""
        first = self.channels.get(name)
        if not isinstance(first, Several) or wanted < CONNECTIONS:
            return [first]
        spare = self._spare.setdefault(name, [])
        while len(spare) < CONNECTIONS - 1:
            spare.append(first.another())
        return [first, *spare]

    def close(self) -> None:
        """End every connection; the next turn opens them again."""
        spare, self._spare = self._spare, {}
        for channel in (
            *self.channels.values(),
            *(c for several in spare.values() for c in several),
        ):
            channel.close()
