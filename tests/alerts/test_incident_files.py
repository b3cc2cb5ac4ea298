"""Evidence in files: what they are, what is cut out of them, and that none is lost or changed."""

from __future__ import annotations

import errno
import hashlib
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest

from alerts.attachments import (
    MAX_FILE,
    FileStoreError,
    Upload,
    add_attachment,
    attachment_path,
    attachments_of,
    keep_file,
    look_behind,
    read_file,
    withdraw_attachment,
)
from alerts.filetypes import BrokenPictureError, media_type_of, without_notes
from langnghe.core.attached import AttachedCheck
from langnghe.core.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import AttachmentRow, AuditRow, IncidentEventRow
from tests.alerts.town import HOUR, T0, Room, poisoning
from tests.conftest import cannot

PLACE = b"Exif\0\0GPS 21.386 103.017"
PDF = b"%PDF-1.7\n1 0 obj"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


PNG = (
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"eXIf", PLACE) + chunk(b"tEXt", b"Author\0Ai do")
    + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
)  # fmt: skip
JPEG = (
    b"\xff\xd8" + segment(0xE0, b"JFIF\0") + segment(0xE1, PLACE)
    + segment(0xE2, b"ICC_PROFILE\0x") + segment(0xE2, b"MPF\0" + PLACE) + segment(0xFE, b"Ai do")
    + segment(0xDB, b"\0" * 65) + segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd1\x56"
    + b"\xff\xd9" + b"phan duoi " + PLACE
)  # fmt: skip
WEBP_BODY = (
    b"VP8X" + struct.pack("<I", 10) + bytes([0x2C]) + b"\0" * 9
    + b"VP8 " + struct.pack("<I", 3) + b"abc\0" + b"EXIF" + struct.pack("<I", 24) + PLACE[:24]
)  # fmt: skip
WEBP = b"RIFF" + struct.pack("<I", len(WEBP_BODY) + 4) + b"WEBP" + WEBP_BODY


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    opened = Room(store, tmp_path)
    poisoning(opened.press)
    opened.sweep()
    return opened


def number(room: Room) -> int:
    found = room.incident().id
    assert found is not None
    return found


def add(room: Room, upload: Upload, step: str | None = None) -> AttachmentRow:
    return add_attachment(room.store, room.settings, number(room), upload, "A", T0, step)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp"), (PDF, "application/pdf"),
        (b"\0\0\0\x18ftypheic", "image/heic"), (b"\0\0\0\x18ftypisom", "video/mp4"),
        ("Biên bản họp".encode(), "text/plain"), (b"<script>alert(1)</script>", "text/plain"),
        (b"PK\x03\x04" + b"\0" * 30 + b"[Content_Types].xml word/document.xml",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"MZ\x90\0\x03", None), (b"\x7fELF\x02\0", None), (b"   ", None), (b"\xff\xfe\x00", None),
    ],
)  # fmt: skip
def test_the_bytes_tell_what_a_file_is(data: bytes, kind: str | None) -> None:
    assert media_type_of(data) == kind


@pytest.mark.parametrize(
    ("data", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")]
)
def test_place_and_device_are_cut_out_and_the_picture_stays(data: bytes, kind: str) -> None:
    out = without_notes(data, kind)
    for gone in (b"GPS", b"Ai do", b"Exif", b"phan duoi"):
        assert gone not in out
    assert media_type_of(out) == kind
    assert without_notes(out, kind) == out
    for cut in range(12, len(out), 7):  # a torn upload is found, or nothing of it is kept
        try:
            rest = without_notes(out[:cut], kind)
        except BrokenPictureError:
            continue
        assert kind == "image/webp"
        assert b"GPS" not in rest


def test_the_parts_a_picture_needs_are_byte_for_byte_the_same() -> None:
    png, jpeg = without_notes(PNG, "image/png"), without_notes(JPEG, "image/jpeg")
    assert chunk(b"IDAT", zlib.compress(b"\0\0")) in png
    assert segment(0xDB, b"\0" * 65) in jpeg
    assert b"\x12\xff\x00\x34\xff\xd1\x56\xff\xd9" in jpeg
    assert segment(0xE2, b"ICC_PROFILE\0x") in jpeg


def test_a_file_lies_under_its_hash_and_is_listed(room: Room) -> None:
    row = add(room, Upload("C:\\Ảnh\\hiện trường.png", PNG, "chụp lúc 9 giờ"), "B03")
    path = attachment_path(room.settings, row.sha256)
    assert path == room.settings.home / "files" / row.sha256[:2] / row.sha256
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row.sha256
    assert row.received_sha256 == hashlib.sha256(PNG).hexdigest() != row.sha256
    assert (row.name, row.media_type, row.shows_child) == ("hiện trường.png", "image/png", True)
    again = add(room, Upload("lần nữa.png", PNG), "B03")
    assert again.id == row.id
    other = add(room, Upload("bb.pdf", PDF))
    assert not other.shows_child
    with room.store.read() as session:
        assert [r.id for r in attachments_of(session, number(room))] == [row.id, other.id]
    assert sum(e.kind == "attached_file" for e in room.rows(IncidentEventRow)) == 2


@pytest.mark.parametrize(
    ("upload", "part"),
    [
        (Upload("a.pdf", b""), "trống"),
        (Upload("a.exe", b"MZ\x90\0"), "không dùng làm bằng chứng"),
        (Upload("a.png", PNG[:60]), "chưa tải lên hết"),
        (Upload("a.pdf", PDF + b"x" * MAX_FILE), "20 MB"),
    ],
)
def test_what_is_no_evidence_is_refused(room: Room, upload: Upload, part: str) -> None:
    with pytest.raises(InputError, match=part):
        add(room, upload)
    assert room.rows(AttachmentRow) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/pa\nsswd.pdf", "pa sswd.pdf"),
        ("a\n../x.pdf", "x.pdf"),
        ("phieu\u202efdp.exe\u2067 1.pdf", "phieufdp.exe 1.pdf"),
        ("..", "khong-ten"),
        ("\0\u200b", "khong-ten"),
    ],
)
def test_a_name_is_one_plain_line(room: Room, given: str, kept: str) -> None:
    assert add(room, Upload(given, PDF)).name == kept


