"""Flood: more than ten new signals in ten minutes group the technical events by site, and never an alarm."""

from datetime import timedelta

from console.domain.alarm import Alarm
from console.domain.flood import OVER, WITHIN, is_flood, lane, new_signals
from console.domain.trouble import Trouble, TroubleKind, TroubleState
from tests.support import EVENING


def trouble(key: str, site: str = "S1", ago: float = 60, **more: object) -> Trouble:
    at = EVENING - timedelta(seconds=ago)
    row = {"id": key, "kind": TroubleKind.AC_LOSS, "site": site, "opened_at": at, "last_at": at, **more}
    return Trouble(**row)  # type: ignore[arg-type]


def alarm(key: str, ago: float = 60) -> Alarm:
    return Alarm(id=key, kind="panic", received_at=EVENING - timedelta(seconds=ago))


def test_that_eleven_in_ten_minutes_are_a_flood_and_ten_are_none() -> None:
    troubles = [trouble(f"t{n}") for n in range(6)]
    alarms = [alarm(f"a{n}") for n in range(4)]
    assert new_signals(alarms, troubles, EVENING) == OVER == 10
    assert not is_flood(10)
    assert is_flood(new_signals([*alarms, alarm("a4")], troubles, EVENING))


def test_that_what_came_before_does_not_count() -> None:
    old = WITHIN.total_seconds()
    assert new_signals([alarm("a", ago=old)], [trouble("t", ago=old + 1)], EVENING) == 0
    assert new_signals([alarm("a", ago=old - 1)], [trouble("t", ago=0)], EVENING) == 2


def test_that_in_a_flood_each_site_is_one_row() -> None:
    rows = [
        trouble("t1", "S1", ago=90, count=3),
        trouble("t2", "S1", ago=30, kind=TroubleKind.TAMPER),
        trouble("t3", "S2"),
        trouble("t4", "", line="A1"),
        trouble("t5", "", line="A1", account="7037"),
    ]
    alone = lane(rows, grouped=False)
    assert [row.key for row in alone] == ["t1", "t3", "t4", "t5", "t2"]
    grouped = {row.key: row for row in lane(rows, grouped=True)}
    assert {key: len(row.troubles) for key, row in grouped.items()} == {"S1": 2, "S2": 1, "A1 ": 1, "A1 7037": 1}
    assert (grouped["S1"].count, grouped["S1"].since) == (4, rows[0].opened_at)


def test_that_what_wants_somebody_stands_first_and_what_is_closed_nowhere() -> None:
    rows = [
        trouble("t1", "S1", state=TroubleState.SHELVED, ago=900),
        trouble("t2", "S2", state=TroubleState.RESTORED, ago=800),
        trouble("t3", "S3", ago=10),
        trouble("t4", "S4", state=TroubleState.CLOSED),
        trouble("t5", "S1", ago=5),
    ]
    assert [row.key for row in lane(rows, grouped=False)] == ["t3", "t5", "t2", "t1"]
    first = lane(rows, grouped=True)[0]
    assert (first.key, first.state) == ("S1", TroubleState.OPEN), "one open one makes its site's row open"
