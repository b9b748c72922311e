"""Terminal texts: rows of the outbox that go to a vehicle's terminal (JT/T 808 text, 0x8300), and their receipts.

They are worked by whichever host hears the terminal, for it calls one port only; that host's lease keeps others from
that port. The terminal's general answer (0x0001) is the receipt. A text that found no terminal in time is given up: an
order that pops up an hour later sends a crew to nobody.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from console.domain.account import MACHINE
from console.domain.errors import EnvironmentFault
from console.domain.ledger import Act
from console.domain.outbox import MessageState, OutboxMessage
from console.services.desk import Desk
from console.services.order_sending import TERMINAL
from console.services.order_word import is_terminal
from console.services.watch import Chore
from drivers.wire import PortError

log = logging.getLogger(__name__)

ACTOR = "系统"
GIVE_UP_AFTER = timedelta(seconds=60)
"""So long a text waits for its terminal to call."""

ANSWER_WITHIN = timedelta(seconds=60)
"""A terminal answers at once or never; then it may have rebooted and shown nothing."""

RESULTS = {1: "终端拒绝", 2: "终端说报文有误", 3: "终端不支持文本"}
"""Results of a terminal's general answer besides 0 (JT/T 808 table 4)."""

OFFLINE = "车载终端不在线"


class Fleet(Protocol):
    """The part of `services.vehicles.Vehicles` that telling needs."""

    def tell(self, account: str, what: Mapping[str, object]) -> bool:
        """Have a terminal told something; False if no line of this process hears it. PortError if it just left."""

    def on_answer(self, hear: Callable[[Mapping[str, Any]], None]) -> None:
        """Call `hear` with every general answer that names what it answers (`ref`, `result`)."""


class TerminalTexts:
    """Works the rows for the terminals that this process hears. On the loop's thread only."""

    def __init__(self, desk: Desk, fleet: Fleet) -> None:
        self.chore = Chore("terminal texts", 1.0, self.work)
        self._desk, self._fleet = desk, fleet
        self._handed: set[str] = set()
        self._answers: list[Mapping[str, Any]] = []
        fleet.on_answer(self._answers.append)

    async def work(self) -> None:
        """One look: receipts that came, texts to hand over, texts to give up."""
        answers, self._answers[:] = list(self._answers), []
        for said in answers:
            await self._answered(str(said["ref"]), int(said["result"]))
        now = self._desk.clock()
        rows = [row for row in self._desk.picture.state.all(OutboxMessage) if row.open and is_terminal(row)]
        self._handed &= {row.id for row in rows}
        for row in sorted(rows, key=lambda row: (row.queued_at, row.id)):
            await self._do(row, now)

    async def _do(self, row: OutboxMessage, now: datetime) -> None:
        if row.state is MessageState.QUEUED and now - row.queued_at > GIVE_UP_AFTER:
            await self._tell(row.id, "fail", OFFLINE)
        elif row.state is MessageState.QUEUED and row.id not in self._handed and self._hand_over(row):
            self._handed.add(row.id)
            await self._tell(row.id, "send")
        elif row.sent_at is not None and now - row.sent_at > ANSWER_WITHIN:
            await self._tell(row.id, "fail", "终端没有应答")

    def _hand_over(self, row: OutboxMessage) -> bool:
        account = row.number.removeprefix(TERMINAL)
        try:
            return self._fleet.tell(account, {"do": "text", "text": row.text, "ref": row.id})
        except PortError as problem:
            log.info("terminal %s could not be told: %s", account, problem)
            return False

    async def _answered(self, message: str, result: int) -> None:
        row = self._desk.picture.state.get(OutboxMessage, message)
        if row is None:
            return
        if row.state is MessageState.QUEUED:
            await self._tell(message, "send")  # that it was handed over could not be stored then
        await self._tell(message, "fail" if result else "deliver", RESULTS.get(result, ""))

    async def _tell(self, message: str, act: str, why: str = "") -> None:
        desk, args = self._desk, {"message": message, "act": act, "line": "", "why": why}
        try:
            await desk.carry_out(
                Act(name="outbox.told", args=args, actor=ACTOR, seat=desk.seat, roles=MACHINE, at=desk.clock())
            )
        except EnvironmentFault as fault:
            log.warning("the end of a text could not be stored: %s", fault)
