"""Headlines come from the web: none of them is run, breaks a file, or draws in what it names."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from docx import Document

from dashboards.reports.blocks import Blank, Column, Heading, Paper, Table, item, note, para, strong
from dashboards.reports.compose import compose
from dashboards.reports.docx import to_docx
from dashboards.reports.pdf import to_pdf
from tests.dashboards.reports import papers, pictures

HOSTILE = (
    "{{ 6 * 7 }}",
    "{{ cycler.__init__.__globals__.os.getpid() }}",
    "{% for x in y %} {%p if 1 %} {{r body}} {{body}} {# #}",
    '#image("/etc/passwd") #read("/etc/passwd") #import "@preview/cetz:0.2.0": *',
    "$ x $ *b* _i_ `c` \\ @ref <label> // c /* */ = #",
    "<w:p>&amp; & < > \" ' ]]>",
)
UNHELD = "\x00\x01\x0b\x1f\ufffe\uffff"


def said_everywhere(text: str) -> Paper:
    """Return a paper that says the text in every part of it."""
    paper = compose(papers.quick())
    issuer = replace(
        paper.issuer, agency=text, parent_agency=text, place=text, signer_title=text,
        signer_name=text, addressees=(text,), recipients=(text,), symbol=text,
    )  # fmt: skip
    return replace(
        paper, issuer=issuer, abstract=text, type_name=text, number=7, addressed=True,
        blocks=(
            Heading(text), para(text, strong(text)), item(text), note(text), Blank(text, 2),
            Table((Column(text[:40], 1), Column("b", 2)), ((text, text),)),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_headline_says_is_only_ever_said(text: str) -> None:
    paper = said_everywhere(text)
    written = Document(io.BytesIO(to_docx(paper)))
    about = written.core_properties
    assert (about.title, about.author) == (f"{text}: {text}"[:255], text[:255])
    assert text in "\n".join(one.text for one in written.paragraphs)
    printed = "".join(pictures.words(to_pdf(paper)).split())
    assert "".join(text.split())[:12] in printed.replace("\u200b", "")


def test_signs_no_file_can_hold_and_endless_words_break_neither_file() -> None:
    for text in (UNHELD, f"Tin{UNHELD}lạ", "x" * 10_000, "\u202eabc שלום 😀 漢字", "từ " * 3_000):
        paper = said_everywhere(text)
        assert to_pdf(paper).startswith(b"%PDF")
        assert Document(io.BytesIO(to_docx(paper))).paragraphs
