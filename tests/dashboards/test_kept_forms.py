"""Nothing that was typed is lost: not by an ended session, an old tab, a refusal or a huge file."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from dashboards.kept import MAX_CHARS, Kept, keep, pack, unpack
from langnghe.core.store import tables as t
from tests.conftest import count
from tests.webhouse import PASSWORD, WebHouse, csrf

WORDS = "Gia đình em <b>đã</b> được báo.\n\nNhà trường sẽ cập nhật lúc 17 giờ."
FORM = {"verification": "partly", "reason": WORDS}


def fields_of(page: str) -> dict[str, str]:
    """Return what the page's last form would send, the way a browser reads it."""
    form = page[page.rindex("<form", 0, page.index("Gửi lại</button>")) :]
    form = form[: form.index("</form>")]
    found = {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    }
    for name, value in re.findall(
        r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        found[html.unescape(name)] = html.unescape(value.removeprefix("\n"))
    return found


def log_in_again(client: TestClient, page: str) -> str:
    form = page[page.index('action="/dang-nhap"') :]
    carried = re.search(r'name="giu" value="([^"]*)"', form)
    fields = {"csrf": csrf(form), "username": "officer", "password": PASSWORD, "tiep": "/"}
    if carried:
        fields["giu"] = html.unescape(carried[1])
    answer = client.post("/dang-nhap", data=fields)
    assert answer.status_code == (200 if carried else 303)
    return answer.text


def test_an_ended_session_costs_no_word_and_nothing_is_sent_by_itself(house: WebHouse) -> None:
    path = f"/vu-viec/{house.incident()}/xac-minh"
    client = house.browser()
    token = csrf(client.get("/").text)
    house.clock.move_to(house.clock.now() + timedelta(hours=13))
    lost = client.post(path, data={"csrf": token, **FORM})
    assert lost.status_code == 401
    assert "Nội dung bạn đang gửi vẫn còn" in lost.text
    wrong = client.post(
        "/dang-nhap",
        data={"csrf": csrf(lost.text), "username": "officer", "password": "sai-bét-rồi",
              "giu": html.unescape(re.findall(r'name="giu" value="([^"]*)"', lost.text)[0])},
    )  # fmt: skip
    assert wrong.status_code == 401
    page = log_in_again(client, wrong.text)
    assert count(house.store, "incident_event") == 1, "signing in sends nothing"
    assert "vẫn còn dưới đây" in page
    assert "<b>đã</b>" not in page
    assert "xác minh một phần" in page, "choices are shown too"
    fields = fields_of(page)
    assert fields["reason"] == WORDS
    assert fields["csrf"] != token
    sent = client.post(path, data=fields)
    assert sent.headers["location"].endswith("?xong=xac-minh")
    with house.store.read() as session:
        assert session.get_one(t.IncidentRow, 1).verification == "partly"


def test_an_old_tab_gets_its_words_back_with_a_fresh_token(house: WebHouse) -> None:
    path = f"/vu-viec/{house.incident()}/xac-minh"
    client = house.browser()
    stale = client.post(path, data={"csrf": "x" * 32, **FORM})
    assert stale.status_code == 403
    assert count(house.store, "incident_event") == 1
    assert client.post(path, data=fields_of(stale.text)).status_code == 303
    bare = client.post(f"/vu-viec/{house.incident()}/tiep-nhan", data={"csrf": "x"})
    assert bare.status_code == 403
    assert client.post("/vu-viec/2/tiep-nhan", data=fields_of(bare.text)).status_code == 303


def test_a_refused_field_keeps_the_others(house: WebHouse) -> None:
    path = f"/vu-viec/{house.incident()}/ket-luan"
    client = house.browser()
    token = csrf(client.get("/").text)
    form = {"outcome": "sai_su_that", "by": "Công an xã", "reason": WORDS, "at": "hôm qua"}
    refused = client.post(path, data={"csrf": token, **form})
    assert refused.status_code == 422
    assert "Ngày giờ không đúng" in refused.text
    fields = fields_of(refused.text)
    assert (fields["by"], fields["reason"], fields["outcome"]) == (
        "Công an xã",
        WORDS,
        "sai_su_that",
    )
    unread = client.post("/vu-viec/1/muc", data={"csrf": token, "level": "nhiều", "reason": WORDS})
    assert unread.status_code == 422
    assert fields_of(unread.text)["reason"] == WORDS


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://x.example"}]
)
def test_another_site_s_form_is_handed_to_nobody(house: WebHouse, headers: dict[str, str]) -> None:
    path = f"/vu-viec/{house.incident()}/xac-minh"
    for client in (house.browser(), house.anyone()):
        answer = client.post(path, data={"csrf": "x", **FORM}, headers=headers)
        assert answer.status_code == 403
        assert "Gửi lại</button>" not in answer.text
        assert "Gia đình em" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["https://xau.example/", "//xau.example/vu-viec/1/muc", "/api/v1/incidents/1/acknowledge",
     "/khong-co", "/dang-xuat", "/ngon-ngu", "/vu-viec/1", "/vu-viec/1/muc\n"],
)  # fmt: skip
def test_a_forged_carried_form_leads_nowhere(house: WebHouse, path: str) -> None:
    house.incident()
    client = house.anyone()
    fields = {
        "csrf": csrf(client.get("/dang-nhap").text), "username": "officer", "password": PASSWORD,
        "giu": json.dumps([path, [["reason", "chiếm quyền"]], [], False]),
    }  # fmt: skip
    answer = client.post("/dang-nhap", data=fields)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"


