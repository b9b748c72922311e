"""import sites and export sites: the whole register as a table, there and back, and every problem at once."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.__main__ import main
from console.cli.exporting import write_sites
from console.cli.importing import read_sites
from console.domain.approval import Approval
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.domain.ledger import Act
from console.domain.site import Site
from console.domain.state import MemoryState
from console.persistence.journal import Journal
from console.services.acts import ACTS
from console.services.site_table import LABELS, PERSONAL
from resources import ROOT
from tests.console.test_cli_contract import own_folders, url
from tests.support import ALL

__all__ = ["own_folders", "url"]

DEMO = ROOT / "reference" / "demo" / "sites.csv"
Table = Callable[..., Path]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    def write(*lines: str, encoding: str = "utf-8") -> Path:
        file = tmp_path / "sites.csv"
        file.write_bytes("\r\n".join(lines).encode(encoding))
        return file

    return write


def imported(file: Path, url: str) -> int:
    return main(["import", "sites", str(file), "--db", url])


def stored(url: str) -> dict[str, Site]:
    state = MemoryState()
    with closing(Journal.open(url, ACTS, system_clock)) as journal:
        journal.load_state(state)
    return {site.id: site for site in state.all(Site)}


# -- import --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_that_what_excel_writes_is_read_whatever_its_encoding(url: str, table: Table, encoding: str) -> None:
    assert imported(table("id,name,zones", "S1,第一中学,001=门卫室", ",,", encoding=encoding), url) == 0
    assert stored(url)["S1"].zones == {"001": "门卫室"}


def test_that_columns_may_stand_by_their_chinese_names_and_problems_use_them(url: str, table: Table) -> None:
    head = ",".join(LABELS.values())
    assert imported(table(head, f"S1,第一中学{',' * (len(LABELS) - 2)}"), url) == 0
    assert stored(url)["S1"].name == "第一中学"
    with pytest.raises(UserError, match="第 2 行 账号：格式不对"):
        read_sites(table("编号,名称,账号", "S1,第一中学,12x4"))


def test_that_a_table_without_the_new_columns_leaves_what_is_on_file(url: str, table: Table) -> None:
    assert imported(DEMO, url) == 0
    before = stored(url)
    assert imported(table("id,name,account", "S001,漳州市实验小学（东区）,1234"), url) == 0
    assert stored(url) == {**before, "S001": replace(before["S001"], name="漳州市实验小学（东区）")}


PROBLEMS = [
    "id,name,account,line,lat,lon,keyholders,test_days",
    "S1,一小,1234,,24.5,117.6,李某 13800000001,90",
    "S2,,12x4,A1,24.5,,王某,0",
    "S1,三小,2234,A1,95,117.6,,",
    "S4,四小,2234,B1,,,,",
    "S5,五小,1234,A1,,,,",
    "S6,六小,2234,B1,,,,",
]


def test_that_every_problem_is_named_with_row_and_column_and_nothing_is_stored(
    url: str, table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(table("id,name", "S0,旧校"), url) == 0
    assert imported(table(*PROBLEMS), url) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[1].endswith("有 8 处问题，一行也没有导入：")
    assert [line.split("，")[0] for line in said[2:]] == [
        "第 3 行 name：必填",
        "第 3 行 account：格式不对",
        "第 3 行 keyholders：“王某”应写作 姓名 电话",
        "第 3 行 test_days：超出范围（大于 0）",
        "第 4 行 lat：超出范围（不大于 90）",
        "编号重复：S1（第 2、4 行）",
        "账号重复：1234（第 2、6 行）",
        "账号重复：2234（第 5、7 行）",
    ]
    assert set(stored(url)) == {"S0"}


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("id,name", "S1,一小,多"), "第 2 行的单元格多于列数"),
        (("id,name,name", "S1,一小,二小"), "列出现两次：name"),
        (("id,altitude", "S1,3"), "不认识的列：altitude；缺少列：name"),
        (("id,name",), "没有数据行"),
    ],
)
def test_that_a_file_that_is_no_table_of_sites_is_refused_whole(table: Table, lines: tuple[str, ...], why: str) -> None:
    with pytest.raises(UserError, match=why):
        read_sites(table(*lines))


def test_that_bytes_of_no_known_encoding_are_refused_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_bytes("id,name\nS1,一小".encode("utf-16"))
    with pytest.raises(UserError, match="另存为"):
        read_sites(file)


# -- export --------------------------------------------------------------------------------------------------


def exported(file: Path, url: str, *more: str) -> int:
    return main(["export", "sites", str(file), "--db", url, *more])


def facts(url: str, capsys: pytest.CaptureFixture[str], name: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["journal", "--db", url, "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [row["body"] for row in rows if row["name"] == name]


def test_that_a_table_leaves_without_persons_and_comes_back_without_harm(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(DEMO, url) == 0
    before, out = stored(url), tmp_path / "out.csv"
    assert exported(out, url) == 0
    head = out.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert set(LABELS) - set(head) == set(PERSONAL)
    assert "例：000" not in out.read_text(encoding="utf-8-sig")
    assert imported(out, url) == 0
    assert "0 行有变化" in capsys.readouterr().err
    assert stored(url) == before
    (told,) = facts(url, capsys, "Exported")
    assert {name: told[name] for name in ("what", "rows", "file", "masked")} == {
        "what": "sites",
        "rows": len(before),
        "file": "out.csv",
        "masked": True,
    }


def test_that_persons_leave_only_when_another_person_has_granted_it(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(DEMO, url) == 0
    out = tmp_path / "out.csv"
    assert exported(out, url, "--reveal", "移交新系统") == 0
    assert not out.exists()
    state = MemoryState()
    with closing(Journal.open(url, ACTS, system_clock)) as journal:
        journal.load_state(state)
        (asked,) = state.all(Approval)
        args = {"approval": asked.id, "granted": True}
        chief: dict[str, Any] = {"actor": "035", "seat": "05", "roles": ALL, "at": system_clock()}
        journal.commit_blocking(Act(name="approval.decide", args=args, **chief))
    assert exported(out, url, "--reveal", "移交新系统") == 0
    assert out.stat().st_mode & 0o077 == 0
    assert {row["id"]: row["keyholder_phone"] for row in read_sites(out)}["S001"] == "例：000-2000001"
    assert exported(out, url) == 1
    assert "不会覆盖" in capsys.readouterr().err


def test_that_an_empty_register_or_a_missing_folder_is_said_in_one_line(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "init", "--db", url]) == 0
    capsys.readouterr()
    assert exported(tmp_path / "out.csv", url) == 1
    assert exported(tmp_path / "none" / "out.csv", url) == 1
    assert [line.split("：")[0] for line in capsys.readouterr().err.splitlines()] == [
        "还没有登记点位",
        "没有这个文件夹",
    ]


def test_that_the_whole_register_is_the_same_after_a_journey_through_a_file(url: str, tmp_path: Path) -> None:
    assert imported(DEMO, url) == 0
    out = tmp_path / "out.csv"
    write_sites(out, list(stored(url).values()), list(LABELS))
    fresh = f"sqlite:///{tmp_path / 'b.db'}"
    assert imported(out, fresh) == 0
    kept = {key: replace(site, registered_at=None) for key, site in stored(url).items()}
    assert {key: replace(site, registered_at=None) for key, site in stored(fresh).items()} == kept
