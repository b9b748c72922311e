"""The roster's words: what each column shows, says to a screen reader and explains.

Pure functions of (row, now); the model calls them, the tests read them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import IntEnum

from PySide6.QtCore import QCoreApplication

from widgets.buckets import buckets_text
from widgets.map.motion import Freshness, freshness
from widgets.models.roster_row import RosterRow
from widgets.models.unit_groups import status_word
from widgets.text import distance_text, elapsed_text, late_text, said, word
from widgets.wording import rule_name

NONE = "—"


class Column(IntEnum):
    """The columns of look/calltaker.png, in their order."""

    CALL_SIGN = 0
    ECHELON = 1
    STATUS = 2
    ELAPSED = 3
    BEAT = 4
    INCIDENT = 5
    ARRIVAL = 6
    TERMINAL = 7


def header_text(column: Column, by_road: bool) -> str:
    """A column's title; the arrival says how it was computed."""
    return {
        Column.CALL_SIGN: QCoreApplication.translate("Roster", "呼号"),
        Column.ECHELON: QCoreApplication.translate("Roster", "梯队"),
        Column.STATUS: QCoreApplication.translate("Roster", "状态"),
        Column.ELAPSED: QCoreApplication.translate("Roster", "时长"),
        Column.BEAT: QCoreApplication.translate("Roster", "警区"),
        Column.INCIDENT: QCoreApplication.translate("Roster", "当前警情"),
        Column.ARRIVAL: QCoreApplication.translate("Roster", "路网到达")
        if by_road
        else QCoreApplication.translate("Roster", "到达（直线估算）"),
        Column.TERMINAL: QCoreApplication.translate("Roster", "车载终端"),
    }[column]


def arrival_text(row: RosterRow) -> str:
    """`02:10 · 1.1 km`; — without a selected incident or without positions."""
    if row.sent:
        return QCoreApplication.translate("Roster", "已派往本警情")
    if row.way is None:
        return NONE
    return f"{elapsed_text(row.way.time_s)} · {distance_text(row.way.distance_m)}"


def terminal_text(row: RosterRow, now: datetime) -> str:
    """`GPS 3 s`; says 过时 from 60 s, 失联 from 120 s, 无定位 for a unit never seen."""
    age = row.age_s(now)
    fresh = freshness(age)
    if age is None:
        return QCoreApplication.translate("Roster", "无定位")
    if fresh is Freshness.LOST:
        return QCoreApplication.translate("Roster", "失联 {age} s").format(age=int(age))
    if fresh is Freshness.STALE:
        return QCoreApplication.translate("Roster", "GPS {age} s 过时").format(age=int(age))
    return f"GPS {int(age)} s"


def late_elapsed(row: RosterRow, now: datetime) -> str:
    """逾03:12 in place of the time in the status, while the unit is late; '' while it is not."""
    if row.promise is None or not row.promise.late(now):
        return ""
    late = elapsed_text(-row.promise.left_s(now))
    return QCoreApplication.translate("Roster", "逾{time}").format(time=late)


def doing_text(row: RosterRow) -> str:
    """0187 纠纷 · 叠放 2：0191 打架斗殴."""
    if not row.jobs:
        return said(row.doing)
    stacked = QCoreApplication.translate("Roster", "叠放 {n}：{next}").format(n=len(row.jobs), next=said(row.jobs[0]))
    return f"{said(row.doing)} · {stacked}" if row.doing else stacked


def tip_text(row: RosterRow, now: datetime) -> str:
    """The advice; what the unit is late with; in which classes its times fall; its next jobs in their order."""
    lines = [advice_text(row)]
    if row.promise is not None and row.promise.late(now):
        what, late = rule_name(row.promise.rule), late_text(-row.promise.left_s(now))
        lines.append(f"{what}{late} · {row.unit.id}")
    if row.order is not None:
        lines.append(buckets_text(row.order))
    if row.jobs:
        named = "、".join(f"{n}. {said(title)}" for n, title in enumerate(row.jobs, 1))
        lines.append(QCoreApplication.translate("Roster", "叠放：{jobs}").format(jobs=named))
    return "\n".join(line for line in lines if line)


ROW_TEXT: Mapping[Column, Callable[[RosterRow, datetime], str]] = {
    Column.CALL_SIGN: lambda row, now: row.unit.id,
    Column.ECHELON: lambda row, now: word(row.unit.type) or NONE,
    Column.STATUS: lambda row, now: status_word(row.unit.status),
    Column.ELAPSED: lambda row, now: late_elapsed(row, now) or elapsed_text(row.elapsed_s(now)),
    Column.BEAT: lambda row, now: row.unit.beat or NONE,
    Column.INCIDENT: lambda row, now: doing_text(row) or NONE,
    Column.ARRIVAL: lambda row, now: arrival_text(row),
    Column.TERMINAL: terminal_text,
}


def advice_text(row: RosterRow) -> str:
    """Why this unit is proposed, or why not; '' without a selected incident."""
    if not row.advised:
        return ""
    if row.sent:
        return QCoreApplication.translate("Roster", "{unit} 已派往本警情").format(unit=row.unit.id)
    if row.why_not:
        return QCoreApplication.translate("Roster", "{unit} 为何不派：{why}").format(
            unit=row.unit.id, why=said(row.why_not)
        )
    parts = [*map(said, row.because)]
    if row.way is not None:
        parts.append(
            QCoreApplication.translate("Roster", "{time} 可到（{way}）").format(
                time=elapsed_text(row.way.time_s), way=_how_far(row)
            )
        )
    return _head(row).format(unit=row.unit.id, why=" · ".join(parts))


def _head(row: RosterRow) -> str:
    if row.best:
        return QCoreApplication.translate("Roster", "荐 {unit}：{why}")
    if row.second:
        return QCoreApplication.translate("Roster", "荐2 {unit}：{why}")
    return QCoreApplication.translate("Roster", "{unit} 可派：{why}")


def _how_far(row: RosterRow) -> str:
    if row.way is None:
        return ""
    kind = (
        QCoreApplication.translate("Roster", "路网")
        if row.way.by_road
        else QCoreApplication.translate("Roster", "直线")
    )
    return f"{kind} {distance_text(row.way.distance_m)}"


def spoken_text(row: RosterRow, column: Column, now: datetime) -> str:
    """What a screen reader says for a cell: the column's title with its value, the advice at the call sign."""
    value = ROW_TEXT[column](row, now)
    if column is Column.CALL_SIGN:
        spooled = QCoreApplication.translate("Roster", "本机暂存") if row.provisional else ""
        return " ".join(part for part in (value, status_word(row.unit.status), spooled, advice_text(row)) if part)
    return f"{header_text(column, by_road=row.way is not None and row.way.by_road)} {value}"
