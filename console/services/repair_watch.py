"""Repair watch: the clock's part in repair orders. It looks at the picture and opens what is due, each once.

A fault opens one as soon as it is seen, a loss of mains after four hours; a test that is overdue the day it is due.
Several seats may watch at once: the order's id comes from what it is about (services/repairs.py).
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from console.domain.account import MACHINE
from console.domain.errors import EnvironmentFault, UserError
from console.domain.ledger import Act
from console.domain.repair import RepairOrder
from console.domain.site import Site
from console.domain.trouble import TROUBLE_KIND_LABELS, Trouble, TroubleKind, TroubleState
from console.persistence.numbers import SHANGHAI
from console.services.desk import Desk
from console.services.due_tests import DueTest, due_tests
from console.services.repairs import order_id, running
from console.services.watch import ACTOR, Chore

log = logging.getLogger(__name__)

K = TroubleKind
AT_ONCE = frozenset({K.TAMPER, K.LINE_CUT, K.LOW_BATTERY, K.COMM_LOST, K.MISSED_TEST, K.DEVICE})
MAINS = timedelta(hours=4)
"""So long a battery carries a panel; a shorter power cut is nobody's repair."""

FAULTS_EVERY_S = 10.0
TESTS_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class _Due:
    site: str
    cause: str
    about: str
    text: str

    @property
    def key(self) -> str:
        return order_id(self.site, self.cause, self.about)


class RepairWatch:
    """Two chores of the house over one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told: set[str] = set()
        self.chores = (
            Chore("repairs", FAULTS_EVERY_S, self.look_at_faults),
            Chore("tests due", TESTS_EVERY_S, self.look_at_tests),
        )

    async def look_at_faults(self) -> None:
        """Open an order for each site with a fault that wants one."""
        await self._open(self._faults(self._desk.clock()))

    async def look_at_tests(self) -> None:
        """Open an order for each site whose test is overdue."""
        now = self._desk.clock()
        await self._open(_overdue(due) for due in due_tests(self._desk.picture.state, now))

    def _faults(self, now: datetime) -> Iterator[_Due]:
        state = self._desk.picture.state
        for trouble in state.where(Trouble):
            if trouble.site and _wants_repair(trouble, now):
                yield _Due(
                    trouble.site, "fault", _occurrence(trouble), _fault_text(trouble, state.get(Site, trouble.site))
                )

    async def _open(self, found: Iterator[_Due]) -> None:
        for due in list(found):
            state = self._desk.picture.state
            known = due.key in self._told or state.get(RepairOrder, due.key) is not None
            if known or running(state, due.site, due.cause) is not None:
                continue
            if not await self._act(due):
                return
            self._told.add(due.key)

    async def _act(self, due: _Due) -> bool:
        """False if nothing can be stored at present; the next look tries again."""
        desk = self._desk
        args = {"site": due.site, "cause": due.cause, "about": due.about, "text": due.text}
        # One id for the same news: seen again after a restart it waits in the spool only once.
        act_id = str(uuid5(NAMESPACE_OID, f"{due.key}\nopen"))
        try:
            await desk.carry_out(
                Act(
                    name="repair.open",
                    args=args,
                    actor=ACTOR,
                    seat=desk.seat,
                    roles=MACHINE,
                    at=desk.clock(),
                    act_id=act_id,
                )
            )
        except UserError as refusal:
            log.info("repair.open %s %s: %s", due.site, due.cause, refusal)
        except EnvironmentFault as fault:
            log.warning("repair.open could not be stored: %s", fault)
            return False
        return True


def _occurrence(trouble: Trouble) -> str:
    """The trouble, and after which recovery: one that was mended and comes again is another order's."""
    return f"{trouble.id} {trouble.restored_at.isoformat()}" if trouble.restored_at is not None else trouble.id


def _wants_repair(trouble: Trouble, now: datetime) -> bool:
    if trouble.state not in (TroubleState.OPEN, TroubleState.SHELVED):
        return False
    # One that came again has been so since it was told last, as far as anybody knows.
    since = trouble.opened_at if trouble.restored_at is None else trouble.last_at
    return trouble.kind in AT_ONCE or (trouble.kind is K.AC_LOSS and now - since > MAINS)


def _fault_text(trouble: Trouble, site: Site | None) -> str:
    spot = site.spot(trouble.zone) if site is not None else ""
    where = f"防区 {trouble.zone} {spot}".strip() if trouble.zone else ""
    return " · ".join(filter(None, (TROUBLE_KIND_LABELS[trouble.kind], where, trouble.text)))


def _overdue(due: DueTest) -> _Due:
    day = f"{due.due.astimezone(SHANGHAI):%Y-%m-%d}"
    ended = due.last.ended_at if due.last is not None else None
    since = f"上次合格 {ended.astimezone(SHANGHAI):%Y-%m-%d}" if ended is not None else "登记后还没有测试合格"
    return _Due(due.site.id, "overdue", day, f"应于 {day} 前测试（每 {due.site.test_days} 天），{since}")
