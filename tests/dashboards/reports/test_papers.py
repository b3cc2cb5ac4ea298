"""What papers say: the same in both files, nothing of a child, numbered once, kept as they were."""

from __future__ import annotations

import io
import re
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document

from alerts.reports.desk import (
    BOOKS,
    Wish,
    encode,
    facts_for,
    kept_facts,
    number_facts,
    period_for,
)
from alerts.reports.facts import Facts, IncidentFacts, OpinionFacts, PaperKind, Period
from dashboards.reports.compose import compose
from dashboards.reports.make import make
from langnghe.core.errors import InputError, NotFoundError
from langnghe.core.services import Services
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.store.papers import get_paper, list_papers
from langnghe.core.watermark import BANNER
from nlp.covering import remember_children
from tests.conftest import NOW
from tests.dashboards.reports import papers, pictures, samples

DAY = timedelta(days=1)


def wish(kind: PaperKind, **more: Any) -> Wish:
    fields: dict[str, Any] = {"unit": "th", "incident": 9, "statement": 1}
    if kind in (PaperKind.MONTH, PaperKind.REGISTER):
        fields["first"] = date(2026, 11, 1)
    if kind is PaperKind.DIGEST:
        fields["first"] = date(2026, 11, 22)
    return Wish(kind, **(fields | more))


def every(province: Services) -> list[Facts]:
    return [facts_for(province, wish(kind), viewer_unit=None) for kind in PaperKind]


def docx_words(content: bytes) -> str:
    xml = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    return " ".join(re.sub(r"<[^>]+>", " ", xml).replace("&amp;", "&").split())


def letters(text: str) -> str:
    return re.sub(r"[\s\u200b.…-]+", "", text)


def test_both_files_say_the_same(province: Services) -> None:
    for facts in every(province):
        paper = compose(facts)
        pdf, docx = make(facts, "pdf"), make(facts, "docx")
        written, printed = docx_words(docx.content), letters(pictures.words(pdf.content))
        assert "{{" not in written
        assert "{%" not in written
        for name in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
                     "TRƯỜNG TH&THCS SUỐI MƠ", paper.type_name, paper.abstract,
                     "Nguyễn Đức Thuỷ Ưởng"):  # fmt: skip
            assert letters(name) in letters(written), (facts.kind, name)
            assert letters(name) in printed, (facts.kind, name)
        said = []
        for block in paper.blocks:
            for text in _texts(block):
                assert letters(text) in letters(written), (facts.kind, text)
                said.append(text)
        assert said
        # A page may end inside a sentence; the words between its number are all there.
        words = [w for text in said for w in text.split() if len(w) < 12]
        missing = [w for w in words if letters(w) not in printed]
        assert missing == [], facts.kind


def _texts(block: Any) -> list[str]:
    if hasattr(block, "rows"):
        return [cell for row in block.rows for cell in row] + [c.title for c in block.columns]
    if hasattr(block, "runs"):
        return [run.text for run in block.runs]
    return [getattr(block, name) for name in ("text", "label", "caption") if hasattr(block, name)]


def test_no_child_is_named(province: Services) -> None:
    told = f"Đã gọi mẹ em {samples.CHILD}, học sinh lớp 4A."
    with province.store.write() as session:
        session.add(
            t.IncidentEventRow(incident_id=9, at=NOW, kind="note", actor="Đ/c Nguyệt", text=told)
        )
        session.add(
            t.StepRow(incident_id=9, code="X1", position=99, title="Gọi gia đình", role="officer",
                      done_at=NOW, done_by="Đ/c Nguyệt", note=told)
        )  # fmt: skip
    for facts in every(province):
        for form in ("pdf", "docx"):
            made = make(facts, form)
            said = pictures.words(made.content) if form == "pdf" else docx_words(made.content)
            for part in (samples.CHILD, "Mẩy", "lớp 4A"):
                assert part not in said, (facts.kind, form, part)
    quick = make(every(province)[0], "pdf")
    assert "[tên học sinh]" in pictures.words(quick.content)


