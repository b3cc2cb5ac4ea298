"""The pages of the first run: one form a step, no script needed, guarded by a code of the terminal.

Whoever can read the terminal may set the house up, nobody else: the code is used once, by one
browser, which then holds a cookie.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import socket
import tempfile
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.background import BackgroundTask

from alerts.channels import EMAIL
from alerts.channels.trying import try_out
from collectors.catalog import SourceConfig, load_catalog
from dashboards.app import static_files
from dashboards.i18n import translations
from dashboards.render import asset
from dashboards.visitor import same_site
from langnghe.core.accounts import tidy
from langnghe.core.auth import fold_username, hash_password
from langnghe.core.clock import SystemClock
from langnghe.core.cookies import SESSION_COOKIE
from langnghe.core.errors import ForbiddenError, InputError, LangNgheError
from langnghe.core.overlay_settings import faults, lay, read_secrets, write_secrets
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.text import clean, fold
from langnghe.house import new_fetcher
from langnghe.setup.finish import ADMIN, default_sources, finish
from langnghe.setup.listening import Listening
from langnghe.setup.names import also_called, places_of, whole_commune, whole_province
from langnghe.setup.state import STEPS, Answers
from langnghe.web import Guard
from nlp.unit_names import core_shown

COOKIE = "langnghe_setup"
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_WRONG_A_MINUTE = 6
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")
_MAIL = ("smtp_host", "smtp_port", "smtp_security", "smtp_user", "mail_from")
_TITLES = {
    "truong": "Trường", "ten-goi": "Tên gọi, địa bàn", "cap-tren": "Cấp trên", "nguon": "Nguồn tin",
    "nguoi-dung": "Người dùng", "thu": "Gửi thư", "nghe": "Nghe thử",
}  # fmt: skip
Form = dict[str, list[str]]


class FirstRun:
    """What the pages share: the answers, the code, who holds it, and the round of listening."""

    def __init__(self, settings: Settings, config: Callable[[str], str]) -> None:
        self.settings = settings
        self.config = config
        self.answers = Answers(settings.home)
        self.code = "".join(secrets.choice(_LETTERS) for _ in range(8))
        self.code_used = False
        self.wrong: list[float] = []
        self.done = False
        self.stop: Callable[[], None] = lambda: None
        self.listening = Listening(self.answers, lambda: new_fetcher(settings))

    def try_code(self, stated: str) -> str:
        """Return a new cookie for the right code. Raises ForbiddenError."""
        now = time.monotonic()
        self.wrong = [at for at in self.wrong if now - at < 60]
        if len(self.wrong) >= _WRONG_A_MINUTE:
            raise ForbiddenError("Nhập sai quá nhiều lần.", mend="Đợi một phút rồi nhập lại.")
        given = re.sub(r"[^A-Z0-9]", "", stated.upper())
        if not hmac.compare_digest(given.encode(), self.code.encode()):
            self.wrong.append(now)
            raise ForbiddenError("Mã không đúng.", mend="Chép lại mã hiện trong cửa sổ lệnh.")
        if self.code_used:
            raise ForbiddenError(
                "Mã này đã được dùng ở một trình duyệt khác.",
                mend="Dừng chương trình (Ctrl+C) rồi chạy lại «langnghe up» để lấy mã mới.",
            )
        self.code_used = True
        cookie = secrets.token_urlsafe(32)
        self.answers.put(cookie=_hash(cookie))
        return cookie

    def holds(self, request: Request) -> bool:
        """Tell whether this browser gave the code."""
        kept = str(self.answers.data.get("cookie", ""))
        return bool(kept) and hmac.compare_digest(kept, _hash(request.cookies.get(COOKIE, "")))

    def sources(self, chosen_only: bool = False) -> list[SourceConfig]:
        """Return the catalogue's sources, or those chosen."""
        found = load_catalog(self.settings.catalog)
        chosen = set(self.answers.data.get("nguon", ()))
        return [s for s in found if not chosen_only or s.id in chosen]


