"""A card of the incident column: one matter of the incident, with a line that names it and a body below it.

The column tells every card what is shown; the card says itself whether it has anything to say. One that is empty
or done is a single line, so that in a low window the next thing to do is in sight.
"""

from datetime import datetime
from enum import Enum

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.incident import Incident
from console.services.picture import Changes
from widgets.panels.drafts import Draft
from widgets.theme import Theme

HEAD = 24
"""Height of a card's line, in pixels at scale 1."""


class Show(Enum):
    """How much of a card is seen."""

    HIDDEN = "hidden"
    LINE = "line"
    OPEN = "open"


class _Head(QAbstractButton):
    """▾ title · summary: shuts and opens the body."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._theme, self.title, self.summary, self.is_open = theme, title, "", True
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.tell("", is_open=True)

    def tell(self, summary: str, *, is_open: bool) -> None:
        """Another summary, another state."""
        self.summary, self.is_open = summary, is_open
        self.setAccessibleName(f"{self.title} {summary}".strip())
        self.setAccessibleDescription(self.tr("已展开") if is_open else self.tr("已收起，回车展开"))
        self.setToolTip(summary)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(80), self._theme.px(HEAD))

    @override
    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, px = QPainter(self), self._theme.px
        middle, left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, px(16)
        painter.setPen(self._theme.color("muted"))
        painter.setFont(self._theme.font("small"))
        painter.drawText(self.rect(), middle, "▾" if self.is_open else "▸")
        metrics = self._theme.metrics("small")
        painter.setPen(self._theme.color("text"))
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), middle, self.title)
        left += metrics.horizontalAdvance(self.title) + px(10)
        painter.setPen(self._theme.color("muted"))
        room = max(0, self.width() - left)
        said = metrics.elidedText(self.summary, Qt.TextElideMode.ElideRight, room)
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), middle, said)
        if self.hasFocus():
            painter.setPen(self._theme.color("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class Card(QWidget):
    """`resized`: it takes more or less room now. `sought`: it asks to be scrolled into sight."""

    resized = Signal()
    sought = Signal()

    def __init__(self, theme: Theme, title: str, *, head: bool = True) -> None:
        super().__init__()
        self._theme, self.title = theme, title
        self._wanted, self._by_person = Show.HIDDEN, Show.HIDDEN
        self._about = ""
        self._squeezed = False
        self._head = _Head(theme, title) if head else None
        self.setAccessibleName(title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.px(2))
        if self._head is not None:
            self._head.clicked.connect(self._toggled)
            outer.addWidget(self._head)
        self.body = QWidget()
        outer.addWidget(self.body)
        self.content = QVBoxLayout(self.body)
        self.content.setContentsMargins(0, 0, 0, 0)
        self.content.setSpacing(theme.px(6))
        self.hide()

    # -- told by the column --------------------------------------------------------------------------------------

    def show_incident(self, incident: Incident | None, *, workable: bool) -> None:
        """The incident that is shown, as it stands now; None while there is none or a new one is written."""
        raise NotImplementedError

    def show_draft(self, draft: Draft) -> None:
        """A new incident is being written."""

    def changes(self, changes: Changes) -> None:
        """The picture moved on, whichever incident it was."""

    def beat(self, now: datetime) -> None:
        """A second has passed."""

    def about(self, what: str) -> None:
        """What is shown now: a number, a draft's id, or ''. What a person opened by hand ends with it."""
        if what != self._about:
            self._about, self._by_person = what, Show.HIDDEN
            self._settle()

    @property
    def heart(self) -> QWidget:
        """What of the card must be in sight when it is sought, if not all of it fits."""
        return self

    # -- said by the card ----------------------------------------------------------------------------------------

    def say(self, show: Show, summary: str = "") -> None:
        """How much of it is to be seen, and its one line."""
        self._wanted = show
        if self._head is not None:
            self._head.tell(summary, is_open=self._head.is_open)
        self._settle()

    @property
    def shown(self) -> Show:
        """How much of it is seen: as it said itself, unless a person opened or shut it."""
        if self._wanted is Show.HIDDEN or self._head is None:
            return self._wanted
        if self._by_person is not Show.HIDDEN:
            return self._by_person
        return Show.LINE if self._squeezed else self._wanted

    def squeeze(self, squeezed: bool) -> None:
        """Whether the room is needed by others: it is one line then, unless a person opens it."""
        if squeezed != self._squeezed:
            self._squeezed = squeezed
            self._settle()

    @property
    def summary(self) -> str:
        """Its one line."""
        return self._head.summary if self._head is not None else ""

    def open(self) -> None:
        """Opened by a key or a command, and scrolled into sight."""
        if self._wanted is not Show.HIDDEN:
            self._by_person = Show.OPEN
            self._settle()
            self.sought.emit()

    @Slot()
    def _toggled(self) -> None:
        self._by_person = Show.LINE if self.shown is Show.OPEN else Show.OPEN
        self._settle()
        if self._by_person is Show.OPEN:
            self.sought.emit()

    def _settle(self) -> None:
        shown = self.shown
        at = self.window().focusWidget()
        typed_in = at is not None and self.body.isAncestorOf(at)
        is_open = shown is Show.OPEN or (shown is Show.LINE and typed_in and self._by_person is not Show.LINE)
        visible = shown is not Show.HIDDEN
        moved = visible == self.isHidden() or is_open == self.body.isHidden()
        self.body.setVisible(is_open)
        self.setVisible(visible)
        if self._head is not None:
            self._head.tell(self._head.summary, is_open=is_open)
        if moved:
            self.resized.emit()
