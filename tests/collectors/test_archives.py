"""Archives as streams: good lines kept, bad ones named, breaks told."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.archives import read_archive
from langnghe.core.errors import InputError
from langnghe.core.types import Item


def line(n: int) -> bytes:
    return json.dumps({"id": f"b{n}", "title": f"Bài {n}", "url": None, "thua": 1}).encode() + b"\n"


def split(path: Path) -> tuple[list[tuple[int, Item]], list[int]]:
    good: list[tuple[int, Item]] = []
    bad: list[int] = []
    for number, result in read_archive(path):
        if isinstance(result, InputError):
            assert result.mend
            bad.append(number)
        else:
            good.append((number, result))
    return good, bad


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "2025-09.JSONL.gz"])
def test_json_lines_plain_and_gzip(tmp_path: Path, name: str) -> None:
    content = line(1) + b"\n{hong\n" + b"\xff\xfe\n" + b'{"id":"x"}\n' + line(6)
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    good, bad = split(path)
    assert [(n, item.id) for n, item in good] == [(1, "b1"), (6, "b6")]
    assert bad == [3, 4, 5]


def test_first_seen_at_orders_the_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id":"1","title":"A","first_seen_at":"2025-09-01T01:00:00+07:00"}')
    good, _ = split(path)
    assert good[0][1].seen_at == datetime(2025, 8, 31, 18, 0, tzinfo=UTC)


def test_a_truncated_gzip_gives_its_good_lines_and_says_where_it_broke(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    whole = gzip.compress(b"".join(line(n * n) for n in range(5000)))
    path.write_bytes(whole[: len(whole) // 2])
    good, bad = split(path)
    assert 500 < len(good) < 5000
    assert bad
    assert bad[-1] > good[-1][0]
    path.write_bytes(whole[:5000] + b"\x00" * 50 + whole[5050:])
    good, bad = split(path)
    assert good
    assert bad


def test_csv_with_dates_of_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "so-truc.csv"
    path.write_text(
        "\ufeffid;kind;title;text;published_at;ghi chú\r\n"
        '1;comment;;"Cháu nói; bữa ăn\nnhạt quá";19/09/2025 16:52;x\r\n'
        "\r\n"
        ";news;Không có mã;;;\r\n"
        "3;news;Tin ba;;2025-09-19T16:52:00+07:00\r\n"
        "4;news;a;b;c;d;e;f\r\n"
        "5;tin;Sai loại;;;\r\n",
        "utf-8",
    )
    good, bad = split(path)
    assert [(n, i.id, i.kind) for n, i in good] == [(2, "1", "comment"), (6, "3", "news")]
    assert good[0][1].text == "Cháu nói; bữa ăn\nnhạt quá"
    assert {i.published_at for _, i in good} == {datetime(2025, 9, 19, 9, 52, tzinfo=UTC)}
    assert bad == [5, 7, 8]


def test_csv_gzip_and_broken_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"id,title\n1,A\n2,\xff\xfe\n3,C\n"))
    good, bad = split(path)
    assert ([i.id for _, i in good], bad) == (["1", "3"], [3])


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", b"x"), ("a.csv", b"ten,noi dung\n1,2\n"), ("a.gz", b"")]
)
def test_what_cannot_be_read_at_all(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError):
        list(read_archive(tmp_path / name))
    with pytest.raises(InputError):
        list(read_archive(tmp_path / "khong-co.jsonl"))


def test_an_endless_line_and_a_big_archive_do_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(line(1))
        out.write(b'{"id":"2","title":"')
        for _ in range(60):
            out.write(b"x" * 1_000_000)
        out.write(b'"}\n')
        out.write(line(3))
    tracemalloc.start()
    good, bad = split(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ([n for n, _ in good], bad) == ([1, 3], [2])
    assert peak < 50_000_000


def test_a_lost_time_zone_is_mended_by_the_address(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    url = "https://bao.example/truong-khai-giang-185250926124213456.htm"  # 12:42:13 on 26/9/2025
    lines = [
        {"id": "1", "title": "Trường khai giảng", "url": url, "published_at": stated}
        for stated in ("2025-09-26T05:50:00+07:00", "2025-09-26T12:50:00+07:00")
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    shifted, right = (item for _, item in read_archive(path))
    assert isinstance(shifted, Item)
    assert isinstance(right, Item)
    assert shifted.published_at == datetime(2025, 9, 26, 5, 42, 13, tzinfo=UTC)
    assert "clock_shift" in shifted.problems
    assert (right.published_at, right.problems) == (datetime(2025, 9, 26, 5, 50, tzinfo=UTC), ())


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_last_line_cut_in_its_middle_is_told_apart(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    whole = line(1) + line(2) if name == "a.jsonl" else b"id,title,text\n1,A,B\n2,C"
    path.write_bytes(whole[:-9] if name == "a.jsonl" else whole)
    results = list(read_archive(path))
    assert isinstance(results[0][1], Item)
    lost = results[-1][1]
    assert isinstance(lost, InputError)
    assert "bị cắt giữa dòng này" in lost.message


def test_every_whole_line_before_a_cut_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    whole = gzip.compress(b"".join(line(n) for n in range(400)))
    kept = []
    for size in range(len(whole) - 1, 60, -97):
        path.write_bytes(whole[:size])
        good, bad = split(path)
        assert [item.id for _, item in good] == [f"b{n}" for n in range(len(good))]
        assert bad == [len(good) + 1]  # the first line that is lost
        kept.append(len(good))
    assert kept == sorted(kept, reverse=True)
