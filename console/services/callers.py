"""Callers: how often a telephone number has called within 30 days, today's call included."""

from collections.abc import Callable
from datetime import datetime, timedelta

from console.domain.clock import Clock

WITHIN = timedelta(days=30)

CountCalls = Callable[[str, datetime], int]
"""(number, since) -> how many incidents it opened since then (`persistence.queries.Queries.count_calls`)."""


def calls_from(count_calls: CountCalls, clock: Clock, phone: str) -> int:
    """Calls of exactly this number within 30 days; 0 for no number. Blocks."""
    return count_calls(phone, clock() - WITHIN) if phone else 0
