"""What a desk command may ask of the call-taker's window (`console.commands.Surface`), passed on to its panes."""

from collections.abc import Callable
from typing import Any, Protocol

from console.domain.errors import UserError
from console.services.printing import Printing
from console.services.queue_filter import QueueFilter
from widgets.afterwards import answered
from widgets.models.queue_row import Tab
from widgets.panels.cover import Cover
from widgets.panels.queue import QueuePanel
from widgets.selection import Selection


class AskedFor(Protocol):
    """The part of the incident panel's sheet that commands use."""

    @property
    def title(self) -> str: ...


class IncidentColumn(Protocol):
    """The part of the incident panel that commands use."""

    @property
    def sheet(self) -> AskedFor: ...
    def new_incident(self) -> Any: ...
    def return_call(self) -> Any: ...
    def show_plan(self, number: str, wave: int) -> Any: ...
    def choose_agency(self) -> Any: ...
    def show_questions(self, *, back: bool) -> Any: ...
    def merge(self) -> Any: ...
    def take_duplicate(self, place: int) -> Any: ...
    def reveal(self, number: str, reason: str) -> Any: ...


class CommandRow(Protocol):
    """The part of the command line that commands use."""

    def focus_line(self, prefix: str = "") -> Any: ...


class SeatKeeper(Protocol):
    """The part of the gate that commands use."""

    def lock(self) -> Any: ...
    def open_hand_over(self) -> Any: ...
    def sign_off(self) -> Any: ...


class Decisions(Protocol):
    """The part of the approvals sheet that commands use."""

    cover: Cover

    def open(self) -> Any: ...


class Lane(Protocol):
    """The part of the technical lane that commands use."""

    cover: Cover

    def open(self) -> Any: ...


class Board(Protocol):
    """The part of the sheet of bulletins that commands use."""

    cover: Cover

    def open(self, kind: str, text: str) -> Any: ...


class Records(Protocol):
    """The part of the register's form that commands use."""

    @property
    def unsaved(self) -> bool: ...
    def open(self, site: str = "") -> Any: ...
    def register_alarm(self, alarm: str) -> Any: ...


class MapKeeper(Protocol):
    """The part of the emergencies that commands use."""

    def go_back(self) -> Any: ...


class PaneKeeper(Protocol):
    """The part of the layout that commands use."""

    def toggle(self, name: str) -> Any: ...
    def reset(self) -> Any: ...
    def undo(self) -> bool: ...


