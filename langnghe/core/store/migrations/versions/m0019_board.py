"""Daily tallies by unit, topic and tone for the overview; feedback that waits for an answer

Revision: 0019
Follows: 0018
"""

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "board_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.Column("sources", sa.Integer(), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "board_count",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("originals", sa.Integer(), nullable=False),
        sa.Column("neg", sa.Integer(), nullable=False),
        sa.Column("neu", sa.Integer(), nullable=False),
        sa.Column("pos", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "topic", "day"),
    )
    op.create_index("ix_board_count_day", "board_count", ["day"])
    op.create_index("ix_board_count_week", "board_count", ["unit_id", "week"])
    op.create_index(
        "ix_feedback_waiting",
        "feedback",
        ["unit_id", "due_at"],
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_feedback_waiting", table_name="feedback")
    op.drop_table("board_count")
    op.drop_table("board_day")
