"""Indexes for what is asked every minute: undone corrections, standing marks, stories set aside

Revision: 0008
Follows: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_correction_undone_at", "correction", ["undone_at"])
    op.create_index(
        "ix_story_decision_standing",
        "story_decision",
        ["kind", "undone_at", "story_id", "other_id"],
    )
    op.create_index(
        "ix_story_set_aside",
        "story",
        ["set_aside"],
        sqlite_where=sa.text("set_aside <> ''"),
        postgresql_where=sa.text("set_aside <> ''"),
    )


def downgrade() -> None:
    op.drop_index("ix_story_set_aside", table_name="story")
    op.drop_index("ix_story_decision_standing", table_name="story_decision")
    op.drop_index("ix_correction_undone_at", table_name="correction")
