"""Latency 按下 → 入库 → 应答 → 上屏: three histograms of the last 500 signals, in milliseconds (pyqtgraph).

Times run from the last byte of a frame: nobody can measure the finger.
"""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout

from widgets.panels.bench.pane import Pane
from widgets.panels.parts import label
from widgets.theme import Theme

BINS = 26
SERIES = (("stored", "accent"), ("answered", "good"), ("screen", "on_scene"))
"""Which delay, and the token it is drawn in."""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of all lie; 0 for none."""
    return float(np.percentile(values, share * 100)) if values else 0.0


def top_of(series: Sequence[Sequence[float]]) -> float:
    """The right end of the axis: a round figure above the 99th percentile of the slowest, at least 10 ms."""
    slowest = max((percentile(values, 0.99) for values in series), default=0.0)
    for top in (10, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000):
        if slowest * 1.1 <= top:
            return float(top)
    return 10_000.0


class LatencyPane(Pane):
    """Three series of bars side by side, with median and 99th percentile beside them in words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "")
        self._theme = theme
        self.title.setText(self.tr("末字节 → 入库 → 应答 → 上屏（毫秒，近 500 次）"))
        self.setAccessibleName(self.title.text())
        self.plot = pg.PlotWidget()
        self.plot.setAccessibleName(self.tr("时延分布图"))
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.hideAxis("left")
        self._bars = {name: pg.BarGraphItem(x=[0.0], height=[0.0], width=0.1) for name, _ in SERIES}
        for bars in self._bars.values():
            self.plot.addItem(bars)
        self.said = {name: label("", "small") for name, _ in SERIES}
        self.empty = label(self.tr("还没有收到信号"), "muted")
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        for text in self.said.values():
            row.addWidget(text)
        row.addWidget(self.empty)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(self.plot, 1)
        theme.changed.connect(self._dress)
        self._dress(theme)

    def _dress(self, theme: Theme) -> None:
        self.plot.setBackground(theme.color("panel"))
        axis = self.plot.getAxis("bottom")
        axis.setPen(theme.color("line"))
        axis.setTextPen(theme.color("muted"))
        axis.setStyle(tickFont=theme.font("small"))
        for name, token in SERIES:
            self._bars[name].setOpts(brush=theme.color(token), pen=theme.color(token))
            self.said[name].setStyleSheet(f"color: {QColor(theme.color(token)).name()};")

    def show_delays(self, stored: Sequence[float], answered: Sequence[float], screen: Sequence[float]) -> None:
        """The delays in ms, each from the last byte of its frame."""
        series = dict(zip(self._bars, (stored, answered, screen), strict=True))
        top = top_of(list(series.values()))
        edges = np.linspace(0, top, BINS + 1)
        width = top / BINS / (len(SERIES) + 0.6)
        highest = 1
        for place, (name, values) in enumerate(series.items()):
            counts, _ = np.histogram(np.clip(values, 0, top * 0.999), edges)
            highest = max(highest, int(counts.max(initial=0)))
            self._bars[name].setOpts(x=edges[:-1] + (place + 0.8) * width, height=counts, width=width)
            self.said[name].setText(self._words(name, values))
        self.plot.setXRange(0, top, padding=0.01)
        self.plot.setYRange(0, highest, padding=0.05)
        self.empty.setVisible(not any(series.values()))

    def _words(self, name: str, values: Sequence[float]) -> str:
        titles = {"stored": self.tr("■ 入库"), "answered": self.tr("■ 应答"), "screen": self.tr("■ 上屏")}
        if not values:
            return ""
        middle, worst = percentile(values, 0.5), percentile(values, 0.99)
        # From 100 ms on a tenth says nothing more, and the three must stand beside each other.
        p50, p99 = (f"{delay:.1f}" if delay < 99.95 else f"{delay:.0f}" for delay in (middle, worst))
        return f"{titles[name]} P50 {p50} · P99 {p99}"
