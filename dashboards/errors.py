"""Errors as plain pages: one Vietnamese sentence and how to mend it."""

from __future__ import annotations

import re

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from dashboards.render import page
from dashboards.visitor import LoginRequired, to_login
from langnghe.core.errors import LangNgheError

_FORM_OF = re.compile(
    r"(/(?:cum-tin|vu-viec|tin|phat-ngon|ke-hoach/bai)/\d{1,19}|/don-vi/[^/]{1,100})/"
)
_SECTION = re.compile(
    r"/(?:vu-viec|dong-tin|phat-ngon|uy-quyen|bao-cao|ke-hoach|gop-y|thong-bao-day|thong-bao|don-vi"
    r"|nguon-tin)(?=/|$)"
)
_SENTENCES = {
    404: "Không có trang này.",
    405: "Trang này không nhận yêu cầu kiểu đó.",
    413: "Nội dung gửi lên quá lớn.",
}


def error_page(request: Request, error: Exception, *, incident: str = "") -> Response:
    """Return the page for an exception; one not ours shows only ``incident``, its log id."""
    if isinstance(error, LoginRequired):
        return to_login(error)
    status, sentence, mend = 500, "Máy chủ gặp lỗi ngoài dự kiến.", ""
    if isinstance(error, LangNgheError):
        status, sentence, mend = error.status, error.message, error.mend
    elif isinstance(error, RequestValidationError):
        status, sentence, mend = 422, "Dữ liệu gửi lên không hợp lệ.", "Quay lại và kiểm tra."
    elif isinstance(error, HTTPException):
        status = error.status_code
        sentence = _SENTENCES.get(status, "Yêu cầu không thực hiện được.")
    if not hasattr(request.state, "csrf_seed"):
        request.state.csrf_seed = ""
    return page(
        request, "error.html", status=status, code=status, sentence=sentence, mend=mend,
        incident=incident, back=_page_of(request),
    )  # fmt: skip


def _page_of(request: Request) -> str:
    """Return the page whose form was sent, or the section's first page, to try again from."""
    path, sent = request.url.path, request.method == "POST"
    form = _FORM_OF.match(path) if sent else None
    if form:
        return form[1]
    section = _SECTION.match(path)
    return section[0] if section and (sent or section[0] != path) else ""
