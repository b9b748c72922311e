"""Many connections to one TCP port of ours."""

from __future__ import annotations

import errno
import selectors
import socket
import sys
from contextlib import suppress

from drivers.peer import Peer, TcpOutlet, Where
from drivers.server import Drop, Server
from drivers.tcp import keep_alive, listen
from drivers.wire import PortError

READ_AT_ONCE = 4096
# So many are let in a turn: a storm of calls must not keep us from reading.
CALLS_AT_ONCE = 64
# No descriptor left: so long before we try to let somebody in again.
DEAF_S = 1.0
# Numbers below are for everything but the senders (database, logs, ports, windows): some of that, pyserial first,
# asks by select(), which takes no number from here on (POSIX).
OWN_DESCRIPTORS = 1024


def allow_descriptors(count: int) -> None:
    """Have the system let this process open so many connections, as far as it may ask for it (POSIX)."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + OWN_DESCRIPTORS
    if soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def out_of_the_way(connection: socket.socket) -> socket.socket:
    """Return the connection under a number that is nobody else's need, as it is where there is none left (POSIX)."""
    if sys.platform == "win32":
        return connection
    import fcntl

    try:
        number = fcntl.fcntl(connection, fcntl.F_DUPFD_CLOEXEC, OWN_DESCRIPTORS)
    except OSError:
        return connection
    moved = socket.socket(connection.family, connection.type, connection.proto, fileno=number)
    connection.close()
    return moved


class TcpServer(Server):
    """See `Server`; a sender is a connection."""

    _listener: socket.socket | None = None
    _deaf_until = 0.0

    def _open(self) -> None:
        super()._open()
        allow_descriptors(self._limits.connections)
        self._listener = listen(self._address.host_port, CALLS_AT_ONCE * 8)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        self._sockets: dict[Peer, socket.socket] = {}

    def _serve(self, peer: Peer | None, mask: int, now: float) -> None:
        if peer is None:
            self._accept(now)
            return
        if mask & selectors.EVENT_WRITE:
            self._flush(peer)
        if mask & selectors.EVENT_READ and peer in self._sockets:
            self._read(peer, now)

    def _woken(self, now: float) -> None:
        super()._woken(now)
        for peer in self._sockets:
            outlet = self._outlet(peer)
            if outlet.waiting:
                self._listen_to(peer)

    # -- callers ---------------------------------------------------------------------------------------------

    def _accept(self, now: float) -> None:
        assert self._listener is not None
        for _ in range(CALLS_AT_ONCE):
            try:
                connection, where = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as problem:
                # It hung up before we answered; or no descriptor is left, which the next turns may mend.
                if problem.errno in (errno.EMFILE, errno.ENFILE):
                    self._go_deaf(now)
                return
            self._let_in(connection, where, now)

    def _go_deaf(self, now: float) -> None:
        assert self._listener is not None
        self._count(Drop.FULL, "the system gives us no more connections")
        self._selector.unregister(self._listener)
        self._deaf_until = now + DEAF_S

    def _let_in(self, connection: socket.socket, where: Where, now: float) -> None:
        if not self._make_room(str(where[0])):
            connection.close()
            return
        connection = out_of_the_way(connection)
        connection.setblocking(False)
        with suppress(OSError):
            keep_alive(connection)
        outlet = TcpOutlet(connection, self._limits.unsent, self.wake)
        peer = Peer(where, outlet, self._codec(), self._limits, now)
        self._sockets[peer] = connection
        self._selector.register(connection, selectors.EVENT_READ, peer)
        self._welcome(peer, now)

    def _sweep(self, now: float) -> None:
        super()._sweep(now)
        if self._listener is not None and 0 < self._deaf_until <= now:
            self._deaf_until = 0.0
            self._selector.register(self._listener, selectors.EVENT_READ, None)

    # -- one connection --------------------------------------------------------------------------------------

    def _read(self, peer: Peer, now: float) -> None:
        try:
            data = self._sockets[peer].recv(READ_AT_ONCE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._drop(peer, Drop.GONE, f"{peer.name}: the connection broke")
            return
        if data:
            self._take(peer, data, now)
        else:
            self._drop(peer, Drop.GONE, f"{peer.name} closed the connection")

    def _flush(self, peer: Peer) -> None:
        try:
            if self._outlet(peer).flush():
                self._listen_to(peer)
        except PortError as problem:
            self._drop(peer, Drop.GONE, f"{peer.name}: {problem}")

    def _outlet(self, peer: Peer) -> TcpOutlet:
        outlet = peer.outlet
        assert isinstance(outlet, TcpOutlet)
        return outlet

    def _listen_to(self, peer: Peer) -> None:
        connection = self._sockets.get(peer)
        if connection is None:
            return
        mask = (0 if peer in self._crowd.held else selectors.EVENT_READ) | (
            selectors.EVENT_WRITE if self._outlet(peer).waiting else 0
        )
        with suppress(KeyError):
            self._selector.unregister(connection)
        if mask:
            self._selector.register(connection, mask, peer)

    def _part(self, peer: Peer, _reason: Drop) -> None:
        connection = self._sockets.pop(peer)
        with suppress(KeyError):
            self._selector.unregister(connection)
        connection.close()

    def _shut(self) -> None:
        if self._listener is not None:
            self._listener.close()
