"""Find a PostgreSQL for the tests, or say plainly why there is none."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from uuid import uuid4

import pytest

URL_VARIABLE = "LANGNGHE_TEST_POSTGRES_URL"


class PostgresServer:
    """A server that gives out empty databases. Without ``binaries`` it is somebody else's."""

    def __init__(self, admin_url: str, binaries: Path | None = None, data: Path | None = None):
        self.admin_url = admin_url
        self._binaries = binaries
        self._data = data

    def __enter__(self) -> PostgresServer:
        if self._binaries and self._data:
            self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust",
                      "-E", "UTF8", "--locale=C", "-N")  # fmt: skip
            port = self.admin_url.rsplit(":", 1)[1].split("/")[0]
            options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self._data}"
            self._run("pg_ctl", "-D", str(self._data), "-w", "-o", options,
                      "-l", str(self._data / "log"), "start")  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._binaries and self._data:
            with suppress(RuntimeError):  # already gone: all the test run wants
                self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    def fresh_database(self, template: str = "template1") -> str:
        """Create a database that is a copy of ``template``, empty by default; return its URL."""
        import psycopg

        name = f"langnghe_{uuid4().hex[:12]}"
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.admin_url.rsplit("/", 1)[0].replace("postgresql:", "postgresql+psycopg:") + (
            f"/{name}"
        )

    def _run(self, program: str, *arguments: str) -> None:
        assert self._binaries
        command = [str(self._binaries / program), *arguments]
        if os.geteuid() == 0:  # the server refuses to run as root
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(
            command, stdout=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}")


def find_postgres(factory: pytest.TempPathFactory) -> PostgresServer | str:
    """Return a server not yet started, or the sentence why PostgreSQL is not tested here."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "PostgreSQL not tested: install the extra langnghe[postgres]"
    if stated := os.environ.get(URL_VARIABLE):
        return PostgresServer(stated)
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    binaries = next(
        (p for p in places if (p / "initdb").exists() and (p / "postgres").exists()), None
    )
    if binaries is None:
        return f"PostgreSQL not tested: no server binaries found and {URL_VARIABLE} is not set"
    data = factory.mktemp("pg")
    if os.geteuid() == 0:
        try:
            owner = pwd.getpwnam("postgres")
        except KeyError:
            return "PostgreSQL not tested: running as root and there is no user postgres"
        if shutil.which("runuser") is None:
            return "PostgreSQL not tested: running as root and «runuser» is not on the PATH"
        for folder in data.parents:
            if folder.stat().st_mode & 0o001:
                break  # from here up the server's user can pass
            folder.chmod(0o755)
        os.chown(data, owner.pw_uid, owner.pw_gid)
        data.chmod(0o700)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return PostgresServer(f"postgresql://postgres@127.0.0.1:{port}/postgres", binaries, data)
