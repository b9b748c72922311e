"""selftest: a row a lamp; what is bad is exit 1 and says what to do; nothing is changed by looking."""

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.__main__ import main
from console.bench.postgres import Cluster
from console.cli import selftest_ground as ground
from console.cli.selftest import SHOWN
from console.domain.account import MACHINE
from console.domain.clock import Clock, ManualClock, SteeredClock, system_clock
from console.domain.ledger import Act
from console.persistence import store
from console.persistence.chain import Head, keep_head
from console.persistence.journal import Journal
from console.persistence.server_clock import Offset, ServerClock
from console.persistence.spool import Spool
from console.services.acts import ACTS
from console.services.ground import DISK_BAD, DISK_WARN, Looking, ground_chores, judge_disk
from console.services.health import Health, Lamp
from console.settings import load_settings
from console.station import heads_file
from tests.cluster import cluster  # noqa: F401 -- a fixture

NAMES = ["fonts", "sound", "audio", "ports", "service"]
NAMES += ["database", "clock", "clock_offset", "disk", "spool", "logs", "head", "sayings"]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "conf"))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'a.db'}"


Selftest = Callable[..., tuple[int, dict[str, dict[str, Any]]]]


@pytest.fixture
def selftest(capsys: pytest.CaptureFixture[str], url: str) -> Selftest:
    def run(*arguments: str, db: str = url) -> tuple[int, dict[str, dict[str, Any]]]:
        code = main(["selftest", "--json", "--db", db, *arguments])
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return code, {row["name"]: row for row in rows}

    return run


def act(name: str, **args: Any) -> Act:
    return Act(name=name, args=args, actor="系统", seat="03", roles=MACHINE, at=system_clock())


def write_something(url: str) -> None:
    line = {"name": "A1", "protocol": "surgard", "address": "x", "state": "UP", "since": system_clock().isoformat()}
    with closing(Journal.open(url, ACTS, system_clock)) as journal:
        journal.commit_blocking(act("line.changed", line=line))


def settings(tmp_path: Path, text: str) -> tuple[str, str]:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return "--config", str(file)


def test_that_every_lamp_has_a_row_that_says_what_to_do(selftest: Selftest) -> None:
    code, rows = selftest()
    assert code == 0
    assert list(rows) == NAMES
    for row in rows.values():
        assert row["state"] in set(Lamp)
        assert row["ok"] == (row["state"] != "bad")
        assert row["text"]
        assert bool(row["remedy"]) == (row["state"] in ("warn", "bad"))


def test_that_looking_changes_nothing(selftest: Selftest, tmp_path: Path) -> None:
    selftest()
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == []


def test_that_a_bad_row_is_exit_1_for_people_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.db"
    bad.write_text("x" * 5000)
    assert main(["selftest", "--db", f"sqlite:///{bad}"]) == 1
    told = capsys.readouterr().out
    assert f"{SHOWN[Lamp.BAD]}  数据库" in told
    assert len(told.splitlines()) == len(NAMES)


def test_that_a_line_whose_port_is_gone_is_bad(selftest: Selftest, tmp_path: Path) -> None:
    controller, device = os.openpty()
    try:
        there = f'lines = ["A1=surgard:{os.ttyname(device)}", "T1=surgard:tcp-listen://127.0.0.1:1"]\n'
        _, rows = selftest(*settings(tmp_path, there))
        assert rows["ports"]["state"] == "good"
    finally:
        os.close(controller)
        os.close(device)
    lines = 'lines = ["A1=surgard:/dev/ttyNONE", "A2=surgard:usb:dead:beef:1"]\n'
    code, rows = selftest(*settings(tmp_path, lines))
    assert code == 1
    assert "线路 A1 的端口不存在" in rows["ports"]["text"]
    assert "线路 A2 的设备没有插上" in rows["ports"]["text"]


def test_that_what_waits_in_the_spool_is_counted(selftest: Selftest, tmp_path: Path, url: str) -> None:
    write_something(url)
    where = settings(tmp_path, f'spool = "{tmp_path / "spool.db"}"\n')
    _, rows = selftest(*where)
    assert rows["spool"]["state"] == "good"
    with closing(Spool.open(tmp_path / "spool.db", system_clock)) as spool:
        spool.put(act("unit.status", unit="巡01", status="20"))
    _, rows = selftest(*where)
    assert rows["spool"]["state"] == "warn"
    assert "待补传 1 条" in rows["spool"]["text"]


