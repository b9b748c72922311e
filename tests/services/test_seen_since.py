"""The later act: another person's change is told in words, and the same act asked again takes effect.

Two desks stand over one journal in memory; what each has been shown is moved by hand, as a slow network would.
"""

from dataclasses import dataclass, replace

import pytest

from console.domain.errors import JournalUnavailable, UserError
from console.domain.facts import Fact, UnitRegistered
from console.domain.incident import Incident
from console.domain.state import need
from console.domain.unit import Unit, UnitStatus
from console.services.acts import ACTS
from console.services.catching_up import catch_up
from console.services.desk import Desk
from console.services.seen_since import WATCHED, ChangedMeanwhile
from tests.support import EVENING, MemoryJournal, MemorySpool, make_desk, people, tell


@dataclass
class Room:
    """031 at desk 03 and 王敏 (032) at desk 04, who has not been shown what 031 did until `show`."""

    one: Desk
    other: Desk
    number: str = ""

    @property
    def journal(self) -> MemoryJournal:
        assert isinstance(self.one.journal, MemoryJournal)
        return self.one.journal

    async def show(self) -> None:
        for desk in (self.one, self.other):
            await catch_up(desk.picture, self.journal, self.journal.facts)

    def facts(self) -> list[Fact]:
        return self.journal.facts


@pytest.fixture
async def room() -> Room:
    one, other = make_desk(), make_desk(actor="032", seat="04")
    other.journal = one.journal
    made = Room(one, other)
    people(one)
    for name in ("巡05", "巡06"):
        tell(one, UnitRegistered(unit=Unit(id=name, status=UnitStatus.AVAILABLE, status_since=EVENING)))
    made.number = str(await one.do("incident.open", kind="050301", place="新华北路"))
    await made.show()
    return made


async def test_that_the_second_dispatch_is_told_of_the_first_in_words_and_asked_again(room: Room) -> None:
    await room.other.do("unit.assign", unit="巡05", incident=room.number)
    with pytest.raises(ChangedMeanwhile, match=r"032 王敏 14:30:00 派警 巡05。请核对，仍要操作请再来一次"):
        await room.one.do("unit.assign", unit="巡06", incident=room.number)
    assert [order.unit for order in room.one.picture.orders(room.number)] == ["巡05"], "the screen shows it at once"
    await room.one.do("unit.assign", unit="巡06", incident=room.number)
    assert len(room.one.picture.orders(room.number)) == 2


async def test_that_what_a_person_has_been_shown_is_not_asked_about(room: Room) -> None:
    await room.other.do("unit.assign", unit="巡05", incident=room.number)
    await room.show()
    await room.one.do("unit.assign", unit="巡06", incident=room.number)
    assert len(room.one.picture.orders(room.number)) == 2


async def test_that_a_remark_holds_up_no_unit_but_asks_who_throws_the_incident_away(room: Room) -> None:
    await room.other.do("incident.note", incident=room.number, text="报警人又来电，有烟")
    with pytest.raises(ChangedMeanwhile, match="备注：报警人又来电，有烟"):
        await room.one.do("incident.invalidate", incident=room.number, reason="误拨")
    await room.other.do("incident.note", incident=room.number, text="已告知等待")
    await room.one.do("unit.assign", unit="巡05", incident=room.number)
    assert len(room.one.picture.orders(room.number)) == 1


async def test_that_names_and_numbers_in_what_is_told_are_masked(room: Room) -> None:
    fields = {"caller": "李女士", "phone": "13800006621", "narrative": "请回电 13900001111"}
    await room.other.do("incident.edit", incident=room.number, fields=fields)
    with pytest.raises(ChangedMeanwhile) as asked:
        await room.one.do("incident.invalidate", incident=room.number, reason="误拨")
    assert "报警人 “李**”；来电 “138****6621”；内容 “请回电 139****1111”" in str(asked.value)


async def test_that_a_persons_own_earlier_act_never_asks_him(room: Room) -> None:
    seen = room.one.picture.seq
    await room.one.do("unit.assign", unit="巡05", incident=room.number)
    await room.one.do_as_seen(seen, "unit.assign", unit="巡06", incident=room.number)
    assert len(room.one.picture.orders(room.number)) == 2


async def test_that_only_changes_that_matter_to_the_act_ask(room: Room) -> None:
    await room.other.do("handoff.send", incident=room.number, agency="gas_supply")
    await room.one.do("handoff.send", incident=room.number, agency="ems_120")
    await room.other.do("incident.priority", incident=room.number, priority=1)
    await room.one.do("incident.triage", incident=room.number, route="A")
    await room.other.do("incident.edit", incident=room.number, fields={"caller": "陈"})
    await room.one.do("incident.priority", incident=room.number, priority=2, reason="已核实")
    assert need(room.one.picture.state, Incident, room.number).priority == 2


async def test_that_a_changed_level_is_told_before_another_changes_it_again(room: Room) -> None:
    await room.other.do("incident.priority", incident=room.number, priority=1)
    with pytest.raises(ChangedMeanwhile, match="032 王敏 14:30:00 升级：三级 → 一级"):
        await room.one.do("incident.priority", incident=room.number, priority=2)
    assert need(room.journal.state, Incident, room.number).priority == 1


async def test_that_an_edit_that_was_refused_leaves_the_screen_as_the_journal_is(room: Room) -> None:
    await room.other.do("incident.edit", incident=room.number, fields={"place": "钟法路"}, seen={"place": "新华北路"})
    with pytest.raises(UserError, match="地点已被改为“钟法路”，请核对后再改"):
        await room.one.do("incident.edit", incident=room.number, fields={"place": "元光路"}, seen={"place": "新华北路"})
    assert need(room.one.picture.state, Incident, room.number).place == "钟法路"


async def test_that_an_act_in_the_spool_asks_nothing_of_a_person_who_is_gone(room: Room) -> None:
    room.journal.failure = JournalUnavailable("away")
    await room.one.do("unit.assign", unit="巡05", incident=room.number)
    assert isinstance(room.one.spool, MemorySpool)
    (waiting,) = room.one.spool.acts
    assert waiting.seen == 0
    room.journal.failure = None
    await room.other.do("unit.assign", unit="巡06", incident=room.number)
    assert await room.journal.commit(replace(waiting)), "it is carried out, whatever was done meanwhile"


async def test_that_the_picture_stays_behind_quietly_when_the_journal_goes_away_at_the_refusal(
    room: Room, monkeypatch: pytest.MonkeyPatch, expected_log: list[str]
) -> None:
    expected_log.append("could not be brought up to date")

    def away(*_: object) -> list[Fact]:
        raise JournalUnavailable("away")

    await room.other.do("unit.assign", unit="巡05", incident=room.number)
    monkeypatch.setattr(room.journal, "read", away)
    with pytest.raises(ChangedMeanwhile, match="032"):
        await room.one.do("unit.assign", unit="巡06", incident=room.number)


def test_that_every_watched_act_exists() -> None:
    assert set(WATCHED) <= set(ACTS)
