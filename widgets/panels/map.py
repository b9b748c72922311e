"""The map pane: a title, the layers as chips, the map; or, without a city file, what to do about it."""

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QToolButton, QVBoxLayout, QWidget

from console.geo.city import City
from console.services.desk import Desk
from console.services.picture import Changes
from widgets.advice import Advice
from widgets.layouts import ElidedLabel
from widgets.map.canvas import WHEEL_STEP, MapCanvas
from widgets.map.symbols import Layer
from widgets.panels.chip import Chip
from widgets.selection import Selection
from widgets.theme import Theme
from widgets.tick import Tick


class MapButtons(QWidget):
    """Zoom in and out, whole town, selected incident: each key of the map has its button."""

    def __init__(self, canvas: MapCanvas, theme: Theme) -> None:
        super().__init__(canvas)
        self._canvas, self._theme = canvas, theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        for glyph, name, key, act in (
            ("+", self.tr("放大"), "+", self._closer),
            ("−", self.tr("缩小"), "−", self._farther),
            ("◎", self.tr("定位到选中警情"), "C", canvas.centre_on_selected),
            ("□", self.tr("全图"), "0", canvas.show_all),
        ):
            button = QToolButton()
            button.setText(glyph)
            button.setAccessibleName(name)
            button.setToolTip(f"{name} {key}")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setProperty("role", "chip")
            button.clicked.connect(act)
            column.addWidget(button)
        canvas.installEventFilter(self)
        theme.changed.connect(self._settle)
        self._settle()

    @Slot()
    def _closer(self) -> None:
        self._canvas.zoom(WHEEL_STEP)

    @Slot()
    def _farther(self) -> None:
        self._canvas.zoom(1 / WHEEL_STEP)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        if event.type() is QEvent.Type.Resize:
            self._settle()
        return super().eventFilter(watched, event)

    @Slot()
    def _settle(self) -> None:
        px = self._theme.px
        for button in self.findChildren(QToolButton):
            button.setFixedSize(px(30), px(30))
        self.adjustSize()
        self.move(self._canvas.width() - self.width() - px(10), px(10))


class MapPanel(QWidget):
    """`city` None: the pane shows `fault` instead of a map. Clicks on the map change the selection.

    `unit_menu_requested(unit, point on the screen)`: connect it to `RosterPanel.open_menu`.
    """

    unit_menu_requested = Signal(str, QPoint)

    def __init__(
        self,
        desk: Desk,
        theme: Theme,
        selection: Selection,
        tick: Tick,
        advice: Advice,
        city: City | None,
        fault: str = "",
    ) -> None:
        super().__init__()
        self._theme, self._tick = theme, tick
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("地图"))
        self.canvas: MapCanvas | None = None
        self._end = desk.picture.observe(self.apply)
        self.chips: dict[Layer, Chip] = {}
        whole = QVBoxLayout(self)
        whole.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addLayout(self._bar(usable=city is not None))
        if city is not None:
            self.canvas = MapCanvas(city, desk, theme, selection, tick, advice)
            self.canvas.menu_asked.connect(self.unit_menu_requested)
            self.buttons = MapButtons(self.canvas, theme)
            whole.addWidget(self.canvas, 1)
        else:
            whole.addWidget(self._no_map(fault), 1)

    def _bar(self, *, usable: bool) -> QHBoxLayout:
        px = self._theme.px
        title = ElidedLabel(self._theme, "strong", "text", self.tr("标题"), room=0)
        title.show_text(self.tr("指挥一张图"))
        bar = QHBoxLayout()
        bar.setContentsMargins(px(12), px(6), px(8), px(6))
        bar.setSpacing(px(6))
        bar.addWidget(title)
        bar.addStretch(1)
        words = {
            Layer.UNITS: self.tr("警力"),
            Layer.BEATS: self.tr("警区"),
            Layer.SITES: self.tr("一键报警点"),
            Layer.RINGS: self.tr("1·3·5分钟圈"),
        }
        for layer, word in words.items():
            chip = Chip(self._theme, word)
            chip.setChecked(True)
            chip.setEnabled(usable)
            chip.setToolTip(self.tr("显示或隐藏：{layer}").format(layer=word))
            chip.toggled.connect(self._on_layers)
            self.chips[layer] = chip
        later = {
            self.tr("视频点·未接入"): self.tr("接入视频平台后可用"),
            self.tr("热力·未开通"): self.tr("积累警情数据后在看板启用"),
        }
        dim: list[Chip] = []
        for word, why in later.items():
            chip = Chip(self._theme, word, tick=False)
            chip.setEnabled(False)
            chip.setToolTip(why)
            chip.setAccessibleDescription(why)
            dim.append(chip)
        order = [*(self.chips[layer] for layer in (Layer.UNITS, Layer.BEATS, Layer.SITES)), *dim]
        self._later = dim
        for chip in (*order, self.chips[Layer.RINGS]):
            bar.addWidget(chip)
        return bar

    def _no_map(self, fault: str) -> QLabel:
        label = QLabel(self.tr("地图没有打开：{fault}\n警情、警力和派警照常可用。").format(fault=fault))
        label.setProperty("role", "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        label.setMargin(self._theme.px(24))
        return label

    def apply(self, changes: Changes) -> None:
        """Take in a batch of changes."""
        if self.canvas is not None:
            self.canvas.apply(changes)

    def close_down(self) -> None:
        """Stop listening to the picture (the window is going away)."""
        self._end()
        self._tick.flash_for("map", False)

    @Slot(bool)
    def _on_layers(self, _on: bool) -> None:
        if self.canvas is not None:
            self.canvas.show_layers(frozenset(layer for layer, chip in self.chips.items() if chip.isChecked()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        return QSize(self._theme.px(480), self._theme.px(220))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """A narrow pane lets go of what cannot be used yet."""
        super().resizeEvent(event)
        chips = (*self.chips.values(), *self._later)
        needed = sum(chip.sizeHint().width() + self._theme.px(6) for chip in chips) + self._theme.px(110)
        for chip in self._later:
            chip.setVisible(needed <= self.width())

    def key_hints(self) -> list[tuple[str, str]]:
        """Keys that work while the map has the focus."""
        return [("+ −", self.tr("缩放")), ("←↑→↓", self.tr("移动")), ("0", self.tr("全图")), ("C", self.tr("定位"))]
