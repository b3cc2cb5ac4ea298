"""What a person may set right about a mention, and what the reading is once they have. Pure.

The officer's word stands over the machine's: the same function is applied when the word is given
and whenever the machine reads the text again, so no new reading can overwrite it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from langnghe.core.errors import InputError
from langnghe.core.types import Sentiment

MAX_TOPICS = 5
MAX_NOTE = 500
Links = Mapping[str, float]
"""Unit id -> confidence."""


class Field(StrEnum):
    """What is set right. Its value is, in order: unit ids (twice), bool, tone, topic ids, 0..3."""

    ABOUT_US = "about_us"
    NOT_ABOUT_US = "not_about_us"
    ABOUT_EDUCATION = "about_education"
    SENTIMENT = "sentiment"
    TOPICS = "topics"
    RISK = "risk"


Standing = Mapping[Field, Any]
"""The newest correction of each field that was not taken back."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The part of a reading that a person may correct, as the tables hold it."""

    about_education: bool
    about_education_p: float
    scope: str
    sentiment: str
    sentiment_p: Mapping[str, float]
    topics: tuple[Mapping[str, Any], ...]
    risk: int
    risk_p: tuple[float, ...]
    units: Links


UNIT_FIELDS = (Field.ABOUT_US, Field.NOT_ABOUT_US)
"""Fields whose newest value adds to the one before it: each names single units."""


def checked(
    field: Field,
    value: Any,
    *,
    topics: Collection[str],
    units: Collection[str],
    doubted: Collection[str] = (),
) -> Any:
    """Return ``value`` in the form it is stored in.

    ``topics`` are the ids the playbook knows; ``units`` those the mention is linked to and the
    caller answers for (an empty or missing list of units means all of these); ``doubted`` those the
    machine left undecided and the caller answers for. Raises ``InputError``.
    """
    if field is Field.ABOUT_US:
        if not value or not _words(value) or not set(value) <= set(doubted):
            raise InputError(
                "Máy không còn phân vân về đơn vị ấy, hoặc đơn vị ngoài phạm vi của bạn.",
                mend="Tải lại trang để xem tin có thể nói về đơn vị nào.",
            )
        return sorted(set(value))
    if field is Field.NOT_ABOUT_US:
        chosen = value or sorted(units)
        if not _words(chosen) or not set(chosen) <= set(units) or not chosen:
            raise InputError(
                "Tin này không được gắn với đơn vị ấy, hoặc đơn vị ngoài phạm vi của bạn.",
                mend="Tải lại trang để xem tin đang gắn với đơn vị nào.",
            )
        return sorted(set(chosen))
    if field is Field.ABOUT_EDUCATION and isinstance(value, bool):
        return value
    if field is Field.SENTIMENT and value in list(Sentiment):
        return str(value)
    if field is Field.RISK and isinstance(value, int) and not isinstance(value, bool):
        if 0 <= value <= 3:
            return value
    elif field is Field.TOPICS and _words(value) and set(value) <= set(topics):
        if len(value) <= MAX_TOPICS:
            return list(dict.fromkeys(value))
        raise InputError(f"Chọn nhiều nhất {MAX_TOPICS} chủ đề.", mend="Bỏ bớt chủ đề phụ.")
    raise InputError(
        "Giá trị chỉnh lại không hợp lệ.", mend="Tải lại trang, chọn lại rồi gửi lần nữa."
    )


def corrected(machine: Understood, said: Standing) -> Understood:
    """Return what holds once a person has spoken: their word is certain (probability 1).

    A topic or a risk stated by a person also states that the text is about education, unless they
    said otherwise; what is not about education carries neither.
    """
    about = said.get(Field.ABOUT_EDUCATION)
    if about is None and (said.get(Field.TOPICS) or said.get(Field.RISK)):
        about = True
    tone = said.get(Field.SENTIMENT)
    topics, risk, risk_p = machine.topics, machine.risk, machine.risk_p
    if (named := said.get(Field.TOPICS)) is not None:
        words = {hit["topic"]: hit.get("evidence", []) for hit in machine.topics}
        topics = tuple({"topic": t, "p": 1.0, "evidence": words.get(t, [])} for t in named)
    if (level := said.get(Field.RISK)) is not None:
        risk, risk_p = level, tuple(float(at == level) for at in range(4))
    scope = machine.scope
    if about is False:
        scope, topics, risk, risk_p = "n/a", (), 0, (1.0, 0.0, 0.0, 0.0)
    elif about and scope == "n/a":
        scope = "vn"
    wrong = set(said.get(Field.NOT_ABOUT_US, ()))
    named_units = dict.fromkeys(said.get(Field.ABOUT_US, ()), 1.0)
    return Understood(
        about_education=machine.about_education if about is None else about,
        about_education_p=machine.about_education_p if about is None else float(about),
        scope=scope,
        sentiment=tone or machine.sentiment,
        sentiment_p={t.value: float(t == tone) for t in Sentiment} if tone else machine.sentiment_p,
        topics=topics,
        risk=risk,
        risk_p=risk_p,
        units={u: p for u, p in {**machine.units, **named_units}.items() if u not in wrong},
    )


def _words(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(word, str) for word in value)
