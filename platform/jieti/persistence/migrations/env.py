"""Alembic's environment: online only, on the connection that `jieti.persistence.migrate` hands over."""

from alembic import context

import jieti.persistence.models as models

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=models.Base.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
