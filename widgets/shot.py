"""Render a widget to a PNG at a given size and device ratio, for screenshots and picture tests."""

import asyncio
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget


def render(widget: QWidget, size: QSize, ratio: float = 1.0) -> QImage:
    """The widget as it would look at `size` logical pixels; the image has `ratio` device pixels to each."""
    if not widget.isVisible():  # hidden widgets get no resize events, so their layouts never settle
        widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        widget.show()
    widget.resize(size)
    for _ in range(5):  # one level of nested layouts settles with each round
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents()
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(widget.palette().window().color())
    painter = QPainter(image)
    widget.render(painter, QPoint(0, 0))
    painter.end()
    return image


async def render_soon(widget: QWidget, size: QSize, ratio: float = 1.0) -> QImage:
    """Like `render`, for coroutines: events must not be processed inside a task (craft.md P8)."""
    drawn: asyncio.Future[QImage] = asyncio.get_running_loop().create_future()
    QTimer.singleShot(0, lambda: drawn.set_result(render(widget, size, ratio)))
    return await drawn


def save(widget: QWidget, out: Path, size: QSize, ratio: float = 1.0) -> None:
    """Write the PNG; OSError when the file cannot be written."""
    _write(render(widget, size, ratio), out)


async def save_soon(widget: QWidget, out: Path, size: QSize, ratio: float = 1.0) -> None:
    """Like `save`, for coroutines."""
    _write(await render_soon(widget, size, ratio), out)


def _write(image: QImage, out: Path) -> None:
    if not image.save(str(out)):
        raise OSError(f"无法写入截图 {out}")
