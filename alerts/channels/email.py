"""E-mail by SMTP: one connection a batch, plain reasons, a receipt right after the server's 250."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from email.errors import MessageError
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr

from alerts.channels.base import keep_receipt
from alerts.outmail import Attached, ChannelDown, OutMail, Unsure
from alerts.receipts import Receipts
from langnghe.core.errors import DeliveryError
from langnghe.core.settings import Settings

RECEIPTS_NAME = "receipts.jsonl"
# One address and nothing else: no second recipient, no display name, no line break.
_ADDRESS = re.compile(r"[^\s@<>(),:;\"\[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


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


# Seven bits: not every server on the way takes eight, and none says so in time.
_POLICY = _LongSubjects(linesep=SMTP.linesep, cte_type="7bit")


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
        raw = self._compose(mail).as_bytes()
        fresh = self._server is None
        server = self._server or self._connect()
        try:
            self._deliver(server, raw, mail.recipient)
        except smtplib.SMTPServerDisconnected as error:
            self._drop()
            if fresh:
                raise self._down("ngắt kết nối giữa chừng") from error
            self._deliver_again(raw, mail.recipient)
        keep_receipt(self.receipts, mail)

    def another(self) -> SmtpChannel:
        """Return a channel with a connection of its own and the same receipts."""
        return SmtpChannel(self._settings, receipts=self.receipts, tls=self._tls)

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
            if not (mail.recipient.isascii() and _ADDRESS.fullmatch(mail.recipient)):
                raise ValueError("recipient")
            message["From"] = self._settings.mail_from
            message["To"] = mail.recipient
            # A line break in a title must neither break the message nor begin a header.
            message["Subject"] = " ".join(mail.subject.split())
            message["Date"] = format_datetime(mail.created_at)
            message["Message-ID"] = mail.message_id
            for name, value in mail.headers.items():
                message[name] = value
        except (ValueError, MessageError) as error:
            raise DeliveryError(
                "Địa chỉ e-mail người nhận không hợp lệ.",
                permanent=True,
                mend="Sửa địa chỉ trong danh bạ của hồ sơ đơn vị.",
            ) from error
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        for attached in mail.attachments:
            _attach(message, attached)
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
                # A server (or whoever stands in between) that does not offer it is refused.
                server.starttls(context=self._context())
            server.ehlo_or_helo_if_needed()
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

    def _deliver(self, server: smtplib.SMTP, raw: bytes, recipient: str) -> None:
        """Go through sender, recipient and content; a lost connection before content is raised."""
        try:
            self._envelope(server, len(raw), recipient)
        except smtplib.SMTPServerDisconnected:
            raise
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise self._down(_cause(error)) from error
        try:
            code, _ = server.data(raw)
        except smtplib.SMTPDataError as error:
            code = error.smtp_code
        except (OSError, smtplib.SMTPException) as error:
            # It may have been taken just before the connection broke.
            self._drop()
            raise Unsure(
                f"{self._name} im lặng khi đang nhận thư.", mend="Hệ thống sẽ tự thử lại."
            ) from error
        if code != 250:
            raise self._refusal(server, "từ chối thư", code)

    def _envelope(self, server: smtplib.SMTP, size: int, recipient: str) -> None:
        sender = parseaddr(self._settings.mail_from)[1]
        code, _ = server.mail(sender, [f"size={size}"] if server.has_extn("size") else [])
        if code != 250:
            self._drop()
            raise self._down(
                f"từ chối người gửi (mã {code})",
                "Kiểm tra «mail_from» có đúng tài khoản được phép gửi không.",
            )
        code, _ = server.rcpt(recipient)
        if code not in (250, 251):
            raise self._refusal(server, "từ chối người nhận", code)

    def _refusal(self, server: smtplib.SMTP, what: str, code: int) -> DeliveryError:
        """Make the connection fit for the next message; return what the code means."""
        if code == 421:  # the server says goodbye to everybody, not to this message
            self._drop()
            return self._down("đang ngừng phục vụ (mã 421)", "Hệ thống sẽ tự thử lại.")
        try:
            server.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()
        return _refused(what, code)

    def _deliver_again(self, raw: bytes, recipient: str) -> None:
        """An idle connection may have been closed by the server: try once on a new one."""
        try:
            self._deliver(self._connect(), raw, recipient)
        except smtplib.SMTPServerDisconnected as error:
            self._drop()
            raise self._down("ngắt kết nối giữa chừng") from error

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()

    @property
    def _name(self) -> str:
        return f"Máy chủ thư {self._settings.smtp_host}:{self._settings.smtp_port}"

    def _down(self, what: str, mend: str = "") -> ChannelDown:
        return ChannelDown(
            f"{self._name} {what}.",
            mend=mend or "Kiểm tra «smtp_host», «smtp_port» và mạng; thư đang chờ sẽ tự gửi lại.",
        )


_TLS_MEND = "Kiểm tra «smtp_security» (starttls, tls hay none) và chứng chỉ của máy chủ."


def _attach(message: EmailMessage, attached: Attached) -> None:
    """Add a file; a calendar says what is to be done with it, or mail programs show it as text."""
    main, _, sub = attached.media_type.partition(";")[0].strip().partition("/")
    if (main, sub) == ("text", "calendar"):
        message.add_attachment(
            attached.content.decode("utf-8"), subtype="calendar", filename=attached.name,
            params={"method": "PUBLISH"},
        )  # fmt: skip
    else:
        message.add_attachment(
            attached.content, maintype=main or "application", subtype=sub or "octet-stream",
            filename=attached.name,
        )  # fmt: skip


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
