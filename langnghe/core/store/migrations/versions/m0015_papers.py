"""The number book of official papers

Revision: 0015
Follows: 0014
"""

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("since", UTCDateTime(), nullable=True),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.String(), nullable=False),
        sa.Column("abstract", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("facts_hash", sa.String(), nullable=False),
        sa.Column("numbered_at", UTCDateTime(), nullable=False),
        sa.Column("numbered_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unit_id", "book", "year", "number", name="uq_paper_number"),
        sa.UniqueConstraint("key", name="uq_paper_key"),
    )
    op.create_index("ix_paper_unit_id", "paper", ["unit_id", "id"])
    op.create_index("ix_paper_incident_id", "paper", ["incident_id"])


def downgrade() -> None:
    op.drop_table("paper")
