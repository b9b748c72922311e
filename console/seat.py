"""A seat's desktop: the one QApplication, and the call-taker's window assembled over a station.

Everything is built here by constructor arguments, in the order observers must be told in: advice before the
panes that ask it. The picture maker, the tests and the program itself build the very same window.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

from PySide6.QtCore import Qt, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from console.commands import TABLE
from console.domain.errors import EnvironmentFault, UserError
from console.domain.marks import counted
from console.domain.routing import spoken_table
from console.domain.site import Signal, Site
from console.geo.city import City, load_city
from console.services import places
from console.services.callers import calls_from
from console.services.drafts import Drafts
from console.services.photos import Photos
from console.services.places import Places
from console.services.presence import Presence
from console.services.printing import Printing
from console.services.watch import Chore
from console.settings import Settings
from console.station import Station
from resources import ROOT
from widgets import qt_log
from widgets.advice import Advice
from widgets.arrangement import Arrangement
from widgets.input_method import choose_input_method
from widgets.language import change_language, load_language
from widgets.late_count import LateCount
from widgets.messages import Messages
from widgets.notices import Notices
from widgets.panels.bulletin_card import BulletinCard
from widgets.panels.call_bar import CallBar
from widgets.panels.caller_card import CallerCard, fill_empty
from widgets.panels.caller_pop import CallerPop
from widgets.panels.command_line import CommandLine
from widgets.panels.header import Header
from widgets.panels.help import HelpCard
from widgets.panels.incident import IncidentPanel
from widgets.panels.key_card import KeyCard
from widgets.panels.map import MapPanel
from widgets.panels.plan import PlanCard
from widgets.panels.queue import QueuePanel
from widgets.panels.reports_card import ReportsCard
from widgets.panels.roster import RosterPanel
from widgets.panels.seats import SeatsCard
from widgets.panels.strip import AlarmStrip
from widgets.panels.together import TogetherCard
from widgets.room import Room
from widgets.seating import Seating
from widgets.selection import Selection
from widgets.sound import Play, Sounds, open_player
from widgets.sound_test import SoundTest
from widgets.tasks import Tasks
from widgets.theme import THEMES, Theme, load_fonts
from widgets.tick import Tick
from widgets.windows.calltaker import CallTakerWindow, Panes
from widgets.windows.ringing_strip import RingingStrip
from widgets.windows.surface import CallTakerSurface

CITY = ROOT / "map" / "demo_city.json"
CITY_NAME = "漳州"
ROLE = "calltaker"
MARKS_AMONG = 500
"""So many incidents of a number are looked through for its silent, prank and dropped calls."""

HEARD_WITHIN, LAST_SIGNALS = timedelta(days=30), 4
"""How far back and how many of a site's signals its record shows."""


def kept_theme(settings: Settings) -> str:
    """Night or day as the person left it at this seat, else as it is set."""
    kept = Arrangement(settings.data_folder, ROLE).theme
    return kept if kept in THEMES else settings.theme


def kept_language(settings: Settings) -> str:
    """The language as the person left it at this seat, else as it is set."""
    return Arrangement(settings.data_folder, ROLE).language or settings.lang


@dataclass(slots=True, eq=False)
class Desktop:
    """The application, dressed, and what every window of it shares."""

    app: QApplication
    theme: Theme
    messages: Messages
    kept: list[QTranslator] = field(default_factory=list)
    language: str = "zh"

    @property
    def other_language(self) -> str:
        return "zh" if self.language == "en" else "en"

    def speak(self, language: str) -> None:
        """Windows opened from now on are in this language."""
        self.kept[:] = change_language(self.app, self.kept, language)
        self.language = language


def open_desktop(theme: str, language: str, scale: float = 1.0) -> Desktop:
    """The one QApplication, with our fonts, theme and language. UserError where there is no display."""
    if sys.platform.startswith("linux") and not os.environ.get("QT_QPA_PLATFORM"):
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            raise UserError("没有图形显示：请在桌面会话中运行，或设 QT_QPA_PLATFORM=offscreen")
    qt_log.take_over()
    choose_input_method(os.environ)
    existing = QApplication.instance()
    if existing is None:
        QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = existing if isinstance(existing, QApplication) else QApplication(["console110"])
    app.setApplicationName("console110")
    app.setQuitOnLastWindowClosed(False)
    load_fonts()
    dressed = Theme(THEMES[theme], scale)
    dressed.apply(app)
    return Desktop(app, dressed, Messages(), load_language(app, language), language)


