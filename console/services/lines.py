"""Lines 线路: all lines of this process, opened, supervised, captured on request, and simulated for the demo.

The only room besides intake that knows `drivers`: our words become a driver's here.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from console.domain.errors import UserError
from console.services.line import WorkingLine
from console.services.line_figures import LineFigures
from console.services.line_frames import Carrier, Vehicles
from console.services.line_tap import Tap
from console.services.repeats import History
from console.services.vehicles import PROTOCOLS
from drivers.address import LineSpec, parse_line
from drivers.protocols import codec_for, line_codec
from drivers.protocols.jt808_terminal import Terminal
from drivers.protocols.surgard_panel import HEARTBEAT_S, signal_frame
from drivers.simulator import Exchange, SimulatedLink, Simulator, make_pty_pair
from drivers.streams import FdStream

SIMULATED_POLL_S = 0.02
"""How soon a simulated panel takes up what it was asked to send."""

STOP_S = 2.0
"""How long a line may take to finish the frame it is at."""


def read_specs(texts: Sequence[str]) -> list[LineSpec]:
    """Lines as written `NAME=PROTOCOL:PORT[,key=value…]`; UserError names everything wrong with them at once."""
    specs, problems = [], []
    for text in texts:
        try:
            spec = parse_line(text)
            line_codec(spec.protocol, spec.address, spec.options)
            specs.append(spec)
        except ValueError as problem:
            problems.append(f"线路“{text}”写法有误：{problem}")
    names = [spec.name for spec in specs]
    problems += [f"线路名重复：{name}" for name in dict.fromkeys(names) if names.count(name) > 1]
    if problems:
        raise UserError("；".join(problems))
    return specs


class Lines:
    """Every line of this process. `last` holds what each line stored lately (see `repeats.History`).

    With a `host` (the name of this machine) each line waits to be told by its lease to receive or to stand by;
    without one they all receive, and nobody else does.
    """

    def __init__(
        self,
        specs: Sequence[LineSpec],
        desk: Carrier,
        last: Mapping[str, History] | None = None,
        capture: Path | None = None,
        host: str = "",
        vehicles: Vehicles | None = None,
    ) -> None:
        self._leased = bool(host)
        self._desk, self._host, self._vehicles = desk, host, vehicles
        self.tap = Tap()
        self.changed = asyncio.Event()
        if capture:
            self.tap.capture_to(capture)
        self._tasks: list[asyncio.Task[None]] = []
        self._lines = [self._working(spec, (last or {}).get(spec.name, ())) for spec in specs]

    def _working(self, spec: LineSpec, last: History) -> WorkingLine:
        vehicles = self._vehicles if spec.protocol in PROTOCOLS else None
        return WorkingLine(spec, self._desk, last, self.tap, self._host, vehicles, self.changed.set)

    def add(self, text: str) -> WorkingLine:
        """One more line while the others work; it waits for its lease where there are leases.

        UserError if it is written wrongly, or one of this name is there.
        """
        (spec,) = read_specs([text])
        if any(line.name == spec.name for line in self._lines):
            raise UserError(f"已有线路 {spec.name}，请换一个线路名")
        line = self._working(spec, ())
        self._lines.append(line)
        self._begin(line)
        return line

    def __iter__(self) -> Iterator[WorkingLine]:
        return iter(self._lines)

    def figures(self) -> dict[str, LineFigures]:
        """Every line as it stands, by its name."""
        return {line.name: line.figures for line in self._lines}

    def start(self) -> None:
        """Begin to work, where there are no leases by opening every port; call inside the running loop."""
        for line in self._lines:
            self._begin(line)

    def _begin(self, line: WorkingLine) -> None:
        if not self._leased:
            line.receive()
        self._tasks.append(asyncio.create_task(line.run(), name=f"line {line.name}"))

    async def opened(self) -> None:
        """Return once every port has been open, or its line stood by."""
        await asyncio.gather(*(line.opened.wait() for line in self._lines))

    async def stop(self) -> None:
        """Stop reading and close every port, and let each line store the frame it is at.

        That frame is answered if it is durable before its port is closed, else its sender repeats it.
        """
        await asyncio.gather(*(line.stop() for line in self._lines))
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks, timeout=STOP_S)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        self.tap.end_capture()


class SimulatedLine:
    """A Sur-Gard receiver that is not there, on a real pseudo-terminal: for demo, bench and training.

    `spec` is the line to open; `press` makes a panel behind it send a signal.
    """

    def __init__(
        self,
        name: str,
        heartbeat_s: float = HEARTBEAT_S,
        on_exchange: Callable[[Exchange], None] | None = None,
        options: str = "",
    ) -> None:
        near, path = make_pty_pair()
        self.spec = f"{name}=surgard:{path}{options}"
        self._stream = FdStream(near, SIMULATED_POLL_S)
        told = {} if on_exchange is None else {"on_exchange": on_exchange}
        self._started = False
        self._receiver = SimulatedLink(Simulator(self._stream), heartbeat_s, **told)

    def start(self) -> None:
        """Begin to send heartbeats."""
        self._started = True
        self._receiver.start()

    def press(
        self, account: str, zone: str = "001", event: str = "120", qualifier: str = "E", partition: str = "01"
    ) -> None:
        """Have the panel send a signal (Contact ID); `qualifier` is E new, R restore, P still present."""
        self._receiver.post(signal_frame(account, event, qualifier, partition, zone))

    def stop(self) -> None:
        """Stop sending and let go of the pseudo-terminal."""
        if self._started:
            self._receiver.stop()
        self._stream.close()


class SimulatedTerminal:
    """A vehicle's terminal (JT/T 808) that is not there, on a pseudo-terminal: it takes texts and receipts them."""

    def __init__(self, name: str, account: str) -> None:
        near, path = make_pty_pair()
        self.spec = f"{name}=jt808:{path}"
        self._stream = FdStream(near, SIMULATED_POLL_S)
        self._terminal = SimulatedLink(Simulator(self._stream, Terminal(account)))
        self._started = False

    def start(self) -> None:
        """Begin to call in: a register, then heartbeats."""
        self._started = True
        self._terminal.start()

    def stop(self) -> None:
        """Fall silent and let go of the pseudo-terminal."""
        if self._started:
            self._terminal.stop()
        self._stream.close()


def simulate_terminal(name: str, account: str) -> SimulatedTerminal:
    """A simulated terminal, not started; UserError where there are no pseudo-terminals (Windows)."""
    try:
        return SimulatedTerminal(name, account)
    except (ImportError, OSError) as problem:
        raise UserError(f"本机不能模拟线路：{problem}") from problem


def simulate(
    name: str, heartbeat_s: float = HEARTBEAT_S, on_exchange: Callable[[Exchange], None] | None = None
) -> SimulatedLine:
    """A simulated line, not started; UserError where there are no pseudo-terminals (Windows)."""
    try:
        return SimulatedLine(name, heartbeat_s, on_exchange)
    except (ImportError, OSError) as problem:
        raise UserError(f"本机不能模拟线路：{problem}") from problem


def simulated_report(account: str, zone: str, event: str, qualifier: str = "E") -> dict[str, object]:
    """What intake is handed when a panel sends this (Contact ID over Sur-Gard): for laying out a demo's past."""
    (heard,) = codec_for("surgard").feed(signal_frame(account, event, qualifier, "01", zone))
    return heard.to_json()
