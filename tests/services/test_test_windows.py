"""Test windows: asked, granted, ended; whose signals go to the test lane and whose never do."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from console.domain.account import Role
from console.domain.alarm import Alarm, AlarmState
from console.domain.approval import Approval
from console.domain.clock import ManualClock
from console.domain.equipment_facts import TestWindowEnded
from console.domain.errors import NotAllowed, UserError
from console.domain.incident import Incident
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble, TroubleState
from console.persistence.queries import Queries
from console.services.approvals import words
from console.services.equipment_clock import EquipmentClock
from console.services.test_windows import open_windows, window_for
from drivers.protocols.surgard_panel import signal_frame
from tests.persistence.conftest import cluster, fill, ground, new_place, prepared, templates
from tests.services.rights_scenes import World
from tests.services.test_technical import SCHOOL, Panels
from tests.support import EVENING, make_desk, people

__all__ = ["cluster", "fill", "ground", "new_place", "prepared", "templates"]

ASKED: dict[str, Any] = {"site": "S001", "zones": ["003"], "minutes": 60, "reason": "季度测试", "phone": "13800001234"}


@pytest.fixture
def panels(prepared: Callable[[], str]) -> Iterator[Panels]:
    clock = ManualClock(EVENING)
    world = World.open(prepared(), clock)
    yield Panels(world, clock)
    world.journal.close()


def ask(panels: Panels, **more: Any) -> str:
    asked = {"act": "test_window.open", "args": {**ASKED, **more}, "reason": "季度测试"}
    return str(panels.world.act(Role.TECHNICIAN, "approval.ask", asked, at=panels.clock()))


def grant(panels: Panels, approval: str) -> TestWindow:
    panels.world.act(Role.CHIEF, "approval.decide", {"approval": approval, "granted": True}, at=panels.clock())
    window = next(w for w in panels.all(TestWindow) if w.open)
    assert isinstance(window, TestWindow)
    return window


def opened(panels: Panels, **more: Any) -> TestWindow:
    return grant(panels, ask(panels, **more))


# -- asking and granting -------------------------------------------------------------------------------------


def test_that_a_technician_asks_and_the_duty_chief_grants(panels: Panels) -> None:
    approval = ask(panels)
    assert not panels.all(TestWindow), "asked for is not open"
    window = grant(panels, approval)
    assert (window.asked_by, window.approved_by) == ("technician1", "chief1")
    assert (window.site, window.zones, window.phone) == ("S001", ("003",), "13800001234")
    assert (window.since, window.until) == (EVENING, EVENING + timedelta(minutes=60))


def test_that_nobody_opens_one_alone_and_only_the_chief_grants(panels: Panels) -> None:
    for role in (Role.TECHNICIAN, Role.CHIEF, Role.CALL_TAKER):
        with pytest.raises(NotAllowed):
            panels.world.act(role, "test_window.open", ASKED)
    approval = ask(panels)
    for role in (Role.DISPATCHER, Role.CALL_TAKER, Role.TECHNICIAN):
        with pytest.raises(NotAllowed):
            panels.world.act(role, "approval.decide", {"approval": approval, "granted": True})
    assert not panels.all(TestWindow)


def test_that_what_could_not_be_granted_is_not_asked_for(panels: Panels) -> None:
    for more, why in (
        ({"minutes": 121}, "1–120 分钟"),
        ({"minutes": 0}, "1–120 分钟"),
        ({"zones": []}, "写明防区"),
        ({"zones": [""]}, "写明防区"),
        ({"zones": ["009"]}, "没有防区 009"),
        ({"reason": " "}, "事由"),
        ({"site": "S999"}, "查无此点位"),
        ({"phone": "12a"}, "手机号"),
    ):
        with pytest.raises(UserError, match=why):
            ask(panels, **more)


def test_that_a_zone_is_in_one_window_at_a_time(panels: Panels) -> None:
    approvals = [ask(panels, zones=["003"]), ask(panels, zones=["001", "003"])]
    grant(panels, approvals[0])
    with pytest.raises(UserError, match="003 已在测试报备中"):
        panels.world.act(Role.CHIEF, "approval.decide", {"approval": approvals[1], "granted": True})
    opened(panels, zones=["001"])
    assert len(panels.all(TestWindow)) == 2


async def test_that_the_decider_reads_site_zones_minutes_and_what_stays_live() -> None:
    desk = make_desk()
    people(desk)
    await desk.do("site.register", site=SCHOOL)
    await desk.do("approval.ask", act="test_window.open", args=ASKED, reason="季度测试")
    (asked,) = desk.picture.state.all(Approval)
    said = words(asked)
    assert all(part in said for part in ("漳州市实验小学", "003", "60 分钟", "13800001234", "胁迫码", "季度测试"))


# -- the lane ------------------------------------------------------------------------------------------------


def test_that_the_signals_of_a_named_zone_go_to_the_test_lane(panels: Panels) -> None:
    window = opened(panels)
    keys = [panels.hear(signal_frame(zone="003", qualifier=q))[0] for q in "EER"]
    keys += panels.hear(signal_frame(event="383", zone="003"))
    assert [panels.signal(key).test_window for key in keys] == [window.id] * 4
    assert not any(panels.all(kind) for kind in (Alarm, Incident, Trouble))


def test_that_duress_and_every_other_zone_stay_live(panels: Panels) -> None:
    opened(panels)
    live = [("121", "003"), ("122", "003"), ("124", "003"), ("120", "001"), ("120", "000"), ("110", "001")]
    keys = [panels.hear(signal_frame(event=event, zone=zone))[0] for event, zone in live]
    assert {alarm.id for alarm in panels.all(Alarm)} == set(keys)
    assert {panels.signal(key).test_window for key in keys} == {""}


def test_that_a_duress_told_in_sia_stays_live(panels: Panels) -> None:
    opened(panels)
    panels.hear(b"3011    001234HA003\x14")
    assert [alarm.kind for alarm in panels.all(Alarm)] == ["holdup"]


def test_that_another_site_and_an_unknown_account_stay_live(panels: Panels) -> None:
    opened(panels)
    panels.world.act(Role.TECHNICIAN, "site.register", {"site": {"id": "S2", "name": "二中", "account": "2222"}})
    for account in ("2222", "7037"):
        panels.hear(signal_frame(account=account, zone="003"))
    assert len(panels.all(Alarm)) == 2


def test_that_an_open_alarm_still_counts_its_presses(panels: Panels) -> None:
    """What nobody has judged a test may be meant: a window opened meanwhile hides none of its presses."""
    panels.hear(signal_frame(zone="003"))
    opened(panels)
    panels.hear(signal_frame(zone="003"))
    panels.hear(signal_frame(zone="003", qualifier="R"))
    (alarm,) = panels.all(Alarm)
    assert (alarm.presses, alarm.restored_at is not None, alarm.state) == (2, True, AlarmState.RECEIVED)


def test_that_an_alarm_judged_a_test_may_be_tried_again_in_the_lane(panels: Panels) -> None:
    (alarm,) = panels.hear(signal_frame(zone="003"))
    panels.world.act(Role.CALL_TAKER, "alarm.acknowledge", {"alarm": alarm})
    panels.world.act(Role.CALL_TAKER, "alarm.judge", {"alarm": alarm, "verdict": "judge_test", "reason": "测试"})
    window = opened(panels)
    (key,) = panels.hear(signal_frame(zone="003"))
    assert panels.signal(key).test_window == window.id
    assert [(row.state, row.presses) for row in panels.all(Alarm)] == [(AlarmState.TEST, 1)]


def test_that_a_trouble_from_before_is_restored_in_the_lane_too(panels: Panels) -> None:
    panels.hear(signal_frame(event="383", zone="003"))
    opened(panels)
    panels.hear(signal_frame(event="383", zone="003", qualifier="R"))
    assert panels.one().state is TroubleState.RESTORED


def test_that_what_comes_late_is_judged_by_when_it_was_received(panels: Panels) -> None:
    window = opened(panels)
    panels.clock.advance(3 * 3600)
    for minutes, in_lane in ((-1, False), (0, True), (59, True), (60, False), (90, False)):
        at = window.since + timedelta(minutes=minutes)
        report = {"type": "signal", "raw_hex": "0a", "account": "1234", "zone": "003", "event_code": "120"}
        key, said = f"late{minutes}", {"line": "A1", "protocol": "surgard", "report": report}
        args = {"ingest_id": key, "received_at": at.isoformat(), **said}
        panels.world.act(Role.MACHINE, "intake.receive", args)
        assert bool(panels.signal(key).test_window) is in_lane, minutes
        waiting = [alarm.id for alarm in panels.all(Alarm) if alarm.open]
        assert waiting == ([] if in_lane else [key])
        for alarm in waiting:
            # Else the next one would only be a further press of it.
            for act, more in (("acknowledge", {}), ("judge", {"verdict": "confirm"}), ("reset", {})):
                panels.world.act(Role.CALL_TAKER, f"alarm.{act}", {"alarm": alarm, **more})


def test_that_a_window_ended_early_covers_nothing_after(panels: Panels) -> None:
    window = opened(panels)
    panels.clock.advance(60)
    panels.world.act(Role.TECHNICIAN, "test_window.end", {"window": window.id}, at=panels.clock())
    panels.hear(signal_frame(zone="003"))
    assert len(panels.all(Alarm)) == 1
    with pytest.raises(UserError, match="已经结束"):
        panels.world.act(Role.CHIEF, "test_window.end", {"window": window.id})


def test_that_the_signals_of_a_window_are_found_in_order(panels: Panels) -> None:
    window = opened(panels)
    keys = [panels.hear(signal_frame(zone=zone))[0] for zone in ("003", "001", "003")]
    queries = Queries(panels.world.journal.url)
    try:
        assert [row.signal.ingest_id for row in queries.signals_of_window(window)] == [keys[0], keys[2]]
    finally:
        queries.close()
    state = panels.world.state()
    assert open_windows(state, panels.clock()) == [window]
    assert window_for(state, "S001", "3", panels.clock()) == window, "written without its zeros"
    assert window_for(state, "S001", "001", panels.clock()) is None


async def test_that_it_ends_by_itself_once_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock(EVENING)
    desk = make_desk(clock)
    people(desk)
    await desk.do("site.register", site=SCHOOL)
    asked = await desk.do("approval.ask", act="test_window.open", args=ASKED, reason="季度测试")
    desk.actor = "035"
    await desk.do("approval.decide", approval=asked, granted=True)
    clocks = EquipmentClock(desk), EquipmentClock(desk)
    clock.advance(3599)
    await clocks[0].look()
    assert desk.picture.state.all(TestWindow)[0].open
    clock.advance(1)
    with caplog.at_level("INFO", logger="console.services.equipment_clock"):
        for looker in (*clocks, *clocks):
            await looker.look()
    ended = [fact for fact in desk.journal.read() if isinstance(fact.body, TestWindowEnded)]
    assert [(fact.body.why, fact.actor) for fact in ended] == [("time", "系统")]  # type: ignore[attr-defined]
    assert "has ended by itself" in caplog.text
    assert desk.picture.state.all(TestWindow)[0].ended_by == ""
