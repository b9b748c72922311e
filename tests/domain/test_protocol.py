"""Every protocol walked with any answers: it ends, asks nothing twice, keeps to its branches and never lowers."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.errors import UserError
from console.domain.protocol import (
    Given,
    Known,
    Protocol,
    Question,
    asked,
    checklist,
    instructions,
    meant,
    meant_by,
    open_questions,
    read_answer,
    skipped,
)
from console.services.reference import load

BOOK = load().protocols
PROTOCOLS = sorted(BOOK.protocols)
FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def answer_of(question: Question, draw: st.DataObject) -> Given:
    """Any answer a person may give, or that it was skipped."""
    if draw.draw(st.integers(0, 5), label="skip") == 0:
        return Given(skipped=True)
    values = [option.value for option in question.choices]
    if question.type == "multi":
        said = ",".join(draw.draw(st.lists(st.sampled_from(values), min_size=1, unique=True)))
    elif values:
        said = draw.draw(st.sampled_from(values))
    elif question.type == "number":
        said = str(draw.draw(st.integers(0, 100_000)))
    else:
        said = draw.draw(st.sampled_from(["穿黑衣往北", "不知道", "12"]))
    return read_answer(question, said)


def level(protocol: Protocol, known: Known) -> int:
    return meant(protocol, known).level or 9


@pytest.mark.parametrize("id_", PROTOCOLS)
@FEW
@given(draw=st.data())
def test_that_a_walk_ends_asks_nothing_twice_and_never_lowers(id_: str, draw: st.DataObject) -> None:
    protocol, known, in_force, asked_once = BOOK.protocols[id_], dict[str, Given](), 9, list[str]()
    while left := open_questions(protocol, known):
        question = left[0]
        assert question.id not in asked_once
        asked_once.append(question.id)
        given_ = answer_of(question, draw)
        raised = meant_by(question, given_.value).level
        known[question.id] = given_
        in_force = min(in_force, raised or 9)
        assert level(protocol, known) == in_force
        assert len(asked_once) <= len(protocol.questions)
    for question in protocol.questions:
        wanted = all(
            c.question in asked_once and not known[c.question].skipped and c.match.holds(known[c.question].value)
            for c in question.ask_if
        )
        assert (question.id in asked_once) is wanted
    assert {q.id for q in skipped(protocol, known)} == {id_ for id_ in asked_once if known[id_].skipped}


@pytest.mark.parametrize("id_", PROTOCOLS)
@FEW
@given(draw=st.data())
def test_that_any_answers_in_any_order_give_words_and_only_known_names(id_: str, draw: st.DataObject) -> None:
    protocol = BOOK.protocols[id_]
    chosen = draw.draw(st.lists(st.sampled_from(protocol.questions), unique_by=lambda q: q.id))
    known = {question.id: answer_of(question, draw) for question in chosen}
    means = meant(protocol, known)
    assert all(reason.because.zh and reason.because.en for reason in means.raised)
    assert [reason.level for reason in means.raised] == sorted(reason.level for reason in means.raised)
    assert set(means.notify) <= set(BOOK.posts)
    assert {question.id for question in asked(protocol, known)} <= {question.id for question in protocol.questions}
    assert len(instructions(protocol, known)) <= len(protocol.instructions)
    assert len(checklist(protocol, known, unit=True)) <= len(protocol.checklist)


def said(protocol: str, **answers: str) -> tuple[Protocol, dict[str, Given]]:
    found = BOOK.protocols[protocol]
    ids = {key if key.startswith(("c_", "s_")) else f"{protocol}.{key}": value for key, value in answers.items()}
    known = {}
    for id_, value in ids.items():
        question = found.question(id_)
        assert question is not None, id_
        known[id_] = read_answer(question, value)
    return found, known


# -- what DATA-NOTES asks to be mended -------------------------------------------------------------------------------


@pytest.mark.parametrize("id_", ["panel_school", "panel_bank", "panel_bus", "panel_site", "silent_call"])
def test_that_panels_and_silent_calls_ask_no_common_questions(id_: str) -> None:
    assert not [q.id for q in BOOK.protocols[id_].questions if q.id.startswith("c_")]


@pytest.mark.parametrize("id_", ["panel_school", "panel_bank", "panel_bus", "panel_site"])
def test_that_at_a_panel_police_go_first_and_a_test_never_stands_them_down(id_: str) -> None:
    protocol, known = said(id_, test_window="yes")
    assert protocol.police_first
    assert "级别不降" in meant(protocol, known).warnings[0].zh


def test_that_no_danger_proposes_the_department_and_lowers_nothing() -> None:
    protocol, known = said("utility_hazard", kind="gas", danger="no")
    assert (meant(protocol, known).route, meant(protocol, known).level) == ("C", 1)


def test_that_an_unsigned_handoff_is_urged_after_five_minutes() -> None:
    lines = [line.text.zh for line in BOOK.protocols["utility_hazard"].checklist]
    assert any("5分钟未签收" in line for line in lines)
    assert not any("15分钟未签收" in line for line in lines)


def test_that_a_forest_fire_is_asked_for_the_direction_of_the_wind_and_no_other_fire() -> None:
    protocol, known = said("fire_explosion", what="forest")
    wind = protocol.question("fire_explosion.wind")
    assert wind in asked(protocol, known)
    assert wind is not None
    assert [option.zh for option in wind.options[:4]] == ["北", "东北", "东", "东南"]
    protocol, known = said("fire_explosion", what="house")
    assert wind not in asked(protocol, known)


@pytest.mark.parametrize("id_", [p for p in PROTOCOLS if BOOK.protocols[p].question("s_weapon")])
def test_that_an_unknown_weapon_warns_wherever_it_is_asked(id_: str) -> None:
    weapon = BOOK.protocols[id_].question("s_weapon")
    assert weapon is not None
    assert "按持械对待" in meant_by(weapon, "unknown").warnings[0].zh


def test_that_drink_is_not_sent_to_the_health_bureau() -> None:
    protocol, known = said("domestic_violence", drunk="yes")
    assert "health" not in meant(protocol, known).agencies


def test_that_a_bank_is_called_at_its_security_office_and_never_at_the_counter() -> None:
    call = BOOK.protocols["panel_bank"].question("panel_bank.callback_ok")
    assert call is not None
    assert "绝不打柜台" in call.text.zh
    assert any("绝不回拨柜台" in line.text.zh for line in BOOK.protocols["panel_bank"].checklist)


def test_that_somebody_on_the_rails_calls_the_railway_police_and_the_fire_brigade() -> None:
    protocol, known = said("suicide", method="rail")
    assert meant(protocol, known).agencies == ("railway_police", "fire_rescue", "ems_120")


# -- branching -------------------------------------------------------------------------------------------------------


def test_that_money_is_asked_about_only_when_some_was_sent() -> None:
    protocol, known = said("telecom_fraud", paid="no")
    assert "telecom_fraud.paid_min" not in {question.id for question in asked(protocol, known)}
    protocol, known = said("telecom_fraud", paid="yes", paid_min="12")
    assert "telecom_fraud.account" in {question.id for question in asked(protocol, known)}
    assert meant(protocol, known).raised[0].because.zh == "转账不到30分钟，可紧急止付"


def test_that_what_is_read_out_fits_what_was_said() -> None:
    protocol, known = said("utility_hazard", kind="gas")
    told = "".join(line.zh for line in instructions(protocol, known))
    assert "不要开关电器" in told
    assert "电梯" not in told


def test_that_the_longest_beginning_of_a_code_finds_the_protocol() -> None:
    found = {code: getattr(BOOK.for_code(code), "id", "") for code in ("010501", "0104", "1302", "1304", "12", "")}
    assert found == {
        "010501": "telecom_fraud", "0104": "theft", "1302": "panel_bank", "1304": "panel_site", "12": "general", "": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("id_", "value", "why"),
    [
        ("s_weapon", "axe", "“凶器”只能答：1无、2棍棒等钝器"),
        ("s_weapon", "none,knife", "“凶器”只能答"),
        ("fight_assault.people", "很多", "“人数”要填数字"),
        ("fight_assault.people", "-3", "“人数”要填数字"),
        ("fight_assault.people", "nan", "“人数”要填数字"),
        ("fight_assault.relation", "  ", "还没有回答；不问请按跳过"),
    ],
)
def test_that_an_impossible_answer_is_refused_with_what_is_possible(id_: str, value: str, why: str) -> None:
    question = BOOK.protocols["fight_assault"].question(id_)
    assert question is not None
    with pytest.raises(UserError, match=why):
        read_answer(question, value)
