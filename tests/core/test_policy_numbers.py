"""A number that no calendar can hold is refused with the playbook, not in the first incident."""

from __future__ import annotations

from pathlib import Path

import pytest

from langnghe.core.errors import PolicyError
from langnghe.core.policy.loader import check_policy, load_policy

PACKAGED = Path(__file__).parents[2] / "langnghe/core/policy/playbook.yaml"


@pytest.mark.parametrize(
    ("field", "number"),
    [("ack_minutes", "1000000000000"), ("quiet_close_hours", "1e12"), ("attach_days", "9000000"),
     ("ack_minutes", "600000")],
)  # fmt: skip
def test_a_number_beyond_the_calendar_is_refused(tmp_path: Path, field: str, number: str) -> None:
    text = PACKAGED.read_text("utf-8")
    start = text.index(f"{field}: ") + len(field) + 2
    end = min(text.index(sign, start) for sign in "\n,}" if sign in text[start:])
    path = tmp_path / "playbook.yaml"
    path.write_text(text[:start] + number + text[end:], "utf-8")
    with pytest.raises(PolicyError, match=field):
        load_policy(path)


def test_the_packaged_playbook_keeps_within_it() -> None:
    check_policy()
