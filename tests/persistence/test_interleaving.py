"""Two desks on one database, acting as they like, each shown the other's acts late: nothing is overwritten unseen.

Each desk has a journal of its own; what it is shown of the other is moved by hand, as a slow network would. Whatever
the order: an act that took effect rested on what its person had on the screen, and one that was refused was told why
and by whom, with the screen brought up to date.
"""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.domain.facts import Fact, IncidentEdited, PriorityChanged, UnitAssigned
from console.domain.incident import Incident
from console.domain.state import KINDS, MemoryState, need
from console.domain.unit import Unit, UnitStatus
from console.persistence.journal import Journal
from console.services.acts import ACTS
from console.services.catching_up import catch_up, look_again
from console.services.desk import Desk
from console.services.health import Health
from console.services.picture import Picture
from console.services.reference import load
from console.services.seen_since import ChangedMeanwhile
from tests.persistence.conftest import PATIENCE_S
from tests.support import ALL, MemorySpool

UNITS = ("巡01", "巡02", "巡03", "巡04")
STEPS = 60


@dataclass
class Seat:
    """A desk, and what became of each of its acts: the number it had seen, and the refusal ('' = done)."""

    desk: Desk
    seen: dict[str, int] = field(default_factory=dict)
    shown: dict[str, Incident] = field(default_factory=dict)
    refused: list[UserError] = field(default_factory=list)
    told_when: list[int] = field(default_factory=list)

    def questions(self) -> Iterator[tuple[ChangedMeanwhile, int]]:
        """What it was asked again about, and up to which number the screen had come by then."""
        for refusal, seq in zip(self.refused, self.told_when, strict=True):
            if isinstance(refusal, ChangedMeanwhile):
                yield refusal, seq

    async def does(self, name: str, number: str, /, **args: object) -> None:
        desk = self.desk
        before, facts_of = desk.picture.seq, need(desk.picture.state, Incident, number)
        try:
            await desk.do(name, incident=number, **args)
        except UserError as refusal:
            self.refused.append(refusal)
            self.told_when.append(desk.picture.seq)
            return
        for seq in range(before + 1, desk.picture.seq + 1):
            self.seen[str(seq)] = before
            self.shown[str(seq)] = facts_of


@pytest.fixture
def open_desk(url: str) -> Iterator[Callable[[str, str], Seat]]:
    journals: list[Journal] = []
    reference = load()

    def opened(actor: str, seat: str) -> Seat:
        journal = Journal.open(url, ACTS, system_clock, patience_s=PATIENCE_S)
        journals.append(journal)
        return Seat(
            Desk(
                journal=journal, spool=MemorySpool(), picture=Picture(reference), health=Health(),
                reference=reference, acts=ACTS, clock=system_clock, actor=actor, seat=seat, roles=ALL,
            )
        )  # fmt: skip

    yield opened
    for journal in journals:
        journal.close()


async def lay_out(seat: Seat) -> str:
    units = [
        {"id": name, "name": name, "echelon": "1", "type": "car", "beat": "05", "status": UnitStatus.AVAILABLE.value}
        for name in UNITS
    ]
    await seat.desk.do("unit.import", units=units)
    return str(await seat.desk.do("incident.open", kind="050301", place="路口"))


def an_act(dice: random.Random, seat: Seat, number: str, step: int) -> tuple[str, dict[str, object]]:
    """What this person would do, from what his own screen shows."""
    shown = need(seat.desk.picture.state, Incident, number)
    units = [u.id for u in seat.desk.picture.units() if u.status is UnitStatus.AVAILABLE]
    sent = [order.unit for order in seat.desk.picture.orders(number) if order.open]
    acts: list[tuple[str, dict[str, object]]] = [
        ("incident.edit", {"fields": {"place": f"路口{step}"}, "seen": {"place": shown.place}}),
        ("incident.edit", {"fields": {"caller": f"报警人{step}"}, "seen": {"caller": shown.caller}}),
        ("incident.priority", {"priority": dice.randint(1, 4), "reason": "核实"}),
        ("incident.note", {"text": f"备注{step}"}),
    ]
    if units:
        acts.append(("unit.assign", {"unit": dice.choice(units)}))
    if sent:
        acts.append(("unit.withdraw", {"unit": dice.choice(sent), "reason": "换人"}))
    return dice.choice(acts)


