"""Where everything stands in the incident column, and what gives way when there is little room.

Head and stage line on top; the cards in the middle, which scrolls; the buttons that judge and close; the sheet that
asks; the agency buttons; the timeline, which is the last of the cards in a low window. While the sheet is open in a
low window it takes the place of the middle and the timeline, so that no button of it is cut off.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.reference import Reference
from console.services.places import Finder as PlaceFinder
from widgets.models.timeline import TimelineModel
from widgets.panels.agencies import AgencyGrid
from widgets.panels.alarm_card import AlarmCard, SilentLine
from widgets.panels.ask import AskSheet
from widgets.panels.card_stack import CardStack, Scrolled
from widgets.panels.closing import ClosingCard
from widgets.panels.drafts import DraftBar
from widgets.panels.form import IncidentForm
from widgets.panels.head import Head
from widgets.panels.orders import OrdersBox
from widgets.panels.parts import ToggleChip, chip, label
from widgets.panels.room_bar import RoomBar
from widgets.panels.routing_card import RoutingCard
from widgets.panels.sight_bar import SightBar
from widgets.panels.stages import StageLine
from widgets.panels.timeline import ROWS, TimelineView
from widgets.panels.waiting import WaitingBar
from widgets.theme import Theme

LOW = 780
"""Below this height (at scale 1) everything stands closer, and an open sheet takes the room of the middle."""

QWIDGETSIZE_MAX = 16777215
"""Qt's word for no limit of height."""

END = 120
"""So much of the closing card is never scrolled away, in pixels at scale 1."""


