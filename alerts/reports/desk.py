"""Where papers are ordered: who may have which, its facts, its number, its facts again later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session

from alerts.reports.facts import (
    OF_INCIDENT,
    OF_PERIOD,
    Facts,
    IncidentFacts,
    OpinionFacts,
    PaperKind,
    Period,
    RegisterFacts,
    ReleaseFacts,
)
from alerts.reports.incident import incident_facts
from alerts.reports.issuer import issuer_of
from alerts.reports.opinion import opinion_facts
from alerts.reports.statements import register_facts, release_facts
from langnghe.core.clock import HANOI, as_utc, hanoi
from langnghe.core.errors import InputError, NotFoundError
from langnghe.core.services import Services
from langnghe.core.store.children import children_of
from langnghe.core.store.papers import PaperOrder, may_issue, number_paper
from langnghe.core.store.queries.incidents import get_incident
from langnghe.core.store.queries.report_files import released
from langnghe.core.store.queries.reports import incident_titles, titled
from langnghe.core.store.tables.papers import PaperRow
from nlp.shield_story import Children, cover

BOOKS: Mapping[PaperKind, str] = {
    PaperKind.QUICK: "BC",
    PaperKind.DIGEST: "BC",
    PaperKind.WEEK: "BC",
    PaperKind.MONTH: "BC",
    PaperKind.DOSSIER: "HS",
}
"""Kinds that take a number here. A statement has its own since release; a register has none."""
_LONGEST = timedelta(days=370)
_TYPES: Mapping[PaperKind, TypeAdapter[Any]] = {
    kind: TypeAdapter(
        IncidentFacts
        if kind in OF_INCIDENT
        else RegisterFacts
        if kind is PaperKind.REGISTER
        else OpinionFacts
        if kind in OF_PERIOD
        else ReleaseFacts
    )
    for kind in PaperKind
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for. ``unit`` issues it.

    Empty: the viewer's own, else the unit the matter is about, else the profile's first.
    """

    kind: PaperKind
    unit: str = ""
    incident: int | None = None
    statement: int | None = None
    first: date | None = None
    last: date | None = None


def period_for(kind: PaperKind, first: date | None, last: date | None, now: datetime) -> Period:
    """Return the period of a paper in UTC: a Vietnamese day, week (from Monday), month, or from–to.

    Without ``first`` it is the digest of today, the week and month that hold yesterday. Raises
    InputError for a period that has not begun, ends before it begins or is longer than a year.
    """
    today = hanoi(now).date()
    start = first or (today if kind is PaperKind.DIGEST else today - timedelta(days=1))
    try:
        if last is not None and first is not None:
            begin, end = first, last + timedelta(days=1)
        elif kind is PaperKind.DIGEST:
            begin, end = start, start + timedelta(days=1)
        elif kind is PaperKind.WEEK:
            begin = start - timedelta(days=start.weekday())
            end = begin + timedelta(days=7)
        else:
            begin = start.replace(day=1)
            end = (begin + timedelta(days=32)).replace(day=1)
        period = Period(_midnight(begin), _midnight(end))
    except (OverflowError, ValueError) as error:
        raise InputError("Ngày của kỳ báo cáo không dùng được.") from error
    if period.until <= period.since:
        raise InputError("Ngày cuối kỳ đứng trước ngày đầu kỳ.", mend="Chọn lại hai ngày.")
    if period.since >= now:
        raise InputError("Kỳ báo cáo chưa bắt đầu.", mend="Chọn ngày đã qua.")
    if period.until - period.since > _LONGEST:
        raise InputError("Kỳ báo cáo dài quá một năm.", mend="Chọn kỳ ngắn hơn.")
    return period


def facts_for(services: Services, wish: Wish, *, viewer_unit: str | None) -> Facts:
    """Return the facts of the paper that is asked for, as of now.

    Raises NotFoundError for a unit, incident or statement the viewer may not see, InputError for a
    wish that lacks what its kind needs.
    """
    now = services.clock.now()
    with services.store.read() as session:
        unit = _issuing_unit(session, services, wish, viewer_unit)
        issuer = issuer_of(services.profile, unit, now)
        if wish.kind in OF_INCIDENT:
            return incident_facts(
                session, wish.kind, issuer, _needed(wish.incident, "vụ việc"), services.profile,
                services.policy, now, viewer_unit=viewer_unit,
            )  # fmt: skip
        if wish.kind is PaperKind.RELEASE:
            number = _needed(wish.statement, "nội dung phát ngôn")
            row = released(session, number, viewer_unit=viewer_unit)
            return release_facts(session, issuer, row, now)
        period = period_for(wish.kind, wish.first, wish.last, now)
        if wish.kind is PaperKind.REGISTER:
            return register_facts(session, issuer, period, now, scope_unit=unit)
        return opinion_facts(
            session, wish.kind, issuer, period, services.policy, now, scope_unit=unit
        )


