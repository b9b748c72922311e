"""Ground: the lamps of what a desk stands on: the clock, the disk, its own logs.

Each is looked at every few seconds by a thread that may hang as long as a dead disk or server likes: the watch
that calls does not wait for it, and there is never more than one. `selftest` judges by the same rules.
"""

import contextlib
import logging
import shutil
import threading
from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from console.domain.errors import EnvironmentFault
from console.persistence.server_clock import Offset
from console.services.health import Fault, Health, Lamp
from console.services.watch import Chore

log = logging.getLogger(__name__)

EVERY_S = 10.0
CLOCK_LIMIT_S = 1.0
"""DESIGN section 4: a clock this far from the database's lights a lamp."""

DISK_WARN, DISK_BAD = 1 << 30, 200 << 20
"""Free bytes: an hour's time to act, and the moment to act at once."""

Seen = TypeVar("Seen")


class Looking(Generic[Seen]):
    """Looks at something in a thread and takes what it saw in on the loop."""

    def __init__(self, name: str, look: Callable[[], Seen], take: Callable[[Seen], None]) -> None:
        self._name, self._look, self._take = name, look, take
        self._busy = False

    async def check(self) -> None:
        """Begin to look, unless the last look has not come back yet."""
        if self._busy:
            return
        self._busy = True
        threading.Thread(target=self._work, args=(get_running_loop(),), name=self._name, daemon=True).start()

    def _work(self, loop: AbstractEventLoop) -> None:
        try:
            seen = self._look()
        except (EnvironmentFault, OSError) as fault:
            # A database or disk that does not answer has lamps of its own.
            log.info("%s could not be seen: %s", self._name, fault)
        except Exception:
            log.exception("looking at %s", self._name)
        else:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._take, seen)
        finally:
            self._busy = False


# -- rules -----------------------------------------------------------------------------------------------------


def judge_clock(offset: Offset) -> Fault | None:
    """What is wrong with this machine's clock, if anything."""
    if offset.surely_s <= CLOCK_LIMIT_S:
        return None
    ahead = "快" if offset.seconds > 0 else "慢"
    what = f"时钟偏差：本机比数据库服务器{ahead} {abs(offset.seconds):.1f} 秒"
    return Fault(source="clock", what=what, remedy="请对本机校时（启用 NTP 或系统自动校时）")


def judge_disk(free: int) -> Lamp:
    """By the free bytes."""
    if free < DISK_BAD:
        return Lamp.BAD
    return Lamp.WARN if free < DISK_WARN else Lamp.GOOD


def free_of(folders: Iterable[Path]) -> dict[Path, int]:
    """Free bytes below each folder, each disk once; of a folder that is not there yet, where it would be made."""
    found: dict[int, tuple[Path, int]] = {}
    for folder in folders:
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        found.setdefault(there.stat().st_dev, (there, shutil.disk_usage(there).free))
    return dict(found.values())


def disk_fault(folder: Path, free: int) -> Fault | None:
    """What is wrong with the disk of the folder, if anything."""
    left = f"{folder} 所在磁盘只剩 {free >> 20} MiB"
    lamp = judge_disk(free)
    if lamp is Lamp.GOOD:
        return None
    if lamp is Lamp.WARN:
        return Fault(source=f"disk:{folder}", what=left, remedy="请清理磁盘，腾出 1 GiB 以上")
    return Fault(source=f"disk:{folder}", what=f"{left}，警情可能存不下来", remedy="请立即清理磁盘")


# -- lamps -----------------------------------------------------------------------------------------------------


def _show(health: Health, source: str, fault: Fault | None) -> None:
    if fault is None:
        health.mended(source)
    else:
        health.fault(source, fault.what, fault.remedy)


def _show_disks(health: Health, free: dict[Path, int]) -> None:
    for folder, left in free.items():
        _show(health, f"disk:{folder}", disk_fault(folder, left))


def ground_chores(
    health: Health,
    folders: Iterable[Path],
    offset: Callable[[], Offset] | None,
    steer: Callable[[float], None],
    logs_trouble: Callable[[], str],
) -> Iterator[Chore]:
    """The chores that keep the lamps true. `offset` asks the database's clock (None: it is this machine's own) and
    `steer` is told by how many seconds to set ours right; `folders` are those this desk writes to; `logs_trouble` says
    why logs cannot be written, '' if they can."""
    kept = tuple(folders)
    yield Chore("disk", EVERY_S, Looking("disk", lambda: free_of(kept), lambda free: _show_disks(health, free)).check)

    async def show_logs() -> None:
        why = logs_trouble()
        _show(health, "logs", Fault(source="logs", what=why, remedy="请检查磁盘空间和权限") if why else None)

    yield Chore("logs", EVERY_S, show_logs)
    if offset is not None:

        def take(seen: Offset) -> None:
            fault = judge_clock(seen)
            _show(health, "clock", fault)
            steer(0.0 if fault is None else seen.seconds)

        yield Chore("clock", EVERY_S, Looking("clock", offset, take).check)
