"""Edits of sources over the catalogue."""

from __future__ import annotations

import pytest

from collectors.catalog import SourceConfig
from collectors.overlay import checked, lay_sources, new_id
from langnghe.core.errors import InputError

PAPER = SourceConfig("bao-thu", "Báo Thử", "rss", "https://bao.example/rss", tier=2)
ADDED = {
    "added": True, "name": "Trang xã", "kind": "rss", "url": "https://xa.example/rss",
    "tier": 1, "place": "xã Bản Hoa", "interval_minutes": 60, "enabled": True,
}  # fmt: skip


def test_a_source_is_switched_changed_and_added() -> None:
    laid = lay_sources(
        [PAPER], {"bao-thu": {"enabled": False, "interval_minutes": 60}, "trang-xa": ADDED}
    )
    assert [(s.id, s.enabled, s.interval_minutes) for s in laid.sources] == [
        ("bao-thu", False, 60),
        ("trang-xa", True, 60),
    ]
    assert laid.sources[0].url == PAPER.url
    assert not laid.passed


def test_the_address_of_a_catalogued_source_is_the_catalogues() -> None:
    laid = lay_sources([PAPER], {"bao-thu": {"url": "https://khac.example/rss"}})
    assert laid.sources == (PAPER,)


@pytest.mark.parametrize(
    "edits",
    [
        {"roi-danh-muc": {"enabled": True}},
        {"trang-xa": ADDED | {"url": "javascript:alert(1)"}},
        {"trang-xa": ADDED | {"la": 1}},
        {"bao-thu": {"tier": 9}},
        {"bao-thu": ["lạ"]},
    ],
)
def test_what_no_longer_fits_is_passed_over(edits: dict[str, object]) -> None:
    laid = lay_sources([PAPER], edits)
    assert laid.sources == (PAPER,)
    assert [one.kind for one in laid.passed] == ["source"]
    assert laid.passed[0].why


def test_a_wrong_value_is_refused_in_the_words_of_the_form() -> None:
    with pytest.raises(InputError) as caught:
        checked(PAPER, "bao-thu", {"interval_minutes": 1})
    assert caught.value.message.startswith("Chu kỳ đọc: phải là số nguyên")


def test_ids_are_readable_and_never_taken() -> None:
    assert new_id("Trang xã Bản Hoa", "https://a.example", []) == "trang-xa-ban-hoa"
    second = new_id("Trang xã Bản Hoa", "https://b.example", ["trang-xa-ban-hoa"])
    assert second.startswith("trang-xa-ban-hoa-")
    assert new_id("漢字", "https://b.example", []) == "nguon"
