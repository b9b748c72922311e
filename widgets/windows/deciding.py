"""Deciding 双人审批 in a window: what waits for this person, the sheet to decide on it, the word to the asker."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect, Signal, Slot
from PySide6.QtWidgets import QWidget

from console.domain.account import Account
from console.domain.approval import APPROVAL_LABELS, Approval, ApprovalState
from console.domain.incident import Incident
from console.services.approvals import why_not_decide, words
from console.services.desk import Desk
from console.services.picture import Changes
from widgets.panels.approvals import ApprovalRow, ApprovalsSheet
from widgets.panels.cover import Cover
from widgets.tasks import Tasks
from widgets.text import minute_text, said, word
from widgets.theme import Theme


class Deciding(QObject):
    """`counted` carries how many requests this person may decide on."""

    counted = Signal(int)

    def __init__(self, desk: Desk, theme: Theme, tasks: Tasks, ground: QWidget, place: Callable[[], QRect]) -> None:
        super().__init__(ground)
        self._desk, self._tasks = desk, tasks
        self.sheet = ApprovalsSheet(theme)
        self.cover = Cover(ground, theme, self.sheet, place, 720)
        self.sheet.granted.connect(self._grant)
        self.sheet.refused.connect(self._refuse)
        self.sheet.withdrawn.connect(self._withdraw)
        self.sheet.left.connect(self.cover.hide)
        self.close = desk.picture.observe(self._take_in)

    # -- what waits ------------------------------------------------------------------------------------------

    def waiting(self) -> list[Approval]:
        """Open requests that this person may decide on, the oldest first."""
        asked = [a for a in self._desk.picture.state.all(Approval) if a.open and not self._why_not(a)]
        return sorted(asked, key=lambda approval: approval.asked_at)

    def _why_not(self, approval: Approval) -> str:
        return why_not_decide(approval, self._desk.actor, self._desk.roles)

    def refresh(self) -> None:
        """Count, and show anew what the sheet holds."""
        self.counted.emit(len(self.waiting()))
        if self.cover.isVisible():
            self.sheet.show_rows(self._rows())

    def _rows(self) -> list[ApprovalRow]:
        """What this person may decide, then what he asked for, then what waits for others."""
        asked = [a for a in self._desk.picture.state.all(Approval) if a.open]
        mine = self._desk.actor
        asked.sort(key=lambda a: (bool(self._why_not(a)), a.asked_by != mine, a.asked_at))
        return [ApprovalRow(a.id, said(words(a)), self._said(a), a.asked_by == mine, self._why_not(a)) for a in asked]

    def _said(self, approval: Approval) -> str:
        """Who asked and when, and which incident it is about, as the queue names it."""
        said = self.tr("{who} 申请 · {time}")
        parts = [said.format(who=self._name(approval.asked_by), time=minute_text(approval.asked_at))]
        incident = self._desk.picture.state.get(Incident, approval.about)
        if incident is not None:
            parts += [word(incident.title), incident.place]
        return " · ".join(part for part in parts if part)

    def _name(self, number: str) -> str:
        account = self._desk.picture.state.get(Account, number)
        return f"{number} {account.name}" if account is not None else number

    def _take_in(self, changes: Changes) -> None:
        asked = [row for row in changes.added if isinstance(row, Approval)]
        decided = [row for row in changes.updated if isinstance(row, Approval)]
        for approval in asked:
            if approval.open and not self._why_not(approval):
                text = self.tr("{who} 请您审批：{words}（Ctrl+B）")
                self._tasks.messages.warn(text.format(who=self._name(approval.asked_by), words=said(words(approval))))
        for approval in decided:
            self._tell_asker(approval)
        if asked or decided or any(isinstance(row, Account) for row in (*changes.added, *changes.updated)):
            self.refresh()

    def _tell_asker(self, approval: Approval) -> None:
        if approval.asked_by != self._desk.actor or approval.state is ApprovalState.WITHDRAWN:
            return
        decided = word(APPROVAL_LABELS[approval.state])
        said = f"{self._name(approval.decided_by)} {decided}{word('：')}{word(words(approval))}"
        if approval.answer:
            said += self.tr("；意见：{answer}").format(answer=approval.answer)
        granted = approval.state is ApprovalState.GRANTED
        (self._tasks.messages.info if granted else self._tasks.messages.warn)(said)

    # -- what a person does ----------------------------------------------------------------------------------

    def open(self) -> None:
        """Ctrl+B."""
        self.sheet.show_rows(self._rows())
        self.cover.open()
        self.sheet.take_focus()

    @Slot(str, str)
    def _grant(self, approval: str, answer: str) -> None:
        self._do("approval.decide", approval=approval, granted=True, answer=answer)

    @Slot(str, str)
    def _refuse(self, approval: str, answer: str) -> None:
        self._do("approval.decide", approval=approval, granted=False, answer=answer)

    @Slot(str)
    def _withdraw(self, approval: str) -> None:
        self._do("approval.withdraw", approval=approval)

    def _do(self, name: str, **args: object) -> None:
        self._tasks.start(self._done(name, args), name)

    async def _done(self, name: str, args: dict[str, object]) -> None:
        """The last one decided: the sheet goes by itself."""
        await self._desk.do(name, **args)
        if not self._rows():
            self.cover.hide()
