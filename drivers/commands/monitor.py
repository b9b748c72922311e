"""monitor: show a line live, hex and decoded, acknowledging as a receiver's console would."""

from __future__ import annotations

import argparse
import json
import signal
import time
from contextlib import suppress
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

from drivers.address import parse_line
from drivers.capture import CaptureWriter
from drivers.link import Link, LinkPhase, LinkState
from drivers.report import Report
from drivers.wire import PortError, Wire

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "monitor",
        help="print the frames of a line live",
        description="Prints the frames of a line live, hex and decoded. It acknowledges what it prints: "
        "do not run it on a line whose alarms nobody else receives.",
    )
    parser.add_argument("--line", required=True, metavar="NAME=PROTOCOL:PORT", help="the line to listen to")
    parser.add_argument("--capture", type=Path, metavar="FILE", help="append all bytes to a capture file")
    parser.add_argument("--json", action="store_true", help="one JSON object an event")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print until SIGINT, SIGTERM or the end of a replay; 1 if the line could never be opened."""
    capture = CaptureWriter(options.capture) if options.capture else None
    monitor = Monitor(options.line, capture, as_json=options.json)
    signal.signal(signal.SIGTERM, monitor.interrupt)
    signal.signal(signal.SIGINT, monitor.interrupt)
    try:
        return monitor.run()
    finally:
        if capture is not None:
            capture.close()


class Monitor:
    """One link and its print-out."""

    def __init__(self, line: str, capture: CaptureWriter | None, *, as_json: bool) -> None:
        self._link = Link(parse_line(line), self._reports, self._state, self._raw)
        self._capture = capture
        self._as_json = as_json
        self._over = Event()
        self._ever_up = False

    def run(self) -> int:
        """Print until it is over."""
        self._link.start()
        while not self._over.wait(0.2):
            pass
        self._link.stop()
        return 0 if self._ever_up else 1

    def interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """End the print-out; a signal handler."""
        self._over.set()

    def _reports(self, reports: list[Report], _at: float, wire: Wire | None) -> None:
        for report in reports:
            self._print(report.to_json(), report.type)
            with suppress(PortError):
                if report.ack:
                    self._link.write(report.ack, wire)

    def _state(self, state: LinkState) -> None:
        self._ever_up = self._ever_up or state.phase is LinkPhase.UP
        self._print({"type": "link", "line": state.line, "state": state.phase.value, "why": state.why}, "link")
        if state.phase is LinkPhase.STOPPED or (state.phase is LinkPhase.LOST and not self._ever_up):
            self._over.set()

    def _raw(self, direction: str, data: bytes, _at: float) -> None:
        if self._capture is not None:
            self._capture.record(self._link.spec.name, direction, data, time.time())

    def _print(self, shown: dict[str, object], kind: str) -> None:
        rest = " ".join(f"{key}={value}" for key, value in shown.items() if key not in ("type", "raw_hex"))
        text = f"{kind:9} {shown.get('raw_hex', '')}  {rest}"
        try:
            print(json.dumps(shown, ensure_ascii=False) if self._as_json else text, flush=True)
        except BrokenPipeError:
            # Whoever read us has gone: nothing is left to do here.
            self._over.set()
