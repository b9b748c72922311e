"""The classes of a stage's time in words, wherever such a time is shown (`console.domain.buckets`)."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from console.domain.assignment import Assignment
from console.domain.buckets import bucket_between, order_buckets
from widgets.text import word
from widgets.wording import rule_name


def bucket_text(stage: str, since: datetime | None, until: datetime | None) -> str:
    """0–30秒档; '' for a stage that is not over or has no classes."""
    found = bucket_between(stage, since, until)
    if found is None:
        return ""
    return QCoreApplication.translate("Buckets", "{span}档").format(span=word(found.label))


def buckets_text(order: Assignment) -> str:
    """签收 0–30秒档 · 出警 0–5分档, for the stages an order has behind it."""
    pattern = QCoreApplication.translate("Buckets", "{span}档")
    found = order_buckets(order).items()
    return " · ".join(f"{rule_name(stage)} {pattern.format(span=word(row.label))}" for stage, row in found)
