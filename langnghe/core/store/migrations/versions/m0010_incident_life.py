"""Owner, outcome, evidence of steps, merging and the after-action review

Revision: 0010
Follows: 0009
"""

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_EMPTY = sa.text("''")


def upgrade() -> None:
    for name in ("owner", "outcome", "conclusion", "concluded_by"):
        op.add_column(
            "incident", sa.Column(name, sa.String(), nullable=False, server_default=_EMPTY)
        )
    op.add_column("incident", sa.Column("owner_user_id", sa.Integer(), nullable=True))
    op.add_column("incident", sa.Column("concluded_at", UTCDateTime(), nullable=True))
    op.add_column("incident", sa.Column("merged_into", sa.Integer(), nullable=True))
    op.create_index("ix_incident_merged_into", "incident", ["merged_into"])
    for name in ("link", "document"):
        op.add_column("step", sa.Column(name, sa.String(), nullable=False, server_default=_EMPTY))
    op.add_column("step", sa.Column("document_at", UTCDateTime(), nullable=True))
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("step_code", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("received_sha256", sa.String(), nullable=False),
        sa.Column("shows_child", sa.Boolean(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("withdrawn_why", sa.String(), nullable=False),
    )
    op.create_index("ix_attachment_incident_id", "attachment", ["incident_id"])
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"])
    op.create_table(
        "incident_review",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.UniqueConstraint("incident_id", "version"),
    )
    op.create_index("ix_incident_review_incident_id", "incident_review", ["incident_id"])
    op.create_table(
        "incident_merger",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("survivor_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_why", sa.String(), nullable=False),
    )
    op.create_index("ix_incident_merger_merged_id", "incident_merger", ["merged_id"])
    op.create_index("ix_incident_merger_survivor_id", "incident_merger", ["survivor_id"])
    op.create_table("timeline_pass", sa.Column("why", sa.String(), primary_key=True))
    _guard_timeline()


def _guard_timeline() -> None:
    """Refuse every change of the timeline, but for the narrow path of ``core.store.timeline``.

    Covering a child's name may change what a line says, never who did what when; the end of a
    retention time may take lines away.
    """
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            """
            CREATE TRIGGER incident_event_keep BEFORE UPDATE ON incident_event
            WHEN NEW.id IS NOT OLD.id OR NEW.incident_id IS NOT OLD.incident_id
              OR NEW.at IS NOT OLD.at OR NEW.kind IS NOT OLD.kind OR NEW.actor IS NOT OLD.actor
              OR NOT EXISTS (SELECT 1 FROM timeline_pass WHERE why = 'cover')
            BEGIN SELECT RAISE(ABORT, 'incident_event is append-only'); END
            """
        )
        op.execute(
            """
            CREATE TRIGGER incident_event_stay BEFORE DELETE ON incident_event
            WHEN NOT EXISTS (SELECT 1 FROM timeline_pass WHERE why = 'retention')
            BEGIN SELECT RAISE(ABORT, 'incident_event is append-only'); END
            """
        )
        # OR REPLACE takes the old row away without asking the guard of DELETE.
        op.execute(
            """
            CREATE TRIGGER incident_event_new BEFORE INSERT ON incident_event
            WHEN EXISTS (SELECT 1 FROM incident_event WHERE id = NEW.id)
            BEGIN SELECT RAISE(ABORT, 'incident_event is append-only'); END
            """
        )
        return
    op.execute(
        """
        CREATE FUNCTION incident_event_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF EXISTS (SELECT 1 FROM timeline_pass WHERE why = 'retention') THEN
                    RETURN OLD;
                END IF;
            ELSIF (NEW.id, NEW.incident_id, NEW.at, NEW.kind, NEW.actor)
                IS NOT DISTINCT FROM (OLD.id, OLD.incident_id, OLD.at, OLD.kind, OLD.actor)
                AND EXISTS (SELECT 1 FROM timeline_pass WHERE why = 'cover') THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'incident_event is append-only';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER incident_event_guard BEFORE UPDATE OR DELETE ON incident_event "
        "FOR EACH ROW EXECUTE FUNCTION incident_event_guard()"
    )
    op.execute(
        "CREATE FUNCTION incident_event_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'incident_event is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER incident_event_full BEFORE TRUNCATE ON incident_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION incident_event_full()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER incident_event_new")
        op.execute("DROP TRIGGER incident_event_stay")
        op.execute("DROP TRIGGER incident_event_keep")
    else:
        op.execute("DROP TRIGGER incident_event_full ON incident_event")
        op.execute("DROP FUNCTION incident_event_full()")
        op.execute("DROP TRIGGER incident_event_guard ON incident_event")
        op.execute("DROP FUNCTION incident_event_guard()")
    for table in ("timeline_pass", "incident_merger", "incident_review", "attachment"):
        op.drop_table(table)
    with op.batch_alter_table("step") as batch:
        for name in ("document_at", "document", "link"):
            batch.drop_column(name)
    op.drop_index("ix_incident_merged_into", table_name="incident")
    with op.batch_alter_table("incident") as batch:
        for name in (
            "merged_into",
            "concluded_at",
            "owner_user_id",
            "concluded_by",
            "conclusion",
            "outcome",
            "owner",
        ):
            batch.drop_column(name)
