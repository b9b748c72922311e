"""Logs: nothing personal reaches the file whatever is logged, nothing is lost early, and a full disk stops nobody."""

import gzip
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.__main__ import main
from console.domain.clock import ManualClock, system_clock
from console.domain.errors import EnvironmentFault
from console.logs import open_logs, trouble
from console.logs import setup as logs_setup
from console.logs.files import LogFile, tidy
from console.logs.text import JsonLines, PlainWords
from console.services.masking import mask_text as masked
from console.settings import load_settings
from resources import ROOT

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
LEVELS: Any = {"stderr_level": "ERROR", "log_days": 200, "log_mb": 1}
HALF_A_YEAR = timedelta(days=184)
GONE_PID = 4_194_305
"""Above the highest process number Linux gives."""

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
landlines = st.from_regex(r"0[0-9]{2,3}-?[2-8][0-9]{6,7}", fullmatch=True)
identities = st.from_regex(r"[1-6][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9][0-9]{3}[0-9X]", fullmatch=True)
personal = st.one_of(mobiles, landlines, identities)
around = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def record(text: str, *args: Any, name: str = "console.services.line", **extra: Any) -> logging.LogRecord:
    made = logging.getLogger(name).makeRecord(name, logging.WARNING, "f", 1, text, args, None, "f", extra or None)
    made.created = NOW.timestamp()
    return made


def raised(error: BaseException) -> BaseException:
    """As it comes out of a call: with a traceback and something that led to it."""
    try:
        try:
            raise ValueError("before")
        except ValueError as before:
            raise error from before
    except BaseException as caught:  # noqa: BLE001 -- any kind is asked for
        return caught


def written(made: logging.LogRecord) -> tuple[str, str]:
    return JsonLines("03", 7).format(made), PlainWords().format(made)


WAYS: tuple[Callable[[str], logging.LogRecord], ...] = (
    lambda text: record(text.replace("%", "")),
    lambda text: record("heard %s", text),
    lambda text: record("heard %r of %d", text, 5),
    lambda text: record("heard %(what)s", {"what": text}),
    lambda text: record("heard %s", [text, (text,)]),
    lambda text: record("heard %s", ValueError(text)),
    lambda text: record("heard %s", EnvironmentFault(text)),
    lambda text: record("heard", number=text, several=[text]),
    lambda text: record("heard %s", {"phone": text}),
    lambda text: record("does not fit %d", text),
    lambda text: record("heard %s", text, name="sqlalchemy.pool"),
)


@given(number=personal, before=around, after=around, way=st.sampled_from(WAYS))
@example(number="0596-2345678", before="ZZ2026", after="", way=WAYS[1])
@example(number="13812345678", before="+86", after="0", way=WAYS[0])
@example(number="13812345678", before="\x01", after="\n", way=WAYS[1])
def test_that_no_number_of_a_person_reaches_a_log(
    number: str, before: str, after: str, way: Callable[[str], logging.LogRecord]
) -> None:
    for line in written(way(before + number + after)):
        assert number not in line


@given(number=personal, around=around)
def test_that_no_number_of_a_person_reaches_a_log_by_an_exception(number: str, around: str) -> None:
    for error in (RuntimeError(around + number), EnvironmentFault(around + number), OSError(5, number, number)):
        made = record("failed")
        made.exc_info = (type(error), raised(error), None)
        group = record("failed")
        group.exc_info = (ExceptionGroup, raised(ExceptionGroup(number, [error])), None)
        for line in (*written(made), *written(group)):
            assert number not in line
            assert "test_logs.py" in line


@given(value=st.integers(min_value=13_000_000_000, max_value=19_999_999_999))
def test_that_a_number_given_as_a_number_is_masked_too(value: int) -> None:
    for line in written(record("heard %d", value, from_number=value)):
        assert str(value) not in line
        assert str(value)[:3] in line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("来电 13812341234", "来电 138****1234"),
        ("138 1234 1234", "138****1234"),
        ("138-1234-1234", "138****1234"),
        ("１３８１２３４１２３４", "138****1234"),
        ("(0596) 2345678", "(059****5678"),
        ("35060019900101123X", "350***********123X"),
        ("350600199001011234", "350***********1234"),
        ("2026-11-22 01:02:03 ZZ20261122-0001 8808", "2026-11-22 01:02:03 ZZ20261122-0001 8808"),
        ("31:38:31:32:33:34:35:36:37:38:39:30", "31:38:31:32:33:34:35:36:37:38:39:30"),
        ("192.168.100.200:8808", "192.168.100.200:8808"),
    ],
)
def test_that_masking_leaves_what_a_technician_needs(text: str, shown: str) -> None:
    assert masked(text) == shown


class Row:
    def __repr__(self) -> str:
        return "Incident(caller='林阿妹', narrative='楼下有人打架')"


