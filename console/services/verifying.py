"""Verifying 每日核对: the journal's chain is walked once a day by itself, by one host, beside everybody's work.

On weekdays from where the last good walk ended, on Sundays from the first row. The verdict is journaled, so every
host lights its lamp from the journal and none walks again that day. The walk rests as long as it works: it never takes
more than half a core from the alarms.
"""

import asyncio
import logging
import os
import socket
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from console.domain.account import MACHINE
from console.domain.errors import EnvironmentFault
from console.domain.facts import JournalVerified
from console.domain.ledger import Act, new_id
from console.persistence import store
from console.persistence.leases import RENEW_S, Holder, Leases
from console.services.desk import Desk
from console.services.ground import Looking
from console.services.watch import ACTOR, Chore

log = logging.getLogger(__name__)

EVERY_S = 600.0
HOUR = 3
"""From this hour of the local day on it is done: the quietest of a control room."""
SUNDAY = 6
REMEMBERED = timedelta(days=8)
LEASE = "verify"
SOURCE = "chain"
REMEDY = "立即报告审计管理员，保存数据库和链头文件的副本，用 journal verify 复核"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How far the journal was found good; `why` is '' or what is wrong behind. `day` is set by the host that walked."""

    last: int
    why: str = ""
    day: str = ""


class Verifying:
    """One host's part in the daily walk over one journal."""

    def __init__(self, desk: Desk, url: str, heads: Path) -> None:
        self._desk, self._url, self._heads = desk, url, heads
        self._looking = Looking("verifying", self._look, self._take)
        self._recording: asyncio.Task[None] | None = None

    @property
    def chore(self) -> Chore:
        """For the watch: looks every ten minutes whether it is time, in a thread."""
        return Chore("verify", EVERY_S, self._looking.check)

    # -- in a thread -----------------------------------------------------------------------------------------

    def _look(self) -> Verdict | None:
        """The verdict that stands, made here if today's is not there yet; None while another host walks."""
        now = self._desk.clock()
        fact = store.last_verdict(self._url, now - REMEMBERED)
        told = fact.body if fact is not None and isinstance(fact.body, JournalVerified) else None
        standing = None if told is None else Verdict(last=told.last, why=told.why)
        local = now.astimezone()
        if local.hour < HOUR or (fact is not None and fact.at.astimezone().date() >= local.date()):
            return standing
        good = standing is not None and not standing.why and local.weekday() != SUNDAY
        return self._walk(standing.last if standing is not None and good else 0, local) or standing

    def _walk(self, since: int, local: datetime) -> Verdict | None:
        holder = Holder(host=socket.gethostname(), pid=os.getpid(), seat=self._desk.seat, token=new_id())
        leases = Leases(self._url)
        try:
            if leases.take(LEASE, holder).holder.token != holder.token:
                return None
            last, found = store.walk(self._url, self._heads, since, _Rest(leases, holder))
            if found is None:
                store.note_head(self._url, self._heads)
            why = f"第 {found.seq} 条{found.why}" if found is not None else ""
            return Verdict(last=last, why=why, day=local.date().isoformat())
        finally:
            leases.give_back(LEASE, holder)
            leases.close()

    # -- on the loop -----------------------------------------------------------------------------------------

    def _take(self, verdict: Verdict | None) -> None:
        if verdict is None:
            return
        if verdict.why:
            self._desk.health.fault(SOURCE, f"日志哈希链有误：{verdict.why}", REMEDY)
        else:
            self._desk.health.mended(SOURCE)
        if verdict.day:
            self._recording = asyncio.get_running_loop().create_task(self._record(verdict))

    async def _record(self, verdict: Verdict) -> None:
        args = {"last": verdict.last, "why": verdict.why}
        # One id a day and verdict: however many hosts say so, it is said once.
        told_as = str(uuid5(NAMESPACE_OID, f"journal verified {verdict.day} {verdict.why}"))
        desk = self._desk
        act = Act(
            name="audit.verified",
            args=args,
            actor=ACTOR,
            seat=desk.seat,
            roles=MACHINE,
            at=desk.clock(),
            act_id=told_as,
        )
        try:
            await desk.carry_out(act)
        except EnvironmentFault as fault:
            log.warning("the verdict on the journal could not be stored: %s", fault)


class _Rest:
    """After each chunk: keep the lease, and rest as long as the chunk took."""

    def __init__(self, leases: Leases, holder: Holder) -> None:
        self._leases, self._holder = leases, holder
        self._began = self._renewed = time.monotonic()

    def __call__(self) -> None:
        time.sleep(time.monotonic() - self._began)
        if time.monotonic() - self._renewed > RENEW_S:
            self._leases.renew([LEASE], self._holder)
            self._renewed = time.monotonic()
        self._began = time.monotonic()
