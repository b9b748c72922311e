"""Many senders of datagrams to one UDP port of ours, told apart by the address they send from."""

from __future__ import annotations

import selectors
import socket
import time

from drivers.peer import Peer, UdpOutlet, Where
from drivers.server import Drop, Server
from drivers.tcp import listen_udp

LONGEST = 65535
DATAGRAMS_AT_ONCE = 256
# Room for a burst of a whole fleet while we store what came before.
BUFFER = 4 * 1024 * 1024
# Nobody can be hung up on: one that floods or probes is not heard for so long.
BARRED_S = 60.0
# So many barred addresses are remembered; a source address is easily forged.
BARRED = 10_000


class UdpServer(Server):
    """See `Server`; a sender is an address. A datagram holds whole frames: what is left of it is given up."""

    _door: socket.socket | None = None

    def _open(self) -> None:
        super()._open()
        self._door = listen_udp(self._address.host_port, BUFFER)
        self._door.setblocking(False)
        self._selector.register(self._door, selectors.EVENT_READ, None)
        self._known: dict[Where, Peer] = {}
        self._barred: dict[Where, float] = {}

    def _serve(self, _peer: Peer | None, _mask: int, now: float) -> None:
        assert self._door is not None
        for _ in range(DATAGRAMS_AT_ONCE):
            try:
                data, where = self._door.recvfrom(LONGEST)
            except BlockingIOError:
                return
            except OSError:
                # Windows tells us here that a former answer found nobody.
                continue
            if data and where not in self._barred:
                self._datagram(data, where, now)

    def _datagram(self, data: bytes, where: Where, now: float) -> None:
        peer = self._known.get(where) or self._newcomer(where, now)
        if peer is None:
            return
        if peer.held_until > now:
            # There is nothing to hold it back with but to let it repeat.
            if peer.spend(0, 0, now):
                self._hold(peer, now)
            return
        self._take(peer, data, now)
        if peer.opening:
            opening, peer.opening = peer.opening, None
            self._feed(peer, opening, now)
        if peer.codec.pending and peer.wire.open:
            self._deliver(peer, peer.codec.expire(), now)

    def _newcomer(self, where: Where, now: float) -> Peer | None:
        assert self._door is not None
        if not self._make_room(str(where[0])):
            return None
        outlet = UdpOutlet(self._door, where)
        peer = Peer(where, outlet, self._codec(), self._limits, now)
        self._known[where] = peer
        self._welcome(peer, now)
        return peer

    def _part(self, peer: Peer, reason: Drop) -> None:
        del self._known[peer.where]
        if reason in (Drop.PROBE, Drop.FLOOD) and len(self._barred) < BARRED:
            self._barred[peer.where] = time.monotonic() + BARRED_S

    def _sweep(self, now: float) -> None:
        super()._sweep(now)
        for where in [where for where, until in self._barred.items() if until <= now]:
            del self._barred[where]

    def _shut(self) -> None:
        if self._door is not None:
            self._door.close()
