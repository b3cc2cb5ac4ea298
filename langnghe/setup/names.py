"""What a school is also called, and what its commune was called before 1/7/2025. Pure."""

from __future__ import annotations

import re
from typing import Any

from langnghe.core.text import clean, fold, strip_marks
from langnghe.core.types import Place
from nlp.unit_names import core_shown
from nlp.unit_places import bare_area, history, other_times

_KINDS = (
    ("PTDTBT", "Phổ thông dân tộc bán trú"), ("PTDTNT", "Phổ thông dân tộc nội trú"),
    ("THCS", "Trung học cơ sở"), ("THPT", "Trung học phổ thông"), ("TH", "Tiểu học"),
    ("MN", "Mầm non"),
)  # fmt: skip
_TYPED = re.compile(r"^(xã|phường|thị trấn|đặc khu)\s", re.IGNORECASE)
_PROVINCE = re.compile(r"^(tỉnh|thành phố)\s", re.IGNORECASE)


def whole_commune(name: str) -> str:
    """Return a commune's name with its type word; ``xã`` where none was written."""
    name = clean(name)
    return name if _TYPED.match(name) else f"xã {name}"


def whole_province(name: str) -> str:
    """Return a province's name with its type word; ``tỉnh`` where none was written."""
    name = clean(name)
    if _PROVINCE.match(name):
        return name
    cities = {"ha noi", "hai phong", "hue", "da nang", "can tho", "ho chi minh"}
    return f"thành phố {name}" if fold(name) in cities else f"tỉnh {name}"


def also_called(school: str) -> list[str]:
    """Return other names of a school: written out, shortened, bare, and without marks."""
    school = clean(school)
    core = core_shown(school)
    lead = school[: -len(core)].strip() if school.endswith(core) else ""
    lead = re.sub(r"^Trường\s*", "", lead, flags=re.IGNORECASE)
    long = short = lead
    for brief, words in _KINDS:
        long = re.sub(rf"(?<!\w){brief}(?!\w)", words, long)
        short = re.sub(words, brief, short, flags=re.IGNORECASE)
    long = re.sub(r"\s*[&-]\s*", " và ", long)
    short = re.sub(r"\s*(?:&|-|\bvà\b)\s*", "&", short)
    names = [f"Trường {long} {core}", f"Trường {short} {core}", f"{short} {core}"]
    if "&" in short:
        names.append(f"{short.replace('&', '-')} {core}")
    names.append(f"trường {core}")
    names.append(strip_marks(f"{short} {core}"))
    tidy = [clean(name) for name in names]
    return [name for name in dict.fromkeys(tidy) if name and name != school and lead]


def places_of(school: str, commune: str, province: str) -> list[dict[str, Any]]:
    """Return the places to be listened for, today's first: ``{commune, district, province, …}``.

    ``ticked`` says which are meant by default: today's, and of the old ones that whose name the
    school bears or was typed. An old commune's name brings the commune that took it over.
    """
    today, old_name = commune, ""
    book = history()
    folded = bare_area(province)
    if (fold(commune), folded) not in book.before:
        bare = fold(commune).split(" ", 1)[-1]
        heirs = book.heirs.get((bare, folded), frozenset())
        shown = {fold(c): c for found in book.after.values() for c, _ in found}
        if len(heirs) == 1:
            today, old_name = shown.get(next(iter(heirs)), commune), bare
    today = today[:1].lower() + today[1:]
    places: list[dict[str, Any]] = [
        {"commune": today, "district": None, "province": province, "since": "2025-07-01",
         "until": None, "ticked": True}
    ]  # fmt: skip
    olds = other_times(Place(today, None, province))
    for place in olds:
        bare = fold(place.commune or "").split(" ", 1)[-1]
        named = bare == old_name or f" {bare} " in f" {fold(school)} "
        places.append(
            {"commune": _low(place.commune), "district": _low(place.district),
             "province": _low(place.province), "since": None, "until": "2025-06-30",
             "ticked": named or len(olds) == 1}
        )  # fmt: skip
    if not olds:
        places[0]["since"] = None  # a commune nobody has on a list: it was never called otherwise
    return places


def _low(name: str | None) -> str | None:
    return name[:1].lower() + name[1:] if name else None
