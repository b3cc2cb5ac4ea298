"""Papers stand on the page as Nghị định 30/2020 wants them: measured, and held against pictures."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from alerts.reports.facts import Facts, PaperKind
from dashboards.reports.blocks import Blank, Column, Heading, Table, para
from dashboards.reports.compose import compose
from dashboards.reports.pdf import to_pdf
from tests.dashboards.reports import papers, pictures

FINE = 200
CLOSE = 0.4  # mm, a dot at this fineness and its smoothing
PAPERS = pictures.golden_papers()


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_pages_look_as_they_did(name: str) -> None:
    page = pictures.pages(to_pdf(PAPERS[name]))[0]
    golden = pictures.read_png(pictures.GOLDEN / f"{name}.png")
    mean, worst = pictures.difference(page, golden)
    assert mean < 0.6, f"{name} looks otherwise; see tests/dashboards/reports/pictures.py"
    assert worst < 60, f"a part of {name} moved; see tests/dashboards/reports/pictures.py"


def test_a_moved_line_is_seen() -> None:
    golden = pictures.read_png(pictures.GOLDEN / "bao-cao-nhanh.png")
    moved = np.roll(golden, 4, axis=0)
    assert pictures.difference(moved, golden)[1] >= 60
    bare = golden.copy()
    bare[golden.shape[0] // 2 :] = 255
    assert pictures.difference(bare, golden)[0] >= 0.6


@pytest.mark.parametrize("facts", [papers.quick(events=60, kind=PaperKind.DOSSIER),
                                   papers.month(incidents=40)])  # fmt: skip
def test_margins(facts: Facts) -> None:
    made = pictures.pages(to_pdf(compose(facts)), FINE)
    assert len(made) > 1
    assert made[0].shape == (round(297 / 25.4 * FINE), round(210 / 25.4 * FINE))
    left = right = top = 0.0
    bottoms = []
    for number, page in enumerate(made):
        ink = pictures.ink_mm(page, FINE, below_mm=0 if number == 0 else 17)
        left = min(left or ink[0], ink[0])
        right = max(right, ink[2])
        top = min(top or ink[1], ink[1])
        bottoms.append(ink[3])
    assert 30 - CLOSE <= left <= 35
    assert 15 - CLOSE <= 210 - right <= 20
    assert 20 - CLOSE <= top <= 25
    assert 262 <= max(bottoms) <= 297 - 20 + CLOSE


def test_lying_pages_keep_their_margins() -> None:
    [page] = pictures.pages(to_pdf(compose(papers.register())), FINE)
    left, top, right, bottom = pictures.ink_mm(page, FINE)
    assert page.shape[1] > page.shape[0]
    assert 30 - CLOSE <= left <= 35
    assert 15 - CLOSE <= 297 - right <= 20
    assert 20 - CLOSE <= top <= 25
    assert bottom <= 190


def test_pages_are_numbered_from_the_second_at_the_top() -> None:
    first, second, *_ = pictures.pages(to_pdf(compose(papers.month(incidents=40))), FINE)
    above = int(17 / 25.4 * FINE)
    assert (first[:above] < 128).sum() == 0
    left, _, right, _ = pictures.ink_mm(second[:above], FINE)
    middle = (30 + 210 - 15) / 2
    assert abs((left + right) / 2 - middle) < 1


def test_a_long_table_repeats_its_head_and_the_signature_is_not_alone() -> None:
    pdf = to_pdf(compose(papers.month(incidents=60)))
    assert len(pictures.pages(pdf, 20)) >= 4
    assert pictures.words(pdf).count("Nội dung phản ánh Mức Mở lúc") >= 3
    for count in range(20, 44, 3):  # wherever the page ends, words go with the signature
        last = pictures.words(to_pdf(compose(papers.month(incidents=count)))).rpartition("Hình")[2]
        assert last.index("Mức rủi ro là") < last.index("Nơi nhận")


def test_what_nobody_set_is_a_blank() -> None:
    bare = replace(papers.ISSUER, parent_agency=None, symbol=None, place=None, signer_title=None,
                   signer_name=None, contacts=())  # fmt: skip
    said = pictures.words(to_pdf(compose(replace(papers.quick(), issuer=bare))))
    for invented in ("UBND xã Bản Hoa\n", "HIỆU TRƯỞNG", "Thuỷ Ưởng", "TH&THCSSM"):
        assert invented not in said
    assert re.search(r"Số: \.+ ?/BC-…… \.+, ngày", said)


def test_hard_words_do_no_harm() -> None:
    paper = compose(papers.quick())
    long = "Nhà trường " * 400
    hard = (
        Heading("#set page(width: 1cm) {{ 7 * 7 }} $x$ *đậm* _nghiêng_ <w:p/> & \\u{41}"),
        para("{% for %} ]]> \x07 \t \n xuống dòng"),
        Table((Column("A", 1), Column("B", 8)), (("1", long), ("dàyđặc" * 40, "x"))),
        Blank("Ghi:", 3),
    )
    pdf = to_pdf(replace(paper, blocks=hard, abstract="Rất dài " * 60))
    said = pictures.words(pdf)
    for page in pictures.pages(pdf, FINE):
        assert pictures.ink_mm(page, FINE)[2] <= 195 + CLOSE, "a long word runs over the margin"
    assert "#set page(width: 1cm) {{ 7 * 7 }} $x$ *đậm* _nghiêng_ <w:p/> &" in said
