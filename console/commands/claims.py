"""Commands on whose incident it is 接手 / 让出, and the list of who is where 席位.

One word takes an incident in whatever way it may be had now: at once where nobody has it or its owner's seat is
silent, else by asking the owner. The echo says which.
"""

from collections.abc import Sequence
from functools import partial

from console.commands import words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import prepare, rehearse
from console.domain.account import Account, Role
from console.domain.incident import Incident


def _person(context: Context, actor: str) -> str:
    account = context.desk.picture.state.get(Account, actor)
    return f"{actor} {account.name}".strip() if account is not None else actor


def _take(context: Context, args: Sequence[str]) -> Prepared:
    number, others = words.take_number(args)
    target, reason = words.incident(context, number), words.rest(others)
    silent = context.focus.silent_since(target.owner) if target.owner else ""
    asked = {"incident": target.number}
    named, owner = words.name(target), _person(context, target.owner)
    taking = {**asked, "reason": reason, **({"silent_since": silent} if silent else {})}
    if not target.owner:
        return prepare(context, f"接手 {named}", ("incident.take", taking), done=f"已接手 {target.short}")
    if silent:
        echo = f"接手 {named}（{owner} 的席位失联）"
        return prepare(context, echo, ("incident.take", taking), done=f"已接手 {target.short}，原接警人 {owner}")
    if target.asked_by and Role.CHIEF in context.desk.roles and target.owner != context.desk.actor:
        echo = f"从 {owner} 接手 {named}：{reason or '（请写明理由）'}"
        if not reason:
            # Whether he may have it now is told first; the key then begins the line that the reason completes.
            rehearse(context.desk, ("incident.take", {**taking, "reason": "…"}))
            return prepare(context, echo, done="", then=partial(context.surface.begin_line, f"接手 {target.short} "))
        return prepare(context, echo, ("incident.take", taking), done=f"已从 {owner} 接手 {target.short}")
    words.no_more(others)
    echo = f"向 {owner} 请求接手 {named}"
    return prepare(context, echo, ("incident.ask_for", asked), done=f"已请求接手 {target.short}，等 {owner} 答复")


def _wanted(context: Context) -> Incident:
    """The incident that is meant by 让出 alone: one of ours that somebody asked for, the selected one first."""
    mine = [i for i in context.desk.picture.incidents() if i.open and i.owner == context.desk.actor and i.asked_by]
    chosen = [i for i in mine if i.number == context.focus.incident]
    return next(iter(chosen or mine), None) or words.incident(context)


def _give(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args[2:])
    target = words.incident(context, args[0]) if args else _wanted(context)
    to = args[1] if len(args) > 1 else ""
    whom = _person(context, to or target.asked_by)
    step = ("incident.give", {"incident": target.number, **({"to": to} if to else {})})
    return prepare(context, f"让出 {words.name(target)} → {whom}", step, done=f"已让出 {target.short} 给 {whom}")


def _seats(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    return prepare(context, "席位一览（谁在哪起警情）", done="", then=context.surface.show_seats)


_entry = partial(entry, "席位")

COMMANDS = (
    _entry("claim.take", "接手", "接手 [警情号] [理由]", _take, "Ctrl+T"),
    _entry("claim.give", "让出", "让出 [警情号] [警号]", _give, "Ctrl+G"),
    _entry("claim.seats", "席位一览", "席位", _seats, also=("席位一览",)),
)
