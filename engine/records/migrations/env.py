"""Runs the migrations on the connection that :func:`engine.records.migrate.migrate` opened."""

from alembic import context

from engine.records.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
