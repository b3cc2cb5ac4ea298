"""What can go wrong on the way to a source, each with one plain sentence and its mend.

All are ``FetchError``s of one subclass, so that the poller can read ``code``, ``status`` and
``retry_at`` while every other room only knows the common base. No message holds a URL with a
password, a header or the text of an exception.
"""

from __future__ import annotations

from datetime import datetime

from langnghe.core.errors import FetchError
from langnghe.core.types import SourceState

_FAILING, _REFUSED, _MALFORMED = SourceState.FAILING, SourceState.REFUSED, SourceState.MALFORMED

_SAY: dict[str, tuple[SourceState, str, str]] = {
    "bad_url": (
        _FAILING,
        "Địa chỉ nguồn tin không hợp lệ.",
        "Sửa địa chỉ trong danh mục nguồn; địa chỉ phải bắt đầu bằng http:// hoặc https://.",
    ),
    "credentials": (
        _FAILING,
        "Địa chỉ nguồn tin có chứa tên đăng nhập hoặc mật khẩu.",
        "Bỏ phần “tên:mật khẩu@” khỏi địa chỉ; Lắng Nghe chỉ đọc nguồn công khai.",
    ),
    "private_address": (
        _REFUSED,
        "Địa chỉ nguồn tin dẫn vào mạng nội bộ nên không được mở.",
        "Chỉ dùng địa chỉ công khai trên Internet; nếu trang vừa đổi máy chủ, hãy báo quản trị.",
    ),
    "dns": (
        _FAILING,
        "Không tìm thấy máy chủ của nguồn tin.",
        "Kiểm tra kết nối mạng và tên miền trong danh mục nguồn.",
    ),
    "connect": (
        _FAILING,
        "Không kết nối được tới nguồn tin.",
        "Thử mở trang bằng trình duyệt; nếu trang vẫn chạy, kiểm tra tường lửa của máy này.",
    ),
    "tls": (
        _FAILING,
        "Chứng thư bảo mật (https) của nguồn tin không hợp lệ.",
        "Kiểm tra ngày giờ của máy này; nếu đúng, chờ đơn vị quản lý trang gia hạn chứng thư.",
    ),
    "timeout": (
        _FAILING,
        "Nguồn tin trả lời quá chậm.",
        "Hệ thống sẽ tự thử lại; nếu kéo dài, tăng thời gian chờ hoặc giãn chu kỳ đọc.",
    ),
    "protocol": (
        _FAILING,
        "Nguồn tin trả lời sai giao thức hoặc ngắt giữa chừng.",
        "Hệ thống sẽ tự thử lại; nếu kéo dài, báo đơn vị quản lý trang.",
    ),
    "too_large": (
        _MALFORMED,
        "Nguồn tin trả về dữ liệu quá lớn nên đã dừng tải.",
        "Kiểm tra lại địa chỉ: có thể đây không phải là trang tin RSS.",
    ),
    "bomb": (
        _MALFORMED,
        "Dữ liệu nén của nguồn tin phình quá lớn khi giải nén nên đã dừng.",
        "Tắt nguồn này và báo đơn vị quản lý trang; dữ liệu như vậy có thể là tấn công.",
    ),
    "encoding": (
        _MALFORMED,
        "Nguồn tin dùng kiểu nén không đọc được hoặc dữ liệu nén bị hỏng.",
        "Hệ thống sẽ tự thử lại; nếu kéo dài, báo đơn vị quản lý trang.",
    ),
    "redirects": (
        _FAILING,
        "Nguồn tin chuyển hướng quá nhiều lần hoặc chuyển hướng sai.",
        "Mở trang bằng trình duyệt và ghi địa chỉ cuối cùng vào danh mục nguồn.",
    ),
    "robots": (
        _REFUSED,
        "Trang không cho phép đọc tự động địa chỉ này (robots.txt).",
        "Tắt nguồn này hoặc xin phép đơn vị quản lý trang.",
    ),
    "robots_down": (
        _FAILING,
        "Chưa đọc được robots.txt của trang nên chưa được phép lấy tin.",
        "Hệ thống sẽ tự thử lại; nếu kéo dài, báo đơn vị quản lý trang.",
    ),
    "rate_limited": (
        _REFUSED,
        "Nguồn tin yêu cầu đọc thưa hơn.",
        "Hệ thống sẽ chờ đúng thời gian được yêu cầu; nếu lặp lại, tăng chu kỳ đọc.",
    ),
    "unavailable": (
        _REFUSED,
        "Nguồn tin đang tạm ngừng phục vụ.",
        "Hệ thống sẽ tự thử lại; không cần làm gì nếu chỉ mới xảy ra.",
    ),
    "forbidden": (
        _REFUSED,
        "Nguồn tin từ chối cho đọc.",
        "Xin phép đơn vị quản lý trang hoặc tắt nguồn này.",
    ),
    "not_found": (
        _FAILING,
        "Địa chỉ nguồn tin không còn.",
        "Tìm địa chỉ RSS mới trên trang và sửa trong danh mục nguồn.",
    ),
    "http_error": (
        _FAILING,
        "Nguồn tin báo lỗi.",
        "Hệ thống sẽ tự thử lại; nếu kéo dài, kiểm tra lại địa chỉ.",
    ),
}


class FetchFault(FetchError):
    """One failed request: ``code`` (see this module), HTTP ``http_status``, ``retry_at`` (UTC)."""

    def __init__(
        self, code: str, *, http_status: int | None = None, retry_at: datetime | None = None
    ) -> None:
        state, message, mend = _SAY[code]
        if http_status is not None:
            message = f"{message.removesuffix('.')} (mã {http_status})."
        super().__init__(message, state=state.value, mend=mend)
        self.code = code
        self.http_status = http_status
        self.retry_at = retry_at


def fault_of_status(status: int, retry_at: datetime | None) -> FetchFault:
    """Return the fault that an HTTP status other than 2xx, 3xx stands for."""
    if status == 429:
        code = "rate_limited"
    elif status == 503:
        code = "unavailable"
    elif status in (401, 402, 403, 407, 451):
        code = "forbidden"
    elif status in (404, 410):
        code = "not_found"
    else:
        code = "http_error"
    return FetchFault(code, http_status=status, retry_at=retry_at)
