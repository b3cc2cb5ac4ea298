"""What stands beside a summary, units a text may speak of, and why a text could not be read

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Rows that stand already get the empty value; new ones are always written with one of their own.
_ADDED = (("story", "gist", "{}"), ("incident", "gist", "{}"), ("reading", "undecided", "[]"))


def upgrade() -> None:
    for table, column, empty in _ADDED:
        op.add_column(
            table,
            sa.Column(column, sa.JSON(), nullable=False, server_default=sa.text(f"'{empty}'")),
        )
    op.add_column("reading", sa.Column("note", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("reading") as batch:
        batch.drop_column("note")
    for table, column, _ in reversed(_ADDED):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
