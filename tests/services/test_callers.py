"""A number's calls are counted for 30 days."""

from datetime import datetime, timedelta

from console.domain.clock import ManualClock
from console.services.callers import calls_from
from tests.support import EVENING

PHONE = "13800006621"


def test_that_30_days_count() -> None:
    asked: list[tuple[str, datetime]] = []

    def count(phone: str, since: datetime) -> int:
        asked.append((phone, since))
        return 3

    assert calls_from(count, ManualClock(EVENING), PHONE) == 3
    assert asked == [(PHONE, EVENING - timedelta(days=30))]


def test_that_an_unknown_number_asks_nobody() -> None:
    def count(phone: str, since: datetime) -> int:
        raise AssertionError(phone)

    assert calls_from(count, ManualClock(EVENING), "") == 0
