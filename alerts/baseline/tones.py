"""Count one day's mentions by unit, topic and tone, for people to look at.

Pure. ``tally`` next door counts what may ring; this counts what was said, as the weekly paper does:
every mention about education of a unit or anything below it, copies and praise included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alerts.baseline.tally import ALL, Tree
from langnghe.core.store.board import Tones
from langnghe.core.store.watch_counts import Count, Key, Told

_TOPIC_P = 0.5
_PLACES = {"neg": 0, "neu": 1, "pos": 2}


def tone_tally(
    mentions: Iterable[Told], counted: Mapping[Key, Count], tree: Tree
) -> dict[Key, Tones]:
    """Return the tones of one day by (unit, topic), with ``counted`` originals beside them."""
    heaps: dict[Key, list[int]] = {}
    paths: dict[str, list[str]] = {}
    for mention in mentions:
        place = _PLACES.get(mention.sentiment)
        if place is None:
            continue
        topics = {ALL, *(hit["topic"] for hit in mention.topics if hit["p"] >= _TOPIC_P)}
        units: dict[str, None] = {}
        for unit in mention.units:
            units.update(dict.fromkeys(paths.setdefault(unit, tree.upward(unit))))
        for unit in units:
            for topic in topics:
                heaps.setdefault((unit, topic), [0, 0, 0])[place] += 1
    none = Count(0, 0)
    return {
        key: Tones(counted.get(key, none).originals, *heaps.get(key, (0, 0, 0)))
        for key in sorted(heaps.keys() | counted.keys())
    }
