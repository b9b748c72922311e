"""The room around an incident: who else has it open, whose it is, who asks for it, who fell silent."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QWidget

from console.domain.account import Role
from console.domain.errors import JournalUnavailable
from console.domain.facts import ConfidentialityChanged, SignedOn
from console.domain.ledger import Act
from console.domain.presence import STALE_S, Present
from console.services.catching_up import catch_up
from console.services.presence import OnFault, OnRows, Presence
from tests.support import people, tell
from tests.widgets.incident.scene import Bench, gas, keys, press
from widgets.afterwards import AFTER_MS
from widgets.panels.queue import QueuePanel
from widgets.panels.seats import SeatsCard
from widgets.room import Room

WANG = Present(seat="04", actor="032", name="王敏")


@dataclass
class Board:
    """What the other seats say is said by the test."""

    hear: OnRows
    fail: OnFault
    said: list[Present] = field(default_factory=list)

    def say(self, mine: Present) -> None:
        self.said.append(mine)

    def close(self) -> None:
        """Nobody listens."""


@dataclass
class Scene:
    bench: Bench
    room: Room
    presence: Presence
    board: Board
    number: str

    @property
    def said(self) -> list[str]:
        return self.bench.panel.room.said

    async def other(self, act: str, actor: str = "032", **args: Any) -> None:
        """Another person does something at another seat; this desk is shown it."""
        bench = self.bench
        asked = Act(name=act, args=args, actor=actor, seat=actor, roles=bench.desk.roles, at=bench.clock())
        done = await bench.journal.commit(asked)
        await catch_up(bench.desk.picture, bench.journal, done.facts)


@pytest.fixture
async def scene(bench: Bench) -> AsyncIterator[Scene]:
    boards: list[Board] = []

    def open_board(rows: OnRows, fault: OnFault) -> Board:
        boards.append(Board(rows, fault))
        return boards[-1]

    people(bench.desk)
    presence = Presence(bench.desk, open_board)
    room = Room(bench.desk, presence, bench.panel, bench.selection, bench.tick, bench.tasks.messages)
    number = gas(bench.desk)
    presence.open()
    await bench.choose(number)
    yield Scene(bench, room, presence, boards[0], number)
    room.close()


async def test_that_this_seat_says_which_incident_is_open_and_which_field_is_typed_in(scene: Scene) -> None:
    form = scene.bench.panel.form
    await asyncio.sleep(4 * AFTER_MS / 1000)
    assert scene.board.said[-1].incident == scene.number
    form.caller.setFocus()
    keys(form.caller, "x")
    await asyncio.sleep(4 * AFTER_MS / 1000)
    assert scene.board.said[-1].field == "caller"
    press(form.caller, Qt.Key.Key_Tab)
    await asyncio.sleep(4 * AFTER_MS / 1000)
    assert scene.board.said[-1].field == ""
    await scene.bench.settle()
    scene.bench.selection.choose_incident("")
    await scene.bench.beat()
    await asyncio.sleep(4 * AFTER_MS / 1000)
    assert scene.board.said[-1].incident == ""


async def test_that_another_who_has_it_open_is_named_with_the_field_he_types_in(scene: Scene) -> None:
    here = replace(WANG, incident=scene.number)
    scene.board.hear([here])
    assert scene.said == ["032 王敏 也打开着"]
    scene.board.hear([replace(here, field="place")])
    assert scene.said == ["032 王敏 也打开着 · 正在改 地点"]
    assert scene.bench.panel.room.accessibleDescription() == scene.said[0]
    assert [tag.text for tag in scene.bench.panel.room.tags] == scene.said
    scene.board.hear([replace(here, incident="ZZ20261121-0001")])
    assert scene.bench.panel.room.isHidden()


class Shown(QObject):
    """Remembers every window that is shown, however shortly."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 -- Qt's name
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(type(watched).__name__)
        return False


