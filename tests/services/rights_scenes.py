"""Scenes for the role × act table: for every act the state in which somebody entitled really carries it out.

A scene lays its rows down as facts in one act (`scene.lay`), as an incident can be in any state here without having
walked there, and answers the act's arguments. Each call makes rows of its own, so that no act hinders the next.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from console.domain.account import MACHINE, Account, Role
from console.domain.alarm import Alarm, AlarmState
from console.domain.approval import Approval, Hold
from console.domain.assignment import Assignment, AssignmentState
from console.domain.body import Body
from console.domain.bulletin import Bulletin
from console.domain.call import Call
from console.domain.clock import Clock
from console.domain.desk_facts import (
    BulletinIssued,
    EmergencyStarted,
    HandoverDrawn,
    HelpAsked,
    IncidentLinked,
    JobStacked,
    MajorDeclared,
)
from console.domain.emergency import Emergency
from console.domain.equipment_facts import (
    CallRang,
    MessageQueued,
    RepairOpened,
    TestRunStarted,
    TestWindowOpened,
    TroubleOpened,
)
from console.domain.facts import (
    AccountRegistered,
    AlarmRaised,
    ApprovalAsked,
    HandoffDrafted,
    HoldPlaced,
    IncidentOpened,
    SignedOn,
    SiteRegistered,
    UnitAssigned,
    UnitRegistered,
)
from console.domain.handoff import Handoff, HandoffState
from console.domain.handover import Handover
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act, Ledger
from console.domain.link import IncidentLink, StackedJob
from console.domain.outbox import MessageState, OutboxMessage
from console.domain.repair import RepairOrder
from console.domain.report_up import HelpRequest, ReportUp
from console.domain.site import Site
from console.domain.state import MemoryState
from console.domain.test_run import StepState, TestRun, TestStep
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble, TroubleKind, TroubleState
from console.domain.unit import Unit, UnitStatus
from console.persistence.journal import Journal
from console.services.acts import ACTS
from tests.persistence.conftest import PATIENCE_S
from tests.support import EVENING

ACTOR = "{role}1"
"""The number of the person who holds this role and no other."""

UNIT, AGENCY = "巡05", "fire_rescue"
"""Whose people the unit's and the agency's accounts are."""

Args = dict[str, Any]


def _had(role: Role) -> dict[str, Any]:
    """Who has a call in hand."""
    return {"taken_by": number_of(role), "seat": f"s-{role.value}", "taken_at": EVENING}


def number_of(role: Role) -> str:
    """Who acts in this role."""
    return ACTOR.format(role=role.value)


class Stage:
    """What the next `scene.lay` lays down: facts do not travel as an act's arguments."""

    def __init__(self) -> None:
        self.bodies: list[Body] = []

    def lay(self, ledger: Ledger) -> None:
        for body in self.bodies:
            ledger.record(body)


