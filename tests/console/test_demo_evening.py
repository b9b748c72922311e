"""The script of the demo evening: it names only what exists and asks only for what the life cycles allow."""

from collections import defaultdict
from itertools import pairwise
from typing import Any

from console.domain.handoff import HANDOFF, HandoffState
from console.domain.incident import ENDED, INCIDENT, IncidentState
from console.domain.unit import ON_ORDER, UNIT, UnitStatus
from resources.map.make_demo_city import as_text
from resources.reference.demo import make_evening
from tests.console.demo_files import DEMO, city, evening, ids, rows

STEPS = [*evening()["before"], *evening()["steps"]]
REPORTS = {"sign": "11", "depart": "12", "arrive": "13", "report": "14", "feedback": "17"}


def of(do: str) -> list[dict[str, Any]]:
    """The steps of one sort, in their order."""
    return [step for step in STEPS if step["do"] == do]


def test_that_steps_stand_in_the_order_they_happen() -> None:
    assert all(a["at"] <= b["at"] for a, b in pairwise(STEPS))
    assert evening()["before"][-1]["at"] < 0 <= evening()["steps"][0]["at"]
    assert STEPS[-1]["at"] <= evening()["seconds"] == 900


def test_that_each_incident_begins_with_a_call_or_a_signal() -> None:
    seen = set()
    for step in STEPS:
        assert step["key"] in seen or step["do"] in ("call", "signal"), step
        seen.add(step["key"])


def test_that_the_evening_has_every_sort_of_signal() -> None:
    signals = of("signal")
    events = {(step["event"], step["qualifier"]) for step in signals}
    assert {("120", "new"), ("120", "restore"), ("122", "new"), ("602", "new"), ("302", "new")} <= events
    presses = [
        (step["account"], step["zone"]) for step in signals if step["event"] == "120" and step["qualifier"] == "new"
    ]
    assert len(presses) > len(set(presses)), "a button is pressed again"
    known = ids("contact_id.json", "events", "code")
    assert {step["event"] for step in signals} - known == {"199"}, "one unknown code"
    kinds = {site["account"]: site["kind"] for site in rows("sites.csv")}
    assert {"school", "bus", "mall"} <= {kinds.get(account) for account, _ in presses}
    assert {kinds[step["account"]] for step in signals if step["event"] == "122"} == {"bank"}
    assert {step["account"] for step in signals} - set(kinds) == {"BEEF"}, "one account nobody registered"


def test_that_signals_name_zones_of_their_site() -> None:
    zones = {site["account"]: {z.partition("=")[0] for z in site["zones"].split(";")} for site in rows("sites.csv")}
    for step in of("signal"):
        assert step["zone"] == "000" or step["account"] == "BEEF" or step["zone"] in zones[step["account"]], step


def test_that_calls_name_codes_and_places_that_exist() -> None:
    places = {place["name"]: (place["lat"], place["lon"]) for place in city()["places"]}
    codes = ids("codes.json", "codes", "code")
    assert sum(call["at"] >= 0 for call in of("call")) >= 14
    for call in of("call"):
        assert call["kind"] in codes
        assert places[call["place"]] == (call["lat"], call["lon"])
        assert call["narrative"]
        assert call["phone"].startswith("1380000"), "unmistakably a demo number"


def test_that_units_and_agencies_of_the_script_exist() -> None:
    units = {unit["id"] for unit in rows("units.csv")}
    agencies = ids("agencies.json", "agencies", "id")
    assert {step["unit"] for step in STEPS if "unit" in step} <= units | {"recommended"}
    assert {step["agency"] for step in STEPS if "agency" in step} <= agencies
    behaviour = evening()["behaviour"]
    assert set(behaviour["units"]["exceptions"]) <= units
    assert set(behaviour["agencies"]["exceptions"]) <= agencies
    delays = behaviour["agencies"]["exceptions"].values()
    assert any("refuse_s" in each and each["reason"] for each in delays), "one refuses"
    assert any(each.get("sign_s", 0) > 300 for each in delays), "one signs late"


def test_that_every_unit_is_somewhere_when_the_window_opens() -> None:
    """On the roster, or on the incident it was sent to before; never both, never neither."""
    listed = {row["unit"]: UnitStatus(row["status"]) for row in evening()["roster"]}
    ended = {step["unit"] for step in of("unit") if step["act"] == "feedback"}
    sent = {step["unit"] for step in of("unit")} - ended
    assert set(listed) | sent == {unit["id"] for unit in rows("units.csv")}
    assert not set(listed) & sent
    assert not set(listed.values()) & set(ON_ORDER)
    assert UnitStatus.LOST in listed.values()


def incident_states(steps: list[dict[str, Any]]) -> dict[str, IncidentState]:
    """Walks each phone incident through its life cycle, following the unit sent first; UserError if it may not."""
    state: dict[str, IncidentState] = {}
    lead: dict[str, str] = {}
    for step in steps:
        key, act = step["key"], step.get("act", "")
        if step["do"] == "call":
            state[key] = IncidentState.NEW
            continue
        further = act == "dispatch" and key in lead
        if key not in state or act == "hand_off" or step["do"] == "agency" or further:
            continue
        if step["do"] == "desk" or step["unit"] == lead[key]:
            state[key] = INCIDENT.next(state[key], act)
        if act == "dispatch":
            lead.setdefault(key, step["unit"])
    return state


def test_that_ten_incidents_in_different_states_are_open_at_the_start() -> None:
    states = incident_states(evening()["before"])
    still_open = {key: state for key, state in states.items() if state not in ENDED}
    assert len(still_open) >= 10
    assert {"INTAKE", "TRIAGED", "EN_ROUTE", "ON_SCENE", "HANDLING", "REVIEW"} <= set(still_open.values())


def test_that_the_automatic_desk_asks_for_nothing_a_life_cycle_forbids() -> None:
    states = incident_states(STEPS)
    assert states["smoke2"] is IncidentState.MERGED
    assert states["inquiry"] is IncidentState.FEEDBACK


def test_that_units_and_agencies_report_in_the_order_of_their_life_cycles() -> None:
    by_unit: dict[tuple[str, str], UnitStatus] = defaultdict(lambda: UnitStatus.ASSIGNED)
    for step in of("unit"):
        at = (step["key"], step["unit"])
        by_unit[at] = UNIT.next(by_unit[at], REPORTS[step["act"]])
    by_agency: dict[tuple[str, str], HandoffState] = defaultdict(lambda: HandoffState.DELIVERED)
    for step in of("agency"):
        at = (step["key"], step["agency"])
        by_agency[at] = HANDOFF.next(by_agency[at], step["act"])
    assert by_agency["pipe", "water_supply"] is HandoffState.ARRIVED


def test_that_units_and_agencies_report_only_after_they_were_told() -> None:
    told = set()
    for step in STEPS:
        whom = step.get("unit") or step.get("agency")
        if step["do"] == "desk":
            told.add((step["key"], whom))
        elif whom:
            assert (step["key"], whom) in told, step


def test_that_the_shipped_evening_is_what_its_maker_makes() -> None:
    assert as_text(make_evening.evening()) == (DEMO / "evening.json").read_text(encoding="utf-8")
