"""Repair orders: who opens them and when, each once for two seats over a real journal; what still protects the site."""

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.domain.account import MACHINE
from console.domain.alarm import Alarm
from console.domain.clock import ManualClock
from console.domain.equipment_facts import RepairOpened, TestRunEnded, TestRunStarted, TroubleMoved, TroubleOpened
from console.domain.errors import JournalUnavailable, UserError
from console.domain.facts import SiteRegistered, UnitRegistered
from console.domain.ledger import Act, Ledger
from console.domain.repair import RepairOrder, RepairState
from console.domain.site import Site
from console.domain.state import need
from console.domain.test_run import TestRun
from console.domain.trouble import Trouble, TroubleKind
from console.domain.unit import Unit, UnitStatus
from console.persistence.journal import Journal
from console.persistence.numbers import SHANGHAI
from console.services.acts import ACTS
from console.services.catching_up import catch_up
from console.services.desk import Desk
from console.services.due_tests import due_tests
from console.services.protection import still_protects
from console.services.repair_watch import RepairWatch
from console.services.telling import Teller
from tests.support import EVENING, MemoryJournal, make_desk, tell

K = TroubleKind
SCHOOL = Site(
    id="S1",
    name="第一中学",
    account="1234",
    beat="05",
    zones={"001": "校长室", "002": "门卫室"},
    guards=3,
    meu=6,
    meu_drill="2026-09-01",
    registered_at=EVENING,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
def desk(clock: ManualClock) -> Desk:
    made = make_desk(clock)
    tell(made, SiteRegistered(site=SCHOOL))
    return made


def trouble(kind: TroubleKind = K.LINE_CUT, **fields: Any) -> TroubleOpened:
    known = {"id": f"t-{kind}", "site": "S1", "opened_at": EVENING, "last_at": EVENING, **fields}
    return TroubleOpened(trouble=Trouble(kind=kind, **known))


def orders(desk: Desk) -> list[RepairOrder]:
    return desk.picture.state.all(RepairOrder)


def passed(run: str, *, passed: bool = True) -> tuple[TestRunStarted, TestRunEnded]:
    started = TestRunStarted(run=TestRun(id=run, site="S1", started_at=EVENING), steps=())
    return started, TestRunEnded(run=run, state="PASSED" if passed else "FAILED")


# -- faults --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [K.TAMPER, K.LINE_CUT, K.LOW_BATTERY, K.COMM_LOST, K.MISSED_TEST, K.DEVICE], ids=lambda kind: kind.value
)
async def test_that_a_fault_opens_an_order_at_once_and_only_once(desk: Desk, kind: TroubleKind) -> None:
    watch = RepairWatch(desk)
    tell(desk, trouble(kind, zone="002", text="E137"))
    for _ in range(2):
        await watch.look_at_faults()
    (order,) = orders(desk)
    assert (order.cause, order.about, order.opened_by) == ("fault", f"t-{kind}", "系统")
    assert order.text.endswith(" · 防区 002 门卫室 · E137")
    assert order.still == still_protects(desk.picture.state, "S1")


async def test_that_a_panels_own_tamper_signal_ends_in_an_order_that_names_its_zone(desk: Desk) -> None:
    report = {"type": "signal", "raw_hex": "01", "account": "1234", "zone": "002", "event_code": "137"}
    stamp = {"line": "A1", "protocol": "surgard", "received_at": EVENING.isoformat()}
    await desk.do("intake.receive", ingest_id="t1", report={**report, "qualifier": "new"}, **stamp)
    await RepairWatch(desk).look_at_faults()
    (order,) = orders(desk)
    assert order.cause == "fault"
    assert "防拆 · 防区 002 门卫室" in order.text
    assert order.still.startswith("防区 002 门卫室 可能失灵，001 校长室仍可报警")


async def test_that_a_power_cut_is_nobodys_repair_for_four_hours(desk: Desk, clock: ManualClock) -> None:
    watch = RepairWatch(desk)
    tell(desk, trouble(K.AC_LOSS))
    clock.advance(4 * 3600)
    await watch.look_at_faults()
    assert orders(desk) == []
    clock.advance(1)
    await watch.look_at_faults()
    assert [order.text for order in orders(desk)] == ["停电"]


def moved(kind: TroubleKind, act: str, at: datetime) -> TroubleMoved:
    return TroubleMoved(trouble=f"t-{kind}", act=act, at=at)


