"""What the ways out must remember: the tokens of an account, and browsers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from langnghe.core.store.tables.columns import moment


class ChannelTokenRow(SQLModel, table=True):
    """The tokens of an account whose refresh token can be used only once; both are encrypted.

    ``seed`` is a hash of the refresh token of the settings it began with: another one there means
    a person authorised the account anew. ``used`` is a hash of the refresh token in the row.
    """

    __tablename__ = "channel_token"
    account: str = Field(primary_key=True)
    seed: str
    used: str
    access_token: str = ""
    refresh_token: str
    expires_at: datetime | None = moment(null=True)
    refreshed_at: datetime | None = moment(null=True)
    claimed_until: datetime | None = moment(null=True)
    claimed_by: str = ""


class PushSubscriptionRow(SQLModel, table=True):
    """One browser of one user that asked for notices: where to send, and the keys to seal with."""

    __tablename__ = "push_subscription"
    __table_args__ = (sa.UniqueConstraint("endpoint"),)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(index=True)
    endpoint: str
    p256dh: str
    auth: str
    created_at: datetime = moment()
    last_ok_at: datetime | None = moment(null=True)