class IncidentLayout(QFrame):
    """The pieces of the column and their places; `IncidentPanel` fills them."""

    def __init__(self, theme: Theme, reference: Reference, places: PlaceFinder) -> None:
        super().__init__()
        self._theme, self._reference = theme, reference
        self._fitted_low: bool | None = None
        px = theme.px
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("警情"))
        self.setMinimumWidth(px(380))
        self.head = Head(theme, self._reference)
        self.room = RoomBar(theme)
        self.silent = SilentLine(theme)
        self.alarm = AlarmCard(theme)
        self.waiting = WaitingBar(theme)
        self.drafts = DraftBar(theme, self._reference)
        self.nothing = label("", "muted", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stages = StageLine(theme)
        self.form = IncidentForm(theme, self._reference, places)
        self.sight_bar = SightBar(theme)
        self.card = RoutingCard(theme, self._reference)
        self.orders = OrdersBox(theme)
        self.closing = ClosingCard(theme)
        self.sheet = AskSheet(theme)
        self.agencies = AgencyGrid(theme)
        self.model = TimelineModel(self._reference, self)
        self.timeline = TimelineView(theme, self.model)
        layout = self._outside = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # `crowded` makes room instead
        layout.setContentsMargins(px(12), px(8), px(12), px(8))
        layout.setSpacing(px(8))
        layout.addWidget(self.head)
        layout.addWidget(self.room)
        layout.addWidget(self.silent)
        layout.addWidget(self.waiting)
        layout.addWidget(self.drafts)
        layout.addWidget(self.nothing, 1)
        self.body = QWidget()
        layout.addWidget(self.body, 1)
        inside = self._inside = QVBoxLayout(self.body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(px(8))
        inside.addWidget(self.stages)
        self.middle = self.cards = self._stack()
        self.end = Scrolled(theme, self.closing, kept=END)
        inside.addWidget(self.middle)
        inside.addWidget(self.end)
        inside.addWidget(self.sheet)
        inside.addWidget(self._sending())
        inside.addWidget(self.agencies)
        inside.addWidget(self.timeline, 1)
        self.setFocusProxy(self.form.place)
        self.spacer = QWidget()
        inside.addWidget(self.spacer, 1)

    def _stack(self) -> CardStack:
        """The middle with what always has its place there; the cards are plugged in between."""
        stack = CardStack(self._theme)
        pieces = (("alarm", self.alarm), ("caller", self.sight_bar), ("form", self.form))
        for name, piece in (*pieces, ("routing", self.card), ("orders", self.orders)):
            stack.place(name, piece)
        return stack

    def _sending(self) -> QWidget:
        """How the next handoff is delivered, and the key for any other agency."""
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.px(6))
        layout.addWidget(label(self.tr("联动"), "muted"))
        self.by_slip = ToggleChip(self.tr("派单纸"), self.tr("联动以派单纸送达"))
        self.by_phone = ToggleChip(self.tr("电话代录"), self.tr("联动以电话通知并代录"))
        self._channels = QButtonGroup(self)
        for button in (self.by_slip, self.by_phone):
            self._channels.addButton(button)
            layout.addWidget(button)
        self.by_slip.setChecked(True)
        layout.addStretch(1)
        self.any_agency = chip(self.tr("Ctrl+L 其他单位"))
        layout.addWidget(self.any_agency)
        self._sending_row = row
        return row

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(380), self._theme.px(560))

    @contextmanager
    def laid_out_once(self) -> Iterator[None]:
        """What comes and goes meanwhile is laid out in the end; else each piece that is shown lays out all others."""
        layouts = (self._outside, self._inside, self.cards.column)
        for layout in layouts:
            layout.setEnabled(False)
        try:
            yield
        finally:
            for layout in layouts:
                layout.setEnabled(True)

    def show_parts(self, *, incident: bool, writing: bool) -> None:
        """Show what there is something to say about; give an open sheet its room in a low window."""
        shown = incident or writing
        asking = self.crowded
        self.body.setVisible(shown)
        self.nothing.setVisible(not shown)
        self._fit()
        self.middle.setVisible(shown and not asking)
        self.end.setVisible(incident and not asking)
        self._sending_row.setVisible(not asking)
        self.timeline.setVisible(incident and not asking)
        self.spacer.setVisible(not incident or asking)
        for piece in (self.stages, self.closing):
            piece.setVisible(incident)
        if not incident:
            self.orders.hide()

    def _fit(self) -> None:
        """In a low column fields, agencies and timeline stand closer, so that caller, basis and end stay visible."""
        if self.low == self._fitted_low:
            return
        self._fitted_low = self.low
        self.form.show_low(self.low)
        self.cards.show_low(self.low)
        self._inside.setSpacing(self._theme.px(6 if self.low else 8))
        self._give_way(self.low)

    def _give_way(self, low: bool) -> None:
        """What is seldom touched, and the timeline, stand at the end of what scrolls where there is little room."""
        is_scrolled = self._inside.indexOf(self.timeline) < 0
        if low and not is_scrolled:
            for piece in (self._sending_row, self.timeline):
                self._inside.removeWidget(piece)
                self.cards.place("timeline", piece)
            self.timeline.setFixedHeight(self._theme.px(22) * ROWS)
        elif is_scrolled and not low:
            for piece in (self._sending_row, self.timeline):
                self.cards.take(piece)
            self.timeline.setMinimumHeight(self._theme.px(22) * ROWS)
            self.timeline.setMaximumHeight(QWIDGETSIZE_MAX)
            self._inside.insertWidget(self._inside.indexOf(self.agencies), self._sending_row)
            self._inside.insertWidget(self._inside.indexOf(self.spacer), self.timeline, 1)

    @property
    def low(self) -> bool:
        """Whether the column is low."""
        return self.height() < self._theme.px(LOW)

    def allow_work(self, allowed: bool) -> None:
        """Whether the incident can be worked on; if not it can only be read (and copied)."""
        self.form.set_read_only(not allowed)
        for piece in (self.card, self.orders, self.agencies):
            piece.setEnabled(allowed)
        if not allowed:
            self._sending_row.hide()

    @property
    def crowded(self) -> bool:
        """Whether an open sheet has taken the room of other parts."""
        return bool(self.sheet.title) and self.low
