"""Reading what a person types: incident numbers, alarms, handoffs, the rest of a line.

A wrong object can cost a life: a word is taken for an incident only if it can be no other, and a word that
may be a mistyped number is never taken for a reason. Everything else is a UserError that names the candidates.
"""

import re
from collections.abc import Sequence

from console.commands.command import Context
from console.domain.alarm import ALARM, Alarm
from console.domain.errors import UserError
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.state import need
from console.services.desk import Desk
from console.services.sight import visible

NARROW = {
    wide: wide - 0xFEE0
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"), ("－", "－"))
    for wide in range(ord(first), ord(last) + 1)
}
_NUMBER = re.compile(r"\d{1,6}|[A-Z]{0,4}\d{2,8}-(?:\d{1,6}|L\d+-\d+)|L\d+-\d+", re.ASCII)
_LIKE_A_NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-z-]+", re.ASCII)
DIGITS = 4
"""An incident number has at least so many digits; fewer are a short form."""


def split(line: str) -> list[str]:
    """The words of a line; wide digits, letters and blanks of a Chinese input method (０１　) count as plain ones."""
    return line.translate(NARROW).split()


def is_number(word: str) -> bool:
    """Whether a word is written like an incident number: 190, 0190, 1121-0190, ZZ20261121-0190, L03-07."""
    return _NUMBER.fullmatch(word.upper()) is not None


def take_number(args: Sequence[str]) -> tuple[str, list[str]]:
    """(incident number or '', the other words) where the number, if any, comes first and text may follow.

    With text after it a short number is refused: “3” may be the number 0003 or the beginning of the text.
    """
    if not args or not _LIKE_A_NUMBER.fullmatch(args[0]):
        return "", list(args)
    first, rest = args[0], list(args[1:])
    if not is_number(first):
        raise UserError(f"看不懂警情号：{first}")
    if rest and first.isdigit() and len(first) < DIGITS:
        raise UserError(f"“{first}”若是警情号请写 {first.zfill(DIGITS)}；若是内容请以文字开头")
    return first, rest


def incident(context: Context, word: str = "", *, ended: bool = False) -> Incident:
    """The incident of a typed number, else the selected one.

    Several days may have the same short number: the one that is open is meant (`ended`: the one that is not);
    if that leaves more than one, the person must write the day too (1121-0190).
    """
    if not word:
        if not context.focus.incident:
            raise UserError("请先选中警情，或写明警情号")
        return need(context.desk.picture.state, Incident, context.focus.incident)
    found = _numbered(context.desk, word.upper())
    if not found:
        raise UserError(f"查无此警情：{word}")
    meant = [i for i in found if i.open is not ended] or found
    if len(meant) > 1:
        raise UserError(f"{word} 有多起，请写全号：" + "、".join(f"{i.number} {i.title}".strip() for i in meant))
    return meant[0]


def _numbered(desk: Desk, word: str) -> list[Incident]:
    state = desk.picture.state
    same = state.get(Incident, word)
    whole = visible(desk, [*([same] if same is not None else ()), *state.where(Incident, alias=word)])
    if whole:
        return whole
    short = f"-{word.zfill(DIGITS) if word.isdigit() else word}"
    # A number with its day or a part of it (1121-0190) needs no dash before it.
    dated = word[0].isdigit() and "-" in word
    ends = (short, word) if dated else short
    # Thousands are read at every letter of a line: who may see what is asked of the few that are meant.
    return visible(desk, [i for i in desk.picture.incidents() if i.number.endswith(ends) or i.alias.endswith(short)])


def handoff(context: Context, number: str, agency_id: str) -> Handoff:
    """The running handoff to an agency on an incident."""
    running = [h for h in context.desk.picture.handoffs(number) if h.agency == agency_id and h.open]
    if not running:
        raise UserError(f"{context.desk.reference.agencies[agency_id].short}在该警情上没有在办派单")
    return running[-1]


def on_strip(context: Context) -> Alarm | None:
    """The alarm that F1 to F3 are about: the unacknowledged one, else the acknowledged one that waits for its unit."""
    chosen = context.desk.picture.state.get(Alarm, context.focus.alarm)
    if chosen is not None and chosen.unacknowledged:
        return chosen
    held = context.desk.picture.state.get(Alarm, context.focus.held)
    return held if held is not None and held.open else None


def alarm(context: Context) -> Alarm:
    """The alarm on the strip, else the selected incident's, else the chosen one."""
    shown = on_strip(context)
    waiting = [shown] if shown is not None else _open_alarms(context)
    found = next(iter(waiting), context.desk.picture.state.get(Alarm, context.focus.alarm))
    if found is None:
        raise UserError("当前没有一键报警")
    return found


def alarm_for(context: Context, act: str) -> Alarm:
    """The alarm a verdict is meant for: the selected incident's, else the strip's.

    A new alarm on the strip must not catch a verdict on the one the person has been working on.
    """
    waiting = _open_alarms(context)
    ready = [a for a in waiting if ALARM.may(a.state, act)] or waiting
    return ready[0] if ready else alarm(context)


def _open_alarms(context: Context) -> list[Alarm]:
    number = context.focus.incident
    return [a for a in context.desk.picture.alarms(number) if a.open] if number else []


def rest(words: Sequence[str], what: str = "") -> str:
    """The remaining words as one text; UserError asks for `what` if there is none."""
    text = " ".join(words).strip()
    if not text and what:
        raise UserError(f"请写明{what}")
    return text


def no_more(words: Sequence[str]) -> None:
    """UserError if words are left over: they may be a mistyped number or name."""
    if words:
        raise UserError(f"看不懂：{' '.join(words)}")


def number_only(args: Sequence[str]) -> str:
    """The incident number that is all a verb takes, or ''."""
    number, others = take_number(args)
    no_more(others)
    return number


def name(found: Incident) -> str:
    """How an incident is called in an echo: 0190 燃气泄漏."""
    return f"{found.short} {found.title or found.place}".strip()
