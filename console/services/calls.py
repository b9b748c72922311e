"""Calls 来电: a telephone rings at a modem, and the desk sees at once who that is.

The number is a fact as soon as it is known; the incident is opened by the person who answers, with the number filled
in. What this number stands for here: its open incidents, the last ones, and the sites whose telephone it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from console.domain.call import Call
from console.domain.clock import Clock
from console.domain.desk_facts import CallMoved
from console.domain.equipment_facts import CallEnded, CallRang, CallTaken
from console.domain.errors import UserError
from console.domain.facts import SignalReceived
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.site import Signal, Site
from console.domain.state import State, need
from console.services.exchange_orders import is_exchange, line_up, order, tells_end
from console.services.phone_numbers import plain_number

SHOWN = 3
"""So many former incidents of a number are shown: more are not read while it rings."""
RINGS_AT_MOST = timedelta(minutes=3)
"""A call whose end nobody will tell (a modem's process died while it rang, an exchange's line is lost) is no ringing
call any more."""

MISSED_FOR = timedelta(hours=1)
"""So long a call that nobody took stays on the desk; afterwards it stands in the journal."""

FindIncidents = Callable[[str, int], Sequence[Incident]]
"""(number, how many) -> its incidents, newest first (`persistence.queries.Queries.incidents_of`)."""


# -- acts ------------------------------------------------------------------------------------------------------------


def rang(ledger: Ledger, *, call: str, number: str, line: str) -> None:
    """A telephone rings; '' for a number that is withheld."""
    if ledger.get(Call, call) is None:
        ledger.record(CallRang(call=Call(id=call, number=plain_number(number), line=line, rang_at=ledger.now)))


def ended(ledger: Ledger, *, number: str, line: str) -> None:
    """The caller of this number on this line gave up, as a modem tells it.

    Its rings stay out as well when somebody lifted a telephone: a call that is in hand ends by its person's key.
    """
    for call in ledger.where(Call, number=plain_number(number), line=line, ended_at=None):
        if call.ringing:
            ledger.record(CallEnded(call=call.id))


def take(ledger: Ledger, *, call: str, incident: str = "") -> None:
    """A person takes the call, the first one has it; later, by the same person, which incident it became.

    Where an exchange carries it, it is told to put it through to the seat. What is not known to have ended at a modem
    ends when the same person takes the next one.
    """
    found, actor = need(ledger, Call, call), ledger.act.actor
    if found.taken_by not in ("", actor):
        raise UserError(f"来电已由 {found.taken_by} 接起")
    rings = found.ringing
    if rings:
        _end_former(ledger, found)
    ledger.record(CallTaken(call=found.id, number=incident))
    if rings and is_exchange(found) and line_up(ledger, found.line):
        order(ledger, "answer", found)
    if incident and not found.ringing and found.called_back_at is not None and found.called_back != "reached":
        ledger.record(CallMoved(call=found.id, act="call_back", result="reached"))


def _end_former(ledger: Ledger, taken: Call) -> None:
    for call in ledger.where(Call, ended_at=None):
        mine = call.in_hand and call.taken_by == ledger.act.actor and call.seat == ledger.act.seat
        if mine and call.id != taken.id and call.held_at is None and not is_exchange(call):
            ledger.record(CallEnded(call=call.id))


def take_call(ledger: Ledger, signal: Signal, report: Mapping[str, Any]) -> None:
    """What the modem told of a call: that it rings, or that it has ended."""
    number = str(report.get("number", ""))
    ledger.record(SignalReceived(signal=signal))
    if report.get("ended"):
        ended(ledger, number=number, line=signal.line)
    else:
        rang(ledger, call=signal.ingest_id, number=number, line=signal.line)


# -- what is known of a number ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What the desk knows of a number. `open` and `former` are incidents, newest first; `sites` with the role there."""

    number: str
    open: tuple[Incident, ...] = ()
    former: tuple[Incident, ...] = ()
    sites: tuple[tuple[Site, str], ...] = ()


def ringing(state: State, clock: Clock) -> list[Call]:
    """The calls that ask for somebody now, the oldest first."""
    now = clock()
    found = [call for call in state.where(Call) if call.ringing and not rung_out(state, call, now)]
    return sorted(found, key=lambda call: call.rang_at)


def rung_out(state: State, call: Call, now: datetime) -> bool:
    """Whether a call that rang counts as over though nobody told its end; never while its exchange still has it."""
    return now - call.rang_at > RINGS_AT_MOST and not tells_end(state, call, now)


def missed(state: State, clock: Clock) -> list[Call]:
    """Calls with a number that nobody took and nobody has heard of since, the oldest first; one a number."""
    now, found = clock(), dict[str, Call]()
    for call in sorted(state.where(Call), key=lambda call: call.rang_at):
        over = call.ended_at is not None or rung_out(state, call, now)
        dealt_with = call.taken_by or call.called_back == "reached"
        if not (over and call.number) or dealt_with or now - call.rang_at > MISSED_FOR:
            continue
        since = (row for row in state.where(Incident, phone=call.number) if row.created_at >= call.rang_at)
        taken_since = (c for c in state.where(Call, number=call.number) if c.taken_by and c.rang_at >= call.rang_at)
        if next(since, None) is None and next(taken_since, None) is None:
            found[call.number] = call
    return sorted(found.values(), key=lambda call: call.rang_at)


def caller_of(
    state: State,
    number: str,
    find: FindIncidents | None = None,
    hidden: Callable[[Incident], bool] = lambda _incident: False,
) -> Caller:
    """What is known of a number: from the picture, and with `find` (which blocks) from all of the past.

    `hidden` tells which incidents must not appear here.
    """
    if not number:
        return Caller(number="")
    past = list(find(number, 2 * SHOWN)) if find is not None else state.where(Incident, phone=number)
    rows = sorted((row for row in past if not hidden(row)), key=lambda row: row.created_at, reverse=True)
    former = [row for row in rows if not row.open][:SHOWN]
    sites = ((site, role) for site in state.where(Site) if (role := role_at(site, number)))
    return Caller(number=number, open=tuple(r for r in rows if r.open), former=tuple(former), sites=tuple(sites))


def role_at(site: Site, number: str) -> str:
    """What the number is at the site, '' for nothing."""
    named = {
        "联系人": site.keyholder_phone,
        "回拨电话": site.callback_phone,
        "保安": site.guard_phone,
        "最小应急单元": site.meu_phone,
        "报警主机": site.account,
    }
    for role, phone in named.items():
        if phone and plain_number(phone) == number:
            return f"{role} {site.keyholder}".strip() if role == "联系人" else role
    for person in site.keyholders:
        name, _, phone = person.rpartition(" ")
        if plain_number(phone) == number:
            return f"联系人 {name}".strip()
    return ""