async def test_that_a_fault_that_comes_again_after_its_repair_opens_another_order(desk: Desk) -> None:
    watch = RepairWatch(desk)
    tell(desk, trouble())
    await watch.look_at_faults()
    (order,) = orders(desk)
    await desk.do("repair.finish", order=order.id, result="换线")
    later = EVENING + timedelta(days=20)
    tell(desk, moved(K.LINE_CUT, "restore", EVENING + timedelta(hours=1)), moved(K.LINE_CUT, "again", later))
    for _ in range(2):
        await watch.look_at_faults()
    assert [found.open for found in orders(desk)].count(True) == 1
    assert len(orders(desk)) == 2


async def test_that_a_power_cut_that_comes_again_has_its_four_hours_anew(desk: Desk, clock: ManualClock) -> None:
    tell(desk, trouble(K.AC_LOSS), moved(K.AC_LOSS, "restore", EVENING + timedelta(hours=1)))
    clock.advance(20 * 3600)
    tell(desk, moved(K.AC_LOSS, "again", clock()))
    watch = RepairWatch(desk)
    await watch.look_at_faults()
    assert orders(desk) == []
    clock.advance(4 * 3600 + 1)
    await watch.look_at_faults()
    assert len(orders(desk)) == 1


async def test_that_an_order_may_be_due_today_and_not_yesterday(desk: Desk) -> None:
    order = await desk.do("repair.open", site="S1", cause="manual", text="按钮松动")
    with pytest.raises(UserError, match="限期已经过去"):
        await desk.do("repair.assign", order=order, who="张工", due=f"{EVENING - timedelta(days=1):%Y-%m-%d}")
    await desk.do("repair.assign", order=order, who="张工", due=f"{EVENING.astimezone(SHANGHAI):%Y-%m-%d}")
    assert orders(desk)[0].who == "张工"


async def test_that_what_is_well_again_or_no_sites_opens_nothing(desk: Desk) -> None:
    restored = TroubleMoved(trouble="t-LINE_CUT", act="restore", at=EVENING)
    tell(desk, trouble(), restored, trouble(K.LINE_SILENT), trouble(K.COMM_LOST, site=""))
    await RepairWatch(desk).look_at_faults()
    assert orders(desk) == []


async def test_that_a_site_has_one_open_order_of_a_cause_and_a_second_fault_waits_for_its_end(desk: Desk) -> None:
    watch = RepairWatch(desk)
    tell(desk, trouble(K.LINE_CUT), trouble(K.TAMPER))
    await watch.look_at_faults()
    (first,) = orders(desk)
    await desk.do("repair.finish", order=first.id, result="已接好")
    for _ in range(2):
        await watch.look_at_faults()
    assert sorted(order.about for order in orders(desk)) == ["t-LINE_CUT", "t-TAMPER"]
    assert [order.open for order in orders(desk) if order.id == first.id] == [False]


async def test_that_two_seats_over_one_journal_open_it_once(clock: ManualClock, tmp_path: Path) -> None:
    def lay(ledger: Ledger) -> None:
        ledger.record(SiteRegistered(site=SCHOOL))
        ledger.record(trouble())

    with closing(Journal.open(f"sqlite:///{tmp_path / 'a.db'}", {**ACTS, "lay": lay}, clock)) as journal:
        journal.commit_blocking(Act(name="lay", actor="031", seat="03", roles=MACHINE, at=EVENING))
        seats = [make_desk(clock, seat=seat) for seat in ("03", "04")]
        for seat in seats:
            seat.journal = journal
            await catch_up(seat.picture, journal, journal.read())
        watches = [RepairWatch(seat) for seat in seats]
        for watch in (*watches, *[RepairWatch(seat) for seat in seats]):
            await watch.look_at_faults()
        opened = [fact for fact in journal.read() if isinstance(fact.body, RepairOpened)]
    assert len(opened) == 1
    assert opened[0].seat == "03"


