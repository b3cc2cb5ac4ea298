"""Recompute all evidence: every stored byte, every link, every row and the wordings they bind.

One pass in the order of the chain, a few hundred rows and one record in memory at a time, so the
time grows with the amount and the memory does not. Nothing is changed. Of what differs the first
broken record comes first, with what about it differs: its bytes, its row, its place, its absence.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

from sqlmodel import Session

from langnghe.core.evidence.chain import GENESIS, Said, altered, link
from langnghe.core.evidence.originals import SIGHT
from langnghe.core.evidence.register import Register
from langnghe.core.evidence.vault import FOLDER, LEDGER
from langnghe.core.evidence.warc import Member, read_member
from langnghe.core.oserrors import plain_reason
from langnghe.core.settings import Settings
from langnghe.core.store import evidence as rows
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import EvidenceRow
from langnghe.core.text import digest
from langnghe.core.verifying import Checked, Finding

_MOST = 50  # findings told; the first one is what matters
_FIELDS_VI = {
    "at": "thời điểm", "kind": "loại", "sha256": "mã băm nội dung", "record": "mã băm bản ghi",
    "file": "tên tệp", "start": "vị trí", "length": "độ dài", "mentions": "danh sách tin",
    "refers": "bản ghi gốc", "note": "ghi chú", "seq": "số thứ tự",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EvidenceCheck:
    """Holds the database, the WARC files and the register against each other."""

    name: str = "bằng chứng"

    def run(self, store: Store, settings: Settings) -> Checked:
        """Recompute everything; see ``verifying.Check``."""
        started = perf_counter()
        walk = _Walk(settings.home / FOLDER)
        with store.read() as session:
            walk.all(session)
        notes = list(walk.notes)
        if walk.more:
            notes.append(f"Còn {walk.more} điểm sai khác nữa không kể ra ở đây.")
        return Checked(
            self.name,
            records=walk.records,
            size=walk.size,
            seconds=perf_counter() - started,
            head=walk.chain,
            findings=tuple(walk.findings),
            notes=tuple(notes),
        )


def spot_check(folder: Path, found: Sequence[EvidenceRow]) -> dict[int, str]:
    """Return what is wrong with these records, by number: their own bytes and links, no more.

    For a page that shows a few of them; only ``EvidenceCheck`` sees the whole chain.
    """
    walk = _Walk(folder)
    try:
        for row in found:
            if row.purged_by is not None:
                walk.purged[row.seq] = row.purged_by
            if link(row.prev, _canonical(row)) != row.chain:
                walk.findings.append(Finding("row_altered", "hàng bị sửa", row.seq))
            elif row.file:
                walk.bytes_of(row)
    finally:
        walk.close()
    return {f.seq: f.what for f in reversed(walk.findings) if f.seq is not None}


@dataclass(slots=True)
class _Walk:
    folder: Path
    records: int = 0
    size: int = 0
    chain: str = GENESIS
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    more: int = 0
    waiting: int = 0
    files: dict[str, BinaryIO] = field(default_factory=dict)
    purged: dict[int, int] = field(default_factory=dict)  # record -> the purge that names it
    erased: set[int] = field(default_factory=set)  # mentions whose text was removed on purpose

    def all(self, session: Session) -> None:
        """Walk the chain once, the register beside it."""
        stated, stated_chain = rows.head(session)
        newest = rows.newest(session)
        for event in rows.purges(session):
            self.purged |= dict.fromkeys(event.note.get("purged", ()), event.seq)
            self.erased |= set(event.note.get("mentions", ()))
        register = Register(self.folder / LEDGER)
        session.expunge_all()
        expected = 1
        try:
            for batch in rows.stream(session, until=newest):
                wanted = _wanted(batch)
                texts = rows.wordings(session, wanted)
                self.erased |= rows.erased(session, {mention for mention, _ in wanted})
                for row in batch:
                    self._missing(expected, row.seq, register)
                    self._one(row, register)
                    self._wordings(row, texts)
                    expected = row.seq + 1
            self._end(expected - 1, stated, stated_chain, register)
        finally:
            register.close()
            self.close()

    def close(self) -> None:
        """Close the files that were read."""
        for handle in self.files.values():
            handle.close()
        self.files.clear()

    def _missing(self, expected: int, found: int, register: Register) -> None:
        for seq in range(expected, min(found, expected + _MOST)):
            register.take(seq)
            self._say("row_removed", seq, "mất bản ghi trong cơ sở dữ liệu")
        self.more += max(0, found - expected - _MOST)

    def _one(self, row: EvidenceRow, register: Register) -> None:
        self.records += 1
        canonical = _canonical(row)
        line = register.take(row.seq)
        if line is not None and canonical and line[2] != canonical:
            names = ", ".join(_FIELDS_VI.get(n, n) for n in altered(canonical, line[2]))
            self._say("row_altered", row.seq, f"hàng trong cơ sở dữ liệu bị sửa: {names}")
        elif link(row.prev, canonical) != row.chain:
            self._say("row_altered", row.seq, "hàng trong cơ sở dữ liệu bị sửa")
        elif row.prev != self.chain:
            self._say("order", row.seq, "không nối với bản ghi trước nó: thứ tự bị đổi")
        elif line is not None and line[0] != row.chain:
            self._say("register_differs", row.seq, "chuỗi trong cơ sở dữ liệu khác chuỗi trong sổ")
        self.chain = row.chain
        if row.file:
            self.bytes_of(row)

    def bytes_of(self, row: EvidenceRow) -> None:
        """Hold a record's stored bytes against its row."""
        by = row.purged_by
        if by is not None and self.purged.get(row.seq) != by:
            self._say("purge_unordered", row.seq, "bị đánh dấu đã xóa nhưng không có lệnh xóa nào")
            return
        if by is not None and row.wiped_at is None:
            self.waiting += 1
            return
        data = self._read(row)
        if data is None:
            return
        self.size += len(data)
        if by is not None:
            self._tombstone(row, data, by)
        elif hashlib.sha256(data).hexdigest() != row.record:
            self._say("bytes_changed", row.seq, _what_changed(row, data), _place(row))
        elif problem := _unlike(row, data):
            self._say("payload_differs", row.seq, problem, _place(row))

    def _tombstone(self, row: EvidenceRow, data: bytes, by: int) -> None:
        try:
            stands = read_member(data).purged_by == by
        except ValueError:
            stands = False
        if not stands:
            what = "đã xóa theo lệnh, nhưng chỗ của nó bị ghi đè thứ khác"
            self._say("bytes_changed", row.seq, what, _place(row))

    def _read(self, row: EvidenceRow) -> bytes | None:
        handle = self.files.get(row.file)
        if handle is None:
            if len(self.files) > 8:
                self.files.pop(next(iter(self.files))).close()
            try:
                handle = (self.folder / Path(row.file).name).open("rb")
            except OSError as error:
                what = f"mất tệp {row.file}: {plain_reason(error)}"
                self._say("file_missing", row.seq, what, _place(row))
                return None
            self.files[row.file] = handle
        size = handle.seek(0, os.SEEK_END)
        if row.start < 0 or row.length < 0 or row.start + row.length > size:
            what = f"mất bản ghi: tệp chỉ còn {size} byte"
            self._say("record_removed", row.seq, what, _place(row))
            return None
        handle.seek(row.start)
        return handle.read(row.length)

    def _wordings(
        self, row: EvidenceRow, texts: dict[tuple[int, int], tuple[str | None, str | None]]
    ) -> None:
        for mention, revision, stated, why in _said(row):
            if why != SIGHT or mention in self.erased or row.purged_by is not None:
                continue
            text = texts.get((mention, revision))
            if text is None:
                what = f"mất tin số {mention} (bản {revision}) trong cơ sở dữ liệu"
                self._say("mention_removed", row.seq, what)
            elif digest(text[0] or "", text[1] or "") != stated:
                what = f"lời của tin số {mention} (bản {revision}) trong cơ sở dữ liệu bị sửa"
                self._say("mention_altered", row.seq, what)

    def _end(self, last: int, stated: int, stated_chain: str, register: Register) -> None:
        if stated != last or (last and stated_chain != self.chain):
            what = f"đầu chuỗi ghi {stated} bản ghi, cơ sở dữ liệu có {last}"
            self._say("head_differs", min(stated, last) + 1, what)
        rest = register.rest()
        for seq, _ in rest[:_MOST]:
            self._say("row_removed", seq, "có trong sổ nhưng mất trong cơ sở dữ liệu")
        for line in register.broken[:_MOST]:
            self._say("register_broken", None, f"dòng {line} của sổ bị sửa hoặc hỏng", LEDGER)
        for line in register.unordered[:_MOST]:
            self._say("register_broken", None, f"dòng {line} của sổ sai thứ tự", LEDGER)
        if last and not register.there:
            self._say("register_missing", None, f"mất sổ {LEDGER} cạnh các tệp WARC")
        elif register.last < last:
            behind = last - register.last
            self.notes.append(f"{behind} bản ghi cuối chưa vào sổ; lượt thu thập sau sẽ ghi.")
        if self.waiting:
            self.notes.append(f"{self.waiting} bản ghi có lệnh xóa đang chờ xóa khỏi tệp.")
        self.findings.sort(key=lambda f: (f.seq is None, f.seq or 0))

    def _say(self, kind: str, seq: int | None, what: str, where: str = "") -> None:
        if len(self.findings) >= _MOST:
            self.more += 1
            return
        self.findings.append(Finding(kind, what, seq, where))


