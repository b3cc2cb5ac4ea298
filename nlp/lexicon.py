"""Phrases of the taxonomy found in a text, in any of the ways people write them.

The phrases are policy (``langnghe/core/policy/taxonomy.yaml``), so an office can add its own words
without new weights. A match is a hint for the models and evidence for the reader, never a verdict.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import ahocorasick
import yaml

from langnghe.core.errors import PolicyError
from langnghe.core.text import digest
from nlp.normalise import Token, has_marks, tokens

# Common words that are never written without marks by somebody who writes marks at all: one of
# them bare shows that the writer leaves marks out here and there.
_BARE = frozenset(
    {"duoc", "nguoi", "truong", "khong", "hoc", "cua", "nhung", "mot", "nhieu", "lop", "phu"}
    | {"huynh", "thay", "truoc", "nuoc", "gio", "cung", "viec", "roi", "voi", "vao"}
)
_STRENGTHS = ("strong", "weak", "not")


class Entry(NamedTuple):
    """One phrase: the topic or word group it speaks for, how strongly, and its two forms."""

    group: str
    strength: str
    marked: tuple[str, ...]
    plain: str


class Match(NamedTuple):
    """One entry found at tokens ``first`` to ``last`` (inclusive)."""

    entry: Entry
    strength: str
    first: int
    last: int


class Lexicon:
    """All phrases of one taxonomy, ready to be found in one pass over a text."""

    def __init__(self, policy: Mapping[str, Any]) -> None:
        self.version = digest(yaml.safe_dump(policy, allow_unicode=True, sort_keys=True))[:12]
        try:
            self.topics: tuple[str, ...] = tuple(topic["id"] for topic in policy["topics"])
            self._collisions = frozenset(policy.get("collisions", ()))
            entries = [
                _entry(topic["id"], strength, phrase)
                for topic in policy["topics"]
                for strength in _STRENGTHS
                for phrase in topic.get(strength, ())
            ] + [
                _entry(f"+{name}", "weak", phrase)
                for name, phrases in policy.get("groups", {}).items()
                for phrase in phrases
            ]
        except (KeyError, TypeError, AttributeError) as error:
            raise PolicyError(
                "Tệp chủ đề (taxonomy.yaml) sai cấu trúc.",
                mend="Mỗi chủ đề cần “id” và các danh sách cụm từ “strong”, “weak”, “not”.",
            ) from error
        self._automaton = ahocorasick.Automaton()
        found: dict[str, list[Entry]] = {}
        for entry in entries:
            found.setdefault(entry.plain, []).append(entry)
        for plain, same in found.items():
            self._automaton.add_word(f" {plain} ", tuple(same))
        self._automaton.make_automaton()

    def matches(self, sequence: Sequence[Token]) -> list[Match]:
        """Return every phrase found in the tokens of one text, near-misses taken out."""
        if not sequence:
            return []
        line = f" {' '.join([token.plain for token in sequence])} "
        hits = list(self._automaton.iter(line))
        if not hits:
            return []
        starts, length = [], 0
        for token in sequence:
            starts.append(length)
            length += len(token.plain) + 1
        loose: bool | None = None  # asked for only where a phrase stands without its marks
        found: list[Match] = []
        voided: list[tuple[int, int]] = []
        for end, same in hits:
            first = bisect_left(starts, end - len(same[0].plain) - 1)
            last = first + len(same[0].marked) - 1
            for entry in same:
                exact = self._compare(entry, sequence, first)
                if exact is None:
                    continue
                if not exact:
                    loose = _leaves_marks_out(sequence) if loose is None else loose
                    if not loose:
                        continue
                if entry.strength == "not":
                    if exact or entry.plain not in self._collisions:
                        voided.append((first, last))
                elif exact or entry.plain not in self._collisions:
                    found.append(Match(entry, entry.strength, first, last))
                else:
                    found.append(Match(entry, "weak", first, last))
        return [
            match
            for match in found
            if not any(first <= match.last and match.first <= last for first, last in voided)
        ]

    @staticmethod
    def _compare(entry: Entry, sequence: Sequence[Token], first: int) -> bool | None:
        """Return True for the same marks, False where marks are left out, None for other ones."""
        exact = True
        for offset, marked in enumerate(entry.marked):
            token = sequence[first + offset]
            if token.marked != marked:
                if token.marked != token.plain:
                    return None
                exact = False
        return exact


def _leaves_marks_out(sequence: Sequence[Token]) -> bool:
    return not has_marks(sequence) or any(token.marked in _BARE for token in sequence)


@cache
def taxonomy() -> Lexicon:
    """Return the lexicon of the taxonomy that ships with the product."""
    source = files("langnghe.core.policy").joinpath("taxonomy.yaml").read_text(encoding="utf-8")
    return Lexicon(yaml.safe_load(source))


@cache
def topic_phrases() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return, by topic, the shipped phrases: ``strong``, ``weak`` and ``not`` (near-misses)."""
    source = files("langnghe.core.policy").joinpath("taxonomy.yaml").read_text(encoding="utf-8")
    return {
        topic["id"]: {strength: tuple(topic.get(strength, ())) for strength in _STRENGTHS}
        for topic in yaml.safe_load(source)["topics"]
    }


def _entry(group: str, strength: str, phrase: str) -> Entry:
    parts = tokens(phrase)
    plain = " ".join(part.plain for part in parts)
    return Entry(group, strength, tuple(part.marked for part in parts), plain)
