"""Commands on units: send, report on behalf, withdraw, divert, change status."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from console.commands import names, words
from console.commands.command import Command, Context, Prepared, entry
from console.commands.rehearsal import prepare
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.recommend import Candidate
from console.domain.unit import UNIT_LABELS, Unit
from console.services import dispatch

STEPS = {"sign": "签收", "depart": "出发", "arrive": "到场", "report": "报现场", "feedback": "反馈"}


def _unit_and_incident(context: Context, args: Sequence[str]) -> tuple[Unit, Incident, list[str]]:
    """Both in either order, then the words left: 派 巡05 0190 理由, 派 0190 巡05."""
    number, others = "", list(args)
    if len(others) > 1 and words.is_number(others[0]):
        number, others = others[0], others[1:]
    sent = names.unit(context, others[0] if others else "")
    others = others[1:]
    if not number:
        number, others = words.take_number(others)
    _one_unit_only(context, others)
    return sent, words.incident(context, number), others


def _one_unit_only(context: Context, others: Sequence[str]) -> None:
    if others and any(unit.id == others[0] for unit in context.desk.picture.units()):
        raise UserError(f"一次派一个警组；{others[0]} 请另派")


def _way(context: Context, unit: Unit, number: str) -> str:
    """How far it is and what speaks against it, if the desk has judged this unit."""
    judged = [*context.focus.ranked(number), context.focus.best(number)]
    found = next((c for c in judged if c is not None and c.unit.id == unit.id), None)
    return "".join(f"（{part}）" for part in _judgement(found)) if found is not None else ""


def _judgement(found: Candidate) -> list[str]:
    way, said = found.way, []
    if way is not None:
        minutes, seconds = divmod(round(way.time_s), 60)
        said.append(f"{'路网' if way.by_road else '直线'} {minutes}分{seconds:02}秒")
    if found.why_not:
        said.append(f"⚠ {found.why_not}")
    return said


def _assign(context: Context, args: Sequence[str]) -> Prepared:
    sent, target, others = _unit_and_incident(context, args)
    reason = words.rest(others)
    asked: dict[str, object] = {"unit": sent.id, "incident": target.number, "reason": reason}
    odd = dispatch.odd(sent, target, reason)
    if odd:
        # Warned once, in the echo, and then it may be done: to the unit as it stood when it was asked.
        asked |= {"anyway": True, "seen_on": sent.incident}
    way = f"（⚠ {odd}；仍要派按 Enter）" if odd else _way(context, sent, target.number)
    done = f"已派 {sent.id} → {words.name(target)}"
    prepared = prepare(context, f"派警 {sent.id} → {words.name(target)}{way}", ("unit.assign", asked), done=done)
    return replace(prepared, warning=odd)


def _divert(context: Context, args: Sequence[str]) -> Prepared:
    sent, target, others = _unit_and_incident(context, args)
    reason = words.rest(others, "改派理由")
    step = ("unit.divert", {"unit": sent.id, "incident": target.number, "reason": reason})
    done = f"已改派 {sent.id} → {words.name(target)}"
    return prepare(context, f"改派 {sent.id} → {words.name(target)}：{reason}", step, done=done)


def _withdraw(context: Context, args: Sequence[str]) -> Prepared:
    recalled = names.unit(context, args[0]) if args else names.unit_on_the_case(context)
    reason = words.rest(args[1:])
    if not reason:
        raise UserError(f"撤回 {recalled.id} 的派警须写明理由：撤 {recalled.id} 理由")
    step = ("unit.withdraw", {"unit": recalled.id, "reason": reason})
    return prepare(context, f"撤回 {recalled.id} 的派警：{reason}", step, done=f"已撤回 {recalled.id}")


def _report(context: Context, args: Sequence[str], *, step: str, needs_text: bool) -> Prepared:
    reporting = names.unit(context, args[0]) if args else names.unit_on_the_case(context)
    text = words.rest(args[1:], "内容" if needs_text else "")
    asked = ("unit.report", {"unit": reporting.id, "step": step, "text": text})
    order = f" → {reporting.incident.partition('-')[2]}" if reporting.incident else ""
    said = f"{reporting.id} {STEPS[step]}{order}"
    return prepare(context, f"代报 {said}" + (f"：{text}" if text else ""), asked, done=f"已代报 {said}")


def _status(context: Context, args: Sequence[str]) -> Prepared:
    moving = names.unit(context, args[0] if args else "")
    word = args[1] if len(args) > 1 else ""
    status = next((status for status, label in UNIT_LABELS.items() if word in (label, status.value)), None)
    if status is None:
        raise UserError("请写明勤务状态：" + "、".join(UNIT_LABELS.values()))
    reported = next((name for name, (_, after) in dispatch.STEPS.items() if after is status), None)
    if reported is not None and moving.incident:
        # A status that is a step of the unit's order is a report on it.
        return _report(context, [moving.id, *args[2:]], step=reported, needs_text=reported in ("report", "feedback"))
    step = ("unit.status", {"unit": moving.id, "status": status.value, "reason": words.rest(args[2:])})
    label = UNIT_LABELS[status]
    return prepare(context, f"{moving.id} 转为“{label}”", step, done=f"{moving.id} {label}")


_entry = partial(entry, "警力")


def _reporting(step: str, name: str, grammar: str, title: str) -> Command:
    report = partial(_report, step=step, needs_text=step in ("report", "feedback"))
    return _entry(f"unit.{name}", title, grammar, report)


COMMANDS = (
    _entry("unit.assign", "派警", "派 呼号 [警情号] [理由]", _assign, also=("派警",)),
    _reporting("sign", "sign", "签收 [呼号]", "代报签收"),
    _reporting("depart", "depart", "出发 [呼号]", "代报出发"),
    _reporting("arrive", "arrive", "到场 [呼号]", "代报到场"),
    _reporting("report", "scene", "现场 呼号 情况", "代报现场"),
    _reporting("feedback", "feedback", "反馈 呼号 结果", "代报反馈"),
    _entry("unit.withdraw", "撤回派警", "撤 呼号 理由", _withdraw),
    _entry("unit.divert", "改派", "改派 呼号 警情号 理由", _divert),
    _entry("unit.status", "改勤务状态", "状态 呼号 状态 [理由]", _status),
)
