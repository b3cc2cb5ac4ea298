"""The letter with which somebody sets a password: sent at once and kept nowhere.

Unlike every other letter it does not go through the outbox, because its link lets its reader in and
must not stand in the database.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from html import escape

from alerts.channels import EMAIL
from alerts.channels.trying import send_now
from alerts.outmail import OutMail
from langnghe.core.accounts import LINK_HOURS, password_link_token
from langnghe.core.errors import InputError
from langnghe.core.settings import Settings
from langnghe.core.store.engine import Store
from langnghe.core.store.tables import UserRow

PATH = "/dat-mat-khau"


def invite(settings: Settings, store: Store, row: UserRow, now: datetime) -> None:
    """Send a user the link with which to set a password. Raises InputError or DeliveryError."""
    if not row.email:
        raise InputError(
            "Tài khoản này chưa có địa chỉ thư điện tử.",
            mend="Ghi địa chỉ rồi gửi lại, hoặc đưa mật khẩu dùng một lần.",
        )
    link = f"{settings.public_url}{PATH}?ma={password_link_token(row, settings.secret_key())}"
    key = f"invite-{uuid.uuid4().hex}"
    text = (
        f"Kính gửi {row.name or row.username}.\n\n"
        f"Tên đăng nhập Lắng Nghe của đồng chí: {row.username}\n\n"
        f"Đặt mật khẩu tại đường dẫn dưới đây, dùng một lần, trong {LINK_HOURS} giờ:\n{link}\n\n"
        "Nếu đồng chí không chờ thư này, xin bỏ qua và báo quản trị viên."
    )
    paragraphs = "".join(f"<p>{escape(p).replace(chr(10), '<br>')}</p>" for p in text.split("\n\n"))
    html = paragraphs.replace(escape(link), f'<a href="{escape(link)}">{escape(link)}</a>')
    mail = OutMail(
        key=key, recipient=row.email, subject="[Lắng Nghe] Đặt mật khẩu của đồng chí",
        text=text, html=f'<html lang="vi"><body>{html}</body></html>', headers={},
        message_id=f"<{key}@langnghe.invalid>", created_at=now, channel=EMAIL,
    )  # fmt: skip
    send_now(settings, store, mail)
