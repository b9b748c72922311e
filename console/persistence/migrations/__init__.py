"""Migrations of the database, run by `persistence.schema` inside its own transaction."""
