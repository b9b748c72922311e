"""Lanes: what different senders of one line say is carried out side by side, each sender's own in its order.

One commit takes some milliseconds, and the journal takes many in one transaction: in single file the last of
twenty alarms of one second would wait for the nineteen before it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

AT_ONCE = 64
"""So many are under way at the same time: a few of the journal's batches, far from its patience."""


class Lanes(Generic[T]):
    """`take` is awaited for each item; items with the same key one after the other."""

    def __init__(self, take: Callable[[T], Awaitable[None]]) -> None:
        self._take = take
        self._lanes: dict[object, deque[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    def busy(self, key: object) -> bool:
        """Whether something of this key is under way or waits."""
        return key in self._lanes

    def put(self, key: object, item: T) -> None:
        """Have it taken after all earlier ones of its key."""
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append(item)
            return
        self._lanes[key] = deque([item])
        task = asyncio.create_task(self._run(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, key: object) -> None:
        lane = self._lanes[key]
        try:
            while lane:
                async with self._room:
                    await self._take(lane.popleft())
        finally:
            del self._lanes[key]

    async def finish(self) -> None:
        """Wait for all that is under way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def cancel(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
