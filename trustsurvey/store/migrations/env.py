"""Alembic's entry: migrations run on the connection that ``engines.migrate`` hands over."""

from alembic import context

from trustsurvey.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction holds the whole upgrade
)
context.run_migrations()
