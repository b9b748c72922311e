"""A device server: pyserial's own RFC 2217 server side on a serial port, for one caller after another.

python -m tests.drivers.rfc2217_server PORT DEVICE; it prints each speed it is asked for.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import serial
from serial import rfc2217


class Port(serial.Serial):
    """A pseudo-terminal: it has no modem lines, and its driver says so with an error."""

    cts = dsr = True
    ri = cd = False

    def _update_dtr_state(self) -> None:
        """There is no DTR."""

    def _update_rts_state(self) -> None:
        """There is no RTS."""


class Connection:
    """What PortManager writes its own telnet words to."""

    def __init__(self, caller: socket.socket) -> None:
        self.caller = caller
        self.lock = threading.Lock()

    def write(self, data: bytes) -> None:
        with self.lock:
            self.caller.sendall(data)


def serve(port: serial.Serial, caller: socket.socket) -> None:
    """Hand bytes to and fro until the caller hangs up."""
    connection = Connection(caller)
    # Its stubs know clients only.
    manager: Any = rfc2217.PortManager(port, connection)  # type: ignore[arg-type]
    over = threading.Event()

    def forward() -> None:
        while not over.is_set():
            data = port.read(port.in_waiting or 1)
            if data:
                connection.write(b"".join(manager.escape(data)))

    reading = threading.Thread(target=forward, daemon=True)
    reading.start()
    with suppress(OSError):
        while data := caller.recv(1024):
            port.write(b"".join(manager.filter(data)))
            print(port.baudrate, flush=True)
    over.set()
    reading.join()


def main() -> None:
    number, device = int(sys.argv[1]), sys.argv[2]
    port = Port(device, timeout=0.05)
    with socket.create_server(("127.0.0.1", number)) as server:
        print("listening", flush=True)
        while True:
            caller, _ = server.accept()
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            serve(port, caller)
            caller.close()
            time.sleep(0.01)


if __name__ == "__main__":
    main()
