"""Reading a time to come that a person types: 30分, 2小时, 14:30, 明日9:00, 11月25日9:00."""

import re
from datetime import datetime, timedelta

from console.commands import words
from console.domain.errors import UserError
from console.persistence.numbers import SHANGHAI

EXAMPLES = ("30分", "1小时", "2小时", "明日8:00")
"""What completion offers."""

_SPAN = re.compile(r"(?:(\d{1,3})(?:小时|时|h))?(?:(\d{1,4})(?:分钟|分|min))?")
_CLOCK = re.compile(r"(?:(明日|明天|tomorrow)|(\d{1,2})月(\d{1,2})日)?(\d{1,2})[:：时](\d{2})分?")


def coming(text: str, now: datetime) -> datetime:
    """The moment that is meant, aware UTC; a clock time alone is its next one. UserError if it is no such time."""
    word = text.translate(words.NARROW)
    clock, span = _CLOCK.fullmatch(word), _SPAN.fullmatch(word)
    if clock is not None:
        return _at_clock(clock, now, text)
    if word and span is not None:
        hours, minutes = (int(part or 0) for part in span.groups())
        return now + timedelta(hours=hours, minutes=minutes)
    raise UserError(f"看不懂时间：{text or '（空）'}；写作 30分、2小时、14:30、明日9:00 或 11月25日9:00")


def is_time(text: str) -> bool:
    """Whether a word is written like a time."""
    word = text.translate(words.NARROW)
    return bool(word) and (_CLOCK.fullmatch(word) or _SPAN.fullmatch(word)) is not None


def _at_clock(found: re.Match[str], now: datetime, text: str) -> datetime:
    tomorrow, month, day, hour, minute = found.groups()
    here = now.astimezone(SHANGHAI)
    try:
        at = here.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        if month:
            at = at.replace(month=int(month), day=int(day))
            return (at if at > here else at.replace(year=at.year + 1)).astimezone(now.tzinfo)
    except ValueError:
        raise UserError(f"没有这样的时间：{text}") from None
    if tomorrow or at <= here:
        at += timedelta(days=1)
    return at.astimezone(now.tzinfo)
