"""Numbers people say: `ZZyyyymmdd-NNNN` of an incident, `ZZyyyymmdd-L03-07` while the journal is away.

The day is the desk's own, Asia/Shanghai: UTC+8 the whole year since 1991, so no time zone data are needed.
"""

from datetime import datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))


def local_day(at: datetime) -> str:
    """The calendar day at the desk, yyyymmdd."""
    return f"{at.astimezone(SHANGHAI):%Y%m%d}"


def day_counter(at: datetime) -> str:
    """The name of the counter from which that day's incidents get their numbers."""
    return f"incident {local_day(at)}"


def incident_number(prefix: str, at: datetime, n: int) -> str:
    """The n-th incident of the day; four digits, more when they do not suffice."""
    return f"{prefix}{local_day(at)}-{n:04d}"


def local_number(prefix: str, at: datetime, seat: str, n: int) -> str:
    """The n-th incident this seat opened by itself that day."""
    return f"{prefix}{local_day(at)}-L{seat}-{n:02d}"
