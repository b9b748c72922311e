"""Commands on units: send, report on behalf, withdraw, divert, change status."""

from collections.abc import Sequence
from functools import partial

from console.commands import words
from console.commands.command import Command, Context, Prepared
from console.domain.errors import UserError
from console.domain.unit import UNIT_LABELS, UnitStatus


def _way(context: Context, unit: str, number: str) -> str:
    best = context.focus.best(number)
    if best is None or best.unit.id != unit or best.way is None:
        return ""
    kind = "路网" if best.way.by_road else "直线"
    return f"（{kind} {best.way.time_s // 60:.0f}分{best.way.time_s % 60:.0f}秒）"


def _assign(context: Context, args: Sequence[str]) -> Prepared:
    number, others = words.split_number(args)
    target = words.incident(context, number)
    sent = words.unit(context, others[0] if others else "")
    reason = words.rest(others[1:])

    async def deed() -> str:
        await context.desk.do("unit.assign", unit=sent.id, incident=target.number, reason=reason)
        return f"已派 {sent.id} → {words.name(target)}"

    return Prepared(f"派警 {sent.id} → {words.name(target)}{_way(context, sent.id, target.number)}", deed)


def _divert(context: Context, args: Sequence[str]) -> Prepared:
    number, others = words.split_number(args)
    target = words.incident(context, number)
    sent = words.unit(context, others[0] if others else "")
    reason = words.rest(others[1:], "改派理由")

    async def deed() -> str:
        await context.desk.do("unit.divert", unit=sent.id, incident=target.number, reason=reason)
        return f"已改派 {sent.id} → {words.name(target)}"

    return Prepared(f"改派 {sent.id} → {words.name(target)}：{reason}", deed)


def _withdraw(context: Context, args: Sequence[str]) -> Prepared:
    recalled = words.unit(context, args[0]) if args else words.unit_on_the_case(context)
    reason = words.rest(args[1:], "撤回理由")

    async def deed() -> str:
        await context.desk.do("unit.withdraw", unit=recalled.id, reason=reason)
        return f"已撤回 {recalled.id}"

    return Prepared(f"撤回 {recalled.id} 的派警：{reason}", deed)


def _report(context: Context, args: Sequence[str], *, step: str, label: str, needs_text: bool = False) -> Prepared:
    reporting = words.unit(context, args[0] if args else "")
    text = words.rest(args[1:], "内容" if needs_text else "")

    async def deed() -> str:
        await context.desk.do("unit.report", unit=reporting.id, step=step, text=text)
        return f"{reporting.id} {label}"

    return Prepared(f"代报 {reporting.id} {label}" + (f"：{text}" if text else ""), deed)


def _status(context: Context, args: Sequence[str]) -> Prepared:
    moving = words.unit(context, args[0] if args else "")
    word = args[1] if len(args) > 1 else ""
    codes = [status for status, label in UNIT_LABELS.items() if word and word in (label, status.value)]
    if not codes:
        raise UserError("请写明勤务状态：" + "、".join(UNIT_LABELS.values()))
    return _prepare_status(context, moving.id, codes[0], words.rest(args[2:]))


def _prepare_status(context: Context, unit: str, status: UnitStatus, reason: str) -> Prepared:
    async def deed() -> str:
        await context.desk.do("unit.status", unit=unit, status=status.value, reason=reason)
        return f"{unit} {UNIT_LABELS[status]}"

    return Prepared(f"{unit} 转为“{UNIT_LABELS[status]}”", deed)


COMMANDS = (
    Command(
        id="unit.assign", title="派警", group="警力", verbs=("派", "派警"), grammar="派 呼号 [警情号]", prepare=_assign
    ),
    Command(
        id="unit.sign",
        title="代报签收",
        group="警力",
        verbs=("签收",),
        grammar="签收 呼号",
        prepare=partial(_report, step="sign", label="签收"),
    ),
    Command(
        id="unit.depart",
        title="代报出发",
        group="警力",
        verbs=("出发",),
        grammar="出发 呼号",
        prepare=partial(_report, step="depart", label="出发"),
    ),
    Command(
        id="unit.arrive",
        title="代报到场",
        group="警力",
        verbs=("到场",),
        grammar="到场 呼号",
        prepare=partial(_report, step="arrive", label="到场"),
    ),
    Command(
        id="unit.scene",
        title="代报现场",
        group="警力",
        verbs=("现场",),
        grammar="现场 呼号 情况",
        prepare=partial(_report, step="report", label="报现场", needs_text=True),
    ),
    Command(
        id="unit.feedback",
        title="代报反馈",
        group="警力",
        verbs=("反馈",),
        grammar="反馈 呼号 结果",
        prepare=partial(_report, step="feedback", label="反馈", needs_text=True),
    ),
    Command(
        id="unit.withdraw", title="撤回派警", group="警力", verbs=("撤",), grammar="撤 呼号 理由", prepare=_withdraw
    ),
    Command(
        id="unit.divert",
        title="改派",
        group="警力",
        verbs=("改派",),
        grammar="改派 呼号 警情号 理由",
        prepare=_divert,
    ),
    Command(
        id="unit.status",
        title="改勤务状态",
        group="警力",
        verbs=("状态",),
        grammar="状态 呼号 状态",
        prepare=_status,
    ),
)
