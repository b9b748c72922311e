"""The commands by which a centre keeps its data: words, exit codes, and what they put on record."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.__main__ import main
from console.domain.account import Role
from console.domain.approval import Approval
from console.domain.body import Body
from console.domain.clock import system_clock
from console.domain.facts import BackedUp, Exported, HoldLifted, HoldPlaced, Purged, Restored
from console.domain.ledger import Act
from console.domain.unit import Position
from console.persistence import store
from console.persistence.journal import Journal
from console.persistence.retention import every
from console.services.acts import ACTS
from tests.persistence.raw import ask, run, unguard

DAYS = timedelta(days=1)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "conf"))


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Five incidents of two years."""
    made = f"sqlite:///{tmp_path}/a.db"
    assert main(["db", "fill", "--incidents", "5", "--db", made]) == 0
    return made


def facts(url: str, kind: type[Body]) -> list[Any]:
    with closing(Journal.open(url, ACTS, system_clock)) as journal:
        return [fact.body for fact in journal.read() if isinstance(fact.body, kind)]


def grant(url: str, actor: str, role: Role) -> None:
    """Another person at a seat grants what waits."""
    (asked,) = (row for row in every(url, Approval) if row.open)
    args: Mapping[str, Any] = {"approval": asked.id, "granted": True}
    act = Act(name="approval.decide", args=args, actor=actor, seat="09", roles=(role.value,), at=system_clock())
    with closing(Journal.open(url, ACTS, system_clock)) as journal:
        journal.commit_blocking(act)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[Any], str]:
    """Exit code, the objects on stdout, what a person reads on stderr."""
    capsys.readouterr()
    code = main([*arguments])
    told = capsys.readouterr()
    return code, [json.loads(line) for line in told.out.splitlines()], told.err


def test_that_the_hash_is_chosen_when_the_database_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path}/sm3.db"
    assert main(["db", "init", "--hash", "sm3", "--db", url]) == 0
    assert main(["db", "fill", "--incidents", "2", "--db", url]) == 0
    assert ask(url, "SELECT DISTINCT algo FROM journal") == [("sm3/2",)]
    assert main(["journal", "verify", "--db", url]) == 0
    code, _, told = said(capsys, "db", "init", "--hash", "sha256", "--db", url)
    assert (code, "不能再换哈希算法" in told) == (1, True)


