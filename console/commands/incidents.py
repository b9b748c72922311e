"""Commands on the incident: priority, route, note, review, callback, close, merge, reopen."""

from collections.abc import Sequence
from typing import Any

from console.commands import words
from console.commands.command import Command, Context, Deed, Prepared
from console.domain.errors import UserError
from console.services.incidents import CALLBACK_OUTCOMES

LEVELS = {"1": 1, "2": 2, "3": 3, "4": 4, "一": 1, "二": 2, "三": 3, "四": 4}


def _deed(context: Context, done: str, act: str, **args: Any) -> Deed:
    async def deed() -> str:
        await context.desk.do(act, **args)
        return done

    return deed


def _priority(context: Context, args: Sequence[str]) -> Prepared:
    level = LEVELS.get(args[0].rstrip("级") if args else "")
    if level is None:
        raise UserError("级 一|二|三|四 [警情号] [理由]")
    number, others = words.split_number(args[1:])
    target = words.incident(context, number)
    reason = words.rest(others, "降级理由" if level > target.priority else "")
    done = f"{target.short} 改为{'一二三四'[level - 1]}级"
    return Prepared(
        done, _deed(context, done, "incident.priority", incident=target.number, priority=level, reason=reason)
    )


def _route(context: Context, args: Sequence[str]) -> Prepared:
    route = args[0].upper() if args else ""
    names = {"A": "公安处置", "B": "公安先期处置并通知", "C": "转联动单位"}
    if route not in names:
        raise UserError("分流 A|B|C [警情号]")
    target = words.incident(context, args[1] if len(args) > 1 else "")
    done = f"{target.short} 分流：{names[route]}"
    return Prepared(done, _deed(context, done, "incident.triage", incident=target.number, route=route))


def _note(context: Context, args: Sequence[str]) -> Prepared:
    target = words.incident(context)
    text = words.rest(args, "备注内容")
    return Prepared(
        f"备注 {target.short}：{text}", _deed(context, "已备注", "incident.note", incident=target.number, text=text)
    )


def _answer(context: Context, args: Sequence[str]) -> Prepared:
    target = words.incident(context, args[0] if args else "")
    done = f"已接 {target.short}"
    return Prepared(f"接警 {words.name(target)}", _deed(context, done, "incident.answer", incident=target.number))


def _settle(context: Context, args: Sequence[str]) -> Prepared:
    target = words.incident(context)
    text = words.rest(args, "处结情况")
    return Prepared(
        f"电话处结 {words.name(target)}：{text}",
        _deed(context, "已处结", "incident.settle", incident=target.number, code="desk", text=text),
    )


def _hand_off(context: Context, args: Sequence[str]) -> Prepared:
    number, others = words.split_number(args)
    target = words.incident(context, number)
    reason = words.rest(others)
    return Prepared(
        f"转办 {words.name(target)}",
        _deed(context, "已转办", "incident.hand_off", incident=target.number, reason=reason),
    )


def _review(context: Context, args: Sequence[str]) -> Prepared:
    target = words.incident(context, args[0] if args else "")
    return Prepared(
        f"审核通过 {words.name(target)}", _deed(context, "已审核", "incident.review", incident=target.number)
    )


def _send_back(context: Context, args: Sequence[str]) -> Prepared:
    number, others = words.split_number(args)
    target = words.incident(context, number)
    reason = words.rest(others, "退回理由")
    return Prepared(
        f"退回补充 {words.name(target)}：{reason}",
        _deed(context, "已退回", "incident.send_back", incident=target.number, reason=reason),
    )


def _callback(context: Context, args: Sequence[str]) -> Prepared:
    outcomes = {label: code for code, label in CALLBACK_OUTCOMES.items()}
    if not args or args[0] not in outcomes:
        raise UserError("回访 " + "|".join(outcomes) + " [警情号] [内容]")
    number, others = words.split_number(args[1:])
    target = words.incident(context, number)
    done = f"{target.short} 回访：{args[0]}"
    asked = {"incident": target.number, "outcome": outcomes[args[0]], "text": words.rest(others)}
    return Prepared(done, _deed(context, done, "incident.callback", **asked))


def _close(context: Context, args: Sequence[str]) -> Prepared:
    number, others = words.split_number(args)
    target = words.incident(context, number)

    async def deed() -> str:
        await context.desk.close_incident(target.number, words.rest(others))
        return f"{target.short} 已办结"

    return Prepared(f"办结 {words.name(target)}", deed)


