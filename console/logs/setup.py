"""Setting the logs up: for one command, from its first line to its last, on the root logger."""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from console.domain.clock import Clock
from console.logs.files import LogFile, ToFile
from console.logs.text import JsonLines, PlainWords

log = logging.getLogger(__name__)

DRAIN_S = 1.0
"""At the end the disk gets this long to take what waits."""

LASTING = frozenset({"run", "lines", "demo", "gateway"})
"""Commands whose ordinary steps are kept; of the others, which a script may call by the hundred, only warnings."""

_open: list[LogFile] = []


def logs_folder(data_folder: Path) -> Path:
    """Where the logs of this machine are."""
    return data_folder / "logs"


def trouble() -> str:
    """Why this process's records are not being written, in the user's words; '' if all is well."""
    return _open[-1].trouble if _open else ""


class _ToStderr(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's name
        """Whoever read our stderr has gone; the file has it."""


@contextmanager
def open_logs(
    data_folder: Path, seat: str, command: str, clock: Clock, *, stderr_level: str, log_days: int, log_mb: int
) -> Iterator[LogFile]:
    """Send every record to stderr (from `stderr_level`) and to this process's file, until the block ends.

    No file appears before there is something to write; a disk that takes none never stops the program.
    """
    file = LogFile(
        logs_folder(data_folder), f"console110-{seat}-{command}", clock, most_bytes=log_mb << 20, keep_days=log_days
    )
    file_level = logging.INFO if command in LASTING else logging.WARNING
    to_file, to_eye = ToFile(file), _ToStderr(sys.stderr)
    for handler, level, form in (
        (to_file, file_level, JsonLines(seat, os.getpid())),
        (to_eye, getattr(logging, stderr_level), PlainWords()),
    ):
        handler.setLevel(level)
        handler.setFormatter(form)
    root, in_threads = logging.getLogger(), threading.excepthook
    before = root.level
    root.setLevel(min(to_file.level, to_eye.level))
    root.addHandler(to_file)
    root.addHandler(to_eye)
    threading.excepthook = _from_thread
    _open.append(file)
    try:
        yield file
    finally:
        threading.excepthook = in_threads
        root.removeHandler(to_file)
        root.removeHandler(to_eye)
        root.setLevel(before)
        file.close(DRAIN_S)
        _open.remove(file)


def _from_thread(told: threading.ExceptHookArgs) -> None:
    """A thread that died of our own bug says so where somebody looks."""
    if told.exc_value is not None and told.exc_type is not SystemExit:
        log.critical("bug in thread %s", told.thread.name if told.thread else "", exc_info=told.exc_value)
