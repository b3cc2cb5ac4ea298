"""Lint docker-compose.yml and the Dockerfile where there is no Docker engine to ask.

Checks what breaks silently: a command that does not exist, a health check of a missing page, a
dependency on an undefined service, a variable the settings do not know.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml
from typer.main import get_command

from langnghe.cli import app
from langnghe.core.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SPECIAL = {"LANGNGHE_SECRET_KEY", "LANGNGHE_HOME"}


def problems() -> list[str]:
    """Return one sentence a problem."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    dockerfile = (ROOT / "Dockerfile").read_text()
    services = compose["services"]
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    known = {f"LANGNGHE_{name.upper()}" for name in Settings.model_fields} | SPECIAL
    found = [
        f"missing service {name}" for name in ("app", "worker", "postgres") if name not in services
    ]
    if not any("dev" in s.get("profiles", ()) for s in services.values()):
        found.append("no dev profile with a mail catcher")
    for name, service in services.items():
        found += [
            f"{name} depends on unknown {other}"
            for other in service.get("depends_on", {})
            if other not in services
        ]
        found += [
            f"{name} sets unknown {variable}"
            for variable in service.get("environment", {})
            if variable.startswith("LANGNGHE_") and variable not in known
        ]
        if (command := service.get("command")) and command[0] not in commands:
            found.append(f"{name} runs unknown command {command[0]}")
        found += [f"{name} publishes {p} beyond this machine" for p in service.get("ports", ())
                  if not p.startswith("127.0.0.1:")]  # fmt: skip
    found += [f"Dockerfile copies missing {path}" for path in re.findall(r"(\S+\.lock)", dockerfile)
              if not (ROOT / path).is_file()]  # fmt: skip
    if "USER langnghe" not in dockerfile:
        found.append("Dockerfile runs as root")
    return found


if __name__ == "__main__":
    if said := problems():
        sys.exit("\n".join(said))
    print("docker-compose.yml and Dockerfile: sound")
