"""The one table of acts: name -> function, each behind its right. The journal's writer, the spool and the desk use it.

A name, once used, stays: spooled acts carry it across a restart and an upgrade.
"""

import json
from collections.abc import Mapping
from typing import Any

from console.domain.facts import NoteAdded, SheetPrinted
from console.domain.incident import Incident
from console.domain.ledger import ActFunction, Ledger
from console.services import (
    acceptance,
    accounts,
    alarms,
    approvals,
    audit,
    calls,
    calls_in_hand,
    claims,
    dispatch,
    handoffs,
    handovers,
    help_requests,
    incidents,
    intake,
    keeping,
    lateness,
    links,
    marks,
    merging,
    order_word,
    outbox,
    planning,
    questions,
    repairs,
    safety,
    sites,
    stacks,
    technical,
    test_runs,
    test_windows,
    waiting,
    watch,
)
from console.services.rights import guarded
from console.services.seen_since import asking_again


def sheet_printed(ledger: Ledger, *, file: str, incidents: int) -> None:
    """A person printed 断网续接单."""
    ledger.record(SheetPrinted(file=file, incidents=incidents))


def spool_discarded(ledger: Ledger, *, name: str, args: Mapping[str, Any], why: str, reason: str) -> None:
    """A person took an act out of the spool that the journal had refused; act, refusal and reason stay on record."""
    said = json.dumps(dict(args), ensure_ascii=False)
    about = str(args.get("incident", ""))
    found = ledger.get(Incident, about) or next(iter(ledger.where(Incident, alias=about) if about else ()), None)
    text = f"移除本机暂存的 {name}：{reason}（日志曾拒绝：{why}；原内容：{said}）"
    ledger.record(NoteAdded(incident=found.number if found else "", text=text))


_FUNCTIONS: Mapping[str, ActFunction] = {
    "intake.receive": intake.receive,
    "line.changed": intake.line_changed,
    "alarm.annunciate": alarms.annunciate,
    "alarm.acknowledge": alarms.acknowledge,
    "alarm.verify": alarms.verify,
    "alarm.judge": alarms.judge,
    "alarm.reset": alarms.reset,
    "alarm.close": alarms.close,
    "incident.open": incidents.open_incident,
    "incident.answer": incidents.answer,
    "incident.edit": incidents.edit,
    "incident.triage": incidents.triage,
    "incident.priority": incidents.set_priority,
    "incident.note": incidents.add_note,
    "incident.protocol": questions.choose_protocol,
    "incident.answer_question": questions.answer_question,
    "incident.skip_question": questions.skip_question,
    "incident.settle": incidents.settle,
    "incident.hand_off": incidents.hand_off,
    "incident.review": incidents.review,
    "incident.send_back": incidents.send_back,
    "incident.callback": incidents.callback,
    "incident.close": incidents.close,
    "incident.invalidate": incidents.invalidate,
    "incident.merge": merging.merge,
    "incident.unmerge": merging.unmerge,
    "incident.supplement": merging.supplement,
    "incident.reopen": incidents.reopen,
    "incident.archive": incidents.archive,
    "incident.alias": incidents.alias,
    "incident.hold": waiting.hold,
    "incident.schedule": waiting.schedule,
    "incident.wake": waiting.wake,
    "incident.link": links.link,
    "incident.unlink": links.unlink,
    "incident.mark": marks.mark,
    "incident.call_back_tried": marks.call_back_tried,
    "incident.late_seen": lateness.seen,
    "incident.ask_for": claims.ask_for,
    "incident.give": claims.give,
    "incident.take": claims.take,
    "unit.assign": dispatch.assign,
    "unit.assign_plan": planning.assign_plan,
    "unit.lead": planning.lead,
    "unit.divert": dispatch.divert,
    "unit.withdraw": dispatch.withdraw,
    "unit.report": dispatch.report,
    "unit.status": dispatch.set_status,
    "unit.stack": stacks.stack,
    "unit.unstack": stacks.unstack,
    "unit.register": sites.register_unit,
    "unit.import": sites.import_units,
    "repair.open": repairs.open_order,
    "repair.assign": repairs.assign,
    "repair.finish": repairs.finish,
    "repair.cancel": repairs.cancel,
    "order.told": order_word.told,
    "order.radio": order_word.radio,
    "help.ask": help_requests.ask,
    "help.answer": help_requests.answer,
    "help.withdraw": help_requests.withdraw,
    "outbox.queue": outbox.queue,
    "outbox.told": outbox.told,
    "outbox.resend": outbox.resend,
    "call.rang": calls.rang,
    "call.ended": calls.ended,
    "call.take": calls.take,
    "call.hold": calls_in_hand.hold,
    "call.resume": calls_in_hand.resume,
    "call.offer": calls_in_hand.offer,
    "call.accept": calls_in_hand.accept,
    "call.decline": calls_in_hand.decline,
    "call.hang_up": calls_in_hand.hang_up,
    "call.call_back": calls_in_hand.call_back,
    "call.attach": calls_in_hand.attach,
    "site.register": sites.register_site,
    "site.import": sites.import_sites,
    "handoff.send": handoffs.send,
    "handoff.report": handoffs.report,
    "handoff.urge": handoffs.urge,
    "handoff.rule": handoffs.rule,
    "handoff.cancel": handoffs.cancel,
    "handoff.call_back": handoffs.call_back,
    "handoff.close": handoffs.close,
    "handoff.slip_printed": handoffs.slip_printed,
    "trouble.raise": technical.raise_trouble,
    "trouble.restore": technical.restore,
    "trouble.shelve": technical.shelve,
    "trouble.unshelve": technical.unshelve,
    "trouble.close": technical.close,
    "test_window.open": test_windows.open_window,
    "test_window.end": test_windows.end_window,
    "watch.announce": watch.announce,
    "unit.checked": safety.checked,
    "emergency.start": safety.start,
    "emergency.acknowledge": safety.acknowledge,
    "emergency.stop": safety.stop,
    "handover.draw": handovers.draw,
    "handover.sign": handovers.sign,
    "sheet.printed": sheet_printed,
    "spool.discard": spool_discarded,
    "audit.exported": keeping.exported,
    "audit.verified": keeping.verified,
    "hold.place": keeping.place_hold,
    "hold.lift": keeping.lift_hold,
    "keeping.backed_up": keeping.backed_up,
    "keeping.restored": keeping.restored,
    "keeping.purged": keeping.purged,
    "account.register": accounts.register,
    "account.import": accounts.import_accounts,
    "account.disable": accounts.disable,
    "account.unlock": accounts.unlock,
    "account.password": accounts.password_changed,
    "seat.sign_on": accounts.sign_on,
    "seat.sign_off": accounts.sign_off,
    "seat.failed": accounts.failed,
    "approval.ask": approvals.ask,
    "approval.withdraw": approvals.withdraw,
    "test_run.start": test_runs.start,
    "test_run.step": test_runs.step,
    "test_run.end": test_runs.end,
    "test_run.printed": acceptance.printed,
    "incident.confidential": audit.set_confidential,
    "person.viewed": audit.person_viewed,
    "person.revealed": audit.person_revealed,
    "audit.refused": audit.refused,
}
_ASKING = {name: asking_again(name, function) for name, function in _FUNCTIONS.items()}
# Who grants an act is asked again like who does it: what he agreed to may mean something else by now.
_ALL = {**_ASKING, "approval.decide": approvals.deciding(_ASKING)}

ACTS: Mapping[str, ActFunction] = {name: guarded(name, function) for name, function in _ALL.items()}
