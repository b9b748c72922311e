"""The whole call-taker's window over a real station on SQLite: keys do what they say, nothing is cut or overlaps."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
import shiboken6
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from console.demo.clock import DemoClock
from console.domain.account import DESK_ROLES
from console.domain.alarm import Alarm, AlarmState
from console.domain.incident import Incident
from console.domain.ledger import Act
from console.domain.state import KINDS, MemoryState
from console.seat import CallTaker, Desktop, open_calltaker
from console.settings import Settings
from console.shots import PICTURE_TIME, lay_out_picture, pose
from console.station import Station, build_station
from tests.readme import README, element_names
from tests.widgets.legible import inside, troubles, up, visible_part
from widgets.messages import Messages
from widgets.models.queue_row import Tab
from widgets.panels.agencies import AgencyGrid
from widgets.shot import render_soon
from widgets.theme import DAY, NIGHT, Theme
from widgets.tick import Tick


class Hand:
    """The time that the demo's clock runs by; moved by the test."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Seat:
    taker: CallTaker
    station: Station
    hand: Hand

    def alarm(self) -> Alarm:
        found = self.station.picture.state.get(Alarm, self.taker.window.panes.strip.alarm)
        assert found is not None
        return found


@pytest.fixture
def scale(request: pytest.FixtureRequest) -> float:
    return float(getattr(request, "param", 1.0))


@pytest_asyncio.fixture
async def seat(
    theme: Theme, app: QApplication, tmp_path: Path, scale: float, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Seat]:
    theme.use(app, scale=scale)
    hand = Hand()
    monkeypatch.setattr("console.seat.Tick", partial(Tick, steady=hand))
    monkeypatch.setattr(AgencyGrid, "steady", staticmethod(hand))
    clock = DemoClock(PICTURE_TIME, monotonic=hand)
    station = build_station(Settings(data_folder=tmp_path), f"sqlite:///{tmp_path / 'desk.db'}", clock=clock)
    await lay_out_picture(station, clock)
    taker = open_calltaker(Desktop(app, theme, Messages()), station, player={}, keep=False)
    taker.window.resize(1920, 1080)
    taker.window.show()
    await pose(taker, station)
    hand.seconds += 1
    yield Seat(taker, station, hand)
    await taker.stop()
    taker.window.hide()
    await station.stop()
    shiboken6.delete(taker.window)


