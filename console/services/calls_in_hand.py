"""Acts on calls that somebody has taken: hold, resume, give to another seat, end, ring back, attach to an incident.

Where an exchange carries the call, each is an order to it and a fact when it says so; a modem's calls are talked on a
telephone of their own, so there the desk records what its people do.
"""

from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from console.domain.account import MACHINE, Seat
from console.domain.call import Call
from console.domain.desk_facts import CallMoved
from console.domain.equipment_facts import CallEnded, CallTaken
from console.domain.errors import EnvironmentFault, UserError
from console.domain.facts import NoteAdded
from console.domain.incident import ENDED, Incident
from console.domain.ledger import Act, Ledger
from console.domain.state import State, need
from console.services import priorities
from console.services.calls import rung_out
from console.services.desk import Desk
from console.services.exchange_orders import dialling_line, is_exchange, order
from console.services.masking import mask_name, mask_phone
from console.services.watch import Chore

RINGS_BACK = timedelta(minutes=2)
"""So long whoever rings back keeps the caller for himself, and he is not late: who rings may have been called away."""

ACTOR = "系统"
OUTCOMES = ("reached", "unreached")


# -- acts ------------------------------------------------------------------------------------------------------------


def hold(ledger: Ledger, *, call: str) -> None:
    """The caller waits 保留."""
    found = _mine(ledger, call)
    if found.held_at is not None:
        raise UserError("该来电已经保留")
    if is_exchange(found):
        order(ledger, "hold", found)
    else:
        ledger.record(CallMoved(call=found.id, act="hold"))


def resume(ledger: Ledger, *, call: str) -> None:
    """The caller is spoken to again 取回."""
    found = _mine(ledger, call)
    if found.held_at is None:
        raise UserError("该来电没有保留")
    if is_exchange(found):
        order(ledger, "resume", found)
    else:
        ledger.record(CallMoved(call=found.id, act="resume"))


def offer(ledger: Ledger, *, call: str, to: str) -> None:
    """Give the call to another seat 转接, which has to take it; until then it stays here."""
    found, seat = _mine(ledger, call), ledger.get(Seat, to)
    if to == ledger.act.seat:
        raise UserError("来电已在本席，请另选席位")
    # Where nobody signs on (a desk without accounts) any seat may be named; one that is not there lets it time out.
    if (seat is None or not seat.actor) and any(row.actor for row in ledger.where(Seat)):
        raise UserError(f"席位 {to} 无人在席，请另选席位")
    if found.transfer_to:
        raise UserError(f"正在转给席位 {found.transfer_to}，请等对方接起或先收回")
    ledger.record(CallMoved(call=found.id, act="offer", to=to))


def accept(ledger: Ledger, *, call: str) -> None:
    """Take what another seat offers."""
    found = need(ledger, Call, call)
    if not found.in_hand or found.transfer_to != ledger.act.seat:
        raise UserError("这个电话没有转到本席，可能已被收回")
    giver = (found.taken_by, found.seat)
    ledger.record(CallMoved(call=found.id, act="accept"))
    if is_exchange(found):
        order(ledger, "transfer", found, giver=giver)


def decline(ledger: Ledger, *, call: str, to: str = "") -> None:
    """The offer is over: the other seat will not have it, the giver takes it back, or nobody took it in time.

    The clock names the seat it was offered `to`; where that offer is over already it is told of no news.
    """
    found, act = need(ledger, Call, call), ledger.act
    if act.roles == MACHINE and (not found.in_hand or not found.transfer_to or to not in ("", found.transfer_to)):
        return
    if not found.transfer_to:
        raise UserError("这个电话没有在转接")
    if act.roles != MACHINE and act.seat not in (found.transfer_to, found.seat):
        raise UserError(f"这个电话由席位 {found.seat} 转给席位 {found.transfer_to}，与本席无关")
    ledger.record(CallMoved(call=found.id, act="decline"))


def hang_up(ledger: Ledger, *, call: str) -> None:
    """The talk is over 挂机."""
    found = _mine(ledger, call)
    if is_exchange(found):
        order(ledger, "end", found)
    else:
        ledger.record(CallEnded(call=found.id))


def call_back(ledger: Ledger, *, call: str, outcome: str = "") -> None:
    """Ring back a caller nobody took; without an outcome it begins, by the exchange if there is one.

    What became of it the exchange tells, or a person: 'reached', 'unreached'. One caller is rung by one person at a
    time, and never by another one than who answered him.
    """
    found = need(ledger, Call, call)
    if outcome not in ("", *OUTCOMES):
        raise UserError(f"不认识的回电结果：{outcome}")
    if found.ended_at is None and not (found.ringing and rung_out(ledger, found, ledger.now)):
        raise UserError("这个电话还没有结束，不用回电")
    if not found.number:
        raise UserError("来电没有显示号码，不能回电")
    if found.called_back == "reached":
        raise UserError(f"{found.called_back_by} 已经回电接通")
    if found.taken_by not in ("", ledger.act.actor):
        raise UserError(f"来电已由 {found.taken_by} 接起")
    if not outcome and (why := rung_back_by_another(found, ledger.act.actor, ledger.now)):
        raise UserError(why)
    if found.ended_at is None:
        # Nobody told its end: it stands among the missed ones, and rings no more.
        ledger.record(CallEnded(call=found.id))
    ledger.record(CallMoved(call=found.id, act="call_back", result=outcome))
    line = dialling_line(ledger)
    if not outcome and line:
        order(ledger, "dial", found, line=line)


