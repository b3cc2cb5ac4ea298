"""The sentence that stands for a story: chosen from its texts, never written.

A summary that words anything itself could put a claim into the school's mouth. Here every sentence
returned stands letter by letter in one of the sources.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from nlp.normalise import tokens

SHORTEST, LONGEST = 5, 60  # in syllables: below a heading or a shout, above a whole paragraph
_LETTERS = 4_000


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, in order; each is a substring of it."""
    # Loaded on first use: it brings in a large package that reading alone never needs.
    from underthesea import sent_tokenize

    found: list[str] = []
    for line in text[:_LETTERS].split("\n"):
        found += [part for part in sent_tokenize(line) if part and part in text]
    return found


def representative(texts: Sequence[str], *, most: int = 1) -> list[str]:
    """Return up to ``most`` sentences that best stand for texts about one matter.

    Earlier texts and earlier sentences win ties. A sentence scores by how many texts share its
    words; one that mostly repeats a chosen one is passed over. Give masked texts to show the
    result to anybody.
    """
    spread: Counter[str] = Counter()
    for text in texts:
        spread.update({token.plain for token in tokens(text[:_LETTERS])})
    usual = math.log(1 + len(texts))
    scored: list[tuple[float, int, str, frozenset[str]]] = []
    for order, sentence in enumerate(s for text in texts for s in sentences(text)):
        words = [token.plain for token in tokens(sentence)]
        if SHORTEST <= len(words) <= LONGEST:
            kinds = frozenset(words)
            score = sum(math.log(1 + spread[word]) for word in kinds) / (usual * len(kinds) ** 0.75)
            scored.append((-score, order, sentence, kinds))
    chosen: list[tuple[str, frozenset[str]]] = []
    for _, _, sentence, kinds in sorted(scored):
        if all(len(kinds & known) < 0.5 * len(kinds) for _, known in chosen):
            chosen.append((sentence, kinds))
        if len(chosen) == most:
            break
    return [sentence for sentence, _ in chosen]
