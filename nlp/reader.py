"""The nlp room's front door: items in, readings out, batched and pure.

Cheap things run on everything, dear things (the encoder first of all) only on what may be about
education: in a raw stream nine items in ten are not. The child shield runs on everything, because
everything may be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from langnghe.core.text import digest
from langnghe.core.types import (
    Fact,
    Item,
    Profile,
    Reading,
    Sentiment,
    Stance,
    TopicHit,
    UnitDoubt,
    UnitHit,
)
from nlp.blend import BLEND, Blend, post_share
from nlp.decide import Decision, calm, decide
from nlp.encoder import MODEL, Encoder
from nlp.evidence import Evidence
from nlp.facts import find_facts
from nlp.features import View, names, view
from nlp.legible import unreadable
from nlp.lexicon import Lexicon, taxonomy
from nlp.models import DEFAULT_WEIGHTS, LinearModels, Prediction, head_names
from nlp.shield import mask
from nlp.stance import judge_stance
from nlp.units import UnitLinker

RULES_VERSION = "2"
# Facts, stance and units are looked for from this probability on: below it nothing hangs on them.
READ_FROM = 0.15
# The encoder looks again from here on: one item in ten of a raw stream. None of the 423 items
# about education of the dev file lies below (nor below .2).
LOOK_AGAIN_FROM = 0.15
# Longer than any article; keeps one monstrous post from holding up the queue.
LONGEST_READ = 20_000
# What is said of a text that cannot be read (see ``legible``): nothing, and with little certainty.
UNREAD = Decision(False, "n/a", Sentiment.NEU.value, {}, 0)
UNREAD_P = 0.1


class Reader:
    """Understands items; holds the models and the watched units, and no other state."""

    def __init__(
        self,
        models: LinearModels,
        lexicon: Lexicon,
        linker: UnitLinker,
        profile_version: str,
        *,
        encoder: Encoder,
        blend: Blend,
    ) -> None:
        self._models = models
        self._lexicon = lexicon
        self._linker = linker
        self._encoder = encoder
        self._blend = blend
        self.version = digest(
            models.version,
            lexicon.version,
            RULES_VERSION,
            profile_version,
            encoder.version,
            blend.version,
        )[:12]

    @classmethod
    def load(cls, profile: Profile | None = None, *, weights: Path | None = None) -> Reader:
        """Load the shipped (or given) weights; without profile no units are linked.

        ``weights`` is a folder or a file of linear models; a folder without an encoder of its own
        borrows the shipped one. Raises ``ConfigError`` for weights that are missing or not ours.
        """
        watched = profile or Profile(name="", units=())
        models = LinearModels.load(_linear(weights) if weights else DEFAULT_WEIGHTS)
        folder = _encoder_folder(weights)
        return cls(
            models,
            taxonomy(),
            UnitLinker(watched),
            watched.version,
            encoder=Encoder.load(folder),
            blend=Blend.load(folder / BLEND, head_names(models.topics)),
        )

    def watching(self, profile: Profile) -> Reader:
        """Return this reader for other watched units; the models are shared, not loaded again."""
        return Reader(
            self._models,
            self._lexicon,
            UnitLinker(profile),
            profile.version,
            encoder=self._encoder,
            blend=self._blend,
        )

    def predict(self, items: Sequence[Item]) -> list[Reading]:
        """Return one reading an item, in order; the same items give the same readings."""
        if not items:
            return []
        seen = [view(item, self._lexicon) for item in items]
        found = [names(one) for one in seen]
        predicted, decided = self._judge(items, found)
        readings = []
        for row, item in enumerate(items):
            text, title = _shielded(item)
            p = float(predicted.education[row])
            facts: tuple[Fact, ...] = ()
            units: tuple[UnitHit, ...] = ()
            undecided: tuple[UnitDoubt, ...] = ()
            stance = Stance.COMMENT if item.kind == "comment" else Stance.REPORT
            note = unreadable(item.full_text, seen[row].title + seen[row].body)
            if note:
                p, decided[row] = min(p, UNREAD_P), UNREAD
            if decided[row].about_education or p >= READ_FROM:
                body = item.full_text[:LONGEST_READ]
                facts = find_facts(body)
                ours = decided[row].about_education and decided[row].scope == "vn"
                told = self._linker.read(body, at=item.published_at, ours=ours)
                units, undecided = told.hits, told.undecided
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
                    undecided=undecided,
                    note=note,
                )
            )
        return readings

    def _judge(
        self, items: Sequence[Item], found: Sequence[set[str]]
    ) -> tuple[Prediction, list[Decision]]:
        """Return what the linear models say, with the encoder's word where it was asked."""
        predicted = self._models.predict(found)
        decided = decide(predicted, self._models.thresholds, self._models.topics)
        again = np.flatnonzero(predicted.education >= LOOK_AGAIN_FROM).tolist()
        if not again:
            return predicted, decided
        chosen = [items[at] for at in again]
        posts = [post_share(item) for item in chosen]
        mixed = self._blend.mix(predicted.rows(again), self._encoder.scores(chosen), posts)
        for part, better in zip(predicted, mixed, strict=True):
            part[again] = better
        told = decide(mixed, self._blend.thresholds, self._models.topics)
        for at, decision in zip(again, told, strict=True):
            decided[at] = decision
        return predicted, decided

    def _topics(
        self, seen: View, found: set[str], chosen: dict[str, float], shown: str
    ) -> tuple[TopicHit, ...]:
        asked = Evidence(seen, found, self._models, shown)
        return tuple(TopicHit(topic, p, asked.of(topic)) for topic, p in chosen.items())

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
            "undecided": [
                {
                    "unit": doubt.unit,
                    "confidence": round(doubt.confidence, 3),
                    "span": list(doubt.span),
                    "reason": doubt.reason,
                }
                for doubt in reading.undecided
            ],
            "note": reading.note,
        }


def _linear(weights: Path) -> Path:
    return weights / DEFAULT_WEIGHTS.name if weights.is_dir() else weights


def _encoder_folder(weights: Path | None) -> Path:
    """Return the folder of the encoder that goes with some linear weights."""
    own = weights if weights is None or weights.is_dir() else weights.parent
    return own if own and (own / MODEL).is_file() else DEFAULT_WEIGHTS.parent


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
