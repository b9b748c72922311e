"""A whole shift at the real window, played with key presses alone, and every record compared field by field at its end.

Twenty calls, five alarms, three duplicates, two merges undone, a major incident, an officer in need, a hand-over signed
by both, and kill −9 in the middle of a form.
"""

import json
import select
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from console.domain.alarm import Alarm, AlarmState
from console.domain.clock import system_clock
from console.domain.emergency import Emergency
from console.domain.facts import NoteAdded
from console.domain.handover import Handover
from console.domain.incident import Incident, IncidentState
from console.domain.report_up import ReportUp
from console.domain.state import KINDS, MemoryState
from console.persistence import store
from console.persistence.journal import Journal
from console.services.acts import ACTS
from tests.e2e.desk_shift import CTRL, SHIFT, Hand, Room, play, sign_on
from tests.e2e.process import READY_S, Place
from tests.e2e.shift_script import ATTACHED, CALLS, GAS, HALF_TYPED, TWICE, Spoken, send_best, write_call

PANELS = (("1234", "003"), ("1449", "001"), ("1243", "002"), ("1D77", "004"), ("1F5F", "005"))

EXPECTED: dict[str, tuple[Any, ...]] = {
    "13800000001": ("0301", "江滨路", 3, "A", "DISPATCHED", ("交01",), (), ()),
    "13800000002": ("0206", "南昌路", 4, "A", "DISPATCHED", ("巡02",), (), ()),
    "13800000003": ("0802", "钟法路", 4, "A", "DISPATCHED", ("巡05",), (), ()),
    "13800000004": ("0104", "丹霞路", 2, "A", "DISPATCHED", ("巡15", "便01"), (), ()),
    "13800000005": ("0502", "胜利路", 2, "A", "DISPATCHED", ("机01", "无01", "志01"), (), ()),
    "13800000006": ("0803", "威镇路", 4, "C", "TRIAGED", (), (), ()),
    "13800000007": (
        "0201",
        "大同路",
        2,
        "A",
        "DISPATCHED",
        ("派01", "巡13"),
        (),
        ("补充来电 138****0107：路边有七八个年轻人在打架",),
    ),
    "13800000008": ("010404", "瑞京路", 2, "A", "DISPATCHED", ("巡04",), (), ()),
    "13800000009": (
        "0301",
        "环城东路",
        3,
        "A",
        "DISPATCHED",
        ("交03",),
        (),
        ("并入重复警情 ZZ20261121-0022", "拆出警情 ZZ20261121-0022"),
    ),
    "13800000010": ("0805", "新华南路", 4, "A", "DISPATCHED", ("巡10",), (), ()),
    "13800000011": (
        "0206",
        "延安北路",
        4,
        "A",
        "TRIAGED",
        (),
        (),
        ("并入重复警情 ZZ20261121-0023", "拆出警情 ZZ20261121-0023"),
    ),
    "13800000012": ("0802", "元光南路", 4, "A", "DISPATCHED", ("巡06",), (), ()),
    "13800000013": ("0301", "环城西路", 3, "A", "DISPATCHED", ("交02",), (), ()),
    "13800000014": ("0104", "修文东路", 2, "A", "DISPATCHED", ("巡11",), (), ()),
    "13800000015": ("0206", "环城南路", 4, "A", "TRIAGED", (), (), ()),
    "13800000016": ("0805", "漳华路", 4, "A", "DISPATCHED", ("巡03",), (), ()),
    "1234": ("1301", "漳州市实验小学 东门值班室", 1, "", "DISPATCHED", ("突02",), (), ()),
    "1449": ("1301", "巷口小学 校长室", 1, "", "DISPATCHED", ("巡09",), (), ()),
    "1243": ("1301", "芝山小学 保卫室", 1, "", "DISPATCHED", ("巡01",), (), ()),
    "1D77": ("1301", "西桥小学 西门值班室", 1, "", "DISPATCHED", ("突01",), (), ()),
    "1F5F": ("1301", "新桥小学 宿舍楼", 1, "", "DISPATCHED", ("特01",), (), ()),
    "13800000109": ("0301", "环城东路", 1, "A", "TRIAGED", (), (), ()),
    "13800000111": ("0206", "延安北路", 4, "A", "TRIAGED", (), (), ()),
    "13800000020": ("050301", "修文西路", 1, "B", "DISPATCHED", ("机02", "巡14"), ("gas_supply",), ()),
}
"""By the caller's number or the panel's account: kind, place, level, route, state, units, agencies, remarks."""

HANDED_NOTES = "燃气警情盯紧，等专业单位回话"


@pytest.mark.timeout(240)
def test_that_a_shift_of_keys_ends_with_every_record_right(tmp_path: Path) -> None:
    said = killed_half_typed(tmp_path)
    (draft,) = said["drafts"]
    half = CALLS[2]
    assert (draft["phone"], draft["place"], draft["kind"]) == (half.phone, half.place, half.kind)
    hand, played = Hand(), Played()
    hand.seconds = said["at"] + 60
    play(tmp_path, played.shift, hand)
    compare(tmp_path, played)


