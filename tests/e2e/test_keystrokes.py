"""The five commonest calls, from the ringing telephone to the unit on its way, counted in key presses.

Free text (what the caller says) comes from the input method and is not counted; letters that choose a place or a kind
are, a chord is one press, and so is each Enter. The flow is the same for all: F9 takes the call and opens the form, the
first letters of the place and Enter, two letters of the kind and Enter, the narrative, Ctrl+Enter saves, Ctrl+D opens
the plan, Enter sends it.
"""

from pathlib import Path

from PySide6.QtCore import Qt

from console.domain.call import Call
from console.domain.incident import IncidentState
from tests.e2e.desk_shift import CTRL, Room, play, sign_on

AT_MOST = 12
CALLS = (
    # number, letters and name of the place, letters and code of the kind, what the caller says
    ("13800000301", "jbl", "江滨路", "jt", "0301", "两辆小车追尾，无人受伤，堵住一条车道"),
    ("13800000802", "zfl", "钟法路", "ll", "0802", "楼上楼下邻居因漏水吵起来，没有动手"),
    ("13800000104", "dxl", "丹霞路", "dq", "0104", "停在楼下的东西被偷走了，刚刚发现"),
    ("13800000206", "ncl", "南昌路", "zy", "0206", "烧烤店音响开得很大，老人睡不着"),
    ("13800000502", "sll", "胜利路", "ry", "0502", "七十多岁的老人出门后没有回家，穿灰色外套"),
)


async def take_call(room: Room, call: tuple[str, str, str, str, str, str]) -> int:
    """One call, played; answers its key presses."""
    phone, letters, place, kind_letters, kind, words = call
    ringing = await room.ring(phone)
    before = room.count.pressed
    await room.key(Qt.Key.Key_F9)
    assert room.field("place")
    await room.letters(letters)
    await room.key(Qt.Key.Key_Return)
    assert room.field("kind")
    await room.letters(kind_letters)
    await room.key(Qt.Key.Key_Return)
    assert room.field("narrative")
    await room.hanzi(words)
    await room.key(Qt.Key.Key_Return, CTRL)
    await room.until(lambda: room.shown)
    number = room.shown
    await room.key(Qt.Key.Key_D, CTRL)
    await room.key(Qt.Key.Key_Return)
    await room.until(lambda: room.station.picture.orders(number))
    pressed = room.count.pressed - before
    incident = room.incident(number)
    assert (incident.place, incident.kind, incident.narrative, incident.phone) == (place, kind, words, phone)
    assert incident.state is IncidentState.DISPATCHED
    taken = room.picture.get(Call, ringing)
    assert (taken.taken_by, taken.incident) == ("031", number)
    return pressed


def test_that_the_five_commonest_calls_need_twelve_presses_at_most_from_ring_to_unit(tmp_path: Path) -> None:
    counted: dict[str, int] = {}

    async def five(room: Room) -> None:
        await sign_on(room, "031")
        for call in CALLS:
            counted[call[4]] = await take_call(room, call)
            await room.idle()

    play(tmp_path, five)
    print("\n| 警情 | 键数 |\n| --- | --- |")
    for kind, pressed in counted.items():
        print(f"| {kind} | {pressed} |")
    assert max(counted.values()) <= AT_MOST
    assert min(counted.values()) >= 8, "a press was not counted"
