"""The command line with real key presses: the echo tells the truth, Enter does what it said, Esc loses nothing."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.commands import TABLE
from console.domain.account import Seat
from console.domain.alarm import Alarm, AlarmState
from console.domain.answer import Answer
from console.domain.approval import Approval
from console.domain.bulletin import Bulletin
from console.domain.call import Call
from console.domain.clock import ManualClock
from console.domain.emergency import Emergency
from console.domain.equipment_facts import CallEnded, CallRang, TroubleOpened
from console.domain.errors import UserError
from console.domain.facts import AlarmRaised, Fact, IncidentOpened, PriorityChanged, SiteRegistered, UnitMoved
from console.domain.handoff import HandoffState
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from console.domain.report_up import HelpRequest, ReportUp
from console.domain.site import Site
from console.domain.state import need
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble, TroubleKind, TroubleState
from console.domain.unit import Unit, UnitStatus
from console.services.desk import Desk
from console.services.links import links_of
from console.services.queue_filter import QueueFilter
from console.services.stacks import stack_of
from tests.console.test_commands import PaperSurface, context_on
from tests.support import ALL, MemoryJournal, people, tell
from tests.widgets.evening import GAS, play
from widgets.messages import Messages
from widgets.panels.command_line import CommandLine
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.theme import Theme
from widgets.tick import Tick


class Scene:
    """A window with the command line at its foot, over the evening; the gas leak is selected."""

    def __init__(
        self, desk: Desk, line: CommandLine, selection: Selection, messages: Messages, tasks: Tasks, qtbot: QtBot
    ) -> None:
        self.desk, self.line, self.selection = desk, line, selection
        self.messages, self.tasks, self.qtbot = messages, tasks, qtbot
        self.surface = PaperSurface()
        self.other = QLineEdit()
        self.window = QWidget()
        layout = QVBoxLayout(self.window)
        layout.addWidget(self.other)
        layout.addStretch(1)
        layout.addWidget(line)
        selection.choose_incident(GAS)
        line.attach(lambda: context_on(desk, self.surface, **self.focus()))

    def focus(self) -> dict[str, object]:
        chosen = self.selection.chosen
        return {"incident": chosen.incident, "unit": chosen.unit, "alarm": chosen.alarm}

    def type(self, text: str) -> None:
        """Keys for what a keyboard has, the input method's commit for Chinese."""
        for sign in text:
            if sign.isascii():
                QTest.keyClicks(self.line.input, sign)
            else:
                event = QInputMethodEvent()
                event.setCommitString(sign)
                QApplication.sendEvent(self.line.input, event)

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.line.input, key)

    async def do(self, text: str) -> str:
        """Type a line, press Enter, wait; answers what was said."""
        said = len(self.messages.last)
        self.type(text)
        self.press(Qt.Key.Key_Return)
        await self.tasks.idle()
        return " ".join(message.text for message in self.messages.last[said:])

    def incident(self, number: str = GAS) -> Incident:
        found = self.desk.picture.state.get(Incident, number)
        assert found is not None
        return found

    def unit(self, call_sign: str) -> Unit:
        found = self.desk.picture.state.get(Unit, call_sign)
        assert found is not None
        return found


@pytest.fixture
def scene(
    desk: Desk, theme: Theme, selection: Selection, tick: Tick, tasks: Tasks, messages: Messages, qtbot: QtBot
) -> Iterator[Scene]:
    play(desk)
    line = CommandLine(desk, theme, selection, tick, tasks)
    made = Scene(desk, line, selection, messages, tasks, qtbot)
    qtbot.addWidget(made.window)
    made.window.resize(1366, 500)
    made.window.show()
    made.window.activateWindow()
    line.focus_line()
    yield made
    line.close_down()


def facts_of(desk: Desk, number: str = GAS) -> list[Fact]:
    assert isinstance(desk.journal, MemoryJournal)
    return desk.journal.timeline(number)


# -- the echo ------------------------------------------------------------------------------------------------


async def test_that_the_echo_says_what_enter_will_do_and_enter_does_it(scene: Scene) -> None:
    scene.type("派 巡05 0190")
    assert scene.line.echo.text.startswith("派警 巡05 → 0190 燃气泄漏（直线 ")
    assert scene.line.echo.text.endswith("↵ 执行")
    scene.press(Qt.Key.Key_Return)
    await scene.tasks.idle()
    assert scene.unit("巡05").status is UnitStatus.ASSIGNED
    assert scene.incident().state is IncidentState.DISPATCHED
    assert scene.messages.last[-1].text == "已派 巡05 → 0190 燃气泄漏"
    assert scene.line.input.text() == ""
    assert scene.line.echo.text == ""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("派遣 巡05", "⚠ 不认识的命令：派遣（是否 派"),
        ("派 巡03 0190", "⚠ 巡03现为“到场”，不能派警"),
        ("派 巡99 0190", "⚠ 查无此警组：巡99"),
    ],
)
async def test_that_what_cannot_be_done_is_said_before_and_after_enter_and_the_text_stays(
    scene: Scene, line: str, reason: str
) -> None:
    said = await scene.do(line)
    assert scene.line.echo.text.startswith(reason)
    assert reason.removeprefix("⚠ ") in said
    assert scene.messages.last[-1].level == "error"
    assert scene.line.input.text() == line
    assert not scene.desk.picture.orders(GAS)


