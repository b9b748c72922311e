"""Reading what a person types: incident numbers, call signs, agencies, the rest of a line.

Short forms are allowed where they are unmistakable; whatever is not found or not unique is a UserError that
names the candidates.
"""

import difflib
from collections.abc import Sequence

from console.commands.command import Context
from console.domain.alarm import Alarm
from console.domain.errors import UserError
from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.reference import Agency
from console.domain.state import need
from console.domain.unit import Unit
from console.services.initials import initials


def incident(context: Context, word: str = "") -> Incident:
    """The incident of a typed number (0190, L03-07, or the whole), else the selected one."""
    if not word:
        if not context.focus.incident:
            raise UserError("请先选中警情，或写明警情号")
        return need(context.desk.picture.state, Incident, context.focus.incident)
    known = context.desk.picture.incidents()
    found = [i for i in known if word in (i.number, i.alias, i.short)]
    if not found and word.isdigit():
        found = [i for i in known if i.short == word.zfill(4)]
    if not found:
        raise UserError(f"查无此警情：{word}")
    # The same short number on another day: the open and latest one is meant.
    return max(found, key=lambda i: (i.open, i.number))


def is_number(word: str) -> bool:
    """Whether a word looks like an incident number."""
    return word.isdigit() or word.startswith(("ZZ", "L"))


def unit(context: Context, word: str = "") -> Unit:
    """The unit of a call sign (巡05, or its initials x05), else the selected one."""
    if not word:
        if not context.focus.unit:
            raise UserError("请写明呼号")
        return need(context.desk.picture.state, Unit, context.focus.unit)
    units = context.desk.picture.units()
    exact = [u for u in units if u.id == word]
    short = exact or [u for u in units if initials(u.id) == word.lower()]
    if len(short) == 1:
        return short[0]
    near = difflib.get_close_matches(word, [u.id for u in units], n=3, cutoff=0.3)
    raise UserError(f"查无此警组：{word}" + (f"（是否 {'、'.join(near)}？）" if near else ""))


def unit_on_the_case(context: Context) -> Unit:
    """The selected unit, else the only one on the selected incident."""
    if not context.focus.unit and context.focus.incident:
        orders = [order for order in context.desk.picture.orders(context.focus.incident) if order.open]
        if len(orders) == 1:
            return unit(context, orders[0].unit)
    return unit(context)


def agency(context: Context, word: str) -> Agency:
    """The agency of a typed word: short name, name, former name, initials or a word of its duties."""
    if not word:
        raise UserError("请写明联动单位")
    found = context.desk.reference.find_agencies(word)
    if not found:
        raise UserError(f"查无此联动单位：{word}")
    return found[0]


def handoff(context: Context, number: str, agency_id: str) -> Handoff:
    """The running handoff to an agency on an incident."""
    running = [h for h in context.desk.picture.handoffs(number) if h.agency == agency_id and h.open]
    if not running:
        raise UserError(f"{context.desk.reference.agencies[agency_id].short}在该警情上没有在办派单")
    return running[-1]


def alarm(context: Context) -> Alarm:
    """The alarm on the strip, else the open alarm of the selected incident."""
    if context.focus.alarm:
        return need(context.desk.picture.state, Alarm, context.focus.alarm)
    if context.focus.incident:
        waiting = [a for a in context.desk.picture.alarms(context.focus.incident) if a.open]
        if waiting:
            return waiting[0]
    raise UserError("当前没有一键报警")


def rest(words: Sequence[str], what: str = "") -> str:
    """The remaining words as one text; UserError asks for `what` if there is none."""
    text = " ".join(words).strip()
    if not text and what:
        raise UserError(f"请写明{what}")
    return text


def split_number(words: Sequence[str]) -> tuple[str, list[str]]:
    """(incident number or '', the other words): the number may stand anywhere after the verb."""
    number = next((word for word in words if is_number(word)), "")
    others = list(words)
    if number:
        others.remove(number)
    return number, others


def name(found: Incident) -> str:
    """How an incident is called in an echo: 0190 燃气泄漏."""
    return f"{found.short} {found.title or found.place}".strip()
