"""Scenes of one incident for the tests of the incident column, and the panel built over them."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.domain.alarm import Alarm, AlarmState
from console.domain.clock import ManualClock
from console.domain.facts import AlarmRaised, IncidentOpened, SiteRegistered, UnitRegistered
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act
from console.domain.site import Site
from console.domain.unit import Unit, UnitStatus
from console.services.desk import Desk
from console.services.drafts import Drafts
from console.services.places import Places
from tests.support import MemoryJournal, tell
from widgets.panels.incident import IncidentPanel
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.theme import Theme
from widgets.tick import Tick

GAS = "ZZ20261121-0190"
GAS_NARRATIVE = "楼道闻到浓烈煤气味，三楼有老人未下楼，已让邻居关总阀。"


@dataclass
class Notebook:
    """A draft store in memory."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def save_draft(self, id: str, body: Mapping[str, Any]) -> None:  # noqa: A002 -- the spool's word
        self.rows[id] = dict(body)

    def drafts(self) -> dict[str, dict[str, Any]]:
        return dict(self.rows)

    def drop_draft(self, id: str) -> None:  # noqa: A002 -- the spool's word
        self.rows.pop(id, None)


@dataclass
class Slips:
    """Makes slips of nothing, journals them as the printer does, and remembers for whom."""

    folder: Path
    desk: Desk
    made: list[str] = field(default_factory=list)
    failure: Exception | None = None

    async def __call__(self, handoff: str) -> Path:
        if self.failure is not None:
            raise self.failure
        self.made.append(handoff)
        file = self.folder / f"{handoff.replace('#', '-')}.pdf"
        await self.desk.do("handoff.slip_printed", handoff=handoff, file=file.name)
        return file


@dataclass
class Bench:
    """The panel and everything it was built from."""

    desk: Desk
    clock: ManualClock
    theme: Theme
    selection: Selection
    tick: Tick
    tasks: Tasks
    notebook: Notebook
    slips: Slips
    panel: IncidentPanel

    @property
    def journal(self) -> MemoryJournal:
        assert isinstance(self.desk.journal, MemoryJournal)
        return self.desk.journal

    def names(self) -> list[str]:
        """The facts in the journal, by name."""
        return [fact.name for fact in self.journal.facts]

    async def settle(self) -> None:
        await self.tasks.idle()

    async def beat(self, seconds: float = 1) -> None:
        """Let time pass."""
        self.clock.advance(seconds)
        self.tick.second.emit(self.clock())
        await self.tasks.idle()

    async def choose(self, number: str) -> Incident:
        self.selection.choose_incident(number)
        await self.tasks.idle()
        incident = self.panel.incident
        assert incident is not None
        return incident


def build(
    desk: Desk,
    clock: ManualClock,
    theme: Theme,
    selection: Selection,
    tick: Tick,
    tasks: Tasks,
    places: Places,
    folder: Path,
    notebook: Notebook | None = None,
    calls_from: Callable[[str], int] | None = None,
) -> Bench:
    """The panel over a desk in memory."""
    notebook, slips = notebook or Notebook(), Slips(folder, desk)
    journal = desk.journal
    assert isinstance(journal, MemoryJournal)
    panel = IncidentPanel(
        desk,
        theme,
        selection,
        tick,
        tasks,
        places=places,
        print_slip=slips,
        timeline_loader=journal.timeline,
        drafts=Drafts(notebook, pause_s=0.005),
        calls_from=calls_from,
    )
    return Bench(desk, clock, theme, selection, tick, tasks, notebook, slips, panel)


def gas(desk: Desk) -> str:
    """The incident of look/calltaker.png: 0190, gas on a staircase, answered 52 s ago."""
    answered = desk.clock() - timedelta(seconds=52)
    record = Incident(
        number=GAS,
        state=IncidentState.INTAKE,
        kind=_code(desk, "燃气泄漏"),
        title="燃气泄漏",
        priority=2,
        place="新华北路·钟法路口",
        lat=24.515,
        lon=117.655,
        beat="05",
        caller="女士（未留名）",
        phone="13800006621",
        narrative=GAS_NARRATIVE,
        owner="031",
        created_at=answered,
        t_signal=answered,
        t_answer=answered,
    )
    tell(desk, IncidentOpened(incident=GAS, record=record))
    return GAS