def test_that_the_echo_follows_a_key_stroke_within_20_ms_among_500_incidents(scene: Scene) -> None:
    now = scene.desk.clock()
    for n in range(1000, 1500):
        number = f"ZZ20261121-{n}"
        record = Incident(number=number, title="纠纷", place="某处", state=IncidentState.INTAKE, created_at=now)
        tell(scene.desk, IncidentOpened(incident=number, record=record))
    took = []
    for sign in "派 巡05 0190":
        started = time.perf_counter()
        scene.type(sign)
        took.append(time.perf_counter() - started)
    assert sorted(took)[len(took) // 2] < 0.020
    assert scene.line.echo.text.startswith("派警 巡05")


async def test_that_the_echo_is_prepared_anew_when_its_unit_is_sent_elsewhere(scene: Scene, clock: ManualClock) -> None:
    scene.type("派 巡05 0190")
    tell(scene.desk, UnitMoved(unit="巡05", status=UnitStatus.OUT_OF_SERVICE.value))
    assert "（⚠ 巡05现为“装备故障”，不宜派警；仍要派按 Enter）" in scene.line.echo.text


def test_that_the_echo_follows_the_selection(scene: Scene) -> None:
    scene.type("备注 家属到场")
    assert "0190" in scene.line.echo.text
    scene.selection.choose_incident("ZZ20261121-0191")
    assert scene.line.echo.text.startswith("备注 0191")


# -- what the person saw -------------------------------------------------------------------------------------


def by_another_hand(desk: Desk) -> Act:
    args = {"incident": GAS, "priority": 1}
    return Act(name="incident.priority", args=args, actor="044", seat="04", roles=ALL, at=desk.clock())


async def test_that_a_change_just_before_enter_asks_for_enter_again(scene: Scene, clock: ManualClock) -> None:
    scene.type("派 巡05 0190")
    clock.advance(5)
    await scene.desk.carry_out(by_another_hand(scene.desk))
    clock.advance(0.2)
    scene.press(Qt.Key.Key_Return)
    await scene.tasks.idle()
    assert not scene.desk.picture.orders(GAS)
    assert scene.line.echo.text.startswith("⚠ 情况已变化，请再按回车：派警 巡05 → 0190")
    clock.advance(0.1)
    scene.press(Qt.Key.Key_Return)
    await scene.tasks.idle()
    assert [order.unit for order in scene.desk.picture.orders(GAS)] == ["巡05"]


async def test_that_a_change_half_a_second_ago_was_seen(scene: Scene, clock: ManualClock) -> None:
    scene.type("派 巡05 0190")
    await scene.desk.carry_out(by_another_hand(scene.desk))
    clock.advance(0.6)
    scene.press(Qt.Key.Key_Return)
    await scene.tasks.idle()
    assert scene.desk.picture.orders(GAS)


async def test_that_a_second_enter_while_the_first_is_under_way_does_nothing(scene: Scene) -> None:
    scene.type("备注 家属到场")
    scene.press(Qt.Key.Key_Return)
    scene.press(Qt.Key.Key_Return)
    await scene.tasks.idle()
    assert len(facts_of(scene.desk)) == 2, "opened, one note"


async def test_that_a_line_typed_meanwhile_is_not_cleared(scene: Scene) -> None:
    scene.type("备注 家属到场")
    scene.press(Qt.Key.Key_Return)
    scene.line.input.setText("派 巡06")
    await scene.tasks.idle()
    assert scene.line.input.text() == "派 巡06"


# -- keys of the line ----------------------------------------------------------------------------------------


async def test_that_esc_leaves_and_keeps_the_text(scene: Scene) -> None:
    scene.type("派 巡")
    with scene.qtbot.waitSignal(scene.line.left):
        scene.press(Qt.Key.Key_Escape)
    assert scene.line.input.text() == "派 巡"
    assert scene.line.completions == []


async def test_that_up_and_down_walk_through_what_was_done_and_back_to_the_draft(scene: Scene) -> None:
    await scene.do("备注 一")
    await scene.do("备注 二")
    scene.type("查")
    scene.press(Qt.Key.Key_Escape)
    scene.press(Qt.Key.Key_Up)
    assert scene.line.input.text() == "备注 二"
    scene.press(Qt.Key.Key_Up)
    scene.press(Qt.Key.Key_Up)
    assert scene.line.input.text() == "备注 一"
    scene.press(Qt.Key.Key_Down)
    scene.press(Qt.Key.Key_Down)
    assert scene.line.input.text() == "查"


def test_that_initials_are_completed_by_tab_word_by_word(scene: Scene) -> None:
    scene.type("p")
    scene.press(Qt.Key.Key_Tab)
    assert scene.line.input.text() == "派 "
    scene.type("x05")
    assert [completion.word for completion in scene.line.completions] == ["巡05"]
    scene.press(Qt.Key.Key_Tab)
    assert scene.line.input.text() == "派 巡05 "


async def test_that_enter_on_a_chosen_completion_writes_it_and_does_nothing_yet(scene: Scene) -> None:
    scene.type("联 xf")
    scene.press(Qt.Key.Key_Down)
    scene.press(Qt.Key.Key_Return)
    await scene.tasks.idle()
    assert scene.line.input.text() == "联 消防 "
    assert not scene.desk.picture.handoffs(GAS)
    scene.press(Qt.Key.Key_Return)
    await scene.tasks.idle()
    assert [handoff.agency for handoff in scene.desk.picture.handoffs(GAS)] == ["fire_rescue"]


async def test_that_enter_esc_and_arrows_belong_to_an_input_method_that_composes(scene: Scene) -> None:
    scene.type("备注 家属")
    echo = scene.line.echo.text
    QApplication.sendEvent(scene.line.input, QInputMethodEvent("dao", []))
    assert scene.line.echo.text == echo, "what is being composed is not typed yet"
    with scene.qtbot.assertNotEmitted(scene.line.left):
        for key in (Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Escape):
            scene.press(key)
    await scene.tasks.idle()
    assert len(facts_of(scene.desk)) == 1, "only opened"


async def test_that_ctrl_f_puts_a_line_begun_before_aside_and_it_stands_there_again(scene: Scene) -> None:
    scene.type("派 巡05 0190")
    scene.line.focus_line("查 ")
    assert scene.line.input.text() == "查 "
    scene.press(Qt.Key.Key_Escape)
    assert scene.line.input.text() == "派 巡05 0190"
    scene.line.focus_line("查 ")
    await scene.do("东门")
    assert scene.surface.asked == [("find", "东门")]
    assert scene.line.input.text() == "派 巡05 0190"


async def test_that_ctrl_k_marks_what_a_refused_command_left_and_typing_replaces_it(scene: Scene) -> None:
    await scene.do("派 没有这个警组")
    assert scene.line.input.text() == "派 没有这个警组"
    scene.line.focus_line()
    QTest.keyClicks(scene.line.input, "x")
    assert scene.line.input.text() == "x"


def test_that_everything_in_the_bar_has_a_name_and_nothing_overlaps_when_narrow(scene: Scene) -> None:
    scene.window.resize(960, 500)
    scene.type("派 巡05 0190")
    parts = [scene.line.input, scene.line.echo, scene.line.hints]
    assert all(part.accessibleName() for part in parts)
    edges = [(part.x(), part.x() + part.width()) for part in parts]
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(edges))
    assert edges[-1][1] <= scene.line.width()


