"""The roster's model: what it ranks, what it tells the view, and that nothing jumps while the mouse is over it."""

from datetime import timedelta

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from console.domain.clock import ManualClock
from console.domain.facts import IncidentOpened, UnitMoved, UnitRegistered
from console.domain.incident import Incident
from console.domain.recommend import Candidate, Way, straight_line
from console.domain.unit import Position, Unit, UnitStatus
from console.services.desk import Desk
from tests.support import tell
from tests.widgets.evening import GAS, play
from widgets.advice import Advice
from widgets.models.roster import RosterModel, concerned
from widgets.models.roster_text import Column
from widgets.models.unit_groups import UnitGroup

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def model(desk: Desk) -> RosterModel:
    play(desk)
    model = RosterModel(desk.picture, Advice(desk), desk.clock)
    desk.picture.observe(lambda changes: model.refresh() if concerned(changes) else None)
    return model


def order(model: RosterModel) -> list[str]:
    return [row.unit.id for row in model.rows()]


def cell(model: RosterModel, unit: str, column: Column, role: int = Qt.ItemDataRole.DisplayRole) -> object:
    return model.index(model.row_of(unit), column).data(role)


def change(desk: Desk, unit: str, status: UnitStatus) -> None:
    tell(desk, UnitMoved(unit=unit, status=status.value))


def test_that_the_model_keeps_qts_rules_through_every_kind_of_change(
    desk: Desk, model: RosterModel, qtmodeltester: ModelTester
) -> None:
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    model.select(GAS)
    change(desk, "巡05", UnitStatus.FOOT_PATROL)
    tell(desk, UnitRegistered(unit=Unit(id="巡99", status=UnitStatus.AVAILABLE, status_since=desk.clock())))
    model.hold(True)
    desk.picture.move([Position(unit="巡05", lat=24.53, lon=117.62, at=desk.clock())])
    model.hold(False)
    model.select("")
    assert model.rowCount() == 32
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.columnCount(model.index(0, 0)) == 0


