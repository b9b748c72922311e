"""How a row of the roster is drawn: status pill, tabular times, the recommended unit's badge, ageing fixes.

Everything is painted from the row and the clock; no widget per cell, no style sheet per row.
"""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.clock import Clock
from widgets.map.motion import Freshness, freshness
from widgets.models.roster import Role
from widgets.models.roster_row import RosterRow
from widgets.models.roster_text import NONE, ROW_TEXT, Column, late_elapsed
from widgets.models.unit_groups import UnitGroup
from widgets.paint import paint_pill, paint_status, pill_width
from widgets.text import distance_text, elapsed_text, said
from widgets.theme import Theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class RosterDelegate(QStyledItemDelegate):
    """Paints one cell; `clock` gives the moment for what grows by itself."""

    def __init__(self, theme: Theme, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._clock = clock
        self.saving: frozenset[str] = frozenset()
        """Units whose act waits for the journal; their time says 保存中."""

    def sizeHint(  # noqa: N802 -- Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(self._theme.px(60), self._theme.px(29))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row, column = index.data(Role.ROW), Column(index.column())
        assert isinstance(row, RosterRow)
        painter.save()
        self._ground(painter, option, row, column)
        box = QRectF(option.rect).adjusted(self._theme.px(8), 0, -self._theme.px(4), 0)
        if column is Column.STATUS:
            self._status(painter, box, row)
        elif column is Column.ARRIVAL:
            self._arrival(painter, box, row)
        elif column is Column.CALL_SIGN:
            self._call_sign(painter, box, row)
        elif column is Column.ELAPSED and row.unit.id in self.saving:
            self._text(painter, box, self.tr("保存中"), self._theme.color("warn"))
        else:
            text = ROW_TEXT[column](row, self._clock())
            self._text(painter, box, text, self._ink(row, column, text))
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, row: RosterRow, column: Column) -> None:
        theme, rect = self._theme, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("selected"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.color("panel2"))
        if (row.best or row.second) and column is Column.CALL_SIGN:
            painter.fillRect(rect.left(), rect.top(), theme.px(3), rect.height(), theme.color("accent"))
        painter.setPen(theme.color("line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _ink(self, row: RosterRow, column: Column, text: str) -> QColor:
        name = "text" if column in (Column.CALL_SIGN, Column.ELAPSED, Column.INCIDENT) else "muted"
        if text == NONE:
            name = "muted"
        if column is Column.ELAPSED and row.group is UnitGroup.LOST:
            name = "busy"
        if column is Column.ELAPSED and late_elapsed(row, self._clock()):
            name = "bad"
        if column is Column.TERMINAL and freshness(row.age_s(self._clock())) is not Freshness.FRESH:
            name = "busy"
        return self._theme.color(name)

    def _text(self, painter: QPainter, box: QRectF, text: str, ink: QColor, role: str = "base") -> float:
        """Draws elided text; answers the width it took."""
        painter.setFont(self._theme.font(role))
        painter.setPen(ink)
        metrics = self._theme.metrics(role)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, LEFT, shown)
        return float(metrics.horizontalAdvance(shown))

    def _call_sign(self, painter: QPainter, box: QRectF, row: RosterRow) -> None:
        theme = self._theme
        off = row.group is UnitGroup.OFF_DUTY
        taken = self._text(painter, box, row.unit.id, theme.color("muted" if off else "text"), "strong")
        left = box.left() + taken + theme.px(6)
        if row.best:
            left = self._badge(painter, left, box, self.tr("荐"), "accent")
        if row.second:
            left = self._badge(painter, left, box, self.tr("荐2"), "accent")
        if row.provisional:
            self._badge(painter, left, box, self.tr("暂存"), "busy")

    def _badge(self, painter: QPainter, left: float, box: QRectF, word: str, token: str) -> float:
        """A small pill at `left`; answers where the next one may stand."""
        theme = self._theme
        badge = QRectF(left, 0, pill_width(theme, word) - theme.px(6), theme.px(18))
        badge.moveTop(box.center().y() - badge.height() / 2)
        paint_pill(painter, theme, badge, word, theme.color(token))
        return badge.right() + theme.px(4)

    def _status(self, painter: QPainter, box: QRectF, row: RosterRow) -> None:
        text = ROW_TEXT[Column.STATUS](row, self._clock())
        height = self._theme.px(20)
        width = min(pill_width(self._theme, text), box.width())
        pill = QRectF(box.left(), box.center().y() - height / 2, width, height)
        paint_status(painter, self._theme, pill, row.unit.status, text)

    def _arrival(self, painter: QPainter, box: QRectF, row: RosterRow) -> None:
        theme = self._theme
        if row.way is None or row.sent:
            text = ROW_TEXT[Column.ARRIVAL](row, self._clock())
            self._text(painter, box, text, theme.color("accent" if row.sent else "muted"))
            return
        may = not row.why_not
        ink = theme.color("text" if may else "muted")
        taken = self._text(painter, box, elapsed_text(row.way.time_s), ink, "strong" if may else "base")
        rest = f" · {distance_text(row.way.distance_m)}"
        if row.why_not:
            rest += " · " + self.tr("不派：{why}").format(why=said(row.why_not))
        self._text(painter, box.adjusted(taken, 0, 0, 0), rest, theme.color("muted"))
