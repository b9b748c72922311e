"""The states a window can be in, each brought about as a person or the world would: keys, typed lines, acts, calls.

Each state is left again by the next one; `plain` is where all of them begin.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget

from console.domain.account import MACHINE, Role
from console.domain.alarm import Alarm
from console.domain.incident import Incident
from console.domain.ledger import new_id
from console.seat import CallTaker
from console.seat_bench import Bench
from console.services.lines import simulated_report
from console.services.sign_on import hasher
from console.shots import PASSWORD, PEOPLE
from console.station import Station
from widgets.panels.cover import Cover
from widgets.text import said
from widgets.windows.calltaker import CallTakerWindow

TYPED = "中山公园南门有人持刀打架，两人受伤流血，一人骑电动车往新华北路方向逃跑"


@dataclass(slots=True)
class Scene:
    """A window over a station, and what belongs to its states."""

    taker: CallTaker
    station: Station

    @property
    def window(self) -> CallTakerWindow:
        return self.taker.window

    def calls(self) -> list[Incident]:
        """Open incidents that came by telephone, the oldest first."""
        return sorted(
            (i for i in self.station.picture.incidents() if i.open and i.source == "call"), key=lambda i: i.number
        )

    async def by(self, actor: str, role: str, name: str, **args: Any) -> Any:
        """An act of somebody else."""
        act = self.station.desk.act(name, args)
        return await self.station.desk.carry_out(replace(act, actor=actor, seat="05", roles=(role,)))

    async def machine(self, name: str, **args: Any) -> None:
        """An act of a line."""
        act = self.station.desk.act(name, args)
        await self.station.desk.carry_out(replace(act, actor="线路A1", roles=MACHINE))

    async def perform(self, words: str) -> None:
        self.window.perform(words)
        await self.taker.tasks.idle()

    def leave_form(self) -> None:
        """Esc in the form: what is typed stays as a draft."""
        field = self.taker.incident.form.narrative
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_Escape)

    def key(self, key: Qt.Key, more: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window, key, more)


State = Callable[[Scene], Awaitable[QWidget]]
"""Brings the state about; answers the widget to look at."""


async def plain(scene: Scene) -> QWidget:
    """An alarm on the strip, an incident in the form."""
    return scene.window


async def acknowledged(scene: Scene) -> QWidget:
    """F1: the strip waits for its unit."""
    await scene.perform("alarm.acknowledge")
    return scene.window


async def alarm_chosen(scene: Scene) -> QWidget:
    """The incident of an alarm, with its card, to be judged and reset."""
    alarm = next(a for a in scene.station.picture.state.all(Alarm) if a.incident)
    scene.window.selection.choose_incident(alarm.incident)
    await scene.taker.tasks.idle()
    return scene.window


async def new_form(scene: Scene) -> QWidget:
    """F9, and a narrative typed: proposals, agencies, a draft."""
    await scene.perform("window.new")
    scene.taker.incident.form.narrative.setPlainText(TYPED)
    scene.taker.incident.form.place.setText("中山公园南门")
    await scene.taker.tasks.idle()
    return scene.window


async def choosing_agency(scene: Scene) -> QWidget:
    """Esc, then Ctrl+L over an incident."""
    scene.leave_form()
    scene.window.selection.choose_incident(scene.calls()[0].number)
    await scene.perform("handoff.choose")
    return scene.window


async def merging(scene: Scene) -> QWidget:
    """Ctrl+M."""
    await scene.perform("incident.merge")
    return scene.window


async def unit_sheet(scene: Scene) -> QWidget:
    """An incident with units under way: its orders and its closing card."""
    taken = next(i for i in scene.calls() if scene.station.picture.orders(i.number))
    scene.window.selection.choose_incident(taken.number)
    await scene.taker.tasks.idle()
    return scene.window


async def command_typed(scene: Scene) -> QWidget:
    """A line with its echo and the list of completions."""
    line = scene.window.panes.command_line
    line.input.setFocus()
    line.input.setText("派 巡05 0004 增援现场警力")
    return scene.window


async def command_refused(scene: Scene) -> QWidget:
    """A line nobody understands, and the message that says so."""
    scene.window.panes.command_line.input.setText("井井 9999")
    await scene.perform("派 没有这个警组")
    return scene.window


async def filtered_empty(scene: Scene) -> QWidget:
    """Nothing fits the filter."""
    scene.window.panes.command_line.input.clear()
    scene.window.panes.queue.filter.setText("没有这样的警情")
    return scene.window


async def nothing_chosen(scene: Scene) -> QWidget:
    """The column without an incident."""
    scene.window.panes.queue.filter.clear()
    scene.window.selection.choose_incident("")
    await scene.taker.tasks.idle()
    return scene.window


async def call_rings(scene: Scene) -> QWidget:
    """Two calls ring; one number is known."""
    known = next((i.phone for i in scene.calls() if i.phone), "13805966621")
    for key, number in (("c1", known), ("c2", "13700001111")):
        await scene.machine("call.rang", call=key, number=number, line="M1")
    await scene.taker.tasks.idle()
    return scene.window


async def call_in_hand(scene: Scene) -> QWidget:
    """F9 takes the call that rings longest; then it is held while the other one rings on."""
    await scene.perform("window.new")
    await scene.perform("call.hold")
    return scene.window


async def call_offered(scene: Scene) -> QWidget:
    """A refusal to hand the call to a seat nobody sits at."""
    await scene.perform("转接 07")
    return scene.window


async def plan_open(scene: Scene) -> QWidget:
    """Ctrl+D: the tick list of an incident's plan, beside its questions and its possible duplicates."""
    await scene.perform("call.hold")  # takes it back: a caller on hold is not hung up on
    await scene.perform("call.hang_up")
    scene.leave_form()
    scene.window.selection.choose_incident(scene.calls()[-1].number)
    await scene.perform("plan.open")
    return scene.window