def killed_half_typed(folder: Path) -> dict[str, Any]:
    """The first minutes in a process of its own, up to kill −9; answers what was durable of the form."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.half_typed", str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with closing(child.stdout):
        readable, _, _ = select.select([child.stdout], [], [], READY_S)
        line = child.stdout.readline() if readable else ""
        child.kill()
        child.wait(10)
    assert line, "it never came to the third call"
    found: dict[str, Any] = json.loads(line)
    return found


class Played:
    """What the shift did, for the comparison: `numbers` by phone number of the caller."""

    def __init__(self) -> None:
        self.numbers: dict[str, str] = {}
        self.unit = ""

    async def shift(self, room: Room) -> None:
        await sign_on(room, "031")
        await self.goes_on_where_it_was_killed(room)
        for call in CALLS[3:]:
            self.numbers[call.phone] = await write_call(room, call)
            if call.kind not in ("0803", "0206"):
                await send_best(room)
            await room.passes(20)
        await self.alarms(room)
        await self.duplicates(room)
        await self.officer_in_need(room)
        await self.major(room)
        await self.hand_over(room)

    async def goes_on_where_it_was_killed(self, room: Room) -> None:
        """Both calls before are there, and of the third every character; it is finished."""
        known = {row.phone: row.number for row in room.station.picture.incidents()}
        self.numbers |= {call.phone: known[call.phone] for call in CALLS[:2]}
        for _ in range(80):
            await room.key(Qt.Key.Key_Tab)
            if room.focus is not None and room.focus.property("what") == "resume":
                break
        await room.key(Qt.Key.Key_Space)
        form = room.taker.incident.form
        await room.until(lambda: form.narrative.toPlainText() == "".join(HALF_TYPED))
        half = CALLS[2]
        assert (form.place.text(), form.kind_code, form.phone.number) == (half.place, half.kind, half.phone)
        for _ in range(20):
            if room.field("narrative"):
                break
            await room.key(Qt.Key.Key_Tab)
        await room.key(Qt.Key.Key_End, CTRL)
        await room.hanzi(half.words.removeprefix("".join(HALF_TYPED)))
        await room.key(Qt.Key.Key_Return, CTRL)
        await room.until(lambda: room.shown)
        self.numbers[half.phone] = room.shown
        await send_best(room)

    async def alarms(self, room: Room) -> None:
        """Five buttons."""
        for account, zone in PANELS:
            room.panel.press(account, zone)
            await self.alarm(room, account)
            await room.passes(20)

    async def alarm(self, room: Room, account: str) -> None:
        """F1 takes it, F2 sends the unit that stands on the strip."""
        strip = room.taker.window.panes.strip
        await room.until(lambda: room.picture.where(Alarm, account=account))
        await room.idle()
        (alarm,) = room.picture.where(Alarm, account=account)
        await room.until(lambda: strip.alarm == alarm.id)
        await room.key(Qt.Key.Key_F1)
        await room.idle()
        await room.key(Qt.Key.Key_F2)
        await room.until(lambda: room.station.picture.orders(alarm.incident))
        await room.idle()
        self.numbers[account] = alarm.incident

    async def duplicates(self, room: Room) -> None:
        """One is attached while it is written; two are merged with the same key and taken apart again."""
        cards = room.taker.incident.duplicates
        await write_call(room, ATTACHED, save=False)
        main = self.numbers["13800000007"]
        await room.until(lambda: cards.matches and cards.matches[0].number == main)
        await room.key(Qt.Key.Key_1, CTRL)
        await room.until(lambda: room.shown == main)
        for twice in TWICE:
            await self.merged_and_back(room, twice)
            await room.passes(20)

    async def merged_and_back(self, room: Room, twice: Spoken) -> None:
        """Both are afterwards what they were before."""
        cards = room.taker.incident.duplicates
        number = self.numbers[twice.phone] = await write_call(room, twice)
        await room.until(lambda: cards.matches)
        before, main = room.incident(number), room.incident(cards.matches[0].number)
        await room.key(Qt.Key.Key_1, CTRL)
        await room.until(lambda: room.incident(number).state is IncidentState.MERGED)
        await room.idle()
        await room.line(f"拆 {before.short} 是另一起")
        assert as_it_was(room.incident(number)) == as_it_was(before), room.said
        assert as_it_was(room.incident(main.number)) == as_it_was(main)

    async def officer_in_need(self, room: Room) -> None:
        """Called in by radio, known by one key, ended by another with the reason."""
        self.unit = room.station.picture.orders(self.numbers["13800000001"])[0].unit
        await room.line(f"求助 {self.unit}")
        await room.until(lambda: room.picture.all(Emergency))
        await room.key(Qt.Key.Key_E, CTRL | SHIFT)
        await room.until(lambda: room.picture.all(Emergency)[0].acknowledged_by)
        await room.idle()
        await room.key(Qt.Key.Key_X, CTRL | SHIFT)
        await room.finish("增援已到")
        await room.until(lambda: not room.picture.all(Emergency)[0].open)

    async def major(self, room: Room) -> None:
        """Written, dispatched, and reported up: nothing goes before the strip that names who is told."""
        number = self.numbers[GAS.phone] = await write_call(room, GAS)
        await send_best(room)
        assert room.shown == number
        await room.key(Qt.Key.Key_F5)
        await room.until(lambda: room.station.picture.handoffs(number))
        await room.idle()
        await room.key(Qt.Key.Key_M, CTRL | SHIFT)
        assert not room.picture.all(ReportUp)
        await room.key(Qt.Key.Key_Return)
        await room.until(lambda: room.picture.where(ReportUp, incident=number))
        await room.idle()

    async def hand_over(self, room: Room) -> None:
        """Shift+F12, and who comes signs on; everything that is open stands on the list."""
        sheet = room.taker.window.gate.hand_over
        await room.key(Qt.Key.Key_F12, SHIFT)
        for _ in range(6):
            if sheet.notes.hasFocus():
                break
            await room.key(Qt.Key.Key_Backtab)
        await room.hanzi(HANDED_NOTES)
        for _ in range(6):
            if room.focus is not None and sheet.form.isAncestorOf(room.focus):
                break
            await room.key(Qt.Key.Key_Tab)
        await sign_on(room, "042")
        await room.until(lambda: any(row.to_actor for row in room.picture.all(Handover)))
        await room.idle()


def as_it_was(incident: Incident) -> Incident:
    """All of it but the number of facts that it took."""
    return replace(incident, version=0)


# -- the end ---------------------------------------------------------------------------------------------------------


def compare(folder: Path, played: Played) -> None:
    """The journal is whole, state and journal are equal, and every record is as it was said."""
    place = Place(folder)
    place.db = folder / "shift.db"
    assert place.console("journal", "verify", "--db", place.url).returncode == 0
    assert store.check(place.url) == []
    rows = {row["number"]: row for row in place.rows("incidents")}
    assert set(rows) == set(played.numbers.values())
    state, notes = rebuilt(place.url)
    for caller, number in played.numbers.items():
        assert record(state, rows[number], notes.get(number, [])) == EXPECTED[caller], caller
    said = {call.phone: call.words for call in (*CALLS, *TWICE, GAS)}
    assert {row.phone: row.narrative for row in state.all(Incident) if row.phone} == said
    assert [(row.main, row.owner) for row in state.all(Incident)] == [("", "042")] * len(rows)
    whole_room(state, played)


def record(state: MemoryState, row: dict[str, Any], notes: list[str]) -> tuple[Any, ...]:
    """One incident as the command tells it, its place and remarks."""
    found = state.get(Incident, row["number"])
    assert found is not None
    assert row["place"] == found.place
    told = (row["kind"], row["place"], row["priority"], row["route"], row["state"])
    return (*told, tuple(row["units"]), tuple(row["agencies"]), tuple(notes))


def whole_room(state: MemoryState, played: Played) -> None:
    """Alarms, the officer in need, who was told, and the hand-over."""
    alarms = sorted((row.account, row.zone, row.state, row.owner) for row in state.all(Alarm))
    assert alarms == sorted((*panel, AlarmState.ACKNOWLEDGED, "031") for panel in PANELS)
    (emergency,) = state.all(Emergency)
    assert (emergency.unit, emergency.acknowledged_by, emergency.open) == (played.unit, "031", False)
    reports = state.where(ReportUp, incident=played.numbers[GAS.phone])
    assert len(reports) >= 3
    (handover,) = state.all(Handover)
    assert (handover.from_actor, handover.to_actor, handover.notes) == ("031", "042", HANDED_NOTES)
    listed = {line.split("\t")[1] for line in handover.items}
    assert set(played.numbers.values()) <= listed, "something open does not stand on the list"


def rebuilt(url: str) -> tuple[MemoryState, dict[str, list[str]]]:
    """The state anew from the journal's first fact, equal to what the tables hold; and the remarks of each incident."""
    state, stored, notes = MemoryState(), MemoryState(), dict[str, list[str]]()
    journal = Journal.open(url, ACTS, system_clock)
    try:
        journal.replay(state)
        journal.load_state(stored)
        for fact in journal.read(0):
            if isinstance(fact.body, NoteAdded):
                notes.setdefault(fact.body.incident, []).append(fact.body.text)
    finally:
        journal.close()
    for kind in KINDS:
        rows = {row.key: row for row in state.all(kind)}
        assert {row.key: row for row in stored.all(kind)}.items() <= rows.items()
    return state, notes
