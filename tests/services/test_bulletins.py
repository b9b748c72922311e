"""Bulletins and major incidents as acts: who is told, what comes back, what ends by itself, what a file may say."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.account import Seat
from console.domain.bulletin import Bulletin, BulletinReceipt, matches, plain_plate, plates_in, units_in
from console.domain.clock import ManualClock
from console.domain.desk_facts import CommandLogged
from console.domain.errors import UserError
from console.domain.facts import UnitRegistered
from console.domain.incident import Incident
from console.domain.outbox import OutboxMessage
from console.domain.report_up import ReportUp
from console.domain.state import need
from console.domain.unit import Unit, UnitStatus
from console.services import bulletins, major
from console.services.desk import Desk
from console.services.photos import MOST_BYTES, Photos
from console.services.receivers import FILE as RECEIVERS
from console.services.receivers import receivers
from console.services.telling import Teller
from tests.support import EVENING, MemoryJournal, make_desk, tell

PHONE = "13800001105"


def a_unit(name: str, beat: str = "05", status: UnitStatus = UnitStatus.AVAILABLE, **more: Any) -> Unit:
    return Unit(id=name, type="处警巡逻", status=status, status_since=EVENING, beat=beat, **more)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    made = make_desk(clock)
    units = (
        a_unit("巡05", terminal="000000001105", phone=PHONE),
        a_unit("巡06", phone="13800001106"),
        a_unit("巡07"),
        a_unit("巡11", beat="11"),
        a_unit("巡08", status=UnitStatus.OFF_DUTY),
    )
    tell(made, *(UnitRegistered(unit=unit) for unit in units))
    return made


async def issue(desk: Desk, *recipients: str, **more: Any) -> str:
    said = {"kind": "control", "title": "盗抢白色轿车", "text": "车尾有擦痕", "plate": "闽E·12345", **more}
    return str(await desk.do("bulletin.issue", recipients=list(recipients), **said))


def receipt(desk: Desk, key: str) -> BulletinReceipt:
    return need(desk.picture.state, BulletinReceipt, key)


def rows(desk: Desk, purpose: str) -> list[OutboxMessage]:
    return [row for row in desk.picture.state.all(OutboxMessage) if row.purpose == purpose]


# -- bulletins -------------------------------------------------------------------------------------------------------


def test_that_who_is_told_follows_the_area_and_who_is_on_duty(desk: Desk) -> None:
    named = {one.recipient: one.channel for one in bulletins.named(desk.picture.state, ("05", "06"), "03")}
    assert {key for key in named if key.startswith("unit:")} == {"unit:巡05", "unit:巡06", "unit:巡07"}
    assert (named["unit:巡05"], named["unit:巡06"], named["unit:巡07"]) == ("terminal", "sms", "radio")
    assert named["seat:03"] == "screen"
    assert named["check_bridge"] == "phone", "demo numbers can be dialled by nobody"
    assert "toll_south" not in named
    assert "taxi_a" in named, "a receiver without beats is told of everything"


async def test_that_exactly_those_named_are_told_each_by_every_way(desk: Desk) -> None:
    key = await issue(desk, "unit:巡05", "unit:巡07", "taxi_a")
    assert key == "BK20261121-1"
    told = {row.recipient: row.state for row in bulletins.receipts_of(desk.picture.state, key)}
    assert told == {"seat:03": "READ", "unit:巡05": "SENT", "unit:巡07": "SENT", "taxi_a": "SENT"}
    sent = rows(desk, "bulletin")
    assert sorted(row.number for row in sent) == [PHONE, "jt808:000000001105"]
    assert {row.about for row in sent} == {f"{key}@unit:巡05"}
    assert "【布控】盗抢白色轿车\n车牌 闽E12345\n车尾有擦痕\n有效至 11-22 14:30" in sent[0].text


async def test_that_a_receipt_comes_back_by_the_first_way_that_arrives_and_fails_only_with_the_last(desk: Desk) -> None:
    key = f"{await issue(desk, 'unit:巡05')}@unit:巡05"
    one, other = rows(desk, "bulletin")
    seen = []
    for message, act in ((one, "fail"), (other, "fail")):
        await desk.do("outbox.told", message=message.id, act=act, why="空号")
        seen.append(receipt(desk, key).state)
    await desk.do("outbox.resend", message=one.id)
    await desk.do("outbox.told", message=one.id, act="send")
    await desk.do("outbox.told", message=one.id, act="deliver")
    assert [*seen, receipt(desk, key).state] == ["SENT", "FAILED", "DELIVERED"]


async def test_that_a_seat_that_signs_on_later_reads_it_too_and_once_is_enough(desk: Desk, clock: ManualClock) -> None:
    key = await issue(desk)
    assert bulletins.unread(desk.picture.state, "03", clock()) == []
    assert [row.id for row in bulletins.unread(desk.picture.state, "05", clock())] == [key]
    said = {"receipt": f"{key}@seat:05", "state": "READ"}
    assert [await desk.do("bulletin.told", **said), await desk.do("bulletin.told", **said)] == [True, False]
    assert bulletins.unread(desk.picture.state, "05", clock()) == []
    assert receipt(desk, f"{key}@seat:05").name == "05席"
    with pytest.raises(UserError, match="没有通知过"):
        await desk.do("bulletin.told", receipt=f"{key}@unit:巡11", state="READ")


@pytest.mark.parametrize("before", ["READ", "ANSWERED"])
async def test_that_words_said_after_the_receipt_are_kept_as_its_answer(desk: Desk, before: str) -> None:
    key = f"{await issue(desk, 'taxi_a')}@taxi_a"
    await desk.do("bulletin.told", receipt=key, state=before, text="小黄接")
    assert not await desk.do("bulletin.told", receipt=key, state="READ", text=" 小黄接 "), "the same words are no news"
    assert not await desk.do("bulletin.told", receipt=key, state="READ")
    assert receipt(desk, key).state == before
    assert await desk.do("bulletin.told", receipt=key, state="READ", text="司机在南门见过此车")
    assert (receipt(desk, key).state, receipt(desk, key).text) == ("ANSWERED", "司机在南门见过此车")
    assert not await desk.do("bulletin.told", receipt=key, state="FAILED", text="空号")


async def test_that_cancelling_tells_whom_the_machines_told_and_nothing_is_in_force_any_more(
    desk: Desk, clock: ManualClock
) -> None:
    key = await issue(desk, "unit:巡05", "unit:巡07", "taxi_a")
    with pytest.raises(UserError, match="理由"):
        await desk.do("bulletin.cancel", bulletin=key, reason=" ")
    await desk.do("bulletin.cancel", bulletin=key, reason="车辆已找到")
    taken_back = rows(desk, "bulletin_cancel")
    assert sorted(row.number for row in taken_back) == [PHONE, "jt808:000000001105"]
    assert taken_back[0].text == "【撤销布控】BK1121-1 盗抢白色轿车 已撤销\n原因：车辆已找到"
    assert bulletins.in_force(desk.picture.state, clock()) == []
    assert {row.state for row in bulletins.receipts_of(desk.picture.state, key)} == {"CANCELLED"}
    with pytest.raises(UserError, match="已撤销"):
        await desk.do("bulletin.cancel", bulletin=key, reason="再撤")


async def test_that_it_ends_by_the_clock_and_without_any_fact(desk: Desk, clock: ManualClock) -> None:
    await issue(desk, until=(EVENING + timedelta(hours=2)).isoformat())
    journal = desk.journal
    assert isinstance(journal, MemoryJournal)
    facts = len(journal.facts)
    held = []
    for seconds in (7199, 1):
        clock.advance(seconds)
        held.append(len(bulletins.in_force(desk.picture.state, clock())))
    assert held == [1, 0]
    assert len(bulletins.ended(desk.picture.state, clock())) == 1
    assert len(journal.facts) == facts


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"kind": "wanted"}, "种类"),
        ({"title": ""}, "标题"),
        ({"plate": "12345"}, "不是车牌号"),
        ({"area": ["77"]}, "没有警区 77"),
        ({"photo": "../../x.png"}, "照片"),
        ({"until": EVENING.isoformat()}, "有效期"),
        ({"until": (EVENING + timedelta(days=31)).isoformat()}, "有效期"),
    ],
)
async def test_that_what_cannot_be_issued_is_refused_and_tells_nobody(
    desk: Desk, said: dict[str, Any], why: str
) -> None:
    with pytest.raises(UserError, match=why):
        await issue(desk, "unit:巡05", **said)
    assert desk.picture.state.all(Bulletin) == []
    assert rows(desk, "bulletin") == []


async def test_that_nobody_is_told_who_does_not_exist(desk: Desk) -> None:
    with pytest.raises(UserError, match="没有登记这个接收方：nobody"):
        await issue(desk, "nobody")


async def test_that_a_bulletin_is_found_by_what_people_type(desk: Desk) -> None:
    key = await issue(desk)
    assert {bulletins.by_short(desk.picture.state, word).id for word in ("1", "BK1121-1", "1121-1", key)} == {key}
    with pytest.raises(UserError, match="没有这条"):
        bulletins.by_short(desk.picture.state, "9")


PLATES = st.builds(
    "{}{}{}".format,
    st.sampled_from("闽京粤沪"),
    st.sampled_from("ABCDE"),
    st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=5, max_size=6),
)


@given(PLATES, st.sampled_from(["", "·", " ", "-", "."]), st.booleans())
def test_that_a_plate_is_known_however_it_is_written(plate: str, between: str, lower: bool) -> None:
    written = f"{plate[:2]}{between}{plate[2:]}"
    written = written.lower() if lower else written
    assert plain_plate(written) == plate
    held = {"id": "BK20261121-1", "kind": "control", "title": "x", "text": "x", "issued_by": "031"}
    row = Bulletin(**held, plate=plate, since=EVENING, until=EVENING + timedelta(hours=1))  # type: ignore[arg-type]
    text = f"报警人说{written}，往东开"
    assert plates_in(text)[:1] == (plate,)
    assert matches(text, [row], EVENING) == [row]
    assert matches(text, [row], row.until) == []


@given(st.text(max_size=60))
def test_that_any_text_is_searched_for_plates_without_harm(text: str) -> None:
    assert all(plain_plate(plate) == plate for plate in plates_in(text))


@given(st.lists(st.sampled_from(["01", "05", "11"]), unique=True), st.sampled_from(list(UnitStatus)))
def test_that_a_unit_is_told_if_it_is_on_duty_in_the_area(area: list[str], status: UnitStatus) -> None:
    unit = a_unit("巡05", status=status)
    on_duty = status not in (UnitStatus.OFF_DUTY, UnitStatus.OUT_OF_SERVICE)
    assert bool(units_in(area, [unit])) == (on_duty and (not area or "05" in area))


# -- photos and files ------------------------------------------------------------------------------------------------


def test_that_a_photo_is_kept_once_under_its_hash_and_nothing_else_is(tmp_path: Path) -> None:
    photos = Photos(tmp_path / "photos")
    picked = tmp_path / "嫌疑人.png"
    picked.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 100)
    names = {photos.keep(picked), photos.keep(picked)}
    assert len(names) == 1
    assert [file.name for file in (tmp_path / "photos").iterdir()] == list(names)
    found = photos.path(names.pop())
    assert found is not None
    assert found.read_bytes() == picked.read_bytes()
    assert photos.path("../嫌疑人.png") is None
    picked.write_bytes(b"MZ" + b"x" * 100)
    with pytest.raises(UserError, match="PNG 或 JPEG"):
        photos.keep(picked)
    picked.write_bytes(b"\xff\xd8\xff" + b"x" * MOST_BYTES)
    with pytest.raises(UserError, match="最大 5 MB"):
        photos.keep(picked)
    with pytest.raises(UserError, match="读不出"):
        photos.keep(tmp_path / "none.png")


def edited(source: Path, folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    data = json.loads(source.read_text("utf-8"))
    change(data)
    file = folder / source.name
    file.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return file


def test_that_mistakes_in_the_receivers_are_named_all_at_once(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["receivers"][0] |= {"kind": "zoo", "beats": ["77"]}
        data["receivers"][1] |= {"id": data["receivers"][2]["id"], "phone": "无"}

    with pytest.raises(UserError) as refused:
        receivers(edited(RECEIVERS, tmp_path, change))
    text = str(refused.value)
    assert all(word in text for word in ("zoo", "77", "出现 2 次", "“无”不是电话号码"))


def test_that_demo_numbers_are_unmistakable() -> None:
    assert {row.phone[:6] for row in receivers()} == {"例：000-"}


def test_that_mistakes_in_the_major_table_are_named_all_at_once(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["signs"][0] |= {"codes": ["8888"], "answers": ["nobody_asks=yes"]}
        data["superiors"][0] |= {"within_s": 1, "channel": "pigeon"}
        data["templates"][0]["text"] = "{whatever}"

    with pytest.raises(UserError) as refused:
        major.table(edited(major.FILE, tmp_path, change))
    text = str(refused.value)
    assert all(word in text for word in ("8888", "nobody_asks", "30 到 86400", "phone 或 sms", "{whatever}"))


# -- major incidents -------------------------------------------------------------------------------------------------


async def fire(desk: Desk, **more: Any) -> str:
    said = {"kind": "0401", "place": "钟法路 89 号", "priority": 1, "phone": "13911112222", **more}
    return str(await desk.do("incident.open", **said))


async def test_that_an_answer_proposes_it_and_nothing_is_told_by_that(desk: Desk) -> None:
    number = await fire(desk)

    def why() -> str:
        return major.why_major(desk.picture.state, need(desk.picture.state, Incident, number))

    before = why()
    said = {"question": "fire_explosion.trapped", "value": "yes", "text": "有人被困"}
    await desk.do("incident.answer_question", incident=number, **said)
    assert (before, why()) == ("", "火灾有人被困")
    assert desk.picture.state.all(ReportUp) == []
    await desk.do("incident.major", incident=number, recipients=["bureau_leader"])
    assert why() == ""


async def test_that_exactly_the_confirmed_are_on_the_list_and_a_second_time_adds_only_others(
    desk: Desk, clock: ManualClock
) -> None:
    number = await fire(desk)
    await desk.do("incident.major", incident=number, recipients=["county_government", "bureau_leader"])
    first = need(desk.picture.state, Incident, number).major_at
    clock.advance(60)
    with pytest.raises(UserError, match="已在报告"):
        await desk.do("incident.major", incident=number, recipients=["bureau_leader"])
    await desk.do("incident.major", incident=number, recipients=["bureau_leader", "linkage_group"])
    listed = major.reports_of(desk.picture.state, number)
    assert [row.recipient for row in listed] == ["bureau_leader", "county_government", "linkage_group"]
    assert need(desk.picture.state, Incident, number).major_at == first == EVENING
    assert [major.due_at(row) for row in listed[:2]] == [EVENING + timedelta(seconds=s) for s in (300, 600)]
    assert rows(desk, "report_up") == [], "nobody's telephone is registered in the shipped table"


async def test_that_who_was_told_when_is_kept_once_and_the_caller_is_not_named(desk: Desk, clock: ManualClock) -> None:
    number = await fire(desk, caller="张三", narrative="三楼冒烟，我是13911112222")
    await desk.do("incident.major", incident=number, recipients=["bureau_leader"])
    (row,) = major.reports_of(desk.picture.state, number)
    assert "钟法路 89 号 发生建筑火灾（一级" in row.text
    assert "1391111" not in row.text
    assert "张三" not in row.text
    clock.advance(90)
    await desk.do("report_up.told", report=row.id, by="林局", answer="马上到")
    told = need(desk.picture.state, ReportUp, row.id)
    assert (told.told_at, told.told_by, told.answer) == (clock(), "林局", "马上到")
    with pytest.raises(UserError, match="14:31 报告"):
        await desk.do("report_up.told", report=row.id, by="x")


async def test_that_a_registered_telephone_gets_a_text_and_its_receipt_is_the_telling(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(data: dict[str, Any]) -> None:
        data["superiors"][1] |= {"phone": "13900009999", "channel": "sms"}

    file = edited(major.FILE, tmp_path, change)
    own = major.table(file)
    monkeypatch.setattr(major, "table", lambda: own)
    number = await fire(desk)
    await desk.do("incident.major", incident=number, recipients=["bureau_leader", "duty_chief"])
    (message,) = rows(desk, "report_up")
    chief, leader = major.reports_of(desk.picture.state, number)
    assert (message.number, message.about) == ("13900009999", leader.id)
    assert (leader.channel, chief.channel) == ("sms", "phone")
    assert major.stands(desk.picture.state, leader) == "短信待发"
    await desk.do("outbox.told", message=message.id, act="send")
    await desk.do("outbox.told", message=message.id, act="deliver")
    assert need(desk.picture.state, ReportUp, leader.id).told_by == "短信送达"
    assert need(desk.picture.state, ReportUp, chief.id).told_at is None


async def test_that_orders_are_kept_with_their_words_and_read_on_the_timeline(desk: Desk) -> None:
    number = await fire(desk)
    template = major.table().templates[0]
    incident = need(desk.picture.state, Incident, number)
    text = major.order_text(desk.picture.state, incident, template, "巡05")
    assert text.startswith("巡05：立即封控钟法路 89 号")
    await desk.do("incident.major", incident=number, recipients=["bureau_leader"])
    await desk.do("command.log", incident=number, to="巡05", text=text, template=template.id)
    journal = desk.journal
    assert isinstance(journal, MemoryJournal)
    teller = Teller(desk.reference)
    told = [teller.tell(fact) for fact in journal.timeline(number)]
    assert "报重大警情，须报告 公安局带班局领导" in told
    assert told[-1] == f"口令 031 → 巡05：{text}"
    assert isinstance(journal.facts[-1].body, CommandLogged)


async def test_that_an_ended_incident_is_not_declared(desk: Desk) -> None:
    number = await fire(desk, priority=3, kind="0206")
    await desk.do("incident.invalidate", incident=number, reason="误报")
    with pytest.raises(UserError, match="已结束"):
        await desk.do("incident.major", incident=number, recipients=["bureau_leader"])


def test_that_a_seat_is_told_while_somebody_sits_there(desk: Desk) -> None:
    def seats() -> list[str]:
        named = [one.recipient for one in bulletins.named(desk.picture.state, (), "03")]
        return [key for key in named if key.startswith("seat:")]

    before = seats()
    desk.picture.state.put(Seat(id="04", actor="032"))
    desk.picture.state.put(Seat(id="05"))
    assert (before, seats()) == (["seat:03"], ["seat:03", "seat:04"])
