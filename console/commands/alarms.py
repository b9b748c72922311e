"""Commands on the alarm strip: F1 acknowledge, F2 dispatch and link, F3 call back; verdict and reset."""

from collections.abc import Sequence

from console.commands import words
from console.commands.command import Command, Context, Prepared
from console.domain.alarm import Alarm
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.state import need


def _place(context: Context, alarm: Alarm) -> str:
    site = context.desk.picture.site(alarm.site)
    if site is None:
        return f"账号 {alarm.account}" if alarm.account else f"线路{alarm.line}"
    return f"{site.name} {site.spot(alarm.zone)}".strip()


def _acknowledge(context: Context, _: Sequence[str]) -> Prepared:
    alarm = words.alarm(context)
    if not alarm.unacknowledged:
        raise UserError("该报警已确认")

    async def deed() -> str:
        await context.desk.do("alarm.acknowledge", alarm=alarm.id)
        if alarm.incident:
            context.surface.show_incident(alarm.incident)
        return ""

    return Prepared(f"确认接警 → {_place(context, alarm)}", deed)


def _dispatch_and_link(context: Context, _: Sequence[str]) -> Prepared:
    """The strip's alarm first, else the selected incident: send the recommended unit, offer the site's agencies."""
    alarm = need(context.desk.picture.state, Alarm, context.focus.alarm) if context.focus.alarm else None
    number = alarm.incident if alarm is not None else context.focus.incident
    if not number:
        raise UserError("没有可派警的警情")
    target = need(context.desk.picture.state, Incident, number)
    best = context.focus.best(number)
    if best is None:
        raise UserError("没有可派的警组，请从警力表选派或报值班长")
    site = context.desk.picture.site(target.site)

    async def deed() -> str:
        if alarm is not None and alarm.unacknowledged:
            await context.desk.do("alarm.acknowledge", alarm=alarm.id)
        await context.desk.do("unit.assign", unit=best.unit.id, incident=number)
        context.surface.show_incident(number)
        if site is not None and site.linkage:
            context.surface.offer_linkage(number, site.linkage)
        return f"已派 {best.unit.id} → {words.name(target)}"

    return Prepared(f"派警 {best.unit.id} → {words.name(target)}，并提示点位联动单位", deed)


def _call_back(context: Context, args: Sequence[str]) -> Prepared:
    alarm = words.alarm(context)
    if alarm.silent:
        raise UserError("静默报警（胁迫、劫持）不得回拨现场")
    site = context.desk.picture.site(alarm.site)
    phone = site.callback_phone if site is not None else ""
    how = words.rest(args) or f"回拨 {phone or '未登记号码'}"

    async def deed() -> str:
        if alarm.unacknowledged:
            await context.desk.do("alarm.acknowledge", alarm=alarm.id)
        await context.desk.do("alarm.verify", alarm=alarm.id, how=how)
        return f"核实中：{how}"

    return Prepared(f"{how}（{_place(context, alarm)}）", deed)


def _verdict(context: Context, args: Sequence[str], verdict: str, label: str) -> Prepared:
    alarm = words.alarm(context)
    reason = words.rest(args, "" if verdict == "confirm" else "理由")

    async def deed() -> str:
        await context.desk.do("alarm.judge", alarm=alarm.id, verdict=verdict, reason=reason)
        return f"已判为{label}"

    return Prepared(f"判为{label} → {_place(context, alarm)}", deed)


def _confirm(context: Context, args: Sequence[str]) -> Prepared:
    return _verdict(context, args, "confirm", "属实")


def _false(context: Context, args: Sequence[str]) -> Prepared:
    return _verdict(context, args, "judge_false", "误报")


def _test(context: Context, args: Sequence[str]) -> Prepared:
    return _verdict(context, args, "judge_test", "测试")


def _fault(context: Context, args: Sequence[str]) -> Prepared:
    return _verdict(context, args, "judge_fault", "故障")


def _reset(context: Context, args: Sequence[str]) -> Prepared:
    alarm = words.alarm(context)

    async def deed() -> str:
        await context.desk.do("alarm.reset", alarm=alarm.id, reason=words.rest(args))
        if not alarm.incident:
            await context.desk.do("alarm.close", alarm=alarm.id)
        return "已手动复位"

    return Prepared(f"手动复位 → {_place(context, alarm)}", deed)


COMMANDS = (
    Command(
        id="alarm.acknowledge",
        title="确认接警",
        group="一键报警",
        keys=("F1",),
        verbs=("确认",),
        grammar="确认",
        prepare=_acknowledge,
    ),
    Command(
        id="alarm.dispatch",
        title="派警并联动",
        group="一键报警",
        keys=("F2",),
        verbs=("建议",),
        grammar="建议",
        prepare=_dispatch_and_link,
    ),
    Command(
        id="alarm.callback",
        title="回拨核实",
        group="一键报警",
        keys=("F3",),
        verbs=("核实", "回拨"),
        grammar="核实 [方式]",
        prepare=_call_back,
    ),
    Command(id="alarm.confirm", title="判为属实", group="一键报警", verbs=("属实",), grammar="属实", prepare=_confirm),
    Command(id="alarm.false", title="判为误报", group="一键报警", verbs=("误报",), grammar="误报 理由", prepare=_false),
    Command(id="alarm.test", title="判为测试", group="一键报警", verbs=("测试",), grammar="测试 理由", prepare=_test),
    Command(id="alarm.fault", title="判为故障", group="一键报警", verbs=("故障",), grammar="故障 理由", prepare=_fault),
    Command(
        id="alarm.reset", title="手动复位", group="一键报警", verbs=("复位",), grammar="复位 [说明]", prepare=_reset
    ),
)