async def plan_wave(scene: Scene) -> QWidget:
    """The next wave of it."""
    await scene.perform("plan.wave")
    return scene.window


async def held_and_marked(scene: Scene) -> QWidget:
    """One incident held with a reason, another marked silent; the queue filtered, on its tab."""
    scene.leave_form()
    first, second = scene.calls()[-1], scene.calls()[-2]
    await scene.perform(f"暂缓 {first.short} 30 等报警人再来电")
    await scene.perform(f"无声 {second.short}")
    scene.window.selection.choose_incident(second.number)
    await scene.perform("筛 一级")
    await scene.perform("栏 暂缓")
    return scene.window


async def queue_in_one_line(scene: Scene) -> QWidget:
    """Another look of the queue, all of it."""
    await scene.perform("清筛")
    await scene.perform("显示 一行")
    await scene.perform("栏 全部")
    return scene.window


async def technical_empty(scene: Scene) -> QWidget:
    await scene.perform("technical.lane")
    return scene.window


async def technical_full(scene: Scene) -> QWidget:
    """A device that was opened and one on its battery."""
    for event in ("383", "301"):
        report = simulated_report("1234", "003", event)
        received = scene.station.clock().isoformat()
        signal = {"line": "A1", "protocol": "surgard", "received_at": received, "report": report}
        await scene.machine("intake.receive", ingest_id=new_id(), **signal)
    scene.window.technical.refresh()
    return scene.window


async def sites(scene: Scene) -> QWidget:
    """The register over queue and map."""
    scene.window.technical.cover.hide()
    await scene.perform("site.show")
    scene.window.register.form.open("S001")
    await scene.taker.tasks.idle()
    return scene.window


async def seats_card(scene: Scene) -> QWidget:
    scene.window.register.cover.hide()
    await scene.perform("claim.seats")
    return _dialog(scene)


async def key_card(scene: Scene) -> QWidget:
    _dialog(scene).hide()
    await scene.perform("window.keys")
    return _dialog(scene)


async def bulletins(scene: Scene) -> QWidget:
    """The bulletins over queue and map."""
    _dialog(scene).hide()
    await scene.perform("bulletin.open")
    return scene.window


async def bulletin_written(scene: Scene) -> QWidget:
    """One that is being written."""
    await scene.perform("布控 盗抢白色轿车")
    return scene.window


async def major(scene: Scene) -> QWidget:
    """A major incident: who will be told, before anybody is."""
    for cover in scene.window.findChildren(Cover):
        cover.hide()
    scene.leave_form()
    scene.window.selection.choose_incident(scene.calls()[-2].number)
    await scene.perform("incident.major")
    return scene.window


