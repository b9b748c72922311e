"""A room of many seats: accounts and seats, approvals, holds, leases, presence, properties of the database."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add what people, rights and several hosts need."""
    _columns()
    _accounts()
    _approvals()
    _unjournaled()


def _columns() -> None:
    no, empty = sa.false(), sa.text("''")
    with op.batch_alter_table("incidents") as incidents:
        incidents.add_column(sa.Column("confidential", sa.Boolean(), nullable=False, server_default=no))
        incidents.add_column(sa.Column("asked_by", sa.Text(), nullable=False, server_default=empty))
        incidents.add_column(sa.Column("asked_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("lines") as lines:
        lines.add_column(sa.Column("host", sa.Text(), nullable=False, server_default=empty))
        lines.add_column(sa.Column("seat", sa.Text(), nullable=False, server_default=empty))
    # Not as a batch: that would make the journal anew, without its triggers.
    op.add_column("journal", sa.Column("salt", sa.Text(), nullable=False, server_default=empty))


def _text(name: str, *, primary_key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False, primary_key=primary_key)


def _stamp(name: str, *, nullable: bool = True) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _accounts() -> None:
    op.create_table(
        "accounts",
        _text("number", primary_key=True),
        *(_text(name) for name in ("name", "roles", "unit", "agency")),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("passwordless", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _stamp("locked_until"),
        _stamp("password_at"),
        _stamp("registered_at", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "seats",
        _text("id", primary_key=True),
        *(_text(name) for name in ("actor", "name", "roles")),
        _stamp("since"),
        _text("host"),
    )
    op.create_index("ix_seats_actor", "seats", ["actor"])
    op.create_table("secrets", _text("account", primary_key=True), _text("hash"), _stamp("changed_at", nullable=False))


def _approvals() -> None:
    op.create_table(
        "approvals",
        _text("id", primary_key=True),
        *(_text(name) for name in ("act", "args", "about", "reason")),
        sa.Column("state", sa.String(), nullable=False),
        _text("asked_by"),
        _stamp("asked_at", nullable=False),
        _text("decided_by"),
        _stamp("decided_at"),
        _text("answer"),
    )
    op.create_index("ix_approvals_state", "approvals", ["state"])
    op.create_table(
        "holds",
        _text("id", primary_key=True),
        _text("incident"),
        _stamp("since"),
        _stamp("until"),
        *(_text(name) for name in ("reason", "placed_by")),
        _stamp("placed_at", nullable=False),
        _text("lifted_by"),
        _stamp("lifted_at"),
    )


def _unjournaled() -> None:
    op.create_table(
        "leases",
        _text("name", primary_key=True),
        _text("host"),
        sa.Column("pid", sa.Integer(), nullable=False),
        *(_text(name) for name in ("seat", "token")),
        _stamp("taken_at", nullable=False),
        _stamp("expires_at", nullable=False),
    )
    op.create_table(
        "presence",
        _text("seat", primary_key=True),
        *(_text(name) for name in ("actor", "name", "incident", "field")),
        _stamp("seen_at", nullable=False),
    )
    op.create_table("properties", _text("name", primary_key=True), _text("value"))
