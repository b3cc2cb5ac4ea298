"""The house as a process of its own, to be killed: ``python -m tests.storm.worker ORDERS.json``.

Everything is the product's own (stages, engine of the database, channel, receipts) but three
things: the playbook is the hurried one, the profile the storm's, and there is no reader, for the
storm's mentions arrive read.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from langnghe.core.logs import set_up_logs
from langnghe.core.settings import Settings
from langnghe.core.types import Item
from langnghe.house import open_house, open_services
from langnghe.jobs import EmbeddedRunner, Teller, distributed_app, ensure_queue
from tests.storm.plan import FastClock, district, hurried_policy


class NoReader:
    """A reader for a house in which nothing waits to be read."""

    def predict(self, items: Sequence[Item]) -> list[Any]:
        """Refuse: the storm's mentions are read already."""
        raise AssertionError(f"the storm has nothing to read, but {len(items)} items came")


def settings_of(orders: dict[str, Any]) -> Settings:
    """Return the settings of the house under storm."""
    return Settings.model_validate({
        "home": orders["home"], "database_url": orders["database"], "smtp_host": "127.0.0.1",
        "smtp_port": orders["smtp_port"], "smtp_security": "none", "smtp_timeout_s": 5.0,
        "mail_from": "nghe@nghe.example.vn", "base_url": "https://nghe.example.vn",
        "sweep_every_s": 1,
    })  # fmt: skip


def main() -> None:
    """Run until killed."""
    orders = json.loads(Path(sys.argv[1]).read_text())
    set_up_logs(json=True)
    settings = settings_of(orders)
    clock = FastClock(orders["origin"], orders["speed"])
    services = open_services(settings, clock=clock, profile=district())
    services = replace(services, policy=hurried_policy(digests=orders["digests"]))
    if not settings.is_postgres:
        EmbeddedRunner(open_house(services, fetch=False, reader=NoReader())).start()
        threading.Event().wait()
    ensure_queue(settings)
    house = open_house(services, fetch=False, reader=NoReader())
    app = distributed_app(settings, lambda: house, tells=False)
    Teller(house).start()
    with app.open():
        app.run_worker(concurrency=4, listen_notify=True, delete_jobs="successful")


if __name__ == "__main__":
    main()
