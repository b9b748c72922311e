"""Ports and lines 端口与线路: each line with its lamp, protocol, port, and what it does at present.

Rows keep their places (a line is found where it was); what a line counts is read once a second.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)
from typing_extensions import override

from console.domain.site import LINE_LABELS, LineState
from console.services.event_words import protocol_name
from console.services.health import Lamp
from console.services.line_figures import LineFigures
from console.services.line_words import CAUSES
from widgets.controls import KeyButton
from widgets.delegates.frames import Index
from widgets.paint import paint_lamp
from widgets.panels.bench.pane import Pane
from widgets.panels.chip import Chip
from widgets.panels.parts import label
from widgets.text import elapsed_text, word
from widgets.theme import Theme

RATE_S = 30

RowRole = Qt.ItemDataRole.UserRole + 1
LAMPS = {
    LineState.UP: Lamp.GOOD,
    LineState.SILENT: Lamp.WARN,
    LineState.OPENING: Lamp.WARN,
    LineState.LOST: Lamp.BAD,
    LineState.STANDBY: Lamp.OFF,
    LineState.CLOSED: Lamp.OFF,
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("bench", text)


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line in words: two rows on the left, two on the right."""

    name: str
    title: str
    where: str
    now: str
    rate: str
    lamp: Lamp


def line_row(figures: LineFigures, identity: str, per_minute: float | None, now: datetime) -> LineRow:
    """`per_minute` is None until it is known; `identity` is what is plugged in there (FT232R …), '' if unknown."""
    heard = figures.last_heard
    if figures.state is LineState.UP and figures.peers:
        said = _tr("在线 {n}").format(n=figures.peers)
    elif figures.state is LineState.UP:
        ago = "" if heard is None else elapsed_text((now - heard).total_seconds())
        said = _tr("收到 {ago} 前").format(ago=ago) if ago else _tr("已打开")
    else:
        said = f"{word(LINE_LABELS[figures.state])} {elapsed_text((now - figures.since).total_seconds())}"
    wrong = figures.garbage + figures.naks
    rate = _tr("{n} 帧").format(n=figures.frames) if per_minute is None else _tr("{n:.1f} 帧/分").format(n=per_minute)
    rate += _tr(" · 坏帧 {n}").format(n=wrong) if wrong else ""
    lamp = (
        Lamp.WARN if figures.state is LineState.UP and wrong and wrong * 20 > figures.frames else LAMPS[figures.state]
    )
    wrong_is = "" if figures.state is LineState.UP else word(trouble(figures)[0])
    where = " · ".join(part for part in (figures.address.removeprefix("/dev/"), wrong_is or identity) if part)
    return LineRow(figures.line, f"{figures.line} · {word(protocol_name(figures.protocol))}", where, said, rate, lamp)


