"""What an officer may set on the screen: groups, fields, and in plain words what each does.

The names are those of ``langnghe.core.overlay_settings``; the values are checked by the model of
the file itself, so that screen and file never disagree about what is right.
"""

from __future__ import annotations

from dataclasses import dataclass

from langnghe.core.overlay_settings import SECRETS

TEXT, NUMBER, CHOICE, SWITCH, PASSWORD, WAYS = (
    "text", "number", "choice", "switch", "password", "ways"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. ``options`` are (value, label) of a choice; ``unit`` stands behind a number."""

    path: str
    label: str
    help: str = ""
    kind: str = TEXT
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()
    example: str = ""

    @property
    def secret(self) -> bool:
        """Whether the value is never shown and never in the database."""
        return self.path in SECRETS


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that are saved together."""

    id: str
    title: str
    fields: tuple[Field, ...]
    help: str = ""


def _(text: str) -> str:  # marks a word for the catalogs; the page translates it
    return text


GROUPS = (
    Group(
        "chung",
        _("Tên và địa chỉ"),
        (
            Field("shown_name", _("Tên hiện ở cuối trang"),
                  _("Để trống: lấy tên trong hồ sơ đơn vị.")),
            Field("base_url", _("Địa chỉ mà người nhận thư mở được"),
                  _("Đứng trong mọi thư và tin nhắn; sai thì người nhận không mở được vụ việc."),
                  example="https://langnghe.truong.edu.vn"),
            Field("contact", _("Thư hoặc trang để nơi được đọc tin liên hệ"),
                  _("Nói với các báo ai đang đọc họ. Chỉ dùng chữ không dấu."),
                  example="vanphong@truong.edu.vn"),
        ),
    ),
    Group(
        "thu",
        _("Máy chủ gửi thư"),
        (
            Field("smtp_host", _("Tên máy chủ"),
                  _("Để trống: không gửi thư, cảnh báo chỉ hiện trên trang này."),
                  example="smtp.truong.edu.vn"),
            Field("smtp_port", _("Cổng"), _("Thường là 587 (STARTTLS) hoặc 465 (TLS)."), NUMBER),
            Field("smtp_security", _("Bảo mật"), "", CHOICE,
                  options=(("starttls", "STARTTLS"), ("tls", "TLS"),
                           ("none", _("không mã hóa (chỉ trong mạng nội bộ)")))),
            Field("smtp_user", _("Tên đăng nhập hộp thư"), _("Để trống nếu máy chủ không hỏi.")),
            Field("smtp_password", _("Mật khẩu hộp thư"),
                  _("Nhiều nơi cần «mật khẩu ứng dụng». Ghi vào một tệp riêng trên máy chủ này, "
                    "không hiện lại."), PASSWORD),
            Field("mail_from", _("Người gửi hiện trong thư"),
                  example="Lắng Nghe <canhbao@truong.edu.vn>"),
            Field("mail_fallback", _("Ai nhận thay khi đơn vị chưa khai người nhận"),
                  _("Không để trống, kẻo cảnh báo của đơn vị ấy không tới ai."),
                  example="thuky@truong.edu.vn"),
        ),
    ),
    Group(
        "nhip",
        _("Nhịp làm việc"),
        (
            Field("collect_every_s", _("Cứ bao lâu xem nguồn nào tới giờ đọc"),
                  _("Mỗi nguồn có nhịp riêng ở trang «Nguồn tin»; số này là bước của đồng hồ."),
                  NUMBER, _("giây")),
            Field("session_hours", _("Đăng nhập giữ được bao lâu"),
                  _("Hết giờ phải đăng nhập lại; nội dung đang viết dở vẫn còn. Tính cho lần đăng "
                    "nhập sau."), NUMBER, _("giờ")),
        ),
    ),
    Group(
        "luu",
        _("Giữ trong bao lâu"),
        (
            Field("keep.mention", _("Tin ngoài vụ việc"),
                  _("Kể từ khi thấy tin; hết hạn thì xóa hẳn nội dung."), NUMBER, _("ngày")),
            Field("keep.incident", _("Tin trong vụ việc"),
                  _("Kể từ khi đóng vụ việc. Hồ sơ, biên bản, nhật ký của vụ việc vẫn còn."),
                  NUMBER, _("ngày")),
            Field("keep.notice", _("Nội dung thông báo đã gửi"),
                  _("Hết hạn thì xóa nội dung; vẫn biết đã gửi cho ai, lúc nào."),
                  NUMBER, _("ngày")),
            Field("keep.sign_in", _("Ai đăng nhập từ đâu"),
                  _("Hết hạn thì xóa nội dung dòng nhật ký đăng nhập."), NUMBER, _("ngày")),
        ),
        _("Ghi 0 để giữ mãi. Lệnh giữ lại của một vụ việc luôn mạnh hơn các hạn này. Rút ngắn hạn "
          "thì phần quá hạn bị xóa trong vòng một giờ và không lấy lại được."),
    ),
    Group(
        "cach-gui",
        _("Các cách gửi khác"),
        (
            Field("ways_off", _("Tạm tắt"),
                  _("Cách bị tắt không được dùng; thông báo đi bằng cách kế tiếp của người nhận."),
                  WAYS),
            Field("channels.telegram.token", _("Telegram: mã của bot"),
                  _("Do BotFather cấp, dạng «số:chữ»."), PASSWORD),
            Field("channels.zalo.app_id", _("Zalo: mã ứng dụng")),
            Field("channels.zalo.secret_key", _("Zalo: khóa bí mật của ứng dụng"), "", PASSWORD),
            Field("channels.zalo.refresh_token", _("Zalo: refresh token đầu tiên"),
                  _("Các mã sau do hệ thống tự đổi và giữ."), PASSWORD),
            Field("channels.zalo.template_id", _("Zalo ZNS: mã mẫu tin đã được duyệt")),
            Field("channels.zalo.oa", _("Gửi cả bằng tin của Zalo OA"), "", SWITCH),
            Field("channels.push.enabled", _("Thông báo đẩy trên trình duyệt"),
                  _("Cần địa chỉ bắt đầu bằng https://."), SWITCH),
            Field("channels.push.contact", _("Thông báo đẩy: địa chỉ liên hệ"),
                  example="mailto:vanphong@truong.edu.vn"),
        ),
        _("SMS, móc nối (webhook) và cổng apprise khai trong tệp langnghe.toml theo tài liệu "
          "docs/channels.md."),
    ),
)  # fmt: skip


def group_of(name: str) -> Group | None:
    """Return the group of this id."""
    return next((group for group in GROUPS if group.id == name), None)
