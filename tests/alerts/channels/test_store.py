"""How ways fare and who takes push, on both databases; the migration there and back."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import command

from langnghe.core.store import channels as c
from langnghe.core.store.engine import Store, alembic_config
from langnghe.core.store.tables import UserRow
from tests.alerts.channels.kit import T0

MINUTE = timedelta(minutes=1)


def test_a_way_fails_since_its_first_failure_and_is_well_at_once(any_store: Store) -> None:
    for minutes, why in ((0, "một"), (1, "hai")):
        with any_store.write() as session:
            c.note_failure(session, "sms", T0 + minutes * MINUTE, why, "sửa")
    with any_store.read() as session:
        row = c.health_of(session)["sms"]
    assert (row.state, row.since, row.tried_at) == ("down", T0, T0 + MINUTE)
    assert (row.why, row.mend) == ("hai", "sửa")
    for minutes in (2, 3):
        with any_store.write() as session:
            c.note_ok(session, "sms", T0 + minutes * MINUTE)
    with any_store.read() as session:
        row = c.health_of(session)["sms"]
        assert not c.is_disabled(session, "sms")
    assert (row.state, row.since, row.tried_at, row.why) == (
        "ok", T0 + 2 * MINUTE, T0 + 3 * MINUTE, "",
    )  # fmt: skip


def test_a_refresh_token_is_used_by_one_and_kept_by_who_used_it(any_store: Store) -> None:
    until = T0 + 3 * MINUTE
    with any_store.write() as session:
        c.begin_token(session, "zalo:1", "h0", "sealed0")
        assert c.claim_token(session, "zalo:1", "h0", "a", T0, until)
        assert not c.claim_token(session, "zalo:1", "h0", "b", T0 + MINUTE, until)
        assert c.claim_token(session, "zalo:1", "h0", "b", until, until + MINUTE)
        kept = {"access_token": "x", "refresh_token": "y", "expires_at": until, "at": T0}
        assert c.keep_tokens(session, "zalo:1", after="h0", used="h1", **kept)
        assert not c.keep_tokens(session, "zalo:1", after="h0", used="h2", **kept)
        c.begin_token(session, "zalo:1", "h0", "sealed0")
    with any_store.read() as session:
        row = c.token_of(session, "zalo:1")
    assert row is not None
    assert (row.used, row.refresh_token) == ("h1", "y"), "the same setting throws nothing away"
    with any_store.write() as session:
        c.begin_token(session, "zalo:1", "new", "sealed-new")
    with any_store.read() as session:
        row = c.token_of(session, "zalo:1")
    assert row is not None
    assert (row.used, row.access_token) == ("new", "")


def test_browsers_belong_to_active_people(any_store: Store) -> None:
    with any_store.write() as session:
        users = [
            UserRow(username=name, email=f"{name}@a.example", password_hash="x", role="officer",
                    active=active, created_at=T0)
            for name, active in (("mot", True), ("hai", False))
        ]  # fmt: skip
        session.add_all(users)
        session.flush()
        one, two = (user.id or 0 for user in users)
        c.subscribe(session, one, "https://p.example/1", "k", "a", T0)
        c.subscribe(session, two, "https://p.example/2", "k", "a", T0)
        c.subscribe(session, one, "https://p.example/1", "k2", "a2", T0)
    with any_store.read() as session:
        [row] = c.subscriptions_for(session, " MOT@a.example")
        assert (row.p256dh, row.user_id) == ("k2", one)
        assert c.subscriptions_for(session, "hai") == []
        [other] = c.subscriptions_of(session, two)
    with any_store.write() as session:
        assert not c.unsubscribe(session, one, other.id or 0)
        assert c.unsubscribe(session, two, other.id or 0)
        c.drop_subscription(session, "https://p.example/1")
    with any_store.read() as session:
        assert c.subscriptions_of(session, one) == []


def test_the_migration_goes_both_ways(any_store: Store) -> None:
    def tables() -> set[str]:
        return set(sa.inspect(any_store.engine).get_table_names())

    with any_store.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection.execution_options(langnghe_write=True)
        command.downgrade(config, "0011")
        connection.commit()
    assert not {"channel_token", "push_subscription"} & tables()
    any_store.migrate()
    assert {"channel_token", "push_subscription"} <= tables()