def test_docx_is_of_the_prescribed_form(province: Services) -> None:
    for kind in (PaperKind.QUICK, PaperKind.MONTH, PaperKind.REGISTER):
        facts = facts_for(province, wish(kind), viewer_unit=None)
        document = Document(io.BytesIO(make(facts, "docx").content))
        section = document.sections[0]
        page = sorted((section.page_width.mm, section.page_height.mm))
        assert page == pytest.approx([210, 297], abs=0.2)
        assert (section.page_width > section.page_height) == (kind is PaperKind.REGISTER)
        margins = [m.mm for m in (section.top_margin, section.bottom_margin, section.left_margin,
                                  section.right_margin)]  # fmt: skip
        assert margins == pytest.approx([20, 20, 30, 15], abs=0.1)
        assert document.styles["Normal"].font.name == "Times New Roman"
        assert document.styles["LN Thân"].font.size.pt == 13
        assert section.different_first_page_header_footer
        assert "PAGE" in section.header._element.xml
        assert "PAGE" not in section.first_page_header._element.xml
        assert document.core_properties.author == "Trường TH&THCS Suối Mơ"
        ruled = [tb for tb in document.tables if "w:tblHeader" in tb._tbl.xml]
        assert ruled
        for table in ruled:
            assert {len(row.cells) for row in table.rows} == {len(table.columns)}
    charts = Document(io.BytesIO(make(facts_for(province, wish(PaperKind.MONTH), viewer_unit=None),
                                      "docx").content)).inline_shapes  # fmt: skip
    assert [round(c.width.mm) for c in charts] == [165] * 4


def test_a_drill_says_so(province: Services) -> None:
    for form in ("pdf", "docx"):
        made = make(papers.quick(), form, drill=True)
        said = pictures.words(made.content) if form == "pdf" else docx_words(made.content)
        assert BANNER in said
        assert made.name.startswith("DIEN-TAP-")
        plain = make(papers.quick(), form)
        assert "DIỄN TẬP" not in (
            pictures.words(plain.content) if form == "pdf" else docx_words(plain.content)
        )
    document = Document(io.BytesIO(make(papers.quick(), "docx", drill=True).content))
    assert BANNER in document.sections[0].footer.paragraphs[0].text


def test_the_month_counts_right(province: Services) -> None:
    facts = facts_for(province, wish(PaperKind.MONTH), viewer_unit=None)
    assert isinstance(facts, OpinionFacts)
    since = datetime(2026, 10, 31, 17, tzinfo=UTC)
    with province.store.read() as session:
        rows = session.execute(
            sa.select(t.MentionRow.seen_at, t.ReadingRow.sentiment).join(
                t.ReadingRow, t.ReadingRow.mention_id == t.MentionRow.id
            )
        ).all()
    here = [tone for at, tone in rows if since <= at < NOW]
    before = [tone for at, tone in rows if since - 30 * DAY <= at < NOW - 30 * DAY]
    assert facts.tones.total == len(here) > 0
    assert facts.tones.neg == here.count("neg")
    assert facts.tones_before.total == len(before)
    assert sum(day.total for day in facts.days) == facts.tones.total
    assert [facts.days[0].day, facts.days[-1].day] == [date(2026, 11, 1), date(2026, 11, 23)]
    assert sum(o.count for o in facts.outlets) == facts.tones.total
    opened = facts.incidents
    assert sum(r.opened for r in facts.responses) == len(opened)
    assert sum(level.count for level in facts.levels) == len(opened)
    grave = next(r for r in facts.responses if r.level == 3)
    assert (grave.allowed, grave.in_time <= grave.acknowledged <= grave.opened) == (15.0, True)


