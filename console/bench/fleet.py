"""A fleet: many bus terminals on real connections from one loop, each sans-IO (`drivers.protocols.jt808_terminal`).

They call in, register, say every few seconds where they are, and some of them press. What each waited for its answer
is noted; the console answers a press when it is stored.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from drivers.panel import Press
from drivers.protocols.jt808_terminal import Terminal, drive

ANSWER_S = 30.0
"""So long a terminal waits for an answer; a frame unanswered then counts as lost."""

PER_S = 250
"""So many terminals call in a second: a fleet does not wake at the same moment."""


def phone_of(n: int) -> str:
    """The number of the n-th terminal; every fourth speaks the header of 2019."""
    number = f"138{n:08}"
    return number.rjust(20, "0") if n % 4 == 3 else number.rjust(12, "0")


@dataclass(eq=False)
class Caller:
    """One terminal on its connection. `answered_ms` holds what each position waited, `pressed_ms` the presses."""

    terminal: Terminal
    answered_ms: list[float] = field(default_factory=list)
    pressed_ms: list[float] = field(default_factory=list)
    sent: int = 0
    told: asyncio.Event = field(default_factory=asyncio.Event)
    _writer: asyncio.StreamWriter | None = None
    _reading: asyncio.Task[None] | None = None
    _answered: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def call(self, port: int) -> None:
        """Connect and say who it is; TimeoutError if nobody answers."""
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        self._reading = asyncio.create_task(self._read(reader))
        await self._ask(lambda: self.terminal.greeting()[0])

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(4096):
                heard = self.terminal.hear(data)
                if heard.reply and self._writer is not None:
                    self._writer.write(heard.reply)
                if heard.taken:
                    self._answered.set()
                if self.terminal.commands:
                    self.told.set()

    async def _ask(self, says: Callable[[], bytes]) -> float:
        """Send one frame and wait for its answer, one at a time; the milliseconds that took."""
        assert self._writer is not None
        async with self._turn:
            self._answered.clear()
            began = time.monotonic()
            self._writer.write(says())
            self.sent += 1
            async with asyncio.timeout(ANSWER_S):
                await self._answered.wait()
            return (time.monotonic() - began) * 1000

    async def report(self) -> None:
        """Say where it is."""
        self.answered_ms.append(await self._ask(self.terminal.position))

    async def press(self) -> None:
        """The driver presses; the bit stands from now on."""
        self.pressed_ms.append(await self._ask(lambda: self.terminal.signal(Press())))

    async def release(self) -> None:
        """The driver lets go."""
        await self._ask(lambda: self.terminal.signal(Press(qualifier="restore")))

    async def hang_up(self) -> None:
        """End the connection."""
        if self._writer is None or self._reading is None:
            return
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()
        self._reading.cancel()
        await asyncio.wait((self._reading,))


class Fleet:
    """So many terminals of one port."""

    def __init__(self, count: int, port: int) -> None:
        self.port = port
        self.callers = [Caller(Terminal(phone_of(n), route=drive(35.3 + n / 10_000, 119.4))) for n in range(count)]

    async def call(self) -> None:
        """All of them connect and register, `PER_S` a second."""
        await self._spread(len(self.callers) / PER_S, Caller.call, self.port)

    async def report(self, seconds: float) -> None:
        """Each says once where it is, spread evenly over so long."""
        await self._spread(seconds, Caller.report)

    async def press(self, count: int, seconds: float) -> None:
        """So many press, spread evenly over so long."""
        async with asyncio.TaskGroup() as group:
            for n in range(count):
                group.create_task(_after(n * seconds / count, self.callers[n].press))

    async def hang_up(self) -> None:
        """All connections end."""
        await asyncio.gather(*(caller.hang_up() for caller in self.callers))

    async def _spread(self, seconds: float, does: Callable[..., Awaitable[None]], *args: object) -> None:
        async with asyncio.TaskGroup() as group:
            for n, caller in enumerate(self.callers):
                group.create_task(_after(n * seconds / len(self.callers), does, caller, *args))


async def _after(seconds: float, does: Callable[..., Awaitable[None]], *args: object) -> None:
    await asyncio.sleep(seconds)
    await does(*args)
