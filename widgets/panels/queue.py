"""The left column: tabs with counts, the list of incidents, a filter by number, text or pinyin initials.

It watches the picture and turns what changed into rows; it holds no state of its own beside tab and filter. What
the picture does not hold any more, the tab 全部 reads from the database (`queue_past`).
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from console.domain.alarm import Alarm
from console.domain.assignment import Assignment
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.link import IncidentLink, StackedJob
from console.persistence.queries import IncidentLine
from console.services.desk import Desk
from console.services.picture import Changes, Picture
from console.services.presence import Presence
from console.services.queue_filter import QueueFilter
from console.services.sight import Sight, visible
from widgets.arrangement import Arrangement
from widgets.controls import TabButton
from widgets.models.queue_look import look_of
from widgets.models.queue_past import WholeQueueModel
from widgets.models.queue_row import QueueRow, Tab, garbage_row, incident_row
from widgets.panels.queue_filters import QueueFilters
from widgets.panels.queue_list import QueueList
from widgets.panels.queue_past import PastIncidents, QueuePast
from widgets.selection import Chosen, Selection
from widgets.tasks import Tasks
from widgets.theme import Theme
from widgets.tick import Tick


class Filter(QLineEdit):
    """Esc goes back to the list and keeps what was typed."""

    def __init__(self, back_to: QueueList) -> None:
        super().__init__()
        self._back_to = back_to

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 -- Qt's name
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._back_to.take_focus()
        else:
            super().keyPressEvent(event)


class QueuePanel(QFrame):
    """The queue. `model` and `list` are open to the window and to tests; `past` is asked in threads."""

    def __init__(
        self, desk: Desk, theme: Theme, selection: Selection, tick: Tick, tasks: Tasks, past: PastIncidents
    ) -> None:
        super().__init__()
        self._desk, self._theme, self._selection = desk, theme, selection
        self._tick, self._me = tick, (desk.actor, desk.roles)
        self._sight = Sight(desk)
        self._presence: Presence | None = None
        self._silent: frozenset[str] = frozenset()
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("警情队列栏"))
        self.model = WholeQueueModel(self, tick.now)
        self.past = QueuePast(self.model, desk.picture, past, tasks, self._sight.seen, lambda: desk.actor)
        self.list = QueueList(theme, tick, self.model)
        self.filter = Filter(self.list)
        self.only = QueueFilters(theme, lambda: desk.reference, self._beats)
        self.foot = QLabel()
        self._tabs = QButtonGroup(self)
        self._build()
        self.list.chosen.connect(self._chosen)
        self.list.typed.connect(self._typed)
        self.list.retried.connect(self.past.read_on)
        self.past.told.connect(self._past_told)
        self.filter.textChanged.connect(self._filter)
        self.only.chosen.connect(self._narrow)
        self.only.worn.connect(self.list.wear)
        selection.changed.connect(self._follow)
        theme.changed.connect(self._dress)
        self._stop = desk.picture.observe(self.take_in)
        self._stop_health = desk.health.observe(self._say_saving)
        self._stop_room: Callable[[], None] = lambda: None
        tick.second.connect(self.look_round)
        self.load()

    def _build(self) -> None:
        px = self._theme.px
        tabs = QHBoxLayout()
        tabs.setContentsMargins(px(6), 0, px(6), 0)
        tabs.setSpacing(px(2))
        for at, (tab, text) in enumerate(self._tab_titles()):
            button = TabButton(self._theme, text)
            button.setProperty("tab", tab.value)
            button.setChecked(at == 0)
            self._tabs.addButton(button)
            tabs.addWidget(button)
        tabs.addStretch(1)
        self._tabs.buttonClicked.connect(self._tab_clicked)
        self.filter.setPlaceholderText(self.tr("键入警情号、文字或拼音首字母筛选"))
        self.filter.setToolTip(self.filter.placeholderText())
        self.filter.setAccessibleName(self.tr("筛选警情"))
        self.filter.setClearButtonEnabled(True)
        self.foot.setProperty("role", "muted")
        self.foot.setAccessibleName(self.tr("警情条数"))
        self._layout = QVBoxLayout(self)
        self._foot_row = QHBoxLayout()
        self._foot_row.addWidget(self.filter, 1)
        self._foot_row.addWidget(self.foot)
        for part in (tabs, self._foot_row):
            self._layout.addLayout(part)
        self._layout.insertWidget(1, self.only)
        self._layout.insertWidget(2, self.list, 1)
        self._dress(self._theme)

    def _tab_titles(self) -> tuple[tuple[Tab, str], ...]:
        return (
            (Tab.WAITING, self.tr("待处")),
            (Tab.UNDER_WAY, self.tr("处警中")),
            (Tab.HELD, self.tr("暂缓")),
            (Tab.LINKED, self.tr("联动")),
            (Tab.CALLBACK, self.tr("待回访")),
            (Tab.ALL, self.tr("全部")),
        )

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 -- Qt's name
        self._stop()
        self._stop_health()
        self._stop_room()
        super().closeEvent(event)

    # -- from the picture ------------------------------------------------------------------------------------

    def load(self) -> None:
        """All rows as the picture stands and this person may see them."""
        shown = visible(self._desk)
        self.model.drop({row.number for row in self._desk.picture.incidents()} - {row.number for row in shown})
        self.model.put(self._rows(shown))
        self.model.put(garbage_rows(self._desk.picture, self._desk.picture.state.all(Alarm)))
        self._say_counts()

    def follow_room(self, presence: Presence) -> None:
        """Mark from now on whose owner is not heard (失联)."""
        self._presence = presence
        self._stop_room = presence.observe(self.look_round)
        self.look_round()

    @Slot()
    @Slot(object)
    def look_round(self, _: object = None) -> None:
        """Somebody fell silent or is heard again: the rows of his incidents say so. Another person may sit here, who
        has another name and other incidents to see."""
        if (self._desk.actor, self._desk.roles) != self._me:
            self._me = (self._desk.actor, self._desk.roles)
            self.load()
            self._ask_past()
            self._let_go()
        self.model.grow_late()
        before, self._silent = self._silent, self._silent_owners()
        if before != self._silent:
            self.model.mark_silent(self._silent)

    def _silent_owners(self) -> frozenset[str]:
        """Whose open incidents nobody looks after. Thousands of incidents have few owners: those are asked about."""
        if self._presence is None:
            return frozenset()
        incidents = self._desk.picture.incidents()
        away = {owner for owner in {row.owner for row in incidents} if owner and self._presence.silent_since(owner)}
        return frozenset({row.owner for row in incidents if row.owner in away and row.open} if away else ())

    def _let_go(self) -> None:
        """Nobody goes on working on what is hidden from him by now."""
        chosen = self._desk.picture.state.get(Incident, self._selection.incident)
        if chosen is not None and self._sight.hidden(chosen):
            self._selection.choose_incident("")

    def _rows(self, incidents: Iterable[Incident]) -> list[QueueRow]:
        """Rows as this desk sees them: its own person's name is no news on them."""
        mine, silent = self._desk.actor, self._silent
        return [
            replace(
                row,
                owner="" if row.owner == mine else row.owner,
                mine=bool(mine) and row.owner == mine,
                silent=row.owner in silent,
            )
            for row in rows_of(self._desk.picture, incidents)
        ]

    def take_in(self, changes: Changes) -> None:
        """Observer of the picture."""
        gone = [row.key for row in changes.removed if isinstance(row, Incident)]
        gone += [
            row.key for row in changes.updated if isinstance(row, Incident) and (row.main or self._sight.hidden(row))
        ]
        self.model.drop(gone)
        self._let_go()
        picture = self._desk.picture
        numbers = {
            number: None
            for entity in (*changes.added, *changes.updated, *changes.removed)
            for number in _incidents_of(entity)
            if number and number not in gone
        }
        found = (picture.state.get(Incident, number) for number in numbers)
        self.model.put(self._rows(row for row in found if row is not None and not self._sight.hidden(row)))
        self._take_in_garbage(changes)
        self.past.over(self._sight.seen(lines_over(picture, changes)))
        self.list.go_to(self._selected_key())
        self._say_counts()

    def _take_in_garbage(self, changes: Changes) -> None:
        alarms = [a for a in (*changes.added, *changes.updated) if isinstance(a, Alarm) and not a.incident]
        removed = [a.id for a in changes.removed if isinstance(a, Alarm)]
        self.model.drop([alarm.id for alarm in alarms if not alarm.open] + removed)
        self.model.put(garbage_rows(self._desk.picture, alarms))

    # -- from the person -------------------------------------------------------------------------------------

    @Slot(object)
    def _chosen(self, row: QueueRow) -> None:
        if row.number:
            self._selection.choose_incident(row.key)
        else:
            self._selection.choose_alarm(row.key)

    @Slot(object)
    def _typed(self, text: str) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.insert(text)

    @Slot(str)
    def _filter(self, text: str) -> None:
        self.model.filter(text)
        self._ask_past()
        self.list.go_to(self._selected_key())
        self._say_counts()

    @Slot(object)
    def _narrow(self, only: QueueFilter) -> None:
        self.model.narrow(only)
        self._ask_past()
        self.list.go_to(self._selected_key())
        self._say_counts()

    def _beats(self) -> set[str]:
        return {incident.beat for incident in visible(self._desk) if incident.beat}

    def keep_look(self, arrangement: Arrangement) -> None:
        """Look as it was left in this kind of window, and keep what is changed from now on."""
        self.only.wear(look_of(arrangement.queue))
        self.only.worn.connect(lambda look: arrangement.keep_queue(look.kept()))

    @Slot(object)
    def _tab_clicked(self, button: QWidget) -> None:
        self.show_tab(Tab(button.property("tab")))

    def show_tab(self, tab: Tab) -> None:
        """Go to a tab."""
        for button in self._tabs.buttons():
            button.setChecked(button.property("tab") == tab.value)
        self.model.show_tab(tab)
        self._ask_past()
        self.list.go_to(self._selected_key())
        self._say_counts()

    def _ask_past(self) -> None:
        if self.model.tab is Tab.ALL:
            self.past.show(self.filter.text())
        else:
            self.past.leave()

    @Slot()
    def _past_told(self) -> None:
        self.list.mark(self._selected_key())
        self._say_counts()

    @Slot(object)
    def _follow(self, _chosen: Chosen) -> None:
        self.list.go_to(self._selected_key())

    def _selected_key(self) -> str:
        return self._selection.incident or self._selection.alarm

    # -- drawing ---------------------------------------------------------------------------------------------

    def _say_saving(self) -> None:
        saving = self._desk.health.saving_subjects()
        if saving != self.list.row_delegate.saving:
            self.list.row_delegate.saving = saving
            self.list.viewport().update()

    def _say_counts(self) -> None:
        for button in self._tabs.buttons():
            if isinstance(button, TabButton):
                tab = Tab(button.property("tab"))
                button.set_count(None if tab is Tab.ALL else self.model.counts[tab])
        listed, total = self.model.listed, self.past.total
        if self.model.tab is Tab.ALL and total is not None:
            self.foot.setText(self.tr("共 {n} 条（数据库 {m} 条）").format(n=listed, m=total))
        else:
            self.foot.setText(self.tr("共 {n} 条").format(n=listed))

    @Slot(object)
    def _dress(self, theme: Theme) -> None:
        px = theme.px
        self._layout.setContentsMargins(1, px(4), 1, px(8))
        self._layout.setSpacing(px(6))
        self._foot_row.setContentsMargins(px(10), 0, px(12), 0)
        self._foot_row.setSpacing(px(10))


