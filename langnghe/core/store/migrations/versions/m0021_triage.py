"""Marks of a desk in its stream, acts on many mentions, kept filters; indexes of the stream

Revision: 0021
Follows: 0020
"""

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# The stream walks its newest rows by an index that says all it needs: the rows themselves carry
# whole articles. Every other index here begins a walk at the few rows a filter is about.
_WALKS = (
    ("ix_mention_stream", "mention", ["seen_at", "id", "about_education", "kind", "story_id"]),
    ("ix_mention_story_seen", "mention", ["story_id", "seen_at", "id"]),
    ("ix_mention_source_seen", "mention", ["source_id", "seen_at", "id"]),
    ("ix_mention_source_name_seen", "mention", ["source_name", "seen_at", "id"]),
    ("ix_reading_stance", "reading", ["stance", "mention_id"]),
    ("ix_mention_unit_of", "mention_unit", ["unit_id", "mention_id"]),
    ("ix_story_level_last", "story", ["level", "last_at", "id"]),
)


def upgrade() -> None:
    op.create_table(
        "triage_mark",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("mention_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("starred", sa.Boolean(), nullable=False),
        sa.Column("noise", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "mention_id"),
    )
    for name in ("starred", "noise"):
        op.create_index(
            f"ix_triage_mark_{name}",
            "triage_mark",
            ["unit_id", "mention_id"],
            sqlite_where=sa.text(name),
            postgresql_where=sa.text(name),
        )
    op.create_table(
        "triage_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_triage_batch_at", "triage_batch", ["at"])
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_saved_filter_desk", "saved_filter", ["unit_id", "name"])
    op.create_index("ix_saved_filter_user_id", "saved_filter", ["user_id"])
    for name, table, columns in _WALKS:
        op.create_index(name, table, columns)
    op.drop_index("ix_mention_seen", table_name="mention")


def downgrade() -> None:
    op.create_index("ix_mention_seen", "mention", ["seen_at", "id"])
    for name, table, _ in reversed(_WALKS):
        op.drop_index(name, table_name=table)
    op.drop_table("saved_filter")
    op.drop_table("triage_batch")
    op.drop_table("triage_mark")
