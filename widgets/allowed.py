"""Whether the person who sits here may do an act, for buttons and menu entries: disabled with the reason, never hidden.

The same rule decides as in the journal (services/rights.py); this only asks it early.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton

from console.domain.errors import UserError
from console.domain.ledger import MemoryLedger
from console.domain.overlay import Overlay
from console.services.approvals import can_ask
from console.services.desk import Desk
from console.services.rights import refusal
from widgets.text import said

OF_STEP: Mapping[str, str] = {
    "reset": "alarm.reset",
    "confirm": "alarm.judge",
    "judge_false": "alarm.judge",
    "judge_test": "alarm.judge",
    "judge_fault": "alarm.judge",
}
"""The act of a closing card's button where it is not the incident's own of the same name."""

OF_HANDOFF: Mapping[str, str] = {
    "resend": "handoff.rule",
    "reassign": "handoff.rule",
    "cancel": "handoff.cancel",
    "close": "handoff.close",
    "call_back": "handoff.call_back",
    "urge": "handoff.urge",
    "print": "handoff.slip_printed",
}
"""The act of an answer on a running handoff; every other one is a report on the agency's behalf."""


def why_not(desk: Desk, act: str, **args: Any) -> str:
    """Why the person at this desk may not do it, '' if he may. What is missing or gone is not a matter of rights."""
    asked = desk.act(act, args)
    try:
        return said(refusal(MemoryLedger(Overlay(desk.picture.state), asked, asked.at, str), act, args))
    except UserError:
        return ""


def why_not_step(desk: Desk, step: str, subject: str, incident: str) -> str:
    """The same for a button of the closing card; what another person can be asked for may be pressed."""
    act = OF_STEP.get(step, f"incident.{step}")
    if step == "handoff" or (can_ask(act) and not why_not(desk, "approval.ask")):
        return ""
    about = {"alarm": subject} if step in OF_STEP else {"incident": incident}
    return why_not(desk, act, **about)


def show_allowed(button: QAbstractButton, why: str, otherwise: str = "") -> None:
    """Disabled with the reason where a hand looks for it, else enabled."""
    button.setEnabled(not why)
    button.setToolTip(said(why) or otherwise)
    button.setAccessibleDescription(said(why))


def show_action_allowed(action: QAction, why: str) -> None:
    """The same for a menu's entry."""
    action.setEnabled(not why)
    action.setToolTip(said(why) or action.text())
