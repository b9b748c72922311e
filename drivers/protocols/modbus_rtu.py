"""Modbus RTU: button boxes on RS-485. As a line it polls one box; to `decode` it is a listener on the bus.

Frames stand in modbus_rtu_frames.py and _words.py, what a box's inputs mean in _box.py, its register map in _models.py,
the asking itself (pymodbus) in _bus.py. Here the box is a wire like any other: reading it gives the bytes of one poll.
"""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from drivers.codec import Options, ProtocolRow
from drivers.protocols.modbus_rtu_box import OPTIONS, Box, BoxCodec, judge
from drivers.protocols.modbus_rtu_frames import FrameCodec
from drivers.protocols.modbus_rtu_panel import make_panel
from drivers.wire import LineStream, PortError

if TYPE_CHECKING:
    from drivers.address import Address

LOST_REPLIES = 3
"""So many polls in a row without a good reply are a line that is lost."""
OPENING_POLLS = 2
"""So often a box is asked before its line counts as open: a port alone hears nobody."""
ORDER_TRIES = 3
_ORDER_BYTES = 8
_LISTEN_S = 0.02
"""How long one look at the wire waits for the first byte of a reply."""


class BoxStream:
    """A polled box. A read is one poll: the request and the reply, b"" if there was no good reply or it is not due."""

    def __init__(self, stream: LineStream, box: Box, poll_s: float) -> None:
        # Read when first needed: it takes a third of a second, and most programs have no such line.
        from drivers.protocols.modbus_rtu_bus import Bus

        self._bus = Bus(stream)
        self._box = box
        self._poll_s = poll_s
        self._orders: SimpleQueue[bytes] = SimpleQueue()
        self._states: list[str] = []
        self._unsettled = 0
        self._lost = 0
        self._first = b""
        self._due = time.monotonic()

    def greet(self) -> None:
        """Have the box answer, which the first read returns; PortError with the reason if it does not."""
        why = ""
        for _ in range(OPENING_POLLS):
            self._first, why = self._poll()
            if self._first:
                return
        raise PortError(why)

    def read(self) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        wait = min(self._poll_s, max(0.0, self._due - time.monotonic()))
        try:
            return self._carry_out(self._orders.get(timeout=wait) if wait else self._orders.get_nowait())
        except Empty:
            pass
        if time.monotonic() < self._due:
            return b""
        data, why = self._poll()
        self._lost = 0 if data else self._lost + 1
        if self._lost >= LOST_REPLIES:
            raise PortError(f"{LOST_REPLIES} polls in a row brought no good reply: {why}")
        return data

    def _poll(self) -> tuple[bytes, str]:
        box = self._box
        done = self._bus.read(box.unit, box.model.inputs.function, box.start, box.inputs)
        if not done.why:
            states = box.states(list(done.values))
            self._unsettled = box.settle if states != self._states else self._unsettled - 1
            self._states = states
        # A change, and a poll that failed, are looked at again sooner.
        quick = bool(done.why) or self._unsettled > 0
        self._due = time.monotonic() + (box.quick_ms if quick else box.poll_ms) / 1000
        return (b"" if done.why else done.request + done.reply), done.why

    def _carry_out(self, order: bytes) -> bytes:
        for _ in range(ORDER_TRIES):
            done = self._bus.write_coil_raw(order)
            if not done.why:
                return done.request + done.reply
        # The codec misses the confirmation and says so.
        return b""

    def write(self, data: bytes) -> None:
        """Take orders for the outputs; they go out before the next poll."""
        for at in range(0, len(data), _ORDER_BYTES):
            self._orders.put(data[at : at + _ORDER_BYTES])

    def write_now(self, data: bytes) -> int:
        self.write(data)
        return len(data)

    def drain(self) -> None:
        """Keep everything: the bus clears its wire before each request."""

    def close(self) -> None:
        self._bus.close()


def open_box(address: Address, options: Options, poll_s: float) -> LineStream:
    """Open the wire to a box and have it answer; PortError with the reason if it does not. A capture is played."""
    from drivers.streams import open_stream

    if address.kind == "file":
        return open_stream(address, poll_s)
    if address.kind in ("tcp-listen", "udp-listen", "hid"):
        raise PortError(f"a Modbus box is asked, it does not call: {address} is no port for it")
    box = BoxStream(open_stream(address, _LISTEN_S), Box.of(options), poll_s)
    try:
        box.greet()
    except PortError:
        box.close()
        raise
    return box


PROTOCOL = ProtocolRow(
    codec=lambda _: FrameCodec(),
    line=lambda _, options: BoxCodec(options),
    panel=make_panel,
    options=OPTIONS,
    judge=judge,
    open=open_box,
    spooled=True,
    usual=("9600,8N1", "19200,8E1", "4800,8N1", "115200,8N1"),
)
