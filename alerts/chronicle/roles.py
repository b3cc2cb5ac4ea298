"""Whether an office stands behind a number: it must be said to speak, right there. Pure."""

from __future__ import annotations

import re

from alerts.chronicle.told import OFFICES
from nlp.fact_frame import speakers
from nlp.plain import is_marked, lower, plain

_END = re.compile(r"[.!?;\n]+(?=\s|$)|\n")
_REACH = 400  # letters of a sentence looked at on either side


def offices_of(text: str, words: str) -> tuple[str, ...]:
    """Return the competent bodies that speak in the sentence of ``words`` or the one before it.

    Nothing where the words do not stand in ``text`` (a masked one): what cannot be shown proves
    nothing.
    """
    start = text.find(words) if words else -1
    if start < 0:
        return ()
    end = start + len(words)
    stops = [m.end() for m in _END.finditer(text, max(0, start - _REACH), start)]
    left = stops[-2] if len(stops) > 1 else max(0, start - _REACH)
    behind = _END.search(text, end, end + _REACH)
    part = text[left : behind.start() if behind else min(len(text), end + _REACH)]
    marked = is_marked(part)
    low = lower(part) if marked else plain(lower(part))
    roles = (kind.removeprefix("speaker_") for kind, _, _ in speakers(low, marked))
    return tuple(dict.fromkeys(role for role in roles if role in OFFICES))
