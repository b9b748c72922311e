"""Agency buttons: whom to instruct, by which key, and how the promise of each runs.

Four suggested agencies (F5–F8), four more (Shift+F5…F8), then every other agency that has been instructed on
this incident. A button that was pressed becomes the agency's clock.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget
from typing_extensions import override

from console.domain.deadlines import Promise, handoff_clock
from console.domain.handoff import HANDOFF_LABELS, Handoff, HandoffState
from console.domain.incident import Incident
from console.domain.reference import Agency, Reference
from widgets.panels.stages import LEVEL_COLORS, Level, level_of
from widgets.text import clock_text, elapsed_text, late_text, local, word
from widgets.theme import Theme
from widgets.wording import rule_name

KEYS = ("F5", "F6", "F7", "F8", "Shift+F5", "Shift+F6", "Shift+F7", "Shift+F8")

USUAL = (
    "fire_rescue",
    "ems_120",
    "hotline_12345",
    "urban_mgmt",
    "power",
    "water_supply",
    "gas_supply",
    "township",
    "civil_affairs",
    "ecology",
)
"""Who goes along most often: fills the keys that the words and the code leave free."""

STAMP_OF = {
    HandoffState.SENT: "t_sent",
    HandoffState.DELIVERED: "t_delivered",
    HandoffState.SIGNED: "t_sign",
    HandoffState.EN_ROUTE: "t_depart",
    HandoffState.ARRIVED: "t_arrive",
    HandoffState.IN_PROGRESS: "t_progress",
    HandoffState.RESULT: "t_result",
    HandoffState.CALLED_BACK: "t_callback",
    HandoffState.CLOSED: "t_close",
    HandoffState.REFUSED: "t_end",
    HandoffState.RETURNED: "t_end",
    HandoffState.REASSIGNED: "t_close",
    HandoffState.CANCELLED: "t_close",
}
"""The stamp of the state a handoff is in: its last news."""


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """What one button shows. `handoff` is '' while nothing was sent; `clock` is '' without a running promise."""

    agency: str
    key: str
    name: str
    short: str
    level: str
    below: str
    suggested: bool
    handoff: str = ""
    clock: str = ""
    clock_level: Level = "calm"
    needs_ruling: bool = False


def on_duty(agency: Agency, now: datetime) -> bool:
    """Whether somebody is there: always, or on working days from 08:00 to 18:00 local time (holidays not known)."""
    here = local(now)
    return agency.duty_hours == "24x7" or (here.weekday() < 5 and 8 <= here.hour < 18)


def suggest(reference: Reference, proposed: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Eight agencies in the order of their keys: the proposed ones, then the usual ones.

    Among either, those where nobody is on duty at this hour come last.
    """
    possible = {agency.id for agency in reference.handoff_agencies}

    def present_first(ids: Sequence[str]) -> list[str]:
        return sorted((i for i in ids if i in possible), key=lambda i: not on_duty(reference.agencies[i], now))

    ordered = dict.fromkeys((*present_first(proposed), *present_first(USUAL)))
    return tuple(ordered)[: len(KEYS)]


def agency_rows(
    reference: Reference,
    keys: Sequence[str],
    proposed: Sequence[str],
    handoffs: Sequence[Handoff],
    incident: Incident | None,
    now: datetime,
) -> list[AgencyRow]:
    """Rows in key order, then agencies instructed without a key. The newest handoff of an agency counts."""
    newest = {handoff.agency: handoff for handoff in handoffs}
    others = [agency for agency in newest if agency not in keys]
    named = [*zip(keys, KEYS, strict=False), *((agency, "") for agency in others)]
    found = []
    for agency_id, key in named:
        agency = reference.agencies.get(agency_id)
        if agency is None:
            continue
        handoff = newest.get(agency_id)
        suggested = agency_id in proposed
        row = (
            _unsent(reference, agency, key, incident, now, suggested=suggested)
            if handoff is None
            else _sent(reference, agency, key, handoff, incident, now, suggested=suggested)
        )
        found.append(row)
    return found


def level_text(agency: Agency, now: datetime) -> str:
    """一级 7×24 · 二级 工作时间 (漳平市 2023 第十一条); 二级 非工作时间 while nobody is on duty."""
    level = (
        QCoreApplication.translate("Agencies", "一级")
        if agency.level == 1
        else QCoreApplication.translate("Agencies", "二级")
    )
    hours = "7×24" if agency.duty_hours == "24x7" else QCoreApplication.translate("Agencies", "工作时间")
    if not on_duty(agency, now):
        hours = QCoreApplication.translate("Agencies", "非工作时间")
    return f"{level} {hours}"


