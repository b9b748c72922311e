"""duplicates: finding the incident a new call repeats, over 24 hours of a large city, and how often that is right.

Each call of a seeded day is asked about before it is taken in, as it is at the desk. Recall: of the calls about an
event that was reported before, in how many stands that event among the three shown. Precision: of the calls for which
something was shown, in how many is the first one right.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from console.bench.duplicates_day import DayCall, day
from console.bench.figure import Figure, p50, p99
from console.domain.duplicate import Match, compare
from console.services.duplicates import DuplicateIndex

CALLS, SEED = 20_000, 5
SEARCH_MS, RECALL, PRECISION = 20.0, 95.0, 80.0


@dataclass(frozen=True, slots=True)
class Told:
    """What was shown for one call, and whether it was right."""

    call: DayCall
    shown: tuple[Match, ...]
    repeated: bool
    first_right: bool
    among: bool


def play(calls: Sequence[DayCall]) -> tuple[list[Told], list[float], DuplicateIndex]:
    """Ask for each call before it is taken in: what was told, how many ms each took, and the full index."""
    index, events = DuplicateIndex(), dict[str, int]()
    told, took, seen = list[Told](), list[float](), set[int]()
    for call in calls:
        began = time.perf_counter()
        shown = index.search(call.sketch)
        took.append((time.perf_counter() - began) * 1000)
        right = [events[match.number] == call.event for match in shown]
        repeated = call.event in seen
        told.append(Told(call, shown, repeated, bool(right) and right[0], any(right)))
        events[call.sketch.number] = call.event
        seen.add(call.event)
        index.put_sketch(call.sketch)
    return told, took, index


def recall(told: Sequence[Told]) -> float:
    """Percent of the repeated calls with their event among the three."""
    repeated = [row for row in told if row.repeated]
    return 100 * sum(row.among for row in repeated) / len(repeated)


def precision(told: Sequence[Told]) -> float:
    """Percent of the calls with something shown whose first one is right."""
    shown = [row for row in told if row.shown]
    return 100 * sum(row.first_right for row in shown) / len(shown)


def measure(folder: Path) -> Iterator[Figure]:
    """The day once; the last thousand searches are timed over the full index."""
    calls = day(CALLS, SEED)
    told, took, index = play(calls)
    full, bare = took[-1000:], _all_compared_ms(calls[-3:], calls)
    repeated = sum(row.repeated for row in told)
    yield Figure(
        name="duplicates.search",
        value=p99(full),
        unit="ms",
        p50=p50(full),
        p99=p99(full),
        n=len(full),
        at_most=SEARCH_MS,
        baseline="comparing with every incident of the day",
        baseline_value=bare,
        note=f"over {len(index)} incidents of 24 h",
    )
    for name, value, least in (("recall", recall(told), RECALL), ("precision", precision(told), PRECISION)):
        yield Figure(
            name=f"duplicates.{name}",
            value=value,
            unit="%",
            n=len(told),
            at_least=least,
            baseline="share of calls that repeat an event (what guessing “it is new” gives away)",
            baseline_value=100 * repeated / len(told),
            note="among the three shown" if name == "recall" else "of the first shown",
        )


def _all_compared_ms(calls: Sequence[DayCall], known: Sequence[DayCall]) -> float:
    began = time.perf_counter()
    for call in calls:
        for other in known:
            compare(call.sketch, other.sketch, lambda _: 1.0)
    return (time.perf_counter() - began) * 1000 / len(calls)
