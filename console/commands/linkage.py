"""Commands on linkage agencies: one key sends, further words record what the agency did (电话代录)."""

from collections.abc import Sequence
from functools import partial

from console.commands import words
from console.commands.command import Command, Context, Prepared
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.reference import Agency

REPORTS = {
    "送达": "deliver",
    "签收": "sign",
    "出动": "depart",
    "到场": "arrive",
    "处置": "progress",
    "结果": "result",
    "拒绝": "refuse",
    "退回": "return",
}
"""The second word of 代录, and the act it records."""

NAMES_PERSON_FIRST = ("refuse", "return")


def _sending(context: Context, agency: Agency, target: Incident, channel: str, by: str = "") -> Prepared:
    async def deed() -> str:
        handoff = await context.desk.send_handoff(target.number, agency.id, channel=channel, by=by)
        if channel == "phone":
            return f"已电话通知 {agency.short}（代录）"
        return f"已派单 {agency.short}，派单纸 {await context.surface.print_slip(handoff)}"

    how = "电话代录" if channel == "phone" else "派单纸"
    return Prepared(f"联动 {agency.short} → {words.name(target)}（{how}）", deed)


def _send(context: Context, args: Sequence[str], *, channel: str) -> Prepared:
    number, others = words.split_number(args)
    # 120, 119, 12345 are agencies, not incident numbers.
    first = args[0] if args else ""
    if first and first == number and context.desk.reference.find_agencies(first):
        number, others = words.split_number(args[1:])
        others = [first, *others]
    agency = words.agency(context, others[0] if others else "")
    return _sending(context, agency, words.incident(context, number), channel, words.rest(others[1:]))


def _send_suggested(context: Context, _: Sequence[str], *, place: int) -> Prepared:
    if place >= len(context.focus.suggested):
        raise UserError("此键没有建议的联动单位")
    agency = context.desk.reference.agencies[context.focus.suggested[place]]
    return _sending(context, agency, words.incident(context), "slip")


def _record(context: Context, args: Sequence[str]) -> Prepared:
    if len(args) < 2 or args[1] not in REPORTS:
        raise UserError("代录 单位 " + "|".join(REPORTS) + " [经办人] [内容]")
    agency, act = words.agency(context, args[0]), REPORTS[args[1]]
    number, others = words.split_number(args[2:])
    target = words.incident(context, number)
    handoff = words.handoff(context, target.number, agency.id)
    said = {"reason": words.rest(others[1:]), "by": others[0] if others else ""}
    if act not in NAMES_PERSON_FIRST:
        said = {"text": words.rest(others)}

    async def deed() -> str:
        await context.desk.do("handoff.report", handoff=handoff.id, act=act, **said)
        return f"已代录 {agency.short} {args[1]}"

    return Prepared(f"电话代录 {agency.short} {args[1]} → {words.name(target)}", deed)


def _urge(context: Context, args: Sequence[str]) -> Prepared:
    agency = words.agency(context, args[0] if args else "")
    number, others = words.split_number(args[1:])
    target = words.incident(context, number)
    handoff = words.handoff(context, target.number, agency.id)

    async def deed() -> str:
        await context.desk.do("handoff.urge", handoff=handoff.id, text=words.rest(others))
        return f"已催办 {agency.short}（第{handoff.urged + 1}次）"

    return Prepared(f"催办 {agency.short} → {words.name(target)}", deed)


def _cancel(context: Context, args: Sequence[str]) -> Prepared:
    agency = words.agency(context, args[0] if args else "")
    number, others = words.split_number(args[1:])
    handoff = words.handoff(context, words.incident(context, number).number, agency.id)
    reason = words.rest(others, "撤销理由")

    async def deed() -> str:
        await context.desk.do("handoff.cancel", handoff=handoff.id, reason=reason)
        return f"已撤销 {agency.short} 的派单，请通知该单位"

    return Prepared(f"撤销 {agency.short} 的派单：{reason}", deed)


def _finish(context: Context, args: Sequence[str]) -> Prepared:
    agency = words.agency(context, args[0] if args else "")
    number, _ = words.split_number(args[1:])
    handoff = words.handoff(context, words.incident(context, number).number, agency.id)

    async def deed() -> str:
        await context.desk.do("handoff.close", handoff=handoff.id)
        return f"{agency.short} 派单办结"

    return Prepared(f"办结 {agency.short} 的派单", deed)


def _choose(context: Context, _: Sequence[str]) -> Prepared:
    words.incident(context)

    async def deed() -> str:
        context.surface.choose_agency()
        return ""

    return Prepared("选择任一联动单位", deed)


COMMANDS = (
    *(
        Command(
            id=f"handoff.suggested{place + 1}",
            title=f"联动建议单位{place + 1}",
            group="联动",
            keys=(f"{'Shift+' if place >= 4 else ''}F{5 + place % 4}",),
            prepare=partial(_send_suggested, place=place),
        )
        for place in range(8)
    ),
    Command(id="handoff.choose", title="选择联动单位", group="联动", keys=("Ctrl+L",), prepare=_choose),
    Command(
        id="handoff.send",
        title="联动派单",
        group="联动",
        verbs=("联", "联动"),
        grammar="联 单位 [警情号]",
        prepare=partial(_send, channel="slip"),
    ),
    Command(
        id="handoff.phone",
        title="电话通知",
        group="联动",
        verbs=("电", "电话"),
        grammar="电 单位 [警情号] [接听人]",
        prepare=partial(_send, channel="phone"),
    ),
    Command(
        id="handoff.record",
        title="电话代录",
        group="联动",
        verbs=("代录",),
        grammar="代录 单位 签收|出动|到场|结果… [警情号] [内容]",
        prepare=_record,
    ),
    Command(id="handoff.urge", title="催办", group="联动", verbs=("催",), grammar="催 单位 [警情号]", prepare=_urge),
    Command(
        id="handoff.cancel",
        title="撤销派单",
        group="联动",
        verbs=("撤单",),
        grammar="撤单 单位 理由",
        prepare=_cancel,
    ),
    Command(
        id="handoff.close",
        title="派单办结",
        group="联动",
        verbs=("结单",),
        grammar="结单 单位 [警情号]",
        prepare=_finish,
    ),
)
