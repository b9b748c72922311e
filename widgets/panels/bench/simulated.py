"""The simulated panel 模拟面板: any protocol's far end, with good frames and bad ones, on a wire of the bench's own.

What it sends over the bench's own wire is read and answered here and goes nowhere else: it cannot reach the live queue.
Over a real port it is a real signal, and goes where that port's line goes.
"""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit

from widgets.controls import KeyButton
from widgets.panels.bench.pane import Pane
from widgets.panels.parts import label
from widgets.text import word
from widgets.theme import Theme

OWN = ""
"""The bench's own wire, as a port."""

EVENTS = (
    ("120", "紧急报警"),
    ("121", "胁迫"),
    ("122", "静默劫持"),
    ("110", "火警"),
    ("130", "盗窃"),
    ("137", "防拆"),
    ("301", "停电"),
    ("302", "欠压"),
    ("602", "定期测试"),
)
"""Events a technician sends most; any Contact ID code can be typed."""


class SimulatedPane(Pane):
    """`replay_wanted` carries a protocol; `sent` carries (protocol, port, account, zone, event, what), where what is
    press, restore, cut or spoilt."""

    replay_wanted = Signal(str)
    sent = Signal(str, str, str, str, str, str)

    def __init__(self, theme: Theme, protocols: Sequence[tuple[str, str]]) -> None:
        """`protocols` are (name, what technicians call it)."""
        super().__init__(theme, "")
        self._theme = theme
        self.title.setText(self.tr("模拟面板"))
        self.setAccessibleName(self.title.text())
        self.protocol, self.code, self.port = QComboBox(), QComboBox(), QComboBox()
        self.account, self.zone = QLineEdit("1234"), QLineEdit("003")
        self.press = KeyButton(theme, "F2", self.tr("按下"), fill="danger", height=44)
        self.restore = KeyButton(theme, "F3", self.tr("恢复"), height=44)
        self.cut = KeyButton(theme, "", self.tr("断线"), height=44)
        self.spoilt = KeyButton(theme, "", self.tr("坏帧"), height=44)
        self.replay = KeyButton(theme, "Ctrl+R", self.tr("回放捕获…"), height=44)
        self.said = label(self.tr("仅测试台：不会进入接警台"), "muted", wrap=True)
        for name, called in protocols:
            self.protocol.addItem(word(called), name)
        self._build()
        self._connect()

    def _build(self) -> None:
        px = self._theme.px
        self.code.setEditable(True)
        for code, called in EVENTS:
            self.code.addItem(f"{code} {word(called)}", code)
        self.show_ports(())
        for field, name in (
            (self.protocol, self.tr("协议")),
            (self.code, self.tr("事件")),
            (self.port, self.tr("接到")),
            (self.account, self.tr("账号")),
            (self.zone, self.tr("防区")),
        ):
            field.setAccessibleName(name)
        self.zone.setMaximumWidth(px(70))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(8))
        grid.setVerticalSpacing(px(6))
        grid.addWidget(label(self.tr("协议"), "muted"), 0, 0)
        grid.addWidget(self.protocol, 0, 1, 1, 3)
        grid.addWidget(label(self.tr("账号"), "muted"), 1, 0)
        grid.addWidget(self.account, 1, 1)
        grid.addWidget(label(self.tr("防区"), "muted"), 1, 2)
        grid.addWidget(self.zone, 1, 3)
        grid.addWidget(label(self.tr("事件"), "muted"), 2, 0)
        grid.addWidget(self.code, 2, 1, 1, 3)
        grid.addWidget(label(self.tr("接到"), "muted"), 3, 0)
        grid.addWidget(self.port, 3, 1, 1, 3)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        row = QHBoxLayout()
        row.setSpacing(px(6))
        for button in (self.press, self.restore, self.cut, self.spoilt):
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)
        again = QHBoxLayout()
        again.addWidget(self.replay)
        again.addStretch(1)
        self.body.addLayout(again)
        self.body.addWidget(self.said)
        self.body.addStretch(1)

    def _connect(self) -> None:
        self.press.clicked.connect(self.send_press)
        self.restore.clicked.connect(self.send_restore)
        self.cut.clicked.connect(self.send_cut)
        self.spoilt.clicked.connect(self.send_spoilt)
        self.replay.clicked.connect(self.ask_replay)
        self.port.currentIndexChanged.connect(self._show_where)

    def show_ports(self, ports: Sequence[tuple[str, str]]) -> None:
        """Real ports (address, what is plugged in) below the bench's own wire."""
        chosen = self.port.currentData()
        self.port.blockSignals(True)
        self.port.clear()
        self.port.addItem(self.tr("测试台虚拟串口"), OWN)
        for address, called in ports:
            self.port.addItem(f"{address} {called}".strip(), address)
        self.port.setCurrentIndex(max(0, self.port.findData(chosen)))
        self.port.blockSignals(False)

    def show_told(self, text: str, *, wrong: bool = False) -> None:
        """What became of the last frame."""
        self.said.setText(text)
        self.said.setProperty("role", "wrong" if wrong else "small")
        self.said.style().polish(self.said)

    @Slot()
    def _show_where(self) -> None:
        own = self.port.currentData() == OWN
        self.show_told(
            self.tr("仅测试台：不会进入接警台") if own else self.tr("真实端口：信号会进入该线路，请先报备"),
            wrong=not own,
        )

    def _send(self, what: str) -> None:
        code = self.code.currentText().split(" ", 1)[0].strip().upper()
        protocol, port = str(self.protocol.currentData() or ""), str(self.port.currentData() or OWN)
        self.sent.emit(protocol, port, self.account.text().strip(), self.zone.text().strip(), code, what)

    @Slot()
    def ask_replay(self) -> None:
        """Ctrl+R: a capture read by the chosen protocol."""
        self.replay_wanted.emit(str(self.protocol.currentData() or ""))

    @Slot()
    def send_press(self) -> None:
        """F2."""
        self._send("press")

    @Slot()
    def send_restore(self) -> None:
        """F3."""
        self._send("restore")

    @Slot()
    def send_cut(self) -> None:
        """The wire breaks within a frame."""
        self._send("cut")

    @Slot()
    def send_spoilt(self) -> None:
        """A frame with a flipped bit."""
        self._send("spoilt")
