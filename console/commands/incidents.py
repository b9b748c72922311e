"""Commands on the incident: priority, route, note, review, callback, close, merge, reopen."""

from collections.abc import Sequence
from functools import partial

from console.commands import words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import about, prepare, rehearse
from console.domain.errors import UserError
from console.services.incidents import CALLBACK_OUTCOMES

LEVELS = {word: level for level, pair in enumerate(("1一", "2二", "3三", "4四"), 1) for word in pair}
ROUTES = {"A": "公安处置", "B": "公安先期处置并通知", "C": "转联动单位"}
OUTCOMES = {label: outcome for outcome, label in CALLBACK_OUTCOMES.items()}


def _plain(context: Context, args: Sequence[str], *, act: str, echo: str, done: str) -> Prepared:
    """An act that needs nothing but the incident."""
    target = words.incident(context, words.number_only(args))
    step = (f"incident.{act}", {"incident": target.number})
    return prepare(context, f"{echo} {words.name(target)}", step, done=f"{done} {target.short}")


def _with_reason(
    context: Context, args: Sequence[str], *, act: str, echo: str, done: str, what: str = "理由", ended: bool = False
) -> Prepared:
    """An act that needs the incident and a reason."""
    number, others = words.take_number(args)
    target = words.incident(context, number, ended=ended)
    reason = words.rest(others, what)
    step = (f"incident.{act}", {"incident": target.number, "reason": reason})
    return prepare(context, f"{echo} {words.name(target)}：{reason}", step, done=f"{done} {target.short}")


def _priority(context: Context, args: Sequence[str]) -> Prepared:
    level = LEVELS.get(args[0].removesuffix("级") if args else "")
    if level is None:
        raise UserError("级 一|二|三|四 [警情号] [理由]")
    number, others = words.take_number(args[1:])
    target = words.incident(context, number)
    reason = words.rest(others, "降级理由" if level > target.priority else "")
    step = ("incident.priority", {"incident": target.number, "priority": level, "reason": reason})
    to = f"改为{'一二三四'[level - 1]}级"
    return prepare(context, f"{words.name(target)} {to}", step, done=f"{target.short} {to}")


def _route(context: Context, args: Sequence[str]) -> Prepared:
    route = args[0].upper() if args else ""
    if route not in ROUTES:
        raise UserError("分流 A|B|C [警情号]")
    target = words.incident(context, words.number_only(args[1:]))
    step = ("incident.triage", {"incident": target.number, "route": route})
    to = f"分流：{route} {ROUTES[route]}"
    return prepare(context, f"{words.name(target)} {to}", step, done=f"{target.short} {to}")


def _confidential(context: Context, args: Sequence[str], *, confidential: bool) -> Prepared:
    """Hidden from everybody who has no business with it, or shown again."""
    number, others = words.take_number(args)
    target, reason = words.incident(context, number), words.rest(others, "理由")
    step = ("incident.confidential", {"incident": target.number, "confidential": confidential, "reason": reason})
    to = "标为保密" if confidential else "解除保密"
    return prepare(context, f"{to} {words.name(target)}：{reason}", step, done=f"{target.short} 已{to}")


def _note(context: Context, args: Sequence[str]) -> Prepared:
    target, text = words.incident(context), words.rest(args, "备注内容")
    step = ("incident.note", {"incident": target.number, "text": text})
    return prepare(context, f"备注 {words.name(target)}：{text}", step, done=f"已备注 {target.short}")


def _settle(context: Context, args: Sequence[str]) -> Prepared:
    number, others = words.take_number(args)
    target, text = words.incident(context, number), words.rest(others, "处结情况")
    step = ("incident.settle", {"incident": target.number, "code": "desk", "text": text})
    return prepare(context, f"电话处结 {words.name(target)}：{text}", step, done=f"已处结 {target.short}")


def _callback(context: Context, args: Sequence[str]) -> Prepared:
    if not args or args[0] not in OUTCOMES:
        raise UserError("回访 " + "|".join(OUTCOMES) + " [警情号] [内容]")
    number, others = words.take_number(args[1:])
    target = words.incident(context, number)
    asked = {"incident": target.number, "outcome": OUTCOMES[args[0]], "text": words.rest(others)}
    echo = f"回访 {words.name(target)}：{args[0]}"
    return prepare(context, echo, ("incident.callback", asked), done=f"{target.short} 回访：{args[0]}")


