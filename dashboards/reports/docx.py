"""Lay out a paper as DOCX to be edited: docxtpl fills the template, the body is written here.

The body goes in as one piece of WordprocessingML: tables of hundreds of rows built cell by cell
through python-docx take ten times as long.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import lru_cache
from xml.sax.saxutils import escape

from docx.enum.section import WD_ORIENT
from docx.shared import Mm
from docxtpl import DocxTemplate

from dashboards.reports.blocks import Blank, Block, Chart, Heading, Paper, Para, Run, Table
from dashboards.reports.docx_template import (
    BODY,
    CAPTION,
    CELL,
    NOTE,
    PART,
    TEMPLATE,
)
from dashboards.reports.layout import breakable, drill_words, head_of, holdable
from dashboards.reports.pdf import PAGE_MM, to_pictures

_DOTS = "…"
_TWIPS_A_MM = 1440 / 25.4
_JC = {"left": "left", "center": "center", "right": "right"}


@lru_cache(maxsize=1)
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def to_docx(paper: Paper) -> bytes:
    """Return the paper as DOCX."""
    template = DocxTemplate(io.BytesIO(_template()))
    template.init_docx()
    if paper.landscape:
        section = template.docx.sections[0]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
    width = PAGE_MM[paper.landscape]
    pictures = iter(to_pictures([b for b in paper.blocks if isinstance(b, Chart)]))
    body = "".join(_block(template, block, width, pictures) for block in paper.blocks)
    head, issuer, drill = head_of(paper), paper.issuer, drill_words(paper)
    said: dict[str, str | list[str]] = {
        "drill": drill["banner"] if drill else "",
        "parent_agency": (head.parent_agency or "").upper(),
        "agency": head.agency.upper(),
        "digits": head.digits or _DOTS * 4,
        "symbol": head.symbol or "",
        "place": head.place or _DOTS * 9,
        "day": head.day or _DOTS * 2,
        "month": head.month or _DOTS * 2,
        "year": head.year,
        "type_name": paper.type_name,
        "abstract": paper.abstract,
        "addressees": list(head.addressees),
        "recipients": list(head.recipients),
        "signer_authority": (issuer.signer_authority or "").upper(),
        "signer_title": (issuer.signer_title or _DOTS * 14).upper(),
        "signer_name": issuer.signer_name or _DOTS * 18,
    }
    held = {
        name: holdable(value) if isinstance(value, str) else [holdable(one) for one in value]
        for name, value in said.items()
    }
    template.render({**held, "body": _Raw(body)}, autoescape=True)
    # Only now: docxtpl runs whatever stands in the properties as a template, and a headline from
    # the web stands in the title.
    about = template.docx.core_properties
    about.title = holdable(f"{paper.type_name}: {paper.abstract}")[:255]
    about.author = holdable(paper.issuer.agency)[:255]
    about.created = about.modified = paper.as_of.replace(tzinfo=None)
    about.last_modified_by = about.comments = ""
    made = io.BytesIO()
    template.save(made)
    return made.getvalue()


class _Raw(str):
    """WordprocessingML that was escaped where it was written."""

    def __html__(self) -> str:
        return str(self)


def _block(template: DocxTemplate, block: Block, width: float, pictures: Iterator[bytes]) -> str:
    if isinstance(block, Heading):
        return _paragraph(PART, (Run(block.text),))
    if isinstance(block, Para):
        dash = (Run("- "),) if block.look == "item" else ()
        return _paragraph(_STYLE[block.look], (*dash, *block.runs))
    if isinstance(block, Blank):
        return _blank(block, width)
    if isinstance(block, Table):
        return _table(block, width)
    return _picture(template, block, width, next(pictures))


_STYLE = {"body": BODY, "item": BODY, "note": NOTE}


def _paragraph(style: str, runs: Sequence[Run], extra: str = "") -> str:
    said = "".join(_run(run) for run in runs)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{extra}</w:pPr>{said}</w:p>'


def _run(run: Run) -> str:
    look = ("<w:b/>" if run.bold else "") + ("<w:i/>" if run.italic else "")
    look = f"<w:rPr>{look}</w:rPr>" if look else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{_said(run.text)}</w:t></w:r>'


def _said(text: str) -> str:
    """Escape for XML; a line break becomes one of WordprocessingML."""
    return escape(holdable(text)).replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')


def _blank(block: Blank, width: float) -> str:
    end = round(width * _TWIPS_A_MM)
    tab = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{end}"/></w:tabs>'
    lines = [
        f'<w:p><w:pPr><w:pStyle w:val="{BODY}"/>{tab}<w:jc w:val="left"/></w:pPr>'
        f"{_run(Run(block.label + ' '))}<w:r><w:tab/></w:r></w:p>"
    ]
    lines += [
        f'<w:p><w:pPr><w:pStyle w:val="{BODY}"/>{tab}<w:ind w:firstLine="0"/></w:pPr>'
        "<w:r><w:tab/></w:r></w:p>"
    ] * (block.lines - 1)
    return "".join(lines)


def _table(table: Table, width: float) -> str:
    total = sum(c.share for c in table.columns)
    widths = [round(width * _TWIPS_A_MM * c.share / total) for c in table.columns]
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    head = _row(
        [c.title for c in table.columns], widths, ["center"] * len(widths), whole=True, head=True
    )
    aligns = [_JC[c.align] for c in table.columns]
    rows = "".join(_row(row, widths, aligns, whole=not breakable(row)) for row in table.rows)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{edges}'
        '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="57" '
        'w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{head}{rows}</w:tbl>" + _paragraph(CELL, ())
    )


def _row(
    cells: Sequence[str], widths: Sequence[int], aligns: Sequence[str], *, whole: bool,
    head: bool = False,
) -> str:  # fmt: skip
    about = ("<w:cantSplit/>" if whole else "") + ("<w:tblHeader/>" if head else "")
    inner = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        + _paragraph(
            CELL, (Run(cell, bold=head),),
            ("<w:keepNext/>" if head else "") + f'<w:jc w:val="{align}"/>',
        )
        + "</w:tc>"
        for cell, width, align in zip(cells, widths, aligns, strict=True)
    )  # fmt: skip
    return f"<w:tr><w:trPr>{about}</w:trPr>{inner}</w:tr>"


def _picture(template: DocxTemplate, chart: Chart, width: float, png: bytes) -> str:
    part = template.docx.part
    inline = part.new_pic_inline(io.BytesIO(png), width=Mm(width))
    inline.docPr.set("descr", chart.caption)
    drawing = inline.xml if isinstance(inline.xml, str) else inline.xml.decode()
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{CAPTION}"/><w:keepNext/></w:pPr><w:r><w:drawing>'
        f"{drawing}</w:drawing></w:r></w:p>"
    ) + _paragraph(CAPTION, (Run(chart.caption),))
