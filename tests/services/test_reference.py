"""The reference tables as shipped, and what happens when a county's files are wrong."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from console.domain.errors import UserError
from console.domain.ladder import Stage
from console.domain.reference import UNREGISTERED, Reference
from console.services.reference import load
from resources import ROOT

FOLDER = ROOT / "reference"


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load()


@pytest.fixture
def county(tmp_path: Path) -> Path:
    for path in FOLDER.glob("*.json"):
        shutil.copy(path, tmp_path)
    return tmp_path


def _edit(path: Path, change: Any) -> None:
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def _members(reference: Reference, document: str, article: str) -> set[str]:
    return {
        agency.id
        for agency in reference.agencies.values()
        for m in agency.memberships
        if m.document == document and article in m.article
    }


@pytest.mark.requirement("Z0-07")
def test_that_the_fifteen_departments_of_the_zhangzhou_regulation_are_there(reference: Reference) -> None:
    assert _members(reference, "zhangzhou-2025", "第六条") == {
        "dev_reform", "education", "civil_affairs", "justice", "finance", "hrss", "ecology", "housing",
        "transport", "culture_tourism", "health", "emergency_mgmt", "market_supervision", "petition",
        "urban_mgmt",
    }  # fmt: skip


@pytest.mark.requirement("Z0-05")
def test_that_a_township_can_be_handed_a_matter(reference: Reference) -> None:
    assert "township" in {agency.id for agency in reference.handoff_agencies}


@pytest.mark.requirement("Z1-07")
def test_that_zhangping_has_twenty_eight_members(reference: Reference) -> None:
    assert len(_members(reference, "zhangping-2023", "第五条")) == 28


@pytest.mark.requirement("Z1-34")
def test_that_exactly_thirteen_units_are_of_level_one_in_zhangping(reference: Reference) -> None:
    first = {
        agency.id
        for agency in reference.agencies.values()
        for m in agency.memberships
        if m.document == "zhangping-2023" and m.level == 1
    }
    assert first == {
        "police", "hotline_12345", "civil_affairs", "transport", "market_supervision", "ecology",
        "urban_mgmt", "traffic_police", "fire_rescue", "ems_120", "power", "water_supply", "railway",
    }  # fmt: skip


@pytest.mark.requirement("Z3-08")
def test_that_the_duty_table_of_huangchuan_is_whole(reference: Reference) -> None:
    quoted = [
        duty
        for agency in reference.agencies.values()
        for duty in agency.duties
        if duty.document == "huangchuan-2021" and duty.article.startswith("第七条") and duty.quoted
    ]
    assert len(quoted) == 78
    assert len({duty.id.split(".")[0] for duty in quoted}) == 23


@pytest.mark.parametrize(
    ("tier", "units"),
    [
        pytest.param(
            "urgent_24h",
            {"police", "health", "power", "water_supply", "gas_supply", "urban_mgmt", "cable_tv", "civil_affairs"},
            marks=pytest.mark.requirement("Z3-61"),
        ),
        pytest.param(
            "non_urgent_phone_duty",
            {"market_supervision", "ecology", "culture_tourism", "forestry", "water_resources"},
            marks=pytest.mark.requirement("Z3-62"),
        ),
        pytest.param(
            "other_on_instruction",
            {
                "education", "hrss", "housing", "highway", "transport", "agriculture", "natural_resources",
                "emergency_mgmt", "meteorology", "tobacco", "telecom", "salt", "township",
            },
            marks=pytest.mark.requirement("Z3-63"),
        ),
    ],
)  # fmt: skip
def test_that_the_tiers_of_article_twelve_are_set(reference: Reference, tier: str, units: set[str]) -> None:
    found = {a.id for a in reference.agencies.values() for m in a.memberships if m.tier == tier}
    assert found == units


@pytest.mark.requirement("Z3-18")
def test_that_120_is_reachable_around_the_clock(reference: Reference) -> None:
    ems = reference.agencies["ems_120"]
    assert (ems.level, ems.duty_hours) == (1, "24x7")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("01", marks=pytest.mark.requirement("Z1-20")),
        pytest.param("02", marks=pytest.mark.requirement("Z1-20")),
        pytest.param("03", marks=pytest.mark.requirement("Z1-20")),
        pytest.param("05", marks=pytest.mark.requirement("Z1-22")),
        pytest.param("07", marks=pytest.mark.requirement("Z1-21")),
        pytest.param("09", marks=pytest.mark.requirement("Z1-21")),
    ],
)
def test_that_the_code_tree_has_the_class_and_finer_kinds_below_it(reference: Reference, code: str) -> None:
    assert reference.codes[code].parent is None
    assert any(c.parent == code for c in reference.codes.values())


def test_that_every_code_hangs_on_its_class(reference: Reference) -> None:
    for code in reference.codes.values():
        assert [node.code for node in reference.path(code.code)] == [
            code.code[:length] for length in range(2, len(code.code) + 1, 2)
        ]


def test_that_paraphrased_duties_are_marked(reference: Reference) -> None:
    assert not any(reference.duties[d].quoted for d in ("water_supply.2", "gas_supply.1", "township.3"))


def test_that_a_phone_is_an_example_or_unregistered(reference: Reference) -> None:
    phones = {agency.phone for agency in reference.agencies.values()}
    assert all(phone == "" or phone.startswith("例：000-") for phone in phones)
    assert reference.agencies["finance"].phone_text == UNREGISTERED


@pytest.mark.parametrize(
    ("typed", "agency"),
    [
        ("消防", "fire_rescue"),
        ("林茶局", "forestry"),
        ("环保局", "ecology"),
        ("传输局", "telecom"),
        ("rq", "gas_supply"),
        ("120", "ems_120"),
        ("12345", "hotline_12345"),
        ("卧轨", "railway_police"),
    ],
)
def test_that_an_agency_is_found_by_name_former_name_initials_and_keyword(
    reference: Reference, typed: str, agency: str
) -> None:
    assert reference.find_agencies(typed)[0].id == agency


def test_that_a_dissolved_agency_is_no_handoff_but_its_duty_stays(reference: Reference) -> None:
    assert "salt" not in {agency.id for agency in reference.handoff_agencies}
    assert reference.basis("salt.1").text == "参照（潢川县 2021）第七条（二十二）1"


def test_that_the_desks_own_proposal_cites_no_document(reference: Reference) -> None:
    assert reference.basis("railway_police.1").text == "本台拟定，无文件依据"


@pytest.mark.requirement("Z1-39")
def test_that_an_industry_limit_goes_before_the_thirty_minutes(county: Path) -> None:
    def set_limits(content: dict[str, Any]) -> None:
        for agency in content["agencies"]:
            if agency["id"] == "power":
                agency["industry_deadline_min"] = 45
                agency["duties"][0]["deadline_min"] = 20

    _edit(county / "agencies.json", set_limits)
    reference = load(county)
    power = reference.agencies["power"]
    minutes = [reference.handoff(3).arrive_s(power, duty, urban=True) for duty in power.duties[:2]]
    assert minutes == [20 * 60, 45 * 60]


def test_that_thirty_minutes_count_only_in_town_and_only_where_people_go(reference: Reference) -> None:
    def limit(agency: str, urban: bool) -> int | None:
        unit = reference.agencies[agency]
        return reference.handoff(3).arrive_s(unit, unit.duties[0], urban=urban)

    assert limit("urban_mgmt", True) == 30 * 60
    assert limit("urban_mgmt", False) is None
    assert limit("finance", True) is None
    assert limit("fire_rescue", True) is None
    assert limit("ems_120", True) is None


def test_that_the_stages_carry_the_limits_of_their_priority(reference: Reference) -> None:
    first, fourth = reference.stages[1], reference.stages[4]
    assert (first[Stage.DISPATCH].late_s, first.dispatch_goal_s, first[Stage.SIGN].late_s) == (60, 30, 30)
    assert (first[Stage.ARRIVE_URBAN].late_s, first[Stage.ARRIVE_SUBURB].late_s) == (300, 600)
    assert (fourth[Stage.SIGN].late_s, fourth[Stage.ARRIVE_SUBURB].late_s) == (None, None)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"climb_s": []}, "climb_s 须有 1 至 3 个秒数"),
        ({"climb_s": [60, 0]}, "climb_s 须由小到大"),
        ({"climb_s": [-5]}, "不为负"),
        ({"late_s": None}, "有提醒时间 warn_s 却没有时限 late_s"),
        ({"late_s": 0, "warn_s": 0}, "late_s 须大于零"),
        ({"warn_s": 999}, "warn_s 须在零与 late_s 之间"),
        ({"stage": "sign"}, "1 级 answer 须有一行，现有 0 行"),
        ({"stage": "lunch"}, "deadlines.json limits.0.stage"),
    ],
)
def test_that_a_wrong_row_of_the_ladder_is_named(county: Path, wrong: dict[str, Any], said: str) -> None:
    _edit(county / "deadlines.json", lambda c: c["limits"][0].update(wrong))
    with pytest.raises(UserError) as caught:
        load(county)
    assert "deadlines.json limits" in str(caught.value)
    assert said in str(caught.value)


def test_that_a_stage_given_twice_or_a_priority_left_out_is_named(county: Path) -> None:
    _edit(county / "deadlines.json", lambda c: (c["limits"].append(c["limits"][0]), c["priorities"].pop()))
    with pytest.raises(UserError) as caught:
        load(county)
    assert "1 级 answer 须有一行，现有 2 行" in str(caught.value)
    assert "deadlines.json priorities：须有且只有 1、2、3、4 级" in str(caught.value)


def test_that_every_fault_of_every_file_is_named_at_once(county: Path) -> None:
    _edit(county / "agencies.json", lambda c: c["agencies"][3].update(kind="guild"))
    _edit(county / "codes.json", lambda c: c["codes"][0].update(priority=9, colour="red"))
    (county / "deadlines.json").write_text("{", "utf-8")
    (county / "initials.json").unlink()
    with pytest.raises(UserError) as caught:
        load(county)
    text = str(caught.value)
    for place in ("agencies.json agencies.3.kind", "codes.json codes.0.priority", "codes.json codes.0.colour"):
        assert place in text
    assert "deadlines.json：不是有效的 JSON" in text
    assert "initials.json：无法读取" in text


def test_that_names_that_point_nowhere_are_found_across_files(county: Path) -> None:
    def break_rules(content: dict[str, Any]) -> None:
        content["rules"][0].update(agencies=["moon_base"], codes=["4711"], duty="power.99")
        content["rules"][1]["words"].append("电梯…")
        content["rules"].append(content["rules"][2])

    _edit(county / "routing.json", break_rules)
    _edit(county / "codes.json", lambda c: c["codes"][1].update(parent="88"))
    with pytest.raises(UserError) as caught:
        load(county)
    text = str(caught.value)
    for named in ("moon_base", "4711", "power.99", "电梯…", "88"):
        assert named in text
    assert text.startswith("参考数据有 6 处问题")


def test_that_a_county_changes_a_word_without_code(county: Path) -> None:
    from console.domain.routing import classify

    _edit(county / "routing.json", lambda c: c["rules"][-1]["words"].append("哔哩咻咻"))
    assert classify("哔哩咻咻", None, load(county)).words[0].word == "哔哩咻咻"
    assert classify("哔哩咻咻", None, load()).words == ()
