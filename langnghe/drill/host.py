"""The drill's own dashboard: the pages and links of the product over the drill's database."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from langnghe.core.auth import add_user, change_password
from langnghe.core.store.users import by_username
from langnghe.core.types import Role
from langnghe.drill.play import Drill
from langnghe.web import create_app, server_for

ACCOUNTS = (
    ("dientap-thuky", "Thư ký (diễn tập)", Role.OFFICER),
    ("dientap-hieutruong", "Hiệu trưởng (diễn tập)", Role.PRINCIPAL),
)


def sign_up(drill: Drill) -> str:
    """Make the drill's accounts, or give them a new password; return the password.

    Nobody's real account is copied: the drill never opens the real database.
    """
    password = secrets.token_urlsafe(9)
    store = drill.services.store
    for username, name, role in ACCOUNTS:
        with store.read() as session:
            known = by_username(session, username) is not None
        if known:
            change_password(store, username, password)
        else:
            add_user(
                store, username=username, password=password, role=role, name=name,
                unit_id=drill.cast.unit.id, now=drill.clock.now(),
            )  # fmt: skip
    return password


@contextmanager
def serving(drill: Drill, listener: socket.socket) -> Iterator[None]:
    """Serve the dashboard on a bound socket while the block runs."""
    settings = drill.services.settings
    server = server_for(create_app(drill.services), host=settings.host, port=settings.port)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="drill-web", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
