"""Every other service through apprise: an address with a name, written once in the settings.

Its addresses hold keys, and the library speaks of them in its own log: that log is closed, and
nothing it raises is passed on.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from pydantic import SecretStr

from alerts.channels.base import ReceiptedChannel
from alerts.outmail import OutMail
from alerts.receipts import Receipts
from langnghe.core.errors import DeliveryError


def _close_log() -> None:
    """Let nothing of the library's log out, whoever set up the root logger and when."""
    own = logging.getLogger("apprise")
    own.handlers = [logging.NullHandler()]
    own.propagate = False
    own.setLevel(logging.CRITICAL + 1)
    # What it sends with writes paths, which hold keys, when somebody looks for faults.
    logging.getLogger("urllib3").setLevel(logging.WARNING)


class NamedChannel(ReceiptedChannel):
    """Sends to the apprise address whose name stands as the recipient."""

    def __init__(self, addresses: Mapping[str, SecretStr], receipts: Receipts) -> None:
        super().__init__(receipts)
        self._addresses = addresses

    def _hand_over(self, mail: OutMail) -> None:
        address = self._addresses.get(mail.recipient)
        if address is None:
            raise DeliveryError(
                "Không có địa chỉ apprise nào tên như trong danh bạ.",
                permanent=True,
                mend="Khai mục channels.apprise trong langnghe.toml hoặc sửa danh bạ.",
            )
        # Imported here: it takes a second and most houses never use it.
        import apprise

        _close_log()
        asset = apprise.AppriseAsset(
            async_mode=False, secure_logging=True, storage_mode=apprise.PersistentStoreMode.MEMORY
        )
        service = apprise.Apprise(asset=asset)
        if not service.add(address.get_secret_value()):
            raise DeliveryError(
                f"Địa chỉ apprise «{mail.recipient}» sai mẫu.",
                permanent=True,
                mend="Sửa mục channels.apprise theo tài liệu của apprise.",
            )
        taken = False
        try:
            # Said to be plain text: else services that take HTML would show a headline's markup.
            taken = bool(
                service.notify(
                    body=mail.text.strip() or mail.short, title=mail.subject,
                    body_format=apprise.NotifyFormat.TEXT,
                )
            )  # fmt: skip
        except Exception as error:
            # Plugins of many hands raise many things, and their words may hold the address.
            raise DeliveryError(
                f"Dịch vụ «{mail.recipient}» gặp lỗi {type(error).__name__}.",
                mend="Hệ thống sẽ tự thử lại.",
            ) from None
        if not taken:
            raise DeliveryError(
                f"Dịch vụ «{mail.recipient}» không nhận tin.",
                mend="Thử bằng «langnghe channels test apprise»; kiểm tra khóa và địa chỉ.",
            )
