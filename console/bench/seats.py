"""seats: many desks and two line hosts on one PostgreSQL; how soon a change is seen, and what that costs.

Every desk and line host is a process of its own over a private, durable cluster. People act at a steady rate whatever
the answers take; a receiver in another process sends frames on both hosts. A change counts as seen when the desk's
picture and everything that watches it have been told, with windows when the frame after that has been painted.

python -m console.bench.seats [--desks N] [--windows] [--seconds S] does the same with other numbers.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from console.bench.figure import Figure, p50, p99, quantile
from console.bench.postgres import Cluster
from console.bench.relay import Relay, measure_relay
from console.bench.remote import LineHost, RemoteDesk
from console.bench.sender import Plan, Sender, Sent
from console.domain.clock import system_clock
from console.persistence.journal import Journal
from console.services.acts import ACTS

DESKS, HOSTS = 10, 2
ACTS_PER_S = 20.0
"""In all: what people do and what the lines bring."""
FRAMES_PER_S = 2.0
SECONDS = 30.0
READY_S = 90.0
"""Ten windows that start at once on two cores."""
SETTLE_S = 3.0
SAMPLE_S = 10.0
SEEN_MS, OWN_MS, ACK_MS, ACK_P99_MS, SERVER_PERCENT = 300.0, 100.0, 10.0, 50.0, 40.0
RELAY = "psycopg: bare insert + NOTIFY, until LISTEN hears it"
OPENING = 10
"""Every so many acts of a desk is a new incident; the others are notes, edits and priorities on what is there."""


@dataclass(slots=True)
class Done:
    """An act a desk answered: when it was asked, and when its own screen had each of its facts, by number."""

    desk: int
    began: float
    shown: dict[int, float]


@dataclass(frozen=True, slots=True)
class Sample:
    """How the room is at one moment: the largest of its processes each, and the server's connections."""

    seconds: float
    mib: float
    threads: int
    files: int
    connections: int


@dataclass(slots=True)
class Run:
    """What was measured. `seen` holds, by desk, when each fact came onto its screen."""

    done: list[Done] = field(default_factory=list)
    refused: int = 0
    failed: list[str] = field(default_factory=list)
    seen: list[dict[int, float]] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    seconds: float = 0.0
    server_s: float = 0.0
    desks_s: list[float] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    @property
    def own_ms(self) -> list[float]:
        """From the key to the act's last fact on the own screen."""
        return [(max(act.shown.values()) - act.began) * 1000 for act in self.done if act.shown]

    @property
    def others_ms(self) -> list[float]:
        """From the key to the act's last fact on the last of the other screens; only what all of them have seen."""
        found: list[float] = []
        for act in self.done:
            others = [seen for n, seen in enumerate(self.seen) if n != act.desk]
            if act.shown and all(seq in seen for seq in act.shown for seen in others):
                found.append((max(seen[seq] for seq in act.shown for seen in others) - act.began) * 1000)
        return found

    @property
    def unseen(self) -> int:
        """Acts that some other desk has not seen at the end."""
        return sum(1 for act in self.done if act.shown) - len(self.others_ms)


class Room:
    """The cluster, the desks, the line hosts and the receiver; use as a context manager."""

    def __init__(self, folder: Path, desks: int, *, windows: bool, frames: int, rate: float = FRAMES_PER_S) -> None:
        self._open = ExitStack()
        with ExitStack() as opening:
            disk = Path("/var/tmp")  # noqa: S108 -- the cluster makes a folder of its own inside
            self.cluster = opening.enter_context(Cluster(durable=True, base=disk if disk.is_dir() else None))
            self.database = self.cluster.new_database()
            url = self.cluster.url(self.database)
            Journal.open(url, ACTS, system_clock).close()
            self.sender = opening.enter_context(Sender(Plan(count=frames, rate=rate, lines=HOSTS)))
            self.hosts = [
                opening.enter_context(LineHost(url, folder / f"host-{n}", f"8{n}", [spec]))
                for n, spec in enumerate(self.sender.specs)
            ]
            self.desks = [
                opening.enter_context(
                    RemoteDesk(url, f"{n + 1:02}", f"{n + 1:02}1", folder / f"desk-{n}", window=windows)
                )
                for n in range(desks)
            ]
            for host in self.hosts:
                host.ready(READY_S)
            for desk in self.desks:
                desk.ready(READY_S)
            self._open = opening.pop_all()

    def __enter__(self) -> "Room":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def server_s(self) -> float:
        """Processor seconds of every server process there is now."""
        return sum(_processor_s(process) for process in self.cluster.processes())

    @property
    def connections(self) -> int:
        """How many connections the server has from the room."""
        with self.cluster.connect() as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (self.database,)
            ).fetchone()
        return row[0] if row else 0


