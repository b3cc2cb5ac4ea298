"""A number as somebody said it: "gần 20" is not 20, and "hơn 40" and 41 do not contradict. Pure.

What comes out is built from figures and six fixed words, so nothing of a text can slip through.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from langnghe.core.text import strip_marks

PEOPLE = "người"
_INF = float("inf")
# Word -> the range it allows around its number, as parts of it.
_ABOUT: dict[str, tuple[float, float]] = {
    "gần": (0.8, 1.0),
    "hơn": (1.0, 1.25),
    "trên": (1.0, 1.25),
    "khoảng": (0.85, 1.15),
    "chừng": (0.85, 1.15),
    "ít nhất": (1.0, _INF),
}
_PLAIN = {strip_marks(word): word for word in _ABOUT}
_HEDGED = re.compile(rf"(?<!\w)({'|'.join([*_ABOUT, *_PLAIN])}) $")
_SPELT = re.compile(r"(?<!\w)(?:một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|chục|trăm)(?!\w)")
_CHILD = re.compile(
    r"(?<!\w)(?:học sinh|hoc sinh|hs|nữ sinh|nam sinh|em|cháu|chau|trẻ|bé|thí sinh|học trò)(?!\w)"
)
_STUDENT = re.compile(r"(?<!\w)(?:sinh viên|sinh vien)(?!\w)")


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its hedge ("" for a plain one) and what it counts ("học sinh", "người" …)."""

    value: float
    about: str
    noun: str

    @property
    def low(self) -> float:
        """Return the least it may mean."""
        return self.value * _ABOUT[self.about][0] if self.about else self.value

    @property
    def high(self) -> float:
        """Return the most it may mean."""
        return self.value * _ABOUT[self.about][1] if self.about else self.value

    @property
    def shown(self) -> str:
        """Return ``gần 20``; thousands are parted by a dot as Vietnamese write them."""
        figure = f"{self.value:,.0f}".replace(",", ".")
        return f"{self.about} {figure}" if self.about else figure

    def agrees(self, other: Number) -> bool:
        """Say whether both may speak of one number."""
        return self.low <= other.high and other.low <= self.high

    def finer(self, other: Number) -> bool:
        """Say whether this one is the more exact."""
        return self.high - self.low < other.high - other.low


@lru_cache(maxsize=4_096)
def number_of(value: float, words: str) -> Number:
    """Return the number ``value`` as ``words`` (a fact's own) hedge it."""
    low = words.lower()
    figures = f"{value:,.0f}"
    exact = re.search(rf"(?<!\d){figures.replace(',', '[.]?')}(?!\d)", low)
    figure = exact or _SPELT.search(low) or re.search(r"\d", low)
    hedge = _HEDGED.search(low[: figure.start()]) if figure else None
    about = _PLAIN.get(hedge[1], hedge[1]) if hedge else ""
    noun = "học sinh" if _CHILD.search(low) else "sinh viên" if _STUDENT.search(low) else PEOPLE
    return Number(value, about, noun)


def dong(value: float) -> str:
    """Return an amount of money: ``350.000 đồng``, ``1,2 triệu đồng``, ``3 tỷ đồng``."""
    for scale, name in ((1e9, "tỷ"), (1e6, "triệu")):
        if value >= scale:
            figure = f"{value / scale:,.2f}".rstrip("0").rstrip(".")
            return f"{figure.translate(str.maketrans(',.', '.,'))} {name} đồng"
    return f"{value:,.0f}".replace(",", ".") + " đồng"
