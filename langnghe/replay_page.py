"""The report of a replay: what its store holds, read and written down for people or machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from langnghe.core.clock import say
from langnghe.core.policy.model import Policy
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import IncidentEventRow, IncidentRow, MentionRow, StoryRow
from langnghe.replay import ALERTS, BadLine
from langnghe.replay_report import Affair, Alert, Told

_CHUNK = 500
_MOST_BAD = 50
_PARTS = {
    "severity": "mức nghiêm trọng",
    "reach": "độ lan truyền",
    "velocity": "tốc độ",
    "source": "sức nặng của nguồn",
    "attribution": "phần trách nhiệm",
    "vulnerability": "trường hợp dễ tổn thương",
    "history": "tiền sử",
}


def gather(
    store: Store, archives: Sequence[str], items: int, span: Sequence[datetime],
    bad_lines: Sequence[BadLine],
) -> Told:  # fmt: skip
    """Read what a replay left in its store; ``span`` holds its first and last moment, or nothing.

    An event is what the grouping calls one (``event_id``); where it does not, a story. Stories
    that an incident took in belong to the event it was opened on.
    """
    with store.read() as session:
        incidents = {row.id: row for row in session.scalars(sa.select(IncidentRow))}
        stories = {row.id: (row.event_id or row.id, row.incident_id)
                   for row in session.execute(sa.select(StoryRow.id, StoryRow.event_id,  # type: ignore[call-overload]
                                                        StoryRow.incident_id))}  # fmt: skip
        own = {number: stories[row.story_id][0] for number, row in incidents.items()}
        event_of = {s: own.get(taken, event) for s, (event, taken) in stories.items()}
        seen: dict[int, list[datetime]] = {event: [] for event in own.values()}
        wanted = [story for story, event in event_of.items() if event in seen]
        kept = session.execute(sa.select(sa.func.count()).select_from(MentionRow)).scalar() or 0
        for chunk in (wanted[n : n + _CHUNK] for n in range(0, len(wanted), _CHUNK)):
            query = sa.select(MentionRow.story_id, MentionRow.seen_at).where(  # type: ignore[call-overload]
                MentionRow.story_id.in_(chunk)  # type: ignore[union-attr]
            )
            for story_id, seen_at in session.execute(query):
                seen[event_of[story_id]].append(seen_at)
        query = sa.select(IncidentEventRow).where(IncidentEventRow.kind.in_(ALERTS))  # type: ignore[attr-defined]
        alerts = [
            Alert(
                at=row.at, kind=row.kind, event=own[row.incident_id],
                level=row.data.get("level", incidents[row.incident_id].level),
                incident=row.incident_id, codes=tuple(row.data.get("codes", ())),
                points=row.data.get("points"),
            )
            for row in session.scalars(query.order_by(IncidentEventRow.id))  # type: ignore[arg-type]
        ]  # fmt: skip
        held: Counter[str] = Counter()
        for parts in session.scalars(sa.select(StoryRow.parts).where(StoryRow.score > 0)):  # type: ignore[call-overload]
            held.update(parts.get("state", {}).get("overrides", ()))
    affairs: dict[int, Affair] = {}
    for number, row in sorted(incidents.items()):
        event = own[number]
        affairs.setdefault(event, Affair(event, row.title, row.unit_id, tuple(sorted(seen[event]))))
    return Told(
        tuple(archives), items, kept, min(span, default=None), max(span, default=None),
        tuple(bad_lines), tuple(alerts), tuple(affairs.values()), held,
    )  # fmt: skip


def write(path: Path, found: Mapping[str, Any], policy: Policy) -> None:
    """Write a report: JSON when the name ends in ``.json``, else Markdown in Vietnamese."""
    if path.suffix.lower() == ".json":
        text = json.dumps(found, ensure_ascii=False, indent=1)
    else:
        text = "\n".join(lines(found, policy))
    path.write_text(text + "\n", encoding="utf-8")


def lines(found: Mapping[str, Any], policy: Policy) -> Iterator[str]:
    """Yield the report as lines of Markdown, in Vietnamese."""
    names = {level.id: level.name for level in policy.levels}
    opening = [level for level in policy.levels if level.opens]
    yield "# Báo cáo phát lại"
    yield ""
    yield f"- Kho tin: {', '.join(found['archives'])}"
    yield f"- Thời gian: {_moment(found['from'])} – {_moment(found['to'])}"
    doubled = found["items"] - found["kept"]
    yield f"- Số tin: {found['items']}" + (f", trong đó {doubled} tin lặp lại" if doubled else "")
    yield f"- Kịch bản ứng phó: {found['policy_version']}"
    events = found["events"]
    yield f"- Cảnh báo: {found['alerts']} về {len(events)} vụ việc" + (
        f", {_decimal(found['alerts_per_event'])} cảnh báo mỗi vụ việc" if events else ""
    )
    for title, key, unit in (
        ("Từ tin đầu đến cảnh báo đầu", "first_alert_delay_minutes", "phút"),
        ("Số tin đã có khi cảnh báo đầu", "articles_at_first_alert", "tin"),
    ):
        if found[key]:
            spread = found[key]
            yield (
                f"- {title}: một nửa số vụ không quá {spread['median']} {unit}, "
                f"chín phần mười không quá {spread['p90']}, nhiều nhất {spread['most']}"
            )
    days = found["days"]
    yield (
        f"- Ngày yên: {found['quiet_days']} trên {len(days)} ngày, dài nhất "
        f"{found['longest_quiet_days']} ngày liền"
    )
    yield from _section("Cảnh báo theo ngày")
    if found["quiet_days"] < len(days):
        yield from _table(
            ("Ngày", *(level.name for level in opening), "Cộng"),
            [
                (_day(day["day"]), *(day["levels"][level.id] for level in opening), day["alerts"])
                for day in days
                if day["alerts"]
            ],
        )
        sums = [sum(day["levels"][level.id] for day in days) for level in opening]
        yield f"| Cộng | {' | '.join(map(str, sums))} | {found['alerts']} |"
        yield ""
        yield "Ngày không có trong bảng là ngày yên."
    else:
        yield "Không có cảnh báo nào."
    yield from _section("Cảnh báo đầu tiên của mỗi vụ việc")
    yield from _table(
        ("Tin đầu", "Chậm (phút)", "Số tin đã có", "Mức đầu", "Mức cao nhất", "Tin", "Báo lại",
         "Vụ việc"),
        [
            (
                _moment(e["first_article"]), e["delay_minutes"], e["articles_at_first_alert"],
                names[e["first_level"]], names[e["top_level"]], e["articles"], e["repeats"],
                _cell(e["title"]),
            )
            for e in events
        ],
    )  # fmt: skip
    yield from _section("Mỗi quy tắc đã góp gì")
    yield "«Quyết định» là số cảnh báo sẽ ở mức thấp hơn nếu không có quy tắc ấy."
    yield ""
    rules = [rule for rule in found["rules"] if "alerts" in rule]
    yield from _table(
        ("Quy tắc", "Nâng lên mức đã báo", "Quyết định"),
        [(_rule(rule["rule"], policy), rule["alerts"], rule["alone"]) for rule in rules],
    )
    if held := [rule for rule in found["rules"] if "stories_held" in rule]:
        yield ""
        yield from _table(
            ("Trần", "Số cụm tin bị giữ lại (lúc kết thúc)"),
            [(_rule(rule["rule"], policy), rule["stories_held"]) for rule in held],
        )
    yield from _section("Dòng hỏng")
    bad = found["bad_lines"]
    yield f"{len(bad)} dòng không dùng được." if bad else "Không có."
    for line in bad[:_MOST_BAD]:
        yield f"- {line['archive']}, dòng {line['line']}: {line['why']}"
    if len(bad) > _MOST_BAD:
        yield f"- … và {len(bad) - _MOST_BAD} dòng khác"


def _section(title: str) -> Iterator[str]:
    yield from ("", f"## {title}", "")


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def _rule(code: str, policy: Policy) -> str:
    """Return what a rule is called: its id, and its reason or topic in words."""
    kind, _, name = code.partition(":")
    if kind == "part":
        return f"điểm: {_PARTS.get(name, name)}"
    if kind == "floor":
        return f"mức sàn: {_cell(policy.topic_name(name))}"
    reasons = {rule.id: rule.reason for rule in policy.overrides}
    reasons |= {rule.id: rule.reason for rule in policy.ceilings}
    return f"`{name}` {_cell(reasons.get(name, '')).replace('{value}', '…')}".strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _moment(text: str | None) -> str:
    return say(datetime.fromisoformat(text) if text else None)


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}"


def _decimal(value: float) -> str:
    return str(value).replace(".", ",")