async def test_that_a_fault_nobody_could_store_is_opened_at_the_next_look(
    desk: Desk, expected_log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = RepairWatch(desk)
    tell(desk, trouble())

    async def away(_: Act) -> None:
        raise JournalUnavailable("日志没有写成", "检查数据库")

    expected_log.append("repair.open could not be stored")
    with monkeypatch.context() as patched:
        patched.setattr(Desk, "carry_out", lambda _, act: away(act))
        await watch.look_at_faults()
    assert orders(desk) == []
    await watch.look_at_faults()
    assert len(orders(desk)) == 1


# -- tests that are due --------------------------------------------------------------------------------------


@pytest.fixture
def tested(desk: Desk) -> Desk:
    site = {name: getattr(SCHOOL, name) for name in Site.__slots__} | {"test_days": 90}
    tell(desk, SiteRegistered(site=Site(**site)))
    return desk


def due_days(desk: Desk, now: datetime) -> list[int]:
    return [due.days_late(now) for due in due_tests(desk.picture.state, now)]


async def test_that_a_test_is_due_so_many_days_after_registration_and_after_each_passed_run(
    tested: Desk, clock: ManualClock
) -> None:
    watch = RepairWatch(tested)
    clock.advance(89 * 86400)
    await watch.look_at_tests()
    assert (due_days(tested, clock()), orders(tested)) == ([], [])
    clock.advance(86400)
    tell(tested, *passed("r0", passed=False))
    await watch.look_at_tests()
    assert due_days(tested, clock()) == [0]
    assert [(o.cause, o.about) for o in orders(tested)] == [("overdue", "2027-02-19")]
    assert orders(tested)[0].text == "应于 2027-02-19 前测试（每 90 天），登记后还没有测试合格"
    tell(tested, *passed("r1"))
    assert due_days(tested, clock()) == []
    assert due_days(tested, clock() + timedelta(days=91)) == [1]


async def test_that_an_overdue_test_that_was_put_away_is_not_opened_anew(tested: Desk, clock: ManualClock) -> None:
    clock.advance(100 * 86400)
    await RepairWatch(tested).look_at_tests()
    await tested.do("repair.cancel", order=orders(tested)[0].id, reason="学校放假，开学补测")
    await RepairWatch(tested).look_at_tests()
    assert [order.state for order in orders(tested)] == [RepairState.CANCELLED]


# -- false alarms --------------------------------------------------------------------------------------------


async def alarm(desk: Desk, n: int, verdict: str = "judge_false", *, reset: bool = True) -> None:
    report = {"type": "signal", "raw_hex": f"{n:02x}", "account": "1234", "zone": "001", "event_code": "120"}
    stamp = {"line": "A1", "protocol": "surgard", "received_at": desk.clock().isoformat()}
    await desk.do("intake.receive", ingest_id=f"a{n}", report={**report, "qualifier": "new"}, **stamp)
    await desk.do("alarm.acknowledge", alarm=f"a{n}")
    await desk.do("alarm.judge", alarm=f"a{n}", verdict=verdict, reason="误碰")
    if reset:
        await desk.do("alarm.reset", alarm=f"a{n}")


async def test_that_the_third_false_alarm_within_thirty_days_opens_an_order(desk: Desk, clock: ManualClock) -> None:
    for n in range(3):
        assert orders(desk) == []
        await alarm(desk, n)
        clock.advance(9 * 86400)
    (order,) = orders(desk)
    assert (order.cause, order.about, order.text) == ("false_alarms", "a2", "30 天内误报 3 次，最近一次：误碰")
    assert isinstance(desk.journal, MemoryJournal)
    opened = next(fact for fact in desk.journal.facts if isinstance(fact.body, RepairOpened))
    assert opened.body.incident == need(desk.picture.state, Alarm, "a2").incident
    assert Teller(desk.reference).tell(opened) == "开维修单：30 天内误报 3 次，最近一次：误碰"


async def test_that_true_alarms_and_old_ones_do_not_count(desk: Desk, clock: ManualClock) -> None:
    await alarm(desk, 0)
    clock.advance(31 * 86400)
    for n, verdict in enumerate(("judge_false", "confirm", "judge_test", "judge_fault", "judge_false"), 1):
        await alarm(desk, n, verdict)
        clock.advance(60)
    assert orders(desk) == []


async def test_that_a_verdict_that_was_corrected_before_the_reset_does_not_count(desk: Desk) -> None:
    await alarm(desk, 0)
    await alarm(desk, 1, reset=False)
    await desk.do("alarm.judge", alarm="a1", verdict="confirm")
    await desk.do("alarm.reset", alarm="a1")
    await alarm(desk, 2)
    assert orders(desk) == []


async def test_that_each_order_for_false_alarms_needs_three_of_its_own(desk: Desk, clock: ManualClock) -> None:
    for n in range(6):
        await alarm(desk, n)
        clock.advance(60)
        for order in orders(desk):
            if order.open:
                await desk.do("repair.finish", order=order.id, result="加装防误碰盖")
                clock.advance(1)
    assert sorted(order.about for order in orders(desk)) == ["a2", "a5"]


# -- what people do ------------------------------------------------------------------------------------------


async def opened(desk: Desk, text: str = "按钮松动") -> str:
    return str(await desk.do("repair.open", site="S1", cause="manual", text=text))


async def test_that_an_order_goes_from_hand_to_hand_to_its_end(desk: Desk, clock: ManualClock) -> None:
    key = await opened(desk)
    await desk.do("repair.assign", order=key, who="林工", due="2026-11-25")
    order = need(desk.picture.state, RepairOrder, key)
    assert (order.state, order.who) == (RepairState.ASSIGNED, "林工")
    assert order.due == datetime.fromisoformat("2026-11-25T00:00:00+08:00")
    clock.advance(3600)
    await desk.do("repair.finish", order=key, result="已更换", part="报警按钮")
    order = need(desk.picture.state, RepairOrder, key)
    assert (order.state, order.part, order.result, order.ended_at) == (RepairState.DONE, "报警按钮", "已更换", clock())
    with pytest.raises(UserError):
        await desk.do("repair.cancel", order=key, reason="不修了")


@pytest.mark.parametrize(
    ("act", "said", "why"),
    [
        ("assign", {"who": " ", "due": "2026-11-25"}, "由谁维修"),
        ("assign", {"who": "林工", "due": "后天"}, "限期"),
        ("assign", {"who": "林工", "due": "2026-11-01"}, "已经过去"),
        ("finish", {"result": ""}, "维修结果"),
        ("cancel", {"reason": " "}, "理由"),
    ],
)
async def test_that_each_step_says_what_it_must_know(desk: Desk, act: str, said: dict[str, str], why: str) -> None:
    key = await opened(desk)
    with pytest.raises(UserError, match=why):
        await desk.do(f"repair.{act}", order=key, **said)
    assert need(desk.picture.state, RepairOrder, key).state is RepairState.OPEN


async def test_that_a_person_is_told_of_the_order_that_runs_already(desk: Desk) -> None:
    await opened(desk)
    with pytest.raises(UserError, match="第一中学 已有人工报修维修单（按钮松动）"):
        await opened(desk, "又松了")
    for said, why in (({"cause": "whim"}, "不认识"), ({"text": " "}, "写明情况"), ({"site": "S0"}, "查无此点位")):
        with pytest.raises(UserError, match=why):
            await desk.do("repair.open", **{"site": "S1", "cause": "overdue", "text": "x", **said})


# -- what still protects -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("troubles", "said"),
    [
        ([], "报警按钮仍可用（2 个防区）"),
        ([trouble(K.LINE_CUT, zone="002")], "防区 002 门卫室 可能失灵，001 校长室仍可报警"),
        ([trouble(K.TAMPER)], "主机可能失灵，按下不一定收得到"),
        ([trouble(K.COMM_LOST)], "主机信号可能到不了本台；没有第二路线路送达过"),
        ([trouble(K.AC_LOSS)], "报警按钮仍可用（2 个防区）；停电，靠备用电池"),
        ([trouble(K.LOW_BATTERY)], "报警按钮仍可用（2 个防区）；备用电池不足，停电即失效"),
        (
            [trouble(K.AC_LOSS), trouble(K.LOW_BATTERY)],
            "报警按钮仍可用（2 个防区）；停电且备用电池将尽，随时可能失效",
        ),
    ],
)
def test_that_the_panel_s_words_follow_what_is_wrong(desk: Desk, troubles: list[TroubleOpened], said: str) -> None:
    tell(desk, *troubles)
    assert still_protects(desk.picture.state, "S1") == f"{said}；保安 3 人；最小应急单元 6 人（最近演练 2026-09-01）"


