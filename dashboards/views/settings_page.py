"""Settings on the screen: what counts, where it comes from, and changing it without a file.

The environment is stronger than the screen, the screen stronger than the file. A refused value
stands beside its complaint with all else that was typed; what somebody else changed meanwhile is
told before it is overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerts.channels import ALL, described
from dashboards.render import page
from dashboards.setting_fields import CHOICE, GROUPS, SWITCH, WAYS, Field, Group, group_of
from dashboards.visitor import Checked, Served, SignedIn
from langnghe.core.auth import Caller
from langnghe.core.errors import ForbiddenError, InputError, NotFoundError
from langnghe.core.overlay_settings import (
    Origin,
    faults,
    lay,
    origin_of,
    read_secrets,
    settings_in_force,
    value_of,
    write_secrets,
)
from langnghe.core.services import Services
from langnghe.core.settings import Settings
from langnghe.core.store.edits import EDIT, Edited, edits_of, put_edit
from langnghe.core.store.paging import MAX_ID
from langnghe.core.types import Role

router = APIRouter()
_LONGEST = 500
_MAIL_SERVER = {"smtp_host", "smtp_port", "smtp_security", "smtp_user"}


def ruling(caller: SignedIn) -> Caller:
    """Return a visitor who may change the installation. Raises ForbiddenError."""
    if caller.role is not Role.ADMIN:
        raise ForbiddenError("Chỉ quản trị viên xem và đổi được cài đặt.")
    return caller


Ruling = Annotated[Caller, Depends(ruling)]


async def typed_fields(request: Request) -> dict[str, list[str]]:
    """Return what the form says. Raises InputError for what is too long."""
    form = await request.form()
    said = {name: [v for v in form.getlist(name) if isinstance(v, str)] for name in form}
    if any(len(v) > _LONGEST for values in said.values() for v in values):
        raise InputError("Nội dung gửi lên quá dài.")
    return said


Typed = Annotated[dict[str, list[str]], Depends(typed_fields)]


@router.get("/cai-dat")
def settings_page(request: Request, caller: Ruling, services: Served) -> Response:
    """Show every setting with its value and where that comes from."""
    return _show(request, services, caller)


@router.post("/cai-dat/{name}", dependencies=[Checked])
def change_settings(
    request: Request,
    name: str,
    caller: Ruling,
    services: Served,
    said: Typed,
    ban: Annotated[int, Form(ge=0, le=MAX_ID)] = 0,
    tra_lai: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Save one group, or give one setting back to the file (``tra_lai``)."""
    group = group_of(name)
    if group is None:
        raise NotFoundError("Không có nhóm cài đặt này.")
    if services.drill:
        raise ForbiddenError("Buổi diễn tập không đổi cài đặt.")
    base, now = services.stated, services.clock.now()
    with services.store.read() as session:
        edits = edits_of(session, Edited.SETTING)
        moved = _moved_since(services, ban)
    if tra_lai:
        _give_back(services, caller, group, tra_lai, now)
        _take(request, services)
        return RedirectResponse(f"/cai-dat?xong=tra-lai-tep#{group.id}", 303)
    present = lay(base, edits | read_secrets(base.home)).settings
    changes, secrets = _changes(group, said, base, present, set(edits))
    wrong = faults(base, {k: v for k, v in {**edits, **changes, **secrets}.items()
                          if v is not None})  # fmt: skip
    wrong = {path: why for path, why in wrong.items() if path in changes or path in secrets}
    if unproved := _password_unproved(base, edits, changes, secrets):
        wrong["smtp_password"] = unproved
    overtaken = sorted(set(moved) & set(changes))
    if wrong or overtaken:
        return _show(
            request, services, caller, typed=said, tried=group.id, wrong=wrong,
            overtaken={path: moved[path] for path in overtaken},
        )  # fmt: skip
    if secrets:
        write_secrets(base.home, secrets)
    laid = lay(base, {k: v for k, v in {**edits, **changes}.items() if v is not None}).settings
    with services.store.write() as session:
        for path, value in changes.items():
            kept = None if value is None else _plain(value_of(laid, path))
            put_edit(session, Edited.SETTING, path, kept, actor=caller.username, at=now)
        for path, secret in secrets.items():
            # The value is in its file; the empty row tells every process to look, and the log who.
            reason = "xóa mật khẩu" if secret is None else "đặt mật khẩu mới"
            put_edit(
                session, Edited.SETTING, path, None, actor=caller.username, at=now, reason=reason
            )
    _take(request, services)
    if not changes and not secrets:
        return RedirectResponse(f"/cai-dat?xong=khong-doi#{group.id}", 303)
    return RedirectResponse(f"/cai-dat?xong=cai-dat#{group.id}", 303)