def test_that_the_model_is_never_reset(desk: Desk, model: RosterModel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(model.modelReset):
        model.select(GAS)
        change(desk, "巡05", UnitStatus.FOOT_PATROL)


def test_that_a_changed_unit_is_told_as_one_range_of_one_row(desk: Desk, model: RosterModel) -> None:
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    change(desk, "巡05", UnitStatus.FOOT_PATROL)
    row = model.row_of("巡05")
    assert told == [(row, row)]


def test_that_without_an_incident_units_stand_by_group_then_by_call_sign(model: RosterModel) -> None:
    groups = [list(UnitGroup).index(row.group) for row in model.rows()]
    assert groups == sorted(groups)
    free = [row.unit.id for row in model.rows() if row.group is UnitGroup.AVAILABLE]
    assert free == sorted(free)


def test_that_the_selected_incident_ranks_units_that_may_be_sent_by_time(model: RosterModel) -> None:
    model.select(GAS)
    may = [row for row in model.rows() if not row.why_not]
    times = [row.way.time_s + 180 * (row.unit.type == "护学岗") for row in may if row.way is not None]
    assert times == sorted(times)
    assert list(model.rows())[: len(may)] == may
    assert [row.best for row in model.rows()] == [True] + [False] * 30


def test_that_an_alarm_marks_the_second_unit_too_and_says_why(model: RosterModel) -> None:
    model.select("ZZ20261121-0194")
    (best,) = (row for row in model.rows() if row.best)
    (other,) = (row for row in model.rows() if row.second)
    assert best is model.rows()[0]
    tips = [str(cell(model, row.unit.id, Column.STATUS, Qt.ItemDataRole.ToolTipRole)) for row in (best, other)]
    assert tips[0].startswith(f"荐 {best.unit.id}：")
    assert f"建议双组，另派{other.unit.id}" in tips[0]
    assert tips[1].startswith(f"荐2 {other.unit.id}：")
    assert "第二组" in tips[1]
    model.select(GAS)
    assert not any(row.second for row in model.rows())


def test_that_a_school_guards_tip_says_why_it_stands_behind(model: RosterModel) -> None:
    model.select(GAS)
    tip = str(cell(model, "护01", Column.CALL_SIGN, Qt.ItemDataRole.ToolTipRole))
    assert "护学岗宜守校门，排后180秒" in tip


def test_that_every_unit_not_proposed_says_why(model: RosterModel) -> None:
    model.select(GAS)
    tip = cell(model, "巡04", Column.CALL_SIGN, Qt.ItemDataRole.ToolTipRole)
    assert tip == "巡04 为何不派：处置中"
    assert str(cell(model, order(model)[0], Column.STATUS, Qt.ItemDataRole.ToolTipRole)).startswith("荐 ")


def test_that_the_header_says_how_the_way_was_computed(model: RosterModel) -> None:
    model.select(GAS)
    assert model.headerData(Column.ARRIVAL, Qt.Orientation.Horizontal) == "到达（直线估算）"


def test_that_a_row_keeps_its_place_while_the_mouse_is_over_the_table(desk: Desk, model: RosterModel) -> None:
    model.select(GAS)
    before = order(model)
    model.hold(True)
    change(desk, before[0], UnitStatus.STANDBY)
    assert order(model) == before
    assert model.rows()[0].unit.status is UnitStatus.STANDBY
    model.hold(False)
    assert order(model) != before
    assert model.rows()[0].unit.id == before[1]


def test_that_another_incident_sorts_at_once_even_under_the_mouse(model: RosterModel) -> None:
    model.hold(True)
    before = order(model)
    model.select(GAS)
    assert order(model) != before


def test_that_a_held_index_follows_its_unit_through_a_new_order(model: RosterModel) -> None:
    index = QPersistentModelIndex(model.index(model.row_of("巡09"), Column.STATUS))
    model.select(GAS)
    row = model.row_at(index)
    assert row is not None
    assert row.unit.id == "巡09"


def test_that_a_fix_ages_in_words_without_a_change_of_rows(desk: Desk, model: RosterModel, clock: ManualClock) -> None:
    desk.picture.move([Position(unit="巡05", lat=24.51, lon=117.64, at=desk.clock())])
    rows = model.rows()
    for seconds, text in ((3, "GPS 3 s"), (58, "GPS 61 s 过时"), (60, "失联 121 s")):
        clock.advance(seconds)
        assert cell(model, "巡05", Column.TERMINAL) == text
    assert model.rows() == rows


def test_that_a_unit_never_seen_is_not_proposed_and_says_so(desk: Desk, model: RosterModel) -> None:
    tell(desk, UnitRegistered(unit=Unit(id="巡99", status=UnitStatus.AVAILABLE, status_since=desk.clock())))
    model.select(GAS)
    assert cell(model, "巡99", Column.TERMINAL) == "无定位"
    assert cell(model, "巡99", Column.ARRIVAL, Qt.ItemDataRole.ToolTipRole) == "巡99 为何不派：无定位"


def test_that_time_in_status_counts_from_the_status(desk: Desk, model: RosterModel, clock: ManualClock) -> None:
    change(desk, "巡05", UnitStatus.FOOT_PATROL)
    clock.advance(3725)
    assert cell(model, "巡05", Column.ELAPSED) == "1:02:05"


def test_that_a_unit_on_an_incident_names_it_and_a_screen_reader_hears_it(model: RosterModel) -> None:
    assert cell(model, "巡04", Column.INCIDENT) == "0187 家庭纠纷"
    spoken = cell(model, "巡04", Column.INCIDENT, Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "当前警情 0187 家庭纠纷"


def test_that_off_duty_units_stand_last(desk: Desk, model: RosterModel) -> None:
    change(desk, "巡05", UnitStatus.OFF_DUTY)
    model.select(GAS)
    assert order(model)[-1] == "巡05"


def test_that_an_invalid_index_has_no_data(model: RosterModel) -> None:
    assert model.data(QModelIndex()) is None
    assert model.row_at(QModelIndex()) is None


def test_that_advice_is_computed_once_per_second_and_change(desk: Desk, clock: ManualClock) -> None:
    play(desk)
    asked: list[str] = []

    def travel(unit: Unit, position: Position, lat: float, lon: float) -> Way:
        asked.append(unit.id)
        return straight_line(unit, position, lat, lon)

    advice = Advice(desk, travel)
    first = advice.for_incident(GAS)
    assert advice.for_incident(GAS) is first
    assert len(asked) == 31
    clock.advance(1)
    advice.for_incident(GAS)
    assert len(asked) == 62
    change(desk, "巡05", UnitStatus.STANDBY)
    assert next(c for c in advice.for_incident(GAS) if c.unit.id == "巡05").why_not
    assert len(asked) == 93


def test_that_advice_counts_who_arrives_within_the_rings(desk: Desk) -> None:
    play(desk)
    advice = Advice(desk)
    counts = [advice.counts_within(GAS, minutes) for minutes in (0, 1, 3, 5, 600)]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[-1] == sum(not c.why_not for c in advice.for_incident(GAS))
    best = advice.best(GAS)
    assert best is not None
    assert best.way is not None
    assert advice.counts_within(GAS, best.way.time_s / 60) == 1


def test_that_nobody_is_best_for_an_incident_without_a_place(desk: Desk) -> None:
    play(desk)
    record = Incident(number="ZZ20261121-0999", created_at=desk.clock() - timedelta(seconds=5))
    tell(desk, IncidentOpened(incident=record.number, record=record))
    advice = Advice(desk)
    assert advice.for_incident(record.number)
    assert advice.best(record.number) is None
    assert advice.best("ZZ20261121-0000") is None


class Forgetful(Advice):
    """Every question is asked anew, as when a second turns between two of them."""

    def for_incident(self, number: str) -> list[Candidate]:
        self._known.clear()
        return super().for_incident(number)


def test_that_the_unit_to_send_is_marked_whichever_second_the_advice_is_of(desk: Desk) -> None:
    play(desk)
    model = RosterModel(desk.picture, Forgetful(desk), desk.clock)
    model.select(GAS)
    best = Advice(desk).best(GAS)
    assert best is not None
    assert [row.unit.id for row in model.rows() if row.best] == [best.unit.id]
