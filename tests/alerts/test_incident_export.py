"""An exported incident stands by itself: masked, complete, repeatable, checked by others."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from warcio.archiveiterator import ArchiveIterator

from alerts.attachments import attachment_path
from alerts.evidence import changes, dossier, masked
from alerts.incident_export import MADE, SUMS, Request, export_incident, file_name
from langnghe.core.auth import Caller
from langnghe.core.clock import VirtualClock
from langnghe.core.errors import ForbiddenError, InputError, NotFoundError
from langnghe.core.evidence.chain import link, read_ledger_line
from langnghe.core.policy.loader import load_policy
from langnghe.core.services import Services
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from langnghe.core.types import Role
from tests.conftest import NOW, cannot
from tests.core.evidencehouse import EvidenceHouse, item
from tests.fakes import PROFILE

CHILD = "Lò Thị Mây"
SAID = f"Em {CHILD}, học sinh lớp 4A, phải nhập viện sau bữa ăn bán trú."
PICTURE, LETTER = b"picture of a child", b"letter of the school"


@dataclass
class Case:
    """An incident with two mentions, one of them edited, and files of both kinds."""

    house: EvidenceHouse
    services: Services
    incident: int

    def export(self, **asked: Any) -> tuple[dict[str, bytes], bytes]:
        """Return the files of the ZIP by name, and the ZIP."""
        out = BytesIO()
        wanted = Request(self.incident, **({"actor": "vanthu"} | asked))
        done = export_incident(self.services, wanted, out)
        data = out.getvalue()
        assert done.sha256 == hashlib.sha256(data).hexdigest()
        assert done.size == len(data)
        with zipfile.ZipFile(out) as pack:
            files = {name: pack.read(name) for name in pack.namelist()}
        assert done.files == len(files)
        return files, data

    def audit(self) -> list[t.AuditRow]:
        """Return what the audit log says of exports."""
        with self.house.store.read() as session:
            wanted = sa.select(t.AuditRow).where(sa.text("action = 'incident_exported'"))
            return list(session.scalars(wanted))


@pytest.fixture
def case(store: Store, tmp_path: Path) -> Iterator[Case]:
    """Return an incident whose evidence is kept."""
    house = EvidenceHouse(store, tmp_path / "nha")
    policy = load_policy()
    house.see(item(1, SAID), item(2, "Nhà trường đang xác minh."))
    house.see(item(1, f"{SAID} Em {CHILD} đã ổn định."), minutes=30)
    services = Services(store, house.settings, VirtualClock(NOW), policy, PROFILE)
    with store.write() as session:
        session.add(t.UnitRow(id="truong", kind="school", name="Trường Suối Mơ"))
        session.add(t.UnitRow(id="khac", kind="school", name="Trường Khác"))
        story = t.StoryRow(title="Bữa ăn", first_at=NOW, last_at=NOW, unit_id="truong", level=2)
        session.add(story)
        session.flush()
        incident = t.IncidentRow(
            story_id=story.id or 0, unit_id="truong", title="Bữa ăn bán trú", level=2, peak_level=2,
            score=60.0, opened_at=NOW, updated_at=NOW, policy_version=policy.version,
        )  # fmt: skip
        session.add(incident)
        session.flush()
        number = incident.id or 0
        story.incident_id = number
        session.execute(sa.text("UPDATE mention SET story_id = :s"), {"s": story.id})
        for mention in (1, 2):
            session.add(
                t.ReadingRow(
                    mention_id=mention, revision=1, model="x", about_education=True,
                    about_education_p=1.0, scope="vn", sentiment="neg", risk=2, stance="report",
                    masked_title=f"Tin {mention}", masked_text=f"Tin {mention}. Em [tên đã che]",
                )
            )  # fmt: skip
        session.add(t.IncidentEventRow(incident_id=number, at=NOW, kind="opened", actor="máy",
                                       text="Mở vụ việc."))  # fmt: skip
        session.add(t.StepRow(incident_id=number, code="B01", position=0, title="Tiếp nhận",
                              role="officer"))  # fmt: skip
        for data, child in ((PICTURE, True), (LETTER, False)):
            sha = hashlib.sha256(data).hexdigest()
            path = attachment_path(house.settings, sha)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            session.add(
                t.AttachmentRow(
                    incident_id=number, name=f"tệp {child}.bin", media_type="x", size=len(data),
                    sha256=sha, received_sha256=sha, shows_child=child, added_at=NOW, added_by="a",
                )
            )  # fmt: skip
        session.add(
            t.StatementRow(
                unit_id="truong", incident_id=number, template="M1", template_version="1",
                audience="press", title="Thông tin ban đầu", text="Nhà trường đã tiếp nhận.",
                state="released", created_at=NOW, created_by=1, updated_at=NOW, updated_by=1,
                released_at=NOW, released_name="Hiệu trưởng", number=3, year=2026,
            )
        )  # fmt: skip
    yield Case(house, services, number)
    house.vault.close()


def caller(role: Role, unit: str | None = None) -> Caller:
    """Return a signed-in person."""
    return Caller(1, "x", "Người thử", role, unit, "browser", "c", "h")


def test_sha256sum_finds_the_pack_whole(case: Case, tmp_path: Path) -> None:
    tool = shutil.which("sha256sum")
    if tool is None:
        cannot("no sha256sum here")
    _, data = case.export()
    folder = tmp_path / "mo"
    with zipfile.ZipFile(BytesIO(data)) as pack:
        pack.extractall(folder)
        names = set(pack.namelist())
    done = subprocess.run([tool, "-c", SUMS], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == len(names) - 1
    (folder / "tin.jsonl").write_bytes(b"khac")
    assert subprocess.run([tool, "-c", SUMS], cwd=folder, capture_output=True).returncode == 1


def test_no_child_and_no_original_goes_out(case: Case) -> None:
    files, _ = case.export()
    whole = b"\n".join(files.values()).decode("utf-8", "replace")
    for word in ("Mây", "4A"):
        assert word not in whole
    assert not any(name.startswith("goc/") for name in files)
    listed = json.loads(files["tep-dinh-kem.json"])
    assert [a["file"] is None for a in listed] == [True, False]
    assert listed[0]["sha256"]
    assert PICTURE not in files.values()
    assert LETTER in files.values()


def test_what_people_wrote_by_hand_names_no_child_either(case: Case) -> None:
    said = f"Đã gọi cho mẹ em {CHILD}."
    with case.house.store.write() as session:
        session.add(
            t.IncidentEventRow(incident_id=case.incident, at=NOW, kind="step_done", actor="Cô Hạnh",
                               text=f"Xong việc B05. {said}", data={"note": [said]})
        )  # fmt: skip
        session.add(t.StepRow(incident_id=case.incident, code="B05", position=4, title="Gia đình",
                              role="officer", note=said, done_by="Cô Hạnh"))  # fmt: skip
        session.add(t.ReviewRow(incident_id=case.incident, version=1, at=NOW, by="Cô Hạnh",
                                fields={"tot": said}))  # fmt: skip
        session.execute(
            sa.text("UPDATE attachment SET name = :n, note = :n, withdrawn_why = :n"),
            {"n": f"Giấy ra viện của em {CHILD}.PDF"},
        )
        session.execute(sa.text("UPDATE incident SET conclusion = :c"), {"c": said})
    files, _ = case.export()
    whole = "\n".join([*files, *(data.decode("utf-8", "replace") for data in files.values())])
    assert "Mây" not in whole
    assert "Đã gọi cho mẹ em" in files["dong-thoi-gian.json"].decode()
    assert "Cô Hạnh" in whole
    assert [name for name in files if name.startswith("tep/") and name.endswith(".pdf")]


def test_everything_that_happened_is_in_it(case: Case) -> None:
    files, _ = case.export()
    manifest = json.loads(files["manifest.json"])
    counts = {"mentions": 2, "versions": 2, "events": 1, "steps": 1, "attachments": 2,
              "statements": 1, "notices": 0, "without_original": 0}  # fmt: skip
    assert manifest["counts"] == counts
    assert manifest["policy_version"]
    mentions = [json.loads(line) for line in files["tin.jsonl"].splitlines()]
    assert [len(m["versions"]) for m in mentions] == [2, 0]
    assert mentions[0]["records"] == [1, 2]
    assert json.loads(files["phat-ngon.json"])[0]["number"] == 3
    read = files["DOC-TRUOC.txt"].decode()
    assert "sha256sum -c SHA256SUMS" in read
    assert "Mở vụ việc." in read
    assert "2 bản chữ" in read


def test_the_same_state_gives_the_same_bytes_but_for_one_file(case: Case) -> None:
    first, _ = case.export()
    case.services.clock.move_to(NOW + timedelta(hours=2))  # type: ignore[attr-defined]
    case.house.see(item(9), minutes=90)
    second, _ = case.export()
    differing = {name for name in first if first[name] != second[name]}
    assert differing == {MADE, SUMS}
    assert first.keys() == second.keys()
    assert case.export()[1] == case.export()[1]


def test_the_chain_in_the_pack_can_be_recomputed(case: Case) -> None:
    files, _ = case.export()
    before = ""
    for line in files["chuoi/register.txt"].decode().splitlines(keepends=True):
        chain, prev, canonical = read_ledger_line(line)
        assert link(prev, canonical) == chain
        assert prev in (before or prev)
        before = chain
    assert json.loads(files[MADE])["chain_head"]["chain"] == before


def test_originals_need_the_right_and_a_reason_and_are_written_down(case: Case) -> None:
    with pytest.raises(ForbiddenError):
        case.export(originals=True, reason="Cơ quan điều tra yêu cầu", caller=caller(Role.ANALYST))
    with pytest.raises(InputError):
        case.export(originals=True, reason="cần", caller=caller(Role.OFFICER))
    assert not case.audit()
    reason = "Cơ quan điều tra yêu cầu"
    files, _ = case.export(originals=True, reason=reason, caller=caller(Role.OFFICER))
    (line,) = case.audit()
    assert line.reason == reason
    assert line.data == {"originals": True}
    bodies = [
        r.content_stream().read() for r in ArchiveIterator(BytesIO(files["goc/ban-goc.warc.gz"]))
    ]
    assert CHILD.encode() in bodies[0]
    assert len(bodies) == 2
    assert PICTURE in files.values()
    assert "CHƯA CHE" in files["DOC-TRUOC.txt"].decode()
    assert json.loads(files[MADE])["reason"] == reason
    assert "CO-BAN-GOC" in file_name(Request(1, "a", originals=True))


def test_another_unit_gets_nothing(case: Case) -> None:
    with pytest.raises(NotFoundError):
        case.export(caller=caller(Role.OFFICER, "khac"))
    assert case.export(caller=caller(Role.OFFICER, "truong"))[0]
    assert len(case.audit()) == 1


def test_a_damaged_original_is_not_handed_on(case: Case) -> None:
    path = case.house.warc()
    data = bytearray(path.read_bytes())
    data[-60] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ForbiddenError, match="nguyên vẹn"):
        case.export(originals=True, reason="Cơ quan điều tra yêu cầu")


def test_a_drill_says_so(case: Case) -> None:
    drill = Services(
        case.services.store, case.services.settings, case.services.clock, case.services.policy,
        PROFILE, "Thử",
    )  # fmt: skip
    out = BytesIO()
    export_incident(drill, Request(case.incident, "vanthu"), out)
    with zipfile.ZipFile(out) as pack:
        assert "DIỄN TẬP" in pack.read("DOC-TRUOC.txt").decode().splitlines()[0]


def test_a_dossier_shows_versions_with_what_changed(case: Case) -> None:
    with case.house.store.read() as session:
        kept = dossier(session, case.incident, viewer_unit=None)
        newest = dossier(session, case.incident, viewer_unit=None, limit=1)
    first = kept.mentions[0]
    assert [v.number for v in first.versions] == [1, 2]
    assert first.originals == 2
    assert first.versions[1].changes
    assert "Mây" not in repr(first.versions)
    assert kept.total == newest.total == 2
    assert len(newest.mentions) == 1


def test_what_changed_is_told_by_sentence() -> None:
    assert changes("A. B. C.", "A. D. C.") == (("-", "B."), ("+", "D."))
    assert changes("A.", "A.") == ()


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (f"Em {CHILD} nhập viện", "Nhà trường nói gì?"),
        ("Tin", SAID),
        ("", SAID),
        (f"Em {CHILD}", ""),
    ],
)
def test_a_version_is_masked_in_title_and_text(title: str, text: str) -> None:
    shown = masked(title, text)
    assert "Mây" not in "".join(shown)
    assert bool(shown[0]) == bool(title)
