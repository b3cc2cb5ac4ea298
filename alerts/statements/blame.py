"""Guilt before a conclusion: who is said to have done wrong, by name or by role.

The teachers' law forbids telling a teacher's alleged wrong before a conclusion, and a child is not
a culprit at all. Told as an allegation about an unnamed role it is left to the reviewer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from alerts.statements import words
from alerts.statements.findings import BLOCK, WARN, Finding, here
from alerts.statements.read import Sentence, denied

_REACH = 60
_NAMED = re.compile(
    r"(?:thầy|cô|giáo viên|em|cháu|bạn|ông|bà|anh|chị|bảo mẫu|kế toán|nhân viên|hiệu trưởng)"
    rf"(?: giáo)? (?:[{words.CAPITAL}][\wÀ-ỹ]*\.?)(?: [{words.CAPITAL}][\wÀ-ỹ]*)*",
    re.IGNORECASE,
)
_CAPITAL = re.compile(rf" (?!Trường|Ban|Phòng|Sở|UBND|TH|THCS)[{words.CAPITAL}]")
_LAW = "Luật Nhà giáo (Điều 11) không cho nêu sai phạm của nhà giáo khi chưa có kết luận."
_MEND = "Bỏ lời quy lỗi; viết «sự việc đang được xác minh, cơ quan có thẩm quyền sẽ kết luận»."


def blame(sentence: Sentence) -> Iterator[Finding]:
    """Yield the places of a sentence that lay guilt on a teacher, a child or a parent."""
    subjects = [m.span() for m in words.SUBJECT.find(sentence)]
    told: set[int] = set()
    for match in words.BLAME.find(sentence):
        start, end = match.span()
        near = [s for s in subjects if s[1] <= start and start - s[1] <= _REACH]
        if not near or _broken(sentence, near[-1][1], start):
            continue
        if words.PASSIVE.before(sentence, start, start - near[-1][1]) or _harmless(sentence, start):
            continue
        told.add(end)
        yield _found(sentence, match)
    for phrase in (words.BLAME_OF, words.CULPRIT):
        for match in phrase.find(sentence):
            fresh = not any(match.start() <= end <= match.end() for end in told)
            if fresh and not _harmless(sentence, match.start()):
                yield _found(sentence, match)


def _found(sentence: Sentence, match: re.Match[str]) -> Finding:
    named = _CAPITAL.search(" ".join(m[0] for m in _NAMED.finditer(sentence.text))) is not None
    reported = words.REPORTED.has(sentence)
    if reported and not named:
        return here(
            sentence, match, WARN, "blame_reported",
            "Nhắc lại điều bị phản ánh kèm vai trò của một người.",
            "Viết trung tính hơn: «sự việc được phản ánh»; không nêu ai bị phản ánh.",
        )  # fmt: skip
    return here(
        sentence,
        match,
        BLOCK,
        "blame",
        f"Quy lỗi cho một người khi chưa có kết luận. {_LAW}",
        _MEND,
    )


def _harmless(sentence: Sentence, at: int) -> bool:
    """It is denied, or only spoken of as a case that may come: «nếu giáo viên vi phạm»."""
    return denied(sentence, at) or words.IF.before(sentence, at, at)


def _broken(sentence: Sentence, start: int, end: int) -> bool:
    """Another clause begins between a subject and what is said."""
    return re.search(r"[;:]", sentence.low[start:end]) is not None
