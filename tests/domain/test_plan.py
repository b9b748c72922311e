"""The response plan: what is proposed, with what reasons, and never what is not true."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.assignment import Assignment, AssignmentState
from console.domain.incident import Incident
from console.domain.plan import Proposal, SlotKind, next_wave, propose
from console.domain.plan_tables import Plan, PlanTable, Want, Wave
from console.domain.recommend import drift_m, recommend
from console.domain.unit import ON_ORDER, Position, Unit, UnitStatus, availability
from console.services.reference import load
from tests.support import EVENING

TABLES = load()
PLANS = TABLES.plans
LAT, LON = 24.5133, 117.6556


def scene(kind: str = "0201", priority: int = 2, beat: str = "05", **more: object) -> Incident:
    place = {"lat": LAT, "lon": LON, **more}
    return Incident(number="ZZ20261121-0001", created_at=EVENING, kind=kind, priority=priority, beat=beat, **place)  # type: ignore[arg-type]


def unit(name: str, kind: str = "处警巡逻", status: UnitStatus = UnitStatus.AVAILABLE, **more: object) -> Unit:
    return Unit(id=name, type=kind, status=status, status_since=EVENING - timedelta(minutes=12), **more)  # type: ignore[arg-type]


def at(name: str, metres: float, age_s: float = 3) -> Position:
    return Position(unit=name, lat=LAT + metres / 111195.08, lon=LON, at=EVENING - timedelta(seconds=age_s))


def order(name: str, n: int = 1, wave: int = 1, state: AssignmentState = AssignmentState.DISPATCHED) -> Assignment:
    number = "ZZ20261121-0001"
    return Assignment(id=f"{number}/{n}", incident=number, unit=name, wave=wave, state=state, t_dispatch=EVENING)


def plan(
    incident: Incident,
    units: list[Unit],
    positions: dict[str, Position],
    orders: tuple[Assignment, ...] = (),
    bound: dict[str, Incident] | None = None,
    wave: int = 0,
    table: PlanTable = PLANS,
) -> Proposal:
    ranked = recommend(incident, units, positions, EVENING, unsuited=TABLES.unsuited, weigh=TABLES.weigh)
    return propose(incident, ranked, orders, table, EVENING, bound=bound, wave=wave)


def test_that_a_fight_asks_for_two_patrols_the_nearest_and_says_what_that_leaves() -> None:
    units = [unit("巡04", beat="04"), unit("巡05", beat="05"), unit("巡06", beat="06")]
    seen = {"巡04": at("巡04", 300), "巡05": at("巡05", 900), "巡06": at("巡06", 2000)}
    found = plan(scene(), units, seen)
    assert found.plan is not None
    assert found.plan.id == "fight"
    assert found.ticked == ("巡04", "巡05")
    first, second = found.slots
    assert "跨警区 04→05" in first.reasons
    assert first.costs == ("警区04将无可派警组",)
    assert (first.expected, first.expected_why_not) == ("巡05", "要多用94秒")
    assert second.expected == ""


def test_that_the_closest_plan_wins_by_code_then_zone_then_town() -> None:
    wants = (Want(types=("处警巡逻",)),)
    table = PlanTable(
        plans=(
            Plan(id="all", name="通用", codes=("",), wants=wants),
            Plan(id="here", name="本区", codes=("02",), wants=wants, zones=("05",)),
            Plan(id="kind", name="殴打", codes=("0201",), wants=wants),
            Plan(id="far", name="郊区", codes=("02",), wants=wants, urban=False),
        )
    )
    asked = (scene(), scene("0202"), scene("0202", beat="07"), scene("0202", beat="07", urban=False), scene("0301"))
    assert [found.id if (found := table.plan_for(i)) else "" for i in asked] == ["kind", "here", "all", "far", "all"]


def test_that_nobody_is_said_honestly_and_a_unit_under_way_is_offered_unticked_to_a_gravest_only() -> None:
    other = replace(scene(priority=3), number="ZZ20261121-0188")
    units = [unit("巡05", status=UnitStatus.EN_ROUTE, incident=other.number, beat="05")]
    grave = plan(scene(priority=1), units, {"巡05": at("巡05", 100)}, bound={"巡05": other})
    assert grave.slots[0].kind is SlotKind.DIVERT
    assert grave.slots[0].costs[0] == "原警情0188退回待派，时限重新计"
    assert grave.ticked == ()
    mild = plan(scene(), units, {"巡05": at("巡05", 100)}, bound={"巡05": other})
    assert [slot.kind for slot in mild.slots] == [SlotKind.SHORT, SlotKind.SHORT]
    assert mild.slots[0].warning == "没有可派的处警组（巡05 已在出警途中（一级警情可改派））"


@pytest.mark.parametrize(
    ("status", "priority", "kind", "cost"),
    [
        (UnitStatus.STANDBY, 1, SlotKind.SEND, "中断备勤就餐（已12分钟）"),
        (UnitStatus.STANDBY, 2, SlotKind.RECALL, "中断备勤就餐（已12分钟）"),
        (UnitStatus.JOINT_TASK, 1, SlotKind.ASK, ""),
    ],
)
def test_that_a_meal_is_broken_off_for_the_gravest_and_the_chief_is_asked_for_joint_tasks(
    status: UnitStatus, priority: int, kind: SlotKind, cost: str
) -> None:
    found = plan(scene(priority=priority), [unit("巡05", status=status)], {"巡05": at("巡05", 100)})
    assert found.slots[0].kind is kind
    assert cost in ("", *found.slots[0].costs)
    assert (found.slots[0].warning == "") == (kind is SlotKind.SEND)


def test_that_an_old_fix_says_how_far_the_unit_may_have_gone() -> None:
    old = plan(scene(), [unit("巡05", speed_kmh=36.0)], {"巡05": at("巡05", 100, age_s=90)}).slots[0]
    assert old.reasons[-2:] == ("定位已过90秒", "可能已离开0.9公里")
    assert drift_m(unit("巡05", speed_kmh=36.0), 90) == 900
    blind = plan(scene(), [unit("巡05")], {}).slots[0]
    assert (blind.kind, blind.ticked) == (SlotKind.BLIND, False)


def test_that_waves_follow_each_other_up_to_the_assault_squads() -> None:
    units = [
        *(unit(f"巡{n:02}", beat=beat) for n, beat in enumerate(("05", "05", "06", "10", "12"), 1)),
        *(unit(f"机{n:02}", "机动增援", beat="09") for n in (1, 2)),
        unit("突01", "突击小队", echelon="assault_city"),
        unit("突02", "突击小队", echelon="assault_county"),
    ]
    seen = {u.id: at(u.id, 100 * n) for n, u in enumerate(units)}
    incident = scene()
    orders: list[Assignment] = []
    sent: list[str] = []
    for wave in (1, 2, 3, 4):
        found = plan(incident, [u for u in units if u.id not in sent], seen, tuple(orders))
        assert found.wave == wave
        for name in found.ticked:
            sent.append(name)
            orders.append(order(name, len(sent), wave))
        assert not found.short
    assert sent == ["巡01", "巡02", "巡03", "巡04", "机01", "机02", "突02", "突01"]
    assert next_wave(orders, PLANS, None) == 4


def test_that_units_who_are_on_it_fill_their_slots_and_the_rest_is_still_the_first_wave() -> None:
    units = [unit("巡05", status=UnitStatus.ASSIGNED, incident="ZZ20261121-0001"), unit("巡06")]
    seen = {"巡05": at("巡05", 100), "巡06": at("巡06", 200)}
    found = plan(scene(), units, seen, (order("巡05"),))
    assert [slot.kind for slot in found.slots] == [SlotKind.SENT, SlotKind.SEND]
    assert found.ticked == ("巡06",)
    gone = plan(scene(), units, seen, (order("巡05", state=AssignmentState.WITHDRAWN),))
    assert [slot.kind for slot in gone.slots] == [SlotKind.SEND, SlotKind.SHORT]


def test_that_load_since_the_shift_began_puts_a_tired_unit_behind_and_is_named() -> None:
    earlier = [replace(order("巡05", n), t_dispatch=EVENING - timedelta(hours=n)) for n in (1, 2, 9)]
    loads = PLANS.loads([*earlier, order("巡06", 4, state=AssignmentState.DIVERTED)], EVENING)
    assert loads.counts == {"巡05": 2}
    units, seen = [unit("巡05"), unit("巡06")], {"巡05": at("巡05", 300), "巡06": at("巡06", 400)}
    ranked = recommend(scene(), units, seen, EVENING, loads=loads)
    assert [judged.unit.id for judged in ranked] == ["巡06", "巡05"]
    assert "本班已派2次" in ranked[1].because


TYPES = st.sampled_from(sorted(TABLES.unit_types))
BEATS = st.sampled_from(["", *sorted(PLANS.neighbours)])


@st.composite
def evenings(draw: st.DrawFn) -> tuple[Incident, list[Unit], dict[str, Position], tuple[Assignment, ...]]:
    located = draw(st.booleans())
    incident = scene(
        draw(st.sampled_from(sorted(TABLES.codes))),
        draw(st.integers(1, 4)),
        draw(BEATS),
        lat=LAT if located else None,
        lon=LON if located else None,
    )
    units, seen, orders = [], {}, []
    for n in range(draw(st.integers(0, 8))):
        status = draw(st.sampled_from(list(UnitStatus)))
        here = status in ON_ORDER and draw(st.booleans())
        bound = incident.number if here else "ZZ20261121-0188" if status in ON_ORDER else ""
        echelon = draw(st.sampled_from(["", "assault_city", "assault_county"]))
        made = unit(f"组{n}", draw(TYPES), status, beat=draw(BEATS), echelon=echelon, incident=bound)
        units.append(made)
        if draw(st.booleans()):
            seen[made.id] = at(made.id, draw(st.floats(0, 9000)), draw(st.floats(0, 900)))
        if here:
            orders.append(order(made.id, n + 1, draw(st.integers(1, 3))))
    return incident, units, seen, tuple(orders)


@settings(max_examples=200, deadline=None)
@given(evenings(), st.integers(0, 4))
def test_that_no_unit_is_proposed_twice_nor_one_that_cannot_go_without_saying_so(
    evening: tuple[Incident, list[Unit], dict[str, Position], tuple[Assignment, ...]], wave: int
) -> None:
    incident, units, seen, orders = evening
    other = replace(incident, number="ZZ20261121-0188", priority=3)
    bound = {u.id: other for u in units if u.incident == other.number}
    found = plan(incident, units, seen, orders, bound, wave)
    names = [slot.unit.id for slot in found.slots if slot.unit is not None]
    assert len(names) == len(set(names))
    for slot in found.slots:
        if slot.ticked:
            assert slot.unit is not None
            assert availability(slot.unit.status, incident.priority)[0]
            assert slot.unit.id in seen
        elif slot.sendable or slot.kind is SlotKind.SHORT:
            assert slot.warning
    assert set(found.ticked).isdisjoint(o.unit for o in orders)


def test_that_every_code_at_every_priority_has_a_plan_that_asks_for_somebody() -> None:
    for code in TABLES.codes:
        for priority in (1, 2, 3, 4):
            found = PLANS.plan_for(scene(code, priority))
            assert found is not None
            assert PLANS.wants(found, 1), (code, priority)


def test_that_a_wave_of_the_plans_own_takes_the_place_of_the_usual_one() -> None:
    own = Plan(id="a", name="a", codes=("",), wants=(Want(("处警巡逻",)), Want(("特警",), wave=2)))
    table = PlanTable(plans=(own,), waves=(Wave(1, "一", ()), Wave(2, "二", (Want(("机动增援",)),))))
    assert [want.types for want in table.wants(own, 2)] == [("特警",)]
    assert [want.types for want in table.wants(None, 2)] == [("机动增援",)]
