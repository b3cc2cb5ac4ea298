"""Errors of the API as problem details (RFC 9457): a plain sentence, never an exception's text."""

from __future__ import annotations

from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from langnghe.core.errors import LangNgheError

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "Yêu cầu không đúng",
    401: "Chưa đăng nhập",
    403: "Không được phép",
    404: "Không tìm thấy",
    405: "Phương thức không dùng được",
    409: "Đã có thay đổi khác",
    413: "Nội dung quá lớn",
    422: "Dữ liệu không hợp lệ",
    429: "Quá nhiều yêu cầu",
    503: "Tạm thời không dùng được",
}


class Problem(BaseModel):
    """One problem, in the form of RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Không tìm thấy",
                "status": 404,
                "detail": "Không có vụ việc này, hoặc vụ việc ngoài phạm vi của bạn.",
            }
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    mend: str | None = Field(None, description="Cách khắc phục, nếu có.")
    instance: str | None = Field(None, description="Mã sự cố để tra nhật ký.")
    errors: list[dict[str, str]] | None = None


def title_of(status: int) -> str:
    """Return the short Vietnamese title of an HTTP status."""
    return _TITLES.get(status, "Lỗi máy chủ" if status >= 500 else "Yêu cầu không đúng")


def problem(status: int, detail: str, **more: Any) -> JSONResponse:
    """Return the answer for one problem; ``more`` are further members of it."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    body = Problem(title=title_of(status), status=status, detail=detail, **more)
    return JSONResponse(
        body.model_dump(exclude_none=True), status, media_type=MEDIA_TYPE, headers=headers
    )


def problem_of(error: Exception, *, incident: str = "") -> JSONResponse:
    """Return the answer for an exception; one not ours gives only ``incident``, its log id."""
    if isinstance(error, LangNgheError):
        return problem(error.status, error.message, mend=error.mend or None)
    if isinstance(error, RequestValidationError):
        fields = [
            {"field": ".".join(str(part) for part in e["loc"][1:]), "error": e["type"]}
            for e in error.errors()
        ]
        return problem(422, "Tham số không hợp lệ.", errors=fields)
    if isinstance(error, HTTPException):
        return problem(error.status_code, title_of(error.status_code) + ".")
    return problem(500, "Máy chủ gặp lỗi ngoài dự kiến.", instance=incident or None)


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": title_of(status), "content": {MEDIA_TYPE: {"schema": {}}}}
    for status in (401, 403, 404, 422)
}
for _answer in RESPONSES.values():
    _answer["content"][MEDIA_TYPE]["schema"] = {"$ref": "#/components/schemas/Problem"}
