"""Every setting in one place: ``langnghe.toml`` in the home folder, then ``LANGNGHE_*`` variables.

Secrets (``smtp_password``, ``secret_key``) never appear in ``describe()``, logs or pages. The
secret key lives in its own file so that the readable configuration can be shown and copied.
"""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from langnghe.core.channel_settings import ChannelSettings, WebAddress, line_of, said
from langnghe.core.errors import ConfigError
from langnghe.core.oserrors import plain_reason

CONFIG_NAME = "langnghe.toml"
PROFILE_NAME = "profile.toml"
SECRET_NAME = "secret.key"  # noqa: S105 - a file's name, not a secret
HOME_VARIABLE = "LANGNGHE_HOME"
DEFAULT_HOME = Path("langnghe-data")
_SHORTEST_KEY = 16  # bytes; a file torn while it was written must not become an empty key
_TOML_WHERE = re.compile(r"\(at line (\d+), column (\d+)\)")
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


class KeepDays(BaseModel):
    """How many days what is kept is kept (docs/privacy.md); 0 keeps it for good."""

    model_config = ConfigDict(extra="forbid")

    mention: int = Field(
        default=365, ge=0, description="a mention of no incident, from first sight"
    )
    incident: int = Field(default=1825, ge=0, description="an incident's mentions, from closing")
    notice: int = Field(default=365, ge=0, description="what a sent message said")
    sign_in: int = Field(default=180, ge=0, description="who signed in from where")


