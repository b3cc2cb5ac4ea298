"""The page that hands back what somebody typed: to read, to mend, and to send anew by a press."""

from __future__ import annotations

import re
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from alerts.since import ChangedError
from dashboards.kept import Kept, label_of, pack
from dashboards.render import page
from dashboards.visitor import LoginRequired, StaleFormError
from langnghe.core.auth import Caller
from langnghe.core.cookies import form_cookie
from langnghe.core.errors import LangNgheError
from langnghe.core.services import Services
from langnghe.core.words import WORDS, word

_BY_ITSELF = re.compile(r"/(?:dang-nhap|dang-xuat|ngon-ngu|giao-dien|xac-nhan/.*|api/.*)")
"""Forms of no typed words, and what is no page."""
_AGAIN = frozenset({409, 413, 422, 429})
FORM_OF = re.compile(
    r"(/(?:cum-tin|vu-viec|tin|phat-ngon|ke-hoach/bai)/\d{1,19}|/don-vi/[^/]{1,100})/"
)
SECTION = re.compile(
    r"/(?:vu-viec|dong-tin|phat-ngon|uy-quyen|bao-cao|ke-hoach|gop-y|thong-bao-day|thong-bao|don-vi"
    r"|nguon-tin)(?=/|$)"
)


def _(text: str) -> str:  # marks a word for the catalogs; the page translates it
    return text


_ACTS = {
    "tiep-nhan": _("Tiếp nhận"), "phu-trach": _("Phân công"), "xac-minh": _("Ghi mức xác minh"),
    "tinh-trang": _("Chuyển tình trạng"), "muc": _("Đổi mức"), "ket-luan": _("Ghi kết luận"),
    "rut-kinh-nghiem": _("Lưu phiếu rút kinh nghiệm"), "dong": _("Đóng vụ việc"),
    "mo-lai": _("Mở lại vụ việc"), "gop": _("Gộp vụ việc"), "bo-gop": _("Hoàn tác việc gộp"),
    "viec": _("Ghi nhận việc và bằng chứng"), "rut": _("Rút tệp"), "soan": _("Tạo dự thảo"),
    "sua": _("Lưu phiên bản mới của phát ngôn"), "trinh": _("Trình duyệt"), "duyet": _("Duyệt"),
    "tra-lai": _("Trả lại"), "dang": _("Đăng phát ngôn"), "thu-hoi": _("Thu hồi"),
    "noi-dang": _("Ghi thêm nơi đăng"), "uy-quyen": _("Ủy quyền phát ngôn"),
}  # fmt: skip


def may_be_sent_again(request: Request, kept: Kept | None) -> bool:
    """Tell whether a kept form is one of our own pages' and may be offered again."""
    if kept is None or kept.secret or _BY_ITSELF.fullmatch(_place(kept.path)):
        return False
    path = _place(kept.path)
    if not path.startswith("/") or path.startswith("//") or not kept.path.isprintable():
        return False
    scope = {**request.scope, "type": "http", "path": path, "method": "POST", "root_path": ""}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def wants_resend(request: Request, error: Exception, kept: Kept | None) -> bool:
    """Tell whether a refusal should hand the form back rather than only say why."""
    if request.method != "POST" or not may_be_sent_again(request, kept) or kept is None:
        return False
    if isinstance(error, StaleFormError):
        return True
    if isinstance(error, ChangedError) and not error.carries_on:
        return False
    if isinstance(error, RequestValidationError):
        status = 422
    else:
        known = isinstance(error, LangNgheError | HTTPException)
        status = (error.status if isinstance(error, LangNgheError) else
                  error.status_code if isinstance(error, HTTPException) else 500)  # fmt: skip
        status = status if known else 500
    return bool(kept.typed) and (status in _AGAIN or status >= 500)


def resend_page(
    request: Request,
    services: Services,
    caller: Caller | None,
    kept: Kept,
    *,
    status: int = 200,
    sentence: str,
    mend: str = "",
    error: Exception | None = None,
    incident: str = "",
) -> Response:
    """Return the page with the kept form in it."""
    changes: tuple[Any, ...] = ()
    if isinstance(error, ChangedError):
        kept, changes = kept.made_from(error.current), error.changes
    path = _place(kept.path)
    answer = page(
        request,
        "resend.html",
        caller=caller,
        status=status,
        sentence=sentence,
        mend=mend,
        incident=incident,
        changes=changes,
        target=kept.path,
        act=_ACTS.get(path.rstrip("/").rsplit("/", 1)[-1], ""),
        typed=[(name, value, label_of(name), _rows(value)) for name, value in kept.typed],
        chosen=kept.chosen,
        told=_told(kept, services),
        files=kept.files,
        cut=kept.cut,
        back=page_behind(path, sent=True),
    )
    if caller is None:
        answer.set_cookie(
            form_cookie(services.drill), request.state.csrf_seed, httponly=True, samesite="lax",
            secure=services.settings.secure_cookies,
        )  # fmt: skip
    return answer


def sign_in_page(
    request: Request,
    services: Services,
    *,
    wanted: str,
    problem: str = "",
    status: int = 200,
    kept: Kept | None = None,
) -> Response:
    """Return the sign-in form, which carries on a form that was sent after the session ended."""
    carried = kept if may_be_sent_again(request, kept) else None
    answer = page(
        request, "login.html", status=status, wanted=wanted, problem=problem,
        carried=pack(carried) if carried else "",
        lost=carried is None and kept is not None and kept.secret,
    )  # fmt: skip
    answer.set_cookie(
        form_cookie(services.drill), request.state.csrf_seed, httponly=True, samesite="lax",
        secure=services.settings.secure_cookies,
    )  # fmt: skip
    return answer


def sign_in_again(request: Request, error: LoginRequired) -> Response:
    """Answer a form that came without a session: the sign-in form, and what was typed with it."""
    services: Services = request.app.state.services
    wanted = page_behind(request.url.path, sent=True) or "/"
    return sign_in_page(request, services, wanted=wanted, status=401, kept=error.kept)


def page_behind(path: str, *, sent: bool) -> str:
    """Return the page whose form was sent, or the section's first page, to try again from."""
    form = FORM_OF.match(path) if sent else None
    if form:
        return form[1]
    section = SECTION.match(path)
    return section[0] if section and (sent or section[0] != path) else ""


def _place(path: str) -> str:
    return path.partition("?")[0]


def _rows(value: str) -> int:
    return min(16, max(2, value.count("\n") + len(value) // 60 + 1))


def _told(kept: Kept, services: Services) -> list[tuple[str, str]]:
    """Return (label, words) of the choices a person should see before sending them again."""
    found = []
    for name, value in kept.chosen:
        if name in ("verification", "state") and value in WORDS[name]:
            found.append((label_of(name), word(name, value)))
        elif name == "level" and value.isdecimal() and len(value) < 3:
            found.append((label_of(name), services.policy.level(int(value)).name))
    return found
