"""Log files: written by a thread of their own, never in the way of whoever logs, whatever the disk does.

Each process writes files of its own (`console110-03-run-20261122-4711.jsonl`), so that no two ever rotate one
another's. A file is left for a new one at midnight UTC and when it is full; what nobody writes any more is
compressed, and goes only when it is older than the days it must be kept.
"""

import contextlib
import gzip
import logging
import os
import queue
import re
import shutil
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from console.domain.clock import Clock

log = logging.getLogger(__name__)

WAITING = 10_000
"""Records kept in memory while the disk takes none; what comes on top is counted and dropped."""
AGAIN_AFTER_S = 1.0
SURELY_LEFT = timedelta(days=2)
"""A file this long untouched belongs to nobody, even if its process number has been given again."""
_NAME = re.compile(r"console110-.+-\d{8}-(?P<pid>\d+)(-\d+)?\.jsonl")


class LogFile:
    """Takes lines, writes them in order. `put` neither waits nor raises.

    `keep_days` and `most_bytes` (per file) bound what is kept; `stem` names seat and command.
    """

    def __init__(self, folder: Path, stem: str, clock: Clock, *, most_bytes: int, keep_days: int) -> None:
        self.folder = folder
        self._stem, self._clock = stem, clock
        self._most_bytes, self._keep_days = most_bytes, keep_days
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING)
        self._closing = threading.Event()
        self._counting = threading.Lock()
        self._dropped, self._why = 0, ""
        self._file, self._day, self._part, self._size = -1, "", 1, 0
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    # -- for those who log -----------------------------------------------------------------------------------

    def put(self, line: str) -> None:
        """Have the line written. The thread and the file come with the first one."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self.count_lost()
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="logs", daemon=True)
                self._thread.start()

    def count_lost(self) -> None:
        """A record could not even be queued, or not be put into words."""
        with self._counting:
            self._dropped += 1

    @property
    def trouble(self) -> str:
        """Why records are not being written, in the user's words; '' if all is well."""
        if self._why:
            return f"运行日志写不进 {self.folder}：{self._why}"
        return f"有 {self._dropped} 条运行日志没有记下" if self._dropped else ""

    @property
    def path(self) -> Path:
        """The file of today."""
        part = f"-{self._part}" if self._part > 1 else ""
        return self.folder / f"{self._stem}-{self._day}-{os.getpid()}{part}.jsonl"

    def close(self, timeout_s: float) -> None:
        """Write what waits, for at most `timeout_s`."""
        if self._thread is None:
            return
        self._closing.set()
        with contextlib.suppress(queue.Full):
            self._lines.put(None, timeout=timeout_s)
        self._thread.join(timeout_s)

    # -- the thread ------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while (line := self._lines.get()) is not None:
            while not self._written(line):
                if self._closing.wait(AGAIN_AFTER_S):
                    self._leave()
                    return
        self._leave()

    def _written(self, line: str) -> bool:
        data = (line + "\n").encode("utf-8", "backslashreplace")
        try:
            self._choose_file(len(data))
            self._write(data)
        except OSError as problem:
            self._why = problem.strerror or str(problem)
            self._leave()
            return False
        self._why = ""
        self._tell_lost()
        return True

    def _tell_lost(self) -> None:
        """It works again: what was dropped meanwhile is at least counted in the file."""
        with self._counting:
            lost, self._dropped = self._dropped, 0
        if lost:
            log.warning("%d records could not be written", lost)

    def _write(self, data: bytes) -> None:
        """The whole line, or nothing of it: half a line would be no JSON for ever."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise
        self._size += len(data)

    def _choose_file(self, room: int) -> None:
        """Today's file, open; the next part when this one is full."""
        day = f"{self._clock():%Y%m%d}"
        new_day, full = day != self._day, self._size > 0 and self._size + room > self._most_bytes
        if self._file >= 0 and not new_day and not full:
            return
        self._leave()
        if new_day:
            self._day, self._part, self._size = day, 1, 0
        elif full:
            self._part, self._size = self._part + 1, 0
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        self._size = os.fstat(self._file).st_size
        if new_day or full:
            tidy(self.folder, self._clock(), self._keep_days, mine=self.path)

    def _leave(self) -> None:
        if self._file >= 0:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = -1


# -- what is kept ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies in the folder of logs."""

    files: int = 0
    size: int = 0
    oldest: float | None = None


def kept_in(folder: Path) -> Kept:
    """Count the log files, their bytes, and the oldest's time of last change (seconds since 1970)."""
    found = [file.stat() for file in folder.glob("console110-*.jsonl*")]
    oldest = min((told.st_mtime for told in found), default=None)
    return Kept(len(found), sum(told.st_size for told in found), oldest)


def tidy(folder: Path, now: datetime, keep_days: int, mine: Path) -> None:
    """Compress what nobody writes any more; remove what is older than it must be kept. Never fails for one file."""
    for file in sorted(folder.glob("console110-*.jsonl")):
        if file != mine and _is_left(file, now):
            with contextlib.suppress(OSError):
                _compress(file)
    oldest = (now - timedelta(days=keep_days)).timestamp()
    for file in folder.glob("console110-*.jsonl.gz"):
        with contextlib.suppress(OSError):
            if file.stat().st_mtime < oldest:
                file.unlink()
    torn = (now - SURELY_LEFT).timestamp()
    for file in folder.glob("console110-*.part"):
        with contextlib.suppress(OSError):
            if file.stat().st_mtime < torn:
                file.unlink()


def _is_left(file: Path, now: datetime) -> bool:
    named = _NAME.fullmatch(file.name)
    if named is None:
        return False
    pid = int(named["pid"])
    try:
        untouched = now.timestamp() - file.stat().st_mtime
    except OSError:
        return False
    return pid == os.getpid() or not psutil.pid_exists(pid) or untouched > SURELY_LEFT.total_seconds()


def _compress(file: Path) -> None:
    """To FILE.gz, complete or not at all; it keeps its time, by which it is kept."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    told = file.stat()
    try:
        with part.open("wb") as raw:
            with file.open("rb") as plain, gzip.open(raw, "wb", 6) as packed:
                shutil.copyfileobj(plain, packed, 1 << 20)
            raw.flush()
            os.fsync(raw.fileno())
        os.utime(part, (told.st_atime, told.st_mtime))
        part.replace(file.with_name(f"{file.name}.gz"))
        file.unlink()
    finally:
        part.unlink(missing_ok=True)


class ToFile(logging.Handler):
    """Hands each record to the file. What goes wrong is counted, never raised into the desk."""

    def __init__(self, file: LogFile) -> None:
        super().__init__()
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._file.put(self.format(record))
        except Exception:  # noqa: BLE001 -- whatever a value's own text does, the desk goes on
            self._file.count_lost()
