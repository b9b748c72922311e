"""One asyncio loop on Qt's own, run by asyncio's Runner, which works from Python 3.11 on."""

import asyncio

import qasync
from PySide6.QtWidgets import QApplication


def make_runner(app: QApplication) -> asyncio.Runner:
    """A runner whose coroutines and Qt's events take turns on the GUI thread."""
    return asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app))
