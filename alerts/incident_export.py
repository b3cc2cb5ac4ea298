"""An incident as one ZIP that stands by itself: what was said, seen and done, and how to prove it.

Masked, without originals, unless somebody with the right asks for them with a reason that is
written down first. The same state of an incident gives the same bytes, but for one file that says
when and by whom; ``SHA256SUMS`` is checked with ``sha256sum -c``, the chain with ``chuoi/``.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlmodel import Session

from alerts.attachments import attachment_path
from alerts.evidence import Dossier, dossier
from alerts.incident_pack import as_json, contents, goes_along, packed_name
from alerts.incident_readme import GUIDE
from langnghe import __version__
from langnghe.core.auth import Action, Caller
from langnghe.core.errors import ForbiddenError, InputError
from langnghe.core.evidence.chain import ledger_line, moment
from langnghe.core.evidence.vault import FOLDER
from langnghe.core.services import Services
from langnghe.core.store import evidence as rows
from langnghe.core.store import users
from langnghe.core.store.attachments import attachments_of
from langnghe.core.store.queries.incidents import get_incident
from langnghe.core.store.tables import (
    EvidenceRow,
)
from langnghe.core.text import clean

SUMS, MADE = "SHA256SUMS", "lan-xuat.json"
SHORTEST_REASON = 10
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a ZIP has no notion of "no time"
_BETWEEN = 20_000  # links of the chain between the first and last of this incident, at most


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: number of files, bytes of the ZIP, its SHA-256."""

    files: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for what; ``caller`` is None on the command line (who runs it holds the disk)."""

    incident_id: int
    actor: str
    caller: Caller | None = None
    originals: bool = False
    reason: str = ""

    @property
    def scope(self) -> str | None:
        """The unit that bounds what the caller sees."""
        return self.caller.unit_scope if self.caller else None


def file_name(asked: Request) -> str:
    """Return the ZIP's name; one with originals says so (a drill's is marked on the way out)."""
    return f"ho-so-vu-viec-{asked.incident_id}{'-CO-BAN-GOC' if asked.originals else ''}.zip"


def export_incident(services: Services, asked: Request, out: BinaryIO) -> Exported:
    """Write the ZIP to ``out`` (seekable) and the fact that it was made to the audit log, first.

    Raises NotFoundError outside the caller's units, ForbiddenError without the right to see
    originals, InputError without a reason for them.
    """
    now = services.clock.now()
    reason = clean(asked.reason)
    if asked.originals:
        if asked.caller is not None:
            asked.caller.require(Action.UNMASK)
        if len(reason) < SHORTEST_REASON:
            raise InputError(
                "Xuất bản gốc chưa che cần ghi rõ lý do.",
                mend=f"Ghi lý do từ {SHORTEST_REASON} ký tự: ai cần, để làm gì.",
            )
    with services.store.read() as session:
        get_incident(session, asked.incident_id, viewer_unit=asked.scope)
    with services.store.write() as session:
        users.note(
            session, now, asked.actor, "incident_exported", f"incident:{asked.incident_id}",
            reason=reason, data={"originals": asked.originals},
        )  # fmt: skip
    with services.store.read() as session:
        return _write(services, session, asked, reason, now, out)


def _write(
    services: Services, session: Session, asked: Request, reason: str, now: datetime, out: BinaryIO
) -> Exported:
    detail = get_incident(session, asked.incident_id, viewer_unit=asked.scope)
    kept = dossier(session, asked.incident_id, viewer_unit=asked.scope)
    files = attachments_of(session, asked.incident_id)
    sums: dict[str, str] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as pack:

        def put(name: str, data: bytes) -> None:
            _put(pack, name, [data])
            sums[name] = hashlib.sha256(data).hexdigest()

        for name, data in contents(
            services, session, detail, kept, files, originals=asked.originals
        ):
            put(name, data)
        for row in files:
            if goes_along(row, asked.originals):
                path = attachment_path(services.settings, row.sha256)
                sums[packed_name(row)] = _put(pack, packed_name(row), _pieces(path))
        own = _own(kept)
        for name, data in _chain(session, own):
            put(name, data)
        if asked.originals and (whole := [r for r in own if r.file and r.purged_by is None]):
            name = "goc/ban-goc.warc.gz"
            folder = services.settings.home / FOLDER
            sums[name] = _put(pack, name, (_record(folder, row) for row in whole))
        made = {
            "made_at": moment(now), "made_by": asked.actor, "reason": reason,
            "originals": asked.originals, "software": f"LangNghe {__version__}",
            "chain_head": {"seq": kept.head_seq, "chain": kept.head_chain},
        }  # fmt: skip
        put(MADE, as_json(made))
        listed = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
        _put(pack, SUMS, [listed.encode()])
    out.seek(0)
    summed = hashlib.sha256()
    while piece := out.read(1 << 20):
        summed.update(piece)
    size = out.tell()
    out.seek(0)
    return Exported(len(sums) + 1, size, summed.hexdigest())


def _own(kept: Dossier) -> list[EvidenceRow]:
    own = {row.seq: row for m in kept.mentions for row in m.records}
    return [own[seq] for seq in sorted(own)]


def _chain(session: Session, own: Sequence[EvidenceRow]) -> Iterator[tuple[str, bytes]]:
    yield "chuoi/HUONG-DAN.txt", GUIDE.encode()
    told = [{"seq": r.seq, "kind": r.kind, "sha256": r.sha256, "record": r.record, "at": r.at,
             "file": r.file, "start": r.start, "length": r.length, "chain": r.chain,
             "purged_by": r.purged_by} for r in own]  # fmt: skip
    yield "chuoi/ban-ghi.json", as_json(told)
    lines: list[str] = []
    if own and own[-1].seq - own[0].seq < _BETWEEN:
        for batch in rows.stream(session, after=own[0].seq - 1, until=own[-1].seq):
            lines += [_register_line(row) for row in batch]
    else:
        lines = [_register_line(row) for row in own]
    yield "chuoi/register.txt", "".join(lines).encode()


def _register_line(row: EvidenceRow) -> str:
    return ledger_line(row.chain, row.prev, rows.bound_of(row).canonical())


def _record(folder: Path, row: EvidenceRow) -> bytes:
    try:
        with (folder / Path(row.file).name).open("rb") as handle:
            handle.seek(row.start)
            data = handle.read(row.length)
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).hexdigest() != row.record:
        raise ForbiddenError(
            f"Bản ghi bằng chứng số {row.seq} không còn nguyên vẹn nên không xuất kèm bản gốc.",
            mend="Chạy «langnghe verify» để biết chỗ nào đã đổi.",
        )
    return data


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while piece := handle.read(1 << 20):
            yield piece


def _put(pack: zipfile.ZipFile, name: str, pieces: Any) -> str:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_STORED if name.endswith(".gz") else zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    info.create_system = 3
    digest = hashlib.sha256()
    with pack.open(info, "w") as handle:
        for piece in pieces:
            handle.write(piece)
            digest.update(piece)
    return digest.hexdigest()
