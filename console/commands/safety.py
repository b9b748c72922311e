"""Commands on officer safety 民警安全: an officer in need, who knows of it, when it is over, and who has answered."""

from collections.abc import Sequence
from functools import partial

from console.commands import names, words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import prepare
from console.domain.emergency import Emergency
from console.domain.errors import UserError
from console.services.safety import open_emergencies, seen_at


def _running(context: Context, word: str, *, to_end: bool = False) -> Emergency:
    """The emergency of the unit that is named, else the first that waits; `to_end`: else the one that is known longest,
    for nobody ends what nobody has looked at yet."""
    running = open_emergencies(context.desk.picture.state)
    if to_end:
        running.sort(key=lambda row: (row.acknowledged_at is None, row.acknowledged_at or row.started_at))
    if word:
        unit = names.unit(context, word)
        running = [row for row in running if row.unit == unit.id]
        if not running:
            raise UserError(f"{unit.id} 没有在办的紧急求助")
    if not running:
        raise UserError("没有在办的民警紧急求助")
    return running[0]


def _acknowledge(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args[1:])
    row = _running(context, args[0] if args else "")
    step = ("emergency.acknowledge", {"emergency": row.id})
    show = partial(context.surface.show_incident, row.incident) if row.incident else None
    return prepare(context, f"确认 {row.unit} 的紧急求助", step, done=f"已确认 {row.unit} 的紧急求助", then=show)


def _stop(context: Context, args: Sequence[str]) -> Prepared:
    row = _running(context, args[0] if args else "", to_end=True)
    reason = words.rest(args[1:])
    if not reason:
        begin = partial(context.surface.begin_line, f"解除 {row.unit} ")
        return prepare(context, f"解除 {row.unit} 的紧急求助：写明情况", done="", then=begin)
    step = ("emergency.stop", {"emergency": row.id, "reason": reason})
    return prepare(context, f"解除 {row.unit} 的紧急求助：{reason}", step, done=f"已解除 {row.unit} 的紧急求助")


def _start(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args[1:])
    unit = names.unit(context, args[0] if args else "")
    where = seen_at(context.desk.picture.positions.get(unit.id))
    step = ("emergency.start", {"unit": unit.id, "source": "radio", **where})
    return prepare(context, f"{unit.id} 紧急求助（全室告警）", step, done=f"{unit.id} 紧急求助已通知全室")


def _checked(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args[1:])
    unit = names.unit(context, args[0] if args else context.focus.unit)
    step = ("unit.checked", {"unit": unit.id, "how": "radio"})
    return prepare(context, f"{unit.id} 本人应答平安", step, done=f"已记 {unit.id} 应答平安")


def _back(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    return prepare(context, "地图返回原处", done="", then=context.surface.map_back)


_entry = partial(entry, "警力")

COMMANDS = (
    _entry("emergency.acknowledge", "确认紧急求助", "应援 [呼号]", _acknowledge, "Ctrl+Shift+E"),
    _entry("emergency.stop", "解除紧急求助", "解除 [呼号] [情况]", _stop, "Ctrl+Shift+X"),
    _entry("emergency.start", "民警紧急求助", "求助 呼号", _start),
    _entry("unit.checked", "应答平安", "平安 [呼号]", _checked),
    _entry("map.back", "地图返回", "回图", _back, "Ctrl+Shift+B"),
)
