"""Cover a name in a text, however it is written: any case, with or without marks, any sign between.

The words are those the search folds, so that what is covered is no longer found.
"""

from __future__ import annotations

import re
from typing import Any

from langnghe.core.text import fold

COVERED = "[đã ẩn theo yêu cầu]"
_WORD = re.compile(r"[^\W_]+")


def cover(text: str | None, phrase: str) -> str | None:
    """Return the text with every occurrence of the phrase covered."""
    wanted = fold(phrase).split()
    if not text or not wanted:
        return text
    # A word of signs the search does not know folds to nothing, or to more than one.
    words = [(m.start(), m.end(), w) for m in _WORD.finditer(text) for w in fold(m[0]).split()]
    out, at, n = [], 0, 0
    while n < len(words):
        if [word for _, _, word in words[n : n + len(wanted)]] == wanted:
            out += [text[at : words[n][0]], COVERED]
            at = words[n + len(wanted) - 1][1]
            n += len(wanted)
        else:
            n += 1
    return "".join(out) + text[at:]


def covered_deep(value: Any, phrase: str) -> Any:
    """Return the value with the phrase covered in every text inside it."""
    if isinstance(value, str):
        return cover(value, phrase)
    if isinstance(value, dict):
        return {key: covered_deep(inner, phrase) for key, inner in value.items()}
    if isinstance(value, list):
        return [covered_deep(inner, phrase) for inner in value]
    return value
