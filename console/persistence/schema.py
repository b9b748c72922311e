"""Schema: which version a database file has, and how it gets to today's.

An empty file is filled, an older one upgraded, a newer one refused: an older program would write rows that
the newer one no longer understands. Alembic is imported only when there is something to do.
"""

import importlib
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from console.domain.errors import UserError
from console.persistence.dialect import glance, make_room, require_place, told_plainly, unfit, writing_engine

NEWEST = "0006"
"""The revision this program is written for; revisions are numbered, so they compare as text."""

UPGRADE_S = 20.0
"""How long a desk that starts waits for another one that is just upgrading the server's tables."""

MIGRATIONS = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str:
    """The revision of the database; '' for an empty one, UserError for one that is not ours."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
    if tables:
        raise UserError("这个文件是别的程序的数据库，不能使用")
    return ""


def _refuse_newer(found: str) -> None:
    if found > NEWEST:
        raise UserError(f"数据库版本 {found} 比本程序（{NEWEST}）新：请升级本程序，数据未被改动")


def require_current(connection: Connection) -> None:
    """UserError unless the database has today's tables."""
    found = revision(connection)
    _refuse_newer(found)
    if found < NEWEST:
        raise UserError("数据库还是旧版本或空的：先运行 db upgrade")


def prepare(url: str) -> None:
    """Create or upgrade the database of the URL; nothing if it is up to date.

    Raises UserError (newer, foreign, network drive, no such folder) and JournalUnavailable (cannot write).
    """
    there = require_place(url)
    with told_plainly():
        if there:
            with glance(url) as connection:
                found = revision(connection)
                why = "" if found else unfit(connection)
            if why:
                raise UserError(why)
            _refuse_newer(found)
            if found == NEWEST:
                return
        # Loaded before the lock is taken: that takes longer than what it does.
        importlib.import_module("alembic.command")
        with writing_engine(url, UPGRADE_S).begin() as connection:
            make_room(connection)
            # Another desk that started at the same moment may have done it meanwhile.
            if revision(connection) < NEWEST:
                migrate(connection)


def migrate(connection: Connection) -> None:
    """Run every migration the database lacks, inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
