"""The history of one field, where it is asked for: a mark beside a corrected field, and the lines it opens.

The lines lie below the field like the finder's list: a plain child of the window that takes no focus and grabs no key.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from console.services.field_history import Written, corrections
from widgets.panels.parts import label
from widgets.text import clock_text
from widgets.theme import Theme

KEY = "Alt+H"
LINES = 12
"""So many writings are shown, the newest first; older ones stand on the timeline."""

Words = Callable[[str], str]
"""How a person (`who`) or a value is written."""


class HistoryMark(QPushButton):
    """改2: the field was corrected twice. `wanted` carries the field. Hidden while nothing was."""

    wanted = Signal(str)

    def __init__(self, field: str) -> None:
        super().__init__()
        self._field = field
        self.setProperty("role", "chip")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._clicked)
        self.hide()

    def show_history(self, rows: Sequence[Written], lines: str) -> None:
        """`lines`: the history in words, for the hover and for a screen reader."""
        times = corrections(rows)
        self.setVisible(times > 0)
        self.setText(self.tr("改{n}").format(n=times))
        self.setToolTip(lines)
        self.setAccessibleName(self.tr("更正 {n} 次，{key} 查看").format(n=times, key=KEY))
        self.setAccessibleDescription(lines)

    @Slot()
    def _clicked(self) -> None:
        self.wanted.emit(self._field)


class HistoryPop(QFrame):
    """The lines of one field. A second key, Esc, a click or leaving the field takes them away."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.field = ""
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.lines = label("", "small", wrap=True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(theme.px(10), theme.px(6), theme.px(10), theme.px(6))
        self._layout.addWidget(self.lines)
        self.hide()

    def show_for(self, field: str, below: QWidget, title: str, lines: str) -> None:
        """Lay the lines below (or above) a widget of this window."""
        self.field = field
        window, px = below.window(), self._theme.px
        self.lines.setText(f"{title}\n{lines}")
        self.setAccessibleName(title)
        self.setAccessibleDescription(lines)
        width = min(max(below.width(), px(340)), window.width() - px(8))
        self.resize(width, self._layout.totalHeightForWidth(width))
        at = below.mapTo(window, QPoint(0, below.height() + px(2)))
        if at.y() + self.height() > window.height():
            at.setY(max(0, at.y() - self.height() - below.height() - px(4)))
        self.move(max(px(4), min(at.x(), window.width() - width - px(4))), at.y())
        self.show()
        self.raise_()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hide()


def history_lines(rows: Sequence[Written], person: Words, value: Words) -> str:
    """Who wrote what and when, the newest first: 14:32:10 031 陈志强：胜利路 → 胜利路 12 号."""
    said = []
    for row in rows[::-1][:LINES]:
        if row.first or not row.old:
            pattern = QCoreApplication.translate("FieldHistory", "{at} {who} 填写“{new}”")
        elif not row.new:
            pattern = QCoreApplication.translate("FieldHistory", "{at} {who} 删去“{old}”")
        else:
            pattern = QCoreApplication.translate("FieldHistory", "{at} {who} “{old}” → “{new}”")
        old, new = (value(text) if text else "" for text in (row.old, row.new))
        line = pattern.format(at=clock_text(row.at), who=person(row.actor), old=old, new=new)
        said.append(f"{line}（{row.reason}）" if row.reason else line)
    return "\n".join(said)
