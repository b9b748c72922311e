"""A shift: three desks and a line host on one PostgreSQL, people and far ends at work, and every way it can fail.

Seat 03 has a line of its own, seat 04 the real window, seat 05 a network of its own that can be cut. A fault is
begun, every desk it concerns must say so, its count of unsent acts is compared with its spool, the fault is ended,
and everybody must come back by himself. Nobody stops working meanwhile but for the moment of counting.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from console.bench.postgres import Cluster
from console.bench.remote import Answer, RemoteDesk, wait_until
from console.domain.clock import system_clock
from console.persistence.spool import Spool
from tests.e2e.disk import ServerDisk
from tests.e2e.network import Way, make_way
from tests.e2e.process import Lines, Wire
from tests.e2e.seats import CentrePlace, FarEnd, Person, Worker, lay_out

SAYS_SO_S = 2.0
"""A desk tells that the server is away within this time (issue, 4)."""
BACK_S = 60.0
"""A server that recovers, connections tried again with growing pauses, spools unloaded; on a busy machine."""
FULL = "disk full"
"""Shows when something is written, and reading goes on: no time runs until then."""
SUSPENDED_S = 4.0
"""On top of the time until everybody has said so: six seconds in all."""
EVERY_S = 0.8
HOST_SEAT = "90"
"""Local numbers carry the seat: no two machines may have the same."""
SEATS = {"03": "031", "04": "041", "05": "051"}


def is_away(lamps: Answer) -> bool:
    """Whether a desk says that it is without the journal, or does not see what others do."""
    return not lamps["journal_up"] or "feed" in lamps["faults"]


def is_well(lamps: Answer) -> bool:
    """Whether a desk says that all is well; a clash is for a person and stays."""
    return bool(lamps) and lamps["journal_up"] and not lamps["unsent"] and not set(lamps["faults"]) - {"clash"}


class Shift:
    """The room. `go` begins the work, `through` plays a fault, `rest` ends the work; close it in any case."""

    def __init__(self, folder: Path, cluster: Cluster, way: Way, disk: ServerDisk | None = None) -> None:
        self.folder, self.cluster, self.way, self.disk = folder, cluster, way, disk
        self.database = cluster.new_database()
        self.url = cluster.url(self.database)
        self.faults = 0
        self.heads = folder / "heads.jsonl"
        self.said_after_s: dict[str, float] = {}
        self.back_after_s: dict[str, float] = {}
        self.counted: dict[str, int] = {}
        lay_out(self.url)
        self._wires = {name: Wire(folder / name) for name in ("A1", "A2", "B1")}
        self._place = CentrePlace(folder / "host", server=self.url)
        self._place.folder.mkdir()
        self.desks = {seat: self._desk(seat) for seat in SEATS}
        self.host = self._host()
        self.far_ends = {name: FarEnd(wire, n, EVERY_S) for n, (name, wire) in enumerate(self._wires.items())}
        self.people: dict[str, Person] = {}

    def open(self) -> None:
        """Wait until every process can be worked with. What does not come is ended by `close`, as all the others."""
        self.host.ready()
        for desk in self.desks.values():
            desk.ready()
        self.people = {seat: Person(desk, int(seat)) for seat, desk in self.desks.items()}

    def _desk(self, seat: str) -> RemoteDesk:
        far = seat == "05"
        host, port = self.way.address(self.cluster.port) if far else ("127.0.0.1", self.cluster.port)
        return RemoteDesk(
            self.cluster.url(self.database, host, port),
            seat,
            SEATS[seat],
            self.folder / f"seat-{seat}",
            lines=[f"B1=surgard:{self._wires['B1'].name}"] if seat == "03" else [],
            window=seat == "04",
            prefix=self.way.prefix if far else (),
            environment=self._place.environment,
        )

    def _host(self) -> Lines:
        lines = (f"{name}=surgard:{self._wires[name].name}" for name in ("A1", "A2"))
        return Lines(self._place, *lines, seat=HOST_SEAT)

    def close(self) -> None:
        """End every process and thread."""
        for worker in self._workers():
            worker.stop()
        for desk in self.desks.values():
            if desk.alive:
                desk.kill()
        if self.host.process.poll() is None:
            self.host.kill()
        for wire in self._wires.values():
            wire.close()

    def _workers(self) -> list[Worker]:
        return [*self.people.values(), *self.far_ends.values()]

    # -- work --------------------------------------------------------------------------------------------------

    def go(self) -> None:
        """Everybody works."""
        for worker in self._workers():
            worker.go()

    def work(self, seconds: float) -> None:
        """Let them work for a while."""
        time.sleep(seconds)
        self.must_be_alive()

    def rest(self) -> None:
        """Everybody finishes what he is at and stops."""
        for worker in self._workers():
            assert worker.hold(), "somebody waits for an answer that does not come"

    def must_be_alive(self) -> None:
        """No process ends by itself, whatever happens to the server."""
        for desk in self.desks.values():
            assert desk.alive, f"seat {desk.seat} ended: {desk.last_words()}"
        assert self.host.process.poll() is None, self.host.stderr

    # -- faults ------------------------------------------------------------------------------------------------

    def through(
        self,
        name: str,
        fall: Callable[[], None],
        rise: Callable[[], object],
        *,
        seconds: float = 0.5,
        seats: tuple[str, ...] = tuple(SEATS),
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        """One fault: it falls, each of the seats says so in time and counts right, it rises, all is well again.

        `seconds`: how long they work on after everybody has said so; `meanwhile` happens in that time.
        """
        before = {seat: len(self.desks[seat].lamps) for seat in seats}
        began = time.monotonic()
        fall()
        for seat in seats:
            self._says_so(name, seat, before[seat], began)
        if meanwhile is not None:
            meanwhile()
        time.sleep(max(0.0, seconds))
        self.must_be_alive()
        for seat in seats:
            self._counts_right(name, seat)
        risen = time.monotonic()
        rise()
        self.comes_back(name, risen)
        self.faults += 1

    def _says_so(self, name: str, seat: str, before: int, began: float) -> None:
        lamps = self.desks[seat].lamps

        def said() -> Iterator[float]:
            return (told["at"] for told in lamps[before:] if is_away(told))

        assert wait_until(lambda: next(said(), None) is not None, 10), f"{name}: seat {seat} never said so"
        if name != FULL:
            self.said_after_s[f"{name} {seat}"] = round(next(said()) - began, 2)

    def _counts_right(self, name: str, seat: str) -> None:
        """The unsent count on the screen is what lies in the spool. The hands are off the keys meanwhile."""
        own: list[Worker] = [self.people[seat], *([self.far_ends["B1"]] if seat == "03" else [])]
        for worker in own:
            assert worker.hold(), f"{name}: seat {seat} does not answer"
        counts: list[tuple[int, int]] = []

        def same() -> bool:
            """The last ones stand on the screen until the journal's picture is shown, a moment after they arrived."""
            shown = int(self.desks[seat].ask("health")["unsent"])
            with closing(Spool.open(self.spool_file(seat), system_clock)) as spool:
                counts.append((shown, spool.count()))
            return counts[-1][0] == counts[-1][1]

        assert wait_until(same, 3), f"{name}: seat {seat} shows and holds {counts}"
        waiting = counts[-1][1]
        self.counted[f"{name} {seat}"] = waiting
        for worker in own:
            worker.go()

    def comes_back(self, name: str, since: float) -> None:
        """Every desk says by itself that all is well, with nothing unsent."""

        def well() -> bool:
            return all(is_well(desk.health) for desk in self.desks.values())

        assert wait_until(well, BACK_S), f"{name}: {[(d.seat, d.health) for d in self.desks.values()]}"
        self.back_after_s[name] = round(time.monotonic() - since, 2)

    def host_unsent(self) -> int:
        """What waits in the line host's spool."""
        with closing(Spool.open(self._place.spool, system_clock)) as spool:
            return spool.count()

    def spool_file(self, seat: str) -> Path:
        """A seat's spool."""
        return self.folder / f"seat-{seat}" / "spool.db"

    def kills(self, name: str, kill: Callable[[], None]) -> None:
        """kill −9 of one process; whatever it was, all is well again by itself."""
        killed = time.monotonic()
        kill()
        self.comes_back(name, killed)
        self.faults += 1

    def kill_desk(self, seat: str, *, waits: bool = False) -> None:
        """kill −9 of a desk, which is started again at once; its person goes on.

        `waits`: the server is away; what waits in the spool must be on the new desk's screen.
        """
        self.desks[seat].kill()
        with closing(Spool.open(self.spool_file(seat), system_clock)) as spool:
            presses = {row.act.args["ingest_id"] for row in spool.pending() if row.act.name == "intake.receive"}
        self.desks[seat] = self._desk(seat)
        self.desks[seat].ready()
        if waits:
            shown = {row["id"] for row in self.desks[seat].ask("state")["rows"]["Alarm"]}
            assert presses <= shown, (
                f"seat {seat} does not show {len(presses - shown)} of {len(presses)} spooled alarms"
            )
        self.people[seat].desk = self.desks[seat]

    def contend(self) -> None:
        """Seat 05 is cut off: it and seat 04 take the same alarm. One of them has it, the other is told."""
        both = [self.people["04"], self.people["05"]]
        for person in both:
            assert person.hold()
        alarm = self._waits_on_both()
        deeds = [person.acknowledge(alarm) for person in both]
        assert [deed.outcome for deed in deeds] == ["done", "done"], deeds
        for person in both:
            person.go()

    def _waits_on_both(self) -> str:
        """An alarm that stood unacknowledged on both desks when the network went."""
        near, far = (set[str](self.desks[seat].ask("see")["alarms"]) for seat in ("04", "05"))
        assert near & far, "no alarm waits"
        return min(near & far)

    def kill_host(self) -> None:
        """kill −9 of the line host, which is started again at once."""
        self.host.kill()
        self.host = self._host()
        self.host.ready()

    def cut_disk(self) -> None:
        """The server's disk is full from now on."""
        assert self.disk is not None
        self.disk.fill(self.cluster)

    def clear_disk(self) -> None:
        """There is room again; a server that gave up meanwhile is started, as its service would."""
        assert self.disk is not None
        self.disk.clear(self.cluster)
        if not self.cluster.ready:
            self.cluster.kill()
            self.cluster.start()