@pytest.mark.parametrize("seed", range(4))
async def test_that_nothing_is_overwritten_unseen_and_every_refusal_is_told(
    open_desk: Callable[[str, str], Seat], seed: int
) -> None:
    dice = random.Random(seed)
    one, other = seats = open_desk("031", "03"), open_desk("032", "04")
    number = await lay_out(one)
    for seat in seats:
        await look_again(seat.desk.picture, seat.desk.journal)
    for step in range(STEPS):
        both = [(seat, *an_act(dice, seat, number, 2 * step + n)) for n, seat in enumerate(seats)]
        chosen = both if dice.random() < 0.5 else [dice.choice(both)]
        await asyncio.gather(*(seat.does(name, number, **args) for seat, name, args in chosen))
        if dice.random() < 0.4:
            behind = dice.choice(seats)
            await look_again(behind.desk.picture, behind.desk.journal)
    told = one.desk.journal.read(0, 10_000)
    check(told, {"031": one, "032": other})
    asked = [question for seat in seats for question in seat.questions()]
    assert asked, "the dice never met"
    for question, seq in asked:
        assert all(fact.seq <= seq for fact in question.facts), "what was told is on the screen"
        assert all(fact.actor in str(question) for fact in question.facts[:3])
    await same_at_the_end(seats)


def check(told: list[Fact], seats: dict[str, Seat]) -> None:
    """Every fact rests on what its person had on the screen."""
    for fact in told:
        body, seat = fact.body, seats[fact.actor]
        seen = seat.seen.get(str(fact.seq))
        if seen is None:
            continue  # the scene's own
        shown = seat.shown[str(fact.seq)]
        if isinstance(body, IncidentEdited):
            assert all(getattr(shown, name) == old for name, old in body.old.items()), (fact, shown)
        elif isinstance(body, PriorityChanged):
            assert body.old == shown.priority, (fact, shown)
        elif isinstance(body, UnitAssigned):
            unseen = [
                f for f in told
                if seen < f.seq < fact.seq and f.actor != fact.actor and isinstance(f.body, UnitAssigned)
            ]  # fmt: skip
            assert not unseen, (fact, unseen)


async def same_at_the_end(seats: tuple[Seat, Seat]) -> None:
    """Both screens and a rebuild from the journal are equal field by field."""
    rebuilt = MemoryState()
    seats[0].desk.journal.replay(rebuilt)  # type: ignore[attr-defined]
    for seat in seats:
        assert not seat.desk.spool.acts, "the journal was there all the time"  # type: ignore[attr-defined]
        await catch_up(seat.desk.picture, seat.desk.journal, seat.desk.journal.read(seat.desk.picture.seq, 10_000))
        for kind in KINDS:
            assert seat.desk.picture.state.all(kind) == rebuilt.all(kind)


async def test_that_of_two_who_assign_at_the_same_moment_the_second_is_told_of_the_first(
    open_desk: Callable[[str, str], Seat],
) -> None:
    one, other = open_desk("031", "03"), open_desk("032", "04")
    number = await lay_out(one)
    await look_again(other.desk.picture, other.desk.journal)
    await asyncio.gather(one.does("unit.assign", number, unit="巡01"), other.does("unit.assign", number, unit="巡02"))
    loser, winner = (one, other) if one.refused else (other, one)
    assert len(loser.refused) == 1
    assert f"{winner.desk.actor} " in str(loser.refused[0])
    assert "派警" in str(loser.refused[0])
    mine = "巡02" if loser is other else "巡01"
    assert need(loser.desk.picture.state, Unit, mine).status is UnitStatus.AVAILABLE
    await loser.does("unit.assign", number, unit=mine)
    assert len(loser.desk.picture.orders(number)) == 2, "asked again, it is done"


async def test_that_one_acknowledges_an_alarm_and_the_other_is_told_who_was_faster(
    open_desk: Callable[[str, str], Seat],
) -> None:
    one, other = open_desk("031", "03"), open_desk("032", "04")
    taken = await one.desk.do(
        "intake.receive", ingest_id="i1", line="A1", protocol="surgard", received_at=system_clock().isoformat(),
        report={
            "type": "signal", "raw_hex": "35", "account": "7037", "zone": "004", "event_code": "120",
            "ack_hex": "06", "qualifier": "new",
        },
    )  # fmt: skip
    await look_again(other.desk.picture, other.desk.journal)
    (alarm,) = other.desk.picture.unacknowledged_alarms()
    acts = (seat.desk.do("alarm.acknowledge", alarm=alarm.id) for seat in (one, other))
    answers = await asyncio.gather(*acts, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, UserError)]
    owner = need(one.desk.picture.state, Incident, taken["incident"]).owner
    assert len(refused) == 1
    assert str(refused[0]) == f"该报警已由{owner}确认"
    for seat in (one, other):
        await look_again(seat.desk.picture, seat.desk.journal)
        assert not seat.desk.picture.unacknowledged_alarms(), "it rings nowhere any more"
