"""Commands on plans: the tick list, the next wave, the primary unit, an order told by radio, help from other zones."""

from collections.abc import Sequence
from functools import partial

from console.commands import names, words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import prepare
from console.domain.assignment import Assignment
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.plan import Proposal, Slot
from console.domain.plan_tables import Partner
from console.domain.report_up import HelpRequest
from console.services.help_requests import KINDS, open_requests
from console.spelling.initials import initials

ANSWERS = {"同意": "ACCEPTED", "不同意": "REFUSED"}


def _proposal(context: Context, target: Incident) -> Proposal:
    found = context.focus.plan(target.number, 0)
    if found is None:
        raise UserError(f"{target.short} 没有派警方案，请指定呼号派警")
    return found


def _named(slot: Slot) -> str:
    """巡04（直线1分34秒）."""
    assert slot.unit is not None
    return f"{slot.unit.id}（{slot.reasons[0]}）" if slot.reasons else slot.unit.id


def _title(proposal: Proposal) -> str:
    """打架斗殴、滋事 · 第一梯次 …"""
    plan = proposal.plan.name if proposal.plan is not None else ""
    return " · ".join(filter(None, [plan, proposal.wave_name or f"第{proposal.wave}梯次"]))


def _open(context: Context, args: Sequence[str]) -> Prepared:
    target = words.incident(context, words.number_only(args))
    show = partial(context.surface.show_plan, target.number, 0)
    return prepare(context, f"派警方案 {words.name(target)}", done="", then=show)


def _wave(context: Context, args: Sequence[str]) -> Prepared:
    """Send what the next wave proposes ticked; nobody is sent whom a person would have to be asked about."""
    target = words.incident(context, words.number_only(args))
    proposal = _proposal(context, target)
    if not proposal.ticked:
        why = "；".join(slot.warning for slot in proposal.slots if slot.warning)
        raise UserError(f"{_title(proposal)}没有可以直接派的警组" + (f"：{why}" if why else "，请打开方案勾选"))
    step = ("unit.assign_plan", _args(proposal))
    sent = "、".join(_named(slot) for slot in proposal.slots if slot.ticked)
    missing = "".join(f"；⚠ {slot.warning}" for slot in proposal.short)
    done = f"已派 {'、'.join(proposal.ticked)} → {words.name(target)}"
    return prepare(context, f"{_title(proposal)} → {words.name(target)}：{sent}{missing}", step, done=done)


def _args(proposal: Proposal) -> dict[str, object]:
    return {"incident": proposal.incident, "units": list(proposal.ticked), "wave": proposal.wave}


def _lead(context: Context, args: Sequence[str]) -> Prepared:
    named = names.unit(context, args[0] if args else context.focus.unit)
    target = words.incident(context, words.number_only(args[1:]) or named.incident)
    step = ("unit.lead", {"incident": target.number, "unit": named.id})
    done = f"{named.id} 为 {target.short} 主办警组"
    return prepare(context, f"{named.id} 主办 {words.name(target)}", step, done=done)


def _radio(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args[1:])
    told = names.unit(context, args[0]) if args else names.unit_on_the_case(context)
    orders = [o for o in context.desk.picture.state.where(Assignment, unit=told.id) if o.open]
    if not orders:
        raise UserError(f"{told.id}没有在办派警单")
    step = ("order.radio", {"assignment": orders[-1].id})
    return prepare(context, f"已用电台通知 {told.id}", step, done=f"已记：电台通知 {told.id}")


# -- help from other zones -------------------------------------------------------------------------------------------


def _fits(name: str, word: str) -> bool:
    return name.startswith(word) or initials(name).startswith(word.lower())


def _partner(context: Context, word: str) -> Partner:
    partners = context.desk.reference.plans.partners
    whole = [p for p in partners if word in (p.id, p.name)]
    found = whole or [p for p in partners if word and _fits(p.name, word)]
    if len(found) == 1:
        return found[0]
    known = "、".join(p.name for p in (found or partners))
    raise UserError(f"请写明向谁请求协作：{known}" if known else "还没有登记协作单位（plans.json partners）")


def _ask(context: Context, args: Sequence[str]) -> Prepared:
    partner = _partner(context, args[0] if args else "")
    number, others = words.take_number(args[1:])
    target, text = words.incident(context, number), words.rest(others, "请求的内容")
    said = {"incident": target.number, "kind": partner.kind, "recipient": partner.name, "text": text}
    echo = f"{KINDS[partner.kind]}协作 {partner.name} {partner.phone}（{words.name(target)}）：{text}"
    return prepare(context, echo, ("help.ask", said), done=f"已请求 {partner.name} 协作，请电话告知")


def _request(context: Context, word: str) -> HelpRequest:
    """The open request to a partner: on the selected incident first."""
    running = open_requests(context.desk.picture.state)
    here = [r for r in running if r.incident == context.focus.incident]
    for rows in (here, running):
        found = [r for r in rows if not word or _fits(r.recipient, word)]
        if len(found) == 1:
            return found[0]
    named = "、".join(r.recipient for r in running)
    raise UserError(f"请写明是谁的答复：{named}" if named else "没有等待答复的协作请求")


def _answer(context: Context, args: Sequence[str]) -> Prepared:
    request = _request(context, args[0] if args else "")
    word = args[1] if len(args) > 1 else ""
    if word not in ANSWERS:
        raise UserError("请写明同意或不同意")
    by, text = args[2] if len(args) > 2 else "", words.rest(args[3:])
    said = {"request": request.id, "state": ANSWERS[word], "by": by, "answer": text}
    echo = f"{request.recipient} {word}（{by}）" + (f"：{text}" if text else "")
    return prepare(context, echo, ("help.answer", said), done=f"已记：{request.recipient} {word}")


def _withdraw(context: Context, args: Sequence[str]) -> Prepared:
    request = _request(context, args[0] if args else "")
    said = {"request": request.id, "reason": words.rest(args[1:])}
    done = f"已撤回向{request.recipient}的请求"
    return prepare(context, f"撤回向 {request.recipient} 的协作请求", ("help.withdraw", said), done=done)


_entry = partial(entry, "警力")

COMMANDS = (
    _entry("plan.open", "派警方案", "方案 [警情号]", _open, "Ctrl+D"),
    _entry("plan.wave", "派下一梯次", "梯次 [警情号]", _wave, "Ctrl+Shift+D"),
    _entry("unit.lead", "指定主办警组", "主办 呼号 [警情号]", _lead),
    _entry("order.radio", "已电台通知", "电台 [呼号]", _radio),
    _entry("help.ask", "请求跨区协作", "协作 接收方 [警情号] 内容", _ask),
    _entry("help.answer", "记协作答复", "协复 接收方 同意|不同意 答复人 [内容]", _answer),
    _entry("help.withdraw", "撤回协作请求", "撤协 接收方 [理由]", _withdraw),
)
