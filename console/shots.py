"""Pictures of windows over the demo's evening, drawn without a display: `python -m console screenshot`.

The evening's past is laid out in a database of its own, the clock stands still, and the windows are those of
the program, so a picture shows what a person would see.
"""

import argparse
import os
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize

from console.cli.words import GOOD, say
from console.demo.clock import DemoClock
from console.demo.evening import Evening
from console.demo.script import load_script
from console.domain.account import MACHINE, Account, Role
from console.domain.errors import EnvironmentFault, UserError
from console.domain.incident import Incident
from console.domain.ledger import new_id
from console.geo.city import load_city
from console.seat import CITY, CallTaker, Desktop, open_calltaker, open_desktop
from console.services import places
from console.services.lines import simulated_report
from console.services.sign_on import hasher
from console.settings import Settings
from console.station import Station, build_station
from widgets.loop import make_runner
from widgets.shot import save_soon

if TYPE_CHECKING:
    from console.seat_bench import Bench

PICTURE_TIME = datetime(2026, 11, 21, 6, 32, 7, tzinfo=UTC)
"""14:32:07 on a Saturday in Zhangzhou, as in the drawn target."""


def screenshot(options: argparse.Namespace) -> int:
    """`python -m console screenshot`: a window over the demo's evening, drawn without a display."""
    if options.window not in (*WINDOWS, *SEAT_STATES):
        raise UserError(f"窗口 {options.window} 将随后续版本提供，现有：{'、'.join((*WINDOWS, *SEAT_STATES))}")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    desktop = open_desktop(options.theme, options.lang)
    with tempfile.TemporaryDirectory(prefix="console110-") as folder, make_runner(desktop.app) as runner:
        runner.run(_picture(desktop, Path(folder), options))
    say(f"已保存 {options.out}")
    return GOOD


async def _picture(desktop: Desktop, folder: Path, options: argparse.Namespace) -> None:
    clock = DemoClock(PICTURE_TIME, monotonic=float)
    settings = Settings(data_folder=folder)
    station = build_station(settings, f"sqlite:///{folder / 'picture.db'}", clock=clock)
    try:
        await lay_out_picture(station, clock)
        opened = await _open(desktop, station, options.window)
        width, height = options.size
        await save_soon(opened.window, options.out, QSize(width, height), options.scale)
        await opened.stop()
    except OSError as problem:
        raise EnvironmentFault(str(problem), "换一个可写的位置") from problem
    finally:
        await station.stop()


async def _open(desktop: Desktop, station: Station, window: str) -> "CallTaker | Bench":
    if window == "bench":
        from console.shots_bench import open_posed

        return await open_posed(desktop, station)
    taker = open_calltaker(desktop, station, player={}, keep=False)
    await pose(taker, station)
    if window in SEAT_STATES:
        await pose_seat(taker, station, window)
    return taker


def _nothing(account: str, zone: str, event: str, qualifier: str) -> None:
    """No panel is connected while the past is laid out."""


async def lay_out_picture(station: Station, clock: DemoClock) -> None:
    """The evening's past, and a school's button pressed six seconds ago."""
    evening = Evening(station.desk, clock, load_script(), load_city(CITY), places.load(), _nothing)
    # Who may sit here is the picture's own affair (`pose_seat`).
    await evening.lay_out(people=False)
    open_line = {"name": "A1", "protocol": "surgard", "address": "/dev/pts/3", "state": "UP"}
    await _by_line(station, "line.changed", line=open_line | {"since": clock().isoformat()})
    await _by_line(
        station,
        "intake.receive",
        ingest_id=new_id(),
        line="A1",
        protocol="surgard",
        received_at=(clock() - timedelta(seconds=6)).isoformat(),
        report=simulated_report("1234", "003", "120"),
    )


async def _by_line(station: Station, name: str, **args: Any) -> None:
    """An act of the line itself, which no person may do."""
    act = station.desk.act(name, args)
    await station.desk.carry_out(replace(act, actor="线路A1", roles=MACHINE))


async def pose(taker: CallTaker, station: Station) -> None:
    """The window as in the drawn target: the alarm on the strip, a gas leak selected."""
    await taker.start()
    waiting = [i for i in station.picture.incidents() if i.open and i.source == "call" and not i.t_dispatch]
    chosen = min(waiting, key=_most_telling, default=None)
    if chosen is not None:
        taker.window.selection.choose_incident(chosen.number)
    await taker.tasks.idle()


WINDOWS = ("calltaker", "bench")
SEAT_STATES = ("signon", "locked", "handover", "approvals")
"""States of the seat that can be drawn besides the window at work."""

PEOPLE = (
    {"account": "031", "name": "李娜", "roles": ["call_taker"]},
    {"account": "042", "name": "王强", "roles": ["call_taker", "dispatcher"]},
    {"account": "052", "name": "陈芳", "roles": ["dispatcher"]},
    {"account": "010", "name": "赵建国", "roles": ["chief"]},
)
"""Who is on duty in the pictures."""

PASSWORD = "picture"  # noqa: S105 -- of no real account
"""Of a database that lives as long as the picture is drawn."""


async def pose_seat(taker: CallTaker, station: Station, state: str) -> None:
    """People with accounts: nobody signed on yet, or 031 locked, handing over, or 010 with a request to decide on."""
    await _by(station, "desk", (Role.SECURITY.value,), "account.import", accounts=PEOPLE)
    await taker.tasks.idle()
    if state == "signon":
        return
    window = taker.window
    number = "010" if state == "approvals" else "031"
    account = station.picture.state.get(Account, number)
    assert account is not None
    station.secrets.put(number, hasher().hash(PASSWORD), station.clock())
    await window.gate.seating.enter(await station.sign_on.check(number, PASSWORD), account.roles)
    if state == "locked":
        window.gate.lock()
    elif state == "handover":
        await _own_some(station)
        window.gate.open_hand_over()
    else:
        await _ask_for_approval(station)
        window.deciding.open()
    await taker.tasks.idle()


async def _by(station: Station, actor: str, roles: tuple[str, ...], name: str, **args: Any) -> None:
    act = station.desk.act(name, args)
    await station.desk.carry_out(replace(act, actor=actor, seat="05", roles=roles))


async def _own_some(station: Station) -> None:
    """Four incidents are the person's own."""
    for incident in [i for i in station.picture.incidents() if i.open and i.owner == "052"][:4]:
        await _by(station, "052", (Role.DISPATCHER.value,), "incident.give", incident=incident.number, to="031")


async def _ask_for_approval(station: Station) -> None:
    for incident in [i for i in station.picture.incidents() if i.open and i.owner == "052"][:2]:
        asked = {"act": "incident.invalidate", "args": {"incident": incident.number, "reason": "重复误拨"}}
        await _by(
            station, "052", (Role.DISPATCHER.value,), "approval.ask", **asked, reason="报警人再次来电称误拨，已核实"
        )


def _most_telling(incident: Incident) -> tuple[bool, int, str]:
    return "燃气" not in incident.title, incident.priority, incident.number
