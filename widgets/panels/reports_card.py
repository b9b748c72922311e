"""The card of a major incident 重大警情: who has to be told, who was told when, the orders given.

Before it is declared it is one line with the reason why the table proposes it. Ctrl+Shift+M opens the confirmation
strip that names who will be told; nothing is sent or recorded before Enter there. Afterwards the list stands open
until everybody is told: a digit or Enter says that somebody was, and who took it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidgetItem, QMenu
from typing_extensions import override

from console.domain.desk_facts import CommandLogged, MajorDeclared
from console.domain.errors import UserError
from console.domain.facts import Fact
from console.domain.incident import Incident
from console.domain.major import OrderTemplate
from console.domain.report_up import ReportUp
from console.services import major
from console.services.desk import Desk
from console.services.picture import Changes
from widgets.allowed import why_not
from widgets.keys import is_held
from widgets.panels.ask import Answer, AskSheet, Question
from widgets.panels.card import Card, Show
from widgets.panels.confirm_strip import ConfirmStrip, Told
from widgets.panels.finder import ENTER
from widgets.panels.names import Names
from widgets.panels.parts import chip, label
from widgets.panels.story import TimelineLoader
from widgets.tasks import Tasks
from widgets.text import clock_text, elapsed_text, late_text, said, word
from widgets.theme import Theme

ORDERS_SHOWN = 4
"""So many orders stand in the card, the newest last; all of them stand on the timeline."""

LIST_ROWS, LOW_ROWS = 8, 4
"""So many rows of a list are seen without scrolling, and so many in a low window."""


class ReportsCard(Card):
    """`left`: the strip was left or done; the window gives the keys back to the queue."""

    left = Signal()

    def __init__(self, desk: Desk, theme: Theme, tasks: Tasks, sheet: AskSheet, load: TimelineLoader) -> None:
        super().__init__(theme, QCoreApplication.translate("ReportsCard", "重大警情"))
        self._desk, self._tasks, self._sheet, self._load = desk, tasks, sheet, load
        self._incident: Incident | None = None
        self._workable, self._reason, self._orders = False, "", list[Fact]()
        self._rows: list[ReportUp] = []
        self.strip = ConfirmStrip(theme)
        self.strip.hide()
        self.strip.confirmed.connect(self._confirmed)
        self.strip.left.connect(self._cancelled)
        self.list = Names()
        self.list.setAccessibleName(self.tr("报告名单"))
        self.list.installEventFilter(self)
        self.list.itemDoubleClicked.connect(self._tell_current)
        self.hint, self.orders = label("", "muted", wrap=True), label("", "small", wrap=True)
        self.templates = chip(self.tr("口令"), self.tr("口令模板"))
        self.templates.setMenu(QMenu(self.templates))
        below = QHBoxLayout()
        below.setSpacing(theme.px(6))
        below.addWidget(self.hint, 1)
        below.addWidget(self.templates)
        for piece in (self.strip, self.list):
            self.content.addWidget(piece)
        self.content.addLayout(below)
        self.content.addWidget(self.orders)

    # -- what is shown -------------------------------------------------------------------------------------------

    @override
    def show_incident(self, incident: Incident | None, *, workable: bool) -> None:
        before = self._incident.number if self._incident is not None else ""
        self._incident, self._workable = incident, workable
        if (incident.number if incident is not None else "") != before:
            self.strip.hide()
            self._orders = []
            if incident is not None and incident.major_at is not None:
                self._tasks.start(self._read_orders(incident.number), "timeline")
        self.beat(self._desk.clock())

    async def _read_orders(self, number: str) -> None:
        facts = await asyncio.to_thread(self._load, number)
        if self._incident is not None and self._incident.number == number:
            known = {fact.seq for fact in facts}
            later = [fact for fact in self._orders if fact.seq not in known]
            self._orders = [fact for fact in facts if isinstance(fact.body, CommandLogged)] + later
            self.beat(self._desk.clock())

    @override
    def changes(self, changes: Changes) -> None:
        number = self._incident.number if self._incident is not None else ""
        found = [f for f in changes.facts if isinstance(f.body, CommandLogged) and f.body.incident == number]
        if number and found:
            self._orders += found
            self.beat(self._desk.clock())
        for fact in changes.facts:
            if isinstance(fact.body, MajorDeclared) and fact.actor != self._desk.actor:
                self._announce(fact)

    def _announce(self, fact: Fact) -> None:
        """The whole room hears of a major incident, whichever one it looks at."""
        found = self._desk.picture.state.get(Incident, fact.body.incident)
        if found is not None:
            pattern = self.tr("重大警情 {number} {place}，由 {who} 报告上级")
            said_so = pattern.format(number=found.short, place=found.place, who=fact.actor)
            self._tasks.messages.warn(said_so)

    @override
    def beat(self, now: datetime) -> None:
        incident = self._incident
        if incident is None:
            self.say(Show.HIDDEN)
            return
        if not self.strip.isHidden():
            self.say(Show.OPEN, self.summary)
            return
        try:
            if incident.major_at is None:
                self._propose(incident)
            else:
                self._show_list(incident, now)
        except UserError as fault:  # the county's table cannot be read
            self._show_body(shown=False)
            self.say(Show.LINE, said(str(fault)))

    def _propose(self, incident: Incident) -> None:
        self._show_body(shown=False, hint=True)
        why = major.why_major(self._desk.picture.state, incident) if self._workable else ""
        self.hint.setText(self.tr("按 Ctrl+Shift+M 列出将报告的人，确认后才报告"))
        pattern = self.tr("⚠ 建议报告上级：{why} · Ctrl+Shift+M")
        self.say(Show.LINE if why else Show.HIDDEN, pattern.format(why=word(why)))

    def _show_body(self, *, shown: bool, hint: bool = False) -> None:
        for piece in (self.list, self.templates, self.orders):
            piece.setVisible(shown)
        self.hint.setVisible(shown or hint)

    def _show_list(self, incident: Incident, now: datetime) -> None:
        self._show_body(shown=True)
        self._rows = major.reports_of(self._desk.picture.state, incident.number)
        while self.list.count() > len(self._rows):
            self.list.takeItem(self.list.count() - 1)
        while self.list.count() < len(self._rows):
            self.list.addItem(QListWidgetItem())
        for place, row in enumerate(self._rows):
            text = f"{place + 1} {self._line(row, now)}"
            if self.list.item(place).text() != text:
                self.list.item(place).setText(text)
                self.list.item(place).setToolTip(text)
        self._fit(self.list)
        waiting = [row for row in self._rows if row.told_at is None]
        why = "" if self._workable else self.tr("历史警情，只读")
        why = why or (why_not(self._desk, "report_up.told", report=waiting[0].id) if waiting else "")
        self.hint.setText(why or self.tr("数字或 Enter：记已报告"))
        self._show_templates()
        self._show_orders()
        late = [row for row in waiting if self._late(row, now) > 0]
        told = self.tr("已报 {n}/{all}").format(n=len(self._rows) - len(waiting), all=len(self._rows))
        if late:
            told += " · " + self.tr("超时 {names}").format(names=word("、").join(word(row.name) for row in late))
        self.say(Show.OPEN if waiting else Show.LINE, told)

    def _fit(self, shown: Names) -> None:
        """As high as its rows; in a low window few of them, so that what Enter does stays in sight."""
        shown.show_at_most(LIST_ROWS if self.window().height() >= self._theme.px(900) else LOW_ROWS)

    def _late(self, row: ReportUp, now: datetime) -> float:
        due = major.due_at(row)
        return (now - due).total_seconds() if due is not None else 0.0

    def _line(self, row: ReportUp, now: datetime) -> str:
        """✓ 带班局领导 · 14:32 已报 张 / ○ … · 电话 未登记 · 剩 03:12 / ⚠ … · 超时 2分."""
        name = word(row.name)
        if row.told_at is not None:
            parts = [f"✓ {name}", self.tr("{time} 已报").format(time=clock_text(row.told_at))]
            return " · ".join(filter(None, [*parts, word(row.told_by), row.answer]))
        phone = row.phone or self.tr("未登记")
        stands = major.stands(self._desk.picture.state, row)
        way = said(stands) if stands else self.tr("电话 {phone}").format(phone=phone)
        due, late = major.due_at(row), self._late(row, now)
        if late > 0:
            return " · ".join([f"⚠ {name}", way, late_text(late)])
        left = self.tr("剩 {time}").format(time=elapsed_text(-late)) if due is not None else ""
        return " · ".join(filter(None, [f"○ {name}", way, left]))

    def _show_templates(self) -> None:
        menu = self.templates.menu()
        if menu.isEmpty():
            for template in major.table().templates:
                menu.addAction(word(template.title)).triggered.connect(partial(self._template_chosen, template))

    def _show_orders(self) -> None:
        lines = []
        for fact in self._orders[-ORDERS_SHOWN:]:
            body = fact.body
            assert isinstance(body, CommandLogged)
            lines.append(f"{clock_text(fact.at)} {body.by or fact.actor} → {body.to}{word('：')}{body.text}")
        self.orders.setText("\n".join(lines))
        self.orders.setVisible(bool(lines))

    # -- declaring -----------------------------------------------------------------------------------------------

    def declare(self, number: str, reason: str) -> None:
        """Ctrl+Shift+M: name who will be told; a second declaration names who is not on the list yet."""
        incident = self._incident
        if incident is None or incident.number != number or not self._workable:
            self._tasks.messages.warn(self.tr("这起警情现在不能报重大警情"))
            return
        why = why_not(self._desk, "incident.major", incident=number)
        if why:
            self._tasks.messages.warn(why)
            return
        state = self._desk.picture.state
        try:
            listed = {row.recipient for row in major.reports_of(state, number)}
            fresh = [one for one in major.table().concerned(incident) if one.id not in listed]
            self._reason = reason or major.why_major(state, incident)
            text = major.report_text(state, incident)
        except UserError as fault:
            self._tasks.messages.error(str(fault))
            return
        if not fresh:
            self.open()
            self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        self._show_body(shown=False)
        self.strip.show()
        self.say(
            Show.OPEN, self.tr("{number} 将报告 {n} 方，按 Enter 才报告").format(number=incident.short, n=len(fresh))
        )
        rows = [Told(one.id, word(one.title), self._by(one.channel, one.phone)) for one in fresh]
        self.strip.ask("", text, rows, self.tr("确认报告"))
        self._fit(self.strip.list)
        self.open()

    def _by(self, channel: str, phone: str) -> str:
        if channel == "sms" and phone:
            return self.tr("短信 {phone}").format(phone=phone)
        return self.tr("打电话 {phone}").format(phone=phone or self.tr("未登记"))

    @Slot(object)
    def _confirmed(self, recipients: Sequence[str]) -> None:
        if self._incident is not None:
            said_so = {"recipients": list(recipients), "reason": self._reason}
            self._tasks.start(self._declared(self._incident.number, said_so), "incident.major")

    async def _declared(self, number: str, said_so: Mapping[str, object]) -> None:
        await self._desk.do("incident.major", incident=number, **said_so)
        self.strip.hide()
        self.beat(self._desk.clock())
        self.list.setCurrentRow(0)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self.open()

    @Slot()
    def _cancelled(self) -> None:
        self.strip.hide()
        self.beat(self._desk.clock())
        self.left.emit()

    # -- telling -------------------------------------------------------------------------------------------------

    @override
    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self.list and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        if is_held(event, ENTER):
            return True  # The Enter that declared it says of nobody that he was told.
        if event.key() in ENTER:
            self.tell(self.list.currentRow())
        elif event.text().isdigit() and event.text() != "0":
            self.tell(int(event.text()) - 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            return False
        return True

    @Slot()
    def _tell_current(self) -> None:
        self.tell(self.list.currentRow())

    def tell(self, place: int) -> None:
        """Ask who took the report; what is known is put down with one more Enter."""
        if not (0 <= place < len(self._rows)) or not self._workable:
            return
        row = self._rows[place]
        if row.told_at is not None:
            self._tasks.messages.info(self.tr("{name} 已报告").format(name=word(row.name)))
            return
        title = self.tr("已报告 {name}").format(name=word(row.name))
        fields = [Question("by", self.tr("接报人")), Question("answer", self.tr("答复"))]
        done = Answer("do", self.tr("记录"), (), why_not(self._desk, "report_up.told", report=row.id))
        self._sheet.ask(title, fields, [done], partial(self._told, row.id))

    def _told(self, report: str, _: str, entered: Mapping[str, str]) -> None:
        step = self._desk.do("report_up.told", report=report, by=entered["by"], answer=entered["answer"])
        self._tasks.start(step, "report_up.told")

    def _template_chosen(self, template: OrderTemplate, _: bool) -> None:
        self.give_order(template)

    def give_order(self, template: OrderTemplate) -> None:
        """A template's words for this incident, to be changed before they are kept."""
        if self._incident is None or not self._workable:
            return
        fields = [Question("to", self.tr("对象")), Question("text", self.tr("内容"))]
        done = Answer("do", self.tr("记口令"), ("to", "text"), why_not(self._desk, "command.log"))
        title = self.tr("口令 {title}").format(title=word(template.title))
        self._sheet.ask(title, fields, [done], partial(self._ordered, template.id))
        if not self._sheet.fields["text"].text():
            words = major.order_text(self._desk.picture.state, self._incident, template, template.to)
            self._sheet.fields["to"].setText(template.to)
            self._sheet.fields["text"].setText(words)

    def _ordered(self, template: str, _: str, entered: Mapping[str, str]) -> None:
        if self._incident is not None:
            said_so = {"to": entered["to"], "text": entered["text"], "template": template}
            self._tasks.start(self._desk.do("command.log", incident=self._incident.number, **said_so), "command.log")
