"""Buses on the line: a press is one alarm however long its bit stands, and positions are no facts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from console.domain.account import MACHINE
from console.domain.alarm import Alarm
from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable
from console.domain.facts import AlarmPressedAgain, AlarmRaised, AlarmRestored, SignalReceived, SiteRegistered
from console.domain.incident import Incident
from console.domain.ledger import Act, new_id
from console.domain.site import Site
from console.domain.unit import Position, vehicle_key
from console.services import vehicles as module
from console.services.desk import Desk
from console.services.repeats import part_of
from console.services.vehicles import EVERY_S, FOR_S, Vehicles
from drivers.codec import Talker
from drivers.panel import Press
from drivers.protocols import codec_for
from drivers.protocols import jt808_words as words
from drivers.protocols.jt808_frame import Frame
from drivers.protocols.jt808_terminal import Place, Terminal, drive, location_body
from drivers.report import Report
from drivers.wire import PortError
from tests.support import EVENING, MemoryJournal, make_desk, tell

PHONE = "013800001111"
KEY = vehicle_key(PHONE)
AWAY = JournalUnavailable("数据库连接中断", "检查网络")
STEP = timedelta(seconds=5)
RELEASE = Press(qualifier="restore")


@dataclass
class Track:
    """A journal's track in memory; `failure` makes it refuse."""

    rows: list[Position] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    failure: JournalUnavailable | None = None

    taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def track(self, positions: Sequence[Position]) -> None:
        if self.failure is not None:
            raise self.failure
        self.rows += positions
        self.batches.append(len(positions))
        self.taken.set()


class Garage:
    """A desk, its vehicles, and one bus whose bytes go through the real codec."""

    def __init__(self, desk: Desk | None = None, phone: str = PHONE, **terminal: Any) -> None:
        self.clock = ManualClock(EVENING)
        self.desk = desk or make_desk(self.clock)
        self.track = Track()
        self.vehicles = Vehicles(self.desk.picture, self.track)
        self.codec = codec_for("jt808")
        self.bus = Terminal(phone, clock=self.clock, **terminal)
        self.connected = True
        self.ordered: list[dict[str, Any]] = []
        self.stores = True

    async def hear(self, wire: bytes) -> list[Report]:
        """What a line does with what the bus said; answers what went the way of a signal."""
        kept = []
        for report in self.codec.feed(wire):
            taken = self.vehicles.take(report, self.clock(), self.order)
            if taken is not None and self.stores:
                kept.append(taken)
                await self.desk.carry_out(self._act(taken))
                self.vehicles.stored(taken)
            elif taken is not None:
                self.vehicles.unstored(taken)
        self.clock.advance(STEP.total_seconds())
        return kept

    def order(self, what: Any) -> None:
        if not self.connected:
            raise PortError("nobody is connected")
        assert isinstance(self.codec, Talker)
        self.ordered.append(dict(what))
        self.codec.order(what)
        self.bus.hear(self.codec.outgoing(0.0))

    def _act(self, report: Report) -> Act:
        args = {"ingest_id": new_id(), "line": "公交", "protocol": "jt808", "report": report.to_json()}
        args |= {"received_at": self.clock().isoformat()}
        return Act(name="intake.receive", args=args, actor="线路公交", seat="03", roles=MACHINE, at=self.clock())

    async def drive(self, *presses: Press | None) -> list[Report]:
        kept = []
        for press in presses:
            kept += await self.hear(self.bus.signal(press) if press else self.bus.position())
        return kept

    def facts(self, kind: type) -> list[Any]:
        journal = self.desk.journal
        assert isinstance(journal, MemoryJournal)
        return [fact.body for fact in journal.facts if isinstance(fact.body, kind)]

    @property
    def alarms(self) -> list[Alarm]:
        return self.desk.picture.state.all(Alarm)

    def told(self, msg_id: int) -> list[dict[str, Any]]:
        return [said for said_id, said in self.bus.commands if said_id == msg_id]

    async def reset(self) -> None:
        (alarm,) = (alarm for alarm in self.alarms if alarm.open)
        await self.desk.do("alarm.acknowledge", alarm=alarm.id)
        await self.desk.do("alarm.judge", alarm=alarm.id, verdict="judge_false", reason="司机误碰")
        await self.desk.do("alarm.reset", alarm=alarm.id)


