"""Adding a line 添加线路: pick a port, let the bench listen what speaks there, or say it yourself; name it; done.

Listening answers nothing: what a receiver says meanwhile it says again to the line that is made of the port.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QListWidget, QVBoxLayout
from typing_extensions import override

from widgets.controls import KeyButton
from widgets.panels.parts import label
from widgets.text import word
from widgets.theme import Theme


class AddLineSheet(QFrame):
    """`detect_wanted` carries a port, `stopped` ends the listening, `added` carries a line as it is written
    (NAME=PROTOCOL:PORT,…), `left`: Esc."""

    detect_wanted = Signal(str)
    stopped = Signal()
    added = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme, protocols: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._theme = theme
        self._proposals: list[tuple[str, str]] = []
        self.setProperty("role", "panel")
        self.setAccessibleName(self.tr("添加线路"))
        self.port, self.protocol = QComboBox(), QComboBox()
        self.name, self.options = QLineEdit(), QLineEdit()
        self.found = QListWidget()
        self.told = label("", "muted", wrap=True)
        self.detect = KeyButton(theme, "Ctrl+D", self.tr("自动识别"), height=40)
        self.add = KeyButton(theme, "Ctrl+Enter", self.tr("添加"), fill="selected", height=40)
        self.back = KeyButton(theme, "Esc", self.tr("返回"), height=40)
        for name, called in protocols:
            self.protocol.addItem(word(called), name)
        self._listening = False
        self._build()
        self._connect()

    def _build(self) -> None:
        px = self._theme.px
        self.port.setEditable(True)
        self.port.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.options.setPlaceholderText(self.tr("选项，如 supervise_s=90（可不填）"))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(16), px(20), px(16))
        column.setSpacing(px(10))
        column.addWidget(label(self.tr("添加线路"), "title"))
        column.addWidget(
            label(self.tr("选端口后按 Ctrl+D 自动识别：只听不答，接收机会重发，不会丢警"), "muted", wrap=True)
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(10))
        grid.setVerticalSpacing(px(8))
        for row, (text, field) in enumerate(
            (
                (self.tr("端口"), self.port),
                (self.tr("协议"), self.protocol),
                (self.tr("线路名"), self.name),
                (self.tr("选项"), self.options),
            )
        ):
            field.setAccessibleName(text)
            grid.addWidget(label(text, "muted"), row, 0)
            grid.addWidget(field, row, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        self.found.setAccessibleName(self.tr("识别结果"))
        self.found.setWordWrap(True)
        self.found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(self.found, 1)
        column.addWidget(self.told)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        for button in (self.detect, self.add):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.detect.clicked.connect(self._detect)
        self.add.clicked.connect(self._add)
        self.back.clicked.connect(self._leave)
        self.found.currentRowChanged.connect(self._take_proposal)
        for field in (self.port.lineEdit(), self.name, self.options):
            if field is not None:
                field.installEventFilter(self)

    def open_for(self, ports: Sequence[tuple[str, str]], name: str) -> None:
        """Offer the ports (address, what is plugged in) and a free name."""
        self.port.clear()
        for address, called in ports:
            self.port.addItem(" · ".join(part for part in (address, called) if part), address)
        self.name.setText(name)
        self.options.clear()
        self.found.clear()
        self._proposals = []
        self.tell(self.tr("没有发现串口：可直接输入端口，如 tcp-listen://127.0.0.1:8808") if not ports else "")
        self.port.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def chosen_port(self) -> str:
        """The port as an address, typed or picked."""
        at = self.port.findText(self.port.currentText())
        return str(self.port.itemData(at)) if at >= 0 else self.port.currentText().strip()

    def tell(self, text: str, *, wrong: bool = False) -> None:
        """How the listening goes, or what is wrong."""
        self.told.setText(text)
        self.told.setProperty("role", "wrong" if wrong else "muted")
        self.told.style().polish(self.told)

    def show_listening(self, listening: bool) -> None:
        self._listening = listening
        self.detect.show_text(self.tr("停止识别") if listening else self.tr("自动识别"))

    def show_proposals(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """(protocol, port with its framing, evidence in words), the best first; it is taken at once."""
        self.show_listening(False)
        self._proposals = [(protocol, port) for protocol, port, _ in rows]
        self.found.clear()
        for _, _, evidence in rows:
            self.found.addItem(evidence)
        if rows:
            self.tell(self.tr("已识别，请核对后按 Ctrl+Enter 添加"))
            self.found.setCurrentRow(0)
        else:
            said = self.tr("没有听到能识别的数据：检查接线；轮询式按钮箱和短信模块不会先开口，请手选协议")
            self.tell(said, wrong=True)

    @Slot(int)
    def _take_proposal(self, row: int) -> None:
        if 0 <= row < len(self._proposals):
            protocol, port = self._proposals[row]
            self.protocol.setCurrentIndex(self.protocol.findData(protocol))
            self.port.setCurrentText(port)

    @Slot()
    def _detect(self) -> None:
        if self._listening:
            self.stopped.emit()
        elif self.chosen_port:
            self.detect_wanted.emit(self.chosen_port)
        else:
            self.tell(self.tr("先选或输入一个端口"), wrong=True)

    @Slot()
    def _add(self) -> None:
        name, port = self.name.text().strip(), self.chosen_port
        if not name or not port:
            self.tell(self.tr("端口和线路名都要填"), wrong=True)
            return
        options = self.options.text().strip().strip(",")
        written = f"{name}={self.protocol.currentData()}:{port}"
        self.added.emit(f"{written},{options}" if options else written)

    @Slot()
    def _leave(self) -> None:
        self.stopped.emit()
        self.left.emit()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A text field takes Ctrl+D for deleting on X11; here it is the key of the sheet wherever the keys are."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_D
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self._detect()
            return True
        return super().eventFilter(watched, event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._add()
        elif control and event.key() == Qt.Key.Key_D:
            self._detect()
        else:
            super().keyPressEvent(event)
