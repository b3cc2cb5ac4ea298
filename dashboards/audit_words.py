"""One line of the audit log in plain Vietnamese: who did what to which thing. Pure."""

from __future__ import annotations

import re

from langnghe.core.store.tables import AuditRow
from langnghe.core.words import WORDS, word

_SUBJECT = re.compile(r"([a-z_]+):(.+)", re.DOTALL)
_THINGS = {
    "mention": ("tin số", "/tin/"), "story": ("cụm tin số", "/cum-tin/"),
    "incident": ("vụ việc số", "/vu-viec/"), "statement": ("phát ngôn số", "/phat-ngon/"),
    "article": ("bài số", ""), "feedback": ("góp ý số", ""), "delegation": ("ủy quyền số", ""),
    "paper": ("văn bản số", ""), "evidence": ("bằng chứng", ""), "contact": ("người số", ""),
    "duty": ("ca trực số", ""), "line": ("tuyến số", ""), "user": ("tài khoản", ""),
    "model": ("mô hình", ""), "intake": ("phiếu số", "/phieu/"), "way": ("", ""),
}  # fmt: skip
_MAPPED = {"way": "way"}
_SILENT = ("login", "login_failed", "first_run")
"""Acts whose subject is a digest, or says nothing more."""


def act_words(action: str) -> str:
    """Return what an act is called; one without a word of its own is still no bare id."""
    known = WORDS["act"].get(action)
    return known or f"thao tác «{action.replace('_', ' ')}»"


def subject_words(row: AuditRow) -> tuple[str, str]:
    """Return (what the act was done to, the page about it or ""), for showing."""
    if row.action in _SILENT or not row.subject:
        return "", ""
    found = _SUBJECT.fullmatch(row.subject)
    if found is None or found[1] not in _THINGS:
        return row.subject[:200], ""
    kind, name = found[1], found[2][:200]
    lead, page = _THINGS[kind]
    if kind in _MAPPED:
        return word(_MAPPED[kind], name), ""
    href = f"{page}{name}" if page and name.isascii() and name.isdecimal() else ""
    return f"{lead} {name}", href


def formula_safe(value: str) -> str:
    """Return a cell no spreadsheet takes for a formula."""
    flat = " ".join(value.split())
    return f"'{flat}" if flat[:1] in ("=", "+", "-", "@", "|", "%") else flat
