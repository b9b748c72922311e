"""A desk's way to the server that can be cut: a cable of its own in a network namespace, else a deaf proxy.

The cable is the real thing: the desk lives in a namespace, a veth pair leads to the server, and pulling it is the
link going down. Where a namespace cannot be made (no root, no `ip`), a TCP proxy stands between that swallows every
byte while it is cut; connections stay open and nothing answers, as on a switch that died.
"""

import contextlib
import itertools
import os
import selectors
import shutil
import socket
import subprocess
import threading
from collections.abc import Sequence
from typing import Protocol

_NUMBERS = itertools.count(1)


class Way(Protocol):
    """How one desk reaches the server."""

    @property
    def kind(self) -> str:
        """`netns` or `proxy`, for the report."""

    @property
    def prefix(self) -> Sequence[str]:
        """What the desk's command line begins with."""

    @property
    def listen(self) -> Sequence[str]:
        """Addresses the server must listen on besides loopback."""

    def address(self, port: int) -> tuple[str, int]:
        """Host and port by which the desk finds the server that listens on `port`."""

    def cut(self) -> None:
        """From now on nothing gets through."""

    def mend(self) -> None:
        """Everything gets through again."""

    def close(self) -> None:
        """Let go of it."""


class Cable:
    """A network namespace and a veth pair. OSError if this machine does not let us."""

    kind = "netns"

    def __init__(self) -> None:
        mark = f"{os.getpid() % 65536:x}{next(_NUMBERS)}"
        self.name, self._near, self._far = f"c110-{mark}", f"c110n{mark}", f"c110f{mark}"
        net = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 256}"
        self._host, desk = f"{net}.1", f"{net}.2"
        if os.geteuid() != 0 or shutil.which("ip") is None:
            raise OSError("network namespaces need root and iproute2")
        try:
            _ip("netns", "add", self.name)
            _ip("link", "add", self._near, "type", "veth", "peer", "name", self._far, "netns", self.name)
            _ip("addr", "add", f"{self._host}/24", "dev", self._near)
            _ip("link", "set", self._near, "up")
            _ip("-n", self.name, "addr", "add", f"{desk}/24", "dev", self._far)
            _ip("-n", self.name, "link", "set", self._far, "up")
            _ip("-n", self.name, "link", "set", "lo", "up")
        except OSError:
            self.close()
            raise

    @property
    def prefix(self) -> Sequence[str]:
        return ("ip", "netns", "exec", self.name)

    @property
    def listen(self) -> Sequence[str]:
        return (self._host,)

    def address(self, port: int) -> tuple[str, int]:
        return self._host, port

    def cut(self) -> None:
        # The far end: the server's own address stays up, and so do its other clients.
        _ip("-n", self.name, "link", "set", self._far, "down")

    def mend(self) -> None:
        _ip("-n", self.name, "link", "set", self._far, "up")

    def close(self) -> None:
        for words in (("link", "del", self._near), ("netns", "del", self.name)):
            with contextlib.suppress(OSError):
                _ip(*words)


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")


class DeafProxy:
    """A TCP proxy on loopback that keeps its connections and swallows what comes while it is cut."""

    kind = "proxy"
    prefix: Sequence[str] = ()
    listen: Sequence[str] = ()

    def __init__(self) -> None:
        self._port = 0
        self._cut = threading.Event()
        self._ended = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._server, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="deaf proxy", daemon=True)
        self._thread.start()

    def address(self, port: int) -> tuple[str, int]:
        self._port = port
        return self._server.getsockname()[0], self._server.getsockname()[1]

    def cut(self) -> None:
        self._cut.set()

    def mend(self) -> None:
        self._cut.clear()

    def close(self) -> None:
        self._ended.set()
        self._thread.join(5)
        for end in (self._server, *self._pairs):
            end.close()
        self._selector.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            for key, _ in self._selector.select(0.05):
                end = key.fileobj
                assert isinstance(end, socket.socket)
                if end is self._server:
                    self._accept()
                elif end in self._pairs:
                    self._carry(end)

    def _accept(self) -> None:
        near, _ = self._server.accept()
        try:
            far = socket.create_connection(("127.0.0.1", self._port), timeout=1)
        except OSError:
            near.close()
            return
        for one, other in ((near, far), (far, near)):
            self._pairs[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _carry(self, end: socket.socket) -> None:
        other = self._pairs[end]
        try:
            data = end.recv(65536)
            if data and not self._cut.is_set():
                other.sendall(data)
        except OSError:
            data = b""
        # What was lost of a TCP stream cannot be mended: a connection that lost bytes is dead from then on.
        if not data or self._cut.is_set():
            self._drop(end, other, quietly=self._cut.is_set())

    def _drop(self, *ends: socket.socket, quietly: bool) -> None:
        for end in ends:
            if end in self._selector.get_map():
                self._selector.unregister(end)
            if not quietly:
                self._pairs.pop(end, None)
                end.close()


def make_way() -> Way:
    """A cable in a namespace where that can be had, else the proxy."""
    try:
        return Cable()
    except OSError:
        return DeafProxy()
