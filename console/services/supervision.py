"""Supervision 监测: silence is news. A line, a panel or its daily test that should be heard and is not.

Heartbeats are not journaled: when each account was heard last lives here, in the process that receives its line, and
begins with what the signals table says. Only that process speaks about a line or a panel, and asks under one id for
the same silence, so two hosts never tell it twice. While a line itself is down nothing is said about its panels: what
is missing then is the line's.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from console.domain.clock import to_ms
from console.domain.errors import EnvironmentFault
from console.domain.facts import SignalReceived
from console.domain.site import LineState, Site
from console.domain.trouble import Trouble, TroubleKind, TroubleState
from console.services.desk import Desk
from console.services.equipment_clock import by_clock
from console.services.line_figures import LineFigures
from console.services.line_tap import Frame
from console.services.meaning import is_periodic_test, panel_alarms
from console.services.picture import Changes
from console.services.sites import site_of
from console.services.watch import Chore

log = logging.getLogger(__name__)

LINES_EVERY_S = 1.0
PANELS_EVERY_S = 5.0
AGAIN_S = 5.0
"""So often the journal is asked what was heard, until it answers."""

REMEMBERED = timedelta(days=35)
"""How far back the signals table is asked: a panel that tests itself once a week has told us three times."""

LATE = 0.25
"""So much of its interval a periodic test may be late; two intervals that differ by no more are a habit."""
SAME_TEST = timedelta(minutes=5)
"""Tests closer together are one: another path, another code for the same."""

REMEMBERED_PANELS = 50_000
"""So many panels are remembered, those heard last: at an open port anybody may invent accounts."""

DOWN = (LineState.SILENT, LineState.LOST)
ABOUT_PANELS = (TroubleKind.COMM_LOST, TroubleKind.MISSED_TEST)

Panel = tuple[str, str]
"""A line and a bare account (no zeros in front)."""


class _Spec(Protocol):
    @property
    def supervise_s(self) -> float: ...


class Receiving(Protocol):
    """A line of this process; its supervision time is in seconds, 0: not watched."""

    @property
    def spec(self) -> _Spec: ...
    @property
    def figures(self) -> LineFigures: ...


class History(Protocol):
    """The part of `persistence.queries.Queries` that is asked at the start. Calls block."""

    def last_heard(self, since: datetime) -> Mapping[tuple[str, str], datetime]: ...
    def signals_with(
        self, since: datetime, event_codes: Collection[str], sia_codes: Collection[str]
    ) -> Iterable[tuple[str, str, datetime]]: ...


def panel(line: str, account: str) -> Panel:
    """The key of a panel, however its account is padded."""
    return line, account.lstrip("0")


class Supervision:
    """What this process has heard, and what it says about silence."""

    def __init__(self, desk: Desk, lines: Callable[[], Iterable[Receiving]]) -> None:
        self._desk = desk
        self._lines = lines
        self._heard: dict[Panel, datetime] = {}
        self._tests: dict[Panel, deque[datetime]] = {}
        self._told: set[tuple[str, ...]] = set()
        desk.picture.observe(self._see)

    @property
    def chores(self) -> Iterator[Chore]:
        """For the watch."""
        yield Chore("lines heard", LINES_EVERY_S, self.look_at_lines)
        yield Chore("panels heard", PANELS_EVERY_S, self.look_at_panels)

    # -- what is heard ---------------------------------------------------------------------------------------

    async def remember(self, history: History) -> None:
        """Learn what is stored as soon as the journal answers; until then what is heard counts."""
        since, codes = self._desk.clock() - REMEMBERED, panel_alarms().periodic_tests
        while True:
            try:
                heard = await asyncio.to_thread(history.last_heard, since)
                tests = await asyncio.to_thread(history.signals_with, since, codes.contact_id, codes.sia)
                break
            except EnvironmentFault as fault:
                log.info("when panels were heard last is not known yet: %s", fault)
                await asyncio.sleep(AGAIN_S)
        for (line, account), at in heard.items():
            self._note(line, account, at)
        lately = [(*key, at) for key, times in self._tests.items() for at in times]
        self._tests.clear()
        for line, account, at in sorted((*tests, *lately), key=lambda row: row[2]):
            self._note_test(line, account, at)

    def hear(self, frame: Frame) -> None:
        """A frame passed, a heartbeat perhaps: its account is alive."""
        if frame.report.account:
            wall = self._desk.clock() - timedelta(seconds=time.monotonic() - frame.at)
            self._note(frame.line, frame.report.account, to_ms(wall))

    def _see(self, changes: Changes) -> None:
        for fact in changes.facts:
            if isinstance(fact.body, SignalReceived) and fact.body.signal.type == "signal":
                signal = fact.body.signal
                self._note(signal.line, signal.account, signal.received_at)
                if is_periodic_test(signal) and not signal.copy_of:
                    self._note_test(signal.line, signal.account, signal.received_at)

    def _note(self, line: str, account: str, at: datetime) -> None:
        key = panel(line, account)
        if account and at > self._heard.get(key, at - SAME_TEST):
            self._heard.pop(key, None)
            self._heard[key] = at
            _bound(self._heard)

    def _note_test(self, line: str, account: str, at: datetime) -> None:
        key = panel(line, account)
        times: deque[datetime] = self._tests.pop(key) if key in self._tests else deque(maxlen=3)
        self._tests[key] = times
        _bound(self._tests)
        if not times or at - times[-1] > SAME_TEST:
            times.append(at)

    # -- lines -----------------------------------------------------------------------------------------------

    async def look_at_lines(self) -> None:
        """Say which of our lines have been down for too long, and which are heard again."""
        now = self._desk.clock()
        silent = {row.line: row for row in self._standing(TroubleKind.LINE_SILENT)}
        for line in self._lines():
            figures = line.figures
            known = silent.get(figures.line)
            if figures.state is LineState.UP and known is not None:
                await self._restore(known, figures.since)
            elif figures.state in DOWN and known is None and _too_long(figures, line.spec.supervise_s, now):
                args = {"kind": TroubleKind.LINE_SILENT.value, "line": figures.line, "text": figures.why}
                await self._raise(args, now, figures.line, figures.since)

    # -- panels ----------------------------------------------------------------------------------------------

    async def look_at_panels(self) -> None:
        """Say which panels are silent, which have missed their test, and which are heard again."""
        now = self._desk.clock()
        states = {figures.line: figures for figures in (line.figures for line in self._lines())}
        for row in (row for kind in ABOUT_PANELS for row in self._standing(kind)):
            await self._heard_again(row, states)
        for site in self._desk.picture.state.all(Site):
            if site.supervise_s is not None and site.account:
                await self._watch_panel(site, site.supervise_s, now, states)
        for key in list(self._tests):
            await self._watch_test(key, now, states)

    async def _heard_again(self, row: Trouble, states: Mapping[str, LineFigures]) -> None:
        site = self._desk.picture.site(row.site)
        if site is None:
            return
        test = row.kind is TroubleKind.MISSED_TEST
        for line in states:
            key = panel(line, site.account)
            times = self._tests.get(key)
            last = (times[-1] if times else None) if test else self._heard.get(key)
            if last is not None and last >= row.last_at and site.line in ("", line):
                await self._restore(row, last)
                return

    async def _watch_panel(self, site: Site, limit_s: int, now: datetime, states: Mapping[str, LineFigures]) -> None:
        """A panel on a line of ours; one that may come by any line only where it has come."""
        keys = [panel(line, site.account) for line in states if site.line == line]
        if not site.line:
            keys = [key for key in (panel(line, site.account) for line in states) if key in self._heard]
        if not keys or any(states[line].state is not LineState.UP for line, _ in keys):
            return
        last = max(max(self._heard.get(key, states[key[0]].since), states[key[0]].since) for key in keys)
        if now - last > timedelta(seconds=limit_s):
            heard = max((self._heard[key] for key in keys if key in self._heard), default=None)
            said = f"{limit_s} 秒没有收到主机任何信号" if heard else "登记后从未收到主机信号"
            args = {"kind": TroubleKind.COMM_LOST.value, "site": site.id, "account": site.account, "text": said}
            await self._raise(args, now, site.id, last)

    async def _watch_test(self, key: Panel, now: datetime, states: Mapping[str, LineFigures]) -> None:
        interval, times = _habit(self._tests[key]), self._tests[key]
        figures = states.get(key[0])
        if interval is None or figures is None or figures.state is not LineState.UP:
            return
        # What the panel sent while the line was down may have been lost on the way: it gets its grace anew.
        due = max(times[-1] + interval * (1 + LATE), figures.since + interval * LATE)
        site = site_of(self._desk.picture.state, key[1], key[0])
        if now > due and site is not None:
            hours = interval / timedelta(hours=1)
            said = f"应每 {hours:.3g} 小时一次的定期测试没有到"
            args = {"kind": TroubleKind.MISSED_TEST.value, "site": site.id, "account": site.account, "text": said}
            await self._raise(args, now, site.id, times[-1])

    # -- saying it -------------------------------------------------------------------------------------------

    def _standing(self, kind: TroubleKind) -> list[Trouble]:
        """What the clock found and nobody has put away or heard again."""
        rows = self._desk.picture.state.where(Trouble, signal="")
        return [row for row in rows if row.kind is kind and row.state in (TroubleState.OPEN, TroubleState.SHELVED)]

    async def _raise(self, args: dict[str, str], now: datetime, subject: str, since: datetime) -> None:
        news = (args["kind"], subject, since.isoformat())
        if news not in self._told and await by_clock(
            self._desk, "trouble.raise", {**args, "at": now.isoformat()}, *news
        ):
            self._told.add(news)

    async def _restore(self, row: Trouble, at: datetime) -> None:
        when = max(at, row.last_at).isoformat()
        await by_clock(self._desk, "trouble.restore", {"trouble": row.id, "at": when}, row.id, str(row.version))


def _bound(panels: dict[Panel, Any]) -> None:
    if len(panels) > REMEMBERED_PANELS:
        del panels[next(iter(panels))]


def _habit(times: deque[datetime]) -> timedelta | None:
    """How often a panel tests itself; None as long as it has shown no habit."""
    if len(times) < 3:
        return None
    first, second = times[1] - times[0], times[2] - times[1]
    longer, shorter = max(first, second), min(first, second)
    return longer if longer <= shorter * (1 + LATE) else None


def _too_long(figures: LineFigures, supervise_s: float, now: datetime) -> bool:
    """A line that is called silent has been so for its supervision time already."""
    if figures.state is LineState.SILENT:
        return True
    return supervise_s > 0 and now - figures.since > timedelta(seconds=supervise_s)
