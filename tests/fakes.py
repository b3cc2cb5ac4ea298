"""Hand-written stand-ins for what reaches outside or is slow: a reader, a channel, a fetcher."""

from __future__ import annotations

from collections.abc import Sequence

from langnghe.core.text import fold
from langnghe.core.types import (
    Fact,
    Item,
    Profile,
    Reading,
    Sentiment,
    Stance,
    TopicHit,
    Unit,
    UnitHit,
)

SCHOOL = Unit(id="truong", kind="school", name="Trường TH&THCS Suối Mơ", parent="xa")
PROFILE = Profile(
    name="Hồ sơ thử",
    units=(SCHOOL, Unit(id="xa", kind="commune", name="Giáo dục xã Suối Mơ")),
    version="test",
)


class FakeReader:
    """Understands a handful of words, always the same way; counts the texts it was given.

    «suoi mo» names the school; «nhap vien» is twenty pupils in hospital; «bac bo» a denial.
    """

    def __init__(self) -> None:
        self.seen = 0

    def predict(self, items: Sequence[Item]) -> list[Reading]:
        """Return one reading an item, in order."""
        self.seen += len(items)
        return [self._one(item) for item in items]

    def _one(self, item: Item) -> Reading:
        text = item.full_text
        words = fold(text)
        grave = "nhap vien" in words
        school = "truong" in words
        units = (UnitHit("truong", 0.95, (0, 4)),) if "suoi mo" in words else ()
        facts = (Fact("hospitalised", 20.0, (0, 4), "20 học sinh nhập viện"),) if grave else ()
        risk_p = (0.02, 0.03, 0.05, 0.9) if grave else (0.9, 0.08, 0.01, 0.01)
        return Reading(
            about_education=school,
            about_education_p=0.95 if school else 0.02,
            scope="vn" if school else "n/a",
            sentiment=Sentiment.NEG if grave else Sentiment.NEU,
            sentiment_p={"neg": 0.9, "neu": 0.05, "pos": 0.05} if grave
            else {"neg": 0.1, "neu": 0.8, "pos": 0.1},
            topics=(TopicHit("an_toan_thuc_pham", 0.95, ("nhập viện",)),) if grave else (),
            risk=3 if grave else 0,
            risk_p=risk_p,
            stance=Stance.DENY if "bac bo" in words else Stance.REPORT,
            facts=facts,
            units=units,
            masked_text=text,
            masked_title=item.title or "",
            model="fake",
        )  # fmt: skip
