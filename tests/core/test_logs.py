"""A log line never carries what a mention says, not even inside a database's error."""

from __future__ import annotations

import json

import pytest
import structlog

from langnghe.core.logs import set_up_logs

ROW = "duplicate key\nDETAIL:  Failing row contains (7, em Giàng Thị Mận lớp 5A3)."


@pytest.mark.parametrize("as_json", [True, False])
def test_the_row_of_a_broken_constraint_is_left_out(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(json=as_json)
    secret = "mật khẩu trong biến"
    try:
        raise ValueError(ROW)
    except ValueError:
        structlog.get_logger().exception("stage_broke", stage="keep")
    said = capsys.readouterr().err
    assert "duplicate key" in said
    assert "Mận" not in said
    assert secret not in said  # no local variables
    if as_json:
        assert json.loads(said)["stage"] == "keep"


def test_lines_follow_standard_error_wherever_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs()
    structlog.get_logger().warning("first")
    assert "first" in capsys.readouterr().err
    structlog.get_logger().warning("second")
    assert "second" in capsys.readouterr().err
