"""The key card 键位卡: every command of the table with its keys and its grammar, in a dialog that blocks nothing."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from console.commands import Command
from console.commands.card import BAR_KEYS, groups, key_cap
from widgets.panels.key_caps import cap_width, paint_cap
from widgets.text import grammar_text, word
from widgets.theme import Theme

FIRST = ("一键报警", "窗口", "命令行")
"""Groups that come before the others."""

COLUMNS = 3
"""So many columns stand side by side where there is room."""

LEAST, USUAL = 400, 460
"""How narrow a column may be, and how wide it is where there is room, in pixels at scale 1."""

Row = tuple[tuple[str, ...], str, str]
"""Keys, title, grammar."""


class Caps(QWidget):
    """The keys of one command, side by side."""

    def __init__(self, theme: Theme, keys: tuple[str, ...]) -> None:
        super().__init__()
        self._theme, self._keys = theme, keys
        self.setAccessibleName(" ".join(keys))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        px = self._theme.px
        return QSize(sum(cap_width(self._theme, key) + px(4) for key in self._keys), px(24))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        theme, left = self._theme, 0
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for key in self._keys:
            cap = QRectF(left, (self.height() - theme.px(20)) / 2, cap_width(theme, key), theme.px(20))
            paint_cap(painter, theme, cap, key)
            left += cap_width(theme, key) + theme.px(4)
        painter.end()


class KeyCard(QDialog):
    """Show it with `open()`; Esc closes it. One card serves a window for its life.

    The keys of its window work while it is open, wherever the focus is: an alarm must not wait for a card.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle(self.tr("键位卡"))
        self.setAccessibleName(self.tr("键位卡"))
        px = theme.px
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        close = QPushButton(self.tr("关闭（Esc）"))
        close.clicked.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(*(px(16),) * 4)
        outer.addWidget(self._area)
        outer.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self._fill(self._room())

    def _room(self) -> QSize:
        """Never larger than the screen it opens on, nor than the window it belongs to."""
        window = self.parentWidget()
        screen = (window or self).screen().availableSize() - QSize(self._theme.px(32), self._theme.px(48))
        return screen.boundedTo(window.size()) if window is not None else screen

    def _fill(self, room: QSize) -> None:
        """As many columns as fit side by side; what is too long for its column goes on in the next line."""
        px = self._theme.px
        around = QSize(px(56), px(88))
        count = max(1, min(COLUMNS, (room.width() - around.width()) // px(LEAST)))
        sheet = QWidget()
        columns = QHBoxLayout(sheet)
        columns.setSpacing(px(24))
        for column in self._columns(count):
            columns.addLayout(column, 1)
        self._area.setWidget(sheet)
        width = min(count * px(USUAL), room.width() - around.width())
        self.resize((QSize(width, columns.heightForWidth(width)) + around).boundedTo(room))

    @override
    def open(self) -> None:
        window = self.parentWidget()
        if window is not None:
            self.addActions(window.actions())
        self.show()
        self.activateWindow()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 -- Qt's name
        self._fill(self._room())
        super().showEvent(event)

    def _columns(self, count: int) -> list[QGridLayout]:
        """One grid a column, so that the keys and titles of all its groups stand in line; all about equally long."""
        bar: list[Row] = [((key,), word(what), "") for key, what in BAR_KEYS]
        known = {group: [_row(command) for command in commands] for group, commands in groups()} | {"命令行": bar}
        order = [*FIRST, *(group for group in known if group not in FIRST)]
        whole = sum(len(known[group]) + 2 for group in order)
        columns: list[dict[str, list[Row]]] = [{} for _ in range(count)]
        above = 0
        for group in order:
            # A group stands in the column that its middle falls into.
            middle = above + (len(known[group]) + 2) / 2
            columns[min(count - 1, int(middle * count / whole))][group] = known[group]
            above += len(known[group]) + 2
        return [self._column(column) for column in columns]

    def _column(self, contents: dict[str, list[Row]]) -> QGridLayout:
        grid, px, line = QGridLayout(), self._theme.px, 0
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(2))
        grid.setColumnStretch(1, 2)
        grid.setColumnStretch(2, 3)
        for group, rows in contents.items():
            if line:
                grid.setRowMinimumHeight(line, px(12))
                line += 1
            grid.addWidget(_label(word(group), "strong"), line, 0, 1, 3)
            for keys, title, grammar in rows:
                line += 1
                grid.addWidget(Caps(self._theme, keys), line, 0)
                grid.addWidget(_label(title, "small"), line, 1)
                grid.addWidget(_label(grammar, "muted"), line, 2)
            line += 1
        grid.setRowStretch(line, 1)
        return grid


def _row(command: Command) -> Row:
    shown = grammar_text(command)
    # Other verbs are told in the language they are typed in.
    also = f"（{'、'.join(command.verbs[1:])}）" if len(command.verbs) > 1 and shown == command.grammar else ""
    return tuple(key_cap(key) for key in command.keys), word(command.title), shown + also


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
    return label
