"""An exported span of the journal: what the shipped checker proves to somebody who has nothing but the file."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.domain.clock import ManualClock
from console.domain.errors import UserError
from console.persistence import store
from console.persistence.chain import SM3, Head, keep_head
from console.persistence.export import Extract, Span, export
from console.persistence.journal import Journal
from console.services.masking import masked_body
from resources import ROOT
from tests.persistence.acts import ACTS, NOON, act
from tests.persistence.raw import ask

CHECKER = ROOT / "verify_export.py"


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    return tmp_path / "heads.jsonl"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "export.jsonl"


@pytest.fixture
def journaled(url: str, clock: ManualClock, heads: Path) -> str:
    """Twelve facts, one a minute; the head kept after the tenth."""
    return journal_of(url, clock, heads)


def journal_of(url: str, clock: ManualClock, heads: Path) -> str:
    journal = Journal.open(url, ACTS, clock)
    for n in range(10):
        journal.commit_blocking(act("open_incident", place=f"钟法路{n}号" if n % 2 else f"电话1380000019{n}"))
        clock.advance(60)
    store.note_head(url, heads)
    for _ in range(2):
        journal.commit_blocking(act("open_incident", place="其后"))
    journal.close()
    return url


def minutes(first: int, last: int) -> Span:
    return Span(since=NOON + timedelta(minutes=first), until=NOON + timedelta(minutes=last))


def masking(_: str, body: Any) -> tuple[Any, Any]:
    return masked_body(body)


def checked(file: Path, *held: str) -> tuple[int, str]:
    """What somebody sees who runs the checker in a bare Python."""
    done = subprocess.run([sys.executable, "-I", CHECKER, file, *held], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n")[1:-1]]


def test_that_a_span_is_proven_to_somebody_who_holds_a_head(
    journaled: str, heads: Path, out: Path, clock: ManualClock
) -> None:
    made = export(journaled, minutes(2, 5), out, heads, masking, clock)
    assert made == Extract(first=3, last=5, masked=2, heads=made.heads)
    held = heads.read_text().split('"hash":"')[1][:64]
    code, said = checked(out, held)
    assert code == 0
    assert said.startswith("GOOD: 8 rows; 1 texts proven; 2 masked")
    assert out.stat().st_mode & 0o777 == 0o600


def test_that_masked_rows_give_up_their_salt_and_their_people(
    journaled: str, heads: Path, out: Path, clock: ManualClock
) -> None:
    export(journaled, minutes(2, 5), out, heads, masking, clock)
    first, second, third, *behind = rows(out)
    assert "13800000192" not in out.read_text(encoding="utf-8")
    assert json.loads(first["body"])["record"]["place"] == "电话138****0192"
    assert first["masked"] == third["masked"] == ["record.place"]
    assert "salt" not in first
    assert "masked" not in second
    assert json.loads(second["body"])["record"]["place"] == "钟法路3号"
    assert [row["seq"] for row in behind] == [6, 7, 8, 9, 10]
    assert all("body" not in row and "salt" not in row for row in behind)


def test_that_everything_is_proven_when_nothing_is_masked(
    journaled: str, heads: Path, out: Path, clock: ManualClock
) -> None:
    assert export(journaled, minutes(0, 100), out, heads, None, clock).masked == 0
    code, said = checked(out)
    assert (code, said[:35]) == (0, "GOOD: 12 rows; 12 texts proven; 0 m")


def test_that_an_export_under_sm3_is_proven(url: str, heads: Path, out: Path, clock: ManualClock) -> None:
    store.init(url, SM3)
    journal_of(url, clock, heads)
    export(url, minutes(0, 5), out, heads, masking, clock)
    assert checked(out)[0] == 0


def change(file: Path, edit: Callable[[list[dict[str, Any]]], object]) -> None:
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n")[:-1]]
    edit(lines)
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def _without_tail(lines: list[dict[str, Any]]) -> None:
    del lines[5:]


def _shorter_and_told_so(lines: list[dict[str, Any]]) -> None:
    del lines[5:]
    lines[0]["rows"] = 4


FORGERIES: dict[str, tuple[Callable[[list[dict[str, Any]]], object], str]] = {
    "text": (lambda lines: lines[2].update(body=lines[2]["body"].replace("3号", "4号")), "row 4 was changed"),
    "salt": (lambda lines: lines[2].update(salt="00" * 16), "row 4 was changed"),
    "actor": (lambda lines: lines[1].update(actor="099"), "row 3 was changed"),
    "time": (lambda lines: lines[4].update(at_ms=lines[4]["at_ms"] + 1), "row 6 was changed"),
    "hash of a text": (lambda lines: lines[1].update(body_hash="00" * 32), "row 3 was changed"),
    "left out": (lambda lines: lines.pop(3), "row 5 is missing"),
    "order": (lambda lines: lines.insert(1, lines.pop(2)), "row 3 is missing"),
    "cut off": (_without_tail, "rows were cut off"),
    "cut off and told so": (_shorter_and_told_so, "rows were cut off"),
}


@pytest.mark.parametrize("kind", FORGERIES)
def test_that_a_forged_export_is_found_out(
    journaled: str, heads: Path, out: Path, clock: ManualClock, kind: str
) -> None:
    export(journaled, minutes(2, 5), out, heads, masking, clock)
    edit, why = FORGERIES[kind]
    change(out, edit)
    code, said = checked(out)
    assert code == 1
    assert said.startswith("BAD")
    assert why in said


def test_that_a_journal_made_up_from_the_start_does_not_hold_the_head_on_paper(
    journaled: str, heads: Path, out: Path, clock: ManualClock
) -> None:
    export(journaled, minutes(0, 5), out, heads, masking, clock)
    assert checked(out, "ab" * 32)[0] == 1
    change(out, lambda lines: lines[0].update(previous="00" * 32))
    assert checked(out) == (1, "BAD: row 1 does not begin the chain")


def test_that_a_head_that_is_not_in_the_journal_is_told_by_the_checker(
    journaled: str, heads: Path, out: Path, clock: ManualClock
) -> None:
    keep_head(heads, Head(seq=4, hash="ab" * 32))
    export(journaled, minutes(2, 5), out, heads, masking, clock)
    assert "a head kept outside the database is not in this chain" in checked(out)[1]


def test_that_nothing_to_export_is_said(journaled: str, heads: Path, out: Path, clock: ManualClock) -> None:
    with pytest.raises(UserError, match="这段时间没有日志"):
        export(journaled, minutes(200, 300), out, heads, masking, clock)


def test_that_rows_of_the_first_form_are_proven_whole_or_not_at_all(
    tmp_path: Path, heads: Path, out: Path, clock: ManualClock
) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    old = (Path(__file__).parent / "first_revision.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "old.db")) as file:
        file.executescript(old)
    store.upgrade(url)
    export(url, minutes(0, 100), out, heads, None, clock)
    assert checked(out)[0] == 0
    with pytest.raises(UserError, match="由旧版本写入，遮蔽后无法证明"):
        export(url, minutes(0, 100), tmp_path / "masked.jsonl", heads, lambda _, body: (body, ["x"]), clock)
    change(out, lambda lines: lines[3].update(body="{}"))
    assert checked(out) == (1, "BAD: row 3 was changed")


def test_that_the_checker_has_thirty_lines_of_code() -> None:
    text = CHECKER.read_text(encoding="utf-8")
    code = text.split('"""')[2].split("\n")
    assert len([line for line in code if line.strip() and not line.strip().startswith("#")]) <= 30


def test_that_what_was_exported_is_what_is_stored(journaled: str, heads: Path, out: Path, clock: ManualClock) -> None:
    export(journaled, minutes(0, 100), out, heads, None, clock)
    stored = ask(journaled, "SELECT seq, body, hash FROM journal ORDER BY seq")
    assert [(row["seq"], row["body"], row["hash"]) for row in rows(out)] == [tuple(row) for row in stored]
