"""What Alembic runs: the migrations on the connection it is handed, in the transaction that is open there."""

from alembic import context

from console.persistence.base import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
