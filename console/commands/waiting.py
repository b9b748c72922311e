"""Commands on what waits and what belongs together: hold, schedule, wake; marks and call-backs; links; stacked jobs.

A key alone begins the line where words are still needed, and acts where none are.
"""

from collections.abc import Sequence
from functools import partial

from console.commands import names, words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import prepare, rehearse
from console.commands.times import coming, is_time
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.link import StackedJob
from console.domain.marks import MARKS, OUTCOMES, tries_left
from console.domain.unit import Unit
from console.services.stacks import next_job
from console.services.telling_waiting import until_text

KINDS = {"子": "child", "相关": "related"}


def _begin(context: Context, echo: str, line: str) -> Prepared:
    """What is still needed is typed: the key only begins the line."""
    return prepare(context, echo, done="", then=partial(context.surface.begin_line, line))


# -- hold, schedule, wake ----------------------------------------------------------------------------------------------


def _wait(context: Context, args: Sequence[str], *, act: str, verb: str, time: str) -> Prepared:
    number, others = ("", list(args)) if args and is_time(args[0]) else words.take_number(args)
    target = words.incident(context, number)
    if not others:
        _may_wait(context, target, act, time)
        return _begin(context, f"{verb} {words.name(target)}：请写明时间与理由", f"{verb} {target.short} ")
    at = coming(others[0], context.desk.clock())
    reason = words.rest(others[1:], "暂缓理由" if act == "incident.hold" else "")
    step = (act, {"incident": target.number, time: at.isoformat(), "reason": reason})
    echo = f"{verb} {words.name(target)} 至 {until_text(at)}" + (f"：{reason}" if reason else "")
    return prepare(context, echo, step, done=f"已{verb} {target.short}，{until_text(at)} 唤醒")


def _may_wait(context: Context, target: Incident, act: str, time: str) -> None:
    """Whether it may wait at all is told before anything is typed."""
    soon = coming("1分", context.desk.clock()).isoformat()
    rehearse(context.desk, (act, {"incident": target.number, time: soon, "reason": "…"}))


def _wake(context: Context, args: Sequence[str]) -> Prepared:
    target = words.incident(context, words.number_only(args))
    step = ("incident.wake", {"incident": target.number})
    return prepare(context, f"唤醒 {words.name(target)}", step, done=f"已唤醒 {target.short}，时限重新计")


def _late_seen(context: Context, args: Sequence[str]) -> Prepared:
    target = words.incident(context, words.number_only(args))
    step = ("incident.late_seen", {"incident": target.number})
    return prepare(context, f"知晓超时 {words.name(target)}", step, done=f"已记知晓：{target.short}，不再逐级提示")


# -- calls that were none ----------------------------------------------------------------------------------------------


def _mark(context: Context, args: Sequence[str], *, mark: str) -> Prepared:
    number, others = words.take_number(args)
    target = words.incident(context, number)
    step = ("incident.mark", {"incident": target.number, "mark": mark, "reason": words.rest(others)})
    if not mark:
        return prepare(context, f"撤销来电标记 {words.name(target)}", step, done=f"已撤销 {target.short} 的标记")
    what = MARKS[mark]
    return prepare(context, f"标为{what}来电 {words.name(target)}", step, done=f"{target.short} 已标为{what}来电")


def _call_back(context: Context, args: Sequence[str], *, outcome: str) -> Prepared:
    number, others = words.take_number(args)
    target, said = words.incident(context, number), OUTCOMES[outcome]
    step = ("incident.call_back_tried", {"incident": target.number, "outcome": outcome, "text": words.rest(others)})
    left = max(0, tries_left(target) - 1) if outcome == "unreached" else 0
    more = f"，还须回拨 {left} 次" if left else ""
    return prepare(context, f"回拨{said} {words.name(target)}", step, done=f"已记 {target.short} 回拨{said}{more}")


# -- links -------------------------------------------------------------------------------------------------------------


def _link(context: Context, args: Sequence[str]) -> Prepared:
    main = words.incident(context)
    if not args:
        return _begin(context, f"关联 {words.name(main)}：请写明另一警情号", "关联 ")
    other = words.incident(context, args[0])
    kind = KINDS.get(args[1] if len(args) > 1 else "", "")
    reason = words.rest(args[2:] if kind else args[1:])
    what = "子警情" if kind == "child" else "相关警情"
    said = {"kind": kind or "related", "reason": reason}
    step = ("incident.link", {"incident": main.number, "other": other.number, **said})
    echo = f"关联 {words.name(main)}：{what} {words.name(other)}"
    return prepare(context, echo, step, done=f"已关联 {main.short}，{what} {other.short}")


