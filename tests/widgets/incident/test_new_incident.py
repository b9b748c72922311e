"""F9: two fields are enough, a draft from the first stroke, and nothing typed is ever lost."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QListWidget

from console.domain.errors import JournalUnavailable, UserError
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from console.services.places import Places
from tests.widgets.incident.scene import GAS_NARRATIVE, Bench, Notebook, build, gas, keys, press, slow_journal


def opened(bench: Bench) -> Incident:
    found = bench.desk.picture.state.all(Incident)
    assert len(found) == 1
    return found[0]


async def test_that_kind_and_place_and_enter_make_an_incident(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "xhblzflk")
    press(form.place, Qt.Key.Key_Return)
    keys(form.kind, "rqxl")
    press(form.kind, Qt.Key.Key_Return)
    press(form.kind, Qt.Key.Key_Return)
    await bench.settle()
    incident = opened(bench)
    assert incident.place == "新华北路·钟法路口"
    assert (incident.beat, incident.urban) == ("05", True)
    assert incident.lat is not None
    assert bench.desk.reference.codes[incident.kind].name == "燃气泄漏"
    assert bench.selection.incident == incident.number
    assert bench.notebook.rows == {}


async def test_that_a_ringing_call_is_taken_with_its_number_and_kept_as_a_draft(bench: Bench) -> None:
    bench.panel.take_call = iter(("13812345678", "")).__next__
    bench.panel.new_incident()
    assert bench.panel.form.phone.number == "13812345678"
    await bench.settle()
    (kept,) = bench.notebook.rows.values()
    assert kept["phone"] == "13812345678"
    bench.panel.new_incident()
    assert bench.panel.form.phone.number == ""


async def test_that_ctrl_enter_saves_from_the_narrative_and_the_words_choose_the_kind(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路 12 号")
    keys(form.narrative, "有人持刀打架，一人流血")
    press(form.narrative, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await bench.settle()
    incident = opened(bench)
    assert incident.priority == 1
    assert incident.route == "A"
    assert incident.kind
    assert incident.place == "钟法路 12 号"
    assert incident.lat is None


async def test_that_a_saved_call_is_shown_in_the_turn_it_is_stored_whatever_its_draft_s_file_does(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = threading.Event()
    forget = bench.notebook.drop_draft

    def slowly(draft: str) -> None:
        written.wait(5)
        forget(draft)

    monkeypatch.setattr(bench.notebook, "drop_draft", slowly)
    shown: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def next_turn() -> None:
        if not shown.done():
            shown.set_result(bench.selection.incident)

    bench.desk.picture.observe(lambda _: QTimer.singleShot(0, next_turn))
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路 12 号")
    keys(form.narrative, "有人打架")
    press(form.narrative, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert await shown == opened(bench).number
    assert bench.panel.drafts.isHidden(), "what is saved is no draft any more"
    written.set()
    await bench.settle()
    assert bench.notebook.rows == {}


async def test_that_an_unknown_place_needs_a_reason_and_the_draft_stays(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.narrative, GAS_NARRATIVE)
    press(form.narrative, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await bench.settle()
    assert bench.tasks.messages.last[-1].text.startswith("请填写地点，或写明地点不明的原因")
    assert len(bench.notebook.rows) == 1
    keys(form.unknown, "对方挂断")
    press(form.unknown, Qt.Key.Key_Return)
    await bench.settle()
    assert opened(bench).place_unknown == "对方挂断"


async def test_that_an_unrecognised_kind_is_named_and_not_guessed(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路")
    form.place.close_list()
    keys(form.kind, "啊啊啊")
    press(form.kind, Qt.Key.Key_Return)
    await bench.settle()
    assert "“啊啊啊”未识别" in bench.tasks.messages.last[-1].text
    assert bench.desk.picture.state.all(Incident) == []


async def test_that_the_first_stroke_is_stored(bench: Bench) -> None:
    bench.panel.new_incident()
    assert bench.notebook.rows == {}
    keys(bench.panel.form.phone, "1")
    await bench.settle()
    (body,) = bench.notebook.rows.values()
    assert body["phone"] == "1"


async def test_that_esc_goes_back_to_the_queue_and_keeps_the_text(bench: Bench) -> None:
    form, left = bench.panel.form, []
    bench.panel.left.connect(lambda: left.append(True))
    bench.panel.new_incident()
    keys(form.caller, "Wang")
    press(form.caller, Qt.Key.Key_Escape)
    await bench.settle()
    assert left == [True]
    assert list(bench.panel.drafts.shown.values()) == ["Wang"]
    press(bench.panel.drafts.buttons[0], Qt.Key.Key_Space)
    assert form.caller.text() == "Wang"
    assert bench.panel.drafts.shown == {}


async def test_that_a_drafts_button_masks_the_number_that_the_form_masks(bench: Bench) -> None:
    bench.panel.take_call = lambda: "13700001111"
    bench.panel.new_incident()
    press(bench.panel.form.caller, Qt.Key.Key_Escape)
    await bench.settle()
    assert list(bench.panel.drafts.shown.values()) == ["137****1111"]


async def test_that_another_incident_can_be_looked_at_and_the_draft_waits(bench: Bench, queue: QListWidget) -> None:
    bench.panel.new_incident()
    keys(bench.panel.form.caller, "Li")
    queue.setFocus()
    await bench.choose(gas(bench.desk))
    assert bench.panel.form.caller.text() == "女士（未留名）"
    assert list(bench.panel.drafts.shown.values()) == ["Li"]
    bench.panel.new_incident()
    assert bench.panel.form.caller.text() == ""
    assert list(bench.panel.drafts.shown.values()) == ["Li"]
    await bench.settle()


async def test_that_an_earlier_run_s_drafts_are_offered_at_the_start(
    bench: Bench, places: Places, tmp_path: Path
) -> None:
    notebook = Notebook({"d1": {"narrative": "煤气味", "place": "钟法路", "unknown field": 1}})
    again = build(
        bench.desk, bench.clock, bench.theme, bench.selection, bench.tick, bench.tasks, places, tmp_path, notebook
    )
    await again.panel.start()
    assert again.panel.drafts.shown == {"d1": "钟法路 煤气味"}
    again.panel.drafts.resumed.emit("d1")
    assert again.panel.form.place.text() == "钟法路"
    assert again.panel.form.narrative.toPlainText() == "煤气味"
    again.panel.close_panel()


async def test_that_throwing_a_draft_away_takes_two_presses(bench: Bench) -> None:
    bench.panel.new_incident()
    keys(bench.panel.form.caller, "Li")
    press(bench.panel.form.caller, Qt.Key.Key_Escape)
    await bench.settle()
    for _ in range(2):
        assert len(bench.notebook.rows) == 1
        press(bench.panel.drafts.buttons[-1], Qt.Key.Key_Space)
    await bench.settle()
    assert bench.notebook.rows == {}
    assert bench.panel.drafts.shown == {}


async def test_that_enter_while_composing_belongs_to_the_input_method(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路")
    keys(form.kind, "rqxl")
    press(form.kind, Qt.Key.Key_Return)
    composing = QInputMethodEvent("zhongfalu", [])
    QCoreApplication.sendEvent(form.place, composing)
    press(form.place, Qt.Key.Key_Escape)
    assert bench.panel.drafting.id != ""
    press(form.place, Qt.Key.Key_Return)
    await bench.settle()
    assert bench.desk.picture.state.all(Incident) == []


async def test_that_a_level_below_the_proposed_one_needs_a_reason(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路")
    form.place.close_list()
    keys(form.narrative, "有人持刀打架")
    bench.panel.form.paused.emit()
    assert form.level.level == 1
    form.level.setFocus()
    press(form.level, Qt.Key.Key_Down)
    press(form.level, Qt.Key.Key_Down)
    assert form.level.level == 3
    assert form.reason.isVisible()
    bench.panel.save()
    await bench.settle()
    assert bench.tasks.messages.last[-1].text.startswith("降低级别须写明理由")
    keys(form.reason, "已核实")
    press(form.reason, Qt.Key.Key_Return)
    await bench.settle()
    assert opened(bench).priority == 3
    assert "PriorityChanged" in bench.names()


async def lower(bench: Bench) -> None:
    """A man with a knife, whom the call-taker takes for less than the words propose."""
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路")
    form.place.close_list()
    keys(form.narrative, "有人持刀打架")
    form.paused.emit()
    form.level.setFocus()
    press(form.level, Qt.Key.Key_Down)
    press(form.level, Qt.Key.Key_Down)
    keys(form.reason, "已核实")


async def test_that_a_level_this_person_may_not_lower_is_refused_before_the_incident_is_there(bench: Bench) -> None:
    bench.desk.roles = ("call_taker",)
    await lower(bench)
    bench.panel.save()
    await bench.settle()
    assert bench.desk.picture.state.all(Incident) == []
    assert bench.tasks.messages.last[-1].text == ("降低级别须由派警员或值班长操作；请按一级保存后请其降级；已留为草稿")
    keys(bench.panel.form.narrative, "，一人流血")
    await bench.settle()
    (kept,) = bench.notebook.rows.values()
    assert kept["narrative"] == "有人持刀打架，一人流血"
    press(bench.panel.form.level, Qt.Key.Key_Up)
    press(bench.panel.form.level, Qt.Key.Key_Up)
    bench.panel.save()
    await bench.settle()
    assert (opened(bench).priority, opened(bench).narrative) == (1, "有人持刀打架，一人流血")
    assert bench.selection.incident == opened(bench).number


@pytest.mark.parametrize("why", [UserError("情况刚被他人改变"), JournalUnavailable("日志 2 秒内没有写成")])
async def test_that_what_is_refused_after_opening_is_told_and_the_incident_is_shown(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, expected_log: list[str], why: Exception
) -> None:
    if isinstance(why, JournalUnavailable):
        expected_log += ["after incident.open: 结果未知", "a view could not be stored"]
    commit = bench.journal.commit

    async def refusing(act: Act) -> Any:
        if act.name == "incident.priority":
            raise why
        return await commit(act)

    def full(*_: object) -> None:
        raise JournalUnavailable("磁盘已满")

    monkeypatch.setattr(bench.journal, "commit", refusing)
    monkeypatch.setattr(bench.desk.spool, "put", full)
    await lower(bench)
    bench.panel.save()
    await bench.settle()
    assert bench.selection.incident == opened(bench).number
    assert not bench.panel.writing
    assert bench.notebook.rows == {}
    texts = [message.text for message in bench.tasks.messages.last]
    assert texts[-2] == f"已建立警情 {opened(bench).number}"
    assert texts[-1].endswith("（您填写的“三级”未保存）")


async def test_that_strokes_while_the_act_is_under_way_are_stored_and_saved_wherever_the_person_goes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路")
    keys(form.narrative, "有煤气味")
    await bench.settle()
    asked = slow_journal(bench, monkeypatch)
    bench.panel.save()
    keys(form.caller, "Wang")
    await asyncio.sleep(0.1)
    assert [row["caller"] for row in bench.notebook.rows.values()] == ["Wang"]
    bench.panel.new_incident()
    asked.set()
    await bench.settle()
    assert opened(bench).caller == "Wang"
    assert bench.notebook.rows == {}
    assert bench.panel.drafts.isHidden()


async def test_that_a_seat_locked_while_the_act_is_under_way_loses_no_word_of_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = slow_journal(bench, monkeypatch)
    bench.panel.new_incident()
    keys(bench.panel.form.place, "钟法路")
    keys(bench.panel.form.narrative, "有煤气味")
    bench.panel.save()
    keys(bench.panel.form.caller, "Wang")
    bench.desk.roles = ()
    asked.set()
    await bench.settle()
    assert opened(bench).caller == "Wang"


async def test_that_f_keys_dispatch_from_an_unsaved_incident(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路")
    keys(form.narrative, GAS_NARRATIVE)
    form.paused.emit()
    assert bench.panel.suggested()[0] == "gas_supply"
    press(form.narrative, Qt.Key.Key_F5)
    await bench.settle()
    assert [h.agency for h in bench.desk.picture.handoffs(opened(bench).number)] == ["gas_supply"]


async def test_that_enter_twice_makes_one_incident(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路")
    keys(form.narrative, GAS_NARRATIVE)
    bench.panel.save()
    bench.panel.save()
    await bench.settle()
    assert opened(bench).state in (IncidentState.INTAKE, IncidentState.TRIAGED)


@pytest.mark.parametrize(("typed", "first"), [("rqxl", "燃气泄漏"), ("燃气", "燃气"), ("盗窃电", "盗窃电动车、摩托车")])
async def test_that_kinds_are_found_by_words_and_initials(bench: Bench, typed: str, first: str) -> None:
    bench.panel.new_incident()
    keys(bench.panel.form.kind, typed)
    assert bench.panel.form.kind.found[0].text.endswith(first)
    press(bench.panel.form.kind, Qt.Key.Key_Escape)
    assert bench.panel.form.kind.found == []
    assert bench.panel.form.kind.text() == typed
    await bench.settle()


async def test_that_typing_goes_on_while_the_act_is_under_way(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "钟法路")
    keys(form.narrative, "有煤气味")
    bench.panel.save()
    keys(form.caller, "Wang")
    await bench.settle()
    assert opened(bench).caller == "Wang"
    assert bench.panel.form.caller.text() == "Wang"
    assert bench.notebook.rows == {}


async def test_that_tab_goes_from_place_to_kind_to_words_to_the_caller(bench: Bench, queue: QListWidget) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    for field in (form.place, form.kind, form.narrative, form.phone, form.caller):
        assert form.focusWidget() is field
        press(field, Qt.Key.Key_Tab)


async def test_that_enter_in_the_list_of_places_moves_on_and_the_story_spoils_no_place(
    bench: Bench, queue: QListWidget
) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "xhblzflk")
    press(form.place, Qt.Key.Key_Return)
    assert form.kind.hasFocus()
    assert form.place.text() == "新华北路·钟法路口"
    assert form.unlocated.isHidden()
    await bench.settle()


async def test_that_a_place_without_a_position_says_so_and_a_detail_keeps_it(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "某某小巷")
    assert form.unlocated.text == "未定位，无法算警力"
    form.place.clear()
    keys(form.place, "xhblzflk")
    press(form.place, Qt.Key.Key_Return)
    keys(form.place, " 3 号楼")
    assert form.unlocated.text == ""
    keys(form.narrative, "有人持刀打架")
    press(form.narrative, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await bench.settle()
    incident = opened(bench)
    assert incident.place == "新华北路·钟法路口 3 号楼"
    assert incident.lat is not None


async def test_that_another_place_in_words_takes_the_old_position_away(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    form = bench.panel.form
    form.place.setFocus()
    form.place.selectAll()
    keys(form.place, "某某小巷")
    form.caller.setFocus()
    form.commit()
    await bench.settle()
    incident = opened(bench)
    assert (incident.place, incident.lat, incident.beat) == ("某某小巷", None, "")
    assert form.unlocated.isVisible()


async def test_that_whole_pinyin_finds_and_nothing_found_is_said(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.kind, "dajia")
    assert any("打架" in choice.text for choice in form.kind.found)
    form.kind.clear()
    keys(form.kind, "qqqq")
    assert form.kind.list_open
    assert form.kind.found == []
    press(form.kind, Qt.Key.Key_Down)
    press(form.kind, Qt.Key.Key_Return)
    await bench.settle()
    assert "“qqqq”未识别" in bench.tasks.messages.last[-1].text
    keys(form.place, "danxialu")
    assert form.place.found[0].text == "丹霞路"
    await bench.settle()


async def test_that_a_new_call_shows_its_place_however_far_the_last_incident_was_scrolled(bench: Bench) -> None:
    panel = bench.panel
    panel.resize(400, 600)
    await bench.choose(gas(bench.desk))
    bar = panel.cards.verticalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(bar.maximum())
    panel.new_incident()
    await bench.settle()
    assert bar.value() == 0
    assert panel.form.place.visibleRegion().boundingRect() == panel.form.place.rect()
