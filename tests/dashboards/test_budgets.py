"""Every page of the menu, and the four that mails lead to, within what a 2.5G line bears."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from dashboards.menu import MAIN, MORE, OWN
from langnghe.core.formtoken import masked, unmasked
from tests.budgets import FIRST_USE_S, MAX_BYTES, MAX_REQUESTS, blocking, first_use_s, loaded_by
from tests.webhouse import WebHouse, csrf

TEXT = "Phụ huynh phản ánh bữa ăn bán trú thiếu chất, nhà trường đang kiểm tra. " * 12


def furnish(house: WebHouse) -> list[str]:
    """Fill the house as on a busy day; return the pages of single things."""
    house.beat()
    numbers = [
        house.incident(f"Phụ huynh lo bữa ăn bán trú số {n}", level=n % 3 + 1) for n in range(25)
    ]
    mention = 0
    for n in range(40):
        unit = ("th_a", "th_b")[n % 2]
        mention = house.mention(f"Tin thứ {n}: bữa ăn", TEXT, minutes=n, unit=unit, story=1)
    return [f"/vu-viec/{numbers[0]}", "/cum-tin/1", f"/tin/{mention}"]


def over_the_line(client: TestClient, path: str) -> tuple[int, str]:
    """Return the bytes of an answer as they go over the line, and its text."""
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, path
    return int(answer.headers["content-length"]), answer.text


def test_every_main_page_is_light_enough(house: WebHouse) -> None:
    pages = furnish(house)
    client = house.browser("admin")
    menu = [entry.href for entry in (*MAIN, *MORE, *OWN)]
    assert len(menu) > 12
    for path in [*menu, *pages]:
        size, html = over_the_line(client, path)
        loaded = loaded_by(html)
        assert all(not urlsplit(address).netloc for address in loaded), path
        assert len(loaded) + 1 <= MAX_REQUESTS, (path, loaded)
        weights = {address: over_the_line(client, address)[0] for address in loaded}
        assert size + sum(weights.values()) <= MAX_BYTES, (path, size, weights)
        took = first_use_s(size, [weights[address] for address in blocking(html)])
        assert took <= FIRST_USE_S, (path, took, size, weights)


def test_first_use_counts_round_trips_and_bytes() -> None:
    assert first_use_s(0, [0]) == pytest.approx(0.9 + 8 * 1800 / 250_000)
    assert first_use_s(20_000, [9_000, 200]) > first_use_s(20_000, [9_200])
    assert first_use_s(60_000, [9_000]) > FIRST_USE_S


def test_pages_are_compressed_only_for_who_takes_it(house: WebHouse) -> None:
    client = house.browser()
    small = client.get("/", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/", headers={"Accept-Encoding": "identity"})
    none = client.get("/", headers={"Accept-Encoding": "gzip;q=0"})
    assert small.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["vary"]
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in none.headers
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"]) / 2


def test_the_secret_of_a_form_never_stands_in_a_page_twice_alike(house: WebHouse) -> None:
    client = house.browser()
    one, other = csrf(client.get("/").text), csrf(client.get("/").text)
    assert one != other
    assert unmasked(one) == unmasked(other)
    assert unmasked(one) not in client.get("/").text
    assert client.post("/dang-xuat", data={"csrf": one}).status_code == 303


@pytest.mark.parametrize("forged", ["", "~", "~!!!", "~YQ", "~" + "A" * 90, "~é", "x" * 32])
def test_a_forged_token_is_refused(house: WebHouse, forged: str) -> None:
    client = house.browser()
    assert client.post("/dang-xuat", data={"csrf": forged}).status_code == 403


def test_a_mask_hides_and_gives_back() -> None:
    assert unmasked(masked("abc-_DEF")) == "abc-_DEF"
    assert masked("") == ""
    assert masked("abc") != masked("abc")


def test_static_files_are_kept_for_good_only_under_their_own_name(house: WebHouse) -> None:
    client = house.browser()
    script = next(a for a in loaded_by(client.get("/").text) if "live.js" in a)
    good = client.get(script)
    assert "immutable" in good.headers["cache-control"]
    assert client.get(script[:-1] + "x").headers["cache-control"] == "no-cache"
    again = client.get(script, headers={"If-None-Match": good.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/none.css").status_code == 404
    assert client.post("/static/app.css").status_code == 405


def test_an_unchanged_part_of_a_page_costs_nothing(house: WebHouse) -> None:
    client = house.browser()
    first = client.get("/manh/tong-quan")
    tag = {"If-None-Match": first.headers["etag"]}
    again = client.get("/manh/tong-quan", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    house.incident("Việc vừa xảy ra")
    assert client.get("/manh/tong-quan", headers=tag).status_code == 200
