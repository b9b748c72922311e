"""Sign-on: one door for a right password, one answer for everything else, and nothing of a password kept anywhere."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from argon2 import Type

from console.domain.account import Role, Seat
from console.domain.clock import ManualClock
from console.domain.errors import JournalUnavailable, NotAllowed, UserError
from console.domain.facts import SignedOff, SignedOn, SignOnFailed
from console.domain.ledger import Act
from console.persistence.journal import Journal
from console.persistence.secrets import Secrets
from console.persistence.spool import Spool
from console.services import sign_on
from console.services.accounts import WRONG
from console.services.acts import ACTS
from console.services.sign_on import SignOn
from console.services.unloading import Delivery
from tests.persistence.conftest import cluster, fill, ground, new_place, prepared, sqlite_only, templates
from tests.services.door import DESK, GATE, LAMP, Counting, Room, Wired, hasher, room
from tests.services.test_unloading import AWAY, Severed
from tests.support import EVENING

__all__ = ["cluster", "fill", "ground", "hasher", "new_place", "prepared", "room", "templates"]


async def wrong(door: SignOn, number: str, password: str = "Wrong-2026") -> str:
    with pytest.raises(UserError) as refusal:
        await door.check(number, password)
    return str(refusal.value)


def test_that_passwords_are_hashed_as_rfc_9106_recommends() -> None:
    real = sign_on.hasher()
    assert (real.type, real.memory_cost, real.time_cost, real.parallelism) == (Type.ID, 65536, 3, 4)
    assert sign_on.is_right(real.hash(LAMP), LAMP)
    assert not sign_on.is_right(None, LAMP)
    assert not sign_on.is_right("no hash at all", LAMP)


# -- in and out ----------------------------------------------------------------------------------------------


async def test_that_a_right_password_puts_the_person_and_the_chosen_roles_on_the_desk(room: Room) -> None:
    desk, door = room.door()
    account = await door.check("031", LAMP)
    await door.enter(account, ("call_taker", "chief"))
    assert (desk.actor, desk.roles) == ("031", ("call_taker", "chief"))
    seat = desk.picture.state.get(Seat, "03")
    assert seat is not None
    assert (seat.actor, seat.name, seat.host, seat.since) == ("031", "李娜", "pc3", EVENING)
    await door.leave("下班")
    assert (desk.actor, desk.roles) == ("", ())
    assert [body.why for body in room.facts(SignedOff)] == ["下班"]


async def test_that_who_comes_takes_over_from_who_goes(room: Room) -> None:
    desk, door = room.door()
    await door.enter(await door.check("031", LAMP), DESK)
    await door.enter(await door.check("032", LAMP), ("call_taker",))
    assert [(body.account, body.why) for body in room.facts(SignedOff)] == [("031", "handed over")]
    assert [body.account for body in room.facts(SignedOn)] == ["031", "032"]
    assert desk.roles == ("call_taker",)


async def test_that_nobody_enters_without_having_proved_to_be_this_person(room: Room) -> None:
    desk, door = room.door()
    with pytest.raises(NotAllowed, match="请先输入"):
        await door.enter(room.account("031"), DESK)
    await door.check("032", LAMP)
    with pytest.raises(NotAllowed, match="请先输入"):
        await door.enter(room.account("031"), DESK)
    await door.check("031", LAMP)
    await wrong(door, "031")
    with pytest.raises(NotAllowed, match="请先输入"):
        await door.enter(room.account("031"), DESK)
    assert desk.actor == ""
    assert room.facts(SignedOn) == []


async def test_that_a_role_the_person_does_not_hold_is_refused(room: Room) -> None:
    _, door = room.door()
    account = await door.check("032", LAMP)
    for roles, said in ((("call_taker", "chief"), "没有这些角色：值班长"), ((), "请选择角色")):
        with pytest.raises(UserError, match=said):
            await door.enter(account, roles)


async def test_that_administrators_are_never_one_person(room: Room) -> None:
    both = replace(room.account("801"), roles=(Role.SECURITY, Role.AUDIT))
    _, door = room.door()
    await door.check("801", GATE)
    with pytest.raises(UserError, match="须由不同的人担任"):
        await door.enter(both, both.roles)


async def test_that_a_seat_held_on_another_host_is_refused_with_where(room: Room) -> None:
    _, there = room.door(host="pc3")
    await there.enter(await there.check("031", LAMP), DESK)
    desk, here = room.door(host="pc4")
    with pytest.raises(UserError, match="03席已由李娜在 pc3 登录"):
        await here.enter(await here.check("032", LAMP), ("call_taker",))
    assert desk.actor == ""


# -- wrong ---------------------------------------------------------------------------------------------------


async def test_that_a_number_that_is_nobodys_gets_the_same_answer_after_the_same_work(room: Room) -> None:
    desk, door = room.door()
    work = []
    for number in ("031", "999"):
        before = room.hasher.checks
        assert await wrong(door, number) == WRONG
        work.append(room.hasher.checks - before)
    assert work == [1, 1]
    assert desk.actor == ""


async def test_that_what_is_no_number_of_ours_is_not_kept_it_may_be_a_password(room: Room) -> None:
    _, door = room.door()
    assert await wrong(door, LAMP, "031") == WRONG
    assert [(body.account, body.why) for body in room.facts(SignOnFailed)] == [("", WRONG)]


async def test_that_the_fifth_wrong_password_locks_for_half_an_hour(room: Room) -> None:
    _, door = room.door()
    said = [await wrong(door, "031") for _ in range(5)]
    assert said[:4] == [WRONG] * 4
    until = (EVENING + timedelta(minutes=30)).astimezone(timezone(timedelta(hours=8)))
    assert said[4] == f"账号已锁定到 {until:%H:%M}，可请安全管理员解锁", "by the window's clock, whatever the machine's"
    assert await wrong(door, "031", LAMP) == said[4]
    room.clock.advance(29 * 60 + 59)
    assert await wrong(door, "031", LAMP) == said[4]
    room.clock.advance(1)
    await door.enter(await door.check("031", LAMP), DESK)
    assert room.account("031").failures == 0


async def test_that_a_right_password_in_between_counts_anew(room: Room) -> None:
    _, door = room.door()
    for _ in range(4):
        await wrong(door, "031")
    await door.enter(await door.check("031", LAMP), DESK)
    assert [await wrong(door, "031") for _ in range(4)] == [WRONG] * 4


async def test_that_a_locked_account_is_opened_by_the_security_administrator(room: Room) -> None:
    _, door = room.door()
    for _ in range(5):
        await wrong(door, "031")
    room.do("account.unlock", account="031")
    _, door = room.door()
    assert (await door.check("031", LAMP)).number == "031"


async def test_that_a_disabled_person_is_told_so_only_with_the_right_password(room: Room) -> None:
    room.do("account.disable", account="031", reason="调离")
    _, door = room.door()
    assert await wrong(door, "031") == WRONG
    assert "已停用" in await wrong(door, "031", LAMP)


# -- accounts without a password -----------------------------------------------------------------------------


async def test_that_a_demo_account_enters_without_a_password_and_never_with_one(
    prepared: Callable[[], str], tmp_path: Path, hasher: Counting
) -> None:
    url, clock = prepared(), ManualClock(EVENING)
    journal, secrets, spool = Journal.open(url, ACTS, clock), Secrets(url), Spool.open(tmp_path / "s.db", clock)
    wire = Severed(journal)
    demo = Room(url, wire, spool, Wired(secrets, wire), clock, hasher)
    try:
        demo.do("account.register", account="031", name="李娜", roles=["call_taker"], passwordless=True)
        secrets.put("031", hasher.hash(LAMP), clock())
        desk, door = demo.door()
        assert await wrong(door, "031", LAMP) == WRONG
        await door.enter(demo.account("031"), ("call_taker",))
        assert desk.actor == "031"
        assert door.password_due(demo.account("031")) == ""
        with pytest.raises(UserError, match="演示数据库"):
            demo.do("account.register", account="032", name="王强", roles=["call_taker"])
    finally:
        spool.close()
        secrets.close()
        journal.close()


async def test_that_no_account_without_a_password_is_made_beside_real_ones(room: Room) -> None:
    with pytest.raises(UserError, match="免密码"):
        room.do("account.register", account="099", name="后门", roles=["chief"], passwordless=True)
    with pytest.raises(UserError, match="免密码"):
        room.do("account.register", account="031", name="李娜", roles=list(DESK), passwordless=True)


# -- changing a password -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("Ab1-xyz", "至少 8 位"),
        ("abcdefgh1", "三种"),
        ("ABCDEFGH1", "三种"),
        ("Abc-031-xyz", "不得包含"),
        ("Abc-李娜-xyz1", "不得包含"),
        (LAMP, "相同"),
    ],
)
@sqlite_only
async def test_that_a_weak_password_is_refused_with_what_it_lacks(room: Room, new: str, said: str) -> None:
    _, door = room.door()
    with pytest.raises(UserError, match=said):
        await door.change_password("031", LAMP, new)
    assert (await door.check("031", LAMP)).password_at is None


async def test_that_the_first_password_and_one_of_ninety_days_ought_to_be_changed(room: Room) -> None:
    _, door = room.door()
    assert door.password_due(await door.check("031", LAMP)) == "初始密码须更改"
    await door.change_password("031", LAMP, "Nacht-2026")
    assert await wrong(door, "031", LAMP) == WRONG
    assert door.password_due(await door.check("031", "Nacht-2026")) == ""
    room.clock.advance(90 * 86400 + 1)
    account = await door.check("031", "Nacht-2026")
    assert "90 天" in door.password_due(account)
    assert door.must_change(account)


async def test_that_a_password_somebody_else_chose_must_be_changed(room: Room) -> None:
    _, door = room.door()
    await door.change_password("031", LAMP, "Nacht-2026")
    room.do("account.password", account="031")
    assert room.account("031").password_at is None


async def test_that_a_wrong_old_password_changes_nothing(room: Room) -> None:
    _, door = room.door()
    with pytest.raises(UserError, match=WRONG):
        await door.change_password("031", "Wrong-2026", "Nacht-2026")
    assert (await door.check("031", LAMP)).number == "031"


# -- the database is away ------------------------------------------------------------------------------------


async def test_that_with_known_hashes_a_person_signs_on_while_the_database_is_away(
    room: Room, expected_log: list[str]
) -> None:
    expected_log.append("passwords are checked as last known")
    desk, door = room.door()
    await door.learn()
    room.wire.cut = True
    assert await wrong(door, "031") == WRONG
    await door.enter(await door.check("031", LAMP), DESK)
    assert (desk.actor, room.facts(SignedOn)) == ("031", [])
    waiting = [row.act for row in room.spool.pending()]
    assert [act.name for act in waiting] == ["seat.failed", "seat.sign_on"]
    room.wire.cut = False
    for act in waiting:
        await Delivery(room.wire).commit(act)
    assert [body.account for body in room.facts(SignedOn)] == ["031"]


async def test_that_without_known_hashes_it_is_said_that_the_database_is_missing_not_that_the_password_is_wrong(
    room: Room, expected_log: list[str]
) -> None:
    expected_log.append("passwords are checked as last known")
    _, door = room.door()
    room.wire.cut = True
    assert "数据库连不上" in await wrong(door, "031", LAMP)
    assert room.spool.count() == 0


# -- what stays of it ----------------------------------------------------------------------------------------


@sqlite_only
async def test_that_no_password_is_in_any_file_and_no_hash_outside_its_table(
    room: Room, tmp_path: Path, expected_log: list[str]
) -> None:
    expected_log.append("passwords are checked as last known")
    _, door = room.door()
    await wrong(door, "031", "Falsch-2026")
    await door.change_password("031", LAMP, "Nacht-2026")
    await door.enter(await door.check("031", "Nacht-2026"), DESK)
    room.wire.cut = True
    await wrong(door, "032", "Falsch-2026")
    await door.enter(await door.check("032", LAMP), ("call_taker",))
    files = {file.name: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert {"spool.db", "spool.db-wal"} <= set(files)
    typed = (LAMP, GATE, "Falsch-2026", "Nacht-2026")
    assert [(name, word) for name, data in files.items() for word in typed if word.encode() in data] == []
    assert [name for name, data in files.items() if name.startswith("spool") and b"argon2" in data] == []
    told = [repr(fact) for fact in room.wire.journal.read()]
    assert told
    assert not any("argon2" in line for line in told)


async def test_that_a_failed_attempt_that_cannot_be_kept_is_still_answered(
    room: Room, expected_log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected_log.extend(("passwords are checked as last known", "a failed sign-on could not be stored"))
    _, door = room.door()
    await door.learn()
    room.wire.cut = True

    def full(_: Act) -> bool:
        raise JournalUnavailable("磁盘已满")

    monkeypatch.setattr(room.spool, "put", full)
    assert await wrong(door, "031") == WRONG


async def test_that_only_who_was_just_checked_chooses_another_password(room: Room) -> None:
    _, door = room.door()
    with pytest.raises(NotAllowed, match="请先输入"):
        await door.choose_password(room.account("031"), "Nacht-2026")
    account = await door.check("031", LAMP)
    assert door.must_change(account)
    await door.choose_password(account, "Nacht-2026")
    assert not door.must_change(room.account("031"))
    await door.enter(account, DESK)


async def test_that_nobody_is_kept_from_an_alarm_by_an_initial_password_while_the_database_is_away(
    room: Room, expected_log: list[str]
) -> None:
    expected_log.append("passwords are checked as last known")
    desk, door = room.door()
    await door.learn()
    room.wire.cut = True
    desk.health.journal_failed(AWAY)
    account = await door.check("031", LAMP)
    assert not door.must_change(account)
    await door.enter(account, DESK)
    assert desk.actor == "031"
