"""Papers as pixels: pages of a PDF as grey arrays, and the golden pictures they are held against.

``python -m tests.dashboards.reports.pictures`` draws the golden pictures anew; look at them before
they are committed.
"""

from __future__ import annotations

import ctypes
import struct
import zlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from dashboards.reports.blocks import Paper
from dashboards.reports.compose import compose
from dashboards.reports.pdf import to_pdf
from tests.dashboards.reports import papers

GOLDEN = Path(__file__).parents[2] / "golden"
DPI = 60
Grey = NDArray[np.uint8]


def pages(pdf: bytes, dpi: float = DPI) -> list[Grey]:
    """Return every page as a grey array, 255 for paper."""
    found = []
    with pdfium.PdfDocument(pdf) as document:
        for number in range(len(document)):
            page = document[number]
            bitmap = page.render(scale=dpi / 72, grayscale=True)
            found.append(np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width))
            bitmap.close()
            page.close()
    return found


def words(pdf: bytes) -> str:
    """Return the text of all pages, white space folded."""
    said = []
    with pdfium.PdfDocument(pdf) as document:
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage()
            said.append(text.get_text_range())
            text.close()
            page.close()
    return " ".join(" ".join(said).split())


def fonts(pdf: bytes) -> dict[str, bool]:
    """Return the name of every font that text is set in, and whether it is embedded."""
    found: dict[str, bool] = {}
    with pdfium.PdfDocument(pdf) as document:
        for number in range(len(document)):
            page = document[number]
            for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=8):
                font = raw.FPDFTextObj_GetFont(thing.raw)
                name = ctypes.create_string_buffer(200)
                raw.FPDFFont_GetBaseFontName(font, name, 200)
                embedded = bool(raw.FPDFFont_GetIsEmbedded(font))
                said = name.value.decode().rpartition("+")[2]
                found[said] = found.get(said, True) and embedded
            page.close()
    return found


def ink_mm(page: Grey, dpi: float, *, below_mm: float = 0.0) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of the ink in mm from the page's upper left corner."""
    start = int(below_mm * dpi / 25.4)
    rows, columns = np.nonzero(page[start:] < 128)
    mm = 25.4 / dpi
    return (
        columns.min() * mm, (rows.min() + start) * mm,
        (columns.max() + 1) * mm, (rows.max() + 1 + start) * mm,
    )  # fmt: skip


def golden_papers() -> Mapping[str, Paper]:
    """Return the papers whose first pages are kept as pictures."""
    return {
        "bao-cao-nhanh": compose(papers.quick(), number=7, day=date(2026, 2, 5)),
        "bao-cao-thang": compose(papers.month()),
        "so-phat-ngon": compose(papers.register()),
        "thong-cao": compose(papers.release(), drill=True),
    }


def difference(one: Grey, other: Grey) -> tuple[float, float]:
    """Return (mean, greatest) difference of two pictures, each looked at in patches of 4 × 4.

    Patches forgive how an edge is smoothed; they do not forgive a line that moved or is missing.
    """
    if one.shape != other.shape:
        return 255.0, 255.0
    gap = np.abs(_patches(one) - _patches(other))
    return float(gap.mean()), float(gap.max())


def write_png(path: Path, page: Grey) -> None:
    """Write a grey PNG."""
    height, width = page.shape
    lines = b"".join(b"\0" + page[row].tobytes() for row in range(height))
    about = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = b"".join(
        _chunk(kind, data)
        for kind, data in (
            (b"IHDR", about), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""),
        )
    )  # fmt: skip
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def read_png(path: Path) -> Grey:
    """Read a PNG that ``write_png`` wrote."""
    data = path.read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    length = struct.unpack(">I", data[33:37])[0]
    plain = zlib.decompress(data[41 : 41 + length])
    return np.frombuffer(plain, np.uint8).reshape(height, width + 1)[:, 1:]


def _patches(page: Grey) -> NDArray[np.float64]:
    height, width = (side // 4 * 4 for side in page.shape)
    cut = page[:height, :width].astype(np.float64)
    found: NDArray[np.float64] = cut.reshape(height // 4, 4, width // 4, 4).mean((1, 3))
    return found


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main() -> None:
    """Draw the golden pictures anew."""
    GOLDEN.mkdir(exist_ok=True)
    for name, paper in golden_papers().items():
        write_png(GOLDEN / f"{name}.png", pages(to_pdf(paper))[0])
        print(f"drew {name}.png")


if __name__ == "__main__":
    main()
