"""python -m tests.endurance [CASE …] [--again]: the long runs at full length, one after another, resumable.

Each result is appended to out/endurance.jsonl the moment it is there; a case with a good result is not run
again unless asked for. At the end the table for the README is printed. Exit 1 if a case failed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from drivers.protocols import MODULES
from tests import long_runs
from tests.drivers.fuzzing import fuzz
from tests.e2e.process import Place, Wire
from tests.long_runs import Counts

RESULTS = Path("out") / "endurance.jsonl"
SCALE = 20
FUZZ_S = 600.0
SURVIVAL = "tests/e2e/test_survival.py::test_that_"
JOURNAL = "tests/persistence/test_kill.py::test_that_"

Case = Callable[[Path], Counts]


def suite(test: str, count: int, folder: Path) -> Counts:
    """A test of the suite that scales itself, at full length."""
    environment = {**os.environ, "ENDURANCE_SCALE": str(SCALE)}
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", f"--basetemp={folder / 'pytest'}", test]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, "\n".join(done.stdout.splitlines()[-20:])
    return {"kills": count, "lost": 0, "doubled": 0}


def on_wire(run: Callable[[Place, Wire, int], Counts], count: int, folder: Path) -> Counts:
    """A run that needs a folder and a pseudo-terminal."""
    with closing(Wire(folder / "line")) as wire:
        return run(Place(folder), wire, count)


def fuzzed(protocol: str, seconds: float, _folder: Path) -> Counts:
    """A codec that is fed spoilt frames of its protocol."""
    return fuzz(protocol, seconds)


CASES: dict[str, tuple[str, Case]] = {
    "kill-after-ack": (
        "kill −9 right after an ACK, 200 times: all there, none twice",
        partial(suite, f"{SURVIVAL}what_was_acknowledged_survives_kill_9", 200),
    ),
    "kill-before-ack": (
        "kill −9 around the commit, the receiver repeats, 100 times: one press each",
        partial(suite, f"{SURVIVAL}a_frame_repeated_after_kill_9_is_one_press", 100),
    ),
    "kill-journal": (
        "kill −9 at any moment of three busy lines, 200 times",
        partial(suite, f"{JOURNAL}nothing_acknowledged_is_lost_and_nothing_is_there_twice", 200),
    ),
    "flood-one": ("200 signals/s on one line for 60 s", partial(long_runs.flood, seconds=60, lines=1)),
    "flood-eight": ("200 signals/s over eight lines for 5 minutes", partial(long_runs.flood, seconds=300, lines=8)),
    "unload-killed": ("kill −9 while the spool is unloaded, 50 times", partial(on_wire, long_runs.unload_killed, 50)),
    "unplugged": ("pseudo-terminal pulled and put back, 50 times", partial(on_wire, long_runs.unplugged, 50)),
    "soak": ("24 hours of the demo in the window, 144 times faster", partial(long_runs.soak, hours=24, speed=144)),
    "shift": (
        "three desks, one line host, one PostgreSQL through every fault and every kill, 12 times",
        partial(long_runs.shift, rounds=12),
    ),
    "seats": (
        "10 desks and 2 line hosts on one PostgreSQL, 20 acts/s, 30 minutes",
        partial(long_runs.seats, desks=10, seconds=1800),
    ),
    **{
        f"fuzz-{protocol}": (
            f"the {protocol} codec among its own vectors spoilt, 10 minutes",
            partial(fuzzed, protocol, FUZZ_S),
        )
        for protocol in MODULES
    },
    "rebuilt": (
        "100 000 incidents filled, verified, rebuilt from the journal",
        partial(long_runs.rebuilt, incidents=100_000),
    ),
}


def results() -> dict[str, dict[str, object]]:
    """The last result of each case."""
    if not RESULTS.exists():
        return {}
    rows = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    return {row["case"]: row for row in rows}


def run(name: str) -> bool:
    """Run one case and keep its result."""
    about, case = CASES[name]
    print(f"{name}: {about} …", file=sys.stderr, flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="endurance-", dir="/var/tmp" if Path("/var/tmp").is_dir() else None) as at:
        try:
            row: dict[str, object] = {"case": name, "passed": True, **case(Path(at))}
        except (AssertionError, subprocess.TimeoutExpired) as failure:
            row = {"case": name, "passed": False, "why": str(failure)[:2000]}
    row |= {"seconds": round(time.monotonic() - began, 1), "load": round(os.getloadavg()[0], 1)}
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{name}: {'passed' if row['passed'] else row['why']}", file=sys.stderr, flush=True)
    return bool(row["passed"])


def table() -> str:
    """The last results, for the README."""
    lines = ["| Run | Result | Counted | Seconds |", "| --- | --- | --- | --- |"]
    known = results()
    for name, (about, _) in CASES.items():
        row = known.get(name)
        if row is None:
            lines.append(f"| {about} | not run | | |")
            continue
        counted = ", ".join(
            f"{key} {value}" for key, value in row.items() if key not in ("case", "passed", "seconds", "why")
        )
        lines.append(f"| {about} | {'passed' if row['passed'] else 'FAILED'} | {counted} | {row['seconds']} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description="the long runs, resumable")
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], help="only these")
    parser.add_argument("--again", action="store_true", help="run cases that have a good result, too")
    options = parser.parse_args()
    known = results()
    chosen = options.cases or list(CASES)
    good = [run(name) for name in chosen if options.again or not known.get(name, {}).get("passed")]
    print(table())
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
