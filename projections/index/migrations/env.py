"""Alembic's entry: runs the migrations on the connection that `projections.index.store` hands over.

There is no command-line configuration: a store migrates itself when it is opened.
"""

from __future__ import annotations

from alembic import context

from projections.index.database import VERSION_TABLE
from projections.index.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
