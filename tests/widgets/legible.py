"""Looking at a window as a person does: what is outside it, cut, on top of something else, or painted too small.

Widgets are measured by their geometry. What a widget paints itself (delegates, bars, the strip) is heard while it
paints: every text with its rectangle and its font. A text that ends in … was shortened on purpose and stands whole
in a tool tip.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QRegion
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSplitter,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QTabBar,
    QWidget,
)

from widgets.map.canvas import MapCanvas
from widgets.panels.toast import Toast

HANZI = re.compile(r"[\u3400-\u9fff]")
OVERLAYS = ("Cover", "Shade", "CompletionList", "CallerPop", "RingingStrip", "Toast")
"""What lies over the rest of a window on purpose."""

WRAPS = Qt.TextFlag.TextWordWrap.value | Qt.TextFlag.TextWrapAnywhere.value
LARGE = 1400
"""Pixels from which on a window is a large one."""

SPARE = 1.5
"""Pixels that rounding may take from a text."""


@dataclass(frozen=True, slots=True)
class Painted:
    """A text somebody painted: where, and how much room it needed. Positions are the painter's own."""

    text: str
    rect: QRectF
    needed: QSize
    beyond: bool = False

    def __str__(self) -> str:
        needed, rect = self.needed, self.rect
        return f"“{self.text}” {needed.width()}×{needed.height()} in {rect.width():.0f}×{rect.height():.0f}"

    @property
    def cut(self) -> bool:
        """Whether the rectangle is too small for it."""
        wide = self.needed.width() > self.rect.width() + SPARE
        return wide or self.beyond or self.needed.height() > self.rect.height() + 2 * SPARE


@contextmanager
def listening() -> Iterator[list[Painted]]:
    """Every text painted into a rectangle while it lasts."""
    heard: list[Painted] = []
    plain = QPainter.drawText

    def draw(painter: QPainter, *args: object) -> object:
        if args and isinstance(args[0], QRect | QRectF):
            heard.extend(_measured(painter, args))
        elif args and isinstance(args[-1], str):
            width = QFontMetricsF(painter.font()).horizontalAdvance(args[-1])
            heard.append(Painted(args[-1], QRectF(0, 0, width, width), QSize(round(width), 0)))
        return plain(painter, *args)  # type: ignore[call-overload]

    QPainter.drawText = draw  # type: ignore[method-assign, assignment]
    try:
        yield heard
    finally:
        QPainter.drawText = plain  # type: ignore[method-assign]


def _measured(painter: QPainter, args: tuple[object, ...]) -> Iterator[Painted]:
    rect = QRectF(args[0])  # type: ignore[call-overload]
    text = next((arg for arg in args if isinstance(arg, str)), "")
    flags = args[1] if len(args) > 2 and isinstance(args[1], int | Qt.AlignmentFlag | Qt.TextFlag) else 0
    number = flags if isinstance(flags, int) else flags.value
    metrics = QFontMetricsF(painter.font())
    if not text or number & Qt.TextFlag.TextDontClip.value:
        return
    stands = metrics.boundingRect(rect, number, text)
    if number & WRAPS:
        needed = QSize(round(stands.width()), round(stands.height()))
    else:
        widest = max(map(metrics.horizontalAdvance, text.split("\n")))
        needed = QSize(round(widest), round(metrics.ascent() * (1 + text.count("\n"))))
    yield Painted(text, rect, needed, _beyond(painter, stands, metrics))


def _beyond(painter: QPainter, stands: QRectF, metrics: QFontMetricsF) -> bool:
    """Whether the letters leave the widget they are painted on; what scrolls, and the map, may."""
    device = painter.device()
    if not isinstance(device, QWidget) or not painter.transform().isIdentity() or over_the_map(device):
        return False
    if isinstance(device.parentWidget(), QAbstractScrollArea):
        return False
    slack = metrics.height() - metrics.capHeight()
    return stands.bottom() - slack / 2 > device.height() + SPARE or stands.top() + slack / 2 < -SPARE


def painted(window: QWidget) -> list[Painted]:
    """What the window and everything in it paints now; in a large one the map is left out, which takes half the time
    and places its names itself."""
    image = QImage(window.size(), QImage.Format.Format_ARGB32_Premultiplied)
    region = QRegion(window.rect())
    for canvas in window.findChildren(MapCanvas) if window.width() > LARGE else ():
        region -= QRegion(QRect(canvas.mapTo(window, canvas.rect().topLeft()), canvas.size()))
    with listening() as heard:
        painter = QPainter(image)
        window.render(painter, window.rect().topLeft(), region)
        painter.end()
    return heard


def settle(window: QWidget) -> None:
    """Let nested layouts come to rest: one level of them settles with each round."""
    before: list[QRect] = []
    for _ in range(12):
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents()
        now = [widget.geometry() for widget in window.findChildren(QWidget)]
        if now == before:
            return
        before = now


# -- where things stand --------------------------------------------------------------------------------------


def inside(widget: QWidget, kind: type[QWidget]) -> bool:
    return any(isinstance(parent, kind) for parent in up(widget))


def up(widget: QWidget) -> list[QWidget]:
    parents = []
    parent = widget.parentWidget()
    while parent is not None:
        parents.append(parent)
        parent = parent.parentWidget()
    return parents


def visible_part(widget: QWidget, window: QWidget) -> QRect:
    """The widget's rectangle in the window, cut by the scroll areas it stands in."""
    rect = QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        area = parent.parentWidget()
        if isinstance(area, QScrollArea):
            rect &= QRect(parent.mapTo(window, parent.rect().topLeft()), parent.size())
            rect &= QRect(area.mapTo(window, area.rect().topLeft()), area.size())
        parent = parent.parentWidget()
    return rect


