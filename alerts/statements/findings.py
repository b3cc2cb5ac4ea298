"""What a check is told and what it finds: how grave, what kind, where, and how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from alerts.statements.read import Sentence
from langnghe.core.policy.statement_templates import Template

BLOCK = "block"
"""The text may not be approved before this is mended."""
WARN = "warn"
"""For the reviewer to weigh."""


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What the checks must know beside the text.

    ``concluded``: a conclusion of the matter is on record. ``headlines``: what the rumour or the
    press said, not to be told again. ``allowed``: names and phones of people in office that the
    text is meant to give. ``template`` None checks a free text as a public one.
    """

    template: Template | None = None
    topics: tuple[str, ...] = ()
    concluded: bool = False
    headlines: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    @property
    def public(self) -> bool:
        """Whether the text leaves the house."""
        return self.template is None or self.template.public


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in a text that must or should be mended. ``span`` is (start, end) in the text."""

    severity: str
    code: str
    sentence: str
    span: tuple[int, int]
    text: str
    mend: str


def here(
    sentence: Sentence, match: re.Match[str], severity: str, code: str, text: str, mend: str
) -> Finding:
    """Return a finding at a match within a sentence."""
    start, end = match.span()
    return Finding(
        severity, code, sentence.text, (sentence.start + start, sentence.start + end), text, mend
    )
