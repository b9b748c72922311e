"""The bench of many seats: every act is seen on every other desk, and each figure stands beside the bare relay."""

import json

import pytest

from console.bench import jobs, seats
from console.bench.postgres import Cluster
from console.bench.relay import measure_relay
from console.bench.seats import Done, Run
from tests.cluster import cluster

__all__ = ["cluster"]


def test_that_a_change_counts_as_seen_when_the_last_of_the_others_has_it() -> None:
    act = Done(desk=0, began=10.0, shown={7: 10.010, 8: 10.012})
    lost = Done(desk=1, began=11.0, shown={9: 11.001})
    run = Run(done=[act, lost], seen=[{7: 10.01, 8: 10.012}, {7: 10.02, 8: 10.03}, {7: 10.02, 8: 10.05, 9: 11.1}])
    assert [round(ms) for ms in run.others_ms] == [50]
    assert [round(ms) for ms in run.own_ms] == [12, 1]
    assert run.unseen == 1, "the first desk never saw what the second one did"


def test_that_the_bare_relay_hears_every_insert(cluster: Cluster) -> None:
    relay = measure_relay(cluster, count=20)
    assert len(relay.ms) == 20
    assert min(relay.ms) > 0


def test_that_the_figures_are_told_with_targets_and_baselines(capsys: pytest.CaptureFixture[str]) -> None:
    assert seats.main(["--desks", "2", "--seconds", "2"]) == 0
    rows = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert set(rows) == {f"seats.{name}" for name in ("seen", "own", "ack", "ack_p99", "server", "desk")}
    assert rows["seats.seen"]["target"] == "≤ 300"
    assert rows["seats.seen"]["p99"] >= rows["seats.seen"]["p50"] > 0
    assert rows["seats.seen"]["baseline_value"] > 0
    assert jobs.jobs_of(["seats"]) == ["seats", "seats_windows"]
