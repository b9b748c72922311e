"""A tap 旁听 on the lines: every byte and every frame as it passes, for whoever watches or records it.

Nothing is kept and nothing costs anything while nobody listens. Listeners are called on the loop's thread; one
that trips over its own bug is taken off and told in the log, never the line.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from drivers.capture import CaptureWriter
from drivers.report import Report

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Passed:
    """Bytes that went over a line, "in" or "out"; `at` is monotonic seconds."""

    line: str
    direction: str
    data: bytes
    at: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A report and what became of it, told once it is settled. Times are monotonic seconds.

    `stored_at` is None if it was not stored (a heartbeat, a position, or a frame that is nowhere yet); `answered_at`
    None if no answer was written. `sender`: its address where many call at one port.
    """

    line: str
    report: Report
    at: float
    stored_at: float | None = None
    answered_at: float | None = None
    sender: str = ""


Tapped = Passed | Frame


class Tap:
    """Any number of listeners, and at most one capture file."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._listeners: list[Callable[[Tapped], None]] = []
        self._of_frames: list[Callable[[Frame], None]] = []
        self._capture: CaptureWriter | None = None
        self._offset = 0.0

    @property
    def wanted(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners or self._of_frames)

    def listen(self, listener: Callable[[Tapped], None]) -> Callable[[], None]:
        """Call `listener` for all that passes; the answer ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def listen_to_frames(self, listener: Callable[[Frame], None]) -> None:
        """Call `listener` for every frame from now on; the bytes cost it nothing."""
        self._of_frames.append(listener)

    def capture_to(self, file: Path) -> None:
        """Append every byte to a capture file from now on; OSError if it cannot be written."""
        writer = CaptureWriter(file)
        self.end_capture()
        # Monotonic to Unix time, once; a capture is replayed by its differences.
        self._offset = time.time() - time.monotonic()
        self._capture = writer

    def end_capture(self) -> None:
        """Close the capture file, if there is one."""
        writer, self._capture = self._capture, None
        if writer is not None:
            writer.close()

    def passed(self, line: str, direction: str, data: bytes, at: float) -> None:
        """Bytes went by; from any thread."""
        writer = self._capture
        if writer is not None:
            self._record(writer, line, direction, data, at + self._offset)
        if self._listeners:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self.tell, Passed(line, direction, data, at))

    def _record(self, writer: CaptureWriter, line: str, direction: str, data: bytes, at: float) -> None:
        """A capture that cannot be written must not cost the frame it should hold."""
        try:
            writer.record(line, direction, data, at)
        except ValueError:
            # It was closed just now, and holds all that was asked for.
            return
        except OSError as problem:
            self._capture = None
            log.warning("the capture of the lines ends: %s", problem.strerror)

    def tell(self, tapped: Tapped) -> None:
        """Hand it to every listener; on the loop's thread."""
        if isinstance(tapped, Frame):
            _tell(self._of_frames, tapped)
        _tell(self._listeners, tapped)


T = TypeVar("T", bound=Tapped)


def _tell(listeners: list[Callable[[T], None]], tapped: T) -> None:
    for listener in tuple(listeners):
        try:
            listener(tapped)
        except Exception:
            log.exception("a listener on the lines failed and is taken off")
            listeners.remove(listener)
