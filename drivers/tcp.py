"""TCP: a connection to a receiver or device server, and a port of ours at which one sender calls.

A dead far end that says nothing (cable cut, power gone) is found by keep-alive probes within 20 s, so that a
line is tried again long before its supervision time (EN 50136-1 asks 20 s to 90 s of the better classes).
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from drivers.wire import POLL_S, PortError

# A device server in the next room answers in milliseconds; the supervisor tries again anyway, and a
# longer wait would keep a stopping line from stopping.
CONNECT_S = 0.8
# Seconds of quiet before the first probe, seconds between probes, probes unanswered: 8 + 3 * 4 = 20 s.
_KEEPALIVE = (("TCP_KEEPIDLE", 8), ("TCP_KEEPINTVL", 4), ("TCP_KEEPCNT", 3))
# select() takes no number from 1024 on, and a port of many senders brings them; Windows has no poll, nor that bound.
_Look = getattr(selectors, "PollSelector", selectors.SelectSelector)


class _Numbered(Protocol):
    def fileno(self) -> int: ...


N = TypeVar("N", bound=_Numbered)


def _ready(ears: Sequence[N], event: int, seconds: float) -> list[N]:
    """Return those of them that can be read, or written to, now or within so long."""
    with _Look() as look:
        for ear in ears:
            look.register(ear, event, ear)
        return [key.data for key, _ in look.select(seconds)]


def keep_alive(connection: socket.socket) -> None:
    """Send at once what is written, and find a far end that is gone."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def listen(host_port: tuple[str, int], backlog: int | None = None) -> socket.socket:
    """Open a port of ours; raises PortError with the reason it cannot be had."""
    family = socket.AF_INET6 if ":" in host_port[0] else socket.AF_INET
    try:
        return socket.create_server(host_port, family=family, backlog=backlog)
    except OSError as problem:
        raise PortError(_why_not_listening(host_port, problem)) from problem


