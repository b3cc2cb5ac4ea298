"""The sentences that stand for a story: chosen from its texts, never written.

A summary that words anything itself could put a claim into the school's mouth. Here every sentence
returned stands letter by letter in one of the sources. The first is the one that tells who, what,
where and how many; a further one must add something.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from nlp.facts import find_facts
from nlp.normalise import tokens

SHORTEST, LONGEST = 5, 60  # in syllables: below a heading or a shout, above a whole paragraph
_LETTERS = 4_000
_SAME = 0.5  # a sentence that shares this much of its words with a chosen one adds nothing
_TELLING = {"place": 0.06, "date": 0.06, "money": 0.06}
_CUT = re.compile(r"(?:\b\w\.)+$")  # cut behind an initial: the sentence goes on
_BOILER = re.compile(
    r"^(?:ảnh|video|clip|theo dõi|xem thêm|đọc thêm|mời bạn đọc|bấm vào|nguồn|minh họa|tags?|"
    r"mọi thông tin|liên hệ|quảng cáo|đăng ký|chia sẻ bài|bản quyền|©|tin liên quan|hotline)\b"
    r"|(?:ảnh|video|clip|nguồn)\s*:|https?://|\bđường dây nóng\b|\btheo dõi (?:kênh|chúng tôi)\b",
    re.IGNORECASE,
)


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

    A sentence scores by how many texts share its words, by the facts it states and by standing
    early; earlier texts win ties. Boilerplate, questions and sentences that mostly repeat a chosen
    one are passed over. Give masked texts to show the result to anybody.
    """
    spread: Counter[str] = Counter()
    for text in texts:
        spread.update({token.plain for token in tokens(text[:_LETTERS])})
    usual = math.log(1 + len(texts))
    scored: list[tuple[float, int, str, frozenset[str]]] = []
    order = 0
    for text in texts:
        for place, sentence in enumerate(sentences(text)):
            order += 1
            words = [token.plain for token in tokens(sentence)]
            if not SHORTEST <= len(words) <= LONGEST or _unfit(sentence):
                continue
            kinds = frozenset(words)
            shared = sum(math.log(1 + spread[word]) for word in kinds)
            score = shared / (usual * len(kinds) ** 0.75) * _weight(sentence, place)
            scored.append((-score, order, sentence, kinds))
    chosen: list[tuple[str, frozenset[str]]] = []
    for _, _, sentence, kinds in sorted(scored):
        if all(len(kinds & known) < _SAME * len(kinds) for _, known in chosen):
            chosen.append((sentence, kinds))
        if len(chosen) == most:
            break
    return [sentence for sentence, _ in chosen]


def _unfit(sentence: str) -> bool:
    return bool(_BOILER.search(sentence) or _CUT.search(sentence) or sentence[0].islower())


def _weight(sentence: str, place: int) -> float:
    """Return how telling a sentence is: facts with numbers first, the lead before what follows."""
    facts = find_facts(sentence)
    harm = {fact.kind for fact in facts if fact.kind not in _TELLING and "speaker" not in fact.kind}
    counted = any(fact.value is not None and fact.kind in harm for fact in facts)
    told = sum(share for kind, share in _TELLING.items() if any(f.kind == kind for f in facts))
    asked = 0.7 if sentence.rstrip().endswith("?") else 1.0
    return asked * (1.0 + 0.1 * min(len(harm), 2) + 0.12 * counted + told) / (1.0 + 0.03 * place)
