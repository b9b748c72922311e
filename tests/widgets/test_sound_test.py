"""The sound test of a shift: asked for when somebody sits down, played by one key, heard by the next press."""

from datetime import datetime
from functools import partial

import pytest

from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.domain.facts import SignedOn
from console.services.desk import Desk
from tests.support import tell
from widgets.messages import Messages
from widgets.sound import NAMES
from widgets.sound_test import ANSWER_S, SoundTest
from widgets.tick import Tick


class Room:
    """What the lamp was told, what was played, and the steady seconds."""

    def __init__(self, desk: Desk, clock: ManualClock, *, device: bool = True) -> None:
        self.told: list[datetime | None] = []
        self.played: list[str] = []
        self.seconds = 0.0
        tick = Tick(clock, steady=lambda: self.seconds)
        player = {name: partial(self.played.append, name) for name in NAMES} if device else {}
        self.test = SoundTest(desk, tick, player, Messages(), self.told.append)


async def test_that_the_lamp_asks_until_the_sounds_were_heard(desk: Desk, clock: ManualClock) -> None:
    room = Room(desk, clock)
    assert room.told == [None]
    room.test.press()
    assert room.played == [NAMES[0]], "the gravest first"
    assert room.told == [None]
    room.seconds += 3
    room.test.press()
    assert room.told == [None, clock()]
    room.test.close()


async def test_that_a_press_long_after_the_sounds_plays_them_again(desk: Desk, clock: ManualClock) -> None:
    room = Room(desk, clock)
    room.test.press()
    room.seconds += ANSWER_S + 1
    room.test.press()
    assert room.played == [NAMES[0], NAMES[0]]
    assert room.told == [None]
    room.test.close()


async def test_that_the_next_person_is_asked_anew(desk: Desk, clock: ManualClock) -> None:
    room = Room(desk, clock)
    room.test.press()
    room.test.press()
    tell(desk, SignedOn(account="032", name="李", roles=("call_taker",)))
    assert room.told[-1] is None
    room.test.close()


async def test_that_a_desk_without_a_device_says_what_to_do(desk: Desk, clock: ManualClock) -> None:
    room = Room(desk, clock, device=False)
    with pytest.raises(UserError, match="接上音箱"):
        room.test.press()
    room.test.close()
