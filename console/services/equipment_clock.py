"""The clock over the equipment: test windows end by themselves, shelved technical events come back.

Every desk looks once a second; each change is asked for under one id, so that however many desks see it, it happens
once. Whatever the clock is late with, intake judges by the window's own end.
"""

import logging
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from console.domain.account import MACHINE
from console.domain.errors import EnvironmentFault, UserError
from console.domain.ledger import Act
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble, TroubleState
from console.services.desk import Desk
from console.services.watch import ACTOR, Chore

log = logging.getLogger(__name__)

EVERY_S = 1.0


async def by_clock(desk: Desk, name: str, args: dict[str, Any], *news: str) -> bool:
    """Carry out an act of the clock; the same `news` is the same act, whoever tells it. False if it is nowhere."""
    told_as = str(uuid5(NAMESPACE_OID, "\n".join((name, *news))))
    act = Act(name=name, args=args, actor=ACTOR, seat=desk.seat, roles=MACHINE, at=desk.clock(), act_id=told_as)
    try:
        await desk.carry_out(act)
    except UserError as refusal:
        log.info("%s %s: %s", name, news, refusal)
    except EnvironmentFault as fault:
        log.warning("%s could not be stored: %s", name, fault)
        return False
    return True


class EquipmentClock:
    """One desk's look at what is over."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told: set[str] = set()

    @property
    def chore(self) -> Chore:
        """For the watch."""
        return Chore("equipment", EVERY_S, self.look)

    async def look(self) -> None:
        """End what is over."""
        now = self._desk.clock()
        for window in self._desk.picture.state.where(TestWindow, ended_at=None):
            if now >= window.until:
                await self._end(window)
        for trouble in self._desk.picture.state.where(Trouble, state=TroubleState.SHELVED):
            until = trouble.shelved_until
            if until is not None and now >= until:
                await self._unshelve(trouble, until)

    async def _end(self, window: TestWindow) -> None:
        if await self._once("test_window.end", {"window": window.id}, window.id):
            log.info("test window %s of site %s has ended by itself", window.id, window.site)

    async def _unshelve(self, trouble: Trouble, until: datetime) -> None:
        args = {"trouble": trouble.id, "reason": "搁置时间到"}
        if await self._once("trouble.unshelve", args, trouble.id, until.isoformat()):
            log.info("trouble %s is back from the shelf", trouble.id)

    async def _once(self, name: str, args: dict[str, Any], *news: str) -> bool:
        """Whether it was news here and could be told."""
        mark = "\n".join(news)
        if mark in self._told or not await by_clock(self._desk, name, args, *news):
            return False
        self._told.add(mark)
        return True
