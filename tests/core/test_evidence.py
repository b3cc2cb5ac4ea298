"""Originals at first sight: kept once, chained, and every way of tampering found and named."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from langnghe.core.errors import InputError
from langnghe.core.evidence.chain import GENESIS, link, read_ledger_line
from langnghe.core.evidence.keeping import keep_originals
from langnghe.core.evidence.originals import Sighting, original_of_item
from langnghe.core.evidence.purging import purge, wipe_due
from langnghe.core.evidence.vault import FOLDER, LEDGER, Vault
from langnghe.core.evidence.warc import read_member, tombstone, whole_members
from langnghe.core.store.engine import Store
from langnghe.core.store.evidence import bound_of, evidence_of, gaps, head
from langnghe.core.store.mentions import keep
from langnghe.core.store.tables import PageVersionRow
from tests.conftest import NOW, count
from tests.core.evidencehouse import EvidenceHouse, feed, item


@pytest.fixture
def house(any_store: Store, tmp_path: Path) -> EvidenceHouse:
    """Return an installation on either database."""
    return EvidenceHouse(any_store, tmp_path / "nha")


@pytest.fixture
def full(store: Store, tmp_path: Path) -> EvidenceHouse:
    """Return an installation with four visits kept."""
    made = EvidenceHouse(store, tmp_path / "nha")
    made.fill()
    return made


def test_a_document_is_kept_once_for_all_its_mentions(house: EvidenceHouse) -> None:
    held = house.see(item(1), item(2), item(3))
    again = house.see(item(1), item(2), item(3), minutes=5)
    assert (held.records, held.missing, again.records) == (1, 0, 0)
    (row,) = house.rows()
    assert [m[:2] for m in row.mentions] == [[1, 1], [2, 1], [3, 1]]
    assert row.kind == "response"
    assert row.prev == GENESIS
    done = house.verify()
    assert done.ok
    assert done.records == 1
    assert done.head == row.chain
    assert not done.notes


def test_the_file_is_a_warc_that_others_read(full: EvidenceHouse) -> None:
    kinds, bodies = [], []
    with full.warc().open("rb") as stream:
        for record in ArchiveIterator(stream, check_digests="raise"):
            kinds.append(record.rec_type)
            bodies.append(record.content_stream().read())
            if record.rec_type == "response":
                assert record.http_headers.get_header("ETag") == '"a1"'
                assert record.rec_headers.get_header("WARC-Date").endswith("Z")
    assert kinds == ["warcinfo"] + ["response"] * 4
    assert bodies[1] == feed([item(0), item(1)]).body


def test_only_the_owner_may_read(full: EvidenceHouse) -> None:
    folder = full.home / FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}


def test_an_edit_is_kept_with_its_own_document(house: EvidenceHouse) -> None:
    house.see(item(1))
    house.see(item(1, "Nhà trường đã đính chính."), minutes=9)
    first, second = house.rows()
    assert [m[1] for m in first.mentions] == [1]
    assert [m[1] for m in second.mentions] == [2]
    assert second.prev == first.chain
    assert house.verify().ok


def test_the_same_bytes_again_are_a_revisit(house: EvidenceHouse) -> None:
    document = feed([item(1), item(2)])
    house.see(item(1), original=document)
    house.see(item(2), original=replace(document, at=NOW), minutes=3)
    first, second = house.rows()
    assert (second.kind, second.refers, second.sha256) == ("revisit", 1, first.sha256)
    assert house.verify().ok


def test_another_wording_than_the_one_kept_proves_nothing(house: EvidenceHouse) -> None:
    house.see(item(1))
    house.sql("DELETE FROM evidence_mention")
    assert house.see(item(1, "Lời khác."), item(5), minutes=1).records == 1
    assert [m[0] for m in house.rows()[-1].mentions] != [1]


def test_a_line_of_an_archive_is_a_resource(house: EvidenceHouse) -> None:
    house.see(item(1), original=original_of_item(item(1), NOW))
    (row,) = house.rows()
    assert row.kind == "resource"
    assert house.verify().ok
    with house.warc().open("rb") as handle:
        handle.seek(row.start)
        assert b"Tin 1" in read_member(handle.read(row.length)).payload


def test_a_link_can_be_recomputed_from_the_register_alone(full: EvidenceHouse) -> None:
    before = GENESIS
    lines = (full.home / FOLDER / LEDGER).read_text(encoding="utf-8").splitlines(keepends=True)
    for line in lines:
        chain, prev, canonical = read_ledger_line(line)
        assert prev == before
        assert link(prev, canonical) == chain
        before = chain
    with full.store.read() as session:
        assert head(session) == (4, before)


def test_every_changed_byte_of_a_record_is_found(full: EvidenceHouse) -> None:
    row = full.rows()[1]
    path = full.warc()
    sound = path.read_bytes()
    for place in range(row.start, row.start + row.length, 7):
        data = bytearray(sound)
        data[place] ^= 1
        path.write_bytes(bytes(data))
        assert full.kinds() == [("bytes_changed", 2)], place
    path.write_bytes(sound)
    assert full.verify().ok


def test_a_record_cut_off_or_swapped_is_found(full: EvidenceHouse) -> None:
    path, rows = full.warc(), full.rows()
    sound = path.read_bytes()
    path.write_bytes(sound[: rows[3].start + 5])
    assert full.kinds() == [("record_removed", 4)]
    a, b = rows[0], rows[1]
    one, other = (sound[r.start : r.start + r.length] for r in (a, b))
    path.write_bytes(sound[: a.start] + other + one + sound[b.start + b.length :])
    found = full.verify().findings
    assert [f.seq for f in found] == [1, 2]
    assert {f.kind for f in found} == {"bytes_changed"}
    path.unlink()
    assert full.kinds()[0] == ("file_missing", 1)


def test_an_altered_row_is_named_with_what_was_altered(full: EvidenceHouse) -> None:
    full.sql("UPDATE evidence SET sha256 = :x WHERE seq = 3", x="0" * 64)
    first = full.verify().findings[0]
    assert (first.kind, first.seq) == ("row_altered", 3)
    assert "mã băm nội dung" in first.what
    full.sql("UPDATE evidence SET url = 'https://khac.example/' WHERE seq = 1")
    assert full.kinds()[0] == ("payload_differs", 1)


def test_a_removed_row_is_found_in_the_middle_and_at_the_end(full: EvidenceHouse) -> None:
    full.sql("DELETE FROM evidence WHERE seq = 2")
    kinds = full.kinds()
    assert kinds[0] == ("row_removed", 2)
    full.sql("DELETE FROM evidence WHERE seq = 4")
    assert ("row_removed", 4) in full.kinds()
    full.sql("UPDATE evidence_head SET seq = 3")
    assert ("row_removed", 4) in full.kinds()


def test_a_whole_chain_made_anew_differs_from_the_register(full: EvidenceHouse) -> None:
    rows = full.rows()
    prev = GENESIS
    full.sql("UPDATE evidence SET note = '{\"x\": 1}' WHERE seq = 1")
    for row in full.rows():
        chain = bound_of(row).link(prev)
        full.sql("UPDATE evidence SET prev = :p, chain = :c WHERE seq = :s", p=prev, c=chain,
                 s=row.seq)  # fmt: skip
        prev = chain
    full.sql("UPDATE evidence_head SET chain = :c", c=prev)
    kinds = full.kinds()
    assert kinds[0] == ("row_altered", 1)
    assert len(rows) == 4


def test_a_changed_order_is_found(full: EvidenceHouse) -> None:
    full.sql("UPDATE evidence SET seq = 99 WHERE seq = 2")
    full.sql("UPDATE evidence SET seq = 2 WHERE seq = 3")
    full.sql("UPDATE evidence SET seq = 3 WHERE seq = 99")
    assert [seq for _, seq in full.kinds()][:2] == [2, 3]
    lines = (full.home / FOLDER / LEDGER).read_text().splitlines(keepends=True)
    (full.home / FOLDER / LEDGER).write_text("".join([lines[1], lines[0], *lines[2:]]))
    assert ("register_broken", None) in full.kinds()


def test_an_altered_mention_is_found(full: EvidenceHouse) -> None:
    full.sql("UPDATE mention SET text = 'Không có gì xảy ra.' WHERE id = 3")
    assert full.kinds() == [("mention_altered", 2)]
    full.sql("DELETE FROM mention WHERE id = 5")
    assert full.kinds() == [("mention_altered", 2), ("mention_removed", 3)]


def test_a_changed_or_lost_register_is_found(full: EvidenceHouse) -> None:
    path = full.home / FOLDER / LEDGER
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"kind":"response"', '"kind":"resource"', 1), encoding="utf-8")
    assert "register_broken" in {kind for kind, _ in full.kinds()}
    path.unlink()
    assert full.kinds() == [("register_missing", None)]


def test_a_register_that_is_behind_is_no_fault_and_is_written_on(full: EvidenceHouse) -> None:
    path = full.home / FOLDER / LEDGER
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:2]) + lines[2][:40], encoding="utf-8")
    done = full.verify()
    assert {f.kind for f in done.findings} <= {"register_broken"}
    assert done.notes
    full.see(item(50), minutes=60)
    done = full.verify()
    assert done.ok
    assert not done.notes
    assert len(path.read_text(encoding="utf-8").splitlines()) == 5


def test_blank_bytes_a_pulled_plug_left_in_the_register_are_cut_off(full: EvidenceHouse) -> None:
    path = full.home / FOLDER / LEDGER
    sound = path.read_bytes()
    path.write_bytes(sound[: sound.rfind(b"\n", 0, -1) + 1] + bytes(900) + b"\n" + bytes(40))
    full.see(item(60), minutes=60)
    assert path.read_bytes()[: len(sound)] == sound
    assert full.verify().ok


def test_a_purge_leaves_the_chain_whole_and_no_payload(house: EvidenceHouse) -> None:
    house.fill()
    with house.store.write() as session:
        said = PageVersionRow(mention_id=3, version=1, at=NOW, text="x", content_hash="h")
        session.add(said)
        seqs = [row.seq for row in evidence_of(session, [3, 4])]
        done = purge(session, house.settings, seqs, "Hết thời hạn lưu", "quantri", NOW,
                     mention_ids=[3, 4])  # fmt: skip
    assert done == 1
    assert count(house.store, "audit") == 1
    assert count(house.store, "page_version") == 0
    ordered = house.verify()
    assert ordered.ok
    assert ordered.notes, "ordered and not yet wiped"
    house.sql("UPDATE mention SET title = NULL, text = NULL WHERE id IN (3, 4)")
    assert wipe_due(house.store, house.settings, NOW) == 1
    assert wipe_due(house.store, house.settings, NOW) == 0
    done_after = house.verify()
    assert done_after.ok
    assert not done_after.notes
    assert done_after.records == 5
    with house.warc().open("rb") as stream:
        bodies = [r.content_stream().read() for r in ArchiveIterator(stream)]
    assert not any(b"Tin 2" in body for body in bodies)
    assert any(b"Tin 0" in b for b in bodies)
    assert house.rows()[1].url is None


def test_a_payload_taken_away_without_an_order_is_found(full: EvidenceHouse) -> None:
    row = full.rows()[1]
    grave = tombstone(row.length, 2, 99, NOW)
    with full.warc().open("r+b") as handle:
        handle.seek(row.start)
        handle.write(grave)
    assert full.kinds() == [("bytes_changed", 2)]
    full.sql("UPDATE evidence SET purged_by = 99, wiped_at = at WHERE seq = 2")
    assert full.kinds() == [("purge_unordered", 2)]


def test_a_purge_needs_a_reason(full: EvidenceHouse) -> None:
    with full.store.write() as session, pytest.raises(InputError):
        purge(session, full.settings, [1], "  ", "quantri", NOW)


def test_a_transaction_rolled_back_leaves_no_line_and_no_row(house: EvidenceHouse) -> None:
    house.see(item(0))
    with house.store.write() as session:
        keep(session, [item(1)], now=NOW, secret=b"k")
        keep_originals(session, house.vault, [Sighting(item(1), feed([item(1)]))], NOW)
        session.rollback()
    assert len(house.rows()) == 1
    assert house.verify().ok
    house.see(item(1), minutes=1)
    assert len(house.rows()) == 2
    assert house.verify().ok


def test_two_processes_write_two_files_and_one_chain(house: EvidenceHouse) -> None:
    house.see(item(1))
    other = EvidenceHouse(house.store, house.home)
    other.see(item(2), minutes=1)
    house.see(item(3), minutes=2)
    assert len({row.file for row in house.rows()}) == 2
    assert house.verify().ok
    other.vault.close()
    EvidenceHouse(house.store, house.home).see(item(4), minutes=3)
    assert len({row.file for row in house.rows()}) == 2, "a file given back is used on"


def test_a_torn_tail_is_cut_off_before_the_next_record(full: EvidenceHouse) -> None:
    full.vault.close()
    path = full.warc()
    sound = path.read_bytes()
    path.write_bytes(sound + sound[-200:-30])
    assert full.verify().ok, "bytes no row names are no fault"
    full.see(item(70), minutes=70)
    assert full.verify().ok
    assert path.read_bytes()[: len(sound)] == sound
    assert whole_members(path.read_bytes()) == path.stat().st_size


def test_a_new_day_and_a_full_file_begin_a_new_one(store: Store, tmp_path: Path) -> None:
    house = EvidenceHouse(store, tmp_path)
    house.vault = Vault(tmp_path / FOLDER, max_file=600)
    house.see(item(1))
    house.see(item(2), minutes=1)
    house.see(item(3), minutes=24 * 60)
    assert [row.file for row in house.rows()] == [
        "20261123-001.warc.gz", "20261123-002.warc.gz", "20261124-001.warc.gz",
    ]  # fmt: skip
    assert house.verify().ok


def test_a_folder_that_refuses_costs_no_mention_and_is_tried_again(
    store: Store, tmp_path: Path
) -> None:
    house = EvidenceHouse(store, tmp_path)
    (tmp_path / FOLDER).write_bytes(b"in the way")
    assert house.see(item(1), item(2)).missing == 2
    assert count(store, "mention") == 2
    assert count(store, "evidence_gap") == 2
    with store.read() as session:
        n, reason = gaps(session)
    assert n == 2
    assert reason
    (tmp_path / FOLDER).unlink()
    assert house.see(item(1), item(2), minutes=5).records == 1
    assert count(store, "evidence_gap") == 0
    assert house.verify().ok


def test_a_tombstone_fits_to_the_byte() -> None:
    for length in (300, 301, 1000, 70_000):
        grave = tombstone(length, 7, 9, NOW)
        assert len(grave) == length
        assert read_member(grave).purged_by == 9
        (record,) = list(ArchiveIterator(BytesIO(grave)))
        assert record.rec_type == "metadata"
    with pytest.raises(ValueError, match="smaller"):
        tombstone(50, 7, 9, NOW)


def test_two_processes_at_once_make_one_chain(any_store: Store, tmp_path: Path) -> None:
    def work(first: int) -> None:
        house = EvidenceHouse(any_store, tmp_path)
        for n in range(12):
            house.see(item(first + n), minutes=n)
        house.vault.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, 100), pool.submit(work, 200)]:
            done.result()
    whole = EvidenceHouse(any_store, tmp_path).verify()
    assert whole.ok, whole.findings
    assert whole.records == 24
    assert not whole.notes


@pytest.mark.parametrize(
    "change",
    [
        "start = -5", "length = -1", "start = 9000000000000000000", "length = 9000000000000000000",
        "file = '../../etc/passwd'", "file = '..'", "mentions = '[[1]]'", "mentions = '{}'",
        "note = '[]'", "at = '0001-01-01 00:00:00.000000'", "kind = ''", "refers = 'x'",
    ],
)  # fmt: skip
def test_no_altered_row_stops_the_check(full: EvidenceHouse, change: str) -> None:
    full.sql(f"UPDATE evidence SET {change} WHERE seq = 2")  # noqa: S608
    found = full.verify()
    assert found.findings
    assert found.findings[0].seq == 2


def test_a_folder_in_the_place_of_a_file_is_named(full: EvidenceHouse) -> None:
    name = full.warc()
    name.rename(name.with_suffix(".weg"))
    name.mkdir()
    assert {f.kind for f in full.verify().findings} == {"file_missing"}
