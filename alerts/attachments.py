"""Files as evidence: kept by their hash in the home folder, listed in a row, never deleted.

Bytes go to disk before the row is written, so a full disk or a torn upload leaves the incident as
it was. A file that may show a child is listed by name and hash and shown to nobody in passing.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from alerts.disguise import disguise
from alerts.filetypes import BrokenPictureError, media_type_of, shows_people, without_notes
from langnghe.core.attached import attached_path
from langnghe.core.errors import ConflictError, ForbiddenError, InputError, LangNgheError
from langnghe.core.oserrors import plain_reason
from langnghe.core.settings import Settings
from langnghe.core.store import users
from langnghe.core.store.attachments import attachment_of, attachments_of, same_file
from langnghe.core.store.engine import Store
from langnghe.core.store.incidents import add_event, lock_incident, steps_of
from langnghe.core.store.tables import AttachmentRow
from langnghe.core.text import clean

__all__ = [
    "Kept", "Upload", "add_attachment", "attach", "attachment_path", "attachments_of",
    "cleaned_file", "keep_file", "look_behind", "put_away", "read_file", "withdraw_attachment",
]  # fmt: skip
MAX_FILE = 20_000_000
"""Bytes of one file; a clip is better kept as a link and a hash than here."""
MAX_NAME = 120
_MAX_ENDING = 8
_PATHS = re.compile(r"^.*[/\\]", re.DOTALL)
_TURNS = re.compile("[\u061c\u2066-\u2069\\s]+")
"""Line breaks, and what turns the reading direction: a name is shown where neither may be."""


class FileStoreError(LangNgheError):
    """The disk refused a file; nothing was written down."""

    status = 507


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was handed in. ``shows_child`` is ``None`` where nobody said."""

    name: str
    data: bytes
    note: str = ""
    shows_child: bool | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies on disk, cleaned, and is not yet written down anywhere."""

    name: str
    media_type: str
    size: int
    sha256: str
    received_sha256: str
    shows_child: bool
    note: str


def attachment_path(settings: Settings, sha256: str) -> Path:
    """Return where the bytes of this hash lie (or would). Raises ValueError for no hash."""
    return attached_path(settings, sha256)


def keep_file(settings: Settings, upload: Upload) -> Kept:
    """Check, clean and store the bytes; whoever attaches them writes the row.

    Raises ``InputError`` and ``FileStoreError``. Storing the same bytes again changes nothing.
    """
    kept, data = cleaned_file(upload)
    put_away(settings, kept, data)
    return kept


def put_away(settings: Settings, kept: Kept, data: bytes) -> bool:
    """Store what ``cleaned_file`` returned; say whether it is new. Raises FileStoreError."""
    path = attachment_path(settings, kept.sha256)
    fresh = not path.exists()
    _write(path, data)
    return fresh


def cleaned_file(upload: Upload) -> tuple[Kept, bytes]:
    """Check and clean a file and store nothing; return what is to be stored.

    Raises ``InputError`` for what is empty, too big, of no known type or broken.
    """
    name = _fit_name(upload.name)
    if not upload.data:
        raise InputError(f"Tệp «{name}» trống.", mend="Chọn lại tệp rồi gửi lại.")
    if len(upload.data) > MAX_FILE:
        raise InputError(
            f"Tệp «{name}» lớn quá {MAX_FILE // 1_000_000} MB.",
            mend="Gửi bản nhỏ hơn, hoặc ghi đường dẫn tới nơi đang lưu tệp.",
        )
    kind = media_type_of(upload.data)
    if kind is None:
        raise InputError(
            f"Không nhận tệp «{name}»: loại tệp này không dùng làm bằng chứng.",
            mend="Gửi ảnh, PDF, văn bản, bảng tính, âm thanh hoặc clip.",
        )
    why = disguise(name, kind, upload.data)
    if why:
        raise InputError(
            f"Không nhận tệp «{name}»: {why}.",
            mend="Chụp màn hình hoặc lưu lại thành PDF, ảnh, văn bản rồi gửi.",
        )
    try:
        data = without_notes(upload.data, kind)
    except BrokenPictureError as error:
        raise InputError(
            f"Ảnh «{name}» bị hỏng hoặc chưa tải lên hết.", mend="Lưu lại ảnh rồi gửi lại."
        ) from error
    kept = Kept(
        name=name,
        media_type=kind,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        received_sha256=hashlib.sha256(upload.data).hexdigest(),
        shows_child=shows_people(kind) if upload.shows_child is None else upload.shows_child,
        note=clean(upload.note)[:2000],
    )
    return kept, data


def _fit_name(stated: str) -> str:
    """Return a name with no path, no turn of direction, not too long; its ending stays."""
    name = _TURNS.sub(" ", clean(_PATHS.sub("", stated))).strip(" .")
    if len(name) > MAX_NAME:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if stem and len(ending) <= _MAX_ENDING else ""
        name = name[: MAX_NAME - len(ending)].rstrip(" .") + ending
    return name or "khong-ten"


def attach(
    session: Session,
    incident_id: int,
    kept: Kept,
    actor: str,
    now: datetime,
    step_code: str | None = None,
) -> AttachmentRow:
    """Write a kept file down with its line in the timeline, in the caller's transaction.

    The same bytes at the same step stay one attachment, so that a repeated click does no harm.
    """
    known = same_file(session, incident_id, step_code, kept.received_sha256)
    if known is not None:
        return known
    row = AttachmentRow(
        incident_id=incident_id, step_code=step_code, name=kept.name, media_type=kept.media_type,
        size=kept.size, sha256=kept.sha256, received_sha256=kept.received_sha256,
        shows_child=kept.shows_child, added_at=now, added_by=actor, note=kept.note,
    )  # fmt: skip
    session.add(row)
    session.flush()
    at = f" cho việc {step_code}" if step_code else ""
    add_event(
        session, incident_id, now, "attached_file", actor,
        f"{actor} lưu bằng chứng{at}: {kept.name} (SHA-256 {kept.sha256[:12]}…).",
        {"attachment": row.id, "sha256": kept.sha256, "step": step_code},
    )  # fmt: skip
    return row


def add_attachment(
    store: Store,
    settings: Settings,
    incident_id: int,
    upload: Upload,
    actor: str,
    now: datetime,
    step_code: str | None = None,
) -> AttachmentRow:
    """Keep a file and attach it to an incident (a closed one too) or to one of its steps.

    Raises ``NotFoundError``, ``InputError``, ``FileStoreError``, and ``ConflictError`` where the
    incident was merged into another one.
    """
    kept = keep_file(settings, upload)
    with store.write() as session:
        incident = lock_incident(session, incident_id)
        if incident.merged_into is not None:
            raise ConflictError(
                f"Vụ việc này đã gộp vào vụ việc số {incident.merged_into}.",
                mend="Lưu bằng chứng ở vụ việc đó.",
            )
        if step_code is not None and all(
            s.code != step_code for s in steps_of(session, incident_id)
        ):
            raise InputError(f"Vụ việc không có việc mã {step_code}.", mend="Chọn lại việc.")
        incident.updated_at = now
        return attach(session, incident_id, kept, actor, now, step_code)


def withdraw_attachment(
    store: Store, incident_id: int, attachment_id: int, actor: str, reason: str, now: datetime
) -> None:
    """Withdraw a file with a reason; row and bytes stay. Raises ``ConflictError`` if it was."""
    why = clean(reason)
    if not why:
        raise InputError("Phải ghi lý do rút tệp.", mend="Ghi một câu lý do rồi bấm lại.")
    with store.write() as session:
        lock_incident(session, incident_id)
        row = attachment_of(session, incident_id, attachment_id)
        if row.withdrawn_at is not None:
            raise ConflictError(f"Tệp này đã được {row.withdrawn_by} rút.")
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = now, actor, why
        add_event(
            session, incident_id, now, "withdrew_file", actor,
            f"{actor} rút tệp {row.name}: {why}", {"attachment": attachment_id},
        )  # fmt: skip


def read_file(
    session: Session, settings: Settings, incident_id: int, attachment_id: int
) -> tuple[AttachmentRow, bytes]:
    """Return a file that shows no child, checked against its hash.

    Raises ``ForbiddenError`` for one that may show a child (see ``look_behind``) or was withdrawn.
    """
    row = attachment_of(session, incident_id, attachment_id)
    if row.shows_child or row.withdrawn_at is not None:
        raise ForbiddenError(
            "Tệp này có mặt trẻ em hoặc đã rút: chỉ lưu, không mở từ đây.",
            mend="Cần xem để xử lý thì mở có ghi lý do; lần mở được ghi vào nhật ký.",
        )
    return row, read_kept(settings, row.name, row.sha256)


def look_behind(
    store: Store,
    settings: Settings,
    incident_id: int,
    attachment_id: int,
    actor: str,
    reason: str,
    now: datetime,
) -> tuple[AttachmentRow, bytes]:
    """Return any file of the incident, the look written into the audit trail with its reason."""
    why = clean(reason)
    if len(why) < 5:
        raise InputError("Cần ghi rõ lý do mở tệp.", mend="Ghi lý do rồi gửi lại.")
    with store.write() as session:
        row = attachment_of(session, incident_id, attachment_id)
        data = read_kept(settings, row.name, row.sha256)
        users.note(
            session, now, actor, "unmask_file", f"incident:{incident_id}",
            reason=why, data={"attachment": attachment_id, "sha256": row.sha256},
        )  # fmt: skip
    return row, data


def read_kept(settings: Settings, name: str, sha256: str) -> bytes:
    """Return a kept file's bytes, checked against its hash. Raises FileStoreError."""
    try:
        data = attachment_path(settings, sha256).read_bytes()
    except OSError as error:
        raise FileStoreError(
            f"Không đọc được tệp «{name}»: {plain_reason(error)}.",
            mend="Chép lại thư mục «files» từ bản sao lưu.",
        ) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FileStoreError(
            f"Tệp «{name}» trên đĩa không còn đúng mã băm đã ghi.",
            mend="Chép lại tệp từ bản sao lưu và báo quản trị viên.",
        )
    return data


def _write(path: Path, data: bytes) -> None:
    """Put the bytes in place in one step; a crash leaves either all of them or none."""
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.is_file() and path.stat().st_size == len(data):
            return
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        Path(temporary).replace(path)
        temporary = ""
        _sync_folder(path.parent)
    except OSError as error:
        raise FileStoreError(
            f"Chưa lưu được tệp: {plain_reason(error)}. Vụ việc chưa thay đổi gì.",
            mend="Giải phóng dung lượng hoặc kiểm tra quyền ghi rồi gửi lại tệp.",
        ) from error
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
