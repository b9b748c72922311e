"""Seat number 席位号: no two machines of a room may use the same one.

Local incident numbers carry it (`ZZyyyymmdd-L03-07`): two machines that work under one number while the server is away
would give one number to two incidents. What each machine says of itself (who signed on where, who receives which
line) is enough to see it.
"""

from console.domain.account import Seat
from console.domain.site import Line, LineState
from console.services.desk import Desk
from console.services.watch import Chore

EVERY_S = 10.0
RECEIVING = (LineState.UP, LineState.SILENT)


def other_machine(desk: Desk, host: str) -> str:
    """Another machine that works under this desk's seat number; '' if there is none."""
    state = desk.picture.state
    seat = state.get(Seat, desk.seat)
    found = [seat.host] if seat is not None and seat.actor else []
    found += [line.host for line in state.all(Line) if line.seat == desk.seat and line.state in RECEIVING]
    return next((name for name in found if name not in ("", host)), "")


def seat_chore(desk: Desk, host: str) -> Chore:
    """The chore that keeps the lamp true."""

    async def look() -> None:
        other = other_machine(desk, host)
        if other:
            what = f"席位号 {desk.seat} 与 {other} 上的相同，断网时两台机器会给出相同的本机编号"
            desk.health.fault("seat", what, "请在设置中给每台机器（收信服务也算）各自的席位号 seat")
        else:
            desk.health.mended("seat")

    return Chore("seat", EVERY_S, look)
