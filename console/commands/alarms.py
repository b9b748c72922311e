"""Commands on the alarm strip: F1 acknowledge, F2 dispatch and link, F3 call back; verdict and reset."""

from collections.abc import Callable, Sequence
from functools import partial

from console.commands import words
from console.commands.command import Command, Context, Prepared, entry
from console.commands.rehearsal import Step, prepare
from console.domain.alarm import Alarm
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.state import need

LABELS = {"confirm": "属实", "judge_false": "误报", "judge_test": "测试", "judge_fault": "故障"}


def _place(context: Context, alarm: Alarm) -> str:
    site = context.desk.picture.site(alarm.site)
    if site is None:
        return f"账号 {alarm.account}" if alarm.account else f"线路{alarm.line}"
    return f"{site.name} {site.spot(alarm.zone)}".strip()


def _acknowledging(alarm: Alarm) -> list[Step]:
    return [("alarm.acknowledge", {"alarm": alarm.id})] if alarm.unacknowledged else []


def _showing(context: Context, alarm: Alarm) -> Callable[[], None] | None:
    """Whoever takes or calls back an alarm has its incident before them: the agencies' keys act on it."""
    return partial(context.surface.show_incident, alarm.incident) if alarm.incident else None


def _acknowledge(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    alarm = words.alarm(context)
    if not alarm.unacknowledged:
        raise UserError("该报警已确认")
    show = _showing(context, alarm)
    return prepare(context, f"确认接警 → {_place(context, alarm)}", *_acknowledging(alarm), done="", then=show)


def _dispatch_and_link(context: Context, args: Sequence[str]) -> Prepared:
    """The strip's alarm first, else the selected incident: send the recommended unit, offer the site's agencies.

    Never a second unit by a second press of the key: whoever wants more units names them.
    """
    words.no_more(args)
    alarm = words.on_strip(context)
    target = _to_dispatch(context, alarm)
    best = context.focus.best(target.number)
    if best is None and target.lat is None:
        raise UserError(f"{target.short} 地点未定位，无法推荐警组：请先定位地点，或指定呼号派警")
    if best is None:
        raise UserError("没有可派的警组，请从警力表选派或报值班长")
    site = context.desk.picture.site(target.site)

    def show() -> None:
        context.surface.show_incident(target.number)
        if site is not None and site.linkage:
            context.surface.offer_linkage(target.number, site.linkage)

    steps = _acknowledging(alarm) if alarm is not None else []
    steps.append(("unit.assign", {"unit": best.unit.id, "incident": target.number}))
    linked = "，并提示点位联动单位" if site is not None and site.linkage else ""
    done = f"已派 {best.unit.id} → {words.name(target)}"
    return prepare(context, f"派警 {best.unit.id} → {words.name(target)}{linked}", *steps, done=done, then=show)


def _to_dispatch(context: Context, alarm: Alarm | None) -> Incident:
    number = alarm.incident if alarm is not None else context.focus.incident
    if not number:
        raise UserError("没有可派警的警情")
    target = need(context.desk.picture.state, Incident, number)
    sent = [order.unit for order in context.desk.picture.orders(target.number) if order.open]
    if sent:
        raise UserError(f"{target.short} 已派 {'、'.join(sent)}；增派请写：派 呼号 {target.short}")
    return target


def _call_back(context: Context, args: Sequence[str]) -> Prepared:
    alarm = words.alarm(context)
    if alarm.silent:
        raise UserError("静默报警（胁迫、劫持）不得回拨现场")
    site = context.desk.picture.site(alarm.site)
    phone = site.callback_phone if site is not None else ""
    how = words.rest(args) or f"回拨 {phone or '未登记号码'}"
    steps = [*_acknowledging(alarm), ("alarm.verify", {"alarm": alarm.id, "how": how})]
    whom = f"{how}（{_place(context, alarm)}）"
    return prepare(context, whom, *steps, done=f"核实中：{whom}", then=_showing(context, alarm))


def _judge(context: Context, args: Sequence[str], *, verdict: str) -> Prepared:
    alarm, label = words.alarm_for(context, verdict), LABELS[verdict]
    reason = words.rest(args, "" if verdict == "confirm" else f"判为{label}的理由")
    step = ("alarm.judge", {"alarm": alarm.id, "verdict": verdict, "reason": reason})
    why = f"：{reason}" if reason else ""
    return prepare(context, f"判为{label} → {_place(context, alarm)}{why}", step, done=f"已判为{label}")


def _reset(context: Context, args: Sequence[str]) -> Prepared:
    alarm = words.alarm_for(context, "reset")
    steps: list[Step] = [("alarm.reset", {"alarm": alarm.id, "reason": words.rest(args)})]
    if not alarm.incident:
        steps.append(("alarm.close", {"alarm": alarm.id}))
    return prepare(context, f"手动复位 → {_place(context, alarm)}", *steps, done="已手动复位")


_entry = partial(entry, "一键报警")


def _verdict(verdict: str, name: str, takes: str) -> Command:
    label = LABELS[verdict]
    return _entry(f"alarm.{name}", f"判为{label}", f"{label} {takes}", partial(_judge, verdict=verdict))


COMMANDS = (
    _entry("alarm.acknowledge", "确认接警", "确认", _acknowledge, "F1", hint="确认"),
    _entry("alarm.dispatch", "派警并联动", "建议", _dispatch_and_link, "F2", hint="派警"),
    _entry("alarm.callback", "回拨核实", "核实 [方式]", _call_back, "F3", also=("回拨",)),
    _verdict("confirm", "confirm", "[说明]"),
    _verdict("judge_false", "false", "理由"),
    _verdict("judge_test", "test", "理由"),
    _verdict("judge_fault", "fault", "理由"),
    _entry("alarm.reset", "手动复位", "复位 [说明]", _reset),
)