async def test_that_what_is_said_of_the_room_takes_the_keys_from_no_window(scene: Scene, app: QApplication) -> None:
    shown = Shown()
    app.installEventFilter(shown)
    scene.board.hear([replace(WANG, incident=scene.number)])
    app.removeEventFilter(shown)
    assert scene.said
    assert shown.windows == []


async def test_that_a_silent_seat_is_said_and_its_incident_may_be_taken_by_a_key(scene: Scene) -> None:
    await scene.other("incident.give", actor="031", incident=scene.number, to="032")
    scene.board.hear([replace(WANG, incident=scene.number, age_s=STALE_S)])
    assert scene.said == ["接警 032 王敏 · 失联 00:45", "032 王敏 失联 00:45，最后在此"]
    (take,) = scene.bench.panel.room.buttons
    asked: list[str] = []
    scene.bench.panel.room.asked.connect(asked.append)
    press(take, Qt.Key.Key_Space)
    assert asked == ["接手 0190"]
    assert scene.room.silent_since("032") != ""


async def test_that_the_button_stays_while_the_time_beside_it_runs(scene: Scene) -> None:
    await scene.other("incident.give", actor="031", incident=scene.number, to="032")
    silent = replace(WANG, incident=scene.number, age_s=STALE_S)
    scene.board.hear([silent])
    (take,) = scene.bench.panel.room.buttons
    scene.board.hear([replace(silent, age_s=STALE_S + 1)])
    await scene.bench.beat()
    assert scene.bench.panel.room.buttons == [take]
    assert scene.said[0] == "接警 032 王敏 · 失联 00:46"


async def test_that_the_owner_sees_a_request_with_its_time_wherever_he_is(scene: Scene) -> None:
    scene.bench.selection.choose_incident("")
    await scene.bench.settle()
    await scene.other("incident.ask_for", incident=scene.number)
    assert scene.bench.tasks.messages.last[-1].text == "032 王敏 请求接手 0190：Ctrl+G 让出"
    assert scene.said == ["032 王敏 请求接手 0190 燃气泄漏（20 秒后值班长可接手）"]
    await scene.bench.beat(19)
    assert scene.said == ["032 王敏 请求接手 0190 燃气泄漏（1 秒后值班长可接手）"]
    await scene.bench.beat(1)
    assert scene.said == ["032 王敏 请求接手 0190 燃气泄漏（值班长现在可接手）"]
    await scene.bench.desk.do("incident.give", incident=scene.number)
    assert scene.bench.panel.room.isHidden()


async def test_that_nobody_loses_an_incident_without_being_told(scene: Scene) -> None:
    await scene.other("incident.ask_for", incident=scene.number)
    scene.bench.clock.advance(20)
    await scene.other("incident.take", actor="035", incident=scene.number, reason="交通堵塞")
    said = scene.bench.tasks.messages.last[-1]
    assert (said.level, said.text) == ("warn", "0190 已由 035 林队 接手：031未答复 032的请求，值班长接手；交通堵塞")
    assert scene.said == ["接警 035 林队"]


