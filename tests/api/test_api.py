"""The API: rights, filters, cursor pages, problems, search, and nothing unmasked."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import api.app
from langnghe.core.auth import set_active
from langnghe.core.store import tables as t
from langnghe.core.store.engine import Store
from tests.conftest import NOW
from tests.webhouse import CHILD, WebHouse, csrf

LISTS = ["/mentions", "/stories", "/incidents", "/units", "/sources"]


def walk(client: TestClient, path: str, limit: int = 3, between: object = None) -> list[int]:
    """Return the ids of all pages, calling ``between`` after each page."""
    ids: list[int] = []
    url = f"{path}{'&' if '?' in path else '?'}limit={limit}"
    answer = client.get(url).json()
    while True:
        ids += [row["id"] for row in answer["items"]]
        if answer["next"] is None:
            return ids
        if callable(between):
            between()
        answer = client.get(f"{url}&cursor={answer['next']}").json()


def problem(answer: object) -> dict[str, object]:
    """Check that an answer is a problem document; return it."""
    assert answer.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    body = answer.json()  # type: ignore[attr-defined]
    assert body["status"] == answer.status_code  # type: ignore[attr-defined]
    assert body["title"]
    assert body["detail"]
    return dict(body)


def test_strangers_get_nothing(house: WebHouse) -> None:
    nobody = TestClient(house.app, base_url="http://testserver/api/v1")
    for path in (*LISTS, "/mentions/1", "/stories/1", "/incidents/1"):
        for word in ("", "Bearer ln_doan-mo", "Basic eDp5", "Bearer " + "x" * 5000):
            answer = nobody.get(path, headers={"Authorization": word} if word else {})
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            problem(answer)


def test_a_token_ends_with_its_time_and_its_owner(house: WebHouse) -> None:
    client = house.api()
    assert client.get("/units").status_code == 200
    set_active(house.store, "officer", False)
    assert client.get("/units").status_code == 401
    other = house.api("principal")
    house.clock.move_to(NOW + timedelta(days=366))
    assert other.get("/units").status_code == 401


def test_a_browser_session_reads_and_with_its_token_writes(house: WebHouse) -> None:
    number = house.incident()
    client = house.browser()
    path = f"/api/v1/incidents/{number}"
    assert client.get(path).status_code == 200
    assert client.post(f"{path}/acknowledge").status_code == 403
    token = csrf(client.get("/").text)
    answer = client.post(f"{path}/acknowledge", headers={"X-CSRF-Token": token})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("who", "status"),
    [("officer", 200), ("principal", 200), ("admin", 200), ("analyst", 403), ("of_a", 200)],
)
def test_who_may_acknowledge(house: WebHouse, who: str, status: int) -> None:
    number = house.incident()
    answer = house.api(who).post(f"/incidents/{number}/acknowledge")
    assert answer.status_code == status
    with house.store.read() as session:
        row = session.get(t.IncidentRow, number)
    assert (row.acknowledged_by if row else None) == (f"Đ/c {who}" if status == 200 else None)


def test_acknowledging_a_closed_incident_is_a_conflict(house: WebHouse) -> None:
    number = house.incident(state="closed")
    assert problem(house.api().post(f"/incidents/{number}/acknowledge"))["status"] == 409


def test_no_answer_shows_a_child(house: WebHouse) -> None:
    house.incident()
    house.mention(
        f"Em {CHILD} ngã", f"Cháu {CHILD} học lớp 3.", unit="th_a", story=1,
        evidence=(CHILD, "ngã"),
        facts=[{"kind": "injured", "value": 1, "span": [0, 2], "text": f"Em {CHILD} ngã"}],
    )  # fmt: skip
    house.mention(f"Chưa đọc {CHILD}", CHILD, read=False)
    client = house.api("admin")
    for path in (*LISTS, "/mentions/1", "/mentions/2", "/stories/1", "/incidents/1", "/metrics"):
        answer = client.get(path) if path != "/metrics" else house.anyone().get(path)
        assert answer.status_code == 200
        assert CHILD not in answer.text
        assert "lo thi may" not in answer.text
    assert client.get("/mentions/1").json()["topics"][0]["evidence"] == ["ngã"]
    assert client.get("/mentions", params={"q": CHILD}).json()["items"] == []


def test_pages_neither_repeat_nor_lose_rows_while_new_ones_come(house: WebHouse) -> None:
    # Several rows share a moment, so that the id has to break the tie.
    old = [house.mention(f"Tin {n}", minutes=n // 3) for n in range(10)]
    fresh = iter(range(100, 200))

    def arrive() -> None:
        house.mention(f"Tin mới {next(fresh)}", minutes=500)
        house.mention(f"Tin muộn {next(fresh)}", minutes=-500)  # an old one found only now

    client = house.api()
    seen = walk(client, "/mentions", between=arrive)
    assert seen[: len(old)] == sorted(old, reverse=True)
    assert len(seen) == len(set(seen))

    numbers = [house.incident(f"Việc {n}", minutes=n // 2) for n in range(7)]
    assert walk(client, "/incidents", 2, lambda: house.incident("mới", minutes=900)) == [
        *reversed(numbers)
    ]
    stories = walk(client, "/stories", 2)
    assert stories == sorted(stories, reverse=True)


def test_a_page_names_the_next_one_in_a_link_header(house: WebHouse) -> None:
    for n in range(3):
        house.mention(f"Tin {n}", minutes=n)
    client = house.api()
    answer = client.get("/mentions?limit=2&sentiment=neg")
    link = answer.headers["link"]
    assert link.endswith('>; rel="next"')
    path = link[1 : link.index(">")]
    rest = TestClient(house.app).get(path, headers=client.headers).json()
    assert [row["title"] for row in rest["items"]] == ["Tin 0"]
    assert "link" not in client.get("/mentions?limit=3").headers


SEARCHES: list[tuple[str, set[int]]] = [
    ("bữa ăn bán trú", {1}),
    ("BUA AN BAN TRU", {1}),
    ("bua an", {1, 2}),
    ('"ăn bán"', {1}),
    ('"bán ăn"', set()),
    ("“bữa ăn”", {1, 2}),
    ("đuối nước", {3}),
    ("duoi nuoc", {3}),
    ("bữa đuối", set()),
    ("bua NOT an", set()),
    ("bua* an", {1, 2}),
    ('"', {1, 2, 3}),
    ("'; DROP TABLE mention; --", set()),
    ('" OR 1=1', set()),
    ("folded:bua", set()),
    ("NEAR(bua an)", set()),
    ("%_\\", {1, 2, 3}),
    ("bua)(an & | ! <-> :*", {1, 2}),
    ("x" * 200, set()),
]


def test_search_on_both_databases(any_store: Store, tmp_path: Path) -> None:
    house = WebHouse(any_store, tmp_path)
    house.mention("Bữa ăn bán trú bị phản ánh")
    house.mention("Phụ huynh góp ý bữa ăn", minutes=1)
    house.mention("Phòng chống đuối nước", minutes=2)
    client = house.api()
    for asked, found in SEARCHES:
        answer = client.get("/mentions", params={"q": asked})
        assert answer.status_code == 200, asked
        assert {row["id"] for row in answer.json()["items"]} == found, asked


def test_a_search_reads_on_past_hits_it_may_not_show(house: WebHouse) -> None:
    wanted = house.mention("Bài cần tìm nói về họ Xuân thật", minutes=-1)
    for n in range(450):
        house.mention(f"Bài {n} về em {CHILD}", minutes=n)
    assert walk(house.api(), "/mentions?q=xuan") == [wanted]


def test_filters_on_both_databases(any_store: Store, tmp_path: Path) -> None:
    house = WebHouse(any_store, tmp_path)
    house.incident(level=3)
    house.incident(unit="th_b", level=1, state="closed", topics=["khoan_thu"], minutes=-9000)
    one = house.mention("Một", unit="th_a", story=1)
    two = house.mention(
        "Hai", minutes=60, sentiment="pos",
        topics=[{"topic": "duoi_nuoc_tai_nan", "p": 0.8, "evidence": []}],
    )  # fmt: skip
    client = house.api()

    def ids(path: str) -> list[int]:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["items"]]

    assert ids("/mentions?unit=so") == [one]  # a unit stands for its subtree
    assert ids("/mentions?unit=th_b") == []
    assert ids("/mentions?topic=duoi_nuoc_tai_nan") == [two]
    assert ids("/mentions?topic=duoi%25") == []
    assert ids("/mentions?sentiment=pos") == [two]
    assert ids("/mentions?level=3") == [one]
    assert ids("/mentions?story=1") == [one]
    assert ids("/mentions?source=B%C3%A1o%20Th%E1%BB%AD&kind=news") == [two, one]
    assert ids("/mentions?since=2026-11-23T08:30:00%2B07:00") == [two]
    assert ids("/mentions?until=2026-11-23T01:30:00Z") == [one]
    assert ids("/incidents?status=open") == ids("/incidents?min_level=2") == [1]
    assert ids("/incidents?state=closed") == ids("/incidents?topic=khoan_thu") == [2]
    assert ids("/incidents?unit=xa_a&level=3") == ids("/stories?level=3") == [1]
    assert ids("/stories?unit=th_b") == [2]


def test_a_unit_s_people_are_bounded_on_both_databases(any_store: Store, tmp_path: Path) -> None:
    house = WebHouse(any_store, tmp_path)
    house.incident("A")
    house.incident("B", unit="th_b")
    house.mention("Tin B", unit="th_b", story=2)
    house.mention("Tin B được gom vào vụ A", unit="th_b", story=1)
    client = house.api("of_a")
    assert walk(client, "/incidents") == walk(client, "/stories") == [1]
    assert walk(client, "/mentions") == [2]
    assert [row["id"] for row in client.get("/units").json()["items"]] == ["xa_a", "th_a"]
    for path in ("/incidents/2", "/stories/2", "/mentions/1"):
        assert problem(client.get(path))["status"] == 404
    assert client.post("/incidents/2/acknowledge").status_code == 404


REFUSED = [
    ("/mentions?limit=0", 422),
    ("/mentions?limit=abc", 422),
    ("/mentions?cursor=khong-phai", 422),
    ("/mentions?cursor=WzEsbnVsbF0", 422),  # a cursor of another list
    ("/stories?cursor=WzEsICIyMDI2LTExLTIzVDAxOjAwOjAwKzAwOjAwIl0", 422),
    ("/mentions?cursor=W1tbW1tbW1tb", 422),
    ("/mentions?since=2026-11-23", 422),
    ("/mentions?sentiment=giận", 422),
    ("/incidents?state=xx", 422),
    ("/incidents/0", 422),
    ("/incidents/77", 404),
    ("/khong-co", 404),
]


def test_problems_are_problem_documents(house: WebHouse) -> None:
    client = house.api()
    for path, status in REFUSED:
        answer = client.get(path)
        assert answer.status_code == status, path
        assert "Traceback" not in json.dumps(problem(answer))


def test_the_wrong_method_and_too_much_are_refused(house: WebHouse) -> None:
    client = house.api()
    assert problem(client.delete("/incidents"))["status"] == 405
    big = client.post("/incidents/1/acknowledge", content=b"x" * 1_000_001)
    assert big.status_code == 413
    endless = client.post("/incidents/1/acknowledge", content=iter([b"x"]))
    assert endless.status_code == 411
    assert client.get("/units?q=%00").status_code == 400


def test_health_says_when_the_house_stands_still(house: WebHouse) -> None:
    client = house.anyone()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["state"]) == (200, "starting")
    house.beat(minutes_ago=5)
    assert client.get("/healthz").json()["state"] == "listening"
    house.clock.move_to(house.clock.now() + timedelta(minutes=40))
    house.beat(minutes_ago=31)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["state"]) == (503, "stalled")
    assert answer.json()["stalled"] == ["collect", "tell", "understand"]


def test_a_house_that_never_started_is_no_health(house: WebHouse) -> None:
    house.clock.move_to(NOW + timedelta(hours=2))
    assert house.anyone().get("/healthz").status_code == 503


def test_metrics_count_what_is_there(house: WebHouse) -> None:
    house.beat(minutes_ago=2)
    house.incident(level=3)
    house.mention("Một")
    text = house.anyone().get("/metrics").text
    for line in (
        'langnghe_mentions{stage="done"} 1.0',
        "langnghe_stories 1.0",
        'langnghe_incidents{level="do",state="new"} 1.0',
        'langnghe_stage_age_seconds{stage="collect"} 120.0',
    ):
        assert line in text


def test_the_committed_document_is_the_api_s(house: WebHouse) -> None:
    committed = Path(api.app.__file__).with_name("openapi.json").read_text(encoding="utf-8")
    assert committed == api.app.document_text(), "run: python -m api.app > api/openapi.json"
    served = house.anyone().get("/api/v1/openapi.json").json()
    assert served == json.loads(committed)
    operations = [
        operation["operationId"] for path in served["paths"].values() for operation in path.values()
    ]
    assert len(operations) == len(set(operations))
    assert "acknowledge_incident" in operations