# -- the call-taker's window ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a person was in a window that another one replaces: role, incident, draft being written, typed line."""

    role: str
    incident: str = ""
    draft: str = ""
    line: str = ""


@dataclass(slots=True, eq=False)
class CallTaker:
    """The window with what belongs to it and must live as long."""

    window: CallTakerWindow
    tick: Tick
    tasks: Tasks
    sounds: Sounds
    incident: IncidentPanel
    room: Room
    presence: Presence
    endings: tuple[Callable[[], object], ...]

    async def start(self) -> None:
        """The loop runs: begin the clock, ask who sits here, offer drafts, tell of alarms that waited."""
        self.tick.start()
        self.window.gate.seating.empty()
        self.presence.open()
        self.window.start()
        await asyncio.to_thread(spoken_table, self.window.desk.reference)
        await self.incident.start()

    async def stop(self) -> None:
        """No more beats, sounds or acts; what was typed is kept first, and the seat is left empty."""
        await self._fall_silent()
        await self.window.gate.close()
        await self._end()
        await asyncio.to_thread(self.presence.close)

    async def _fall_silent(self) -> None:
        self.tick.stop()
        for end in self.endings:
            end()
        self.incident.close_panel()
        await self.tasks.idle()

    async def _end(self) -> None:
        self.window.panes.queue.past.leave()
        self.room.close()
        await self.tasks.idle()

    # -- another window takes its place --------------------------------------------------------------------------

    async def leave(self) -> Whereabouts:
        """The window ends and the person stays: what he typed is kept, and where he was is answered."""
        incident, line = self.incident, self.window.panes.command_line.input.text()
        here = Whereabouts(ROLE, self.window.selection.incident, incident.drafting.id, line)
        incident.form.commit()
        await self._fall_silent()
        self.window.gate.seating.close()
        await self._end()
        return here

    async def resume(self, place: Whereabouts) -> None:
        """Go on where the window before this one was left; whoever sat there still does."""
        self.tick.start()
        self.window.start()
        await self.incident.start()
        if place.draft:
            self.incident.resume(place.draft)
        elif place.incident:
            self.window.selection.choose_incident(place.incident)
        self.window.panes.command_line.input.setText(place.line)


def _demo_city() -> tuple[City | None, str]:
    try:
        return load_city(CITY), ""
    except EnvironmentFault as fault:
        return None, str(fault)


def _places() -> Places:
    """The place field's names; without the city file a place is typed in full."""
    try:
        return places.load()
    except EnvironmentFault:
        return Places(())


