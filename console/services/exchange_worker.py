"""The worker of orders to a telephone exchange: hands them to the lines of this process, at once when it sees them.

Every host that has no such line gives up what is too old for a caller who waits; that it is told twice changes nothing.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from console.domain.account import MACHINE
from console.domain.errors import EnvironmentFault
from console.domain.ledger import Act
from console.domain.outbox import MessageState, OutboxMessage
from console.services.desk import Desk
from console.services.exchange_orders import call_name, parts_of
from console.services.order_sending import EXCHANGE
from console.services.outbox import ModemLine
from console.services.picture import Changes
from console.services.watch import Chore

log = logging.getLogger(__name__)

ACTOR = "系统"
GIVE_UP_AFTER = timedelta(seconds=8)
"""A caller does not wait longer for an answer that no line can give."""
FORGOTTEN_AFTER = timedelta(seconds=40)
"""The exchange's own codec tells the end of an order within 26 s; then its process died."""
NO_LINE = "交换机线路未连通"


class ExchangeOrders:
    """Hands the rows to the lines this process receives, at once when they are seen; gives up what no line takes."""

    def __init__(self, desk: Desk, lines: Callable[[], Iterable[ModemLine]]) -> None:
        self.chore = Chore("exchange orders", 1.0, self.work)
        self._desk, self._lines = desk, lines
        self._handed: set[str] = set()
        self.close = desk.picture.observe(self._seen)

    def _seen(self, changes: Changes) -> None:
        for row in (*changes.added, *changes.updated):
            if isinstance(row, OutboxMessage) and row.purpose == EXCHANGE:
                self._hand_over(row)

    async def work(self) -> None:
        """One look: what could not be handed over before, and what nobody will ever end."""
        rows = [row for row in self._desk.picture.state.all(OutboxMessage) if row.open and row.purpose == EXCHANGE]
        self._handed &= {row.id for row in rows}
        now = self._desk.clock()
        for row in rows:
            self._hand_over(row)
            handed = row.id in self._handed
            if now - row.queued_at > (FORGOTTEN_AFTER if handed else GIVE_UP_AFTER):
                await self._fail(row)

    def _hand_over(self, row: OutboxMessage) -> None:
        if row.state is not MessageState.QUEUED or row.id in self._handed:
            return
        if self._desk.clock() - row.queued_at > GIVE_UP_AFTER:
            return  # the caller is long gone, or was answered otherwise
        word, name, seat, _, _ = parts_of(row)
        line = next((line for line in self._lines() if line.name == name), None)
        if line is None:
            return
        told = {"cti": word, "ref": row.id, "ext": seat, "id": call_name(name, row.about)}
        try:
            line.order({**told, "number": row.number} if word == "dial" else told)
        except OSError as problem:
            log.info("line %s takes no order at present: %s", name, problem)
            return
        self._handed.add(row.id)

    async def _fail(self, row: OutboxMessage) -> None:
        desk, args = self._desk, {"message": row.id, "act": "fail", "line": "", "why": NO_LINE}
        act = Act(name="outbox.told", args=args, actor=ACTOR, seat=desk.seat, roles=MACHINE, at=desk.clock())
        try:
            await desk.carry_out(act)
        except EnvironmentFault as fault:
            log.warning("the end of an order could not be stored: %s", fault)