async def faults(scene: Scene) -> QWidget:
    """The database is away: banner and lamps."""
    _dialog(scene).hide()
    scene.station.health.fault("journal", "数据库无应答", "检查网络和数据库服务器；恢复后自动继续")
    scene.station.health.fault("line A1", "线路A1端口不存在", "检查接线和端口名，插好后自动恢复")
    return scene.window


async def emergency(scene: Scene) -> QWidget:
    """An officer in need takes the whole room."""
    for source in ("journal", "line A1"):
        scene.station.health.mended(source)
    await scene.perform("求助 巡05")
    return scene.window


async def emergency_known(scene: Scene) -> QWidget:
    await scene.perform("emergency.acknowledge")
    return scene.window


async def signing_on(scene: Scene) -> QWidget:
    """People with accounts: the page stands where the panes were."""
    await scene.perform("解除 巡05 已到位，平安")
    await scene.by("desk", Role.SECURITY.value, "account.import", accounts=PEOPLE)
    await scene.taker.tasks.idle()
    return scene.window


async def wrong_password(scene: Scene) -> QWidget:
    scene.window.gate.form.show_wrong(said("警号或密码不对"))
    return scene.window


async def signed_on(scene: Scene) -> QWidget:
    """A chief with a request to decide on."""
    scene.station.secrets.put("010", hasher().hash(PASSWORD), scene.station.clock())
    account = await scene.station.sign_on.check("010", PASSWORD)
    await scene.window.gate.seating.enter(account, account.roles)
    for incident in scene.calls()[:2]:
        asked = {"act": "incident.invalidate", "args": {"incident": incident.number, "reason": "重复误拨"}}
        await scene.by("052", Role.DISPATCHER.value, "approval.ask", **asked, reason="报警人再次来电称误拨，已核实")
    scene.window.deciding.open()
    await scene.taker.tasks.idle()
    return scene.window


async def handing_over(scene: Scene) -> QWidget:
    scene.window.deciding.cover.hide()
    scene.window.gate.open_hand_over()
    await scene.taker.tasks.idle()
    return scene.window


async def locked(scene: Scene) -> QWidget:
    scene.window.gate.cover.hide()
    scene.window.gate.lock()
    await scene.taker.tasks.idle()
    return scene.window


def _dialog(scene: Scene) -> QWidget:
    shown = [dialog for dialog in scene.window.findChildren(QDialog) if dialog.isVisible()]
    return shown[-1] if shown else scene.window


STATES: Mapping[str, State] = {
    state.__name__: state
    for state in (
        plain,
        acknowledged,
        alarm_chosen,
        new_form,
        choosing_agency,
        merging,
        unit_sheet,
        command_typed,
        command_refused,
        filtered_empty,
        nothing_chosen,
        call_rings,
        call_in_hand,
        call_offered,
        plan_open,
        plan_wave,
        held_and_marked,
        queue_in_one_line,
        technical_empty,
        technical_full,
        sites,
        seats_card,
        key_card,
        bulletins,
        bulletin_written,
        major,
        faults,
        emergency,
        emergency_known,
        signing_on,
        wrong_password,
        signed_on,
        handing_over,
        locked,
    )
}
"""In this order: some begin where the one before ended."""


# -- the bench -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class BenchScene:
    """The technician's window over a station."""

    bench: Bench
    station: Station

    async def key(self, name: str) -> QWidget:
        """A key of the bench, by its id."""
        window = self.bench.window
        for cover in window.findChildren(Cover):
            cover.hide()
        next(key for key in window.keys if key.id == name).do()
        await self.bench.tasks.idle()
        return window


def pressing(name: str) -> Callable[[BenchScene], Awaitable[QWidget]]:
    async def state(scene: BenchScene) -> QWidget:
        return await scene.key(name)

    return state


async def bench_plain(scene: BenchScene) -> QWidget:
    """A test under way, lines that do well and badly."""
    return scene.bench.window


async def bench_paused(scene: BenchScene) -> QWidget:
    """Frames held, another line chosen."""
    scene.bench.window.panes.frames.pause.setChecked(True)
    scene.bench.window.panes.lines.list.setCurrentRow(1)
    return scene.bench.window


BENCH_STATES: Mapping[str, Callable[[BenchScene], Awaitable[QWidget]]] = {
    "plain": bench_plain,
    "paused": bench_paused,
    **{name: pressing(name) for name in ("add_line", "site", "due", "repairs", "approvals", "quality", "end_window")},
    "window": pressing("window"),
}
"""In this order; each key closes the sheet before it."""