def _close(context: Context, args: Sequence[str]) -> Prepared:
    target = words.incident(context, words.number_only(args))
    asked = {"incident": target.number, "needs_callback": context.desk.needs_callback(target)}
    step = ("incident.close", asked)
    rehearse(context.desk, step)

    async def deed() -> str:
        await context.desk.close_incident(target.number)
        return f"{target.short} 已办结"

    return Prepared(f"办结 {words.name(target)}", deed, about(step))


def _merge(context: Context, args: Sequence[str]) -> Prepared:
    """`并 重复号 主号`, or `并 主号` for the selected one; the key alone opens the choice."""
    words.no_more(args[2:])
    duplicate = words.incident(context, args[0] if len(args) > 1 else "")
    if not args:
        echo = f"为 {words.name(duplicate)} 选择主警情"
        return prepare(context, echo, done="", then=context.surface.choose_main_incident)
    main = words.incident(context, args[-1])
    step = ("incident.merge", {"incident": duplicate.number, "into": main.number})
    done = f"{duplicate.short} 已并入 {main.short}"
    return prepare(context, f"合并 {words.name(duplicate)} → {words.name(main)}", step, done=done)


PLACES = ("1", "2", "3")


def _duplicate(context: Context, args: Sequence[str], place: int | None = None) -> Prepared:
    """`重 1|2|3`, or its key: what is in the column is the same event as that possible duplicate."""
    words.no_more(args[1:])
    if place is None and not (args and args[0] in PLACES):
        raise UserError(f"请写第几条：{'、'.join(PLACES)}")
    chosen = PLACES.index(args[0]) if place is None else place
    echo = f"并入或附到疑似重复第{chosen + 1}条"
    return prepare(context, echo, done="", then=partial(context.surface.take_duplicate, chosen))


_entry = partial(entry, "警情")

COMMANDS = (
    _entry(
        "incident.answer",
        "接警",
        "接 [警情号]",
        partial(_plain, act="answer", echo="接警", done="已接"),
        also=("接警",),
    ),
    _entry("incident.priority", "改级别", "级 一|二|三|四 [警情号] [理由]", _priority, also=("级别",)),
    _entry("incident.route", "分流", "分流 A|B|C [警情号]", _route),
    _entry("incident.note", "备注", "备注 内容", _note, also=("注",)),
    _entry("incident.settle", "电话处结", "处结 [警情号] 情况", _settle),
    _entry(
        "incident.hand_off",
        "转办",
        "转 [警情号]",
        partial(_plain, act="hand_off", echo="转办", done="已转办"),
        also=("转办",),
    ),
    _entry(
        "incident.review",
        "送审",
        "审 [警情号]",
        partial(_plain, act="review", echo="送审", done="已送审核"),
        also=("审核",),
    ),
    _entry(
        "incident.send_back",
        "退回补充",
        "退 [警情号] 理由",
        partial(_with_reason, act="send_back", echo="退回补充", done="已退回", what="退回理由"),
    ),
    _entry("incident.callback", "回访", f"回访 {'|'.join(OUTCOMES)} [警情号] [内容]", _callback),
    _entry("incident.close", "办结", "结 [警情号]", _close, also=("办结",)),
    _entry(
        "incident.invalidate",
        "作无效处理",
        "无效 [警情号] 理由",
        partial(_with_reason, act="invalidate", echo="作无效处理", done="已作无效处理"),
    ),
    _entry(
        "incident.reopen",
        "重启",
        "重启 警情号 理由",
        partial(_with_reason, act="reopen", echo="重启", done="已重启", ended=True),
    ),
    _entry("incident.confide", "标为保密", "保密 [警情号] 理由", partial(_confidential, confidential=True)),
    _entry("incident.open_up", "解除保密", "解密 [警情号] 理由", partial(_confidential, confidential=False)),
    *(
        _entry(
            f"incident.duplicate{place}",
            f"疑似重复第{place}条",
            "",
            partial(_duplicate, place=place - 1),
            f"Ctrl+{place}",
        )
        for place in (1, 2, 3)
    ),
    _entry("incident.duplicate", "并入疑似重复", "重 1|2|3", _duplicate, also=("重复",)),
    _entry("incident.merge", "合并", "并 [重复号] [主号]", _merge, "Ctrl+M", also=("合并",)),
    _entry(
        "incident.unmerge",
        "拆分",
        "拆 警情号 理由",
        partial(_with_reason, act="unmerge", echo="拆分", done="已拆分", ended=True),
    ),
)
