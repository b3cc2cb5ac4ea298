"""Statements, their versions, who may release them

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
from alembic import op

from langnghe.core.store.tables import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# What may still change on a released row: only that it is withdrawn, by whom and why.
_FIXED = (
    "incident_id", "story_id", "mention_id", "corrects_id", "template", "template_version",
    "audience", "title", "text", "version", "created_at", "created_by", "created_name",
    "approved_at", "approved_by", "approved_name", "released_at", "released_by", "released_name",
    "delegation_id", "unit_id", "year", "number", "text_hash", "topics", "fields",
)  # fmt: skip
_WITHDRAWN = ("state", "withdrawn_at", "withdrawn_by", "withdrawn_name", "withdrawn_reason")
_GRANTED = (
    "unit_id", "user_id", "topics", "from_at", "until_at", "document_number", "paper",
    "granted_at", "granted_by", "granted_name",
)  # fmt: skip
_REVOKED = ("revoked_at", "revoked_by", "revoked_reason")
_JSON = ("topics", "fields")
_OUT = "('released', 'withdrawn')"
_LISTS = ("statement_version", "statement_act", "statement_place")
_GUARDED = ("statement", *_LISTS, "delegation", "delegation_paper")
_SAYS = "released statements do not change"


def _changed(columns: tuple[str, ...], sqlite: bool) -> str:
    """Return the condition that one of the columns is to change."""
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    cast = {} if sqlite else dict.fromkeys(_JSON, "::text")
    return " OR ".join(
        f"NEW.{one}{cast.get(one, '')} {differs} OLD.{one}{cast.get(one, '')}" for one in columns
    )


def _guards(sqlite: bool) -> list[tuple[str, str, str, str]]:
    """Return (name, table, event, condition) of every refusal."""
    gone = (
        f"NEW.state NOT IN {_OUT} OR (OLD.state = 'withdrawn' AND ({_changed(_WITHDRAWN, sqlite)}))"
    )
    fixed = f"{_changed(_FIXED, sqlite)} OR {gone}"
    revoked = f"OLD.revoked_at IS NOT NULL AND ({_changed(_REVOKED, sqlite)})"
    id_moved = _changed(("id",), sqlite)
    guards = [
        ("statement_fixed", "statement", "UPDATE", f"{id_moved} OR OLD.state IN {_OUT} AND "
         f"({fixed})"),
        ("statement_kept", "statement", "DELETE", f"OLD.state IN {_OUT}"),
        ("delegation_fixed", "delegation", "UPDATE",
         f"{id_moved} OR {_changed(_GRANTED, sqlite)} OR {revoked}"),
        ("delegation_kept", "delegation", "DELETE",
         "EXISTS (SELECT 1 FROM statement WHERE delegation_id = OLD.id)"),
        ("delegation_paper_fixed", "delegation_paper", "UPDATE", "OLD.sha256 = OLD.sha256"),
        ("delegation_paper_kept", "delegation_paper", "DELETE",
         "EXISTS (SELECT 1 FROM delegation WHERE paper = OLD.sha256)"),
    ]  # fmt: skip
    for table in _LISTS:
        guards += [
            (f"{table}_fixed", table, "UPDATE", "OLD.id = OLD.id"),
            (f"{table}_kept", table, "DELETE",
             f"(SELECT state FROM statement WHERE id = OLD.statement_id) IN {_OUT}"),  # noqa: S608
        ]  # fmt: skip
    return guards + (_replacing() if sqlite else [])


def _replacing() -> list[tuple[str, str, str, str]]:
    """Return the refusals of SQLite's OR REPLACE, which deletes a row without a delete's guard."""
    same = "unit_id = NEW.unit_id AND year = NEW.year AND number = NEW.number"
    one_version = "statement_id = NEW.statement_id AND version = NEW.version"
    taken = {
        "statement": f"(id = NEW.id OR {same}) AND state IN {_OUT}",
        "statement_version": f"id = NEW.id OR {one_version}",
        "statement_act": "id = NEW.id",
        "statement_place": "id = NEW.id",
        "delegation": "id = NEW.id",
        "delegation_paper": "sha256 = NEW.sha256",
    }
    guards = [
        (f"{table}_not_replaced", table, "INSERT",
         f"EXISTS (SELECT 1 FROM {table} WHERE {which})")  # noqa: S608
        for table, which in taken.items()
    ]  # fmt: skip
    number = f"EXISTS (SELECT 1 FROM statement WHERE {same} AND id <> OLD.id)"  # noqa: S608
    return [*guards, ("statement_number_kept", "statement", "UPDATE", number)]


def upgrade() -> None:
    op.create_table(
        "number_book",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "book", "year"),
    )
    op.create_table(
        "statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("story_id", sa.Integer(), nullable=True),
        sa.Column("mention_id", sa.Integer(), nullable=True),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("template_version", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_name", sa.String(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.Integer(), nullable=False),
        sa.Column("approved_at", UTCDateTime(), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_name", sa.String(), nullable=False),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.Column("released_name", sa.String(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_name", sa.String(), nullable=False),
        sa.Column("withdrawn_reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unit_id", "year", "number", name="uq_statement_number"),
    )
    for column in (
        "unit_id", "incident_id", "story_id", "mention_id", "corrects_id", "released_at"
    ):  # fmt: skip
        op.create_index(f"ix_statement_{column}", "statement", [column])
    op.create_index("ix_statement_unit_state", "statement", ["unit_id", "state"])
    op.create_table(
        "statement_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("statement_id", "version", name="uq_statement_version"),
    )
    op.create_table(
        "statement_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "statement_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for table in ("statement_version", "statement_act", "statement_place"):
        op.create_index(f"ix_{table}_statement_id", table, ["statement_id"])
    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("from_at", UTCDateTime(), nullable=False),
        sa.Column("until_at", UTCDateTime(), nullable=False),
        sa.Column("document_number", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("granted_at", UTCDateTime(), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=False),
        sa.Column("granted_name", sa.String(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.Column("revoked_reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delegation_unit_id", "delegation", ["unit_id"])
    op.create_index("ix_delegation_user_id", "delegation", ["user_id"])
    op.create_table(
        "delegation_paper",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    _guard_tables()


def _guard_tables() -> None:
    """Let the database itself refuse to change what was released."""
    if op.get_bind().dialect.name == "sqlite":
        for name, table, event, when in _guards(sqlite=True):
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when} "
                f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
            )
        return
    refuse = f"RAISE EXCEPTION '{_SAYS}' USING ERRCODE = 'integrity_constraint_violation'; "
    op.execute(
        "CREATE FUNCTION statement_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"{refuse} END $$"
    )
    for name, table, event, when in _guards(sqlite=False):
        function, condition = "statement_refuse", f"WHEN ({when}) "
        if "SELECT" in when:  # a condition of a trigger may not ask tables here, a function may
            function, condition = f"{name}_ask", ""
            op.execute(
                f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {when} THEN {refuse} END IF; RETURN OLD; END $$"
            )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
            f"{condition}EXECUTE FUNCTION {function}()"
        )
    for table in _GUARDED:
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION statement_refuse()"
        )


def downgrade() -> None:
    for table in (
        "delegation_paper", "delegation", "statement_place", "statement_act", "statement_version",
        "statement", "number_book",
    ):  # fmt: skip
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION statement_refuse()")
        for name, _, _, when in _guards(sqlite=False):
            if "SELECT" in when:
                op.execute(f"DROP FUNCTION {name}_ask()")
