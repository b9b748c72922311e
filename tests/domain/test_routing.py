"""The router against what callers say: a labelled table, and the rules of routing one by one."""

from itertools import pairwise
from pathlib import Path

import pytest

from console.domain.reference import Reference
from console.domain.routing import SAYINGS, classify, duty_for
from console.services.reference import load

TABLE = Path(__file__).parents[1] / "vectors/narratives.txt"
OWN = {"police", "traffic_police"}
CALL = (
    "你好，我在延安北路一百二十号这边的小区楼下，刚才有一辆白色的小轿车开过来把路边停的电动车撞倒了，司机下来以后"
    "跟一个男的吵起来了，现在两个人在互相推搡，旁边还有一个小孩在哭，好像有人流血了，你们赶紧派人过来看一下吧，这里是"
    "三号楼旁边的停车场，靠近大门那个位置，门口有一家便利店，我姓王，电话就是这个号码，我在现场等你们，麻烦快一点，"
    "另外那个司机好像喝了酒，说话不清楚，还想开车走，我们几个人拦着他"
)


def _labelled() -> list[tuple[str, str, str, list[str], set[str]]]:
    rows = [line.split("|") for line in TABLE.read_text("utf-8").splitlines() if line[:1] not in ("#", "")]
    return [(said, code, route, must.split(), set(never.split())) for said, code, route, must, never in rows]


LABELLED = _labelled()


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load()


@pytest.mark.parametrize(("said", "code", "route", "must", "never"), LABELLED, ids=[row[0] for row in LABELLED])
def test_that_a_sentence_finds_its_code_route_and_agencies(
    reference: Reference, said: str, code: str, route: str, must: list[str], never: set[str]
) -> None:
    found = classify(said, None, reference)
    assert code == "*" or (found.codes and found.codes[0].startswith(code)), found
    assert route in ("*", found.route), found
    assert [agency for agency in found.agencies if agency in must] == must, found
    assert not never & set(found.agencies), found


def test_that_the_table_is_large_and_names_every_class_of_caller() -> None:
    assert len(LABELLED) > 300
    assert {row[2] for row in LABELLED} >= {"A", "B", "C"}


@pytest.mark.requirement("Z0-17")
def test_that_nine_of_ten_non_police_matters_find_their_agency_among_the_first_three(reference: Reference) -> None:
    matters = [row for row in LABELLED if row[2] == "C" and row[3]]
    hits = [row for row in matters if row[3][0] in classify(row[0], None, reference).agencies[:3]]
    assert len(matters) >= 60
    assert len(hits) / len(matters) >= 0.90


@pytest.mark.requirement("Z1-25")
def test_that_a_matter_for_119_or_120_never_goes_to_12345(reference: Reference) -> None:
    for said, *_ in LABELLED:
        found = classify(said, None, reference)
        if {"fire_rescue", "ems_120"} & set(found.agencies):
            assert "hotline_12345" not in found.agencies, found


def test_that_our_own_police_are_never_a_handoff(reference: Reference) -> None:
    assert not any(OWN & set(classify(said, None, reference).agencies) for said, *_ in LABELLED)
    assert not OWN & {agency.id for agency in reference.handoff_agencies}