def test_a_unit_beside_is_not_counted(province: Services) -> None:
    other = facts_for(province, wish(PaperKind.MONTH, unit="dg"), viewer_unit=None)
    above = facts_for(province, wish(PaperKind.MONTH, unit="so"), viewer_unit="so")
    own = facts_for(province, wish(PaperKind.MONTH), viewer_unit="th")
    assert isinstance(other, OpinionFacts)
    assert isinstance(above, OpinionFacts)
    assert isinstance(own, OpinionFacts)
    assert other.tones.total == 0
    assert other.incidents == ()
    assert above.tones == own.tones
    assert make(other, "pdf").content.startswith(b"%PDF")
    assert make(other, "docx").content.startswith(b"PK")


def test_nobody_reads_beside_their_units(province: Services) -> None:
    for kind in PaperKind:
        with pytest.raises(NotFoundError):
            facts_for(province, wish(kind), viewer_unit="dg")
        if kind in (PaperKind.QUICK, PaperKind.DOSSIER, PaperKind.RELEASE):
            with pytest.raises(NotFoundError):
                facts_for(province, wish(kind, unit="dg"), viewer_unit="dg")


def test_what_is_missing_is_asked_for(province: Services) -> None:
    for bad in (Wish(PaperKind.QUICK), Wish(PaperKind.RELEASE),
                Wish(PaperKind.WEEK, first=date(2027, 1, 1)),
                Wish(PaperKind.REGISTER, first=date(2020, 1, 1), last=date(2026, 1, 1)),
                Wish(PaperKind.WEEK, first=date(2026, 11, 9), last=date(2026, 11, 1)),
                Wish(PaperKind.WEEK, first=date.min)):  # fmt: skip
        with pytest.raises(InputError):
            facts_for(province, bad, viewer_unit=None)


@pytest.mark.parametrize(
    ("kind", "first", "span"),
    [
        (PaperKind.DIGEST, None, ("2026-11-22T17:00", 1)),
        (PaperKind.WEEK, None, ("2026-11-15T17:00", 7)),
        (PaperKind.MONTH, None, ("2026-10-31T17:00", 30)),
        (PaperKind.MONTH, date(2026, 2, 14), ("2026-01-31T17:00", 28)),
        (PaperKind.WEEK, date(2026, 11, 18), ("2026-11-15T17:00", 7)),
    ],
)
def test_periods_are_vietnamese_days(kind: PaperKind, first: date, span: tuple[str, int]) -> None:
    since = datetime.fromisoformat(span[0]).replace(tzinfo=UTC)
    assert period_for(kind, first, None, NOW) == Period(since, since + span[1] * DAY)


def test_facts_come_back_as_they_were(province: Services) -> None:
    for facts in every(province):
        data, digest = encode(facts)
        assert (data, digest) == encode(facts)
        assert len(digest) == 64
        if facts.kind in BOOKS:
            with province.store.write() as session:
                row = number_facts(session, facts, "x", key=facts.kind.value, now=NOW, actor="a")
            with province.store.read() as session:
                again = kept_facts(session, get_paper(session, row.id or 0, viewer_unit=None))
            assert compose(again).abstract == compose(facts).abstract
            assert again.tones == facts.tones
            if isinstance(again, OpinionFacts):
                assert [s.first.title for s in again.stories] == [
                    s.first.title for s in facts.stories
                ]
            else:
                assert again.events == facts.events


