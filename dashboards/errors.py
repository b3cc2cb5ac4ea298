"""Errors as plain pages: one Vietnamese sentence and how to mend it."""

from __future__ import annotations

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from dashboards.render import page
from dashboards.resend import page_behind, resend_page, sign_in_again, wants_resend
from dashboards.visitor import LoginRequired, PasswordDue, kept_of, to_login
from langnghe.core.errors import LangNgheError

_SENTENCES = {
    404: "Không có trang này.",
    405: "Trang này không nhận yêu cầu kiểu đó.",
    413: "Nội dung gửi lên quá lớn.",
}


def error_page(request: Request, error: Exception, *, incident: str = "") -> Response:
    """Return the page for an exception; one not ours shows only ``incident``, its log id."""
    if isinstance(error, LoginRequired):
        if isinstance(error, PasswordDue) or request.method != "POST":
            return to_login(error)
        return sign_in_again(request, error)
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
    kept = kept_of(request)
    if kept is not None and wants_resend(request, error, kept):
        return resend_page(
            request, request.app.state.services, getattr(request.state, "caller", None), kept,
            status=status, sentence=sentence, mend=mend, error=error, incident=incident,
        )  # fmt: skip
    return page(
        request, "error.html", status=status, code=status, sentence=sentence, mend=mend,
        incident=incident,
        back=page_behind(request.url.path, sent=request.method == "POST"),
    )  # fmt: skip
