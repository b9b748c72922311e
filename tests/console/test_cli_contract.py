"""The command line contract: names, fields, exit codes, and one sentence instead of a traceback."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from console.__main__ import main
from console.cli.later import LATER
from console.domain.clock import system_clock
from console.domain.ledger import Act
from console.persistence.journal import Journal
from console.persistence.spool import Spool
from console.services.acts import ACTS
from drivers.protocols import codec_for
from drivers.protocols.surgard_panel import signal_frame
from resources import ROOT
from tests.support import ALL

COMMANDS = (
    "run", "demo", "lines", "alarms", "signals", "incidents", "classify", "search", "places", "recommend",
    "journal", "spool", "gateway", "mappack", "replay", "screenshot", "bench", "db", "import", "export", "users",
    "report", "selftest",
)  # fmt: skip
DEMO = ROOT / "reference" / "demo"

FIELDS = {
    "alarms": "id state site account partition zone event_code sia_code qualifier protocol line presses "
    "received_at committed_at acknowledged_at incident raw_hex",
    "signals": "seq line protocol type account event_code raw_hex received_at",
    "incidents": "number state kind priority place lat lon route units agencies created_at t_signal t_answer "
    "t_dispatch t_sign t_depart t_arrive t_scene_report t_feedback t_callback t_close",
}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "conf"))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'a.db'}"


def do(url: str, *acts: tuple[str, dict[str, Any]], actor: str = "031") -> list[Any]:
    """Carry out acts on the database, as a desk would."""

    def asked(name: str, args: dict[str, Any]) -> Act:
        return Act(name=name, args=args, actor=actor, seat="03", roles=ALL, at=system_clock())

    with closing(Journal.open(url, ACTS, system_clock)) as journal:
        return [journal.commit_blocking(asked(name, args)).value for name, args in acts]


def press(account: str = "1234", zone: str = "003") -> tuple[str, dict[str, Any]]:
    (report,) = codec_for("surgard").feed(signal_frame(account=account, zone=zone))
    args = {
        "ingest_id": f"press-{account}-{zone}",
        "line": "A1",
        "protocol": "surgard",
        "received_at": system_clock().isoformat(),
        "report": report.to_json(),
    }
    return "intake.receive", args


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main([*arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("command", COMMANDS)
def test_that_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert command in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["alarms", "--frob"], ["screenshot"], ["db"], ["bench", "x"]])
def test_that_wrong_usage_is_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", list(LATER))
def test_that_what_comes_later_says_so(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--db", "x", "whatever", "--port", "1"]) == 2
    assert "将随后续版本提供" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["alarms"],
        ["signals", "--json"],
        ["incidents"],
        ["search", "x"],
        ["recommend", "ZZ20261121-0001"],
        ["journal"],
        ["journal", "verify"],
        ["db", "check"],
    ],
)
@pytest.mark.parametrize("place", ["absent.db", "no/such/folder/absent.db"])
def test_that_an_absent_database_is_one_sentence_and_stays_absent(
    arguments: list[str], place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--db", f"sqlite:///{tmp_path / place}"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "没有这个数据库" in said.err
    assert not (tmp_path / place).exists()


@pytest.mark.parametrize("address", ["nonsense", "oracle://x/y", "sqlite:///:memory:"])
def test_that_an_address_we_cannot_use_is_one_sentence(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alarms", "--db", address]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_that_a_foreign_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("明天开会")
    assert main(["alarms", "--db", f"sqlite:///{file}"]) == 1
    assert "不是数据库" in capsys.readouterr().err
    assert file.read_text() == "明天开会"


def test_that_the_rows_carry_the_contracts_fields(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    do(url, press())
    for command, names in FIELDS.items():
        (row,) = rows(capsys, command, "--db", url)
        assert set(names.split()) <= set(row), command


def test_that_only_open_ones_are_listed_when_asked(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = press(zone="001"), press(zone="002")
    (one, _) = do(url, first, second)
    do(
        url,
        ("alarm.acknowledge", {"alarm": one["alarm"]}),
        ("alarm.judge", {"alarm": one["alarm"], "verdict": "judge_false", "reason": "误按"}),
        ("alarm.reset", {"alarm": one["alarm"]}),
    )
    do(url, ("incident.invalidate", {"incident": one["incident"], "reason": "误按"}), actor="032")
    assert len(rows(capsys, "alarms", "--db", url)) == 2
    assert [row["zone"] for row in rows(capsys, "alarms", "--db", url, "--open")] == ["002"]
    assert len(rows(capsys, "incidents", "--db", url)) == 2
    (row,) = rows(capsys, "incidents", "--db", url, "--open")
    assert row["state"] == "NEW"


def test_that_the_journal_is_listed_and_verified(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    do(url, press())
    listed = rows(capsys, "journal", "--db", url)
    assert [row["seq"] for row in listed] == list(range(1, len(listed) + 1))
    assert listed[0]["name"] == "SignalReceived"
    assert rows(capsys, "journal", "--db", url, "--since", "2")[0]["seq"] == 3
    assert main(["journal", "verify", "--db", url]) == 0


def test_that_a_changed_row_is_found_and_named(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    do(url, press())
    with closing(sqlite3.connect(tmp_path / "a.db")) as forger, forger:
        forger.execute("DROP TRIGGER journal_no_update")
        forger.execute("UPDATE journal SET actor = '999' WHERE seq = 2")
    assert main(["journal", "verify", "--db", url]) == 1
    assert "第 2 行" in capsys.readouterr().err


# -- db and import -------------------------------------------------------------------------------------------


def test_that_a_database_is_made_filled_saved_and_restored(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = str(tmp_path / "saved.db")
    for arguments in (
        ["init"], ["upgrade"], ["fill", "--incidents", "30", "--seed", "7"], ["check"], ["backup", saved],
    ):  # fmt: skip
        assert main(["db", *arguments, "--db", url]) == 0
    assert len(rows(capsys, "incidents", "--db", url)) == 30
    do(url, press())
    assert main(["db", "restore", saved, "--db", url]) == 0
    capsys.readouterr()
    assert len(rows(capsys, "incidents", "--db", url)) == 30


def test_that_filling_needs_an_empty_database(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    do(url, press())
    assert main(["db", "fill", "--incidents", "5", "--db", url]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def imported(what: str, file: Path, url: str) -> int:
    return main(["import", what, str(file), "--db", url])


def test_that_the_demo_tables_are_imported_and_again_without_change(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported("sites", DEMO / "sites.csv", url) == 0
    assert imported("units", DEMO / "units.csv", url) == 0
    do(url, press())
    (alarm,) = rows(capsys, "alarms", "--db", url)
    assert alarm["site"] == "S001"
    assert imported("units", DEMO / "units.csv", url) == 0
    assert "0 行有变化" in capsys.readouterr().err


def test_that_a_panel_belongs_to_one_site(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported("sites", DEMO / "sites.csv", url) == 0
    before = rows(capsys, "journal", "--db", url)
    file = tmp_path / "sites.csv"
    file.write_text("id,name,account\nX1,新校,9999\nX2,分校,1234\n", encoding="utf-8")
    assert imported("sites", file, url) == 1
    assert "账号 1234 已属于漳州市实验小学" in capsys.readouterr().err
    assert rows(capsys, "journal", "--db", url) == before


BAD_SITES = """id,name,account,lat,zones
S1,一小,1234,24.5,001=门卫
S2,,1235,24.5,
S3,三小,12x4,124.5,门卫
S1,四小,1234,24.5,
"""


def test_that_all_problems_are_named_at_once_and_nothing_is_imported(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "sites.csv"
    file.write_text(BAD_SITES, encoding="utf-8")
    assert main(["db", "init", "--db", url]) == 0
    assert imported("sites", file, url) == 1
    said = capsys.readouterr().err
    for words in (
        "第 3 行 name：必填",
        "第 4 行 account：格式不对",
        "第 4 行 lat：超出范围",
        "第 4 行 zones",
        "编号重复：S1",
        "账号重复：1234",
    ):
        assert words in said
    assert rows(capsys, "journal", "--db", url) == []


@pytest.mark.parametrize("text", [b"id,name\n\xff\xfe", b"", b"id,name,altitude\nS1,x,3\n", b'id,name\n"S1,x\n'])
def test_that_a_table_that_is_none_is_refused(
    text: bytes, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "sites.csv"
    file.write_bytes(text)
    assert imported("sites", file, url) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_that_a_table_of_the_other_kind_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported("units", DEMO / "sites.csv", url) == 1
    assert "缺少列：type" in capsys.readouterr().err
    assert imported("sites", DEMO / "units.csv", url) == 1
    assert "不认识的列：echelon" in capsys.readouterr().err
    assert imported("sites", DEMO / "absent.csv", url) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_that_tables_of_later_issues_say_so(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported("agencies", DEMO / "units.csv", url) == 2
    assert "将随后续版本提供" in capsys.readouterr().err


# -- questions -----------------------------------------------------------------------------------------------


def test_that_incidents_are_found_by_place_and_by_the_name_of_their_code(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported("sites", DEMO / "sites.csv", url) == 0
    do(url, press(), ("incident.open", {"kind": "0206", "place": "钟法路 89 号"}))
    assert [row["kind"] for row in rows(capsys, "search", "钟法路", "--db", url)] == ["0206"]
    assert [row["kind"] for row in rows(capsys, "search", "噪音", "--db", url)] == ["0206"]
    assert [row["kind"] for row in rows(capsys, "search", "实验小学", "--db", url)] == ["1301"]


def test_that_incidents_are_found_by_initials_and_several_words_also_after_a_reindex(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported("sites", DEMO / "sites.csv", url) == 0
    do(url, press(), ("incident.open", {"kind": "0206", "place": "钟法路 89 号"}))
    assert [row["kind"] for row in rows(capsys, "search", "zfl89h 噪音", "--db", url)] == ["0206"]
    assert main(["db", "reindex", "--db", url]) == 0
    assert "已重建" in capsys.readouterr().err
    assert [row["kind"] for row in rows(capsys, "search", "zfl", "--db", url)] == ["0206"]
    assert rows(capsys, "search", "zfl 实验小学", "--db", url) == []


def test_that_the_recommendation_names_reasons(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported("sites", DEMO / "sites.csv", url) == 0
    assert imported("units", DEMO / "units.csv", url) == 0
    (answer,) = do(url, press())
    do(url, *(("unit.status", {"unit": f"巡{n:02}", "status": "01"}) for n in (1, 2, 5)))
    do(url, ("unit.status", {"unit": "巡01", "status": "20"}))
    units = rows(capsys, "recommend", answer["incident"], "--db", url)
    assert {row["unit"] for row in units} == {"巡01", "巡02", "巡05"}
    assert units[0]["unit"] == "巡05"
    assert "本警区" in units[0]["because"]
    assert units[0]["time_s"] < units[1]["time_s"]
    assert main(["recommend", "ZZ20000101-0001", "--db", url]) == 1
    assert "查无此警情" in capsys.readouterr().err


def test_that_narratives_are_classified_line_by_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", iter(["楼下有人打架\n", "家里停水了\n"]))
    fight, water = rows(capsys, "classify")
    names = {"codes", "agencies", "route", "priority", "words", "articles"}
    assert names <= set(fight)
    assert (fight["route"], water["route"]) == ("A", "C")


def test_that_places_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    names = [row["name"] for row in rows(capsys, "places", "钟法路")]
    assert names[0] == "钟法路"


def test_that_lines_needs_a_line(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lines", "--db", url]) == 1
    assert "没有线路" in capsys.readouterr().err


# -- the spool -----------------------------------------------------------------------------------------------


@pytest.fixture
async def clash(url: str, tmp_path: Path) -> AsyncIterator[tuple[str, Spool]]:
    """An acknowledgement that the journal refused, in this machine's spool; its id, and the spool's own file."""
    do(url, press())
    spool = Spool.open(tmp_path / "spool.db", system_clock)
    act = Act(
        name="alarm.acknowledge",
        args={"alarm": "press-1234-009"},
        actor="031",
        seat="03",
        roles=ALL,
        at=system_clock(),
    )
    spool.put(act)
    with closing(Journal.open(url, ACTS, system_clock)) as journal:
        await spool.unload(journal)
    yield act.act_id, spool
    spool.close()


def test_that_waiting_and_refused_acts_are_listed(
    url: str, tmp_path: Path, clash: tuple[str, Spool], capsys: pytest.CaptureFixture[str]
) -> None:
    act_id, spool = clash
    name, args = press(zone="005")
    spool.put(Act(name=name, args=args, actor="线路A1", seat="03", roles=ALL, at=system_clock()))
    waiting, refused = rows(capsys, "spool", "--db", url, "--spool", str(tmp_path / "spool.db"))
    assert (waiting["name"], waiting["state"], waiting["why"]) == ("intake.receive", "待补传", "")
    assert (refused["id"], refused["name"], refused["state"]) == (act_id, "alarm.acknowledge", "冲突")
    assert refused["why"] == "查无此一键报警：press-1234-009"


def test_that_a_clash_is_tried_again_until_the_journal_takes_it(
    url: str, tmp_path: Path, clash: tuple[str, Spool], capsys: pytest.CaptureFixture[str]
) -> None:
    act_id, spool = clash
    again = ["spool", "--db", url, "--spool", str(tmp_path / "spool.db"), "--retry", act_id]
    assert main(again) == 1
    assert "查无此一键报警" in capsys.readouterr().err
    assert len(spool.clashes()) == 1
    do(url, press(zone="009"))
    assert main(again) == 0
    assert spool.clashes() == []
    found = {row["id"]: row["state"] for row in rows(capsys, "alarms", "--db", url)}
    assert found["press-1234-009"] == "ACKNOWLEDGED"
    assert main(again) == 1
    assert "没有这项冲突" in capsys.readouterr().err


def test_that_a_clash_is_taken_away_only_with_a_reason_which_the_journal_keeps(
    url: str, tmp_path: Path, clash: tuple[str, Spool], capsys: pytest.CaptureFixture[str]
) -> None:
    act_id, spool = clash
    away = ["spool", "--db", url, "--spool", str(tmp_path / "spool.db"), "--remove", act_id]
    assert main(away) == 2
    assert "理由" in capsys.readouterr().err
    assert len(spool.clashes()) == 1
    assert main([*away, "--reason", "误按"]) == 0
    assert spool.clashes() == []
    note = rows(capsys, "journal", "--db", url)[-1]
    assert note["name"] == "NoteAdded"
    assert all(word in note["body"]["text"] for word in ("alarm.acknowledge", "误按", "press-1234-009", "查无此"))


def test_that_looking_for_a_spool_that_is_not_there_makes_none(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    do(url, press())
    assert main(["spool", "--db", url]) == 1
    assert "没有本机暂存文件" in capsys.readouterr().err
