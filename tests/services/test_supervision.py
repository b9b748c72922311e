"""Supervision: a silent line, a panel that is not heard, a periodic test that does not come; each is heard again."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable
from console.domain.facts import SiteRegistered
from console.domain.site import LineState, Site
from console.domain.trouble import Trouble, TroubleKind, TroubleState
from console.persistence.queries import Queries
from console.services import supervision as module
from console.services.line_figures import LineFigures
from console.services.line_tap import Frame
from console.services.supervision import Supervision
from drivers.protocols import codec_for
from drivers.protocols.surgard_panel import signal_frame
from drivers.report import Report
from tests.persistence.conftest import cluster, fill, ground, new_place, prepared, templates
from tests.services.rights_scenes import World
from tests.services.test_technical import Panels
from tests.support import EVENING, make_desk, tell

__all__ = ["cluster", "fill", "ground", "new_place", "prepared", "templates"]

DAY = timedelta(days=1)


@dataclass
class Spec:
    supervise_s: float = 90.0


@dataclass
class Line:
    """A line as supervision sees it."""

    figures: LineFigures
    spec: Spec = field(default_factory=Spec)

    def turn(self, state: LineState, at: datetime, why: str = "") -> None:
        self.figures = replace(self.figures, state=state, since=at, why=why)


def line(name: str = "A1") -> Line:
    nothing: dict[str, Any] = dict.fromkeys(("frames", "heartbeats", "garbage", "naks", "bytes_in", "bytes_out"), 0)
    nothing |= {"stored_ms": (), "answered_ms": (), "last_heard": None, "why": ""}
    return Line(LineFigures(line=name, protocol="sia-dc09", address="x", state=LineState.UP, since=EVENING, **nothing))


class Host:
    """One process with its lines over a desk; several may share the desk's journal."""

    def __init__(self, clock: ManualClock, *lines: Line, desk: Any = None) -> None:
        self.clock, self.lines = clock, lines
        self.desk = desk or make_desk(clock)
        self.supervision = Supervision(self.desk, lambda: self.lines)

    async def look(self, after: float = 0.0) -> list[Trouble]:
        """The clock goes on, both chores look; what stands then."""
        self.clock.advance(after)
        for chore in self.supervision.chores:
            await chore.run()
        return list(self.desk.picture.state.all(Trouble))

    def hear(self, account: str, name: str = "A1") -> None:
        """A heartbeat, which no journal sees."""
        report = Report(type="heartbeat", raw=b"", account=account)
        self.supervision.hear(Frame(line=name, report=report, at=time.monotonic()))

    async def test(self, account: str, code: str = "602") -> None:
        (report,) = codec_for("surgard").feed(signal_frame(account=account, event=code))
        args = {"ingest_id": f"i{self.clock()}{account}", "line": "A1", "protocol": "surgard"}
        await self.desk.do("intake.receive", **args, received_at=self.clock().isoformat(), report=report.to_json())

    def site(self, **more: Any) -> None:
        tell(self.desk, SiteRegistered(site=Site(**{"id": "S1", "name": "一中", "account": "1234", **more})))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


# -- lines ---------------------------------------------------------------------------------------------------


async def test_that_a_silent_line_is_one_event_until_it_is_heard_again(clock: ManualClock) -> None:
    a1 = line()
    host = Host(clock, a1)
    assert await host.look(3600) == []
    a1.turn(LineState.SILENT, clock(), "长时间没有收到任何数据")
    for _ in range(3):
        (row,) = await host.look(1)
    assert (row.kind, row.line, row.site, row.state) == (TroubleKind.LINE_SILENT, "A1", "", TroubleState.OPEN)
    assert row.opened_at == a1.figures.since + timedelta(seconds=1), "at the first look"
    a1.turn(LineState.UP, clock.advance(30))
    (row,) = await host.look(1)
    assert (row.state, row.restored_at) == (TroubleState.RESTORED, a1.figures.since)
    a1.turn(LineState.SILENT, clock.advance(30))
    (row,) = await host.look(1)
    assert (row.state, row.count) == (TroubleState.OPEN, 2)


async def test_that_a_lost_line_has_its_supervision_time_to_come_back(clock: ManualClock) -> None:
    a1 = line()
    host = Host(clock, a1)
    a1.turn(LineState.LOST, clock())
    assert await host.look(90) == []
    assert [row.kind for row in await host.look(1)] == [TroubleKind.LINE_SILENT]


async def test_that_a_line_that_stands_by_or_is_not_watched_says_nothing(clock: ManualClock) -> None:
    waits, unwatched = line("A1"), line("B1")
    waits.turn(LineState.STANDBY, clock())
    unwatched.turn(LineState.LOST, clock())
    unwatched.spec.supervise_s = 0.0
    assert await Host(clock, waits, unwatched).look(3600) == []


async def test_that_two_hosts_that_see_the_same_tell_it_once(clock: ManualClock) -> None:
    lines = [line(), line()]
    first = Host(clock, lines[0])
    second = Host(clock, lines[1], desk=first.desk)
    for one in lines:
        one.turn(LineState.SILENT, EVENING)
    await first.look(5)
    (row,) = await second.look(5)
    assert row.count == 1


# -- panels --------------------------------------------------------------------------------------------------


async def test_that_a_panel_that_is_not_heard_is_told_and_its_heartbeat_restores_it(clock: ManualClock) -> None:
    host = Host(clock, line())
    host.site(supervise_s=300)
    host.hear("001234")
    assert await host.look(300) == []
    (row,) = await host.look(1)
    assert (row.kind, row.site, row.state) == (TroubleKind.COMM_LOST, "S1", TroubleState.OPEN)
    assert "300 秒" in row.text
    clock.advance(60)
    host.hear("1234")
    (row,) = await host.look(1)
    assert row.state is TroubleState.RESTORED
    (row,) = await host.look(400)
    assert (row.state, row.count) == (TroubleState.OPEN, 2)


