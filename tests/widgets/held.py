"""A key on which a hand rests: what the keyboard sends again and again after the first press."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

NONE = Qt.KeyboardModifier.NoModifier


def repeat(widget: QWidget | None, key: Qt.Key, more: Qt.KeyboardModifier = NONE) -> None:
    """One repeat of the held key, where the keys are."""
    assert widget is not None
    text = "\r" if key == Qt.Key.Key_Return else ""
    QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, key, more, text, True))