async def test_that_a_second_path_and_the_beat_s_patrols_are_named(desk: Desk) -> None:
    report = {"type": "signal", "raw_hex": "01", "account": "1234", "event_code": "120", "qualifier": "new"}
    for line in ("A1", "B1"):
        stamp = {"line": line, "protocol": "surgard", "received_at": EVENING.isoformat()}
        await desk.do("intake.receive", ingest_id=line, report=report, **stamp)
    status: dict[str, Any] = {"status_since": EVENING, "beat": "05"}
    away = {"巡06": UnitStatus.EN_ROUTE, "巡07": UnitStatus.OFF_DUTY}
    units = [Unit(id=f"巡{n:02}", status=away.get(f"巡{n:02}", UnitStatus.AVAILABLE), **status) for n in range(1, 8)]
    tell(desk, *(UnitRegistered(unit=unit) for unit in units), trouble(K.COMM_LOST, line="A1"))
    said = still_protects(desk.picture.state, "S1")
    assert "曾另经线路 B1 送达" in said
    assert said.endswith("05警区有巡01、巡02、巡03 等 5 组在岗")


def test_that_a_site_with_nobody_asks_for_a_guard_while_its_panel_is_unwell(desk: Desk) -> None:
    tell(desk, SiteRegistered(site=Site(id="S2", name="公园")), trouble(K.DEVICE, site="S2"))
    assert still_protects(desk.picture.state, "S2").endswith("登记中没有保安、应急单元和巡逻，请派人值守")
    assert still_protects(desk.picture.state, "S0") == ""
