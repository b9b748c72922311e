"""Commands on linkage agencies: one key sends, further words record what the agency did (电话代录)."""

from collections.abc import Sequence
from functools import partial

from console.commands import names, words
from console.commands.command import Command, Context, Prepared, entry
from console.commands.rehearsal import about, prepare, rehearse
from console.domain.errors import UserError
from console.domain.handoff import Handoff
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
RULINGS = {"责令": "resend", "另派": "reassign"}
"""The chief's word on a refused or returned handoff."""


def _agency_and_incident(context: Context, args: Sequence[str]) -> tuple[Agency, Incident, list[str]]:
    """Both in either order, then the words left. 120, 119 and 12345 are agencies, not incident numbers."""
    number, others = "", list(args)
    if len(others) > 1 and words.is_number(others[0]) and not names.is_agency(context, others[0]):
        number, others = others[0], others[1:]
    agency = names.agency(context, others[0] if others else "")
    others = others[1:]
    if not number:
        number, others = words.take_number(others)
    return agency, words.incident(context, number), others


def _on_handoff(context: Context, args: Sequence[str]) -> tuple[Agency, Incident, Handoff, list[str]]:
    agency, target, others = _agency_and_incident(context, args)
    return agency, target, words.handoff(context, target.number, agency.id), others


def _sending(context: Context, agency: Agency, target: Incident, channel: str, by: str = "") -> Prepared:
    asked = {"agency": agency.id, "agency_name": agency.short, "channel": channel, "by": by}
    step = ("handoff.send", {"incident": target.number, **asked})
    rehearse(context.desk, step)

    async def deed() -> str:
        handoff = await context.desk.send_handoff(target.number, agency.id, channel=channel, by=by)
        if channel == "phone":
            return f"已电话通知 {agency.short}（代录）"
        return f"已派单 {agency.short}，派单纸 {await context.surface.print_slip(handoff)}"

    how = f"电话代录{' ' if by else ''}{by}" if channel == "phone" else "派单纸"
    return Prepared(f"联动 {agency.short} → {words.name(target)}（{how}）", deed, about(step))


def _send(context: Context, args: Sequence[str]) -> Prepared:
    agency, target, others = _agency_and_incident(context, args)
    words.no_more(others)
    return _sending(context, agency, target, "slip")


def _phone(context: Context, args: Sequence[str]) -> Prepared:
    agency, target, others = _agency_and_incident(context, args)
    return _sending(context, agency, target, "phone", words.rest(others))


def _send_suggested(context: Context, args: Sequence[str], *, place: int) -> Prepared:
    words.no_more(args)
    if place >= len(context.focus.suggested):
        raise UserError("此键没有建议的联动单位")
    agency = context.desk.reference.agencies[context.focus.suggested[place]]
    return _sending(context, agency, words.incident(context), context.focus.channel)


def _record(context: Context, args: Sequence[str]) -> Prepared:
    if len(args) < 2 or args[1] not in REPORTS:
        raise UserError("代录 单位 " + "|".join(REPORTS) + " [警情号] [内容]")
    word, act = args[1], REPORTS[args[1]]
    agency, target, handoff, others = _on_handoff(context, [args[0], *args[2:]])
    if act in NAMES_PERSON_FIRST:
        if len(others) < 2:
            raise UserError(f"代录{word}须写明经办人和理由：代录 {agency.short} {word} 经办人 理由")
        said = {"by": others[0], "reason": words.rest(others[1:])}
    else:
        said = {"text": words.rest(others, "处置结果" if act == "result" else "")}
    step = ("handoff.report", {"handoff": handoff.id, "act": act, **said})
    text = f"：{words.rest(others)}" if others else ""
    echo = f"电话代录 {agency.short} {word} → {words.name(target)}{text}"
    return prepare(context, echo, step, done=f"已代录 {agency.short} {word}")


