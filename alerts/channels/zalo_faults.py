"""What Zalo's error numbers mean for a notice: try again, give the way up, or call a person.

The numbers are those of Zalo's published tables of ZNS and of the Official Account API (see
docs/channels.md for which were cross-checked). One that is not here is taken as passing.
"""

from __future__ import annotations

from alerts.outmail import ChannelDown
from langnghe.core.errors import DeliveryError

TOKEN_REFUSED = frozenset({-124, -216, -220})
"""The access token is no longer good: refresh it and try once more."""

_NUMBER = "Sửa số điện thoại trong danh bạ, hoặc dùng cách khác cho người này."
_TEMPLATE = "Sửa mục channels.zalo (template_id, fields) cho khớp với mẫu tin đã duyệt."
_ACCOUNT = "Kiểm tra ứng dụng và Official Account tại developers.zalo.me và oa.zalo.me."
_MONEY = "Nạp tiền hoặc nâng hạn mức tài khoản Zalo Cloud (ZCA)."
_WAIT = "Hệ thống sẽ tự thử lại."

# This person cannot be reached this way, now or later.
_PERSON = {
    -108: "Zalo không nhận số điện thoại này",
    -114: "Người nhận không nhận được tin ZNS (trạng thái tài khoản hoặc lựa chọn của họ)",
    -118: "Số điện thoại này không có tài khoản Zalo",
    -119: "Tài khoản Zalo này không nhận được tin",
    -139: "Người nhận đã từ chối loại tin này",
    -140: "Người nhận không đủ điều kiện nhận loại tin này",
    -141: "Người nhận đã từ chối tin từ Official Account",
    -213: "Người nhận chưa quan tâm Official Account",
    -217: "Người nhận đã chặn Official Account",
    -227: "Tài khoản Zalo này bị khóa hoặc bỏ lâu",
    -230: "Người nhận không trò chuyện với Official Account trong 7 ngày qua",
    -232: "Lần trò chuyện cuối của người nhận với Official Account đã quá hạn",
    -244: "Người nhận đã hạn chế loại tin này",
}
# This message does not fit its template, and will not by itself.
_CONTENT = {
    -111: "Mẫu tin thiếu nội dung",
    -112: "Nội dung không đúng kiểu của mẫu tin",
    -113: "Nút bấm của mẫu tin không hợp lệ",
    -116: "Nội dung tin không hợp lệ",
    -130: "Nội dung tin quá dài",
    -132: "Tham số gửi Zalo không hợp lệ",
    -153: "Nội dung vi phạm quy định của Zalo",
    -201: "Tham số gửi Zalo không hợp lệ",
    -248: "Nội dung vi phạm quy định của Zalo",
    -1121: "Nội dung dài hơn mức của mẫu tin",
    -1122: "Thiếu tham số của mẫu tin",
    -1124: "Tham số sai định dạng của mẫu tin",
    -1131: "Liên kết trong nút bấm không hợp lệ",
}
# Nothing will get through until a person acts; other ways must carry the notices.
_CLOSED = {
    -101: ("Ứng dụng Zalo không hợp lệ", _ACCOUNT),
    -102: ("Ứng dụng Zalo không tồn tại", _ACCOUNT),
    -103: ("Ứng dụng Zalo chưa kích hoạt", _ACCOUNT),
    -104: ("Khóa bí mật của ứng dụng Zalo không đúng", _ACCOUNT),
    -105: ("Ứng dụng Zalo chưa gắn với Official Account", _ACCOUNT),
    -109: ("Mã mẫu tin ZNS không đúng", _TEMPLATE),
    -115: ("Tài khoản ZNS hết tiền hoặc hết hạn mức", _MONEY),
    -117: ("Ứng dụng không có quyền dùng mẫu tin này", _TEMPLATE),
    -120: ("Official Account không có quyền dùng tính năng này", _ACCOUNT),
    -125: ("Mã Official Account không đúng", _ACCOUNT),
    -126: ("Ví thử nghiệm ZNS hết hạn mức", _MONEY),
    -131: ("Mẫu tin ZNS chưa được duyệt", _TEMPLATE),
    -133: ("Mẫu tin này không được gửi ban đêm (22 giờ đến 6 giờ)", _WAIT),
    -135: ("Official Account chưa được phép gửi ZNS", _ACCOUNT),
    -136: ("Cần nối với tài khoản Zalo Cloud", _MONEY),
    -137: ("Tài khoản Zalo Cloud không trừ được tiền", _MONEY),
    -138: ("Ứng dụng không có quyền dùng tính năng này", _ACCOUNT),
    -144: ("Official Account hết hạn mức ZNS trong ngày", _MONEY),
    -145: ("Official Account không được gửi loại tin này", _ACCOUNT),
    -146: ("Mẫu tin bị khóa vì chất lượng gửi thấp", _TEMPLATE),
    -147: ("Mẫu tin hết hạn mức trong ngày", _MONEY),
    -204: ("Official Account đã bị xóa", _ACCOUNT),
    -205: ("Official Account không tồn tại", _ACCOUNT),
    -209: ("Ứng dụng chưa được dùng giao diện này", _ACCOUNT),
    -212: ("Official Account chưa đăng ký giao diện này", _ACCOUNT),
    -219: ("Ứng dụng Zalo đã bị gỡ hoặc khóa", _ACCOUNT),
    -221: ("Official Account chưa xác thực", _ACCOUNT),
    -224: ("Official Account cần nâng gói", _MONEY),
    -234: ("Zalo không cho gửi loại tin này ban đêm", _WAIT),
    -320: ("Ứng dụng cần nối với tài khoản Zalo Cloud", _MONEY),
    -321: ("Tài khoản Zalo Cloud hết tiền", _MONEY),
    -1351: ("Official Account bị khóa gửi ZNS vì vi phạm", _ACCOUNT),
    -32: ("Gọi Zalo quá nhiều lần một phút", _WAIT),
    -211: ("Hết hạn mức của tính năng Zalo", _MONEY),
}


def fault_of(code: int) -> DeliveryError:
    """Return what an error number of Zalo means; the number is always shown."""
    if code in _PERSON:
        return DeliveryError(f"{_PERSON[code]} (mã {code}).", permanent=True, mend=_NUMBER)
    if code in _CONTENT:
        return DeliveryError(f"{_CONTENT[code]} (mã {code}).", permanent=True, mend=_TEMPLATE)
    if code in _CLOSED:
        what, mend = _CLOSED[code]
        return ChannelDown(f"{what} (mã {code}).", mend=mend)
    if code in TOKEN_REFUSED:
        return ChannelDown(f"Zalo không nhận mã truy cập dù vừa đổi (mã {code}).", mend=_ACCOUNT)
    return DeliveryError(f"Zalo không nhận tin (mã {code}).", mend=_WAIT)