# -- every command of the table ------------------------------------------------------------------------------


async def on_the_way(scene: Scene) -> None:
    await scene.desk.do("unit.assign", unit="巡05", incident=GAS)


async def handed_off(scene: Scene) -> str:
    return await scene.desk.send_handoff(GAS, "fire_rescue")


async def agency_says(scene: Scene, *acts: str) -> None:
    handoff = await handed_off(scene)
    for act in acts:
        said = {"by": "李队", "reason": "出不去"} if act == "refuse" else {"text": "已关阀"}
        await scene.desk.do("handoff.report", handoff=handoff, act=act, **said)


async def has_result(scene: Scene) -> None:
    await scene.desk.do("incident.settle", incident=GAS, code="desk", text="已劝离")


async def test_that_f1_f2_and_f3_can_be_typed(scene: Scene) -> None:
    scene.selection.choose_alarm("alarm-0194")
    await scene.do("确认")
    alarm = scene.desk.picture.state.get(Alarm, "alarm-0194")
    assert alarm is not None
    assert alarm.owner == "031"
    assert scene.surface.asked == [("show", "ZZ20261121-0194")]
    scene.selection.choose_incident("ZZ20261121-0194")
    assert await scene.do("核实 打保卫科电话") == "核实中：打保卫科电话（1路公交 闽E·D1011）"
    await scene.do("建议")
    assert len(scene.desk.picture.orders("ZZ20261121-0194")) == 1


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("属实", AlarmState.CONFIRMED),
        ("误报 误按", AlarmState.FALSE),
        ("测试 月检", AlarmState.TEST),
        ("故障 电池", AlarmState.FAULT),
    ],
)
async def test_that_an_alarm_is_judged_and_reset(scene: Scene, line: str, state: AlarmState) -> None:
    scene.selection.choose_incident("ZZ20261121-0193")
    await scene.do(line)
    judged = scene.desk.picture.state.get(Alarm, "alarm-0193")
    assert judged is not None
    assert judged.state is state
    await scene.do("复位")
    reset = scene.desk.picture.state.get(Alarm, "alarm-0193")
    assert reset is not None
    assert reset.state is AlarmState.RESET


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("签收", UnitStatus.SIGNED),
        ("出发 巡05", UnitStatus.EN_ROUTE),
        ("到场 巡05", UnitStatus.ON_SCENE),
        ("到场", UnitStatus.ON_SCENE),
        ("现场 巡05 已疏散", UnitStatus.HANDLING),
        ("反馈 巡05 已调解", UnitStatus.CLEAR),
        ("撤 巡05 误派", UnitStatus.AVAILABLE),
        ("状态 巡05 请求增援", UnitStatus.NEEDS_HELP),
    ],
)
async def test_that_a_unit_on_the_way_is_reported_withdrawn_or_changed(
    scene: Scene, line: str, status: UnitStatus
) -> None:
    await on_the_way(scene)
    await scene.do(line)
    assert scene.unit("巡05").status is status


