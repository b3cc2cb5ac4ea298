"""PostgreSQL's own programs, found on this machine and run without showing a password."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from langnghe.core.errors import ConfigError


def tool(name: str) -> str:
    """Return where a program lies. Raises ConfigError."""
    found = shutil.which(name)
    if found is None:
        places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        found = str(places[-1]) if places else None
    if found is None:
        raise ConfigError(
            f"Không thấy lệnh {name} trên máy này.",
            mend="Cài gói postgresql-client cùng phiên bản với máy chủ cơ sở dữ liệu.",
        )
    return found


def run(command: list[str]) -> None:
    """Run it to its end. Raises ConfigError with its last words."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        # The command line holds the database's password; only its own words are shown.
        why = (done.stderr.strip().splitlines() or ["không rõ lý do"])[-1]
        raise ConfigError(
            f"Lệnh {Path(command[0]).name} không chạy xong: {why}",
            mend="Kiểm tra địa chỉ, quyền và dung lượng đĩa.",
        )
