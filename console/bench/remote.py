"""The near end of `console.bench.desk`: a seat in another process, asked and answered over its pipes."""

import contextlib
import itertools
import json
import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

Answer = dict[str, Any]

READY_S = 90.0
ANSWER_S = 30.0
"""Longer than anything a desk may take: two seconds for the journal, then its spool."""


class GoneError(Exception):
    """The process ended before it answered: what became of the act is unknown."""


class RemoteDesk:
    """A seat's process. `ask` from any thread; `health` is what its lamps said last, `lamps` all they ever said."""

    def __init__(
        self,
        url: str,
        seat: str,
        actor: str,
        folder: Path,
        *,
        lines: Sequence[str] = (),
        window: bool = False,
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.seat, self.actor, self.folder = seat, actor, folder
        self.lamps: list[Answer] = []
        self._numbers = itertools.count(1)
        self._waiting: dict[int, queue.SimpleQueue[Answer | None]] = {}
        self._turn = threading.Lock()
        self._ready = threading.Event()
        self._log = (folder / "desk.log").open("ab")
        command = [*prefix, sys.executable, "-m", "console.bench.desk", "--db", url, "--seat", seat, "--actor", actor]
        command += ["--folder", str(folder), *(word for line in lines for word in ("--line", line))]
        self.process = subprocess.Popen(  # noqa: S603
            [*command, *(["--window"] if window else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **(environment or {})},
        )
        self._listener = threading.Thread(target=self._listen, name=f"desk {seat}", daemon=True)
        self._listener.start()

    def ready(self, seconds: float = READY_S) -> None:
        """Wait until the desk can be worked. GoneError with its last words if it never can."""
        if not self._ready.wait(seconds):
            raise GoneError(f"desk {self.seat} never became ready: {self.last_words()}")
        if not self.alive:
            raise GoneError(f"desk {self.seat} ended: {self.last_words()}")

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    @property
    def health(self) -> Answer:
        """What the lamps said last; {} before the first word."""
        return self.lamps[-1] if self.lamps else {}

    def last_words(self) -> str:
        """The end of what the process logged."""
        return (self.folder / "desk.log").read_text(encoding="utf-8", errors="replace")[-2000:]

    def ask(self, what: str, **said: Any) -> Answer:
        """One question and its answer; GoneError if the process ends first, TimeoutError after ANSWER_S."""
        number = next(self._numbers)
        answer: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        self._waiting[number] = answer
        try:
            self._put({"id": number, "ask": what, **said})
            got = answer.get(timeout=ANSWER_S)
        except queue.Empty:
            raise TimeoutError(f"desk {self.seat}: {what} was not answered in {ANSWER_S:g} s") from None
        finally:
            del self._waiting[number]
        if got is None:
            raise GoneError(f"desk {self.seat} ended")
        return got

    def do(self, name: str, /, **args: Any) -> Answer:
        """An act of this seat: `value`, or `refused`, `unavailable`, `bug` with the words."""
        return self.ask("do", name=name, args=args)

    def quit(self, seconds: float = 15.0) -> int:
        """Close the desk as a person does; answers its exit code."""
        with contextlib.suppress(GoneError):
            self._put({"id": 0, "ask": "quit"})
        return self._end(seconds)

    def kill(self) -> None:
        """kill −9."""
        self.process.kill()
        self._end(10.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.alive:
            self.quit()

    # -- within ------------------------------------------------------------------------------------------------

    def _put(self, said: Answer) -> None:
        assert self.process.stdin is not None
        try:
            with self._turn:
                self.process.stdin.write(json.dumps(said, ensure_ascii=False) + "\n")
                self.process.stdin.flush()
        except (OSError, ValueError):
            raise GoneError(f"desk {self.seat} ended") from None

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said = json.loads(line)
            event = said.get("event")
            if event == "health":
                self.lamps.append(said)
            elif event == "ready":
                self._ready.set()
            elif said["id"] in self._waiting:
                self._waiting[said["id"]].put(said)
        for answer in list(self._waiting.values()):
            answer.put(None)
        self._ready.set()

    def _end(self, seconds: float) -> int:
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise TimeoutError(f"desk {self.seat} did not end: {self.last_words()}") from None
        finally:
            self._listener.join(5)
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    # A broken pipe tells so once more when it is closed.
                    with contextlib.suppress(OSError):
                        pipe.close()
            self._log.close()
        return code


class LineHost:
    """`python -m console lines` as an operator runs it; ended by SIGTERM when the block is left."""

    def __init__(self, url: str, folder: Path, seat: str, lines: Sequence[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log = (folder / "host.log").open("w+b")
        arguments = ["--db", url, "--spool", str(folder / "spool.db"), "--seat", seat]
        arguments += [word for line in lines for word in ("--line", line)]
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "console", "lines", *arguments],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        )

    def ready(self, seconds: float = READY_S) -> None:
        """Wait until every port is open; GoneError with its last words if that does not happen."""
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], seconds)
        if not readable or not self.process.stdout.readline():
            self._log.seek(0)
            raise GoneError(f"a line host never became ready: {self._log.read().decode(errors='replace')[-2000:]}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(15)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()


def wait_until(condition: Callable[[], bool], seconds: float, step_s: float = 0.02) -> bool:
    """Whether the condition comes true in that time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step_s)
    return True
