"""The nlp room's front door: items in, readings out, batched and pure.

Cheap things run on everything, dear things only on what is about education: in a raw stream nine
items in ten are not. The child shield runs on everything, because everything may be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langnghe.core.text import digest
from langnghe.core.types import (
    Fact,
    Item,
    Profile,
    Reading,
    Sentiment,
    Stance,
    TopicHit,
    UnitHit,
)
from nlp.decide import calm, decide
from nlp.evidence import evidence
from nlp.facts import find_facts
from nlp.features import View, names, view
from nlp.lexicon import Lexicon, taxonomy
from nlp.models import DEFAULT_WEIGHTS, LinearModels
from nlp.shield import mask
from nlp.stance import judge_stance
from nlp.units import UnitLinker

RULES_VERSION = "1"
# Facts, stance and units are looked for from this probability on: below it nothing hangs on them.
READ_FROM = 0.15
# Longer than any article; keeps one monstrous post from holding up the queue.
LONGEST_READ = 20_000


class Reader:
    """Understands items; holds the models and the watched units, and no other state."""

    def __init__(
        self, models: LinearModels, lexicon: Lexicon, linker: UnitLinker, profile_version: str
    ) -> None:
        self._models = models
        self._lexicon = lexicon
        self._linker = linker
        self.version = digest(models.version, lexicon.version, RULES_VERSION, profile_version)[:12]

    @classmethod
    def load(cls, profile: Profile | None = None, *, weights: Path | None = None) -> Reader:
        """Load the shipped (or given) weights; without profile no units are linked.

        Raises ``ConfigError`` for weights that are missing or not ours.
        """
        watched = profile or Profile(name="", units=())
        models = LinearModels.load(weights or DEFAULT_WEIGHTS)
        return cls(models, taxonomy(), UnitLinker(watched), watched.version)

    def predict(self, items: Sequence[Item]) -> list[Reading]:
        """Return one reading an item, in order; the same items give the same readings."""
        if not items:
            return []
        seen = [view(item, self._lexicon) for item in items]
        found = [names(one) for one in seen]
        predicted = self._models.predict(found)
        decided = decide(predicted, self._models.thresholds, self._models.topics)
        readings = []
        for row, item in enumerate(items):
            text, title = _shielded(item)
            p = float(predicted.education[row])
            facts: tuple[Fact, ...] = ()
            units: tuple[UnitHit, ...] = ()
            stance = Stance.COMMENT if item.kind == "comment" else Stance.REPORT
            if decided[row].about_education or p >= READ_FROM:
                body = item.full_text[:LONGEST_READ]
                facts = find_facts(body)
                units = self._linker.link(body, at=item.published_at)
                stance = judge_stance(item.title, (item.text or "")[:LONGEST_READ], item.kind)
            risk_p, risk = calm(predicted.risk[row].tolist(), decided[row].risk, stance)
            readings.append(
                Reading(
                    about_education=decided[row].about_education,
                    about_education_p=p,
                    scope=decided[row].scope,
                    sentiment=Sentiment(decided[row].sentiment),
                    sentiment_p={
                        tone.value: float(q)
                        for tone, q in zip(Sentiment, predicted.sentiment[row], strict=True)
                    },
                    topics=self._topics(seen[row], found[row], decided[row].topics, text),
                    risk=risk,
                    risk_p=risk_p,
                    stance=stance,
                    facts=facts,
                    units=units,
                    masked_text=text,
                    masked_title=title,
                    model=self.version,
                )
            )
        return readings

    def _topics(
        self, seen: View, found: set[str], chosen: dict[str, float], shown: str
    ) -> tuple[TopicHit, ...]:
        return tuple(
            TopicHit(topic, p, evidence(seen, found, self._models, topic, shown))
            for topic, p in chosen.items()
        )

    @staticmethod
    def to_json(item: Item, reading: Reading) -> dict[str, Any]:
        """Return one line of ``langnghe analyse``: plain values, nothing the shield hides.

        ``facts`` maps a kind to its findings; the words of a finding are left out (``null``) where
        the shield hides part of them.
        """
        facts: dict[str, list[dict[str, Any]]] = {}
        for fact in reading.facts:
            words = fact.text if fact.text in reading.masked_text else None
            facts.setdefault(fact.kind, []).append(
                {"value": fact.value, "span": list(fact.span), "text": words}
            )
        return {
            "id": item.id,
            "about_education": reading.about_education,
            "about_education_p": round(reading.about_education_p, 4),
            "scope": reading.scope,
            "sentiment": reading.sentiment.value,
            "sentiment_p": {name: round(p, 4) for name, p in reading.sentiment_p.items()},
            "topics": [
                {"topic": hit.topic, "p": round(hit.p, 4), "evidence": list(hit.evidence)}
                for hit in reading.topics
            ],
            "risk": reading.risk,
            "risk_p": [round(p, 4) for p in reading.risk_p],
            "stance": reading.stance.value,
            "facts": facts,
            "units": [
                {
                    "unit": hit.unit,
                    "confidence": round(hit.confidence, 3),
                    "span": list(hit.span),
                }
                for hit in reading.units
            ],
            "masked_text": reading.masked_text,
            "model": reading.model,
        }


def _shielded(item: Item) -> tuple[str, str]:
    """Return full text and title after the shield.

    The title is cut out of the masked whole where that can be done: what the body tells about a
    name ("em M., lớp 4") also covers the name in the headline.
    """
    whole, title = mask(item.full_text), item.title or ""
    parts, at = [], 0
    for span in sorted(whole.spans, key=lambda span: span.start):
        if span.end <= len(title):
            parts += [title[at : span.start], span.replacement]
            at = span.end
    shown = "".join([*parts, title[at:]])
    return whole.text, shown if whole.text.startswith(shown) else mask(title).text
