"""Units that were lost: since when they do what they did before, which neither a loss nor its end changes."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NEEDS_HELP, LOST = "15", "90"


def upgrade() -> None:
    """Add the column, and fill it for those that are lost or were found again."""
    with op.batch_alter_table("units") as units:
        units.add_column(sa.Column("doing_since", sa.BigInteger(), nullable=True))
    _from_the_journal()


def _from_the_journal() -> None:
    """The journal has always told it, and its fold makes it now: the table must say the same."""
    said = sa.text("SELECT name, at, body FROM journal WHERE name IN ('UnitRegistered', 'UnitMoved') ORDER BY seq")
    units: dict[str, _Unit] = {}
    for name, at, text in op.get_bind().execute(said):
        body = json.loads(text)
        if name == "UnitRegistered":
            units[body["unit"]["id"]] = _Unit(body["unit"])
        elif body["unit"] in units:
            units[body["unit"]].move(body["status"], at)
    for key, unit in units.items():
        if unit.doing_since is not None:
            row = {"id": key, "since": unit.doing_since}
            op.get_bind().execute(sa.text("UPDATE units SET doing_since = :since WHERE id = :id"), row)


class _Unit:
    """What of a unit is needed, times in milliseconds since 1970."""

    def __init__(self, registered: dict[str, str]) -> None:
        self.status, self.before = registered["status"], registered["status_before"]
        self.status_since = round(datetime.fromisoformat(registered["status_since"]).timestamp() * 1000)
        self.doing_since: int | None = None

    def move(self, after: str, at: int) -> None:
        """As `fold` does it at this revision."""
        if after == LOST:
            self.doing_since = self.doing_since or self.status_since
        elif self.status != LOST or after != self.before:
            self.doing_since = None
        if self.status not in (NEEDS_HELP, LOST):
            self.before = self.status
        self.status, self.status_since = after, at