@pytest.fixture
def card(scene: Scene) -> Iterator[SeatsCard]:
    made = SeatsCard(scene.bench.theme, scene.presence, scene.bench.selection, scene.room.title_of)
    tester = QAbstractItemModelTester(made.table.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    made.close()
    tester.deleteLater()
    made.deleteLater()


async def test_that_the_list_of_seats_says_who_is_where(scene: Scene, card: SeatsCard) -> None:
    roles = (Role.CALL_TAKER.value, Role.DISPATCHER.value)
    signed = SignedOn(account="032", name="王敏", roles=roles)
    desk = scene.bench.desk
    desk.seat, seat = "04", desk.seat
    tell(desk, signed)
    desk.seat = seat
    card.open()
    scene.board.hear([replace(WANG, incident=scene.number, field="place"), Present(seat="07", actor="", age_s=3)])
    await asyncio.sleep(4 * AFTER_MS / 1000)
    assert card.rows() == [
        ("03", "031 陈志强", "", "0190 燃气泄漏", "", "✓ 在席"),
        ("04", "032 王敏", "接警员、派警员", "0190 燃气泄漏（正在改 地点）", "14:30", "✓ 在席"),
        ("07", "—", "", "", "", "○ 空席"),
    ]
    scene.board.hear([replace(WANG, incident=scene.number, age_s=130)])
    assert card.rows()[1][-1] == "✕ 失联 02:10"
    item = card.table.item(1, 5)
    assert item is not None
    assert item.text() == "✕ 失联 02:10"


async def test_that_an_open_list_follows_this_seat_too(scene: Scene, card: SeatsCard) -> None:
    card.open()
    scene.bench.selection.choose_incident("")
    await scene.bench.beat()
    await asyncio.sleep(4 * AFTER_MS / 1000)
    assert scene.board.said[-1].incident == ""
    scene.board.hear([scene.board.said[-1], replace(WANG, incident=scene.number)])
    scene.bench.selection.choose_incident(scene.number)
    await asyncio.sleep(4 * AFTER_MS / 1000)
    scene.board.hear([scene.board.said[-1], replace(WANG, incident=scene.number)])
    item = card.table.item(0, 3)
    assert item is not None
    assert item.text() == "0190 燃气泄漏"


async def test_that_the_list_names_no_incident_that_is_hidden_here(scene: Scene, card: SeatsCard) -> None:
    scene.board.hear([replace(WANG, incident=scene.number)])
    await scene.other("incident.give", actor="031", incident=scene.number, to="032")
    tell(scene.bench.desk, ConfidentialityChanged(incident=scene.number, confidential=True, reason="涉密"))
    scene.bench.desk.roles = (Role.CALL_TAKER.value,)
    assert card.rows()[1][3] == "（另一起警情）"


async def test_that_enter_in_the_list_opens_the_incident_of_that_seat(scene: Scene, card: SeatsCard) -> None:
    scene.bench.selection.choose_incident("")
    scene.board.hear([replace(WANG, incident=scene.number)])
    card.open()
    card.table.selectRow(1)
    press(card.table, Qt.Key.Key_Return)
    assert scene.bench.selection.incident == scene.number
    assert card.isHidden()
    await scene.bench.settle()


async def test_that_the_list_says_so_when_it_may_be_old(scene: Scene, card: SeatsCard) -> None:
    scene.board.hear([WANG])
    card.open()
    scene.board.fail(JournalUnavailable("数据库没有应答"))
    assert "看不到其他席位的变化（数据库没有应答）" in card.foot.text()
    assert len(card.rows()) == 2


class Nobody:
    """A database without a past."""

    def count_incidents(self, open_only: bool = False) -> int:
        return 0

    def incidents(self, open_only: bool = False, limit: int | None = None, offset: int = 0) -> list[Any]:
        return []

    def search(self, text: str, limit: int = 50, kinds: Any = (), before: str = "") -> list[Any]:
        return []


async def test_that_a_row_of_the_queue_names_another_owner_and_says_when_he_is_silent(scene: Scene) -> None:
    bench = scene.bench
    queue = QueuePanel(bench.desk, bench.theme, bench.selection, bench.tick, bench.tasks, Nobody())
    tester = QAbstractItemModelTester(queue.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    queue.follow_room(scene.presence)

    def row() -> tuple[str, bool]:
        found = queue.model.row(queue.model.place_of(scene.number))
        return found.owner, found.silent

    assert row() == ("", False), "one's own is no news"
    await scene.other("incident.give", actor="031", incident=scene.number, to="032")
    assert row() == ("032", False)
    scene.board.hear([replace(WANG, age_s=STALE_S)])
    assert row() == ("032", True)
    index = queue.model.index(queue.model.place_of(scene.number))
    assert "接警 032 失联" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    scene.board.hear([WANG])
    assert row() == ("032", False)
    bench.desk.actor = "032"
    await bench.beat()
    assert row() == ("", False), "another person sits here now"
    queue.close()
    tester.deleteLater()
    queue.deleteLater()
