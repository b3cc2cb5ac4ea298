"""Debian's prometheus-alertmanager in the same storm: same arrivals, kills and mail outages.

Two ways of use: alerts handed over once (tried until it says 200), and handed over again every 15
seconds until people were told and answered, as Prometheus does.
"""

from __future__ import annotations

import http.client
import json
import shutil
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from tests.storm.count import first_readers, missing
from tests.storm.house import Lived
from tests.storm.machine import Mortal, Post, Timetable, free_port
from tests.storm.plan import Happening, Storm

PROGRAM = "prometheus-alertmanager"
AGAIN_S = 15.0
_BATCH = 64


def installed() -> bool:
    """Tell whether there is one to compare with."""
    return shutil.which(PROGRAM) is not None


class Rival:
    """One alertmanager under storm. ``repeats``: alerts are posted again until answered."""

    def __init__(self, storm: Storm, folder: Path, *, repeats: bool, keep: str = "") -> None:
        self.storm, self.repeats = storm, repeats
        self.post = Post(folder / "post")
        self.port = free_port()
        config = folder / "config.yml"
        config.write_text(json.dumps({  # JSON is YAML
            "global": {
                "smtp_smarthost": f"127.0.0.1:{self.post.port}", "smtp_require_tls": False,
                "smtp_from": "am@nghe.example.vn", "smtp_hello": "localhost",
            },
            "route": {
                "receiver": "mail", "group_by": ["incident"], "group_wait": "1s",
                "group_interval": "5s", "repeat_interval": "4h",
            },
            "receivers": [{"name": "mail", "email_configs": [{
                "to": "{{ .CommonLabels.to }}", "html": "", "text": "{{ .CommonLabels.incident }}",
                "headers": {"Subject": "{{ .CommonLabels.incident }}"},
            }]}],
        }))  # fmt: skip
        command = [
            PROGRAM, f"--config.file={config}", f"--storage.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address=",
            *([f"--data.maintenance-interval={keep}"] if keep else []),
        ]  # fmt: skip
        self.process = Mortal(command, folder / "alertmanager.log")
        self.lived = Lived(time.time())
        self._alive: dict[int, Happening] = {}
        self._calm = threading.Event()

    def blow(self) -> Timetable:
        """Let everything happen that happens to us too, but for the disk."""
        table = Timetable()
        self.lived.start = table.start
        table.at(*((h.at, partial(self._arrive, h)) for h in self.storm.happenings))
        table.at(*((kill, self.process.kill) for kill in self.storm.kills))
        for outage in self.storm.outages:
            mode = "drop" if outage.drops else "refuse"
            table.at(
                (outage.start, partial(self.post.order, mode, outage.drops)),
                (outage.end, partial(self._well, outage.start)),
            )
        if self.repeats:
            threading.Thread(target=self._again, daemon=True).start()
        return table

    def missed(self) -> list[tuple[int, str, int]]:
        """Return whom nobody told so far; alertmanager has no rungs."""
        everybody = range(len(self.storm.happenings))
        return missing(self.storm, self.post.mails(), rung=False, answered=everybody)

    def close(self) -> Lived:
        """End everything; return what happened."""
        self._calm.set()
        self.process.close()
        self.lived.kills, self.lived.gave_up = self.process.kills, self.process.starts
        self.lived.mails = self.post.mails()
        self.post.close()
        return self.lived

    def _well(self, since: float) -> None:
        self.post.order("on")
        self.lived.troubles.append(("mail", self.lived.start + since, time.time()))

    def _arrive(self, what: Happening) -> None:
        while not self._calm.is_set() and not self._hand_over([what]):
            time.sleep(0.1)
        self.lived.arrived[what.number] = time.time()
        self._alive[what.number] = what

    def _again(self) -> None:
        """Hand over what still burns, every 15 seconds, as Prometheus does."""
        while not self._calm.wait(AGAIN_S):
            told = {(n, who) for m in self.post.mails() for n in _numbers(m) for who in m["to"]}
            for number, what in list(self._alive.items()):
                heard = all((number, who) in told for who in first_readers(what))
                if heard and what.answer is not None:
                    del self._alive[number]  # people know and have answered: it is over
            burning = list(self._alive.values())
            for start in range(0, len(burning), _BATCH):
                self._hand_over(burning[start : start + _BATCH])

    def _hand_over(self, several: list[Happening]) -> bool:
        body = json.dumps([
            {"labels": {
                "alertname": "Storm", "incident": what.mark, "severity": what.level,
                "to": ",".join(sorted(first_readers(what))),
            }}
            for what in several
        ])  # fmt: skip
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("POST", "/api/v2/alerts", body,
                               {"Content-Type": "application/json"})  # fmt: skip
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _numbers(mail: dict[str, Any]) -> list[int]:
    return [int(name[1:]) for name in mail["names"]]
