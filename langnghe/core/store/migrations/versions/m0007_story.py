"""Who speaks in a story and an incident, a story's next hours, and why one was set aside

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Rows that stand already get the empty value; new ones are always written with one of their own.
_ADDED = (("story", "credibility"), ("story", "forecast"), ("incident", "credibility"))


def upgrade() -> None:
    for table, column in _ADDED:
        op.add_column(
            table,
            sa.Column(column, sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
        )
    op.add_column(
        "story", sa.Column("set_aside", sa.String(), nullable=False, server_default=sa.text("''"))
    )


def downgrade() -> None:
    with op.batch_alter_table("story") as batch:
        batch.drop_column("set_aside")
    for table, column in reversed(_ADDED):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