def listen_udp(host_port: tuple[str, int], buffer: int) -> socket.socket:
    """Open a UDP port of ours with room for so many bytes that were not read yet; raises PortError as `listen`."""
    door = socket.socket(socket.AF_INET6 if ":" in host_port[0] else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        door.bind(host_port)
    except OSError as problem:
        door.close()
        raise PortError(_why_not_listening(host_port, problem)) from problem
    return door


class SocketStream:
    """One TCP connection."""

    def __init__(self, connection: socket.socket, poll_s: float = POLL_S) -> None:
        self._socket = connection
        connection.settimeout(poll_s)
        keep_alive(connection)

    @classmethod
    def to(cls, host_port: tuple[str, int], poll_s: float = POLL_S) -> SocketStream:
        """Call a receiver or device server; raises PortError if it is not there."""
        try:
            connection = socket.create_connection(host_port, CONNECT_S)
        except OSError as problem:
            place = f"{host_port[0]}:{host_port[1]}"
            raise PortError(f"no connection to {place}: {problem.strerror or problem}") from problem
        return cls(connection, poll_s)

    def fileno(self) -> int:
        return self._socket.fileno()

    def read(self) -> bytes:
        try:
            data = self._socket.recv(4096)
        except TimeoutError as problem:
            # The same class means "nothing yet" and "the probes found nobody"; only the latter has a number.
            if problem.errno:
                raise PortError("the connection broke") from problem
            return b""
        except OSError as problem:
            raise PortError("the connection broke") from problem
        if not data:
            raise PortError("the far end closed the connection")
        return data

    def write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as problem:
            raise PortError("the connection took no bytes") from problem

    def write_now(self, data: bytes) -> int:
        try:
            return self._socket.send(data) if _ready([self._socket], selectors.EVENT_WRITE, 0) else 0
        except (OSError, ValueError) as problem:
            raise PortError("the connection took no bytes") from problem

    def drain(self) -> None:
        while _ready([self._socket], selectors.EVENT_READ, 0):
            self.read()

    def close(self) -> None:
        self._socket.close()


OnSender = Callable[[SocketStream | None, str], None]


def _ignore(_sender: SocketStream | None, _why: str) -> None:
    """Nobody asks who calls."""


class ListenStream:
    """A TCP port of ours, worked by one sender at a time.

    A second connection waits until it says something: with its first byte it takes the place of the one
    before. A sender that lost its wire and calls again speaks at once; a half-open connection never does, nor
    does a curious program that only connects. What the present sender has sent already is read first.

    `on_sender` is told in the reading thread of each sender that came (its connection) or went (None), with
    the reason; whoever writes to a connection must have stopped when that call returns.
    """

    def __init__(self, host_port: tuple[str, int], poll_s: float = POLL_S) -> None:
        self.on_sender: OnSender = _ignore
        self._poll_s = poll_s
        self._sender: SocketStream | None = None
        self._waiting: socket.socket | None = None
        self._listener = listen(host_port)

    def read(self) -> bytes:
        """Return what the present sender sent; b"" for quiet, which includes that one came or went."""
        ears = [ear for ear in (self._sender, self._waiting, self._listener) if ear is not None]
        ready = _ready(ears, selectors.EVENT_READ, self._poll_s)
        if self._sender in ready:
            return self._read_sender()
        if self._waiting in ready:
            self._hear_waiting()
        elif self._listener in ready:
            self._accept()
        return b""

    def _read_sender(self) -> bytes:
        assert self._sender is not None
        try:
            return self._sender.read()
        except PortError as problem:
            self._change(None, str(problem))
            if self._waiting is not None:
                self._let_in()
            return b""

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            # It hung up before we answered, or no descriptor is left: the next turn tells.
            return
        if self._sender is None:
            self._change(SocketStream(connection, self._poll_s), "a sender is connected")
            return
        self._forget_waiting()
        self._waiting = connection

    def _hear_waiting(self) -> None:
        assert self._waiting is not None
        try:
            speaks = bool(self._waiting.recv(1, socket.MSG_PEEK))
        except OSError:
            speaks = False
        if not speaks:
            self._forget_waiting()
            return
        self._change(None, "the connection broke: another sender took its place")
        self._let_in()

    def _let_in(self) -> None:
        assert self._waiting is not None
        connection, self._waiting = self._waiting, None
        self._change(SocketStream(connection, self._poll_s), "a sender is connected")

    def _change(self, sender: SocketStream | None, why: str) -> None:
        before = self._sender
        self.on_sender(sender, why)
        self._sender = sender
        if before is not None:
            before.close()

    def _forget_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.close()
            self._waiting = None

    def write(self, data: bytes) -> None:
        """Send to the present sender; with nobody there the bytes fall off."""
        if self._sender is not None:
            self._sender.write(data)

    def write_now(self, data: bytes) -> int:
        """Like `write`, without waiting."""
        return len(data) if self._sender is None else self._sender.write_now(data)

    def drain(self) -> None:
        """Throw away what the present sender sent."""
        with suppress(PortError):
            if self._sender is not None:
                self._sender.drain()

    def close(self) -> None:
        """Hang up and stop listening."""
        self._forget_waiting()
        if self._sender is not None:
            self._sender.close()
            self._sender = None
        self._listener.close()


def _why_not_listening(host_port: tuple[str, int], problem: OSError) -> str:
    place = f"{host_port[0]}:{host_port[1]}"
    if problem.errno == errno.EADDRINUSE:
        return f"port {place} is in use by another program"
    if problem.errno in (errno.EACCES, errno.EPERM):
        return f"no permission to use port {place}"
    if problem.errno == errno.EADDRNOTAVAIL or isinstance(problem, socket.gaierror):
        return f"port {place} does not exist on this machine"
    return f"port {place} cannot be opened: {os.strerror(problem.errno) if problem.errno else problem}"
