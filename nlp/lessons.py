"""Corrections out of the store as labelled rows: what a person said, or the whole reading."""

from __future__ import annotations

from langnghe.core.corrections import Field
from langnghe.core.store.queries.corrections import Lesson
from nlp.labels import Labelled


def stated(lesson: Lesson) -> Labelled | None:
    """Return only what the person said; ``None`` where that teaches no model (a wrong unit)."""
    said = lesson.said
    if not set(said) - {Field.NOT_ABOUT_US}:
        return None
    about = said.get(Field.ABOUT_EDUCATION)
    if about is None and (said.get(Field.TOPICS) or said.get(Field.RISK)):
        about = True
    topics = said.get(Field.TOPICS)
    return Labelled(
        item=lesson.item,
        about_education=about,
        scope=None,
        sentiment=said.get(Field.SENTIMENT),
        topics=None if topics is None else frozenset(topics),
        topics_ok=frozenset(),
        risk=said.get(Field.RISK),
    )


def filled(lesson: Lesson) -> Labelled:
    """Return every answer: the person's, and the machine's where they saw it and let it stand."""
    reading = lesson.reading
    about = bool(reading["about_education"])
    return Labelled(
        item=lesson.item,
        about_education=about,
        scope=reading["scope"],
        sentiment=reading["sentiment"],
        topics=frozenset(hit["topic"] for hit in reading["topics"]) if about else frozenset(),
        topics_ok=frozenset(),
        risk=reading["risk"],
    )
