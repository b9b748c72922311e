"""codec: how many frames a second the Sur-Gard codec reads, beside cutting the same bytes at their terminator."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from console.bench.figure import Figure
from console.bench.sender import Plan
from drivers.protocols import codec_for

FRAMES = 20_000
READ = 64
"""Bytes at a time, as a busy port hands them up."""
ROUNDS = 5


def measure(_folder: Path) -> Iterator[Figure]:
    """The best of some rounds, for both: what the machine can do, not what its neighbours leave."""
    plan = Plan(count=FRAMES, rate=1)
    stream = b"".join(plan.frame(n) for n in range(FRAMES))
    yield Figure(
        name="codec",
        value=FRAMES / _best(lambda: _read(stream)),
        unit="frames/s",
        n=FRAMES * ROUNDS,
        baseline="bytes.split on DC4",
        baseline_value=FRAMES / _best(lambda: stream.split(b"\x14")),
        note=f"in reads of {READ} bytes",
    )


def _read(stream: bytes) -> None:
    codec = codec_for("surgard")
    found = sum(len(codec.feed(stream[at : at + READ])) for at in range(0, len(stream), READ))
    assert found == FRAMES, f"{found} frames read of {FRAMES}"


def _best(deed: Callable[[], object]) -> float:
    """Seconds of the quickest round."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        deed()
        took.append(time.perf_counter() - began)
    return min(took)
