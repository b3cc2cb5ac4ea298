"""Two people at one incident or statement: the second is told, nothing is lost or overwritten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from alerts.since import Change, ChangedError, check_since, told_apart
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from tests.conftest import NOW
from tests.dashboards.test_kept_forms import fields_of
from tests.speaking import SpeakHouse
from tests.webhouse import WebHouse, csrf


@pytest.fixture
def house(store: Store, tmp_path: Path) -> SpeakHouse:
    return SpeakHouse(store, tmp_path)


def opened(client: TestClient, path: str) -> dict[str, str]:
    """Return what every form of a page carries: its token and what it was made from."""
    page = client.get(path).text
    seen = re.search(r'name="ban" value="(\d+)"', page)
    assert seen, "the form does not say what it was made from"
    return {"csrf": csrf(page), "ban": seen[1]}


def ready(house: WebHouse) -> int:
    return house.incident(acknowledged_at=NOW, acknowledged_by="Đ/c", state="responding")


ACTS = {
    "xac-minh": {"verification": "partly", "reason": "Đã gặp gia đình hai bên"},
    "muc": {"level": "3", "reason": "Có thêm học sinh vào viện"},
    "ket-luan": {"outcome": "sai_su_that", "by": "Công an xã", "reason": "Tin bịa đặt hoàn toàn"},
    "rut-kinh-nghiem": {"muc.dieu_tot": "Đính chính trong 2 giờ"},
}
OTHERS = {
    "xac-minh": {"verification": "false", "reason": "Công an xã đã trả lời"},
    "muc": {"level": "1", "reason": "Các em đã về nhà, khỏe mạnh"},
    "ket-luan": {"outcome": "mot_phan", "by": "UBND xã", "reason": "Có sai sót ở khâu bảo quản"},
    "rut-kinh-nghiem": {"muc.dieu_tot": "Báo gia đình trước báo chí"},
}


@pytest.mark.parametrize("act", list(ACTS))
def test_the_second_is_told_what_changed_and_by_whom(house: SpeakHouse, act: str) -> None:
    path = f"/vu-viec/{ready(house)}"
    first, second = house.browser("officer"), house.browser("principal")
    old = opened(second, path)
    assert first.post(f"{path}/{act}", data=opened(first, path) | OTHERS[act]).status_code == 303
    refused = second.post(f"{path}/{act}", data=old | ACTS[act])
    assert refused.status_code == 409
    assert "Đ/c officer" in refused.text
    assert "Ai đã thay đổi gì" in refused.text
    fields = fields_of(refused.text)
    assert fields.items() >= ACTS[act].items(), "the words of the second are all there"
    assert int(fields["ban"]) > int(old["ban"])
    sent = second.post(f"{path}/{act}", data=fields)
    assert sent.status_code == 303, "who has read the change may carry on"


def test_what_the_machine_or_others_did_elsewhere_stops_nobody(house: SpeakHouse) -> None:
    number = ready(house)
    path = f"/vu-viec/{number}"
    second = house.browser("principal")
    old = opened(second, path)
    house.event(number, "Điểm rủi ro từ 50 thành 61.")
    first = house.browser("officer")
    first.post(f"{path}/phu-trach", data=opened(first, path) | {"owner": "user:2"})
    assert second.post(f"{path}/xac-minh", data=old | ACTS["xac-minh"]).status_code == 303


def test_evidence_of_one_step_is_not_overwritten(house: SpeakHouse) -> None:
    path = f"/vu-viec/{ready(house)}"
    first, second = house.browser("officer"), house.browser("principal")
    old = opened(second, path)
    mine = {"luu": "B02", "so.B02": "12/BB"}
    assert first.post(f"{path}/viec", data=opened(first, path) | mine).status_code == 303
    refused = second.post(f"{path}/viec", data=old | {"luu": "B02", "so.B02": "99/BC"})
    assert refused.status_code == 409
    assert "12/BB" in house.browser().get(path).text
    assert (
        second.post(f"{path}/viec", data=old | {"luu": "B01", "so.B01": "1/X"}).status_code == 303
    )
    assert second.post(f"{path}/viec", data=fields_of(refused.text)).status_code == 303


def test_a_program_may_say_what_it_has_seen(house: SpeakHouse) -> None:
    number = ready(house)
    api = house.api()
    way = f"/incidents/{number}"
    seen = max(event["id"] for event in api.get(way).json()["events"])
    body = {"verification": "partly", "reason": "Đã gặp gia đình", "seen": seen}
    assert api.post(f"{way}/verification", json=body).status_code == 200
    refused = api.post(f"{way}/verification", json=body | {"verification": "false"})
    assert refused.status_code == 409
    assert "Đ/c officer" in refused.json()["title"] + str(refused.json())
    del body["seen"]
    assert api.post(f"{way}/verification", json=body).status_code == 200, "saying so is no duty"


def test_the_second_editor_of_a_text_keeps_theirs_and_reads_the_other(house: SpeakHouse) -> None:
    number = house.drafted()
    way = f"/phat-ngon/{number}"
    row = house.statement(number)
    first, second = house.browser("staff_a"), house.browser("head_a")
    old = opened(second, way) | {"version": "1"}
    new = opened(first, way) | {"version": "1", "title": row.title}
    said = row.text + "\n\nNhà trường trực điện thoại đến 21 giờ."
    assert first.post(f"{way}/sua", data=new | {"text": said}).status_code == 303
    mine = row.text + "\n\nBan đại diện cha mẹ học sinh đã dự họp."
    refused = second.post(f"{way}/sua", data=old | {"title": row.title, "text": mine})
    assert refused.status_code == 409
    assert "Đ/c staff_a" in refused.text
    assert "Thêm: «Nhà trường trực điện thoại đến 21 giờ.»" in refused.text
    fields = fields_of(refused.text)
    assert fields["text"] == mine, "empty lines and all"
    assert fields["version"] == "2"
    assert house.statement(number).text.endswith("21 giờ."), "nothing is overwritten unseen"
    assert second.post(f"{way}/sua", data=fields).status_code == 303
    assert house.statement(number).version == 3


def test_an_approval_given_meanwhile_is_not_undone_unseen(house: SpeakHouse) -> None:
    number = house.drafted()
    way = f"/phat-ngon/{number}"
    row = house.statement(number)
    staff, head = house.browser("staff_a"), house.browser("head_a")
    token = csrf(staff.get(way).text)
    staff.post(f"{way}/trinh", data={"csrf": token, "version": "1"})
    old = opened(staff, way) | {"version": "1", "title": row.title, "text": row.text + " Thêm ý."}
    assert head.post(f"{way}/duyet", data=opened(head, way) | {"version": "1"}).status_code == 303
    refused = staff.post(f"{way}/sua", data=old)
    assert refused.status_code == 409
    assert "Đ/c head_a" in refused.text
    assert house.statement(number).state == "approved"


@pytest.mark.parametrize("act", ["duyet", "dang", "trinh", "tra-lai"])
def test_nobody_vouches_for_words_they_have_not_read(house: SpeakHouse, act: str) -> None:
    """The refusal shows the change, and offers no form that would approve or release it."""
    number = house.approved() if act == "dang" else house.drafted()
    way, head = f"/phat-ngon/{number}", house.browser("head_a")
    form = opened(head, way) | {"version": "1", "kenh": "website", "note": "Thêm lời chia sẻ",
                                "url.website": "https://suoimo.example/1"}  # fmt: skip
    staff, row = house.browser("staff_a"), house.statement(number)
    change = opened(staff, way) | {
        "version": "1",
        "title": row.title,
        "text": row.text + " Ý khác.",
    }
    assert staff.post(f"{way}/sua", data=change).status_code == 303
    refused = head.post(f"{way}/{act}", data=form)
    assert refused.status_code == 409
    if act != "dang":  # a release hears first that the approval is gone
        assert "Đ/c staff_a" in refused.text
    again = refused.text.count("Gửi lại</button>")
    assert again == (1 if act == "dang" else 0)
    if again:
        assert fields_of(refused.text)["version"] == "1", "never moved to the unread version"
        assert head.post(f"{way}/{act}", data=fields_of(refused.text)).status_code == 409
    assert house.statement(number).state == "draft"


def test_the_check_is_of_numbers_alone() -> None:
    changes = [Change(7, NOW, "A", "sửa"), Change(9, NOW, "B", "sửa tiếp")]
    for seen in (None, 9, 10**18):
        check_since("Việc", seen, changes, {"ban": 9})
    with pytest.raises(ChangedError) as told:
        check_since("Việc", 7, changes, {"ban": 9})
    assert [one.by for one in told.value.changes] == ["B"]
    assert told.value.status == 409


def test_texts_are_told_apart_by_sentences() -> None:
    assert told_apart("Một. Hai.", "Một. Ba.") == ("Bỏ: «Hai.»", "Thêm: «Ba.»")
    assert told_apart("Một.", "Một.") == ()
    many = told_apart("", " ".join(f"Câu {n}." for n in range(30)))
    assert many[-1] == "và 22 chỗ khác"


def test_rechecking_stores_nothing_and_keeps_what_is_typed(house: SpeakHouse) -> None:
    number = house.drafted()
    way, staff = f"/phat-ngon/{number}", house.browser("staff_a")
    form = opened(staff, way) | {
        "version": "1",
        "title": "Thông tin",
        "text": "Trường sẽ đuổi học em này.",
    }
    page = staff.post(f"{way}/soat", data=form)
    assert page.status_code == 200
    assert "Soát bản đang gõ, chưa lưu." in page.text
    assert re.search(r'<mark class="block"[^>]*><a [^>]*>đuổi học', page.text)
    assert "Trường sẽ đuổi học em này.</textarea>" in page.text
    assert f'action="{way}/trinh"' not in page.text, "what is not stored is not submitted"
    part = staff.post(f"{way}/soat", data=form | {"phan": "1"}).text
    assert part.count("data-checked") == 2
    assert "<html" not in part
    assert house.statement(number).version == 1
    assert house.browser("reader_a").post(f"{way}/soat", data=form).status_code == 403
    other = house.browser("head_b")
    assert (
        other.post(f"{way}/soat", data=form | {"csrf": csrf(other.get("/").text)}).status_code
        == 404
    )
    done = house.approved()
    head = house.browser("head_a")
    head.post(f"/phat-ngon/{done}/dang", data={"csrf": csrf(head.get("/").text), "version": "1",
                                               "kenh": "website"})  # fmt: skip
    late = staff.post(f"/phat-ngon/{done}/soat", data=form)
    assert late.status_code == 422
    with house.store.read() as session:
        assert session.get_one(t.StatementRow, done).state == "released"
