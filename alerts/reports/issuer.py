"""Who issues a paper: what the profile says under ``paper``, else what its units tell.

Nothing is invented: what neither says is ``None`` and is printed as a dotted blank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from alerts.reports.facts import Issuer, Person
from langnghe.core.clock import as_utc
from langnghe.core.errors import NotFoundError, ProfileError
from langnghe.core.text import clean, fold
from langnghe.core.types import Place, Profile, Unit

_SCHOOLS = frozenset({"school", "kindergarten", "college", "university"})
_ABOVE = frozenset({"sector", "department", "ministry", "province"})
_PREFIX = re.compile(
    r"^(?:xã|phường|thị trấn|đặc khu|tỉnh|thành phố|tp\.?|quận|huyện)\s+", re.IGNORECASE
)
_TAIL = re.compile(r"\s+(?:tỉnh|thành phố|tp\.?|xã|phường|đặc khu)\s.*$", re.IGNORECASE)
_TEXTS = (
    "agency", "parent_agency", "symbol", "place", "signer_authority", "signer_title", "signer_name"
)  # fmt: skip
_LISTS = ("recipients", "addressees")


def issuer_of(profile: Profile, unit_id: str, at: datetime) -> Issuer:
    """Return who issues the papers of ``unit_id`` at that time.

    Keys under ``paper`` hold for every unit, those under ``paper.units.<id>`` for one. Raises
    ``NotFoundError`` for a unit the profile does not have, ``ProfileError`` for a wrong field.
    """
    unit = profile.unit(unit_id)
    if unit is None:
        raise NotFoundError("Không có đơn vị này trong hồ sơ.", mend="Chọn đơn vị trong danh sách.")
    texts, lists = _configured(profile, unit_id)
    place = place_of(unit, at)
    above = profile.chain(unit_id)[1:]
    title, name = _signer(unit)
    return Issuer(
        unit_id=unit.id,
        unit_name=unit.name,
        agency=texts.get("agency") or unit.name,
        parent_agency=texts.get("parent_agency") or _parent(unit, place, above),
        symbol=texts.get("symbol") or abbreviation(unit.name),
        place=texts.get("place") or _place_name(unit, place),
        signer_authority=texts.get("signer_authority"),
        signer_title=texts.get("signer_title") or title,
        signer_name=texts.get("signer_name") or name,
        addressees=lists.get("addressees") or _addressees(unit, place, above),
        recipients=lists.get("recipients") or _addressees(unit, place, above),
        contacts=tuple(
            Person(c.role, c.name, c.phone, c.email) for c in unit.contacts if c.phone or c.email
        ),
    )


def place_of(unit: Unit, at: datetime) -> Place | None:
    """Return where a unit lay at that time."""
    moment = as_utc(at)
    for place in unit.places:
        begun = place.since is None or place.since <= moment
        if begun and (place.until is None or moment <= place.until):
            return place
    return None


def abbreviation(name: str) -> str | None:
    """Return the letters a unit signs with: ``Trường TH&THCS Na Ư`` → ``TH&THCSNU``.

    ``Sở GD&ĐT tỉnh Mây Trắng`` → ``SGDĐT``; ``None`` where no word is left.
    """
    said = _TAIL.sub("", clean(name))
    words = said.removeprefix("Trường ").split()
    office = not said.startswith("Trường ")
    letters = []
    for word in words:
        if word.isupper() and len(word) > 1:
            letters.append(word.replace("&", "") if office else word)
        elif word[0].isalnum():
            letters.append(word[0].upper().replace("Ư", "U").replace("Ơ", "O"))
    found = "".join(letters)
    return found if len(found) > 1 else None


def _parent(unit: Unit, place: Place | None, above: tuple[Unit, ...]) -> str | None:
    # Upper secondary schools stand under the department, the others under their commune.
    upper = re.search(r"(?<!\w)THPT(?!\w)", unit.name)
    offices = [u.name for u in above if u.kind in _ABOVE]
    if unit.kind in _SCHOOLS and not upper and place and place.commune:
        return f"UBND {place.commune}"
    return offices[0] if offices else None


def _place_name(unit: Unit, place: Place | None) -> str | None:
    if place is None:
        return None
    wide = unit.kind in _ABOVE
    said = place.province if wide else place.commune or place.province
    if not said:
        return None
    bare = _PREFIX.sub("", said)
    return bare[:1].upper() + bare[1:]


def _signer(unit: Unit) -> tuple[str | None, str | None]:
    if unit.kind not in _SCHOOLS:
        return ("Giám đốc", None) if unit.kind == "sector" else (None, None)
    heads = [c.name for c in unit.contacts if c.role == "principal"]
    # "Thầy Hiệu trưởng" says the office again and is nobody's name.
    names = [name for name in heads if "hieu truong" not in fold(name)]
    return "Hiệu trưởng", names[0] if names else None


def _addressees(unit: Unit, place: Place | None, above: tuple[Unit, ...]) -> tuple[str, ...]:
    found = []
    if unit.kind in _SCHOOLS and place and place.commune:
        found.append(f"UBND {place.commune}")
    found += [u.name for u in above if u.kind in _ABOVE]
    return tuple(dict.fromkeys(found))


def _configured(
    profile: Profile, unit_id: str
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    whole = profile.extra.get("paper", {})
    if not isinstance(whole, Mapping):
        raise ProfileError("Hồ sơ: «paper» phải là một bảng trường.", mend=_MEND)
    units = whole.get("units", {})
    own = units.get(unit_id, {}) if isinstance(units, Mapping) else None
    if not isinstance(own, Mapping):
        raise ProfileError("Hồ sơ: «paper.units» phải là bảng theo mã đơn vị.", mend=_MEND)
    given = {**whole, **own}
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for key in _TEXTS:
        value = given.get(key, "")
        if not isinstance(value, str):
            raise ProfileError(f"Hồ sơ: «paper.{key}» phải là chuỗi chữ.", mend=_MEND)
        if said := value.strip():
            texts[key] = said
    for key in _LISTS:
        several = given.get(key, ())
        if not isinstance(several, list | tuple) or not all(isinstance(s, str) for s in several):
            raise ProfileError(f"Hồ sơ: «paper.{key}» phải là danh sách chữ.", mend=_MEND)
        lists[key] = tuple(clean(s) for s in several if clean(s))
    return texts, lists


_MEND = "Xem mục «paper» trong docs/reports.md."
