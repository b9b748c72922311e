"""How times, numbers and names are written on the screen. The only place that knows local time.

China keeps one time, UTC+8 without summer time; inside the program all times are UTC.
"""

from datetime import datetime, timedelta, timezone

from PySide6.QtCore import QCoreApplication

from console.commands import Command

LOCAL = timezone(timedelta(hours=8))
"""Beijing time."""


def local(at: datetime) -> datetime:
    return at.astimezone(LOCAL)


def clock_text(at: datetime) -> str:
    """14:32:07"""
    return local(at).strftime("%H:%M:%S")


def minute_text(at: datetime) -> str:
    """14:32"""
    return local(at).strftime("%H:%M")


def stamp_text(at: datetime) -> str:
    """14:32:07.123, for what must be exact."""
    return f"{clock_text(at)}.{at.microsecond // 1000:03}"


def date_text(at: datetime) -> str:
    """2026-11-21"""
    return local(at).strftime("%Y-%m-%d")


def day_text(at: datetime) -> str:
    """11月21日 周六"""
    day = local(at)
    weekdays = (
        QCoreApplication.translate("text", "周一"),
        QCoreApplication.translate("text", "周二"),
        QCoreApplication.translate("text", "周三"),
        QCoreApplication.translate("text", "周四"),
        QCoreApplication.translate("text", "周五"),
        QCoreApplication.translate("text", "周六"),
        QCoreApplication.translate("text", "周日"),
    )
    pattern = QCoreApplication.translate("text", "{month}月{day}日 {weekday}")
    return pattern.format(month=day.month, day=day.day, weekday=weekdays[day.weekday()])


def elapsed_text(seconds: float) -> str:
    """00:06 · 26:40 · 1:02:03 · 2天03:04; what is not yet begun shows 00:00."""
    whole = max(0, int(seconds))
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    if hours >= 24:
        days, hour = divmod(hours, 24)
        return QCoreApplication.translate("text", "{days}天{hour:02}:{minute:02}").format(
            days=days, hour=hour, minute=minute
        )
    if hours:
        return f"{hours}:{minute:02}:{second:02}"
    return f"{minute:02}:{second:02}"


def span_text(seconds: float) -> str:
    """2分10秒 · 45秒 · 1小时05分, for a length of time within a sentence."""
    whole = max(0, round(seconds))
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    if hours:
        return QCoreApplication.translate("text", "{hours}小时{minute:02}分").format(hours=hours, minute=minute)
    if minutes:
        return QCoreApplication.translate("text", "{minute}分{second:02}秒").format(minute=minute, second=second)
    return QCoreApplication.translate("text", "{second}秒").format(second=second)


def late_text(seconds: float) -> str:
    """超时 1分20秒"""
    return QCoreApplication.translate("text", "超时 {span}").format(span=span_text(seconds))


def distance_text(metres: float) -> str:
    """850 m · 1.1 km"""
    return f"{metres / 1000:.1f} km" if metres >= 1000 else f"{round(metres)} m"


def masked(phone: str) -> str:
    """138****6621: enough to recognise a caller, not enough to copy down (• is a full em wide in our face)."""
    if len(phone) < 7:
        return "*" * len(phone)
    return f"{phone[:3]}****{phone[-4:]}"


def word(label: str) -> str:
    """A word of the domain's own tables (state, status, agency) in the language of the windows."""
    return QCoreApplication.translate("domain", label)


def grammar_text(command: Command) -> str:
    """The line of a command as it is typed, '' for one that has none."""
    return QCoreApplication.translate("Grammar", command.grammar) if command.grammar else ""


def said(sentence: str) -> str:
    """A finished sentence of services, domain or commands in the language of the windows (`catalogue.Catalogue`)."""
    return QCoreApplication.translate("domain", sentence)
