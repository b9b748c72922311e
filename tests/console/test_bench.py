"""The bench: figures stand beside their baselines, targets are judged, a job that cannot run says why."""

import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from console.bench import codecs, command, jobs, lines, start
from console.bench.figure import FIELDS, Figure, p50, p99, quantile, table
from console.bench.floor import measure_floor
from console.bench.reception import count_stored
from console.bench.sender import ROUND, Plan, Sender
from drivers.protocols import MODULES, codec_for


def figure(**more: object) -> Figure:
    base = {"name": "a", "value": 3.0, "unit": "ms", "n": 5, "baseline": "floor", "baseline_value": 1.5}
    return Figure(**{**base, **more})  # type: ignore[arg-type]


def test_that_quantiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    assert (p50(values), p99(values), quantile(values, 1.0)) == (50, 99, 100)
    assert p99([7.0]) == 7
    with pytest.raises(ValueError):
        p50([])


def test_that_a_figure_tells_all_fields_of_the_contract_and_its_ratio() -> None:
    told = figure(at_most=4).to_json()
    assert set(FIELDS) <= set(told)
    assert (told["ratio"], told["target"], told["met"]) == (2, "≤ 4", True)


@pytest.mark.parametrize(
    ("limits", "met"),
    [
        ({"at_most": 2.9}, False),
        ({"at_most": 0}, False),
        ({"at_least": 3}, True),
        ({"at_least": 3.1}, False),
        ({}, None),
    ],
)
def test_that_a_target_is_judged(limits: dict[str, float], met: bool | None) -> None:
    assert figure(**limits).met is met


def test_that_none_of_something_meets_a_target_of_none() -> None:
    assert figure(value=0, at_most=0, baseline_value=0).met is True
    assert figure(value=0, baseline_value=0).ratio is None


def test_that_the_table_has_a_line_for_each_figure() -> None:
    drawn = table([figure(at_most=4).to_json(), figure(name="b", at_least=9).to_json()]).splitlines()
    assert len(drawn) == 4
    assert "≤ 4 ✓" in drawn[2]
    assert "≥ 9 ✗" in drawn[3]
    assert len({line.count("|") for line in drawn}) == 1


@pytest.mark.parametrize("fresh", [True, False])
def test_that_every_frame_of_a_plan_is_a_signal_of_its_own(fresh: bool) -> None:
    plan = Plan(count=3 * ROUND, rate=1, fresh=fresh)
    frames = [plan.frame(n) for n in range(plan.count)]
    assert len(set(frames)) == plan.count
    assert {report.type for report in codec_for("surgard").feed(b"".join(frames))} == {"signal"}


def test_that_the_bare_floor_stores_before_it_answers(tmp_path: Path) -> None:
    floor = measure_floor(tmp_path, Plan(count=20, rate=200))
    assert len(floor.ack_ms) == len(floor.stored_ms) == 20
    assert all(stored <= ack for stored, ack in zip(floor.stored_ms, floor.ack_ms, strict=True))


def test_that_a_sender_has_a_pseudo_terminal_for_each_line_and_ends_with_its_context() -> None:
    with Sender(Plan(count=0, rate=1, lines=3)) as sender:
        paths = [spec.partition(":")[2] for spec in sender.specs]
        assert len({*paths}) == 3
        assert all(Path(path).is_char_device() for path in paths)
        assert sender.send() == []
    assert not any(Path(path).exists() for path in paths)


def test_that_a_flood_counts_what_stands_in_the_database(tmp_path: Path) -> None:
    told = {row.name: row for row in lines.flood(tmp_path, 0.5, 8)}
    stored = count_stored(f"sqlite:///{tmp_path / 'desk.db'}")
    assert sum(stored.values()) == told["lines.eight.lost"].n == 100
    assert told["lines.eight.lost"].value == told["lines.eight.doubled"].value == 0


