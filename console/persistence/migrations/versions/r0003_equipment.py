"""Equipment and its bench: what a site has, troubles, test windows, repairs, test runs, texts out, calls."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what lines, the technician and the modem need."""
    _sites()
    _troubles()
    _windows()
    _repairs()
    _runs()
    _telephone()


def _text(name: str, *, primary_key: bool = False, default: bool = False) -> "sa.Column[str]":
    empty = sa.text("''") if default else None
    return sa.Column(name, sa.Text(), nullable=False, primary_key=primary_key, server_default=empty)


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [_text(name) for name in names]


def _stamp(name: str, *, nullable: bool = True) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _whole(name: str, *, nullable: bool = False, default: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=nullable, server_default=sa.text("0") if default else None)


def _state() -> "sa.Column[str]":
    return sa.Column("state", sa.String(), nullable=False)


def _sites() -> None:
    none = sa.text("'[]'")
    with op.batch_alter_table("sites") as sites:
        for name in ("line", "equipment"):
            sites.add_column(_text(name, default=True))
        sites.add_column(sa.Column("keyholders", sa.Text(), nullable=False, server_default=none))
        sites.add_column(_whole("guards", default=True))
        for name in ("guard_phone", "meu_phone", "meu_drill", "hours"):
            sites.add_column(_text(name, default=True))
        sites.add_column(_whole("supervise_s", nullable=True))
        sites.add_column(_whole("test_days", nullable=True))
        sites.add_column(_stamp("registered_at"))
    with op.batch_alter_table("signals") as signals:
        signals.add_column(_text("trouble", default=True))
        signals.add_column(_text("test_window", default=True))


def _troubles() -> None:
    op.create_table(
        "troubles",
        _text("id", primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        _state(),
        *_texts("site", "line", "account", "zone", "event_code", "sia_code", "text", "signal"),
        _whole("count"),
        _stamp("opened_at", nullable=False),
        _stamp("last_at", nullable=False),
        _stamp("restored_at"),
        _stamp("shelved_until"),
        *_texts("shelved_by", "reason"),
        _stamp("closed_at"),
        _whole("version"),
    )
    for name in ("state", "site", "line"):
        op.create_index(f"ix_troubles_{name}", "troubles", [name])


def _windows() -> None:
    op.create_table(
        "test_windows",
        _text("id", primary_key=True),
        *_texts("site", "zones"),
        _stamp("since", nullable=False),
        _stamp("until", nullable=False),
        *_texts("reason", "phone", "asked_by", "approved_by"),
        _stamp("ended_at"),
        _text("ended_by"),
        _whole("version"),
    )
    op.create_index("ix_test_windows_site", "test_windows", ["site"])


def _repairs() -> None:
    op.create_table(
        "repairs",
        _text("id", primary_key=True),
        *_texts("site", "cause", "about", "text", "still"),
        _state(),
        _text("who"),
        _stamp("due"),
        *_texts("part", "result"),
        _stamp("opened_at", nullable=False),
        _text("opened_by"),
        _stamp("ended_at"),
        _whole("version"),
    )
    op.create_index("ix_repairs_site", "repairs", ["site"])


def _runs() -> None:
    op.create_table(
        "test_runs",
        _text("id", primary_key=True),
        *_texts("site", "test_window"),
        _state(),
        _text("equipment"),
        _stamp("started_at", nullable=False),
        _text("started_by"),
        _stamp("ended_at"),
        *_texts("ended_by", "remark"),
        _whole("version"),
    )
    op.create_index("ix_test_runs_site", "test_runs", ["site"])
    op.create_table(
        "test_steps",
        _text("id", primary_key=True),
        *_texts("run", "code"),
        _whole("place"),
        _text("title"),
        _state(),
        _whole("needed"),
        _whole("seen"),
        sa.Column("figure", sa.Double(), nullable=True),
        *_texts("unit", "target", "note"),
        _stamp("started_at"),
        _stamp("ended_at"),
        _text("done_by"),
    )
    op.create_index("ix_test_steps_run", "test_steps", ["run"])


def _telephone() -> None:
    op.create_table(
        "outbox",
        _text("id", primary_key=True),
        *_texts("number", "text", "purpose", "about"),
        _state(),
        *_texts("line", "ref"),
        _whole("tries"),
        _text("why"),
        _stamp("queued_at", nullable=False),
        _stamp("sent_at"),
        _stamp("delivered_at"),
        _whole("version"),
    )
    for name in ("about", "state"):
        op.create_index(f"ix_outbox_{name}", "outbox", [name])
    op.create_table(
        "calls",
        _text("id", primary_key=True),
        *_texts("number", "line"),
        _stamp("rang_at", nullable=False),
        _stamp("ended_at"),
        _text("taken_by"),
        _stamp("taken_at"),
        _text("incident"),
    )
    for name in ("number", "rang_at"):
        op.create_index(f"ix_calls_{name}", "calls", [name])
