"""The desk: what is durable is answered as such, whatever happens to the showing; spooled acts go one by one."""

import asyncio
import threading
from dataclasses import dataclass, field

import pytest

from console.domain.errors import JournalUnavailable, UserError
from console.domain.facts import UnitRegistered
from console.domain.incident import Incident
from console.domain.ledger import Act
from console.domain.state import need
from console.domain.unit import Unit, UnitStatus
from console.services.desk import Desk
from tests.support import EVENING, MemoryJournal, MemorySpool, make_desk, tell


@pytest.fixture
def desk() -> Desk:
    return make_desk()


def away(desk: Desk, what: str = "数据库没有应答") -> None:
    assert isinstance(desk.journal, MemoryJournal)
    desk.journal.failure = JournalUnavailable(what)


async def call(desk: Desk, place: str = "路口") -> str:
    return str(await desk.do("incident.open", kind="050301", place=place))


@dataclass
class SlowSpool(MemorySpool):
    """Every put waits until it may go on."""

    go: threading.Event = field(default_factory=threading.Event)

    def put(self, act: Act) -> bool:
        self.go.wait(5)
        return super().put(act)


async def test_that_an_act_that_is_stored_is_answered_though_it_cannot_be_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bugs: list[str] = []
    desk.picture.on_bug = lambda where, error: bugs.append(f"{where}: {error}")

    def stumble(*_: object) -> None:
        raise KeyError("a bug of ours")

    monkeypatch.setattr("console.services.desk.catch_up", stumble)
    assert await call(desk) == "ZZ20261121-0181"
    assert bugs == ["picture: 'a bug of ours'"]


async def test_that_a_lamp_that_trips_keeps_nothing_from_the_others_nor_from_the_act(
    desk: Desk, expected_log: list[str]
) -> None:
    expected_log.append("an observer of the lamps failed")
    heard: list[int] = []

    def stumble() -> None:
        raise KeyError("a bug of ours")

    desk.health.observe(stumble)
    desk.health.observe(lambda: heard.append(desk.health.unsent))
    away(desk)
    assert "-L03-" in await call(desk)
    assert heard[-1] == 1
    assert "bug:lamps" in desk.health.faults


async def test_that_of_two_who_send_the_same_unit_at_once_one_is_refused(desk: Desk) -> None:
    tell(desk, UnitRegistered(unit=Unit(id="巡05", status=UnitStatus.AVAILABLE, status_since=EVENING)))
    one, other = await call(desk), await call(desk)
    away(desk)
    spool = desk.spool = SlowSpool()
    sent = [asyncio.create_task(desk.do("unit.assign", unit="巡05", incident=n)) for n in (one, other)]
    await asyncio.sleep(0.05)
    spool.go.set()
    first, second = await asyncio.gather(*sent, return_exceptions=True)
    assert isinstance(first, str)
    assert isinstance(second, UserError)
    assert len(spool.acts) == 1
    assert need(desk.picture.state, Unit, "巡05").incident == one


async def test_that_an_act_on_its_way_into_the_spool_counts_as_waiting(desk: Desk) -> None:
    spool = desk.spool = SlowSpool()
    away(desk)
    first = asyncio.create_task(call(desk, "先"))
    await asyncio.sleep(0.05)
    assert desk.health.unsent == 1, "nothing may overtake it"
    spool.go.set()
    await first
    assert desk.health.unsent == 1


async def test_that_what_was_not_put_does_not_wait(desk: Desk) -> None:
    class Full(MemorySpool):
        def put(self, act: Act) -> bool:
            raise JournalUnavailable("磁盘已满", "请清理磁盘")

    desk.spool = Full()
    away(desk)
    with pytest.raises(JournalUnavailable, match=r"结果未知：数据库没有应答.*磁盘已满.*请清理磁盘"):
        await call(desk)
    assert desk.health.unsent == 0


async def test_that_only_an_act_that_opened_an_incident_keeps_a_local_number(desk: Desk) -> None:
    report = {"type": "signal", "raw_hex": "35", "account": "7037", "zone": "004", "event_code": "120"}
    away(desk)
    answers = [
        await desk.do(
            "intake.receive",
            ingest_id=f"i{n}",
            line="A1",
            protocol="surgard",
            received_at=EVENING.isoformat(),
            report={**report, "ack_hex": "06", "qualifier": "new"},
        )
        for n in range(2)
    ]
    assert isinstance(desk.spool, MemorySpool)
    assert answers[0]["incident"] == answers[1]["incident"]
    assert [act.args.get("alias", "") for act in desk.spool.acts] == [answers[0]["incident"], ""]
    assert need(desk.picture.state, Incident, answers[0]["incident"]).alias == answers[0]["incident"]
