"""selftest, the ground: ports, the line service, database, clocks, disk, spool, logs, the journal's head."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from console.cli.selftest_found import Found, bad, good, off, warn
from console.domain.clock import system_clock
from console.domain.site import LineState
from console.logs.files import kept_in
from console.logs.setup import logs_folder
from console.persistence.chain import kept_heads
from console.persistence.dialect import describe, is_server, locate, require_place
from console.persistence.queries import Queries
from console.persistence.server_clock import ServerClock
from console.persistence.spool import Spool
from console.services.ground import disk_fault, free_of, judge_clock, judge_disk
from console.services.line_health import FILE
from console.settings import Settings
from console.station import heads_file, spool_file
from drivers.address import Address
from drivers.streams import resolve_usb
from drivers.wire import PortError

OLDEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows an earlier time than this program's own year."""

SLOW_FSYNC_MS = 50.0
"""An alarm is answered after one of these; a receiver waits 4 s, but a person sees the delay."""

FSYNCS = 5
HEAD_AGE = timedelta(hours=25)
"""Kept every hour while a desk is open; a desk that is open daily never has an older one."""

TOLD_S = 3.0


# -- ports -----------------------------------------------------------------------------------------------------


def why_no_port(line: str, address: Address) -> str:
    """Why a line's port cannot be opened, '' if nothing speaks against it. It is not opened: a desk may have it."""
    try:
        found = resolve_usb(address)
    except PortError:
        return f"线路 {line} 的设备没有插上：{address}"
    if found.kind != "serial" or os.name != "posix":
        return ""
    device = Path(found.target)
    if not device.exists():
        return f"线路 {line} 的端口不存在：{device}"
    return "" if os.access(device, os.R_OK | os.W_OK) else f"线路 {line} 的端口无权使用：{device}"


# -- database and clocks ---------------------------------------------------------------------------------------


def database(url: str) -> Found:
    """Whether it answers, and how much is open."""
    where = describe(url)
    if not require_place(url):
        folder = locate(url).parent
        if not os.access(folder, os.W_OK):
            return bad(f"文件夹不能写入：{folder}", "请检查文件夹和权限")
        return off(f"{where} 尚未建立，首次运行时自动建立")
    with closing(Queries(url)) as queries:
        began = time.perf_counter()
        count = queries.count_incidents(open_only=True)
        return good(f"{where}，未办结警情 {count} 起，应答 {(time.perf_counter() - began) * 1000:.0f} ms")


def clock() -> Found:
    """This machine's clock, and whether something keeps it right."""
    now = system_clock()
    if now < OLDEST:
        return bad(f"系统时间 {now:%Y-%m-%d %H:%M} 不对", "请校时")
    shown = f"系统时间 {now:%Y-%m-%d %H:%M:%S} UTC，本地 {time.strftime('%H:%M:%S %z')}"
    kept = _synchronised()
    if kept is None:
        return good(f"{shown}；是否自动校时：未知")
    if not kept:
        return warn(f"{shown}；没有自动校时", "请启用 NTP（timedatectl set-ntp true）或由中心统一校时")
    return good(f"{shown}；已自动校时")


