"""Render a widget to a PNG at a given size and device ratio, for screenshots and picture tests."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget


def render(widget: QWidget, size: QSize, ratio: float = 1.0) -> QImage:
    """The widget as it would look at `size` logical pixels; the image has `ratio` device pixels to each."""
    widget.resize(size)
    widget.ensurePolished()
    for _ in range(3):  # layouts settle from the outside in; late show events polish children
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        QCoreApplication.processEvents()
    image = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(widget.palette().window().color())
    painter = QPainter(image)
    widget.render(painter, QPoint(0, 0))
    painter.end()
    return image


def save(widget: QWidget, out: Path, size: QSize, ratio: float = 1.0) -> None:
    """Write the PNG; OSError when the file cannot be written."""
    if not render(widget, size, ratio).save(str(out)):
        raise OSError(f"无法写入截图 {out}")