def _invalidate(context: Context, args: Sequence[str]) -> Prepared:
    number, others = words.split_number(args)
    target = words.incident(context, number)
    reason = words.rest(others, "理由")
    return Prepared(
        f"作无效处理 {words.name(target)}：{reason}",
        _deed(context, "已作无效处理", "incident.invalidate", incident=target.number, reason=reason),
    )


def _reopen(context: Context, args: Sequence[str]) -> Prepared:
    number, others = words.split_number(args)
    target = words.incident(context, number)
    reason = words.rest(others, "理由")
    return Prepared(
        f"重启 {words.name(target)}：{reason}",
        _deed(context, "已重启", "incident.reopen", incident=target.number, reason=reason),
    )


def _merge(context: Context, args: Sequence[str]) -> Prepared:
    """`并 重复号 主号`, or `并 主号` for the selected one; the key alone opens the choice."""
    if not args:
        duplicate = words.incident(context)

        async def choose() -> str:
            context.surface.choose_main_incident()
            return ""

        return Prepared(f"为 {words.name(duplicate)} 选择主警情", choose)
    duplicate = words.incident(context, args[0] if len(args) > 1 else "")
    main = words.incident(context, args[-1])
    done = f"{duplicate.short} 已并入 {main.short}"
    return Prepared(
        f"合并 {words.name(duplicate)} → {words.name(main)}",
        _deed(context, done, "incident.merge", incident=duplicate.number, into=main.number),
    )


def _unmerge(context: Context, args: Sequence[str]) -> Prepared:
    number, others = words.split_number(args)
    target = words.incident(context, number)
    reason = words.rest(others, "理由")
    return Prepared(
        f"拆分 {words.name(target)}：{reason}",
        _deed(context, "已拆分", "incident.unmerge", incident=target.number, reason=reason),
    )


COMMANDS = (
    Command(
        id="incident.answer", title="接警", group="警情", verbs=("接", "接警"), grammar="接 [警情号]", prepare=_answer
    ),
    Command(
        id="incident.priority",
        title="改级别",
        group="警情",
        verbs=("级", "级别"),
        grammar="级 一|二|三|四 [警情号] [理由]",
        prepare=_priority,
    ),
    Command(
        id="incident.route", title="分流", group="警情", verbs=("分流",), grammar="分流 A|B|C [警情号]", prepare=_route
    ),
    Command(id="incident.note", title="备注", group="警情", verbs=("备注", "注"), grammar="备注 内容", prepare=_note),
    Command(
        id="incident.settle", title="电话处结", group="警情", verbs=("处结",), grammar="处结 情况", prepare=_settle
    ),
    Command(
        id="incident.hand_off",
        title="转办",
        group="警情",
        verbs=("转", "转办"),
        grammar="转 [警情号]",
        prepare=_hand_off,
    ),
    Command(
        id="incident.review",
        title="审核通过",
        group="警情",
        verbs=("审", "审核"),
        grammar="审 [警情号]",
        prepare=_review,
    ),
    Command(
        id="incident.send_back",
        title="退回补充",
        group="警情",
        verbs=("退",),
        grammar="退 [警情号] 理由",
        prepare=_send_back,
    ),
    Command(
        id="incident.callback",
        title="回访",
        group="警情",
        verbs=("回访",),
        grammar="回访 满意|不满意|未接通|不愿回访 [警情号]",
        prepare=_callback,
    ),
    Command(
        id="incident.close", title="办结", group="警情", verbs=("结", "办结"), grammar="结 [警情号]", prepare=_close
    ),
    Command(
        id="incident.invalidate",
        title="作无效处理",
        group="警情",
        verbs=("无效",),
        grammar="无效 [警情号] 理由",
        prepare=_invalidate,
    ),
    Command(
        id="incident.reopen",
        title="重启",
        group="警情",
        verbs=("重启",),
        grammar="重启 警情号 理由",
        prepare=_reopen,
    ),
    Command(
        id="incident.merge",
        title="合并",
        group="警情",
        keys=("Ctrl+M",),
        verbs=("并", "合并"),
        grammar="并 [重复号] 主号",
        prepare=_merge,
    ),
    Command(
        id="incident.unmerge",
        title="拆分",
        group="警情",
        verbs=("拆",),
        grammar="拆 警情号 理由",
        prepare=_unmerge,
    ),
)
