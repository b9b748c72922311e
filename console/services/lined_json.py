"""JSON with the line of every value, so that a fault in a table edited by hand is named where it stands.

The standard library reads JSON but forgets where; a double key silently wins. Here both are told. Only what a text
editor shows matters: lines are counted from 1.
"""

import json
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]  # the standard library's own reader of strings
from typing import Any

Path = tuple[str | int, ...]
"""Keys and indexes from the file's top to a value."""

_WHITE = " \t\n\r"
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class LinedJson:
    """`value` as json.loads gives it; `lines` of every value by its path; `doubled` keys as (line, key)."""

    value: Any
    lines: dict[Path, int]
    doubled: tuple[tuple[int, str], ...] = ()

    def line(self, path: Path) -> int:
        """The line of a value, or of the nearest thing around it that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str) -> LinedJson:
    """Read a file's text; json.JSONDecodeError (with its line) if it is no JSON."""
    json.loads(text)  # whatever is wrong with the form is said in the library's own words
    reader = _Reader(text)
    value, _ = reader.value(0, ())
    return LinedJson(value, reader.lines, tuple(reader.doubled))


@dataclass(slots=True)
class _Reader:
    """Walks over text that is known to be JSON."""

    text: str
    lines: dict[Path, int] = field(default_factory=dict)
    doubled: list[tuple[int, str]] = field(default_factory=list)
    _at: int = 0
    _line: int = 1

    def value(self, start: int, path: Path) -> tuple[Any, int]:
        """The value that begins at or after `start`, and where it ends."""
        start = self._skip(start)
        self.lines[path] = self._line_of(start)
        sign = self.text[start]
        if sign == "{":
            return self._object(start + 1, path)
        if sign == "[":
            return self._array(start + 1, path)
        if sign == '"':
            return scanstring(self.text, start + 1, True)  # type: ignore[no-any-return]
        end = start
        while end < len(self.text) and self.text[end] not in ",]}" + _WHITE:
            end += 1
        word = self.text[start:end]
        return (_WORDS[word] if word in _WORDS else json.loads(word)), end

    def _object(self, at: int, path: Path) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        at = self._skip(at)
        while self.text[at] != "}":
            at = self._skip(at + (self.text[at] == ","))
            line = self._line_of(at)
            key, at = scanstring(self.text, at + 1, True)
            if key in found:
                self.doubled.append((line, key))
            found[key], at = self.value(self._skip(at) + 1, (*path, key))
            at = self._skip(at)
        return found, at + 1

    def _array(self, at: int, path: Path) -> tuple[list[Any], int]:
        found: list[Any] = []
        at = self._skip(at)
        while self.text[at] != "]":
            one, at = self.value(at + (self.text[at] == ","), (*path, len(found)))
            found.append(one)
            at = self._skip(at)
        return found, at + 1

    def _skip(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in _WHITE:
            at += 1
        return at

    def _line_of(self, at: int) -> int:
        """Positions only grow, so each line break is counted once."""
        self._line += self.text.count("\n", self._at, at)
        self._at = at
        return self._line
