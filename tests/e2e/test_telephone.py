"""An exchange at `python -m console lines`, by pseudo-terminal and by TCP: calls of two desks over one database, and
kill −9 while one is held."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from console.domain.account import DESK_ROLES
from console.domain.call import Call
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.domain.ledger import Act
from console.domain.state import MemoryState
from console.persistence.journal import Journal
from console.services.acts import ACTS
from console.services.exchange_orders import call_key
from drivers.address import parse_address
from drivers.protocols.cti_panel import CtiPanel
from drivers.simulator import SimulatedLink, Simulator, make_pty_pair
from drivers.streams import FdStream, open_stream
from drivers.wire import Stream
from tests.e2e.process import Place, running, wait_until

NUMBER = "13812345678"
C1 = call_key("T1", "C1")


@dataclass
class Seat:
    """A desk of the house over the place's database."""

    place: Place
    actor: str
    seat: str

    def do(self, act: str, **args: str) -> None:
        journal = Journal.open(self.place.url, ACTS, system_clock)
        said = Act(name=act, args=args, actor=self.actor, seat=self.seat, roles=DESK_ROLES, at=system_clock())
        try:
            asyncio.run(journal.commit(said))
        finally:
            journal.close()


def call(place: Place, key: str = C1) -> Call | None:
    journal = Journal.open(place.url, ACTS, system_clock)
    state = MemoryState()
    try:
        journal.load_state(state)
    finally:
        journal.close()
    return state.get(Call, key)


def comes_to(place: Place, **wanted: object) -> bool:
    """Whether the call stands so within some seconds; 'held' and 'ended' ask whether there is a time."""

    def stands() -> bool:
        found = call(place)
        if found is None:
            return False
        told = {**asdict(found), "held": found.held_at is not None, "ended": found.ended_at is not None}
        return {name: told[name] for name in wanted} == wanted

    return wait_until(stands, 20)


@contextmanager
def exchange(stream: Stream, panel: CtiPanel) -> Iterator[SimulatedLink]:
    link = SimulatedLink(Simulator(stream, panel, ack_wait_s=1.0))
    link.start()
    try:
        yield link
    finally:
        link.stop()
        stream.close()


def test_that_two_desks_share_the_calls_of_one_exchange_and_a_held_one_outlives_kill_9(place: Place) -> None:
    near, path = make_pty_pair()
    panel, first, second = CtiPanel(), Seat(place, "031", "03"), Seat(place, "042", "04")
    panel.book[NUMBER] = ("张三", "延安北路 12 号")
    with exchange(FdStream(near, 0.02), panel) as link:
        with running(place, f"T1=cti:{path}") as lines:
            link.post(panel.ring(NUMBER))
            assert comes_to(place, number=NUMBER, subscriber="张三", address="延安北路 12 号", recording="RC0001")
            refused: list[str] = []

            def claim(seat: Seat) -> None:
                try:
                    seat.do("call.take", call=C1)
                except UserError as problem:
                    refused.append(str(problem))

            racing = [threading.Thread(target=claim, args=(seat,)) for seat in (first, second)]
            for thread in racing:
                thread.start()
            for thread in racing:
                thread.join()
            found = call(place)
            assert found is not None
            assert refused == [f"来电已由 {found.taken_by} 接起"]
            winner = first if found.taken_by == "031" else second
            assert wait_until(lambda: panel.calls["C1"].ext == winner.seat, 20)
            winner.do("call.hold", call=C1)
            assert comes_to(place, held=True, taken_by=winner.actor)
            assert panel.calls["C1"].state == "held"
            lines.kill()
        with running(place, f"T1=cti:{path}") as lines:
            assert comes_to(place, held=True, taken_by=winner.actor, seat=winner.seat, ended=False)
            winner.do("call.resume", call=C1)
            assert comes_to(place, held=False)
            assert lines.terminate() == 0
    assert panel.orders == ["answer", "hold", "resume"]


def test_that_an_exchange_that_calls_our_port_is_heard_and_a_call_that_ended_meanwhile_is_known(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    panel, desk = CtiPanel(), Seat(place, "031", "03")
    with running(place, f"T1=cti:tcp-listen://127.0.0.1:{port}") as lines:
        with exchange(open_stream(parse_address(f"socket://127.0.0.1:{port}"), 0.02), panel) as link:
            link.post(panel.ring(NUMBER))
            assert comes_to(place, number=NUMBER)
            desk.do("call.take", call=C1)
            assert wait_until(lambda: panel.calls["C1"].ext == "03", 20)
        panel.calls.clear()
        with exchange(open_stream(parse_address(f"socket://127.0.0.1:{port}"), 0.02), panel):
            assert comes_to(place, ended=True, taken_by="031")
        assert lines.terminate() == 0
