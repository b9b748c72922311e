"""The desk: one seat's way to act. Every act of a person, a line or the clock goes through `do`.

The journal comes first. When it does not answer, the act is checked against the picture, fsynced into this
machine's spool and shown at once as 本机暂存; it reaches the journal later under the same `act_id`
(DESIGN sections 4 and 5). Whoever gets an answer from `do` knows that the act is durable somewhere we will
deliver from; whoever gets JournalUnavailable knows that it is nowhere.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from console.domain.clock import Clock
from console.domain.errors import JournalUnavailable, UserError
from console.domain.facts import Fact
from console.domain.incident import Incident
from console.domain.ledger import Act, ActFunction, MemoryLedger
from console.domain.overlay import Overlay
from console.domain.reference import Reference
from console.domain.routing import classify, duty_for
from console.domain.state import need
from console.services.handoffs import terms
from console.services.health import SAVING_AFTER_S, Health
from console.services.picture import Picture


class Committed(Protocol):
    """What a journal answers: the facts the act made, its value, and whether it had been there already."""

    @property
    def facts(self) -> tuple[Fact, ...]: ...
    @property
    def value(self) -> Any: ...
    @property
    def already(self) -> bool: ...


class Journal(Protocol):
    """The part of `persistence.journal.Journal` that acting needs."""

    async def commit(self, act: Act) -> Committed:
        """Durable in the journal; UserError = refused, JournalUnavailable = outcome unknown or impossible."""

    def read(self, since: int = 0, limit: int = 1000) -> list[Fact]:
        """Facts after `since`, in order, at most `limit`. Blocks."""


class Spool(Protocol):
    """The part of `persistence.spool.Spool` that acting needs. Calls block for one fsync."""

    def put(self, act: Act, kind: Literal["frame", "act"] = "act") -> None:
        """Durable on this machine; JournalUnavailable if not."""

    def count(self) -> int:
        """Acts not yet delivered."""

    def local_number(self, prefix: str, seat: str, at: datetime) -> str:
        """The next local incident number of a seat, `ZZyyyymmdd-L03-07`."""


OPENING = frozenset({"intake.receive", "incident.open"})
"""Acts that open an incident: in the spool they carry the local number they gave as `alias`."""


@dataclass(slots=True)
class Desk:
    """One seat. `actor` is the person's number (031), `seat` the position (03).

    `acts` maps each act's name to its function (`services.acts.ACTS`).
    """

    journal: Journal
    spool: Spool
    picture: Picture
    health: Health
    reference: Reference
    acts: Mapping[str, ActFunction]
    clock: Clock
    actor: str
    seat: str
    prefix: str = "ZZ"

    async def do(self, name: str, /, **args: Any) -> Any:
        """Carry out an act as this seat and answer its value.

        UserError: it cannot be done, nothing happened. JournalUnavailable: neither journal nor spool took it.
        """
        act = Act(name=name, args=args, actor=self.actor, seat=self.seat, at=self.clock())
        return await self.carry_out(act)

    async def send_handoff(
        self, incident: str, agency: str, *, duty: str = "", channel: str = "slip", by: str = ""
    ) -> str:
        """Instruct an agency with the duty, legal basis and limits of the tables; answers the handoff's id.

        Without a `duty` the one is cited that fits what the caller said.
        """
        target, unit = need(self.picture.state, Incident, incident), self.reference.agencies.get(agency)
        if unit is None or unit.own_force:
            raise UserError(f"不是联动单位：{agency}")
        found = classify(target.narrative, target.kind or None, self.reference)
        cited = duty or duty_for(unit, target.narrative, found).id
        said = terms(self.reference, unit, cited, urban=target.urban)
        done = await self.do(
            "handoff.send",
            incident=target.number,
            agency=agency,
            agency_name=unit.short,
            channel=channel,
            by=by,
            **said,
        )
        return str(done)

    async def close_incident(self, incident: str, reason: str = "") -> None:
        """Close with the callback rule of the incident's code."""
        target = need(self.picture.state, Incident, incident)
        await self.do(
            "incident.close", incident=target.number, needs_callback=self.needs_callback(target), reason=reason
        )

    def needs_callback(self, incident: Incident) -> bool:
        """Whether the rule for this incident's code asks for a callback (resources/reference/codes.json)."""
        code = self.reference.codes.get(incident.kind)
        return incident.source == "call" and code is not None and code.needs_callback

    async def carry_out(self, act: Act) -> Any:
        """Like `do`, for an act that was made elsewhere (a line, the clock) and keeps its own id and actor."""
        if not self.health.journal_up or self.health.unsent:
            # What waits in the spool goes first: acts and frames keep their order.
            return await self._carry_out_in_spool(act)
        try:
            committed = await self._commit(act)
        except JournalUnavailable as fault:
            self.health.journal_failed(fault)
            return await self._carry_out_in_spool(act)
        await self.take_in(committed.facts)
        return committed.value

    async def _commit(self, act: Act) -> Committed:
        loop = asyncio.get_running_loop()
        started = loop.time()
        self.health.act_started(act.act_id, started, _subject(act))
        slow = loop.call_later(SAVING_AFTER_S, self.health.act_slow, act.act_id)
        try:
            committed = await self.journal.commit(act)
        finally:
            slow.cancel()
            self.health.act_ended(act.act_id)
        self.health.journal_answered(loop.time() - started)
        return committed

    async def take_in(self, facts: tuple[Fact, ...]) -> None:
        """Show committed facts; what another process wrote in between is read first, so the order holds."""
        if facts and facts[0].seq > self.picture.seq + 1:
            facts = tuple(await asyncio.to_thread(self.journal.read, self.picture.seq))
        self.picture.apply(facts)

    async def _carry_out_in_spool(self, act: Act) -> Any:
        now = max(self.clock(), act.at)
        if act.name in OPENING and not act.args.get("alias"):
            alias = await asyncio.to_thread(self.spool.local_number, self.prefix, act.seat, now)
            act = replace(act, args={**act.args, "alias": alias})
        ledger = MemoryLedger(Overlay(self.picture.state), act, now, lambda: str(act.args["alias"]))
        value = self.acts[act.name](ledger, **act.args)
        kind: Literal["frame", "act"] = "frame" if act.name == "intake.receive" else "act"
        await asyncio.to_thread(self.spool.put, act, kind)
        self.picture.apply(ledger.facts)
        self.health.spooled(await asyncio.to_thread(self.spool.count))
        return value


def _subject(act: Act) -> str:
    """What an act is about, for the row that shows 保存中."""
    return next((str(act.args[name]) for name in ("incident", "alarm", "unit") if act.args.get(name)), "")