@pytest.mark.parametrize(
    "made",
    [
        record("act %s", {"narrative": "楼下有人打架", "caller": "林阿妹"}),
        record("act %s of %s", Row(), [Row()]),
        record("act", incident=Row(), args_of={"caller": "林阿妹"}),
        record("bug: %s", KeyError("林阿妹")),
        record("bug: %s", ValueError("no row\nDETAIL: Failing row contains (lin amei, 楼下有人打架)")),
        record("Task exception ValueError('楼下有人打架')", name="asyncio"),
    ],
)
def test_that_no_name_and_no_story_reaches_a_log(made: logging.LogRecord) -> None:
    for line in written(made):
        for words in ("林阿妹", "打架", "lin amei"):
            assert words not in line


def test_that_our_own_sentences_stay_whole() -> None:
    made = record("line %s: %s", "A1", EnvironmentFault("数据库所在磁盘已满", "清出磁盘空间"), tries=3)
    line = json.loads(JsonLines("03", 7).format(made))
    assert line == {
        "time": "2026-11-22T01:02:03.000Z",
        "level": "WARNING",
        "logger": "console.services.line",
        "seat": "03",
        "pid": 7,
        "message": "line A1: EnvironmentFault: 数据库所在磁盘已满；清出磁盘空间",
        "tries": 3,
    }


def calls() -> Iterator[tuple[Path, int, str]]:
    """Every log call of the program, as one line of source."""
    for package in ("console", "widgets", "drivers"):
        for file in sorted((ROOT.parent / package).rglob("*.py")):
            for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
                if line.strip().startswith(("log.", "logger.")):
                    yield file, number, line


def test_that_no_log_call_names_what_people_said() -> None:
    found = list(calls())
    assert len(found) > 20
    for file, number, line in found:
        for word in (", args)", ".args,", "narrative", "caller", "phone", ".body"):
            assert word not in line, f"{file.name}:{number} logs {word}: {line.strip()}"


# -- files -----------------------------------------------------------------------------------------------------


def lines_of(folder: Path) -> list[dict[str, Any]]:
    rows = []
    for file in sorted(folder.glob("logs/*")):
        text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        rows += [json.loads(line) for line in text.decode().splitlines()]
    return rows


def test_that_a_command_leaves_lines_in_a_file_of_its_own(tmp_path: Path, expected_log: list[str]) -> None:
    expected_log.append("frame lost")
    with open_logs(tmp_path, "03", "run", system_clock, **LEVELS):
        logging.getLogger("console.x").info("begins")
        logging.getLogger("drivers.x").warning("frame lost", extra={"line": "A1"})
        logging.getLogger("console.x").debug("not kept")
    rows = lines_of(tmp_path)
    assert [row["message"] for row in rows] == ["begins", "frame lost"]
    assert rows[1]["line"] == "A1"
    (file,) = tmp_path.glob("logs/*")
    assert file.name == f"console110-03-run-{system_clock():%Y%m%d}-{os.getpid()}.jsonl"
    assert file.stat().st_mode & 0o007 == 0


def test_that_a_quick_question_leaves_no_file(tmp_path: Path) -> None:
    with open_logs(tmp_path, "03", "alarms", system_clock, **LEVELS):
        logging.getLogger("console.x").info("asked")
    assert not (tmp_path / "logs").exists()


def test_that_a_fault_of_our_own_is_a_sentence_and_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], expected_log: list[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("console.cli.asking.classify_lines", lambda *_: 1 / 0)
    expected_log.append("fault of our own")
    assert main(["classify"]) == 1
    (row,) = lines_of(tmp_path / "console110")
    assert row["error"].splitlines()[-1] == "ZeroDivisionError: division by zero"
    assert "程序内部错误" in capsys.readouterr().err


def test_that_a_thread_that_dies_says_so(tmp_path: Path, expected_log: list[str]) -> None:
    expected_log.append("bug in thread reader")
    with open_logs(tmp_path, "03", "run", system_clock, **LEVELS):
        thread = threading.Thread(target=lambda: 1 / 0, name="reader")
        thread.start()
        thread.join()
    assert lines_of(tmp_path)[0]["error"].endswith("ZeroDivisionError: division by zero")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Callable[..., LogFile]]:
    made: list[LogFile] = []

    def make(clock: ManualClock | None = None, most_bytes: int = 1000, folder: Path = tmp_path / "logs") -> LogFile:
        made.append(
            LogFile(folder, "console110-03-run", clock or ManualClock(NOW), most_bytes=most_bytes, keep_days=184)
        )
        return made[-1]

    yield make
    for log_file in made:
        log_file.close(2.0)


