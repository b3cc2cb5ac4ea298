"""Users: a password given once must be changed. The audit log found by person and by kind of act

Revision: 0023
Follows: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_audit_action": ["action", "id"],
    "ix_audit_actor": ["actor", "id"],
    "ix_audit_actor_action": ["actor", "action", "id"],
}


def upgrade() -> None:
    op.add_column(
        "user_account",
        sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    for name, columns in _INDEXES.items():
        op.create_index(name, "audit", columns)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, table_name="audit")
    with op.batch_alter_table("user_account") as batch:
        batch.drop_column("must_change")
