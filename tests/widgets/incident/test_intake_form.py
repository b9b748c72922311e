"""The intake form: short ways of the hand, what is still wanted, what stood in a field, and whose choice holds."""

from itertools import permutations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.domain.incident import Incident
from tests.widgets.incident.scene import GAS, Bench, gas, keys, press
from widgets.panels.drafts import Draft

CTRL = Qt.KeyboardModifier.ControlModifier


def focused(bench: Bench) -> object:
    widget = bench.panel.window().focusWidget()
    return widget.property("field") if widget is not None else None


def only(bench: Bench) -> Incident:
    (incident,) = bench.desk.picture.state.all(Incident)
    return incident


async def test_that_enter_leads_from_place_to_kind_to_words(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    assert focused(bench) == "place"
    keys(form.place, "zf xh")
    press(form.place, Qt.Key.Key_Return)
    assert (form.place.text(), focused(bench)) == ("新华北路·钟法路口", "kind")
    keys(form.kind, "dj")
    press(form.kind, Qt.Key.Key_Return)
    assert focused(bench) == "narrative"
    press(form.narrative, Qt.Key.Key_Return, CTRL)
    await bench.settle()
    assert only(bench).kind == "0201"


async def test_that_enter_in_a_place_nobody_named_goes_on_to_the_kind(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "无名小巷")
    press(form.place, Qt.Key.Key_Return)
    assert focused(bench) == "kind"
    # What was typed is stored before the test's loop stands still.
    await bench.settle()
    assert bench.desk.picture.state.all(Incident) == []


def _words(bench: Bench) -> None:
    keys(bench.panel.form.narrative, "楼道有很浓的煤气味，有老人没出来")
    bench.panel.form.paused.emit()


def _kind(bench: Bench) -> None:
    keys(bench.panel.form.kind, "zy")
    press(bench.panel.form.kind, Qt.Key.Key_Return)


def _level(bench: Bench) -> None:
    form = bench.panel.form
    form.level.set_level(4)
    form.level.activated.emit(3)
    keys(form.reason, "核实过")


def _route(bench: Bench) -> None:
    bench.panel.card.buttons["A"].click()


async def test_that_ones_own_choice_holds_in_whatever_order_words_and_choices_come(bench: Bench) -> None:
    for count, order in enumerate(permutations((_words, _kind, _level, _route)), 1):
        bench.panel.new_incident()
        keys(bench.panel.form.place, f"无名小巷 {count} 号")
        for step in order:
            step(bench)
        bench.panel.form.paused.emit()
        press(bench.panel.form.narrative, Qt.Key.Key_Return, CTRL)
        await bench.settle()
    incidents = bench.desk.picture.state.all(Incident)
    assert len(incidents) == count == 24
    # The words asked for more; the person had chosen, and lowered with a reason.
    assert {(incident.kind, incident.route, incident.priority) for incident in incidents} == {("0206", "A", 4)}


async def test_that_a_required_field_that_is_empty_says_so_and_why(bench: Bench) -> None:
    number = await bench.desk.do("incident.open", kind="010401", place="丹霞路", priority=2)
    await bench.choose(number)
    form = bench.panel.form
    assert form.narrative.placeholderText().startswith("待补：")
    assert form.phone.placeholderText().startswith("待补：")
    await bench.desk.do("incident.edit", incident=number, fields={"narrative": "门被撬", "phone": "13800000001"})
    assert "待补" not in form.narrative.placeholderText() + form.phone.placeholderText()


async def test_that_a_recording_number_is_asked_for_where_the_policy_does_and_saved_on_leaving(bench: Bench) -> None:
    form = bench.panel.form
    quiet = await bench.desk.do("incident.open", kind="0206", place="丹霞路", priority=4)
    await bench.choose(quiet)
    assert form.recording.isHidden() or not form.recording.isVisible()
    theft = await bench.desk.do("incident.open", kind="010401", place="丹霞路", priority=2)
    await bench.choose(theft)
    assert form.recording.isVisible()
    keys(form.recording, "LY-0042")
    press(form.recording, Qt.Key.Key_Return)
    await bench.settle()
    found = bench.desk.picture.state.get(Incident, theft)
    assert found is not None
    assert found.recording == "LY-0042"


async def test_that_a_corrected_field_is_marked_and_tells_who_when_and_what_stood_there(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    form = bench.panel.form
    assert form.corrected["place"].isHidden()
    await bench.desk.do("incident.edit", incident=GAS, fields={"place": "胜利路"}, seen={})
    await bench.settle()
    mark = form.corrected["place"]
    assert not mark.isHidden()
    assert mark.text() == "改1"
    first, last = form.history_of("place").splitlines()
    assert first.endswith("“新华北路·钟法路口” → “胜利路”")
    assert "031" in first
    assert last.endswith("填写“新华北路·钟法路口”")
    assert mark.toolTip() == form.history_of("place")


async def test_that_alt_h_opens_the_history_of_the_field_and_esc_takes_only_that_away(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    form, left = bench.panel.form, []
    bench.panel.left.connect(lambda: left.append(True))
    bench.panel.activateWindow()
    form.caller.setFocus()
    QTest.keyClick(form.caller, Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
    pop = form._pop
    assert pop is not None
    assert pop.isVisible()
    assert "报警人" in pop.lines.text()
    press(form.caller, Qt.Key.Key_Escape)
    assert not pop.isVisible()
    assert left == []
    press(form.caller, Qt.Key.Key_Escape)
    assert left == [True]


async def test_that_the_history_masks_what_the_form_masks(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    words = "身份证 350600199001011234，电话 13812345678"
    await bench.desk.do("incident.edit", incident=GAS, fields={"narrative": words}, seen={})
    await bench.settle()
    form = bench.panel.form
    assert "350600199001011234" in form.history_of("narrative")
    bench.desk.actor = "040"
    bench.panel.refresh()
    said = form.history_of("narrative") + form.history_of("caller") + form.narrative.toPlainText()
    assert "350***********1234" in said
    assert "138****5678" in said
    assert not any(secret in said for secret in ("350600199001011234", "13812345678", "女士（未留名）"))


async def test_that_a_mark_stands_in_the_head(bench: Bench) -> None:
    number = await bench.desk.do("incident.open", kind="9901", place="丹霞路", priority=3)
    await bench.choose(number)
    await bench.desk.do("incident.mark", incident=number, mark="silent")
    await bench.settle()
    assert bench.panel.head.title.text().startswith("无声 · ")


async def test_that_every_field_of_a_draft_outlives_the_process(bench: Bench) -> None:
    form = bench.panel.form
    bench.panel.new_incident()
    keys(form.place, "无名小巷")
    keys(form.narrative, "有人吵架")
    form.recording.setText("LY-7")
    form.recording.textEdited.emit("LY-7")
    await bench.settle()
    (body,) = bench.notebook.rows.values()
    kept = Draft.from_json(body)
    assert (kept.place, kept.narrative, kept.recording) == ("无名小巷", "有人吵架", "LY-7")
