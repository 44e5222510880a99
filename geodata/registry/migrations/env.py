"""Alembic's entrance: runs the steps on the connection, and in the transaction, it is given."""

from __future__ import annotations

from alembic import context

from geodata.registry.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's is, once the driver is kept from ending transactions by itself
    transaction_per_migration=False,
)
context.run_migrations()
