"""People in office, who is on duty, the dated reporting lines

Revision: 0009
Follows: 0008
"""

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ADDRESSES = ("zalo", "telegram", "webhook", "apprise", "quiet")


def upgrade() -> None:
    with op.batch_alter_table("contact") as contact:
        for name in _ADDRESSES:
            contact.add_column(sa.Column(name, sa.String(), nullable=True))
        contact.add_column(sa.Column("ways", sa.JSON(), nullable=False, server_default="[]"))
        for column in _laid():
            contact.add_column(column)
        contact.create_index("ix_contact_origin", ["origin"])
    # What stands there is a plain copy of the profile; the next start lays it out anew.
    op.execute("UPDATE contact SET origin = '0008'")
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("hours", sa.String(), nullable=True),
        *_laid(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_duty_unit_id", "duty", ["unit_id"])
    op.create_index("ix_duty_contact_id", "duty", ["contact_id"])
    op.create_index("ix_duty_origin", "duty", ["origin"])
    op.create_table(
        "reporting_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("to_unit", sa.String(), nullable=True),
        sa.Column("to_name", sa.String(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=True),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("basis", sa.String(), nullable=False),
        *_laid(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_reporting_line_unit_id", "reporting_line", ["unit_id"])
    op.create_index("ix_reporting_line_origin", "reporting_line", ["origin"])


def downgrade() -> None:
    op.drop_table("reporting_line")
    op.drop_table("duty")
    # The version before knows no removed people: it would write to them again.
    op.execute("DELETE FROM contact WHERE removed_at IS NOT NULL")
    with op.batch_alter_table("contact") as contact:
        contact.drop_index("ix_contact_origin")
        for name in ("removed_at", "edited", "stated", "origin", "ways", *_ADDRESSES):
            contact.drop_column(name)


def _laid() -> tuple[sa.Column, ...]:  # type: ignore[type-arg]
    """Return the columns of rows that may come from the profile."""
    return (
        sa.Column("origin", sa.String(), nullable=False, server_default=""),
        sa.Column("stated", sa.String(), nullable=False, server_default=""),
        sa.Column("edited", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
    )