def test_each_paper_takes_one_number(any_store: Store, tmp_path: Path) -> None:
    samples.services(any_store, tmp_path)
    taken = []
    for key in ("a" * 20, "b" * 20, "a" * 20):
        with any_store.write() as session:
            row = number_facts(session, papers.quick(), "Về", key=key, now=NOW, actor="thuky")
            taken.append((row.number, row.year, row.symbol))
    assert taken == [(1, 2026, "BC-TH&THCSSM"), (2, 2026, "BC-TH&THCSSM"),
                     (1, 2026, "BC-TH&THCSSM")]  # fmt: skip
    new_year = datetime(2026, 12, 31, 17, 1, tzinfo=UTC)  # one minute into 2027 in Hanoi
    with any_store.write() as session:
        row = number_facts(session, papers.month(), "x", key="c", now=new_year, actor="thuky")
        assert (row.number, row.year) == (1, 2027)
    with any_store.read() as session:
        assert [p.number for p in list_papers(session, viewer_unit="xa", cursor=None, limit=9).rows
                ] == [1, 2, 1]  # fmt: skip
        assert list_papers(session, viewer_unit="dg", cursor=None, limit=9).rows == ()
        with pytest.raises(NotFoundError):
            get_paper(session, 1, viewer_unit="dg")
        noted = session.scalars(
            sa.select(t.AuditRow).where(t.AuditRow.action == "paper_numbered")
        ).all()
    assert [(n.actor, n.data["number"]) for n in noted] == [("thuky", 1), ("thuky", 2),
                                                           ("thuky", 1)]  # fmt: skip
    for facts in (papers.register(), papers.release()):
        with any_store.write() as session, pytest.raises(InputError):
            number_facts(session, facts, "x", key="d", now=NOW, actor="thuky")


def test_one_press_sent_twice_at_once_takes_one_number(any_store: Store, tmp_path: Path) -> None:
    samples.services(any_store, tmp_path)
    together = threading.Barrier(4)

    def press(key: str) -> int:
        together.wait()
        with any_store.write() as session:
            facts = papers.quick()
            return number_facts(session, facts, "Về", key=key, now=NOW, actor="thuky").number

    for turn in range(3):
        with ThreadPoolExecutor(4) as many:
            taken = list(many.map(press, [f"lần {turn}"] * 4))
        assert taken == [turn + 1] * 4


def test_a_number_failed_leaves_no_gap(store: Store, tmp_path: Path) -> None:
    samples.services(store, tmp_path)

    def fail() -> None:
        with store.write() as session:
            number_facts(session, papers.quick(), "x", key="a", now=NOW, actor="thuky")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.write() as session:
        row = number_facts(session, papers.quick(), "x", key="b", now=NOW, actor="thuky")
        assert row.number == 1


def test_a_kept_paper_covers_a_child_named_later(province: Services) -> None:
    facts = facts_for(province, wish(PaperKind.DOSSIER), viewer_unit=None)
    assert isinstance(facts, IncidentFacts)
    told = "Gia đình cháu Vàng A Tủa Chua cho biết cháu đã khỏe."
    leaking = replace(facts, summary=(told,), reasons=(told,))
    with province.store.write() as session:
        row = number_facts(session, leaking, "x", key="late", now=NOW, actor="thuky")
        story = session.scalars(sa.select(t.IncidentRow.story_id).where(
            t.IncidentRow.id == 9)).one()  # fmt: skip
        mention = session.scalars(sa.select(t.MentionRow.id).where(
            t.MentionRow.story_id == story)).first()  # fmt: skip
        remember_children(session, {mention: story}, {mention: ["Vàng A Tủa Chua"]})
    with province.store.read() as session:
        again = kept_facts(session, get_paper(session, row.id or 0, viewer_unit=None))
    for form in ("pdf", "docx"):
        made = make(again, form, row=row)
        said = pictures.words(made.content) if form == "pdf" else docx_words(made.content)
        assert "Tủa Chua" not in said
        assert "Số: 01/HS-TH&THCSSM" in said


def test_a_kept_paper_forgets_a_mention_that_is_gone(province: Services) -> None:
    facts = facts_for(province, wish(PaperKind.WEEK, first=date(2026, 11, 16)), viewer_unit=None)
    assert isinstance(facts, OpinionFacts)
    gone = facts.stories[0].first
    with province.store.write() as session:
        row = number_facts(session, facts, "x", key="gone", now=NOW, actor="thuky")
        reading = session.get_one(t.ReadingRow, gone.mention_id)
        session.delete(reading)
    with province.store.read() as session:
        again = kept_facts(session, get_paper(session, row.id or 0, viewer_unit=None))
    assert isinstance(again, OpinionFacts)
    assert again.stories[0].first.title == "(tin không còn để hiển thị)"
    assert gone.title not in docx_words(make(again, "docx", row=row).content)