class Settings(BaseSettings):
    """What one installation is told. Unknown keys are refused, so a typo never passes silently."""

    model_config = SettingsConfigDict(
        env_prefix="LANGNGHE_",
        env_nested_delimiter="__",
        extra="forbid",
        env_ignore_empty=True,  # a variable that is there but empty says nothing
        hide_input_in_errors=True,  # what was written may be a password
    )

    home: Path = DEFAULT_HOME
    database_url: str = ""
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8118, ge=1, le=65535)
    base_url: WebAddress = ""
    shown_name: str = Field(default="", max_length=200, description="in place of the profile's")
    profile: Path | None = None
    playbook: Path | None = None
    catalog: Path | None = None
    contact: str = Field(
        default="", description="e-mail or page named in the collector's User-Agent"
    )

    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_timeout_s: float = Field(default=20.0, gt=0, le=300)
    mail_from: str = "langnghe@localhost"
    mail_fallback: str = Field(
        default="", description="who is told when a unit has no contact at all"
    )

    ways_off: tuple[str, ...] = Field(default=(), description="ways out that are not to be used")

    collect_every_s: int = Field(
        default=60, ge=10, description="how often to look which sources are due"
    )
    sweep_every_s: int = Field(default=5, ge=1)
    stalled_after_s: int = Field(default=1800, ge=60)
    allow_private_hosts: tuple[str, ...] = ()
    session_hours: int = Field(default=12, ge=1, le=24 * 30)
    secure_cookies: bool = False
    keep: KeepDays = KeepDays()
    channels: ChannelSettings = ChannelSettings()

    @field_validator("mail_from", "mail_fallback")
    @classmethod
    def _addressed(cls, value: str) -> str:
        address = parseaddr(value)[1]
        if value and not _ADDRESS.fullmatch(address):
            raise said("phải là một địa chỉ thư điện tử")
        return value

    @field_validator("smtp_host")
    @classmethod
    def _one_host(cls, value: str) -> str:
        if any(c.isspace() or c in "/@" for c in value):
            raise said("chỉ ghi tên máy chủ, ví dụ smtp.truong.edu.vn")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file (which arrives as init values)."""
        return env_settings, init_settings

    @property
    def database(self) -> str:
        """The database URL: the stated one, or SQLite in the home folder."""
        if self.database_url:
            for prefix in ("postgres://", "postgresql://"):
                if self.database_url.startswith(prefix):
                    return "postgresql+psycopg://" + self.database_url[len(prefix) :]
            return self.database_url
        return f"sqlite:///{self.home / 'langnghe.db'}"

    @property
    def is_postgres(self) -> bool:
        """Whether the distributed engine is chosen (by the database URL alone)."""
        return self.database.startswith("postgresql")

    @property
    def public_url(self) -> str:
        """Where people reach the dashboard; used in mails."""
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def profile_path(self) -> Path:
        """The profile of watched units."""
        if self.profile:
            return self.profile
        path = self.home / PROFILE_NAME
        as_json = path.with_suffix(".json")
        return as_json if as_json.is_file() and not path.exists() else path

    def secret_key(self) -> bytes:
        """Return the key that signs links and hashes authors; made on first use, mode 0600."""
        stated = os.environ.get("LANGNGHE_SECRET_KEY", "")
        if stated:
            return stated.encode()
        path = self.home / SECRET_NAME
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as handle:
                handle.write(secrets.token_hex(32))
        except FileExistsError:
            pass
        except OSError as error:
            raise folder_error(self.home, error) from error
        try:
            key = path.read_bytes().strip()
        except OSError as error:
            raise ConfigError(
                f"Không đọc được khóa bí mật {path}: {plain_reason(error)}.",
                mend="Kiểm tra quyền đọc tệp này, hoặc chép lại từ bản sao lưu.",
            ) from error
        if len(key) < _SHORTEST_KEY:
            raise ConfigError(
                f"Khóa bí mật {path} trống hoặc quá ngắn.",
                mend="Chép lại từ bản sao lưu; nếu không có, xóa tệp này để tạo khóa mới "
                "(liên kết xác nhận trong các thư cũ sẽ hết hiệu lực).",
            )
        return key

    def describe(self) -> dict[str, Any]:
        """Return the settings for showing: secrets blanked."""
        shown = self.model_dump(mode="json")
        if shown["smtp_password"]:
            shown["smtp_password"] = "***"  # noqa: S105 - this is the blank
        if "@" in shown["database_url"]:
            scheme, _, rest = shown["database_url"].partition("://")
            shown["database_url"] = f"{scheme}://***@{rest.rpartition('@')[2]}"
        return shown


class StatedSettings(Settings):
    """Settings that ask no environment: a demonstration must never meet the real database."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_others: PydanticBaseSettingsSource,
        **_named: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is stated and nothing else."""
        return (init_settings,)


def load_settings(home: Path | None = None, **overrides: Any) -> Settings:
    """Read ``langnghe.toml`` of ``home`` (or ``$LANGNGHE_HOME``) and the environment.

    Raises ConfigError naming the file, and the line or field, when something is wrong.
    """
    folder = home or Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)
    path = folder / CONFIG_NAME
    values: dict[str, Any] = {}
    if path.exists():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise ConfigError(
                f"Tệp cấu hình {path} không phải chữ UTF-8.",
                mend="Lưu lại tệp với bảng mã UTF-8, hoặc đổi tên tệp rồi chạy «langnghe init».",
            ) from error
        except tomllib.TOMLDecodeError as error:
            found = _TOML_WHERE.search(str(error))
            at = f"dòng {found[1]}, cột {found[2]}" if found else "cuối tệp"
            raise ConfigError(
                f"Tệp cấu hình {path}, {at}: sai cú pháp TOML.",
                mend="Sửa dòng được nêu, hoặc đổi tên tệp rồi chạy «langnghe init».",
            ) from error
        except OSError as error:
            raise ConfigError(
                f"Không đọc được tệp cấu hình {path}: {plain_reason(error)}.",
                mend="Kiểm tra tệp và quyền đọc, hoặc chọn thư mục khác bằng --home.",
            ) from error
    values |= {"home": folder} | overrides
    for name in ("profile", "playbook", "catalog"):
        if (
            isinstance(values.get(name), str)
            and values[name]
            and path.is_file()
            and name not in overrides
        ):
            values[name] = folder / values[name]
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        line, variable = _line_of(path, first["loc"]), field.upper().replace(".", "__")
        raise ConfigError(
            f"Cấu hình sai ở mục «{field}» ({path}{line} hoặc biến LANGNGHE_{variable}): "
            f"{plain_complaint(first['type'], first.get('ctx', {}))}.",
            mend="Sửa mục này rồi chạy lại; «langnghe doctor» kiểm tra toàn bộ cấu hình.",
        ) from error
    except SettingsError:
        # Its words, and those of its cause, repeat what was written.
        raise ConfigError(
            "Một biến môi trường LANGNGHE_… cho mục có nhiều phần không phải JSON hợp lệ.",
            mend="Sửa biến ấy, hoặc ghi mục này trong langnghe.toml.",
        ) from None


def _line_of(path: Path, where: tuple[int | str, ...]) -> str:
    """Return where a field stands in the file, for showing; empty when it does not."""
    number = line_of(path.read_text(encoding="utf-8"), where) if path.is_file() else None
    return f", dòng {number}" if number else ""


def plain_complaint(kind: str, limits: Mapping[str, Any]) -> str:
    """Return pydantic's complaint in Vietnamese."""
    words = {
        "extra_forbidden": "không có mục nào tên như vậy",
        "missing": "còn thiếu",
        "greater_than_equal": f"phải từ {limits.get('ge')} trở lên",
        "greater_than": f"phải lớn hơn {limits.get('gt')}",
        "less_than_equal": f"phải từ {limits.get('le')} trở xuống",
        "less_than": f"phải nhỏ hơn {limits.get('lt')}",
        "literal_error": f"phải là một trong: {limits.get('expected')}",
        "string_too_short": "không được để trống",
        "string_too_long": f"dài nhất {limits.get('max_length')} ký tự",
    }
    families = {
        "int": "phải là số nguyên", "float": "phải là số", "bool": "phải là true hoặc false",
        "string": "phải là chữ trong dấu nháy", "path": "phải là đường dẫn trong dấu nháy",
        "tuple": "phải là danh sách",
    }  # fmt: skip
    return (
        limits.get("plain")
        or words.get(kind)
        or families.get(kind.partition("_")[0], "giá trị không hợp lệ")
    )


def folder_error(folder: Path, error: OSError) -> ConfigError:
    """Return one plain sentence for a folder that cannot be read or written."""
    return ConfigError(
        f"Không ghi được vào thư mục {folder}: {plain_reason(error)}.",
        mend="Kiểm tra quyền và dung lượng đĩa, hoặc chọn thư mục khác bằng --home.",
    )
