"""From the unit's report to the end: feedback, review, callback, close; latched alarms by hand first."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from console.domain.alarm import Alarm, AlarmState
from console.domain.facts import IncidentOpened
from console.domain.incident import Incident, IncidentState
from console.services.desk import Desk
from tests.support import EVENING, tell
from tests.widgets.incident.scene import GAS, Bench, gas, keys, press, school, units
from widgets.panels.closing import Step, lacks

S = IncidentState


def push(bench: Bench, name: str) -> None:
    """Press the button of that accessible name with the space bar."""
    found = [b for b in bench.panel.findChildren(QPushButton) if b.accessibleName() == name and not b.isHidden()]
    assert found, f"no button {name}"
    press(found[-1], Qt.Key.Key_Space)


def say(bench: Bench, text: str, field: str = "text") -> None:
    keys(bench.panel.sheet.fields[field], text)
    press(bench.panel.sheet.fields[field], Qt.Key.Key_Return)


def state(bench: Bench, number: str = GAS) -> IncidentState:
    incident = bench.desk.picture.state.get(Incident, number)
    assert incident is not None
    return incident.state


async def test_the_whole_way_by_the_desk_on_behalf_of_the_unit(bench: Bench) -> None:
    number = gas(bench.desk)
    units(bench.desk)
    await bench.choose(number)
    await bench.desk.do("unit.assign", unit="巡05", incident=number)
    await bench.beat()
    for step in ("签收", "出发", "到场"):
        push(bench, f"巡05 代录 {step}")
        await bench.settle()
    assert state(bench) is S.ON_SCENE
    push(bench, "巡05 代录 反馈")
    say(bench, "燃气公司已关阀，无人伤亡")
    await bench.settle()
    assert state(bench) is S.FEEDBACK
    push(bench, "送审核")
    await bench.settle()
    push(bench, "办结")
    await bench.settle()
    if state(bench) is not S.CLOSED:  # the code asks for a callback
        assert "尚未回访" in bench.tasks.messages.last[-1].text
        push(bench, "回访")
        press(answer(bench, "满意"), Qt.Key.Key_Space)
        await bench.settle()
        push(bench, "办结")
        await bench.settle()
    assert state(bench) is S.CLOSED
    assert "燃气公司已关阀" in " ".join(bench.panel.model.index(n).data() for n in range(bench.panel.model.rowCount()))


def answer(bench: Bench, text: str) -> QPushButton:
    return next(b for b in bench.panel.sheet.findChildren(QPushButton) if b.text() == text)


async def test_that_the_card_names_what_is_missing_and_a_handoff_can_be_opened_from_it(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    await bench.desk.do("incident.settle", incident=GAS, code="", text="已劝离")
    bench.panel.send("gas_supply")
    await bench.settle()
    steps = bench.panel.closing.steps
    assert Step("handoff", "处理", f"{GAS}#1") in steps
    push(bench, "处理")
    assert bench.panel.sheet.title.startswith("0190#1 燃气")


async def test_that_a_latched_alarm_is_judged_and_reset_by_hand(bench: Bench) -> None:
    number = school(bench.desk)
    await bench.choose(number)
    push(bench, "判误报")
    say(bench, "保安误触", "reason")
    await bench.settle()
    push(bench, "手动复位")
    await bench.settle()
    (alarm,) = bench.desk.picture.alarms(number)
    assert (alarm.latched, alarm.reason) == (False, "保安误触")


async def test_that_withdrawing_needs_a_reason_and_sends_the_incident_back(bench: Bench) -> None:
    number = gas(bench.desk)
    units(bench.desk)
    await bench.choose(number)
    await bench.desk.do("unit.assign", unit="巡05", incident=number)
    push(bench, "巡05 代录 撤回")
    press(bench.panel.sheet.fields["reason"], Qt.Key.Key_Return)
    assert bench.panel.sheet.title != ""
    say(bench, "改由巡06", "reason")
    await bench.settle()
    assert state(bench) is S.TRIAGED
    assert next(row for row in bench.panel.stages.rows if row.state == "running").name == "派警"


async def test_that_a_call_can_be_settled_or_made_invalid_and_reopened(bench: Bench) -> None:
    bench.desk.actor = "040"  # a grave incident is not made invalid by whoever took it
    await bench.choose(gas(bench.desk))
    push(bench, "作无效")
    say(bench, "误拨", "reason")
    await bench.settle()
    assert state(bench) is S.INVALID
    push(bench, "重启")
    say(bench, "再次来电", "reason")
    await bench.settle()
    assert state(bench) is S.TRIAGED
    push(bench, "处结")
    say(bench, "电话指导关阀")
    await bench.settle()
    assert state(bench) is S.FEEDBACK


async def test_that_a_duplicate_is_merged_by_number_and_taken_apart_again(bench: Bench) -> None:
    number = gas(bench.desk)
    main = "ZZ20261121-0188"
    record = Incident(number=main, state=S.INTAKE, title="燃气", place="钟法路", created_at=EVENING)
    tell(bench.desk, IncidentOpened(incident=main, record=record))
    await bench.choose(number)
    bench.panel.merge()
    field = bench.panel.sheet.fields["into"]
    keys(field, "0188")
    press(field, Qt.Key.Key_Return)
    press(field, Qt.Key.Key_Return)
    await bench.settle()
    assert state(bench) is S.MERGED
    push(bench, "拆分")
    say(bench, "并非同一起", "reason")
    await bench.settle()
    assert state(bench) is S.INTAKE


async def test_that_a_refusal_of_the_desk_reaches_the_person(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    bench.desk.actor = "040"  # a grave incident is not made invalid by whoever took it
    bench.panel.send("gas_supply")
    await bench.settle()
    push(bench, "作无效")
    say(bench, "误拨", "reason")
    await bench.settle()
    assert state(bench) is S.INTAKE
    assert bench.tasks.messages.last[-1].text == "联动派单未办结，不能作无效处理"


def test_that_a_duress_code_is_named_by_its_user_and_a_button_by_its_zone(desk: Desk) -> None:
    record = Incident(number=GAS, source="alarm", kind="010101", place="芗溪银行", created_at=EVENING)
    held = {"account": "1234", "line": "A1", "zone": "001", "received_at": EVENING, "state": AlarmState.ACKNOWLEDGED}
    alarms = [Alarm(id=code, event_code=code, **held) for code in ("120", "121")]  # type: ignore[arg-type]
    button, code = lacks(record, [], [], alarms, desk.reference)
    assert button.text == "一键报警 防区 001 未手动复位（已确认）"
    assert code.text == "一键报警 用户 001 未手动复位（已确认）"
