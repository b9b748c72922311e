"""The question card by its keys: digits, Enter, skip, back; live effects; what is typed is never replaced."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.domain.answer import Answer
from console.domain.facts import IncidentOpened, PriorityChanged
from console.domain.incident import Incident, IncidentState
from tests.support import EVENING, tell
from tests.widgets.incident.scene import Bench
from widgets.panels.card import Show
from widgets.panels.level_tip import level_reasons

FIGHT = "ZZ20261121-0300"
KEY = Qt.Key


def open_fight(bench: Bench, **fields: Any) -> None:
    known: dict[str, Any] = {
        "state": IncidentState.INTAKE,
        "owner": bench.desk.actor,
        "kind": "0201",
        "place": "夜市",
        "phone": "13800000000",
        "narrative": "有人打架",
    }
    record = Incident(number=FIGHT, created_at=EVENING, **{**known, **fields})
    tell(bench.desk, IncidentOpened(incident=FIGHT, record=record))


async def press(bench: Bench, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    at = QApplication.focusWidget()
    assert at is not None
    QTest.keyClick(at, key, modifier)
    await bench.settle()


async def at_the_card(bench: Bench, **fields: Any) -> None:
    open_fight(bench, **fields)
    await bench.choose(FIGHT)
    bench.panel.window().activateWindow()
    bench.panel.questions.take_focus()


def answers(bench: Bench) -> dict[str, str]:
    rows = bench.desk.picture.state.where(Answer, incident=FIGHT)
    return {row.question: "跳过" if row.skipped else row.value for row in rows}


async def test_that_digits_answer_one_question_after_the_other_and_a_knife_raises_the_level(bench: Bench) -> None:
    await at_the_card(bench)
    card = bench.panel.questions
    assert card.question == "c_safe"  # place, number and matter stand in the form already
    assert card.asking.text.text() == "您现在安全吗？方便说话吗？"
    for key in (KEY.Key_1, KEY.Key_1, KEY.Key_1, KEY.Key_3):
        await press(bench, key)
    assert answers(bench) == {
        "c_safe": "safe", "c_when": "now", "fight_assault.still": "yes", "s_weapon": "knife",
    }  # fmt: skip
    changed = [fact.body for fact in bench.journal.facts if isinstance(fact.body, PriorityChanged)]
    assert [(body.old, body.new, body.reason) for body in changed] == [
        (3, 2, "自动：问询 仍在打"), (2, 1, "自动：问询 凶器：刀具"),
    ]  # fmt: skip
    assert card.effects.text().startswith("→ 一级：凶器：刀具 · 建议 机动增援")
    assert "仍在打：是 · 凶器：刀具" in card.given.text()
    assert "穿防护装备" in card.warnings.text()
    assert card.shown is Show.OPEN


async def test_that_an_unknown_weapon_warns_and_an_injury_puts_120_on_the_first_key(bench: Bench) -> None:
    await at_the_card(bench)
    for key in (KEY.Key_1, KEY.Key_1, KEY.Key_2, KEY.Key_6, KEY.Key_2):
        await press(bench, key)
    assert "凶器不明：按持械对待" in bench.panel.questions.warnings.text()
    assert bench.panel.suggested()[0] == "ems_120"
    assert "伤口出血请用干净的布压住，等120" in bench.panel.questions.read_out.text()


async def test_that_a_number_is_typed_and_sent_by_enter_and_a_wrong_one_is_refused_in_words(bench: Bench) -> None:
    await at_the_card(bench)
    for key in (KEY.Key_1, KEY.Key_1, KEY.Key_1, KEY.Key_1, KEY.Key_1):
        await press(bench, key)
    card = bench.panel.questions
    assert card.question == "fight_assault.people"
    assert card.asking.line.hasFocus()
    card.asking.line.setText("好几个")
    await press(bench, KEY.Key_Return)
    assert [told.text for told in bench.tasks.messages.last] == ["“人数”要填数字，不能填“好几个”"]
    card.asking.line.setText("6")
    await press(bench, KEY.Key_Return)
    assert answers(bench)["fight_assault.people"] == "6"
    assert card.question == "fight_assault.drunk"


async def test_that_skipping_is_kept_on_record_and_going_back_answers_it_after_all(bench: Bench) -> None:
    await at_the_card(bench)
    card = bench.panel.questions
    card.skip_button.click()
    await bench.settle()
    assert answers(bench) == {"c_safe": "跳过"}
    assert card.question == "c_when"
    assert "报警人（跳过）" in card.given.text()
    card.back_button.click()
    assert card.question == "c_safe"
    await press(bench, KEY.Key_2)
    assert answers(bench) == {"c_safe": "danger"}
    assert card.question == "c_when"
    incident = bench.panel.incident
    assert incident is not None
    assert incident.priority == 1


async def test_that_a_better_answer_later_never_lowers_the_level(bench: Bench) -> None:
    await at_the_card(bench)
    await press(bench, KEY.Key_2)
    bench.panel.questions.back_button.click()
    await press(bench, KEY.Key_1)
    incident = bench.panel.incident
    assert incident is not None
    assert (answers(bench)["c_safe"], incident.priority) == ("safe", 1)


async def test_that_what_is_being_typed_stays_whatever_another_seat_answers(bench: Bench) -> None:
    await at_the_card(bench)
    for key in (KEY.Key_1, KEY.Key_1, KEY.Key_1, KEY.Key_1, KEY.Key_1):
        await press(bench, key)
    card = bench.panel.questions
    card.asking.line.setText("五六")
    await bench.desk.do(
        "incident.answer_question", incident=FIGHT, question="fight_assault.people", value="3", text="人数：3"
    )
    assert (card.question, card.asking.line.text()) == ("fight_assault.people", "五六")


async def test_that_another_kind_asks_other_questions_and_keeps_what_is_common(bench: Bench) -> None:
    await at_the_card(bench)
    for key in (KEY.Key_1, KEY.Key_1, KEY.Key_1, KEY.Key_3):
        await press(bench, key)
    await bench.desk.do("incident.edit", incident=FIGHT, fields={"kind": "0103"})
    card = bench.panel.questions
    assert card.question == "robbery_snatch.when_gone"
    assert "凶器：刀具" in card.given.text()
    await bench.desk.do("incident.protocol", incident=FIGHT, protocol="theft")
    await bench.desk.do("incident.edit", incident=FIGHT, fields={"kind": "0201"})
    assert card.question == "theft.in_progress"
    assert card.summary.startswith("盗窃 · ")


async def test_that_the_menu_offers_every_protocol_and_the_choice_stays(bench: Bench) -> None:
    await at_the_card(bench)
    card = bench.panel.questions
    menu = card.choose_button.menu()
    menu.aboutToShow.emit()
    assert len(menu.actions()) == 1 + len(bench.desk.reference.protocols.protocols)
    next(action for action in menu.actions() if action.text() == "纠纷").trigger()
    await bench.settle()
    assert card.summary.startswith("纠纷 · ")
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["纠纷"]


async def test_that_the_level_tells_its_reasons_and_a_persons_own_word_first(bench: Bench) -> None:
    await at_the_card(bench)
    await press(bench, KEY.Key_2)
    await bench.desk.do("incident.priority", incident=FIGHT, priority=3, reason="报警人已安全")
    incident = bench.panel.incident
    assert incident is not None
    assert level_reasons(bench.desk, incident, bench.panel.story.facts).splitlines() == [
        "14:30:00 031 改为三级：报警人已安全",
        "一级：问询 报警人：有危险",
        "二级：警情 0201 打架斗殴",
    ]


async def test_that_a_bank_alarm_says_police_first_and_never_the_counter(bench: Bench) -> None:
    await at_the_card(bench, kind="1302", source="alarm")
    card = bench.panel.questions
    assert card.first.text() == "⚠ 先派警，后核实（F2）"
    await press(bench, KEY.Key_1)
    await press(bench, KEY.Key_1)
    assert card.question == "panel_bank.callback_ok"
    assert "绝不打柜台" in card.asking.text.text()


async def test_that_a_unit_on_the_scene_makes_it_a_line_and_the_end_a_thing_to_read(bench: Bench) -> None:
    open_fight(bench, state=IncidentState.ON_SCENE)
    await bench.choose(FIGHT)
    card = bench.panel.questions
    assert card.shown is Show.LINE
    assert "还有" in card.summary


async def test_that_who_may_not_ask_sees_why(bench: Bench) -> None:
    open_fight(bench)
    bench.desk.roles = ("technician",)
    await bench.choose(FIGHT)
    card = bench.panel.questions
    assert "无权" in card.first.text()
    assert not card.asking.options[0].isEnabled()
