"""The long runs themselves: real processes, real pseudo-terminals, real kills, at any length.

`make endurance` runs them at full length, the suite at a twentieth. Each answers with what it counted, and
raises AssertionError with the reason when the desk did not stand it.
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from console.__main__ import SWITCH_S
from console.bench import lines as bench_lines
from console.bench import seats as bench_seats
from console.bench.figure import p99
from console.domain.clock import system_clock
from console.domain.state import KINDS, MemoryState
from console.persistence import store
from console.persistence.filling import fill
from console.persistence.journal import Journal
from console.persistence.spool import Spool
from console.services.acts import ACTS
from tests.e2e import shift as many_seats
from tests.e2e.process import ACK, Place, Wire, frame, running, wait_until
from tests.e2e.reckoning import reckon
from tests.e2e.test_survival import locked, once, pressed
from tests.persistence.test_rebuild import stored_state

Counts = dict[str, float]

SPOOLED_AT_ONCE = 200
RECONNECT_S = 5.0
SEATS_GROWTH_MIB = 20.0
"""What the second half may add to a desk: the incidents of that time, which stay at hand for a day."""
SOAK_MIB = 400.0
SOAK_GROWTH_MIB = 40.0
"""What the second half of a soak may add: a day's closed incidents and no more."""


def flood(folder: Path, seconds: float, lines: int) -> Counts:
    """200 signals a second, stop-and-wait: none lost, none doubled, the rate held."""
    command = [sys.executable, "-m", "tests.long_runs", str(folder), str(seconds), str(lines)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds * 4 + 60, check=False)
    assert done.returncode == 0, done.stderr
    figures = {row["name"].rpartition(".")[2]: row for row in map(json.loads, done.stdout.splitlines())}
    assert figures["lost"]["value"] == 0, figures["lost"]["note"]
    assert figures["doubled"]["value"] == 0, figures["doubled"]["note"]
    return {
        "signals": figures["lost"]["n"],
        "rate": figures["rate"]["value"],
        "rate_held": figures["rate"]["met"],
        "ack_p50_ms": figures["ack"]["p50"],
        "ack_p99_ms": figures["ack"]["p99"],
        "lost": 0,
        "doubled": 0,
    }


def unload_killed(place: Place, wire: Wire, kills: int) -> Counts:
    """The process is killed again and again while it brings its spool into the journal.

    A kill counts only if some of what waited had been delivered in that life, and some had not.
    """
    sent, hit = 0, 0
    drawn = random.Random(110)
    line = f"A1=surgard:{wire.name}"
    while hit < kills:
        if _waiting(place) < SPOOLED_AT_ONCE // 4:
            sent = _fill_spool(place, wire, line, sent)
        before = _waiting(place)
        with running(place, line) as process:
            some = before - drawn.randrange(1, 20)
            assert wait_until(lambda some=some: _waiting(place) <= some, 20), "nothing is unloaded"
            process.kill()
        hit += 0 < _waiting(place) < before
    with running(place, line):
        assert wait_until(lambda: _waiting(place) == 0, 60), f"{_waiting(place)} still wait in the spool"
    assert pressed(place) == once(range(sent)), "not every acknowledged signal is stored exactly once"
    numbers = [incident["number"] for incident in place.rows("incidents")]
    assert len(set(numbers)) == len(numbers) == sent
    assert store.check(place.url) == []
    return {"kills": hit, "signals": sent, "lost": 0, "doubled": 0}


def _waiting(place: Place) -> int:
    """How many acts wait in the spool."""
    spool = Spool.open(place.spool, system_clock)
    try:
        return spool.count()
    finally:
        spool.close()


def _fill_spool(place: Place, wire: Wire, line: str, sent: int) -> int:
    """Send signals while the database is locked, die with them in the spool; answers the new count."""
    with running(place, line) as process:
        assert wait_until(lambda: wire.ask(frame(sent), 0.5) == ACK, 10)
        with locked(place.db):
            for n in range(sent + 1, sent + SPOOLED_AT_ONCE):
                assert wire.ask(frame(n)) == ACK
            process.kill()
    return sent + SPOOLED_AT_ONCE


def unplugged(place: Place, wire: Wire, times: int) -> Counts:
    """The plug is pulled and put back under a running desk; each time it answers again by itself."""
    waits: list[float] = []
    with running(place, f"A1=surgard:{wire.name}"):
        assert wire.ask(frame(0)) == ACK
        for n in range(1, times + 1):
            wire.close()
            wire.open()
            began = time.monotonic()
            # What is sent before the port is open again is gone, as on a real wire: the sender repeats it.
            assert wait_until(lambda n=n: wire.ask(frame(n), 0.2) == ACK, RECONNECT_S * 2), f"unplugged {n} times"
            waits.append(time.monotonic() - began)
    assert pressed(place) == once(range(times + 1))
    assert max(waits) < RECONNECT_S, f"{max(waits):.1f} s until the line answered again"
    return {"unplugged": times, "longest_s": round(max(waits), 2), "lost": 0, "doubled": 0}