def test_that_a_backup_is_told_and_journaled(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, (done,), told = said(capsys, "db", "backup", str(tmp_path / "b.db"), "--json", "--db", url)
    assert code == 0
    assert (done["event"], done["secrets"], done["rows"]["incidents"]) == ("done", True, 5)
    assert "已备份到" in told
    assert facts(url, BackedUp) == [BackedUp(file="b.db", last=done["seq"], hash=done["hash"])]


def test_that_a_restore_takes_the_heads_away_that_know_more(url: str, tmp_path: Path) -> None:
    assert main(["db", "backup", str(tmp_path / "b.db"), "--db", url]) == 0
    store.note_head(url)
    assert main(["db", "restore", str(tmp_path / "b.db"), "--db", url]) == 0
    assert main(["journal", "verify", "--db", url]) == 0
    assert (tmp_path / "a.db.before-restore.heads.jsonl").exists()


def test_that_a_restore_stands_in_the_journal_with_what_it_replaced(url: str, tmp_path: Path) -> None:
    """The heads of the replaced journal are put away: what was cut off must not vanish without a word."""
    assert main(["db", "backup", str(tmp_path / "b.db"), "--db", url]) == 0
    saved, before = every_seq(tmp_path / "b.db"), store.head(url)
    assert main(["db", "restore", str(tmp_path / "b.db"), "--db", url]) == 0
    restored = Restored(file="b.db", last=saved, before_last=before.seq, before_hash=before.hash)
    assert facts(url, Restored) == [restored]
    assert store.check(url) == []


def every_seq(file: Path) -> int:
    """How far the journal in the file reaches."""
    return store.head(f"sqlite:///{file}").seq


def test_that_a_drill_prints_each_step_and_leaves_nothing(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, steps, told = said(capsys, "db", "drill", "--json", "--db", url)
    assert code == 0
    assert [step["name"] for step in steps if step["good"]] == ["备份", "恢复", "行数", "哈希链", "重建"]
    assert "演练通过" in told
    assert list((tmp_path / "data" / "console110").glob("drill*")) == []


def test_that_a_drill_that_fails_is_exit_1(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(url, "UPDATE incidents SET place = '别处'")
    assert main(["db", "drill", "--db", url]) == 1
    told = capsys.readouterr()
    assert "重建  不通过" in told.out
    assert "演练未通过" in told.err


def test_that_a_drill_can_be_kept(url: str, tmp_path: Path) -> None:
    assert main(["db", "drill", "--keep", "--db", url]) == 0
    (kept,) = (tmp_path / "data" / "console110").glob("drill*")
    assert sorted(file.name for file in kept.iterdir()) == ["backup.db", "restored.db"]
    assert kept.stat().st_mode & 0o777 == 0o700


def test_that_the_check_tells_programs_too(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "db", "check", "--json", "--db", url)[:2] == (0, [{"result": "good", "findings": []}])
    unguard(url)
    run(url, "UPDATE journal SET actor = 'x' WHERE seq = 3")
    code, (found,), _ = said(capsys, "db", "check", "--json", "--db", url)
    assert (code, found["findings"]) == (1, ["日志第 3 条：内容被改动，哈希不符"])


def test_that_the_journal_is_verified_against_heads_from_elsewhere(url: str, tmp_path: Path) -> None:
    heads = tmp_path / "stick.jsonl"
    store.note_head(url, heads)
    assert main(["journal", "verify", "--heads", str(heads), "--db", url]) == 0
    unguard(url)
    last = ask(url, "SELECT max(seq) FROM journal")[0][0]
    run(url, f"DELETE FROM journal WHERE seq = {last}", f"UPDATE acts SET seq = 1 WHERE seq = {last}")
    assert main(["journal", "verify", "--db", url]) == 0
    assert main(["journal", "verify", "--heads", str(heads), "--db", url]) == 1


# -- export ----------------------------------------------------------------------------------------------------


def export(url: str, out: Path, *more: str) -> list[str]:
    return ["journal", "export", "--from", "2020-01-01", "--to", "2030-01-01", "--out", str(out), *more, "--db", url]


def test_that_an_export_is_journaled_masked_and_checked_where_it_lies(url: str, tmp_path: Path) -> None:
    out = tmp_path / "away" / "e.jsonl"
    out.parent.mkdir()
    last = store.note_head(url).seq
    assert main(export(url, out)) == 0
    assert facts(url, Exported) == [Exported(what="journal", first=1, last=last, rows=last, file="e.jsonl")]
    done = subprocess.run(
        [sys.executable, "-I", "verify_export.py", "e.jsonl", store.note_head(url).hash],
        cwd=out.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, "the export ends before the fact that tells of it"
    assert subprocess.call([sys.executable, "-I", "verify_export.py", "e.jsonl"], cwd=out.parent) == 0
    assert main(export(url, out)) == 1, "never overwrites"


def revealed(url: str, out: Path, reason: str, until: str) -> list[str]:
    return [
        *("journal", "export", "--from", "2020-01-01", "--to", until),
        *("--out", str(out), "--reveal", reason, "--db", url),
    ]


def test_that_an_unmasked_export_takes_two_persons_and_is_what_was_granted(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, now = tmp_path / "e.jsonl", system_clock().isoformat()
    code, _, told = said(capsys, *revealed(url, out, "法院调取", now))
    assert code == 0
    assert "已申请双人审批" in told
    assert "没有导出" in told
    assert not out.exists()
    grant(url, "088", Role.AUDIT)
    (told_of,) = facts(url, Exported)
    assert (told_of.masked, told_of.reason, told_of.file) == (False, "法院调取", "e.jsonl")
    assert main(revealed(url, out, "别的理由", now)) == 0
    assert not out.exists()
    assert main(revealed(url, out, "法院调取", now)) == 0
    _, *rows = (json.loads(line) for line in out.read_text(encoding="utf-8").split("\n")[:-1])
    assert rows
    assert all("masked" not in row for row in rows)


def test_that_an_unmasked_export_ends_in_the_past(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, told = said(capsys, *revealed(url, tmp_path / "e.jsonl", "法院调取", "2099-01-01"))
    assert (code, "已经过去的时刻" in told) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--from", "2020-01-01", "--to", "2030-01-01"], "须写明"),
        (["--from", "2030-01-01", "--to", "2020-01-01", "--out", "x"], "止时须晚于起时"),
        (["--from", "2020-01-01", "--to", "2020-01-02", "--out", "x"], "没有日志"),
    ],
)
def test_that_an_export_that_cannot_be_is_one_sentence(
    url: str,
    arguments: list[str],
    why: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, told = said(capsys, "journal", "export", *arguments, "--db", url)
    assert (code, why in told) == (1, True)
    assert facts(url, Exported) == []
    assert not list(tmp_path.glob("x*"))


# -- holds and purges --------------------------------------------------------------------------------------------


def test_that_a_hold_is_placed_listed_and_lifted_by_two(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    number = ask(url, "SELECT min(number) FROM incidents")[0][0]
    place = ["hold", "place", "--incident", number, "--reason", "诉讼", "--db", url]
    assert main(place) == 0
    (placed,) = facts(url, HoldPlaced)
    assert said(capsys, "hold", "list", "--json", "--db", url)[1][0]["incident"] == number
    lift = ["hold", "lift", placed.hold.id, "--reason", "结案", "--db", url]
    assert main(lift) == 0
    assert facts(url, HoldLifted) == []
    grant(url, "088", Role.AUDIT)
    assert facts(url, HoldLifted) == [HoldLifted(incident=number, hold=placed.hold.id, reason="结案")]
    code, _, told = said(capsys, *lift)
    assert (code, "没有这道有效的留存令" in told) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--reason", "x"],
        ["--incident", "ZZ20990101-0001", "--reason", "x"],
        ["--from", "2020-01-02", "--to", "2020-01-01", "--reason", "x"],
        ["--from", "2020-01-02", "--reason", " "],
    ],
)
def test_that_a_hold_on_nothing_is_refused(url: str, arguments: list[str]) -> None:
    assert main(["hold", "place", *arguments, "--db", url]) == 1
    assert facts(url, HoldPlaced) == []


@pytest.fixture
async def aged(url: str, tmp_path: Path) -> str:
    """Positions and slips of four years ago and of today."""
    journal = Journal.open(url, ACTS, system_clock)
    folder = tmp_path / "data" / "console110" / "slips"
    folder.mkdir(parents=True)
    for n, at in enumerate((datetime(2022, 5, 1, tzinfo=UTC), system_clock())):
        await journal.track([Position(unit="巡01", lat=24.5, lon=117.6, at=at)] * 3)
        slip = folder / f"派单-ZZ20220501-000{n}-1.pdf"
        slip.write_text("x")
        os.utime(slip, (at.timestamp(), at.timestamp()))
    journal.close()
    return url


def slips(tmp_path: Path) -> list[str]:
    return sorted(file.name for file in (tmp_path / "data" / "console110" / "slips").iterdir())


def test_that_a_purge_is_asked_for_granted_and_then_done(
    aged: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    purge = ["db", "purge", "--db", aged]
    code, _, told = said(capsys, *purge)
    assert (code, "将清除 4 条" in told, "--reason" in told) == (1, True, True)
    assert main([*purge, "--reason", "到期"]) == 0
    assert len(slips(tmp_path)) == 2
    assert facts(aged, Purged) == []
    grant(aged, "088", Role.SYSTEM)
    assert main(purge) == 0
    assert ask(aged, "SELECT count(*) FROM track") == [(3,)]
    assert slips(tmp_path) == ["派单-ZZ20220501-0001-1.pdf"]
    (purged,) = facts(aged, Purged)
    assert (purged.rows, purged.kept) == (4, 0)
    assert store.check(aged) == []


def test_that_a_hold_placed_after_the_grant_stops_the_purge(aged: str, tmp_path: Path) -> None:
    assert main(["db", "purge", "--reason", "到期", "--db", aged]) == 0
    grant(aged, "088", Role.SYSTEM)
    assert main(["hold", "place", "--to", "2023-01-01", "--reason", "诉讼", "--db", aged]) == 0
    assert main(["db", "purge", "--db", aged]) == 0
    assert ask(aged, "SELECT count(*) FROM track") == [(6,)]
    assert len(slips(tmp_path)) == 2


def test_that_a_held_incident_keeps_what_was_printed_of_it_offline_too(aged: str, tmp_path: Path) -> None:
    """The slip carries the local number; a sheet of that time lists the incident without naming it."""
    number = ask(aged, "SELECT number FROM incidents ORDER BY created_at LIMIT 1")[0][0]
    at = datetime(2022, 5, 2, tzinfo=UTC).timestamp()
    alias = f"alias = 'ZZ20220502-L03-01', created_at = {int(at * 1000)}"
    run(aged, f"UPDATE incidents SET {alias} WHERE number = '{number}'")
    folder = tmp_path / "data" / "console110" / "slips"
    made = [
        folder / name for name in ("派单-ZZ20220502-L03-01-1.pdf", "断网续接单-1.pdf", "派单-ZZ20220502-L03-02-1.pdf")
    ]
    for file in made:
        file.write_text("x")
        os.utime(file, (at + 60, at + 60))
    assert main(["hold", "place", "--incident", number, "--reason", "诉讼", "--db", aged]) == 0
    purge = ["db", "purge", "--db", aged]
    assert main([*purge, "--reason", "到期"]) == 0
    grant(aged, "088", Role.SYSTEM)
    assert main(purge) == 0
    assert [file.exists() for file in made] == [True, True, False]


def test_that_what_is_younger_than_184_days_cannot_even_be_asked_for(
    aged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    young = (system_clock() - 183 * DAYS).date().isoformat()
    code, _, told = said(capsys, "db", "purge", "--before", young, "--reason", "x", "--db", aged)
    assert (code, "不满 184 天" in told) == (1, True)
    assert every(aged, Approval) == []
