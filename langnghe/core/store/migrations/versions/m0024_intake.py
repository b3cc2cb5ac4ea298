"""Reports handed in: the forms, who gave them, files, public doors and their counters

Revision: 0024
Follows: 0023
"""

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
_PARTIAL = {
    "ix_intake_unread": ("id", "state = 'waiting' AND read_at IS NULL"),
    "ix_intake_grave": ("id", "state = 'waiting' AND risk >= 2 AND told_at IS NULL"),
    "ix_intake_visit": ("visit_at", "visit = 'due'"),
}


def upgrade() -> None:
    op.create_table(
        "intake",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False)
          for name in ("unit_id", "unit_name", "channel", "state", "receipt")),
        sa.Column("token", sa.String(), nullable=True),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("heard_at", UTCDateTime(), nullable=True),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("taken_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("text", "masked", "link")),
        sa.Column("mention_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=True),
        *(sa.Column(name, UTCDateTime(), nullable=True)
          for name in ("read_at", "told_at", "decided_at")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("decided_by", "why", "visit")),
        sa.Column("visit_at", UTCDateTime(), nullable=True),
        sa.Column("visit_tries", sa.Integer(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("receipt"),
        sa.UniqueConstraint("token"),
    )  # fmt: skip
    op.create_index("ix_intake_unit_state", "intake", ["unit_id", "state", "id"])
    op.create_index("ix_intake_received_at", "intake", ["received_at"])
    op.create_index("ix_intake_mention_id", "intake", ["mention_id"])
    for name, (column, where) in _PARTIAL.items():
        op.create_index(
            name, "intake", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_table(
        "intake_contact",
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("intake_id"),
    )
    op.create_index("ix_intake_contact_until", "intake_contact", ["until"])
    op.create_table(
        "intake_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("received_sha256", sa.String(), nullable=False),
        sa.Column("shows_child", sa.Boolean(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_intake_file_intake_id", "intake_file", ["intake_id"])
    op.create_index("ix_intake_file_sha256", "intake_file", ["sha256"])
    op.create_table(
        "intake_door",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("uploads", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "intake_hit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_intake_hit_at", "intake_hit", ["at"])
    op.create_index("ix_intake_hit_place", "intake_hit", ["place", "at"])
    op.create_index("ix_intake_hit_unit", "intake_hit", ["unit_id", "at"])


def downgrade() -> None:
    for table in ("intake_hit", "intake_door", "intake_file", "intake_contact", "intake"):
        op.drop_table(table)