def _incidents_of(entity: object) -> tuple[str, ...]:
    """The incidents whose rows an entity may change."""
    if isinstance(entity, Incident):
        return (entity.number,)
    if isinstance(entity, IncidentLink):
        return entity.incident, entity.other
    return (entity.incident,) if isinstance(entity, Assignment | Handoff | Alarm | StackedJob) else ()


def lines_over(picture: Picture, changes: Changes) -> list[IncidentLine]:
    """Incidents whose day in the picture is over, with who was put on them; not those that only got another number."""
    gone = [row for row in changes.removed if isinstance(row, Incident) and not row.open]
    orders = [row for row in changes.removed if isinstance(row, Assignment)]
    handoffs = [row for row in changes.removed if isinstance(row, Handoff)]
    return [
        IncidentLine(
            incident=incident,
            units=tuple(dict.fromkeys(order.unit for order in orders if order.incident == incident.number)),
            agencies=tuple(
                dict.fromkeys(handoff.agency for handoff in handoffs if handoff.incident == incident.number)
            ),
        )
        for incident in gone
        if not picture.state.where(Incident, alias=incident.number)
    ]


def rows_of(picture: Picture, incidents: Iterable[Incident]) -> list[QueueRow]:
    """The rows of incidents; merged ones have none, they stand in their main incident."""
    return [incident_row(picture, incident) for incident in incidents if not incident.main]


def garbage_rows(picture: Picture, alarms: Iterable[Alarm]) -> list[QueueRow]:
    """Rows of open alarms without an incident."""
    return [garbage_row(picture, alarm) for alarm in alarms if alarm.open and not alarm.incident]
