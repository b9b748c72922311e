"""Whose incident it is: ask for it, give it, take it. Never silently reassigned (peers.md, row 2).

An incident that nobody has is anybody's of the desk. One whose owner's seat has not been heard for 45 s may be taken
by anybody too; since when it is silent stands in the reason for ever. From an owner who is there it is asked for; he
sees that and may give it. Only the chief takes it against silence or a No: 20 s after it was asked for, with a reason
that he types.
"""

from datetime import datetime, timedelta

from console.domain.account import Account, Role, Seat
from console.domain.errors import NotAllowed, UserError
from console.domain.facts import OwnerAsked, OwnerChanged
from console.domain.incident import ENDED, Incident, IncidentState
from console.domain.ledger import Ledger
from console.domain.presence import STALE_S
from console.domain.state import need
from console.services.incidents import move_incident
from console.services.wording import clock_text

GRACE_S = 20.0
"""So long the owner has to answer before the chief may take the incident."""


def _running(ledger: Ledger, incident: str) -> Incident:
    found = need(ledger, Incident, incident)
    if found.state in ENDED:
        raise UserError(f"警情{found.short}已结束，不再有接警人")
    return found


def ask_for(ledger: Ledger, *, incident: str) -> None:
    """Ask the owner for the incident; he is told on his screen."""
    found, actor = _running(ledger, incident), ledger.act.actor
    if not found.owner:
        raise UserError(f"警情{found.short}无人负责，请直接接手")
    if found.owner == actor:
        raise UserError(f"警情{found.short}已由您负责")
    if found.asked_by == actor:
        raise UserError(f"已向{found.owner}请求接手，{_grace(ledger, found)}")
    if found.asked_by:
        raise UserError(f"{found.asked_by}已在请求接手警情{found.short}，等{found.owner}答复")
    ledger.record(OwnerAsked(incident=found.number, by=actor))


def _left_s(ledger: Ledger, incident: Incident) -> float:
    """Seconds of grace that are left; the whole of it while nobody has asked."""
    if incident.asked_at is None:
        return GRACE_S
    return GRACE_S - (ledger.now - incident.asked_at).total_seconds()


def _grace(ledger: Ledger, incident: Incident) -> str:
    left = _left_s(ledger, incident)
    return f"{left:.0f} 秒内等其答复" if left > 0 else "未答复，可请值班长写明理由接手"


def give(ledger: Ledger, *, incident: str, to: str = "") -> str:
    """The owner yields the incident to whoever asked for it, or to the person `to`; answers the new owner."""
    found = _running(ledger, incident)
    if found.owner != ledger.act.actor:
        raise NotAllowed(f"警情{found.short}由{found.owner or '无人'}负责，只有本人能让出")
    new = to or found.asked_by
    if not new:
        raise UserError("没有人请求接手；要让给别人，请写明其警号")
    if new == found.owner:
        raise UserError("不能让给自己")
    known = ledger.get(Account, new)
    if to and ledger.where(Seat) and (known is None or known.disabled):
        raise UserError(f"查无此人：{to}")
    ledger.record(OwnerChanged(incident=found.number, old=found.owner, new=new, reason="本人让出"))
    return new


def take(ledger: Ledger, *, incident: str, reason: str = "", silent_since: str = "") -> None:
    """The incident becomes the actor's. `silent_since` (ISO, UTC): since when his desk has not heard the owner's seat.

    UserError says what is missing: the request, the rest of the grace, the reason; NotAllowed that only the chief may.
    """
    found, actor = _running(ledger, incident), ledger.act.actor
    if found.owner == actor:
        raise UserError(f"警情{found.short}已由您负责")
    if found.state is IncidentState.NEW and not found.owner:
        move_incident(ledger, incident, "answer")
        return
    why = "；".join(part for part in (_why(ledger, found, silent_since, reason.strip()), reason.strip()) if part)
    ledger.record(OwnerChanged(incident=found.number, old=found.owner, new=actor, reason=why))


def _why(ledger: Ledger, incident: Incident, silent_since: str, reason: str) -> str:
    """What entitles the actor, in words for the record."""
    owner = incident.owner
    if not owner:
        return "原无人负责"
    silent = datetime.fromisoformat(silent_since) if silent_since else None
    if silent is not None and ledger.now - silent >= timedelta(seconds=STALE_S):
        return f"{owner}所在席位自 {clock_text(silent)} 失联"
    if Role.CHIEF not in ledger.act.roles:
        raise NotAllowed(f"警情{incident.short}由{owner}负责：请先请求接手，由其让出，或请值班长接手")
    if incident.asked_at is None:
        raise UserError(f"警情{incident.short}由{owner}负责：请先请求接手")
    if (left := _left_s(ledger, incident)) > 0:
        raise UserError(f"已请求{owner}让出，还须等 {left:.0f} 秒")
    if not reason:
        raise UserError(f"从{owner}接手须写明理由")
    return f"{owner}未答复 {incident.asked_by}的请求，值班长接手"
