"""A claim beside its answers: by kind of harm, by released corrections, and what came after."""

from __future__ import annotations

from datetime import timedelta

from alerts.chronicle.rumours import Given, rumours_of
from tests.alerts.chronicle.stories import HOUR, T0, told

DEAD = (("dead", 1.0, "1 em tử vong"),)


def given(hours: float, matter: str, number: int = 9) -> Given:
    return Given(number, T0 + hours * HOUR, "Đính chính", matter, "Trường TH Suối Mơ")


def test_a_denied_harm_stands_beside_its_denial() -> None:
    [rumour] = rumours_of([
        told(1, 0, "Học sinh nhập viện"),
        told(2, 1, "Có em tử vong", facts=DEAD),
        told(3, 2, "Có em tử vong", facts=DEAD, copy_of=2),
        told(4, 3, "Công an bác tin học sinh tử vong", stance="deny", speakers=("police",)),
        told(5, 3.5, "Công an bác tin học sinh tử vong", stance="deny", copy_of=4),
        told(6, 4, "Có em tử vong", facts=DEAD, copy_of=2),
        told(7, 5, "Nghe nói tử vong", facts=DEAD, kind="comment", stance="comment"),
    ])  # fmt: skip
    assert (rumour.kind, rumour.claim.id, rumour.before) == ("dead", 2, 2)
    assert (rumour.after, rumour.copies, rumour.last_at) == (2, 1, T0 + 5 * HOUR)
    [answer] = rumour.answers  # a copy of a denial is no second denial
    assert answer.source is not None
    assert (answer.source.id, answer.by, answer.delay) == (4, ("police",), 2 * HOUR)


def test_a_correction_goes_to_the_claim_it_speaks_of() -> None:
    mentions = [told(1, 0, "Học sinh nhập viện"), told(2, 1, "Có em tử vong", facts=DEAD)]
    [rumour] = rumours_of(mentions, [given(2, "học sinh tử vong sau bữa trưa")])
    assert (rumour.kind, rumour.claim.id, rumour.after) == ("dead", 2, 0)
    [rumour] = rumours_of(mentions, [given(2, "bữa ăn bán trú")])
    assert (rumour.kind, rumour.claim.id) == ("", 1)


def test_an_answer_heard_before_the_claim_still_stands_beside_it() -> None:
    [rumour] = rumours_of([
        told(1, 0, "Công an bác tin học sinh tử vong", stance="deny"),
        told(2, 1, "Có em tử vong", facts=DEAD),
    ])  # fmt: skip
    assert (rumour.before, rumour.after) == (0, 1)
    assert rumour.answers[0].delay == timedelta(0)


def test_nothing_answered_and_nothing_claimed() -> None:
    assert rumours_of([told(1, 0, "Phụ huynh hỏi về quỹ lớp")]) == ()
    assert rumours_of([told(1, 0, "Trường bác tin học sinh tử vong", stance="deny")]) == ()
