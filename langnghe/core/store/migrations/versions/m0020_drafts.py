"""Indexes of the incident desk: what stands open by its time, what was closed by its opening

Revision: 0020
Follows: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_step_waiting", "step", ["incident_id", "done_at", "due_at"])
    op.create_index("ix_deadline_waiting", "deadline", ["incident_id", "state", "due_at"])
    op.create_index("ix_incident_state_opened", "incident", ["state", "opened_at"])


def downgrade() -> None:
    op.drop_index("ix_incident_state_opened", table_name="incident")
    op.drop_index("ix_deadline_waiting", table_name="deadline")
    op.drop_index("ix_step_waiting", table_name="step")
