"""A bus with an open alarm at a seat that does not receive its line: read from the track, once a second."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from console.domain.alarm import Alarm, AlarmState
from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable
from console.domain.facts import AlarmRaised
from console.domain.unit import TRAIL, Position, vehicle_key
from console.services import vehicle_following as module
from console.services.desk import Desk
from console.services.vehicle_following import Following
from tests.support import EVENING, make_desk, tell

PHONE = "013800001111"
KEY = vehicle_key(PHONE)
SECOND = timedelta(seconds=1)


@dataclass
class Track:
    """The stored way of one bus, a position a second from a minute before the alarm on."""

    asked: list[tuple[datetime, datetime]] = field(default_factory=list)
    until: datetime = EVENING
    away: bool = False

    def __call__(self, key: str, since: datetime, until: datetime) -> list[Position]:
        if self.away:
            raise JournalUnavailable("数据库连接中断")
        assert key == KEY
        self.asked.append((since, until))
        way = [EVENING + n * SECOND for n in range(-60, 60)]
        return [Position(unit=key, lat=35.0, lon=119.0, at=at) for at in way if since <= at <= min(until, self.until)]


@dataclass
class Seat:
    clock: ManualClock = field(default_factory=lambda: ManualClock(EVENING))
    track: Track = field(default_factory=Track)
    shown: list[datetime] = field(default_factory=list)
    desk: Desk = field(init=False)
    following: Following = field(init=False)

    def __post_init__(self) -> None:
        self.desk = make_desk(self.clock)
        self.following = Following(self.desk.picture, self.track, self.clock)
        self.desk.picture.observe(lambda changes: self.shown.extend(position.at for position in changes.positions))

    def alarm(self, **more: object) -> None:
        fields = {"id": "a1", "account": PHONE, "protocol": "jt808", "received_at": EVENING, **more}
        tell(self.desk, AlarmRaised(alarm=Alarm(**fields)))  # type: ignore[arg-type]


@pytest.fixture
def seat() -> Seat:
    return Seat()


async def test_that_the_way_is_shown_from_thirty_seconds_before_the_press_and_then_each_position_once(
    seat: Seat,
) -> None:
    seat.alarm()
    await seat.following.look()
    assert seat.shown == [EVENING + n * SECOND for n in range(-30, 1)]
    seat.track.until = EVENING + 2 * SECOND
    await seat.following.look()
    await seat.following.look()
    assert seat.shown[31:] == [EVENING + SECOND, EVENING + 2 * SECOND]
    assert seat.desk.picture.positions[KEY].at == EVENING + 2 * SECOND
    assert seat.track.asked[0][0] == EVENING - TRAIL


async def test_that_positions_kept_after_the_first_look_are_not_missed(seat: Seat) -> None:
    seat.alarm()
    seat.track.until = EVENING - timedelta(hours=1)
    await seat.following.look()
    seat.track.until = EVENING + SECOND
    await seat.following.look()
    assert seat.shown == [EVENING + n * SECOND for n in range(-30, 2)]


async def test_that_of_an_alarm_open_for_long_the_press_and_the_last_minutes_are_read(seat: Seat) -> None:
    seat.alarm(received_at=EVENING - timedelta(days=3))
    await seat.following.look()
    assert [until - since for since, until in seat.track.asked] == [2 * TRAIL, module.RECENT + module.AHEAD]
    assert seat.shown[-1] == EVENING


@pytest.mark.parametrize("more", [{"state": AlarmState.RESET}, {"protocol": "surgard"}])
async def test_that_nothing_is_read_for_an_alarm_that_is_over_or_does_not_drive(
    seat: Seat, more: dict[str, object]
) -> None:
    seat.alarm(**more)
    await seat.following.look()
    assert (seat.track.asked, seat.shown) == ([], [])


async def test_that_a_track_that_cannot_be_read_is_read_later(seat: Seat) -> None:
    seat.alarm()
    seat.track.away = True
    await seat.following.look()
    assert seat.shown == []
    seat.track.away = False
    await seat.following.look()
    assert len(seat.shown) == 31
    assert module.LOOK_S <= 1
