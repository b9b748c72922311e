"""The desk: calls in hand, answers, holds, links, orders told, emergencies, bulletins, reports up, handovers."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what the call-taker, the officers' safety and the chief's reports need."""
    _incidents()
    _units()
    _calls()
    _answers()
    _links()
    _stacked_jobs()
    _emergencies()
    _help_requests()
    _bulletins()
    _bulletin_receipts()
    _reports_up()
    _handovers()


def _text(name: str, *, primary_key: bool = False, default: bool = False) -> "sa.Column[str]":
    empty = sa.text("''") if default else None
    return sa.Column(name, sa.Text(), nullable=False, primary_key=primary_key, server_default=empty)


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [_text(name) for name in names]


def _stamp(name: str, *, nullable: bool = True) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _whole(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False)


def _real(name: str) -> "sa.Column[float]":
    return sa.Column(name, sa.Double(), nullable=True)


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _incidents() -> None:
    with op.batch_alter_table("incidents") as incidents:
        incidents.add_column(sa.Column("own_priority", sa.Integer(), nullable=False, server_default=sa.text("0")))
        for name in ("recording", "protocol", "mark", "ring_back", "held_reason"):
            incidents.add_column(_text(name, default=True))
        for name in ("marked_at", "late_seen_at", "held_until", "scheduled_for", "major_at"):
            incidents.add_column(_stamp(name))
        incidents.add_column(sa.Column("ring_backs", sa.Integer(), nullable=False, server_default=sa.text("0")))


def _units() -> None:
    with op.batch_alter_table("assignments") as orders:
        orders.add_column(sa.Column("wave", sa.Integer(), nullable=False, server_default=sa.text("1")))
        for name in ("channel", "delivery"):
            orders.add_column(_text(name, default=True))
        orders.add_column(_stamp("t_delivered"))
    with op.batch_alter_table("units") as units:
        units.add_column(_text("terminal", default=True))
        units.add_column(_stamp("checked_at"))


def _calls() -> None:
    with op.batch_alter_table("calls") as calls:
        for name in ("called", "subscriber", "address", "recording", "seat", "transfer_to"):
            calls.add_column(_text(name, default=True))
        for name in ("called_back_by", "called_back"):
            calls.add_column(_text(name, default=True))
        for name in ("held_at", "called_back_at"):
            calls.add_column(_stamp(name))
    still = sa.text("ended_at IS NULL")
    op.create_index("ix_calls_open", "calls", ["ended_at"], sqlite_where=still, postgresql_where=still)
    _seats_of_calls()


def _seats_of_calls() -> None:
    """Where a call was taken before calls had a seat: the journal has always said it, and its fold tells it now."""
    said = sa.text("SELECT seat, body FROM journal WHERE name = 'CallTaken' ORDER BY seq DESC")
    seats = [{"id": json.loads(body)["call"], "seat": seat} for seat, body in op.get_bind().execute(said)]
    # The last one written is the first taking: who takes it again is the same person, perhaps at another seat.
    for row in seats:
        op.get_bind().execute(sa.text("UPDATE calls SET seat = :seat WHERE id = :id"), row)


def _answers() -> None:
    op.create_table(
        "answers",
        _text("id", primary_key=True),
        *_texts("incident", "protocol", "question", "value", "text"),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        *_texts("reason", "answered_by"),
        _stamp("at", nullable=False),
    )
    _indexes("answers", "incident")


def _links() -> None:
    op.create_table(
        "links",
        _text("id", primary_key=True),
        *_texts("incident", "other", "kind", "reason", "linked_by"),
        _stamp("at", nullable=False),
        _stamp("ended_at"),
    )
    _indexes("links", "incident", "other")


def _stacked_jobs() -> None:
    op.create_table(
        "stacked_jobs",
        _text("id", primary_key=True),
        *_texts("unit", "incident"),
        _whole("place"),
        _text("stacked_by"),
        _stamp("at", nullable=False),
        _stamp("ended_at"),
        _text("why"),
    )
    _indexes("stacked_jobs", "unit", "incident")


def _emergencies() -> None:
    op.create_table(
        "emergencies",
        _text("id", primary_key=True),
        *_texts("unit", "incident", "source"),
        _real("lat"),
        _real("lon"),
        _real("fix_age_s"),
        _stamp("started_at", nullable=False),
        _stamp("acknowledged_at"),
        _text("acknowledged_by"),
        _stamp("stopped_at"),
        *_texts("stopped_by", "reason"),
    )
    _indexes("emergencies", "unit", "started_at")


def _help_requests() -> None:
    op.create_table(
        "help_requests",
        _text("id", primary_key=True),
        *_texts("incident", "kind", "recipient", "text", "state"),
        _stamp("asked_at", nullable=False),
        _text("asked_by"),
        _stamp("answered_at"),
        *_texts("answered_by", "answer"),
    )
    _indexes("help_requests", "incident")


def _bulletins() -> None:
    op.create_table(
        "bulletins",
        _text("id", primary_key=True),
        *_texts("kind", "title", "text", "plate", "person", "photo"),
        _text("area"),
        _text("incident"),
        _stamp("since", nullable=False),
        _stamp("until", nullable=False),
        _text("issued_by"),
        _stamp("cancelled_at"),
        *_texts("cancelled_by", "reason"),
    )
    _indexes("bulletins", "until")


def _bulletin_receipts() -> None:
    op.create_table(
        "bulletin_receipts",
        _text("id", primary_key=True),
        *_texts("bulletin", "recipient", "name", "channel", "state", "text", "told_by"),
        _stamp("sent_at", nullable=False),
        _stamp("told_at"),
    )
    _indexes("bulletin_receipts", "bulletin", "recipient")


def _reports_up() -> None:
    op.create_table(
        "reports_up",
        _text("id", primary_key=True),
        *_texts("incident", "recipient", "name", "phone", "channel", "text"),
        _stamp("asked_at", nullable=False),
        _text("asked_by"),
        _stamp("told_at"),
        *_texts("told_by", "answer"),
    )
    _indexes("reports_up", "incident")


def _handovers() -> None:
    op.create_table(
        "handovers",
        _text("id", primary_key=True),
        *_texts("seat", "from_actor", "from_name", "to_actor", "to_name"),
        _text("items"),
        _text("notes"),
        _whole("head"),
        _stamp("drawn_at", nullable=False),
        _stamp("given_at"),
        _stamp("taken_at"),
    )
    _indexes("handovers", "seat", "drawn_at")
