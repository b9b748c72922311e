"""The recommendation: who goes, why, and why not the others."""

from dataclasses import replace
from datetime import timedelta

from console.domain.incident import Incident
from console.domain.recommend import distance_m, recommend
from console.domain.unit import Position, Unit, UnitStatus
from console.services.reference import load
from tests.support import EVENING

SCENE = Incident(number="ZZ20261121-0001", created_at=EVENING, lat=24.5133, lon=117.6556, beat="05", priority=2)


def unit(name: str, status: UnitStatus = UnitStatus.AVAILABLE, beat: str = "01", speed: float = 36) -> Unit:
    return Unit(id=name, status=status, status_since=EVENING, beat=beat, speed_kmh=speed)


def at(name: str, metres_north: float, age_s: float = 3) -> Position:
    seen = EVENING - timedelta(seconds=age_s)
    return Position(unit=name, lat=24.5133 + metres_north / 111195.08, lon=117.6556, at=seen)


def test_that_one_degree_of_latitude_is_111_195_metres() -> None:
    assert abs(distance_m(24, 117, 25, 117) - 111_195.08) < 1


def test_that_the_nearest_unit_that_may_be_sent_comes_first() -> None:
    units = [unit("巡01"), unit("巡02"), unit("巡03", UnitStatus.HANDLING)]
    seen = {p.unit: p for p in (at("巡01", 900), at("巡02", 300), at("巡03", 10))}
    ranked = recommend(SCENE, units, seen, EVENING)
    assert [c.unit.id for c in ranked] == ["巡02", "巡01", "巡03"]
    assert ranked[2].why_not == "处置中"
    assert ranked[0].way is not None
    assert abs(ranked[0].way.distance_m - 300) < 1
    assert abs(ranked[0].way.time_s - 39) < 0.2
    assert not ranked[0].way.by_road


def test_that_at_equal_times_the_units_own_beat_decides() -> None:
    units = [unit("巡01", beat="04"), unit("巡02", beat="05")]
    seen = {p.unit: p for p in (at("巡01", 300), at("巡02", 300))}
    first = recommend(SCENE, units, seen, EVENING)[0]
    assert first.unit.id == "巡02"
    assert "本警区" in first.because


def test_that_a_slow_unit_next_door_loses_to_a_fast_one() -> None:
    seen = {p.unit: p for p in (at("步01", 200), at("巡01", 600))}
    ranked = recommend(SCENE, [unit("步01", speed=5), unit("巡01", speed=50)], seen, EVENING)
    assert ranked[0].unit.id == "巡01"


def test_that_an_old_fix_is_named_and_no_fix_is_no_recommendation() -> None:
    ranked = recommend(SCENE, [unit("巡01"), unit("巡02")], {"巡01": at("巡01", 100, age_s=90)}, EVENING)
    assert ranked[0].because[-1] == "定位已过90秒"
    assert ranked[1].why_not == "无定位"


def test_that_school_guards_and_meals_are_disturbed_only_for_grave_calls() -> None:
    guard, meal = unit("护01", UnitStatus.SCHOOL_GUARD), unit("巡01", UnitStatus.STANDBY)
    seen = {p.unit: p for p in (at("护01", 100), at("巡01", 100))}
    judged = {c.unit.id: c.why_not for c in recommend(SCENE, [guard, meal], seen, EVENING)}
    assert judged == {"护01": "", "巡01": "备勤就餐只出一级警情"}


def test_that_a_special_unit_is_recommended_only_for_its_own_kind_of_call() -> None:
    diver = Unit(id="水01", type="水上救援", status=UnitStatus.AVAILABLE, status_since=EVENING)
    unsuited = load().unsuited
    drowning = replace(SCENE, kind="050102", priority=1)
    for scene, why_not in ((SCENE, "水上救援只荐溺水等水上警情"), (drowning, "")):
        (judged,) = recommend(scene, [diver], {"水01": at("水01", 100)}, EVENING, unsuited=unsuited)
        assert judged.why_not == why_not


def test_that_a_unit_off_duty_is_not_listed() -> None:
    assert recommend(SCENE, [unit("巡01", UnitStatus.OFF_DUTY)], {}, EVENING) == []
