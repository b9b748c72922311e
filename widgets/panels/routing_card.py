"""The routing card: which of the three ways an incident goes, on what legal basis, and because of which words.

A police alone, B police first and notify at the same time, C straight to the agency (潢川县 2021 第八条). It
proposes the stricter way where code and words disagree and shows both; a person decides.
"""

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout
from typing_extensions import override

from console.domain.reference import Reference, Route
from console.domain.routing import Classification
from widgets.panels.parts import FlowLayout, ToggleChip, label
from widgets.text import said, word
from widgets.theme import Theme
from widgets.wording import priority_name, route_meaning, route_name

ROUTES: tuple[Route, ...] = ("A", "B", "C")


class RoutingCard(QFrame):
    """`chosen` carries the route a person pressed; `raise_wanted` the level the words ask for."""

    chosen = Signal(str)
    raise_wanted = Signal(int)

    def __init__(self, theme: Theme, reference: Reference) -> None:
        super().__init__()
        self._theme, self._reference = theme, reference
        self._route = ""
        self._level = 0
        px = theme.px
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(12), px(8), px(10), px(8))
        layout.setSpacing(px(4))
        self.title = label("", "strong", wrap=True)
        self.meaning = label("", "muted", wrap=True)
        self.basis = label("", "muted", wrap=True)
        self.words = label("", "muted", wrap=True)
        self.conflict = label("", "small", wrap=True)
        for piece in (self.title, self.basis, self.meaning, self.words, self.conflict):
            layout.addWidget(piece)
        flow = FlowLayout(px(6))
        self.buttons: dict[str, ToggleChip] = {}
        for route in ROUTES:
            self.buttons[route] = self._button(route)
            flow.addWidget(self.buttons[route])
        self.raise_level = QPushButton()
        self.raise_level.setProperty("role", "chip")
        self.raise_level.clicked.connect(self._raise)
        flow.addWidget(self.raise_level)
        layout.addLayout(flow)
        self.setAccessibleName(self.tr("分流与依据"))

    def _button(self, route: str) -> ToggleChip:
        words = {"A": self.tr("一类 公安"), "B": self.tr("二类 先期+通知"), "C": self.tr("三类 转办")}
        button = ToggleChip(words[route], self.tr("分流为 {name}").format(name=route_name(route)))
        button.setProperty("route", route)
        button.clicked.connect(self._clicked)
        return button

    @property
    def route(self) -> str:
        """The way that is shown: the chosen one, else the proposed one."""
        return self._route

    def show_proposal(self, found: Classification, chosen: str, level: int) -> None:
        """`chosen` is the person's route ('' = none yet), `level` the level in force (0 = not decided)."""
        self._route = chosen or found.route or ""
        self._level = found.priority if level and found.words and found.priority < level else 0
        self.title.setText(route_name(self._route))
        proposed = "" if chosen or not found.route else self.tr("建议，尚未确定 · ")
        self.meaning.setText(proposed + route_meaning(self._route))
        _show(self.basis, word("；").join(map(said, found.articles[:2])))
        _show(self.words, self._words(found))
        _show(self.conflict, self._conflict(found, chosen))
        for route, button in self.buttons.items():
            button.setChecked(route == chosen)
        self.raise_level.setVisible(bool(self._level))
        if self._level:
            text = self.tr("升为{level}").format(level=priority_name(self._level))
            self.raise_level.setText(text)
            self.raise_level.setAccessibleName(text)
        self.update()

    def _words(self, found: Classification) -> str:
        words = word("、").join(f"“{found_word}”" for found_word in dict.fromkeys(match.word for match in found.words))
        return self.tr("命中 {words}").format(words=words) if words else ""

    def _conflict(self, found: Classification, chosen: str) -> str:
        told = [said(conflict) for conflict in found.conflicts]
        if chosen and found.route and chosen != found.route:
            told.append(
                self.tr("已选 {chosen}，建议 {proposed}").format(
                    chosen=route_name(chosen), proposed=route_name(found.route)
                )
            )
        return "⚠ " + word("；").join(told) if told else ""

    @Slot()
    def _clicked(self) -> None:
        button = self.sender()
        if isinstance(button, ToggleChip):
            button.setChecked(False)  # the tick follows the journal, not the finger
            self.chosen.emit(str(button.property("route")))

    @Slot()
    def _raise(self) -> None:
        self.raise_wanted.emit(self._level)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF(self.rect())
        painter.fillRect(box, self._theme.color("panel2"))
        color = {"A": "en_route", "B": "linkage", "C": "busy"}.get(self._route, "line")
        painter.fillRect(QRectF(0, 0, self._theme.px(3), box.height()), self._theme.color(color))
        painter.end()


def _show(piece: QLabel, text: str) -> None:
    piece.setText(text)
    piece.setVisible(bool(text))
