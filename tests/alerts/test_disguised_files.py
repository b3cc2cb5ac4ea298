"""A file that pretends is refused in plain words, or kept where it can do no harm."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from alerts.attachments import MAX_NAME, Upload, keep_file
from alerts.disguise import disguise
from alerts.filetypes import media_type_of
from langnghe.core.errors import InputError
from langnghe.core.settings import Settings
from tests.alerts.test_incident_files import PNG

SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def packed(*parts: tuple[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return out.getvalue()


DOCX = packed(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>" * 1000))
BOMB = packed(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"\0" * 20_000_000))
MACRO = packed(("[Content_Types].xml", b"<Types/>"), ("word/vbaProject.bin", b"x"))


@pytest.mark.parametrize(
    ("name", "data", "part"),
    [
        ("anh.jpg", b"MZ\x90\0\x03", "không dùng làm bằng chứng"),
        ("anh.png", HTML, "trang web hoặc mã lệnh"),
        ("anh.svg", SVG, "có thể chạy được"),
        ("anh.png", SVG, "trang web hoặc mã lệnh"),
        ("bien-ban.txt", HTML, "trang web hoặc mã lệnh"),
        ("anh.png", "Chỉ là chữ".encode(), "tên tệp nói là ảnh"),
        ("bien-ban.pdf", PNG, "tên tệp nói là PDF"),
        ("anh.png.exe", PNG, "có thể chạy được"),
        ("go.bat", b"del /q", "có thể chạy được"),
        ("bien-ban.docx", BOMB, "bung ra quá lớn"),
        ("bien-ban.docx", MACRO, "macro"),
        ("bien-ban.docx", DOCX[:-30], "bị hỏng"),
    ],
)
def test_a_disguise_is_refused_by_name_and_reason(
    tmp_path: Path, name: str, data: bytes, part: str
) -> None:
    with pytest.raises(InputError, match=part) as refused:
        keep_file(Settings(home=tmp_path), Upload(name, data))
    assert name in refused.value.message
    assert refused.value.mend
    assert not (tmp_path / "files").exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.png", PNG), ("a.jpeg", PNG), ("a.docx", DOCX), ("a.pdf", b"%PDF-1.7"), ("khong-duoi", PNG),
     ("so-lieu.csv", b"lop,so em\n5,20"), ("ghi-am.m4a", b"\0\0\0\x18ftypisom")],
)  # fmt: skip
def test_honest_files_are_taken(name: str, data: bytes) -> None:
    kind = media_type_of(data)
    assert kind is not None
    assert disguise(name, kind, data) == ""


def test_a_name_of_tricks_comes_out_plain(tmp_path: Path) -> None:
    name = "..\\..//etc/" + "ă" * 300 + "\u202egpj.\u2066b\nb.pdf"
    kept = keep_file(Settings(home=tmp_path), Upload(name, b"%PDF-1.7"))
    assert len(kept.name) <= MAX_NAME
    assert kept.name.endswith(".pdf")
    assert not set(kept.name) & set("/\\\n\u202e\u2066")
    assert not kept.name.startswith(".")


def test_a_right_to_left_name_cannot_hide_what_runs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="có thể chạy được"):
        keep_file(Settings(home=tmp_path), Upload("anh\u202egpj.exe", PNG))