async def test_that_a_unit_is_diverted_to_a_gravest_incident(scene: Scene) -> None:
    await on_the_way(scene)
    await scene.desk.do("unit.report", unit="巡05", step="depart")
    await scene.do("改派 巡05 0194 就近")
    assert scene.unit("巡05").incident == "ZZ20261121-0194"


@pytest.mark.parametrize(
    ("before", "line", "state"),
    [
        ((), "代录 消防 送达", HandoffState.DELIVERED),
        ((), "代录 消防 签收 0190 王队接", HandoffState.SIGNED),
        ((), "代录 消防 出动", HandoffState.EN_ROUTE),
        ((), "代录 消防 到场 0190 两车", HandoffState.ARRIVED),
        ((), "代录 消防 处置", HandoffState.IN_PROGRESS),
        ((), "代录 消防 结果 已关阀", HandoffState.RESULT),
        ((), "代录 消防 拒绝 李队 车辆不足", HandoffState.REFUSED),
        ((), "代录 消防 退回 李队 非本辖区", HandoffState.RETURNED),
        ((), "催 消防", HandoffState.SENT),
        ((), "撤单 消防 已解除", HandoffState.CANCELLED),
        (("refuse",), "裁定 消防 责令 职责所在", HandoffState.SENT),
        (("refuse",), "裁定 消防 另派 改燃气公司", HandoffState.REASSIGNED),
        (("result",), "访单 消防 满意", HandoffState.CALLED_BACK),
        (("result",), "结单 消防", HandoffState.CLOSED),
    ],
)
async def test_that_what_an_agency_does_is_recorded(
    scene: Scene, before: tuple[str, ...], line: str, state: HandoffState
) -> None:
    await agency_says(scene, *before)
    await scene.do(line)
    assert [handoff.state for handoff in scene.desk.picture.handoffs(GAS)] == [state], scene.messages.last[-1]


async def test_that_an_agency_is_sent_a_slip_or_told_by_phone(scene: Scene) -> None:
    assert await scene.do("联 消防 0190") == "已派单 消防，派单纸 slip.pdf"
    assert await scene.do("电 120 王医生") == "已电话通知 120（代录）"
    by_agency = {handoff.agency: handoff for handoff in scene.desk.picture.handoffs(GAS)}
    assert by_agency["fire_rescue"].channel == "slip"
    assert by_agency["fire_rescue"].basis
    assert by_agency["ems_120"].state is HandoffState.DELIVERED
    assert by_agency["ems_120"].person == "王医生"
    assert await scene.do("打印 消防") == "已打印派单纸 slip.pdf"
    assert scene.surface.asked == [("slip", by_agency["fire_rescue"].id)] * 2


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("级 一", "priority", 1),
        ("级 三级 已无人员被困", "priority", 3),
        ("分流 b", "route", "B"),
        ("处结 已劝离", "state", IncidentState.FEEDBACK),
        ("无效 0190 误拨", "state", IncidentState.INVALID),
        ("并 0191", "main", "ZZ20261121-0191"),
        ("并 0190 0191", "main", "ZZ20261121-0191"),
    ],
)
async def test_that_the_incident_is_changed(scene: Scene, line: str, field: str, value: object) -> None:
    await scene.do(line)
    assert getattr(scene.incident(), field) == value, scene.messages.last[-1]


