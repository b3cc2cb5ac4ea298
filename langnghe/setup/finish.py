"""The end of the first run: everything checked, then written, the profile last of all.

Until the profile stands there is no house; a kill in between lets the last step be done again.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from collectors.catalog import load_catalog
from langnghe.core.accounts import one_time_password
from langnghe.core.auth import begin_session, hash_password
from langnghe.core.overlay_settings import replace_private
from langnghe.core.profile import parse_profile
from langnghe.core.settings import CONFIG_NAME, PROFILE_NAME, Settings
from langnghe.core.store import users
from langnghe.core.store.edits import Edited, edits_of, put_edit
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import UserRow
from langnghe.core.text import fold
from langnghe.core.types import Role
from langnghe.setup.state import Answers

ADMIN = "quantri"


def profile_text(data: Mapping[str, Any]) -> str:
    """Return the profile the answers make, as TOML."""
    school, chain, user = data["truong"], data["cap-tren"], data.get("nguoi-dung", {})
    places = [
        {k: v for k, v in p.items() if v and k != "ticked"} for p in data["ten-goi"]["places"]
    ]
    today = [p for p in places if "until" not in p]
    commune, province = school["commune"], school["province"]
    if today:
        commune = today[0].get("commune", commune)
    bare = province.split(" ", 1)[-1] if province.startswith("tỉnh ") else province
    lines = [
        "# Hồ sơ theo dõi, do lần cài đặt đầu tiên viết. Sửa ở trang «Đơn vị» hoặc trong tệp này.",
        f"name = {_q('Hồ sơ theo dõi – ' + school['name'])}",
    ]
    lines += _unit("truong", "school", school["name"], "xa", data["ten-goi"]["aliases"],
                   data["ten-goi"]["variants"], places)  # fmt: skip
    if user.get("email") and user.get("role") in ("officer", "principal"):
        lines += _contact(user["role"], user["name"] or user["username"], user["email"])
    lines += _unit("xa", "commune", f"Giáo dục {commune}", "so",
                   [f"UBND {commune}", f"Ủy ban nhân dân {commune}",
                    f"Phòng Văn hóa - Xã hội {commune}"], [], today or places)  # fmt: skip
    for role, key in (("officer", "commune_email"), ("principal", "chair_email")):
        if chain.get(key):
            lines += _contact(role, _OFFICES[key], chain[key])
    lines += _unit("so", "sector", f"Sở GD&ĐT {province}", None,
                   [f"Sở Giáo dục và Đào tạo {province}", f"ngành giáo dục {bare}"], [],
                   [{"province": province}])  # fmt: skip
    if chain.get("sector_email"):
        lines += _contact("officer", _OFFICES["sector_email"], chain["sector_email"])
    return "\n".join(lines) + "\n"


_OFFICES = {
    "commune_email": "Phòng Văn hóa - Xã hội", "chair_email": "Chủ tịch UBND",
    "sector_email": "Văn phòng Sở GD&ĐT",
}  # fmt: skip


def finish(
    settings: Settings, answers: Answers, now: datetime, *, place: str,
    config: Callable[[str], str],
) -> tuple[str, str]:  # fmt: skip
    """Write everything; return (the secret of the first person's session, a password or "").

    ``config`` writes the readable configuration for a contact's address. The password is that of
    «quantri», made where the first person is no administrator.
    """
    data = answers.data
    text = profile_text(data)
    parse_profile(tomllib.loads(text), where="Hồ sơ")
    user, mail = data["nguoi-dung"], data["thu"]
    settings.home.mkdir(parents=True, exist_ok=True)
    if not (settings.home / CONFIG_NAME).exists():
        replace_private(settings.home / CONFIG_NAME, config(user["email"]))
    settings.secret_key()
    password = "" if user["role"] == str(Role.ADMIN) else one_time_password()
    with Store(settings.database) as store:
        store.migrate()
        with store.write() as session:
            row = _put_user(session, user["username"], user["hash"], user["role"], now)
            row.name, row.email = user["name"], user["email"] or None
            if password:
                admin = _put_user(session, ADMIN, hash_password(password), "admin", now)
                admin.name, admin.must_change = "Quản trị", True
            actor = user["username"]
            for key, value in mail.items():
                if edits_of(session, Edited.SETTING).get(key) != value:
                    put_edit(session, Edited.SETTING, key, value, actor=actor, at=now)
            chosen, laid = set(data["nguon"]), edits_of(session, Edited.SOURCE)
            for source in load_catalog(settings.catalog):
                wanted = source.id in chosen
                if wanted is not source.enabled and source.id not in laid:
                    put_edit(session, Edited.SOURCE, source.id, {"enabled": wanted},
                             actor=actor, at=now)  # fmt: skip
            session.flush()
            users.note(session, now, actor, "first_run", "house")
        with store.read() as session:
            row = users.required(session, user["username"])
        secret, _ = begin_session(store, row, place=place, now=now, hours=settings.session_hours)
    replace_private(settings.home / PROFILE_NAME, text)
    answers.forget()
    return secret, password


def default_sources(settings: Settings, province: str) -> set[str]:
    """Return the ids ticked at first: national ones that are on, and all of the province."""
    bare = fold(province.split(" ", 1)[-1])
    return {
        source.id
        for source in load_catalog(settings.catalog)
        if (source.enabled and source.place in ("", "Cả nước"))
        or (source.place and fold(source.place).endswith(bare))
    }


def _put_user(session: Any, username: str, hashed: str, role: str, now: datetime) -> UserRow:
    row = users.by_username(session, username)
    if row is None:
        row = UserRow(username=username, password_hash=hashed, role=role, created_at=now)
        users.insert(session, row)
    row.password_hash, row.role, row.active = hashed, role, True
    return row


def _unit(
    unit_id: str, kind: str, name: str, parent: str | None, aliases: list[str],
    variants: list[str], places: list[dict[str, Any]],
) -> list[str]:  # fmt: skip
    lines = ["", "[[units]]", f"id = {_q(unit_id)}", f"kind = {_q(kind)}", f"name = {_q(name)}"]
    if parent:
        lines.append(f"parent = {_q(parent)}")
    lines.append(f"aliases = {_q(aliases)}")
    if variants:
        lines.append(f"name_variants = {_q(variants)}")
    shown = [
        "  { " + ", ".join(f"{k} = {_q(v)}" for k, v in p.items()) + " }," for p in places
    ]  # fmt: skip
    return [*lines, "places = [", *shown, "]"]


def _contact(role: str, name: str, email: str) -> list[str]:
    return ["", "[[units.contacts]]", f"role = {_q(role)}", f"name = {_q(name)}",
            f"email = {_q(email)}"]  # fmt: skip


def _q(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
