"""The incident page: ten seconds first, steps folded, every act and its refusal in plain words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient

from langnghe.core.store import tables as t
from tests.alerts.test_incident_files import PNG
from tests.conftest import NOW, count
from tests.webhouse import WebHouse, csrf, post

PDF = b"%PDF-1.7 bien ban"


def ready(house: WebHouse, **more: Any) -> int:
    return house.incident(acknowledged_at=NOW, acknowledged_by="Đ/c", state="responding", **more)


def send(client: TestClient, path: str, file: tuple[str, bytes] | None, **fields: str) -> Any:
    """Send a form with a file the way a browser does."""
    place = fields.pop("place", "")
    data = {"csrf": csrf(client.get(path).text), **fields}
    given = {f"tep.{place}": (*file, "text/html")} if file else None
    return client.post(f"{path}/viec", data=data, files=given)


def test_steps_are_folded_but_the_overdue_and_the_next_ones(house: WebHouse) -> None:
    number = ready(house)
    with house.store.write() as session:
        for place in range(3, 23):
            session.add(
                t.StepRow(incident_id=number, code=f"C{place:02}", position=place, role="officer",
                          title=f"Việc thứ {place}", due_at=NOW + timedelta(hours=place))
            )  # fmt: skip
    house.clock.move_to(NOW + timedelta(hours=1, minutes=30))
    page = house.browser().get(f"/vu-viec/{number}").text
    open_part = page[page.index('id="h-steps"') : page.index("Các việc sau")]
    assert "(1 việc quá hạn)" in open_part
    assert open_part.count("○") == 3
    assert "Các việc sau (19)" in page.replace("</summary>", "").replace("<summary>", "")
    assert page.index("Phụ trách") < page.index('id="ly-do"')


def test_evidence_goes_with_a_step_and_is_never_shown_inline(house: WebHouse) -> None:
    number = ready(house)
    client, path = house.browser(), f"/vu-viec/{number}"
    refused = send(client, path, None, code="B02")
    assert refused.status_code == 422
    assert "cần bằng chứng" in refused.text
    answer = send(
        client, path, ("hiện trường.png", PNG), place="B02", code="B02",
        **{"note.B02": "Đã sơ cứu", "so.B02": "02/BB", "luc.B02": "2026-11-23T08:30"},
    )  # fmt: skip
    assert answer.headers["location"] == f"{path}?xong=hoan-thanh"
    send(client, path, ("bao-cao.pdf", PDF), place="", **{"note.": "bản <b>ký</b>"})
    page = client.get(path).text
    for text in ("hiện trường.png", "có mặt trẻ em: chỉ lưu", "Đã sơ cứu", "02/BB",
                 "23/11/2026 08:30", "bản &lt;b&gt;ký"):  # fmt: skip
        assert text in page
    assert "<img" not in page[page.index("<main") :]
    assert client.get(f"{path}/tep/1").status_code == 403
    saved = client.get(f"{path}/tep/2")
    assert saved.content == PDF
    assert saved.headers["content-disposition"].startswith("attachment;")
    assert saved.headers["content-type"] == "application/octet-stream"
    opened = post(client, f"{path}/tep/1", page=path, reason="Công an xã yêu cầu")
    assert b"GPS" not in opened.content
    assert opened.content.startswith(b"\x89PNG")
    assert post(client, f"{path}/tep/1", page=path, reason="").status_code == 422
    post(client, f"{path}/tep/2/rut", page=path, reason="Nhầm tệp rồi")
    assert "Nhầm tệp rồi" in client.get(path).text
    assert client.get(f"{path}/tep/2").status_code == 403
    assert house.browser("analyst").get(f"{path}/tep/2").status_code == 403
    theirs = house.browser("of_a")
    other = house.incident(unit="th_b")
    assert theirs.get(f"/vu-viec/{other}/tep/1").status_code == 404


def test_a_form_with_a_file_is_refused_to_strangers_and_without_its_token(house: WebHouse) -> None:
    number = ready(house)
    path = f"/vu-viec/{number}/viec"
    files = {"tep.": ("a.pdf", PDF, "application/pdf")}
    assert house.anyone().post(path, files=files).status_code == 401
    assert house.browser("analyst").post(path, files=files).status_code == 403
    assert house.browser().post(path, files=files, data={"csrf": "x" * 32}).status_code == 403
    theirs = house.browser("of_a")
    other = house.incident(unit="th_b")
    token = csrf(theirs.get("/").text)
    answer = theirs.post(f"/vu-viec/{other}/viec", files=files, data={"csrf": token})
    assert answer.status_code == 404
    assert count(house.store, "attachment") == 0


def test_from_conclusion_to_closing_and_back(house: WebHouse) -> None:
    number = ready(house, level=1)
    client, path = house.browser(), f"/vu-viec/{number}"

    def act(name: str, **fields: str) -> str:
        answer = post(client, f"{path}/{name}", page=path, **fields)
        assert answer.status_code == 303, (name, answer.text)
        return client.get(answer.headers["location"]).text

    assert "Đã giao người phụ trách." in act("phu-trach", owner="user:2")
    assert "<dd>Đ/c principal</dd>" in client.get(path).text
    page = act("ket-luan", outcome="sai_su_that", by="Công an xã", reason="Tin bịa đặt hoàn toàn",
               at="2026-11-23T07:30")  # fmt: skip
    for text in ("Sai sự thật", "Công an xã", "23/11/2026 07:30", "sai sự thật"):
        assert text in page
    page = act("rut-kinh-nghiem", **{"muc.dieu_tot": "Đính chính trong 2 giờ"})
    assert ">Đính chính trong 2 giờ</textarea>" in page
    assert "bản 1, Đ/c officer" in page
    assert "đã đóng" in act("dong", reason="Đã đính chính, đã trả lời")
    assert "Tiếp nhận</button>" not in client.get(path).text
    page = act("mo-lai", reason="Phụ huynh có đơn mới")
    assert "mở lại" in page
    assert "Tiếp nhận</button>" in page


def test_closing_too_early_names_what_is_missing(house: WebHouse) -> None:
    number = house.incident(level=3)
    path = f"/vu-viec/{number}"
    page = house.browser().get(path).text
    assert "Còn thiếu:" in page
    assert "chưa ai tiếp nhận" in page
    assert f'action="{path}/dong"' not in page
    officer, head = house.browser(), house.browser("principal")
    assert post(officer, f"{path}/dong", page=path, reason="Xong cả rồi").status_code == 409
    forced = {"reason": "Báo nhầm đơn vị khác", "som": "true"}
    assert post(officer, f"{path}/dong", page=path, **forced).status_code == 403
    assert 'name="som"' in head.get(path).text
    assert post(head, f"{path}/dong", page=path, **forced).status_code == 303


def test_merging_on_the_page(house: WebHouse) -> None:
    one, two = ready(house, title="Việc một"), ready(house, title="Việc hai")
    client = house.browser("of_a")
    theirs = ready(house, title="Việc trường khác", unit="th_b")
    page = client.get(f"/vu-viec/{one}").text
    assert f'<option value="{two}">{two}. Việc hai' in page
    assert "Việc trường khác" not in page
    path = f"/vu-viec/{one}"
    gone = post(client, f"{path}/gop", page=path, vao=str(theirs), reason="cùng sự việc")
    assert gone.status_code == 404
    answer = post(client, f"{path}/gop", page=path, vao=str(two), reason="cùng sự việc")
    assert answer.headers["location"] == f"/vu-viec/{two}?xong=gop-vu"
    assert f'<a href="{path}">{one}. Việc một</a>' in client.get(f"/vu-viec/{two}").text
    page = client.get(path).text
    assert f'<a href="/vu-viec/{two}">vụ việc số {two}</a>' in page
    assert "Mở lại vụ việc" not in page
    answer = post(client, f"{path}/bo-gop", page=path, reason="hai việc khác nhau")
    assert answer.status_code == 303
    assert "đang ứng phó" in client.get(path).text


def test_only_pages_that_are_there_are_linked(house: WebHouse) -> None:
    number = house.incident()
    client = house.browser()
    page = client.get(f"/vu-viec/{number}").text
    for path in ("phat-ngon", "ho-so", "thong-bao"):
        address = f"/vu-viec/{number}/{path}"
        assert (f'href="{address}"' in page) is (client.get(address).status_code == 200)
    there = client.get("/bao-cao").status_code == 200
    assert (f'href="/bao-cao?vu_viec={number}"' in page) is there
