"""A console process as an operator runs it, and a receiver that knows nothing of ours: plain bytes on a wire."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ACK = b"\x06"
READY_S = 90.0
"""Many programs that start at once on a busy machine."""
SCALE = int(os.environ.get("ENDURANCE_SCALE", "1"))


def frame(n: int, event: str = "120") -> bytes:
    """The n-th of many different Sur-Gard frames: account 1000 + n % 800, zone n % 1000."""
    return f"5011 18{1000 + n % 800}E{event}01{n % 1000:03}".encode() + b"\x14"


class Wire:
    """The receiver's end of a pseudo-terminal, reached by the console through a name that stays."""

    def __init__(self, name: Path) -> None:
        self.name = name
        self.near, self.far = -1, -1
        self.open()

    def open(self) -> None:
        """A new pseudo-terminal under the same name (a plug pulled and put back)."""
        self.near, self.far = os.openpty()
        tty.setraw(self.far)
        self.name.unlink(missing_ok=True)
        self.name.symlink_to(os.ttyname(self.far))

    def close(self) -> None:
        for end in (self.near, self.far):
            with contextlib.suppress(OSError):
                os.close(end)

    def put(self, data: bytes) -> None:
        os.write(self.near, data)

    def answer(self, seconds: float = 5.0) -> bytes:
        """What comes within so long; returns at the first bytes."""
        ready, _, _ = select.select([self.near], [], [], seconds)
        return os.read(self.near, 64) if ready else b""

    def ask(self, data: bytes, seconds: float = 5.0) -> bytes:
        self.put(data)
        return self.answer(seconds)


@dataclass
class Place:
    """A folder with a database, a spool and a user's data folder of its own."""

    folder: Path
    db: Path = field(init=False)
    spool: Path = field(init=False)

    def __post_init__(self) -> None:
        self.db = self.folder / "a.db"
        self.spool = self.folder / "spool.db"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.db}"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "XDG_DATA_HOME": str(self.folder / "data"), "XDG_CONFIG_HOME": str(self.folder / "conf")}

    def console(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "console", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=60,
            check=False,
        )

    def rows(self, command: str, *more: str) -> list[dict[str, Any]]:
        """What a command prints with --json, one object a line and nothing else."""
        done = self.console(command, "--db", self.url, "--json", *more)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def signals(self) -> list[dict[str, Any]]:
        return self.rows("signals")

    def alarms(self) -> list[dict[str, Any]]:
        return self.rows("alarms")


class Lines:
    """`python -m console lines` as a process of its own; its stderr is collected as it comes."""

    def __init__(self, place: Place, *lines: str, seat: str = "", host: str = "") -> None:
        arguments = [argument for line in lines for argument in ("--line", line)]
        arguments += ["--seat", seat] if seat else []
        arguments += ["--host", host] if host else []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "console", "lines", "--db", place.url, "--spool", str(place.spool), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=place.environment,
        )
        self.said: list[str] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        self.said.extend(iter(self.process.stderr.readline, ""))

    @property
    def stderr(self) -> str:
        return "".join(self.said)

    def ready(self) -> dict[str, Any]:
        """The event the command prints once every port is open."""
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], READY_S)
        line = self.process.stdout.readline() if readable else ""
        assert line, f"never ready: {self.stderr}"
        event: dict[str, Any] = json.loads(line)
        return event

    def says(self, words: str, seconds: float = 10.0) -> bool:
        """Whether stderr says so within that time."""
        return wait_until(lambda: words in self.stderr, seconds)

    def kill(self) -> None:
        """kill −9."""
        self.process.kill()
        self._end()

    def terminate(self) -> int:
        """SIGTERM; answers the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self._end()

    def _end(self) -> int:
        code = self.process.wait(10)
        self._listener.join(5)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        return code


@contextlib.contextmanager
def running(place: Place, *lines: str) -> Iterator[Lines]:
    """A `lines` process that is ready; killed at the end if it still runs."""
    process = Lines(place, *lines)
    try:
        process.ready()
        yield process
    finally:
        if process.process.poll() is None:
            process.kill()
        else:
            process._end()


def wait_until(condition: Any, seconds: float) -> bool:
    """Whether the condition comes true in that time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
