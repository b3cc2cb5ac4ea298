"""An office's own words, laid over what the reader understood: three effects, each easy to say.

``topic``   a text about education that holds the phrase carries that topic; the phrase is shown as
            its evidence.
``watch``   a text that holds the phrase is about education and about the chosen unit, unless a unit
            below that one is named.
``ignore``  a unit's name standing inside the phrase is not that unit ("Bệnh viện Suối Mơ").

Nothing of this teaches the models, hides a text or lowers its risk, and without such words the
reader is untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from langnghe.core.errors import InputError
from langnghe.core.overlay_profile import PassedOver
from langnghe.core.text import clean, digest, fold
from langnghe.core.types import Item, Profile, Reading, TopicHit, UnitHit
from nlp.facts import find_facts
from nlp.lexicon import Lexicon, Match
from nlp.normalise import Token, tokens

TOPIC, WATCH, IGNORE = "topic", "watch", "ignore"
USES = (TOPIC, WATCH, IGNORE)
SURE = 0.6
"""Enough to be shown and counted; what the models say more surely stands."""
MOST = 300
LONGEST = 80
MOST_SYLLABLES = 10
_LONGEST_READ = 20_000
_MOST_EVIDENCE = 4


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of the house: its use, the words, and the topic or the unit it speaks for."""

    use: str
    words: str
    of: str = ""

    @property
    def key(self) -> str:
        """The key of the edit: the same phrase is never laid twice."""
        return f"{self.use}:{self.of}:{fold(self.words).replace(' ', '-')}"

    @property
    def value(self) -> dict[str, str]:
        """The edit's value."""
        return {"use": self.use, "words": self.words, "of": self.of}


def phrase_of(use: str, words: str, of: str, topics: Iterable[str], units: Iterable[str]) -> Phrase:
    """Return a phrase that may be laid. Raises InputError for one that would match everything."""
    said = clean(words).strip(" ,.;:!?\"'“”")
    if use not in USES:
        raise InputError("Cách dùng cụm từ không đúng.", mend="Chọn lại trong danh sách.")
    if use == TOPIC and of not in set(topics):
        raise InputError("Không có chủ đề này.", mend="Chọn một chủ đề trong danh sách.")
    if use == WATCH and of not in set(units):
        raise InputError("Không có đơn vị này.", mend="Chọn một đơn vị trong danh sách.")
    if not said or "\n" in said:
        raise InputError("Cụm từ còn trống.", mend="Ghi một cụm từ trên một dòng.")
    parts = tokens(said)
    if len(said) > LONGEST or len(parts) > MOST_SYLLABLES:
        raise InputError(
            f"Cụm từ dài quá (tối đa {LONGEST} ký tự, {MOST_SYLLABLES} tiếng).",
            mend="Giữ phần mà nhiều người cùng viết.",
        )
    if len(parts) < 2 and len(fold(said)) < 6:
        raise InputError(
            "Cụm một tiếng khớp quá nhiều tin không liên quan.",
            mend="Ghi từ hai tiếng trở lên, ví dụ «cầu treo», không ghi «cầu».",
        )
    return Phrase(use, said, "" if use == IGNORE else of)


