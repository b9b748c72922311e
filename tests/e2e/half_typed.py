"""The first minutes of the scripted shift in a process of its own, which is killed while a form is half typed.

`python -m tests.e2e.half_typed FOLDER` plays two calls to their unit, begins the third, says what stands in the form
once it is durable, and waits for its end.
"""

import asyncio
import json
import sys
from pathlib import Path

from PySide6.QtCore import Qt

from console.persistence.spool import Spool
from tests.e2e.desk_shift import Room, play, sign_on
from tests.e2e.shift_script import CALLS, HALF_TYPED, send_best, write_call


async def first_minutes(room: Room) -> None:
    """Two calls and a half."""
    await sign_on(room, "031")
    for call in CALLS[:2]:
        await write_call(room, call)
        await send_best(room)
    half = CALLS[2]
    await room.ring(half.phone)
    await room.key(Qt.Key.Key_F9)
    await room.letters(half.letters)
    await room.key(Qt.Key.Key_Return)
    await room.letters(half.kind_letters)
    await room.key(Qt.Key.Key_Return)
    for piece in HALF_TYPED:
        await room.hanzi(piece)
    spool = room.station.spool
    assert isinstance(spool, Spool)
    await room.until(lambda: any(body["narrative"] == "".join(HALF_TYPED) for body in spool.drafts().values()))
    print(json.dumps({"drafts": list(spool.drafts().values()), "at": room.hand.seconds}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    play(Path(sys.argv[1]), first_minutes)
