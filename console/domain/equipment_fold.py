"""Fold of the facts about equipment: troubles, test windows, repairs, test runs, texts out, calls."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from console.domain import equipment_facts as facts
from console.domain.body import Body
from console.domain.call import Call
from console.domain.facts import Fact
from console.domain.outbox import MESSAGE, MessageState, OutboxMessage
from console.domain.repair import REPAIR, RepairOrder, RepairState
from console.domain.state import State, need
from console.domain.test_run import RunState, TestRun
from console.domain.test_window import TestWindow
from console.domain.trouble import TROUBLE, Trouble, TroubleState


def _trouble_opened(state: State, _: Fact, body: facts.TroubleOpened) -> None:
    state.put(body.trouble)


def _trouble_moved(state: State, fact: Fact, body: facts.TroubleMoved) -> None:
    trouble = need(state, Trouble, body.trouble)
    changes: dict[str, Any] = {"version": trouble.version + 1}
    if body.act == "again":
        changes |= {"count": trouble.count + 1, "last_at": body.at}
        after = TROUBLE.next(trouble.state, "again") if TROUBLE.may(trouble.state, "again") else trouble.state
    else:
        after = TROUBLE.next(trouble.state, body.act)
    if after is TroubleState.RESTORED:
        changes |= {"restored_at": body.at}
    elif after is TroubleState.CLOSED:
        changes |= {"closed_at": body.at, "reason": body.reason or trouble.reason}
    if body.act == "shelve":
        changes |= {"shelved_until": body.until, "shelved_by": fact.actor, "reason": body.reason}
    elif after is not TroubleState.SHELVED:
        changes |= {"shelved_until": None, "shelved_by": ""}
    state.put(replace(trouble, state=after, **changes))


def _window_opened(state: State, _: Fact, body: facts.TestWindowOpened) -> None:
    state.put(body.window)


def _window_ended(state: State, fact: Fact, body: facts.TestWindowEnded) -> None:
    window = need(state, TestWindow, body.window)
    by = "" if body.why == "time" else fact.actor
    state.put(replace(window, ended_at=fact.at, ended_by=by, version=window.version + 1))


def _repair_opened(state: State, _: Fact, body: facts.RepairOpened) -> None:
    state.put(body.order)


def _repair_moved(state: State, fact: Fact, body: facts.RepairMoved) -> None:
    order = need(state, RepairOrder, body.order)
    after = REPAIR.next(order.state, body.act)
    told = {"who": body.who, "due": body.due, "part": body.part, "result": body.result}
    changes: dict[str, Any] = {name: value for name, value in told.items() if value}
    if after in (RepairState.DONE, RepairState.CANCELLED):
        changes["ended_at"] = fact.at
    state.put(replace(order, state=after, version=order.version + 1, **changes))


def _run_started(state: State, _: Fact, body: facts.TestRunStarted) -> None:
    state.put(body.run)
    for step in body.steps:
        state.put(step)


def _step_moved(state: State, _: Fact, body: facts.TestStepMoved) -> None:
    state.put(body.step)


def _run_ended(state: State, fact: Fact, body: facts.TestRunEnded) -> None:
    run = need(state, TestRun, body.run)
    changes: dict[str, Any] = {"ended_at": fact.at, "ended_by": fact.actor, "remark": body.remark or run.remark}
    state.put(replace(run, state=RunState(body.state), version=run.version + 1, **changes))


def _queued(state: State, _: Fact, body: facts.MessageQueued) -> None:
    state.put(body.message)


def _message_moved(state: State, fact: Fact, body: facts.MessageMoved) -> None:
    message = need(state, OutboxMessage, body.message)
    after = MESSAGE.next(message.state, body.act)
    changes: dict[str, Any] = {"state": after, "why": body.why, "version": message.version + 1}
    changes |= {name: value for name, value in (("line", body.line), ("ref", body.ref)) if value}
    if body.act in ("send", "retry"):
        changes["tries"] = message.tries + 1
    if after is MessageState.SENT:
        changes["sent_at"] = fact.at
    elif after is MessageState.DELIVERED:
        changes["delivered_at"] = fact.at
    elif body.act == "resend":
        changes |= {"tries": 0, "sent_at": None, "ref": ""}
    state.put(replace(message, **changes))


def _rang(state: State, _: Fact, body: facts.CallRang) -> None:
    state.put(body.call)


def _taken(state: State, fact: Fact, body: facts.CallTaken) -> None:
    call = need(state, Call, body.call)
    taken = {} if call.taken_by else {"taken_by": fact.actor, "taken_at": fact.at, "seat": fact.seat}
    state.put(replace(call, incident=body.number or call.incident, **taken))  # type: ignore[arg-type]


def _call_ended(state: State, fact: Fact, body: facts.CallEnded) -> None:
    state.put(replace(need(state, Call, body.call), ended_at=fact.at))


FOLDERS: Mapping[type[Body], Callable[[State, Fact, Any], None]] = {
    facts.TroubleOpened: _trouble_opened,
    facts.TroubleMoved: _trouble_moved,
    facts.TestWindowOpened: _window_opened,
    facts.TestWindowEnded: _window_ended,
    facts.RepairOpened: _repair_opened,
    facts.RepairMoved: _repair_moved,
    facts.TestRunStarted: _run_started,
    facts.TestStepMoved: _step_moved,
    facts.TestRunEnded: _run_ended,
    facts.MessageQueued: _queued,
    facts.MessageMoved: _message_moved,
    facts.CallRang: _rang,
    facts.CallTaken: _taken,
    facts.CallEnded: _call_ended,
}
"""Kind of fact -> its rule, for `fold`."""
