"""The question card 接警问询: what to ask next, what the answers mean so far, what to read to the caller.

One question at a time, big enough to read aloud. It moves on by itself only when its own answer is saved; what is
being typed is never replaced, and nothing is sent from here: units and agencies are proposals for the keys that send
them. An answer is saved as soon as it is given.
"""

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QWidget
from typing_extensions import override

from console.domain.errors import UserError
from console.domain.incident import BEFORE_DISPATCH, UNDER_WAY, Incident, IncidentState
from console.domain.priority import LEVELS
from console.domain.protocol import (
    Given,
    Meant,
    Protocol,
    Question,
    asked,
    checklist,
    instructions,
    meant,
    open_questions,
)
from console.services import questions
from console.services.desk import Desk
from console.services.sight import Sight
from widgets.allowed import show_allowed, why_not
from widgets.panels.card import Card, Show
from widgets.panels.drafts import Draft
from widgets.panels.parts import chip, label
from widgets.panels.question_asking import QuestionAsking, in_language
from widgets.tasks import Tasks
from widgets.text import said, word
from widgets.theme import Theme

ASKING = (*BEFORE_DISPATCH, *(s for s in UNDER_WAY if s not in (IncidentState.ON_SCENE, IncidentState.HANDLING)))
"""While the incident is in one of these the caller is asked; afterwards the unit is there and sees for itself."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("QuestionsCard", text)


class QuestionsCard(Card):
    """`question` is the id of the one that is asked, '' for none."""

    def __init__(self, desk: Desk, theme: Theme, tasks: Tasks, sight: Sight) -> None:
        super().__init__(theme, _tr("接警问询"))
        self._desk, self._tasks, self._sight = desk, tasks, sight
        self._incident: Incident | None = None
        self._protocol: Protocol | None = None
        self._known: dict[str, Given] = {}
        self._open = False
        self._current, self._back_to = "", ""
        self.first = label("", "wrong", wrap=True)
        self.asking = QuestionAsking(theme)
        self.asking.answered.connect(self._answered)
        self.asking.passed.connect(self._passed)
        self.effects = label("", "strong", wrap=True)
        self.warnings = label("", "wrong", wrap=True)
        self.read_out = label("", "", wrap=True)
        self.given = label("", "muted", wrap=True)
        self.own = label("", "muted", wrap=True)
        for piece in (self.first, self.asking, self._keys(), self.effects, self.warnings, self.read_out, self.given):
            self.content.addWidget(piece)
        self.content.addWidget(self.own)

    def _keys(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._theme.px(6))
        self.skip_button = chip(_tr("Alt+S 跳过"), _tr("跳过这一问"))
        self.back_button = chip(_tr("Alt+← 上一问"), _tr("回到上一问"))
        self.skip_button.clicked.connect(self.skip)
        self.back_button.clicked.connect(self.back)
        self.choose_button = chip(_tr("换要点"), _tr("换问询要点"))
        self.choose_button.setMenu(self._menu())
        self.progress = label("", "muted")
        layout.addWidget(self.back_button)
        layout.addWidget(self.skip_button)
        layout.addWidget(self.choose_button)
        layout.addStretch(1)
        layout.addWidget(self.progress)
        self._row = row
        return row

    def _menu(self) -> QMenu:
        """Every protocol, and the kind's own again; filled when it opens, in the language of then."""
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill_menu)
        menu.triggered.connect(self._chosen)
        return menu

    @Slot()
    def _fill_menu(self) -> None:
        menu = self.choose_button.menu()
        menu.clear()
        by_hand = self._incident.protocol if self._incident is not None else ""
        for id_, title in ("", _tr("随警情类别")), *((p.id, self._title(p)) for p in self._book.protocols.values()):
            action = menu.addAction(title)
            action.setData(id_)
            action.setCheckable(True)
            action.setChecked(id_ == by_hand)

    @Slot(object)
    def _chosen(self, action: QAction) -> None:
        if self._incident is not None:
            asked_for = self._desk.do("incident.protocol", incident=self._incident.number, protocol=str(action.data()))
            self._tasks.start(asked_for, "incident.protocol")

    @property
    @override
    def heart(self) -> QWidget:
        return self.asking if self.asking.question is not None else self

    # -- told by the column --------------------------------------------------------------------------------------

    @override
    def show_incident(self, incident: Incident | None, *, workable: bool) -> None:
        if incident is None or (self._incident is not None and incident.number != self._incident.number):
            self._current = self._back_to = ""
        self._incident = incident
        if incident is None:
            self.say(Show.HIDDEN)
            return
        before, self._protocol = self._protocol, questions.protocol_of(incident, self._book)
        if before is not self._protocol and not self.asking.being_typed:
            self._current = self._back_to = ""
        if self._protocol is None:
            self._open = False
            self._show_pieces(None, allowed=False)
            self.say(Show.LINE, _tr("没有问询要点"))
            return
        self._known = questions.known(self._desk.picture.state, incident, self._protocol)
        self._show(incident, self._protocol, workable=workable and incident.open)

    @override
    def show_draft(self, draft: Draft) -> None:
        """Nothing can be kept before the incident is there; what will be asked first can be read out already."""
        protocol = self._book.for_code(draft.kind) if draft.kind else None
        if protocol is None:
            self.say(Show.HIDDEN)
            return
        fields = {"place": draft.place, "phone": draft.phone, "narrative": draft.narrative, "caller": draft.caller}
        left = open_questions(protocol, questions.from_form(protocol, fields))
        self._protocol, self._known, self._open = protocol, {}, False
        self._show_pieces(None, allowed=False)
        first = in_language(left[0].text) if left else ""
        told = _tr("{title} · 保存后记录 · 先问：{first}")
        self.say(Show.LINE, told.format(title=self._title(protocol), first=first))

    # -- what is shown -------------------------------------------------------------------------------------------

    @property
    def _book(self) -> Any:
        return self._desk.reference.protocols

    @property
    def question(self) -> str:
        """The id of the question that is asked, '' for none."""
        return self._current

    def _title(self, protocol: Protocol) -> str:
        return in_language(protocol.title)

    def _show(self, incident: Incident, protocol: Protocol, *, workable: bool) -> None:
        self._open, self._current = workable, self._to_ask(protocol)
        question = protocol.question(self._current)
        why = why_not(self._desk, "incident.answer_question", incident=incident.number)
        self._show_pieces(question, allowed=workable and not why, why=why)
        means = meant(protocol, self._known)
        self._tell_meaning(incident, protocol, means)
        wanted = question is not None and workable and incident.state in ASKING
        self.say(Show.OPEN if wanted else Show.LINE, self._summary(protocol, means))

    def _to_ask(self, protocol: Protocol) -> str:
        """The one a person went back to, or is typing an answer to; else the first that is open."""
        now = {question.id for question in asked(protocol, self._known)}
        if self._back_to in now:
            return self._back_to
        if self._current in now and (self._current not in self._known or self.asking.being_typed):
            return self._current
        return next((question.id for question in open_questions(protocol, self._known)), "")

    def _show_pieces(self, question: Question | None, *, allowed: bool, why: str = "") -> None:
        number = self._incident.number if self._incident is not None else ""
        before = self._known[question.id].value if question is not None and question.id in self._known else ""
        self.asking.ask(number, question, before, allowed=allowed)
        self.asking.setVisible(question is not None)
        self._row.setVisible(self._protocol is not None)
        show_allowed(self.skip_button, why, _tr("理由用命令写：跳过 理由"))
        self.skip_button.setEnabled(allowed and question is not None and not before)
        self.back_button.setEnabled(bool(self._answered_ids()))
        self.choose_button.setEnabled(self._open and not why)
        if why:
            self.first.setText(why)
        elif self._book.faults:
            told = _tr("本地问询要点有 {n} 处错误，有错的文件未采用：{first}")
            self.first.setText(told.format(n=len(self._book.faults), first=self._book.faults[0]))
        else:
            self.first.setText(self._police_first())
        self.first.setVisible(bool(self.first.text()))
        if question is None:
            for piece in (self.effects, self.warnings, self.read_out, self.given, self.own):
                piece.hide()

    def _police_first(self) -> str:
        if self._incident is None or self._protocol is None or not self._protocol.police_first:
            return ""
        sent = any(order.open for order in self._desk.picture.orders(self._incident.number))
        return "" if sent else _tr("⚠ 先派警，后核实（F2）")

    def _tell_meaning(self, incident: Incident, protocol: Protocol, means: Meant) -> None:
        _show(self.effects, self._effects(means))
        _show(self.warnings, "\n".join(f"⚠ {in_language(warning)}" for warning in means.warnings))
        lines = instructions(protocol, self._known)
        told = "\n".join(f"▪ {in_language(line)}" for line in lines)
        _show(self.read_out, _tr("请对报警人说：\n{lines}").format(lines=told) if told else "")
        _show(self.given, self._given(protocol, masked=not self._sight.unmasked(incident)))
        own = "\n".join(f"▫ {in_language(line)}" for line in checklist(protocol, self._known, unit=False))
        _show(self.own, own if not self._current else "")
        everything = asked(protocol, self._known)
        done = sum(question.id in self._known for question in everything)
        self.progress.setText(f"{done}/{len(everything)}")

    def _effects(self, means: Meant) -> str:
        """→ 一级：凶器：刀具 · 建议 机动增援、120 · 报 值班长 · 分流 B"""
        pieces = []
        if means.level:
            why = word("、").join(in_language(r.because) for r in means.raised if r.level == means.level)
            pieces.append(_tr("→ {level}：{why}").format(level=word(LEVELS[means.level]), why=why))
        agencies = [self._desk.reference.agencies[each].short for each in means.agencies]
        proposed = [word(each) for each in (*means.units, *agencies)]
        if proposed:
            pieces.append(_tr("建议 {names}").format(names=word("、").join(proposed)))
        posts = [in_language(self._book.posts[post]) for post in means.notify]
        if posts:
            pieces.append(_tr("报 {names}").format(names=word("、").join(posts)))
        if means.route:
            pieces.append(_tr("建议分流 {route}").format(route=means.route))
        return " · ".join(pieces)

    def _given(self, protocol: Protocol, *, masked: bool) -> str:
        """What was answered and skipped, in the order of the questions; the form's own fields are seen in the form."""
        rows = questions.answers(self._desk.picture.state, self._incident.number) if self._incident else {}
        texts = []
        for question in asked(protocol, self._known):
            row = rows.get(question.id)
            if row is not None:
                text = said(row.text)
                texts.append(_tr("{question}（跳过）").format(question=text) if row.skipped else text)
        shown = " · ".join(texts)
        return self._sight.text(shown) if masked else shown

    def _summary(self, protocol: Protocol, means: Meant) -> str:
        everything = asked(protocol, self._known)
        left = sum(question.id not in self._known for question in everything)
        state = _tr("还有 {n} 问").format(n=left) if left else _tr("已问完")
        effects = self._effects(means)
        return " · ".join(piece for piece in (self._title(protocol), state, effects) if piece)

    # -- what a person does --------------------------------------------------------------------------------------

    def take_focus(self) -> None:
        """Alt+Q: open, with the keys at the question."""
        self.open()
        self.asking.take_focus()

    @Slot(str)
    def _answered(self, value: str) -> None:
        incident, protocol = self._incident, self._protocol
        question = protocol.question(self._current) if protocol is not None else None
        if incident is None or protocol is None or question is None:
            return
        try:
            step = questions.answer_step(incident.number, protocol, question, value)
        except UserError as refusal:
            self._tasks.messages.error(str(refusal))
            return
        self._tasks.start(self._keep(step, question.id), "incident.answer_question")

    @Slot()
    def skip(self) -> None:
        """Alt+S, or the button: pass this one over."""
        incident, protocol = self._incident, self._protocol
        question = protocol.question(self._current) if protocol is not None else None
        if incident is not None and protocol is not None and question is not None:
            step = questions.skip_step(incident.number, protocol, question)
            self._tasks.start(self._keep(step, question.id), "incident.skip_question")

    def _keep(self, step: tuple[str, dict[str, Any]], question: str) -> Coroutine[Any, Any, None]:
        return self._kept(step, question)

    async def _kept(self, step: tuple[str, dict[str, Any]], question: str) -> None:
        await self._desk.do(step[0], **step[1])
        self._move_on(question)

    def _move_on(self, question: str) -> None:
        """The answer to a question is saved: the next one, unless the person has gone elsewhere meanwhile."""
        if question == self._current:
            self.asking.forget()
            self._current = self._back_to = ""
            self.again()
            self.sought.emit()

    @Slot()
    def _passed(self) -> None:
        """Enter on an answer that stands: on to the next open question."""
        self._current = self._back_to = ""
        self.again()

    @Slot()
    def back(self) -> None:
        """Alt+←: the question before this one that was answered or skipped."""
        ids = self._answered_ids()
        if ids:
            before = [q for q in ids if self._place(q) < self._place(self._current)] if self._current else ids
            self._back_to = self._current = (before or ids)[-1]
            self.again()

    def again(self) -> None:
        """Show what is known now."""
        incident = self._incident
        fresh = self._desk.picture.state.get(Incident, incident.number) if incident is not None else None
        if fresh is not None:
            self.show_incident(fresh, workable=True)

    def _answered_ids(self) -> list[str]:
        """Answered and skipped questions in their order; what the form answers is changed in the form."""
        if self._protocol is None or self._incident is None:
            return []
        rows = questions.answers(self._desk.picture.state, self._incident.number)
        return [question.id for question in asked(self._protocol, self._known) if question.id in rows]

    def _place(self, question: str) -> int:
        ids = [q.id for q in asked(self._protocol, self._known)] if self._protocol is not None else []
        return ids.index(question) if question in ids else len(ids)


def _show(piece: QLabel, text: str) -> None:
    piece.setText(text)
    piece.setVisible(bool(text))
