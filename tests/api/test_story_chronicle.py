"""GET /stories/{id}: the chronicle as programs see it."""

from __future__ import annotations

from langnghe.core.store import tables as t
from tests.conftest import NOW
from tests.dashboards.test_story_page import crisis
from tests.webhouse import CHILD, WebHouse


def test_a_story_comes_with_its_chronicle(house: WebHouse) -> None:
    crisis(house)
    answer = house.api().get("/stories/1")
    assert answer.status_code == 200
    told = answer.json()["chronicle"]
    assert CHILD not in answer.text
    sick = next(drift for drift in told["drifts"] if drift["kind"] == "hospitalised")
    assert (sick["path"], sick["noun"]) == ("20 → 31", "học sinh")
    assert [step["turn"] for step in sick["steps"]] == ["first", "up"]
    assert told["spread"]["independent"] == 2
    [family] = told["spread"]["families"]
    assert family["copies"][0]["delay"] == "PT10M"
    assert [reply["stance"] for reply in told["replies"]["replies"]] == ["deny"]
    assert [carrier["outlet"] for carrier in told["replies"]["silent"]] == ["Báo Mây", "Trang Gió"]
    assert sum(sum(b["counts"].values()) for b in told["stances"]["buckets"]) == 4
    assert answer.json()["event"] == []


def test_a_story_of_nothing_read_has_none(house: WebHouse) -> None:
    house.add(t.StoryRow(title="Chưa đọc", first_at=NOW, last_at=NOW))
    assert house.api().get("/stories/1").json()["chronicle"] is None
