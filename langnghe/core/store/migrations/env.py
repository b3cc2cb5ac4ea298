"""Alembic's entry: always run through ``Store.migrate``, which hands in the connection."""

from alembic import context
from sqlmodel import SQLModel

from langnghe.core.store import tables

target_metadata = SQLModel.metadata
_ = tables  # importing it fills the metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=target_metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
