"""The card of a bulletin that is hit 布控命中: a plate in what was typed is one that is looked for now.

It is a warning line above everything else of the column, also while a new call is being written.
"""

from datetime import datetime

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout
from typing_extensions import override

from console.domain.bulletin import BULLETIN_KINDS, Bulletin, matches
from console.domain.incident import Incident
from console.services.desk import Desk
from console.services.picture import Changes
from widgets.panels.card import Card, Show
from widgets.panels.drafts import Draft
from widgets.panels.parts import chip, label
from widgets.text import word
from widgets.theme import Theme


class BulletinCard(Card):
    """`wanted` carries the id of the bulletin a person wants to read."""

    wanted = Signal(str)

    def __init__(self, desk: Desk, theme: Theme) -> None:
        super().__init__(theme, QCoreApplication.translate("BulletinCard", "布控命中"), head=False)
        self._desk = desk
        self._text = ""
        self.hits: list[Bulletin] = []
        self.told = label("", "strong", wrap=True)
        self.read = chip(self.tr("查看"), self.tr("看布控通播"))
        self.read.clicked.connect(self._read)
        row = QHBoxLayout()
        row.setSpacing(theme.px(6))
        row.addWidget(self.told, 1)
        row.addWidget(self.read)
        self.content.addLayout(row)

    @override
    def show_incident(self, incident: Incident | None, *, workable: bool) -> None:
        self._look(f"{incident.title} {incident.narrative}" if incident is not None else "")

    @override
    def show_draft(self, draft: Draft) -> None:
        self._look(f"{draft.caller} {draft.narrative}")

    @override
    def changes(self, changes: Changes) -> None:
        if any(isinstance(row, Bulletin) for row in (*changes.added, *changes.updated)):
            self._look(self._text)

    @override
    def beat(self, now: datetime) -> None:
        if any(not bulletin.in_force(now) for bulletin in self.hits):
            self._look(self._text)

    def _look(self, text: str) -> None:
        self._text = text
        self.hits = matches(text, self._desk.picture.state.all(Bulletin), self._desk.clock())
        self.told.setText("\n".join(self._line(bulletin) for bulletin in self.hits))
        self.say(Show.OPEN if self.hits else Show.HIDDEN)

    def _line(self, bulletin: Bulletin) -> str:
        """⚠ 布控命中 闽E12345 · 盗抢白色轿车 BK1121-1."""
        kind = word(BULLETIN_KINDS[bulletin.kind])
        hit = self.tr("⚠ {kind}命中 {plate}").format(kind=kind, plate=bulletin.plate)
        return f"{hit} · {bulletin.title} {bulletin.short}"

    def _read(self) -> None:
        if self.hits:
            self.wanted.emit(self.hits[0].id)
