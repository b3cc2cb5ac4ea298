"""Lay out a paper as PDF: typst with the packaged Tinos, no font of the machine, no file written.

Chosen because every Vietnamese letter is in that font and the same bytes come out anywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from dashboards.reports.blocks import Blank, Block, Chart, Heading, Paper, Para, Table
from dashboards.reports.layout import breakable, drill_words, head_of, holdable

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
_PPI = 200
PAGE_MM = {False: 165, True: 252}
"""The width between the margins of a page that stands or lies."""


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Return the packaged fonts and no others."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


@lru_cache(maxsize=4)
def _template(name: str) -> bytes:
    return (HERE / "templates" / name).read_bytes()


def to_pdf(paper: Paper) -> bytes:
    """Return the paper as PDF."""
    files: dict[str, bytes] = {"main": _template("paper.typ")}
    blocks = [_plain(block, files, paper.landscape) for block in paper.blocks]
    head, issuer = head_of(paper), paper.issuer
    data = {
        "title": f"{paper.type_name}: {paper.abstract}",
        "landscape": paper.landscape,
        "drill": drill_words(paper),
        "parent_agency": head.parent_agency,
        "agency": head.agency,
        "number": {"digits": head.digits, "symbol": head.symbol} if head.symbol else None,
        "place": head.place,
        "date": {"day": head.day, "month": head.month, "year": head.year},
        "type_name": paper.type_name,
        "abstract": paper.abstract,
        "addressees": list(head.addressees),
        "recipients": list(head.recipients),
        "signer": {
            "authority": issuer.signer_authority,
            "title": issuer.signer_title,
            "name": issuer.signer_name,
        },
        "blocks": blocks,
    }
    files["paper.json"] = _json(data)
    return _compiled(files, "pdf")[0]


def to_pictures(charts: Sequence[Chart]) -> list[bytes]:
    """Return the charts as PNG, in order."""
    if not charts:
        return []
    files: dict[str, bytes] = {"main": _template("charts.typ")}
    files |= {f"chart{n}.svg": holdable(chart.svg).encode() for n, chart in enumerate(charts)}
    files["charts.json"] = _json(
        [{"file": f"chart{n}.svg", "width": c.width, "height": c.height}
         for n, c in enumerate(charts)]
    )  # fmt: skip
    return _compiled(files, "png")


def _compiled(files: dict[str, bytes], form: str) -> list[bytes]:
    made = typst.compile(files, format=form, ppi=_PPI, font_paths=fonts())  # type: ignore[call-overload]
    if made is None:
        raise RuntimeError("typst gave nothing back")
    return list(made) if isinstance(made, list) else [made]


def _breaking(cell: str, width: float) -> str:
    """Return the words of a cell so that none is wider than its column (mm): a long address breaks.

    A sign of 11.5 pt is about 2 mm wide, capitals and figures more; the break is invisible.
    """
    most = max(4, int((width - 2.5) / 2.3))
    if len(cell) <= most:
        return cell
    return re.sub(
        rf"\S{{{most + 1},}}",
        lambda word: "\u200b".join(re.findall(f".{{1,{most}}}", word[0])),
        cell,
    )


def _plain(block: Block, files: dict[str, bytes], landscape: bool) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "text": block.text}
    if isinstance(block, Para):
        runs = [{"text": r.text, "bold": r.bold, "italic": r.italic} for r in block.runs]
        return {"kind": block.look, "runs": runs}
    if isinstance(block, Blank):
        return {"kind": "blank", "label": block.label, "lines": block.lines}
    if isinstance(block, Table):
        columns = [{"title": c.title, "share": c.share, "align": c.align} for c in block.columns]
        wide = PAGE_MM[landscape] / sum(c.share for c in block.columns)
        rows = [
            {
                "cells": [
                    _breaking(cell, wide * column.share)
                    for cell, column in zip(row, block.columns, strict=True)
                ],
                "breakable": breakable(row),
            }
            for row in block.rows
        ]
        return {"kind": "table", "columns": columns, "rows": rows}
    name = f"chart{sum(file.endswith('.svg') for file in files)}.svg"
    files[name] = holdable(block.svg).encode()
    return {"kind": "chart", "file": name, "caption": block.caption}


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()
