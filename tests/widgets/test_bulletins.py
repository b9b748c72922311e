"""Bulletins and a major incident by real keys in the whole window: nothing leaves before the strip's Enter."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget, QWidget
from pytestqt.qtbot import QtBot

from console.domain.bulletin import Bulletin, BulletinReceipt
from console.domain.incident import Incident
from console.domain.ledger import Act
from console.domain.report_up import ReportUp
from console.services import major
from tests.widgets.held import repeat
from tests.widgets.incident.scene import keys
from tests.widgets.test_calltaker_window import Seat, press, said, scale, seat
from widgets.panels.bulletin_card import BulletinCard
from widgets.panels.card import Show
from widgets.panels.reports_card import ReportsCard
from widgets.windows.bulletins import Bulletins

__all__ = ["scale", "seat"]

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


def board(seat: Seat) -> Bulletins:
    return seat.taker.window.bulletins


def held(seat: Seat) -> list[Bulletin]:
    return seat.station.picture.state.all(Bulletin)


def lines(shown: QListWidget) -> list[str]:
    return [shown.item(n).text() for n in range(shown.count())]


async def key(seat: Seat, widget: QWidget | None, code: Qt.Key, more: Qt.KeyboardModifier = ALT & ~ALT) -> None:
    assert widget is not None
    QTest.keyClick(widget, code, more)
    await seat.taker.tasks.idle()


async def issue(seat: Seat, **more: object) -> str:
    said_so = {"kind": "control", "title": "盗抢轿车", "text": "白色", "plate": "闽E12345", "recipients": ["taxi_a"]}
    return str(await seat.station.desk.do("bulletin.issue", **{**said_so, **more}))


async def test_that_a_typed_line_begins_the_form_and_only_the_strips_enter_tells_the_named(
    seat: Seat, qtbot: QtBot, tmp_path: Path
) -> None:
    window, sheet = seat.taker.window, board(seat).sheet
    window.perform("布控 红色摩托车闽E·6688K 往龙文方向")
    await seat.taker.tasks.idle()
    assert (sheet.page, sheet.form.kind, sheet.form.fields["plate"].text()) == ("form", "control", "闽E6688K")
    assert sheet.form.fields["title"].hasFocus()
    await key(seat, window.focusWidget(), Qt.Key.Key_Return)
    assert "标题" in sheet.form.wrong.text()
    keys(sheet.form.fields["title"], "抢夺嫌疑车")
    keys(sheet.form.fields["area"], "05 06")
    image = tmp_path / "车.png"
    assert QImage(40, 30, QImage.Format.Format_RGB32).save(str(image))
    sheet.form.take_photo(image)
    await key(seat, window.focusWidget(), Qt.Key.Key_Return)
    assert sheet.page == "strip"
    assert sheet.strip.title.text().startswith("布控“抢夺嫌疑车”将通知")
    assert "■ 1 03席 · 屏幕" in sheet.strip.texts()
    assert held(seat) == [], "named, not told"
    before = len(sheet.strip.ticked)
    await key(seat, window.focusWidget(), Qt.Key.Key_2)
    await key(seat, window.focusWidget(), Qt.Key.Key_Return)
    (bulletin,) = held(seat)
    receipts = seat.station.picture.state.where(BulletinReceipt, bulletin=bulletin.id)
    assert (len(receipts), bulletin.area, bulletin.plate) == (before - 1, ("05", "06"), "闽E6688K")
    assert (tmp_path / "photos" / bulletin.photo).read_bytes() == image.read_bytes()
    assert sheet.page == "detail"
    assert sheet.photo.isVisible()
    assert "警区 05 06 · 至 11-22 14:32" in sheet.body.text()
    assert sheet.form.fields["title"].text() == ""


async def named(seat: Seat) -> QWidget:
    """A written form whose strip stands before the person; answers where the keys are."""
    window, sheet = seat.taker.window, board(seat).sheet
    window.perform("布控 红色摩托车闽E·6688K")
    await seat.taker.tasks.idle()
    keys(sheet.form.fields["title"], "抢夺嫌疑车")
    await key(seat, window.focusWidget(), Qt.Key.Key_Return)
    assert sheet.page == "strip"
    at = window.focusWidget()
    assert at is not None
    return at


async def test_that_an_enter_held_in_the_form_does_not_answer_the_strip_it_opens(seat: Seat, qtbot: QtBot) -> None:
    repeat(await named(seat), Qt.Key.Key_Return)
    await seat.taker.tasks.idle()
    assert (held(seat), board(seat).sheet.page) == ([], "strip")


async def test_that_an_enter_held_at_the_command_line_hands_in_no_form(seat: Seat, qtbot: QtBot) -> None:
    window, sheet = seat.taker.window, board(seat).sheet
    window.perform("布控 红色摩托车闽E·6688K")
    await seat.taker.tasks.idle()
    sheet.form.fields["title"].setText("写了一半")
    repeat(window.focusWidget(), Qt.Key.Key_Return)
    assert sheet.page == "form"


async def test_that_a_second_enter_before_the_first_is_done_issues_it_once(seat: Seat, qtbot: QtBot) -> None:
    at = await named(seat)
    QTest.keyClick(at, Qt.Key.Key_Return)
    QTest.keyClick(at, Qt.Key.Key_Return)
    await seat.taker.tasks.idle()
    assert len(held(seat)) == 1


async def test_that_what_could_not_be_issued_can_be_issued_again(seat: Seat, qtbot: QtBot) -> None:
    at, desk = await named(seat), seat.station.desk
    roles, desk.roles = desk.roles, ("call_taker",)
    board(seat).refresh()
    await key(seat, at, Qt.Key.Key_Return)
    assert held(seat) == []
    desk.roles = roles
    board(seat).refresh()
    await key(seat, at, Qt.Key.Key_Return)
    assert len(held(seat)) == 1


async def test_that_escape_goes_back_a_page_and_loses_nothing_that_was_written(seat: Seat, qtbot: QtBot) -> None:
    window, sheet = seat.taker.window, board(seat).sheet
    window.perform("协查 走失老人林阿婆")
    await seat.taker.tasks.idle()
    keys(sheet.form.fields["title"], "走失老人")
    await key(seat, window.focusWidget(), Qt.Key.Key_Return)
    pages = [sheet.page]
    for _ in range(2):
        await key(seat, window.focusWidget(), Qt.Key.Key_Escape)
        pages.append(sheet.page)
    await key(seat, window.focusWidget(), Qt.Key.Key_Escape)
    assert pages == ["strip", "form", "detail"]
    assert not board(seat).cover.isVisible()
    assert held(seat) == []
    await press(seat, qtbot, Qt.Key.Key_K, CTRL_SHIFT)
    await key(seat, window.focusWidget(), Qt.Key.Key_N, ALT)
    assert sheet.form.fields["title"].text() == "走失老人"
    assert sheet.form.kind == "assist"


async def test_that_opening_it_is_this_seats_receipt_and_the_header_counts_until_then(seat: Seat, qtbot: QtBot) -> None:
    chip = seat.taker.window.panes.header.bulletins
    assert not chip.isVisible()
    act = Act(
        name="bulletin.issue",
        args={"kind": "assist", "title": "走失老人", "text": "蓝色外套", "recipients": ["taxi_a"]},
        actor="052",
        seat="05",
        roles=("dispatcher",),
        at=seat.station.clock(),
    )
    await seat.station.desk.carry_out(act)
    assert chip.text() == "布控 1 · 未读 1"
    assert "新协查：走失老人" in said(seat)
    await press(seat, qtbot, Qt.Key.Key_K, CTRL_SHIFT)
    assert chip.text() == "布控 1"
    (bulletin,) = held(seat)
    mine = seat.station.picture.state.get(BulletinReceipt, f"{bulletin.id}@seat:03")
    assert mine is not None
    assert (mine.state, mine.told_by) == ("READ", "031")


async def test_that_a_recipient_told_by_voice_is_ticked_and_cancelling_asks_for_its_reason(
    seat: Seat, qtbot: QtBot
) -> None:
    bulletin = await issue(seat)
    sheet = board(seat).sheet
    await press(seat, qtbot, Qt.Key.Key_K, CTRL_SHIFT)
    assert "出租车企业甲 调度室（例） · 打电话告知 例：000-6000008 · 待告知" in lines(sheet.receipts)[0]
    sheet.line.setText("调度员小黄")
    await key(seat, sheet.line, Qt.Key.Key_R, ALT)
    taxi = seat.station.picture.state.get(BulletinReceipt, f"{bulletin}@taxi_a")
    assert taxi is not None
    assert (taxi.state, taxi.text) == ("READ", "调度员小黄")
    await key(seat, sheet, Qt.Key.Key_D, ALT)
    assert "理由" in sheet.told_text.text()
    assert sheet.line.hasFocus()
    keys(sheet.line, "已找到")
    await key(seat, sheet.line, Qt.Key.Key_D, ALT)
    (row,) = held(seat)
    assert (row.reason, row.cancelled_by) == ("已找到", "031")
    assert "撤销：已找到" in lines(sheet.list)[0]
    assert not sheet.cancel.isEnabled()


THREE = ("bus_city", "taxi_a", "taxi_b")
"""Receivers nobody has told yet, in the order of their receipts."""


async def untold(seat: Seat, qtbot: QtBot) -> tuple[str, QListWidget]:
    """A bulletin in the open sheet of which three have to be told, none of them yet: its id and its receipts."""
    bulletin, sheet = await issue(seat, recipients=THREE), board(seat).sheet
    await press(seat, qtbot, Qt.Key.Key_K, CTRL_SHIFT)
    return bulletin, sheet.receipts


def states(seat: Seat, bulletin: str) -> list[str]:
    found = [seat.station.picture.state.get(BulletinReceipt, f"{bulletin}@{one}") for one in THREE]
    return [f"{row.state} {row.text}".strip() for row in found if row is not None]


async def test_that_a_tick_means_the_recipient_it_was_chosen_for_wherever_he_stands_now(
    seat: Seat, qtbot: QtBot
) -> None:
    bulletin, receipts = await untold(seat, qtbot)
    line = board(seat).sheet.line
    line.setFocus()
    await key(seat, line, Qt.Key.Key_Down)
    assert "出租车企业甲" in receipts.currentItem().text()
    await seat.station.desk.do("bulletin.told", receipt=f"{bulletin}@{THREE[0]}", state="READ", text="别席")
    assert "出租车企业甲" in lines(receipts)[0], "another seat's tick has moved it"
    line.setText("小黄")
    await key(seat, line, Qt.Key.Key_R, ALT)
    assert states(seat, bulletin) == ["READ 别席", "READ 小黄", "SENT"]


async def test_that_a_held_alt_r_ticks_one_and_the_next_is_chosen_by_a_person(seat: Seat, qtbot: QtBot) -> None:
    bulletin, receipts = await untold(seat, qtbot)
    sheet = board(seat).sheet
    sheet.line.setFocus()
    await key(seat, sheet.line, Qt.Key.Key_R, ALT)
    for _ in range(3):
        repeat(sheet.line, Qt.Key.Key_R, ALT)
        await seat.taker.tasks.idle()
    assert states(seat, bulletin) == ["READ", "SENT", "SENT"]
    assert receipts.selectedItems() == []
    sheet.line.setText("小黄")
    await key(seat, sheet.line, Qt.Key.Key_R, ALT)
    assert states(seat, bulletin) == ["READ", "SENT", "SENT"]
    assert (sheet.told_text.text(), sheet.line.text()) == ("先用 ↑ ↓ 选一处回执，再按 Alt+R", "小黄")
    await key(seat, sheet.line, Qt.Key.Key_Down)
    await key(seat, sheet.line, Qt.Key.Key_R, ALT)
    assert states(seat, bulletin) == ["READ", "READ 小黄", "SENT"]


async def test_that_a_repeat_of_alt_r_ticks_nobody_who_was_chosen_meanwhile(seat: Seat, qtbot: QtBot) -> None:
    bulletin, receipts = await untold(seat, qtbot)
    receipts.setCurrentRow(1)
    repeat(board(seat).sheet, Qt.Key.Key_R, ALT)
    await seat.taker.tasks.idle()
    assert states(seat, bulletin) == ["SENT", "SENT", "SENT"]


async def test_that_another_commands_key_with_alt_in_it_is_no_tick(seat: Seat, qtbot: QtBot) -> None:
    bulletin, _ = await untold(seat, qtbot)
    sheet = board(seat).sheet
    for at in (sheet, sheet.line, sheet.receipts):
        await key(seat, at, Qt.Key.Key_R, ALT | Qt.KeyboardModifier.ControlModifier)
    assert states(seat, bulletin) == ["SENT", "SENT", "SENT"]


async def test_that_the_list_says_when_it_is_empty_and_who_may_not_issue_reads_why(seat: Seat, qtbot: QtBot) -> None:
    sheet = board(seat).sheet
    await press(seat, qtbot, Qt.Key.Key_K, CTRL_SHIFT)
    assert sheet.told_text.text() == "没有布控通播：按 Alt+N 发布"
    seat.station.desk.roles = ("call_taker",)
    board(seat).refresh()
    assert not sheet.new.isEnabled()
    assert "值班长" in sheet.new.toolTip()
    seat.taker.window.perform("通播 暴雨红色预警")
    await seat.taker.tasks.idle()
    assert "值班长" in said(seat)
    assert sheet.page == "detail"


async def test_that_a_plate_that_is_looked_for_warns_while_a_call_is_written_until_it_ends(
    seat: Seat, qtbot: QtBot
) -> None:
    bulletin = await issue(seat)
    card = seat.taker.incident.findChild(BulletinCard)
    assert card is not None
    assert card.shown is Show.HIDDEN
    await press(seat, qtbot, Qt.Key.Key_F9)
    field = seat.taker.incident.form.narrative
    field.setFocus()
    keys(field, "看到闽E·12345停在路边")
    await asyncio.sleep(0.3)  # the form tells at most every 200 ms
    assert card.told.text() == "⚠ 布控命中 闽E12345 · 盗抢轿车 BK1121-1"
    assert field.hasFocus(), "a warning takes no keys"
    card.read.click()
    await seat.taker.tasks.idle()
    assert board(seat).cover.isVisible()
    await seat.station.desk.do("bulletin.cancel", bulletin=bulletin, reason="已找到")
    assert card.shown is Show.HIDDEN


async def test_that_a_major_incident_is_reported_only_by_the_strips_enter_and_then_ticked_by_digits(
    seat: Seat, qtbot: QtBot
) -> None:
    window, state = seat.taker.window, seat.station.picture.state
    card = seat.taker.incident.findChild(ReportsCard)
    assert card is not None
    number = window.selection.incident
    await press(seat, qtbot, Qt.Key.Key_M, CTRL_SHIFT)
    assert card.strip.list.hasFocus()
    assert "■ 1 指挥中心值班长 · 打电话 未登记" in card.strip.texts()
    await key(seat, window.focusWidget(), Qt.Key.Key_Escape)
    assert state.all(ReportUp) == []
    await press(seat, qtbot, Qt.Key.Key_M, CTRL_SHIFT)
    await key(seat, window.focusWidget(), Qt.Key.Key_1)
    await key(seat, window.focusWidget(), Qt.Key.Key_Return)
    rows = major.reports_of(state, number)
    assert "duty_chief" not in {row.recipient for row in rows}
    assert card.list.hasFocus()
    assert card.summary == f"已报 0/{len(rows)}"
    await key(seat, card.list, Qt.Key.Key_1)
    field = seat.taker.incident.sheet.fields["by"]
    keys(field, "林局")
    await key(seat, field, Qt.Key.Key_Return)
    await key(seat, seat.taker.incident.sheet.fields["answer"], Qt.Key.Key_Return)
    told = state.get(ReportUp, rows[0].id)
    assert told is not None
    assert told.told_by == "林局"
    assert lines(card.list)[0].startswith("1 ✓ 公安局带班局领导 · 14:32:")


async def test_that_a_held_enter_reports_nothing_up_and_ticks_nobody(seat: Seat, qtbot: QtBot) -> None:
    window, state = seat.taker.window, seat.station.picture.state
    card = seat.taker.incident.findChild(ReportsCard)
    assert card is not None
    await press(seat, qtbot, Qt.Key.Key_M, CTRL_SHIFT)
    repeat(window.focusWidget(), Qt.Key.Key_Return)
    await seat.taker.tasks.idle()
    assert state.all(ReportUp) == []
    await key(seat, window.focusWidget(), Qt.Key.Key_Return)
    assert card.list.hasFocus()
    repeat(card.list, Qt.Key.Key_Return)
    assert seat.taker.incident.sheet.isHidden()


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
async def test_that_no_name_of_who_will_be_told_is_cut_and_no_row_is_seen_by_half(
    seat: Seat, qtbot: QtBot, size: tuple[int, int]
) -> None:
    seat.taker.window.resize(*size)
    card = seat.taker.incident.findChild(ReportsCard)
    assert card is not None
    await press(seat, qtbot, Qt.Key.Key_M, CTRL_SHIFT)
    await whole(card.strip.list)
    await key(seat, card.strip.list, Qt.Key.Key_Return)
    await whole(card.list)


async def whole(shown: QListWidget) -> None:
    await asyncio.sleep(0.1)
    room = shown.viewport().rect()
    seen = [shown.visualItemRect(shown.item(row)) for row in range(shown.count())]
    for row, rect in enumerate(seen):
        needed = shown.fontMetrics().boundingRect(
            QRect(0, 0, rect.width() - 8, 1000), Qt.TextFlag.TextWordWrap, shown.item(row).text()
        )
        assert rect.height() >= needed.height(), shown.item(row).text()
        assert needed.width() <= rect.width() <= room.width()
        assert room.contains(rect) or not room.intersects(rect), shown.item(row).text()
    assert room.contains(seen[0])
    shown.setCurrentRow(shown.count() - 1)
    assert room.contains(shown.visualItemRect(shown.item(shown.count() - 1))), "the last one by the arrow keys"


async def test_that_who_is_late_says_so_and_orders_stand_in_the_card(seat: Seat, qtbot: QtBot) -> None:
    card = seat.taker.incident.findChild(ReportsCard)
    assert card is not None
    number = seat.taker.window.selection.incident
    await seat.station.desk.do("incident.major", incident=number, recipients=["bureau_leader", "city_bureau"])
    seat.hand.seconds += 400
    seat.taker.tick.second.emit(seat.station.clock())
    assert card.summary == "已报 0/2 · 超时 公安局带班局领导"
    assert lines(card.list)[0].startswith("1 ⚠ 公安局带班局领导 · 电话 未登记 · ")
    card.give_order(major.table().templates[0])
    sheet = seat.taker.incident.sheet
    incident = seat.station.picture.state.get(Incident, number)
    assert incident is not None
    assert incident.place in sheet.fields["text"].text()
    sheet.fields["to"].setText("巡13")
    await key(seat, sheet.fields["to"], Qt.Key.Key_Return)
    await key(seat, sheet.fields["text"], Qt.Key.Key_Return)
    assert f"031 → 巡13：现场警组：立即封控{incident.place}" in card.orders.text()


@pytest.mark.parametrize("role", ["liaison", "technician"])
async def test_that_who_may_not_report_up_reads_why_and_nothing_opens(seat: Seat, qtbot: QtBot, role: str) -> None:
    card = seat.taker.incident.findChild(ReportsCard)
    assert card is not None
    # These roles see no incident: the next beat would take it, and what was said of it, off the screen.
    seat.taker.tick.stop()
    seat.station.desk.roles = (role,)
    seat.taker.window.perform("incident.major")
    await seat.taker.tasks.idle()
    assert "值班长" in said(seat)
    assert card.strip.isHidden()
