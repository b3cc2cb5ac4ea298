"""A mail server that writes down every message, on disk, before it says 250.

It does nothing else meanwhile: the messages are read later, by ``read``.

Run as its own process: ``python -m tests.storm.sink PORT FOLDER``. ``FOLDER/control.json`` says how
it behaves: ``on``; ``refuse`` (nobody listens, open connections are cut); ``bye`` (421 to all);
``drop`` (takes ``drops`` more messages, writes them down, cuts the connection instead of saying
250, and says 421 from then on). ``FOLDER/mails.jsonl`` is what arrived.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

MARK = re.compile(r"\bB\d{4}\b")
BYE = "421 4.3.2 going down"


class Sink:
    """The server's state: how it behaves, who is connected, and the file it writes."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        self.mode, self.drops = "on", 0
        self.server: asyncio.Server | None = None
        self.open: set[Any] = set()
        self.file = (folder / "mails.jsonl").open("ab")

    async def run(self) -> None:
        """Serve for ever, looking at the control file."""
        said = ""
        while True:
            try:
                wanted = (self.folder / "control.json").read_text()
            except FileNotFoundError:
                wanted = '{"mode": "on"}'
            if wanted != said:
                said, order = wanted, json.loads(wanted)
                self.mode, self.drops = order["mode"], order.get("drops", 0)
            await self._listen(self.mode != "refuse")
            await asyncio.sleep(0.02)

    async def _listen(self, wanted: bool) -> None:
        if wanted and self.server is None:
            self.server = await asyncio.get_running_loop().create_server(
                lambda: SMTP(self, hostname="sink.example", enable_SMTPUTF8=False),
                "127.0.0.1", self.port,
            )  # fmt: skip
            (self.folder / "ready").touch()
        elif not wanted and self.server is not None:
            self.server.close()
            self.server = None
            for transport in self.open:
                transport.abort()
            self.open.clear()

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Remember the connection, to be able to cut it."""
        session.host_name = hostname
        self.open = {t for t in self.open if not t.is_closing()} | {server.transport}
        return responses

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take a sender, or say goodbye."""
        if self.mode == "bye":
            return BYE
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Write the message down and force it to disk; only then say so."""
        if self.mode == "bye":
            return BYE
        dropped = self.mode == "drop"
        line = json.dumps({
            "at": time.time(), "to": envelope.rcpt_tos, "said": not dropped,
            "raw": envelope.content.decode("latin-1"),
        })  # fmt: skip
        self.file.write(line.encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        if dropped:
            self.drops -= 1
            if self.drops <= 0:
                self.mode = "bye"
            server.transport.abort()
        return "250 OK"


def read(line: bytes) -> dict[str, Any]:
    """Return what is counted of a written line: its id, its readers, the incidents it names."""
    kept = json.loads(line)
    message = email.message_from_bytes(kept["raw"].encode("latin-1"), policy=email.policy.default)
    body = message.get_body(("plain",))
    text = f"{message['Subject']}\n{body.get_content() if body else ''}"
    return {
        "at": kept["at"],
        "said": kept["said"],
        "mid": str(message["Message-ID"] or ""),
        "to": sorted(address.lower() for address in kept["to"]),
        "names": sorted(set(MARK.findall(text))),
        "level": str(message["X-Langnghe-Level"] or ""),
        "seq": int(message["X-Langnghe-Seq"] or -1),
        "many": message["X-Langnghe-Incidents"] is not None,
    }


if __name__ == "__main__":
    asyncio.run(Sink(int(sys.argv[1]), Path(sys.argv[2])).run())