def test_that_jobs_on_the_filled_database_come_after_the_filling() -> None:
    assert jobs.jobs_of(["alarm"]) == ["alarm", "window"]
    assert jobs.jobs_of(["queue"]) == [jobs.FILLING, "queue", "start"]
    assert jobs.jobs_of(list(jobs.PARTS))[0] == jobs.FILLING
    assert {job for found in jobs.PARTS.values() for job in found} >= jobs.ON_FILLED


def run_bench(capsys: pytest.CaptureFixture[str], which: str, *, as_json: bool) -> tuple[int, str, str]:
    code = command.run(Namespace(which=which, json=as_json, incidents=0))
    return code, *capsys.readouterr()


def test_that_each_job_runs_in_a_process_of_its_own_and_prints_json_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(jobs.PARTS, "lines", ("codec",))
    code, out, err = run_bench(capsys, "lines", as_json=True)
    (row,) = map(json.loads, out.splitlines())
    assert (code, err) == (0, "")
    assert (row["name"], row["unit"], row["baseline"]) == ("codec", "frames/s", "bytes.split on DC4")
    assert row["value"] > 1000


def test_that_a_job_that_cannot_run_says_why_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(jobs.PARTS, "lines", ("no_such_job", "codec"))
    code, out, err = run_bench(capsys, "lines", as_json=False)
    assert code == 1
    assert "no_such_job：未测成：" in err
    assert "Traceback" not in err
    assert "| codec |" in out


def test_that_what_needs_the_filling_is_not_measured_without_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "FILLING", "no_filling")
    monkeypatch.setattr(jobs, "FILLING", "no_filling")
    monkeypatch.setitem(jobs.PARTS, "queue", ("start",))
    code, out, err = run_bench(capsys, "queue", as_json=True)
    assert (code, out) == (1, "")
    assert "start：数据没有填成，未测" in err


def test_that_a_search_is_measured_on_both_databases_over_as_many_incidents_as_asked(tmp_path: Path) -> None:
    rows = list(jobs.figures("search", tmp_path, 300))
    assert [row.name for row in rows] == ["search.sqlite", "search.postgresql"]
    assert all("over 300 incidents" in row.note and row.n > 30 for row in rows)


def test_that_the_route_part_says_when_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run_bench(capsys, "route", as_json=True)
    assert (code, out) == (2, "")
    assert err.startswith("route：")


def test_that_an_empty_window_is_timed_from_its_start() -> None:
    with start.started("console.bench.blank") as program:
        assert 0.05 < program.ready_s < 30
        assert program.process.is_running()
    assert not program.process.is_running()


def test_that_a_program_without_a_window_is_told() -> None:
    with pytest.raises(RuntimeError, match="before its window"), start.started("console.bench.no_such"):
        pass


def test_that_the_module_runs_one_job(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console.bench", "codec", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert json.loads(done.stdout)["name"] == "codec"


def test_that_every_protocol_is_read_beside_another_reader_where_one_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(codecs, "FRAMES", 20)
    monkeypatch.setattr(codecs, "ROUNDS", 1)
    told = list(codecs.measure(tmp_path))
    assert {row.name for row in told} == {f"codec.{protocol}" for protocol in MODULES}
    others = {name for sample in codecs.SAMPLES.values() for name in sample.others}
    assert others == {"pysiaalarm", "siadc09", "smspdudecoder", "pynmea2", "pymodbus"}
    assert {row.baseline for row in told} == {"bytes.split", *others}


def test_that_a_reader_that_is_not_installed_is_left_out_with_a_word(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(codecs, "FRAMES", 5)
    monkeypatch.setattr(codecs, "MODULES", ("nmea",))
    monkeypatch.setitem(sys.modules, "pynmea2", None)
    (row,) = codecs.measure(tmp_path)
    assert (row.baseline, row.note, row.met) == ("bytes.split", "pynmea2 未安装", None)


@pytest.mark.parametrize("protocol", MODULES)
def test_that_the_frame_of_each_protocol_is_read_as_often_as_it_comes(protocol: str) -> None:
    told = codecs.read(protocol, codecs.SAMPLES[protocol], 6)
    assert told == {"galaxy": 12, "at-modem": 1, "hid-button": 1}.get(protocol, 6)