def _wanted(batch: Sequence[EvidenceRow]) -> set[tuple[int, int]]:
    return {(m, r) for row in batch for m, r, _, why in _said(row) if why == SIGHT}


def _canonical(row: EvidenceRow) -> str:
    """Return what the chain binds of a row, "" for one tampered with beyond reading."""
    try:
        return rows.bound_of(row).canonical()
    except (ValueError, TypeError):
        return ""


def _said(row: EvidenceRow) -> list[Said]:
    """Return the mentions a row names; a list that was tampered with must not stop the walk."""
    found = row.mentions if isinstance(row.mentions, list) else []
    return [(m[0], m[1], m[2], m[3]) for m in found if isinstance(m, list) and len(m) == 4]


def _place(row: EvidenceRow) -> str:
    return f"{row.file}, byte {row.start}–{row.start + row.length}"


def _what_changed(row: EvidenceRow, data: bytes) -> str:
    try:
        member = read_member(data)
    except ValueError:
        return "byte trong tệp bị sửa: không còn đọc được thành một bản ghi"
    if member.purged_by is not None:
        return "nội dung bị xóa mà không có lệnh xóa"
    if member.headers.get("warc-payload-digest") != f"sha256:{row.sha256}":
        return "chỗ này là một bản ghi khác: bản ghi bị thay hoặc bị đổi chỗ"
    if member.kind != "revisit" and hashlib.sha256(member.payload).hexdigest() != row.sha256:
        return "nội dung của bản ghi bị sửa"
    return "phần đầu (địa chỉ, thời điểm, tiêu đề HTTP) hoặc cách nén của bản ghi bị sửa"


def _unlike(row: EvidenceRow, data: bytes) -> str:
    """Return what a record whose bytes are sound says otherwise than its row; "" for nothing."""
    try:
        member: Member = read_member(data)
    except ValueError:
        return "bản ghi không đọc được"
    if member.kind != row.kind:
        return "loại bản ghi khác với hàng trong cơ sở dữ liệu"
    if member.kind != "revisit" and hashlib.sha256(member.payload).hexdigest() != row.sha256:
        return "mã băm nội dung khác với hàng trong cơ sở dữ liệu"
    if row.url is not None and member.headers.get("warc-target-uri") != row.url:
        return "địa chỉ trong cơ sở dữ liệu khác địa chỉ trong bản ghi"
    return ""
