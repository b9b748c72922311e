"""The card of requests to other zones and counties 协作: who was asked for what, how long ago, and what he said.

The other side has no seat here: what it answers is entered with the name of who said it. A request that waits stands
open; one that was answered is told in one line.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.account import Role
from console.domain.incident import Incident
from console.domain.report_up import HelpRequest
from console.services.desk import Desk
from console.services.help_requests import KINDS, STATES
from console.services.picture import Changes
from widgets.allowed import show_allowed, why_not
from widgets.panels.ask import Answer, AskSheet, Question
from widgets.panels.card import Card, Show
from widgets.panels.parts import FlowLayout, chip, label
from widgets.tasks import Tasks
from widgets.text import clock_text, elapsed_text, word
from widgets.theme import Theme


class _Row(QWidget):
    """One request: its sentence, and the keys to enter what the other side said."""

    def __init__(self, theme: Theme, card: "HelpCard", request: HelpRequest) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(2))
        self.text = label("", "small", wrap=True)
        layout.addWidget(self.text)
        self.buttons = QWidget()
        flow = FlowLayout(theme.px(4))
        self.buttons.setLayout(flow)
        acts = (("ACCEPTED", self.tr("同意")), ("REFUSED", self.tr("不同意")), ("WITHDRAWN", self.tr("撤回请求")))
        self.chips = {}
        for state, text in acts:
            self.chips[state] = chip(text, f"{request.recipient} {text}")
            self.chips[state].clicked.connect(partial(card.answer, request.id, state))
            flow.addWidget(self.chips[state])
        layout.addWidget(self.buttons)

    def show_request(self, request: HelpRequest, now: datetime, why: str) -> None:
        """Say how it stands; the keys only while an answer is awaited."""
        waits = elapsed_text((now - request.asked_at).total_seconds())
        stands = word(STATES[request.state])
        at = clock_text(request.answered_at) if request.answered_at is not None else waits
        parts = [f"{word(KINDS[request.kind])} {request.recipient}", f"{stands} {at}", request.text]
        if not request.open:
            parts.append(" ".join(filter(None, [request.answered_by, request.answer])))
        self.text.setText(" · ".join(filter(None, parts)))
        self.buttons.setVisible(request.open)
        for button in self.chips.values():
            show_allowed(button, why)


class HelpCard(Card):
    """The requests of the incident that is shown."""

    def __init__(self, desk: Desk, theme: Theme, tasks: Tasks, sheet: AskSheet) -> None:
        super().__init__(theme, QCoreApplication.translate("HelpCard", "跨区协作"))
        self._desk, self._tasks, self._sheet = desk, tasks, sheet
        self._number, self._workable = "", False
        self.rows: dict[str, _Row] = {}

    @override
    def show_incident(self, incident: Incident | None, *, workable: bool) -> None:
        self._number, self._workable = incident.number if incident is not None else "", workable
        self.beat(self._desk.clock())

    @override
    def beat(self, now: datetime) -> None:
        requests = self._requests()
        for gone in self.rows.keys() - {request.id for request in requests}:
            row = self.rows.pop(gone)
            row.hide()
            row.deleteLater()
        why = "" if self._workable else QCoreApplication.translate("HelpCard", "历史警情，只读")
        for request in requests:
            if request.id not in self.rows:
                self.rows[request.id] = _Row(self._theme, self, request)
                self.content.addWidget(self.rows[request.id])
            allowed = why or why_not(self._desk, "help.answer", request=request.id)
            self.rows[request.id].show_request(request, now, allowed)
        waiting = [request.recipient for request in requests if request.open]
        show = Show.OPEN if waiting else Show.LINE if requests else Show.HIDDEN
        told = "、".join(f"{request.recipient} {word(STATES[request.state])}" for request in requests)
        self.say(show, told)

    def _requests(self) -> list[HelpRequest]:
        return self._desk.picture.state.where(HelpRequest, incident=self._number) if self._number else []

    @override
    def changes(self, changes: Changes) -> None:
        """The duty chief is told of every request of the room, whichever incident he looks at."""
        if Role.CHIEF.value not in self._desk.roles:
            return
        pattern = QCoreApplication.translate("HelpCard", "{kind}协作：{recipient} {state}（{number}）")
        for request in (*changes.added, *changes.updated):
            if isinstance(request, HelpRequest) and request.incident != self._number:
                said = {"kind": word(KINDS[request.kind]), "recipient": request.recipient}
                short = request.incident.rpartition("-")[2]
                self._tasks.messages.info(pattern.format(**said, state=word(STATES[request.state]), number=short))

    def answer(self, request: str, state: str) -> None:
        """Ask who said it and what; a withdrawal asks for its reason only."""
        found = self._desk.picture.state.get(HelpRequest, request)
        if found is None:
            return
        text = Question("answer", QCoreApplication.translate("HelpCard", "内容或理由"))
        by = Question("by", QCoreApplication.translate("HelpCard", "对方答复人"))
        questions = [text] if state == "WITHDRAWN" else [by, text]
        needs = {"ACCEPTED": ("by",), "REFUSED": ("by", "answer"), "WITHDRAWN": ()}[state]
        title = f"{found.recipient} · {word(STATES[state])}"
        done = Answer("do", QCoreApplication.translate("HelpCard", "记录"), needs)
        self._sheet.ask(title, questions, [done], partial(self._answered, request, state))

    def _answered(self, request: str, state: str, _: str, said: Mapping[str, str]) -> None:
        if state == "WITHDRAWN":
            step = self._desk.do("help.withdraw", request=request, reason=said["answer"])
        else:
            step = self._desk.do("help.answer", request=request, state=state, by=said["by"], answer=said["answer"])
        self._tasks.start(step, "help.answer")
