"""The operating system's refusals in plain Vietnamese: an officer reads them, not a programmer."""

from __future__ import annotations

import errno
import socket

_WORDS = {
    errno.EACCES: "không đủ quyền",
    errno.EPERM: "không đủ quyền",
    errno.ENOENT: "không có tệp hoặc thư mục này",
    errno.EEXIST: "đã có một tệp mang tên này",
    errno.EISDIR: "đây là một thư mục, không phải tệp",
    errno.ENOTDIR: "một phần của đường dẫn là tệp, không phải thư mục",
    errno.ENOSPC: "đĩa đã đầy",
    errno.EDQUOT: "đã dùng hết hạn mức đĩa",
    errno.EROFS: "đĩa chỉ cho đọc",
    errno.EIO: "đĩa báo lỗi đọc ghi",
    errno.EMFILE: "mở quá nhiều tệp cùng lúc",
    errno.ENAMETOOLONG: "tên quá dài",
    errno.ELOOP: "liên kết chạy vòng",
    errno.EADDRINUSE: "cổng này đang có chương trình khác dùng",
    errno.EADDRNOTAVAIL: "máy này không có địa chỉ ấy",
    errno.ECONNREFUSED: "bị từ chối kết nối",
    errno.EHOSTUNREACH: "không có đường mạng tới máy đó",
    errno.ENETUNREACH: "không có mạng",
}


def plain_reason(error: OSError) -> str:
    """Return why the system refused, in a few words without a full stop."""
    if isinstance(error, socket.gaierror):
        return "không có máy nào mang tên này"
    if isinstance(error, TimeoutError):
        return "không trả lời kịp"
    known = _WORDS.get(error.errno) if error.errno is not None else None
    return known or error.strerror or "hệ điều hành báo lỗi"
