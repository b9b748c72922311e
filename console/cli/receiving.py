"""lines: receive without a window. A service that keeps taking alarms when a desk dies.

It may stand by for another host; resources/service holds the unit that lets systemd run it.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import signal
from pathlib import Path

from console.cli.supervised import Supervisor
from console.cli.words import FAILED, GOOD, Subparsers, add_command, add_database, say, settings_of
from console.domain.site import LineState
from console.services.health import Fault, Health
from console.services.line_health import FILE, HealthFile
from console.services.lines import Lines, read_specs
from console.settings import Settings
from console.station import Station, build_station

log = logging.getLogger(__name__)

GIVE_UP_S = 5.0
"""If not one port could be opened in this time, nothing is received: better to say so and end."""


def add(subparsers: Subparsers) -> None:
    """Declare the command."""
    parser = add_command(
        subparsers,
        "lines",
        run,
        "不开窗口接收线路信号。端口全部打开（或由他机接收、本机备用）后在标准输出打印 ready；"
        "收到 SIGTERM 干净退出并交出线路；一个端口都打不开则退出码为 1",
    )
    add_database(parser)
    parser.add_argument(
        "--line",
        action="append",
        default=[],
        metavar="NAME=PROTOCOL:PORT[,key=value…]",
        help="一条线路，可重复，例如 A1=surgard:/dev/ttyUSB0@9600,8N1,supervise_s=90",
    )
    parser.add_argument("--capture", type=Path, metavar="FILE", help="把收发的每个字节记入文件")
    parser.add_argument("--spool", type=Path, metavar="FILE", help="本机暂存文件（默认在用户数据文件夹）")
    parser.add_argument("--seat", help="席位号")
    parser.add_argument("--host", help="本机在线路租约中的名称（默认为主机名）")


def run(options: argparse.Namespace) -> int:
    """Open everything, receive until told to stop."""
    chosen = {name: getattr(options, name) for name in ("capture", "spool", "seat", "host") if getattr(options, name)}
    settings = settings_of(options).model_copy(update=chosen)
    if not options.line and not settings.lines:
        say("没有线路：用 --line 指定，或写在设置文件里")
        return FAILED
    read_specs([*settings.lines, *options.line])
    return asyncio.run(_serve(settings, options.db, options.line))


async def _serve(settings: Settings, db: str | None, line_texts: list[str]) -> int:
    ended = asyncio.Event()
    _end_on_signals(ended)
    station = await asyncio.to_thread(build_station, settings, db, line_texts)
    station.health.observe(_Reporter(station.health))
    await station.start()
    assert station.lines is not None
    assert station.leases is not None
    host = station.leases.holder.host
    file = settings.data_folder / FILE
    health = HealthFile(station.lines, file, station.clock, seat=station.desk.seat, host=host)
    writing = asyncio.create_task(health.run())
    try:
        return await _receive(station, ended)
    finally:
        writing.cancel()
        await station.stop()
        await health.write(ended=True)


async def _receive(station: Station, ended: asyncio.Event) -> int:
    lines = station.lines
    assert lines is not None
    supervisor = Supervisor()
    opening = asyncio.create_task(_until_open(lines, supervisor))
    stopping = asyncio.create_task(ended.wait())
    living = asyncio.create_task(supervisor.beat())
    try:
        await asyncio.wait((opening, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done() and not opening.result():
            say("没有一个端口能打开：" + "；".join(line.why for line in lines))
            return FAILED
        await stopping
        return GOOD
    finally:
        supervisor.tell("STOPPING=1")
        for task in (opening, stopping, living):
            task.cancel()


async def _until_open(lines: Lines, supervisor: Supervisor) -> bool:
    """Announce readiness once every port is open or its line stands by. False if after GIVE_UP_S not one is.

    The supervisor is told as soon as one is: it must not end a service for the sake of a missing cable.
    """
    every = asyncio.create_task(lines.opened())
    try:
        await asyncio.wait((every,), timeout=GIVE_UP_S)
        if not any(line.opened.is_set() for line in lines):
            return False
        supervisor.tell("READY=1")
        await every
    finally:
        every.cancel()
    standby = [line.name for line in lines if line.state is LineState.STANDBY]
    event = {"event": "ready", "lines": [line.name for line in lines]} | ({"standby": standby} if standby else {})
    print(json.dumps(event, ensure_ascii=False), flush=True)
    return True


def _end_on_signals(ended: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, ended.set)


class _Reporter:
    """Without a window the lamps are lines in the log: lit once, put out once."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._lit: dict[str, Fault] = {}
        self._standing_by: dict[str, str] = {}
        self._unsent = 0

    def __call__(self) -> None:
        self._tell_faults()
        self._tell_who_receives()
        if (self._unsent > 0) != (self._health.unsent > 0):
            log.warning("本机暂存未补传：%d", self._health.unsent)
        self._unsent = self._health.unsent

    def _tell_who_receives(self) -> None:
        now = dict(self._health.standing_by)
        for line, receiver in now.items():
            if self._standing_by.get(line) != receiver:
                log.warning("线路%s 备用：%s", line, receiver)
        for line in self._standing_by.keys() - now.keys():
            log.warning("线路%s 改由本席接收", line)
        self._standing_by = now

    def _tell_faults(self) -> None:
        now = dict(self._health.faults)
        for source, fault in now.items():
            if self._lit.get(source) != fault:
                log.warning("%s：%s；%s", source, fault.what, fault.remedy)
        for source in self._lit.keys() - now.keys():
            log.warning("%s：已恢复", source)
        self._lit = now
