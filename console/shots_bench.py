"""A picture of the technician's window: a school's test under way, lines that do well and badly, a day's quality.

Nothing is connected while a picture is drawn: the lines' figures are posed, the frames are what the codecs make of real
bytes, and the test is acts in the picture's own database.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from console.domain.account import MACHINE, Role
from console.domain.approval import Approval
from console.domain.site import LineState
from console.seat import Desktop
from console.seat_bench import Bench, open_bench
from console.services.line_figures import LineFigures
from console.services.line_tap import Frame, Tap
from console.services.lines import Lines
from console.station import Station
from drivers.protocols import codec_for
from drivers.protocols.surgard_panel import heartbeat_frame, signal_frame

SITE = "S001"
POSED = (
    ("A1", "surgard", "/dev/ttyUSB0", LineState.UP, 0, 812),
    ("A2", "modbus-rtu", "/dev/ttyUSB1", LineState.UP, 0, 26_400),
    ("B1", "jt808", "tcp-listen://0.0.0.0:8808", LineState.UP, 86, 44_100),
    ("S1", "at-modem", "/dev/ttyUSB3@115200", LineState.SILENT, 0, 61),
    ("U1", "hid-button", "hid://1d34:000d", LineState.LOST, 0, 4),
)
"""(name, protocol, address, state, senders connected, frames) of each line."""


@dataclass(slots=True)
class PosedLines:
    """Lines that look as they would after a day."""

    now: datetime
    tap: Tap = field(default_factory=Tap)

    def figures(self) -> dict[str, LineFigures]:
        """Each with delays as a desk measures them."""
        drawn = random.Random(7)  # noqa: S311 -- a picture, no secret
        return {
            name: LineFigures(
                line=name,
                protocol=protocol,
                address=address,
                state=state,
                since=self.now - timedelta(seconds=41 if state is LineState.LOST else 7200),
                last_heard=self.now - timedelta(seconds=12),
                why="",
                frames=frames,
                heartbeats=frames // 2,
                garbage=1 if name == "A1" else 0,
                naks=1 if name == "A1" else 0,
                bytes_in=frames * 24,
                bytes_out=frames,
                stored_ms=tuple(drawn.gammavariate(6, 0.55) + 0.6 for _ in range(240)) if name == "A1" else (),
                answered_ms=tuple(drawn.gammavariate(6, 0.6) + 0.9 for _ in range(240)) if name == "A1" else (),
                peers=peers,
            )
            for name, protocol, address, state, peers, frames in POSED
        }

    def __iter__(self) -> Iterator[Any]:
        return iter(())


def frames(now: float) -> list[Frame]:
    """A heartbeat, a press, a spoilt frame sent again, its restore, with the answers they got."""
    told = (
        (9.1, heartbeat_frame(), 0.9),
        (5.4, signal_frame("1234", "120", "E", "01", "003"), 3.4),
        (3.4, signal_frame("1234", "120", "E", "01", "003")[:-5] + b"\xb3\x14", 0.6),
        (2.4, signal_frame("1234", "120", "E", "01", "003"), 3.0),
        (1.2, signal_frame("1234", "120", "R", "01", "003"), 2.9),
    )
    found = []
    for ago, raw, delay in told:
        for report in codec_for("surgard").feed(raw):
            stored = None if report.type == "heartbeat" or report.ack == b"\x15" else now - ago + (delay - 0.2) / 1000
            found.append(Frame("A1", report, now - ago, stored, now - ago + delay / 1000))
    return found


async def open_posed(desktop: Desktop, station: Station) -> Bench:
    """The window over a station in which the evening's past lies already."""
    now = station.clock()
    await _lines(station, now)
    await _by(
        station, Role.TECHNICIAN, "702", "approval.ask", act="test_window.open", args=_window(), reason="季度测试"
    )
    (asked,) = station.picture.state.all(Approval)
    await _by(station, Role.CHIEF, "010", "approval.decide", approval=asked.id, granted=True)
    run = await _by(station, Role.TECHNICIAN, "702", "test_run.start", site=SITE)
    for code, figures in (("press", [11.8]), ("restore", [None]), ("tamper", [1.9]), ("power", [None])):
        await _step(station, run, code, "start")
        for figure in figures:
            await _step(station, run, code, "seen", figure=figure, note="R120" if code == "restore" else "E301")
    await _step(station, run, "ten", "start")
    for press in range(6):
        await _step(station, run, "ten", "seen", figure=10.5 + press)
    posed = PosedLines(now)
    bench = open_bench(desktop, station, keep=False, lines=lambda: cast("Lines", posed))
    bench.window.panes.plan.choose_site(SITE)
    drawn = random.Random(11)  # noqa: S311 -- a picture, no secret
    for _ in range(240):
        bench.window.panes.frames.keep_delay("A1", drawn.gammavariate(7, 1.5) + 2)
    bench.tick.start()
    bench.window.start()
    for frame in frames(time.monotonic()):
        bench.window.panes.frames.show_frame(frame)
    await bench.tasks.idle()
    return bench


def _window() -> dict[str, Any]:
    return {"site": SITE, "zones": ["003"], "minutes": 30, "reason": "季度测试", "phone": ""}


async def _by(station: Station, role: Role, actor: str, name: str, **args: Any) -> Any:
    act = replace(station.desk.act(name, args), actor=actor, seat="08", roles=(role.value,))
    return await station.desk.carry_out(act)


async def _step(station: Station, run: str, code: str, act: str, **more: Any) -> None:
    await _by(station, Role.TECHNICIAN, "702", "test_run.step", run=run, code=code, act=act, **more)


async def _lines(station: Station, now: datetime) -> None:
    """A day in which the modem fell silent a few times and the button was pulled out just now."""
    for name, protocol, address, state, _, _ in POSED:
        row = {"name": name, "protocol": protocol, "address": address, "last_heard": None, "why": ""}
        moments = [(LineState.UP, 26.0)]
        for hours in (20.6, 17.8, 16.4, 14.1, 12.2, 7.6, 3.4) if name == "S1" else ():
            moments += [(LineState.SILENT, hours), (LineState.UP, hours - 0.2)]
        moments += [(state, 0.02)] if state is not LineState.UP else []
        for told, hours in moments:
            line = row | {"state": told.value, "since": (now - timedelta(hours=hours)).isoformat()}
            act = station.desk.act("line.changed", {"line": line})
            await station.desk.carry_out(replace(act, actor=f"线路{name}", roles=MACHINE))