def _show(
    request: Request, services: Services, caller: Caller, *,
    typed: Mapping[str, list[str]] | None = None, tried: str = "",
    wrong: Mapping[str, str] | None = None, overtaken: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    base = services.stated
    with services.store.read() as session:
        edits = edits_of(session, Edited.SETTING)
        force = settings_in_force(session, base)
        version = session.execute(
            sa.select(sa.func.max(EDIT.c.id)).where(EDIT.c.kind == Edited.SETTING)
        ).scalar_one()
    changed = {*edits, *read_secrets(base.home)}
    rows = {
        field.path: _row(field, base, force.settings, changed, typed if group.id == tried else None)
        for group in GROUPS
        for field in group.fields
    }
    status = 409 if overtaken else 422 if wrong else 200
    return page(
        request, "settings.html", caller=caller, status=status, groups=GROUPS, rows=rows,
        tried=tried, wrong=wrong or {}, overtaken=overtaken or {}, version=version or 0,
        passed_over=force.passed_over, ways=described(force.settings), all_ways=ALL,
        settings=force.settings, several=force.settings.is_postgres,
        quiet=services.policy.notices.quiet,
        loud=[level for level in services.policy.levels if level.ignores_quiet],
    )  # fmt: skip


def _row(
    field: Field, base: Settings, force: Settings, changed: set[str],
    typed: Mapping[str, list[str]] | None,
) -> dict[str, Any]:  # fmt: skip
    origin = origin_of(base, changed, field.path)
    value = value_of(force, field.path)
    shown = value
    if typed is not None and not field.secret and origin is not Origin.ENVIRONMENT:
        shown = _shown_again(field, typed)
    return {
        "value": shown, "origin": str(origin), "fixed": origin is Origin.ENVIRONMENT,
        "variable": "LANGNGHE_" + field.path.upper().replace(".", "__"),
        "file_value": value_of(base, field.path),
    }  # fmt: skip


def _shown_again(field: Field, typed: Mapping[str, list[str]]) -> Any:
    if field.kind == WAYS:
        return tuple(typed.get(field.path, []))
    if field.kind == SWITCH:
        return bool(typed.get(field.path))
    return (typed.get(field.path) or [""])[0]


def _changes(
    group: Group, said: Mapping[str, list[str]], base: Settings, present: Settings,
    edited: set[str],
) -> tuple[dict[str, Any], dict[str, str | None]]:  # fmt: skip
    """Return what a form changes: (values by name, ``None`` for the file's; secrets likewise)."""
    changes: dict[str, Any] = {}
    secrets: dict[str, str | None] = {}
    for field in group.fields:
        path = field.path
        if origin_of(base, edited, path) is Origin.ENVIRONMENT:
            continue
        if field.secret:
            value = (said.get(path) or [""])[0].strip()
            if value:
                secrets[path] = value
            elif said.get(f"xoa:{path}"):
                secrets[path] = None
            continue
        wanted = _wanted(field, said)
        if wanted is None or _same(wanted, value_of(present, path)):
            continue
        changes[path] = None if _same(wanted, value_of(base, path)) else wanted
    return changes, secrets


def _password_unproved(
    base: Settings, edits: Mapping[str, Any], changes: Mapping[str, Any],
    secrets: Mapping[str, str | None],
) -> str:  # fmt: skip
    """Return why a form may not send the kept mailbox password to another server, or ``""``."""
    if not _MAIL_SERVER & set(changes) or secrets.get("smtp_password"):
        return ""
    asked = {**edits, **read_secrets(base.home), **changes, **secrets}
    force = lay(base, {k: v for k, v in asked.items() if v is not None}).settings
    if not force.smtp_password.get_secret_value():
        return ""
    if origin_of(base, (), "smtp_password") is Origin.ENVIRONMENT:
        return "Mật khẩu lấy từ biến môi trường: đổi máy chủ cũng ở biến môi trường."
    return "Nhập lại mật khẩu khi đổi máy chủ."


def _wanted(field: Field, said: Mapping[str, list[str]]) -> Any:
    """Return what the form asks for, ``None`` where it does not speak of the field."""
    if field.kind == WAYS:
        return [way for way in said.get(field.path, []) if way in ALL]
    if field.kind == SWITCH:
        return bool(said.get(field.path))
    if field.path not in said:
        return None
    value = said[field.path][0].strip()
    if field.kind == CHOICE or field.kind == "number":
        return value
    return " ".join(value.split())


def _same(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, bool):
        return wanted is bool(value)
    if isinstance(wanted, list):
        return sorted(wanted) == sorted(value)
    return str(wanted) == str(value)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _moved_since(services: Services, version: int) -> dict[str, str]:
    """Return the settings somebody changed after ``version``, with who did."""
    query = sa.select(EDIT.c.key, EDIT.c.actor).where(
        EDIT.c.kind == Edited.SETTING, EDIT.c.id > version
    )
    with services.store.read() as session:
        rows = session.execute(query.order_by(EDIT.c.id).limit(200))
        return {row.key: row.actor for row in rows}


def _give_back(services: Services, caller: Caller, group: Group, path: str, now: datetime) -> None:
    field = next((f for f in group.fields if f.path == path), None)
    if field is None:
        raise InputError("Không có mục cài đặt này.")
    if field.secret:
        write_secrets(services.stated.home, {path: None})
    with services.store.write() as session:
        put_edit(session, Edited.SETTING, path, None, actor=caller.username, at=now)


def _take(request: Request, services: Services) -> None:
    """Let what was changed count in this process at once; others look within their next turn."""
    with services.store.read() as session:
        force = settings_in_force(session, services.stated)
    request.app.state.services = replace(
        request.app.state.services, settings=force.settings, base=services.stated
    )
    look = getattr(request.app.state, "look_anew", None)
    if look is not None:
        look()
