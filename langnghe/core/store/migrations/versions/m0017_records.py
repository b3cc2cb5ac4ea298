"""Chained audit, keeping times, legal holds and subject requests

Revision: 0017
Follows: 0016
"""

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# A line of the audit may be sealed once and blanked once; what it said is never changed otherwise.
# {same} compares so that NULL equals NULL, which each database spells its own way.
_ALLOWED = (
    "NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.action = OLD.action "
    "AND (OLD.seq IS NULL OR (NEW.seq {same} OLD.seq AND NEW.digest = OLD.digest "
    "AND NEW.chain = OLD.chain)) "
    "AND ((NEW.actor = OLD.actor AND NEW.subject = OLD.subject AND NEW.reason = OLD.reason "
    "AND NEW.data{text} = OLD.data{text} AND NEW.redacted_at {same} OLD.redacted_at) "
    "OR (OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL "
    "AND OLD.seq IS NOT NULL AND OLD.action IN ('login', 'login_failed') "
    "AND NEW.actor = '[đã xóa theo thời hạn lưu]' AND NEW.subject = '' AND NEW.reason = ''))"
)
# A new line takes no other's place: SQLite's REPLACE deletes the old one without any trigger. Nor
# does it bring its own seal.
_TAKES = "EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"
_SEALED = (
    "NEW.seq IS NOT NULL OR NEW.digest <> '' OR NEW.chain <> '' OR NEW.redacted_at IS NOT NULL"
)
_DOUBLE = "EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq AND id <> OLD.id)"
_REFUSED = "the audit log is append-only"


def upgrade() -> None:
    with op.batch_alter_table("audit") as batch:
        batch.add_column(sa.Column("seq", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("digest", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("chain", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("redacted_at", UTCDateTime(), nullable=True))
    op.create_index("ix_audit_seq", "audit", ["seq"], unique=True)
    op.create_index(
        "ix_audit_unsealed",
        "audit",
        ["id"],
        sqlite_where=sa.text("seq IS NULL"),
        postgresql_where=sa.text("seq IS NULL"),
    )
    op.add_column("mention", sa.Column("purged_at", UTCDateTime(), nullable=True))
    op.create_index("ix_mention_author_hash", "mention", ["author_hash"])
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ordered_by", sa.String(), nullable=False),
        sa.Column("placed_at", UTCDateTime(), nullable=False),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.Column("released_why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_legal_hold_standing",
        "legal_hold",
        ["kind", "subject_id"],
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "subject_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_subject_request_received_at", "subject_request", ["received_at"])
    _guard()  # what stood before is sealed, as it is found, by the first that writes


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("audit_no_update", "audit_no_delete", "audit_no_replace"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP TRIGGER audit_append_only ON audit")
        op.execute("DROP TRIGGER audit_no_truncate ON audit")
        op.execute("DROP FUNCTION audit_append_only()")
    op.drop_table("subject_request")
    op.drop_table("legal_hold")
    op.drop_index("ix_mention_author_hash", table_name="mention")
    op.drop_column("mention", "purged_at")
    op.drop_index("ix_audit_unsealed", table_name="audit")
    op.drop_index("ix_audit_seq", table_name="audit")
    with op.batch_alter_table("audit") as batch:
        for column in ("redacted_at", "chain", "digest", "seq"):
            batch.drop_column(column)


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        allowed = _ALLOWED.format(same="IS", text="")
        op.execute(
            "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
            f"WHEN NOT ({allowed}) OR {_DOUBLE} BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )
        op.execute(
            f"CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN {_SEALED} OR {_TAKES} "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )
        op.execute(
            "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        )
        return
    allowed = _ALLOWED.format(same="IS NOT DISTINCT FROM", text="::text")
    op.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {allowed} THEN RETURN NEW; END IF; END IF; "
        f"IF TG_OP = 'INSERT' THEN IF NOT ({_SEALED}) THEN RETURN NEW; END IF; END IF; "
        f"RAISE EXCEPTION '{_REFUSED}'; END $$ LANGUAGE plpgsql"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE INSERT OR UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
    )
    op.execute(
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
    )
