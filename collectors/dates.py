"""The dates Vietnamese newspapers write, and whether to believe them.

Feeds say ``GMT+7`` and mean +07:00 (POSIX means the opposite), leave the zone out, write the day
before the month except where they do not, or stamp the wrong zone altogether. The number of an
article often carries the minute it was created; it serves where the stated date fails.

Problem ids, as recorded on ``Item.problems``: ``undated`` (nothing usable stated), ``future_date``
(more than a day ahead), ``ancient_date`` (before 1995, mostly 1970), ``clock_shift`` (stated in the
wrong zone), ``date_from_url`` (taken from the article number).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

from langnghe.core.clock import HANOI

UNDATED = "undated"
FUTURE_DATE = "future_date"
ANCIENT_DATE = "ancient_date"
CLOCK_SHIFT = "clock_shift"
DATE_FROM_URL = "date_from_url"

_FIRST_CREDIBLE = datetime(1995, 1, 1, tzinfo=UTC)  # no Vietnamese newspaper was on the web before
_AHEAD = timedelta(days=1)
_LONGEST = 120

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_NAMED_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "ict": 7, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip

_TIME = r"(?P<H>\d{1,2})\s*(?::|[hg]\s?)\s*(?P<M>\d{2})(?!\d)(?::(?P<S>\d{2})(?:[.,]\d+)?)?"
_CLOCK = re.compile(_TIME + r"(?:\s*(?P<half>[ap]\.?m\b\.?|sa\b|ch\b))?", re.IGNORECASE)
_OFFSET = re.compile(
    r"(?:\b(?:gmt|utc|ict)\s*|(?<=[\d\s:]))(?P<sign>[+\-−])\s?(?P<h>\d{1,2})(?::?(?P<m>\d{2}))?\)?\s*$",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:\b|(?<=\d))(?P<name>[A-Za-z]{1,4})\)?\s*$")
_ISO = re.compile(r"(?P<Y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)")
_COMPACT = re.compile(
    r"^(?P<Y>\d{4})(?P<m>\d{2})(?P<d>\d{2})T(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?"
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})\s?[/.-]\s?(?P<m>\d{1,2})\s?[/.-]\s?(?P<Y>\d{4})(?!\d)"
)
_ENGLISH = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})[\s-]+(?P<mon>[A-Za-z]{3})[a-z]*\.?,?[\s-]+(?P<Y>\d{4}|\d{2})(?![\d:])"
)
_ENGLISH_US = re.compile(r"\b(?P<mon>[A-Za-z]{3})[a-z]*\.?\s+(?P<d>\d{1,2}),?\s+(?P<Y>\d{4})(?!\d)")
_IN_WORDS = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})\s+(?:tháng|thg)\.?\s*(?P<m>\d{1,2})\s*(?:,|năm)?\s*(?P<Y>\d{4})(?!\d)",
    re.IGNORECASE,
)
_AGO = re.compile(r"^(?P<n>\d{1,3})\s*(?P<unit>giây|phút|giờ|tiếng|ngày)\s+trước$", re.IGNORECASE)
_AGO_SECONDS = {"giây": 1, "phút": 60, "giờ": 3600, "tiếng": 3600, "ngày": 86400}

# yyyymmddHHMMSS + milliseconds (Tuổi Trẻ, Dân trí), or a three-digit site number + yymmddHHMMSS +
# milliseconds (the newspapers on the VCCorp system: 185 Thanh Niên, 215 Kênh14, 188 CafeF ...).
_LONG_NUMBER = re.compile(r"(?<!\d)(20\d{12})(?:\d{1,3})?(?!\d)")
_SITE_NUMBER = re.compile(r"(?<!\d)[12]\d{2}(\d{12})\d{3}(?!\d)")

_SHIFT = timedelta(hours=7)
_SLACK = timedelta(minutes=30)
_IMPOSSIBLE = timedelta(minutes=15)


def parse_date(text: str, *, now: datetime) -> datetime | None:
    """Return the moment a date text means, in UTC, or ``None`` where it means none.

    A text without zone is Vietnamese time. ``now`` is only used for "5 phút trước". Numbers are day
    first, except the old ``09/25/2025 05:04:03 PM``. Nothing is said about whether the date is
    credible: see ``judge_date``.
    """
    text = " ".join(text.split())
    if match := _AGO.match(text):
        ago = int(match["n"]) * _AGO_SECONDS[match["unit"].lower()]
        return (now - timedelta(seconds=ago)).astimezone(UTC)
    return parse_absolute(text)


def parse_absolute(text: str) -> datetime | None:
    """Return what ``parse_date`` does, for texts that do not depend on the present moment."""
    text = " ".join(text.split())
    if not text or len(text) > _LONGEST:
        return None
    try:
        return _assemble(text)
    except (ValueError, OverflowError):
        return None


def date_from_url(url: str) -> datetime | None:
    """Return the creation time (UTC) that an article number carries, or ``None``.

    Only numbers whose every part is a possible date from 2000 on count.
    """
    try:
        tail = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    except ValueError:
        return None
    for pattern, prefix in ((_LONG_NUMBER, ""), (_SITE_NUMBER, "20")):
        for digits in pattern.findall(tail):
            try:
                moment = datetime.strptime(prefix + digits, "%Y%m%d%H%M%S").replace(tzinfo=HANOI)
            except ValueError:
                continue
            return moment.astimezone(UTC)
    return None


def judge_date(moment: datetime | None, *, now: datetime) -> tuple[datetime | None, str | None]:
    """Return the moment if it is credible, else ``None`` and the id of what is wrong with it."""
    if moment is None:
        return None, UNDATED
    if moment > now + _AHEAD:
        return None, FUTURE_DATE
    if moment < _FIRST_CREDIBLE:
        return None, ANCIENT_DATE
    return moment, None


def is_clock_shift(stated: datetime, minted: datetime, *, now: datetime) -> bool:
    """Say whether a stated date shows a wrong zone beside the article's creation time.

    An article cannot be out before it was created: stated up to 7 hours earlier means UTC was
    labelled as local time. Stated 7 or 14 hours later *and* in the future means the reverse.
    """
    late = stated - minted
    if -_SHIFT - _SLACK <= late <= -_IMPOSSIBLE:
        return True
    return stated > now + _IMPOSSIBLE and any(abs(late - n * _SHIFT) <= _SLACK for n in (1, 2))


def is_seven_late(stated: datetime, minted: datetime) -> bool:
    """Say whether a date lies 7 hours after creation: telling only if a whole feed does so."""
    return abs(stated - minted - _SHIFT) <= _SLACK


def _assemble(text: str) -> datetime | None:
    if match := _COMPACT.match(text):
        found = _groups(match)
        stamp = datetime(found["Y"], found["m"], found["d"])  # noqa: DTZ001 - zone: see _placed
        moment = stamp.replace(hour=found["H"], minute=found["M"], second=found.get("S", 0))
        return _placed(moment, text[match.end() :])
    day, rest = _day(text)
    if day is None:
        return None
    clock = _CLOCK.search(rest)
    if clock is None:
        # A day alone; "2025-09-19 +07" has no use for its zone but must not be read as a time.
        return day.replace(tzinfo=HANOI).astimezone(UTC)
    half = (clock["half"] or "").lower().replace(".", "")
    hour = int(clock["H"])
    if half in {"pm", "ch"} and hour < 12:
        hour += 12
    elif half in {"am", "sa"} and hour == 12:
        hour = 0
    if half in {"am", "pm"} and clock["S"] and (swapped := _month_first(text)):
        day = swapped
    moment = day.replace(hour=hour, minute=int(clock["M"]), second=min(int(clock["S"] or 0), 59))
    return _placed(moment, rest[clock.end() :] or "")


def _day(text: str) -> tuple[datetime | None, str]:
    """Return the day named in ``text`` and what is left of the text without it."""
    for pattern in (_ISO, _DAY_FIRST, _IN_WORDS, _ENGLISH, _ENGLISH_US):
        match = pattern.search(text)
        if match is None:
            continue
        found = match.groupdict()
        month = int(found["m"]) if "m" in found else _MONTHS.get(found["mon"].lower())
        if month is None:
            continue
        year = int(found["Y"])
        year += 2000 if year < 70 else 1900 if year < 100 else 0
        left = text[: match.start()] + " " + text[match.end() :].lstrip("Tt")
        numbers = (year, month, int(found["d"]))
        if month > 12 >= numbers[2] and pattern is _DAY_FIRST:
            numbers = (year, numbers[2], month)
        return datetime(*numbers), left  # noqa: DTZ001 - gets its zone in _placed
    return None, text


def _month_first(text: str) -> datetime | None:
    match = _DAY_FIRST.search(text)
    if match is None or int(match["d"]) > 12:
        return None
    return datetime(int(match["Y"]), int(match["d"]), int(match["m"]))  # noqa: DTZ001


def _placed(naive: datetime, tail: str) -> datetime:
    """Return the moment in UTC, its zone read from what follows the time; none means Hanoi."""
    if match := _OFFSET.search(tail):
        hours, minutes = int(match["h"]), int(match["m"] or 0)
        if hours > 14 or minutes > 59:
            raise ValueError("no such zone")
        offset = timedelta(hours=hours, minutes=minutes) * (1 if match["sign"] == "+" else -1)
        return naive.replace(tzinfo=timezone(offset)).astimezone(UTC)
    named = _NAME.search(tail)
    if named and (known := _NAMED_ZONES.get(named["name"].lower())) is not None:
        return naive.replace(tzinfo=timezone(timedelta(hours=known))).astimezone(UTC)
    return naive.replace(tzinfo=HANOI).astimezone(UTC)


def _groups(match: re.Match[str]) -> dict[str, int]:
    return {name: int(value) for name, value in match.groupdict().items() if value}
