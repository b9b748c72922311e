"""Marks 无声、骚扰、挂断: calls that were none, each with one key; nothing is deleted and each is counted per number.

Source: domain.md D rule 4 (a silent call is rung back at least twice within two minutes before it is closed) and the
rule for dropped calls: rung back at once; nobody answers but the place is clear → a unit is sent.
"""

from collections import Counter
from collections.abc import Iterable

from console.domain.incident import Incident

MARKS = {"silent": "无声", "prank": "骚扰", "dropped": "挂断"}
TRIES = {"silent": 2, "dropped": 1}
"""So often the caller is rung back, unless one is reached earlier."""

OUTCOMES = {"reached": "接通", "unreached": "未接通"}


def tries_left(incident: Incident) -> int:
    """How many call-backs are still owed before the call may be closed as invalid."""
    if incident.ring_back == "reached":
        return 0
    return max(0, TRIES.get(incident.mark, 0) - incident.ring_backs)


def rings_back(incident: Incident) -> bool:
    """Whether the caller has still to be rung back."""
    return incident.open and incident.marked_at is not None and tries_left(incident) > 0


def asks_for_unit(incident: Incident) -> bool:
    """A dropped or silent caller was not reached, but it is clear where he is: a unit has to look."""
    silent = incident.mark in TRIES and incident.ring_back == "unreached" and not tries_left(incident)
    return incident.open and silent and bool(incident.place or incident.lat is not None)


def why_not_invalid(incident: Incident, *, unit_was_sent: bool) -> str:
    """Why a marked call may not be closed as invalid yet, and what to do; '' if it may."""
    left = tries_left(incident)
    if left:
        return f"{MARKS[incident.mark]}来电须先回拨，还差 {left} 次，不能作无效处理"
    if asks_for_unit(incident) and not unit_was_sent:
        return f"{MARKS[incident.mark]}来电回拨未接通而地点明确，先派警核实，不能作无效处理"
    return ""


def counted(incidents: Iterable[Incident]) -> Counter[str]:
    """How many calls of each mark are among these incidents."""
    return Counter(incident.mark for incident in incidents if incident.mark)