def _unlink(context: Context, args: Sequence[str]) -> Prepared:
    main = words.incident(context)
    other = words.incident(context, args[0], ended=False) if args else None
    if other is None:
        raise UserError("请写明要取消关联的警情号")
    step = ("incident.unlink", {"incident": main.number, "other": other.number, "reason": words.rest(args[1:])})
    echo = f"取消关联 {words.name(main)} 与 {words.name(other)}"
    return prepare(context, echo, step, done=f"已取消 {main.short} 与 {other.short} 的关联")


# -- stacked jobs ------------------------------------------------------------------------------------------------------


def _stack(context: Context, args: Sequence[str]) -> Prepared:
    if not args:
        target = words.incident(context)
        return _begin(
            context, f"叠放 {words.name(target)}：请写明呼号", f"叠放 {context.focus.unit} ".replace("  ", " ")
        )
    unit, (number, others) = names.unit(context, args[0]), words.take_number(args[1:])
    target = words.incident(context, number)
    words.no_more(others[1:])
    if others and not others[0].isdigit():
        raise UserError(f"看不懂第几件：{others[0]}")
    place = int(others[0]) if others else 0
    step = ("unit.stack", {"unit": unit.id, "incident": target.number, "place": place})
    echo = f"叠放给 {unit.id}：{words.name(target)}" + (f"，第 {place} 件" if place else "")
    return prepare(context, echo, step, done=f"已叠放 {target.short} 给 {unit.id}，空闲后提示派出")


def _unstack(context: Context, args: Sequence[str]) -> Prepared:
    unit = names.unit(context, args[0] if args else "")
    target = words.incident(context, words.number_only(args[1:]))
    step = ("unit.unstack", {"unit": unit.id, "incident": target.number})
    return prepare(context, f"从 {unit.id} 撤下叠放的 {words.name(target)}", step, done=f"已撤下 {target.short}")


def _next(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args[1:])
    unit, job = _freed(context, args[0] if args else "")
    target = words.incident(context, job.incident)
    step = ("unit.assign", {"unit": unit.id, "incident": target.number, "reason": "叠放的下一件"})
    return prepare(
        context, f"派下一件 {unit.id} → {words.name(target)}", step, done=f"已派 {unit.id} → {words.name(target)}"
    )


def _freed(context: Context, word: str) -> tuple[Unit, StackedJob]:
    """The unit that is free and has a job waiting: the one named, the selected one, else the one freed last."""
    state = context.desk.picture.state
    units = [names.unit(context, word)] if word else context.desk.picture.units()
    waiting = [(unit, job) for unit in units if (job := next_job(state, unit.id)) is not None]
    if not waiting:
        raise UserError(f"{units[0].id}没有可派的叠放警情" if word else "没有空闲警组有叠放的警情")
    return max(waiting, key=lambda pair: (pair[0].id == context.focus.unit, pair[0].status_since))


_hold = partial(_wait, act="incident.hold", verb="暂缓", time="until")
_schedule = partial(_wait, act="incident.schedule", verb="预约", time="at")
_silent, _prank, _dropped, _unmark = (partial(_mark, mark=mark) for mark in ("silent", "prank", "dropped", ""))
_unreached, _reached = (partial(_call_back, outcome=outcome) for outcome in ("unreached", "reached"))

_entry = partial(entry, "等待与关联")

COMMANDS = (
    _entry("incident.hold", "暂缓", "暂缓 [警情号] [时间] [理由]", _hold, "Ctrl+H"),
    _entry("incident.schedule", "预约", "预约 [警情号] [时间] [理由]", _schedule, "Ctrl+Shift+Y"),
    _entry("incident.wake", "唤醒", "唤醒 [警情号]", _wake, "Ctrl+Shift+H"),
    _entry("incident.late_seen", "知晓超时", "知晓 [警情号]", _late_seen, "Ctrl+Shift+L"),
    _entry("incident.silent", "标为无声", "无声 [警情号] [说明]", _silent, "Alt+W"),
    _entry("incident.prank", "标为骚扰", "骚扰 [警情号] [说明]", _prank, "Alt+R"),
    _entry("incident.dropped", "标为挂断", "挂断 [警情号] [说明]", _dropped, "Alt+G"),
    _entry("incident.unmark", "撤销标记", "撤标 [警情号] [理由]", _unmark),
    _entry("incident.unreached", "回拨未接通", "未接通 [警情号] [说明]", _unreached, "Alt+U"),
    _entry("incident.reached", "回拨接通", "接通 [警情号] [说明]", _reached, "Alt+I"),
    _entry("incident.link", "关联", "关联 [警情号] [子|相关] [理由]", _link, "Ctrl+Shift+U"),
    _entry("incident.unlink", "取消关联", "取消关联 警情号 [理由]", _unlink),
    _entry("unit.stack", "叠放", "叠放 [呼号] [警情号] [位置]", _stack, "Ctrl+Shift+N"),
    _entry("unit.unstack", "取消叠放", "取消叠放 呼号 [警情号]", _unstack),
    _entry("unit.next", "派下一件", "下一件 [呼号]", _next, "Ctrl+N"),
)
