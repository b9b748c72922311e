"""The alarm path's own threads: what makes a frame durable and answers it never waits behind a search or a print.

The default threads of the loop are shared by everything that blocks; a few slow searches fill them all.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_READING = ThreadPoolExecutor(max_workers=2, thread_name_prefix="alarm-path")
_SPOOLING = ThreadPoolExecutor(max_workers=1, thread_name_prefix="alarm-path-spool")
"""Of its own: a server that stands still holds up every reader of the journal, and just then frames go to the spool."""

_ANSWERING = ThreadPoolExecutor(max_workers=32, thread_name_prefix="alarm-path-answer")
"""As many as lines may be stuck at once: each has one answer at a time to wait for. Made only when they are needed."""


async def on_alarm_path(function: Callable[..., T], *args: object) -> T:
    """Read the journal by the blocking function in a thread of the alarm path."""
    return await asyncio.get_running_loop().run_in_executor(_READING, function, *args)


async def in_spool(function: Callable[..., T], *args: object) -> T:
    """Call the blocking function of the spool, which never waits behind the journal."""
    return await asyncio.get_running_loop().run_in_executor(_SPOOLING, function, *args)


async def in_answer(function: Callable[..., T], *args: object) -> T:
    """Write an answer by the blocking function, which waits for room on its own wire and for nothing else."""
    return await asyncio.get_running_loop().run_in_executor(_ANSWERING, function, *args)
