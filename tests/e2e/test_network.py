"""The proxy that stands in for a cut cable where no network namespace can be made: deaf while cut, whole afterwards."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.e2e.network import DeafProxy


class Echo(socketserver.BaseRequestHandler):
    """Sends back what it gets."""

    def handle(self) -> None:
        while data := self.request.recv(1024):
            self.request.sendall(data)


@pytest.fixture
def port() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def ask(connection: socket.socket) -> bytes:
    connection.settimeout(0.3)
    connection.sendall(b"?")
    try:
        return connection.recv(1)
    except TimeoutError:
        return b""


def test_that_nothing_comes_through_while_it_is_cut(port: int) -> None:
    with closing(DeafProxy()) as proxy:
        address = proxy.address(port)
        with closing(socket.create_connection(address)) as connection:
            assert ask(connection) == b"?"
            proxy.cut()
            assert ask(connection) == b"", "a connection stays open and hears nothing"
            with closing(socket.create_connection(address)) as another:
                assert ask(another) == b""
        proxy.mend()
        with closing(socket.create_connection(address)) as connection:
            assert ask(connection) == b"?"
