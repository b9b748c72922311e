"""The bus itself: the one file that knows pymodbus (3.16.1). Its client asks over a wire of ours and judges the reply.

pymodbus changes between minor versions; what is used of it is the synchronous client with its framer, under our own
port, so that serial ports, device servers, USB identities and reasons are those of every other line.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from pymodbus.client.base import ModbusBaseSyncClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest
from pymodbus.transport import CommParams, CommType

from drivers.protocols.modbus_rtu_words import word
from drivers.wire import LineStream

REPLY_S = 0.3
"""A module answers within milliseconds; at 9600 Bd the frames of sixteen inputs take 40 ms, the longest 275 ms."""
SILENCE_S = 0.005
"""At least 3.5 characters of silence go before a request."""

# What went wrong on a bus is told as the line's state; pymodbus would tell each lost reply in the log.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

_ASK = {
    1: ReadCoilsRequest,
    2: ReadDiscreteInputsRequest,
    3: ReadHoldingRegistersRequest,
    4: ReadInputRegistersRequest,
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply as they went over the wire, and the values read; `why` tells what was wrong, if so."""

    request: bytes
    reply: bytes
    values: tuple[int, ...] = ()
    why: str = ""


class _WriteCoil(ModbusPDU):
    """Function 05 with any value: modules take a time where the standard knows on and off only."""

    function_code = 5
    rtu_frame_size = 8

    def encode(self) -> bytes:
        return self.address.to_bytes(2) + self.registers[0].to_bytes(2)


class Bus(ModbusBaseSyncClient):
    """pymodbus's client over a stream of ours."""

    def __init__(self, stream: LineStream) -> None:
        super().__init__(
            FramerType.RTU,
            0,
            CommParams(comm_type=CommType.SERIAL, comm_name="bus", timeout_connect=REPLY_S),
            self._trace,
            None,
            None,
        )
        self._stream = stream
        self._deadline = 0.0
        self._request = b""
        self._reply = b""

    def read(self, unit: int, function: int, address: int, count: int) -> Exchange:
        """Read inputs, coils or registers; PortError if the wire is gone."""
        return self._exchange(_ASK[function](dev_id=unit, address=address, count=count))

    def write_coil_raw(self, order: bytes) -> Exchange:
        """Write what stands in a frame of function 05; PortError if the wire is gone."""
        done = self._exchange(_WriteCoil(dev_id=order[0], address=word(order, 2), registers=[word(order, 4)]))
        if not done.why and not done.reply.endswith(done.request):
            return Exchange(done.request, done.reply, why="the reply confirms another order")
        return done

    def _exchange(self, request: ModbusPDU) -> Exchange:
        self._request = self._reply = b""
        time.sleep(SILENCE_S)
        try:
            answer = self.execute(False, request)
        except ModbusException:
            answer = None
        # pymodbus takes the reply to another function for one to ours.
        if answer is None or answer.function_code & 0x7F != request.function_code:
            heard = "a reply that is not to this request" if self._reply else "no reply"
            return Exchange(self._request, self._reply, why=f"{heard} from unit {request.dev_id}")
        if answer.isError():
            said = (
                f"unit {request.dev_id} refuses with exception {answer.exception_code}: check model, start and inputs"
            )
            return Exchange(self._request, self._reply, why=said)
        values = [int(value) for value in answer.registers or answer.bits]
        if request.function_code in _ASK and len(values) != _padded(request):
            return Exchange(self._request, self._reply, why=f"unit {request.dev_id} replies with another count")
        return Exchange(self._request, self._reply, tuple(values[: request.count]))

    def _trace(self, sending: bool, data: bytes) -> bytes:
        if sending:
            self._request = data
            return data
        # A bus that changes its direction often leaves a byte of noise, for which pymodbus would give up the reply.
        unit, function = self._request[:2]
        heads = bytes([unit, function]), bytes([unit, function | 0x80])
        self._reply = data[min((start for head in heads if (start := data.find(head)) >= 0), default=0) :]
        return self._reply

    # -- what pymodbus asks of a client ------------------------------------------------------------------------

    def connect(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()

    def send(self, request: bytes, addr: tuple[str, int] | None = None) -> int:
        # What lies there is the late reply to an earlier request.
        self._stream.drain()
        self._stream.write(request)
        self._deadline = time.monotonic() + REPLY_S
        return len(request)

    def recv(self, size: int | None) -> bytes:
        while time.monotonic() < self._deadline:
            data = self._stream.read()
            if data:
                return data
        return b""


def _padded(request: ModbusPDU) -> int:
    """Return how many values the reply to a read holds; coils come in whole bytes."""
    return request.count if request.function_code in (3, 4) else (request.count + 7) // 8 * 8
