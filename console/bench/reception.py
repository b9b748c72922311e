"""A real station under fire: what a far end sent, and when each frame was committed and acknowledged."""

import asyncio
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from console.bench.figure import Figure, p50, p99
from console.bench.floor import FLOOR, Floor
from console.bench.sender import SITES, Sender, Sent, account_of
from console.domain.account import Role
from console.domain.clock import system_clock
from console.domain.facts import SignalReceived
from console.domain.ledger import Act
from console.persistence.journal import Committed, Journal
from console.persistence.queries import Queries
from console.settings import Settings
from console.station import Station, build_station

ACK_MS, COMMITTED_MS = 6.0, 10.0
"""The numbers to meet: ACK at the median, committed at the 99th percentile."""


@dataclass(slots=True)
class Reception:
    """What came of it. `committed` holds, by frame, when its commit was answered on the loop."""

    sent: list[Sent]
    committed: dict[bytes, float]

    @property
    def acknowledged(self) -> list[Sent]:
        return [frame for frame in self.sent if frame.acknowledged_at is not None]

    @property
    def ack_ms(self) -> list[float]:
        return [frame.delay_ms for frame in self.acknowledged]

    @property
    def committed_ms(self) -> list[float]:
        return [(self.committed[frame.frame] - frame.sent_at) * 1000 for frame in self.acknowledged]


def desk_settings(folder: Path) -> Settings:
    """Settings of a desk that keeps everything in one folder."""
    return Settings(data_folder=folder, db=f"sqlite:///{folder / 'desk.db'}")


def bench_station(folder: Path, lines: list[str]) -> Station:
    """A station on an empty database, with the sites the plans speak of."""
    station = build_station(desk_settings(folder), lines=lines)
    register_sites(station)
    return station


def register_sites(station: Station) -> None:
    """Put the sites on file: every account of the plans is a school with named spots."""
    zones = {f"{n:03}": f"{n} 号楼" for n in range(1, 20)}
    sites = [
        {"id": f"B{n:02}", "name": f"第{n + 1}小学", "kind": "school", "account": account_of(n), "zones": zones}
        | {"lat": 24.5 + n / 1000, "lon": 117.65 + n / 1000, "beat": f"{n % 12 + 1:02}", "urban": True}
        for n in range(SITES)
    ]
    done = station.journal.commit_blocking(
        Act(
            name="site.import", args={"sites": sites}, actor="bench", seat="00", roles=(Role.SYSTEM,), at=system_clock()
        )
    )
    station.picture.apply(done.facts)


class TimedJournal:
    """The station's journal, as the desk uses it; notes when each frame's commit was answered."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.read, self.load_state = journal.read, journal.load_state
        self.committed: dict[bytes, float] = {}

    async def commit(self, act: Act) -> Committed:
        done = await self._journal.commit(act)
        now = time.monotonic()
        for fact in done.facts:
            if isinstance(fact.body, SignalReceived):
                self.committed[bytes.fromhex(fact.body.signal.raw_hex)] = now
        return done


async def receive(station: Station, sender: Sender) -> Reception:
    """Start the station, let the far end play its plan, stop the station."""
    journal = TimedJournal(station.journal)
    station.desk.journal = journal
    await station.start()
    try:
        assert station.lines is not None
        await station.lines.opened()
        sent = await asyncio.to_thread(sender.send)
    finally:
        await station.stop()
    return Reception(sent, journal.committed)


def timing_figures(prefix: str, heard: Reception, floor: Floor, note: str = "") -> list[Figure]:
    """ACK and commit beside the bare floor."""
    ack, committed = heard.ack_ms, heard.committed_ms
    return [
        Figure(
            name=f"{prefix}.ack",
            value=p50(ack),
            unit="ms",
            p50=p50(ack),
            p99=p99(ack),
            n=len(ack),
            at_most=ACK_MS,
            baseline=FLOOR,
            baseline_value=p50(floor.ack_ms),
            note=note,
        ),
        Figure(
            name=f"{prefix}.committed",
            value=p99(committed),
            unit="ms",
            p50=p50(committed),
            p99=p99(committed),
            n=len(committed),
            at_most=COMMITTED_MS,
            baseline=FLOOR,
            baseline_value=p99(floor.stored_ms),
            note=note,
        ),
    ]


def count_stored(station_url: str) -> Counter[bytes]:
    """How often each frame stands in the database, copies not counted."""
    with closing(Queries(station_url)) as queries:
        rows = [row.signal for row in queries.signals()]
    return Counter(bytes.fromhex(row.raw_hex) for row in rows if not row.copy_of)