async def test_that_an_incident_is_hidden_and_shown_again(scene: Scene) -> None:
    await scene.do("保密 0190 涉未成年人")
    assert scene.incident().confidential
    await scene.do("解密 0190 已核实")
    assert not scene.incident().confidential


async def test_that_an_incident_is_taken_and_given_away(scene: Scene) -> None:
    await scene.desk.do("incident.take", incident=GAS, silent_since="2026-11-21T05:00:00+00:00")
    await scene.do("让出 0190 032")
    assert scene.incident().owner == "032"
    await scene.do("接手 0190")
    assert scene.incident().asked_by == "031"


async def test_that_an_incident_goes_its_way_to_the_end_and_back_by_typed_lines_alone(scene: Scene) -> None:
    known = {"kind": "0101", "narrative": "两人点火后逃走", "phone": "13800000001", "caller": "无"}
    await scene.desk.do("incident.edit", incident=GAS, fields=known)
    await has_result(scene)
    await scene.do("审")
    assert scene.incident().state is IncidentState.REVIEW
    await scene.do("退 情况不清")
    assert scene.incident().state is IncidentState.HANDLING
    await has_result(scene)
    await scene.do("审 0190")
    await scene.do("回访 满意")
    assert scene.incident().callback == "satisfied"
    assert await scene.do("结") == "0190 已办结"
    assert scene.incident().state is IncidentState.CLOSED
    await scene.do("重启 0190 又有气味")
    assert scene.incident().state is IncidentState.TRIAGED


async def test_that_a_new_incident_is_answered_handed_off_or_split_again(scene: Scene) -> None:
    await scene.do("接 0193")
    assert scene.incident("ZZ20261121-0193").state is IncidentState.INTAKE
    await scene.do("并 0191 0192")
    await scene.do("拆 0191 另一起")
    assert scene.incident("ZZ20261121-0191").main == ""
    await agency_says(scene, "sign")
    await scene.do("转")
    assert scene.incident().state is IncidentState.HANDED_OFF


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("新", ("new",)),
        ("查 钟法路", ("find", "钟法路")),
        ("查钟法路", ("find", "钟法路")),
        ("看 191", ("show", "ZZ20261121-0191")),
        ("续接单", ("sheet",)),
        ("键位", ("key card",)),
        ("重 2", ("duplicate", 1)),
        ("试音", ("sound",)),
        ("语言 英文", ("language", "en")),
        ("移屏 地图", ("pane", "map")),
        ("布局 还原", ("reset layout",)),
        ("布局 撤销", ("undo layout",)),
        ("并", ("choose main",)),
        ("查看 0190 回访报警人", ("reveal", GAS, "回访报警人")),
        ("席位", ("seats",)),
        ("技术", ("technical",)),
    ],
)
async def test_that_the_window_is_asked(scene: Scene, line: str, asked: tuple[object, ...]) -> None:
    await scene.do(line)
    assert scene.surface.asked == [asked]


@pytest.mark.parametrize(
    ("line", "asked"),
    [("锁定", "lock"), ("交接班", "hand over"), ("退出登录", "sign off"), ("待批", "approvals")],
)
async def test_that_who_sits_here_locks_hands_over_and_leaves(scene: Scene, line: str, asked: str) -> None:
    people(scene.desk)
    await scene.do(line)
    assert scene.surface.asked == [(asked,)]


TESTED = Site(id="S9", name="圆山幼儿园", account="7A21", zones={"001": "门卫室", "002": "园长室"})


async def test_that_a_sites_technical_events_are_shelved_and_closed(scene: Scene) -> None:
    at = scene.desk.clock()
    row = Trouble(id="t1", kind=TroubleKind.AC_LOSS, site="S9", signal="x", opened_at=at, last_at=at)
    tell(scene.desk, SiteRegistered(site=TESTED), TroubleOpened(trouble=row))
    assert await scene.do("搁置 7A21 90 等供电") == "搁置时间须为 1–60 分钟"
    scene.press(Qt.Key.Key_Escape)
    scene.line.focus_line()
    scene.line.input.clear()
    assert await scene.do("搁置 7A21 30 等供电") == "已搁置 圆山幼儿园 停电，30 分钟后自动恢复"
    await scene.desk.do("trouble.unshelve", trouble="t1")
    assert await scene.do("销障 圆山幼儿园 已来电") == "已关闭 圆山幼儿园 停电"
    assert scene.desk.picture.state.where(Trouble, site="S9")[0].state is TroubleState.CLOSED


