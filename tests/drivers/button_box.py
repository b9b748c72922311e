"""A button box that is not ours: pymodbus's own server at the far end of a cable of two pseudo-terminals.

The cable can be cut, and what the box answers can be spoilt on its way.
"""

from __future__ import annotations

import asyncio
import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.simulator import make_pty_pair


class WriteCoil(ModbusPDU):
    """Function 05 as modules with a flash function know it: any value, echoed."""

    function_code = 5
    rtu_frame_size = 8
    written: list[tuple[int, int]] = []  # noqa: RUF012 -- pymodbus makes the objects, the test reads them here

    def encode(self) -> bytes:
        return self.address.to_bytes(2) + self.registers[0].to_bytes(2)

    def decode(self, data: bytes) -> None:
        self.address = int.from_bytes(data[:2])
        self.registers = [int.from_bytes(data[2:4])]

    async def datastore_update(self, context: Any, device_id: int) -> ModbusPDU:
        self.written.append((self.address, self.registers[0]))
        return self


@dataclass
class ButtonBox:
    """What the box shows: `bits` its inputs by function 02, `values` by 04; `path` is the end a line opens."""

    path: str = ""
    unit: int = 1
    bits: int = 0
    values: list[int] = field(default_factory=lambda: [5000] * 8)
    spoil: Callable[[bytes], bytes] = bytes
    cut: bool = False
    asked: int = 0

    @property
    def written(self) -> list[tuple[int, int]]:
        """Address and value of each output order."""
        return WriteCoil.written

    async def answer(
        self, function: int, _start: int, _address: int, _count: int, registers: list[int], _set: object
    ) -> ExcCodes | None:
        """Put what is shown now into the server's memory."""
        self.asked += 1
        if function == 2:
            registers[0] = self.bits
        elif function == 4:
            registers[:8] = self.values
        return None

    def device(self) -> SimDevice:
        coils = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
        inputs = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
        measured = [SimData(0, values=[0] * 8, datatype=DataType.REGISTERS)]
        held = [SimData(0, values=[0] * 8, datatype=DataType.REGISTERS)]
        return SimDevice(self.unit, (coils, inputs, held, measured), action=self.answer)


class Cable:
    """Two pseudo-terminals joined in the middle."""

    def __init__(self, box: ButtonBox) -> None:
        self.near, box.path = make_pty_pair()
        self.far, self.far_path = make_pty_pair()
        for end in (self.near, self.far):
            # Without a holder it looks readable; by the time it is read somebody may hold it.
            os.set_blocking(end, False)
        self._box = box
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        while not self._over.is_set():
            for ready in select.select([self.near, self.far], [], [], 0.05)[0]:
                with suppress(OSError):
                    self._pass_on(ready)

    def _pass_on(self, ready: int) -> None:
        try:
            data = os.read(ready, 4096)
        except OSError:
            # Nobody holds the other end: a wire without an end is no busy loop.
            self._over.wait(0.02)
            return
        if not self._box.cut:
            os.write(*((self.far, data) if ready == self.near else (self.near, self._box.spoil(data))))

    def close(self) -> None:
        self._over.set()
        self._thread.join(2)
        os.close(self.near)
        os.close(self.far)


@contextmanager
def button_box(**shown: Any) -> Iterator[ButtonBox]:
    """A box on a serial line."""
    box = ButtonBox(**shown)
    cable = Cable(box)
    try:
        with _served(lambda: _serial(box, cable.far_path)):
            yield box
    finally:
        cable.close()


@contextmanager
def button_box_on_tcp(port: int) -> Iterator[ButtonBox]:
    """A box behind a serial device server: RTU frames over TCP."""
    box = ButtonBox(path=f"socket://127.0.0.1:{port}")
    with _served(lambda: ModbusTcpServer(box.device(), framer=FramerType.RTU, address=("127.0.0.1", port))):
        yield box


def _serial(box: ButtonBox, path: str) -> ModbusSerialServer:
    return ModbusSerialServer(
        box.device(), port=path, baudrate=115200, ignore_missing_devices=True, custom_pdu=[WriteCoil]
    )


@contextmanager
def _served(make: Callable[[], ModbusSerialServer | ModbusTcpServer]) -> Iterator[None]:
    """Run a server of pymodbus in a thread with a loop of its own."""
    WriteCoil.written.clear()
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    held: list[ModbusSerialServer | ModbusTcpServer] = []

    async def serve() -> None:
        server = make()
        held.append(server)
        await server.serve_forever(background=True)
        ready.set()
        await server.serving

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(held[0].shutdown(), loop).result(5)  # type: ignore[no-untyped-call]
        thread.join(5)
        loop.close()
