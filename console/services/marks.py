"""Acts on calls that were none 无声、骚扰、挂断: one key marks, one tells how the call-back ended; nothing is deleted.

A mark changes no state: the incident stays in the queue until somebody dispatches, settles or invalidates it, and the
guard in `incidents.invalidate` asks for the call-backs first (`domain.marks`).
"""

from console.domain.desk_facts import CallBackTried, IncidentMarked
from console.domain.errors import UserError
from console.domain.incident import BEFORE_DISPATCH, INCIDENT_LABELS, Incident
from console.domain.ledger import Ledger
from console.domain.marks import MARKS, OUTCOMES, TRIES
from console.domain.state import need


def mark(ledger: Ledger, *, incident: str, mark: str, reason: str = "") -> None:
    """Say what kind of call it was: 'silent', 'prank', 'dropped'; '' takes the mark back."""
    found = need(ledger, Incident, incident)
    if mark and mark not in MARKS:
        raise UserError(f"不认识的标记：{mark}")
    if mark and found.source != "call":
        raise UserError("只有电话来电可以标为无声、骚扰、挂断")
    if mark and found.state not in BEFORE_DISPATCH:
        raise UserError(f"警情“{INCIDENT_LABELS[found.state]}”，不能再标为{MARKS[mark]}")
    if mark == found.mark:
        raise UserError(f"警情{found.short}已标为{MARKS[mark]}" if mark else f"警情{found.short}没有标记")
    ledger.record(IncidentMarked(incident=found.number, mark=mark, reason=reason.strip()))


def call_back_tried(ledger: Ledger, *, incident: str, outcome: str, text: str = "") -> None:
    """The caller of a silent or dropped call was rung back; 'reached' or 'unreached'."""
    found = need(ledger, Incident, incident)
    if outcome not in OUTCOMES:
        raise UserError(f"不认识的回拨结果：{outcome}")
    if found.mark not in TRIES or not found.open:
        raise UserError("只有标为无声或挂断的来电要回拨；先标记")
    ledger.record(CallBackTried(incident=found.number, outcome=outcome, text=text.strip()))
