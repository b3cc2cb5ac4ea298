"""How a story is told, and when that turned: rival wordings, and words that came or went. Pure.

Headlines of originals only: a copy repeats somebody's choice of words, it makes none. Nothing is
said of a change unless several publishers share it, because two headlines always differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from alerts.chronicle.told import Told
from alerts.chronicle.wordings import wordings_in

HEADLINES = 120
"""Headlines that are read: the first half and the last half of these."""
_RUNS = 4
_LEAST = 5  # headlines that must choose among rival wordings before a turn is spoken of
_WORDS_LEAST = 8  # headlines before words are said to come or go
_WORDS = 4
_STOP = frozenset({
    "học sinh", "giáo viên", "nhà trường", "phụ huynh", "cho biết", "vì sao", "tại sao",
    "như thế nào", "liên quan", "xảy ra", "thông tin", "trường học", "tiểu học", "mầm non",
    "hiện nay", "hôm nay", "mới nhất", "lớp học", "năm học", "trung học", "cơ sở", "phổ thông",
    "tên học sinh", "cô giáo", "thầy giáo", "vụ việc", "sự việc", "chủ tịch", "hiệu trưởng",
    "giám đốc", "lãnh đạo", "phản ánh", "tiếp tục", "công tác", "bất ngờ", "hàng loạt",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Use:
    """A wording, who used it first, and how many headlines do."""

    word: str
    at: datetime
    outlet: str
    mention_id: int
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Framing:
    """Rival wordings of one act: ``path`` is how the leading one moved, ``uses`` all of them."""

    group: str
    path: tuple[str, ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """Turned framings, and words that came into or went out of the headlines after ``since``."""

    framings: tuple[Framing, ...]
    entered: tuple[str, ...]
    left: tuple[str, ...]
    since: datetime | None


def wording_of(told: Sequence[Told]) -> Wording:
    """Return what changed in the way a story is told. ``told`` in order."""
    own = [t for t in told if not t.is_comment and t.copy_of is None and t.title]
    if len(own) > HEADLINES:
        own = own[: HEADLINES // 2] + own[-HEADLINES // 2 :]
    votes: dict[str, list[tuple[Told, str]]] = {}
    for one in own:
        for group, word in wordings_in(one.title.lower()).items():
            votes.setdefault(group, []).append((one, word))
    framings = [f for group, cast in sorted(votes.items()) if (f := _framing(group, cast))]
    entered, left, since = _words(own)
    return Wording(tuple(framings), entered, left, since)


def _framing(group: str, votes: Sequence[tuple[Told, str]]) -> Framing | None:
    if len(votes) < _LEAST:
        return None
    voices: dict[str, set[str]] = {}
    for one, word in votes:
        voices.setdefault(word, set()).add(one.voice)
    leading = _path([word for _, word in votes])
    # A turn is real when at least two publishers made it.
    shared = [word for n, word in enumerate(leading) if n == 0 or len(voices[word]) > 1]
    path = tuple(word for n, word in enumerate(shared) if n == 0 or word != shared[n - 1])
    if len(path) < 2:
        return None
    uses: dict[str, list[Told]] = {}
    for one, word in votes:
        uses.setdefault(word, []).append(one)
    return Framing(
        group,
        path,
        tuple(
            Use(word, by[0].at, by[0].outlet, by[0].id, len(by), by[-1].at)
            for word, by in uses.items()
        ),
    )


def _path(words: Sequence[str]) -> tuple[str, ...]:
    """Return the leading wording of each stretch of headlines, repetitions joined."""
    runs = min(_RUNS, len(words) // 2)
    path: list[str] = []
    for n in range(runs):
        part = words[n * len(words) // runs : (n + 1) * len(words) // runs]
        count = Counter(part)
        most = max(count.values())
        leading = [word for word in dict.fromkeys(part) if count[word] == most]
        # Undecided stretches keep the wording that led before.
        if path and path[-1] in leading:
            continue
        if len(leading) == 1 or not path:
            path.append(leading[0])
    return tuple(path)


def _words(own: Sequence[Told]) -> tuple[tuple[str, ...], tuple[str, ...], datetime | None]:
    """Return the words that came, those that went, and the headline that parts the two halves."""
    if len(own) < _WORDS_LEAST:
        return (), (), None
    middle = len(own) // 2
    early, late = _spread(own[:middle]), _spread(own[middle:])
    return _only(late, early), _only(early, late), own[middle].at


def _only(here: dict[str, set[str]], there: dict[str, set[str]]) -> tuple[str, ...]:
    """Return words that several publishers use here and none there, the most shared first."""
    fresh = {word: len(by) for word, by in here.items() if len(by) >= 3 and word not in there}
    return tuple(sorted(fresh, key=lambda word: (-fresh[word], word))[:_WORDS])


def _spread(own: Sequence[Told]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in own:
        for word in key_words(one.title):
            found.setdefault(word, set()).add(one.voice)
    return found


@lru_cache(maxsize=2_048)
def key_words(title: str) -> tuple[str, ...]:
    """Return the words of two syllables and more in a headline, without names.

    A word counts as a name when it is written with a capital anywhere but at the start.
    """
    # Loaded on first use: it brings in a large package.
    from underthesea import word_tokenize

    if title.isupper():
        return ()
    found = []
    for place, word in enumerate(word_tokenize(title)):
        syllables = word.split()
        named = any(s[0].isupper() for s in (syllables[1:] if place == 0 else syllables))
        fit = len(syllables) > 1 and all(s.isalpha() for s in syllables) and not named
        if fit and word.lower() not in _STOP:
            found.append(word.lower())
    return tuple(dict.fromkeys(found))
