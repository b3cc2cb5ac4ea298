"""The few phrases that say what a story is about, for the eye of somebody with ten stories open.

Cutting Vietnamese into words (underthesea) costs more than all other reading, so this runs only
where somebody looks. Give masked texts: a phrase is taken as it stands, and phrases that begin
with a person's title are left out besides.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from nlp.names import FEW_SURNAMES_MARKED, GIVEN, SURNAMES
from nlp.normalise import tokens
from nlp.story_features import PRIOR_TEXTS, expected, prior_rate

_LETTERS = 1_500  # of each text: what it is about stands first
_TEXTS = 8
_LONGEST = 3  # words of a phrase; a word may have several syllables
_ALPHA = re.compile(r"[^\W\d_][\w\-& ]*")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLE = _listed(
    "ông bà anh chị em cháu bé thầy cô chú bác cậu chàng nàng luật_sư bác_sĩ hiệu_trưởng"
)
# Words that neither begin nor end a phrase a person would call a subject.
_STOP = _listed(
    "và của là các những một có không được bị cho với trong ngoài trên dưới tại ở từ đến vì do nên "
    "thì mà khi nếu này đó kia đã đang sẽ vừa mới cũng rất quá lại còn chỉ theo về vào ra lên "
    "xuống sau trước người việc nhiều ít mọi mỗi từng như để bằng hay hoặc nhưng vẫn đều cùng giữa "
    "tôi mình chúng ta họ nó ai gì sao nào thế vậy rồi ạ à nhé nha đi nói biết làm phải hơn nhất "
    "hai ba bốn năm khoảng gần hàng số ngày tháng lúc giờ nay qua sự vụ cái con chiếc lần thứ bên "
    "sáng chiều tối trưa hôm_nay hiện_nay cho_biết cho_hay trong_đó tuy_nhiên xảy_ra liên_quan"
)


def keyphrases(texts: Sequence[str], *, most: int = 5) -> tuple[str, ...]:
    """Return up to ``most`` phrases that stand for one text or for the texts of one story.

    Best first; each stands letter by letter in one of ``texts`` and none lies within another. At
    most eight texts and 1,500 letters of each are read. Give masked texts.
    """
    spread: Counter[str] = Counter()
    count: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for text in texts[:_TEXTS]:
        seen: set[str] = set()
        for phrase in _candidates(text[:_LETTERS]):
            key = " ".join(token.plain for token in tokens(phrase))
            if len(key) < 5 or " " not in key:
                continue
            shown.setdefault(key, phrase)
            count[key] += 1
            seen.add(key)
        spread.update(seen)
    scored = sorted((-_score(key, spread[key], count[key]), key) for key in shown)
    chosen: list[str] = []
    for _, key in scored:
        words = set(key.split())
        if all(len(words & set(other.split())) < 0.5 * min(len(words), len(other.split()))
               for other in chosen):  # fmt: skip
            chosen.append(key)
        if len(chosen) == most:
            break
    return tuple(shown[key] for key in chosen)


def _score(key: str, spread: int, count: int) -> float:
    """Return how much a phrase says: seldom elsewhere, often here, in several texts."""
    syllables = key.split()
    rare = sum(math.log(PRIOR_TEXTS / expected(word)) for word in syllables) / len(syllables)
    known = any(prior_rate(f"{a} {b}") for a, b in pairwise(syllables))
    bound = 1.3 if known else 1.0
    return float(rare * bound * (spread + 0.3 * count) * min(len(syllables), 4) ** 0.5)


def _candidates(text: str) -> Iterator[str]:
    """Yield runs of one to three words that could be a subject, as they stand in the text."""
    # Loaded on first use: it brings in a large package that reading alone never needs.
    from underthesea import word_tokenize

    for line in text.split("\n"):
        words = [word for word in word_tokenize(line) if word]
        for first in range(len(words)):
            if _word(words[first]) in _STOP or not _ALPHA.fullmatch(words[first]):
                continue
            if first and _word(words[first - 1]) in _TITLE and words[first][0].isupper():
                continue
            for size in range(1, _LONGEST + 1):
                part = words[first : first + size]
                if len(part) < size or not _subject(part):
                    break
                phrase = " ".join(part)
                if _word(part[-1]) not in _STOP and phrase in text and not _a_name(phrase):
                    yield phrase


def _word(word: str) -> str:
    return word.lower().replace(" ", "_")


def _a_name(phrase: str) -> bool:
    """Say whether a phrase is built like a person's name, or is one abbreviation.

    Two syllables may be a place ("Cà Mau"): there the second must be a given name, unless the
    first is hardly ever anything but a surname.
    """
    if phrase.isupper():
        return True
    first, *rest = phrase.split()
    if not rest or first.lower() not in SURNAMES or not all(w[0].isupper() for w in (first, *rest)):
        return False
    return len(rest) > 1 or first.lower() in FEW_SURNAMES_MARKED or rest[0].lower() in GIVEN


def _subject(part: Sequence[str]) -> bool:
    """Say whether words can stand in one phrase: no signs, initials, titles or masked places."""
    return all(
        _ALPHA.fullmatch(word) and _word(word) not in _TITLE and len(word) > 1 for word in part
    ) and not any(word.lower() in ("và", "là", "của", "thì", "mà", "nhưng") for word in part)
