"""Files that came with a report: handed out to be saved, those that may show a child with a reason.

The same rules as for the evidence of an incident (``alerts.attachments``).
"""

from __future__ import annotations

from alerts.attachments import read_kept
from alerts.intake.taking import REASON
from langnghe.core.auth import Action, Caller
from langnghe.core.errors import ForbiddenError, InputError
from langnghe.core.services import Services
from langnghe.core.store import intake as rows
from langnghe.core.store.tables import IntakeFileRow
from langnghe.core.store.users import note
from langnghe.core.text import clean


def take_out(
    services: Services, caller: Caller, intake_id: int, file_id: int, reason: str | None = None
) -> tuple[IntakeFileRow, bytes]:
    """Return a file, checked against its hash.

    One that may show a child needs the right to unmask and a ``reason``, and is noted in the audit
    trail. Raises ForbiddenError, InputError, NotFoundError or FileStoreError.
    """
    caller.require(Action.ACT)
    if reason is None:
        with services.store.read() as session:
            rows.intake_of(session, intake_id, viewer_unit=caller.unit_scope)
            row = rows.file_of(session, intake_id, file_id)
        if row.shows_child:
            raise ForbiddenError(
                "Tệp này có thể có mặt trẻ em: chỉ lưu, không mở từ đây.",
                mend="Cần xem để xử lý thì mở có ghi lý do; lần mở được ghi vào nhật ký.",
            )
        return row, read_kept(services.settings, row.name, row.sha256)
    caller.require(Action.UNMASK)
    why = clean(reason)[:500]
    if len(why) < REASON:
        raise InputError("Cần ghi rõ lý do mở tệp.", mend="Ghi lý do rồi gửi lại.")
    with services.store.write() as session:
        rows.intake_of(session, intake_id, viewer_unit=caller.unit_scope)
        row = rows.file_of(session, intake_id, file_id)
        data = read_kept(services.settings, row.name, row.sha256)
        note(session, services.clock.now(), caller.username, "unmask_file",
             f"intake:{intake_id}", reason=why, data={"file": file_id})  # fmt: skip
    return row, data


def shows_no_child(services: Services, caller: Caller, intake_id: int, file_id: int) -> None:
    """Write down that somebody has looked and the file shows no child."""
    caller.require(Action.UNMASK)
    with services.store.write() as session:
        rows.intake_of(session, intake_id, viewer_unit=caller.unit_scope)
        row = rows.file_of(session, intake_id, file_id)
        row.shows_child = False
        note(session, services.clock.now(), caller.username, "intake_file_clear",
             f"intake:{intake_id}", data={"file": file_id})  # fmt: skip
