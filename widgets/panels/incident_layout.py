"""Where everything stands in the incident column, and what gives way when there is little room.

Head and stage line on top; form, routing card and orders in the middle, which scrolls; the buttons that judge and
close; the sheet that asks; the agency buttons; the timeline. While the sheet is open in a low window it takes the
place of the middle and the timeline, so that no button of it is cut off.
"""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.reference import Reference
from console.services.places import Places
from widgets.models.timeline import TimelineModel
from widgets.panels.agencies import AgencyGrid
from widgets.panels.alarm_card import AlarmCard, SilentLine
from widgets.panels.ask import AskSheet
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

END = 120
"""So much of the closing card is never scrolled away, in pixels at scale 1."""


class _Middle(QScrollArea):
    """As tall as what it holds if there is room, else it scrolls."""

    def __init__(self, theme: Theme, content: QWidget, kept: int = 96) -> None:
        """`kept` is the height that is never given up, in pixels at scale 1."""
        super().__init__()
        self._theme, self._kept = theme, kept
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = self.sizePolicy()
        policy.setVerticalPolicy(policy.Policy.Maximum)
        self.setSizePolicy(policy)
        self.setWidget(content)
        self.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)
        content.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.updateGeometry()
        return super().eventFilter(watched, event)

    @override
    def sizeHint(self) -> QSize:
        content = self.widget()
        width = max(self.viewport().width(), self._theme.px(200))
        layout = content.layout() if content is not None else None
        height = layout.totalHeightForWidth(width) if layout is not None else 0
        return QSize(width, height)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), min(self._theme.px(self._kept), self.sizeHint().height()))


class IncidentLayout(QFrame):
    """The pieces of the column and their places; `IncidentPanel` fills them."""

    def __init__(self, theme: Theme, reference: Reference, places: Places) -> None:
        super().__init__()
        self._theme, self._reference = theme, reference
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
        layout = QVBoxLayout(self)
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
        self.middle = _Middle(theme, self._content())
        self.end = _Middle(theme, self.closing, kept=END)
        inside.addWidget(self.middle)
        inside.addWidget(self.end)
        inside.addWidget(self.sheet)
        inside.addWidget(self._sending())
        inside.addWidget(self.agencies)
        inside.addWidget(self.timeline, 1)
        self.setFocusProxy(self.form.place)
        self.spacer = QWidget()
        inside.addWidget(self.spacer, 1)

    def _content(self) -> QWidget:
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, self._theme.px(2), 0)
        layout.setSpacing(self._theme.px(8))
        for piece in (self.alarm, self.sight_bar, self.form, self.card, self.orders):
            layout.addWidget(piece)
        return content

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
        for piece in (self.stages, self.orders, self.closing):
            piece.setVisible(incident)

    def _fit(self) -> None:
        """In a low column fields, agencies and timeline stand closer, so that caller, basis and end stay visible."""
        self.form.show_low(self.low)
        self._inside.setSpacing(self._theme.px(6 if self.low else 8))
        self.timeline.setMinimumHeight(self._theme.px(22) * (2 if self.low else ROWS))

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
