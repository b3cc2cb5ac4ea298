"""The machine under the storm: processes that are killed and come back, mail, disk, PostgreSQL."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.storm.sink import read

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a port of this machine nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Post:
    """The mail server of one run, as a process, and what has arrived there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self.port = folder, free_port()
        self._lock, self._read = threading.Lock(), 0
        self._mails: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.storm.sink", str(self.port), str(folder)], cwd=ROOT
        )
        _until(lambda: (folder / "ready").exists(), 20, "the mail server did not start")

    def order(self, mode: str, drops: int = 0) -> None:
        """Change how it behaves."""
        fresh = self.folder / "control.new"
        fresh.write_text(json.dumps({"mode": mode, "drops": drops}))
        fresh.replace(self.folder / "control.json")

    def mails(self) -> list[dict[str, Any]]:
        """Return every message that arrived, in order; reads only what is new."""
        with self._lock:
            with (self.folder / "mails.jsonl").open("rb") as file:
                file.seek(self._read)
                fresh = file.read()
            whole = fresh[: fresh.rfind(b"\n") + 1]
            self._read += len(whole)
            self._mails += [read(line) for line in whole.splitlines()]
            return list(self._mails)

    def close(self) -> None:
        """End the server."""
        self._process.kill()
        self._process.wait()


class Mortal:
    """A process that is killed -9 and started again, as a service manager would do."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._command, self._log = list(command), log
        self._ends = threading.Event()
        self._lock = threading.Lock()
        self._process = self._spawn()
        self.kills = self.starts = 0
        self._guard = threading.Thread(target=self._watch, daemon=True)
        self._guard.start()

    def kill(self) -> None:
        """Kill it -9; one that is down already is waited for, so that every kill is one."""
        while True:
            with self._lock:
                if self._process.poll() is None:
                    self._process.send_signal(signal.SIGKILL)
                    self._process.wait()
                    self.kills += 1
                    self._process = self._spawn()
                    return
            time.sleep(0.02)

    def close(self) -> None:
        """End it for good."""
        self._ends.set()
        self._guard.join()
        self._process.kill()
        self._process.wait()

    def _watch(self) -> None:
        while not self._ends.wait(0.3):
            with self._lock:
                if self._process.poll() is not None:
                    self.starts += 1  # it gave up by itself
                    self._process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=log)


class Disk:
    """A small file system that can be filled to the last byte; says why where it cannot be."""

    def __init__(self, folder: Path, mebibytes: int) -> None:
        self.path, self.why_not = folder / "disk", ""
        self.path.mkdir(parents=True)
        self._mounted = False
        image = folder / "disk.img"
        with image.open("wb") as file:
            file.truncate(mebibytes << 20)
        steps = (
            ["mkfs.ext4", "-q", "-m", "0", str(image)],
            ["mount", "-o", "loop", str(image), str(self.path)],
        )
        if os.geteuid() or not shutil.which("mkfs.ext4"):
            self.why_not = "a file system of its own needs root and mkfs.ext4"
            return
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False)
            if done.returncode:
                self.why_not = f"{step[0]}: {done.stderr.strip()}"
                return
        self._mounted = True

    def fill(self) -> None:
        """Take every free byte."""
        with (self.path / "ballast").open("wb", buffering=0) as file:
            room = os.statvfs(self.path)
            with suppress(OSError):  # at once as far as it goes, the rest block by block
                os.posix_fallocate(file.fileno(), 0, (room.f_bavail - 64) * room.f_frsize)
            file.seek(0, os.SEEK_END)
            for size in (1 << 16, 1 << 12, 1):
                block = b"\0" * size
                try:
                    while True:
                        file.write(block)
                except OSError:
                    continue

    def free(self) -> None:
        """Give the room back."""
        (self.path / "ballast").unlink(missing_ok=True)

    def close(self) -> None:
        """Unmount."""
        if self._mounted:
            subprocess.run(["umount", "-l", str(self.path)], check=False)


class Postgres:
    """A PostgreSQL server of its own, with all its safety on; ``restart`` is an immediate one."""

    def __init__(self, folder: Path) -> None:
        self._bin = postgres_binaries()
        assert self._bin is not None
        self._data, self.port = folder / "pg", free_port()
        self._data.mkdir(parents=True)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            for above in (folder, *list(folder.parents)[:-2]):
                above.chmod(above.stat().st_mode | 0o055)
            os.chown(self._data, owner.pw_uid, owner.pw_gid)
        self._data.chmod(0o700)
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                  "--locale=C")  # fmt: skip
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._data}"
        self._run("pg_ctl", "-D", str(self._data), "-w", "-o", options,
                  "-l", str(self._data / "log"), "start")  # fmt: skip
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def restart(self) -> None:
        """Restart as after a power cut: connections are cut, the log is replayed."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "restart",
                  "-l", str(self._data / "log"))  # fmt: skip

    def close(self) -> None:
        """Stop."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments] if self._bin else []
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        quiet = subprocess.DEVNULL
        done = subprocess.run(command, stdout=quiet, stderr=quiet, check=False, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{program} failed with {done.returncode}")


def postgres_binaries() -> Path | None:
    """Return where PostgreSQL's programs are, ``None`` where there are none."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        places.insert(0, Path(found).parent)
    return next((p for p in places if (p / "initdb").exists()), None)


class Timetable:
    """Does things at their moments (seconds from ``start``), each in its turn."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self.start = time.time()
        self.errors: list[BaseException] = []

    def at(self, *moments: tuple[float, Callable[[], None]]) -> None:
        """Run these in order, in a thread of their own."""
        thread = threading.Thread(target=self._go, args=(moments,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self) -> None:
        """Wait for all; raises what one of them raised."""
        for thread in self._threads:
            thread.join()
        if self.errors:
            raise self.errors[0]

    def _go(self, moments: Sequence[tuple[float, Callable[[], None]]]) -> None:
        try:
            for moment, act in moments:
                time.sleep(max(0.0, self.start + moment - time.time()))
                act()
        except BaseException as error:
            self.errors.append(error)


def _until(true: Callable[[], bool], seconds: float, otherwise: str) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise RuntimeError(otherwise)
        time.sleep(0.02)