def first_run_app(run: FirstRun) -> FastAPI:
    """Return the pages of the first run."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.mount("/static", static_files(), name="static")
    app.add_middleware(Guard)

    def health() -> Response:
        """Say that there is no house yet."""
        return Response("Chưa cài đặt xong.", 503)

    def enter(request: Request, ma: str = "") -> Response:
        """Ask for the code, or go on where one stopped."""
        if run.done:
            return _page(run, "wait")
        if run.holds(request):
            return RedirectResponse(f"/buoc/{run.answers.next_step()}", 303)
        return _page(run, "code", code=ma[:40])

    async def give_code(request: Request) -> Response:
        """Let the browser in that gives the code."""
        said = await _form(request)
        try:
            same_site(request)
            cookie = run.try_code(_one(said, "ma"))
        except LangNgheError as error:
            return _page(run, "code", code=_one(said, "ma"), problem=error)
        answer = RedirectResponse(f"/buoc/{run.answers.next_step()}", 303)
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", max_age=7 * 86400)
        return answer

    def show(request: Request, step: str) -> Response:
        """Show one step; a later one only when those before it are answered."""
        if not run.holds(request):
            return RedirectResponse("/", 303)
        reached = run.answers.next_step()
        if step not in STEPS or STEPS.index(step) > STEPS.index(reached):
            return RedirectResponse(f"/buoc/{reached}", 303)
        if step == "nghe":
            run.listening.start(run.sources(chosen_only=True))
        return _page(run, step, csrf=_csrf(request))

    async def take(request: Request, step: str) -> Response:
        """Check and keep one step; a refused one is shown again with all that was typed."""
        if run.done:
            return _page(run, "wait")
        if not run.holds(request):
            return RedirectResponse("/", 303)
        said = await _form(request)
        same_site(request)
        reached = STEPS.index(run.answers.next_step())
        if not hmac.compare_digest(_one(said, "csrf").encode(), _csrf(request).encode()):
            problem = ForbiddenError("Biểu mẫu đã cũ.", mend="Gửi lại lần nữa.")
            return _page(run, step if step in STEPS else "truong", csrf=_csrf(request), said=said,
                         problem=problem)  # fmt: skip
        if step not in STEPS or STEPS.index(step) > reached:
            return RedirectResponse("/", 303)
        if step == "nghe":
            return _last(run, request, said)
        try:
            told = await _in_thread(_TAKES[step], run, said)
        except LangNgheError as error:
            return _page(run, step, csrf=_csrf(request), said=said, problem=error)
        if told:
            return _page(run, step, csrf=_csrf(request), said=said, told=told)
        return RedirectResponse(f"/buoc/{STEPS[STEPS.index(step) + 1]}", 303)

    app.add_api_route("/healthz", health, methods=["GET"])
    app.add_api_route("/buoc/{step}", show, methods=["GET"])
    app.add_api_route("/buoc/{step}", take, methods=["POST"])
    app.add_api_route("/ma", give_code, methods=["POST"])
    app.add_api_route("/{rest:path}", enter, methods=["GET"])

    @app.exception_handler(LangNgheError)
    def _refused(_request: Request, error: LangNgheError) -> Response:
        return _page(run, "code", code="", problem=error)

    return app


def run_first(
    settings: Settings, listener: socket.socket, config: Callable[[str], str],
    announce: Callable[[str], None],
) -> bool:  # fmt: skip
    """Serve the first run on ``listener`` until the house stands; return whether it does.

    ``listener`` stays open: who comes in between waits for the house.
    """
    run = FirstRun(settings, config)
    server = uvicorn.Server(
        uvicorn.Config(
            first_run_app(run), log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=5,
        )
    )  # fmt: skip

    def stop() -> None:
        server.should_exit = True

    run.stop = stop
    announce(f"Lần chạy đầu tiên. Mở {settings.public_url}/?ma={run.code} để cài đặt.")
    announce(f"Mã dùng một lần: {run.code[:4]}-{run.code[4:]}")
    server.run(sockets=[listener.dup()])
    run.listening.stop()
    return run.done


def _take_school(run: FirstRun, said: Form) -> str:
    name, commune, province = (_one(said, f) for f in ("name", "commune", "province"))
    if not (fold(name) and fold(commune) and fold(province)):
        raise InputError("Còn thiếu tên trường, xã/phường hoặc tỉnh/thành phố.")
    commune, province = whole_commune(commune), whole_province(province)
    same = run.answers.data.get("truong") == {"name": name, "commune": commune,
                                              "province": province}  # fmt: skip
    run.answers.put(truong={"name": name, "commune": commune, "province": province})
    if not same:  # what was suggested from the old name no longer fits
        for step in ("ten-goi", "nguon"):
            run.answers.data.pop(step, None)
        run.answers.put()
    return ""


def _take_names(run: FirstRun, said: Form) -> str:
    school = run.answers.data["truong"]
    aliases = [clean(x) for x in _one(said, "aliases", lines=True).split("\n")]
    aliases = [x for x in dict.fromkeys(aliases) if len(fold(x)) > 1][:60]
    variants = [clean(x) for x in _one(said, "variants", lines=True).split("\n")]
    offered = places_of(school["name"], school["commune"], school["province"])
    picked = set(said.get("place", []))
    places = [p for n, p in enumerate(offered) if str(n) in picked]
    if not places:
        raise InputError("Cần ít nhất một địa bàn.", mend="Đánh dấu địa bàn của trường.")
    run.answers.put(
        **{"ten-goi": {"aliases": aliases, "variants": [v for v in variants if fold(v)][:30],
                       "places": places}}
    )  # fmt: skip
    return ""


def _take_chain(run: FirstRun, said: Form) -> str:
    emails = {k: _one(said, k) for k in ("commune_email", "chair_email", "sector_email")}
    for value in emails.values():
        _email(value)
    run.answers.put(**{"cap-tren": emails})
    return ""


def _take_sources(run: FirstRun, said: Form) -> str:
    known = {source.id for source in run.sources()}
    chosen = sorted(known & set(said.get("source", [])))
    if not chosen:
        raise InputError("Chưa chọn nguồn nào.", mend="Đánh dấu ít nhất một nguồn.")
    run.answers.put(nguon=chosen)
    return ""


def _take_user(run: FirstRun, said: Form) -> str:
    known = run.answers.data.get("nguoi-dung", {})
    username = fold_username(_one(said, "username"))
    if not username or len(username) > 64 or any(c.isspace() for c in username):
        raise InputError("Tên đăng nhập phải có 1–64 ký tự, không có dấu cách.")
    person = tidy(_one(said, "name"), _email(_one(said, "email")), _one(said, "role"), "")
    if username == ADMIN and person.role != "admin":
        raise InputError(f"Tên «{ADMIN}» để dành cho quản trị viên.", mend="Chọn tên khác.")
    password, again = (said.get(f, [""])[0] for f in ("password", "password2"))
    if password or not known:
        if password != again:
            raise InputError("Hai lần nhập mật khẩu không giống nhau.")
        hashed = hash_password(password)
    else:
        hashed = known["hash"]
    run.answers.put(
        **{"nguoi-dung": {"username": username, "name": person.name, "email": person.email,
                          "role": str(person.role), "hash": hashed}}
    )  # fmt: skip
    return ""


def _take_mail(run: FirstRun, said: Form) -> str:
    if said.get("skip"):
        run.answers.put(thu={})
        write_secrets(run.settings.home, {"smtp_password": None})
        return ""
    mail: dict[str, Any] = {k: _one(said, k) for k in _MAIL if _one(said, k)}
    if not mail.get("smtp_host"):
        raise InputError("Chưa ghi tên máy chủ thư.", mend="Ghi tên máy chủ, hoặc bấm «Để sau».")
    if email := run.answers.data["nguoi-dung"]["email"]:
        mail["mail_fallback"] = email
    wrong = faults(run.settings, mail)
    if wrong:
        path, why = next(iter(wrong.items()))
        names = {"smtp_host": "Tên máy chủ", "smtp_port": "Cổng", "mail_from": "Người gửi"}
        raise InputError(f"{names.get(path, path)}: {why}.")
    if password := said.get("smtp_password", [""])[0]:
        write_secrets(run.settings.home, {"smtp_password": password})
    mail["smtp_port"] = lay(run.settings, mail).settings.smtp_port
    if not said.get("test"):
        run.answers.put(thu=mail)
        return ""
    force = lay(run.settings, mail | read_secrets(run.settings.home)).settings
    # A store of its own: a test before the house stands leaves nothing behind.
    with (
        tempfile.TemporaryDirectory() as folder,
        Store(f"sqlite:///{folder}/thu.db") as store,
    ):
        store.migrate()
        return try_out(force, store, EMAIL, _email(_one(said, "test_to")))


def _last(run: FirstRun, request: Request, said: Form) -> Response:
    if said.get("again"):
        heard = {k: v for k, v in run.answers.data.get("heard", {}).items() if v["items"]}
        run.answers.put(heard=heard)
        return RedirectResponse("/buoc/nghe", 303)
    if "thu" not in run.answers.data:
        return RedirectResponse("/", 303)
    place = request.client.host if request.client else "?"
    run.listening.stop()
    try:
        cookie, password = finish(
            run.settings, run.answers, SystemClock().now(), place=place, config=run.config
        )
    except LangNgheError as error:
        run.listening = Listening(run.answers, lambda: new_fetcher(run.settings))
        run.listening.start(run.sources(chosen_only=True))
        return _page(run, "nghe", csrf=_csrf(request), problem=error)
    run.done = True
    answer = _page(run, "done", password=password, admin=ADMIN)
    answer.background = BackgroundTask(run.stop)
    answer.delete_cookie(COOKIE)
    answer.set_cookie(
        SESSION_COOKIE, cookie, max_age=run.settings.session_hours * 3600, httponly=True,
        samesite="lax", secure=run.settings.secure_cookies,
    )  # fmt: skip
    return answer


_TAKES: dict[str, Callable[[FirstRun, Form], str]] = {
    "truong": _take_school, "ten-goi": _take_names, "cap-tren": _take_chain,
    "nguon": _take_sources, "nguoi-dung": _take_user, "thu": _take_mail,
}  # fmt: skip


def _page(
    run: FirstRun, step: str, *, csrf: str = "", said: Form | None = None, told: str = "",
    problem: LangNgheError | None = None, **more: Any,
) -> Response:  # fmt: skip
    data = run.answers.data
    context: dict[str, Any] = {
        "step": step, "steps": STEPS, "titles": _TITLES, "csrf": csrf, "told": told,
        "problem": problem, "data": data, "typed": {k: v[0] for k, v in (said or {}).items() if v},
        "tried": said is not None, "runs": run.listening.runs, "asset": asset,
    }  # fmt: skip
    if step == "ten-goi":
        school = data["truong"]
        context |= {
            "places": places_of(school["name"], school["commune"], school["province"]),
            "aliases": data.get("ten-goi", {}).get("aliases") or also_called(school["name"]),
            "variants": data.get("ten-goi", {}).get("variants") or [core_shown(school["name"])],
            "picked": (said or {}).get("place"),
        }  # fmt: skip
    if step == "nguon":
        chosen = data.get("nguon") or default_sources(run.settings, data["truong"]["province"])
        context |= {"sources": run.sources(), "chosen": set(chosen)}
    if step in ("nghe", "done"):
        heard = data.get("heard", {})
        chosen = data.get("nguon", ())
        told_of = [heard[i] for i in chosen if i in heard]
        context |= {
            "fine": [h for h in told_of if h["items"]], "mute": [h for h in told_of
            if not h["items"]], "asked": len(told_of), "all": len(chosen),
        }  # fmt: skip
    status = problem.status if problem else 200
    html = _environment().get_template("first_run.html").render(**context, **more)
    headers = {"Cache-Control": "no-store"} | ({"Connection": "close"} if run.done else {})
    return HTMLResponse(html, status, headers=headers)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("dashboards"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    env.install_gettext_translations(translations("vi"), newstyle=True)  # type: ignore[attr-defined]
    return env


async def _form(request: Request) -> Form:
    form = await request.form(max_files=0, max_fields=400)
    said = {name: [v for v in form.getlist(name) if isinstance(v, str)] for name in form}
    if any(len(v) > 8000 for values in said.values() for v in values):
        raise InputError("Nội dung gửi lên quá dài.")
    return said


async def _in_thread(take: Callable[[FirstRun, Form], str], run: FirstRun, said: Form) -> str:
    from starlette.concurrency import run_in_threadpool

    return await run_in_threadpool(take, run, said)


def _one(said: Form, name: str, *, lines: bool = False) -> str:
    value = (said.get(name) or [""])[0]
    return value.replace("\r\n", "\n") if lines else clean(value)[:300]


def _email(value: str) -> str:
    if value and not _EMAIL.fullmatch(value):
        raise InputError(f"«{value[:60]}» không phải địa chỉ thư điện tử.")
    return value


def _csrf(request: Request) -> str:
    return _hash("csrf:" + request.cookies.get(COOKIE, ""))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
