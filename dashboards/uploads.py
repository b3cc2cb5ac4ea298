"""Forms that carry a file: read only for who has proved who they are, and never kept by mistake.

A stranger's or an oversized form is read through for its words alone: file parts pass by unstored,
so a gigabyte costs neither memory nor disk, and what was typed beside it is handed back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from dashboards.visitor import form_checked, keep_posted, same_site, signed_in
from langnghe.core.auth import Action, Caller
from langnghe.core.errors import InputError
from langnghe.core.services import Services

MAX_UPLOAD = 21_000_000
"""Bytes of a form whose file is taken (``alerts.attachments.MAX_FILE`` and the words)."""
MAX_FIELD = 100_000
_TORN = "Gửi lại khi mạng ổn định."


class TooLargeError(InputError):
    """The form holds a file larger than is taken."""

    status = 413


class _WordsOnly(MultiPartParser):
    """Reads the fields of a form and lets the bytes of its files pass by."""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Keep the bytes of a field; drop those of a file."""
        if self._current_part.file is None:
            super().on_part_data(data, start, end)


@asynccontextmanager
async def upload_form(
    request: Request,
    caller: Caller | None,
    services: Services,
    *,
    max_files: int,
    max_fields: int,
    needs: Action | None = None,
) -> AsyncIterator[FormData]:
    """Yield the form of a signed-in visitor, files and all, and close it afterwards.

    Raises LoginRequired with the words of a stranger's form, ForbiddenError without the right
    ``needs`` or for a forged form, TooLargeError, and InputError for a form torn on the way.
    """
    same_site(request)
    size = int(request.headers.get("content-length", "0"))
    try:
        if caller is None and size <= MAX_UPLOAD:
            keep_posted(request, await words_of(request, max_files, max_fields))
        caller = signed_in(request, caller)
        if needs is not None:
            caller.require(needs)
        if size > MAX_UPLOAD:
            words = await words_of(request, max_files, max_fields)
            keep_posted(request, words)
            form_checked(request, caller, services, _token(words))
            raise TooLargeError(
                "Tệp lớn quá 20 MB nên không nhận; nội dung khác của biểu mẫu vẫn còn.",
                mend="Gửi bản nhỏ hơn, hoặc ghi đường dẫn tới nơi đang lưu tệp.",
            )
        form = await request.form(max_files=max_files, max_fields=max_fields)
    except ClientDisconnect as error:
        raise InputError("Tệp chưa tải lên hết; chưa thay đổi gì.", mend=_TORN) from error
    try:
        keep_posted(request, form)
        form_checked(request, caller, services, _token(form))
        yield form
    finally:
        await form.close()


async def words_of(request: Request, max_files: int, max_fields: int) -> FormData:
    """Return the form with its files empty; nothing of a file is stored on the way."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.form(max_files=max_files, max_fields=max_fields)
    parser = _WordsOnly(
        request.headers, request.stream(), max_files=max_files, max_fields=max_fields,
        max_part_size=MAX_FIELD,
    )  # fmt: skip
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise InputError("Biểu mẫu không đọc được.", mend="Tải lại trang rồi gửi lại.") from error
    await form.close()
    return form


def _token(form: FormData) -> str:
    token = form.get("csrf", "")
    return token if isinstance(token, str) else ""


def saved(name: str, data: bytes) -> Response:
    """Return a file to be saved under ``name``, never shown in the page."""
    return Response(
        data,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Cache-Control": "no-store",
        },
    )