def school(desk: Desk) -> str:
    """A one-key alarm of a school, acknowledged and still latched."""
    number, now = "ZZ20261121-0193", desk.clock()
    site = Site(
        id="S001", name="漳州市实验小学", kind="school", account="1234", beat="05", zones={"003": "东门值班室"},
        linkage=("education", "ems_120"), limit_min=5,
    )  # fmt: skip
    record = Incident(
        number=number, state=IncidentState.INTAKE, source="alarm", title="一键报警 · 漳州市实验小学", priority=1,
        place="漳州市实验小学 东门值班室", beat="05", site="S001", created_at=now, t_signal=now, t_answer=now,
        kind=_code(desk, "学校一键报警"),
    )  # fmt: skip
    alarm = Alarm(
        id="alarm-1", state=AlarmState.ACKNOWLEDGED, kind="panic", site="S001", account="1234", zone="003",
        event_code="120", line="A1", incident=number, received_at=now,
    )  # fmt: skip
    tell(desk, SiteRegistered(site=site))
    tell(desk, IncidentOpened(incident=number, record=record), AlarmRaised(incident=number, alarm=alarm))
    return number


def bank(desk: Desk) -> str:
    """A silent hold-up at a bank's counter, acknowledged and still latched."""
    number, now = "ZZ20261121-0195", desk.clock()
    site = Site(
        id="S020", name="芗溪银行钟法路支行", kind="bank", account="2001", beat="05", zones={"001": "一号柜台"},
        callback_phone="0596-0000001", keyholder="郑保卫", keyholder_phone="13800000002", address="大同路 154 号",
    )  # fmt: skip
    record = Incident(
        number=number, state=IncidentState.INTAKE, source="alarm", title="静默报警 · 芗溪银行钟法路支行", priority=1,
        place="芗溪银行钟法路支行", beat="05", site="S020", silent=True, created_at=now, t_signal=now, t_answer=now,
        kind=_code(desk, "银行一键报警"), lat=24.515901, lon=117.645241,
    )  # fmt: skip
    alarm = Alarm(
        id="alarm-9", state=AlarmState.ACKNOWLEDGED, kind="holdup", site="S020", account="2001", zone="001",
        event_code="122", line="A1", incident=number, received_at=now, silent=True,
    )  # fmt: skip
    tell(desk, SiteRegistered(site=site))
    tell(desk, IncidentOpened(incident=number, record=record), AlarmRaised(incident=number, alarm=alarm))
    return number


def units(desk: Desk) -> None:
    """Two units on duty."""
    for call_sign in ("巡05", "巡06"):
        unit = Unit(id=call_sign, name=call_sign, status=UnitStatus.AVAILABLE, status_since=desk.clock())
        tell(desk, UnitRegistered(unit=unit))


def _code(desk: Desk, name: str) -> str:
    return next((code.code for code in desk.reference.codes.values() if code.name == name), "")


def keys(field: QWidget, text: str) -> None:
    """Type: ASCII key by key, everything else as an input method commits it."""
    for letter in text:
        if letter.isascii():
            QTest.keyClicks(field, letter)
        else:
            committed = QInputMethodEvent()
            committed.setCommitString(letter)
            QCoreApplication.sendEvent(field, committed)


def press(field: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """One key."""
    QTest.keyClick(field, key, modifier)


def slow_journal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Every act waits in the journal until the answer is set."""
    commit, answer = bench.journal.commit, asyncio.Event()

    async def slow(act: Act) -> Any:
        await answer.wait()
        return await commit(act)

    monkeypatch.setattr(bench.journal, "commit", slow)
    return answer
