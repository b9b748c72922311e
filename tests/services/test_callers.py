"""A number's calls are counted exactly and only for 30 days."""

from dataclasses import dataclass
from datetime import timedelta

from console.domain.clock import ManualClock
from console.domain.incident import Incident
from console.services.callers import calls_from
from tests.support import EVENING

PHONE = "13800006621"


@dataclass(frozen=True)
class Found:
    incident: Incident


def call(days: float, phone: str = PHONE) -> Found:
    return Found(Incident(number=f"ZZ-{days}", phone=phone, created_at=EVENING - timedelta(days=days)))


def test_that_only_this_number_and_only_30_days_count() -> None:
    found = [call(0), call(29.9), call(30.1), call(1, f"{PHONE}9"), call(2, "")]
    assert calls_from(lambda text, limit: found, ManualClock(EVENING), PHONE) == 2


def test_that_an_unknown_number_asks_nobody() -> None:
    def search(text: str, limit: int) -> list[Found]:
        raise AssertionError(text)

    assert calls_from(search, ManualClock(EVENING), "") == 0