@dataclass
class World:
    """A journal with one account of each role, and ways to put rows into it."""

    journal: Journal
    stage: Stage
    _count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def open(cls, url: str, clock: Clock, *, people: bool = True) -> "World":
        stage = Stage()
        journal = Journal.open(url, {**ACTS, "scene.lay": stage.lay}, clock, patience_s=PATIENCE_S)
        world = cls(journal, stage)
        if people:
            world.lay(*(AccountRegistered(account=account_of(role)) for role in Role if role is not Role.MACHINE))
        return world

    def lay(self, *bodies: Body) -> None:
        self.stage.bodies = list(bodies)
        self.journal.commit_blocking(Act(name="scene.lay", actor="test", seat="00", roles=MACHINE, at=EVENING))

    def act(self, role: Role, name: str, args: Mapping[str, Any], **said: Any) -> Any:
        """The act by the person who holds only this role; its value."""
        asked = {"actor": number_of(role), "seat": f"s-{role.value}", "roles": (role.value,), "at": EVENING, **said}
        return self.journal.commit_blocking(Act(name=name, args=args, **asked)).value

    def state(self) -> MemoryState:
        """Everything as the journal's tables hold it."""
        state = MemoryState()
        self.journal.load_state(state)
        return state

    def key(self) -> int:
        return next(self._count)

    def incident(self, **fields: Any) -> str:
        number = f"ZZ20261121-{self.key():04}"
        known = {
            "state": IncidentState.INTAKE,
            "priority": 3,
            "kind": "050301",
            "place": "钟法路",
            "narrative": "楼道有煤气味",
            "owner": "",
            **fields,
        }
        record = Incident(number=number, source="call", created_at=EVENING, **known)
        self.lay(IncidentOpened(incident=number, record=record))
        return number

    def alarm(self, state: AlarmState, incident: str = "") -> str:
        alarm = Alarm(id=f"alarm {self.key()}", kind="panic", state=state, incident=incident, received_at=EVENING)
        self.lay(AlarmRaised(incident=incident, alarm=alarm))
        return alarm.id

    def unit(self, name: str = "", status: UnitStatus = UnitStatus.AVAILABLE, incident: str = "") -> str:
        unit = Unit(id=name or f"组{self.key()}", status=status, status_since=EVENING, incident=incident)
        self.lay(UnitRegistered(unit=unit))
        return unit.id

    def order(self, unit: str, incident: str, state: AssignmentState = AssignmentState.DISPATCHED) -> None:
        order = Assignment(id=f"{incident}/1", incident=incident, unit=unit, lead=True, state=state, t_dispatch=EVENING)
        self.lay(UnitAssigned(incident=incident, assignment=order))

    def ordered(self, name: str = "", *, route: bool = False) -> tuple[str, str]:
        """A unit on an incident, and the incident."""
        state, at = (
            (IncidentState.EN_ROUTE, AssignmentState.EN_ROUTE)
            if route
            else (
                IncidentState.DISPATCHED,
                AssignmentState.DISPATCHED,
            )
        )
        incident = self.incident(state=state)
        unit = self.unit(name, UnitStatus.EN_ROUTE if route else UnitStatus.ASSIGNED, incident)
        self.order(unit, incident, at)
        return unit, incident

    def handoff(self, state: HandoffState = HandoffState.SENT, *, owner: str = "", agency: str = AGENCY) -> str:
        incident = self.incident(owner=owner)
        row = Handoff(id=f"{incident}#1", incident=incident, agency=agency, state=state, t_draft=EVENING)
        self.lay(HandoffDrafted(incident=incident, handoff=row))
        return row.id

    def hold(self) -> str:
        row = Hold(id=f"h{self.key()}", incident="x", reason="诉讼", placed_by="x", placed_at=EVENING)
        self.lay(HoldPlaced(hold=row))
        return row.id

    def approval(self, act: str, asked_by: str, args: str) -> str:
        row = Approval(id=f"a{self.key()}", act=act, args=args, reason="误拨", asked_by=asked_by, asked_at=EVENING)
        self.lay(ApprovalAsked(approval=row))
        return row.id

    def site(self) -> str:
        row = Site(id=f"S{self.key():04}", name="第一中学")
        self.lay(SiteRegistered(site=row))
        return row.id

    def test_run(self, *, done: bool = False) -> str:
        run = TestRun(id=f"r{self.key()}", site=self.site(), started_at=EVENING)
        state = StepState.PASSED if done else StepState.WAITING
        step = TestStep(id=f"{run.id}/press", run=run.id, code="press", place=0, title="按下", state=state)
        self.lay(TestRunStarted(run=run, steps=(step,)))
        return run.id

    def repair(self) -> str:
        row = RepairOrder(id=f"r{self.key()}", site=self.site(), cause="fault", text="断线", opened_at=EVENING)
        self.lay(RepairOpened(order=row))
        return row.id

    def trouble(self, state: TroubleState = TroubleState.OPEN) -> str:
        shelved = EVENING if state is TroubleState.SHELVED else None
        row = Trouble(
            id=f"t{self.key()}",
            kind=TroubleKind.TAMPER,
            state=state,
            opened_at=EVENING,
            last_at=EVENING,
            shelved_until=shelved,
        )
        self.lay(TroubleOpened(trouble=row))
        return row.id

    def window(self) -> str:
        began = EVENING - timedelta(minutes=30)
        key, site = f"w{self.key()}", self.site()
        row = TestWindow(id=key, site=site, zones=("001",), since=began, until=EVENING, reason="季度测试")
        self.lay(TestWindowOpened(window=row))
        return row.id

    def bulletin(self) -> str:
        key = f"BK20261121-{self.key()}"
        until = EVENING + timedelta(days=1)
        row = Bulletin(id=key, kind="control", title="盗抢车", text="x", since=EVENING, until=until, issued_by="x")
        self.lay(BulletinIssued(bulletin=row, receipts=()))
        return key

    def report_up(self) -> str:
        incident = self.incident()
        row = ReportUp(
            id=f"{incident}^x", incident=incident, recipient="x", name="带班局领导", asked_at=EVENING, asked_by="x"
        )
        self.lay(MajorDeclared(incident=incident, reason="", reports=(row,)))
        return row.id

    def help_request(self) -> str:
        incident = self.incident()
        row = HelpRequest(
            id=f"{incident}!1",
            incident=incident,
            kind="zone",
            recipient="龙文区",
            text="协助堵截",
            asked_at=EVENING,
            asked_by="x",
        )
        self.lay(HelpAsked(incident=incident, request=row))
        return row.id

    def message(self, state: MessageState = MessageState.QUEUED) -> str:
        row = OutboxMessage(id=f"m{self.key()}", number="13811112222", text="收到", state=state, queued_at=EVENING)
        self.lay(MessageQueued(message=row))
        return row.id

    def call(self, **fields: Any) -> str:
        row = Call(id=f"c{self.key()}", number="13811112222", line="M1", rang_at=EVENING, **fields)
        self.lay(CallRang(call=row))
        return row.id

    def seat(self) -> str:
        """A seat at which somebody sits."""
        self.lay(SignedOn(account="test", name="某", roles=("call_taker",)))
        return "00"

    def account(self) -> str:
        number = f"9{self.key():05}"
        self.lay(AccountRegistered(account=Account(number=number, name="某", roles=("unit",), registered_at=EVENING)))
        return number