async def press(
    seat: Seat, qtbot: QtBot, key: Qt.Key, more: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(seat.taker.window, key, more)
    await seat.taker.tasks.idle()


def said(seat: Seat) -> str:
    message = seat.taker.window.toast.message
    return message.text if message is not None else ""


async def test_that_f1_takes_the_alarm_on_the_strip_and_shows_its_incident(seat: Seat, qtbot: QtBot) -> None:
    alarm = seat.alarm()
    assert alarm.state is AlarmState.ANNUNCIATED, "shown and told, so it is annunciated"
    await press(seat, qtbot, Qt.Key.Key_F1)
    taken = seat.station.picture.state.get(Alarm, alarm.id)
    assert taken is not None
    assert (taken.state, taken.owner) == (AlarmState.ACKNOWLEDGED, "031")
    assert seat.taker.window.selection.incident == alarm.incident
    strip = seat.taker.window.panes.strip
    assert (strip.alarm, strip.held) == (alarm.id, True), "it stays for its unit"
    assert strip.others_button.text() == "另有 1 条未确认 ▾"


async def test_that_f2_sends_the_unit_that_stood_on_the_strip(seat: Seat, qtbot: QtBot) -> None:
    alarm, shown = seat.alarm(), seat.taker.window.panes.strip.unit
    assert shown is not None
    await press(seat, qtbot, Qt.Key.Key_F2)
    (order,) = seat.station.picture.orders(alarm.incident)
    assert order.unit == shown.unit.id
    incident = seat.station.picture.state.get(Incident, alarm.incident)
    assert incident is not None
    assert incident.t_dispatch is not None
    assert shown.unit.id in said(seat)


async def test_that_f1_then_f2_act_on_one_alarm_while_another_waits(seat: Seat, qtbot: QtBot) -> None:
    first = seat.alarm()
    await press(seat, qtbot, Qt.Key.Key_F1)
    await press(seat, qtbot, Qt.Key.Key_F2)
    assert len(seat.station.picture.orders(first.incident)) == 1
    second = seat.alarm()
    assert second.id != first.id, "sent: the next one has moved up"
    assert second.unacknowledged
    assert seat.station.picture.orders(second.incident) == []


async def test_that_f1_again_goes_on_to_the_next_alarm_and_takes_nothing_unseen(seat: Seat, qtbot: QtBot) -> None:
    first = seat.alarm()
    await press(seat, qtbot, Qt.Key.Key_F1)
    await press(seat, qtbot, Qt.Key.Key_F1)
    assert seat.alarm().id == first.id, "within half a second of the first it is asked again"
    seat.hand.seconds += 1
    await press(seat, qtbot, Qt.Key.Key_F1)
    second = seat.alarm()
    assert (second.id != first.id, second.unacknowledged) == (True, True)
    await press(seat, qtbot, Qt.Key.Key_F1)
    assert seat.alarm().unacknowledged, "it has just come up"
    seat.hand.seconds += 1
    await press(seat, qtbot, Qt.Key.Key_F1)
    assert not seat.alarm().unacknowledged
    seat.hand.seconds += 1
    await press(seat, qtbot, Qt.Key.Key_F1)
    assert seat.taker.window.panes.strip.isHidden()


async def test_that_f2_in_the_moment_after_the_strip_vanished_sends_nobody(seat: Seat, qtbot: QtBot) -> None:
    window, picture = seat.taker.window, seat.station.picture
    selected = next(
        i for i in picture.incidents() if i.open and i.source == "call" and i.lat and not picture.orders(i.number)
    )
    window.selection.choose_incident(selected.number)
    for alarm in picture.unacknowledged_alarms():
        taken = {"name": "alarm.acknowledge", "args": {"alarm": alarm.id}, "actor": "044", "seat": "04"}
        await seat.station.desk.carry_out(Act(at=seat.station.clock(), roles=DESK_ROLES, **taken))  # type: ignore[arg-type]
    assert window.panes.strip.isHidden()
    await press(seat, qtbot, Qt.Key.Key_F2)
    assert picture.orders(selected.number) == []
    assert said(seat) == "报警条刚刚收起，请看清后再按一次"
    seat.hand.seconds += 1
    await press(seat, qtbot, Qt.Key.Key_F2)
    assert len(picture.orders(selected.number)) == 1


async def test_that_another_incident_selected_lets_the_acknowledged_alarm_go(seat: Seat, qtbot: QtBot) -> None:
    window, first = seat.taker.window, seat.alarm()
    await press(seat, qtbot, Qt.Key.Key_F1)
    assert window.panes.strip.alarm == first.id
    other = next(i for i in seat.station.picture.incidents() if i.open and i.source == "call")
    window.selection.choose_incident(other.number)
    assert seat.alarm().id != first.id


async def test_that_agency_keys_are_asked_again_right_after_the_suggestions_changed(seat: Seat, qtbot: QtBot) -> None:
    window, picture = seat.taker.window, seat.station.picture
    number = window.selection.incident
    grid = window.panes.incident.agencies
    rows = [button.row for button in grid.buttons]
    grid.show_rows([rows[1], rows[0], *rows[2:]])
    before = picture.handoffs(number)
    await press(seat, qtbot, Qt.Key.Key_F5)
    QTest.mouseClick(grid.buttons[0], Qt.MouseButton.LeftButton)
    await seat.taker.tasks.idle()
    assert picture.handoffs(number) == before
    assert "联动建议刚刚变化" in said(seat)


async def test_that_any_key_asks_again_when_another_hand_changed_its_incident_a_moment_ago(
    seat: Seat, qtbot: QtBot
) -> None:
    window, picture, desk = seat.taker.window, seat.station.picture, seat.station.desk
    number = window.selection.incident
    unit = next(unit for unit in picture.units() if not unit.incident and unit.status.value == "02")
    raised = {"name": "incident.note", "args": {"incident": number, "text": "x"}, "actor": "044", "seat": "04"}
    await desk.carry_out(Act(at=seat.station.clock(), roles=DESK_ROLES, **raised))  # type: ignore[arg-type]
    picture.replace_state(_lowered(picture.state, number), picture.seq)
    window.panes.roster.dispatch_requested.emit(unit.id)
    await seat.taker.tasks.idle()
    assert unit.id not in [order.unit for order in picture.orders(number)]
    assert said(seat).startswith("情况已变化，请再按一次：派警")
    window.panes.roster.dispatch_requested.emit(unit.id)
    await seat.taker.tasks.idle()
    assert unit.id in [order.unit for order in picture.orders(number)], "asked once is enough"


async def test_that_a_warning_seen_for_one_incident_waives_none_for_another(seat: Seat, qtbot: QtBot) -> None:
    window, picture = seat.taker.window, seat.station.picture
    open_ones = [i for i in picture.incidents() if i.open and not i.t_dispatch and not picture.orders(i.number)]
    elsewhere, first, second = (incident.number for incident in open_ones[:3])
    unit = next(unit for unit in picture.units() if not unit.incident and unit.status.value == "02")
    await seat.station.desk.do("unit.assign", unit=unit.id, incident=elsewhere)
    seat.hand.seconds += 1

    async def sent_to(number: str) -> bool:
        window.selection.choose_incident(number)
        window.panes.roster.dispatch_requested.emit(unit.id)
        await seat.taker.tasks.idle()
        return any(order.unit == unit.id for order in picture.orders(number))

    assert not await sent_to(first)
    assert "不宜派警；仍要这样做请再按一次" in said(seat)
    assert not await sent_to(second), "the person has read nothing about this one"
    assert "不宜派警；仍要这样做请再按一次" in said(seat)
    assert not await sent_to(first), "and what was said of the first went with it"
    assert await sent_to(first)


async def test_that_a_warning_that_has_changed_is_read_before_it_is_waived(seat: Seat, qtbot: QtBot) -> None:
    window, picture, desk = seat.taker.window, seat.station.picture, seat.station.desk
    open_ones = [i for i in picture.incidents() if i.open and not i.t_dispatch and not picture.orders(i.number)]
    elsewhere, number = (incident.number for incident in open_ones[:2])
    unit = next(unit for unit in picture.units() if not unit.incident and unit.status.value == "02")
    await desk.do("unit.assign", unit=unit.id, incident=elsewhere)
    window.selection.choose_incident(number)
    warnings: list[str] = []
    for step in ("sign", "depart"):
        await desk.do("unit.report", unit=unit.id, step=step)
        seat.hand.seconds += 1
        window.perform(f"派 {unit.id}")
        await seat.taker.tasks.idle()
        warnings.append(said(seat))
    assert [order.unit for order in picture.orders(number)] == []
    assert len(set(warnings)) == 2


async def test_that_a_ticked_phone_box_holds_for_the_agency_keys_too(seat: Seat, qtbot: QtBot) -> None:
    window = seat.taker.window
    number = window.selection.incident
    before = {h.agency for h in seat.station.picture.handoffs(number)}
    place = next(n for n, agency in enumerate(window.context().focus.suggested[:4]) if agency not in before)
    window.panes.incident.by_phone.setChecked(True)
    await press(seat, qtbot, (Qt.Key.Key_F5, Qt.Key.Key_F6, Qt.Key.Key_F7, Qt.Key.Key_F8)[place])
    (sent,) = [h for h in seat.station.picture.handoffs(number) if h.agency not in before]
    assert sent.channel == "phone"


def _lowered(state: MemoryState, number: str) -> MemoryState:
    """The state read anew, with another level on one incident: a change that comes without a fact."""
    fresh = MemoryState()
    for kind in KINDS:
        for row in state.all(kind):
            fresh.put(row)
    incident = state.get(Incident, number)
    assert incident is not None
    fresh.put(replace(incident, priority=4 if incident.priority != 4 else 3))
    return fresh


async def test_that_a_refusal_is_a_message_and_no_traceback(seat: Seat, qtbot: QtBot) -> None:
    seat.taker.window.perform("派 没有这个警组")
    await seat.taker.tasks.idle()
    assert "没有这个警组" in said(seat)
    assert seat.taker.tasks.messages.last[-1].level == "error"


async def test_that_f5_hands_off_to_the_first_suggested_agency(seat: Seat, qtbot: QtBot) -> None:
    window = seat.taker.window
    number = window.selection.incident
    before = {h.agency for h in seat.station.picture.handoffs(number)}
    unsent = next((a for a in window.context().focus.suggested[:4] if a not in before), None)
    assert unsent is not None
    key = (Qt.Key.Key_F5, Qt.Key.Key_F6, Qt.Key.Key_F7, Qt.Key.Key_F8)[window.context().focus.suggested.index(unsent)]
    await press(seat, qtbot, key)
    assert {h.agency for h in seat.station.picture.handoffs(number)} == before | {unsent}


async def test_that_ctrl_k_and_f9_and_esc_lead_where_they_say(seat: Seat, qtbot: QtBot) -> None:
    window = seat.taker.window
    await press(seat, qtbot, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.panes.command_line.isAncestorOf(window.focusWidget())
    await press(seat, qtbot, Qt.Key.Key_F9)
    assert window.panes.incident.isAncestorOf(window.focusWidget())


async def test_that_esc_leads_back_to_the_queue_and_changes_nothing_that_is_selected(seat: Seat, qtbot: QtBot) -> None:
    window = seat.taker.window
    await press(seat, qtbot, Qt.Key.Key_F2)
    chosen = window.selection.chosen
    window.panes.queue.filter.setText("没有这样的警情")
    await press(seat, qtbot, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.panes.command_line.input, Qt.Key.Key_Escape)
    window.panes.queue.filter.clear()
    for tab in Tab:
        window.panes.queue.show_tab(tab)
        await press(seat, qtbot, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(window.panes.command_line.input, Qt.Key.Key_Escape)
        assert window.selection.chosen == chosen, tab
    assert window.panes.queue.list.hasFocus()


async def test_that_a_message_about_one_incident_does_not_stay_over_another(seat: Seat, qtbot: QtBot) -> None:
    window = seat.taker.window
    window.perform("派 没有这个警组")
    assert "没有这个警组" in said(seat)
    other = next(i for i in seat.station.picture.incidents() if i.number != window.selection.incident)
    window.selection.choose_incident(other.number)
    assert said(seat) == ""


async def test_that_closing_the_window_only_asks_the_program_to_end(seat: Seat, qtbot: QtBot) -> None:
    with qtbot.waitSignal(seat.taker.window.closing):
        seat.taker.window.close()
    assert seat.taker.window.isVisible()


SIZES = [(1366, 768, 1.0), (1366, 768, 2.0), (1600, 900, 1.25), (1920, 1080, 1.5), (2560, 1440, 1.0), (3840, 2160, 1.0)]


async def test_that_nothing_leaves_the_window_or_overlaps_at_any_size_in_both_themes(
    seat: Seat, app: QApplication
) -> None:
    window = seat.taker.window
    for width, height, ratio in SIZES:
        image = await render_soon(window, QSize(width, height), ratio)
        assert image.size() == QSize(round(width * ratio), round(height * ratio))
        assert window.size() == QSize(width, height)
        assert troubles(window) == [], f"{width}x{height}"
    window.theme.use(app, DAY)
    await render_soon(window, QSize(1366, 768))
    assert troubles(window) == [], "day"
    window.theme.use(app, NIGHT)


@pytest.mark.parametrize("scale", [0.9, 1.5], indirect=True)
async def test_that_nothing_is_cut_or_overlaps_at_the_ends_of_the_size_setting(seat: Seat, scale: float) -> None:
    await render_soon(seat.taker.window, QSize(1920, 1080))
    assert seat.taker.window.theme.scale == scale
    assert troubles(seat.taker.window) == []


async def test_that_every_control_has_a_name(seat: Seat) -> None:
    window = seat.taker.window
    controls: list[QAbstractButton | QLineEdit] = [*window.findChildren(QAbstractButton)]
    controls += window.findChildren(QLineEdit)
    nameless = [
        f"{type(control).__name__} {control.text()!r}"
        for control in controls
        if control.isVisible() and not (control.accessibleName() or control.text()) and not inside(control, QComboBox)
    ]
    assert nameless == []


async def test_that_every_element_of_the_target_is_found_by_name_inside_the_window(seat: Seat) -> None:
    window = seat.taker.window
    wanted = element_names(README.read_text(encoding="utf-8"))
    assert len(wanted) >= 50
    for width, height in sorted({size[:2] for size in SIZES}):
        await render_soon(window, QSize(width, height))
        shown = {w.accessibleName(): w for w in window.findChildren(QWidget) if w.isVisible() and w.accessibleName()}
        assert [name for name in wanted if name not in shown] == [], f"{width}x{height}"
        for name in wanted:
            scroll_to(shown[name])
            part = visible_part(shown[name], window)
            assert not part.isEmpty(), f"{name} at {width}x{height}"
            assert window.rect().contains(part), f"{name} at {width}x{height}"


# -- looking at the window -----------------------------------------------------------------------------------


def scroll_to(widget: QWidget) -> None:
    """A low window scrolls the middle of the incident; what is named must be reachable there."""
    for parent in up(widget):
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget, 0, 0)


def test_that_the_look_itself_sees_what_is_outside_on_top_or_cut(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(300, 100)
    boxes = {"甲": (10, 10, 60, 30), "乙": (40, 10, 60, 30), "丙": (280, 60, 60, 30), "很长的文字": (150, 10, 8, 30)}
    for text, box in boxes.items():
        QLabel(text, window).setGeometry(*box)
    window.show()
    seen = " ".join(troubles(window))
    assert "QLabel(甲) overlaps QLabel(乙)" in seen
    assert "QLabel(丙) outside" in seen
    assert "QLabel(很长的文字) “很长的文字” cut" in seen
