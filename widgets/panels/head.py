"""The head of the incident column: number, level, title, and the two keys that begin and join incidents."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget
from typing_extensions import override

from console.domain.incident import Incident
from console.domain.marks import MARKS
from console.domain.reference import Reference
from widgets.paint import SHAPES
from widgets.panels.fields import code_text
from widgets.panels.parts import Tag, chip, label
from widgets.text import word
from widgets.theme import Theme
from widgets.wording import priority_name

NARROW = 480
"""Below this width (at scale 1) the title has a line of its own."""


class Head(QWidget):
    """`new_wanted` and `merge_wanted` are the buttons' requests."""

    new_wanted = Signal()
    merge_wanted = Signal()

    def __init__(self, theme: Theme, reference: Reference) -> None:
        super().__init__()
        self._theme, self._reference = theme, reference
        self._narrow: bool | None = None
        self.number = label("", "strong")
        self.number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.level, self.stored = Tag(theme), Tag(theme, "busy")
        self.title = label("", "strong", wrap=True)
        self.new = chip(self.tr("F9 新建"))
        self.merge = chip(self.tr("Ctrl+M 合并"))
        self.new.clicked.connect(self.new_wanted)
        self.merge.clicked.connect(self.merge_wanted)
        self._left, self._right = QWidget(), QWidget()
        self._pack(self._left, self.number, self.level, self.stored)
        self._pack(self._right, self.new, self.merge)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(8))
        self._grid.setVerticalSpacing(theme.px(4))
        self._arrange()

    def _pack(self, holder: QWidget, *pieces: QWidget) -> None:
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.px(6))
        for piece in pieces:
            layout.addWidget(piece)

    def _arrange(self) -> None:
        narrow = self.width() < self._theme.px(NARROW)
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self._grid.addWidget(self._left, 0, 0, Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(self._right, 0, 2, Qt.AlignmentFlag.AlignRight)
        self._grid.addWidget(self.title, 1 if narrow else 0, 0 if narrow else 1, 1, 3 if narrow else 1)
        self._grid.setColumnStretch(1, 1)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def show_incident(self, incident: Incident, *, provisional: bool, historic: bool = False) -> None:
        """An existing incident; `provisional` = it stands only on this machine yet, `historic` = only to be read."""
        self.number.setText(incident.number)
        name = f"{SHAPES[incident.priority]} {priority_name(incident.priority)}"
        self.level.show_text(name, f"p{incident.priority}")
        self.stored.show_text(self.tr("本机暂存") if provisional else "")
        kind = code_text(self._reference, incident.kind)
        title = word(incident.title) or kind or self.tr("警情未定")
        leaf = self._reference.codes.get(incident.kind)
        known = leaf is not None and leaf.name == incident.title
        shown = kind if known else title
        if incident.mark:
            shown = f"{word(MARKS[incident.mark])} · {shown}"
        self.title.setText(self.tr("历史警情，只读 · {title}").format(title=shown) if historic else shown)
        self.merge.setVisible(not historic)
        self.merge.setEnabled(incident.open and not historic)

    def show_new(self) -> None:
        """An incident that is not saved yet."""
        self.number.setText(self.tr("新警情"))
        self.level.show_text("")
        self.stored.show_text(self.tr("草稿"))
        self.title.setText("")
        self.merge.show()
        self.merge.setEnabled(False)

    def show_nothing(self) -> None:
        """No incident is selected."""
        self.number.setText("")
        self.level.show_text("")
        self.stored.show_text("")
        self.title.setText("")
        self.merge.show()
        self.merge.setEnabled(False)
