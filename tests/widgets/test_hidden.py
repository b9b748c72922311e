"""What is hidden from the person at this desk is in no list and on no map, and comes and goes with the person."""

from dataclasses import replace
from datetime import datetime

import pytest
from pytestqt.qtbot import QtBot

from console.domain.account import Role
from console.domain.facts import ConfidentialityChanged, UnitMoved
from console.domain.incident import Incident
from console.domain.state import need
from console.domain.unit import UnitStatus
from console.geo.city import load_city
from console.persistence.queries import IncidentLine
from console.services.desk import Desk
from resources import ROOT
from tests.support import tell
from tests.widgets.evening import GAS, play
from tests.widgets.later import a_moment_later
from widgets.advice import Advice
from widgets.map.canvas import MapCanvas
from widgets.models.queue_row import Tab
from widgets.panels.queue import QueuePanel
from widgets.panels.roster import RosterPanel
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.theme import Theme
from widgets.tick import Tick


class Older:
    """A database that holds one older complaint and one older call."""

    def __init__(self, like: Incident) -> None:
        kinds = {"ZZ20261101-0001": "100201", "ZZ20261101-0002": "050301"}
        self.lines = [
            IncidentLine(incident=replace(like, number=number, kind=kind, owner="099", confidential=False))
            for number, kind in kinds.items()
        ]

    def incidents(self, open_only: bool = False, limit: int | None = None, offset: int = 0) -> list[IncidentLine]:
        return self.lines[offset:]

    def search(self, text: str, limit: int = 50, kinds: object = (), before: str = "") -> list[IncidentLine]:
        return self.lines

    def count_incidents(self, open_only: bool = False) -> int:
        return len(self.lines)

    def count_calls(self, phone: str, since: datetime) -> int:
        return 0


@pytest.fixture
def desk(desk: Desk) -> Desk:
    play(desk)
    desk.actor, desk.roles = "052", (Role.CALL_TAKER,)
    return desk


def hide(desk: Desk) -> None:
    tell(desk, ConfidentialityChanged(incident=GAS, confidential=True, reason="涉未成年人"))
    assert need(desk.picture.state, Incident, GAS).owner != desk.actor


async def test_that_an_incident_made_confidential_leaves_the_queue_and_comes_back_for_the_chief(
    desk: Desk, theme: Theme, selection: Selection, tick: Tick, tasks: Tasks, qtbot: QtBot
) -> None:
    panel = QueuePanel(desk, theme, selection, tick, tasks, Older(need(desk.picture.state, Incident, GAS)))
    qtbot.addWidget(panel)
    panel.show_tab(Tab.ALL)
    await tasks.idle()
    assert (panel.model.place_of(GAS) >= 0, panel.model.place_of("ZZ20261101-0002") >= 0) == (True, True)
    assert panel.model.place_of("ZZ20261101-0001") < 0, "an older complaint of another"
    selection.choose_incident(GAS)
    hide(desk)
    assert panel.model.place_of(GAS) < 0
    assert selection.incident == "", "nobody goes on reading it"
    desk.actor, desk.roles = "011", (Role.CHIEF,)
    tick.second.emit(desk.clock())
    await tasks.idle()
    assert panel.model.place_of(GAS) >= 0
    assert panel.model.place_of("ZZ20261101-0001") >= 0
    desk.roles = ()
    tick.second.emit(desk.clock())
    await tasks.idle()
    assert panel.model.place_of(GAS) < 0, "the chief's seat is locked"


def test_that_an_incident_made_confidential_leaves_the_map_and_comes_back_for_the_chief(
    desk: Desk, theme: Theme, selection: Selection, tick: Tick, qtbot: QtBot
) -> None:
    canvas = MapCanvas(load_city(ROOT / "map" / "demo_city.json"), desk, theme, selection, tick, Advice(desk))
    desk.picture.observe(canvas.apply)
    qtbot.addWidget(canvas)
    assert GAS in canvas.scene.incidents
    hide(desk)
    assert GAS not in canvas.scene.incidents
    desk.roles = (Role.CHIEF,)
    tick.second.emit(desk.clock())
    assert GAS in canvas.scene.incidents


def test_that_the_roster_says_a_unit_is_bound_but_not_by_what_is_hidden(
    desk: Desk, theme: Theme, selection: Selection, tick: Tick, qtbot: QtBot
) -> None:
    panel = RosterPanel(desk, theme, selection, tick, Advice(desk))
    qtbot.addWidget(panel)
    sent = panel.model.rows()[0].unit
    tell(desk, UnitMoved(unit=sent.id, status=UnitStatus.ASSIGNED.value, order=GAS))

    def doing() -> str:
        a_moment_later()
        return panel.model.rows()[panel.model.row_of(sent.id)].doing

    assert doing().startswith(need(desk.picture.state, Incident, GAS).short)
    hide(desk)
    assert doing() == "（保密警情）"
    desk.actor, desk.roles = "011", (Role.CHIEF,)
    panel.model.refresh()
    assert doing().startswith(need(desk.picture.state, Incident, GAS).short)