async def test_that_any_signal_counts_as_heard(clock: ManualClock) -> None:
    host = Host(clock, line())
    host.site(supervise_s=300)
    for _ in range(4):
        await host.test("1234", "401")
        assert await host.look(200) == []


async def test_that_invented_accounts_push_out_only_who_was_not_heard_lately(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REMEMBERED_PANELS", 3)
    host = Host(clock, line())
    host.site(supervise_s=60)
    host.hear("1234")
    for n in range(20):
        host.hear(f"{5000 + n}")
        clock.advance(5)
        host.hear("1234")
        assert await host.look() == []
    assert len(host.supervision._heard) == 3


async def test_that_a_panel_registered_for_a_line_and_never_heard_is_told(clock: ManualClock) -> None:
    host = Host(clock, line())
    host.site(supervise_s=300, line="A1")
    (row,) = await host.look(301)
    assert "从未收到" in row.text


async def test_that_a_panel_that_may_come_by_any_line_is_judged_only_where_it_has_come(clock: ManualClock) -> None:
    host = Host(clock, line("B1"))
    host.site(supervise_s=300)
    assert await host.look(3600) == [], "another host may hear it"


async def test_that_a_line_that_is_down_is_no_fault_of_its_panels(clock: ManualClock) -> None:
    a1 = line()
    host = Host(clock, a1)
    host.site(supervise_s=300)
    host.hear("1234")
    a1.turn(LineState.SILENT, clock.advance(100))
    assert [row.kind for row in await host.look(3600)] == [TroubleKind.LINE_SILENT]
    a1.turn(LineState.UP, clock())
    assert len(await host.look(300)) == 1, "its time runs anew"
    assert {row.kind for row in await host.look(1)} == {TroubleKind.LINE_SILENT, TroubleKind.COMM_LOST}


async def test_that_a_site_without_supervision_is_not_watched(clock: ManualClock) -> None:
    host = Host(clock, line())
    host.site()
    host.hear("1234")
    assert await host.look(10**6) == []


# -- periodic tests ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("late_h", "told"), [(24, False), (29.9, False), (30.1, True)])
async def test_that_a_habit_of_tests_that_is_broken_by_a_quarter_is_told(
    clock: ManualClock, late_h: float, told: bool
) -> None:
    host = Host(clock, line())
    host.site()
    for _ in range(3):
        await host.test("1234")
        clock.advance(86400)
    rows = await host.look((late_h - 24) * 3600)
    assert [row.kind for row in rows] == ([TroubleKind.MISSED_TEST] if told else [])


async def test_that_the_next_test_restores_it(clock: ManualClock) -> None:
    host = Host(clock, line())
    host.site()
    for _ in range(3):
        await host.test("1234")
        clock.advance(86400)
    await host.look(86400)
    await host.test("1234")
    (row,) = await host.look(1)
    assert row.state is TroubleState.RESTORED


@pytest.mark.parametrize("gaps", [(86400,), (3600, 86400), (86400, 3600), (30, 30, 30)])
async def test_that_what_is_no_habit_is_never_missed(clock: ManualClock, gaps: tuple[int, ...]) -> None:
    host = Host(clock, line())
    host.site()
    for gap in (0, *gaps):
        clock.advance(gap)
        await host.test("1234")
    assert await host.look(40 * 86400) == []


# -- what is stored ------------------------------------------------------------------------------------------


async def test_that_a_restarted_host_knows_from_the_signals_table(
    prepared: Callable[[], str],
) -> None:
    clock = ManualClock(EVENING)
    world = World.open(prepared(), clock)
    panels = Panels(world, clock)
    for _ in range(3):
        panels.hear(signal_frame(account="1234", event="602"), after=86400)
    queries = Queries(world.journal.url)
    host = Host(clock, line())
    host.site()
    await host.supervision.remember(queries)
    queries.close()
    world.journal.close()
    assert await host.look(29 * 3600) == []
    assert [row.kind for row in await host.look(2 * 3600)] == [TroubleKind.MISSED_TEST]


async def test_that_a_journal_that_is_away_keeps_nobody_from_watching_and_is_asked_again(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AGAIN_S", 0.01)
    host = Host(clock, line())
    host.site(supervise_s=300, line="A1")
    stored = Stored([("A1", "1234", clock() - n * DAY) for n in (2, 1)])
    learning = asyncio.create_task(host.supervision.remember(stored))
    while stored.asked < 3:  # noqa: ASYNC110 -- a thread counts
        await asyncio.sleep(0.01)
    await host.test("1234")
    assert [row.kind for row in await host.look(301)] == [TroubleKind.COMM_LOST]
    stored.away = False
    await learning
    # Two tests of before and the one of now are a habit of a day.
    host.hear("1234")
    kinds = {row.kind for row in await host.look(1.3 * DAY.total_seconds())}
    assert TroubleKind.MISSED_TEST in kinds


@dataclass
class Stored:
    """A signals table that cannot be asked at first."""

    tests: list[tuple[str, str, datetime]]
    away: bool = True
    asked: int = 0

    def last_heard(self, _since: datetime) -> Mapping[tuple[str, str], datetime]:
        self.asked += 1
        if self.away:
            raise JournalUnavailable("数据库连接中断")
        return {}

    def signals_with(
        self, _since: datetime, _event_codes: Collection[str], _sia_codes: Collection[str]
    ) -> Iterable[tuple[str, str, datetime]]:
        return self.tests
