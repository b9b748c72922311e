"""断网续接单: the open queue, the units and the promises on paper, for the day the screens go dark.

One key prints it; the same sheet is refreshed to a local file every minute. It carries what a person needs to
go on with pencil and telephone: numbers, places, phones, who is where, who owes what until when.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer

from console.domain.assignment import Assignment
from console.domain.deadlines import Promise, Rule
from console.domain.handoff import HANDOFF_LABELS, Handoff
from console.domain.incident import INCIDENT_LABELS, Incident
from console.domain.reference import Reference
from console.domain.site import Site
from console.domain.unit import UNIT_LABELS, Unit
from console.paper.page import fonts, local, table, text, write

RULES = {
    Rule.ACKNOWLEDGE: "确认报警",
    Rule.ANSWER: "接警",
    Rule.RING_BACK: "回拨",
    Rule.DISPATCH: "派警",
    Rule.HAND_OFF: "联动派单",
    Rule.SIGN: "签收",
    Rule.DEPART: "出警",
    Rule.ARRIVE: "到场",
    Rule.FEEDBACK: "反馈",
    Rule.CALLBACK: "回访",
    Rule.HANDOFF_SIGN: "联动签收",
    Rule.HANDOFF_ARRIVE: "联动到场",
    Rule.HANDOFF_FEEDBACK: "联动反馈",
}
SHAPES = {1: "▲一", 2: "◆二", 3: "●三", 4: "■四"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One open incident with what hangs on it. `alarms`: what its latched alarms said, a line each."""

    incident: Incident
    orders: Sequence[Assignment]
    handoffs: Sequence[Handoff]
    promises: Sequence[Promise]
    alarms: Sequence[str] = ()
    site: Site | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContext:
    """Who prints, when, and the head of the journal that anchors the sheet (sequence and hash)."""

    desk: str
    actor: str
    seat: str
    now: datetime
    head: str = ""
    unsent: int = 0


def _elapsed(since: datetime, now: datetime) -> str:
    minutes = int((now - since).total_seconds() // 60)
    return f"{minutes}分" if minutes < 120 else f"{minutes // 60}时{minutes % 60}分"


def _state(incident: Incident) -> str:
    """Its state; until when and why it is held or scheduled."""
    if incident.waits_until is None:
        return INCIDENT_LABELS[incident.state]
    what = "预约" if incident.scheduled_for is not None else "暂缓"
    until = f"{what}至 {local(incident.waits_until, '%m-%d %H:%M')}"
    return f"{until}\n{incident.held_reason}".strip()


def _who(row: SheetRow, reference: Reference) -> str:
    units = "、".join(order.unit for order in row.orders if order.open)
    agencies = "、".join(
        f"{reference.agencies[h.agency].short}{HANDOFF_LABELS[h.state]}" for h in row.handoffs if h.open
    )
    return "；".join(part for part in (units, agencies) if part) or "—"


def _due(promises: Iterable[Promise], now: datetime, reference: Reference) -> str:
    lines = []
    for promise in promises:
        left = promise.left_s(now)
        word = f"逾{-left // 60:.0f}分" if left < 0 else f"剩{left // 60:.0f}分"
        agency = reference.agencies.get(promise.owner)
        owner = "本席" if promise.owner == "desk" else agency.short if agency is not None else promise.owner
        lines.append(f"{owner} {RULES[promise.rule]} {local(promise.due_at, '%H:%M')}（{word}）")
    return "\n".join(lines) or "—"


def _matter(row: SheetRow) -> str:
    """Title, place, the alarms' own words, the caller's words."""
    incident = row.incident
    said = (incident.title, incident.place or "地点不明", *row.alarms, incident.narrative[:60])
    return "\n".join(line for line in said if line)


def _to_ring(row: SheetRow) -> str:
    """An alarm has no caller: the number to ring back (a bank's security office), never for a silent one."""
    if row.site is None:
        return "—"
    back = "" if row.incident.silent else row.site.callback_phone
    whom = " ".join(part for part in (row.site.keyholder, row.site.keyholder_phone) if part)
    return "\n".join(part for part in (f"回拨 {back}" if back else "", whom) if part) or "—"


def _said(row: SheetRow) -> list[Paragraph]:
    warning = [text("静默报警：不得回拨现场", 9, bold=True)] if row.incident.silent else []
    return [*warning, text(_matter(row), 9)]


def _incidents(rows: Sequence[SheetRow], context: SheetContext, reference: Reference) -> Flowable:
    head = [text(word, 9, bold=True) for word in ("级", "警情号", "警情与地点", "报警人", "状态", "警组与联动", "承诺")]
    body: list[Sequence[Paragraph | list[Paragraph]]] = [head]
    for row in rows:
        incident = row.incident
        caller = " ".join(part for part in (incident.caller, incident.phone) if part)
        body.append(
            [
                text(SHAPES[incident.priority], 10, bold=True),
                text(f"{incident.short}\n{local(incident.created_at, '%H:%M')}", 9),
                _said(row),
                text(caller or _to_ring(row), 8),
                text(f"{_state(incident)}\n{_elapsed(incident.created_at, context.now)}", 9),
                text(_who(row, reference), 8),
                text(_due(row.promises, context.now, reference), 8),
            ]
        )
    return table(body, [w * mm for w in (14, 18, 48, 25, 18, 25, 32)], head=True)


def _units(units: Sequence[Unit], now: datetime) -> Flowable:
    cells = []
    for unit in units:
        on = f" {unit.incident.rpartition('-')[2]}" if unit.incident else ""
        since = _elapsed(unit.status_since, now)
        cells.append(text(f"{unit.id} {UNIT_LABELS[unit.status]}{on} {since}\n{unit.phone}", 8))
    rows = [cells[i : i + 5] for i in range(0, len(cells), 5)]
    if rows:
        rows[-1] += [text("", 8)] * (5 - len(rows[-1]))
    return table(rows or [[text("无在岗警组", 9)] + [text("", 8)] * 4], [36 * mm] * 5)


def print_sheet(
    file: Path,
    rows: Sequence[SheetRow],
    units: Sequence[Unit],
    reference: Reference,
    context: SheetContext,
    font_folder: Path,
) -> Path:
    """Write the sheet, the gravest and oldest incident first; EnvironmentFault if the disk refuses."""
    fonts(font_folder)
    ordered = sorted(rows, key=lambda row: (row.incident.priority, row.incident.created_at))
    unsent = f"　本机暂存 {context.unsent} 条未送达" if context.unsent else ""
    title = f"{context.desk}　断网续接单　{local(context.now)}"
    story: list[Flowable] = [
        text(title, 15, bold=True, space=2),
        text(f"在办警情 {len(ordered)} 起　在岗警组 {len(units)} 个{unsent}", 10, grey=True, space=5),
        _incidents(ordered, context, reference) if ordered else text("没有在办警情", 11, space=6),
        Spacer(1, 5 * mm),
        text("警组", 12, bold=True, space=3),
        _units(units, context.now),
        Spacer(1, 4 * mm),
        text(f"日志链头 {context.head or '—'}", 8, grey=True),
    ]
    foot = f"{context.seat}席 {context.actor}　{local(context.now)}　含报警人信息，用后交回销毁"
    return write(file, title, story, foot)
