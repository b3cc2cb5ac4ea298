"""A story in a few sentences of its own texts, each with who said it and when. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.chronicle.spread import Source, source
from alerts.chronicle.told import REPLIES, Texts, Told
from langnghe.core.text import fold
from nlp.summary import representative

SENTENCES = 4
_FIRST, _ANSWERS, _LAST = 3, 2, 2


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it stands in a masked text."""

    text: str
    source: Source


def asked(told: Sequence[Told]) -> tuple[int, ...]:
    """Return the ids of the mentions a summary is taken from: early ones, answers, the newest."""
    own = [t for t in told if t.copy_of is None and not t.is_comment]
    own = own or [t for t in told if t.copy_of is None]
    answers = [t for t in own if t.stance in REPLIES]
    picked = [*own[:_FIRST], *answers[-_ANSWERS:], *own[-_LAST:]]
    return tuple(dict.fromkeys(t.id for t in picked))


def summary_of(told: Sequence[Told], texts: Texts) -> tuple[Sentence, ...]:
    """Return up to four sentences in order of time; ``texts`` of ``asked(told)``, masked."""
    wanted = set(asked(told))
    shown = [(t, _body(t, texts[t.id])) for t in told if t.id in wanted and t.id in texts]
    titles = {fold(t.title) for t, _ in shown}
    found: list[Sentence] = []
    for text in representative([body for _, body in shown if body], most=SENTENCES):
        if fold(text) in titles:
            continue
        by = next((t for t, body in shown if text in body), None)
        if by is not None:
            found.append(Sentence(text, source(by)))
    return tuple(sorted(found, key=lambda s: (s.source.at, s.source.id)))


def _body(one: Told, text: str) -> str:
    return text.removeprefix(one.title).removeprefix(". ").strip() if one.title else text
