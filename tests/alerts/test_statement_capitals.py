"""A small letter with a mark is no capital: what names nobody must not be held up as a name."""

from __future__ import annotations

import pytest

from alerts.statements.checks import check
from alerts.statements.findings import CheckContext
from langnghe.core.policy.statement_templates import load_templates


def codes(text: str) -> set[tuple[str, str]]:
    context = CheckContext(
        template=load_templates().template("M1"), topics=("an_toan_thuc_pham",), concluded=False,
        headlines=(), allowed=(),
    )  # fmt: skip
    return {(one.severity, one.code) for one in check(text, context)}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Điều đã rõ: bếp ăn đã tạm dừng.", False),
        ("Nhà trường đã báo cơ sở y tế và cửa hàng ở gần trường.", False),
        ("Bữa ăn do bếp ăn Hoa Ban cung cấp.", True),
        ("Bữa ăn do công ty Đồi Sim cung cấp.", True),
    ],
)
def test_only_a_capital_begins_the_name_of_a_firm(text: str, named: bool) -> None:
    assert (("block", "supplier") in codes(text)) is named


def test_a_reported_deed_of_nobody_by_name_is_left_to_the_reviewer() -> None:
    assert ("warn", "blame_reported") in codes("Phụ huynh phản ánh cô giáo đánh học sinh.")
    assert ("block", "blame") in codes("Phụ huynh phản ánh cô giáo Đào đánh học sinh.")