def account_of(role: Role) -> Account:
    return Account(
        number=number_of(role),
        name="某",
        roles=(role.value,),
        unit=UNIT if role is Role.UNIT else "",
        agency=AGENCY if role is Role.LIAISON else "",
        registered_at=EVENING,
    )


Scene = Callable[[World, Role], Args]


def _incident(said: Args | None = None, **fields: Any) -> Scene:
    """An incident of the actor's, and what the act says besides its number."""
    return lambda world, role: {"incident": world.incident(**{"owner": number_of(role), **fields}), **(said or {})}


def _alarm(state: AlarmState, **said: Any) -> Scene:
    return lambda world, _: {"alarm": world.alarm(state), **said}


def _handoff(state: HandoffState = HandoffState.SENT, **said: Any) -> Scene:
    return lambda world, _: {"handoff": world.handoff(state), **said}


def _plain(**said: Any) -> Scene:
    return lambda _world, _role: dict(said)


def _received(world: World, _: Role) -> Args:
    report = {"type": "signal", "raw_hex": "0a", "account": "7037", "event_code": "120", "qualifier": "new"}
    stamp = {"ingest_id": f"i{world.key()}", "line": "A1", "protocol": "surgard", "received_at": EVENING.isoformat()}
    return {**stamp, "report": report}


def _emergency(**said: Any) -> Scene:
    def scene(world: World, _: Role) -> Args:
        unit, incident = world.ordered(UNIT)
        emergency = Emergency(id=f"e{world.key()}", unit=unit, incident=incident, started_at=EVENING)
        world.lay(EmergencyStarted(incident=incident, emergency=emergency))
        return {"emergency": emergency.id, **said}

    return scene


def _drawn(world: World, role: Role) -> Args:
    handover = Handover(id=f"h{world.key()}", seat=f"s-{role.value}", from_actor="099", drawn_at=EVENING)
    world.lay(HandoverDrawn(handover=handover))
    return {"handover": handover.id}


def _merged(world: World, role: Role) -> Args:
    main = world.incident()
    known = {"state": IncidentState.MERGED, "main": main, "state_before": IncidentState.INTAKE.value}
    return {"incident": world.incident(owner=number_of(role), **known), "reason": "并错"}


def _reported(world: World, _: Role) -> Args:
    unit, incident = world.ordered(UNIT)
    return {"unit": unit, "incident": incident, "step": "sign"}


def _diverted(world: World, _: Role) -> Args:
    unit, _incident = world.ordered(route=True)
    return {"unit": unit, "incident": world.incident(priority=1), "reason": "持刀"}


def _second_sent(world: World, _: Role) -> Args:
    _unit, incident = world.ordered()
    second = world.unit(status=UnitStatus.ASSIGNED, incident=incident)
    order = Assignment(id=f"{incident}/2", incident=incident, unit=second, lead=False, t_dispatch=EVENING)
    world.lay(UnitAssigned(incident=incident, assignment=order))
    return {"unit": second, "incident": incident}


