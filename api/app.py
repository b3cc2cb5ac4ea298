"""The API's routers in one, and its OpenAPI document as the contract that is committed.

``python -m api.app`` prints the document; a check compares it with ``api/openapi.json``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import Problem
from api.routes import (
    evidence,
    hand,
    incident_acts,
    incidents,
    mentions,
    notices,
    people,
    plan,
    reports,
    sources,
    statements,
    stories,
    system,
    units,
    watch,
)
from langnghe import __version__

PREFIX = "/api/v1"
TITLE = "Lắng Nghe API"
DESCRIPTION = (
    "Tin, cụm tin và vụ việc mà hệ thống nghe được. Tên và chi tiết nhận ra trẻ em luôn được che. "
    "Xác thực bằng mã truy cập (Authorization: Bearer …) hoặc phiên đăng nhập của trình duyệt. "
    "Lỗi theo RFC 9457 (application/problem+json). Danh sách phân trang bằng con trỏ «next»."
)


def build_router() -> APIRouter:
    """Return every route of the API, the open system routes included."""
    router = APIRouter()
    for part in (
        mentions,
        stories,
        hand,
        incidents,
        notices,
        incident_acts,
        evidence,
        units,
        people,
        sources,
        reports,
        watch,
        plan,
        statements,
    ):
        router.include_router(part.router, prefix=PREFIX)
    router.include_router(system.router)
    return router


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application that includes the API."""
    document = get_openapi(
        title=TITLE, version=__version__, description=DESCRIPTION, routes=app.routes
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    return document


def openapi_document() -> dict[str, Any]:
    """Return the document of the API alone."""
    app = FastAPI(openapi_url=None)
    app.include_router(build_router())
    return describe(app)


def document_text() -> str:
    """Return the document as it is committed."""
    return json.dumps(openapi_document(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document_text())