def attach(ledger: Ledger, *, call: str, incident: str) -> None:
    """A further call on an incident that is known is its supplement 补充来电; who has taken it says so, afterwards
    anybody."""
    found, about = need(ledger, Call, call), need(ledger, Incident, incident)
    if not found.taken_by:
        raise UserError("请先接起来电，再附到警情")
    if found.in_hand:
        _mine(ledger, call)
    if about.state in ENDED:
        raise UserError(f"警情{about.short}已结束，请新建警情")
    if found.incident == about.number:
        raise UserError(f"来电已附到警情{about.short}")
    said = f"补充来电 {mask_phone(found.number) or '号码未显示'}"
    said += f"，机主 {mask_name(found.subscriber)}" if found.subscriber else ""
    said += f"，录音号 {found.recording}" if found.recording else ""
    ledger.record(NoteAdded(incident=about.number, text=said))
    ledger.record(CallTaken(call=found.id, number=about.number))
    priorities.raise_for_call(ledger, about.number)


def _mine(ledger: Ledger, call: str) -> Call:
    """A call this person has, at whichever seat he sits now."""
    found = need(ledger, Call, call)
    if found.ended_at is not None:
        raise UserError("通话已经结束")
    if not found.taken_by:
        raise UserError("请先接起来电")
    if found.taken_by != ledger.act.actor and found.seat != ledger.act.seat:
        raise UserError(f"来电在席位 {found.seat}（{found.taken_by}），本席不能操作")
    return found


def rung_back_by_another(call: Call, actor: str, now: datetime) -> str:
    """Why a person must not ring the caller back now: somebody else does; '' if nobody does, or did and never said
    what came of it."""
    begun = call.called_back_at
    rings = begun is not None and now - begun < RINGS_BACK and not call.called_back and call.called_back_by != actor
    return f"{call.called_back_by} 正在回电，未接通请先按 Ctrl+F9" if rings else ""


def ring_back_due(call: Call, within: timedelta) -> datetime:
    """When a missed caller is to be rung back, `within` after he gave up; after a try that did not reach him, again."""
    if call.called_back_at is None:
        return (call.ended_at or call.rang_at) + within
    return call.called_back_at + RINGS_BACK


# -- what stands -----------------------------------------------------------------------------------------------------


def offers_to(state: State, seat: str) -> list[Call]:
    """Calls other seats want this one to take, the oldest first."""
    if not seat:
        return []
    found = [call for call in state.where(Call, ended_at=None) if call.in_hand and call.transfer_to == seat]
    return sorted(found, key=lambda call: call.rang_at)


def of_seat(state: State, actor: str, seat: str) -> list[Call]:
    """What a person has in hand at a seat: the one that is talked on first, then those on hold."""
    found = [c for c in state.where(Call, ended_at=None) if c.in_hand and (c.taken_by == actor or c.seat == seat)]
    return sorted(found, key=lambda call: (call.held_at is not None, -(call.taken_at or call.rang_at).timestamp()))


# -- the clock -------------------------------------------------------------------------------------------------------


class OfferWatch:
    """Takes an offer back that nobody answered in time. Every host may look: it is told once."""

    def __init__(self, desk: Desk) -> None:
        self.chore = Chore("call offers", 1.0, self.look)
        self._desk = desk
        self._since: dict[tuple[str, str], datetime] = {}

    async def look(self) -> None:
        """One look; an offer counts from when it was first seen here."""
        desk, now = self._desk, self._desk.clock()
        offered = [c for c in desk.picture.state.where(Call, ended_at=None) if c.in_hand and c.transfer_to]
        self._since = {key: self._since.get(key, now) for key in ((c.id, c.transfer_to) for c in offered)}
        within = timedelta(seconds=desk.reference.desk.transfer_s)
        for (call, to), since in list(self._since.items()):
            if now - since >= within:
                await self._take_back(call, to, since)

    async def _take_back(self, call: str, to: str, since: datetime) -> None:
        desk = self._desk
        act_id = str(uuid5(NAMESPACE_OID, f"offer over\n{call}\n{to}\n{since.isoformat()}"))
        act = Act(
            name="call.decline",
            args={"call": call, "to": to},
            actor=ACTOR,
            seat=desk.seat,
            roles=MACHINE,
            at=desk.clock(),
            act_id=act_id,
        )
        try:
            await desk.carry_out(act)
        except UserError:
            return  # somebody took it in this very moment
        except EnvironmentFault:
            return  # tried again with the next look