@contextlib.contextmanager
def shift(folder: Path, *, durable: bool = False) -> Iterator[Shift]:
    """A shift on a server of its own, on a small disk of its own; everything is gone at the end."""
    with contextlib.ExitStack() as stack:
        way = make_way()
        stack.callback(way.close)
        disk = stack.enter_context(ServerDisk())
        cluster = stack.enter_context(
            Cluster(durable=durable, base=disk.folder, listen=way.listen, settings=disk.settings)
        )
        room = Shift(folder, cluster, way, disk)
        stack.callback(room.close)
        room.open()
        yield room


def every_fault(room: Shift) -> None:
    """All of them once: the server in each way it goes away, the network, the disk, and kill −9 of each process."""
    server = room.cluster
    room.through("stopped", server.stop, server.start)
    room.through("broken off", lambda: server.stop("immediate"), server.start)
    room.through("suspended", server.suspend, server.resume, seconds=SUSPENDED_S)
    room.through(f"cut off ({room.way.kind})", room.way.cut, room.way.mend, seats=("05",), meanwhile=room.contend)
    room.through(FULL, room.cut_disk, room.clear_disk)
    room.through("killed", server.kill, server.start, meanwhile=lambda: room.kill_desk("03", waits=True))
    room.through("a backend", lambda: server.kill_backend(room.database), lambda: None, seconds=0.0)
    room.kills("line host", room.kill_host)
    for seat in SEATS:
        room.kills(f"seat {seat}", partial(room.kill_desk, seat))