ROWS = [
    pytest.param("幼儿园有多名孩子疑似传染病", "B", ["health"], marks=pytest.mark.requirement("Z3-20")),
    pytest.param("学校周边有人欺凌学生", "A", ["education"], marks=pytest.mark.requirement("Z3-22")),
    pytest.param("桥下有个流浪人员在乞讨", "B", ["civil_affairs"], marks=pytest.mark.requirement("Z3-24")),
    pytest.param("医院门口有个弃婴", "B", ["civil_affairs"], marks=pytest.mark.requirement("Z3-25")),
    pytest.param("老板拖欠工资，还收了中介费", "C", ["hrss"], marks=pytest.mark.requirement("Z3-27")),
    pytest.param("河里很多死鱼，刺鼻气味熏得头晕", "B", ["ecology"], marks=pytest.mark.requirement("Z3-28")),
    pytest.param(
        "工地塔吊倾斜，脚手架倒了，工人受伤",
        "B",
        ["ems_120", "emergency_mgmt", "housing"],
        marks=pytest.mark.requirement("Z3-29"),
    ),
    pytest.param("下水道堵了，路灯也不亮", "C", ["urban_mgmt"], marks=pytest.mark.requirement("Z3-30")),
    pytest.param("大树断裂倒在路上，挡住车道", "B", ["urban_mgmt"], marks=pytest.mark.requirement("Z3-31")),
    pytest.param("管道爆裂漏水", "B", ["water_supply", "urban_mgmt"], marks=pytest.mark.requirement("Z3-32")),
    pytest.param(
        "天然气管道泄漏",
        "B",
        ["gas_supply", "fire_rescue", "urban_mgmt"],
        marks=pytest.mark.requirement("Z3-33"),
    ),
    pytest.param("行李遗忘在出租车上", "C", ["transport"], marks=pytest.mark.requirement("Z3-34")),
    pytest.param("游船翻了，有人落水", "B", ["transport"], marks=pytest.mark.requirement("Z3-35")),
    pytest.param("水库大坝管涌", "B", ["water_resources"], marks=pytest.mark.requirement("Z3-37")),
    pytest.param(
        "林子里着火了，是森林火灾",
        "B",
        ["fire_rescue", "forestry", "township"],
        marks=pytest.mark.requirement("Z3-38"),
    ),
    pytest.param("院子里来了一只猫头鹰", "B", ["forestry"], marks=pytest.mark.requirement("Z3-39")),
    pytest.param("屋后山体滑坡", "B", ["natural_resources"], marks=pytest.mark.requirement("Z3-40")),
    pytest.param("电梯困人了", "B", ["fire_rescue", "market_supervision"], marks=pytest.mark.requirement("Z3-41")),
    pytest.param("电线杆倒杆断线", "B", ["power"], marks=pytest.mark.requirement("Z3-44")),
]


@pytest.mark.parametrize(("said", "route", "agencies"), ROWS)
def test_that_the_duty_table_decides(reference: Reference, said: str, route: str, agencies: list[str]) -> None:
    found = classify(said, None, reference)
    assert found.route == route, found
    assert [agency for agency in found.agencies if agency in agencies] == agencies, found


def test_that_a_gas_leak_is_gravest_and_the_gas_company_stands_first(reference: Reference) -> None:
    found = classify("楼道里煤气泄漏", None, reference)
    assert (found.priority, found.agencies[0]) == (1, "gas_supply")


@pytest.mark.parametrize("said", ["没有人受伤", "无人员受伤", "没有发现有人受伤", "未造成人员受伤", "没受伤"])
def test_that_a_plain_negation_takes_a_word_back(reference: Reference, said: str) -> None:
    found = classify(f"两车相撞，{said}", None, reference)
    assert "ems_120" not in found.agencies
    assert any("受伤" in reason and "否定" in reason for reason in found.reasons)


@pytest.mark.parametrize("said", ["有没有人受伤不知道", "是不是有人受伤看不清", "没关煤气有人受伤"])
def test_that_an_open_question_is_no_negation(reference: Reference, said: str) -> None:
    assert "ems_120" in classify(said, None, reference).agencies


def test_that_danger_lifts_a_departments_matter_to_police_first(reference: Reference) -> None:
    calm = classify("路灯不亮", None, reference)
    grave = classify("路灯不亮，有人摔倒流血了", None, reference)
    assert (calm.route, grave.route) == ("C", "B")
    assert grave.priority < calm.priority
    assert grave.agencies[:2] == ("ems_120", "urban_mgmt")


def test_that_an_injury_makes_an_accident_one_with_injuries(reference: Reference) -> None:
    assert classify("两车追尾", None, reference).codes == ("0301",)
    assert classify("两车追尾，司机受伤", None, reference).codes == ("030102",)


@pytest.mark.parametrize(("said", "by_code", "by_duty"), [("自来水管爆了", "B", "C"), ("有流浪人员", "B", "C")])
def test_that_both_routes_show_where_duty_and_code_disagree_and_the_stricter_counts(
    reference: Reference, said: str, by_code: str, by_duty: str
) -> None:
    found = classify(said, None, reference)
    assert found.route == by_code
    assert any(f"为 {by_code} 类" in c and f"为 {by_duty} 类" in c for c in found.conflicts)


def test_that_a_chosen_code_and_the_words_both_show_and_the_stricter_counts(reference: Reference) -> None:
    found = classify("有人拿刀砍人", "0803", reference)
    assert found.codes == ("0803", "0108")
    assert found.route == "A"
    assert any("0803" in conflict for conflict in found.conflicts)


def test_that_a_chosen_code_alone_gives_its_own_proposal(reference: Reference) -> None:
    found = classify("", "050301", reference)
    assert (found.codes, found.route, found.priority) == (("050301",), "B", 1)
    assert found.agencies[0] == "gas_supply"


def test_that_an_unknown_code_is_named_and_not_guessed(reference: Reference) -> None:
    found = classify("路灯不亮", "7777", reference)
    assert found.codes == ("1101",)
    assert any("7777" in reason for reason in found.reasons)