def late(*alarms: tuple[int, datetime]) -> bytes:
    """A 0x0704 with positions from a blind area."""
    bodies = [location_body(Place(lat=35.1, lon=119.1), alarm, at) for alarm, at in alarms]
    items = b"".join(len(body).to_bytes(2, "big") + body for body in bodies)
    content = len(bodies).to_bytes(2, "big") + b"\x01" + items
    return Frame(msg_id=words.BULK, phone=PHONE, serial=900, body=content).wire()


async def test_that_a_bit_that_stands_is_one_press_and_its_fall_is_noted_once() -> None:
    garage = Garage()
    await garage.drive(None, Press(), None, None, None, RELEASE, None, None)
    (alarm,) = garage.alarms
    assert (alarm.kind, alarm.event_code, alarm.presses, alarm.latched, alarm.open) == ("panic", "120", 1, True, True)
    assert alarm.account == PHONE
    assert len(garage.facts(SignalReceived)) == 2
    assert [len(garage.facts(kind)) for kind in (AlarmRaised, AlarmPressedAgain, AlarmRestored)] == [1, 0, 1]


async def test_that_a_further_press_of_an_open_alarm_counts_on_its_face() -> None:
    garage = Garage()
    await garage.drive(Press(), None, RELEASE, Press(), RELEASE)
    assert [alarm.presses for alarm in garage.alarms] == [2]


async def test_that_the_incident_is_where_the_bus_was_and_says_what_happened() -> None:
    garage = Garage(route=drive(35.5, 119.5))
    tell(garage.desk, SiteRegistered(site=Site(id="B7", name="7路 12号车", kind="bus", account=PHONE, moving=True)))
    (kept,) = await garage.drive(Press())
    (incident,) = garage.desk.picture.state.all(Incident)
    assert (incident.lat, incident.lon, incident.site) == (35.5, 119.5, "B7")
    assert kept.extended is not None
    assert kept.extended["text"] == "司机按下车载紧急报警按钮，当时车速36公里/小时"
    # The bus drives on: the alarm's fix is journaled, its way is not.
    await garage.drive(None)
    assert garage.desk.picture.state.all(Incident)[0].lon == 119.5


async def test_that_a_press_without_a_fix_is_looked_for_where_the_bus_was_last() -> None:
    garage = Garage()
    await garage.drive(None)
    body = bytearray(location_body(Place(lat=0, lon=0), 1, garage.clock()))
    body[7] &= ~2
    (kept,) = await garage.hear(Frame(msg_id=words.LOCATION, phone=PHONE, serial=5, body=bytes(body)).wire())
    assert kept.extended is not None
    assert (kept.extended["lat"], kept.extended["fix"]) == ("35.420000", "0")


async def test_that_after_a_restart_a_bit_that_stands_belongs_to_the_open_alarm() -> None:
    before = Garage()
    await before.drive(None, Press(), None)
    after = Garage(before.desk)
    after.bus = before.bus
    await after.drive(None, None)
    assert [alarm.presses for alarm in after.alarms] == [1]
    assert len(after.facts(SignalReceived)) == 1
    # It is asked again for quick positions, and its release is noted.
    assert after.told(words.TRACK)[-1] == {"interval_s": EVERY_S, "valid_s": FOR_S}
    await after.drive(RELEASE)
    assert len(after.facts(AlarmRestored)) == 1


async def test_that_a_release_during_the_restart_is_noted() -> None:
    before = Garage()
    await before.drive(Press())
    after = Garage(before.desk)
    await after.drive(None, None)
    assert len(after.facts(AlarmRestored)) == 1
    assert [alarm.open for alarm in after.alarms] == [True]


async def test_that_a_bit_that_stands_after_the_reset_is_no_new_alarm_but_the_next_press_is() -> None:
    garage = Garage()
    await garage.drive(Press(), None)
    await garage.reset()
    await garage.drive(None, None)
    assert len(garage.alarms) == 1
    await garage.drive(RELEASE, Press())
    assert [alarm.open for alarm in garage.alarms].count(True) == 1
    assert len(garage.alarms) == 2


async def test_that_a_press_that_could_be_stored_nowhere_presses_again_with_the_next_position() -> None:
    garage = Garage()
    garage.stores = False
    await garage.drive(None, Press(), None)
    assert garage.alarms == []
    garage.stores = True
    await garage.drive(None, None)
    assert [alarm.presses for alarm in garage.alarms] == [1]


