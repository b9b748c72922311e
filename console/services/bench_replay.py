"""Replaying a capture at the bench: the bytes as they came, at their pace, read by their protocol and shown.

It stays on the bench. A capture replayed through a line of the console would raise its alarms anew, so the bench does
not make lines of captures.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from console.domain.errors import UserError
from console.services.bench_wire import NAME
from console.services.line_tap import Frame
from drivers.address import Address, LineSpec, parse_line
from drivers.capture import read_capture
from drivers.codec import ProtocolError
from drivers.link import Link, LinkPhase, LinkState
from drivers.report import Report
from drivers.wire import Wire


def is_capture(written: str) -> bool:
    """Whether a line as it is written would play a capture; False for what is no line at all."""
    try:
        return parse_line(written).address.kind == "file"
    except ValueError:
        return False


class Replay:
    """One capture on its way. `on_frame` gets each frame, `on_end` how many there were; both on the loop's thread.

    UserError if the file is no capture, or the protocol cannot be had.
    """

    def __init__(
        self, file: Path, protocol: str, on_frame: Callable[[Frame], None], on_end: Callable[[int], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_frame, self._on_end = on_frame, on_end
        self._frames = 0
        try:
            if not any(record.direction == "in" for record in read_capture(file)):
                raise UserError(f"{file.name} 里没有收到的报文")
            self._link = Link(LineSpec(NAME, protocol, Address("file", str(file))), self._heard, self._changed)
        except OSError as problem:
            raise UserError(f"不能打开 {file.name}：{problem.strerror or problem}") from problem
        except ProtocolError as problem:
            raise UserError(f"不能回放：{problem}") from problem
        except ValueError as problem:
            raise UserError(f"{file.name} 不是捕获文件：{problem}") from problem
        self._link.start()

    def close(self) -> None:
        """Stop where it is. Blocks a moment; call it in a thread."""
        self._link.stop()

    # -- in the link's thread --------------------------------------------------------------------------------

    def _heard(self, reports: list[Report], at: float, _wire: Wire | None) -> None:
        for report in reports:
            self._frames += 1
            self._hop(self._on_frame, Frame(NAME, report, at))

    def _changed(self, state: LinkState) -> None:
        if state.phase is LinkPhase.STOPPED:
            self._hop(self._on_end, self._frames)

    def _hop(self, function: Callable[..., None], *args: object) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *args)
