"""The register in the call-taker's window: by key over queue and map, read or written there, gone with its person."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.account import Role
from console.domain.alarm import Alarm
from console.domain.incident import Incident
from console.domain.ledger import new_id
from console.domain.state import need
from console.services.lines import simulated_report
from console.shots import _by_line
from tests.widgets.incident.scene import keys
from tests.widgets.test_calltaker_window import Seat, press, scale, seat

__all__ = ["scale", "seat"]

KEY = Qt.Key


async def unknown(seat: Seat) -> Alarm:
    stamp = {"line": "A1", "protocol": "surgard", "received_at": seat.station.clock().isoformat()}
    report = simulated_report("7E7E", "002", "120")
    await _by_line(seat.station, "intake.receive", ingest_id=new_id(), report=report, **stamp)
    await seat.taker.tasks.idle()
    (alarm,) = seat.station.picture.state.where(Alarm, account="7E7E")
    seat.taker.window.selection.choose_incident(alarm.incident)
    return alarm


async def test_that_shift_f4_shows_the_strips_site_with_its_last_signals_and_escape_returns(
    seat: Seat, qtbot: QtBot
) -> None:
    window = seat.taker.window
    seat.station.desk.roles = (Role.CALL_TAKER.value,)
    await press(seat, qtbot, KEY.Key_F4, Qt.KeyboardModifier.ShiftModifier)
    form = window.register.form
    assert form.isVisible()
    assert form.site == need(seat.station.picture.state, Alarm, window.panes.strip.alarm).site
    assert "120" in form.state.signals.text()
    assert "只读" in form.reason.text(), "a call-taker reads the register"
    QTest.keyClick(QApplication.focusWidget() or form, KEY.Key_Escape)
    assert not window.register.cover.isVisible()


async def test_that_f4_registers_an_unknown_account_and_the_incident_is_placed(seat: Seat, qtbot: QtBot) -> None:
    desk, window = seat.station.desk, seat.taker.window
    assert Role.CHIEF.value in desk.roles, "a desk run by one person registers it too"
    alarm = await unknown(seat)
    while window.panes.strip.alarm != alarm.id:
        # What waits on the strip is meant first, so the others are taken before.
        await desk.do("alarm.acknowledge", alarm=window.panes.strip.alarm)
        window.panes.strip.let_go()
    window.selection.choose_incident(alarm.incident)
    await press(seat, qtbot, KEY.Key_F4)
    form = window.register.form
    assert form.fields.lines["account"].text() == "7E7E"
    keys(form.fields.lines["name"], "新校")
    form.save_now()
    await seat.taker.tasks.idle()
    incident = need(seat.station.picture.state, Incident, alarm.incident)
    assert (incident.site, incident.place) == (form.site, "新校 防区 002")
    assert need(seat.station.picture.state, Alarm, alarm.id).site == form.site


async def test_that_what_one_person_typed_is_not_there_for_the_next(seat: Seat, qtbot: QtBot) -> None:
    register = seat.taker.window.register
    register.open("S001")
    await seat.taker.tasks.idle()
    keys(register.form.fields.lines["hours"], "改")
    register.refresh()
    assert not register.cover.isVisible()
    assert not register.form.fields.lines["hours"].text().endswith("改")