def open_calltaker(
    desktop: Desktop, station: Station, *, player: Mapping[str, Play] | None = None, keep: bool = True
) -> CallTaker:
    """Build the call-taker's window over a station; call it on the running loop.

    `player` plays sounds (None: this machine's); `keep` False neither reads nor writes the window's arrangement.
    """
    desk, theme, city = station.desk, desktop.theme, _demo_city()
    tick, tasks, selection, advice = Tick(station.clock), Tasks(desktop.messages), Selection(), Advice(desk)
    played = open_player(station.settings.volume) if player is None else player
    sounds = Sounds(desk, tick, played)
    printing = Printing(desk, station.settings.slips_folder, read_head=station.read_head)
    incident = IncidentPanel(
        desk,
        theme,
        selection,
        tick,
        tasks,
        places=_places(),
        print_slip=printing.slip,
        timeline_loader=station.queries.timeline,
        drafts=Drafts(station.spool),
        calls_from=partial(calls_from, station.queries.count_calls, station.clock),
    )
    command_line = CommandLine(desk, theme, selection, tick, tasks)
    panes = Panes(
        header=Header(desk, theme, tick, city=CITY_NAME, sound=sounds.available),
        strip=AlarmStrip(desk, theme, tick, advice),
        queue=QueuePanel(desk, theme, selection, tick, tasks, station.queries),
        map_pane=MapPanel(desk, theme, selection, tick, advice, *city),
        roster=RosterPanel(desk, theme, selection, tick, advice),
        incident=incident,
        command_line=command_line,
    )
    caller = CallerPop(panes.map_pane, desk, theme, tick, tasks, station.queries.incidents_of)
    incident.take_call, incident.return_call = caller.take, caller.return_call
    incident.call_of = caller.call_of
    caller.on_take(incident.new_incident)
    strip = CallerCard(desk, theme, tasks, partial(calls_from, station.queries.count_calls, station.clock))
    incident.plug("caller", strip)
    strip.opened.connect(selection.choose_incident)
    strip.on_fill(partial(fill_empty, incident.form))
    call_bar = CallBar(panes.map_pane, caller, desk, theme, tick, tasks)
    plan = PlanCard(desk, theme, tasks, advice)
    incident.plug("plan", plan)
    incident.plug("help", HelpCard(desk, theme, tasks, incident.sheet))
    incident.show_plan = plan.show_plan
    plan.left.connect(incident.left)
    reports = ReportsCard(desk, theme, tasks, incident.sheet, station.queries.timeline)
    incident.plug("reports", reports)
    reports.left.connect(incident.left)
    hit = BulletinCard(desk, theme)
    incident.plug("bulletins", hit)
    arrangement = Arrangement(station.settings.data_folder if keep else None, ROLE)
    panes.header.theme_chosen.connect(arrangement.keep_theme)
    panes.queue.keep_look(arrangement)
    seating = Seating(desk, station.sign_on)
    lock_after_s = station.settings.lock_after_min * 60
    window = CallTakerWindow(
        desk, theme, selection, tick, tasks, advice, panes, arrangement, seating, lock_after_s=lock_after_s
    )
    RingingStrip(window.ground, theme, caller, window.gate)
    window.gate.signatures.print_sheet = printing.handover
    window.bulletins.keep_photos_in(Photos(station.settings.data_folder / "photos"))
    hit.wanted.connect(window.bulletins.show_one)
    window.register.read_signals_by(partial(_last_signals, station))
    room = Room(desk, station.presence, incident, selection, tick, desktop.messages)
    window.silent_since = room.silent_since
    together = TogetherCard(desk, theme, selection, tasks, partial(_marks_of, station))
    together.wanted.connect(window.perform)
    incident.plug("links", together)
    LateCount(desk, station.watch, panes.queue.only.late, selection, tick)
    panes.queue.follow_room(station.presence)
    card = KeyCard(theme, window)
    seats = SeatsCard(theme, station.presence, selection, room.title_of, window, call_bar.text_of_seat)
    sound_test = SoundTest(desk, tick, played, desktop.messages, panes.header.show_sound)
    window.install_commands(
        TABLE,
        CallTakerSurface(
            selection,
            panes.queue,
            incident,
            command_line,
            printing,
            card.open,
            window.gate,
            window.deciding,
            window.technical,
            show_seats=seats.open,
            register=window.register,
            bulletins=window.bulletins,
            declare_major=reports.declare,
            change_language=window.language_wanted.emit,
            emergencies=window.emergencies,
            layout=window.layout_of_panes,
            test_sound=sound_test.press,
        ),
    )
    call_bar.on_command(window.perform)
    strip.wanted.connect(window.perform)
    command_line.attach(window.context)
    station.watch.add_chore(Chore("sheet", station.settings.sheet_every_s, _refreshing(printing)))
    endings = (sounds.close, sound_test.close, window.emergencies.close, Notices(desk, desktop.messages).close)
    return CallTaker(window, tick, tasks, sounds, incident, room, station.presence, endings)


def _marks_of(station: Station, phone: str) -> Counter[str]:
    """How many calls of each mark a telephone number has made; blocks."""
    return counted(station.queries.incidents_of(phone, MARKS_AMONG))


def _last_signals(station: Station, site: Site) -> list[Signal]:
    """What a site's account sent within a month; blocks."""
    since = station.clock() - HEARD_WITHIN
    return station.queries.signals_of(site.account, site.line, since, LAST_SIGNALS) if site.account else []


def _refreshing(printing: Printing) -> Callable[[], Awaitable[None]]:
    async def refresh() -> None:
        await printing.refresh_sheet()

    return refresh
