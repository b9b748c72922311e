"""The classes of the bulletin: every edge belongs to the faster one, and nothing falls between two."""

from datetime import UTC, datetime, timedelta

import pytest

from console.domain.assignment import Assignment
from console.domain.buckets import BUCKETS, bucket, order_buckets

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stage", "seconds", "label"),
    [
        *(("sign", s, t) for s, t in ((0, "0–30秒"), (30, "0–30秒"), (30.001, "30–60秒"), (60, "30–60秒"))),
        *(("sign", s, t) for s, t in ((61, "60–120秒"), (120, "60–120秒"), (180, "120–180秒"), (181, ">180秒"))),
        *(("depart", m * 60, t) for m, t in ((5, "0–5分"), (5.1, "5–10分"), (10, "5–10分"), (15, "10–15分"))),
        *(("depart", m * 60, t) for m, t in ((16, "15–30分"), (30, "15–30分"), (31, ">30分"))),
        *(("feedback", m * 60, t) for m, t in ((30, "0–30分"), (31, "30–60分"), (60, "30–60分"), (61, "1–2时"))),
        *(("feedback", m * 60, t) for m, t in ((120, "1–2时"), (121, "2–4时"), (240, "2–4时"), (241, ">4时"))),
    ],
)
def test_that_a_time_falls_into_the_class_of_the_bulletin(stage: str, seconds: float, label: str) -> None:
    found = bucket(stage, seconds)
    assert found is not None
    assert found.label == label


@pytest.mark.parametrize("stage", BUCKETS)
def test_that_the_classes_of_a_stage_rise_and_end_open(stage: str) -> None:
    edges = [row.upto_s for row in BUCKETS[stage]]
    assert edges[-1] is None
    closed = [edge for edge in edges if edge is not None]
    assert closed == sorted(set(closed))
    assert [row.place for row in BUCKETS[stage]] == [1, 2, 3, 4, 5]


def test_that_a_stage_which_is_not_reported_has_no_class() -> None:
    assert bucket("arrive", 10) is None


def test_that_an_order_has_the_classes_of_the_stages_behind_it() -> None:
    order = Assignment(id="a/1", incident="a", unit="巡05", t_dispatch=NOW, t_sign=NOW + timedelta(seconds=42))
    assert {stage: row.label for stage, row in order_buckets(order).items()} == {"sign": "30–60秒"}
