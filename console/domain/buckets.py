"""Buckets 分档: the classes in which a police bulletin reports how fast units sign, set out and report back.

Source: weekly bulletin of a city bureau (domain.md B1, "measuring"): sign speed, 出警 speed (setting out, not arrival),
feedback. Used wherever a stage's time is shown, so that the desk reads the figure it is measured by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from console.domain.assignment import Assignment

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Bucket:
    """`upto_s` is the last second that still counts, None = everything beyond; `place` counts from 1, the fastest."""

    place: int
    upto_s: int | None
    label: str


def _table(*rows: tuple[int | None, str]) -> tuple[Bucket, ...]:
    return tuple(Bucket(place, upto, label) for place, (upto, label) in enumerate(rows, 1))


BUCKETS: Mapping[str, tuple[Bucket, ...]] = {
    "sign": _table(
        (30, "0–30秒"), (60, "30–60秒"), (2 * MINUTE, "60–120秒"), (3 * MINUTE, "120–180秒"), (None, ">180秒")
    ),
    "depart": _table(
        (5 * MINUTE, "0–5分"),
        (10 * MINUTE, "5–10分"),
        (15 * MINUTE, "10–15分"),
        (30 * MINUTE, "15–30分"),
        (None, ">30分"),
    ),
    "feedback": _table(
        (30 * MINUTE, "0–30分"),
        (HOUR, "30–60分"),
        (2 * HOUR, "1–2时"),
        (4 * HOUR, "2–4时"),
        (None, ">4时"),
    ),
}
"""Stage -> its classes, the fastest first."""

STAMPS: Mapping[str, str] = {"sign": "t_sign", "depart": "t_depart", "feedback": "t_feedback"}
"""The stamp that ends each stage; all are measured from the order (t_dispatch)."""


def bucket(stage: str, seconds: float) -> Bucket | None:
    """The class of a time; None for a stage that is not reported so. A time on the edge belongs to the faster one."""
    rows = BUCKETS.get(stage, ())
    return next((row for row in rows if row.upto_s is None or seconds <= row.upto_s), None)


def bucket_between(stage: str, since: datetime | None, until: datetime | None) -> Bucket | None:
    """The class of the time between two stamps; None while one of them is missing."""
    if since is None or until is None:
        return None
    return bucket(stage, (until - since).total_seconds())


def order_buckets(order: Assignment) -> dict[str, Bucket]:
    """The classes of the stages an order has behind it, in their order."""
    found = {stage: bucket_between(stage, order.t_dispatch, getattr(order, stamp)) for stage, stamp in STAMPS.items()}
    return {stage: row for stage, row in found.items() if row is not None}
