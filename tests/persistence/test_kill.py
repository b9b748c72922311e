"""kill -9 at any moment: whatever was acknowledged is in the journal, and nothing is there twice."""

import os
import random
import subprocess
import sys
from collections import Counter

import pytest

from console.persistence import store
from console.persistence.queries import Queries

KILLS = round(10 * float(os.environ.get("ENDURANCE_SCALE", "1")))

DESK = """
import asyncio, sys
from console.domain.clock import system_clock
from console.persistence.journal import Journal
from tests.persistence.acts import ACTS, act

async def line(journal, name):
    for n in range(10_000):
        # The first act of a life repeats the last one of the life before, as a spool does.
        await journal.commit(act("receive", act_id=f"{name}-{first + n}", ingest_id=f"{name}-{first + n}"))
        print(f"{name}-{first + n}", flush=True)

async def desk():
    journal = Journal.open(sys.argv[1], ACTS, system_clock)
    await asyncio.gather(*(line(journal, name) for name in ("A1", "A2", "B1")))

first = int(sys.argv[2])
asyncio.run(desk())
"""


def live_and_die(url: str, first: int, after: int) -> list[str]:
    """One life of a desk: killed after so many acknowledgements; everything it acknowledged."""
    desk = subprocess.Popen([sys.executable, "-c", DESK, url, str(first)], stdout=subprocess.PIPE, text=True)
    assert desk.stdout is not None
    acknowledged = [desk.stdout.readline().strip() for _ in range(after)]
    desk.kill()
    acknowledged += [line.strip() for line in desk.stdout if line.endswith("\n")]
    desk.wait()
    desk.stdout.close()
    return acknowledged


@pytest.mark.endurance
@pytest.mark.timeout(60 + 5 * KILLS)
def test_that_nothing_acknowledged_is_lost_and_nothing_is_there_twice(url: str) -> None:
    rng = random.Random(110)
    acknowledged: set[str] = set()
    first = 0
    for _ in range(KILLS):
        life = live_and_die(url, first, after=rng.randrange(1, 60))
        acknowledged.update(life)
        first = max(int(name.split("-")[1]) for name in life)
    queries = Queries(url)
    stored = Counter(row.signal.ingest_id for row in queries.signals())
    facts = Counter(row.act_id for row in queries.journal_rows() if row.name == "SignalReceived")
    queries.close()
    assert acknowledged <= set(stored)
    assert facts == stored
    assert set(facts.values()) == {1}
    assert store.check(url) == []
