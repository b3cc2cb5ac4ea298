"""Cut a text at the places of its findings, so that a page can mark each where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.statements.checks import Finding


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text; ``number`` is that of the finding which marks it, 0 for none."""

    text: str
    number: int = 0
    severity: str = ""


Paragraph = list[Segment]


def paragraphs(text: str, findings: Sequence[Finding]) -> list[Paragraph]:
    """Return the lines of a text that are not empty, each cut at the findings (counted from 1).

    Where findings overlap the first stands; a finding without a place marks nothing.
    """
    marks = [
        (one.span[0], one.span[1], number, one.severity)
        for number, one in enumerate(findings, 1)
        if one.span[0] < one.span[1]
    ]
    marks.sort()
    found, start = [], 0
    for line in text.split("\n"):
        end = start + len(line)
        if line.strip():
            found.append(_cut(text, start, end, marks))
        start = end + 1
    return found


def _cut(text: str, start: int, end: int, marks: Sequence[tuple[int, int, int, str]]) -> Paragraph:
    parts: Paragraph = []
    at = start
    for first, last, number, severity in marks:
        first, last = max(first, at), min(last, end)
        if first >= last:
            continue
        if first > at:
            parts.append(Segment(text[at:first]))
        parts.append(Segment(text[first:last], number, severity))
        at = last
    if at < end:
        parts.append(Segment(text[at:end]))
    return parts
