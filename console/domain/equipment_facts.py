"""Facts about equipment and its bench: troubles, test windows, repairs, test runs, texts out, calls.

They stand in the one table with all others (`facts.BODIES`); their rules in `equipment_fold`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from console.domain.body import Body
from console.domain.call import Call
from console.domain.outbox import OutboxMessage
from console.domain.repair import RepairOrder
from console.domain.test_run import TestRun, TestStep
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleOpened(Body):
    trouble: Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleMoved(Body):
    """A move of TROUBLE; `until` is set by shelving. 'again' is a further signal, whatever the state was."""

    trouble: str
    act: str
    at: datetime
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestWindowOpened(Body):
    __test__ = False

    window: TestWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class TestWindowEnded(Body):
    """why: 'time' when the clock did it, 'person' otherwise."""

    __test__ = False

    window: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairOpened(Body):
    order: RepairOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairMoved(Body):
    """A move of REPAIR with what it sets; '' and None leave a field as it was."""

    order: str
    act: str
    who: str = ""
    due: datetime | None = None
    part: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRunStarted(Body):
    __test__ = False

    run: TestRun
    steps: tuple[TestStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestStepMoved(Body):
    """The step as it stands from now on; its key says which."""

    __test__ = False

    step: TestStep


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRunEnded(Body):
    """state: PASSED, FAILED or ABANDONED."""

    __test__ = False

    run: str
    state: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQueued(Body):
    message: OutboxMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageMoved(Body):
    """A move of MESSAGE; `ref` is the network's reference, `why` what went wrong."""

    message: str
    act: str
    line: str = ""
    ref: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRang(Body):
    call: Call


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTaken(Body):
    """Somebody opened a form for it; `number` is the incident it became, '' as long as there is none."""

    call: str
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Body):
    call: str


EQUIPMENT: Mapping[str, type[Body]] = {
    body.__name__: body
    for body in (
        TroubleOpened,
        TroubleMoved,
        TestWindowOpened,
        TestWindowEnded,
        RepairOpened,
        RepairMoved,
        TestRunStarted,
        TestStepMoved,
        TestRunEnded,
        MessageQueued,
        MessageMoved,
        CallRang,
        CallTaken,
        CallEnded,
    )
}
"""These by their names, for the table of all facts."""
