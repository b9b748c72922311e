"""The card of possible duplicates 疑似重复: up to three incidents that may be the same event, each with its reasons.

While a call is being written one key adds it to the known incident (no second one is made); for an incident that
exists already the same key merges it. Nothing is ever merged by itself, and merging can be taken back.
"""

from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.duplicate import SHOWN, Match, Sketch, named, pairs
from console.domain.errors import UserError
from console.domain.incident import ENDED, Incident
from console.domain.secrecy import is_hidden
from console.services.desk import Desk
from console.services.duplicates import DuplicateIndex, sketch_of
from console.services.phone_numbers import plain_number
from console.services.picture import Changes
from widgets.afterwards import Afterwards
from widgets.panels.card import Card, Show
from widgets.panels.drafts import Draft
from widgets.panels.parts import chip, label
from widgets.text import said, word
from widgets.theme import Theme

KEYS = ("Ctrl+1", "Ctrl+2", "Ctrl+3")


class DuplicatesCard(Card):
    """`supplement_wanted` carries the incident a call in writing adds to, `merge_wanted` the duplicate and its main
    incident, `open_wanted` one to look at."""

    supplement_wanted = Signal(str)
    merge_wanted = Signal(str, str)
    open_wanted = Signal(str)

    def __init__(self, desk: Desk, theme: Theme) -> None:
        super().__init__(theme, QCoreApplication.translate("DuplicatesCard", "疑似重复"))
        self._desk = desk
        self._index = DuplicateIndex(desk.picture.incidents())
        self._subject, self._asked = "", Sketch(at=desk.clock())
        self._found: tuple[Match, ...] = ()
        self._revision = -1
        self._draft: Draft | None = None
        self.matches: tuple[Match, ...] = ()
        self._later = Afterwards(self, self._look_for_it)
        self.rows = [_Row(theme, key) for key in KEYS]
        for place, row in enumerate(self.rows):
            row.take.clicked.connect(partial(self._clicked, place))
            row.look.clicked.connect(partial(self._looked, place))
            self.content.addWidget(row)

    @override
    def changes(self, changes: Changes) -> None:
        self._index.see(changes)

    @override
    def show_incident(self, incident: Incident | None, *, workable: bool) -> None:
        self._later.forget()
        self._draft = None
        if incident is None or not workable or incident.state in ENDED:
            self._asked, self._found, self._revision = Sketch(at=self._desk.clock()), (), -1
            self._tell("", (), merging=True)
            return
        if incident.number != self._subject:
            # First the incident itself is on the screen, then what it may repeat.
            self._tell(incident.number, (), merging=True)
            self._revision = -1
        self._later.ask()

    def _look_for_it(self) -> None:
        incident = self._desk.picture.state.get(Incident, self._subject)
        if self._draft is not None:
            self._search("", _sketch(self._draft, self._desk.clock()), merging=False)
        elif incident is not None:
            self._search(incident.number, sketch_of(incident), merging=True)

    @override
    def show_draft(self, draft: Draft) -> None:
        if self._subject:
            self._tell("", (), merging=False)
        self._draft = draft
        self._later.ask()

    def take(self, place: int) -> None:
        """Ctrl+1 … Ctrl+3: this call adds to that incident, or this incident is its duplicate; UserError if none."""
        if place >= len(self.matches):
            raise UserError(QCoreApplication.translate("DuplicatesCard", "没有第{n}条疑似重复警情").format(n=place + 1))
        number = self.matches[place].number
        if self._subject:
            self.merge_wanted.emit(self._subject, number)
        else:
            self.supplement_wanted.emit(number)

    def _search(self, about: str, asked: Sketch, *, merging: bool) -> None:
        if (about, asked, self._index.revision) != (self._subject, self._asked, self._revision):
            self._asked, self._revision = asked, self._index.revision
            self._found = self._index.search(asked, shown=3 * SHOWN)
        self._tell(about, tuple(filter(self._takes, self._found))[:SHOWN], merging=merging)

    def _takes(self, match: Match) -> bool:
        """What ended cannot take a call any more; what is hidden from this person is not there."""
        incident = self._desk.picture.state.get(Incident, match.number)
        return incident is not None and incident.open and not is_hidden(incident, self._desk.actor, self._desk.roles)

    def _tell(self, about: str, matches: tuple[Match, ...], *, merging: bool) -> None:
        self._subject, self.matches = about, matches
        for place, row in enumerate(self.rows):
            incident = self._incident(place)
            row.setVisible(incident is not None)
            if incident is not None:
                row.show_match(incident, matches[place], merging=merging)
        if not matches:
            self.say(Show.HIDDEN)
            return
        first = self._incident(0)
        counted = QCoreApplication.translate("DuplicatesCard", "{n} 条，最像 {short}：{why}")
        why = word("、").join(said(reason) for reason in matches[0].reasons[:2])
        summary = counted.format(n=len(matches), short=first.short if first else "", why=why)
        self.say(Show.LINE if merging else Show.OPEN, summary)

    def _incident(self, place: int) -> Incident | None:
        known = place < len(self.matches)
        return self._desk.picture.state.get(Incident, self.matches[place].number) if known else None

    def _clicked(self, place: int) -> None:
        self.take(place)

    def _looked(self, place: int) -> None:
        self.open_wanted.emit(self.matches[place].number)


class _Row(QWidget):
    """One match: the key that takes it, what it is, why."""

    def __init__(self, theme: Theme, key: str) -> None:
        super().__init__()
        self._key = key
        self.take: QPushButton = chip(key)
        self.look: QPushButton = chip(QCoreApplication.translate("DuplicatesCard", "查看"))
        self.title: QLabel = label("", "strong", wrap=True)
        self.why: QLabel = label("", "muted", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(theme.px(1))
        words.addWidget(self.title)
        words.addWidget(self.why)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addLayout(words, 1)
        row.addWidget(self.take)
        row.addWidget(self.look)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_match(self, incident: Incident, match: Match, *, merging: bool) -> None:
        """What the match says of this incident, and what the key would do."""
        act = _act(merging=merging)
        self.take.setText(f"{self._key} {act}")
        pieces = (incident.short, said(incident.title), incident.place)
        self.title.setText(" · ".join(piece for piece in pieces if piece))
        reasons = word("、").join(said(reason) for reason in match.reasons)
        against = word("、").join(said(reason) for reason in match.against)
        but = QCoreApplication.translate("DuplicatesCard", "{reasons}；但{against}")
        self.why.setText(but.format(reasons=reasons, against=against) if against else reasons)
        self.take.setAccessibleName(f"{act} {self.title.text()}，{self.why.text()}")


def _act(*, merging: bool) -> str:
    if merging:
        return QCoreApplication.translate("DuplicatesCard", "并入")
    return QCoreApplication.translate("DuplicatesCard", "附为补充")


def _sketch(draft: Draft, now: datetime) -> Sketch:
    """What of a call in writing is compared; its time is when it was begun."""
    started = datetime.fromisoformat(draft.started_at).astimezone(UTC) if draft.started_at else now
    return Sketch(
        at=started,
        kind=draft.kind,
        phone=plain_number(draft.phone),
        lat=draft.lat,
        lon=draft.lon,
        place=pairs(draft.place),
        words=pairs(draft.narrative),
        named=named(draft.narrative),
    )
