"""python -m console.bench.seat FOLDER URL LINE: the call-taker's window as `console run` opens it, for a clock outside.

Prints one JSON line when the window is shown, painted and the loop is free; lives until SIGTERM.
"""

import asyncio
import json
import sys
import time
from functools import partial
from multiprocessing import freeze_support
from pathlib import Path

from PySide6.QtWidgets import QApplication

from console.__main__ import SWITCH_S
from console.app import show
from console.seat import Desktop, open_desktop
from console.settings import Settings
from console.station import build_station


async def tell(desktop: Desktop) -> None:
    """Say that the window is there. The repaint is asked for, so that nothing is left to be painted later."""
    for window in QApplication.topLevelWidgets():
        if window.isVisible():
            window.repaint()
    await asyncio.sleep(0)
    print(json.dumps({"ready_at": time.monotonic(), "windows": len(desktop.app.topLevelWidgets())}), flush=True)


def run(folder: Path, url: str, line: str) -> int:
    """The program, with `tell` beside its window."""
    settings = Settings(data_folder=folder)
    desktop = open_desktop(settings.theme, settings.lang)
    station = build_station(settings, url, [line])
    return show(desktop, station, background=[partial(tell, desktop)])


if __name__ == "__main__":
    freeze_support()
    sys.setswitchinterval(SWITCH_S)
    sys.exit(run(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
