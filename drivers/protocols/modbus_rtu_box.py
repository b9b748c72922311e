"""A polled button box as its line hears it: what was asked and answered on the bus becomes presses and releases.

The bytes are those of the bus, each request with its response, so a capture plays the same presses again. Bounce is
taken out by counting equal reads; what is remembered outlives the port. An output is switched on only by the
module's own time-out: no siren stays on because this machine died.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.codec import Options
from drivers.protocols.contacts import NORMAL, PRESSED, Contacts
from drivers.protocols.modbus_rtu_frames import FrameCodec, frame
from drivers.protocols.modbus_rtu_models import DEFAULT, Model, models
from drivers.report import Report

HOLD_MS = 50
"""A contact that is not closed for so long has bounced."""
CONFIRM_POLLS = 20
"""An order not confirmed by the box within so many polls is told as failed."""

_NUMBERS = {"unit": (1, 255), "start": (0, 65535), "inputs": (1, 125), "poll_ms": (20, 10_000)}
OPTIONS = frozenset({*_NUMBERS, "model", "nc"})


def judge(options: Options) -> str:
    """Return what is wrong with a line's options in one sentence; "" if nothing is."""
    for name, (least, most) in _NUMBERS.items():
        text = options.get(name, str(least))
        if not (re.fullmatch(r"[0-9]{1,5}", text) and least <= int(text) <= most):
            return f"{name} is a number from {least} to {most}, not {text!r}"
    if options.get("nc", "0") not in ("0", "1"):
        return f"nc is 0 (pressing closes the contact) or 1 (pressing opens it), not {options['nc']!r}"
    name = options.get("model", DEFAULT)
    if name not in models():
        return f"there is no model {name!r} in modbus_models.json; known are {', '.join(models())}"
    known = models()[name].inputs
    first, count = int(options.get("start", known.start)), int(options.get("inputs", known.count))
    return "" if first + count <= 65536 else f"inputs {first} to {first + count - 1} are beyond address 65535"


@dataclass(frozen=True, slots=True)
class Box:
    """What a line's options say about its box; what they do not say is its model's."""

    unit: int
    start: int
    inputs: int
    poll_ms: int
    opens: bool
    model: Model = field(repr=False)

    @classmethod
    def of(cls, options: Options) -> Box:
        """Read options that were judged."""
        model = models()[options.get("model", DEFAULT)]
        return cls(
            int(options.get("unit", 1)),
            int(options.get("start", model.inputs.start)),
            int(options.get("inputs", model.inputs.count)),
            int(options.get("poll_ms", 100)),
            options.get("nc", "0") == "1",
            model,
        )

    @property
    def quick_ms(self) -> int:
        """Milliseconds to the next poll while an input is changing."""
        return min(self.poll_ms, HOLD_MS)

    @property
    def settle(self) -> int:
        """Equal reads in a row that make a state: two, and as many as take HOLD_MS."""
        return max(2, math.ceil(HOLD_MS / self.quick_ms) + 1)

    def states(self, values: list[int]) -> list[str]:
        """Return what the values of a poll mean, input by input."""
        found: list[str] = [self.model.state(value) for value in values]
        turned = {NORMAL: PRESSED, PRESSED: NORMAL} if self.opens else {}
        return [turned.get(state, state) for state in found]


class BoxCodec:
    """Reads the polls of one box, and gives the orders for its outputs."""

    def __init__(self, options: Options) -> None:
        self._box = Box.of(options)
        self._frames = FrameCodec()
        tamper = {str(state): code for state, code in self._box.model.tamper.items()}
        self._contacts = Contacts(options.get("account", ""), self._box.settle, tamper)
        self._asked: Mapping[str, object] = {}
        self._orders: list[bytes] = []
        self._unconfirmed: dict[bytes, int] = {}
        self._refusals: list[Report] = []

    @property
    def pending(self) -> int:
        return self._frames.pending

    def reset(self) -> None:
        self._frames.reset()
        self._asked = {}

    def expire(self) -> list[Report]:
        """Forget the half of an exchange; nobody sent it to us, and it is asked again."""
        self.reset()
        return []

    def feed(self, data: bytes) -> list[Report]:
        # Noise between the frames of a bus that is asked again and again is no news.
        heard = [report for report in self._frames.feed(data) if report.type == "message"]
        return [made for report in heard for made in self._take(report)]

    def _take(self, report: Report) -> list[Report]:
        said = report.more or {}
        if said["direction"] == "request":
            self._asked = said
            return []
        asked, self._asked = self._asked, {}
        if asked.get("unit") != said["unit"]:
            return []
        if asked.get("function") == 5:
            self._unconfirmed.pop(frame(_order_body(asked)), None)
            return [report]
        return self._read(asked, said, report.raw)

    def _read(self, asked: Mapping[str, object], said: Mapping[str, object], raw: bytes) -> list[Report]:
        box = self._box
        ours = {"unit": box.unit, "function": box.model.inputs.function, "address": box.start, "count": box.inputs}
        values = said.get("coils", said.get("registers"))
        if not isinstance(values, list) or len(values) != box.inputs or any(asked[key] != ours[key] for key in ours):
            return []
        reports, self._refusals = self._refusals + self._overdue(), []
        for zone, state in enumerate(box.states(values), start=1):
            reports += self._contacts.see(zone, state, raw)
        return reports

    def _overdue(self) -> list[Report]:
        """Return a word for each order that the box has not confirmed in time."""
        self._unconfirmed = {order: polls - 1 for order, polls in self._unconfirmed.items()}
        late = [order for order, polls in self._unconfirmed.items() if not polls]
        for order in late:
            del self._unconfirmed[order]
        return [Report(type="message", raw=order, why="the box did not confirm this order") for order in late]

    def outgoing(self, _now: float) -> bytes:
        orders, self._orders = b"".join(self._orders), []
        return orders

    def order(self, order: Mapping[str, object]) -> None:
        """Take `output` (from 1) and `seconds` (0 switches off); what cannot be done is told with the next poll."""
        fault, body = self._judge_order(order)
        if fault:
            self._refusals.append(Report(type="message", raw=b"", why=fault))
            return
        self._orders.append(frame(body))
        self._unconfirmed[frame(body)] = CONFIRM_POLLS

    def _judge_order(self, order: Mapping[str, object]) -> tuple[str, bytes]:
        outputs = self._box.model.outputs
        number, seconds = order.get("output"), order.get("seconds")
        if outputs is None:
            return "this model has no output that switches itself off, so none is switched on", b""
        if not isinstance(number, int) or not 1 <= number <= outputs.count:
            return f"there is no output {number!r}: this model has 1 to {outputs.count}", b""
        if not isinstance(seconds, int | float) or not 0 <= seconds <= outputs.longest_s:
            return f"an output can be on for 0 to {outputs.longest_s:g} seconds, not {seconds!r}", b""
        address = (outputs.flash if seconds else outputs.coil) + number - 1
        said = {"unit": self._box.unit, "address": address, "value": math.ceil(seconds / outputs.flash_s)}
        return "", _order_body(said)


def _order_body(said: Mapping[str, object]) -> bytes:
    """Return function 05 without its CRC: unit, address and value are those of the message."""
    unit, address, value = (int(str(said[name])) for name in ("unit", "address", "value"))
    return bytes([unit, 5]) + address.to_bytes(2) + value.to_bytes(2)