async def test_that_a_site_is_looked_up_and_an_unknown_account_registered(scene: Scene) -> None:
    tell(scene.desk, SiteRegistered(site=TESTED))
    await scene.do("点位 7A21")
    stranger = Alarm(id="x", account="7E7E", line="A1", received_at=scene.desk.clock(), incident=GAS)
    tell(scene.desk, AlarmRaised(incident=GAS, alarm=stranger))
    scene.selection.choose_alarm("x")
    await scene.do("登记")
    assert [asked[-1] for asked in scene.surface.asked] == ["S9", "x"]


async def test_that_a_test_window_is_asked_for_and_ended(scene: Scene) -> None:
    people(scene.desk)
    tell(scene.desk, SiteRegistered(site=TESTED))
    said = await scene.do("报备 7A21 001、002 60 季度测试")
    assert said.startswith("已提交审批"), said
    (asked,) = scene.desk.picture.state.all(Approval)
    granting = Act(
        name="approval.decide",
        args={"approval": asked.id, "granted": True},
        actor="035",
        seat="01",
        roles=("chief",),
        at=scene.desk.clock(),
    )
    await scene.desk.carry_out(granting)
    (window,) = scene.desk.picture.state.all(TestWindow)
    assert (window.asked_by, window.approved_by, window.zones) == ("031", "035", ("001", "002"))
    await scene.do("结束报备 7A21")
    scene.press(Qt.Key.Key_Return)  # It began a moment ago: the line asks again.
    await scene.tasks.idle()
    assert scene.desk.picture.state.all(TestWindow)[0].ended_by == "031"


async def test_that_an_incident_is_held_scheduled_and_woken_by_typed_lines(scene: Scene) -> None:
    assert await scene.do("暂缓 0190 30分 等燃气公司回电") == "已暂缓 0190，11-21 15:00 唤醒"
    assert scene.incident().held_reason == "等燃气公司回电"
    assert await scene.do("唤醒 0190") == "已唤醒 0190，时限重新计"
    assert scene.incident().waits_until is None
    await scene.do("预约 0190 明日9:00 上门")
    assert scene.incident().scheduled_for is not None
    assert scene.incident().state is IncidentState.INTAKE
    await scene.do("知晓 0190")
    assert scene.incident().late_seen_at == scene.desk.clock()


async def test_that_a_call_is_marked_and_rung_back_before_it_is_void_by_typed_lines(scene: Scene) -> None:
    tell(scene.desk, PriorityChanged(incident=GAS, old=2, new=3, reason="核实"))
    await scene.do("骚扰 0190")
    await scene.do("撤标")
    await scene.do("挂断 0190")
    await scene.do("无声 0190 只有呼吸声")
    assert scene.incident().mark == "silent"
    assert await scene.do("无效 0190 误拨") == "无声来电须先回拨，还差 2 次，不能作无效处理"
    scene.line.input.clear()
    assert await scene.do("未接通 0190 关机") == "已记 0190 回拨未接通，还须回拨 1 次"
    await scene.do("接通 0190 称误拨")
    await scene.do("无效 0190 误拨")
    assert scene.incident().state is IncidentState.INVALID


async def test_that_incidents_are_linked_and_stacked_by_typed_lines(scene: Scene) -> None:
    assert await scene.do("关联 0191 子 同一起") == "已关联 0190，子警情 0191"
    await scene.do("取消关联 0191 两回事")
    assert links_of(scene.desk.picture.state, GAS) == []
    await scene.do("派 巡05 0191")
    await scene.do("叠放 巡05 0190")
    await scene.do("取消叠放 巡05 0190")
    assert stack_of(scene.desk.picture.state, "巡05") == []
    await scene.do("叠放 巡05 0190 1")
    await scene.desk.do("unit.report", unit="巡05", step="feedback", text="已劝离")
    await scene.do("下一件")
    assert scene.unit("巡05").incident == GAS
    assert stack_of(scene.desk.picture.state, "巡05") == []


async def test_that_a_plan_is_opened_and_the_next_wave_sent_by_typed_lines(scene: Scene) -> None:
    await scene.do("方案 0190")
    assert scene.surface.asked == [("plan", GAS, 0)]
    assert (await scene.do("梯次 0190")).startswith("已派 巡")
    first, *_ = scene.desk.picture.orders(GAS)
    assert await scene.do(f"电台 {first.unit}") == f"已记：电台通知 {first.unit}"
    assert scene.desk.picture.orders(GAS)[0].delivery == "radio"
    free = next(u.id for u in scene.desk.picture.units() if u.status is UnitStatus.AVAILABLE and u.id != first.unit)
    await scene.do(f"派 {free} 0190")
    assert await scene.do(f"主办 {free} 0190") == f"{free} 为 0190 主办警组"
    assert [order.unit for order in scene.desk.picture.orders(GAS) if order.lead] == [free]


