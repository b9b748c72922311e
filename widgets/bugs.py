"""Our own bugs, caught at the edge: logged, shown as a fault, counted; the alarm path goes on.

One bad `data()` in a model can raise dozens of times a second, so one place in the code is told once a minute.
"""

import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from PySide6.QtCore import QCoreApplication

from console.services.health import Health

log = logging.getLogger(__name__)

AGAIN_AFTER_S = 60.0


@contextmanager
def contained() -> Iterator[None]:
    """A bug inside is told and goes no further, so that what comes after (an alarm on the strip) is still done."""
    try:
        yield
    except Exception as bug:  # noqa: BLE001 -- told by the hook
        sys.excepthook(type(bug), bug, bug.__traceback__)


class Bugs:
    """An excepthook and a loop's exception handler in one. `now` is in seconds."""

    def __init__(self, health: Health, now: Callable[[], float] = time.monotonic) -> None:
        self._health, self._now = health, now
        self._told: dict[tuple[str, int], float] = {}
        self.count = 0

    def hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """`sys.excepthook`."""
        self.count += 1
        place = _place(trace)
        last = self._told.get(place)
        if last is not None and self._now() - last < AGAIN_AFTER_S:
            return
        self._told[place] = self._now()
        log.critical("bug in %s:%s", *place, exc_info=(kind, error, trace))
        what = QCoreApplication.translate("Bugs", "程序内部错误（{where}），其他功能继续运行")
        remedy = QCoreApplication.translate("Bugs", "请记下时间并把日志交给技术员")
        try:
            self._health.fault("bug:window", what.format(where=f"{kind.__name__} {place[0]}:{place[1]}"), remedy)
        except Exception:  # whoever shows the faults is broken too: the hook must not fail
            log.exception("telling of a bug")

    def loop_handler(self, _loop: Any, context: dict[str, Any]) -> None:
        """The event loop's exception handler."""
        error = context.get("exception")
        if error is not None:
            self.hook(type(error), error, error.__traceback__)
        else:
            log.error("event loop: %s", context.get("message"))


def _place(trace: TracebackType | None) -> tuple[str, int]:
    frames = traceback.extract_tb(trace)
    if not frames:
        return "?", 0
    return frames[-1].filename.rpartition("/")[2], frames[-1].lineno or 0
