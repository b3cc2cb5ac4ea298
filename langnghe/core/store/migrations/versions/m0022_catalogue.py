"""How much each source brought a day; which sources the lists still name

Revision: 0022
Follows: 0021
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_COUNT = {
    "sqlite": "INSERT INTO source_day (source_id, day, heard) "
    "SELECT source_id, date(seen_at, '+7 hours'), count(*) FROM mention "
    "WHERE seen_at >= :since AND source_id IS NOT NULL GROUP BY 1, 2",
    "postgresql": "INSERT INTO source_day (source_id, day, heard) "
    "SELECT source_id, CAST(seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date), count(*) "
    "FROM mention WHERE seen_at >= :since AND source_id IS NOT NULL GROUP BY 1, 2",
}


def upgrade() -> None:
    op.create_table(
        "source_day",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "day"),
    )
    op.create_index("ix_source_day_day", "source_day", ["day"])
    op.add_column(
        "source", sa.Column("declared", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    _count_last_weeks()


def _count_last_weeks() -> None:
    """Count what was heard in the four weeks the page shows; older days are never asked for."""
    since = sa.bindparam("since", datetime.now(UTC) - timedelta(days=29), UTCDateTime())
    op.execute(sa.text(_COUNT[op.get_bind().dialect.name]).bindparams(since))


def downgrade() -> None:
    with op.batch_alter_table("source") as batch:
        batch.drop_column("declared")
    op.drop_table("source_day")
