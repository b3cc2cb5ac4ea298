"""What became of every notice: tries, ways, openings

Revision: 0011
Follows: 0010
"""

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TEXTS = ("person", "name", "short")
_NUMBERS = ("round", "way", "patience_s")
_FLAGS = ("doubt", "stop")


def upgrade() -> None:
    for name in _TEXTS:
        op.add_column(
            "outbox", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''"))
        )
    for name in _NUMBERS:
        op.add_column(
            "outbox", sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
    for name in _FLAGS:
        op.add_column(
            "outbox", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    for name, empty in (("data", "'{}'"), ("calendar", "'{}'"), ("ways", "'[]'")):
        op.add_column(
            "outbox", sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text(empty))
        )
    op.add_column("outbox", sa.Column("way_since", UTCDateTime(), nullable=True))
    op.add_column("outbox", sa.Column("digest_id", sa.Integer(), nullable=True))
    op.create_index("ix_outbox_digest_id", "outbox", ["digest_id"])
    op.create_index("ix_outbox_person", "outbox", ["person", "due_at"])
    # What was queued before this version knows its person by the address.
    op.execute("UPDATE outbox SET person = lower(recipient) WHERE person = ''")
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delivery_outbox_id", "delivery", ["outbox_id"])
    op.create_index("ix_delivery_incident_id", "delivery", ["incident_id"])
    op.create_table(
        "channel_health",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("tried_at", UTCDateTime(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("mend", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )


def downgrade() -> None:
    op.drop_table("channel_health")
    op.drop_index("ix_delivery_incident_id", table_name="delivery")
    op.drop_index("ix_delivery_outbox_id", table_name="delivery")
    op.drop_table("delivery")
    op.drop_index("ix_outbox_person", table_name="outbox")
    op.drop_index("ix_outbox_digest_id", table_name="outbox")
    with op.batch_alter_table("outbox") as batch:
        for name in (
            "digest_id", "way_since", "ways", "calendar", "data", *_FLAGS, *_NUMBERS, *_TEXTS
        ):  # fmt: skip
            batch.drop_column(name)
