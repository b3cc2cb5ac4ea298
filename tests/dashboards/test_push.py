"""The page of push notices: on, off, only one's own, nothing that is no push service."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from langnghe.core.channel_settings import ChannelSettings
from langnghe.core.services import Services
from langnghe.core.store.channels import subscriptions_for
from langnghe.web import create_app
from tests.alerts.channels.test_push import AUTH, BROWSER_PUBLIC
from tests.webhouse import WebHouse, csrf

GOOD = {"endpoint": "https://push.example/abc", "p256dh": BROWSER_PUBLIC, "auth": AUTH}


@pytest.fixture
def pushing(house: WebHouse) -> WebHouse:
    own = house.services
    settings = own.settings.model_copy(
        update={"channels": ChannelSettings.model_validate({"push": {"enabled": True}})}
    )
    house.services = Services(own.store, settings, own.clock, own.policy, own.profile)
    house.app = create_app(house.services)
    return house


def test_a_browser_is_turned_on_and_off(pushing: WebHouse) -> None:
    client = pushing.browser("principal")
    page = client.get("/thong-bao-day")
    assert page.status_code == 200
    key = re.search(r'data-key="([\w-]{87})"', page.text)
    assert key
    assert "Chưa có trình duyệt nào." in page.text
    token = csrf(page.text)
    answer = client.post("/thong-bao-day/bat", data={**GOOD, "csrf": token})
    assert answer.status_code == 303
    done = client.get(answer.headers["location"])
    assert "Đã bật thông báo đẩy" in done.text
    assert "push.example" in done.text
    with pushing.store.read() as session:
        [row] = subscriptions_for(session, "principal")
    other = pushing.browser("officer")
    other.post(
        f"/thong-bao-day/{row.id}/tat",
        data={"csrf": csrf(other.get("/thong-bao-day").text)},
    )
    with pushing.store.read() as session:
        assert subscriptions_for(session, "principal"), "somebody else's is left alone"
    client.post(f"/thong-bao-day/{row.id}/tat", data={"csrf": token})
    with pushing.store.read() as session:
        assert subscriptions_for(session, "principal") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example/abc"},
        {"endpoint": "http://127.0.0.1:8118/"},
        {"endpoint": "https://a:b@push.example/"},
        {"endpoint": "javascript:alert(1)"},
        {"endpoint": "https://push.example/a\r\nb"},
        {"endpoint": ""},
        {"p256dh": "AAAA"},
        {"auth": "AAAA"},
    ],
)
def test_what_is_no_subscription_is_refused(pushing: WebHouse, wrong: dict[str, str]) -> None:
    client = pushing.browser("principal")
    token = csrf(client.get("/thong-bao-day").text)
    answer = client.post("/thong-bao-day/bat", data={**GOOD, **wrong, "csrf": token})
    assert answer.status_code == 422
    with pushing.store.read() as session:
        assert subscriptions_for(session, "principal") == []


def test_a_forged_form_is_refused(pushing: WebHouse) -> None:
    answer = pushing.browser("principal").post("/thong-bao-day/bat", data={**GOOD, "csrf": "x"})
    assert answer.status_code == 403


def test_where_push_is_off_no_key_is_made(house: WebHouse) -> None:
    client = house.browser("principal")
    page = client.get("/thong-bao-day")
    assert "chưa được bật" in page.text
    assert "push.js" not in page.text
    token = csrf(page.text)
    assert client.post("/thong-bao-day/bat", data={**GOOD, "csrf": token}).status_code == 409
    assert not (house.home / "push.key").exists()


def test_the_worker_stands_at_the_root(house: WebHouse) -> None:
    answer = TestClient(house.app).get("/sw.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "showNotification" in answer.text