async def test_that_a_warned_choice_is_made_by_enter_and_one_at_work_is_refused(scene: Scene) -> None:
    await scene.do("派 巡05 0191")
    scene.type("派 巡05 0190")
    assert "⚠ 巡05现为“已派警”，不宜派警；仍要派按 Enter" in scene.line.echo.text
    scene.press(Qt.Key.Key_Return)
    await scene.tasks.idle()
    assert scene.unit("巡05").incident == GAS
    await scene.desk.do("unit.report", unit="巡05", step="arrive")
    assert "请先反馈" in await scene.do("派 巡05 0191")
    assert scene.unit("巡05").incident == GAS


async def test_that_help_is_asked_for_answered_and_withdrawn_by_typed_lines(scene: Scene) -> None:
    assert (await scene.do("协作 龙文 0190 协助堵截")).startswith("已请求 龙文区指挥中心")
    assert await scene.do("协复 龙文 不同意 王队") == "对方不同意，请写明理由"
    scene.line.input.clear()
    await scene.do("协复 龙文 不同意 王队 警力不足")
    await scene.do("协作 南靖 0190 协助查控")
    await scene.do("撤协 南靖 已找到")
    asked = scene.desk.picture.state.where(HelpRequest, incident=GAS)
    assert [(row.kind, row.state, row.answered_by) for row in asked] == [
        ("zone", "REFUSED", "王队"),
        ("county", "WITHDRAWN", "031"),
    ]


async def test_that_bulletins_and_a_major_incident_are_worked_by_typed_lines(scene: Scene) -> None:
    for verb in ("布控", "协查", "通播"):
        await scene.do(f"{verb} 白色轿车闽E12345")
    opened = [asked for asked in scene.surface.asked if asked[0] == "bulletins"]
    assert opened == [("bulletins", kind, "白色轿车闽E12345") for kind in ("control", "assist", "broadcast")]
    said = {"kind": "control", "title": "盗抢轿车", "text": "白色", "recipients": ["taxi_a"]}
    key = await scene.desk.do("bulletin.issue", **said)
    assert await scene.do("撤控 1") == "请写明撤销的理由"
    scene.line.input.clear()
    scene.type("撤控 1 已找到")
    assert "撤销布控 BK1121-1 盗抢轿车（通知 2 处）" in scene.line.echo.text
    scene.press(Qt.Key.Key_Return)
    await scene.tasks.idle()
    assert need(scene.desk.picture.state, Bulletin, key).reason == "已找到"
    await scene.do("重大 0190 火势很大")
    assert ("major", GAS, "火势很大") in scene.surface.asked
    await scene.desk.do("incident.major", incident=GAS, recipients=["bureau_leader", "city_bureau"])
    await scene.do("已报 带班 0190 林局 马上到")
    told = need(scene.desk.picture.state, ReportUp, f"{GAS}^bureau_leader")
    assert (told.told_by, told.answer) == ("林局", "马上到")
    assert await scene.do("口令 巡05 封控现场") == "已记口令 → 巡05"


async def test_that_a_call_is_taken_held_given_attached_and_ended_by_typed_lines(scene: Scene) -> None:
    tell(scene.desk, CallRang(call=Call(id="c1", number="13812345678", line="M1", rang_at=scene.desk.clock())))
    assert await scene.do("挂机") == "本席没有这样的通话"
    scene.line.input.clear()
    await scene.do("接听")
    assert ("new",) in scene.surface.asked
    await scene.desk.do("call.take", call="c1")

    def call() -> Call:
        found = scene.desk.picture.state.get(Call, "c1")
        assert found is not None
        return found

    await scene.do("保留")
    assert call().held_at is not None
    await scene.do("取回")
    assert call().held_at is None
    assert await scene.do("附 0190") == "已作为补充来电附到 0190"
    assert call().incident == GAS
    seat = Seat(id="04", actor="042", name="王敏")
    scene.desk.picture.state.put(seat)
    assert isinstance(scene.desk.journal, MemoryJournal)
    scene.desk.journal.state.put(seat)
    await scene.do("转接")
    assert ("line", "转接 ") in scene.surface.asked
    scene.line.input.clear()
    assert await scene.do("转接 9") == "查无在席的席位：9（在席：04 王敏）"
    scene.line.input.clear()
    assert await scene.do("转接 4") == "已请席位04接听，等对方接起"
    assert call().transfer_to == "04"
    assert await scene.do("拒转") == "已收回"
    await scene.do("挂机")
    assert call().ended_at is not None


