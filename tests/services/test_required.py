"""Which fields are wanted is data; what is missing never stops a dispatch, only the review and the end."""

import json
from pathlib import Path
from typing import Any

import pytest

from console.domain.errors import UserError
from console.domain.facts import UnitRegistered
from console.domain.field_policy import FieldPolicy, FieldRule, Need
from console.domain.incident import Incident, IncidentState
from console.domain.unit import Unit, UnitStatus
from console.services.reference import load
from console.services.required import FILE, lacking, policy
from tests.support import EVENING, make_desk, tell

CRIME, NOISE = "010401", "0206"


def incident(**fields: Any) -> Incident:
    given: dict[str, Any] = {"number": "ZZ20261121-0001", "kind": NOISE, "place": "丹霞路", "priority": 4}
    return Incident(created_at=EVENING, **{**given, **fields})


def test_that_the_shipped_rules_are_read_and_name_only_codes_there_are() -> None:
    codes = load().codes
    assert {code for rule in policy().rules for code in rule.kinds if code} <= codes.keys()


def test_that_a_later_rule_overrules_an_earlier_one_for_its_fields() -> None:
    general = FieldRule(id="a", required=("phone",), hidden=("recording",), because="一")
    noise = FieldRule(id="b", kinds=(NOISE,), asked=("phone",), because="二")
    rules = FieldPolicy((general, noise))
    assert rules.needs(CRIME, 2, "call")["phone"] is Need.REQUIRED
    assert rules.needs(NOISE, 4, "call")["phone"] is Need.ASKED
    assert rules.needs(NOISE, 4, "call")["recording"] is Need.HIDDEN
    assert (rules.why("phone", NOISE, 4, "call"), rules.why("phone", CRIME, 2, "call")) == ("二", "一")


def test_that_a_rule_holds_for_its_levels_and_sources_only() -> None:
    rules = FieldPolicy((FieldRule(id="a", priorities=(1,), sources=("call",), required=("caller",), because="一"),))
    assert rules.missing(incident(priority=1)) == ("caller",)
    assert rules.missing(incident(priority=2)) == ()
    assert rules.missing(incident(priority=1, source="alarm")) == ()


def test_that_a_burglary_lacks_words_and_number_and_a_noise_does_not() -> None:
    assert lacking(incident(kind=CRIME, priority=2)) == "描述、电话待补（确实没有的填“无”）"
    assert lacking(incident()) == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"mark": "silent"},
        {"state": IncidentState.MERGED},
        {"state": IncidentState.INVALID},
        {"narrative": "门被撬", "phone": "13800000001"},
    ],
)
def test_that_nothing_is_missing_of_what_was_no_call_or_is_filled(fields: dict[str, Any]) -> None:
    assert lacking(incident(kind=CRIME, priority=2, **fields)) == ""


def test_that_an_unknown_place_with_its_reason_is_not_missing() -> None:
    assert lacking(incident(place="")) != ""
    assert lacking(incident(place="", place_unknown="对方挂断")) == ""


async def test_that_a_missing_field_stops_no_dispatch_but_the_review() -> None:
    desk = make_desk()
    number = await desk.do("incident.open", kind=CRIME, place="丹霞路", priority=2)
    unit = Unit(id="巡05", status=UnitStatus.AVAILABLE, status_since=EVENING)
    tell(desk, UnitRegistered(unit=unit))
    await desk.do("unit.assign", unit="巡05", incident=number)
    await desk.do("unit.withdraw", unit="巡05", reason="误派")
    await desk.do("incident.settle", incident=number, code="desk", text="已电话答复")
    with pytest.raises(UserError, match="不能送审核：描述、电话待补"):
        await desk.do("incident.review", incident=number)
    await desk.do("incident.edit", incident=number, fields={"narrative": "门被撬", "phone": "无"})
    await desk.do("incident.review", incident=number)
    assert desk.picture.state.get(Incident, number).state is IncidentState.REVIEW  # type: ignore[union-attr]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "fields.json"
    path.write_text(FILE.read_text("utf-8"), "utf-8")
    return path


def _with(path: Path, rule: dict[str, Any]) -> None:
    body = json.loads(path.read_text("utf-8"))
    body["rules"] = [rule]
    path.write_text(json.dumps(body, ensure_ascii=False, indent=1), "utf-8")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"id": "x", "required": ["colour"], "because": "因"}, "没有字段 colour"),
        ({"id": "x", "hidden": ["place"], "because": "因"}, "place 不能隐藏"),
        ({"id": "x", "required": ["phone"], "asked": ["phone"], "because": "因"}, "phone 写了两次"),
        ({"id": "x", "because": "因"}, "须写明字段"),
        ({"id": "x", "required": ["phone"]}, "Field required|missing"),
    ],
)
def test_that_a_fault_in_the_table_is_named_with_its_line(table: Path, rule: dict[str, Any], reason: str) -> None:
    _with(table, rule)
    with pytest.raises(UserError, match=rf"fields\.json 第\d+行.*({reason})"):
        policy(table)


def test_that_a_table_that_is_no_json_is_one_clear_sentence(table: Path) -> None:
    table.write_text('{"rules": [}', "utf-8")
    with pytest.raises(UserError, match=r"fields\.json 第1行：不是有效的 JSON"):
        policy(table)
