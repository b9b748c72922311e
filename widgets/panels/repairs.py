"""Repair orders 维修单: what is to be mended where, by whom and when; and what still protects the site meanwhile.

Keys: ↑ ↓ choose, Alt+A gives it to somebody with a date, Alt+D is done, Alt+X cancels, Alt+P prints it, Alt+R opens a
new one for the site that is asked for, Enter shows the site. What an answer needs is asked in the panel itself.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout
from typing_extensions import override

from console.domain.repair import CAUSES, REPAIR_LABELS, RepairOrder
from console.domain.site import Site
from console.domain.trouble import Trouble
from console.domain.unit import Unit
from console.services.desk import Desk
from console.services.picture import Changes
from console.services.protection import still_protects
from console.services.site_search import find_sites
from widgets.allowed import show_allowed, why_not
from widgets.controls import KeyButton
from widgets.models.site_rows import TableRow
from widgets.panels.ask import Answer, AskSheet, Question
from widgets.panels.finder import Choice
from widgets.panels.parts import FlowLayout, ToggleChip, label
from widgets.panels.site_rows import RowsView
from widgets.tasks import Tasks
from widgets.text import date_text, local, word
from widgets.theme import Theme

Print = Callable[[str], Awaitable[Path]]

DUE = timedelta(days=3)
"""A repair is proposed to be done within so long."""


class RepairsPanel(QFrame):
    """`site_chosen` carries a site's id, `left` is Esc."""

    site_chosen = Signal(str)
    left = Signal()

    def __init__(self, desk: Desk, theme: Theme, tasks: Tasks, print_order: Print | None = None) -> None:
        """`print_order` makes the page of an order and answers its file; without it nothing can be printed here."""
        super().__init__()
        self._print_order = print_order
        self._desk, self._theme, self._tasks = desk, theme, tasks
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("维修单"))
        self.title = label("", "title")
        self.ended = ToggleChip(self.tr("含已结束"), self.tr("也列出今天完工和取消的维修单"))
        heads = (
            self.tr("点位"),
            self.tr("原因"),
            self.tr("情况"),
            self.tr("维修人"),
            self.tr("限期"),
            self.tr("状态"),
        )
        self.list = RowsView(theme, self.tr("维修单"), heads, 2)
        self.list.nothing = self.tr("没有未完工的维修单")
        self.still = label("", "small", wrap=True)
        self.sheet = AskSheet(theme)
        self.assign = KeyButton(theme, "Alt A", self.tr("派工"), height=36)
        self.finish = KeyButton(theme, "Alt D", self.tr("完工"), height=36)
        self.cancel = KeyButton(theme, "Alt X", self.tr("取消"), height=36)
        self.report = KeyButton(theme, "Alt R", self.tr("报修"), height=36)
        self.paper = KeyButton(theme, "Alt P", self.tr("打印"), height=36)
        self.paper.setVisible(print_order is not None)
        self._build()
        self._connect()
        self.close_panel = desk.picture.observe(self._take_in)
        self.refresh()

    def _build(self) -> None:
        px = self._theme.px
        head, buttons, whole = QHBoxLayout(), FlowLayout(px(6)), QVBoxLayout(self)
        head.addWidget(self.title, 1)
        head.addWidget(self.ended)
        for button in (self.assign, self.finish, self.cancel, self.report, self.paper):
            buttons.addWidget(button)
        whole.setContentsMargins(px(12), px(10), px(12), px(10))
        whole.setSpacing(px(8))
        whole.addLayout(head)
        whole.addWidget(self.list, 1)
        whole.addWidget(self.still)
        whole.addWidget(self.sheet)
        whole.addLayout(buttons)

    def _connect(self) -> None:
        self.list.opened.connect(self._open)
        self.list.chosen.connect(self._chosen)
        self.ended.toggled.connect(self.refresh)
        self.assign.clicked.connect(self._assign)
        self.finish.clicked.connect(self._finish)
        self.cancel.clicked.connect(self._cancel)
        self.report.clicked.connect(self._report)
        self.paper.clicked.connect(self._paper)
        self.sheet.closed.connect(self.take_focus)

    @Slot()
    def take_focus(self) -> None:
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what it shows -----------------------------------------------------------------------------------------

    def _take_in(self, changes: Changes) -> None:
        followed = RepairOrder | Site | Trouble | Unit
        if any(isinstance(row, followed) for row in (*changes.added, *changes.updated, *changes.removed)):
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """The list anew: something changed, another person sits here, or the clock has gone on."""
        orders = self._desk.picture.state.where(RepairOrder)
        running = sum(order.open for order in orders)
        late = sum(self._late(order) for order in orders)
        self.title.setText(self.tr("维修单 {n} 张，逾期 {late} 张").format(n=running, late=late))
        shown = [order for order in orders if order.open or self.ended.isChecked()]
        shown.sort(key=lambda order: (not order.open, not self._late(order), order.due is None, order.opened_at))
        self.list.show_rows([self._row(order) for order in shown])
        self.list.choose_first()
        self._chosen()

    def _late(self, order: RepairOrder) -> bool:
        return order.open and order.due is not None and order.due + timedelta(days=1) <= self._desk.clock()

    def _row(self, order: RepairOrder) -> TableRow:
        late = self._late(order)
        state = word(REPAIR_LABELS[order.state])
        due = local(order.due).strftime("%m-%d") if order.due is not None else "—"
        cells = (
            self._site_name(order.site),
            word(CAUSES.get(order.cause, order.cause)),
            word(order.text),
            order.who or "—",
            due,
            self.tr("✕ 逾期 {state}").format(state=state) if late else state,
        )
        said = (word(order.text), order.part, order.result)
        ink = "bad" if late else "text" if order.open else "muted"
        return TableRow(order.id, cells, "\n".join(piece for piece in said if piece), ink)

    def _site_name(self, site: str) -> str:
        found = self._desk.picture.site(site)
        return found.name if found is not None else site

    @property
    def order(self) -> RepairOrder | None:
        """The one the keys mean."""
        return self._desk.picture.state.get(RepairOrder, self.list.key)

    @Slot()
    def _chosen(self) -> None:
        order = self.order
        nothing = "" if order is not None and order.open else self.tr("没有选中未完工的维修单")
        for button, act in ((self.assign, "assign"), (self.finish, "finish"), (self.cancel, "cancel")):
            show_allowed(button, nothing or why_not(self._desk, f"repair.{act}"))
        show_allowed(self.paper, "" if order is not None else self.tr("没有选中的维修单"))
        show_allowed(self.report, why_not(self._desk, "repair.open"))
        still = still_protects(self._desk.picture.state, order.site) if order is not None and order.open else ""
        self.still.setText(self.tr("目前仍在保护：{still}").format(still=still) if still else "")
        self.still.setVisible(bool(still))

    # -- what a person does ----------------------------------------------------------------------------------

    @Slot(str)
    def _open(self, _key: str) -> None:
        if self.order is not None:
            self.site_chosen.emit(self.order.site)

    def _ask(self, what: str, questions: tuple[Question, ...], answer: Answer, act: str) -> None:
        order = self.order
        if order is None:
            return

        def done(_: str, said: Mapping[str, str]) -> None:
            self._tasks.start(self._desk.do(f"repair.{act}", order=order.id, **said), what)

        self.sheet.ask(
            f"{what}{word('：')}{self._site_name(order.site)} {word(order.text)}", questions, (answer,), done
        )

    @Slot()
    def _assign(self) -> None:
        if self.assign.isEnabled():
            day = date_text(self._desk.clock() + DUE)
            who = Question("who", self.tr("维修人"), self.tr("姓名或单位"))
            due = Question("due", self.tr("限期"), day)
            self._ask(self.tr("派工"), (who, due), Answer("assign", self.tr("派工"), ("who", "due")), "assign")
            if not self.sheet.fields["due"].text():
                self.sheet.fields["due"].setText(day)

    @Slot()
    def _finish(self) -> None:
        if self.finish.isEnabled():
            result = Question("result", self.tr("结果"), self.tr("怎么修好的"))
            part = Question("part", self.tr("更换部件"), self.tr("没有可不填"))
            self._ask(self.tr("完工"), (result, part), Answer("finish", self.tr("完工"), ("result",)), "finish")

    @Slot()
    def _cancel(self) -> None:
        if self.cancel.isEnabled():
            reason = Question("reason", self.tr("理由"))
            self._ask(self.tr("取消"), (reason,), Answer("cancel", self.tr("取消维修单"), ("reason",)), "cancel")

    @Slot()
    def _report(self) -> None:
        """A person reports what no panel says."""
        if not self.report.isEnabled():
            return

        def done(_: str, said: Mapping[str, str]) -> None:
            self._tasks.start(self._desk.do("repair.open", cause="manual", **said), self.tr("报修"))

        site = Question("site", self.tr("点位"), self.tr("名称、账号或拼音首字母"), self._find)
        text = Question("text", self.tr("情况"), self.tr("坏在哪里、怎么发现的"))
        self.sheet.ask(self.tr("报修"), (site, text), (Answer("open", self.tr("报修"), ("site", "text")),), done)

    @Slot()
    def _paper(self) -> None:
        if self.order is not None and self._print_order is not None:
            self._tasks.start(self._printed(self._print_order(self.order.id)), self.tr("打印维修单"))

    async def _printed(self, file: Awaitable[Path]) -> None:
        self._tasks.messages.info(self.tr("已打印维修单 {file}").format(file=(await file).name))

    def _find(self, typed: str) -> list[Choice]:
        found = find_sites(self._desk.picture.state.where(Site), typed)
        return [Choice(site.id, site.name, f"{site.account} {site.address}".strip()) for site in found[:30]]

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        buttons = {
            Qt.Key.Key_A: self.assign,
            Qt.Key.Key_D: self.finish,
            Qt.Key.Key_X: self.cancel,
            Qt.Key.Key_R: self.report,
            Qt.Key.Key_P: self.paper,
        }
        button = buttons.get(Qt.Key(event.key())) if event.modifiers() & Qt.KeyboardModifier.AltModifier else None
        if button is not None and button.isEnabled():
            button.click()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