def _withdrawn(world: World, _: Role) -> Args:
    unit, incident = world.ordered()
    return {"unit": unit, "incident": incident, "reason": "改派他组"}


def _decided(world: World, _: Role) -> Args:
    args = json.dumps({"incident": world.incident(priority=2), "reason": "误拨"})
    return {"approval": world.approval("incident.invalidate", number_of(Role.CALL_TAKER), args), "granted": True}


def _asked(world: World, role: Role) -> Args:
    about = {"incident": world.incident(priority=2), "reason": "误拨"}
    return {"act": "incident.invalidate", "args": about, "reason": f"请{role.value}以外的人定"}


def _own_withdrawal(world: World, role: Role) -> Args:
    return {"approval": world.approval("incident.invalidate", number_of(role), "{}")}


def _taken(world: World, _: Role) -> Args:
    return {"incident": world.incident()}


def _linked(world: World, _: Role, *, already: bool = False) -> Args:
    one, two = world.incident(), world.incident()
    if already:
        link = IncidentLink(id=f"{one}~{two}", incident=one, other=two, linked_by="x", at=EVENING)
        world.lay(IncidentLinked(incident=one, link=link))
    return {"incident": one, "other": two}


def _stacked(world: World, _: Role, *, already: bool = False) -> Args:
    unit, _busy = world.ordered()
    waiting = world.incident()
    if already:
        job = StackedJob(id=f"{unit}>{waiting}", unit=unit, incident=waiting, stacked_by="x", at=EVENING)
        world.lay(JobStacked(incident=waiting, job=job))
    return {"unit": unit, "incident": waiting}


def _given(world: World, role: Role) -> Args:
    return {"incident": world.incident(owner=number_of(role), asked_by="033", asked_at=EVENING)}


def _spooled(_: World, __: Role) -> Args:
    return {"name": "incident.note", "args": {"text": "x"}, "why": "冲突", "reason": "已另行处理"}


_SITE = {"id": "S1", "name": "第一中学"}
_REASON: Args = {"reason": "核实"}

