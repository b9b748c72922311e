"""The alarm path's own threads: what makes a frame durable never waits behind a search, a print or a count.

The default threads of the loop are shared by everything that blocks; a few slow searches fill them all.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="alarm-path")
"""Two, so that reading a gap of the journal does not hold up an fsync into the spool."""


async def on_alarm_path(function: Callable[..., T], *args: object) -> T:
    """Call the blocking function in a thread of the alarm path."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, function, *args)