async def test_that_a_terminal_is_told_once_its_alarm_is_durable_and_tracked_until_the_reset() -> None:
    garage = Garage()
    await garage.drive(None, Press(), None)
    assert garage.told(words.CONFIRM) == [{"alarm_msg_serial": 1, "alarm_type": 1}]
    assert garage.told(words.TRACK) == [{"interval_s": EVERY_S, "valid_s": FOR_S}]
    await garage.reset()
    assert garage.told(words.TRACK)[1:] == [{"interval_s": 0, "valid_s": 0}]


async def test_that_a_terminal_that_calls_again_is_asked_again() -> None:
    garage = Garage()
    await garage.drive(None)
    garage.connected = False
    await garage.drive(Press())
    assert garage.told(words.TRACK) == []
    garage.connected = True
    await garage.hear(garage.bus.say(words.AUTHENTICATE, b"13800001111"))
    assert garage.told(words.TRACK) == [{"interval_s": EVERY_S, "valid_s": FOR_S}]
    assert len(garage.alarms) == 1


async def test_that_a_press_in_a_blind_area_is_an_alarm_once_however_often_it_is_told() -> None:
    garage = Garage()
    await garage.drive(None)
    past = EVENING - timedelta(minutes=5)
    story = late((0, past), (1, past + STEP), (1, past + 2 * STEP), (0, past + 3 * STEP))
    await garage.hear(story)
    (alarm,) = garage.alarms
    assert (alarm.presses, garage.desk.picture.state.all(Incident)[0].lat) == (1, 35.1)
    await garage.hear(story)
    await garage.drive(None)
    await garage.hear(story)
    assert [alarm.presses for alarm in garage.alarms] == [1]
    await garage.reset()
    await Garage(garage.desk).hear(story)
    assert len(garage.alarms) == 1


async def test_that_late_positions_of_an_open_alarm_are_no_press_and_no_release() -> None:
    garage = Garage()
    await garage.drive(None, Press())
    await garage.hear(late((1, EVENING - STEP), (0, EVENING - 2 * STEP)))
    assert [alarm.presses for alarm in garage.alarms] == [1]
    assert garage.facts(AlarmRestored) == []


async def test_that_a_button_let_go_and_pressed_again_in_a_blind_area_is_a_press() -> None:
    garage = Garage()
    await garage.drive(None, Press(), None)
    await garage.reset()
    now = garage.clock()
    await garage.hear(late((0, now + STEP), (1, now + 2 * STEP)))
    assert [alarm.open for alarm in garage.alarms].count(True) == 1


async def test_that_a_release_in_a_blind_area_is_noted_unless_a_later_press_is_known() -> None:
    garage = Garage()
    await garage.drive(Press())
    await garage.hear(late((0, garage.clock() - 4 * STEP)))
    assert garage.facts(AlarmRestored) == []
    await garage.hear(late((0, garage.clock())))
    assert len(garage.facts(AlarmRestored)) == 1
    await garage.drive(Press())
    assert [alarm.presses for alarm in garage.alarms] == [2]


@pytest.mark.parametrize("years", [-20, 20])
async def test_that_a_terminal_with_a_wrong_clock_is_heard_from_a_blind_area(years: int) -> None:
    garage = Garage()
    await garage.drive(Press())
    await garage.reset()
    wrong = EVENING.replace(year=EVENING.year + years)
    await garage.drive(RELEASE)
    await garage.hear(late((0, wrong), (1, wrong + STEP)))
    assert [alarm.open for alarm in garage.alarms].count(True) == 1
    await garage.reset()
    await garage.drive(None)
    await garage.hear(late((1, garage.clock())))
    assert [alarm.open for alarm in garage.alarms].count(True) == 1


async def test_that_presses_of_one_frame_are_not_copies_of_each_other() -> None:
    garage = Garage()
    await garage.drive(None)
    now = garage.clock()
    story = late((1, now), (0, now + STEP), (1, now + 2 * STEP))
    kept = await garage.hear(story)
    assert [(report.qualifier, part_of(report) is None) for report in kept] == [
        ("new", False),
        ("restore", False),
        ("new", False),
    ]
    assert len({part_of(report) for report in kept}) == 3


