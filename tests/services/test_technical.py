"""Technical events: what panels tell of their trouble, through a real journal; shelving; that no alarm ever is one."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.account import MACHINE, Role
from console.domain.alarm import Alarm, AlarmState
from console.domain.clock import ManualClock
from console.domain.errors import NotAllowed, UserError
from console.domain.facts import AlarmMoved, Fact, SignalReceived
from console.domain.fold import fold
from console.domain.incident import Incident
from console.domain.ledger import Act, MemoryLedger
from console.domain.overlay import Overlay
from console.domain.site import Signal
from console.domain.state import MemoryState, need
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble, TroubleKind, TroubleState
from console.services.acts import ACTS
from console.services.equipment_clock import EquipmentClock
from drivers.protocols import codec_for
from drivers.protocols.surgard_panel import signal_frame
from tests.persistence.conftest import cluster, fill, ground, new_place, prepared, templates
from tests.services.rights_scenes import World
from tests.support import ALL, EVENING, make_desk

__all__ = ["cluster", "fill", "ground", "new_place", "prepared", "templates"]

ACCOUNT = "1234"
SCHOOL: dict[str, Any] = {
    "id": "S001",
    "name": "漳州市实验小学",
    "kind": "school",
    "account": ACCOUNT,
    "zones": {"001": "校长室", "003": "东门值班室"},
}


class Panels:
    """A journal in a real database that is told frames; time goes on by a second with each."""

    def __init__(self, world: World, clock: ManualClock) -> None:
        self.world, self.clock = world, clock
        self.world.act(Role.TECHNICIAN, "site.register", {"site": SCHOOL})

    def hear(self, frame: bytes, line: str = "A1", after: float = 1.0, **more: Any) -> list[str]:
        """Every report of the frame; answers their ingest ids."""
        at = self.clock.advance(after)
        ids = []
        for report in codec_for("surgard").feed(frame):
            ids.append(f"i{self.world.key()}")
            args = {"ingest_id": ids[-1], "line": line, "protocol": "surgard", "received_at": at.isoformat()}
            self.world.act(Role.MACHINE, "intake.receive", {**args, "report": report.to_json(), **more})
        return ids

    def all(self, kind: Any) -> list[Any]:
        return list(self.world.state().all(kind))

    def one(self) -> Trouble:
        (found,) = self.all(Trouble)
        assert isinstance(found, Trouble)
        return found

    def signal(self, key: str) -> Signal:
        state = MemoryState()
        for fact in self.world.journal.read(0):
            if isinstance(fact.body, SignalReceived):
                state.put(fact.body.signal)
        return need(state, Signal, key)


@pytest.fixture
def panels(prepared: Callable[[], str]) -> Iterator[Panels]:
    clock = ManualClock(EVENING)
    world = World.open(prepared(), clock)
    yield Panels(world, clock)
    world.journal.close()


def sia(code: str, zone: str = "0003") -> bytes:
    return f"3011    001234{code}{zone}\x14".encode()


K = TroubleKind

CONTACT_ID = {
    **dict.fromkeys(("137", "144", "145", "316", "341", "383"), K.TAMPER),
    **dict.fromkeys(("301", "342", "926"), K.AC_LOSS),
    **dict.fromkeys(("302", "311", "338", "384"), K.LOW_BATTERY),
    **dict.fromkeys(("350", "354", "355", "381", "382"), K.COMM_LOST),
    **dict.fromkeys(("331", "351", "371"), K.LINE_CUT),
    **dict.fromkeys(("305", "321", "330", "375", "376", "158", "925"), K.DEVICE),
}
SIA = {
    **dict.fromkeys(("TA", "TT", "ES"), K.TAMPER),
    **dict.fromkeys(("AT", "YP"), K.AC_LOSS),
    **dict.fromkeys(("YT", "YM", "XT"), K.LOW_BATTERY),
    **dict.fromkeys(("YC", "YS", "XQ", "FZ"), K.COMM_LOST),
    "LT": K.LINE_CUT,
    **dict.fromkeys(("PT", "HT", "FT", "PS", "PB", "YA"), K.DEVICE),
}
BASIC = b"1011    001234 61003\x14"


def test_that_what_asks_for_a_technician_is_a_technical_event_and_no_alarm(panels: Panels) -> None:
    told = {}
    for frame in (*(signal_frame(event=event) for event in CONTACT_ID), *map(sia, SIA), BASIC):
        (key,) = panels.hear(frame)
        told[key] = panels.signal(key).trouble
    rows = {row.id: row for row in panels.all(Trouble)}
    assert told == {key: key for key in rows}, "each names its own"
    assert {row.event_code or row.sia_code: row.kind for row in rows.values()} == {**CONTACT_ID, **SIA, "": K.DEVICE}
    assert {(row.site, row.state, row.count) for row in rows.values()} == {("S001", TroubleState.OPEN, 1)}
    assert not panels.all(Alarm)
    assert not panels.all(Incident)


def test_that_alarms_and_unknown_codes_stay_alarms(panels: Panels) -> None:
    events = "100 110 120 121 122 123 124 126 129 130 139 140 147 151 154 12F 1B7".split()  # noqa: SIM905
    codes = ["PA", "HA", "FA", "MA", "BA", "GA", "UA", "PF"]
    for frame in (*(signal_frame(event=event) for event in events), *map(sia, codes), BASIC.replace(b" 61", b" 21")):
        panels.hear(frame)
    alarms = panels.all(Alarm)
    assert {alarm.event_code or alarm.sia_code for alarm in alarms} == {*events, *codes, ""}
    assert {alarm.state for alarm in alarms} == {AlarmState.RECEIVED}
    assert not panels.all(Trouble)


def test_that_tests_openings_and_notes_ask_nobody(panels: Panels) -> None:
    for event in ("401", "570", "602", "607", "914", "306"):
        panels.hear(signal_frame(event=event))
    for code in ("RP", "OP", "CL", "YB", "YG", "YY", "TU"):
        panels.hear(sia(code))
    assert not panels.all(Trouble)
    assert not panels.all(Alarm)


def test_that_a_restore_ends_it(panels: Panels) -> None:
    events = [(signal_frame(event=event), signal_frame(event=event, qualifier="R")) for event in ("301", "383", "371")]
    pairs = ["AT/AR", "YC/YK", "TA/TR", "PT/PJ", "PB/PU", "YM/YR", "FT/FJ", "FT/FR", "FZ/FV", "ES/EJ"]
    basic = (BASIC, BASIC.replace(b" 61", b" R1"))
    for wrong, well in (*events, *(tuple(map(sia, pair.split("/"))) for pair in pairs), basic):
        panels.hear(wrong)
        opened = [row.id for row in panels.all(Trouble) if row.state is TroubleState.OPEN]
        panels.hear(well)
        assert len(opened) == 1, wrong
        restored = next(row for row in panels.all(Trouble) if row.id == opened[0])
        assert (restored.state, restored.restored_at) == (TroubleState.RESTORED, panels.clock()), well
    assert not panels.all(Alarm)


def test_that_a_person_puts_it_away(panels: Panels) -> None:
    panels.hear(signal_frame(event="301"))
    panels.world.act(Role.TECHNICIAN, "trouble.close", {"trouble": panels.one().id, "reason": "已恢复供电"})
    assert not panels.all(Trouble), "what is closed is no more in the picture"


def test_that_another_zone_or_matter_restores_nothing(panels: Panels) -> None:
    panels.hear(signal_frame(event="302", zone="000"))
    panels.hear(signal_frame(event="301", zone="000", qualifier="R"))
    panels.hear(signal_frame(event="302", zone="003", qualifier="R"))
    assert panels.one().state is TroubleState.OPEN


def test_that_further_signals_count_and_copies_and_second_paths_do_not(panels: Panels) -> None:
    frame = signal_frame(event="301", zone="000")
    (first,) = panels.hear(frame)
    panels.hear(frame)
    panels.hear(frame, line="B1", after=20)
    panels.hear(frame, may_be_copy={"ingest_id": first, "raw_hex": frame.hex()})
    panels.hear(signal_frame(event="301", zone="000", qualifier="P"))
    assert panels.one().count == 2


def test_that_a_restored_one_told_again_is_open_again(panels: Panels) -> None:
    for qualifier in ("E", "R", "E"):
        panels.hear(signal_frame(event="301", zone="000", qualifier=qualifier))
    row = panels.one()
    assert (row.state, row.count) == (TroubleState.OPEN, 2)


def test_that_one_put_away_is_another_one_when_it_comes_again(panels: Panels) -> None:
    panels.hear(signal_frame(event="301"))
    before = panels.one().id
    panels.world.act(Role.TECHNICIAN, "trouble.close", {"trouble": before, "reason": "已处理"})
    panels.hear(signal_frame(event="301"))
    again = panels.one()
    assert (again.id != before, again.state, again.count) == (True, TroubleState.OPEN, 1)


def test_that_what_an_unregistered_panel_tells_is_kept_by_account_and_line(panels: Panels) -> None:
    frame = signal_frame(account="7037", event="301")
    for line in ("A1", "A1", "B1"):
        panels.hear(frame, line=line)
    rows = sorted((row.site, row.account, row.line, row.count) for row in panels.all(Trouble))
    assert rows == [("", "7037", "A1", 2), ("", "7037", "B1", 1)]


def test_that_what_a_panel_told_before_it_was_registered_is_restored_afterwards(panels: Panels) -> None:
    panels.hear(signal_frame(account="7037", event="301"))
    panels.world.act(Role.TECHNICIAN, "site.register", {"site": {"id": "S7", "name": "S7", "account": "7037"}})
    panels.hear(signal_frame(account="7037", event="301"))
    assert (panels.one().count, panels.one().state) == (2, TroubleState.OPEN)
    panels.hear(signal_frame(account="7037", event="301", qualifier="R"))
    assert panels.one().state is TroubleState.RESTORED


# -- accounts, lines, places ---------------------------------------------------------------------------------


def test_that_one_account_of_two_panels_is_two_alarms(panels: Panels) -> None:
    for site, line in (("S7", "A1"), ("S8", "B1")):
        panels.world.act(
            Role.TECHNICIAN, "site.register", {"site": {"id": site, "name": site, "account": "7037", "line": line}}
        )
    for line in ("A1", "B1", "A1"):
        panels.hear(signal_frame(account="7037"), line=line)
    assert sorted((a.site, a.presses, len(a.paths)) for a in panels.all(Alarm)) == [("S7", 2, 1), ("S8", 1, 1)]


def test_that_an_unregistered_account_on_two_lines_is_two_alarms(panels: Panels) -> None:
    for line in ("A1", "B1"):
        panels.hear(signal_frame(account="7037"), line=line)
    assert sorted(alarm.line for alarm in panels.all(Alarm)) == ["A1", "B1"]


def test_that_zeros_in_front_of_an_account_make_no_other_panel(panels: Panels) -> None:
    panels.hear(signal_frame(zone="003"), line="A1")
    report = codec_for("surgard").feed(signal_frame(zone="003"))[0].to_json() | {"account": "001234"}
    args = {"ingest_id": "other", "line": "B1", "protocol": "sia-dc09", "received_at": panels.clock().isoformat()}
    panels.world.act(Role.MACHINE, "intake.receive", {**args, "report": report})
    (alarm,) = panels.all(Alarm)
    assert (alarm.site, alarm.paths) == ("S001", ("A1", "B1"))


@pytest.mark.parametrize(("kept", "sent"), [("13800138000", "013800138000"), ("013800138000", "00000000013800138000")])
def test_that_a_vehicle_is_found_by_its_number_and_stands_where_it_says(panels: Panels, kept: str, sent: str) -> None:
    bus = {"id": "B18", "name": "18路公交", "kind": "bus", "account": kept, "lat": 24.5, "lon": 117.6, "moving": True}
    panels.world.act(Role.TECHNICIAN, "site.register", {"site": bus})
    report: dict[str, Any] = {
        "type": "signal",
        "raw_hex": "7e7e",
        "account": sent,
        "event_code": "120",
        "qualifier": "new",
    }
    report |= {"extended": {"lat": "24.53", "lon": "117.66"}}
    args = {"ingest_id": "v1", "line": "V1", "protocol": "jt808", "received_at": panels.clock().isoformat()}
    panels.world.act(Role.MACHINE, "intake.receive", {**args, "report": report})
    (incident,) = panels.all(Incident)
    assert (incident.site, incident.lat, incident.lon) == ("B18", 24.53, 117.66)


# -- shelving ------------------------------------------------------------------------------------------------


def test_that_shelving_takes_at_most_an_hour_and_a_reason(panels: Panels) -> None:
    panels.hear(signal_frame(event="301"))
    key = panels.one().id
    for minutes, reason in ((0, "x"), (61, "x"), (-5, "x"), (30, ""), (30, "  ")):
        with pytest.raises(UserError, match="搁置"):
            panels.world.act(Role.CALL_TAKER, "trouble.shelve", {"trouble": key, "minutes": minutes, "reason": reason})
    assert panels.one().state is TroubleState.OPEN


def test_that_who_shelved_it_until_when_and_why_stands_in_it_and_it_counts_on(panels: Panels) -> None:
    panels.hear(signal_frame(event="301"))
    panels.world.act(Role.CALL_TAKER, "trouble.shelve", {"trouble": panels.one().id, "minutes": 60, "reason": "等维修"})
    panels.hear(signal_frame(event="301"))
    row = panels.one()
    assert (row.state, row.reason, row.count) == (TroubleState.SHELVED, "等维修", 2)
    assert row.shelved_by == "call_taker1"
    assert row.shelved_until == EVENING + timedelta(seconds=1, minutes=60)


def test_that_a_restored_one_cannot_be_shelved_nor_a_shelved_one_closed(panels: Panels) -> None:
    panels.hear(signal_frame(event="301"))
    key = panels.one().id
    panels.world.act(Role.CALL_TAKER, "trouble.shelve", {"trouble": key, "minutes": 5, "reason": "x"})
    with pytest.raises(UserError, match="已搁置"):
        panels.world.act(Role.TECHNICIAN, "trouble.close", {"trouble": key, "reason": "x"})
    panels.hear(signal_frame(event="301", qualifier="R"))
    with pytest.raises(UserError, match="已恢复"):
        panels.world.act(Role.CALL_TAKER, "trouble.shelve", {"trouble": key, "minutes": 5, "reason": "x"})


async def test_that_the_clock_takes_back_what_was_shelved_once_however_many_desks_look() -> None:
    clock = ManualClock(EVENING)
    desk = make_desk(clock)
    await desk.do("trouble.raise", kind="LINE_SILENT", line="A1", at=EVENING.isoformat())
    (row,) = desk.picture.state.all(Trouble)
    await desk.do("trouble.shelve", trouble=row.id, minutes=30, reason="等电信")
    first, second = EquipmentClock(desk), EquipmentClock(desk)
    clock.advance(30 * 60 - 1)
    await first.look()
    assert need(desk.picture.state, Trouble, row.id).state is TroubleState.SHELVED
    clock.advance(1)
    for looker in (first, second, first):
        await looker.look()
    back = need(desk.picture.state, Trouble, row.id)
    assert (back.state, back.shelved_until, back.shelved_by) == (TroubleState.OPEN, None, "")
    assert len([fact for fact in desk.journal.read() if getattr(fact.body, "act", "") == "unshelve"]) == 1


async def test_that_the_clock_leaves_alone_what_a_person_shelved_anew() -> None:
    clock = ManualClock(EVENING)
    desk = make_desk(clock)
    await desk.do("trouble.raise", kind="LINE_SILENT", line="A1", at=EVENING.isoformat())
    (row,) = desk.picture.state.all(Trouble)
    await desk.do("trouble.shelve", trouble=row.id, minutes=5, reason="x")
    late = desk.act("trouble.unshelve", {"trouble": row.id})
    clock.advance(300)
    await desk.do("trouble.shelve", trouble=row.id, minutes=5, reason="x")
    await desk.carry_out(Act(name=late.name, args=late.args, actor="系统", seat="03", roles=MACHINE, at=clock()))
    assert need(desk.picture.state, Trouble, row.id).state is TroubleState.SHELVED


# -- an alarm never --------------------------------------------------------------------------------------------


def test_that_no_door_shelves_or_closes_an_alarm(panels: Panels) -> None:
    for event in ("120", "121", "122", "123", "110"):
        panels.hear(signal_frame(event=event))
    before = panels.all(Alarm)
    for alarm in before:
        for act, more in (("shelve", {"minutes": 30}), ("unshelve", {}), ("close", {})):
            with pytest.raises(UserError, match="不能搁置"):
                panels.world.act(Role.TECHNICIAN, f"trouble.{act}", {"trouble": alarm.id, "reason": "吵", **more})
    assert panels.all(Alarm) == before
    assert len(before) == 5


def test_that_no_act_of_the_table_shelves_suppresses_or_disarms_an_alarm() -> None:
    of_alarms = {name for name in ACTS if name.startswith("alarm.")}
    assert of_alarms == {f"alarm.{act}" for act in ("annunciate", "acknowledge", "verify", "judge", "reset", "close")}


def test_that_nobody_can_be_asked_to_shelve(panels: Panels) -> None:
    panels.hear(signal_frame())
    (alarm,) = panels.all(Alarm)
    asked = {"act": "trouble.shelve", "args": {"trouble": alarm.id, "minutes": 5, "reason": "x"}, "reason": "x"}
    with pytest.raises((UserError, NotAllowed), match="不需要审批"):
        panels.world.act(Role.CALL_TAKER, "approval.ask", asked)


# -- property: nothing makes a panic alarm vanish but a person's verdict and reset ---------------------------------

PRESSES = ("120", "121", "122", "123", "301", "383", "602", "401")
PERSON_ACTS = ("acknowledge", "verify", "confirm", "judge_false", "judge_test", "judge_fault", "reset", "close")
OPERATIONS = st.one_of(
    st.tuples(st.just("hear"), st.sampled_from(PRESSES), st.sampled_from(("001", "003")), st.sampled_from("ERP")),
    st.tuples(st.just("person"), st.sampled_from(PERSON_ACTS), st.integers(0, 3)),
    st.tuples(st.just("technical"), st.sampled_from(("shelve", "unshelve", "close", "restore")), st.integers(0, 5)),
    st.tuples(st.just("window"), st.sampled_from(("001", "003")), st.sampled_from((5, 120, 121))),
    st.tuples(
        st.just("end"),
    ),
    st.tuples(st.just("time"), st.sampled_from((1, 61, 4000))),
)


class Tried:
    """Acts over a state in memory; what is refused leaves nothing."""

    def __init__(self) -> None:
        self.state, self.clock, self.facts = MemoryState(), ManualClock(EVENING), list[Fact]()
        self.numbers = 0
        self.do("site.register", site=SCHOOL)

    def do(self, name: str, *, roles: tuple[str, ...] = ALL, actor: str = "031", **args: Any) -> Any:
        act = Act(name=name, args=args, actor=actor, seat="03", roles=roles, at=self.clock())
        ledger = MemoryLedger(Overlay(self.state), act, self.clock(), self._number, self.facts)
        try:
            value = ACTS[name](ledger, **args)
        except UserError:
            return None
        for fact in ledger.facts:
            fold(self.state, fact)
        self.facts += ledger.facts
        return value

    def _number(self) -> str:
        self.numbers += 1
        return f"ZZ20261121-{self.numbers:04}"

    def run(self, operation: tuple[Any, ...]) -> None:
        what, *said = operation
        self.clock.advance(1)
        if what == "hear":
            self.hear(*said)
        elif what == "person":
            self.person(*said)
        elif what == "technical":
            self.technical(*said)
        elif what == "window":
            self.window(*said)
        elif what == "end":
            for window in self.state.all(TestWindow):
                self.do("test_window.end", window=window.id)
        else:
            self.clock.advance(said[0])

    def hear(self, event: str, zone: str, qualifier: str) -> None:
        (report,) = codec_for("surgard").feed(signal_frame(event=event, zone=zone, qualifier=qualifier))
        stamp = {"ingest_id": f"i{len(self.facts)}", "line": "A1", "protocol": "surgard"}
        at = self.clock().isoformat()
        self.do("intake.receive", roles=MACHINE, actor="线路A1", **stamp, received_at=at, report=report.to_json())

    def person(self, act: str, which: int) -> None:
        alarms = self.state.all(Alarm)
        if not alarms:
            return
        alarm, more = alarms[which % len(alarms)].id, dict[str, Any]()
        name = f"alarm.{act}"
        if act in ("confirm", "judge_false", "judge_test", "judge_fault"):
            name, more = "alarm.judge", {"verdict": act, "reason": "核实"}
        elif act == "verify":
            more = {"how": "视频"}
        self.do(name, alarm=alarm, **more)

    def technical(self, act: str, which: int) -> None:
        rows = [row.id for row in self.state.all(Trouble)] + [alarm.id for alarm in self.state.all(Alarm)]
        if not rows:
            return
        said: dict[str, dict[str, Any]] = {
            "shelve": {"minutes": 60, "reason": "x"},
            "close": {"reason": "x"},
            "restore": {"at": self.clock().isoformat()},
        }
        self.do(f"trouble.{act}", trouble=rows[which % len(rows)], **said.get(act, {}))

    def window(self, zone: str, minutes: int) -> None:
        args = {"site": "S001", "zones": [zone], "minutes": minutes, "reason": "测试"}
        asked = self.do("approval.ask", act="test_window.open", args=args, reason="测试")
        if asked:
            self.do("approval.decide", actor="035", approval=asked, granted=True)


@settings(max_examples=40, deadline=None)
@given(operations=st.lists(OPERATIONS, max_size=30))
def test_that_no_sequence_of_acts_makes_an_alarm_vanish_without_verdict_and_reset(
    operations: list[tuple[Any, ...]],
) -> None:
    tried, raised = Tried(), set[str]()
    for operation in operations:
        tried.run(operation)
        raised |= {alarm.id for alarm in tried.state.all(Alarm)}
    alarms = {alarm.id: alarm for alarm in tried.state.all(Alarm)}
    assert raised == set(alarms), "none is gone"
    for alarm in alarms.values():
        moves = [f.body.act for f in tried.facts if isinstance(f.body, AlarmMoved) and f.body.alarm == alarm.id]
        if not alarm.open:
            assert "reset" in moves
            assert set(moves[: moves.index("reset")]) & {"confirm", "judge_false", "judge_test", "judge_fault"}
    # Whoever is forced is heard whatever is under test.
    duress = [
        s
        for s in (getattr(f.body, "signal", None) for f in tried.facts)
        if s is not None and s.event_code in ("121", "122")
    ]
    assert all(signal.test_window == "" for signal in duress)
    assert all(signal.alarm or signal.qualifier == "restore" for signal in duress)
