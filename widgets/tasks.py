"""The owner of tasks that slots start: keeps them alive, names them, shows what went wrong.

asyncio holds tasks weakly, and qasync 0.28's `asyncSlot` does too (craft.md P6), so a slot that must wait
calls `tasks.start(coroutine, name)`. A refusal is told to the person, a fault of the ground too; anything
else is our bug: logged, told, and the program goes on.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QCoreApplication

from console.domain.errors import EnvironmentFault, UserError
from widgets.messages import Messages

log = logging.getLogger(__name__)


class Tasks:
    """Starts coroutines on the running loop; `messages` tells the person what failed."""

    def __init__(self, messages: Messages) -> None:
        self.messages = messages
        self._running: set[asyncio.Task[None]] = set()

    def start(self, coroutine: Coroutine[Any, Any, Any], name: str) -> None:
        """Run it to its end. Must be called while the loop runs."""
        task = asyncio.get_running_loop().create_task(self._guarded(coroutine, name), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _guarded(self, coroutine: Coroutine[Any, Any, Any], name: str) -> None:
        try:
            await coroutine
        except UserError as refusal:
            self.messages.error(str(refusal))
        except EnvironmentFault as fault:
            log.warning("%s: %s", name, fault)
            self.messages.error(str(fault))
        except Exception:  # our bug: say it, keep the desk running
            log.exception("%s", name)
            text = QCoreApplication.translate("Tasks", "内部错误（{name}），已记入日志；其他功能继续运行")
            self.messages.error(text.format(name=name))

    async def idle(self) -> None:
        """Wait until everything started so far, and what that started, has ended."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def stop(self) -> None:
        """Cancel what still runs and wait for it."""
        for task in self._running:
            task.cancel()
        await self.idle()