def test_an_archive_nobody_looked_into_may_show_a_child(room: Room) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("anh.png", PNG)
    assert add(room, Upload("anh.zip", archive.getvalue())).shows_child


def test_an_unknown_step_or_hash_is_refused(room: Room) -> None:
    with pytest.raises(InputError, match="B99"):
        add(room, Upload("a.pdf", PDF), "B99")
    for wrong in ("../../etc/passwd", "0" * 63, "G" * 64):
        with pytest.raises(ValueError, match="sha256"):
            attachment_path(room.settings, wrong)


def test_a_file_with_a_child_is_opened_only_with_a_reason_on_record(room: Room) -> None:
    row = add(room, Upload("a.png", PNG))
    own, file_id = number(room), row.id or 0
    with room.store.read() as session, pytest.raises(ForbiddenError):
        read_file(session, room.settings, own, file_id)
    with pytest.raises(InputError):
        look_behind(room.store, room.settings, own, file_id, "vanthu", " ", T0)
    assert room.rows(AuditRow) == []
    _, data = look_behind(room.store, room.settings, own, file_id, "vanthu", "công an yêu cầu", T0)
    assert data == without_notes(PNG, "image/png")
    [line] = room.rows(AuditRow)
    assert (line.action, line.reason) == ("unmask_file", "công an yêu cầu")
    with room.store.read() as session, pytest.raises(NotFoundError):
        read_file(session, room.settings, own + 1, file_id)


def test_a_changed_byte_on_disk_is_found(room: Room) -> None:
    row = add(room, Upload("a.pdf", PDF))
    check = AttachedCheck()
    assert (check.run(room.store, room.settings).ok, room.settings.home.exists()) == (True, True)
    attachment_path(room.settings, row.sha256).write_bytes(PDF[:-1] + b"x")
    [finding] = check.run(room.store, room.settings).findings
    assert (finding.kind, "a.pdf (vụ việc số 1)" in finding.what) == ("attachment_changed", True)
    with room.store.read() as session, pytest.raises(FileStoreError, match="mã băm"):
        read_file(session, room.settings, number(room), row.id or 0)
    attachment_path(room.settings, row.sha256).unlink()
    assert [f.kind for f in check.run(room.store, room.settings).findings] == ["attachment_missing"]


def test_a_withdrawn_file_stays_and_is_not_handed_out(room: Room) -> None:
    row = add(room, Upload("a.pdf", PDF))
    own, file_id = number(room), row.id or 0
    with pytest.raises(InputError):
        withdraw_attachment(room.store, own, file_id, "A", " ", T0)
    withdraw_attachment(room.store, own, file_id, "A", "nhầm tệp", T0 + HOUR)
    with pytest.raises(ConflictError):
        withdraw_attachment(room.store, own, file_id, "B", "lần nữa", T0 + HOUR)
    [kept] = room.rows(AttachmentRow)
    assert (kept.withdrawn_by, kept.withdrawn_why) == ("A", "nhầm tệp")
    assert attachment_path(room.settings, row.sha256).read_bytes() == PDF
    with room.store.read() as session, pytest.raises(ForbiddenError):
        read_file(session, room.settings, own, file_id)
    assert add(room, Upload("a.pdf", PDF)).id != row.id


def test_a_disk_that_refuses_changes_nothing(room: Room) -> None:
    (room.settings.home / "files").write_text("in the way")
    events = len(room.rows(IncidentEventRow))
    with pytest.raises(FileStoreError, match="Vụ việc chưa thay đổi gì"):
        add(room, Upload("a.pdf", PDF))
    assert room.rows(AttachmentRow) == []
    assert len(room.rows(IncidentEventRow)) == events


def test_a_full_disk_says_so_and_leaves_no_torn_file(room: Room) -> None:
    folder = attachment_path(room.settings, hashlib.sha256(PDF).hexdigest()).parent
    folder.mkdir(parents=True)
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4, hard))
    except (ImportError, ValueError, OSError) as error:
        cannot(f"no limit on file sizes here: {error}")
    import signal

    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with pytest.raises(FileStoreError):
            keep_file(room.settings, Upload("a.pdf", PDF))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert list(folder.iterdir()) == []
    keep_file(room.settings, Upload("a.pdf", PDF))
    assert len(list(folder.iterdir())) == 1


def test_no_space_is_said_in_plain_words() -> None:
    from langnghe.core.oserrors import plain_reason

    assert plain_reason(OSError(errno.ENOSPC, "x")) == "đĩa đã đầy"
