"""Broken files, folders, ports and settings, through the real program as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from langnghe.cli import main
from langnghe.core.clock import SystemClock
from langnghe.core.store.engine import Store
from langnghe.core.store.mentions import keep
from langnghe.core.types import Item

ROOT = Path(__file__).resolve().parents[2]
_UNITS = """
name = "Hồ sơ thử"
[[units]]
id = "truong"
kind = "school"
name = "Trường Tiểu học Đồi Thông"
places = [{ commune = "xã Suối Mơ", province = "tỉnh Điện Biên" }]
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "langnghe", *arguments]


def surroundings(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "400", **more}


def langnghe(*arguments: str, given: bytes = b"", **env: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a person would; it must never show a traceback."""
    done = subprocess.run(
        command(*arguments), input=given, capture_output=True, check=False, cwd=ROOT,
        env=surroundings(**env), timeout=100,
    )  # fmt: skip
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


@dataclass(frozen=True)
class Answer:
    """What one command ended with; ``said`` is all it told the person, without the line breaks."""

    code: int
    said: str


class Program:
    """The command in this process: the same entry as the installed script, without its start-up."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capture = patch, capture

    def __call__(self, *arguments: str) -> Answer:
        self._patch.setattr(sys, "argv", ["langnghe", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        code = end.value.code
        assert isinstance(code, int)
        return Answer(code, squeezed(self._capture.readouterr().err))


def squeezed(text: str) -> str:
    """Return a text without blanks, so that it does not matter where the terminal broke it."""
    return "".join(text.split())


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(monkeypatch, capsys)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Lay a sound home by hand: a profile, no database yet, and no source to reach."""
    folder = tmp_path / "nha"
    folder.mkdir()
    (folder / "profile.toml").write_text(_UNITS, encoding="utf-8")
    (folder / "catalog.yaml").write_text("sources: []\n", encoding="utf-8")
    (folder / "langnghe.toml").write_text(
        f'catalog = "catalog.yaml"\nport = {free_port()}\n', encoding="utf-8"
    )
    return folder


def profile(text: str) -> Callable[[Path], object]:
    return lambda home: (home / "profile.toml").write_text(_UNITS + text, encoding="utf-8")


def setting(text: str) -> Callable[[Path], object]:
    return lambda home: (home / "langnghe.toml").write_text(text, encoding="utf-8")


def catalog(text: str) -> Callable[[Path], object]:
    return lambda home: (home / "catalog.yaml").write_text(text, encoding="utf-8")


def playbook(text: str) -> Callable[[Path], object]:
    def spoil(home: Path) -> None:
        (home / "langnghe.toml").write_text('playbook = "kb.yaml"\n', encoding="utf-8")
        (home / "kb.yaml").write_text(text, encoding="utf-8")

    return spoil


BROKEN: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "profile-syntax": (profile("[[units]\n"), ("profile.toml", "dòng 8", "TOML")),
    "profile-field": (profile('[[units]]\nid = "hai"\n'), ("profile.toml", "units[1].kind")),
    "profile-source": (
        profile('[[sources]]\nid="bao"\nname="Báo"\nkind="rss"\nurl="ftp://x"\n'),
        ("profile.toml", "sources[0]", "“url”"),
    ),
    "profile-bytes": (
        lambda home: (home / "profile.toml").write_bytes(b"\xff\xfe\x00"), ("UTF-8",),
    ),
    "playbook-syntax": (playbook("levels: [\n"), ("kb.yaml", "dòng 2", "YAML")),
    "playbook-field": (playbook("levels: []\n"), ("kb.yaml", "dòng 1", "«levels»")),
    "catalog-field": (
        catalog("sources:\n  - id: bao\n    name: Báo\n    kind: fax\n    url: https://b.example\n"),
        ("catalog.yaml", "dòng 2", "“kind”"),
    ),
    "setting-type": (
        setting('\nsmtp_port = "hai lăm"\n'),
        ("langnghe.toml, dòng 2", "«smtp_port»", "phải là số nguyên"),
    ),
    "setting-name": (setting("smpt_host = 1\n"), ("langnghe.toml, dòng 1", "«smpt_host»")),
    "setting-syntax": (setting("a b\n"), ("langnghe.toml, dòng 1", "TOML")),
    "setting-folder": (
        lambda home: ((home / "langnghe.toml").unlink(), (home / "langnghe.toml").mkdir()),
        ("langnghe.toml", "thư mục"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_named_with_line_and_field_and_nothing_starts(
    home: Path, fault: str, program: Program
) -> None:
    spoil, words = BROKEN[fault]
    spoil(home)
    before = sorted(home.iterdir())
    for verb in (["up", "--port", str(free_port())], ["init"]):
        done = program(*verb, "--home", str(home))
        assert done.code == 2, done.said
        assert all(squeezed(word) in done.said for word in words), done.said
        assert "Cáchxửlý" in done.said
        assert sorted(home.iterdir()) == before, "something was written half-way"
    doctor = program("doctor", "--home", str(home))
    assert doctor.code in (1, 2)
    assert all(squeezed(word) in doctor.said for word in words), doctor.said


def test_a_broken_file_shows_no_traceback_on_a_real_terminal(home: Path) -> None:
    profile("[[units]]\n")(home)
    assert langnghe("up", "--home", str(home)).returncode == 2


def test_init_with_a_bad_profile_writes_nothing(tmp_path: Path, program: Program) -> None:
    bad = tmp_path / "ho-so.toml"
    bad.write_text("name = 1\n", encoding="utf-8")
    done = program("init", "--home", str(tmp_path / "nha"), "--profile", str(bad))
    assert done.code == 2
    assert "ho-so.toml" in done.said
    assert not (tmp_path / "nha").exists()


def test_init_takes_a_profile_in_json(tmp_path: Path, program: Program) -> None:
    good = tmp_path / "ho-so.json"
    unit = {"id": "truong", "kind": "school", "name": "Trường Tiểu học Đồi Thông"}
    good.write_text(json.dumps({"name": "Hồ sơ", "units": [unit]}), encoding="utf-8")
    done = langnghe("init", "--home", str(tmp_path / "nha"), "--profile", str(good))
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "nha", "SELECT id FROM unit") == [("truong",)]


def test_a_folder_that_cannot_be_written_is_one_sentence(home: Path, program: Program) -> None:
    a_file = home / "tep"
    a_file.write_text("x")
    known = str(home / "profile.toml")
    for folder in (str(a_file), "/proc/khong-ghi-duoc"):
        for verb in (["init"], ["up", "--port", str(free_port())]):
            done = program(*verb, "--home", folder, "--profile", known)
            assert done.code == 2, done.said
            assert squeezed(f"Không ghi được vào thư mục {folder}") in done.said
        assert program("doctor", "--home", folder, "--profile", known).code == 1
    replayed = home / "kho.jsonl"
    replayed.write_text('{"id": "a", "title": "Trường khai giảng"}\n', encoding="utf-8")
    done = program("replay", str(replayed), "--home", str(a_file), "--profile", known)
    assert done.code == 2


def test_a_database_file_that_is_none_is_one_sentence(home: Path, program: Program) -> None:
    (home / "langnghe.db").write_bytes(os.urandom(20_000))
    for arguments in (("up",), ("init",), ("user", "list")):
        done = program(*arguments, "--home", str(home))
        assert done.code == 3, done.said
        assert "bịhỏng" in done.said
    assert "bịhỏng" in program("doctor", "--home", str(home)).said


def test_an_empty_secret_key_stops_the_start(home: Path, program: Program) -> None:
    (home / "secret.key").touch()
    done = program("up", "--home", str(home))
    assert done.code == 2
    assert "secret.key" in done.said
    assert "secret.key" in program("doctor", "--home", str(home)).said


def test_a_taken_port_is_one_sentence(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = langnghe("up", "--home", str(home), "--port", port)
        assert done.returncode == 4
        assert f"127.0.0.1:{port}" in done.stderr
        assert "đang có chương trình khác dùng" in done.stderr
        assert not (home / "langnghe.db").exists()
        assert langnghe("demo", "--port", port).returncode == 4


def test_bad_lines_are_named_and_the_good_ones_answered(home: Path) -> None:
    given = (
        b'{"id": "a", "title": "Truong hoc"}\n\xff\xfe\x00\n[1]\n{"id": "b"\n{"title": "x"}\n'
        b'{"id": "c", "title": 3}\n\n{"id": "d", "title": "\\ud800", "published_at": "hom qua"}\n'
    )
    junk = bytes(range(128, 256)) * 40 + b"\n"
    for verb in ("analyse", "cluster"):
        done = langnghe(verb, given=given + junk)
        assert done.returncode == 1
        assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "d"]
        for number in (2, 3, 4, 5, 6, 9):
            assert f"Dòng {number}:" in done.stderr
    assert langnghe("cluster").returncode == 0


def test_an_answer_that_cannot_be_written_is_one_sentence(home: Path) -> None:
    archive = home / "kho.jsonl"
    archive.write_text('{"id": "a", "title": "Trường khai giảng"}\n', encoding="utf-8")
    done = langnghe("replay", str(archive), "--home", str(home), "--json", "/khong-co/x.json")
    assert done.returncode == 2
    assert "/khong-co/x.json" in done.stderr
    with Path("/dev/full").open("wb") as full:
        spilled = subprocess.run(
            command("cluster"), input=b'{"id": "a", "title": "x"}\n', stdout=full,
            stderr=subprocess.PIPE, check=False, cwd=ROOT, env=surroundings(), timeout=60,
        )  # fmt: skip
    assert spilled.returncode == 2
    assert b"Traceback" not in spilled.stderr
    assert "đĩa đã đầy" in spilled.stderr.decode()


class Service:
    """One ``langnghe up`` and what it said."""

    def __init__(self, home: Path, port: int) -> None:
        self.port = port
        self.log = home / "up.log"
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(
                command("up", "--home", str(home), "--port", str(port)), stderr=said,
                stdout=said, stdin=subprocess.DEVNULL, cwd=ROOT, env=surroundings(),
            )  # fmt: skip

    def wait(self, seconds: float = 40) -> dict[str, object]:
        """Wait until ``/healthz`` answers, and return what it says."""
        end = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz") as reply:
                    found: dict[str, object] = json.load(reply)
                    return found
            except OSError:
                assert self.process.poll() is None, self.said()
                assert time.monotonic() < end, self.said()
                time.sleep(0.2)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(timeout=30)


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    running = Service(home, free_port())
    yield running
    if running.process.poll() is None:
        running.stop(signal.SIGKILL)


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def rows(home: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(home / "langnghe.db", timeout=10)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_locked_database_is_said_and_work_goes_on_afterwards(
    home: Path, service: Service
) -> None:
    service.wait()
    holder = sqlite3.connect(home / "langnghe.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    doctor = langnghe("doctor", "--home", str(home))
    assert "giữ khóa" in doctor.stderr
    assert service.wait()
    holder.execute("ROLLBACK")
    holder.close()
    assert "giữ khóa" not in langnghe("doctor", "--home", str(home)).stderr
    service.stop()
    assert "Traceback" not in service.said()


def test_killed_in_the_middle_it_starts_again_and_nothing_is_lost(home: Path) -> None:
    store = Store(f"sqlite:///{home / 'langnghe.db'}")
    store.migrate()
    items = [
        Item(id=f"tin-{n}", title=f"Trường Tiểu học số {n} khai mạc hội thao", source="Báo Suối Mơ")
        for n in range(1500)
    ]
    with store.write() as session:
        keep(session, items, now=SystemClock().now(), secret=b"k" * 32)
    store.close()
    first = Service(home, free_port())
    first.wait()
    until(lambda: bool(rows(home, "SELECT 1 FROM reading LIMIT 1")))
    first.stop(signal.SIGKILL)
    read = len(rows(home, "SELECT 1 FROM reading"))
    assert rows(home, "PRAGMA integrity_check") == [("ok",)]
    key = (home / "secret.key").read_bytes()
    again = Service(home, first.port)
    try:
        again.wait()
        until(lambda: not rows(home, "SELECT 1 FROM mention WHERE stage < 2 LIMIT 1"))
    finally:
        again.stop()
    assert 0 < read <= len(items)
    assert rows(home, "SELECT count(*) FROM reading") == [(len(items),)]
    assert rows(home, "SELECT count(*) FROM mention") == [(len(items),)]
    assert (home / "secret.key").read_bytes() == key
    assert "Traceback" not in again.said()
