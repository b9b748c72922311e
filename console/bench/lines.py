"""lines: 200 signals a second, stop-and-wait, on one pseudo-terminal and over eight; none lost, none doubled."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from console.bench.figure import Figure, p50, p99
from console.bench.floor import FLOOR, Floor, measure_floor
from console.bench.reception import Reception, bench_station, count_stored, receive
from console.bench.sender import Plan, Sender

RATE = 200.0
SECONDS = 10.0
KEPT_UP = 0.99
"""Share of the asked rate that counts as keeping up: the last frame's own way is part of the time."""
FLOOR_COUNT = 200
UNPACED = 1e6
NAMES = {1: "one", 8: "eight"}


def measure(folder: Path, seconds: float = SECONDS) -> Iterator[Figure]:
    """Both floods, each on a database of its own."""
    for lines in (1, 8):
        place = folder / f"lines-{lines}"
        place.mkdir()
        yield from flood(place, seconds, lines)


def flood(folder: Path, seconds: float, lines: int) -> Iterator[Figure]:
    """RATE signals a second for so long, over so many lines; the bare floor is measured first."""
    name = f"lines.{NAMES[lines]}"
    floor = measure_floor(folder, Plan(count=FLOOR_COUNT, rate=UNPACED))
    plan = Plan(count=round(RATE * seconds), rate=RATE, lines=lines)
    with Sender(plan) as sender:
        station = bench_station(folder, sender.specs)
        heard = asyncio.run(receive(station, sender))
    stored = count_stored(station.url)
    frames = {sent.frame for sent in heard.acknowledged}
    told = f"sent {len(heard.sent)}, acknowledged {len(frames)}, stored {len(stored)}"
    yield _rate(name, heard, floor, plan, told)
    yield _ack(name, heard, floor)
    yield _count(f"{name}.lost", sum(1 for sent in heard.sent if not stored[sent.frame]), plan, told)
    yield _count(f"{name}.doubled", sum(times - 1 for times in stored.values() if times > 1), plan, told)


def _count(name: str, count: int, plan: Plan, note: str) -> Figure:
    return Figure(
        name=name, value=count, unit="signals", n=plan.count, at_most=0, baseline="none", baseline_value=0, note=note
    )


def _rate(name: str, heard: Reception, floor: Floor, plan: Plan, note: str) -> Figure:
    span = heard.sent[-1].sent_at - heard.sent[0].sent_at
    return Figure(
        name=f"{name}.rate",
        value=(len(heard.acknowledged) - 1) / span,
        unit="signals/s",
        n=len(heard.sent),
        at_least=RATE * KEPT_UP,
        baseline=f"{FLOOR}; one line, unpaced",
        baseline_value=floor.per_s,
        note=f"{span:.0f} s at {plan.rate:g}/s asked; {note}",
    )


def _ack(name: str, heard: Reception, floor: Floor) -> Figure:
    return Figure(
        name=f"{name}.ack",
        value=p50(heard.ack_ms),
        unit="ms",
        p50=p50(heard.ack_ms),
        p99=p99(heard.ack_ms),
        n=len(heard.ack_ms),
        baseline=FLOOR,
        baseline_value=p50(floor.ack_ms),
    )
