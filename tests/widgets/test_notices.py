"""What the clock says to whoever sits here: what woke, whose next job may go, what climbed to this seat."""

from datetime import timedelta
from functools import partial

import pytest

from console.domain.clock import ManualClock
from console.domain.facts import DeadlinePassed, UnitRegistered
from console.domain.unit import Unit, UnitStatus
from console.services.desk import Desk
from console.services.watch import Watch
from tests.support import EVENING, MemoryJournal, tell
from widgets.messages import Messages
from widgets.notices import Notices
from widgets.sound import NAMES, Sounds
from widgets.tick import Tick


@pytest.fixture
def told(desk: Desk, messages: Messages) -> list[str]:
    said: list[str] = []
    messages.said.connect(lambda message: said.append(message.text))
    messages.notices = Notices(desk, messages)  # type: ignore[attr-defined]
    return said


async def opened(desk: Desk, place: str) -> str:
    return str(await desk.do("incident.open", kind="0201", title="打架斗殴", place=place, priority=3))


async def test_that_what_wakes_is_told_and_heard_once(
    desk: Desk, clock: ManualClock, tick: Tick, told: list[str]
) -> None:
    heard: list[str] = []
    sounds = Sounds(desk, tick, {name: partial(heard.append, name) for name in NAMES})
    number = await opened(desk, "东门")
    until = (clock() + timedelta(minutes=5)).isoformat()
    await desk.do("incident.hold", incident=number, until=until, reason="等物业")
    heard.clear()
    clock.advance(300)
    watch = Watch(desk, tracking=False)
    for _ in range(3):
        await watch.tick()
    sounds.close()
    assert told == [f"到时唤醒：{number.rpartition('-')[2]} 打架斗殴，请处置"]
    assert heard == ["notice"]


async def test_that_a_freed_unit_is_offered_with_its_key(desk: Desk, told: list[str]) -> None:
    tell(desk, UnitRegistered(unit=Unit(id="巡05", status=UnitStatus.VEHICLE_PATROL, status_since=EVENING)))
    first, second = await opened(desk, "东门"), await opened(desk, "西门")
    await desk.do("unit.assign", unit="巡05", incident=first)
    await desk.do("unit.stack", unit="巡05", incident=second)
    await desk.do("unit.report", unit="巡05", step="feedback", text="已劝离")
    short = second.rpartition("-")[2]
    assert told[-1:] == [f"巡05 已空闲，叠放的下一件 {short} 打架斗殴：Ctrl+N 派出"]


@pytest.mark.parametrize(("looks", "roles", "says"), [("04", (), False), ("03", (), True), ("chief", ("chief",), True)])
async def test_that_what_climbed_is_told_and_heard_only_where_somebody_must_look(
    desk: Desk, tick: Tick, told: list[str], looks: str, roles: tuple[str, ...], says: bool
) -> None:
    assert isinstance(desk.journal, MemoryJournal)
    number = await opened(desk, "东门")
    heard: list[str] = []
    sounds = Sounds(desk, tick, {name: partial(heard.append, name) for name in NAMES})
    desk.roles = roles or ("call_taker",)
    late = DeadlinePassed(
        incident=number, subject=number, rule="arrive", step=2, due_at=EVENING, owner="巡05", looks=looks
    )
    tell(desk, late)
    sounds.close()
    short = number.rpartition("-")[2]
    expected = f"巡05 到场超时，请协助：{short} 打架斗殴 Ctrl+Shift+L"
    assert (told, heard) == (([expected], ["late"]) if says else ([], []))
