"""Everything: the state tables, the journal with its triggers, and the counters."""

import sqlalchemy as sa
from alembic import op

from console.persistence.dialect import append_only

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table of the first version."""
    _incidents()
    _assignments()
    _handoffs()
    _alarms()
    _units()
    _sites()
    _lines()
    _signals()
    _journal()
    _acts()
    _deadlines_announced()
    _counters()
    _track()
    for trigger in append_only(op.get_bind()):
        op.execute(trigger)


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("place_unknown", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("urban", sa.Boolean(), nullable=False),
        sa.Column("beat", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("narrative", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("result_code", sa.Text(), nullable=False),
        sa.Column("result_text", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("main", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("t_signal", sa.BigInteger(), nullable=True),
        sa.Column("t_answer", sa.BigInteger(), nullable=True),
        sa.Column("t_triage", sa.BigInteger(), nullable=True),
        sa.Column("t_triaged_again", sa.BigInteger(), nullable=True),
        sa.Column("t_dispatch", sa.BigInteger(), nullable=True),
        sa.Column("t_sign", sa.BigInteger(), nullable=True),
        sa.Column("t_depart", sa.BigInteger(), nullable=True),
        sa.Column("t_arrive", sa.BigInteger(), nullable=True),
        sa.Column("t_scene_report", sa.BigInteger(), nullable=True),
        sa.Column("t_feedback", sa.BigInteger(), nullable=True),
        sa.Column("t_review", sa.BigInteger(), nullable=True),
        sa.Column("t_callback", sa.BigInteger(), nullable=True),
        sa.Column("t_close", sa.BigInteger(), nullable=True),
        sa.Column("t_archive", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_incidents_alias", "incidents", ["alias"])
    op.create_index("ix_incidents_created_at", "incidents", ["created_at"])
    op.create_index("ix_incidents_main", "incidents", ["main"])
    op.create_index(
        "ix_incidents_phone",
        "incidents",
        ["phone", "created_at"],
        sqlite_where=sa.text("phone <> ''"),
        postgresql_where=sa.text("phone <> ''"),
    )
    op.create_index("ix_incidents_state", "incidents", ["state"])
    op.create_index("ix_incidents_t_close", "incidents", ["t_close"])


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scene", sa.Text(), nullable=False),
        sa.Column("result_code", sa.Text(), nullable=False),
        sa.Column("result_text", sa.Text(), nullable=False),
        sa.Column("t_dispatch", sa.BigInteger(), nullable=False),
        sa.Column("t_sign", sa.BigInteger(), nullable=True),
        sa.Column("t_depart", sa.BigInteger(), nullable=True),
        sa.Column("t_arrive", sa.BigInteger(), nullable=True),
        sa.Column("t_scene_report", sa.BigInteger(), nullable=True),
        sa.Column("t_feedback", sa.BigInteger(), nullable=True),
        sa.Column("t_end", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_assignments_incident", "assignments", ["incident"])
    op.create_index("ix_assignments_unit", "assignments", ["unit"])


def _handoffs() -> None:
    op.create_table(
        "handoffs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sign_s", sa.Integer(), nullable=True),
        sa.Column("arrive_s", sa.Integer(), nullable=True),
        sa.Column("feedback_s", sa.Integer(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("suggested", sa.Text(), nullable=False),
        sa.Column("urged", sa.Integer(), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("t_draft", sa.BigInteger(), nullable=False),
        sa.Column("t_sent", sa.BigInteger(), nullable=True),
        sa.Column("t_delivered", sa.BigInteger(), nullable=True),
        sa.Column("t_sign", sa.BigInteger(), nullable=True),
        sa.Column("t_depart", sa.BigInteger(), nullable=True),
        sa.Column("t_arrive", sa.BigInteger(), nullable=True),
        sa.Column("t_progress", sa.BigInteger(), nullable=True),
        sa.Column("t_result", sa.BigInteger(), nullable=True),
        sa.Column("t_callback", sa.BigInteger(), nullable=True),
        sa.Column("t_close", sa.BigInteger(), nullable=True),
        sa.Column("t_end", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_handoffs_incident", "handoffs", ["incident"])


def _alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("event_code", sa.Text(), nullable=False),
        sa.Column("sia_code", sa.Text(), nullable=False),
        sa.Column("qualifier", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("paths", sa.Text(), nullable=False),
        sa.Column("presses", sa.Integer(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("latched", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw_hex", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("committed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_press_at", sa.BigInteger(), nullable=True),
        sa.Column("again_at", sa.BigInteger(), nullable=True),
        sa.Column("restored_at", sa.BigInteger(), nullable=True),
        sa.Column("annunciated_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("judged_at", sa.BigInteger(), nullable=True),
        sa.Column("reset_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_alarms_account", "alarms", ["account"])
    op.create_index("ix_alarms_incident", "alarms", ["incident"])
    op.create_index("ix_alarms_line_reset_at", "alarms", ["line", "reset_at"])
    op.create_index("ix_alarms_received_at", "alarms", ["received_at"])
    op.create_index("ix_alarms_site", "alarms", ["site"])
    op.create_index("ix_alarms_state", "alarms", ["state"])


def _units() -> None:
    op.create_table(
        "units",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("echelon", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("beat", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_since", sa.BigInteger(), nullable=False),
        sa.Column("status_before", sa.String(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("vehicle", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("speed_kmh", sa.Double(), nullable=False),
        sa.Column("home_lat", sa.Double(), nullable=True),
        sa.Column("home_lon", sa.Double(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_units_incident", "units", ["incident"])


def _sites() -> None:
    op.create_table(
        "sites",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("beat", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("urban", sa.Boolean(), nullable=False),
        sa.Column("moving", sa.Boolean(), nullable=False),
        sa.Column("keyholder", sa.Text(), nullable=False),
        sa.Column("keyholder_phone", sa.Text(), nullable=False),
        sa.Column("callback_phone", sa.Text(), nullable=False),
        sa.Column("meu", sa.Integer(), nullable=False),
        sa.Column("zones", sa.Text(), nullable=False),
        sa.Column("linkage", sa.Text(), nullable=False),
        sa.Column("limit_min", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sites_account", "sites", ["account"])


def _lines() -> None:
    op.create_table(
        "lines",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("last_heard", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _signals() -> None:
    op.create_table(
        "signals",
        sa.Column("ingest_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("event_code", sa.Text(), nullable=False),
        sa.Column("sia_code", sa.Text(), nullable=False),
        sa.Column("qualifier", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("raw_hex", sa.Text(), nullable=False),
        sa.Column("ack_hex", sa.Text(), nullable=False),
        sa.Column("copy_of", sa.Text(), nullable=False),
        sa.Column("alarm", sa.Text(), nullable=False),
        sa.Column("extended", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ingest_id"),
        sa.UniqueConstraint("seq"),
    )
    op.create_index("ix_signals_line", "signals", ["line"])
    op.create_index("ix_signals_received_at", "signals", ["received_at"])


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", NUMBER, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("act_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("algo", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_journal_at", "journal", ["at"])
    op.create_index("ix_journal_incident", "journal", ["incident"])


def _acts() -> None:
    op.create_table(
        "acts",
        sa.Column("act_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("act_id"),
    )


def _deadlines_announced() -> None:
    op.create_table(
        "deadlines_announced",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "rule", "step", "due_at"),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _track() -> None:
    op.create_table(
        "track",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_track_unit_at", "track", ["unit", "at"])
