"""How a check reads a text: sentences, words with and without marks, what denies them.

A phrase typed without marks must be found as well, yet «đuôi» is not «đuổi»: a pattern matches
where the marked words stand, or where the same letters stand with no mark at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from alerts.statements.draft import UNKNOWN
from nlp.plain import lower, plain

_END = re.compile(r"[.!?…]+(?=[\s»”\"']|$)|\n+")
_NO_END = re.compile(r"(?:^|[\s(])(?:TT|NĐ|CT|QĐ|TP|ThS|TS|Tr|tr|Đ|k|st|V/v|\d{1,2})$")
# One of two ways to write a tone over a pair of vowels; both have the same length.
_TONES = dict(
    zip(
        ["oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ"],
        ["òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy"],
        strict=True,
    )
)
_TONE = re.compile(f"(?<!q)(?:{'|'.join(_TONES)})(?!\\w)")
_AGAIN = (
    r"(?<!\w)(?:sẽ|(?<!không )phải|đã|kiên quyết|nhất định|buộc phải|vẫn|nhưng|tuy nhiên|"
    r"song|mà)(?!\w)"
)
_NO = (
    r"(?<!\w)(?:không|chưa|chẳng|bác bỏ|nghiêm cấm|cấm|tránh|phòng chống|phòng, chống|phòng ngừa|"
    r"ngăn ngừa|ngăn chặn|xóa bỏ|bãi bỏ)(?!\w)"
)
_NOT_NO = (
    r"(?<!\w)(?:không (?:thể|được) không|không chỉ|không những|không dung túng|không bao che)(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and where it starts. ``low`` and ``flat`` are as long as ``text``."""

    text: str
    start: int
    low: str
    flat: str


class Phrase:
    """A pattern written with marks that also finds the same words typed without any."""

    def __init__(self, pattern: str) -> None:
        whole = rf"(?<!\w)(?:{pattern})(?!\w)"
        self._marked = re.compile(whole)
        self._plain = re.compile(plain(whole))

    def find(self, sentence: Sentence) -> Iterator[re.Match[str]]:
        """Yield every place of the pattern in a sentence."""
        seen: set[int] = set()
        for match in self._marked.finditer(sentence.low):
            seen.add(match.start())
            yield match
        for match in self._plain.finditer(sentence.flat):
            bare = sentence.low[match.start() : match.end()]
            if match.start() not in seen and bare.isascii():
                yield match

    def has(self, sentence: Sentence) -> bool:
        """Tell whether the pattern stands anywhere in a sentence."""
        return next(self.find(sentence), None) is not None

    def before(self, sentence: Sentence, at: int, within: int) -> bool:
        """Tell whether the pattern stands in the ``within`` letters before ``at``."""
        return any(at - within <= m.start() and m.end() <= at for m in self.find(sentence))


NO, _NO_AFTER_ALL, _YES = Phrase(_NO), Phrase(_NOT_NO), Phrase(_AGAIN)


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of an NFC text; marks of unknown facts read as blanks."""
    blanked = UNKNOWN.sub(lambda m: " " * len(m[0]), unicodedata.normalize("NFC", text))
    low = lower(blanked)
    low = _TONE.sub(lambda m: _TONES[m[0]], low)
    flat = plain(low)
    found, start = [], 0
    for end in [*_ends(text), len(text)]:
        if text[start:end].strip():
            lead = len(text[start:end]) - len(text[start:end].lstrip())
            at = start + lead
            found.append(Sentence(text[at:end], at, low[at:end], flat[at:end]))
        start = end
    return found


def _ends(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        if match[0] == "." and _NO_END.search(text[max(0, match.start() - 6) : match.start()]):
            # «TT. 19», «1. Thời gian»: no sentence ends here, unless a number closes it
            after = text[match.end() : match.end() + 2]
            line = text[: match.start()].rpartition("\n")[2].strip()
            if (
                not line.isdigit()
                and after[:1] in (" ", "\n")
                and text[match.start() - 1].isdigit()
            ):
                yield match.end()
            continue
        yield match.end()


def denied(sentence: Sentence, at: int, within: int = 70) -> bool:
    """Tell whether what stands at ``at`` is denied: «không đuổi học», «bác bỏ việc …».

    A denial that was taken back («không dung túng, sẽ …») denies nothing.
    """
    latest = -1
    void = [(m.start(), m.end()) for m in _NO_AFTER_ALL.find(sentence)]
    for match in NO.find(sentence):
        inside = any(start <= match.start() < end for start, end in void)
        if not inside and at - within <= match.start() and match.end() <= at:
            latest = max(latest, match.end())
    if latest < 0:
        return False
    between = sentence.low[latest:at]
    if re.search(r"[;:]", between):
        return False
    return not any(latest <= m.start() and m.end() <= at for m in _YES.find(sentence))
