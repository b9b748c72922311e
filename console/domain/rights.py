"""Rights 权限: which role may do which act. One table, enforced where acts are carried out, not only in windows.

Source: domain.md E7 and the columns “who may” of E1 and E2. What depends on more than the role (own record, first
dispatch of a 一级, P1) is judged beside the act's function (services/rights.py). An act that is not in the table may
be done by nobody.
"""

from collections.abc import Collection, Mapping

from console.domain.account import ROLE_LABELS, Role

R = Role
_DESK = frozenset({R.CALL_TAKER, R.DISPATCHER, R.CHIEF})
_DISPATCH = frozenset({R.DISPATCHER, R.CHIEF})
_CHIEF = frozenset({R.CHIEF})
_MACHINE = frozenset({R.MACHINE})
_TECHNICIAN = frozenset({R.TECHNICIAN})
_PERSONS = frozenset(Role) - _MACHINE

RIGHTS: Mapping[str, frozenset[Role]] = {
    # What lines and the clock do by themselves.
    "intake.receive": _MACHINE,
    "line.changed": _MACHINE,
    "watch.announce": _MACHINE,
    "incident.alias": _MACHINE,
    # One-key alarms.
    "alarm.annunciate": _DESK | _MACHINE,
    "alarm.acknowledge": _DESK,
    "alarm.verify": _DESK,
    "alarm.judge": _DESK,
    "alarm.reset": _DESK,
    "alarm.close": _DESK,
    # Incidents.
    "incident.open": _DESK,
    "incident.answer": _DESK,
    "incident.edit": _DESK,
    "incident.triage": _DESK,
    "incident.priority": _DESK,
    "incident.note": _DESK,
    "incident.protocol": _DESK,
    "incident.answer_question": _DESK,
    "incident.skip_question": _DESK,
    "incident.settle": _DESK,
    "incident.hand_off": _DESK,
    "incident.merge": _DESK,
    "incident.unmerge": _DESK,
    "incident.supplement": _DESK,
    "incident.ask_for": _DESK,
    "incident.give": _DESK,
    "incident.take": _DESK,
    "incident.hold": _DESK,
    "incident.schedule": _DESK,
    "incident.wake": _DESK | _MACHINE,
    "incident.link": _DESK,
    "incident.unlink": _DESK,
    "incident.mark": _DESK,
    "incident.call_back_tried": _DESK,
    "incident.late_seen": _DESK,
    "incident.review": _DISPATCH,
    "incident.send_back": _DISPATCH,
    "incident.callback": _DISPATCH,
    "incident.close": _DISPATCH,
    "incident.invalidate": _DISPATCH,
    "incident.confidential": _DISPATCH,
    "incident.reopen": _CHIEF,
    "incident.archive": _CHIEF,
    # Units.
    "unit.assign": _DESK,
    "unit.assign_plan": _DESK,
    "unit.lead": _DISPATCH,
    "unit.divert": _DISPATCH,
    "unit.withdraw": _DISPATCH,
    "unit.report": _DISPATCH | {R.UNIT},
    "unit.status": _DISPATCH | {R.UNIT, R.MACHINE},
    "unit.stack": _DISPATCH,
    "unit.unstack": _DISPATCH,
    "order.told": _MACHINE,
    "order.radio": _DESK,
    # Bulletins and major incidents: the desk reads and reports, whoever dispatches issues and cancels.
    "bulletin.issue": _DISPATCH,
    "bulletin.cancel": _DISPATCH,
    "bulletin.told": _DESK,
    "incident.major": _DESK,
    "report_up.told": _DESK,
    "command.log": _DESK,
    "help.ask": _DESK,
    "help.answer": _DESK,
    "help.withdraw": _DESK,
    "unit.register": frozenset({R.SYSTEM}),
    "unit.import": frozenset({R.SYSTEM}),
    "site.register": _CHIEF | {R.SYSTEM, R.TECHNICIAN},
    "site.import": frozenset({R.SYSTEM, R.TECHNICIAN}),
    # Linkage.
    "handoff.send": _DESK,
    "handoff.cancel": _DESK,
    "handoff.slip_printed": _DESK,
    "handoff.report": _DISPATCH | {R.LIAISON},
    "handoff.urge": _DISPATCH,
    "handoff.call_back": _DISPATCH,
    "handoff.close": _DISPATCH,
    "handoff.rule": _CHIEF,
    # People, rights, audit.
    "seat.sign_on": _PERSONS,
    "seat.sign_off": _PERSONS | _MACHINE,
    "seat.failed": _MACHINE,
    "unit.checked": _DESK,
    "emergency.start": _DESK | {R.UNIT, R.MACHINE},
    "emergency.acknowledge": _DESK,
    "emergency.stop": _DISPATCH,
    "handover.draw": _PERSONS,
    "handover.sign": _PERSONS,
    "account.register": frozenset({R.SECURITY}),
    "account.import": frozenset({R.SECURITY}),
    "account.disable": frozenset({R.SECURITY}),
    "account.unlock": frozenset({R.SECURITY}),
    "account.password": _PERSONS,
    "approval.ask": _PERSONS,
    "approval.decide": _PERSONS,
    "approval.withdraw": _PERSONS,
    "person.viewed": _DESK,
    "person.revealed": _DESK,
    "audit.refused": _PERSONS | _MACHINE,
    "audit.exported": _CHIEF | {R.OFFICE, R.AUDIT},
    "audit.verified": frozenset({R.AUDIT, R.MACHINE}),
    "hold.place": frozenset({R.AUDIT}),
    "hold.lift": frozenset({R.AUDIT}),
    "keeping.purged": frozenset({R.SYSTEM, R.AUDIT}),
    "keeping.backed_up": frozenset({R.SYSTEM, R.MACHINE}),
    "keeping.restored": frozenset({R.SYSTEM}),
    # Equipment: what is wrong with it, its tests and repairs, what a modem sends and who calls.
    "trouble.raise": _MACHINE,
    "trouble.restore": _MACHINE,
    "trouble.shelve": _DESK | _TECHNICIAN,
    "trouble.unshelve": _DESK | _TECHNICIAN | _MACHINE,
    "trouble.close": _CHIEF | _TECHNICIAN,
    "test_window.open": _CHIEF,
    "test_window.end": _CHIEF | _TECHNICIAN | _MACHINE,
    "repair.open": _CHIEF | _TECHNICIAN | _MACHINE,
    "repair.assign": _CHIEF | _TECHNICIAN,
    "repair.finish": _TECHNICIAN,
    "repair.cancel": _CHIEF | _TECHNICIAN,
    "test_run.start": _TECHNICIAN,
    "test_run.step": _TECHNICIAN | _MACHINE,
    "test_run.end": _TECHNICIAN,
    "test_run.printed": _TECHNICIAN | _CHIEF,
    "outbox.queue": _DESK | _TECHNICIAN | _MACHINE,
    "outbox.told": _MACHINE,
    "outbox.resend": _DESK | _TECHNICIAN,
    "call.rang": _MACHINE,
    "call.ended": _MACHINE,
    "call.take": _DESK,
    "call.hold": _DESK,
    "call.resume": _DESK,
    "call.offer": _DESK,
    "call.accept": _DESK,
    "call.decline": _DESK | _MACHINE,
    "call.hang_up": _DESK,
    "call.call_back": _DESK,
    "call.attach": _DESK,
    # Paper and the spool.
    "sheet.printed": _DESK,
    "spool.discard": _CHIEF | {R.SYSTEM},
}


def may(roles: Collection[str], act: str) -> bool:
    """Whether one of the roles allows the act."""
    return not RIGHTS.get(act, frozenset()).isdisjoint(roles)


def who_may(act: str) -> str:
    """The roles that may, in the user's words; the program is nobody to turn to, so it is named only alone."""
    allowed = RIGHTS.get(act, frozenset())
    people = allowed - {Role.MACHINE} or allowed
    return "、".join(ROLE_LABELS[role] for role in Role if role in people) or "无人"
