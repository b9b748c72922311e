"""The desk: one seat's way to act. Every act of a person, a line or the clock goes through `do`.

The journal comes first. When it does not answer, the act is checked against the picture, fsynced into this
machine's spool and shown at once as 本机暂存; it reaches the journal later under the same `act_id`
(DESIGN sections 4 and 5). Whoever gets an answer from `do` knows that the act is durable somewhere we will
deliver from, even if a window then trips over showing it. JournalUnavailable means that nobody confirmed it:
a commit that was under way may still take effect, so whoever asks again uses the same `act_id`.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from console.domain.account import DESK_ROLES, MACHINE, Account, nobody
from console.domain.assignment import Assignment
from console.domain.bulletin import Bulletin
from console.domain.clock import Clock
from console.domain.errors import JournalUnavailable, NotAllowed, UserError
from console.domain.facts import Fact, IncidentOpened
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.ledger import Act, ActFunction, MemoryLedger
from console.domain.overlay import Overlay
from console.domain.reference import Reference
from console.domain.report_up import HelpRequest
from console.domain.routing import classify, duty_for
from console.domain.state import State, need
from console.domain.unit import Unit
from console.services import catching_up
from console.services.alarm_path import in_spool
from console.services.catching_up import catch_up, look_again
from console.services.handoffs import terms
from console.services.health import SAVING_AFTER_S, Health
from console.services.picture import Picture
from console.services.seen_since import ChangedMeanwhile, in_words
from console.services.undo import Done, Undo, before

log = logging.getLogger(__name__)


class Committed(Protocol):
    """What a journal answers: the facts the act made, its value, and whether it had been there already."""

    @property
    def facts(self) -> tuple[Fact, ...]: ...
    @property
    def value(self) -> Any: ...
    @property
    def already(self) -> bool: ...


class Journal(catching_up.Journal, Protocol):
    """The part of `persistence.journal.Journal` that acting needs."""

    async def commit(self, act: Act) -> Committed:
        """Durable in the journal; UserError = refused, JournalUnavailable = outcome unknown or impossible."""


class Spool(Protocol):
    """The part of `persistence.spool.Spool` that acting needs. Calls block for one fsync."""

    def put(self, act: Act) -> bool:
        """Durable on this machine; JournalUnavailable if not. False: it waits there already."""

    def hold(self, act: Act) -> None:
        """Durable on this machine until it is `put` or let go; JournalUnavailable if not."""

    def let_go(self, act_id: str) -> None:
        """What was held is in the journal."""

    def local_number(self, prefix: str, seat: str, at: datetime) -> str:
        """The next local incident number of a seat, `ZZyyyymmdd-L03-07`."""


OPENING = frozenset({"intake.receive", "incident.open"})
"""Acts that open an incident: in the spool they carry the local number they gave as `alias`."""


NO_ACCOUNTS = "数据库还没有人员账号，不能操作：请系统管理员运行 python -m console import users 人员.csv"


def _nobody_waits() -> None:
    """No answer hangs on this act."""


@dataclass(slots=True)
class Desk:
    """One seat. `actor` is the person's number (031), `seat` the position (03), `roles` what he is signed on as.

    `acts` maps each act's name to its function (`services.acts.ACTS`). Whoever holds `spooling` has the spool and
    what the picture shows of it to himself: acts enter one by one, and unloading ends in between.
    `open_without_accounts`: whoever sits here may work while nobody has an account (a desk of its own, not a room's).
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
    roles: tuple[str, ...] = DESK_ROLES
    open_without_accounts: bool = True
    spooling: asyncio.Lock = field(default_factory=asyncio.Lock)
    undo: Undo = field(default_factory=Undo)

    async def do(self, name: str, /, **args: Any) -> Any:
        """Carry out an act as this seat and answer its value.

        UserError: it cannot be done, nothing happened. ChangedMeanwhile, one of these: another person was faster, ask
        again. JournalUnavailable: nobody confirmed it (see above).
        """
        return await self.do_as_seen(self.picture.seq, name, **args)

    async def do_as_seen(self, seen: int, name: str, /, **args: Any) -> Any:
        """Like `do`, by a person who has seen the journal up to the number `seen`: for the later acts of one deed."""
        meant = {**_meant(self.picture.state, name, args), **args}
        try:
            if self.waits_for_accounts:
                raise NotAllowed(NO_ACCOUNTS)
            stood = before(self.picture.state, name, args)
            value = await self.carry_out(replace(self.act(name, meant), seen=seen))
            self.undo.note(Done(name, args, stood, value, self.clock(), self.actor))
            return value
        except NotAllowed as refusal:
            await self._tell_refusal(name, args, refusal)
            raise

    @property
    def waits_for_accounts(self) -> bool:
        """Whether nobody may act because nobody has an account; while the journal is away that cannot be known."""
        return not (self.open_without_accounts or not self.health.journal_up or self.picture.state.where(Account))

    async def _tell_refusal(self, name: str, args: Mapping[str, Any], refusal: NotAllowed) -> None:
        """Who asked for what he may not do is kept (GB/T 22239-2019 8.1.4.3)."""
        told = {"act": name, "why": str(refusal), "incident": str(args.get("incident", ""))}
        try:
            await self.carry_out(replace(self.act("audit.refused", told), roles=MACHINE))
        except JournalUnavailable as fault:
            log.warning("a refusal could not be stored: %s", fault)

    def act(self, name: str, args: Mapping[str, Any]) -> Act:
        """An act of the person who sits here, as far as one is known."""
        known = self.open_without_accounts or self.picture.state.where(Account)
        actor = self.actor if known else nobody(self.seat)
        return Act(name=name, args=args, actor=actor, seat=self.seat, roles=self.roles, at=self.clock())

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
        said = terms(self.reference, unit, cited, urban=target.urban, priority=target.priority)
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

    async def carry_out(
        self, act: Act, durable: Callable[[], None] = _nobody_waits, *, spool_first: bool = False
    ) -> Any:
        """Like `do`, for an act that was made elsewhere (a line, the clock) and keeps its own id and actor.

        `durable` is called as soon as the act is, before anybody is shown it: a receiver waits for its answer.
        `spool_first`: nobody can repeat it, so it is held in this machine's spool before the journal is asked.
        """
        if self._must_spool:
            async with self.spooling:
                # Unloading may have ended while this act waited for its turn.
                if self._must_spool:
                    return await self._carry_out_in_spool(act, durable)
        if not spool_first or not await self._hold(act):
            return await self._carry_out_in_journal(act, durable)
        durable()
        value = await self._carry_out_in_journal(act, _nobody_waits)
        await self._let_go(act)
        return value

    async def _hold(self, act: Act) -> bool:
        """Whether it is safe on this machine; without a spool the journal has to do."""
        try:
            await in_spool(self.spool.hold, act)
        except JournalUnavailable as fault:
            log.warning("%s goes to the journal without being held first: %s", act.name, fault)
            return False
        return True

    async def _let_go(self, act: Act) -> None:
        """What stays held is carried out once more at the next start, under its own id: nothing comes of it."""
        try:
            await in_spool(self.spool.let_go, act.act_id)
        except JournalUnavailable as fault:
            log.warning("%s stays held although the journal has it: %s", act.name, fault)

    async def _carry_out_in_journal(self, act: Act, durable: Callable[[], None]) -> Any:
        try:
            committed = await self._commit(act)
        except JournalUnavailable as fault:
            self.health.journal_failed(fault)
            return await self._carry_out_after(fault, act, durable)
        except UserError as refusal:
            await look_again(self.picture, self.journal)
            if isinstance(refusal, ChangedMeanwhile):
                raise in_words(refusal, self.reference, self.picture.state) from None
            raise
        durable()
        await self._show(committed.facts)
        return committed.value

    async def _carry_out_after(self, lost: JournalUnavailable, act: Act, durable: Callable[[], None]) -> Any:
        """Into the spool, after a commit whose outcome is unknown."""
        try:
            async with self.spooling:
                return await self._carry_out_in_spool(act, durable)
        except JournalUnavailable as fault:
            what = f"结果未知：{lost.what}，本机暂存也未写成（{fault.what}）"
            raise JournalUnavailable(what, fault.remedy or "恢复后核对，再操作一次") from fault

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

    async def _show(self, facts: Sequence[Fact]) -> None:
        """Show what is durable. Whatever goes wrong here is told by a lamp: the act itself has been done."""
        try:
            await catch_up(self.picture, self.journal, facts)
        except Exception as bug:  # noqa: BLE001 -- told through on_bug
            self.picture.on_bug("picture", bug)

    @property
    def _must_spool(self) -> bool:
        """Whether an act must wait in the spool: what waits there already goes first, acts and frames keep order."""
        return not self.health.journal_up or self.health.unsent > 0

    async def _carry_out_in_spool(self, act: Act, durable: Callable[[], None]) -> Any:
        """Call it while holding `spooling`."""
        # Done on the spot: nobody can be asked again, a real conflict becomes a clash.
        act, now = replace(act, seen=0), max(self.clock(), act.at)
        alias = await self._local_number(act, now)
        ledger, value = self._provisionally(act, now, alias)
        if any(isinstance(fact.body, IncidentOpened) for fact in ledger.facts):
            act = replace(act, args={**act.args, "alias": alias})
        await self._put(act)
        durable()
        await self._show(ledger.facts)
        return value

    def _provisionally(self, act: Act, now: datetime, alias: str) -> tuple[MemoryLedger, Any]:
        """What the act does to what is shown here, and its value; nothing is changed yet."""
        ledger = MemoryLedger(Overlay(self.picture.state), act, now, lambda: alias)
        value = self.acts[act.name](ledger, **{**act.args, **({"alias": alias} if alias else {})})
        return ledger, value

    async def show_spooled(self, acts: Sequence[Act]) -> None:
        """Show what waits in the spool from before this start; what is not possible any more is unloading's to tell."""
        for act in acts:
            try:
                ledger, _ = self._provisionally(act, act.at, str(act.args.get("alias", "")))
            except UserError:
                continue
            except Exception as bug:  # noqa: BLE001 -- told through on_bug
                self.picture.on_bug("spool", bug)
            else:
                await self._show(ledger.facts)

    async def _local_number(self, act: Act, now: datetime) -> str:
        """The number an incident would get that this act opens here; '' for an act that opens none."""
        if act.name not in OPENING:
            return ""
        given = act.args.get("alias")
        return str(given or await in_spool(self.spool.local_number, self.prefix, act.seat, now))

    async def _put(self, act: Act) -> None:
        """Durable in the spool. It counts as waiting from now on, so that no later act overtakes it."""
        self.health.spooled(self.health.unsent + 1)
        new = False
        try:
            new = await in_spool(self.spool.put, act)
        finally:
            if not new:
                self.health.spooled(self.health.unsent - 1)


def _meant(state: State, name: str, args: Mapping[str, Any]) -> dict[str, str]:
    """Whose handoff, which incident's order, whose request and which bulletin the person sees here.

    The act may wait in the spool; by the time it reaches the journal another seat may have given the number to
    another agency, unit or request, or the unit to another incident.
    """
    handoff = state.get(Handoff, args["handoff"]) if "handoff" in args else None
    if handoff is not None:
        return {"agency": handoff.agency}
    unit = state.get(Unit, args["unit"]) if name in ("unit.report", "unit.withdraw") else None
    if unit is not None and unit.incident:
        return {"incident": unit.incident}
    return _numbered(state, name, args)


def _numbered(state: State, name: str, args: Mapping[str, Any]) -> dict[str, str]:
    """What besides its number tells an order, a request or a bulletin."""
    if name == "order.radio" and (order := state.get(Assignment, args["assignment"])) is not None:
        return {"unit": order.unit}
    if name in ("help.answer", "help.withdraw") and (asked := state.get(HelpRequest, args["request"])) is not None:
        return {"recipient": asked.recipient}
    key = args["bulletin"] if name == "bulletin.cancel" else args["receipt"] if name == "bulletin.told" else ""
    bulletin = state.get(Bulletin, key.partition("@")[0])
    return {"title": bulletin.title} if bulletin is not None else {}


def _subject(act: Act) -> str:
    """What an act is about, for the row that shows 保存中."""
    return next((str(act.args[name]) for name in ("incident", "alarm", "unit") if act.args.get(name)), "")