def until(done: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not done() and time.monotonic() < end:
        time.sleep(0.005)
    return done()


def test_that_a_full_file_is_left_for_a_new_one_and_nothing_is_lost(file: Any, tmp_path: Path) -> None:
    log_file = file()
    for number in range(100):
        log_file.put(json.dumps({"number": number}))
    log_file.close(2.0)
    names = sorted(path.name for path in tmp_path.glob("logs/*"))
    assert len(names) == 2
    assert names[0].endswith(".jsonl.gz") != names[1].endswith(".jsonl.gz")
    assert sorted(row["number"] for row in lines_of(tmp_path)) == list(range(100))


def test_that_a_new_day_begins_a_new_file(file: Any, tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    log_file = file(clock)
    log_file.put('"one"')
    assert until(lambda: any(path.stat().st_size for path in tmp_path.glob("logs/*")))
    clock.advance(86400.0)
    log_file.put('"two"')
    log_file.close(2.0)
    assert [path.name.split("-")[3] for path in sorted(tmp_path.glob("logs/*"))] == ["20261122", "20261123"]


def leave(folder: Path, name: str, age: timedelta) -> Path:
    folder.mkdir(exist_ok=True)
    left = folder / name
    left.write_text("{}\n")
    then = (NOW - age).timestamp()
    os.utime(left, (then, then))
    return left


@given(days=st.integers(0, 400))
def test_that_only_what_is_old_enough_goes(days: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("logs")
    age = timedelta(days=days, seconds=1)
    left = leave(folder, f"console110-03-run-20260101-{GONE_PID}.jsonl", age)
    tidy(folder, NOW, 184, mine=folder / "mine")
    kept = folder / f"{left.name}.gz"
    assert not left.exists()
    assert kept.exists() == (age < HALF_A_YEAR)
    if kept.exists():
        assert gzip.decompress(kept.read_bytes()) == b"{}\n"
        assert kept.stat().st_mtime == (NOW - age).timestamp()


def test_that_a_file_another_process_writes_is_left_alone(tmp_path: Path) -> None:
    alive = leave(tmp_path, f"console110-03-lines-20261122-{os.getppid()}.jsonl", timedelta(hours=1))
    foreign = leave(tmp_path, "notes.jsonl", timedelta(days=500))
    torn = leave(tmp_path, f"console110-03-run-20260101-{GONE_PID}.jsonl.{GONE_PID}.part", timedelta(days=3))
    tidy(tmp_path, NOW, 184, mine=tmp_path / "mine")
    assert alive.exists()
    assert foreign.exists()
    assert not torn.exists()


def test_that_the_half_year_cannot_be_set_shorter(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("log_days = 30\n")
    loaded = load_settings(file)
    assert loaded.settings.log_days >= HALF_A_YEAR.days
    assert "log_days" in loaded.warnings[0]


def test_that_a_disk_that_takes_nothing_stops_nobody_and_is_told(
    file: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_log: list[str]
) -> None:
    full = tmp_path / "full"
    full.mkdir()
    log_file = file(folder=full)
    log_file.put('"first"')
    assert until(lambda: any(path.stat().st_size for path in full.glob("*")))
    (today,) = full.glob("*")
    write = os.write

    def no_space(number: int, data: bytes) -> int:
        """As a disk that has room for half a line more."""
        if number > 2 and broken and Path(f"/proc/self/fd/{number}").readlink() == today:
            if len(data) == 1:
                raise OSError(28, "No space left on device")
            return write(number, data[: len(data) // 2])
        return write(number, data)

    broken = [True]
    monkeypatch.setattr("console.logs.files.AGAIN_AFTER_S", 0.01)
    monkeypatch.setattr(os, "write", no_space)
    began = time.monotonic()
    for number in range(10_100):
        log_file.put(f"{number:05}")
    assert time.monotonic() - began < 1.0
    assert until(lambda: "No space left" in log_file.trouble)
    expected_log.append("records could not be written")
    broken.clear()
    assert until(lambda: log_file.trouble == "")
    log_file.close(5.0)
    kept = [line for row in sorted(full.glob("*")) for line in _text(row).splitlines()]
    assert len(kept) >= 10_000
    assert all(line == '"first"' or len(line) == 5 for line in kept)
    assert len(set(kept)) == len(kept)


def _text(path: Path) -> str:
    return (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()


def test_that_logs_that_cannot_be_written_are_told_of(
    tmp_path: Path, expected_log: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs_setup, "DRAIN_S", 0.1)
    (tmp_path / "logs").write_text("no folder")
    expected_log += ["to nowhere", "closed"]
    with open_logs(tmp_path, "03", "run", system_clock, **LEVELS):
        logging.getLogger("console.x").error("to nowhere")
        assert until(lambda: str(tmp_path / "logs") in trouble())
        monkeypatch.setattr(sys.stderr, "write", _refuse)
        logging.getLogger("console.x").error("closed")
        monkeypatch.undo()
    assert trouble() == ""
    assert "to nowhere" in capsys.readouterr().err


def _refuse(_: str) -> int:
    raise OSError(32, "Broken pipe")
