"""A button box as a simulator plays it: it says nothing of its own accord and answers what it is asked."""

from __future__ import annotations

from drivers.codec import Options
from drivers.panel import Heard, Press
from drivers.protocols.contacts import PRESS
from drivers.protocols.modbus_rtu_box import Box
from drivers.protocols.modbus_rtu_frames import FrameCodec, frame
from drivers.report import Report

SHOWN_POLLS = 4
"""A press counts as taken once it was asked for so often: more than any line needs to believe it."""
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS = 1, 2
_LATE = 32
"""Bytes of half a question that are kept; a longer one has been broken off."""


class BoxPanel:
    """The box. `inputs` holds the values it shows, `outputs` what it was told last of each, in its own units."""

    def __init__(self, box: Box) -> None:
        self.heartbeat_s = 0.0
        self.outputs: dict[int, int] = {}
        self._box = box
        self._frames = FrameCodec()
        self.inputs = [self._value("normal")] * box.inputs
        self._steps: list[tuple[int, int]] = []
        self._to_show = 0

    def greeting(self) -> list[bytes]:
        return []

    def heartbeat(self) -> bytes:
        return b""

    def signal(self, press: Press) -> bytes:
        zone = int(press.zone)
        if not 1 <= zone <= self._box.inputs:
            raise ValueError(f"this box has inputs 1 to {self._box.inputs}, not {press.zone}")
        wanted, normal = self._value(self._state(press)), self._value("normal")
        # A button that is held must be let go before it can be pressed again.
        released = [(zone - 1, normal)] if self.inputs[zone - 1] == wanted != normal else []
        self._steps = [*released, (zone - 1, wanted)]
        self._show_next()
        return b""

    def _show_next(self) -> None:
        place, value = self._steps.pop(0)
        self.inputs[place] = value
        self._to_show = SHOWN_POLLS

    def _state(self, press: Press) -> str:
        tamper = {code: str(state) for state, code in self._box.model.tamper.items()}
        if press.event != PRESS and press.event not in tamper:
            raise ValueError(f"this box can tell {', '.join([PRESS, *tamper])}, not {press.event}")
        return "normal" if press.qualifier == "restore" else tamper.get(press.event, "pressed")

    def _value(self, state: str) -> int:
        """Return a value that means this state to the line's model."""
        bands = {str(name): (low + min(high, 10_000)) // 2 for name, (low, high) in self._box.model.eol.items()}
        turned = {"normal": "pressed", "pressed": "normal"} if self._box.opens else {}
        plain = turned.get(state, state)
        return bands[plain] if bands else int(plain == "pressed")

    def hear(self, data: bytes) -> Heard:
        reply, taken = b"", 0
        for question in self._frames.feed(data):
            if question.type == "message" and (question.more or {})["unit"] == self._box.unit:
                reply += self._answer(question)
                # Our answers are not on this wire, so every frame is a question.
                self._frames.reset()
                taken += self._shown()
        if self._frames.pending > _LATE:
            self._frames.reset()
        return Heard(taken, reply=reply)

    def _shown(self) -> int:
        self._to_show -= 1
        if self._to_show == 0 and self._steps:
            self._show_next()
        return int(self._to_show == 0)

    def _answer(self, question: Report) -> bytes:
        said = question.more or {}
        function, address = question.raw[1], int(str(said.get("address", 0)))
        head = question.raw[:2]
        if function == 5:
            self.outputs[address] = int(str(said["value"]))
            return question.raw
        if function != self._box.model.inputs.function:
            return frame(bytes([head[0], function | 0x80, ILLEGAL_FUNCTION]))
        first = address - self._box.start
        values = self.inputs[first : first + int(str(said["count"]))] if first >= 0 else []
        if len(values) != said["count"]:
            return frame(bytes([head[0], function | 0x80, ILLEGAL_ADDRESS]))
        data = b"".join(value.to_bytes(2) for value in values) if function in (3, 4) else _packed(values)
        return frame(head + bytes([len(data)]) + data)


def _packed(values: list[int]) -> bytes:
    """Return the inputs as bits, the first one lowest."""
    number = sum(1 << place for place, value in enumerate(values) if value)
    return number.to_bytes((len(values) + 7) // 8, "little")


def make_panel(_account: str, options: Options) -> BoxPanel:
    """Return the far end of a polled line; its account is the line's own affair."""
    return BoxPanel(Box.of(options))
