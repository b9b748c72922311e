"""Handing over a shift: everything that is open is on the list, both sign, and it stands on paper as it was read."""

from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from console.domain.account import Role
from console.domain.alarm import Alarm, AlarmState
from console.domain.call import Call
from console.domain.desk_facts import EmergencyStarted
from console.domain.emergency import Emergency
from console.domain.equipment_facts import CallRang
from console.domain.errors import UserError
from console.domain.facts import AlarmRaised
from console.domain.handover import Handover
from console.domain.state import need
from console.services.catalogue import load
from console.services.desk import Desk
from console.services.handovers import GROUPS, item_of, open_items
from console.services.printing import Printing
from tests.support import EVENING, make_desk, tell


async def evening(desk: Desk) -> str:
    """One of each: an incident of the giver's, an alarm that latches, an officer in need, a call nobody took."""
    number = str(await desk.do("incident.open", kind="0206", place="钟法路", title="噪音", priority=4))
    await desk.do("incident.hold", incident=number, until=(EVENING + timedelta(hours=2)).isoformat(), reason="等物业")
    alarm = Alarm(id="a1", kind="panic", incident=number, received_at=EVENING)
    call = Call(id="c1", number="13800000009", line="M1", rang_at=EVENING, ended_at=EVENING)
    tell(desk, AlarmRaised(incident=number, alarm=alarm), CallRang(call=call))
    tell(desk, EmergencyStarted(emergency=Emergency(id="e1", unit="巡05", started_at=EVENING)))
    return number


async def test_that_everything_open_is_listed_the_gravest_kind_first() -> None:
    desk = make_desk()
    number = await evening(desk)
    desk.health.spooled(3)
    items = open_items(desk.picture, desk.health, desk.actor, EVENING)
    kinds = [item.kind for item in items]
    assert kinds == sorted(kinds, key=list(GROUPS).index)
    assert {"emergency", "alarm", "incident", "waiting", "call", "unsent"} <= set(kinds)
    assert number in {item.key for item in items if item.kind == "incident"}
    assert "本机暂存 3 条尚未送达日志" in [item.text for item in items]


async def test_that_nothing_of_a_secret_incident_stands_on_the_list_of_who_may_not_see_it() -> None:
    desk = make_desk()
    number = await evening(desk)
    await desk.do("incident.edit", incident=number, fields={"title": "举报民警"})
    items = open_items(desk.picture, desk.health, desk.actor, EVENING, lambda incident: incident.number == number)
    assert [item for item in items if "举报民警" in item.text or item.key == number] == []


async def test_that_unreadable_bytes_somebody_acknowledged_are_listed_by_their_line_until_reset() -> None:
    desk = make_desk()
    garbage = Alarm(id="g1", kind="garbage", line="A1", received_at=EVENING, state=AlarmState.ANNUNCIATED)
    tell(desk, AlarmRaised(alarm=garbage))
    await desk.do("alarm.acknowledge", alarm="g1")
    items = open_items(desk.picture, desk.health, desk.actor, EVENING, lambda _: True)
    assert [(item.kind, item.key, item.text) for item in items] == [
        ("alarm", "g1", "线路A1收到无法解析的报文：已确认，未手动复位")
    ]
    assert load("en").said(items[0].text) == "Line A1 received a frame nobody can read: acknowledged, not reset by hand"
    await desk.do("alarm.judge", alarm="g1", verdict="judge_fault", reason="线路干扰")
    await desk.do("alarm.reset", alarm="g1")
    assert open_items(desk.picture, desk.health, desk.actor, EVENING) == []


async def test_that_a_list_is_kept_as_it_was_read_and_signed_by_both() -> None:
    desk = make_desk()
    await evening(desk)
    items = open_items(desk.picture, desk.health, desk.actor, EVENING)
    await desk.do("handover.draw", handover="h1", items=[item.line() for item in items], notes="看好钟法路", name="王")
    desk.actor, desk.roles = "032", (Role.CALL_TAKER.value,)
    await desk.do("handover.sign", handover="h1", name="李")
    kept = need(desk.picture.state, Handover, "h1")
    assert [item_of(line) for line in kept.items] == items
    assert (kept.from_actor, kept.to_actor, kept.notes) == ("031", "032", "看好钟法路")
    assert kept.given_at is not None
    assert kept.taken_at is not None


async def test_that_nobody_takes_over_from_himself_nor_twice() -> None:
    desk = make_desk()
    await desk.do("handover.draw", handover="h1", items=[])
    with pytest.raises(UserError, match="接班人须是另一人"):
        await desk.do("handover.sign", handover="h1")
    desk.actor = "032"
    await desk.do("handover.sign", handover="h1")
    desk.actor = "033"
    with pytest.raises(UserError, match="已由 032 签收"):
        await desk.do("handover.sign", handover="h1")


async def test_that_the_paper_names_both_the_open_things_and_the_journals_head(tmp_path: Path) -> None:
    desk = make_desk()
    await evening(desk)
    items = open_items(desk.picture, desk.health, desk.actor, EVENING)
    await desk.do("handover.draw", handover="h1", items=[item.line() for item in items], notes="看好钟法路", name="王")
    desk.actor = "032"
    await desk.do("handover.sign", handover="h1", name="李")
    file = await Printing(desk, tmp_path, read_head=lambda: "第 12 条 abcdef").handover("h1")
    said = "".join(page.extract_text() for page in PdfReader(file).pages).replace("\n", "")
    for expected in ("交接班单", "031", "032", "看好钟法路", "巡05", "紧急求助未解除", "第 12 条 abcdef"):
        assert expected in said