def _processor_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def work(room: Room, seconds: float, rate: float) -> Run:
    """People act `rate` times a second in all for so long, the receiver sends; then everybody is asked what he saw."""
    run, known = Run(), _Known()
    _collect(room)
    run.seen = [{} for _ in room.desks]
    before, began = room.server_s, time.monotonic()
    spent = [_processor_s(psutil.Process(desk.process.pid)) for desk in room.desks]
    sending = threading.Thread(target=lambda: run.sent.extend(room.sender.send()))
    people = [
        threading.Thread(target=_person, args=(room, n, run, known, seconds, rate), name=f"person {n}")
        for n in range(len(room.desks))
    ]
    for thread in (sending, *people):
        thread.start()
    while any(thread.is_alive() for thread in (sending, *people)):
        run.samples.append(_sample(room, time.monotonic() - began))
        _collect(room, run.seen)
        sending.join(SAMPLE_S)
        for thread in people if not sending.is_alive() else ():
            thread.join(SAMPLE_S)
    run.seconds = time.monotonic() - began
    run.server_s = room.server_s - before
    run.desks_s = [
        _processor_s(psutil.Process(desk.process.pid)) - cpu for desk, cpu in zip(room.desks, spent, strict=True)
    ]
    time.sleep(SETTLE_S)
    _collect(room, run.seen)
    return run


def _collect(room: Room, seen: Sequence[dict[int, float]] = ()) -> None:
    """Fetch what came onto each screen since the last time, so that no desk has to keep it."""
    for n, desk in enumerate(room.desks):
        told = {seq: at for seq, _, at in desk.ask("shown")["shown"]}
        if seen:
            seen[n].update(told)


def _sample(room: Room, seconds: float) -> Sample:
    pids = [*(desk.process.pid for desk in room.desks), *(host.process.pid for host in room.hosts)]
    processes = [psutil.Process(pid) for pid in pids]
    return Sample(
        seconds=round(seconds, 1),
        mib=round(max(process.memory_info().rss for process in processes) / 2**20, 1),
        threads=max(process.num_threads() for process in processes),
        files=max(process.num_fds() for process in processes),
        connections=room.connections,
    )


class _Known:
    """The incidents there are, as people tell each other."""

    def __init__(self) -> None:
        self.numbers: list[str] = []

    def act(self, n: int, drawn: random.Random) -> tuple[str, dict[str, Any]]:
        """The n-th act of a desk."""
        if n % OPENING == 0 or not self.numbers:
            return "incident.open", {"kind": "0101", "place": f"南昌路 {n} 号", "narrative": "有人打架"}
        number = drawn.choice(self.numbers[-50:])
        kind = n % OPENING
        if kind in (3, 7):
            return "incident.edit", {"incident": number, "fields": {"caller": f"来电人{n}"}}
        if kind == 5:
            return "incident.priority", {"incident": number, "priority": 1 + n % 3, "reason": "核实"}
        return "incident.note", {"incident": number, "text": f"第 {n} 条备注"}


def _person(room: Room, which: int, run: Run, known: _Known, seconds: float, rate: float) -> None:
    """One desk's share, each act at its time, or at once when the desk is behind."""
    desk, drawn, count = room.desks[which], random.Random(which), len(room.desks)  # noqa: S311 -- not a secret
    began = time.monotonic()
    for n in range(int(seconds * rate / count)):
        time.sleep(max(0.0, began + (n * count + which) / rate - time.monotonic()))
        name, args = known.act(n, drawn)
        told = desk.do(name, **args)
        if "refused" in told:
            run.refused += 1
        elif "value" not in told:
            run.failed.append(str(told))
        else:
            run.done.append(Done(which, told["began"], {seq: at for seq, _, at in told["shown"] if seq}))
            if name == "incident.open":
                known.numbers.append(told["value"])