def test_that_words_nobody_listed_stay_with_the_police_and_say_so(reference: Reference) -> None:
    found = classify("嗯那个啥", None, reference)
    assert (found.codes, found.agencies, found.route) == ((), (), "A")
    assert found.reasons == ("没有匹配的词，先按公安受理，请人工判断",)


def test_that_nothing_said_gives_no_route(reference: Reference) -> None:
    assert classify("  ", None, reference).route is None


def test_that_each_word_shown_stands_where_it_says(reference: Reference) -> None:
    for said, *_ in LABELLED:
        for match in classify(said, None, reference).words:
            assert said[match.start : match.start + len(match.word)] == match.word


def test_that_another_countys_article_is_only_a_reference(reference: Reference) -> None:
    articles = classify("天然气泄漏，邻里纠纷引起的", None, reference).articles
    assert any(article.startswith("参照（潢川县 2021）") for article in articles), articles
    assert any(article.startswith("依据（漳州市 2025）") for article in articles), articles


@pytest.mark.parametrize(
    ("said", "agency", "duty"),
    [
        ("楼道里有煤气味", "gas_supply", "gas_supply.1"),
        ("楼道里有煤气味", "urban_mgmt", "urban_mgmt.4"),
        ("自来水管爆了", "urban_mgmt", "urban_mgmt.3"),
        ("路灯不亮", "urban_mgmt", "urban_mgmt.1"),
        ("嗯那个啥", "power", "power.1"),
    ],
)
def test_that_a_handoff_cites_the_duty_that_fits_what_was_said(
    reference: Reference, said: str, agency: str, duty: str
) -> None:
    found = classify(said, None, reference)
    assert duty_for(reference.agencies[agency], said, found).id == duty


def test_that_a_real_call_of_many_words_is_judged_by_its_gravest(reference: Reference) -> None:
    found = classify(CALL, None, reference)
    assert (found.codes[0], found.route, found.priority) == ("030102", "A", 1)
    assert found.agencies[0] == "ems_120"
    assert {"020202", "0303"} <= set(found.codes)


def test_that_a_longer_word_swallows_a_shorter_one(reference: Reference) -> None:
    found = classify("遇到电信诈骗", None, reference)
    assert [match.word for match in found.words] == ["电信诈骗"]


def test_that_a_gap_does_not_reach_into_the_next_sentence(reference: Reference) -> None:
    assert "050201" in classify("孩子在公园不见了", None, reference).codes
    apart = classify("我带孩子。钱不见了", None, reference)
    assert all(word.rule == SAYINGS for word in apart.words)


def test_that_codes_are_ordered_by_gravity(reference: Reference) -> None:
    codes = classify("路灯不亮，有人打架，着火了", None, reference).codes
    priorities = [reference.codes[code].priority for code in codes]
    assert all(a <= b for a, b in pairwise(priorities))
    assert codes[0] == "0401"


@pytest.mark.parametrize(
    "said",
    [
        "一辆白色轿车闽E12345撞了护栏",
        "车牌闽E·12345的车堵住出口",
        "闽 E 12345 撞人后逃逸",
        "闽e-12345追尾",
        "新能源车闽ED12345追尾",
        "我的电话13812345678，车被偷了",
        "手机号0596212345，邻居打架",
    ],
)
def test_that_digits_of_a_plate_or_a_telephone_are_not_the_hotlines_number(reference: Reference, said: str) -> None:
    assert "12345" not in [match.word for match in classify(said, None, reference).words]


@pytest.mark.parametrize(
    "said", ["想打12345咨询社保", "12345热线打不通", "转接12345", "打 12345，咨询", "拨打了12345投诉物业"]
)
def test_that_the_hotline_is_found_by_its_number(reference: Reference, said: str) -> None:
    assert "12345" in [match.word for match in classify(said, None, reference).words]


def test_that_a_person_who_chose_the_operators_matter_has_them_told_though_a_fraud_is_spoken_of(
    reference: Reference,
) -> None:
    said = "电话线被剪断了，有骗子打电话"
    assert "china_telecom" in classify(said, "1105", reference).agencies
    assert "china_telecom" not in classify(said, "010501", reference).agencies


@pytest.mark.parametrize("said", ["电话线被剪断了，有骗子打电话", "手机没信号，收到诈骗短信"])
def test_that_a_cut_line_is_told_to_its_operator_though_a_fraud_is_spoken_of(reference: Reference, said: str) -> None:
    assert "telecom" in classify(said, None, reference).agencies
