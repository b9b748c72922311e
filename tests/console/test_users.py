"""import users and users: people come in as a whole or not at all, with passwords nobody else can read."""

import csv
import io
import json
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from console.__main__ import main
from console.domain.account import Account
from console.domain.approval import Approval, Hold
from console.domain.clock import system_clock
from console.domain.ledger import Act
from console.domain.state import MemoryState
from console.persistence.journal import Journal
from console.persistence.retention import every
from console.persistence.secrets import Secrets
from console.services.accounts import WRONG
from console.services.acts import ACTS
from console.services.approvals import why_not_decide
from console.services.rights import COMMAND_LINE
from console.services.sign_on import is_right
from resources import ROOT
from tests.console.test_cli_contract import own_folders, url

__all__ = ["own_folders", "url"]

HEAD = "警号,姓名,角色,警组,联动单位,密码"
GATE = "Gate-2026"
FIRST = f"801,陈安,安全管理员,,,{GATE}"
SECOND = "802,林全,安全管理员,,,"

Import = Callable[..., int]


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(*lines: str, name: str = "users.csv", head: str = HEAD) -> Path:
        file = tmp_path / name
        file.write_text("\n".join((head, *lines)), encoding="utf-8")
        return file

    return write


@pytest.fixture
def imported(url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    def run(file: Path, *more: str, password: str = GATE) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        return main(["--log", "DEBUG", "import", "users", str(file), "--db", url, *more])

    return run


def state_of(url: str) -> MemoryState:
    state = MemoryState()
    with closing(Journal.open(url, ACTS, system_clock)) as journal:
        journal.load_state(state)
    return state


def account(url: str, number: str) -> Account:
    found = state_of(url).get(Account, number)
    assert found is not None
    return found


def hashes(url: str) -> dict[str, str]:
    with closing(Secrets(url)) as secrets:
        return secrets.all()


def listed(url: str, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    capsys.readouterr()
    assert main(["users", "--db", url, "--json"]) == 0
    return {row["number"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}


def test_that_the_first_people_come_in_with_roles_and_passwords_only_they_know(
    table: Callable[..., Path], imported: Import, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = table(FIRST, SECOND, "031,李娜,接警员；派警员；值班长,,,")
    assert imported(file) == 0
    said = capsys.readouterr().err
    paper = file.with_name("users.passwords.csv")
    assert str(paper) in said
    assert stat.S_IMODE(paper.stat().st_mode) == 0o600
    with paper.open(encoding="utf-8-sig", newline="") as stream:
        given = {row["警号"]: row["一次性密码"] for row in csv.DictReader(stream)}
    assert set(given) == {"802", "031"}
    stored = hashes(url)
    assert is_right(stored["031"], given["031"])
    assert is_right(stored["801"], GATE)
    assert not any(password in said for password in (*given.values(), GATE))
    assert account(url, "031").roles == ("call_taker", "dispatcher", "chief")
    rows = listed(url, capsys)
    assert all(row["password_due"] and row["locked_until"] is None and not row["disabled"] for row in rows.values())


def test_that_all_problems_are_told_at_once_and_nobody_comes_in(
    table: Callable[..., Path], imported: Import, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["801,陈安,安全管理员；审计管理员,,,", "802,,接警员,,,", "803,王,飞行员,,,", "804,赵,接警员,,,abc"]
    more = ["805,钱,处警民警,,,", "806,孙,联络员,,,", "806,周,接警员,,,", "807,吴,处警民警,没有,,"]
    file = table(*lines, *more, "808,郑,联动单位联络员,,没有,")
    assert imported(file) == 1
    said = capsys.readouterr().err
    told = ("须由不同的人担任", "第 3 行 姓名：必填", "不认识的角色 飞行员", "密码至少 8 位", "须写明警组")
    more_told = ("不认识的角色 联络员", "没有警组 没有", "没有联动单位 没有", "首次导入须有安全管理员")
    assert [part for part in (*told, *more_told) if part not in said] == []
    assert state_of(url).all(Account) == []
    assert hashes(url) == {}
    assert not file.with_name("users.passwords.csv").exists()


def test_that_number_and_code_columns_are_understood_too(
    table: Callable[..., Path], imported: Import, url: str
) -> None:
    head = "number,name,roles,unit,agency,password"
    assert imported(table("801,陈安,security,,,", "031,李娜,call_taker;chief,,,", head=head)) == 0
    assert account(url, "031").roles == ("call_taker", "chief")


def test_that_units_and_agencies_bind_their_people(table: Callable[..., Path], imported: Import, url: str) -> None:
    assert main(["import", "units", str(ROOT / "reference" / "demo" / "units.csv"), "--db", url]) == 0
    lines = ("5001,许,处警民警,巡05,,", "6001,何,联动单位联络员,,fire_rescue,")
    assert imported(table(FIRST, *lines)) == 0
    assert account(url, "5001").unit == "巡05"
    assert account(url, "6001").agency == "fire_rescue"


def test_that_later_people_need_a_security_administrator_and_his_password(
    table: Callable[..., Path], imported: Import, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(table(FIRST, "031,李娜,接警员,,,Lamp-2026")) == 0
    more = table("032,王强,接警员,,,", name="more.csv")
    for arguments, password, said in (
        ((), GATE, "--as"),
        (("--as", "801"), "Wrong-2026", "警号或密码不对"),
        (("--as", "999"), GATE, "警号或密码不对"),
        (("--as", "031"), "Lamp-2026", "不是安全管理员"),
    ):
        assert imported(more, *arguments, password=password) == 1
        assert said in capsys.readouterr().err
    assert state_of(url).get(Account, "032") is None
    assert imported(more, "--as", "801") == 0
    assert account(url, "032").roles == ("call_taker",)


def test_that_known_people_are_changed_and_keep_their_password(
    table: Callable[..., Path], imported: Import, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(table(FIRST, "031,李娜,接警员,,,Lamp-2026", "032,王强,接警员,,,Desk-2026")) == 0
    before = hashes(url)
    more = table("031,李娜娜,接警员；派警员,,,", "032,王强,接警员,,,Desk-2027", name="more.csv")
    assert imported(more, "--as", "801") == 0
    assert "新增 0 人，更改 2 人" in capsys.readouterr().err
    assert account(url, "031").name == "李娜娜"
    assert hashes(url)["031"] == before["031"]
    assert is_right(hashes(url)["032"], "Desk-2027")
    assert len(state_of(url).all(Account)) == 3


def test_that_an_administrator_is_asked_for_and_made_by_another(
    table: Callable[..., Path], imported: Import, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(table(FIRST, f"802,林全,安全管理员,,,{GATE}")) == 0
    more = table("803,审计,审计管理员,,,", "033,赵,接警员,,,", name="more.csv")
    assert imported(more, "--as", "801") == 0
    assert "803 审计（审计管理员）已申请双人审批" in capsys.readouterr().err
    assert state_of(url).get(Account, "803") is None
    assert state_of(url).get(Account, "033") is not None
    (asked,) = state_of(url).all(Approval)
    assert (asked.act, asked.about, asked.asked_by) == ("account.register", "803", "801")
    decide = {"approval": asked.id, "granted": True}
    with closing(Journal.open(url, ACTS, system_clock)) as journal:
        act = Act(name="approval.decide", args=decide, actor="802", seat="09", roles=("security",), at=system_clock())
        journal.commit_blocking(act)
    assert account(url, "803").roles == ("audit",)
    assert "803" in hashes(url)


def test_that_nobody_gives_an_administrator_another_password(
    table: Callable[..., Path], imported: Import, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(table(FIRST, "803,审计,审计管理员,,,")) == 0
    before = hashes(url)
    assert imported(table("803,审计,审计管理员,,,Mine-2026", name="more.csv"), "--as", "801") == 1
    assert "管理员的密码由本人更改" in capsys.readouterr().err
    assert imported(table("803,审计,接警员,,,", name="more.csv"), "--as", "801") == 0
    assert hashes(url) == before
    assert account(url, "803").roles == ("audit",), "his roles change by two persons"


def test_that_a_file_of_passwords_is_never_overwritten(
    table: Callable[..., Path], imported: Import, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.csv"
    kept.write_text("x", encoding="utf-8")
    assert imported(table(SECOND), "--passwords", str(kept)) == 1
    assert "不会覆盖" in capsys.readouterr().err
    assert kept.read_text(encoding="utf-8") == "x"
    assert state_of(url).all(Account) == []


def test_that_a_person_is_taken_out_of_use_and_a_locked_one_let_in(
    table: Callable[..., Path], imported: Import, url: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert imported(table(FIRST, "031,李娜,接警员,,,", "032,王强,接警员,,,")) == 0
    with closing(Journal.open(url, ACTS, system_clock)) as journal:
        for _ in range(5):
            failed = {"account": "032", "why": "警号或密码不对"}
            journal.commit_blocking(
                Act(name="seat.failed", args=failed, actor="", seat="04", roles=("machine",), at=system_clock())
            )
    assert listed(url, capsys)["032"]["locked_until"] is not None

    def users(*arguments: str) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{GATE}\n"))
        return main(["users", *arguments, "--db", url])

    assert users("unlock", "032") == 1
    assert users("unlock", "032", "--as", "801") == 0
    assert users("disable", "031", "--as", "801") == 2
    assert users("disable", "031", "--as", "801", "--reason", "调离") == 0
    assert users("disable", "999", "--as", "801", "--reason", "x") == 1
    rows = listed(url, capsys)
    assert (rows["032"]["locked_until"], rows["031"]["disabled"]) == (None, True)
    assert main(["users", "--db", url]) == 0
    assert "李娜  接警员  -  -  已停用,须改密码" in capsys.readouterr().out


def test_that_commands_go_on_working_where_there_are_accounts_under_the_name_of_who_types(
    table: Callable[..., Path], imported: Import, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "chen")
    assert imported(table(FIRST)) == 0
    assert main(["import", "sites", str(ROOT / "reference" / "demo" / "sites.csv"), "--db", url]) == 0
    with closing(Journal.open(url, ACTS, system_clock)) as journal:
        who = {(fact.actor, fact.seat) for fact in journal.read()}
    assert who == {("chen", COMMAND_LINE)}


def test_that_no_password_reaches_a_log_the_journal_an_export_or_a_backup_for_others(
    table: Callable[..., Path], imported: Import, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = table(FIRST, "031,李娜,接警员,,,")
    assert imported(file) == 0
    with file.with_name("users.passwords.csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert imported(table("032,王强,接警员,,,", name="more.csv"), "--as", "801", password="Falsch-2026") == 1
    out = tmp_path / "out"
    out.mkdir()
    span = ("--from", "2020-01-01", "--to", "2099-01-01", "--out", str(out / "j.jsonl"))
    assert main(["journal", "export", "--db", url, *span]) == 0
    assert main(["db", "backup", str(out / "b.backup"), "--without-secrets", "--db", url]) == 0
    typed = (GATE, row["一次性密码"], "Falsch-2026")
    written = {f: f.read_bytes() for f in tmp_path.rglob("*") if f.is_file() and f.suffix != ".csv"}
    assert {"j.jsonl", "b.backup", "a.db"} <= {f.name for f in written}
    assert [(f.name, word) for f, data in written.items() for word in typed if word.encode() in data] == []
    assert [f.name for f, data in written.items() if f.name != "a.db" and b"$argon2" in data] == []
    said = "".join(capsys.readouterr())
    assert "DEBUG" in said, "what the program says of itself when asked for everything"
    assert [word for word in (*typed, "$argon2") if word in said] == []


def test_that_who_asks_a_second_person_at_the_terminal_proves_who_he_is(
    table: Callable[..., Path],
    imported: Import,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By the system's name he could ask here and grant it himself at his seat."""
    assert imported(table(FIRST, "803,周,审计管理员,,,Seal-2026")) == 0
    assert main(["hold", "place", "--from", "2026-01-01", "--reason", "诉讼", "--db", url]) == 0
    (hold,) = every(url, Hold)
    lift = ["hold", "lift", hold.id, "--reason", "结案", "--db", url]
    for more, password, said in (
        ([], "", "--as"),
        (["--as", "803"], "Wrong-2026", WRONG),
        (["--as", "801"], GATE, "不是审计"),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        assert main([*lift, *more]) == 1
        assert said in capsys.readouterr().err
    assert every(url, Approval) == []
    monkeypatch.setattr("sys.stdin", io.StringIO("Seal-2026\n"))
    assert main([*lift, "--as", "803"]) == 0
    (asked,) = every(url, Approval)
    assert asked.asked_by == "803"
    assert why_not_decide(asked, "803", ("audit",)) == "不能审批自己提出的申请"
