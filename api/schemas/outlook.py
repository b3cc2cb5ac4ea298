"""How the trust in a story's sources and the chances of its next hours look from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from alerts.forecast.model import Forecast
from langnghe.core.policy.model import Policy

CREDIBILITY_EXAMPLE: JsonDict = {
    "id": "nhieu_bao",
    "value": 0.8,
    "text": "2 cơ quan báo chí độc lập",
    "voices": 3,
    "press": 2,
    "official": 0,
}


class CredibilityOut(BaseModel):
    """How far the sources can be trusted; whether the matter is true is ``verification``."""

    id: str
    value: float = Field(description="Từ 0 đến 1.")
    text: str
    voices: int
    press: int
    official: int

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> CredibilityOut | None:
        """Return the outside form, ``None`` before the first assessment."""
        return cls.model_validate(dict(stored)) if stored else None


class ChanceOut(BaseModel):
    """The chance that a level is reached within some hours."""

    level: str
    hours: int
    p: float


class ForecastOut(BaseModel):
    """Chances of the next hours, or why none are told."""

    chances: list[ChanceOut]
    like: int = Field(description="Số cụm tin tương tự đã gặp.")
    why: str = Field(description="Vì sao chưa dự báo; trống khi có dự báo.")

    @classmethod
    def of(cls, told: Forecast | None, policy: Policy) -> ForecastOut | None:
        """Return the outside form."""
        if told is None:
            return None
        return cls(
            chances=[
                ChanceOut(level=policy.level(level).id, hours=hours, p=round(p, 4))
                for (level, hours), p in sorted(told.chances.items())
            ],
            like=told.like,
            why=told.why,
        )
