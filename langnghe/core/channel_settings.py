"""What the ways out to people are told: section ``[channels]`` of ``langnghe.toml``.

Secrets are ``SecretStr`` and may come from the environment alone, for instance
``LANGNGHE_CHANNELS__ZALO__SECRET_KEY``. Addresses that may hold a key (a gateway's URL, its body, a
hook's path, an apprise address) are treated as secrets too: shown only as far as the host.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_serializer,
    field_validator,
)
from pydantic_core import PydanticCustomError

HIDDEN = "***"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def said(sentence: str) -> PydanticCustomError:
    """Return a complaint that reaches the person as it is (a clause, without a full stop)."""
    return PydanticCustomError("said", "{plain}", {"plain": sentence})


def _web(value: str) -> str:
    if not value:
        return value
    try:
        parts = urlsplit(value)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise said("phải là địa chỉ bắt đầu bằng http:// hoặc https://")
    return value.rstrip("/")


def _secret_web(value: SecretStr) -> SecretStr:
    return SecretStr(_web(value.get_secret_value()))


def _named(values: dict[str, Any]) -> dict[str, Any]:
    for name in values:
        if not _NAME.fullmatch(name):
            raise said("tên chỉ gồm chữ thường không dấu, số, «-» và «_»")
    return values


WebAddress = Annotated[str, AfterValidator(_web)]
SecretAddress = Annotated[SecretStr, AfterValidator(_secret_web)]


def shown_address(secret: SecretStr) -> str:
    """Return scheme and host of a secret address, for showing."""
    value = secret.get_secret_value()
    if not value:
        return ""
    parts = urlsplit(value)
    return f"{parts.scheme}://{parts.hostname}/{HIDDEN}"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ZaloSettings(_Section):
    """One Zalo application with its Official Account.

    ``fields`` gives, for each parameter of the approved template, the field of a notice that fills
    it (``level``, ``unit``, ``title``, ``due``, ``link`` …), with the most characters Zalo takes
    after a colon: ``tieu_de = "title:100"``. ``refresh_token`` is the first one; later ones are
    kept in the database, because each can be used only once.
    """

    app_id: str = ""
    secret_key: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")
    template_id: str = ""
    fields: dict[str, str] = Field(default_factory=dict)
    oa: bool = Field(default=False, description="send messages of the Official Account too")
    business_url: WebAddress = "https://business.openapi.zalo.me"
    openapi_url: WebAddress = "https://openapi.zalo.me"
    oauth_url: WebAddress = "https://oauth.zaloapp.com"
    timeout_s: float = Field(default=10.0, gt=0, le=60)

    @property
    def ready(self) -> bool:
        """Whether the application is known well enough to be asked for anything."""
        return bool(self.app_id and self.secret_key.get_secret_value())


class SmsSettings(_Section):
    """A provider of SMS reached over HTTP, described in the words of its own manual.

    ``{to}``, ``{text}``, ``{id}`` and the names of ``secrets`` in braces may stand in ``url``, in
    the values of ``headers`` and in the texts of ``body``.
    """

    url: SecretAddress = SecretStr("")
    method: Literal["POST", "GET", "PUT"] = "POST"
    encoding: Literal["json", "form", "query"] = "json"
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, SecretStr] = Field(default_factory=dict)
    phone: Literal["84", "0", "+84"] = "84"
    ascii: bool = Field(default=True, description="send without diacritics: 160 letters an SMS")
    max_segments: int = Field(default=2, ge=1, le=6)
    ok_path: str = Field(default="", description="where in a JSON answer success stands: a.b.0")
    ok_values: tuple[str, ...] = ()
    ok_pattern: str = Field(default="", description="what an accepting answer contains")
    refused_values: tuple[str, ...] = Field(
        default=(), description="values at ok_path that mean: this number can never be reached"
    )
    timeout_s: float = Field(default=10.0, gt=0, le=60)

    @field_validator("ok_pattern")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise said("không phải biểu thức chính quy hợp lệ") from error
        return value

    @field_serializer("url")
    def _host_only(self, value: SecretStr) -> str:
        return shown_address(value)

    @field_serializer("body")
    def _keys_only(self, value: dict[str, Any]) -> dict[str, Any]:
        return dict.fromkeys(value, HIDDEN)


class TelegramSettings(_Section):
    """A Telegram bot."""

    token: SecretStr = SecretStr("")
    api_url: WebAddress = "https://api.telegram.org"
    timeout_s: float = Field(default=10.0, gt=0, le=60)

    @field_validator("token")
    @classmethod
    def _like_a_token(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not re.fullmatch(
            r"\d+:[\w-]{10,}", value.get_secret_value(), re.ASCII
        ):
            raise said("phải có dạng «số:chữ» như BotFather cấp")
        return value


class WebhookSettings(_Section):
    """One signed hook (Standard Webhooks); the secret begins with ``whsec_``."""

    url: SecretAddress
    secret: SecretStr
    timeout_s: float = Field(default=10.0, gt=0, le=60)

    @field_validator("secret")
    @classmethod
    def _like_a_secret(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"whsec_[A-Za-z0-9+/]{32,}={0,2}", value.get_secret_value()):
            raise said("phải bắt đầu bằng whsec_ và có ít nhất 24 byte ngẫu nhiên viết dạng base64")
        return value

    @field_serializer("url")
    def _host_only(self, value: SecretStr) -> str:
        return shown_address(value)


class PushSettings(_Section):
    """Web push of browsers. ``private_key`` (PEM) is for several machines; else one is made."""

    enabled: bool = False
    contact: str = Field(default="", description="mailto: or https: address told to push services")
    private_key: SecretStr = SecretStr("")
    timeout_s: float = Field(default=10.0, gt=0, le=60)

    @field_validator("contact")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if value and not re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://\S+)", value):
            raise said("phải bắt đầu bằng mailto: hoặc https://")
        return value


class ChannelSettings(_Section):
    """Every way out but e-mail, which keeps its ``smtp_…`` and ``mail_…`` settings."""

    zalo: ZaloSettings = ZaloSettings()
    sms: SmsSettings = SmsSettings()
    telegram: TelegramSettings = TelegramSettings()
    push: PushSettings = PushSettings()
    webhooks: Annotated[dict[str, WebhookSettings], AfterValidator(_named)] = Field(
        default_factory=dict
    )
    apprise: Annotated[dict[str, SecretStr], AfterValidator(_named)] = Field(default_factory=dict)


def line_of(text: str, where: tuple[Any, ...]) -> int | None:
    """Return the line of ``langnghe.toml`` in which the field at ``where`` stands.

    The nearest thing that can be found: the key in its table, else the table's own header.
    """
    names = [str(part) for part in where]
    found = None
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if bare.startswith("["):
            table = [part.strip("\"' ") for part in bare.strip("[] ").split("#")[0].split(".")]
            table[-1] = table[-1].rstrip("] ")
            if table == names[: len(table)]:
                found = number
            continue
        key = [part.strip("\"' ") for part in bare.partition("=")[0].split(".")]
        path = table + key
        if "=" in bare and path == names[: len(path)]:
            return number
    return found
