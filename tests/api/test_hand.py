"""Decisions about stories by the API: rights, scope, problems, history, undoing."""

from __future__ import annotations

from typing import Any

import pytest

from langnghe.core.store import tables as t
from tests.conftest import NOW
from tests.webhouse import CHILD, WebHouse


@pytest.fixture
def stories(house: WebHouse) -> tuple[int, int]:
    found = []
    for count in (2, 1):
        story = house.add(
            t.StoryRow(title="Cụm", first_at=NOW, last_at=NOW, mention_count=count, unit_id="th_a")
        )
        found.append(story)
        for n in range(count):
            mention = house.mention(f"Tin {story} {n}", minutes=n, unit="th_a", story=story)
            house.add(t.StoryMentionRow(story_id=story, mention_id=mention, at=NOW))
    return found[0], found[1]


def test_every_decision_its_history_and_its_undoing(
    house: WebHouse, stories: tuple[int, int]
) -> None:
    one, two = stories
    client = house.api("analyst")
    acts: list[tuple[str, dict[str, Any]]] = [
        ("split", {"mentions": [2], "note": f"Em {CHILD} kể"}),
        ("move", {"mentions": [2], "into": two}), ("merge", {"into": two}),
        ("same", {"other": two}), ("unrelated", {"other": two}),
    ]  # fmt: skip
    for kind, body in acts:
        done = client.post(f"/stories/{one}/{kind}", json=body)
        assert done.status_code == 201, done.text
        decided = done.json()
        assert decided["story"] == (two if kind == "merge" else 3 if kind == "split" else one)
        newest = client.get(f"/stories/{one}/decisions").json()[0]
        assert (newest["id"], newest["kind"], newest["by"], newest["undone_at"]) == (
            decided["decision"], kind, "Đ/c analyst", None,
        )  # fmt: skip
        assert CHILD not in newest["note"]
        for first in (True, False):
            undone = client.post(f"/decisions/{decided['decision']}/undo")
            assert (undone.status_code, undone.json()) == (200, {"undone": first})
    assert all(one["undone_at"] for one in client.get(f"/stories/{one}/decisions").json())


def test_a_conflict_names_what_to_undo_first(house: WebHouse, stories: tuple[int, int]) -> None:
    one, two = stories
    client = house.api("officer")
    number = client.post(f"/stories/{one}/unrelated", json={"other": two}).json()["decision"]
    answer = client.post(f"/stories/{one}/merge", json={"into": two})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert f"quyết định số {number}" in answer.json()["mend"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("split", {}), ("split", {"mentions": []}), ("split", {"mentions": [0]}),
        ("split", {"mentions": ["x"]}), ("split", {"mentions": [2], "x": 1}),
        ("split", {"mentions": [1, 2]}), ("move", {"mentions": [2]}), ("merge", {"into": 2**63}),
        ("merge", {"into": 1}), ("same", {"other": 2, "note": "a" * 501}),
    ],
)  # fmt: skip
def test_nonsense_is_a_problem_document(
    house: WebHouse, stories: tuple[int, int], kind: str, body: dict[str, Any]
) -> None:
    answer = house.api().post(f"/stories/{stories[0]}/{kind}", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_rights_and_scope(house: WebHouse, stories: tuple[int, int]) -> None:
    one, two = stories
    body = {"mentions": [2]}
    assert house.anyone().post(f"/api/v1/stories/{one}/split", json=body).status_code == 401
    assert house.api("principal").post(f"/stories/{one}/split", json=body).status_code == 403
    assert house.api("of_b").post(f"/stories/{one}/split", json=body).status_code == 404
    assert house.api("of_b").get(f"/stories/{one}/decisions").status_code == 404
    done = house.api("of_a").post(f"/stories/{one}/same", json={"other": two})
    assert done.status_code == 201
    undo = f"/decisions/{done.json()['decision']}/undo"
    assert house.api("of_b").post(undo).status_code == 404
    assert house.api("principal").post(undo).status_code == 403
    assert house.api().post("/decisions/99/undo").status_code == 404
