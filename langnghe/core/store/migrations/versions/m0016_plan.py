"""The communication plan: content calendar and feedback register

Revision: 0016
Follows: 0015
"""

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_writer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("per_month", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unit_id", "name"),
    )
    op.create_index("ix_plan_writer_unit_id", "plan_writer", ["unit_id"])
    op.create_table(
        "plan_article",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("writer_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False)
          for name in ("month", "title", "theme", "text", "author")),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )  # fmt: skip
    op.create_index("ix_plan_article_writer_id", "plan_article", ["writer_id"])
    op.create_index("ix_plan_article_unit_month", "plan_article", ["unit_id", "month"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False)
          for name in ("received_by", "channel", "kind", "sender", "topic", "text", "masked",
                       "reply_to", "owner")),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unit_id", "year", "number"),
    )  # fmt: skip
    op.create_index("ix_feedback_unit_received", "feedback", ["unit_id", "received_at"])
    op.create_index("ix_feedback_incident_id", "feedback", ["incident_id"])


def downgrade() -> None:
    for table in ("feedback", "plan_article", "plan_writer"):
        op.drop_table(table)