def test_that_the_head_outside_is_compared_with_the_journal(selftest: Selftest, url: str) -> None:
    write_something(url)
    code, rows = selftest()
    assert (code, rows["head"]["state"]) == (0, "warn")
    store.note_head(url)
    code, rows = selftest()
    assert (code, rows["head"]["state"]) == (0, "good")
    keep_head(store.heads_file(url), Head(seq=1, hash="0" * 64, at=system_clock()))
    code, rows = selftest()
    assert (code, rows["head"]["state"]) == (1, "bad")
    keep_head(store.heads_file(url), Head(seq=99, hash="0" * 64, at=system_clock()))
    assert selftest()[0] == 1


@pytest.mark.parametrize(("told", "state"), [("yes\n", "good"), ("no\n", "warn"), ("", "good")])
def test_that_the_clock_is_kept_right_by_something(
    told: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "timedatectl"
    program.write_text(f"#!/bin/sh\nprintf '{told}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    found = ground.clock()
    assert found.state == state
    assert ("未知" in found.text) == (not told)


@pytest.mark.parametrize(
    ("free", "lamp"),
    [(DISK_WARN, "good"), (DISK_WARN - 1, "warn"), (DISK_BAD, "warn"), (DISK_BAD - 1, "bad"), (0, "bad")],
)
def test_that_a_disk_lights_its_lamp_in_time(free: int, lamp: str) -> None:
    assert judge_disk(free) == lamp


# -- the same lamps on a running desk --------------------------------------------------------------------------


def shifted(seconds: float) -> Clock:
    return lambda: system_clock() + timedelta(seconds=seconds)


async def until(done: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not done() and time.monotonic() < end:  # noqa: ASYNC110 -- what is waited for happens in a thread
        await asyncio.sleep(0.005)
    return done()


def chores(
    health: Health,
    folder: Path,
    offset: Callable[[], Offset] | None,
    why: list[str],
    steer: Callable[[float], None] = lambda _: None,
) -> dict[str, Any]:
    return {chore.name: chore.run for chore in ground_chores(health, [folder], offset, steer, lambda: "".join(why))}


async def test_that_a_desk_whose_clock_is_off_stamps_by_the_rooms_clock(tmp_path: Path) -> None:
    right = ManualClock(system_clock())
    steered = SteeredClock(lambda: right() + timedelta(hours=1))
    seen = [Offset(3600.0, 0.01)]
    health = Health()
    check = chores(health, tmp_path, lambda: seen[-1], [], steered.steer)["clock"]
    assert steered() - right() == timedelta(hours=1)
    await check()
    assert await until(lambda: steered() == right())
    assert "clock" in health.faults
    seen.append(Offset(0.3, 0.01))
    await check()
    assert await until(lambda: "clock" not in health.faults)
    assert steered() - right() == timedelta(hours=1)


async def test_that_a_clock_that_is_off_lights_a_lamp_and_puts_it_out(tmp_path: Path) -> None:
    health, seen = Health(), [Offset(2.5, 0.01)]
    check = chores(health, tmp_path, lambda: seen[-1], [])["clock"]
    await check()
    assert await until(lambda: "clock" in health.faults)
    assert "快 2.5 秒" in health.faults["clock"].what
    for offset in (Offset(-1.4, 0.5), Offset(0.2, 0.001)):
        seen.append(offset)
        await check()
        assert await until(lambda: "clock" not in health.faults)


async def test_that_a_server_that_hangs_holds_nobody_up_and_is_asked_once(expected_log: list[str]) -> None:
    asked, release = [], [False]

    def look() -> int:
        asked.append(1)
        while not release[0]:
            time.sleep(0.005)
        return 1

    seen: list[int] = []
    looking = Looking("clock", look, seen.append)
    began = time.monotonic()
    for _ in range(3):
        await looking.check()
    assert time.monotonic() - began < 0.5
    release[0] = True
    assert await until(lambda: seen == [1])
    assert len(asked) == 1


async def test_that_a_bug_while_looking_is_logged_and_looking_goes_on(expected_log: list[str]) -> None:
    expected_log.append("looking at clock")
    divisors = iter([0, 1])

    def look() -> int:
        return 7 // next(divisors)

    seen: list[int] = []
    looking = Looking("clock", look, seen.append)

    await looking.check()
    assert await until(lambda: not looking._busy)
    await looking.check()
    assert await until(lambda: seen == [7])


async def test_that_disk_and_logs_light_their_lamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    health, why = Health(), ["运行日志写不进"]
    runs = chores(health, tmp_path, None, why)
    assert set(runs) == {"disk", "logs"}
    monkeypatch.setattr("console.services.ground.DISK_WARN", 1 << 60)
    monkeypatch.setattr("console.services.ground.DISK_BAD", 1 << 59)
    for run in runs.values():
        await run()
    assert await until(lambda: set(health.faults) == {"logs", f"disk:{tmp_path}"})
    monkeypatch.undo()
    why.clear()
    for run in runs.values():
        await run()
    assert await until(lambda: not health.faults)


@pytest.fixture
def server(cluster: Cluster) -> Iterator[str]:  # noqa: F811 -- the fixture
    name = cluster.new_database()
    yield cluster.url(name)
    cluster.drop_database(name)


@pytest.mark.parametrize("seconds", [0.0, 3.0, -3.0])
def test_that_the_servers_clock_is_compared(server: str, seconds: float) -> None:
    asked = ServerClock.of(server, shifted(seconds))
    assert asked is not None
    with closing(asked):
        for _ in range(2):
            offset = asked.offset()
            assert abs(offset.seconds - seconds) < 0.25
            assert offset.unsure_s < 0.25


def test_that_a_file_has_no_clock_of_its_own(url: str) -> None:
    assert ServerClock.of(url, system_clock) is None


def test_that_a_server_is_tested_like_a_file(server: str, selftest: Selftest, monkeypatch: pytest.MonkeyPatch) -> None:
    store.init(server)
    write_something(server)
    code, rows = selftest(db=server)
    assert (code, rows["database"]["state"], rows["head"]["state"]) == (0, "good", "warn")
    assert rows["clock_offset"]["state"] == "good"
    store.note_head(server, heads_file(load_settings().settings, server))
    assert selftest(db=server)[1]["head"]["state"] == "good"
    monkeypatch.setattr(ground, "system_clock", shifted(5.0))
    code, rows = selftest(db=server)
    assert code == 1
    assert "快 5.0 秒" in rows["clock_offset"]["text"]


# -- the lines that are received without a window ----------------------------------------------------------------


def health_file(tmp_path: Path, *, age_s: float = 0.0, ended: bool = False, **states: str) -> None:
    at = system_clock() - timedelta(seconds=age_s)
    lines = [{"name": name, "state": state, "why": f"线路{name} 中断：端口已断开"} for name, state in states.items()]
    folder = tmp_path / "data" / "console110"
    folder.mkdir(parents=True, exist_ok=True)
    told = {"at": at.isoformat(), "ended": ended, "lines": lines}
    (folder / "lines-health.json").write_text(json.dumps(told), encoding="utf-8")


@pytest.mark.parametrize(
    ("told", "state", "words"),
    [
        ({"A1": "UP", "B1": "STANDBY"}, "good", "2 条线路"),
        ({"A1": "UP", "B1": "SILENT"}, "warn", "无心跳：B1"),
        ({"A1": "LOST", "B1": "UP"}, "bad", "线路A1 中断：端口已断开"),
        ({"A1": "UP", "age_s": 90.0}, "bad", "没有报告"),
        ({"A1": "CLOSED", "ended": True}, "off", "已停止"),
    ],
)
def test_that_the_line_service_is_judged_by_what_it_wrote(
    selftest: Selftest, tmp_path: Path, told: dict[str, Any], state: str, words: str
) -> None:
    health_file(tmp_path, **told)
    _, rows = selftest()
    assert rows["service"]["state"] == state
    assert words in rows["service"]["text"]


def test_that_a_health_file_nobody_can_read_is_said(selftest: Selftest, tmp_path: Path) -> None:
    health_file(tmp_path)
    (tmp_path / "data" / "console110" / "lines-health.json").write_text("{", encoding="utf-8")
    code, rows = selftest()
    assert (code, rows["service"]["state"]) == (1, "bad")
