"""The wires themselves: serial port, pseudo-terminal descriptor, capture file; and what opens any of them.

pyserial is known here only. TCP has a file of its own; what they have in common stands in `wire`.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import serial
from serial import rfc2217
from serial.tools import list_ports

from drivers.address import Address
from drivers.capture import read_capture
from drivers.tcp import ListenStream, SocketStream, keep_alive
from drivers.wire import POLL_S, WRITE_S, LineStream, PortError, StreamEnded


def open_stream(address: Address, poll_s: float = POLL_S) -> LineStream:
    """Open the wire named by `address`.

    Raises:
        PortError: it is not there, not ours to use or taken.
    """
    if address.kind == "hid":
        raise PortError(f"{address} is a USB button: the protocol of its line is hid-button")
    if address.kind == "file":
        return CaptureStream(Path(address.target), poll_s)
    if address.kind == "socket":
        return SocketStream.to(address.host_port, poll_s)
    if address.kind == "tcp-listen":
        return ListenStream(address.host_port, poll_s)
    return SerialStream(resolve_usb(address), poll_s)


def resolve_usb(address: Address) -> Address:
    """Return the serial address behind a USB identity, whatever name the port has today."""
    if address.kind != "usb":
        return address
    vid, pid, number = (*address.target.split(":"), "")[:3]
    for port in list_ports.comports():
        if (port.vid, port.pid) == (int(vid, 16), int(pid, 16)) and number in ("", port.serial_number):
            return Address("serial", port.device, address.baud, address.bytesize, address.parity, address.stopbits)
    raise PortError(f"no USB device {address.target} is plugged in")


def plugged_in() -> list[dict[str, object]]:
    """Return the serial ports of this machine with what identifies them; vid and pid as four hex digits."""
    return [
        {
            "device": port.device,
            "vid": None if port.vid is None else f"{port.vid:04x}",
            "pid": None if port.pid is None else f"{port.pid:04x}",
            "serial_number": port.serial_number,
            "product": port.product or port.description,
        }
        for port in sorted(list_ports.comports(), key=lambda port: port.device)
    ]


class RemotePort(rfc2217.Serial):
    """pyserial's port behind an RFC 2217 device server, which really lets its connection go.

    pyserial's own close leaves the socket open when the far end hung up first.
    """

    _socket: socket.socket | None

    def close(self) -> None:
        """Close the connection."""
        connection = self._socket
        super().close()
        if connection is not None:
            connection.close()

    def stay_alive(self) -> None:
        """Find a device server that lost its power, as on every other connection."""
        if self._socket is not None:
            keep_alive(self._socket)


def _open_port(address: Address, poll_s: float) -> serial.Serial | RemotePort:
    setting: dict[str, Any] = {
        "baudrate": address.baud,
        "bytesize": address.bytesize,
        "parity": address.parity,
        "stopbits": address.stopbits,
        "timeout": poll_s,
    }
    if address.kind == "rfc2217":
        port = RemotePort(str(Address(address.kind, address.target)), **setting)
        port.stay_alive()
        return port
    options: dict[str, Any] = {"exclusive": True} if os.name == "posix" else {}
    return serial.Serial(address.target, write_timeout=WRITE_S, **setting, **options)


class SerialStream:
    """A serial port or pseudo-terminal, or one behind an RFC 2217 device server."""

    def __init__(self, address: Address, poll_s: float = POLL_S) -> None:
        try:
            self._port = _open_port(address, poll_s)
        except (OSError, ValueError) as problem:
            raise PortError(_why_not_open(address.target, problem)) from problem

    def read(self) -> bytes:
        try:
            # One byte wakes us at once; what came with it is fetched in the same turn.
            first = bytes(self._port.read(self._port.in_waiting or 1))
            return first + bytes(self._port.read(self._port.in_waiting)) if first else b""
        except (OSError, TypeError) as problem:
            # pyserial raises TypeError when the descriptor vanishes under a read.
            raise PortError("the port is gone") from problem

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except (OSError, TypeError) as problem:
            raise PortError("the port took no bytes") from problem

    def write_now(self, data: bytes) -> int:
        # An RFC 2217 port is a socket with a protocol of its own, and Windows has no descriptor.
        descriptor = getattr(self._port, "fd", None)
        if descriptor is None:
            return 0
        try:
            # pyserial opens it O_NONBLOCK.
            return os.write(descriptor, data)
        except BlockingIOError:
            return 0
        except OSError as problem:
            raise PortError("the port took no bytes") from problem

    def drain(self) -> None:
        try:
            self._port.reset_input_buffer()
        except (OSError, TypeError) as problem:
            raise PortError("the port is gone") from problem

    def close(self) -> None:
        self._port.close()


def _why_not_open(target: str, problem: Exception) -> str:
    number = getattr(problem, "errno", None)
    if number == errno.ENOENT:
        return f"port {target} does not exist"
    if number in (errno.EACCES, errno.EPERM):
        return f"no permission to use port {target}"
    if number in (errno.EBUSY, errno.EAGAIN):
        return f"port {target} is in use by another program"
    if "configure port" in str(problem):
        return f"port {target} is no serial port, or does not take this speed and framing"
    return f"port {target} cannot be opened: {os.strerror(number) if number else problem}"


def _has_bytes(told: list[tuple[int, int]]) -> bool:
    """Whether there are bytes to read, not only word that nobody is at the far end: who reads then waits for ever
    if the far end is opened in that very moment."""
    return any(event & select.POLLIN for _, event in told)


class FdStream:
    """The near end of a pseudo-terminal, as simulators hold it.

    It behaves like a wire: nobody at the far end is quiet, not loss, and bytes nobody takes fall off.
    """

    def __init__(self, descriptor: int, poll_s: float = POLL_S) -> None:
        self._descriptor = descriptor
        self._poll_s = poll_s
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(descriptor, select.POLLIN)
        self._writable.register(descriptor, select.POLLOUT)

    def read(self) -> bytes:
        told = self._readable.poll(self._poll_s * 1000)
        if not told:
            return b""
        try:
            data = os.read(self._descriptor, 4096) if _has_bytes(told) else b""
        except OSError as problem:
            if problem.errno != errno.EIO:
                raise PortError("the pseudo-terminal is gone") from problem
            data = b""
        if not data:
            time.sleep(self._poll_s)
        return data

    def write(self, data: bytes) -> None:
        if not self._writable.poll(0):
            return
        try:
            os.write(self._descriptor, data)
        except OSError as problem:
            raise PortError("the pseudo-terminal took no bytes") from problem

    def drain(self) -> None:
        with suppress(OSError):
            while _has_bytes(self._readable.poll(0)) and os.read(self._descriptor, 4096):
                pass

    def close(self) -> None:
        # Forget the number at once: the next file opened may get it.
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)


class CaptureStream:
    """A capture file played at the pace it was recorded; what we would answer is dropped."""

    def __init__(self, path: Path, poll_s: float = POLL_S) -> None:
        try:
            self._records = [record for record in read_capture(path) if record.direction == "in"]
        except OSError as problem:
            raise PortError(f"capture {path} cannot be read: {problem.strerror}") from problem
        except ValueError as problem:
            raise PortError(f"capture {path} cannot be read: {problem}") from problem
        self._records.reverse()
        self._poll_s = poll_s
        self._offset = self._records[-1].t - time.monotonic() if self._records else 0.0

    def read(self) -> bytes:
        if not self._records:
            raise StreamEnded
        wait = self._records[-1].t - self._offset - time.monotonic()
        time.sleep(min(max(wait, 0.0), self._poll_s))
        return self._records.pop().data if wait <= self._poll_s else b""

    def write(self, data: bytes) -> None:
        """Drop the answer: nobody waits for it."""

    def write_now(self, data: bytes) -> int:
        """Drop the answer."""
        return len(data)

    def drain(self) -> None:
        """Keep the records: they are what is to be played."""

    def close(self) -> None:
        self._records.clear()