def encode(facts: Facts) -> tuple[dict[str, Any], str]:
    """Return facts as plain JSON and the SHA-256 of its canonical form."""
    data: dict[str, Any] = _TYPES[facts.kind].dump_python(facts, mode="json")
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return data, hashlib.sha256(canonical.encode()).hexdigest()


def number_facts(
    session: Session, facts: Facts, abstract: str, *, key: str, now: datetime, actor: str
) -> PaperRow:
    """Give a paper its number and keep its facts. Raises InputError for a kind that takes none.

    ``key`` names the press of the button: the same one again gives the same paper. Raises
    InputError where the unit's letters are not known, for a number without them says nothing.
    """
    book, issuer = BOOKS.get(facts.kind), facts.issuer
    if book is None:
        raise InputError("Loại văn bản này không lấy số tại đây.", mend="Tải về không cần lấy số.")
    if not issuer.symbol:
        raise InputError(
            "Chưa có chữ viết tắt tên cơ quan để ghi ký hiệu văn bản.",
            mend="Khai «paper.symbol» trong hồ sơ đơn vị.",
        )
    data, digest = encode(facts)
    period = facts.period if isinstance(facts, OpinionFacts | RegisterFacts) else None
    order = PaperOrder(
        key=key, unit_id=issuer.unit_id, kind=facts.kind.value, book=book,
        symbol=f"{book}-{issuer.symbol}", abstract=abstract, facts=data, facts_hash=digest,
        incident_id=facts.line.incident_id if isinstance(facts, IncidentFacts) else None,
        since=period.since if period else None, until=period.until if period else None,
    )  # fmt: skip
    return number_paper(session, order, now, actor)


def kept_facts(session: Session, row: PaperRow) -> Facts:
    """Return the facts of a numbered paper, each text covered as it would be today.

    A story may name a child after a paper was numbered; what is laid out again must not tell it.
    """
    kind = PaperKind(row.kind)
    data = _masked_anew(session, row.facts)
    if row.incident_id is not None:
        data = _covered(session, row.incident_id, data)
    found: Facts = _TYPES[kind].validate_python(data)
    return found


def _covered(session: Session, incident_id: int, data: Any) -> Any:
    incident = get_incident(session, incident_id, viewer_unit=None).line.row
    salted = children_of(session, [incident.story_id]).get(incident.story_id, {})
    known = tuple(Children(salt, digests) for salt, digests in sorted(salted.items()))
    if not known:
        return data

    def walk(value: Any) -> Any:
        if isinstance(value, str):
            return cover(value, known).text
        if isinstance(value, list):
            return [walk(one) for one in value]
        if isinstance(value, Mapping):
            # Who issues a paper is no child of the story, whatever the names share.
            return {k: one if k == "issuer" else walk(one) for k, one in value.items()}
        return value

    return walk(data)


def _masked_anew(session: Session, data: Mapping[str, Any]) -> Any:
    mentions: set[int] = set()
    incidents: set[int] = set()

    def look(value: Any) -> None:
        if isinstance(value, Mapping):
            mentions.update([value["mention_id"]] if "mention_id" in value else [])
            incidents.update([value["incident_id"]] if "incident_id" in value else [])
            value = list(value.values())
        if isinstance(value, list):
            for one in value:
                look(one)

    def mend(value: Any) -> Any:
        if isinstance(value, list):
            return [mend(one) for one in value]
        if not isinstance(value, Mapping):
            return value
        mended = {key: mend(one) for key, one in value.items()}
        if "mention_id" in mended:
            # A text that is gone since, or is being read anew, is no longer quoted.
            shown = titles.get(mended["mention_id"])
            mended["title"] = (shown.title if shown else "") or "(tin không còn để hiển thị)"
            mended["lead"] = ""
        elif "incident_id" in mended and mended["incident_id"] in names:
            mended["title"] = names[mended["incident_id"]]
        return mended

    look(data)
    titles = titled(session, sorted(mentions))
    names = incident_titles(session, sorted(incidents))
    return mend(data)


def _issuing_unit(session: Session, services: Services, wish: Wish, viewer_unit: str | None) -> str:
    unit = wish.unit
    if not unit:
        unit = viewer_unit or _matter_unit(session, wish) or services.profile.units[0].id
    if not may_issue(session, unit, viewer_unit):
        raise NotFoundError("Đơn vị ban hành ngoài phạm vi của bạn.", mend="Chọn đơn vị khác.")
    return unit


def _matter_unit(session: Session, wish: Wish) -> str:
    if wish.kind in OF_INCIDENT and wish.incident is not None:
        return get_incident(session, wish.incident, viewer_unit=None).line.row.unit_id
    if wish.kind is PaperKind.RELEASE and wish.statement is not None:
        return released(session, wish.statement, viewer_unit=None).unit_id
    return ""


def _needed(value: int | None, what: str) -> int:
    if value is None:
        raise InputError(f"Chưa chọn {what}.", mend=f"Chọn {what} rồi lập lại văn bản.")
    return value


def _midnight(day: date) -> datetime:
    return as_utc(datetime.combine(day, time.min, HANOI))
