"""Commands on the telephone: take a call, hold it, give it to another seat, end it, ring back, attach it.

Each is about the call this seat has; where it has several, about the one that is talked on.
"""

from collections.abc import Callable, Sequence
from functools import partial

from console.commands import words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import prepare
from console.domain.account import Seat
from console.domain.call import Call
from console.domain.errors import UserError
from console.services.calls import ringing
from console.services.calls_in_hand import of_seat, offers_to

OUTCOMES = {"接通": "reached", "未接通": "unreached"}


def name(call: Call) -> str:
    """How a call is named in an echo: its number."""
    return call.number or "号码未显示"


def _in_hand(context: Context) -> list[Call]:
    """What this seat has, the one that is talked on first; at least one."""
    desk = context.desk
    calls = of_seat(desk.picture.state, desk.actor, desk.seat)
    if not calls:
        raise UserError("本席没有这样的通话")
    return calls


def _had(context: Context, which: Callable[[Call], bool] = lambda _: True) -> Call:
    calls = [call for call in _in_hand(context) if which(call)]
    if not calls:
        raise UserError("本席没有这样的通话")
    return calls[0]


def _take(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    state, desk = context.desk.picture.state, context.desk
    calls = [*offers_to(state, desk.seat), *ringing(state, desk.clock)]
    if not calls:
        raise UserError("没有来电在响")
    return prepare(context, f"接听 {name(calls[0])}", done="", then=context.surface.new_incident)


def _hold(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    call = _had(context)
    if call.held_at is not None:
        return _step(context, call, "resume", "取回")
    return _step(context, call, "hold", "保留")


def _resume(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    return _step(context, _had(context, lambda call: call.held_at is not None), "resume", "取回")


def _hang_up(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    call = _in_hand(context)[0]
    if call.held_at is not None:
        # Whom the key meant has hung up himself: it must not cut off the next one, who waits.
        raise UserError("只剩保留的来电，请先按 Alt+B 取回再挂机")
    return _step(context, call, "hang_up", "挂机")


def _step(context: Context, call: Call, act: str, verb: str) -> Prepared:
    return prepare(context, f"{verb} {name(call)}", (f"call.{act}", {"call": call.id}), done="")


def _offer(context: Context, args: Sequence[str]) -> Prepared:
    call = _had(context)
    if not args:
        begin = partial(context.surface.begin_line, "转接 ")
        return prepare(context, f"转接 {name(call)}：请写明席位", done="", then=begin)
    seat = _seat(context, args[0])
    words.no_more(args[1:])
    step = ("call.offer", {"call": call.id, "to": seat.id})
    echo = f"转接 {name(call)} → 席位{seat.id} {seat.name}".strip()
    return prepare(context, echo, step, done=f"已请席位{seat.id}接听，等对方接起")


def _seat(context: Context, word: str) -> Seat:
    """A seat by its number, or by the number or name of who sits there."""
    seats = [seat for seat in context.desk.picture.state.all(Seat) if seat.actor]
    if not seats:
        return Seat(id=word)
    found = [s for s in seats if s.id == word] or [s for s in seats if s.id.lstrip("0") == word.lstrip("0")]
    found = found or [seat for seat in seats if word in (seat.actor, seat.name)]
    if len(found) == 1:
        return found[0]
    others = "、".join(f"{s.id} {s.name}".strip() for s in seats if s.id != context.desk.seat)
    raise UserError(f"查无在席的席位：{word}" + (f"（在席：{others}）" if others else ""))


def _decline(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    desk = context.desk
    offered = offers_to(desk.picture.state, desk.seat)
    if offered:
        call = offered[0]
        return prepare(context, f"不接 {name(call)}", ("call.decline", {"call": call.id}), done="已退回")
    call = _had(context, lambda call: bool(call.transfer_to))
    return prepare(context, f"收回转接 {name(call)}", ("call.decline", {"call": call.id}), done="已收回")


def _return(context: Context, args: Sequence[str]) -> Prepared:
    if not args:
        return prepare(context, "回拨未接来电", done="", then=context.surface.return_call)
    if args[0] not in OUTCOMES:
        raise UserError("回电结果请写 接通 或 未接通")
    words.no_more(args[1:])
    return _outcome(context, (), said=args[0])


def _outcome(context: Context, args: Sequence[str], *, said: str) -> Prepared:
    words.no_more(args)
    desk = context.desk
    # Those that were reached as well: a key pressed twice means the same caller, never the one before or another's.
    rung = desk.picture.state.where(Call, called_back_by=desk.actor)
    mine = [call for call in rung if call.called_back_at is not None]
    if not mine:
        raise UserError("没有正在回电的未接来电，先按 Shift+F9 回拨")
    call = max(mine, key=lambda call: call.called_back_at or call.rang_at)
    step = ("call.call_back", {"call": call.id, "outcome": OUTCOMES[said]})
    return prepare(context, f"回电{said} {name(call)}", step, done=f"已记 {name(call)} 回电{said}")


def _attached(context: Context) -> Call:
    """Who is talked to; a caller on hold only where he is the only one."""
    calls = _in_hand(context)
    if calls[0].held_at is not None and len(calls) > 1:
        raise UserError("有几个保留的来电，请先取回要附的一个")
    return calls[0]


def _attach(context: Context, args: Sequence[str]) -> Prepared:
    call = _attached(context)
    if not args and not context.focus.incident:
        begin = partial(context.surface.begin_line, "附 ")
        return prepare(context, f"附 {name(call)}：请写明警情号", done="", then=begin)
    target = words.incident(context, words.number_only(args))
    step = ("call.attach", {"call": call.id, "incident": target.number})
    echo = f"来电 {name(call)} 附到 {words.name(target)}"
    return prepare(context, echo, step, done=f"已作为补充来电附到 {target.short}")


_entry = partial(entry, "电话")

COMMANDS = (
    _entry("call.take", "接听来电", "接听", _take),
    _entry("call.hold", "保留或取回", "保留", _hold, "Alt+B"),
    _entry("call.resume", "取回保留的来电", "取回", _resume),
    _entry("call.offer", "转接来电", "转接 [席位]", _offer, "Alt+T"),
    _entry("call.decline", "不接转来的电话", "拒转", _decline, "Alt+D"),
    _entry("call.hang_up", "结束通话", "挂机", _hang_up, "Alt+E"),
    _entry("call.attach", "附到警情", "附 [警情号]", _attach, "Alt+X"),
    _entry("call.call_back", "回电未接来电", "回电 [接通|未接通]", _return),
    _entry("call.unreached", "回电未接通", "", partial(_outcome, said="未接通"), "Ctrl+F9"),
    _entry("call.reached", "回电接通", "", partial(_outcome, said="接通"), "Ctrl+Shift+F9"),
)
