"""Acts on a whole plan: several units in one act, the next wave 梯次, the primary unit 主办."""

from collections.abc import Mapping, Sequence

from console.domain.assignment import Assignment
from console.domain.errors import UserError
from console.domain.facts import LeadChanged
from console.domain.incident import Incident
from console.domain.ledger import Ledger
from console.domain.plan_tables import NEVER_CAME
from console.domain.state import need
from console.domain.unit import Unit
from console.services import dispatch

MOST = 20
"""More units at one key are a slip of the finger."""


def assign_plan(
    ledger: Ledger,
    *,
    incident: str,
    units: Sequence[str],
    wave: int = 1,
    reason: str = "",
    anyway: Sequence[str] = (),
    seen_on: Mapping[str, str] | None = None,
) -> list[str]:
    """Send every unit of a tick list in one act, all or none; answers the orders' ids, in the order of the list.

    `anyway` are those of them that were ticked in spite of a warning (a unit on its way elsewhere, one on joint
    operations), `seen_on` the incident each of those was on then. Any other that is not free any more, or is on another
    one by now, refuses the whole list: another seat was faster.
    """
    target = need(ledger, Incident, incident)
    names = list(dict.fromkeys(units))
    if not names:
        raise UserError("没有勾选警组：请用空格或数字勾选，再按 Enter")
    if len(names) > MOST:
        raise UserError(f"一次最多派 {MOST} 组")
    was_on = seen_on or {}
    return [
        dispatch.assign(
            ledger,
            unit=name,
            incident=target.number,
            reason=reason,
            wave=wave,
            anyway=name in anyway,
            seen_on=was_on.get(name),
        )
        for name in names
    ]


def lead(ledger: Ledger, *, incident: str, unit: str) -> None:
    """Make a unit the primary one 主办 of an incident; it stays so after it has cleared."""
    found, named = need(ledger, Incident, incident), need(ledger, Unit, unit)
    orders = [o for o in ledger.where(Assignment, incident=found.number) if o.state not in NEVER_CAME]
    own = [order for order in orders if order.unit == named.id]
    if not own:
        raise UserError(f"{named.id}没有派往警情{found.short}，不能主办")
    if own[-1].lead:
        raise UserError(f"{named.id}已是主办警组")
    ledger.record(LeadChanged(incident=found.number, assignment=own[-1].id))
    dispatch.follow_lead(ledger, own[-1])
