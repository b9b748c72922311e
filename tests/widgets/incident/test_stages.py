"""The stage line says what is done, what runs, and in words who is late."""

from datetime import timedelta

import pytest

from console.domain.facts import UnitRegistered
from console.domain.unit import Unit, UnitStatus
from tests.support import tell
from tests.widgets.incident.scene import GAS, Bench, gas, units
from widgets.panels.stages import STAGES, StageRow


def row(bench: Bench, name: str) -> StageRow:
    return next(row for row in bench.panel.stages.rows if row.name == name)


async def test_that_done_stages_have_their_stamp_and_the_running_one_its_time(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    assert [row.name for row in bench.panel.stages.rows] == [name for _, name in STAGES]
    assert row(bench, "接警") == StageRow("接警", "done", "14:29:08")
    assert row(bench, "派警").state == "running"
    assert row(bench, "派警").below == "已 00:52"
    assert row(bench, "签收").state == "waiting"


@pytest.mark.parametrize(("seconds", "level"), [(44, "calm"), (46, "amber"), (89, "amber"), (91, "late")])
async def test_that_the_colour_changes_at_half_and_at_the_whole_limit(bench: Bench, seconds: int, level: str) -> None:
    await bench.choose(gas(bench.desk))
    bench.clock.advance(seconds - 52)
    await bench.beat(0)
    assert row(bench, "派警").level == level


async def test_that_lateness_is_said_in_words_with_what_how_late_and_whose(bench: Bench) -> None:
    number = gas(bench.desk)
    await bench.choose(number)
    assert bench.panel.stages.sentence == "本台 派警 00:52 / 限 01:30"
    await bench.beat(60)
    assert bench.panel.stages.sentence == "本台 派警超时 22秒"
    units(bench.desk)
    await bench.desk.do("unit.assign", unit="巡05", incident=number)
    await bench.beat(70)
    assert bench.panel.stages.sentence == "巡05 签收超时 10秒"


async def test_that_each_report_moves_the_line(bench: Bench) -> None:
    number = gas(bench.desk)
    units(bench.desk)
    await bench.choose(number)
    await bench.desk.do("unit.assign", unit="巡05", incident=number)
    for step, running in (("sign", "出警"), ("depart", "到场"), ("arrive", "处置")):
        await bench.desk.do("unit.report", unit="巡05", step=step)
        assert row(bench, running).state == "running"
    await bench.desk.do("unit.report", unit="巡05", step="feedback", text="已关阀")
    assert row(bench, "处置").state == "passed"
    assert row(bench, "反馈").state == "done"


async def test_that_a_screen_reader_hears_stages_and_sentence(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    heard = bench.panel.stages.accessibleDescription()
    assert "接警 14:29:08" in heard
    assert "本台 派警 00:52 / 限 01:30" in heard


async def test_that_a_held_incident_says_until_when_instead_of_a_limit(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    until = bench.clock() + timedelta(minutes=30)
    await bench.desk.do("incident.hold", incident=GAS, until=until.isoformat(), reason="等物业")
    await bench.beat(600)
    assert bench.panel.stages.sentence == "暂缓至 15:00"


async def test_that_the_tip_says_the_class_of_each_stages_time(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    unit = Unit(id="巡05", status=UnitStatus.VEHICLE_PATROL, status_since=bench.clock())
    tell(bench.desk, UnitRegistered(unit=unit))
    await bench.desk.do("unit.assign", unit="巡05", incident=GAS)
    bench.clock.advance(45)
    await bench.desk.do("unit.report", unit="巡05", step="depart")
    await bench.beat()
    assert "签收 14:30:45（30–60秒档）" in bench.panel.stages.toolTip()
    assert "出警 14:30:45（0–5分档）" in bench.panel.stages.toolTip()
