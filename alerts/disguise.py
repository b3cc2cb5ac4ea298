"""Files that pretend: a name that says picture over a page of script, an archive that bursts.

Pure: what a name claims is held against what the bytes show, and an archive's own list against what
it would unpack to. Nothing is unpacked here; who opens the file later must not be the one hurt.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

MAX_UNPACKED = 300_000_000
"""Bytes an archive may unpack to; the largest honest document of pictures stays far below."""
MAX_RATIO = 200
MAX_PARTS = 10_000
_SMALL = 5_000_000
"""What unpacks to less than this is no bomb, however well it was packed (blank tables are)."""
_FAMILIES = {
    "image": "png jpg jpeg jfif gif webp heic heif avif bmp tif tiff",
    "video": "mp4 mov webm m4v 3gp mkv avi",
    "audio": "mp3 wav ogg m4a aac amr",
    "application/pdf": "pdf",
    "office": "docx xlsx pptx odt ods odp",
    "old office": "doc xls ppt",
    "text": "txt csv md log",
}
_FAMILY_OF = {end: family for family, ends in _FAMILIES.items() for end in ends.split()}
_RUNS = (
    "html htm xhtml shtml mht mhtml svg svgz xml xsl js mjs jse vbs vbe wsf wsh hta bat cmd com exe"
    " scr pif msi dll lnk url reg ps1 psm1 sh jar apk iso img vhd docm xlsm pptm dotm xlam"
)
_ACTIVE = frozenset(_RUNS.split())
_MARKUP = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|script|svg|iframe|object|embed|\?xml)\b", re.IGNORECASE
)
_CALLED = {
    "image": "ảnh", "video": "clip", "audio": "âm thanh", "application/pdf": "PDF",
    "office": "văn bản Office", "old office": "văn bản Office cũ", "text": "văn bản thuần",
}  # fmt: skip


def disguise(name: str, media_type: str, data: bytes) -> str:
    """Return in plain words why a file is not what it should be, an empty string where it is."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending in _ACTIVE:
        return "loại tệp này có thể chạy được khi mở"
    family = _family(media_type)
    if family == "text" and _MARKUP.search(data[:200_000]):
        return "bên trong là trang web hoặc mã lệnh, không phải văn bản"
    claimed = _FAMILY_OF.get(ending)
    if claimed is not None and claimed != family and not _close(claimed, family):
        return (
            f"tên tệp nói là {_CALLED[claimed]}, nội dung lại là {_CALLED.get(family, 'loại khác')}"
        )
    if media_type.startswith("application/") and data.startswith(b"PK"):
        return _burst(data)
    return ""


def _family(media_type: str) -> str:
    if media_type == "application/x-ole-storage":
        return "old office"
    if "officedocument" in media_type or "opendocument" in media_type:
        return "office"
    first = media_type.split("/", 1)[0]
    return first if first in ("image", "video", "audio", "text") else media_type


def _close(claimed: str, family: str) -> bool:
    """Tell whether honest programs mix these two up: a phone's sound files, old documents."""
    return {claimed, family} in ({"video", "audio"}, {"office", "old office"})


def _burst(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError):
        return "tệp nén bị hỏng hoặc chưa tải lên hết"
    whole = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or whole > MAX_UNPACKED:
        return "tệp nén bung ra quá lớn"
    if whole > _SMALL and whole > MAX_RATIO * len(data):
        return "tệp nén bung ra quá lớn"
    if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
        return "văn bản có mã lệnh (macro)"
    return ""
