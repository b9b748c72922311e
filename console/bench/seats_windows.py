"""seats_windows: the same room as in `seats`, with the call-taker's window painted on every desk."""

from collections.abc import Iterator
from pathlib import Path

from console.bench.figure import Figure
from console.bench.seats import DESKS, SECONDS, figures


def measure(folder: Path) -> Iterator[Figure]:
    """Ten desks with windows."""
    yield from figures(folder, "seats.windows", DESKS, windows=True, seconds=SECONDS)
