"""A pane of the bench: a frame with its title, small switches on the right of it, and a body."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from widgets.panels.parts import label
from widgets.theme import Theme


class Pane(QFrame):
    """`body` takes what the pane shows, `tools` the switches beside the title."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        px = theme.px
        self.setProperty("role", "panel")
        self.setAccessibleName(title)
        self.title = label(title, "strong")
        head = QWidget()
        self.tools = QHBoxLayout(head)
        self.tools.setContentsMargins(px(12), px(6), px(8), px(6))
        self.tools.setSpacing(px(6))
        self.tools.addWidget(self.title)
        self.tools.addStretch(1)
        rule = QFrame()
        rule.setFixedHeight(1)
        rule.setStyleSheet(f"background: {theme.tokens.line};")
        theme.changed.connect(lambda t: rule.setStyleSheet(f"background: {t.tokens.line};"))
        self.body = QVBoxLayout()
        self.body.setContentsMargins(px(8), px(6), px(8), px(8))
        self.body.setSpacing(px(6))
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(rule)
        column.addLayout(self.body, 1)
