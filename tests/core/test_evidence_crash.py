"""Killed between the disk and the database, out of space, and the command that says what is so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from langnghe.core.evidence.vault import FOLDER, LEDGER
from langnghe.core.store.engine import Store
from tests.conftest import count
from tests.core.evidencehouse import EvidenceHouse, item

ROOT = Path(__file__).resolve().parents[2]

# A process that is killed at the worst moment: after the bytes or after the commit.
_KILLED = """
import os, signal, sys
from pathlib import Path
from langnghe.core.evidence import keeping
from langnghe.core.evidence.vault import Vault
from langnghe.core.store.engine import Store
from tests.core.evidencehouse import EvidenceHouse, item

home, when = Path(sys.argv[1]), sys.argv[2]

class Dying(Vault):
    def append(self, records, now, known_end=lambda name: 0):
        if when == "half":  # the machine stops in the middle of a record
            handle = self._open(now, known_end)
            handle.seek(0, os.SEEK_END)
            handle.write(records[0].data[: len(records[0].data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        places = super().append(records, now, known_end)
        if when == "append":
            os.kill(os.getpid(), signal.SIGKILL)
        return places

    def register(self, lines):
        os.kill(os.getpid(), signal.SIGKILL)

house = EvidenceHouse(Store(f"sqlite:///{home / 'test.db'}"), home)
house.vault = Dying(home / "evidence")
house.see(item(7), minutes=7)
"""

# A process whose files may not grow past a limit: what a full disk does, without filling one.
_FULL = """
import resource, sys
from pathlib import Path
from langnghe.core.store.engine import Store
from tests.core.evidencehouse import EvidenceHouse, feed, item
import random

home = Path(sys.argv[1])
house = EvidenceHouse(Store(f"sqlite:///{home / 'test.db'}"), home)
sizes = [p.stat().st_size for p in [*(home / "evidence").iterdir(), home / "test.db"]]
limit = max(sizes) + 1_500_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
noise = random.Random(1).randbytes(2_500_000).hex()
from dataclasses import replace
document = replace(feed([item(8)], minutes=8), body=noise.encode())
missing = house.see(item(8), minutes=8, original=document).missing
print("told", missing, house.see(item(9), minutes=9).records)
"""


@pytest.fixture
def house(store: Store, tmp_path: Path) -> EvidenceHouse:
    """Return an installation with two visits kept and no process writing."""
    made = EvidenceHouse(store, tmp_path)
    made.fill(2)
    made.vault.close()
    return made


def run(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *args], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.parametrize("when", ["half", "append", "commit"])
def test_a_kill_leaves_no_row_that_points_to_nothing(house: EvidenceHouse, when: str) -> None:
    done = run(_KILLED, str(house.home), when)
    assert done.returncode == -signal.SIGKILL, done.stderr
    rows = 3 if when == "commit" else 2
    assert (count(house.store, "evidence"), count(house.store, "mention")) == (rows, rows + 2)
    after = house.verify()
    assert after.ok, after.findings
    assert bool(after.notes) == (when == "commit"), "the register is behind, no more"
    again = house.see(item(7), minutes=8)
    assert again.records == (0 if when == "commit" else 1)
    house.see(item(11), minutes=9)
    end = house.verify()
    assert end.ok
    assert not end.notes
    assert len((house.home / FOLDER / LEDGER).read_text().splitlines()) == end.records == 4


def test_a_full_disk_costs_the_original_and_not_the_mention(house: EvidenceHouse) -> None:
    done = run(_FULL, str(house.home))
    assert "told 1 1" in done.stdout, done.stderr
    assert count(house.store, "mention") == 6
    assert count(house.store, "evidence_gap") == 1
    assert house.verify().ok
    assert house.see(item(8), minutes=20).records == 1, "the source still shows it"
    assert count(house.store, "evidence_gap") == 0
    assert house.verify().ok


def test_the_command_says_what_changed_and_exits_with_one(
    house: EvidenceHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys; sys.argv[0] = 'langnghe'; from langnghe.cli import main; main()"
    monkeypatch.setenv("LANGNGHE_DATABASE_URL", house.store.url)
    args = ("verify", "--home", str(house.home))
    sound = run(code, *args, "--json")
    assert sound.returncode == 0, sound.stderr
    told = json.loads(sound.stdout.splitlines()[0])
    assert (told["ok"], told["records"], len(told["head"])) == (True, 2, 64)
    path = house.warc()
    data = bytearray(path.read_bytes())
    data[-30] ^= 4
    path.write_bytes(bytes(data))
    broken = run(code, *args)
    assert broken.returncode == 1
    assert "Đầu tiên: bản ghi 2" in broken.stderr
    assert path.name in broken.stderr


def test_checking_makes_no_data_where_there_is_none(tmp_path: Path) -> None:
    code = "import sys; sys.argv[0] = 'langnghe'; from langnghe.cli import main; main()"
    done = run(code, "verify", "--home", str(tmp_path / "khong-co"))
    assert done.returncode == 2
    assert "Không có dữ liệu" in done.stderr
    assert not list(tmp_path.iterdir())
