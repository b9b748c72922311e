"""The technician's window assembled over a station; the counterpart of `seat.open_calltaker`.

Nobody has an account on a machine of one's own: there whoever sits at the bench is its technician.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from console.domain.account import Role
from console.domain.site import Line
from console.seat import Desktop, Whereabouts
from console.services.acceptance import Acceptance
from console.services.bench_wire import all_protocols, serial_ports, simulated_protocols
from console.services.lines import Lines
from console.services.quality import read_quality
from console.services.test_guide import TestGuide
from console.station import Station
from widgets.arrangement import Arrangement
from widgets.menu import bench_menu
from widgets.panels.bench.add_line import AddLineSheet
from widgets.panels.bench.frames import FramesPane
from widgets.panels.bench.head import BenchHead
from widgets.panels.bench.latency import LatencyPane
from widgets.panels.bench.lines import LinesPane
from widgets.panels.bench.plan import PlanPane
from widgets.panels.bench.quality import QualityPane
from widgets.panels.bench.simulated import SimulatedPane
from widgets.panels.cover import Cover
from widgets.panels.repairs import RepairsPanel
from widgets.panels.site_due import SiteDuePanel
from widgets.panels.site_form import SiteForm
from widgets.seating import Seating
from widgets.tasks import Tasks
from widgets.tick import Tick
from widgets.windows.bench import BenchPanes, BenchWindow
from widgets.windows.bench_lines import BenchLines

ROLE = "bench"


@dataclass(slots=True, eq=False)
class Bench:
    """The window with what belongs to it and must live as long."""

    window: BenchWindow
    tick: Tick
    tasks: Tasks

    async def start(self) -> None:
        """The loop runs and the lines are open: begin the clock, listen to the lines, ask who sits here."""
        self.tick.start()
        self.window.gate.seating.empty()
        self.window.start()

    async def stop(self) -> None:
        """No more beats and acts; the seat is left empty."""
        self.tick.stop()
        await self.tasks.idle()
        await self.window.gate.close()
        await self.window.stop()
        await self.tasks.idle()

    async def leave(self) -> Whereabouts:
        """The window ends, the technician stays; a test under way goes on in the journal."""
        here = Whereabouts(ROLE, self.window.panes.plan.site_id)
        self.tick.stop()
        await self.tasks.idle()
        self.window.gate.seating.close()
        await self.window.stop()
        await self.tasks.idle()
        return here

    async def resume(self, place: Whereabouts) -> None:
        """Go on at the site the window before this one was left at."""
        self.tick.start()
        self.window.start()
        if place.incident:
            self.window.panes.plan.choose_site(place.incident)


def open_bench(
    desktop: Desktop, station: Station, *, keep: bool = True, lines: Callable[[], Lines | None] | None = None
) -> Bench:
    """Build the technician's window over a station; call it on the running loop.

    `keep` as in `open_calltaker`; `lines` are the station's own unless others are posed.
    """
    desk, theme = station.desk, desktop.theme
    own_lines = lines or (lambda: station.lines)
    if desk.open_without_accounts:
        desk.roles = (Role.TECHNICIAN.value,)
    tick, tasks = Tick(station.clock), Tasks(desktop.messages)
    guide = TestGuide(desk, tasks.start)
    arrangement = Arrangement(station.settings.data_folder if keep else None, ROLE)
    panes = BenchPanes(
        head=BenchHead(desk, theme, tick),
        lines=LinesPane(theme, Identities().of),
        frames=FramesPane(theme, station.clock),
        plan=PlanPane(desk, theme, tasks, guide),
        simulated=SimulatedPane(theme, simulated_protocols()),
        latency=LatencyPane(theme),
        quality=QualityPane(theme),
        due=SiteDuePanel(desk, theme),
        repairs=RepairsPanel(desk, theme, tasks),
        site=SiteForm(desk, theme, tasks),
    )
    panes.head.theme_chosen.connect(arrangement.keep_theme)
    window: BenchWindow

    async def quality(lines: Sequence[Line]) -> None:
        now = station.clock()
        window.show_quality(await read_quality(station.queries, lines, now), now)

    folder = station.settings.data_folder
    window = BenchWindow(
        desk,
        theme,
        tick,
        tasks,
        panes,
        guide,
        Seating(desk, station.sign_on),
        arrangement,
        Acceptance(desk, folder / "acceptance", read_head=station.read_head),
        lines=own_lines,
        read_quality=lambda lines: tasks.start(quality(lines), "line quality"),
        lock_after_s=station.settings.lock_after_min * 60,
    )
    sheet = AddLineSheet(theme, all_protocols())
    window.install_keys(
        BenchLines(
            tasks,
            station.clock,
            (panes.lines, panes.frames, panes.simulated),
            sheet,
            Cover(window.ground, theme, sheet, window.free_place, 640),
            add_line=station.add_line,
            lines=own_lines,
            folder=folder / "captures",
        )
    )
    window.panes.head.person.set_menu(bench_menu(window))
    return Bench(window, tick, tasks)


class Identities:
    """What is plugged in at each serial address of this machine, read once: the list is slow to make."""

    def __init__(self) -> None:
        self._known: dict[str, str] | None = None

    def of(self, address: str) -> str:
        """FT232R 0403:6001, '' for what is no serial port."""
        if self._known is None:
            self._known = dict(serial_ports())
        return self._known.get(address.split("@", 1)[0], "")