def test_secrets_and_files_are_never_carried(house: WebHouse) -> None:
    kept = keep("/nguoi-dung", [("ten", "Cô Suối"), ("password", "bi-mat"), ("csrf", "x"),
                                ("mat_khau_moi", "bi-mat"), ("tep", object())])  # fmt: skip
    assert kept.fields == (("ten", "Cô Suối"),)
    assert kept.files == ("tep",)
    assert kept.secret
    assert "bi-mat" not in pack(kept)


def test_what_is_too_long_is_said_and_the_rest_is_kept() -> None:
    kept = keep("/x", [("note", "n" * MAX_CHARS), ("text", "t"), ("reason", "ngắn")])
    assert kept.cut
    assert kept.fields == (("note", "n" * MAX_CHARS),)


@given(st.text(max_size=300) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_a_carried_text_of_any_kind_is_read_or_passed_over(text: str) -> None:
    found = unpack(text)
    assert found is None or all(isinstance(v, str) for pair in found.fields for v in pair)


@given(st.lists(st.tuples(st.sampled_from(["reason", "o.x", "level"]), st.text(max_size=40))))
def test_packing_loses_nothing(pairs: list[tuple[str, str]]) -> None:
    kept = Kept("/vu-viec/1/muc", tuple(pairs))
    assert unpack(pack(kept)) == kept


BOUNDARY = "b0undary"


def part(name: str, value: str) -> bytes:
    return (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    ).encode()


def big(token: str, megabytes: int) -> Iterator[bytes]:
    """Yield a form with a huge file, a megabyte at a time."""
    yield part("csrf", token) + part("luu", "B02")
    yield (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="tep.B02"; filename="a.mp4"\r\n'
           "Content-Type: video/mp4\r\n\r\n").encode()  # fmt: skip
    for _ in range(megabytes):
        yield b"\0" * 1_000_000
    yield b"\r\n" + part("note.B02", WORDS) + f"--{BOUNDARY}--\r\n".encode()


def send_big(client: TestClient, path: str, token: str, megabytes: int) -> str:
    size = sum(len(piece) for piece in big(token, 0)) + megabytes * 1_000_000
    answer = client.post(
        path, content=big(token, megabytes),
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
                 "Content-Length": str(size)},
    )  # fmt: skip
    return f"{answer.status_code} {answer.text}"


def test_a_file_too_large_is_refused_and_its_words_are_kept(house: WebHouse) -> None:
    path = f"/vu-viec/{house.incident()}/viec"
    client = house.browser()
    token = csrf(client.get("/").text)
    answer = send_big(client, path, token, 60)
    assert answer.startswith("413")
    assert "Tệp lớn quá 20 MB" in answer
    assert fields_of(answer)["note.B02"] == WORDS
    assert 'type="file" name="tep.B02"' in answer
    assert not (house.home / "files").exists()
    forged = send_big(client, path, "x" * 32, 22)
    assert forged.startswith("403")
    assert send_big(house.anyone(), path, "x", 22).startswith("401")


def test_a_stranger_s_evidence_keeps_its_words_through_the_sign_in(house: WebHouse) -> None:
    path = f"/vu-viec/{house.incident()}/viec"
    client = house.browser()
    token = csrf(client.get("/").text)
    house.clock.move_to(house.clock.now() + timedelta(hours=13))
    lost = client.post(
        path, data={"csrf": token, "luu": "B02", "note.B02": WORDS},
        files={"tep.B02": ("bien-ban.pdf", b"%PDF-1.7", "application/pdf")},
    )  # fmt: skip
    assert lost.status_code == 401
    page = log_in_again(client, lost.text)
    assert fields_of(page)["note.B02"] == WORDS
    assert 'enctype="multipart/form-data"' in page
    sent = client.post(path, data=fields_of(page))
    assert sent.headers["location"].endswith("?xong=bang-chung")


def test_another_site_s_form_with_a_file_is_not_carried_through_the_sign_in(
    house: WebHouse,
) -> None:
    path = f"/vu-viec/{house.incident()}/viec"
    answer = house.anyone().post(
        path, data={"csrf": "x", **FORM}, files={"tep": ("a.txt", b"a")},
        headers={"Sec-Fetch-Site": "cross-site"},
    )  # fmt: skip
    assert answer.status_code == 403
    assert "Gia đình em" not in answer.text