async def test_that_a_terminal_that_writes_its_number_with_other_zeros_is_the_same_one() -> None:
    garage = Garage()
    await garage.drive(None)
    body = location_body(Place(lat=35, lon=119), 1, EVENING)
    longer = Frame(msg_id=words.LOCATION, phone=PHONE.rjust(20, "0"), serial=7, version=2019, body=body).wire()
    await garage.hear(longer)
    assert sorted(order["do"] for order in garage.ordered) == ["confirm", "track"]
    assert {order["account"] for order in garage.ordered} == {PHONE.rjust(20, "0")}
    after = Garage(garage.desk)
    await after.drive(Press())
    assert [alarm.presses for alarm in after.alarms] == [1], "the bit belongs to the alarm that is open"


async def test_that_positions_are_shown_and_kept_in_batches_and_never_journaled() -> None:
    garage = Garage()
    await garage.drive(*[None] * 9)
    assert garage.track.rows == []
    await garage.vehicles.flush()
    assert (garage.track.batches, {row.unit for row in garage.track.rows}) == ([9], {KEY})
    assert garage.desk.picture.positions[KEY] == garage.track.rows[-1]
    assert garage.facts(object) == []


async def test_that_late_positions_are_kept_in_their_place_and_move_nothing_back() -> None:
    garage = Garage()
    await garage.drive(None)
    await garage.hear(late((0, EVENING - STEP)))
    await garage.vehicles.flush()
    assert sorted(row.at for row in garage.track.rows) == [EVENING - STEP, EVENING]
    assert garage.desk.picture.positions[KEY].at == EVENING


async def test_that_positions_wait_for_a_journal_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    garage = Garage()
    garage.track.failure = AWAY
    await garage.drive(None, None, None)
    await garage.vehicles.flush()
    # They are on the map all the same.
    assert KEY in garage.desk.picture.positions
    garage.track.failure = None
    await garage.drive(None)
    await garage.vehicles.flush()
    assert garage.track.batches == [2, 2]
    assert [row.at for row in garage.track.rows] == sorted(row.at for row in garage.track.rows)


async def test_that_positions_are_kept_within_a_second_of_their_coming() -> None:
    garage = Garage()
    await garage.drive(None)
    running = asyncio.create_task(garage.vehicles.run())
    async with asyncio.timeout(10):
        await garage.track.taken.wait()
    running.cancel()
    assert garage.track.batches == [1]
    assert module.FLUSH_S <= 1


async def test_that_heartbeats_and_answers_are_no_signals_and_a_register_is_one() -> None:
    garage = Garage()
    kept = await garage.hear(garage.bus.say(words.HEARTBEAT))
    kept += await garage.hear(garage.bus.say(words.TERMINAL_ANSWER, bytes(5)))
    kept += await garage.hear(garage.bus.say(words.AUTHENTICATE, b"x"))
    assert kept == []
    assert [report.type for report in await garage.hear(garage.bus.greeting()[0])] == ["message"]
    assert garage.alarms == []


async def test_that_an_encrypted_position_is_a_row_a_person_must_see_once() -> None:
    garage = Garage()
    wire = Frame(msg_id=words.LOCATION, phone=PHONE, serial=1, body=bytes(32), encryption=1).wire()
    kept = [*await garage.hear(wire), *await garage.hear(wire)]
    assert [(report.type, report.why) for report in kept] == [
        ("garbage", "位置报文已加密，读不出有无报警：请让车载终端改用不加密")
    ]
    assert [alarm.kind for alarm in garage.alarms] == ["garbage"]


async def test_that_invented_numbers_push_out_only_who_was_not_heard_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KNOWN", 3)
    garage = Garage()
    body = location_body(Place(lat=35, lon=119), 0, EVENING)
    for n in range(6):
        await garage.hear(Frame(msg_id=words.LOCATION, phone=f"{n:012}", serial=n, body=body).wire())
        await garage.drive(Press() if n == 0 else None)
        await garage.vehicles.flush()
    assert sorted(garage.desk.picture.positions) == [KEY, "vehicle:4", "vehicle:5"]
    assert [alarm.presses for alarm in garage.alarms] == [1]


async def test_that_zeros_before_a_phone_do_not_make_another_vehicle() -> None:
    assert vehicle_key("00000000013800001111") == vehicle_key(PHONE) == "vehicle:13800001111"