def trouble(figures: LineFigures) -> tuple[str, str]:
    """What is wrong with a line and what to do, in the user's words; ('', '') for nothing."""
    # The line's own word begins with its name and state; both stand in the row already.
    said = figures.why.split("：", 1)[-1]
    return said, next((remedy for _, what, remedy in CAUSES if what == said), "")


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, view: QListWidget) -> None:
        super().__init__(view)
        self._theme, self._view = theme, view

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self._view.viewport().width(), self._theme.px(56))

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, px = self._theme, self._theme.px
        row: LineRow | None = index.data(RowRole)
        if row is None:
            return
        box: QRect = option.rect
        painter.save()
        if index == self._view.currentIndex():
            painter.fillRect(box, theme.color("selected"))
        lamp = QRect(box.left() + px(10), box.top() + px(14), px(10), px(10))
        paint_lamp(painter, theme, lamp.toRectF(), row.lamp)
        ink = {Lamp.BAD: "bad", Lamp.WARN: "warn"}.get(row.lamp, "muted")
        top = QRect(box.left() + px(30), box.top() + px(6), box.width() - px(40), px(22))
        below = top.translated(0, px(22))
        self._pair(painter, top, row.title, "strong", "text", row.now, ink)
        self._pair(painter, below, row.where, "small", "muted", row.rate, "muted")
        painter.setPen(theme.color("line"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.restore()

    def _pair(self, painter: QPainter, box: QRect, left: str, role: str, ink: str, right: str, right_ink: str) -> None:
        theme = self._theme
        small = theme.metrics("small")
        room = box.width() - small.horizontalAdvance(right) - theme.px(10)
        painter.setFont(theme.font(role))
        painter.setPen(theme.color(ink))
        shown = theme.metrics(role).elidedText(left, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color(right_ink))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right)


class LinesPane(Pane):
    """`chosen` carries a line's name ('' = all of them); `add_wanted` is the button's request.

    `identity` tells what is plugged in at an address.
    """

    chosen = Signal(str)
    add_wanted = Signal()

    def __init__(self, theme: Theme, identity: Callable[[str], str]) -> None:
        super().__init__(theme, "")
        self.title.setText(self.tr("端口与线路"))
        self.setAccessibleName(self.tr("端口与线路"))
        self._theme, self._identity = theme, identity
        self._counted: dict[str, tuple[datetime, int]] = {}
        self._rates: dict[str, float] = {}
        self._chose_all = False
        self.everything = Chip(theme, self.tr("全部"), tick=False)
        self.everything.setCheckable(False)
        self.tools.addWidget(self.everything)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("线路列表"))
        self.list.setItemDelegate(_Delegate(theme, self.list))
        self.empty = label(self.tr("还没有线路。按 Ctrl+N 选一个端口，可自动识别协议。"), "muted", wrap=True)
        self.add = KeyButton(theme, "Ctrl+N", self.tr("添加线路"), height=36)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.empty)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addStretch(1)
        self.body.addLayout(row)
        self.list.currentItemChanged.connect(self._choose)
        self.everything.clicked.connect(self._choose_all)
        self.add.clicked.connect(self.add_wanted)

    @property
    def line(self) -> str:
        """The chosen line, '' for all."""
        item = self.list.currentItem()
        return "" if item is None else str(item.data(RowRole).name)

    def show_lines(self, figures: Mapping[str, LineFigures], now: datetime) -> None:
        """Once a second: what each line does."""
        self.empty.setVisible(not figures)
        names = [self.list.item(at).data(RowRole).name for at in range(self.list.count())]
        for at in reversed(range(len(names))):
            if names[at] not in figures:
                self.list.takeItem(at)
                names.pop(at)
        for name, known in figures.items():
            row = line_row(known, self._identity(known.address), self._rate(known, now), now)
            if name in names:
                item = self.list.item(names.index(name))
                if item.data(RowRole) == row:
                    continue
            else:
                item = QListWidgetItem()
                self.list.addItem(item)
                names.append(name)
            item.setData(RowRole, row)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.title} {row.where} {row.now} {row.rate}")
            item.setToolTip(
                "\n".join(part for part in (f"{row.title} {row.where}", *map(word, trouble(known))) if part)
            )
        if self.list.currentRow() < 0 and not self._chose_all and figures:
            self.list.setCurrentRow(0)

    def _rate(self, figures: LineFigures, now: datetime) -> float | None:
        """Frames a minute, over the last half minute that was counted; None before the first."""
        since, frames = self._counted.setdefault(figures.line, (now, figures.frames))
        seconds = (now - since).total_seconds()
        if seconds >= RATE_S:
            self._rates[figures.line] = (figures.frames - frames) * 60 / seconds
            self._counted[figures.line] = (now, figures.frames)
        return self._rates.get(figures.line)

    def choose(self, line: str) -> None:
        """Mark a line; nothing if it is not there."""
        for at in range(self.list.count()):
            if self.list.item(at).data(RowRole).name == line:
                self.list.setCurrentRow(at)

    @Slot()
    def _choose(self) -> None:
        self.chosen.emit(self.line)

    @Slot()
    def _choose_all(self) -> None:
        self._chose_all = True
        self.list.setCurrentRow(-1)
        self.chosen.emit("")
