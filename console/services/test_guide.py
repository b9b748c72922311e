"""The guide of a test run: reads what comes in the site's test lane, and moves the running step along.

It counts the presses of a step that waits for them, begins the next one by itself, and has each press confirmed to the
tester's own phone (防区003 收到 3/10), so that the bench works unattended while the technician stands at the site.
Two hosts that watch the same run say the same thing under the same act_id: it takes effect once.
"""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from console.domain.account import MACHINE
from console.domain.clock import Clock
from console.domain.facts import Fact, LineChanged, SignalReceived
from console.domain.ledger import Act
from console.domain.site import LineState, Signal
from console.domain.test_run import StepState, TestRun, TestStep
from console.domain.test_window import TestWindow
from console.services.frame_words import QUALIFIERS
from console.services.picture import Changes, Picture
from console.services.test_plan import Step, answers, load_plan

log = logging.getLogger(__name__)

BY_ITSELF = "测试台"
"""Who begins and counts where no person does."""

BROKEN = (LineState.LOST, LineState.SILENT, LineState.CLOSED)
WORDS = uuid.UUID("6b0f5d7e-6a4b-5b0e-9f57-0a1f9c1b7a10")
"""The name space of act_ids made from a signal and what it means to a run."""


class Teller(Protocol):
    """The part of the desk that the guide needs."""

    @property
    def picture(self) -> Picture: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def seat(self) -> str: ...

    async def carry_out(self, act: Act) -> Any: ...


Start = Callable[[Any, str], None]
"""Starts a coroutine under a name (`widgets.tasks.Tasks.start`, or a task group)."""


@dataclass(slots=True)
class TestGuide:
    """Lives as long as the bench; `close` ends it. `start` runs what it asks the desk for."""

    __test__ = False

    desk: Teller
    start: Start
    _broken_at: dict[str, datetime] = field(default_factory=dict)
    _mended_at: dict[str, datetime] = field(default_factory=dict)
    _end: Callable[[], None] = field(init=False)

    def __post_init__(self) -> None:
        self._end = self.desk.picture.observe(self._take_in)

    def close(self) -> None:
        """Nothing is counted any more."""
        self._end()

    def running(self, site: str) -> tuple[TestRun, TestStep] | None:
        """The run under way at a site and its step that waits for something, if there are any."""
        state = self.desk.picture.state
        for run in state.where(TestRun, site=site):
            if run.open:
                for step in sorted(state.where(TestStep, run=run.id), key=lambda step: step.place):
                    if step.state is StepState.RUNNING:
                        return run, step
        return None

    def _take_in(self, changes: Changes) -> None:
        for fact in changes.facts:
            if isinstance(fact.body, LineChanged):
                self._line_changed(fact)
            elif isinstance(fact.body, SignalReceived) and fact.body.signal.test_window:
                self._heard(fact.body.signal)

    def _line_changed(self, fact: Fact) -> None:
        assert isinstance(fact.body, LineChanged)
        line = fact.body.line
        if line.state in BROKEN:
            self._broken_at[line.name] = fact.at
            self._mended_at.pop(line.name, None)
        elif line.state is LineState.UP and line.name in self._broken_at:
            self._mended_at.setdefault(line.name, fact.at)

    def _heard(self, signal: Signal) -> None:
        window = self.desk.picture.state.get(TestWindow, signal.test_window)
        under_way = self.running(window.site) if window is not None else None
        if window is None or under_way is None:
            return
        run, step = under_way
        planned = load_plan().step(step.code)
        report: dict[str, Any] = {"type": signal.type, "event_code": signal.event_code, "sia_code": signal.sia_code}
        report |= {"qualifier": signal.qualifier or None, "extended": dict(signal.extended)}
        if planned is None or not answers(planned.expects, report):
            return
        # What comes first after an outage with the bytes of the last before it passes for its repeat. Here it is what
        # the step waits for: the panel delivered it after all.
        if signal.copy_of and planned.expects != "late":
            return
        if planned.expects == "late" and not self._came_late(signal, step):
            return
        figure = self._figure(planned, step, signal)
        self.start(self._tell(run, step, planned, signal, window, figure), f"test step {step.code}")

    def _came_late(self, signal: Signal, step: TestStep) -> bool:
        """The line had been broken since the step began, and is heard again."""
        broken, mended = self._broken_at.get(signal.line), self._mended_at.get(signal.line)
        return bool(broken and mended and step.started_at and broken >= step.started_at)

    def _figure(self, planned: Step, step: TestStep, signal: Signal) -> float | None:
        """In the step's unit: ms to this screen, s since the step began, s since the line was mended.

        What began by itself began while the technician was still on his way to the cover: that is no figure.
        """
        if planned.measure == "screen":
            return round((self.desk.clock() - signal.received_at).total_seconds() * 1000, 1)
        if planned.measure == "start" and step.started_at is not None and step.done_by != BY_ITSELF:
            return round((signal.received_at - step.started_at).total_seconds(), 1)
        if planned.measure == "late":
            return round((signal.received_at - self._mended_at[signal.line]).total_seconds(), 1)
        return None

    async def _tell(
        self, run: TestRun, step: TestStep, planned: Step, signal: Signal, window: TestWindow, figure: float | None
    ) -> None:
        note = f"{QUALIFIERS.get(signal.qualifier, '')}{signal.event_code}" if signal.event_code else signal.sia_code
        args = {"run": run.id, "code": step.code, "act": "seen", "figure": figure, "note": note}
        told = await self._act("test_run.step", args, signal.ingest_id)
        if window.phone:
            text = _confirmation(window, signal, planned, told["seen"], step.needed)
            await self._act("outbox.queue", text, signal.ingest_id)
        if told["state"] != StepState.RUNNING.value:
            await self.begin_next(run.id, signal.ingest_id)

    async def begin_next(self, run: str, after: str = "") -> None:
        """The next waiting step begins by itself, for nobody stands at the bench; nothing if one is under way.

        What a person does and confirms begins when he says so: its clock runs against him.
        """
        steps = sorted(self.desk.picture.state.where(TestStep, run=run), key=lambda step: step.place)
        if any(step.state is StepState.RUNNING for step in steps):
            return
        waiting = next((step for step in steps if step.state is StepState.WAITING), None)
        planned = load_plan().step(waiting.code) if waiting is not None else None
        if waiting is not None and (planned is None or planned.expects != "person"):
            args = {"run": run, "code": waiting.code, "act": "start"}
            await self._act("test_run.step", args, f"{after}/{waiting.code}")

    async def _act(self, name: str, args: Mapping[str, Any], about: str) -> Any:
        act_id = str(uuid.uuid5(WORDS, f"{name}|{args.get('run', '')}|{args.get('code', '')}|{about}"))
        act = Act(
            name=name,
            args=args,
            actor=BY_ITSELF,
            seat=self.desk.seat,
            roles=MACHINE,
            at=self.desk.clock(),
            act_id=act_id,
        )
        return await self.desk.carry_out(act)


def _confirmation(window: TestWindow, signal: Signal, planned: Step, seen: int, needed: int) -> dict[str, Any]:
    """What the tester's phone is told: the zone and how many have come."""
    count = f" {seen}/{needed}" if needed > 1 else ""
    text = f"防区{signal.zone or '—'} 收到{count}（{planned.title}）"
    return {"number": window.phone, "text": text, "purpose": "test", "about": window.id}
