"""Paints one row of the queue: colour bar, shape with numeral, two lines, elapsed time with its ageing colour.

Ageing compares the clock with the row's promise while painting (50 % amber, 100 % late, domain.md E5); a row
has no timer. Until the next beat a row looks as it did: what was painted is kept and shown again, so that a row that
comes in and moves all others costs the key that is being answered one row and not all of them.
"""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from widgets.models.queue import ROW
from widgets.models.queue_look import Column, QueueLook
from widgets.models.queue_past import Ending
from widgets.models.queue_row import QueueRow, promise_text
from widgets.models.queue_words import climbed_text
from widgets.paint import paint_alarm, paint_pill, paint_priority, pill_width, priority_color
from widgets.text import elapsed_text, span_text
from widgets.theme import Theme

Index = QModelIndex | QPersistentModelIndex

LEFT, VCENTER, RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight

SEEN = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
"""What of a row's state is painted."""

KEPT = 100
"""Pictures of rows; somebody who scrolls fast paints more of them within one beat than are worth their memory."""

ONE_KEY = "一键报警"
"""How the record's title of a plain panic begins."""


class QueueDelegate(QStyledItemDelegate):
    """Needs the theme, the moment of the last beat, and which rows are being saved (their keys)."""

    def __init__(self, theme: Theme, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._theme, self._now = theme, now
        self.saving: frozenset[str] = frozenset()
        self.look = QueueLook()
        self._pictures: dict[str, tuple[object, QPixmap]] = {}

    @property
    def beat_width(self) -> int:
        """Pixels at the right end that change with the clock: the time, and below it how late."""
        return self._theme.px(280 if self.look.two_lines else 420)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 -- Qt's name
        return QSize(self._theme.px(200), self._theme.px(self.look.row_height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        if isinstance(row, Ending):
            self._ending(painter, option.rect, option.state, row)
        if not isinstance(row, QueueRow):
            return
        # Of the surface really painted on: a screenshot may ask for another ratio than the screen has.
        ratio = painter.deviceTransform().m11()
        painter.drawPixmap(option.rect.topLeft(), self._picture(row, option, ratio))

    def forget(self) -> None:
        """Colours or sizes have changed: every row is painted anew."""
        self._pictures.clear()

    def _picture(self, row: QueueRow, option: QStyleOptionViewItem, ratio: float) -> QPixmap:
        """The painted row: as it was kept if nothing that is seen of it has changed, else anew."""
        size: QSize = option.rect.size()
        state: QStyle.StateFlag = option.state & SEEN
        seen = (row, state, size.toTuple(), ratio, self._now(), self.saving, self.look)
        kept = self._pictures.get(row.key)
        if kept is not None and kept[0] == seen:
            return kept[1]
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(option.palette.color(QPalette.ColorRole.Base))
        painter = QPainter(picture)
        self._row(painter, QRect(QPoint(0, 0), size), row, state)
        painter.end()
        if len(self._pictures) >= KEPT:
            self._pictures.clear()
        self._pictures[row.key] = seen, picture
        return picture

    def _row(self, painter: QPainter, rect: QRect, row: QueueRow, state: QStyle.StateFlag) -> None:
        self._ground(painter, rect, row, state)
        if self.look.two_lines:
            self._time(painter, rect, row)
            self._words(painter, rect, row)
        else:
            self._one_line(painter, rect, row)

    def _ground(self, painter: QPainter, rect: QRect, row: QueueRow, state: QStyle.StateFlag) -> None:
        theme, px = self._theme, self._theme.px
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.color("panel2"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color("line"))
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(theme.color("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        color, spare = priority_color(theme, row.priority), px(8 if self.look.two_lines else 4)
        painter.fillRect(QRect(rect.left() + px(3), rect.top() + spare, px(4), rect.height() - 2 * spare), color)
        shape = QRectF(rect.left() + px(16), rect.top() + (rect.height() - px(20)) / 2, px(20), px(20))
        paint_priority(painter, theme, shape, row.priority)

    def _words(self, painter: QPainter, rect: QRect, row: QueueRow) -> None:
        theme, px = self._theme, self._theme.px
        elapsed = theme.metrics(self._time_font(row)).horizontalAdvance(self._elapsed(row))
        left, right = rect.left() + px(48), rect.right() - elapsed - px(20)
        top, second = rect.top() + px(5), rect.top() + px(26)
        if row.alarmed:
            paint_alarm(painter, theme, QRectF(left, top + px(2), px(16), px(16)), priority_color(theme, row.priority))
            left += px(20)
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font("strong"))
        self._line(painter, QRect(left, top, right - left, px(20)), self._title(row, right - left), "strong")
        left, right = self._marks(painter, rect.left() + px(48), second, row), self._second_end(rect, row)
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font("small"))
        self._line(painter, QRect(left, second, right - left, px(17)), self.particulars(row), "small")

    def particulars(self, row: QueueRow) -> str:
        """What stands below the title: number, owner and what the look shows of the rest."""
        number = row.number if Column.NUMBER in self.look.columns else ""
        second = self.look.text(row.parts) if row.parts else row.second
        return " · ".join(part for part in (number, "" if row.silent else row.owner, second) if part)

    def _marks(self, painter: QPainter, left: int, top: int, row: QueueRow) -> int:
        """What is out of the ordinary, as pills; where the next word may begin."""
        for text, token in self._marked(row):
            paint_pill(painter, self._theme, self._mark(left, top, text), text, self._theme.color(token))
            left = self._after_mark(left, text)
        return left

    def _marked(self, row: QueueRow) -> list[tuple[str, str]]:
        """The words of the pills and their tokens."""
        saving = row.key in self.saving or row.alarm in self.saving
        marks = [(self.tr("本机暂存"), "warn")] if row.spooled else []
        marks += [(self.tr("保存中"), "accent")] if saving else []
        marks += [(self.tr("{owner} 失联").format(owner=row.owner), "bad")] if row.silent else []
        return marks

    def _one_line(self, painter: QPainter, rect: QRect, row: QueueRow) -> None:
        """Number and title, then state, then time, side by side."""
        theme, px = self._theme, self._theme.px
        top, middle = rect.top(), rect.top() + (rect.height() - px(17)) // 2
        elapsed = theme.metrics(self._time_font(row)).horizontalAdvance(self._elapsed(row))
        painter.setPen(theme.color(self.ageing(row, self._now())))
        painter.setFont(theme.font(self._time_font(row)))
        painter.drawText(rect.adjusted(0, 0, -px(12), 0), RIGHT | VCENTER, self._elapsed(row))
        right = self._state(painter, rect, row, rect.right() - px(12) - elapsed - px(12))
        left = self._marks(painter, rect.left() + px(48), middle, row)
        if row.alarmed:
            paint_alarm(painter, theme, QRectF(left, middle, px(16), px(16)), priority_color(theme, row.priority))
            left += px(20)
        if Column.NUMBER in self.look.columns and row.number:
            painter.setPen(theme.color("muted"))
            painter.setFont(theme.font("small"))
            self._line(painter, QRect(left, top, right - left, rect.height()), row.number, "small")
            left += theme.metrics("small").horizontalAdvance(row.number) + px(8)
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font("strong"))
        room = max(0, right - left - px(8))
        self._line(painter, QRect(left, top, room, rect.height()), self._title(row, room), "strong")

    def _state(self, painter: QPainter, rect: QRect, row: QueueRow, right: int) -> int:
        """The state ending at `right`; where it begins. What is late is said in few words: whose it is says the tip."""
        theme, px, text = self._theme, self._theme.px, row.state
        if row.promise is not None and row.promise.late(self._now()):
            text = self.tr("{what}超时").format(what=promise_text(row.promise.rule))
            left = right - pill_width(theme, text)
            box = QRectF(left, rect.top() + (rect.height() - px(17)) / 2, right - left, px(17))
            paint_pill(painter, theme, box, text, theme.color("p1"))
            return left
        painter.setPen(theme.color("p1" if row.waiting_for_acknowledgement else "muted"))
        painter.setFont(theme.font("small"))
        painter.drawText(QRect(rect.left(), rect.top(), right - rect.left(), rect.height()), RIGHT | VCENTER, text)
        return right - theme.metrics("small").horizontalAdvance(text)

    def _elapsed(self, row: QueueRow) -> str:
        return row.day or elapsed_text(row.elapsed_s(self._now()))

    def _time_font(self, row: QueueRow) -> str:
        return "base" if row.day else "title"

    def _ending(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag, ending: Ending) -> None:
        """How reading on from the database goes, below the last incident."""
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._theme.color("selected"))
        painter.setPen(self._theme.color("bad" if ending.failed else "muted"))
        painter.setFont(self._theme.font("small"))
        box = rect.adjusted(self._theme.px(12), 0, -self._theme.px(12), 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, ending.text)
        painter.restore()

    def _title(self, row: QueueRow, room: int) -> str:
        """Title and place; where that is too long, a one-key alarm (its sign stands before it) gives its site alone.

        Duress, hold-up and silent alarms keep their word: it says how they are handled.
        """
        whole = " · ".join(part for part in (row.title, row.place) if part)
        plain = row.alarmed and whole.startswith(ONE_KEY)
        if plain and self._theme.metrics("strong").horizontalAdvance(whole) > room:
            return whole.rpartition(" · ")[2]
        return whole

    def _second_end(self, rect: QRect, row: QueueRow) -> int:
        words = self._theme.metrics("small").horizontalAdvance(self._fitting_state(rect, row, self._now()))
        return rect.right() - max(words + self._theme.px(34), self._theme.px(64))

    def _line(self, painter: QPainter, box: QRect, text: str, font: str) -> None:
        shown = self._theme.metrics(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, LEFT | VCENTER, shown)

    def _mark(self, left: int, top: int, text: str) -> QRectF:
        return QRectF(left, top, pill_width(self._theme, text), self._theme.px(17))

    def _after_mark(self, left: int, text: str) -> int:
        return left + pill_width(self._theme, text) + self._theme.px(6)

    def ageing(self, row: QueueRow, now: datetime) -> str:
        """The token of the elapsed time: text, then amber past half of the promise, then red when late."""
        if row.waiting_for_acknowledgement:
            return "p1"
        if row.promise is None:
            return "text" if row.until is None else "muted"
        if row.promise.late(now):
            return "p1"
        return "p2" if row.promise.amber(now) else "text"

    def state_text(self, row: QueueRow, now: datetime, room: int | None = None) -> str:
        """The state word; a late row says what is late, by how much, whose it is, and who has been told (↑值班长).

        Where `room` (pixels, for a pill) is too narrow for that, it says as much of it as finds room: first goes whose
        it is, for that stands below the title as well, what is late goes never.
        """
        if row.promise is None or not row.promise.late(now):
            return row.state
        late, what = span_text(-row.promise.left_s(now)), promise_text(row.promise.rule)
        said = self.tr("{what}超时 {late}").format(what=what, late=late)
        climbed = climbed_text(row.promise.looks(now))
        forms = [f"{said} · {row.whose}{climbed}", f"{said}{climbed}", said, self.tr("{what}超时").format(what=what)]
        fitting = (text for text in forms if room is None or pill_width(self._theme, text) <= room)
        return next(fitting, forms[-1])

    def _fitting_state(self, rect: QRect, row: QueueRow, now: datetime) -> str:
        """The state beside the pills of what is out of the ordinary: neither may cover the other."""
        left = rect.left() + self._theme.px(48)
        for text, _ in self._marked(row):
            left = self._after_mark(left, text)
        return self.state_text(row, now, rect.right() - self._theme.px(10) - left)

    def _time(self, painter: QPainter, rect: QRect, row: QueueRow) -> None:
        theme, px, now = self._theme, self._theme.px, self._now()
        ageing = self.ageing(row, now)
        painter.setPen(theme.color(ageing))
        painter.setFont(theme.font(self._time_font(row)))
        box = QRect(rect.right() - px(132), rect.top() + px(4), px(120), px(22))
        painter.drawText(box, RIGHT | VCENTER, self._elapsed(row))
        painter.setFont(theme.font("small"))
        text = self._fitting_state(rect, row, now)
        if row.promise is not None and row.promise.late(now):
            width = pill_width(theme, text)
            pill = QRectF(rect.right() - px(10) - width, rect.top() + px(27), width, px(17))
            paint_pill(painter, theme, pill, text, theme.color("p1"))
            return
        painter.setPen(theme.color("p1" if row.waiting_for_acknowledgement else "muted"))
        painter.drawText(box.translated(0, px(23)).adjusted(-px(40), 0, 0, -px(4)), RIGHT | VCENTER, text)