def _urge(context: Context, args: Sequence[str]) -> Prepared:
    agency, target, handoff, others = _on_handoff(context, args)
    step = ("handoff.urge", {"handoff": handoff.id, "text": words.rest(others)})
    done = f"已催办 {agency.short}（第{handoff.urged + 1}次）"
    return prepare(context, f"催办 {agency.short} → {words.name(target)}", step, done=done)


def _cancel(context: Context, args: Sequence[str]) -> Prepared:
    agency, target, handoff, others = _on_handoff(context, args)
    reason = words.rest(others, "撤销理由")
    step = ("handoff.cancel", {"handoff": handoff.id, "reason": reason})
    echo = f"撤销 {agency.short} 的派单（{words.name(target)}）：{reason}"
    return prepare(context, echo, step, done=f"已撤销 {agency.short} 的派单，请通知该单位")


def _rule(context: Context, args: Sequence[str]) -> Prepared:
    if len(args) < 2 or args[1] not in RULINGS:
        raise UserError("裁定 单位 " + "|".join(RULINGS) + " [警情号] 理由")
    agency, target, handoff, others = _on_handoff(context, [args[0], *args[2:]])
    reason = words.rest(others, "裁定理由")
    step = ("handoff.rule", {"handoff": handoff.id, "act": RULINGS[args[1]], "reason": reason})
    echo = f"裁定{args[1]} {agency.short} → {words.name(target)}：{reason}"
    return prepare(context, echo, step, done=f"已裁定{args[1]} {agency.short}")


def _call_back(context: Context, args: Sequence[str]) -> Prepared:
    agency, target, handoff, others = _on_handoff(context, args)
    text = words.rest(others, "回访内容")
    step = ("handoff.call_back", {"handoff": handoff.id, "text": text})
    echo = f"联动回访 {agency.short} → {words.name(target)}：{text}"
    return prepare(context, echo, step, done=f"已记联动回访 {agency.short}")


def _finish(context: Context, args: Sequence[str]) -> Prepared:
    agency, target, handoff, others = _on_handoff(context, args)
    words.no_more(others)
    step = ("handoff.close", {"handoff": handoff.id})
    echo = f"办结 {agency.short} 的派单（{words.name(target)}）"
    return prepare(context, echo, step, done=f"{agency.short} 派单办结")


def _choose(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    target = words.incident(context)
    return prepare(context, f"为 {words.name(target)} 选择联动单位", done="", then=context.surface.choose_agency)


_entry = partial(entry, "联动")


def _suggested(place: int) -> Command:
    return _entry(
        f"handoff.suggested{place + 1}",
        f"联动建议单位{place + 1}",
        "",
        partial(_send_suggested, place=place),
        f"{'Shift+' if place >= 4 else ''}F{5 + place % 4}",
        hint="联动" if place < 4 else "",
    )


COMMANDS = (
    *(_suggested(place) for place in range(8)),
    _entry("handoff.choose", "选择联动单位", "", _choose, "Ctrl+L"),
    _entry("handoff.send", "联动派单", "联 单位 [警情号]", _send, also=("联动",)),
    _entry("handoff.phone", "电话通知", "电 单位 [警情号] [接听人]", _phone, also=("电话",)),
    _entry("handoff.record", "电话代录", f"代录 单位 {'|'.join(REPORTS)} [警情号] [内容]", _record),
    _entry("handoff.urge", "催办", "催 单位 [警情号] [内容]", _urge, also=("催办",)),
    _entry("handoff.cancel", "撤销派单", "撤单 单位 [警情号] 理由", _cancel),
    _entry("handoff.rule", "值班长裁定", f"裁定 单位 {'|'.join(RULINGS)} [警情号] 理由", _rule),
    _entry("handoff.callback", "联动回访", "访单 单位 [警情号] 内容", _call_back),
    _entry("handoff.close", "派单办结", "结单 单位 [警情号]", _finish),
)
