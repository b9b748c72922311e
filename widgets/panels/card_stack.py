"""The middle of the incident column: cards below each other in one fixed order, the only part that scrolls.

The order is the order of a call: who calls, what and where, is it known already, what to ask, who answers for it,
whom to send. A card that has nothing to say takes no room.
"""

from collections.abc import Iterable
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.incident import Incident
from console.services.picture import Changes
from widgets.panels.card import Card
from widgets.panels.drafts import Draft
from widgets.theme import Theme

ORDER = (
    "alarm",
    "bulletins",
    "caller",
    "form",
    "duplicates",
    "questions",
    "routing",
    "plan",
    "orders",
    "help",
    "links",
    "reports",
    "timeline",
)
"""Places of the cards, from above."""

FIRST_TO_YIELD = ("caller",)
"""Cards that are one line in a low window: what they know is told on it, and others ask for an answer."""


class Scrolled(QScrollArea):
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


class CardStack(Scrolled):
    """Holds the cards by name and tells all of them the same; `plug` puts one in its place."""

    def __init__(self, theme: Theme) -> None:
        content = QWidget()
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(0, 0, theme.px(2), 0)
        self.column.setSpacing(theme.px(8))
        super().__init__(theme, content)
        self._cards: dict[str, Card] = {}
        self._pieces: dict[QWidget, int] = {}
        self._low = False

    def __getitem__(self, name: str) -> Card:
        return self._cards[name]

    def __contains__(self, name: str) -> bool:
        return name in self._cards

    def plug(self, name: str, card: Card) -> None:
        """Put a card in its place; ValueError for a place there is not, or one that is taken."""
        if name in self._cards:
            raise ValueError(f"two cards for the place {name}")
        self._cards[name] = card
        card.resized.connect(self.updateGeometry)
        card.sought.connect(self._sought)
        self.place(name, card)
        card.squeeze(self._low and name in FIRST_TO_YIELD)

    def show_low(self, low: bool) -> None:
        """Whether there is little room."""
        self._low = low
        for name in FIRST_TO_YIELD:
            if name in self._cards:
                self._cards[name].squeeze(low)

    def place(self, name: str, piece: QWidget) -> None:
        """Put any piece into a card's place, after what stands there already."""
        rank = ORDER.index(name)
        self.column.insertWidget(sum(1 for taken in self._pieces.values() if taken <= rank), piece)
        self._pieces[piece] = rank

    def take(self, piece: QWidget) -> None:
        """Take a piece out again; whoever placed it gives it another place."""
        if self._pieces.pop(piece, None) is not None:
            self.column.removeWidget(piece)

    @property
    def cards(self) -> Iterable[Card]:
        """All of them, in no order that matters."""
        return self._cards.values()

    def to_top(self) -> None:
        """Back to where a call begins: the place and the kind are in sight, however far the last one was read."""
        self.verticalScrollBar().setValue(0)

    # -- the column tells all of them ----------------------------------------------------------------------------

    def about(self, what: str) -> None:
        """Something else is shown from now on."""
        for card in self.cards:
            card.about(what)

    def show_incident(self, incident: Incident | None, *, workable: bool) -> None:
        """What is shown, as it stands now."""
        for card in self.cards:
            card.show_incident(incident, workable=workable)

    def show_draft(self, draft: Draft) -> None:
        """What is being written."""
        for card in self.cards:
            card.show_draft(draft)

    def changes(self, changes: Changes) -> None:
        """The picture moved on."""
        for card in self.cards:
            card.changes(changes)

    def beat(self, now: datetime) -> None:
        """A second has passed."""
        for card in self.cards:
            card.beat(now)

    @Slot()
    def _sought(self) -> None:
        card = self.sender()
        if isinstance(card, Card):
            # Only after the layout has given it its height.
            QTimer.singleShot(0, card, lambda: self._bring(card))

    def _bring(self, card: Card) -> None:
        for piece in (card, card.heart):
            place = self._place_of(piece)
            bar, view, margin = self.verticalScrollBar(), self.viewport().height(), self._theme.px(8)
            if place.top() < 0 or place.height() + margin > view:
                bar.setValue(bar.value() + place.top())
            elif place.bottom() + margin > view:
                bar.setValue(bar.value() + place.bottom() + margin - view)

    def _place_of(self, piece: QWidget) -> QRect:
        return QRect(piece.mapTo(self.viewport(), QPoint(0, 0)), piece.size())

    def in_sight(self, piece: QWidget) -> bool:
        """Whether a piece of a card is seen whole, or as much of it, from its top, as there is room for."""
        place, view = self._place_of(piece), self.viewport().rect()
        seen = place & view
        return piece.isVisible() and place.top() >= 0 and seen.height() >= min(place.height(), view.height())