SCENES: Mapping[str, Scene] = {
    "intake.receive": _received,
    "line.changed": lambda w, _: {
        "line": {
            "name": f"A{w.key()}",
            "protocol": "surgard",
            "address": "x",
            "state": "UP",
            "since": EVENING.isoformat(),
        }
    },
    "watch.announce": lambda w, _: {
        "subject": f"s{w.key()}",
        "rule": "dispatch",
        "step": 1,
        "due_at": EVENING.isoformat(),
    },
    "incident.alias": _incident({"alias": "ZZ20261121-L03-01"}),
    "incident.hold": _incident({"until": (EVENING + timedelta(hours=1)).isoformat(), "reason": "约定下班后"}),
    "incident.schedule": _incident({"at": (EVENING + timedelta(hours=1)).isoformat()}),
    "incident.wake": _incident(held_until=EVENING + timedelta(hours=1)),
    "incident.link": _linked,
    "incident.unlink": lambda world, role: _linked(world, role, already=True),
    "incident.mark": _incident({"mark": "silent"}),
    "incident.call_back_tried": _incident({"outcome": "unreached"}, mark="silent", marked_at=EVENING),
    "incident.late_seen": _incident(),
    "unit.stack": _stacked,
    "unit.unstack": lambda world, role: _stacked(world, role, already=True),
    "alarm.annunciate": _alarm(AlarmState.RECEIVED),
    "alarm.acknowledge": _alarm(AlarmState.ANNUNCIATED),
    "alarm.verify": _alarm(AlarmState.ACKNOWLEDGED, how="调看视频"),
    "alarm.judge": _alarm(AlarmState.ACKNOWLEDGED, verdict="confirm"),
    "alarm.reset": _alarm(AlarmState.CONFIRMED),
    "alarm.close": _alarm(AlarmState.RESET),
    "incident.open": _plain(kind="050301", place="钟法路"),
    "incident.answer": _incident(state=IncidentState.NEW, owner=""),
    "incident.edit": _incident({"fields": {"place": "延安北路"}}),
    "incident.triage": _incident({"route": "A"}),
    "incident.priority": _incident({"priority": 2}),
    "incident.note": _incident({"text": "已告知报警人"}),
    "incident.protocol": _incident({"protocol": "theft"}),
    "incident.answer_question": _incident({"question": "s_weapon", "value": "knife", "text": "凶器：刀具"}),
    "incident.skip_question": _incident({"question": "s_weapon", "text": "凶器"}),
    "incident.settle": _incident({"code": "desk", "text": "已解答"}),
    "incident.hand_off": lambda w, r: {"incident": w.handoff(HandoffState.SIGNED).partition("#")[0]},
    "incident.merge": lambda w, r: {"incident": w.incident(owner=number_of(r)), "into": w.incident()},
    "incident.unmerge": _merged,
    "incident.supplement": _incident({"text": "又来电催问"}),
    "incident.ask_for": lambda w, _: {"incident": w.incident(owner="033")},
    "incident.give": _given,
    "incident.take": _taken,
    "incident.review": _incident(state=IncidentState.FEEDBACK),
    "incident.send_back": _incident(_REASON, state=IncidentState.REVIEW),
    "incident.callback": _incident({"outcome": "satisfied"}, state=IncidentState.REVIEW),
    "incident.close": _incident(state=IncidentState.REVIEW),
    "incident.invalidate": _incident(_REASON),
    "incident.confidential": _incident({"confidential": True, **_REASON}),
    "incident.reopen": _incident(_REASON, state=IncidentState.CLOSED),
    "incident.archive": _incident(state=IncidentState.CLOSED),
    "unit.assign": lambda w, _: {"unit": w.unit(), "incident": w.incident(priority=1)},
    "unit.assign_plan": lambda w, _: {"incident": w.incident(priority=1), "units": [w.unit(), w.unit()]},
    "unit.lead": _second_sent,
    "order.told": lambda w, _: {"assignment": f"{w.ordered()[1]}/1", "state": "undelivered"},
    "order.radio": lambda w, _: {"assignment": f"{w.ordered()[1]}/1"},
    "bulletin.issue": _plain(kind="control", title="盗抢车辆", text="白色轿车", recipients=["taxi_a"]),
    "bulletin.cancel": lambda w, _: {"bulletin": w.bulletin(), **_REASON},
    "bulletin.told": lambda w, _: {"receipt": f"{w.bulletin()}@seat:01", "state": "READ"},
    "incident.major": _incident({"recipients": ["bureau_leader"]}),
    "report_up.told": lambda w, _: {"report": w.report_up()},
    "command.log": _incident({"to": "巡05", "text": "封控现场"}),
    "help.ask": _incident({"kind": "zone", "recipient": "龙文区", "text": "协助堵截"}),
    "help.answer": lambda w, _: {"request": w.help_request(), "state": "ACCEPTED", "by": "李"},
    "help.withdraw": lambda w, _: {"request": w.help_request()},
    "unit.divert": _diverted,
    "unit.withdraw": _withdrawn,
    "unit.report": _reported,
    "unit.status": lambda w, _: {"unit": w.unit(UNIT), "status": UnitStatus.FOOT_PATROL.value},
    "unit.register": _plain(unit={"id": "巡90", "name": "巡90"}),
    "unit.import": _plain(units=[{"id": "巡91", "name": "巡91"}]),
    "site.register": _plain(site=_SITE),
    "site.import": _plain(sites=[_SITE]),
    "repair.open": lambda w, _: {"site": w.site(), "cause": "manual", "text": "按钮松动"},
    "repair.assign": lambda w, _: {"order": w.repair(), "who": "林工", "due": "2026-11-25"},
    "repair.finish": lambda w, _: {"order": w.repair(), "result": "已更换按钮"},
    "repair.cancel": lambda w, _: {"order": w.repair(), **_REASON},
    "handoff.send": lambda w, _: {"incident": w.incident(), "agency": AGENCY},
    "handoff.cancel": _handoff(reason="核实"),
    "handoff.slip_printed": _handoff(file="单.pdf"),
    "handoff.report": _handoff(act="sign", by="王"),
    "handoff.urge": _handoff(),
    "handoff.call_back": _handoff(HandoffState.RESULT, text="满意"),
    "handoff.close": _handoff(HandoffState.RESULT),
    "handoff.rule": _handoff(HandoffState.REFUSED, act="resend", **_REASON),
    "seat.sign_on": lambda _, r: {"account": number_of(r), "roles": [r.value]},
    "seat.sign_off": _plain(),
    "unit.checked": lambda w, _: {"unit": w.ordered(UNIT)[0]},
    "emergency.start": lambda w, _: {"unit": w.ordered(UNIT)[0]},
    "emergency.acknowledge": _emergency(),
    "emergency.stop": _emergency(**_REASON),
    "handover.draw": lambda w, _: {"handover": f"h{w.key()}", "items": ["incident\tZZ1\t0190"]},
    "handover.sign": _drawn,
    "seat.failed": _plain(account="nobody"),
    "account.register": lambda w, _: {"account": f"8{w.key()}", "name": "某", "roles": ["unit"]},
    "account.import": lambda w, _: {"accounts": [{"account": f"8{w.key()}", "name": "某", "roles": ["unit"]}]},
    "account.disable": lambda w, _: {"account": w.account(), **_REASON},
    "account.unlock": lambda w, _: {"account": w.account()},
    "account.password": lambda _, r: {"account": number_of(r)},
    "approval.ask": _asked,
    "approval.decide": _decided,
    "approval.withdraw": _own_withdrawal,
    "person.viewed": _incident({"fields": ["phone"]}),
    "person.revealed": _incident({"fields": ["phone"], **_REASON}),
    "audit.refused": _plain(act="incident.close", why="无权"),
    "audit.exported": _plain(what="incidents", rows=3, file="x.csv"),
    "audit.verified": _plain(last=3),
    "hold.place": _plain(reason="诉讼", since=EVENING.isoformat()),
    "hold.lift": lambda w, _: {"hold": w.hold(), **_REASON},
    "keeping.purged": _plain(what="track", before=EVENING.isoformat(), rows=3),
    "keeping.restored": _plain(file="x.zip", last=3, before_last=5, before_hash="00"),
    "keeping.backed_up": _plain(file="x.zip", last=3, hash="00"),
    "trouble.raise": lambda w, _: {"kind": "LINE_SILENT", "line": f"A{w.key()}", "at": EVENING.isoformat()},
    "trouble.restore": lambda w, _: {"trouble": w.trouble(), "at": EVENING.isoformat()},
    "trouble.shelve": lambda w, _: {"trouble": w.trouble(), "minutes": 30, **_REASON},
    "trouble.unshelve": lambda w, _: {"trouble": w.trouble(TroubleState.SHELVED)},
    "trouble.close": lambda w, _: {"trouble": w.trouble(), **_REASON},
    "test_window.open": lambda w, _: {"site": w.site(), "zones": ["001"], "minutes": 60, "reason": "季度测试"},
    "test_window.end": lambda w, _: {"window": w.window()},
    "test_run.start": lambda w, _: {"site": w.site()},
    "test_run.step": lambda w, _: {"run": w.test_run(), "code": "press", "act": "start"},
    "test_run.printed": lambda w, _: {"run": w.test_run(), "file": "验收单.pdf"},
    "test_run.end": lambda w, _: {"run": w.test_run(done=True)},
    "outbox.queue": _plain(number="13811112222", text="防区003 收到 3/10"),
    "outbox.told": lambda w, _: {"message": w.message(), "act": "send", "ref": "7"},
    "outbox.resend": lambda w, _: {"message": w.message(MessageState.FAILED)},
    "call.rang": lambda w, _: {"call": f"c{w.key()}", "number": "13811112222", "line": "M1"},
    "call.ended": _plain(number="13811112222", line="M1"),
    "call.take": lambda w, _: {"call": w.call()},
    "call.hold": lambda w, role: {"call": w.call(**_had(role))},
    "call.resume": lambda w, role: {"call": w.call(**_had(role), held_at=EVENING)},
    "call.offer": lambda w, role: {"call": w.call(**_had(role)), "to": w.seat()},
    "call.accept": lambda w, role: {"call": w.call(taken_by="test", seat="00", transfer_to=f"s-{role.value}")},
    "call.decline": lambda w, role: {"call": w.call(taken_by="test", seat="00", transfer_to=f"s-{role.value}")},
    "call.hang_up": lambda w, role: {"call": w.call(**_had(role))},
    "call.call_back": lambda w, _: {"call": w.call(ended_at=EVENING)},
    "call.attach": lambda w, role: {"call": w.call(**_had(role)), "incident": w.incident()},
    "sheet.printed": _plain(file="单.pdf", incidents=3),
    "spool.discard": _spooled,
}
