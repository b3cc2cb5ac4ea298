"""The deadlines of an incident as a calendar file, so that a phone reminds its owner.

What the file says is kept as data with the message and written when that is handed over: a name
that must be covered later is covered there too. An entry keeps its UID, so that a newer file moves
it instead of adding another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from icalendar import Alarm, Calendar, Event

from alerts.outmail import Attached

NAME = "thoi-han.ics"
MEDIA_TYPE = "text/calendar; method=PUBLISH; charset=utf-8"
_SHOWN = timedelta(minutes=15)
_EARLY = timedelta(minutes=10)
_MOST = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One moment to keep: ``code`` tells it from the others of its incident."""

    code: str
    title: str
    role: str
    at: datetime


def calendar_data(
    incident_id: int,
    title: str,
    entries: Iterable[Entry],
    *,
    host: str,
    url: str,
    sequence: int,
    now: datetime,
) -> dict[str, Any]:
    """Return what the file will say, as JSON; ``{}`` when there is nothing to come.

    ``sequence`` must grow whenever moments change.
    """
    coming = sorted((e for e in entries if e.at > now), key=lambda e: (e.at, e.code))[:_MOST]
    if not coming:
        return {}
    return {
        "incident": incident_id,
        "title": title,
        "host": host,
        "url": url,
        "sequence": sequence,
        "stamp": now.isoformat(),
        "entries": [
            {"code": e.code, "title": e.title, "role": e.role, "at": e.at.isoformat()}
            for e in coming
        ],
    }


def calendar_file(data: Mapping[str, Any]) -> tuple[Attached, ...]:
    """Return the file of a message, nothing for one without moments."""
    if not data.get("entries"):
        return ()
    stamp = datetime.fromisoformat(data["stamp"])
    calendar = Calendar()
    calendar.add("prodid", "-//Lang Nghe//vi")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in data["entries"]:
        at = datetime.fromisoformat(entry["at"])
        event = Event()
        event.add("uid", f"vu-viec-{data['incident']}-{entry['code']}@{data['host']}")
        event.add("sequence", int(data["sequence"]))
        event.add("dtstamp", stamp)
        event.add("dtstart", at)
        event.add("dtend", at + _SHOWN)
        event.add("summary", f"Hạn: {entry['title']}")
        event.add("description", f"{data['title']}\n{entry['role']}\n{data['url']}")
        event.add("url", data["url"])
        event.add("transp", "TRANSPARENT")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", f"Sắp đến hạn: {entry['title']}")
        alarm.add("trigger", -min(_EARLY, max(at - stamp, timedelta()) / 2))
        event.add_component(alarm)
        calendar.add_component(event)
    return (Attached(NAME, MEDIA_TYPE, calendar.to_ical()),)
