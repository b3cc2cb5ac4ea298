"""E-mail by SMTP: one connection a batch, plain reasons, a receipt right after the server's 250."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime

import structlog

from alerts.outbox import ChannelDown, OutMail, Receipts
from langnghe.core.errors import ConfigError, DeliveryError
from langnghe.core.settings import Settings

log = structlog.get_logger(__name__)
RECEIPTS_NAME = "receipts.jsonl"


class _LongSubjects(EmailPolicy):
    """Folds a long subject without losing the space between two words.

    The library's own folding puts that space outside the encoded words, where readers must drop it
    («Trường Suối Mơ» arrives as «Trường SuốiMơ»); its older ``Header`` keeps it inside.
    """

    def fold(self, name: str, value: str) -> str:
        """Return one header as lines."""
        if name.lower() != "subject" or str(value).isascii():
            short: str = super().fold(name, value)
            return short
        told = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {told}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return one header as it goes over the wire."""
        if name.lower() != "subject" or str(value).isascii():
            return super().fold_binary(name, value)
        return self.fold(name, value).encode("ascii")


_POLICY = _LongSubjects(linesep=SMTP.linesep)


class SmtpChannel:
    """Sends through the server of the settings. Not for use by two threads at once."""

    def __init__(
        self,
        settings: Settings,
        *,
        receipts: Receipts | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._tls = tls
        self._server: smtplib.SMTP | None = None
        self.receipts = receipts or Receipts(settings.home / RECEIPTS_NAME)

    def send(self, mail: OutMail) -> None:
        """Hand one message to the server; one that has a receipt is not sent again.

        Raises ``ChannelDown`` when the server cannot be used at all, else ``DeliveryError``.
        """
        if mail.key in self.receipts:
            return
        message = self._compose(mail)
        fresh = self._server is None
        server = self._server or self._connect()
        try:
            self._deliver(server, message, mail.recipient)
        except smtplib.SMTPServerDisconnected as error:
            self._drop()
            if fresh:
                raise self._down("ngắt kết nối giữa chừng") from error
            self._deliver_again(message, mail.recipient)
        try:
            self.receipts.append(mail.key, datetime.now(UTC))
        except ConfigError as error:
            # The message is with the server; failing now would only send it a second time.
            log.error("receipt_not_written", why=error.message, mend=error.mend)

    def close(self) -> None:
        """Say goodbye to the server, if it was spoken to."""
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()

    def _compose(self, mail: OutMail) -> EmailMessage:
        message = EmailMessage(policy=_POLICY)
        try:
            message["From"] = self._settings.mail_from
            message["To"] = mail.recipient
            message["Subject"] = mail.subject
            message["Date"] = format_datetime(mail.created_at)
            message["Message-ID"] = mail.message_id
            for name, value in mail.headers.items():
                message[name] = value
            mail.recipient.encode("ascii")
        except (ValueError, MessageError) as error:
            raise DeliveryError(
                "Địa chỉ e-mail người nhận không hợp lệ.",
                permanent=True,
                mend="Sửa địa chỉ trong danh bạ của hồ sơ đơn vị.",
            ) from error
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message

    def _connect(self) -> smtplib.SMTP:
        s = self._settings
        if not s.smtp_host:
            raise ChannelDown(
                "Chưa khai máy chủ gửi thư.", mend="Điền mục «smtp_host» trong langnghe.toml."
            )
        try:
            if s.smtp_security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    s.smtp_host, s.smtp_port, timeout=s.smtp_timeout_s, context=self._context()
                )
            else:
                server = smtplib.SMTP(s.smtp_host, s.smtp_port, timeout=s.smtp_timeout_s)
        except ssl.SSLError as error:
            raise self._down("không bắt tay TLS được", _TLS_MEND) from error
        except (OSError, smtplib.SMTPException) as error:
            raise self._down(_cause(error)) from error
        try:
            if s.smtp_security == "starttls":
                server.starttls(context=self._context())
            if s.smtp_user:
                server.login(s.smtp_user, s.smtp_password.get_secret_value())
        except smtplib.SMTPAuthenticationError as error:
            server.close()
            raise self._down(
                "không nhận tên đăng nhập hoặc mật khẩu",
                "Kiểm tra «smtp_user» và LANGNGHE_SMTP_PASSWORD (nhiều nhà cung cấp cần mật khẩu "
                "ứng dụng).",
            ) from error
        except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
            server.close()
            raise self._down("không dùng được STARTTLS hoặc đăng nhập", _TLS_MEND) from error
        except (OSError, smtplib.SMTPException) as error:
            server.close()
            raise self._down(_cause(error)) from error
        self._server = server
        return server

    def _deliver(self, server: smtplib.SMTP, message: EmailMessage, recipient: str) -> None:
        try:
            server.send_message(message, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code = next((code for code, _ in error.recipients.values()), 450)
            raise _refused("từ chối người nhận", code) from error
        except smtplib.SMTPSenderRefused as error:
            raise self._down(
                f"từ chối người gửi (mã {error.smtp_code})",
                "Kiểm tra «mail_from» có đúng tài khoản được phép gửi không.",
            ) from error
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPResponseException as error:
            raise _refused("từ chối thư", error.smtp_code) from error
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise self._down(_cause(error)) from error

    def _deliver_again(self, message: EmailMessage, recipient: str) -> None:
        """An idle connection may have been closed by the server: try once on a new one."""
        try:
            self._deliver(self._connect(), message, recipient)
        except smtplib.SMTPServerDisconnected as error:
            self._drop()
            raise self._down("ngắt kết nối giữa chừng") from error

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()

    def _down(self, what: str, mend: str = "") -> ChannelDown:
        s = self._settings
        return ChannelDown(
            f"Máy chủ thư {s.smtp_host}:{s.smtp_port} {what}.",
            mend=mend or "Kiểm tra «smtp_host», «smtp_port» và mạng; thư đang chờ sẽ tự gửi lại.",
        )


_TLS_MEND = "Kiểm tra «smtp_security» (starttls, tls hay none) và chứng chỉ của máy chủ."


def _refused(what: str, code: int) -> DeliveryError:
    permanent = 500 <= code < 600
    return DeliveryError(
        f"Máy chủ thư {what} (mã {code}).",
        permanent=permanent,
        mend="Sửa địa chỉ trong danh bạ của hồ sơ đơn vị."
        if permanent
        else "Hệ thống sẽ tự thử lại.",
    )


def _cause(error: Exception) -> str:
    kinds: tuple[tuple[type[Exception], Callable[[], str]], ...] = (
        (TimeoutError, lambda: "không trả lời kịp"),
        (ConnectionRefusedError, lambda: "từ chối kết nối"),
        (smtplib.SMTPResponseException, lambda: "không sẵn sàng"),
    )
    return next((say() for kind, say in kinds if isinstance(error, kind)), "không kết nối được")