def limit_text(reference: Reference, agency: Agency, *, urban: bool, priority: int) -> str:
    """What the agency will owe once it is instructed."""
    duty = agency.duty()
    seconds = reference.handoff(priority).arrive_s(agency, duty, urban=urban)
    if seconds is None:
        return (
            QCoreApplication.translate("Agencies", "按行业时限")
            if agency.limit == "industry"
            else QCoreApplication.translate("Agencies", "不限到场时间")
        )
    own = duty.deadline_min is not None or agency.industry_deadline_min is not None
    where = (
        QCoreApplication.translate("Agencies", "行业规定") if own else QCoreApplication.translate("Agencies", "城区")
    )
    pattern = QCoreApplication.translate("Agencies", "{where} {minutes} 分钟到场")
    return pattern.format(where=where, minutes=seconds // 60)


def _unsent(
    reference: Reference, agency: Agency, key: str, incident: Incident | None, now: datetime, *, suggested: bool
) -> AgencyRow:
    urban, priority = (incident.urban, incident.priority) if incident is not None else (True, 3)
    limit = limit_text(reference, agency, urban=urban, priority=priority)
    below = QCoreApplication.translate("Agencies", "建议 · {limit}").format(limit=limit) if suggested else limit
    return AgencyRow(agency.id, key, word(agency.name), word(agency.short), level_text(agency, now), below, suggested)


def _sent(
    reference: Reference,
    agency: Agency,
    key: str,
    handoff: Handoff,
    incident: Incident | None,
    now: datetime,
    *,
    suggested: bool,
) -> AgencyRow:
    promise = handoff_clock(handoff, incident, reference) if incident is not None else None
    at: datetime | None = getattr(handoff, STAMP_OF.get(handoff.state, "t_draft"))
    pieces = [clock_text(at) if at else "", word(HANDOFF_LABELS[handoff.state])]
    if handoff.urged:
        pieces.append(QCoreApplication.translate("Agencies", "催办 {n} 次").format(n=handoff.urged))
    if handoff.on_behalf or handoff.channel == "phone":
        pieces.append(QCoreApplication.translate("Agencies", "电话代录"))
    return AgencyRow(
        agency.id,
        key,
        word(agency.name),
        word(agency.short),
        level_text(agency, now),
        " ".join(piece for piece in pieces if piece),
        suggested,
        handoff.id,
        _clock_text(promise, now),
        level_of(promise, now),
        handoff.state in (HandoffState.REFUSED, HandoffState.RETURNED),
    )


def _clock_text(promise: Promise | None, now: datetime) -> str:
    """剩 27:49, or in words what is late and by how much."""
    if promise is None:
        return ""
    left = promise.left_s(now)
    if left >= 0:
        return QCoreApplication.translate("Agencies", "剩 {time}").format(time=elapsed_text(left))
    return word("{what}{late}").format(what=rule_name(promise.rule), late=late_text(-left))


class AgencyButton(QAbstractButton):
    """Key, name, level or clock, reason or state. Two lines; a compact one has one line until it is sent."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._row = AgencyRow("", "", "", "", "", "", suggested=False)
        self._low = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    @property
    def row(self) -> AgencyRow:
        return self._row

    def show_row(self, row: AgencyRow, *, low: bool = False) -> None:
        """Another state of the button; in a `low` column every unsent one has one line."""
        if (row, low) == (self._row, self._low):
            return
        before = self.sizeHint()
        self._row, self._low = row, low
        self.setText(row.name)
        self.setAccessibleName(f"{row.key} {row.name}".strip())
        said = " · ".join(part for part in (row.level, row.below, row.clock) if part)
        self.setAccessibleDescription(said)
        self.setToolTip(f"{row.key} {row.name}\n{said}".strip())
        if self.sizeHint() != before:
            self.updateGeometry()
        self.update()

    def _compact(self) -> bool:
        return not self._row.handoff and (self._low or self._row.key.startswith("Shift"))

    def _squeezed(self) -> bool:
        """Whether a sent one has room for one line only: a low window in which much else must be said."""
        return not self._compact() and self.height() < self._theme.px(42)

    @property
    def quarter(self) -> bool:
        """Whether it is content with a quarter of the row: key and short name."""
        return self._low and self._compact() and self._row.key.startswith("Shift")

    @override
    def sizeHint(self) -> QSize:
        px = self._theme.px
        return QSize(px(74) if self.quarter else px(160), px(28) if self._compact() else px(50))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(74 if self.quarter else 120), self.sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        px = self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._ground())
        painter.setPen(QPen(self._edge(), 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(6), px(6))
        compact, edge = self._compact() or self._squeezed(), px(5 if self.quarter else 10)
        line = QRectF(edge, 0 if compact else px(5), self.width() - 2 * edge, self.height() if compact else px(21))
        self._paint_first(painter, line)
        if not compact:
            self._paint_below(painter, line)
        painter.end()

    def _paint_first(self, painter: QPainter, line: QRectF) -> None:
        theme, px, row = self._theme, self._theme.px, self._row
        role = "small" if self.quarter else "strong"
        small, strong = theme.metrics("small"), theme.metrics(role)
        left = line.left()
        if row.key:
            key = row.key.replace("Shift+", "⇧")
            cap = QRectF(
                left, line.center().y() - px(9), small.horizontalAdvance(key) + px(6 if self.quarter else 10), px(18)
            )
            painter.setPen(theme.color("muted"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cap, px(4), px(4))
            painter.setFont(theme.font("small"))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
            left = cap.right() + px(4 if self.quarter else 6)
        right = row.clock if row.clock and not self._clock_goes_below() else "" if row.handoff else row.level
        room = line.right() - left
        if self._squeezed():
            right = row.clock or row.below
        name = row.name if strong.horizontalAdvance(row.name) <= room else row.short
        if strong.horizontalAdvance(name) + px(6) + small.horizontalAdvance(right) > room:
            name = strong.elidedText(row.short, Qt.TextElideMode.ElideRight, int(room))
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(role))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, line.top(), room, line.height()), middle | Qt.AlignmentFlag.AlignLeft, name)
        if not self.quarter and strong.horizontalAdvance(name) + px(6) + small.horizontalAdvance(right) <= room:
            painter.setFont(theme.font("small"))
            painter.setPen(theme.color(LEVEL_COLORS[row.clock_level] if row.clock else "muted"))
            painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, right)

    def _clock_goes_below(self) -> bool:
        """A late clock in words is too long to stand beside the name."""
        return self._row.clock_level == "late"

    def _paint_below(self, painter: QPainter, line: QRectF) -> None:
        theme, row = self._theme, self._row
        late = bool(row.clock) and self._clock_goes_below()
        said = f"{row.clock} · {row.below}" if late else row.below
        box = QRectF(line.left(), line.bottom(), line.width(), self._theme.px(19))
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("bad" if late or row.needs_ruling else "muted"))
        shown = theme.metrics("small").elidedText(said, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def _edge(self) -> QColor:
        theme, row = self._theme, self._row
        if self.hasFocus():
            return theme.color("accent")
        if row.handoff:
            return theme.color("bad" if row.needs_ruling else LEVEL_COLORS[row.clock_level])
        return theme.color("linkage" if row.suggested else "line")

    def _ground(self) -> QColor:
        edge, ground = self._edge(), QColor(self._theme.color("panel2"))
        share = 0.16 if (self._row.handoff or self._row.suggested) else 0.0
        if self.isDown() or self.underMouse():
            share += 0.08
        return QColor(
            round(ground.red() * (1 - share) + edge.red() * share),
            round(ground.green() * (1 - share) + edge.green() * share),
            round(ground.blue() * (1 - share) + edge.blue() * share),
        )


SETTLED_S = 0.5
"""Agencies that stand on other keys than so long ago are not what a hand was reaching for."""


class AgencyGrid(QWidget):
    """The buttons in two columns, those of Shift in four where the column is low; `pressed` carries a button's row.

    Suggestions follow what is being written; `settled` tells whether the keys stood still long enough to be
    meant. A click on a button that became another agency's a moment ago does nothing.
    """

    pressed = Signal(object)
    steady: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._buttons: list[AgencyButton] = []
        self._keyed: tuple[str, ...] = ()
        self._widths: tuple[int, ...] = ()
        self._changed_at = -inf
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.px(6))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setAccessibleName(self.tr("联动单位"))

    @property
    def buttons(self) -> list[AgencyButton]:
        """The buttons that are shown, in order."""
        return [button for button in self._buttons if not button.isHidden()]

    def show_rows(self, rows: Sequence[AgencyRow], *, first_only: bool = False, low: bool = False) -> None:
        """Draw rows; buttons are made once and reused, so focus and cursor stay where they are.

        `first_only` leaves F5–F8 where something else needs the room.
        """
        keyed = tuple(row.agency for row in rows if row.key)
        if keyed != self._keyed:
            self._keyed, self._changed_at = keyed, self.steady()
        rows = rows[:4] if first_only else rows
        while len(self._buttons) < len(rows):
            self._add()
        for button, row in zip(self._buttons, rows, strict=False):
            button.show_row(row, low=low)
            button.show()
        for button in self._buttons[len(rows) :]:
            button.hide()
        self._place(self._buttons[: len(rows)])

    def _place(self, buttons: Sequence[AgencyButton]) -> None:
        """From left to right in four columns; a whole button takes two."""
        widths = tuple(1 if button.quarter else 2 for button in buttons)
        if widths == self._widths:
            return
        self._widths = widths
        at = 0
        for button, width in zip(buttons, widths, strict=True):
            at += at % width  # a whole button begins at a half
            self._grid.addWidget(button, at // 4, at % 4, 1, width)
            at += width

    def settled(self) -> bool:
        """Whether the agencies of F5–F8 and Shift+F5…F8 have been the same for half a second."""
        return self.steady() - self._changed_at >= SETTLED_S

    def _add(self) -> None:
        button = AgencyButton(self._theme)
        button.setParent(self)
        button.clicked.connect(self._clicked)
        self._buttons.append(button)

    @Slot()
    def _clicked(self) -> None:
        button = self.sender()
        if isinstance(button, AgencyButton) and self.settled():
            self.pressed.emit(button.row)
