"""Fill a template in: what is known is written, what is not known is marked and never invented.

Pure text work. The canonical form of a text, over which it is hashed at release, is here too.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from langnghe.core.clock import HANOI, hanoi
from langnghe.core.policy.statement_templates import (
    HOLE,
    PARTS,
    Audience,
    Template,
    TemplateField,
)
from langnghe.core.text import clean

UNKNOWN = re.compile(r"\[chưa rõ: ([^\[\]]*)\]")
"""The visible mark of a fact nobody has stated yet."""
_PART_WORDS = {"nguon": "nguồn của", "gio": "giờ của"}
_DOUBLED_STOP = re.compile(r"([.!?…])\s*\.(?!\.)")
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A text made from a template: title, text, and the fields it still lacks (by label)."""

    title: str
    text: str
    unknown: tuple[str, ...]


def mark(label: str) -> str:
    """Return the visible mark of an unknown fact."""
    return f"[chưa rõ: {label}]"


def said_time(moment: datetime) -> str:
    """Return ``08 giờ 30 ngày 23/11/2026`` in Vietnamese time."""
    return hanoi(moment).strftime("%H giờ %M ngày %d/%m/%Y")


def field_keys(template: Template) -> list[str]:
    """Return the keys of all values a template takes; a number has three."""
    keys = []
    for field in template.fields:
        keys.append(field.id)
        if field.kind == "number":
            keys += [f"{field.id}.{part}" for part in PARTS]
    return keys


def fill(
    template: Template,
    audience: Audience,
    *,
    unit_name: str,
    unit_kind: str,
    values: Mapping[str, str],
) -> Draft:
    """Return the template filled in. ``values`` are by field id (``so_em``, ``so_em.gio``).

    A time may be given as ``2026-11-23T08:30`` (Hanoi) and is then written out.
    """
    calls = "nhà trường" if unit_kind == "school" else "cơ quan"
    unknown: list[str] = []
    stated = _stated(template, values)
    words = {
        "don_vi": unit_name,
        "ten_goi": calls,
        "ten_goi_hoa": calls[0].upper() + calls[1:],
        "nguoi_doc": audience.reader,
    }
    fields = {field.id: field for field in template.fields}

    def put(match: re.Match[str]) -> str:
        key = match[1]
        if key in ("kinh_gui", "loi_ket"):
            sentence = audience.greeting if key == "kinh_gui" else audience.closing
            return HOLE.sub(put, sentence)
        if key in words:
            return words[key]
        if stated.get(key):
            return stated[key]
        label = _label(fields.get(key.partition(".")[0]), key)
        unknown.append(label)
        return mark(label)

    title = _tidy(HOLE.sub(put, template.title))
    paragraphs = [
        _tidy(HOLE.sub(put, paragraph.text))
        for paragraph in template.body
        if not paragraph.when or stated.get(paragraph.when)
    ]
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    return Draft(title, text, tuple(dict.fromkeys(unknown)))


def _stated(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in template.fields:
        for key in (field.id, *(f"{field.id}.{part}" for part in PARTS)):
            value = clean(values.get(key, "")).replace("\n", " ").rstrip(" .;")
            timed = key.endswith(".gio") or (field.kind == "time" and key == field.id)
            found[key] = _written_time(value) if timed else value
        if not found[field.id] and field.default:
            found[field.id] = field.default
    return found


def _written_time(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return said_time(moment if moment.tzinfo else moment.replace(tzinfo=HANOI))


def _label(field: TemplateField | None, key: str) -> str:
    if field is None:
        return key
    part = key.partition(".")[2]
    return f"{_PART_WORDS[part]} {field.label}" if part else field.label


def _tidy(text: str) -> str:
    return _DOUBLED_STOP.sub(r"\1", text).strip()


def canonical(title: str, text: str) -> bytes:
    """Return the bytes a released text is hashed over: title, an empty line, text; NFC, UTF-8.

    Lines end in one line feed and carry no blanks at their end, so that the same words give the
    same hash whatever machine typed them.
    """
    whole = unicodedata.normalize("NFC", f"{title}\n\n{text}").replace("\r\n", "\n")
    lines = "\n".join(line.rstrip() for line in whole.replace("\r", "\n").split("\n"))
    return (_BLANK_LINES.sub("\n\n", lines).strip() + "\n").encode()


def text_hash(title: str, text: str) -> str:
    """Return the SHA-256 (hex) of the canonical text; ``sha256sum`` of the download gives it."""
    return hashlib.sha256(canonical(title, text)).hexdigest()