def leaves(window: QWidget) -> list[QWidget]:
    """Everything that shows text or takes a press."""
    found: list[QWidget] = []
    for widget in window.findChildren(QWidget):
        plain = isinstance(widget, QLabel | QAbstractButton | QLineEdit | QComboBox | QAbstractScrollArea)
        named = bool(widget.accessibleName()) and not widget.findChildren(QWidget)
        skipped = isinstance(widget, Toast | QSplitter | QScrollArea) or inside(widget, QComboBox)
        skipped = skipped or inside(widget, QLineEdit) or over_the_map(widget)
        # A child may call itself visible below parents that are not.
        seen = widget.isVisible() and all(parent.isVisible() for parent in up(widget))
        if seen and (plain or named) and not skipped and not widget.visibleRegion().isEmpty():
            in_a_view = [p for p in up(widget) if isinstance(p, QAbstractScrollArea) and not isinstance(p, QScrollArea)]
            if not in_a_view:
                found.append(widget)
    return found


def layer(widget: QWidget) -> QWidget | None:
    """What lies over the rest of the window on purpose, and the widget in it; None for the window's own ground."""
    return next((w for w in (widget, *up(widget)) if type(w).__name__ in OVERLAYS), None)


def over_the_map(widget: QWidget) -> bool:
    return any(type(parent).__name__ in ("MapCanvas", "MapButtons") for parent in (widget, *up(widget)))


def name_of(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    return f"{type(widget).__name__}({widget.accessibleName() or text})"


# -- what is wrong -------------------------------------------------------------------------------------------


def troubles(window: QWidget) -> list[str]:
    """What is outside the window, cut, or on top of something else."""
    found: list[str] = []
    seen = [(widget, visible_part(widget, window)) for widget in leaves(window)]
    for widget, rect in seen:
        if not window.rect().contains(rect):
            found.append(f"{name_of(widget)} outside: {rect}")
        found += cut(widget)
    for at, (one, first) in enumerate(seen):
        for other, second in seen[at + 1 :]:
            common = first & second
            if common.width() <= 1 or common.height() <= 1:
                continue
            if not (one.isAncestorOf(other) or other.isAncestorOf(one)) and layer(one) is layer(other):
                found.append(f"{name_of(one)} overlaps {name_of(other)}: {first} {second}")
    return found


def cut(widget: QWidget) -> list[str]:
    """A label, button, field or list head that is too small for its words."""
    needed, room = 0.0, 0.0
    if isinstance(widget, QLabel):
        return _cut_label(widget)
    if isinstance(widget, QAbstractButton):
        fixed = widget.sizePolicy().horizontalPolicy().name == "Fixed"
        needed = (
            widget.sizeHint().width() if fixed else min(widget.minimumSizeHint().width(), widget.sizeHint().width())
        )
        room = widget.width()
    elif isinstance(widget, QLineEdit) and not widget.text() and widget.placeholderText() not in widget.toolTip():
        option = QStyleOptionFrame()
        widget.initStyleOption(option)
        box = widget.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, widget)
        needed, room = widget.fontMetrics().horizontalAdvance(widget.placeholderText()), box.width() - 4
    elif isinstance(widget, QComboBox):
        choice = QStyleOptionComboBox()
        widget.initStyleOption(choice)
        field = QStyle.SubControl.SC_ComboBoxEditField
        box = widget.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, choice, field, widget)
        needed, room = widget.fontMetrics().horizontalAdvance(widget.currentText()), box.width()
    elif isinstance(widget, QTabBar):
        needed, room = widget.sizeHint().width(), widget.width()
    elif isinstance(widget, QHeaderView):
        return _cut_head(widget)
    return [f"{name_of(widget)} cut: {room} < {needed}"] if room + SPARE < needed else []


def _cut_label(label: QLabel) -> list[str]:
    if not label.text():
        return []
    if label.wordWrap():
        needed, room = label.heightForWidth(label.width()), label.height()
    else:
        needed, room = label.minimumSizeHint().width(), label.width()
    return [f"{name_of(label)} “{label.text()}” cut: {room} < {needed}"] if room + SPARE < needed else []


def _cut_head(head: QHeaderView) -> list[str]:
    model = head.model()
    return [
        f"{name_of(head)} column {column}: {head.sectionSize(column)}"
        for column in range(head.count())
        if not head.isSectionHidden(column)
        and head.fontMetrics().horizontalAdvance(str(model.headerData(column, head.orientation()) or ""))
        > head.sectionSize(column)
    ]


def clipped(window: QWidget) -> list[str]:
    """Texts that are painted into less room than they need."""
    return sorted({str(text) for text in painted(window) if text.cut})


def chinese(window: QWidget, texts: list[Painted], translated: Callable[[str], str]) -> list[str]:
    """Texts of an English window that the catalogue knows better; names of the demo (例), quoted words and messages
    sent out (【…】) stand as they are, and so do questions that are read out to the caller."""
    shown = {text.text for text in texts if len(text.text) > 1}  # names of streets stand letter by letter
    for widget in window.findChildren(QWidget):
        if isinstance(widget, QLabel | QAbstractButton):
            shown.add(widget.text())
        if isinstance(widget, QLineEdit):
            shown.add(widget.placeholderText())
        if isinstance(widget, QComboBox):
            shown.update(widget.itemText(place) for place in range(widget.count()))
        spoken = type(widget.parentWidget()).__name__ == "QuestionAsking"
        shown.update(("" if spoken else widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()))
    shown = {text for text in shown if not any(mark in text for mark in ("（例）", "“", "【"))}
    return sorted(text for text in shown if len(HANZI.findall(translated(text))) < len(HANZI.findall(text)))
