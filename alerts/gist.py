"""What an incident's page tells about its texts before anybody opens one of them. Pure.

Sentences and phrases are taken word for word from masked texts, never written. Cutting Vietnamese
into words is slow, so what was found is kept beside the story with a mark of the texts it was found
in (``of``) and is looked for again only when that mark changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from langnghe.core.store.incidents import StoryMention
from langnghe.core.text import digest, fold
from nlp.keyphrases import keyphrases
from nlp.summary import representative

SENTENCES = 3
PHRASES = 5
_TEXTS = 8  # texts of a story that its gist is taken from
_SPEAKER = "speaker_"
Gist = dict[str, Any]
"""``of``, ``sentences``, ``speakers`` and, of an incident, ``phrases``; empty before the first."""


def story_gist(mentions: Sequence[StoryMention], before: Mapping[str, Any]) -> Gist:
    """Return up to three sentences that stand for a story, and the roles that have spoken in it.

    ``before`` is the gist the story has; its sentences stay while its first texts do.
    """
    told = _told(mentions)
    mark = _mark(told)
    if before.get("of") == mark:
        sentences = list(before["sentences"])
    else:
        headlines = {fold(m.title) for m in told}
        found = representative([_body(m) or m.text for m in told], most=SENTENCES)
        # Where a text is nothing but its headline there is nothing to add to it.
        sentences = [s for s in found if fold(s) not in headlines] or found[:1]
    return {"of": mark, "sentences": sentences, "speakers": speakers(mentions)}


def phrases_of(mentions: Sequence[StoryMention]) -> list[str]:
    """Return up to five phrases that say what a story is about; about 0.2 seconds."""
    return list(keyphrases([m.text for m in _told(mentions)], most=PHRASES))


def speakers(mentions: Iterable[StoryMention]) -> list[str]:
    """Return who says something in these mentions: ids such as ``school``, the first one first."""
    kinds = (str(fact["kind"]) for m in mentions for fact in m.facts)
    spoken = (kind.removeprefix(_SPEAKER) for kind in kinds if kind.startswith(_SPEAKER))
    return list(dict.fromkeys(spoken))


def _told(mentions: Sequence[StoryMention]) -> list[StoryMention]:
    own = [m for m in mentions if not m.copy and m.text]
    return ([m for m in own if m.kind == "news"] or own)[:_TEXTS]


def _mark(told: Sequence[StoryMention]) -> str:
    return digest(*(part for m in told for part in (m.title, m.text)))


def _body(mention: StoryMention) -> str:
    """Return a masked text without the headline it starts with."""
    return mention.text.removeprefix(mention.title).removeprefix(". ").strip()