def soak(folder: Path, hours: float, speed: float) -> Counts:
    """Evenings without end in the window; memory, threads and open files must not grow with the hours."""
    command = [sys.executable, "-m", "tests.soak", str(folder), str(hours), str(speed)]
    limit = hours * 3600 / speed * 2 + 120
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    samples = [json.loads(line) for line in done.stdout.splitlines()]
    settled, last = samples[len(samples) // 2], samples[-1]
    assert last["mib"] < SOAK_MIB, f"{last['mib']} MiB after {last['hours']} h"
    assert last["mib"] - settled["mib"] < SOAK_GROWTH_MIB, f"{settled} -> {last}"
    for name in ("threads", "files"):
        assert last[name] <= settled[name] + 1, f"{name} grew: {settled} -> {last}"
    assert (last["faults"], last["unsent"]) == (0, 0), last
    assert last["journal"] > settled["journal"], f"nothing happened any more: {settled} -> {last}"
    assert store.check(f"sqlite:///{folder / 'soak.db'}") == []
    return {name: last[name] for name in ("hours", "mib", "threads", "files", "incidents", "journal")} | {
        "mib_at_half": settled["mib"]
    }


def rebuilt(folder: Path, incidents: int) -> Counts:
    """A filled database verifies, and its journal folded from sequence 1 gives exactly the state that is stored."""
    url = f"sqlite:///{folder / 'filled.db'}"
    began = time.monotonic()
    head = fill(url, incidents, 1, system_clock)
    filled = time.monotonic()
    assert store.verify(url) is None
    verified = time.monotonic()
    journal = Journal.open(url, ACTS, system_clock)
    state = MemoryState()
    assert journal.replay(state) == head
    journal.close()
    stored = stored_state(url)
    for kind in KINDS:
        assert sorted(state.all(kind), key=lambda row: row.key) == stored[kind], kind.__name__
    return {
        "incidents": incidents,
        "journal": head.seq,
        "fill_s": round(filled - began, 1),
        "verify_s": round(verified - filled, 1),
        "rebuild_and_compare_s": round(time.monotonic() - verified, 1),
        "rows": sum(map(len, stored.values())),
    }


def shift(folder: Path, rounds: int) -> Counts:
    """Three desks and a line host on one PostgreSQL, through every fault and every kill; equal and true afterwards."""
    with many_seats.shift(folder, durable=rounds > 1) as room:
        room.go()
        for _ in range(rounds):
            many_seats.every_fault(room)
        counted = reckon(room)
        return counted | {
            "faults": room.faults,
            "said_after_s": max(room.said_after_s.values()),
            "back_after_s": max(room.back_after_s.values()),
        }


def seats(folder: Path, desks: int, seconds: float) -> Counts:
    """Desks and two line hosts at twenty acts a second: what a process holds does not grow with the minutes."""
    with bench_seats.Room(folder, desks, windows=False, frames=int(seconds * bench_seats.FRAMES_PER_S)) as room:
        run = bench_seats.work(room, seconds, bench_seats.ACTS_PER_S - bench_seats.FRAMES_PER_S)
        url = room.cluster.url(room.database)
        assert store.verify(url, folder / "heads.jsonl") is None
    assert run.failed == []
    assert run.unseen == 0, f"{run.unseen} acts never came onto another desk's screen"
    assert all(frame.acknowledged_at is not None for frame in run.sent)
    settled, last = run.samples[len(run.samples) // 2], run.samples[-1]
    assert last.mib - settled.mib < SEATS_GROWTH_MIB, f"{settled} -> {last}"
    assert last.threads <= settled.threads + 1, f"{settled} -> {last}"
    assert last.files <= settled.files + 2, f"{settled} -> {last}"
    # Each process may have one reader more open for a moment.
    assert last.connections <= settled.connections + desks + 2, f"{settled} -> {last}"
    return {
        "desks": desks,
        "acts": len(run.done),
        "frames": len(run.sent),
        "seen_p99_ms": round(p99(run.others_ms), 1),
        "mib_at_half": settled.mib,
        "mib": last.mib,
        "threads": last.threads,
        "connections": last.connections,
    }


if __name__ == "__main__":
    sys.setswitchinterval(SWITCH_S)
    for figure in bench_lines.flood(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])):
        print(json.dumps(figure.to_json(), ensure_ascii=False), flush=True)
