"""Capture files: what went over a line, one JSON object each (t, line, dir, hex), to replay later.

`t` is Unix time in seconds; `dir` is "in" for what we heard and "out" for what we answered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock


@dataclass(frozen=True, slots=True)
class CaptureRecord:
    """Bytes that passed one line in one direction at one time."""

    t: float
    line: str
    direction: str
    data: bytes


class CaptureWriter:
    """Appends to a capture file; any thread may record."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = Lock()

    def record(self, line: str, direction: str, data: bytes, t: float) -> None:
        """Append one record and hand it to the operating system at once."""
        row = {"t": round(t, 6), "line": line, "dir": direction, "hex": data.hex()}
        with self._lock:
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file; recording is over."""
        with self._lock:
            self._file.close()


def read_capture(path: Path) -> Iterator[CaptureRecord]:
    """Yield the records in file order.

    Raises:
        OSError: the file cannot be read. ValueError: a row is not a capture record; the text names it.
    """
    with path.open(encoding="utf-8", errors="replace") as rows:
        for number, row in enumerate(rows, start=1):
            if row.strip():
                yield _record(row, number)


def _record(row: str, number: int) -> CaptureRecord:
    try:
        value = json.loads(row)
        return CaptureRecord(
            float(value["t"]), str(value["line"]), _direction(value["dir"]), bytes.fromhex(value["hex"])
        )
    except (ValueError, KeyError, TypeError) as problem:
        raise ValueError(f"row {number} is not a capture record") from problem


def _direction(text: str) -> str:
    if text not in ("in", "out"):
        raise ValueError(text)
    return text