# -- figures ---------------------------------------------------------------------------------------------------


def measure(folder: Path) -> Iterator[Figure]:
    """Ten desks without windows."""
    yield from figures(folder, "seats", DESKS, windows=False, seconds=SECONDS)


def figures(folder: Path, name: str, desks: int, *, windows: bool, seconds: float) -> Iterator[Figure]:
    """One room and its figures, the bare relay measured on the same cluster first."""
    frames = max(HOSTS, int(seconds * FRAMES_PER_S))
    with Room(folder, desks, windows=windows, frames=frames) as room:
        relay = measure_relay(room.cluster)
        run = work(room, seconds, ACTS_PER_S - FRAMES_PER_S)
        if run.failed or run.unseen:
            raise RuntimeError(
                f"{len(run.failed)} acts failed, {run.unseen} were not seen everywhere: {run.failed[:3]}"
            )
    yield from _delays(name, run, relay, f"{desks} desks {'with' if windows else 'without'} windows, {seconds:g} s")
    yield from _costs(name, run, relay)


def _delays(name: str, run: Run, relay: Relay, note: str) -> Iterator[Figure]:
    note = f"{note}, {len(run.done) / run.seconds:.1f} acts/s, {run.refused} refused"
    others, own = run.others_ms, run.own_ms
    ack = [frame.delay_ms for frame in run.sent if frame.acknowledged_at is not None]
    bare: dict[str, Any] = {"unit": "ms", "baseline": RELAY}
    quantiles: dict[str, Any] = {"p50": p50(others), "p99": p99(others), "n": len(others)}
    seen = p99(others)
    yield Figure(
        name=f"{name}.seen", value=seen, at_most=SEEN_MS, baseline_value=p99(relay.ms), note=note, **quantiles, **bare
    )
    quantiles = {"p50": p50(own), "p99": p99(own), "n": len(own)}
    yield Figure(
        name=f"{name}.own", value=quantile(own, 0.95), at_most=OWN_MS, baseline_value=quantile(relay.ms, 0.95),
        note="p95", **quantiles, **bare,
    )  # fmt: skip
    quantiles = {"p50": p50(ack), "p99": p99(ack), "n": len(ack)}
    lost = len(run.sent) - len(ack)
    yield Figure(
        name=f"{name}.ack", value=p50(ack), at_most=ACK_MS, baseline_value=p50(relay.ms), note=f"{lost} unanswered",
        **quantiles, **bare,
    )  # fmt: skip
    yield Figure(
        name=f"{name}.ack_p99", value=p99(ack), at_most=ACK_P99_MS, baseline_value=p99(relay.ms), **quantiles, **bare
    )


def _costs(name: str, run: Run, relay: Relay) -> Iterator[Figure]:
    yield Figure(
        name=f"{name}.server",
        value=run.server_s / run.seconds * 100,
        unit="% of a core",
        n=1,
        at_most=SERVER_PERCENT,
        baseline=f"{RELAY}, as often",
        baseline_value=relay.server_ms * ACTS_PER_S / 10,
        note=f"{run.samples[-1].connections} connections",
    )
    shares = [spent / run.seconds * 100 for spent in run.desks_s]
    yield Figure(
        name=f"{name}.desk",
        value=max(shares),
        unit="% of a core",
        n=len(shares),
        baseline="none",
        baseline_value=0,
        note=f"the busiest desk; all together {sum(shares):.0f} %",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Other numbers than the bench's own."""
    parser = argparse.ArgumentParser(prog="python -m console.bench.seats")
    parser.add_argument("--desks", type=int, default=DESKS)
    parser.add_argument("--windows", action="store_true")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-seats-") as folder:
        for figure in figures(Path(folder), "seats", options.desks, windows=options.windows, seconds=options.seconds):
            print(json.dumps(figure.to_json(), ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
