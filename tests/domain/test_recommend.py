"""The recommendation: who goes, why, and why not the others."""

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.incident import Incident
from console.domain.recommend import Candidate, distance_m, recommend, second
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


TABLES = load()
SITES = {"学校": "1301", "银行": "1302"}


def typed(name: str, type_: str, status: UnitStatus = UnitStatus.AVAILABLE) -> Unit:
    return replace(unit(name, status), type=type_)


def ranked_for(scene: Incident, *placed: tuple[Unit, float]) -> list[Candidate]:
    """Units with their distance in metres, ranked by the shipped tables."""
    seen = {each.id: at(each.id, metres) for each, metres in placed}
    units = [each for each, _ in placed]
    return recommend(scene, units, seen, EVENING, unsuited=TABLES.unsuited, weigh=TABLES.weigh)


@pytest.mark.parametrize("kind", SITES.values())
@pytest.mark.parametrize(
    "busy",
    [
        typed("护01", "护学岗"),
        typed("护02", "处警巡逻", UnitStatus.SCHOOL_GUARD),
        typed("餐01", "处警巡逻", UnitStatus.STANDBY),
    ],
)
@pytest.mark.parametrize("general", ["处警巡逻", "机动增援", "派出所"])
def test_that_a_hold_up_goes_to_a_free_general_unit_before_a_nearer_school_guard_or_meal(
    kind: str, busy: Unit, general: str
) -> None:
    scene = replace(SCENE, kind=kind, priority=1)
    first, other = ranked_for(scene, (busy, 100), (typed("巡01", general), 900))
    assert (first.unit.id, other.unit.id) == ("巡01", busy.id)
    assert any("排后180秒" in reason for reason in other.because)


def test_that_a_school_guard_at_the_door_still_goes_before_a_patrol_far_away() -> None:
    first, _ = ranked_for(replace(SCENE, priority=1), (typed("护01", "护学岗"), 50), (typed("巡01", "处警巡逻"), 3000))
    assert first.unit.id == "护01"


def test_that_a_unit_at_a_check_waits_half_a_minute_behind_and_says_so() -> None:
    free, checking = typed("巡01", "处警巡逻"), typed("巡02", "处警巡逻", UnitStatus.CHECKING)
    first, other = ranked_for(SCENE, (free, 600), (checking, 500))
    assert first.unit is free
    assert "正在盘查，排后30秒" in other.because
    assert ranked_for(SCENE, (free, 600), (checking, 300))[0].unit is checking


def test_that_a_penalty_for_type_and_status_counts_once() -> None:
    (judged,) = ranked_for(replace(SCENE, priority=1), (typed("护01", "护学岗", UnitStatus.SCHOOL_GUARD), 0))
    assert judged.weight.seconds == 180


def test_that_a_hold_up_is_for_two_units_one_of_them_special() -> None:
    scene = replace(SCENE, kind="1302", priority=1)
    patrols = [(typed(f"巡0{n}", "处警巡逻"), 300.0 * n) for n in (1, 2, 3)]
    ranked = ranked_for(scene, *patrols, (typed("特01", "特警"), 2500), (typed("突01", "突击小队"), 3500))
    other = second(ranked, scene)
    assert ranked[0].unit.id == "巡01"
    assert "建议双组，另派特01" in ranked[0].because
    assert other is not None
    assert other.unit.id == "特01"
    assert "持械、劫持、群体暴力类警情用特警，提前60秒" in other.because
    assert other.because[-1] == "建议双组，第二组"


def test_that_a_special_unit_that_is_first_gets_a_general_one_beside_it() -> None:
    scene = replace(SCENE, kind="0108", priority=1)
    ranked = ranked_for(
        scene, (typed("特01", "特警"), 500), (typed("突01", "突击小队"), 600), (typed("巡01", "处警巡逻"), 900)
    )
    other = second(ranked, scene)
    assert [ranked[0].unit.id, other and other.unit.id] == ["特01", "巡01"]


def test_that_a_grave_call_without_weapons_gets_the_next_unit_as_its_second() -> None:
    scene = replace(SCENE, kind="050301", priority=1)
    ranked = ranked_for(scene, *[(typed(f"巡0{n}", "处警巡逻"), 300.0 * n) for n in (1, 2, 3)])
    other = second(ranked, scene)
    assert other is not None
    assert other.unit.id == "巡02"


def test_that_calls_of_lower_levels_and_a_single_free_unit_have_no_second() -> None:
    two = [(typed("巡01", "处警巡逻"), 300.0), (typed("特01", "特警"), 400.0)]
    for scene, placed in ((SCENE, two), (replace(SCENE, priority=1), two[:1])):
        ranked = ranked_for(scene, *placed)
        assert second(ranked, scene) is None
        assert not any("双组" in reason for c in ranked for reason in c.because)


def test_that_the_special_unit_stays_the_second_until_two_are_sent() -> None:
    scene = replace(SCENE, kind="1302", priority=1)
    sent = replace(typed("巡01", "处警巡逻", UnitStatus.EN_ROUTE), incident=scene.number)
    free, special = typed("巡02", "处警巡逻"), typed("特01", "特警")
    other = second(ranked_for(scene, (sent, 200), (free, 300), (special, 2500)), scene)
    assert other is not None
    assert other.unit is special
    both = replace(special, status=UnitStatus.EN_ROUTE, incident=scene.number)
    assert second(ranked_for(scene, (sent, 200), (free, 300), (both, 2500)), scene) is None


def test_that_the_ranking_does_not_depend_on_the_order_of_the_units() -> None:
    scene = replace(SCENE, kind="1302", priority=1)
    placed = [(typed(f"巡{n:02}", "处警巡逻"), 300.0) for n in range(5)] + [(typed("特01", "特警"), 300.0)]
    assert ranked_for(scene, *placed) == ranked_for(scene, *reversed(placed))


def test_that_a_unit_off_duty_is_not_listed() -> None:
    assert recommend(SCENE, [unit("巡01", UnitStatus.OFF_DUTY)], {}, EVENING) == []
