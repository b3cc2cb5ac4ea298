"""Every Vietnamese letter is really drawn, in every face, and by the packaged font alone."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
import typst

from dashboards.reports.compose import compose
from dashboards.reports.pdf import fonts, to_pdf
from tests.dashboards.reports import papers, pictures
from tests.dashboards.reports.pictures import Grey

TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
LOWER = sorted(
    {unicodedata.normalize("NFC", v + tone) for v in "aăâeêioôơuưy" for tone in TONES}
    - set("aeiouy") | {"đ"}
)  # fmt: skip
LETTERS = LOWER + [letter.upper() for letter in LOWER]
BASE = {letter: unicodedata.normalize("NFD", letter)[0].translate(str.maketrans("đĐ", "dD"))
        for letter in LETTERS}  # fmt: skip
NO_GLYPH = "\u4e2d"
CELL = 24  # points


def test_there_are_134_letters() -> None:
    assert len(set(LETTERS)) == 134


def drawn(text: str, weight: str, style: str) -> list[Grey]:
    """Return each character of ``text`` as a picture of its own cell."""
    columns = 16
    said = ",".join(f'"{c}"' for c in text)
    source = f"""
    #set page(width: {columns * CELL}pt, height: auto, margin: 0pt)
    #set text(font: "Tinos", size: 14pt, weight: "{weight}", style: "{style}", fallback: false)
    #grid(columns: ({CELL}pt,) * {columns}, rows: {CELL}pt, align: center + horizon,
      ..({said},).map(c => text(c)))
    """
    pdf = typst.compile({"main": source.encode()}, format="pdf", font_paths=fonts())
    scale = 3
    [page] = pictures.pages(pdf, 72 * scale)
    side = CELL * scale
    return [
        page[n // columns * side : (n // columns + 1) * side,
             n % columns * side : (n % columns + 1) * side]
        for n in range(len(text))
    ]  # fmt: skip


@pytest.mark.parametrize("style", ["normal", "italic"])
@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_every_letter_is_drawn(weight: str, style: str) -> None:
    bases = sorted(set(BASE.values()))
    cells = drawn("".join([*LETTERS, *bases, NO_GLYPH]), weight, style)
    by_letter = dict(zip([*LETTERS, *bases, NO_GLYPH], cells, strict=True))
    missing = by_letter[NO_GLYPH]
    seen: dict[bytes, str] = {}
    for letter in LETTERS:
        cell = by_letter[letter]
        assert (cell < 128).sum() > 40, f"{letter} leaves no ink"
        assert (np.abs(cell.astype(int) - missing) > 100).sum() > 30, f"{letter} is an empty box"
        base = by_letter[BASE[letter]]
        assert (np.abs(cell.astype(int) - base) > 100).sum() > 8, f"{letter} looks like its base"
        twin = seen.setdefault(cell.tobytes(), letter)
        assert twin == letter, f"{letter} looks like {twin}"


def test_the_check_sees_a_letter_the_font_lacks() -> None:
    box, other = drawn(NO_GLYPH + "\u56fd", "regular", "normal")
    assert (box < 128).sum() > 40, "a box is ink too"
    assert (np.abs(box.astype(int) - other) > 100).sum() <= 30


def test_a_paper_says_every_letter_and_embeds_only_tinos() -> None:
    said = " ".join(LETTERS)
    pdf = to_pdf(compose(papers.release(said)))
    assert said.replace(" ", "") in unicodedata.normalize("NFC", pictures.words(pdf)).replace(
        " ", ""
    )
    for facts in (papers.quick(), papers.month(), papers.register()):
        used = pictures.fonts(to_pdf(compose(facts)))
        assert used, "no text at all"
        assert all(name.startswith("Tinos") for name in used), used
        assert all(used.values()), "a font is not embedded"
