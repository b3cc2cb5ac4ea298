"""Who told it first, who copied whom, and who is a source of their own."""

from __future__ import annotations

from alerts.chronicle.spread import MEMBERS, origins, spread_of
from alerts.chronicle.told import in_order
from tests.alerts.chronicle.stories import HOUR, told


def test_copies_hang_below_what_they_were_taken_from() -> None:
    spread = spread_of([
        told(1, 0, "Bài gốc", outlet="Báo Mây"),
        told(2, 1, outlet="Trang Gió", copy_of=1),
        told(3, 2, outlet="Trang Nắng", copy_of=2),
        told(4, 3, outlet="Báo Rừng"),
        told(5, 4, outlet="Trang Gió", copy_of=1),
        told(6, 5, kind="comment", outlet="Diễn đàn"),
    ])  # fmt: skip
    [family] = spread.families
    assert family.origin.id == 1
    assert [(c.source.id, c.of, c.depth, c.delay) for c in family.copies] == [
        (2, 1, 1, HOUR), (3, 2, 2, 2 * HOUR), (5, 1, 1, 4 * HOUR)
    ]  # fmt: skip
    assert (spread.independent, spread.echoing) == (2, 2)
    assert (spread.originals, spread.copies, spread.comments) == (2, 3, 1)


def test_what_was_published_first_is_the_origin_though_it_arrived_last() -> None:
    # The grouping stage saw mention 7 last and marked it as the copy.
    rows = in_order([
        told(5, 2, "Đăng lại", outlet="Trang Gió"),
        told(6, 3, outlet="Trang Nắng", copy_of=5),
        told(7, 0, "Bài gốc", outlet="Báo Mây", copy_of=5),
    ])  # fmt: skip
    spread = spread_of(rows)
    [family] = spread.families
    assert family.origin.id == 7
    assert [(c.source.id, c.of) for c in family.copies] == [(5, 7), (6, 5)]
    assert (spread.independent, spread.echoing) == (1, 2)


def test_marks_in_a_ring_or_out_of_the_story_do_no_harm() -> None:
    rows = [told(1, 0, copy_of=2), told(2, 1, copy_of=1), told(3, 2, copy_of=99)]
    assert origins(rows) == {1: 1, 2: 1, 3: 3}
    spread = spread_of(rows)
    assert (spread.originals, spread.copies) == (2, 1)


def test_a_comment_may_be_first_and_the_first_article_is_told_beside_it() -> None:
    spread = spread_of([told(1, 0, kind="comment"), told(2, 5, "Bài viết")])
    assert spread.first.id == 1
    assert spread.first_article is not None
    assert spread.first_article.id == 2


def test_a_story_of_comments_has_no_source_of_its_own() -> None:
    spread = spread_of([told(n, n, kind="comment") for n in range(1, 4)])
    assert (spread.first_article, spread.independent, spread.comments) == (None, 0, 3)


def test_long_chains_and_large_families_are_bounded() -> None:
    chain = [told(1, 0), *(told(n, n, copy_of=n - 1) for n in range(2, 500))]
    [family] = spread_of(chain).families
    assert (len(family.copies), family.size) == (MEMBERS, 498)
