"""GET /watch: what is unusual, within the caller's units."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.conftest import NOW
from tests.webhouse import WebHouse
from tests.webwatch import put_unusual


def ids(house: WebHouse, path: str, who: str = "officer") -> list[int]:
    answer = house.api(who).get(path)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["items"]]


def test_what_stands_now_and_what_is_over(house: WebHouse) -> None:
    first = put_unusual(house)
    over = put_unusual(house, topic="", closed_at=NOW, closed_because="usual")
    several = put_unusual(
        house, "xa_a", kind="several_schools", unit_ids=["th_a", "th_b"], once_in_days=60.0
    )
    assert ids(house, "/watch") == [several, first]
    assert ids(house, "/watch?closed=true") == [several, over, first]
    assert ids(house, "/watch?kind=several_schools") == [several]
    assert ids(house, "/watch?once_in_days=100") == [first]
    assert ids(house, "/watch?topic=khoan_thu&unit=th_a") == [first]
    assert ids(house, "/watch?unit=xa_a") == [several, first], "a unit and all below it"
    row = house.api().get("/watch?unit=th_a").json()["items"][0]
    assert (row["unit_name"], row["seen"], row["expected"]) == ("Trường TH Suối Mơ", 5, 0.31)
    assert (row["mention_ids"], row["story_ids"]) == ([1, 2], [7])


def test_nobody_sees_another_unit(house: WebHouse) -> None:
    mine, other = put_unusual(house, "th_a"), put_unusual(house, "th_b")
    assert ids(house, "/watch", "of_a") == [mine]
    assert ids(house, "/watch", "of_b") == [other]
    assert ids(house, "/watch?unit=th_a", "of_b") == []
    stranger = TestClient(house.app, base_url="http://testserver/api/v1")
    assert stranger.get("/watch").status_code == 401


def test_pages_follow_each_other(house: WebHouse) -> None:
    made = [put_unusual(house, topic=f"t{n}") for n in range(5)]
    answer = house.api().get("/watch?limit=3").json()
    rest = house.api().get(f"/watch?limit=3&cursor={answer['next']}").json()
    got = [row["id"] for row in (*answer["items"], *rest["items"])]
    assert got == made[::-1]
    assert rest["next"] is None
