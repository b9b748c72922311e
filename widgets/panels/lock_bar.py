"""The lock bar 已锁定: who is locked, the password that opens, and the ways for somebody else.

It stands where the command line stood and above everything but the strip, so that all the rest stays readable.
"""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from widgets.layouts import ElidedLabel
from widgets.panels.finder import ENTER
from widgets.panels.password import PasswordLine
from widgets.theme import Theme


class Padlock(QWidget):
    """A closed padlock."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(32), self._theme.px(36))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        px, ink = self._theme.px, self._theme.color("warn")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.width() / 2
        painter.setPen(QPen(ink, px(3)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        arch = QRectF(middle - px(8), px(3), px(16), px(20))
        painter.drawArc(arch, 0, 180 * 16)
        painter.drawLine(QPointF(arch.left(), arch.center().y()), QPointF(arch.left(), px(18)))
        painter.drawLine(QPointF(arch.right(), arch.center().y()), QPointF(arch.right(), px(18)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRoundedRect(QRectF(middle - px(12), px(16), px(24), px(18)), px(3), px(3))
        painter.end()


class LockBar(QFrame):
    """`tried` carries the password; `switched`: somebody else wants the seat; `released`: the chief opens it."""

    tried = Signal(str)
    switched = Signal()
    released = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(self.tr("席位锁定"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.who = ElidedLabel(theme, "spot", "text", self.tr("锁定的人"), room=200)
        self.said = ElidedLabel(theme, "small", "muted", self.tr("锁定说明"), room=200)
        self.password = PasswordLine(self.tr("解锁密码"))
        self.unlock = QPushButton(self.tr("解锁　↵"))
        self.switch = QPushButton(self.tr("换人登录"))
        self.release = QPushButton(self.tr("值班长解除"))
        self._build()
        self.unlock.clicked.connect(self._try)
        self.switch.clicked.connect(self.switched)
        self.release.clicked.connect(self.released)
        self.password.capitals.connect(self._show_capitals)
        self.password.textEdited.connect(self._typed)
        self.hide()

    def _build(self) -> None:
        px = self._theme.px
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(self.who)
        words.addWidget(self.said)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(16), px(8), px(12), px(8))
        row.setSpacing(px(12))
        row.addWidget(Padlock(self._theme))
        row.addLayout(words, 1)
        self.password.setPlaceholderText(self.tr("密码"))
        self.password.setFixedWidth(px(180))
        self.unlock.setProperty("role", "primary")
        row.addWidget(self.password)
        for field in (self.password, self.unlock, self.switch, self.release):
            field.setMinimumHeight(px(40))
        for button in (self.unlock, self.switch, self.release):
            button.setAutoDefault(False)
            row.addWidget(button)

    def show_locked(self, number: str, name: str, *, why: str, password: bool) -> None:
        """Locked: `password` False where the account has none (the demo): Enter alone opens."""
        self._why = why
        whom = f"{number} {name}".strip()
        ask = self.tr("输入密码解锁") if password else self.tr("按回车解锁")
        self.who.show_text(self.tr("已锁定 {whom} · {ask}").format(whom=whom, ask=ask))
        self.password.clear()
        self.password.setVisible(password)
        self.said.show_text(why, "muted")
        self.show()
        self.take_focus()

    def take_focus(self) -> None:
        at: QWidget = self.unlock if self.password.isHidden() else self.password
        at.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_wrong(self, text: str) -> None:
        """Why it stays locked."""
        self.password.clear()
        self.said.show_text(text, "bad")
        self.take_focus()

    @Slot(bool)
    def _show_capitals(self, on: bool) -> None:
        if on:
            self.said.show_text(self.tr("⚠ 大写锁定已打开"), "warn")
        else:
            self.said.show_text(self._why, "muted")

    @Slot()
    def _typed(self) -> None:
        if not self.password.text():
            self.said.show_text(self._why, "muted")

    @Slot()
    def _try(self) -> None:
        if self.password.isHidden() or self.password.text():
            self.tried.emit(self.password.take())
        else:
            self.take_focus()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ENTER:
            focused = self.focusWidget()
            if isinstance(focused, QPushButton) and focused.hasFocus():
                focused.click()
            else:
                self._try()
        else:
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.color("panel2"))
        painter.setPen(QPen(theme.color("warn"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.px(6), theme.px(6))
        painter.end()
