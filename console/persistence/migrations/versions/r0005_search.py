"""Search: the pieces by which incidents are found, with an index of them; those of older incidents are cut here."""

import sqlalchemy as sa
from alembic import op

from console.persistence.dialect import search
from console.persistence.terms import cut_anew

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table and its index, and fill both."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "incident_terms",
        sa.Column("newness", number, nullable=False, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
    )
    for statement in search.statements(op.get_bind()):
        op.execute(statement)
    cut_anew(op.get_bind())
