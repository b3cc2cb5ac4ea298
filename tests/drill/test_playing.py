"""A whole drill over loopback mail on leaping time: played, answered, broken off, read again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from langnghe.core.text import fold
from langnghe.core.watermark import BANNER, FOOTER, HEADER, PREFIX
from langnghe.demo.catcher import Caught, MailCatcher
from langnghe.drill.play import Sheet, read_sheet
from langnghe.drill.report import build, write
from langnghe.web import create_app
from tests.drill.town import ABOVE, CHILD, OWN, START, Rehearsal


@pytest.fixture
def post() -> Iterator[MailCatcher]:
    catcher = MailCatcher()
    catcher.start()
    yield catcher
    catcher.stop()


def smtp(post: MailCatcher) -> dict[str, object]:
    return {"smtp_host": "127.0.0.1", "smtp_port": post.port, "smtp_security": "none"}


def marked(mail: Caught) -> bool:
    plain, html = mail.part("plain"), mail.part("html")
    return (
        str(mail.message["Subject"]).startswith(PREFIX)
        and mail.message[HEADER] == "1"
        and plain.startswith(f"*** {BANNER} ***")
        and FOOTER in plain
        and BANNER in html
        and FOOTER in html
        and "<title>[DIỄN TẬP]" in html
    )


def reached(post: MailCatcher) -> set[str]:
    return {to for mail in post.caught() for to in mail.recipients}


def link_in(mail: Caught) -> str:
    found = next(word for word in mail.part("plain").split() if "/xac-nhan/" in word)
    return found.removeprefix("http://127.0.0.1:8119")


def test_unanswered_it_climbs_but_stays_among_the_schools_own(
    tmp_path: Path, post: MailCatcher
) -> None:
    show = Rehearsal(tmp_path, mode="deliver", **smtp(post))
    show.play()
    mails = post.caught()
    assert len(mails) >= 5, "opened, then up the ladder to the top"
    assert all(marked(mail) for mail in mails)
    assert reached(post) == OWN
    assert not any(fold(CHILD) in fold(m.part("plain") + m.part("html")) for m in mails)
    data = build(show.drill, show.drill.clock.now())
    roles = {m["role"]: m["name"] for m in data["messages"]}
    assert roles["UBND xã (Phòng Văn hóa – Xã hội)"] == "Cô Hiệu trưởng"
    assert data["sums"]["answered"] == 0
    assert data["alerts"][0]["in_time"] is False
    assert any("Chưa ai xác nhận" in line for line in show.said)


def test_superiors_hear_of_it_only_when_asked_for(tmp_path: Path, post: MailCatcher) -> None:
    Rehearsal(tmp_path, mode="deliver", superiors=True, **smtp(post)).play()
    assert reached(post) == OWN | ABOVE


def test_everything_to_one_address(tmp_path: Path, post: MailCatcher) -> None:
    show = Rehearsal(tmp_path, mode="to", redirect="toi@nha.example", **smtp(post))
    show.play()
    assert reached(post) == {"toi@nha.example"}
    assert all(marked(mail) for mail in post.caught())
    assert {str(m.message["To"]) for m in post.caught()} == {"toi@nha.example"}
    said = "\n".join(m.part("plain") for m in post.caught())
    assert all(f"Trong kịch bản, thư này gửi tới: {own}" in said for own in OWN)


def test_a_dry_run_sends_nothing_and_shows_the_links(tmp_path: Path, post: MailCatcher) -> None:
    show = Rehearsal(tmp_path, mode="dry", **smtp(post))
    show.play()
    assert post.caught() == []
    told = [line for line in show.said if "(không gửi)" in line]
    assert len(told) >= 5
    assert all("/xac-nhan/" in line and PREFIX in line for line in told)


def test_a_link_answers_in_time_and_the_clock_says_so(tmp_path: Path, post: MailCatcher) -> None:
    show = Rehearsal(tmp_path, mode="deliver", **smtp(post))
    show.play(until=8)
    web = TestClient(create_app(show.drill.services))
    first = next(m for m in post.caught() if m.recipients == ("thuky@suoimo.example",))
    page = web.get(link_in(first))
    assert "DIỄN TẬP – sự việc không có thật" in page.text
    assert web.post(link_in(first)).status_code == 200
    show.drill.stopped = False
    show.play()
    [line] = [said for said in show.said if "đã nhận" in said]
    assert line.startswith("T+00:")
    assert line.endswith("Thầy Thư ký đã nhận (hạn T+00:15:00) ✓")
    data = write(show.drill, show.drill.clock.now())
    assert data["alerts"][0]["by"] == "Thầy Thư ký"
    assert data["alerts"][0]["in_time"] is True
    assert data["messages"][0]["in_time"] is True
    assert data["expect"] == [
        {"level": "Đỏ", "by": "T+00:20:00", "what": "", "reached": "T+00:00:00", "ok": True}
    ]
    assert data["masking"] == {"traps": 1, "leaks": 0}
    assert not any("Chưa ai xác nhận" in said for said in show.said)
    folder = show.drill.folder
    assert json.loads((folder / "bao-cao.json").read_text("utf-8"))["sums"]["in_time"] == 1
    for kind in ("md", "html"):
        text = (folder / f"bao-cao.{kind}").read_text("utf-8")
        assert text.count(BANNER) == 2
        assert "Thầy Thư ký" in text
        assert "✓ đúng hạn" in text
        assert CHILD not in text


def test_the_first_statement_is_timed(tmp_path: Path) -> None:
    from alerts.carry import Office
    from alerts.incidents import Evidence, acknowledge, complete_step

    show = Rehearsal(tmp_path)
    show.play(until=10)
    store, at = show.drill.services.store, START + timedelta(minutes=10)
    acknowledge(store, 1, "thuky@suoimo.example", at)
    services = show.drill.services
    office = Office(services.policy, services.profile, services.settings)
    proof = Evidence(note="Đã duyệt", link="https://suoimo.example/tin/1", document="05/TB")
    who = "hieutruong@suoimo.example"
    complete_step(store, office, 1, "B08", who, at + timedelta(minutes=30), proof)
    said = build(show.drill, at + timedelta(minutes=60))["statement"]
    assert said == {"done": True, "at": "T+00:40:00", "after": "00:40:00",
                    "by": "Cô Hiệu trưởng", "in_time": True}  # fmt: skip


def test_broken_off_it_goes_on_where_it_stopped(tmp_path: Path, post: MailCatcher) -> None:
    whole = Rehearsal(tmp_path / "a", mode="deliver", **smtp(post))
    whole.play()
    straight = [m.message["Message-ID"] for m in post.caught()]
    folder = tmp_path / "b" / "drills" / "thu"
    sheet: Sheet | None = None
    for until in (25.0, 50.0, None):
        show = Rehearsal(tmp_path / "b", mode="deliver", folder=folder, sheet=sheet, **smtp(post))
        show.play(until=until)
        show.drill.services.store.close()
        sheet = read_sheet(folder)
        assert sheet.at is not None
    assert sheet is not None
    assert sheet.next == 3
    broken = [m.message["Message-ID"] for m in post.caught()][len(straight) :]
    assert broken == straight
    assert any("tiếp tục" in line for line in show.said)
