"""Codec: facts and entities to canonical JSON and back.

Canonical: keys sorted, no spaces, characters as they are, times as UTC ISO 8601 with milliseconds, so that
the same fact always gives the same text and the same hash. A fact is stored with its name and version;
`UPGRADES` lifts an older one step by step to today's shape, so every journal ever written stays readable.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from console.domain.body import Body
from console.domain.facts import BODIES

T = TypeVar("T")
Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: Mapping[tuple[str, int], Upgrade] = {}
"""(name, version) -> the function that turns that version's fields into the next one's."""


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> Any:
    """A JSON value with every text as each database can hold it: no NUL (PostgreSQL), no half of a character (UTF-8).

    What a line brought stands byte for byte in its signal's `raw_hex`; here □ takes the place of each.
    """
    if isinstance(value, str):
        return _UNSTORABLE.sub("□", value)
    if isinstance(value, Mapping):
        return {storable(name): storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    return value


def to_iso(at: datetime) -> str:
    """2026-11-21T08:00:00.125Z; ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {at!r}")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _plain(value: object) -> Any:
    """What the JSON encoder does not know: dataclasses, times, read-only mappings, sets of words."""
    if isinstance(value, datetime):
        return to_iso(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _names(type(value))}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), default=_plain)


def encode(value: object) -> str:
    """The canonical JSON text of a fact, an entity or a plain JSON value."""
    return _ENCODER.encode(value)


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    """Made at first use and kept: making one costs a thousand times what using it does."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def decode_value(kind: type[T], text: str) -> T:
    """An entity from its JSON text; ValueError if the text does not fit the kind."""
    return _adapter(kind).validate_json(text)


def decode(
    name: str,
    version: int,
    text: str,
    *,
    bodies: Mapping[str, type[Body]] = BODIES,
    upgrades: Mapping[tuple[str, int], Upgrade] = UPGRADES,
) -> Body:
    """A fact's body as of today, from any earlier version; ValueError if this program is too old for it."""
    kind = bodies.get(name)
    if kind is None or version > kind.VERSION:
        raise ValueError(f"日志中的“{name}”（版本 {version}）由更新的程序写入，请升级本程序")
    if version == kind.VERSION:
        return _adapter(kind).validate_json(text)
    values = json.loads(text)
    for older in range(version, kind.VERSION):
        values = upgrades[name, older](values)
    return _adapter(kind).validate_python(values)
