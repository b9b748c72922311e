"""Texts to the police: one incident for what one person writes, nothing twice, nothing overlooked."""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from console.domain.clock import ManualClock
from console.domain.facts import NoteAdded, SiteRegistered
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import new_id
from console.domain.site import Signal, Site
from console.domain.trouble import Trouble, TroubleKind
from console.services.desk import Desk
from console.services.phone_numbers import number_to_text, plain_number
from tests.support import EVENING, MemoryJournal, make_desk, tell

SENDER = "+8613912345678"


@dataclass
class Stage:
    """A desk that is told what a modem reports."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(EVENING))
    desk: Desk = field(init=False)
    times: Any = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.desk = make_desk(self.clock)

    async def hear(self, kind: str = "text", **report: Any) -> dict[str, str]:
        answer: dict[str, str] = await self.desk.do(
            "intake.receive",
            ingest_id=new_id(),
            line="M1",
            protocol="at-modem",
            received_at=self.clock().isoformat(),
            report={"type": kind, "raw_hex": "2b434d47520d", "ack_hex": "", **report},
        )
        return answer

    async def text(self, words: str, sender: str = SENDER, sent_at: str = "", **more: Any) -> str:
        at = sent_at or (EVENING + timedelta(seconds=next(self.times))).isoformat()
        return (await self.hear(sender=sender, text=words, sent_at=at, **more))["incident"]

    def all(self, kind: Any) -> list[Any]:
        assert isinstance(self.desk.journal, MemoryJournal)
        return self.desk.journal.state.all(kind)

    def notes(self) -> list[str]:
        assert isinstance(self.desk.journal, MemoryJournal)
        return [fact.body.text for fact in self.desk.journal.facts if isinstance(fact.body, NoteAdded)]


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_that_a_text_becomes_an_incident_with_sender_words_and_a_grave_level(stage: Stage) -> None:
    number = await stage.text("我在钟法路，有人持刀")
    (incident,) = stage.all(Incident)
    assert (incident.number, incident.source, incident.state) == (number, "sms", IncidentState.NEW)
    assert (incident.phone, incident.narrative) == ("13912345678", "我在钟法路，有人持刀")
    assert (incident.priority, incident.kind != "", incident.place) == (1, True, "")
    assert incident.place_unknown
    (signal,) = stage.all(Signal)
    assert (signal.type, signal.account, signal.extended["text"]) == ("text", "13912345678", "我在钟法路，有人持刀")


async def test_that_harmless_words_are_still_of_the_second_level_until_somebody_has_read_them(stage: Stage) -> None:
    await stage.text("你好")
    assert stage.all(Incident)[0].priority == 2


async def test_that_what_follows_within_ten_minutes_belongs_to_the_same_open_incident(stage: Stage) -> None:
    first = await stage.text("救命")
    stage.clock.advance(500)
    assert await stage.text("在二楼") == first
    # Ten minutes from the last text, not from the first.
    stage.clock.advance(500)
    assert await stage.text("快点", sender="13912345678") == first
    assert stage.notes() == ["短信补充：在二楼", "短信补充：快点"]
    stage.clock.advance(601)
    assert await stage.text("还在吗") != first


async def test_that_another_sender_or_a_closed_incident_is_another_matter(stage: Stage) -> None:
    first = await stage.text("救命")
    assert await stage.text("救命", sender="13700001111") != first
    await stage.desk.do("incident.invalidate", incident=first, reason="误发")
    assert await stage.text("真的有事") != first
    assert len(stage.all(Incident)) == 3


async def test_that_a_text_read_twice_is_stored_as_a_copy_and_counts_once(stage: Stage) -> None:
    at = EVENING.isoformat()
    first = await stage.text("救命", sent_at=at)
    assert await stage.text("救命", sent_at=at) == ""
    assert [incident.number for incident in stage.all(Incident)] == [first]
    copies = [signal.copy_of for signal in stage.all(Signal)]
    assert sorted(bool(copy) for copy in copies) == [False, True]
    assert stage.notes() == []


async def test_that_missing_parts_and_an_empty_text_are_said_in_words(stage: Stage) -> None:
    await stage.text("前面…后面", missing=[2])
    await stage.text("", sender="13700001111")
    found = sorted(incident.narrative for incident in stage.all(Incident))
    assert found == ["前面…后面（第 2 段没有收到）", "（空白短信）"]


async def test_that_the_text_of_a_dial_out_box_names_its_site(stage: Stage) -> None:
    site = Site(id="S1", name="漳州市实验小学", account="13912345678", lat=24.5, lon=117.6, beat="05")
    tell(stage.desk, SiteRegistered(site=site))
    await stage.text("报警 防区003")
    (incident,) = stage.all(Incident)
    assert (incident.site, incident.place, incident.beat, incident.lat) == ("S1", "漳州市实验小学", "05", 24.5)


async def test_that_a_text_whose_sender_withholds_his_number_is_an_incident_of_its_own(stage: Stage) -> None:
    first = await stage.text("救我", sender="")
    second = await stage.text("这里着火了", sender="")
    assert "" != first != second != ""
    assert {(row.phone, row.title) for row in stage.all(Incident)} == {("", "短信报警 · 号码未显示")}


async def test_that_the_number_stands_only_where_it_is_masked(stage: Stage) -> None:
    await stage.text("救命", sender="13712345678")
    (incident,) = stage.all(Incident)
    assert (incident.phone, incident.title, incident.place_unknown) == ("13712345678", "短信报警", "地点待核实")


async def test_that_a_notice_without_a_text_is_only_kept(stage: Stage) -> None:
    await stage.hear(memory="SM", index=3)
    assert stage.all(Incident) == []
    assert len(stage.all(Signal)) == 1


async def test_that_a_modem_out_of_its_network_is_a_technical_event_and_its_return_restores_it(stage: Stage) -> None:
    await stage.hear("link", event_code="350", qualifier="new", registered=False)
    (trouble,) = stage.all(Trouble)
    assert (trouble.kind, trouble.line, trouble.restored_at) == (TroubleKind.COMM_LOST, "M1", None)
    await stage.hear("link", event_code="350", qualifier="restore", registered=True)
    assert stage.all(Trouble)[0].restored_at is not None
    await stage.hear("link", registered=True)
    assert (len(stage.all(Trouble)), stage.all(Incident)) == (1, [])


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("+86 139-1234-5678", "13912345678"), ("008613912345678", "13912345678"), ("+8605962345678", "05962345678"),
        ("8610086", "8610086"), ("10086", "10086"), ("+85291234567", "+85291234567"), ("中国移动", "中国移动"),
        ("", ""),
    ],
)  # fmt: skip
def test_that_a_number_has_one_form(written: str, plain: str) -> None:
    assert plain_number(written) == plain
    if written.startswith("+86 "):
        assert number_to_text(written) == "+8613912345678"
