"""Column types: how a domain value lies in a table.

The types do the whole translation, so that a selected row is already made of domain values and one
`kind(**row)` gives the entity back.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_epoch_ms(at: datetime) -> int:
    """Whole milliseconds since 1970 in UTC; ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {at!r}")
    return (at - EPOCH) // _MS


def from_epoch_ms(ms: int) -> datetime:
    """The aware UTC time of whole milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=ms)


class Stamp(TypeDecorator[datetime]):
    """An aware UTC time as integer milliseconds since 1970: sorts, compares and indexes the same everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else to_epoch_ms(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else from_epoch_ms(value)


class Code(TypeDecorator[StrEnum]):
    """A state by its code, as plain text (a later code needs no change of the table)."""

    impl = String
    cache_ok = True

    def __init__(self, codes: type[StrEnum]) -> None:
        super().__init__()
        self.codes = codes

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.codes(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """Several words as a JSON array."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(json.loads(value))


class Pairs(TypeDecorator[Mapping[str, str]]):
    """Words by name as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(dict(value), ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> Mapping[str, str] | None:
        return None if value is None else json.loads(value)
