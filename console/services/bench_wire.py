"""The bench's simulated panel at work: on a wire of the bench's own, or at a real port.

The own wire is a pseudo-terminal with a link of its own behind it: real bytes, really read and answered, and nothing of
it goes to intake, so nothing done here can reach the live queue. At a real port the panel is a panel, and its signals
are as real as any.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from console.domain.errors import UserError
from console.domain.site import LineState
from console.services.event_words import protocol_name
from console.services.line_tap import Frame
from console.services.line_words import explain
from drivers.address import AddressError, parse_address, parse_line
from drivers.codec import ProtocolError
from drivers.link import Link
from drivers.panel import Panel, Press
from drivers.protocols import MODULES, NO_OPTIONS, protocol_row
from drivers.report import Report
from drivers.simulator import Exchange, SimulatedLink, Simulator, make_pty_pair
from drivers.streams import FdStream, open_stream, plugged_in
from drivers.wire import PortError, Stream, Wire

NAME = "测试台"
POLL_S = 0.02
ANSWER_S = 1.5
"""How long an answer is awaited; a person stands at the bench, and a refused frame is what he came to see."""

NOT_ON_A_WIRE = ("hid-button",)
"""What is plugged in without a wire between: its panel has nothing to send bytes over."""

HANDS = {"press": "new", "restore": "restore"}


def simulated_protocols() -> list[tuple[str, str]]:
    """(name, what technicians call it) of every protocol whose panel can be simulated here."""
    return [(name, protocol_name(name)) for name in MODULES if protocol_row(name).panel is not None]


def all_protocols() -> list[tuple[str, str]]:
    """(name, what technicians call it) of every protocol."""
    return [(name, protocol_name(name)) for name in MODULES]


def serial_ports() -> list[tuple[str, str]]:
    """(address, what is plugged in) of this machine's serial ports: by USB identity where there is one."""
    found = []
    for port in plugged_in():
        vid, pid, number = port["vid"], port["pid"], port["serial_number"]
        address = f"usb:{vid}:{pid}:{number}" if vid and number else str(port["device"])
        called = " ".join(str(part) for part in (port["product"], f"{vid}:{pid}" if vid else "") if part)
        found.append((address, called if called != "n/a" else ""))
    return found


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one thing the panel did. `good`: it went as it should (a spoilt frame is not to be taken)."""

    text: str
    good: bool


class SimulatedPanel:
    """One panel on one wire. `on_frame` gets what the bench's own link heard, `on_sent` what became of each frame; both
    on the loop's thread. UserError if it cannot be had."""

    def __init__(
        self,
        protocol: str,
        account: str,
        port: str,
        on_frame: Callable[[Frame], None],
        on_sent: Callable[[Sent], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_frame, self._on_sent = on_frame, on_sent
        self._link: Link | None = None
        self._bad: set[bytes] = set()
        try:
            self.panel = self._panel(protocol, account)
            if port:
                stream: Stream = open_stream(parse_address(port), POLL_S)
            else:
                near, path = make_pty_pair()
                stream = FdStream(near, POLL_S)
                self._link = Link(
                    parse_line(f"{NAME}={protocol}:{path},account={account}"), self._heard, lambda _: None
                )
        except PortError as problem:
            what, remedy = explain("", LineState.UP, str(problem))
            raise UserError(f"不能模拟，{what.removeprefix('线路：')}：{remedy}") from problem
        except (AddressError, ProtocolError, ImportError, OSError) as problem:
            raise UserError(f"不能模拟：{problem}") from problem
        except ValueError as problem:
            raise UserError(f"账号 {account} 不合这种设备的写法，请改账号再按") from problem
        self._stream = stream
        self._simulated = SimulatedLink(
            Simulator(stream, self.panel, ack_wait_s=ANSWER_S, repeats=0), on_exchange=self._exchanged
        )
        if self._link is not None:
            self._link.start()
        self._simulated.start()

    def _panel(self, protocol: str, account: str) -> Panel:
        if protocol in NOT_ON_A_WIRE:
            raise UserError("USB 按钮不走串口，不能在测试台模拟：请插上真按钮，添加线路后按一下")
        make = protocol_row(protocol).panel
        if make is None:
            raise ProtocolError(f"{protocol} has no panel that could be simulated")
        return make(account, NO_OPTIONS)

    def send(self, zone: str, event: str, what: str) -> None:
        """press, restore, cut (half a frame) or spoilt (one bit wrong); UserError if it cannot be said."""
        try:
            press = Press(zone=zone or "001", event=event or "120", qualifier=HANDS.get(what, "new"))
            if what in HANDS:
                self._simulated.post(press)
                return
            frame = self.panel.signal(press)
        except (ValueError, KeyError) as problem:
            raise UserError("这种设备报不出这个防区或事件，请改防区或事件再按") from problem
        if not frame:
            raise UserError("这种设备只应答询问，不会自己发坏帧")
        bad = frame[: len(frame) // 2] if what == "cut" else _spoilt(frame)
        self._bad.add(bad)
        self._simulated.post(bad)

    def close(self) -> None:
        """The panel is unplugged. Blocks a moment; call it in a thread."""
        self._simulated.stop()
        if self._link is not None:
            self._link.stop()
        with suppress(OSError):
            self._stream.close()

    # -- in the threads of link and simulator ----------------------------------------------------------------

    def _heard(self, reports: list[Report], at: float, wire: Wire | None) -> None:
        link = self._link
        for report in reports:
            answered = None
            if report.ack and link is not None:
                with suppress(PortError):
                    link.write(report.ack, wire)
                    answered = time.monotonic()
            self._hop(self._on_frame, Frame(NAME, report, at, None, answered))

    def _exchanged(self, exchange: Exchange) -> None:
        bad = exchange.frame in self._bad
        if exchange.refused:
            self._hop(self._on_sent, Sent("这种设备报不出这个防区或事件，请改防区或事件再按", good=False))
            return
        if bad and exchange.acknowledged and not exchange.answer:
            self._hop(self._on_sent, Sent("坏帧已发出；这种设备不等应答，是否拒收请看报文", good=True))
            return
        answer = exchange.answer.hex(" ").upper()[:40]
        if exchange.acknowledged:
            delay = f"{(exchange.delay_s or 0) * 1000:.1f} ms"
            text = (
                f"已应答 {exchange.answer.hex(' ').upper()[:40]} · {delay}" if exchange.answer else f"已读取 · {delay}"
            )
        elif answer:
            text = f"被拒收：应答 {answer}"
        else:
            text = "没有应答"
        taken = f"{text}（坏帧，未被当作报警）" if bad and not exchange.acknowledged else text
        self._hop(self._on_sent, Sent(taken, good=exchange.acknowledged != bad))

    def _hop(self, function: Callable[..., None], *args: object) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *args)


def _spoilt(frame: bytes) -> bytes:
    """One bit wrong in the middle, where every protocol with a check notices it."""
    place = len(frame) // 2
    return frame[:place] + bytes([frame[place] ^ 0x80]) + frame[place + 1 :]
