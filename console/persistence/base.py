"""Base: what every table of the store has in common: how the domain's types lie in columns."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import Table, Text
from sqlalchemy.orm import DeclarativeBase

from console.persistence.columns import Pairs, Stamp, Words


class Base(DeclarativeBase):
    """Every table of the store."""

    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy reads it as it stands
        datetime: Stamp,
        tuple[str, ...]: Words,
        Mapping[str, str]: Pairs,
        str: Text,
    }


def table(row: type[Base]) -> Table:
    """The Core table of a row class, for the statements of the hot path."""
    return cast("Table", row.__table__)
