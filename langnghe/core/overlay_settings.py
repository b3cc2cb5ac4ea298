"""Settings changed on the screen, laid over the file: environment first, screen next, file last.

Texts and numbers lie in the database (``store.edits``), where every process sees them. Passwords
and tokens lie in a file of the home folder that only its owner may read (mode 0600), never in the
database. A stored value that a later version of the program refuses is passed over and named; it
never stops the house.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError
from sqlmodel import Session

from langnghe.core.errors import ConfigError
from langnghe.core.oserrors import plain_reason
from langnghe.core.settings import Settings, StatedSettings, folder_error, plain_complaint
from langnghe.core.store.edits import Edited, edits_of

SECRETS_NAME = "screen-secrets.json"  # a file's name, not a secret
SECRETS = (
    "smtp_password",
    "channels.telegram.token",
    "channels.zalo.secret_key",
    "channels.zalo.refresh_token",
)
PLAIN = (
    "shown_name",
    "base_url",
    "contact",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "smtp_user",
    "mail_from",
    "mail_fallback",
    "ways_off",
    "collect_every_s",
    "session_hours",
    "keep.mention",
    "keep.incident",
    "keep.notice",
    "keep.sign_in",
    "channels.zalo.app_id",
    "channels.zalo.template_id",
    "channels.zalo.oa",
    "channels.push.enabled",
    "channels.push.contact",
)
"""What may be changed on the screen; all else stays with whoever keeps the machine."""
_OF_WAYS = ("smtp_", "mail_from", "channels.", "ways_off")


class Origin(StrEnum):
    """Where the value of a setting comes from, the strongest first."""

    ENVIRONMENT = "environment"
    SCREEN = "screen"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class InForce:
    """The settings that count, and the names of changes that no longer fit and were passed over."""

    settings: Settings
    passed_over: tuple[str, ...] = ()


def settings_in_force(session: Session, base: Settings) -> InForce:
    """Return ``base`` (file and environment, never laid over before) under what the screen says."""
    return lay(base, edits_of(session, Edited.SETTING) | read_secrets(base.home))


def lay(base: Settings, changes: Mapping[str, Any]) -> InForce:
    """Lay changes by dotted name over ``base``; one that does not fit is passed over."""
    known = {path: value for path, value in changes.items() if path in (*PLAIN, *SECRETS)}
    lost = tuple(path for path in changes if path not in known)
    if not known:
        return InForce(base, lost)
    try:
        return InForce(_laid(base, known), lost)
    except ValidationError:
        pass
    kept: dict[str, Any] = {}
    for path, value in known.items():
        if faults(base, kept | {path: value}):
            lost += (path,)
        else:
            kept[path] = value
    return InForce(_laid(base, kept), lost)


def faults(base: Settings, changes: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with changes, in Vietnamese, by dotted name; empty when all is well."""
    try:
        _laid(base, changes)
    except ValidationError as error:
        found: dict[str, str] = {}
        for one in error.errors():
            loc = ".".join(str(part) for part in one["loc"])
            path = next((p for p in changes if loc == p or loc.startswith(p + ".")), loc)
            found.setdefault(path, plain_complaint(one["type"], one.get("ctx", {})))
        return found
    return {}


def origin_of(base: Settings, changed: Iterable[str], path: str) -> Origin:
    """Return where the value in force comes from; ``changed`` are the names laid over."""
    if not isinstance(base, StatedSettings) and _in_environment(path):
        return Origin.ENVIRONMENT
    if path in changed:
        return Origin.SCREEN
    model: Any = base
    for part in path.split("."):
        if part not in model.model_fields_set:
            return Origin.DEFAULT
        model = getattr(model, part)
    return Origin.FILE


def value_of(settings: Settings, path: str) -> Any:
    """Return the value of a setting by its dotted name; a secret as whether it is there."""
    value: Any = settings
    for part in path.split("."):
        value = getattr(value, part)
    return bool(value.get_secret_value()) if isinstance(value, SecretStr) else value


def new_ways(old: Settings, new: Settings) -> bool:
    """Tell whether the ways out must be opened anew."""
    paths = [path for path in (*PLAIN, *SECRETS) if path.startswith(_OF_WAYS)]
    return any(_raw(old, path) != _raw(new, path) for path in paths)


def read_secrets(home: Path) -> dict[str, str]:
    """Return the passwords entered on the screen, by dotted name. Raises ConfigError."""
    path = home / SECRETS_NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(
            f"Không đọc được tệp mật khẩu {path}: {plain_reason(error)}.",
            mend="Kiểm tra quyền đọc tệp này.",
        ) from error
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ConfigError(
            f"Tệp mật khẩu {path} bị hỏng.",
            mend="Xóa tệp này rồi nhập lại mật khẩu ở trang «Cài đặt».",
        )
    return {k: v for k, v in found.items() if isinstance(v, str) and k in SECRETS}


def write_secrets(home: Path, changes: Mapping[str, str | None]) -> None:
    """Keep passwords in the file only its owner may read; ``None`` takes one out.

    The file is replaced whole: a kill leaves the old one or the new one. Raises ConfigError.
    """
    kept = read_secrets(home)
    for path, value in changes.items():
        if value is None:
            kept.pop(path, None)
        else:
            kept[path] = value
    replace_private(home / SECRETS_NAME, json.dumps(kept, ensure_ascii=False, indent=1))


def replace_private(path: Path, text: str) -> None:
    """Put ``text`` at ``path`` in one step, readable by the owner alone. Raises ConfigError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
                handle.write(text)
                handle.flush()
                os.fsync(handle.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise folder_error(path.parent, error) from error


def _laid(base: Settings, changes: Mapping[str, Any]) -> Settings:
    values = _plain(base)
    for path, value in changes.items():
        *above, last = path.split(".")
        table = values
        for part in above:
            table = table.setdefault(part, {})
        table[last] = value
    return type(base)(**values)


def _plain(value: Any) -> Any:
    """Return a model as nested tables of what was stated, secrets and all."""
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in value.model_fields_set}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value


def _in_environment(path: str) -> bool:
    """Tell whether a variable names this setting, or (as JSON) the section it stands in."""
    parts = path.upper().split(".")
    names = {"LANGNGHE_" + "__".join(parts[:n]) for n in range(1, len(parts) + 1)}
    return any(name.upper() in names and value for name, value in os.environ.items())


def _raw(settings: Settings, path: str) -> Any:
    value: Any = settings
    for part in path.split("."):
        value = getattr(value, part)
    return value
