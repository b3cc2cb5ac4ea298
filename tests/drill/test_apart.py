"""A drill and the real house never meet: databases, keys, addresses, pages, ways out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.responses import PlainTextResponse
from fastapi.testclient import TestClient

from alerts.links import sign, verify
from alerts.outbox import OutMail
from langnghe.core.errors import DeliveryError, ForbiddenError, InputError, StoreError
from langnghe.core.settings import load_settings
from langnghe.core.store.engine import Store
from langnghe.core.watermark import HEADER, stamp
from langnghe.drill.cast import DATABASE, NOBODY, choose_unit, folder_for, gather, settings_in
from langnghe.drill.host import ACCOUNTS, sign_up
from langnghe.drill.play import read_sheet
from langnghe.drill.ways_out import Gate
from langnghe.house import open_services
from langnghe.web import create_app
from tests.alerts.town import Postbox
from tests.drill.town import ABOVE, OWN, POLICY, PROFILE, START, Rehearsal, cast
from tests.webhouse import csrf


def real(home: Path, database: Path) -> None:
    settings = load_settings(home, database_url=f"sqlite:///{database}")
    open_services(settings, profile=PROFILE).store.close()


def test_a_drills_database_refuses_the_real_house(tmp_path: Path) -> None:
    show = Rehearsal(tmp_path)
    show.play(until=1)
    before = show.drill.folder / DATABASE
    with pytest.raises(StoreError, match="diễn tập"):
        real(tmp_path / "that", before)


def test_a_real_database_refuses_a_drill(tmp_path: Path) -> None:
    folder = tmp_path / "drills" / "thu"
    folder.mkdir(parents=True)
    real(tmp_path / "that", folder / DATABASE)
    with pytest.raises(StoreError, match="không phải của một buổi diễn tập"):
        Rehearsal(tmp_path)
    with pytest.raises(StoreError, match="không phải của một buổi diễn tập"):
        read_sheet(folder)


def test_a_folder_without_a_drill_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="không giữ buổi diễn tập"):
        read_sheet(tmp_path)


def test_the_environment_cannot_lead_a_drill_to_the_real_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGNGHE_DATABASE_URL", "postgresql://that@may-chu/that")
    monkeypatch.setenv("LANGNGHE_BASE_URL", "https://that.example.vn")
    monkeypatch.setenv("LANGNGHE_MAIL_FALLBACK", "truc@that.example")
    base = load_settings(tmp_path)
    own = settings_in(base, tmp_path / "d", host="127.0.0.1", port=8119, base_url="")
    assert own.database == f"sqlite:///{tmp_path / 'd' / DATABASE}"
    assert not own.is_postgres
    assert own.public_url == "http://127.0.0.1:8119"
    assert own.mail_fallback == ""


def test_a_drills_link_opens_nothing_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGNGHE_SECRET_KEY", "mot khoa rat dai cho ca hai ben")
    base = load_settings(tmp_path)
    own = settings_in(base, tmp_path / "d", host="127.0.0.1", port=8119, base_url="")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    token = sign(own.secret_key(), 1, "a@b.example", now)
    assert verify(own.secret_key(), token, now).incident_id == 1
    with pytest.raises(ForbiddenError):
        verify(base.secret_key(), token, now)


def test_the_cast_knows_nobody_it_may_not_write_to() -> None:
    own = cast()
    assert own.allowed == OWN
    assert {u.id for u in own.profile.units} == {"truong", "xa", "so"}
    emails = {c.email for u in own.profile.units for c in u.contacts}
    assert emails == OWN - {"thuky@suoimo.example"} | OWN
    assert own.profile.sources == ()
    assert cast(superiors=True).allowed == OWN | ABOVE
    assert own.name_of("HieuTruong@suoimo.example") == "Cô Hiệu trưởng"
    alone = gather(PROFILE, choose_unit(PROFILE, "so"), POLICY)
    assert alone.allowed == {"vanphong@maytrang.example"}


def test_a_unit_without_addresses_gets_a_stand_in() -> None:
    bare = PROFILE.units[0].__class__("mn", "school", "Trường Mầm non Hoa Cúc", "xa")
    assert gather(PROFILE, bare, POLICY).allowed == frozenset()
    assert gather(PROFILE, bare, POLICY, stand_in=NOBODY).allowed == {NOBODY}


def test_the_gate_holds_back_what_is_not_the_drills() -> None:
    def letter(recipient: str, *, mark: bool = True) -> OutMail:
        m = stamp("s", "t", "<body>h</body>", {})
        return OutMail("k", recipient, m.subject if mark else "s", m.text, m.html, m.headers,
                       "<a@b>", START)  # fmt: skip

    box = Postbox()
    gate = Gate(box, frozenset({"a@b.example"}))
    for wrong in (letter("a@b.example", mark=False), letter("chutich@tinh.example")):
        with pytest.raises(DeliveryError) as held:
            gate.send(wrong)
        assert held.value.permanent
    assert box.mails == []
    gate.send(letter("A@b.example"))
    gate.close()
    assert len(box.mails) == box.closed == 1


def test_folders_do_not_collide(tmp_path: Path) -> None:
    first = folder_for(tmp_path, "x", START)
    first.mkdir(parents=True)
    second = folder_for(tmp_path, "x", START)
    assert (first.name, second.name) == ("20261123-0800-x", "20261123-0800-x-2")


@pytest.fixture
def web(tmp_path: Path) -> TestClient:
    show = Rehearsal(tmp_path)
    show.play(until=5)
    app = create_app(show.drill.services)

    @app.get("/tep")
    def download() -> PlainTextResponse:
        name = {"Content-Disposition": "attachment; filename=\"a.csv\"; filename*=UTF-8''a.csv"}
        return PlainTextResponse("a", headers=name)

    client = TestClient(app, follow_redirects=False)
    client.password = sign_up(show.drill)  # type: ignore[attr-defined]
    return client


def test_every_page_and_answer_says_drill(web: TestClient) -> None:
    seed = csrf(web.get("/dang-nhap").text)
    form = {"csrf": seed, "username": ACCOUNTS[0][0], "password": web.password}  # type: ignore[attr-defined]
    assert web.post("/dang-nhap", data=form).status_code == 303
    pages = ["/", "/vu-viec", "/vu-viec/1", "/dong-tin", "/nguon-tin", "/khong-co"]
    for path in (*pages, "/dang-nhap"):
        answer = web.get(path)
        assert answer.headers[HEADER] == "1"
        if answer.status_code != 303:
            assert 'class="drill"' in answer.text, path
            assert "DIỄN TẬP" in answer.text.partition("</title>")[0], path
    for path in ("/api/v1/incidents", "/api/v1/openapi.json", "/healthz", "/static/app.css"):
        assert web.get(path).headers[HEADER] == "1"
    assert "Đang phát kịch bản diễn tập" in web.get("/").text


def test_downloads_are_named_and_figures_are_not_given(web: TestClient) -> None:
    saved = web.get("/tep").headers["content-disposition"]
    assert saved == "attachment; filename=\"DIEN-TAP-a.csv\"; filename*=UTF-8''DIEN-TAP-a.csv"
    assert web.get("/metrics").status_code == 404


def test_every_whole_page_has_the_band() -> None:
    import dashboards

    folder = Path(dashboards.__file__).parent / "templates"
    texts = {p.name: p.read_text("utf-8") for p in folder.glob("*.html")}
    whole = {name for name, text in texts.items() if "<html" in text}
    # Before there is a house there is no drill: the first run has no store to be one.
    assert whole == {"base.html", "plain_base.html", "first_run.html"}
    for name in whole - {"first_run.html"}:
        assert "{% if drill %}<p" in texts[name], name
        assert "{% if drill %}[" in texts[name].partition("</title>")[0], name


def test_a_real_page_has_no_band(store: Store, tmp_path: Path) -> None:
    from tests.webhouse import WebHouse

    answer = WebHouse(store, tmp_path).anyone().get("/dang-nhap")
    assert HEADER not in answer.headers
    assert "DIỄN TẬP" not in answer.text


def test_signing_in_to_a_drill_signs_nobody_out_of_the_real_house(tmp_path: Path) -> None:
    show = Rehearsal(tmp_path)
    password = sign_up(show.drill)
    page = TestClient(create_app(show.drill.services), follow_redirects=False)
    page.cookies.set("langnghe_session", "phien-that")
    form = {"csrf": csrf(page.get("/dang-nhap").text), "username": ACCOUNTS[0][0]}
    answer = page.post("/dang-nhap", data={**form, "password": password})
    assert answer.status_code == 303
    assert "langnghe_session_drill" in page.cookies
    assert not any(
        line.startswith(("langnghe_session=", "langnghe_form="))
        for line in answer.headers.get_list("set-cookie")
    )
    assert page.get("/").status_code == 200