async def test_that_a_missed_caller_is_rung_back_and_the_outcome_told_by_typed_lines(scene: Scene) -> None:
    at = scene.desk.clock()
    tell(scene.desk, CallRang(call=Call(id="c1", number="13812345678", line="M1", rang_at=at)), CallEnded(call="c1"))
    assert await scene.do("回电 接通") == "没有正在回电的未接来电，先按 Shift+F9 回拨"
    scene.line.input.clear()
    await scene.do("回电")
    assert ("return call",) in scene.surface.asked
    await scene.desk.do("call.call_back", call="c1")
    assert await scene.do("回电 未接通") == "已记 13812345678 回电未接通"
    assert await scene.do("回电 接通") == "已记 13812345678 回电接通"


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("筛", ("narrow", None)),
        ("筛 一级 我的", ("narrow", QueueFilter(priorities=frozenset({1}), mine=True))),
        ("筛 警区05 交通", ("narrow", QueueFilter(beats=frozenset({"05"}), classes=frozenset({"03"})))),
        ("清筛", ("narrow", QueueFilter())),
        ("显示", ("dress", "")),
        ("显示 一行", ("dress", "一行")),
        ("显示 警组", ("dress", "警组")),
        ("栏 暂缓", ("tab", "held")),
    ],
)
async def test_that_the_queue_is_narrowed_dressed_and_turned_by_typed_lines(
    scene: Scene, line: str, asked: tuple[object, ...]
) -> None:
    await scene.do(line)
    assert scene.surface.asked == [asked]


async def test_that_a_filter_nobody_knows_is_refused_with_those_there_are(scene: Scene) -> None:
    assert "没有“十级”这一项" in await scene.do("筛 十级")
    scene.line.input.clear()
    assert "几种意思" in await scene.do("筛 警区0")
    scene.line.input.clear()
    assert "请写栏名" in await scene.do("栏")
    assert scene.surface.asked == []


def test_that_every_verb_of_the_table_is_typed_in_this_file() -> None:
    source = Path(__file__).read_text("utf-8")
    for command in TABLE:
        if command.verbs:
            assert any(f'"{verb} ' in source or f'"{verb}"' in source for verb in command.verbs), command.id


async def test_that_questions_are_answered_skipped_and_chosen_by_typed_lines(scene: Scene) -> None:
    await scene.do("要点 打架")
    assert scene.incident().protocol == "fight_assault"
    await scene.do("问 13811112222")
    await scene.do("问 有人拿刀打架")
    await scene.do("跳过 报警人已挂断")
    await scene.do("问 正在发生")
    await scene.do("问 2")
    await scene.do("问 刀具")
    rows = scene.desk.picture.state.where(Answer, incident=GAS)
    assert {row.question: row.value or row.reason for row in rows} == {
        "c_callback": "13811112222",
        "c_what": "有人拿刀打架",
        "c_safe": "报警人已挂断",
        "c_when": "now",
        "fight_assault.still": "no",
        "s_weapon": "knife",
    }
    assert scene.incident().priority == 1
    assert "“受伤”只能答：1无人受伤" in await scene.do("问 头疼")
    scene.line.input.clear()
    await scene.do("问")
    await scene.do("要点")
    assert scene.surface.asked[-1] == ("questions", False)
    assert scene.incident().protocol == ""


async def test_that_a_refusal_by_the_journal_keeps_the_line_and_the_next_enter_may_succeed(scene: Scene) -> None:
    assert isinstance(scene.desk.journal, MemoryJournal)
    scene.desk.journal.failure = UserError("另一席刚刚派出巡05")
    assert await scene.do("派 巡05 0190") == "另一席刚刚派出巡05"
    assert scene.line.input.text() == "派 巡05 0190"
    scene.desk.journal.failure = None
    scene.press(Qt.Key.Key_Return)
    await scene.tasks.idle()
    assert scene.unit("巡05").status is UnitStatus.ASSIGNED


async def test_that_what_was_typed_by_mistake_is_taken_back(scene: Scene) -> None:
    before = scene.incident().priority
    await scene.do("级 一 0190")
    await scene.do("反悔")
    assert scene.incident().priority == before


async def test_that_an_officer_in_need_is_told_known_and_over_by_typed_lines(scene: Scene) -> None:
    await scene.do("求助 巡05")
    await scene.do("应援")
    (row,) = scene.desk.picture.state.all(Emergency)
    assert (row.unit, row.acknowledged_by) == ("巡05", "031")
    await scene.do("平安 巡05")
    await scene.do("解除 巡05 已控制")
    (row,) = scene.desk.picture.state.all(Emergency)
    assert row.reason == "已控制"
    await scene.do("回图")
    assert scene.surface.asked[-1] == ("map back",)


async def test_that_of_two_in_need_the_one_somebody_has_looked_at_is_ended(scene: Scene) -> None:
    await scene.do("求助 巡05")
    await scene.do("应援")
    await scene.do("求助 巡06")
    await scene.do("解除")
    assert scene.surface.asked[-1] == ("line", "解除 巡05 ")
