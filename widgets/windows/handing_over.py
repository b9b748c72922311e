"""The two signatures under a handover 交接班: one when the list is submitted, one when the other has signed on."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from console.domain.errors import EnvironmentFault, UserError
from console.domain.ledger import new_id
from console.services.desk import Desk
from console.services.handovers import Item
from widgets.tasks import Tasks
from widgets.text import said

PrintHandover = Callable[[str], Awaitable[Path]]


class Signatures:
    """`print_sheet` makes the paper of a handover; None while there is no printer (the bench)."""

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        self._desk, self._tasks = desk, tasks
        self.print_sheet: PrintHandover | None = None

    async def give(self, items: list[Item], notes: str, name: str) -> str:
        """Who sits here signs the list; answers the handover's id."""
        handover = new_id()
        lines = [item.line() for item in items]
        args = {"items": lines, "notes": notes, "name": name, "head": self._desk.picture.seq}
        await self._desk.do("handover.draw", handover=handover, **args)
        return handover

    async def take(self, handover: str, name: str) -> None:
        """Who sits here now signs too, and the sheet is printed. He sits here already: what fails is told, no more."""
        try:
            await self._desk.do("handover.sign", handover=handover, name=name)
            if self.print_sheet is not None:
                file = await self.print_sheet(handover)
                done = QCoreApplication.translate("Signatures", "交接班单已由双方签收：{file}")
                self._tasks.messages.info(done.format(file=file.name))
        except (UserError, EnvironmentFault) as why:
            failed = QCoreApplication.translate("Signatures", "交接班单未签成：{why}")
            self._tasks.messages.warn(failed.format(why=said(str(why))))
