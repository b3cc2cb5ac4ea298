"""Make ``templates/paper.docx``: ``python -m dashboards.reports.docx_template``.

The template is what an office may change in Word (fonts, spaces, its own lines); the words come in
through docxtpl. It is made by code so that its measures can be read and checked here: Nghị định
30/2020/NĐ-CP, Phụ lục I.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

TEMPLATE = Path(__file__).parent / "templates" / "paper.docx"
FONT = "Times New Roman"
BODY, PART, NOTE, CELL, CAPTION, RECIPIENT = (
    "LNBody", "LNPart", "LNNote", "LNCell", "LNCaption", "LNRecipient"
)  # fmt: skip
"""Ids of the template's own styles; their names are Vietnamese, as Word shows them."""
_LEFT, _CENTER, _BOTH = (
    WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY,
)  # fmt: skip


def make() -> Any:
    """Return the template as an open document."""
    document = Document()
    _page(document.sections[0])
    _styles(document)
    _banner(document)
    _head(document)
    _title(document)
    _addressees(document)
    _line(document.add_paragraph(), "{{p body }}")
    _signature(document)
    last = document.add_paragraph()  # a document must not end with a table
    last.paragraph_format.line_spacing = Pt(1)
    return document


def _page(section: Any) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = _CENTER
    run = number.add_run()
    run.font.size = Pt(13)
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = text
        run._r.append(mark)
    for footer in (section.footer, section.first_page_footer):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = _CENTER
        said = paragraph.add_run("{% if drill %}{{ drill }}{% endif %}")
        said.bold, said.font.size = True, Pt(10)


def _styles(document: Any) -> None:
    normal = document.styles["Normal"]
    _font(normal, 13)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.space_before = Pt(0)
    normal.paragraph_format.line_spacing = 1.0
    for name, key, size, indent, before, after, bold, italic, align in (
        ("LN Thân", BODY, 13, 10, 0, 6, False, False, _BOTH),
        ("LN Mục", PART, 13, 10, 8, 6, True, False, _LEFT),
        ("LN Chú thích", NOTE, 11, 0, 3, 6, False, True, _BOTH),
        ("LN Ô", CELL, 11.5, 0, 1, 1, False, False, _LEFT),
        ("LN Hình", CAPTION, 11, 0, 2, 8, False, True, _CENTER),
        ("LN Nơi nhận", RECIPIENT, 11, 0, 0, 1, False, False, _LEFT),
    ):
        style = document.styles.add_style(name, 1)
        style.element.set(qn("w:styleId"), key)
        style.base_style = normal
        _font(style, size)
        style.font.bold, style.font.italic = bold, italic
        form = style.paragraph_format
        form.first_line_indent = Mm(indent) if indent else None
        form.space_before, form.space_after = Pt(before), Pt(after)
        form.alignment = align
        form.widow_control = True
    document.styles["LN Mục"].paragraph_format.keep_with_next = True


def _font(style: Any, size: float) -> None:
    style.font.name, style.font.size = FONT, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), FONT)


def _banner(document: Any) -> None:
    _line(document.add_paragraph(), "{%p if drill %}")
    shown = document.add_paragraph()
    shown.alignment = _CENTER
    shown.paragraph_format.space_after = Pt(8)
    _line(shown, "{{ drill }}", bold=True, size=12)
    _line(document.add_paragraph(), "{%p endif %}")


def _head(document: Any) -> None:
    table = _plain_table(document, (67, 98))
    left, right = table.cell(0, 0), table.cell(0, 1)
    _line(left.paragraphs[0], "{%p if parent_agency %}")
    _line(_centred(left), "{{ parent_agency }}", size=12)
    _line(left.add_paragraph(), "{%p endif %}")
    _line(_centred(left), "{{ agency }}", bold=True, size=12)
    _rule(left.add_paragraph(), inset_mm=21)
    _line(left.add_paragraph(), "{%p if symbol %}")
    _line(_centred(left), "Số: {{ digits }}/{{ symbol }}")
    _line(left.add_paragraph(), "{%p endif %}")
    right.paragraphs[0].alignment = _CENTER
    _line(right.paragraphs[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, size=12)
    _line(_centred(right), "Độc lập - Tự do - Hạnh phúc", bold=True)
    _rule(right.add_paragraph(), inset_mm=21)
    _line(
        _centred(right), "{{ place }}, ngày {{ day }} tháng {{ month }} năm {{ year }}", italic=True
    )


def _title(document: Any) -> None:
    for text, size, before in (("{{ type_name }}", 14, 14), ("{{ abstract }}", 13, 2)):
        paragraph = document.add_paragraph()
        paragraph.alignment = _CENTER
        paragraph.paragraph_format.space_before = Pt(before)
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(8)
        _line(paragraph, text, bold=True, size=size)
    rule = document.add_paragraph()
    _rule(rule, inset_mm=66)
    rule.paragraph_format.space_after = Pt(8)


def _addressees(document: Any) -> None:
    _line(document.add_paragraph(), "{%p for who in addressees %}")
    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.left_indent, form.space_after = Mm(18), Pt(4)
    form.tab_stops.add_tab_stop(Mm(40))
    _line(
        paragraph,
        "{% if loop.first %}Kính gửi:{% endif %}\t{% if addressees|length > 1 %}- {% endif %}"
        "{{ who }}{% if loop.last %}.{% else %};{% endif %}",
    )
    _line(document.add_paragraph(), "{%p endfor %}")


def _signature(document: Any) -> None:
    space = document.add_paragraph()
    space.paragraph_format.keep_with_next = True
    table = _plain_table(document, (80, 85))
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    left, right = table.cell(0, 0), table.cell(0, 1)
    _line(left.paragraphs[0], "Nơi nhận:", bold=True, italic=True, size=12)
    _line(left.add_paragraph(), "{%p for who in recipients %}")
    who = left.add_paragraph(style="LN Nơi nhận")
    who.add_run("- {{ who }}")
    _line(left.add_paragraph(), "{%p endfor %}")
    _line(right.paragraphs[0], "{%p if signer_authority %}")
    _line(_centred(right), "{{ signer_authority }}", bold=True)
    _line(right.add_paragraph(), "{%p endif %}")
    title = _centred(right)
    _line(title, "{{ signer_title }}", bold=True)
    title.paragraph_format.space_after = Mm(24)
    _line(_centred(right), "{{ signer_name }}", bold=True)
    for cell in (left, right):
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True


def _plain_table(document: Any, widths: tuple[int, int]) -> Any:
    table = document.add_table(rows=1, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for cell, width in zip(table.rows[0].cells, widths, strict=True):
        cell.width = Mm(width)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    return table


def _centred(cell: Any) -> Any:
    paragraph = cell.add_paragraph()
    paragraph.alignment = _CENTER
    return paragraph


def _line(
    paragraph: Any, text: str, *, bold: bool = False, italic: bool = False, size: float = 13
) -> None:
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold or None, italic or None, Pt(size)


def _rule(paragraph: Any, *, inset_mm: float) -> None:
    """Make a paragraph a thin line of its own: its upper border, held in from both sides."""
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Mm(inset_mm)
    form.line_spacing = Pt(6)
    border = OxmlElement("w:pBdr")
    line = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    border.append(line)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        border, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:spacing",
        "w:ind", "w:jc", "w:rPr",
    )  # fmt: skip


if __name__ == "__main__":
    make().save(str(TEMPLATE))
