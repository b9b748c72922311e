"""The column as a whole: its empty, waiting, failed and old states, its sizes, its names for screen readers."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QWidget

from console.domain.assignment import Assignment, AssignmentState
from console.domain.facts import HandoffDrafted, IncidentMoved, IncidentOpened, UnitAssigned
from console.domain.handoff import Handoff, HandoffState
from console.domain.incident import Incident, IncidentState
from console.domain.state import MemoryState
from tests.support import EVENING, MemoryJournal, tell
from tests.widgets.incident.scene import GAS, Bench, gas, keys, school, units
from widgets.panels.agencies import AgencyButton
from widgets.panels.stages import StageLine
from widgets.shot import render
from widgets.theme import DAY, NIGHT

DONE, ENDED = AssignmentState.FEEDBACK, HandoffState.CLOSED
OLD = "ZZ20261101-0007"


async def test_that_without_a_selection_it_says_what_to_do(bench: Bench) -> None:
    await bench.panel.start()
    assert "按 F9 新建" in bench.panel.nothing.text()
    assert bench.panel.body.isHidden()
    assert bench.panel.head.merge.isEnabled() is False


async def test_that_an_incident_of_last_month_is_read_from_the_journal(bench: Bench) -> None:
    record = Incident(
        number=OLD, state=IncidentState.CLOSED, title="盗窃", place="丹霞路", created_at=EVENING - timedelta(days=20)
    )
    tell(bench.desk, IncidentOpened(incident=OLD, record=record))
    bench.desk.picture.forget_old(EVENING)
    bench.selection.choose_incident(OLD)
    assert bench.panel.nothing.text() == f"正在读取警情 {OLD}…"
    await bench.settle()
    assert bench.panel.form.place.text() == "丹霞路"
    assert bench.panel.model.rowCount() == 1


async def test_that_an_incident_out_of_the_picture_can_be_read_and_not_worked_on(bench: Bench) -> None:
    number = gas(bench.desk)
    order = Assignment(id=f"{number}/1", incident=number, unit="巡05", state=DONE, t_dispatch=EVENING)
    handoff = Handoff(id=f"{number}#1", incident=number, agency="gas_supply", state=ENDED, t_draft=EVENING)
    tell(bench.desk, UnitAssigned(incident=number, assignment=order), HandoffDrafted(incident=number, handoff=handoff))
    tell(bench.desk, IncidentMoved(incident=number, act="invalidate", reason="误报"))
    bench.desk.picture.forget_old(EVENING + timedelta(days=2))
    await bench.choose(number)
    panel, facts = bench.panel, len(bench.journal.facts)
    assert panel.head.title.text().startswith("历史警情，只读 · ")
    assert [button.row.agency for button in panel.agencies.buttons] == ["gas_supply"]
    assert "巡05" in [
        row.accessibleName().split()[0] for row in panel.orders.findChildren(QWidget) if row.accessibleName()
    ]
    assert panel.closing.steps == []
    keys(panel.form.place, "x")
    assert panel.form.place.text() == "新华北路·钟法路口"
    panel.form.left.emit()
    for deed in (panel.merge, panel.choose_agency, partial(panel.send, "fire_rescue")):
        deed()
        assert bench.tasks.messages.last[-1].text == "历史警情，只读"
    enabled = [w for w in panel.findChildren(QAbstractButton) if w.isVisibleTo(panel) and w.isEnabled()]
    assert [button.text() for button in enabled if button.text()] == ["F9 新建"], "besides what opens a card"
    await bench.settle()
    assert len(bench.journal.facts) == facts
    await bench.choose(school(bench.desk))
    assert "历史" not in panel.head.title.text()
    assert panel.head.merge.isVisible()
    keys(panel.form.caller, "Li")
    assert panel.form.caller.text() == "Li"
    assert panel.closing.steps


async def test_that_a_number_nobody_knows_is_said(bench: Bench) -> None:
    bench.selection.choose_incident("ZZ20200101-9999")
    await bench.settle()
    assert bench.panel.nothing.text().startswith("没有读到警情 ZZ20200101-9999")


async def test_that_a_failed_read_is_said_and_the_incident_still_shown(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, expected_log: list[str]
) -> None:
    gas(bench.desk)

    def broken(_: str) -> None:
        raise OSError("磁盘无应答")

    monkeypatch.setattr(bench.panel.story, "load", broken)
    expected_log.append("timeline")
    bench.selection.choose_incident(GAS)
    await bench.settle()
    assert "磁盘无应答" in bench.panel.timeline.said
    assert bench.panel.form.place.text() == "新华北路·钟法路口"


async def test_that_what_stands_only_on_this_machine_is_marked(bench: Bench) -> None:
    await bench.choose(gas(bench.desk))
    bench.desk.health.journal_up = False
    await bench.desk.do("incident.note", incident=GAS, text="断网")
    await bench.settle()
    assert "本机暂存" in bench.panel.model.index(0).data()


@pytest.mark.requirement("Z3-52")
async def test_that_a_spooled_incident_says_so_in_its_head(bench: Bench) -> None:
    bench.desk.health.journal_up = False
    bench.panel.new_incident()
    keys(bench.panel.form.place, "钟法路")
    keys(bench.panel.form.narrative, "有煤气味")
    bench.panel.save()
    await bench.settle()
    assert bench.panel.head.stored.text == "本机暂存"
    assert "-L03-" in bench.panel.head.number.text()


async def test_that_a_local_number_is_followed_to_the_true_one(bench: Bench) -> None:
    local, true = "ZZ20261121-L03-01", "ZZ20261121-0201"
    record = Incident(number=local, state=IncidentState.INTAKE, place="钟法路", created_at=EVENING)
    tell(bench.desk, IncidentOpened(incident=local, record=record))
    await bench.choose(local)
    unloaded = MemoryState()
    unloaded.put(replace(record, number=true, alias=local))
    bench.desk.picture.replace_state(unloaded, 99)
    await bench.settle()
    assert bench.selection.incident == true
    assert bench.panel.head.number.text() == true


async def test_that_an_incident_whose_day_is_over_stays_readable(bench: Bench) -> None:
    number = gas(bench.desk)
    await bench.choose(number)
    bench.desk.actor = "040"
    await bench.desk.do("incident.invalidate", incident=number, reason="误拨")
    bench.desk.picture.forget_old(EVENING + timedelta(days=2))
    await bench.settle()
    assert bench.panel.form.place.text() == "新华北路·钟法路口"
    assert bench.panel.body.isVisible()


async def test_that_choosing_a_unit_leaves_the_new_incident_in_the_form(bench: Bench) -> None:
    bench.panel.new_incident()
    keys(bench.panel.form.caller, "Li")
    bench.selection.choose_unit("巡05")
    assert bench.panel.writing
    assert bench.panel.form.caller.text() == "Li"
    await bench.settle()


def visible(panel: QWidget, kind: type[QWidget]) -> list[QWidget]:
    return [w for w in panel.findChildren(kind) if w.isVisibleTo(panel)]


async def test_that_every_control_has_a_name_and_takes_the_keyboard(bench: Bench) -> None:
    units(bench.desk)
    await bench.choose(school(bench.desk))
    await bench.desk.do("unit.assign", unit="巡05", incident="ZZ20261121-0193")
    bench.panel.send("education")
    await bench.settle()
    bench.panel.send("education")
    nameless = []
    for kind in (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox):
        for control in visible(bench.panel, kind):
            if not control.accessibleName():
                nameless.append(control)
            assert control.focusPolicy().value != 0 or control.objectName().startswith("qt_"), control
    assert nameless == []


async def crowd(bench: Bench) -> None:
    """As much as can be on the column at once."""
    units(bench.desk)
    await bench.choose(gas(bench.desk))
    for unit in ("巡05", "巡06"):
        await bench.desk.do("unit.assign", unit=unit, incident=GAS)
    bench.panel.send("gas_supply")
    bench.panel.send("fire_rescue")
    await bench.settle()
    await bench.beat(2100)


SIZES = [(380, 580), (380, 700), (420, 640), (548, 900), (600, 1100), (760, 1900)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("asking", [False, True])
async def test_that_no_text_is_cut_and_the_keys_are_in_sight(bench: Bench, size: tuple[int, int], asking: bool) -> None:
    await crowd(bench)
    if asking:
        bench.panel.send("gas_supply")
    await bench.settle()
    render(bench.panel, QSize(*size))
    assert bench.panel.width() == size[0]
    assert bench.panel.height() == size[1]
    for button in bench.panel.agencies.buttons[:4]:
        assert _inside(bench.panel, button), button.row.key
    assert _inside(bench.panel, bench.panel.stages)
    assert not asking or _inside(bench.panel, bench.panel.sheet)
    assert _cut(bench) == []


def _inside(panel: QWidget, piece: QWidget) -> bool:
    return panel.rect().contains(QRect(piece.mapTo(panel, QPoint(0, 0)), piece.size()))


def _cut(bench: Bench) -> list[str]:
    """Labels, buttons and fields whose text needs more room than they have."""
    found = []
    panel = bench.panel
    for text in visible(panel, QLabel):
        assert isinstance(text, QLabel)
        need = text.heightForWidth(text.width()) if text.wordWrap() else text.sizeHint().height()
        if need > text.height() or (not text.wordWrap() and text.sizeHint().width() > text.width()):
            found.append(text.text())
    for button in visible(panel, QAbstractButton):
        assert isinstance(button, QAbstractButton)
        if not isinstance(button, AgencyButton) and button.sizeHint().width() > button.width():
            found.append(button.text())
    for field in visible(panel, QLineEdit):
        assert isinstance(field, QLineEdit)
        if field.text() and field.fontMetrics().horizontalAdvance(field.text()) > field.width() - 18:
            found.append(field.text())
    stages = [line for line in visible(panel, StageLine) if line.height() < line.sizeHint().height()]
    return [*found, *("stages" for _ in stages)]


async def test_that_another_scale_moves_what_stands_in_the_column(bench: Bench, app: QApplication) -> None:
    await bench.settle()
    before = bench.panel._inside.spacing()
    bench.theme.use(app, scale=1.5)
    assert bench.panel._inside.spacing() == bench.theme.px(6 if bench.panel.low else 8) > before
    bench.theme.use(app, scale=1.0)


@pytest.mark.parametrize("tokens", [NIGHT, DAY])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
async def test_that_both_themes_and_ratios_draw(bench: Bench, app: QApplication, tokens: object, ratio: float) -> None:
    bench.theme.use(app, tokens=tokens)  # type: ignore[arg-type]
    await crowd(bench)
    await bench.settle()
    image = render(bench.panel, QSize(548, 900), ratio)
    assert image.width() == round(548 * ratio)
    middle = bench.panel.agencies.buttons[0]
    at = middle.mapTo(bench.panel, QPoint(4, middle.height() // 2)) * ratio
    drawn, ground = image.pixelColor(at), QColor(bench.theme.color("panel"))
    assert drawn != ground


async def test_that_a_second_repaints_within_a_few_milliseconds(bench: Bench) -> None:
    import time

    await crowd(bench)
    spent = []
    for _ in range(20):
        bench.clock.advance(1)
        started = time.perf_counter()
        bench.tick.second.emit(bench.clock())
        spent.append(time.perf_counter() - started)
    assert sorted(spent)[10] < 0.005


async def test_that_the_loader_s_facts_and_those_that_came_meanwhile_stand_once(bench: Bench) -> None:
    gas(bench.desk)
    bench.selection.choose_incident(GAS)
    await bench.desk.do("incident.note", incident=GAS, text="一")
    await bench.settle()
    assert isinstance(bench.desk.journal, MemoryJournal)
    told = [bench.panel.model.index(n).data() for n in range(bench.panel.model.rowCount())]
    assert [line.split(" ", 2)[2] for line in told] == ["备注：一", "来电建立警情：燃气泄漏；新华北路·钟法路口"]


async def test_that_earlier_calls_of_the_number_are_told_where_they_are_known(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.choose(gas(bench.desk))
    assert bench.panel.form.calls.text == ""
    bench.selection.choose_incident("")
    monkeypatch.setattr(bench.panel, "_calls_from", {"13800006621": 2}.get)
    await bench.choose(GAS)
    assert bench.panel.form.calls.text == "30天内 2 次"
