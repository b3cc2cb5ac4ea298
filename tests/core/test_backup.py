"""A backup taken while the house works comes back whole; a damaged one is refused whole."""

from __future__ import annotations

import subprocess
import threading
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from langnghe.core.backup import make_backup
from langnghe.core.errors import ConfigError, ConflictError, InputError
from langnghe.core.restore import restore_backup
from langnghe.core.settings import StatedSettings
from langnghe.core.store import tables as t
from langnghe.core.store import users
from langnghe.core.store.engine import Store
from tests.conftest import NOW
from tests.postgres import PostgresServer


def house(folder: Path, url: str = "") -> StatedSettings:
    folder.mkdir(parents=True, exist_ok=True)
    settings = StatedSettings(home=folder, database_url=url)
    settings.secret_key()
    (folder / "langnghe.toml").write_text("# cấu hình\n", encoding="utf-8")
    (folder / "evidence").mkdir()
    (folder / "evidence" / "mot.warc.gz").write_bytes(b"\x1f\x8bnguyen ban")
    with Store(settings.database) as store:
        store.migrate()
        write(store, 3)
    return settings


def write(store: Store, count: int) -> None:
    for n in range(count):
        with store.write() as session:
            users.note(session, NOW + timedelta(seconds=n), "ai", "unmask", f"mention:{n}")


def lines(url: str) -> int:
    with Store(url) as store, store.read() as session:
        return int(session.scalar(sa.select(sa.func.count()).select_from(t.AuditRow)) or 0)


def test_everything_comes_back(tmp_path: Path) -> None:
    settings = house(tmp_path / "nha")
    made = make_backup(settings, tmp_path / "sao.zip", NOW)
    assert (tmp_path / "sao.zip").stat().st_mode & 0o777 == 0o600
    restore_backup(tmp_path / "sao.zip", tmp_path / "moi")
    other = StatedSettings(home=tmp_path / "moi")
    assert other.secret_key() == settings.secret_key()
    assert (tmp_path / "moi/evidence/mot.warc.gz").read_bytes() == b"\x1f\x8bnguyen ban"
    assert lines(other.database) == 3
    assert made.files == len([p for p in (tmp_path / "moi").rglob("*") if p.is_file()])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["moi", "nha", "sao.zip"]


def test_it_may_be_taken_while_others_write(tmp_path: Path) -> None:
    settings = house(tmp_path / "nha")
    stop = threading.Event()

    def work() -> None:
        with Store(settings.database) as store:
            while not stop.is_set():
                write(store, 1)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for n in range(3):
            make_backup(settings, tmp_path / f"{n}.zip", NOW)
    finally:
        stop.set()
        worker.join()
    restore_backup(tmp_path / "2.zip", tmp_path / "moi")
    assert lines(StatedSettings(home=tmp_path / "moi").database) > 3


def test_standard_tools_can_check_it(tmp_path: Path) -> None:
    make_backup(house(tmp_path / "nha"), tmp_path / "sao.zip", NOW)
    with zipfile.ZipFile(tmp_path / "sao.zip") as pack:
        pack.extractall(tmp_path / "giai")
    done = subprocess.run(
        ["sha256sum", "-c", "--quiet", "SHA256SUMS"],
        cwd=tmp_path / "giai", check=False,
    )  # fmt: skip
    assert done.returncode == 0


def rewritten(archive: Path, name: str, content: bytes) -> Path:
    """Return a copy of the archive in which one file says something else."""
    out = archive.with_name("sua.zip")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            new.writestr(entry, content if entry == name else old.read(entry))
    return out


@pytest.mark.parametrize("name", ["secret.key", "evidence/mot.warc.gz", "langnghe.db"])
def test_a_changed_file_is_refused_and_nothing_is_put_in_place(tmp_path: Path, name: str) -> None:
    make_backup(house(tmp_path / "nha"), tmp_path / "sao.zip", NOW)
    changed = rewritten(tmp_path / "sao.zip", name, b"khac")
    with pytest.raises(InputError, match=name.split("/")[-1]):
        restore_backup(changed, tmp_path / "moi")
    assert not (tmp_path / "moi").exists()


def test_a_cut_file_and_a_foreign_one_are_refused(tmp_path: Path) -> None:
    make_backup(house(tmp_path / "nha"), tmp_path / "sao.zip", NOW)
    whole = (tmp_path / "sao.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with zipfile.ZipFile(tmp_path / "la.zip", "w") as pack:
        pack.writestr("x", "y")
    for name in ("cut.zip", "la.zip"):
        with pytest.raises(InputError):
            restore_backup(tmp_path / name, tmp_path / "moi")
    assert not (tmp_path / "moi").exists()


def test_a_path_that_leads_out_is_refused(tmp_path: Path) -> None:
    make_backup(house(tmp_path / "nha"), tmp_path / "sao.zip", NOW)
    with zipfile.ZipFile(tmp_path / "sao.zip") as pack:
        manifest = pack.read("manifest.json").replace(b'"secret.key"', b'"../secret.key"')
    with pytest.raises(InputError, match="lạ"):
        restore_backup(rewritten(tmp_path / "sao.zip", "manifest.json", manifest), tmp_path / "moi")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    settings = house(tmp_path / "nha")
    make_backup(settings, tmp_path / "sao.zip", NOW)
    with pytest.raises(ConflictError):
        make_backup(settings, tmp_path / "sao.zip", NOW)
    with pytest.raises(ConflictError):
        restore_backup(tmp_path / "sao.zip", settings.home)
    with pytest.raises(ConfigError, match="Chưa có cơ sở dữ liệu"):
        make_backup(StatedSettings(home=tmp_path / "trong"), tmp_path / "b.zip", NOW)


@pytest.mark.postgres
def test_postgres_goes_by_its_own_tools(tmp_path: Path, postgres_server: PostgresServer) -> None:
    settings = house(tmp_path / "nha", postgres_server.fresh_database())
    make_backup(settings, tmp_path / "sao.zip", NOW)
    with pytest.raises(ConfigError, match="PostgreSQL"):
        restore_backup(tmp_path / "sao.zip", tmp_path / "moi")
    with pytest.raises(ConflictError):
        restore_backup(tmp_path / "sao.zip", tmp_path / "moi", database_url=settings.database_url)
    fresh = postgres_server.fresh_database()
    restore_backup(tmp_path / "sao.zip", tmp_path / "moi", database_url=fresh)
    assert lines(fresh) == 3
    assert not (tmp_path / "moi" / "langnghe.pgdump").exists()
