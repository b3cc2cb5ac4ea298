"""The headline that stands for a story: the most central one of a good source, not the loudest.

Pure, and stable: only the first originals are asked, so a name settles early and then stays.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from alerts.chronicle.spread import Source, source
from alerts.chronicle.told import Told
from langnghe.core.text import fold
from nlp.story_features import STOP

CANDIDATES = 12
SHORTEST, LONGEST = 5, 30  # syllables
_LOUD = re.compile(
    r"(?<!\w)(?:phẫn nộ|rùng mình|sốc|sững sờ|kinh hoàng|kinh hãi|thót tim|xót xa|đau lòng|"
    r"rơi nước mắt|"
    r"gây bão|dậy sóng|chấn động|nóng|bàng hoàng|rợn người|lạnh người|choáng|không thể tin|"
    r"sự thật|bí ẩn|hé lộ|tiết lộ|cực căng|căng thẳng|ác|dã man|tàn nhẫn|ám ảnh|khiếp đảm|"
    r"xôn xao|gây phẫn nộ|gây sốc|bức xúc|đến lả|thâm tím|nghẹn lòng)(?!\w)"
)
_ASKED = re.compile(r"[?!…]|\.\.\.|(?<!\w)(?:nói gì|vì sao|thực hư|ra sao)(?!\w)")


def headline_of(told: Sequence[Told]) -> Source | None:
    """Return the headline that stands for a story, or ``None`` without any article.

    ``told`` in order. Likeness to the other headlines decides; a loud or asking one counts half,
    a source of the second tier and below a little less; of equals the earliest.
    """
    own = [t for t in told if not t.is_comment and t.copy_of is None and t.title][:CANDIDATES]
    if not own:
        first = next((t for t in told if t.title), None)
        return source(first) if first else None
    words = [frozenset(w for w in fold(t.title).split() if w not in STOP) for t in own]
    scores = [
        _central(n, words) * _manner(one) * (1.0 - 0.06 * (one.tier - 1))
        for n, one in enumerate(own)
    ]
    return source(own[scores.index(max(scores))])


def _central(n: int, words: Sequence[frozenset[str]]) -> float:
    """Return the mean likeness (0..1) of one headline to the others; 1 where it is alone."""
    alike = [
        len(words[n] & other) / math.sqrt(len(words[n]) * len(other) or 1)
        for m, other in enumerate(words)
        if m != n
    ]
    return (sum(alike) + 0.05) / (len(alike) + 0.05)


def _manner(one: Told) -> float:
    low = one.title.lower()
    length = len(low.split())
    manner = 0.5 if _LOUD.search(low) or _ASKED.search(low) or one.title.isupper() else 1.0
    return manner if SHORTEST <= length <= LONGEST else 0.7 * manner
