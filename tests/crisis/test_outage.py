"""The same crisis while the mail server is dead for 40 minutes: late, but nothing is missed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from langnghe.core.store import tables as t
from langnghe.core.store.delivery import channel_troubles
from tests.crisis.house import MINUTE, CrisisHouse, differences
from tests.crisis.post import Told
from tests.crisis.script import HOMEROOM, ITEMS, OFFICER, PRINCIPAL, SO, VHXH
from tests.crisis.town import AN, HANH, PHONG, THAO, told_at

# Heard of at 14:00, no mail from 14:10 to 14:50. The rung of 14:15 is Cô Hạnh, who has e-mail
# only. What fails is tried again after 30 seconds, then 1, 2, 4, 8 … minutes; the news of
# 14:40 at 14:41, 14:42, then every other minute: by 14:51 everything that waits goes.
MAILS = [
    Told("1 14:00", 1, "mới", "Đỏ", HANH, PRINCIPAL),
    Told("1 14:00", 1, "mới", "Đỏ", AN, OFFICER),
    Told("1 14:00", 1, "mới", "Đỏ", THAO, VHXH),
    Told("1 14:00", 1, "mới", "Đỏ", PHONG, SO),
    Told("1 14:51", 1, "báo lên", "Đỏ", HANH, PRINCIPAL),
    Told("1 14:51", 1, "diễn biến", "Đỏ", AN, OFFICER),
    Told("1 14:51", 1, "diễn biến", "Đỏ", PHONG, SO),
    Told("1 15:00", 1, "báo lên", "Đỏ", PHONG, SO),
    # Taken up at 15:05: from here on the steps that are reminded of, after 15, 30, 30, 120 minutes.
    Told("1 15:20", 1, "nhắc việc", "Đỏ", HANH, PRINCIPAL),
    Told("1 15:35", 1, "nhắc việc", "Đỏ", HANH, PRINCIPAL),
    Told("1 15:35", 1, "nhắc việc", "Đỏ", AN, HOMEROOM),
    Told("1 17:05", 1, "nhắc việc", "Đỏ", HANH, PRINCIPAL),
]
# The commune has a telephone as well: asked there in the minute in which mail fails.
SMS = [("1 14:30", "84912345678"), ("1 14:40", "84912345678")]
LATE = [
    ("1 14:15", "1 14:51", HANH), ("1 14:30", "1 14:30", THAO), ("1 14:40", "1 14:40", THAO),
    ("1 14:40", "1 14:51", AN), ("1 14:40", "1 14:51", PHONG),
]  # fmt: skip


def test_a_dead_mail_server_delays_and_loses_nothing(
    open_at: Callable[[str], CrisisHouse], httpserver: HTTPServer
) -> None:
    house = open_at("1 13:59")
    taken: list[tuple[str, str, str]] = []

    def provider(request: Request) -> Response:
        said = json.loads(request.get_data())
        taken.append((told_at(house.clock.now()), said["to"], said["text"]))
        return Response("OK")

    httpserver.expect_request("/sms").respond_with_handler(provider)
    hear(house, "1 14:00", "nhap vien")
    house.until("1 14:10", every=MINUTE)
    house.post.die()
    house.until("1 14:39", every=MINUTE)
    with house.store.read() as session:
        [trouble] = channel_troubles(session)
    assert (trouble.channel, told_at(trouble.since), trouble.waiting) == ("email", "1 14:15", 1)
    hear(house, "1 14:40", "15 em")
    house.until("1 14:50", every=MINUTE)
    house.post.live()
    house.until("1 15:05", every=MINUTE)
    with house.store.read() as session:
        assert channel_troubles(session) == []
    assert [(when, to) for when, to, _ in taken] == SMS
    found = re.search(r"https://\S+", taken[0][2])
    assert found, taken
    assert house.web.post(urlsplit(found[0]).path).status_code == 200
    assert house.incident().acknowledged_by == THAO
    house.until("1 17:30", MAILS)
    wrong = differences(MAILS, house.told())
    assert not wrong, f"thư đã nhận khác bảng:\n{wrong}"
    assert sorted(house.late()) == sorted(LATE)
    in_order(house)


def hear(house: CrisisHouse, when: str, key: str) -> None:
    source, title, text, kind = ITEMS[key]
    house.hear(when, source, title, text, kind=kind)


def in_order(house: CrisisHouse) -> None:
    """Each person got the letters in the order they were written, and one of each."""
    written = [row.message_id for row in house.rows(t.OutboxRow)]
    for person in (HANH, AN, THAO, PHONG):
        got = [
            written.index(str(letter.message["Message-ID"]))
            for letter in house.post.letters
            if letter.told.person == person
        ]
        assert got == sorted(set(got)), person
    assert {row.state for row in house.rows(t.OutboxRow)} == {"sent"}
    # The rung that waited says what became known meanwhile.
    rung = next(one for one in house.post.letters if one.told.minute == "1 14:51")
    assert "15 em nhập viện" in rung.plain
