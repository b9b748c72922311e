"""A tiny table of acts, enough to drive the store: the real one is the services' and is not needed here."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from console.domain import facts
from console.domain.alarm import Alarm
from console.domain.assignment import Assignment
from console.domain.errors import UserError
from console.domain.handoff import Handoff
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act, Ledger, new_id
from console.domain.site import Line, Signal, Site
from console.domain.state import need
from console.domain.unit import Unit

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def open_incident(ledger: Ledger, place: str = "钟法路1号", alias: str = "") -> str:
    number = ledger.next_number()
    record = Incident(number=number, place=place, alias=alias, created_at=ledger.now)
    ledger.record(facts.IncidentOpened(incident=number, record=record))
    return number


def move(ledger: Ledger, incident: str, act: str) -> None:
    ledger.record(facts.IncidentMoved(incident=incident, act=act))


def edit(ledger: Ledger, incident: str, **new: str | float) -> None:
    row = need(ledger, Incident, incident)
    ledger.record(facts.IncidentEdited(incident=incident, new=new, old={name: getattr(row, name) for name in new}))


def register_unit(ledger: Ledger, unit: str) -> None:
    ledger.record(facts.UnitRegistered(unit=Unit(id=unit, status_since=ledger.now, home_lat=30.6, home_lon=114.3)))


def register_site(ledger: Ledger, site: str, account: str) -> None:
    row = Site(id=site, name="第一中学", account=account, zones={"004": "门卫室"}, linkage=("消防", "120"))
    ledger.record(facts.SiteRegistered(site=row))


def unit_status(ledger: Ledger, unit: str, status: str, order: str = "") -> None:
    need(ledger, Unit, unit)
    ledger.record(facts.UnitMoved(unit=unit, status=status, order=order, incident=order))


def assign(ledger: Ledger, incident: str, unit: str) -> str:
    order = f"{incident}/{len(ledger.where(Assignment, incident=incident)) + 1}"
    row = Assignment(id=order, incident=incident, unit=unit, t_dispatch=ledger.now)
    ledger.record(facts.UnitAssigned(incident=incident, assignment=row))
    ledger.record(facts.LeadChanged(incident=incident, assignment=order))
    return order


def order(ledger: Ledger, assignment: str, act: str, text: str = "") -> None:
    incident = need(ledger, Assignment, assignment).incident
    ledger.record(facts.AssignmentMoved(incident=incident, assignment=assignment, act=act, text=text))


def hand_off(ledger: Ledger, incident: str, agency: str) -> str:
    key = f"{incident}#{len(ledger.where(Handoff, incident=incident)) + 1}"
    row = Handoff(id=key, incident=incident, agency=agency, t_draft=ledger.now)
    ledger.record(facts.HandoffDrafted(incident=incident, handoff=row))
    ledger.record(facts.HandoffMoved(incident=incident, handoff=key, act="send", channel="slip"))
    return key


def handoff(ledger: Ledger, handoff: str, act: str) -> None:
    incident = need(ledger, Handoff, handoff).incident
    ledger.record(facts.HandoffMoved(incident=incident, handoff=handoff, act=act))


def receive(ledger: Ledger, ingest_id: str, account: str = "7037", raw_hex: str = "0a") -> str:
    signal = Signal(
        ingest_id=ingest_id,
        line="A1",
        protocol="surgard",
        type="signal",
        account=account,
        raw_hex=raw_hex,
        extended={"text": "紧急"},
        received_at=ledger.act.at,
    )
    ledger.record(facts.SignalReceived(signal=signal))
    row = Alarm(id=f"alarm {ingest_id}", kind="panic", account=account, paths=("A1",), received_at=ledger.act.at)
    ledger.record(facts.AlarmRaised(alarm=row))
    return row.id


def alarm(ledger: Ledger, alarm: str, act: str) -> None:
    ledger.record(facts.AlarmMoved(alarm=alarm, act=act))


def line(ledger: Ledger, name: str) -> None:
    ledger.record(facts.LineChanged(line=Line(name=name, protocol="surgard", address="/dev/pts/1", since=ledger.now)))


def late(ledger: Ledger, subject: str, rule: str, step: int) -> bool:
    before = ledger.announced(subject, rule, step, ledger.now)
    ledger.record(facts.DeadlinePassed(subject=subject, rule=rule, step=step, due_at=ledger.now))
    return before


def refuse(ledger: Ledger, place: str) -> None:
    open_incident(ledger, place)
    raise UserError("此路不通")


def stumble(ledger: Ledger, place: str) -> None:
    open_incident(ledger, place)
    raise RuntimeError("our own bug")


def nap(ledger: Ledger, seconds: float) -> str:
    time.sleep(seconds)
    return open_incident(ledger, "睡过头")


def bulk(ledger: Ledger, kilobytes: int) -> str:
    return open_incident(ledger, "长" * (kilobytes * 341))


def find(ledger: Ledger, place: str, states: list[str]) -> str:
    wanted = tuple(IncidentState(state) for state in states)
    return " ".join(row.number[-4:] for row in ledger.where(Incident, state=wanted, place=place))


def look(ledger: Ledger) -> str:
    return "nothing happened"


ACTS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        open_incident,
        move,
        edit,
        register_unit,
        register_site,
        unit_status,
        assign,
        order,
        hand_off,
        handoff,
        receive,
        alarm,
        line,
        late,
        refuse,
        stumble,
        nap,
        bulk,
        find,
        look,
    )
}


def act(name: str, /, act_id: str = "", at: datetime = NOON, **args: Any) -> Act:
    """An act as the desk at seat 03 would ask for it."""
    return Act(name=name, args=args, actor="031", seat="03", at=at, act_id=act_id or new_id())