def _synchronised() -> bool | None:
    """What systemd says about NTP; None where there is nobody to ask."""
    program = shutil.which("timedatectl")
    if program is None:
        return None
    command = [program, "show", "--property=NTPSynchronized", "--value"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=TOLD_S, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(told.stdout.strip())


def clock_offset(url: str) -> Found:
    """Against the database server, whose clock all desks can ask."""
    if not is_server(url):
        return off("数据库在本机，用的是同一个时钟")
    with closing(ServerClock(url, system_clock)) as server:
        offset = server.offset()
    fault = judge_clock(offset)
    if fault is not None:
        return bad(fault.what, fault.remedy)
    return good(f"与数据库服务器相差 {offset.seconds:+.3f} 秒（误差 ±{offset.unsure_s:.3f} 秒）")


# -- disk, spool, logs -----------------------------------------------------------------------------------------


def folders_of(settings: Settings, url: str) -> tuple[Path, ...]:
    """Where this machine writes."""
    beside = () if is_server(url) else (locate(url).parent,)
    return (settings.data_folder, spool_file(settings, url).parent, *beside)


def disk(folders: Iterable[Path]) -> Found:
    """The free space of every disk that this machine writes to."""
    free = free_of(folders)
    shown = "；".join(f"{folder} 剩余 {left >> 20} MiB" for folder, left in free.items())
    tightest = min(free, key=lambda folder: free[folder])
    fault, lamp = disk_fault(tightest, free[tightest]), judge_disk(free[tightest])
    return Found(lamp, fault.what, fault.remedy) if fault is not None else good(shown)


def spool(settings: Settings, url: str) -> Found:
    """Whether it can be written, how fast, and what lies in it."""
    file = spool_file(settings, url)
    if not file.parent.is_dir():
        return off(f"{file.parent} 尚未建立，首次运行时自动建立")
    fsync_ms = _fsync_ms(file.parent)
    waiting = clashes = 0
    if file.exists():
        with closing(Spool.open(file, system_clock)) as opened:
            waiting, clashes = opened.count(), len(opened.clashes())
    shown = f"可写，落盘 {fsync_ms:.1f} ms，待补传 {waiting} 条，冲突 {clashes} 条"
    if clashes:
        return warn(shown, "请用 spool 命令查看冲突，重试或写明理由移除")
    if waiting:
        return warn(shown, "席位打开后自动补传；一直不减少请检查数据库")
    return warn(shown, "磁盘较慢，请检查磁盘") if fsync_ms > SLOW_FSYNC_MS else good(shown)


def _fsync_ms(folder: Path) -> float:
    """The median time that 4 KiB take to be safe in the folder, in milliseconds."""
    took = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as probe:
        for _ in range(FSYNCS):
            began = time.perf_counter()
            probe.write(bytes(4096))
            os.fsync(probe.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return median(took)


def logs(settings: Settings) -> Found:
    """Whether they can be written, and how much is kept."""
    folder = logs_folder(settings.data_folder)
    there = next(path for path in (folder, *folder.parents) if path.exists())
    with tempfile.TemporaryFile(dir=there) as probe:
        probe.write(b"\n")
    kept = kept_in(folder)
    since = f"，最早 {datetime.fromtimestamp(kept.oldest, UTC):%Y-%m-%d}" if kept.oldest is not None else ""
    return good(f"可写，{kept.files} 个文件共 {kept.size >> 20} MiB{since}，保留 {settings.log_days} 天")


# -- the journal's head ----------------------------------------------------------------------------------------


def head(settings: Settings, url: str) -> Found:
    """Whether the end of the journal is kept outside the database, and still stands where it stood."""
    if not require_place(url):
        return off("数据库尚未建立")
    file = heads_file(settings, url)
    heads = kept_heads(file)
    with closing(Queries(url)) as queries:
        if not heads:
            if not queries.journal_rows(since=0, limit=1):
                return off("日志还是空的，没有链头")
            return warn(f"链头还没有留存在库外（{file}）", "席位打开后每小时留存一次")
        last = heads[-1]
        row = next(iter(queries.journal_rows(since=last.seq - 1, limit=1)), None)
    if row is None or row.seq != last.seq or row.hash != last.hash:
        return bad(f"日志第 {last.seq} 条与库外留存的链头不符", "请停止改动并用 journal verify 核对，再用备份恢复")
    if last.at is not None and system_clock() - last.at > HEAD_AGE and _newer(url, last.seq):
        return warn(f"链头最后留存于 {last.at:%Y-%m-%d %H:%M} UTC", "请检查席位是否在运行、文件夹能否写入")
    return good(f"第 {last.seq} 条的链头留存在 {file}，与日志相符")


def _newer(url: str, seq: int) -> bool:
    with closing(Queries(url)) as queries:
        return bool(queries.journal_rows(since=seq, limit=1))


# -- a service beside the desks --------------------------------------------------------------------------------

SERVICE_OLD_S = 30.0
"""`lines` writes its health every few seconds: one that has not for so long stands still or is gone."""


def service(settings: Settings) -> Found:
    """How the lines do that are received here without a window."""
    try:
        told = json.loads((settings.data_folder / FILE).read_text(encoding="utf-8"))
        age = (system_clock() - datetime.fromisoformat(told["at"])).total_seconds()
        states = {line["name"]: LineState(line["state"]) for line in told["lines"]}
        reasons = {line["name"]: line["why"] for line in told["lines"]}
    except FileNotFoundError:
        return off("本机没有运行收信服务")
    except (ValueError, KeyError, TypeError):
        return bad("收信服务的健康文件读不懂", f"删除 {settings.data_folder / FILE}，服务会重写")
    if told.get("ended"):
        return off("收信服务已停止")
    if age > SERVICE_OLD_S:
        return bad(f"收信服务 {age:.0f} 秒没有报告", "检查服务是否在运行，再重新启动")
    lost = [
        f"{name}（{reasons[name]}）" for name, state in states.items() if state in (LineState.LOST, LineState.CLOSED)
    ]
    if lost:
        return bad("；".join(lost), "检查接线、端口和网络")
    silent = [name for name, state in states.items() if state is LineState.SILENT]
    if silent:
        return warn(f"线路无心跳：{'、'.join(silent)}", "检查接收机和接线")
    return good(f"收信服务接收 {len(states)} 条线路，都正常")