class HouseWords:
    """The phrases of one house, ready to be found; immutable."""

    def __init__(self, phrases: Sequence[Phrase], parents: Mapping[str, str | None]) -> None:
        self.phrases = tuple(phrases)
        self.version = (
            digest(*sorted(f"{p.key}:{p.words}" for p in phrases))[:12] if phrases else ""
        )
        self._parents = parents
        groups: dict[str, list[str]] = {}
        for phrase in phrases:
            groups.setdefault(f"{phrase.use}:{phrase.of}", []).append(phrase.words)
        self._lexicon = Lexicon(
            {"topics": [{"id": group, "strong": said} for group, said in groups.items()]}
        )

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the phrases stand in a text."""
        row = tokens(text[:_LONGEST_READ])
        return [_span(match, row) for match in self._lexicon.matches(row)]

    def lay(self, item: Item, reading: Reading) -> Reading:
        """Return the reading with the house's words laid over it."""
        if not self.phrases or reading.note:
            return reading
        body = item.full_text[:_LONGEST_READ]
        row = tokens(body)
        found = self._lexicon.matches(row)
        if not found:
            return reading
        reading = self._ignore(found, row, reading)
        reading = self._watch(found, row, reading, body)
        return self._topics(found, row, reading, body)

    def _ignore(self, found: Sequence[Match], row: Sequence[Token], reading: Reading) -> Reading:
        spans = [_span(m, row) for m in found if m.entry.group.startswith(IGNORE)]
        if not spans:
            return reading
        units = tuple(hit for hit in reading.units if not _inside(hit.span, spans))
        undecided = tuple(doubt for doubt in reading.undecided if not _inside(doubt.span, spans))
        return replace(reading, units=units, undecided=undecided)

    def _watch(
        self, found: Sequence[Match], row: Sequence[Token], reading: Reading, body: str
    ) -> Reading:
        for match in found:
            use, _, unit = match.entry.group.partition(":")
            if use != WATCH:
                continue
            named = {hit.unit for hit in reading.units}
            if not any(unit in self._chain(other) for other in named):
                hit = UnitHit(unit, SURE, _span(match, row))
                reading = replace(reading, units=(*reading.units, hit))
            if not reading.about_education or reading.scope != "vn":
                reading = replace(
                    reading,
                    about_education=True,
                    about_education_p=max(reading.about_education_p, SURE),
                    scope="vn",
                    facts=reading.facts or find_facts(body),
                )
        return reading

    def _topics(
        self, found: Sequence[Match], row: Sequence[Token], reading: Reading, body: str
    ) -> Reading:
        said: dict[str, list[str]] = {}
        for match in found:
            use, _, topic = match.entry.group.partition(":")
            if use == TOPIC and reading.about_education:
                start, end = _span(match, row)
                said.setdefault(topic, []).append(body[start:end])
        if not said:
            return reading
        hits = {hit.topic: hit for hit in reading.topics}
        for topic, words in said.items():
            known = hits.get(topic, TopicHit(topic, 0.0))
            # Evidence must not carry out what the shield hides.
            shown = [w for w in words if w in reading.masked_text]
            evidence = tuple(dict.fromkeys((*shown, *known.evidence)))[:_MOST_EVIDENCE]
            hits[topic] = TopicHit(topic, max(known.p, SURE), evidence)
        return replace(reading, topics=tuple(hits.values()))

    def _chain(self, unit: str) -> set[str]:
        chain: set[str] = set()
        current: str | None = unit
        while current is not None and current not in chain:
            chain.add(current)
            current = self._parents.get(current)
        return chain


class Predicts(Protocol):
    """What the words are laid over: anything that turns items into readings."""

    def predict(self, items: Sequence[Item]) -> list[Reading]:
        """Return one reading an item, in order."""
        ...


class HouseReader:
    """A reader with the house's words laid over what it says."""

    def __init__(self, reader: Predicts, words: HouseWords) -> None:
        self.plain = reader
        self._words = words

    def predict(self, items: Sequence[Item]) -> list[Reading]:
        """Return one reading an item, in order; ``model`` tells with which words it was made."""
        made = self.plain.predict(items)
        if not self._words.phrases:
            return made
        return [
            replace(self._words.lay(item, one), model=f"{one.model}+{self._words.version[:6]}")
            for item, one in zip(items, made, strict=True)
        ]


def words_of(
    edits: Mapping[str, Any], topics: Iterable[str], profile: Profile
) -> tuple[HouseWords, tuple[PassedOver, ...]]:
    """Return the words laid on the page, and those that no longer fit (topic or unit gone)."""
    found: list[Phrase] = []
    passed: list[PassedOver] = []
    known, units = tuple(topics), {unit.id: unit.parent for unit in profile.units}
    for key, value in edits.items():
        try:
            found.append(_read(value, known, units))
        except InputError as error:
            passed.append(PassedOver("words", key, error.message))
    return HouseWords(found, units), tuple(passed)


def _read(value: object, topics: Iterable[str], units: Iterable[str]) -> Phrase:
    if not isinstance(value, Mapping):
        raise InputError("Cụm từ này không đọc được.")
    return phrase_of(
        str(value.get("use", "")), str(value.get("words", "")), str(value.get("of", "")),
        topics, units,
    )  # fmt: skip


def _span(match: Match, row: Sequence[Token]) -> tuple[int, int]:
    return row[match.first].start, row[match.last].end


def _inside(span: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    return span != (0, 0) and any(start <= span[0] and span[1] <= end for start, end in spans)
