"""The call-taker's window: header, alarm strip, three columns, command line; one door for every desk command.

It arranges finished panels and carries commands: key, button and command line all come to `perform`, which
prepares the command from what the person sees and does it. It decides nothing itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget

from console.commands import BY_ID, Command, Context, Focus, Prepared, Surface, interpret
from console.domain.account import MACHINE
from console.domain.alarm import AlarmState
from console.domain.errors import UserError
from console.domain.recommend import Candidate
from console.services.desk import Desk
from widgets.advice import Advice
from widgets.arrangement import Arrangement
from widgets.keys import CommandKeys
from widgets.menu import command_menu, seat_menu
from widgets.panels.command_line import CommandLine
from widgets.panels.header import Header
from widgets.panels.incident import IncidentPanel
from widgets.panels.map import MapPanel
from widgets.panels.queue import QueuePanel
from widgets.panels.roster import RosterPanel
from widgets.panels.strip import AlarmStrip
from widgets.panels.toast import Toast
from widgets.seating import Mode, Seating
from widgets.selection import Chosen, Selection
from widgets.tasks import Tasks
from widgets.text import said
from widgets.theme import Theme
from widgets.tick import Tick
from widgets.windows.bulletins import Bulletins
from widgets.windows.deciding import Deciding
from widgets.windows.emergencies import Emergencies
from widgets.windows.gate import Behind, Gate
from widgets.windows.pane_layout import PaneLayout
from widgets.windows.register import Register
from widgets.windows.technical import Technical

ACKNOWLEDGE = "alarm.acknowledge"
STRIP_COMMANDS = frozenset({ACKNOWLEDGE, "alarm.dispatch", "alarm.callback"})
"""Commands on what the strip shows: asked again if it changed under the finger."""

AGENCY_COMMANDS = frozenset(command for command in BY_ID if command.startswith("handoff.suggested"))
"""F5 to F8: they act on suggestions that follow what is being written."""

QUESTION_COMMANDS = frozenset(command for command in BY_ID if command.startswith("question.option"))
"""Alt+1 to Alt+9: they answer the question that is in sight."""

PROGRAM = "程序"
"""Who tells of an alarm at a seat where nobody has signed on."""

FOR_ANYBODY = frozenset({"window.keys"})
"""Commands that need nobody signed on."""


@dataclass(frozen=True, slots=True)
class Panes:
    """The finished panels."""

    header: Header
    strip: AlarmStrip
    queue: QueuePanel
    map_pane: MapPanel
    roster: RosterPanel
    incident: IncidentPanel
    command_line: CommandLine


class CallTakerWindow(QMainWindow):
    """`closing` is emitted once when the person closes it; the program then shuts down in its own order.
    `language_wanted` asks the program for the same window in another language ('' = the other one)."""

    closing = Signal()
    language_wanted = Signal(str)

    def __init__(
        self,
        desk: Desk,
        theme: Theme,
        selection: Selection,
        tick: Tick,
        tasks: Tasks,
        advice: Advice,
        panes: Panes,
        arrangement: Arrangement,
        seating: Seating,
        *,
        lock_after_s: float = 0.0,
    ) -> None:
        super().__init__()
        self.desk, self.theme, self.selection, self.tasks, self.advice = desk, theme, selection, tasks, advice
        self.panes = panes
        self._surface: Surface | None = None
        self._asked: dict[str, float] = {}
        self._warned: tuple[str, str, str] | None = None
        self.silent_since: Callable[[str], str] = lambda _: ""
        self.setWindowTitle(self.tr("110 接处警台"))
        self.setAccessibleName(self.tr("接警员窗口"))
        self.columns, self.rows = QSplitter(Qt.Orientation.Horizontal), QSplitter(Qt.Orientation.Vertical)
        self._build()
        self._filtered_by = ""
        self.register = Register(desk, theme, tasks, self.ground, self.free_place)
        self.technical = Technical(desk, theme, tick, tasks, self.ground, self.free_place)
        self.bulletins = Bulletins(desk, theme, tick, tasks, self.ground, self.free_place)
        self._outer.insertWidget(self._outer.indexOf(panes.strip) + 1, self.technical.bar)
        self.emergencies = Emergencies(desk, theme, tick, panes.map_pane.canvas)
        self._outer.insertWidget(self._outer.indexOf(panes.strip), self.emergencies.bar)
        self.gate = self._build_gate(seating, tick, lock_after_s)
        self.toast = Toast(self.ground, theme, tick, tasks.messages)
        self.layout_of_panes = self._build_layout(arrangement)
        self._connect()
        self.layout_of_panes.arrange()

    # -- building --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        px, panes = self.theme.px, self.panes
        self.rows.addWidget(panes.map_pane)
        self.rows.addWidget(panes.roster)
        for pane in (panes.queue, self.rows, panes.incident):
            self.columns.addWidget(pane)
        for splitter, weights in ((self.columns, (2, 5, 3)), (self.rows, (2, 1))):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(px(6))
            for at, weight in enumerate(weights):
                splitter.setStretchFactor(at, weight)
        ground = QWidget()
        ground.setProperty("role", "bar")
        self._outer = QVBoxLayout(ground)
        self._outer.setContentsMargins(px(6), 0, px(6), px(6))
        self._outer.setSpacing(px(6))
        self._outer.addWidget(panes.header)
        self._outer.addWidget(panes.strip)
        self._outer.addWidget(self.columns, 1)
        self._outer.addWidget(panes.command_line)
        self.ground = ground
        self.setCentralWidget(ground)
        self.setMinimumSize(px(960), px(600))

    def _build_gate(self, seating: Seating, tick: Tick, lock_after_s: float) -> Gate:
        """Sign-on page, lock bar and hand-over sheet have their places between the panes."""
        panes = self.panes
        behind = Behind(self.ground, self.columns, panes.command_line, panes.incident)
        self.deciding = Deciding(self.desk, self.theme, self.tasks, self.ground, self.free_place)
        gate = Gate(
            seating,
            self.desk,
            self.theme,
            tick,
            self.tasks,
            behind,
            before_lock=panes.incident.form.commit,
            refreshed=self._another_person,
            to_queue=self._to_queue,
            lock_after_s=lock_after_s,
        )
        self._outer.insertWidget(self._outer.indexOf(self.columns), gate.bar)
        self._outer.insertWidget(self._outer.indexOf(self.columns) + 1, gate.page, 1)
        return gate

    def _build_layout(self, arrangement: Arrangement) -> PaneLayout:
        panes = {
            "queue": (self.panes.queue, self.columns, 0),
            "map": (self.panes.map_pane, self.rows, 0),
            "roster": (self.panes.roster, self.rows, 1),
        }
        return PaneLayout(self, self.theme, arrangement, self.columns, self.rows, panes, self.actions)

    def free_place(self) -> QRect:
        """Where a sheet may lie: over queue and map, never over an incident that is being written."""
        return self.gate.free_place()

    def _another_person(self) -> None:
        """Another person sits here, or nobody, or the seat was locked: everything says what he may see and do."""
        panes = self.panes
        if self.desk.actor and self.desk.actor != self._filtered_by:
            # What his predecessor looked for would hide from him what he takes over.
            self._filtered_by = self.desk.actor
            panes.queue.filter.clear()
        for sheet in (self.deciding, self.technical, self.bulletins):
            sheet.cover.hide()
            sheet.refresh()
        self.register.refresh()
        self.layout_of_panes.show_out(self.gate.seating.mode is not Mode.EMPTY)
        panes.header.person.show_locked(self.gate.seating.mode is Mode.LOCKED)
        panes.strip.refresh()
        panes.queue.look_round()
        panes.roster.model.refresh()
        panes.incident.refresh()
        panes.command_line.refresh()

    def _connect(self) -> None:
        self.deciding.counted.connect(self.panes.header.show_approvals)
        self.panes.header.approvals_wanted.connect(self.deciding.open)
        self.technical.counted.connect(self.panes.header.show_technical)
        self.bulletins.counted.connect(self.panes.header.show_bulletins)
        self.panes.header.bulletins_wanted.connect(self.bulletins.open)
        self.technical.flooded.connect(self.panes.header.show_flood)
        self.technical.bar.asked.connect(self.perform)
        self.emergencies.asked.connect(self.perform)
        self.panes.header.technical_wanted.connect(self.technical.open)
        self.panes.strip.asked.connect(self.perform)
        self.panes.incident.room.asked.connect(self.perform)
        self.panes.strip.announced.connect(self._announce)
        self.selection.changed.connect(self._chosen)
        self.panes.roster.dispatch_requested.connect(self._dispatch_unit)
        self.panes.roster.status_requested.connect(self._change_status)
        self.panes.map_pane.unit_menu_requested.connect(self.panes.roster.open_menu)
        self.panes.command_line.left.connect(self._to_queue)
        self.panes.incident.left.connect(self._to_queue)
        self.panes.queue.list.opened.connect(self._enter_incident)

    # -- layout ------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 -- Qt's name
        super().showEvent(event)
        if not event.spontaneous():
            self.layout_of_panes.arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Another screen, another size: the usual arrangement follows until a person has made one."""
        super().resizeEvent(event)
        self.layout_of_panes.follow()

    # -- commands --------------------------------------------------------------------------------------------

    def install_commands(self, commands: Iterable[Command], surface: Surface) -> None:
        """Give each command its keys. `surface` is what a command may ask of this window."""
        self._surface = surface
        keys = CommandKeys(self, commands)
        keys.asked.connect(self.perform)
        keys.begun.connect(self.panes.command_line.begin)
        menu = command_menu(keys.actions, self)
        self.panes.command_line.set_menu(menu)
        self.panes.header.person.set_menu(seat_menu(keys.actions, self))

    def context(self) -> Context:
        """What the person has before them now."""
        assert self._surface is not None, "install_commands comes first"
        strip, chosen = self.panes.strip, self.selection.chosen
        focus = Focus(
            incident=chosen.incident,
            unit=chosen.unit,
            alarm=strip.alarm or chosen.alarm,
            held=strip.alarm if strip.held else "",
            suggested=self.panes.incident.suggested(),
            channel=self.panes.incident.channel,
            question=self.panes.incident.question,
            best=self.best,
            ranked=self.advice.for_incident,
            silent_since=self.silent_since,
            plan=self.advice.plan,
        )
        return Context(desk=self.desk, focus=focus, surface=self._surface)

    def best(self, number: str) -> Candidate | None:
        """The unit that was shown for an incident: the strip's own, else the advice every pane draws from."""
        strip = self.panes.strip
        return strip.unit if number and number == strip.incident else self.advice.best(number)

    @Slot(object)
    def perform(self, command: object) -> None:
        """Do a command, given by its id or as a command line. A refusal is a message."""
        words = str(command)
        self.toast.clear()
        self.gate.idle.touch()
        if (words not in FOR_ANYBODY and self.gate.refuses()) or not self._settled(words):
            return
        if words == ACKNOWLEDGE and self.panes.strip.held:
            self.panes.strip.let_go()
            return
        try:
            context = self.context()
            prepared = BY_ID[words].prepare(context, ()) if words in BY_ID else interpret(context, words)
        except UserError as refusal:
            self.tasks.messages.error(str(refusal))
            return
        if self.panes.command_line.seen.changed_since(prepared.about, self._asked.get(words)):
            self._asked = {words: self.panes.command_line.seen.now()}
            self.tasks.messages.warn(self.tr("情况已变化，请再按一次：{echo}").format(echo=prepared.echo))
            return
        warned = (words, prepared.echo, prepared.warning)
        if prepared.warning and self._warned != warned:
            # A key or a menu shows no echo: what the tables advise against is asked once, for this and nothing else.
            self._warned = warned
            pattern = self.tr("⚠ {warning}；仍要这样做请再按一次")
            self.tasks.messages.warn(pattern.format(warning=said(prepared.warning)))
            return
        self._warned = None
        self.carry_out(prepared)

    def _settled(self, words: str) -> bool:
        """Whether strip or agency buttons stood still before their key, and a question was in sight before its answer;
        if not, the person is asked again."""
        strip = self.panes.strip
        if words in STRIP_COMMANDS and not strip.settled(acknowledging=words == ACKNOWLEDGE):
            if strip.isHidden():
                self.tasks.messages.warn(self.tr("报警条刚刚收起，请看清后再按一次"))
            return False
        if words in AGENCY_COMMANDS and not self.panes.incident.agencies.settled():
            self.tasks.messages.warn(self.tr("联动建议刚刚变化，请看清后再按一次"))
            return False
        return words not in QUESTION_COMMANDS or self._question_in_sight()

    def _question_in_sight(self) -> bool:
        column = self.panes.incident
        if not column.question or column.cards.in_sight(column.questions.asking):
            return True
        if column.crowded:
            self.tasks.messages.warn(self.tr("问询被正在填写的一栏挡住，先按 Esc"))
            return False
        column.questions.open()
        self.tasks.messages.warn(self.tr("问询刚移到眼前，请看清后再按一次"))
        return False

    def carry_out(self, prepared: Prepared) -> None:
        """Do what was prepared (the command line's Enter) and say what was done."""
        self.tasks.start(self._deed(prepared), prepared.echo)

    @Slot(str)
    def _dispatch_unit(self, unit: str) -> None:
        self.perform(f"派 {unit}")

    @Slot(str, str)
    def _change_status(self, unit: str, code: str) -> None:
        self.perform(f"状态 {unit} {code}")

    @Slot()
    def _to_queue(self) -> None:
        """Esc: the queue takes the keys; what is selected stays, also where the queue does not show it."""
        if self.selection.incident or self.selection.alarm:
            self.panes.queue.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.panes.queue.list.take_focus()

    @Slot(object)
    def _enter_incident(self, _row: object) -> None:
        # Not by a reason that marks the whole field: one stray key would replace the place.
        self.panes.incident.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _chosen(self, chosen: Chosen) -> None:
        """Another incident: an acknowledged alarm on the strip, and what was said before, are no longer meant."""
        self.panes.strip.follow(chosen.incident)
        self._warned = None
        self.toast.clear()

    async def _deed(self, prepared: Prepared) -> None:
        told = await prepared.deed()
        if told:
            self.tasks.messages.info(told)

    def start(self) -> None:
        """The loop runs: ask who sits here, and tell the desk of alarms that were there before the window."""
        self.panes.queue.list.take_focus()
        self.gate.show_mode()
        for alarm in self.desk.picture.unacknowledged_alarms():
            if alarm.state is AlarmState.RECEIVED:
                self._announce(alarm.id)

    @Slot(object)
    def _announce(self, alarm: object) -> None:
        """It is told by the program, whoever sits here: an empty or locked seat rings and shows too."""
        asked = self.desk.act("alarm.annunciate", {"alarm": str(alarm)})
        told = replace(asked, actor=asked.actor or PROGRAM, roles=MACHINE)
        self.tasks.start(self.desk.carry_out(told), self.tr("声光提示"))

    # -- Qt's side -------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 -- Qt's name
        self.layout_of_panes.keep()
        self.layout_of_panes.bring_all_home()
        event.ignore()
        self.closing.emit()
