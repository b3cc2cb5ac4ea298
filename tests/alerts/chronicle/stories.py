"""Invented mentions for the tests of the chronicle: fiction, told in a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from alerts.chronicle import Chronicle, Stated, Told, chronicle
from alerts.chronicle.counts import Drift, drifts, statements
from nlp.facts import find_facts

T0 = datetime(2026, 10, 12, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def told(
    number: int,
    hours: float,
    title: str = "",
    *,
    outlet: str = "",
    stance: str = "report",
    copy_of: int | None = None,
    kind: str = "news",
    tier: int = 3,
    speakers: tuple[str, ...] = (),
    facts: tuple[tuple[str, float | None, str], ...] = (),
) -> Told:
    """Return a mention ``hours`` after the first; without an outlet each has one of its own."""
    name = outlet or f"Báo số {number}"
    return Told(
        number, T0 + hours * HOUR, name, name, title, tier, kind, stance, copy_of,
        tuple(Stated(k, v, w, len(title) + 10) for k, v, w in facts), speakers, len(title),
    )  # fmt: skip


def read(number: int, hours: float, text: str, **more: object) -> Told:
    """Return a mention as the real fact rules read it; ``text`` is its title too."""
    found = find_facts(text)
    plain = told(number, hours, text, **more)  # type: ignore[arg-type]
    return plain._replace(
        facts=tuple(
            Stated(f.kind, f.value, f.text, f.span[0])
            for f in found
            if not f.kind.startswith(("speaker_", "date", "place"))
        ),
        speakers=tuple(
            f.kind.removeprefix("speaker_") for f in found if f.kind.startswith("speaker_")
        ),
    )


def numbers(mentions: Sequence[Told], texts: Mapping[int, str] | None = None) -> list[Drift]:
    """Return the drifts of mentions in order."""
    shown = {one.id: one.title for one in mentions} if texts is None else texts
    return list(drifts(statements(mentions), shown))


def tale(mentions: Sequence[Told], now: datetime | None = None) -> Chronicle:
    """Return the chronicle of mentions whose texts are their titles."""
    texts = {one.id: one.title for one in mentions}
    at = now or max(one.at for one in mentions)
    made = chronicle(mentions, lambda ids: {i: texts[i] for i in ids}, at)
    assert made is not None
    return made
