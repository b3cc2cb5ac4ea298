"""What people decide about stories, the affair a story belongs to, and what it is known again by

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "story_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("mention_ids", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("change", "story_id", "other_id"):
        op.create_index(f"ix_story_decision_{column}", "story_decision", [column])
    op.add_column("story", sa.Column("event_id", sa.Integer(), nullable=True))
    op.execute("UPDATE story SET event_id = id")  # nobody has said yet which belong together
    op.create_index("ix_story_event_id", "story", ["event_id"])
    op.add_column("story", sa.Column("print", sa.String(), nullable=True))
    op.add_column(
        "story_mention",
        sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    with op.batch_alter_table("story_mention") as batch:
        batch.drop_column("pinned")
    op.drop_index("ix_story_event_id", table_name="story")
    with op.batch_alter_table("story") as batch:
        batch.drop_column("print")
        batch.drop_column("event_id")
    op.drop_table("story_decision")
