"""A modem that knows nothing of ours at `python -m console lines`: texts in and out, a call, a reset, a hang."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.domain.account import DESK_ROLES
from console.domain.clock import system_clock
from console.domain.ledger import Act
from console.persistence.journal import Journal
from console.persistence.queries import Queries
from console.services.acts import ACTS
from tests.e2e.process import Lines, Place, running, wait_until

SCRIPT = Path(__file__).with_name("at_modem_script.py")
LONG = "我在幸福小学东门，有人拿刀追学生，不能打电话，请快来。" * 6
"""Three messages."""


class Modem:
    """The script as a process; `told` is what it printed."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(link)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        self.told: list[dict[str, Any]] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self.told.extend(json.loads(line) for line in iter(self.process.stdout.readline, ""))

    def order(self, **words: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()

    def count(self, command: str) -> int:
        """How often it was told this."""
        return sum(row.get("said") == command for row in tuple(self.told))

    def deleted(self) -> int:
        return sum("deleted" in row for row in tuple(self.told))

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self._listener.join(5)
        self.process.stdout.close()


@pytest.fixture
def modem(tmp_path: Path) -> Iterator[Modem]:
    made = Modem(tmp_path / "modem")
    yield made
    made.close()


@pytest.fixture
def lines(place: Place, modem: Modem) -> Iterator[Lines]:
    with running(place, f"M1=at-modem:{modem.link}") as process:
        assert wait_until(lambda: modem.count("AT+CMGL=4") == 1, 20)
        yield process


def bodies(place: Place, name: str) -> list[dict[str, Any]]:
    """The facts of this name, read where they stand: a command for each look would take most of the time."""
    queries = Queries(place.url)
    try:
        rows = [row for row in queries.journal_rows() if row.name == name]
    finally:
        queries.close()
    return [{"incident": row.incident, **json.loads(row.body)} for row in rows]


def eventually(place: Place, name: str, count: int) -> list[dict[str, Any]]:
    """The acts of so many facts, once they are there."""
    assert wait_until(lambda: len(bodies(place, name)) >= count, 20), bodies(place, name)
    return [{"act": body.get("act")} for body in bodies(place, name)]


def test_that_a_long_text_becomes_one_incident_a_call_a_fact_and_a_queued_text_is_sent_once(
    place: Place, modem: Modem, lines: Lines
) -> None:
    modem.order(text=LONG, **{"from": "+8613912345678"})
    assert wait_until(lambda: modem.deleted() == 3, 20)
    modem.order(text="在二楼", **{"from": "+8613912345678"})
    modem.order(ring="13700001111", times=3)
    queue(place, number="13811112222", text="防区003 收到 3/10")
    assert eventually(place, "MessageMoved", 2) == [{"act": "send"}, {"act": "deliver"}]
    modem.order(**{"no carrier": True})
    eventually(place, "CallEnded", 1)
    assert modem.deleted() == 4
    assert [row for row in modem.told if "sms" in row] == [{"sms": "防区003 收到 3/10", "to": "13811112222"}]
    assert lines.terminate() == 0
    (incident,) = place.rows("incidents", "--open")
    assert (incident["state"], incident["priority"]) == ("NEW", 1)
    (opened,) = bodies(place, "IncidentOpened")
    assert (opened["record"]["source"], opened["record"]["narrative"]) == ("sms", LONG)
    (note,) = bodies(place, "NoteAdded")
    assert (note["incident"], note["text"]) == (incident["number"], "短信补充：在二楼")
    (call,) = bodies(place, "CallRang")
    assert call["call"]["line"] == "M1"


def test_that_nothing_is_lost_before_the_start_in_a_reset_and_while_the_modem_hangs(place: Place, modem: Modem) -> None:
    modem.order(text="之前", **{"from": "13711112222"})
    with running(place, f"M1=at-modem:{modem.link}") as process:
        assert wait_until(lambda: modem.deleted() == 1, 20)
        modem.order(text=LONG, **{"from": "13912345678"})
        modem.order(reset=True)
        assert wait_until(lambda: modem.deleted() == 4, 20)
        modem.order(hang=True)
        modem.order(text="第二条", **{"from": "13700001111"})
        queue(place, number="13811112222", text="收到")
        assert wait_until(lambda: any("unheard" in row for row in tuple(modem.told)), 20)
        modem.order(hang=False)
        # What was not answered is asked again after five seconds.
        assert wait_until(lambda: modem.deleted() == 5, 30)
        assert wait_until(lambda: any("sms" in row for row in tuple(modem.told)), 30)
        assert process.terminate() == 0
    opened = [body["record"]["narrative"] for body in bodies(place, "IncidentOpened")]
    assert opened == ["之前", LONG, "第二条"]
    assert [row for row in modem.told if "sms" in row] == [{"sms": "收到", "to": "13811112222"}]


def queue(place: Place, **args: Any) -> None:
    """A desk elsewhere in the house queues a text; the process with the modem sends it."""
    journal = Journal.open(place.url, ACTS, system_clock)
    act = Act(name="outbox.queue", args=args, actor="031", seat="03", roles=DESK_ROLES, at=system_clock())
    try:
        asyncio.run(journal.commit(act))
    finally:
        journal.close()