class CallTakerSurface:
    """The window as commands see it."""

    def __init__(
        self,
        selection: Selection,
        queue: QueuePanel,
        incident: IncidentColumn,
        command_row: CommandRow,
        printing: Printing,
        show_keys: Callable[[], object],
        gate: SeatKeeper,
        decisions: Decisions,
        technical: Lane,
        *,
        show_seats: Callable[[], object],
        register: Records,
        bulletins: Board,
        declare_major: Callable[[str, str], object],
        change_language: Callable[[str], object],
        emergencies: MapKeeper,
        layout: PaneKeeper,
        test_sound: Callable[[], object],
    ) -> None:
        self._layout, self._test_sound = layout, test_sound
        self._emergencies = emergencies
        self._change_language = change_language
        self._register, self._bulletins, self._declare_major = register, bulletins, declare_major
        self._gate, self._decisions, self._technical = gate, decisions, technical
        self._selection, self._queue, self._incident = selection, queue, incident
        self._command_row, self._printing, self._show_keys = command_row, printing, show_keys
        self._show_seats = show_seats

    def new_incident(self) -> None:
        """F9; a sheet over queue and map goes, for Esc now belongs to the form."""
        for sheet in (self._technical, self._decisions, self._bulletins):
            sheet.cover.hide()
        self._incident.new_incident()

    def return_call(self) -> None:
        """Shift+F9."""
        self._incident.return_call()

    def show_incident(self, number: str) -> None:
        """Select it; the queue marks it where it is shown."""
        self._selection.choose_incident(number)

    def offer_linkage(self, number: str, agencies: tuple[str, ...]) -> None:
        """The incident column puts a site's own agencies on its first buttons by itself; show it."""
        self._selection.choose_incident(number)

    def show_plan(self, number: str, wave: int) -> None:
        """Ctrl+D."""
        self._selection.choose_incident(number)
        self._incident.show_plan(number, wave)

    def choose_agency(self) -> None:
        """Ctrl+L."""
        self._incident.choose_agency()

    def choose_main_incident(self) -> None:
        """Ctrl+M."""
        self._incident.merge()

    def test_sound(self) -> None:
        """Ctrl+Alt+S."""
        self._test_sound()

    def move_pane(self, name: str) -> None:
        """Ctrl+Alt+Q, M, R."""
        self._layout.toggle(name)

    def reset_layout(self) -> None:
        """Ctrl+Alt+0."""
        self._layout.reset()

    def undo_layout(self) -> None:
        """Ctrl+Alt+U."""
        if not self._layout.undo():
            raise UserError("没有可撤销的布局改动")

    def map_back(self) -> None:
        """Ctrl+Shift+B."""
        self._emergencies.go_back()

    def take_duplicate(self, place: int) -> None:
        """Ctrl+1 … Ctrl+3."""
        self._incident.take_duplicate(place)

    def show_questions(self, *, back: bool = False) -> None:
        """Alt+Q, Alt+←."""
        self._incident.show_questions(back=back)

    def change_language(self, language: str) -> None:
        """语言: the program opens this window anew; what cannot be kept must be finished first."""
        if self._incident.sheet.title or self._register.unsaved:
            raise UserError("请先完成或关闭打开的窗格，再切换语言")
        self._change_language(language)

    def focus_command_line(self) -> None:
        """Ctrl+K."""
        self._command_row.focus_line()

    def focus_search(self) -> None:
        """Ctrl+F: the command line, with the verb already there."""
        self.begin_line("查 ")

    def begin_line(self, text: str) -> None:
        """The command line begins with `text`; the person writes the rest."""
        self._command_row.focus_line(text)

    def find(self, text: str) -> None:
        """Filter the queue's last tab, which looks through the whole database."""
        self._queue.show_tab(Tab.ALL)
        self._queue.filter.setText(text)
        self._queue.list.take_focus()

    def narrow_queue(self, only: QueueFilter | None) -> None:
        """Alt+F, Alt+C."""
        if only is None:
            self._queue.only.open_menu()
        else:
            self._queue.only.narrow(only)

    def dress_queue(self, look: str) -> None:
        """Alt+V."""
        if look:
            self._queue.only.wear_word(look)
        else:
            self._queue.only.open_look_menu()

    def show_tab(self, tab: str) -> None:
        """A tab of the queue by its name in `queue_row.Tab`."""
        self._queue.show_tab(Tab(tab))
        self._queue.list.take_focus()

    def turn_queue(self, by: int) -> None:
        """Ctrl+PgDown, Ctrl+PgUp."""
        tabs = list(Tab)
        self._queue.show_tab(tabs[(tabs.index(self._queue.model.tab) + by) % len(tabs)])

    def show_key_card(self) -> None:
        """The key card."""
        self._show_keys()

    def lock(self) -> None:
        """F12."""
        self._gate.lock()

    def hand_over(self) -> None:
        """Shift+F12."""
        self._gate.open_hand_over()

    def sign_off(self) -> None:
        """The seat is left empty."""
        self._gate.sign_off()

    def show_approvals(self) -> None:
        """Ctrl+B."""
        self._decisions.open()

    def show_technical(self) -> None:
        """Ctrl+J."""
        self._technical.open()

    def show_bulletins(self, kind: str, text: str) -> None:
        """Ctrl+Shift+K, 布控, 协查, 通播."""
        self._bulletins.open(kind, text)

    def declare_major(self, number: str, reason: str) -> None:
        """Ctrl+Shift+M."""
        self._selection.choose_incident(number)
        self._declare_major(number, reason)

    def show_site(self, site: str) -> None:
        """Shift+F4."""
        self._register.open(site)

    def register_alarm(self, alarm: str) -> None:
        """F4."""
        self._register.register_alarm(alarm)

    def reveal(self, number: str, reason: str) -> None:
        """Ctrl+I, or 查看 with its reason."""
        self._selection.choose_incident(number)
        self._incident.reveal(number, reason)

    def show_seats(self) -> None:
        """The list of who is where."""
        self._show_seats()

    async def print_slip(self, handoff: str) -> str:
        """A handoff's slip, made once it is on the screen that it is sent; answers the file's name."""
        await answered()
        return (await self._printing.slip(handoff)).name

    async def print_sheet(self) -> str:
        """断网续接单; answers the file's name."""
        return (await self._printing.sheet()).name
